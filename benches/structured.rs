//! What a line costs on its way to `--log-format json`, and a byte on its way through the redactor.
//!
//! `cargo bench --bench structured`. At least 1.0 M plain lines a second and .25 GiB/s of JSON are asked for.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::fmt::Write as _;
use std::time::Instant;
use twelve_run::output::structured::redact::{Held, Redactor};
use twelve_run::output::structured::{Encoder, Format, Moment, Shaper, Source};

const LINES: usize = 1000;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, format: Format, line: impl Fn(usize) -> String) {
    let lines: Vec<String> = (0..LINES).map(line).collect();
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    let at = Moment { now: Instant::now(), wall: jiff::Timestamp::UNIX_EPOCH };
    let source = Source {
        logger: "web.1",
        stream: Some("stdout"),
        process: Some(("web", 1)),
        pid: Some(4711),
        release: Some("v12"),
    };
    let (mut encoder, mut shaper, mut out) = (Encoder::new(format), Shaper::new(&source), Vec::new());
    bencher.counter(ItemsCount::new(LINES)).counter(BytesCount::new(bytes)).bench_local(|| {
        out.clear();
        for line in &lines {
            encoder.line(&mut shaper, at, line.as_bytes(), true, true, &mut out);
        }
        out.len()
    });
}

fn plain_line(number: usize) -> String {
    format!(
        "2026-01-31 12:00:00,{:03} shop.orders INFO order {number:08} was paid by card and goes out today",
        number % 1000
    )
}

fn json_line(number: usize) -> String {
    format!(
        r#"{{"level":"info","time":"2026-01-31T12:00:00.{:06}Z","msg":"request completed","request_id":"3f2a-{number:08}","method":"GET","path":"/orders/{number}","status":200,"duration_ms":12.75,"remote":"10.0.3.17","user":{{"id":{number},"roles":["admin","staff"]}}}}"#,
        number % 1_000_000
    )
}

#[divan::bench]
fn plain(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, plain_line);
}

#[divan::bench]
fn plain_colored(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, |number| format!("\x1b[32mINFO\x1b[0m {}", plain_line(number)));
}

#[divan::bench]
fn json(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, json_line);
}

#[divan::bench]
fn pino(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, |number| {
        format!(
            r#"{{"level":30,"time":{},"pid":4711,"hostname":"h","msg":"order {number} was paid"}}"#,
            1_769_860_800_000 + number
        )
    });
}

#[divan::bench]
fn from_logfmt(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, |number| {
        format!(
            r#"level=info ts=2026-01-31T12:00:00Z msg="request completed" method=GET path=/orders/{number} status=200 took=12ms"#
        )
    });
}

#[divan::bench]
fn plain_to_logfmt(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Logfmt, plain_line);
}

#[divan::bench]
fn json_to_logfmt(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Logfmt, json_line);
}

#[divan::bench]
fn traces(bencher: Bencher<'_, '_>) {
    bench(bencher, Format::Json, |number| match number % 20 {
        0 => "java.lang.IllegalStateException: not open".to_owned(),
        _ => format!("\tat com.example.shop.Orders.pay(Orders.java:{number})"),
    });
}

#[divan::bench(args = [1, 100, 1000])]
fn redact(bencher: Bencher<'_, '_>, secrets: usize) {
    let secret = |number: usize| format!("{:016x}", (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let secrets: Vec<String> = (0..secrets).map(secret).collect();
    let redactor = Redactor::new(secrets.iter().map(String::as_bytes)).expect("few enough");
    let mut text = String::new();
    for number in 0..600 {
        let _ = writeln!(text, "{}", plain_line(number));
        if number % 100 == 0 {
            let _ = writeln!(text, "connecting with {}", secrets[number % secrets.len()]);
        }
    }
    let (mut held, mut out) = (Held::default(), Vec::new());
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        out.clear();
        redactor.redact(&mut held, text.as_bytes(), &mut out);
        out.len()
    });
}
