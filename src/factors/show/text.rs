//! For people: each finding as the Rust compiler tells an error, then the table of the factors.

use super::summary;
use crate::app::problem::clean;
use crate::factors::finding::{Finding, Level};
use crate::factors::mask::described;
use crate::factors::verdict::Answer;
use crate::factors::{Audit, Found};
use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// So much of a long line is shown, around the place.
const WIDTH: usize = 120;
const BEFORE: usize = 50;
/// More of what was not checked is only counted.
const UNCHECKED: usize = 20;
/// More of one rule in one file are told by their lines: nobody reads the two hundredth alike.
const ALIKE: usize = 20;
/// So many of these lines.
const LINES: usize = 10;

/// The whole audit.
pub fn text(audit: &Audit, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    let mut alike: BTreeMap<(&str, &str, Level), Vec<&Finding>> = BTreeMap::new();
    for found in &audit.found {
        let finding = &found.finding;
        let told = alike.entry((&*finding.place.path, finding.rule.id, finding.level)).or_default();
        told.push(finding);
        if told.len() <= ALIKE {
            text.push_str(&renderer.render(&[group(found)]));
            text.push_str("\n\n");
        }
    }
    for ((path, rule, _), told) in alike {
        if let Some(more) = told.get(ALIKE..).filter(|more| !more.is_empty()) {
            let _ = writeln!(text, "{}\n", folded(path, rule, more));
        }
    }
    text.push_str(&table(audit));
    if !audit.unchecked.is_empty() {
        text.push_str("\nnot checked:\n");
    }
    for unchecked in audit.unchecked.iter().take(UNCHECKED) {
        let _ = writeln!(text, "  {}: {}", clean(&unchecked.what), clean(&unchecked.why));
    }
    if let Some(more) = audit.unchecked.len().checked_sub(UNCHECKED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more");
    }
    text + "\n" + &summary(audit)
}

/// `and 230 more of config/password in a.json: lines 12, 20, …`
fn folded(path: &str, rule: &str, more: &[&Finding]) -> String {
    let lines: Vec<String> = more.iter().take(LINES).map(|one| one.place.line.to_string()).collect();
    let (lines, rest) = (lines.join(", "), if more.len() > LINES { ", …" } else { "" });
    let word = if more.len() == 1 { "line" } else { "lines" };
    format!("and {} more of {rule} in {}: {word} {lines}{rest}", more.len(), clean(path))
}

fn group(found: &Found) -> Group<'static> {
    let finding = &found.finding;
    let title = match finding.level {
        Level::Error => Title::ERROR,
        Level::Warn => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let mut group = Group::with_title(title.primary_title(clean(&finding.message)).id(finding.rule.id));
    let path = clean(&finding.place.path);
    let (line, column) = (finding.place.line as usize, finding.place.column as usize);
    group = match &found.line {
        Some((text, columns)) if !text.trim().is_empty() => {
            let (shown, span) = cut(text, columns);
            let label = finding.secret.as_ref().map(described);
            let annotation = AnnotationKind::Primary.span(span).label(label);
            group.element(Snippet::source(shown).line_start(line).path(path).annotation(annotation))
        }
        _ => group.element(Origin::path(path).line(line).char_column(column)),
    };
    if finding.help.is_empty() { group } else { group.element(Title::HELP.message(clean(&finding.help))) }
}

/// The part of a line around a place, and the bytes of the place in it.
fn cut(line: &str, columns: &Range<usize>) -> (String, Range<usize>) {
    let skip = columns.start.saturating_sub(BEFORE);
    let visible = |char: char| if char.is_control() { ' ' } else { char };
    let shown: String = line.chars().skip(skip).take(WIDTH).map(visible).collect();
    let offset = |column: usize| {
        shown.char_indices().nth(column.saturating_sub(skip)).map_or(shown.len(), |(at, _)| at)
    };
    let span = offset(columns.start)..offset(columns.end.max(columns.start + 1));
    (shown, span)
}

/// `III  config     fail         2 errors`
fn table(audit: &Audit) -> String {
    let mut text = String::new();
    for verdict in &audit.verdicts {
        let word = match verdict.answer {
            Answer::NotChecked => "not checked",
            answer => answer.word(),
        };
        let (numeral, name) = (verdict.factor.numeral().unwrap_or_default(), verdict.factor.name());
        let _ = writeln!(text, "{numeral:<5}{name:<11}{word:<13}{}", clean(&verdict.reason));
    }
    text
}

/// What no longer lets anything pass.
pub fn idle(audit: &Audit) -> String {
    let mut text = String::new();
    for idle in &audit.idle {
        let why = if idle.expired { "its last day is over" } else { "there is nothing that it lets pass" };
        let _ = writeln!(text, "{}:{}: `{}`: {why}", clean(&idle.file), idle.line, clean(&idle.rule));
    }
    text
}
