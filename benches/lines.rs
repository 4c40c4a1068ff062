//! What it costs to cut, lay out and read text, in bytes a second: the output's road without its system calls,
//! and the readers of `.env` and Procfile.
//!
//! `cargo bench --bench lines`

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::sync::Arc;
use twelve_run::app::dotenv::{self, Scope};
use twelve_run::app::plan::Environment;
use twelve_run::app::problem::Source;
use twelve_run::app::procfile;
use twelve_run::output::line::{Piece, Splitter};
use twelve_run::output::paint::{Name, Painter};
use twelve_run::output::screen;

/// What one read brings.
const READ: usize = 64 * 1024;
/// Lengths of lines, with their ends.
const LENGTHS: [usize; 3] = [16, 80, 1024];

fn main() {
    divan::main();
}

/// A read that neither begins nor ends with a line.
fn text(line: usize, end: &str) -> Vec<u8> {
    let line = format!("{}{end}", "x".repeat(line - end.len()));
    line.bytes().cycle().skip(line.len() / 2).take(READ).collect()
}

#[divan::bench(args = LENGTHS)]
fn cut(bencher: Bencher<'_, '_>, length: usize) {
    cut_of(bencher, &text(length, "\n"), false);
}

#[divan::bench(args = LENGTHS)]
fn cut_of_a_terminal(bencher: Bencher<'_, '_>, length: usize) {
    cut_of(bencher, &text(length, "\r\n"), true);
}

fn cut_of(bencher: Bencher<'_, '_>, text: &[u8], terminal: bool) {
    let mut splitter = Splitter::of(terminal);
    bencher.counter(BytesCount::of_slice(text)).bench_local(|| {
        splitter.feed(black_box(text), |piece| {
            black_box(piece);
        });
    });
}

#[divan::bench(args = LENGTHS)]
fn cut_and_paint(bencher: Bencher<'_, '_>, length: usize) {
    paint(bencher, &text(length, "\n"), false);
}

#[divan::bench(args = LENGTHS)]
fn cut_and_paint_for_a_terminal(bencher: Bencher<'_, '_>, length: usize) {
    paint(bencher, &text(length, "\n"), true);
}

fn paint(bencher: Bencher<'_, '_>, text: &[u8], safely: bool) {
    let painter = Painter::new(false, true, true, 8);
    let (mut splitter, mut name, mut out) = (Splitter::default(), Name::new("web.1"), Vec::new());
    bencher.counter(BytesCount::of_slice(text)).bench_local(|| {
        out.clear();
        splitter.feed(black_box(text), |piece: Piece<'_>| painter.show(&mut name, piece, safely, &mut out));
        black_box(&out);
    });
}

/// What a line may have in it that a terminal must not have, or may.
const LINES: [&str; 4] = ["plain", "\x1b[32mGET\x1b[0m /", "h\u{e9}llo 日本 ", "\x1b]0;\x07\u{9b}"];

#[divan::bench(args = LINES)]
fn make_safe(bencher: Bencher<'_, '_>, word: &str) {
    let line = word.repeat(80 / word.len());
    let mut out = Vec::new();
    bencher.counter(BytesCount::of_str(&line)).bench_local(|| {
        out.clear();
        screen::show(black_box(line.as_bytes()), &mut out);
        black_box(&out);
    });
}

const ENTRIES: usize = 100;

#[divan::bench]
fn read_dotenv(bencher: Bencher<'_, '_>) {
    let line = |number: usize| {
        let url = format!("\"postgres://${{NAME_{number}}}:5432/db\"");
        format!("# about {number}\nNAME_{number}=plain-{number}\nexport URL_{number}={url} # why\n")
    };
    let text: String = (0..ENTRIES).map(line).collect();
    let source = Arc::new(Source { name: ".env".into(), text: text.into_bytes(), secret: true });
    bencher.counter(BytesCount::of_slice(&source.text)).bench(|| {
        let mut scope = Scope::new(Environment::default(), false);
        assert!(dotenv::read(black_box(&source), &mut scope).is_empty());
        scope
    });
}

#[divan::bench]
fn read_procfile(bencher: Bencher<'_, '_>) {
    let line = |number: usize| {
        format!("# about {number}\nweb-{number}: bin/serve --port $PORT --name web{number}\n")
    };
    let text: String = (0..ENTRIES).map(line).collect();
    let source = Source::new("Procfile", text.as_bytes());
    bencher.counter(BytesCount::of_slice(&source.text)).bench(|| {
        let (entries, problems) = procfile::parse(black_box(&source));
        assert!(problems.is_empty());
        entries
    });
}
