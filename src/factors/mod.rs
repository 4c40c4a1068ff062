//! The twelve factors, checked: the app as written and its files go in, findings come out.
//!
//! `check` says what a check is; each factor has one file or folder, and its place in `CHECKS`. `tree` has
//! the files, `suppress` and `baseline` what is not to be told again, `mask` keeps secrets out of what is
//! shown, `verdict` says what follows, and `show` puts it into words.
//!
//! This room must not know: how the app is run, which it never does; what day it is, which it is told; the
//! network; where its words are written.
#![forbid(unsafe_code)]

pub mod baseline;
mod check;
mod codebase;
pub mod config;
pub mod deps;
mod digest;
mod environment;
pub mod finding;
mod logs;
mod mask;
mod port;
mod processes;
mod role;
mod shell;
pub mod show;
pub mod suppress;
mod text;
pub mod tree;
mod verdict;

use crate::app::settings::Allow;
use baseline::Baseline;
use finding::{Evidence, Factor, Finding, Level, Report, Rule, Unchecked};
use jiff::civil::Date;
use mask::Masks;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use suppress::foreign::Known;
use suppress::{Allowed, Idle, Mark, Permissions};
use text::Text;
use tree::{Counts, Entry, Files, Look, Part, Refusal, Tree};

pub use check::{Advisories, App, Check, File, Scene};
pub use environment::{Environment, environment};
pub use logs::stream;
pub use text::count;
pub use verdict::{Answer, Ending, Verdict};

/// Every check that there is. What is plugged in here is run, has its rules listed and explained, and its
/// line in the table.
const CHECKS: [&dyn Check; 6] =
    [&codebase::Codebase, &deps::Deps, &config::Config, &port::Port, &processes::Processes, &logs::Logs];

/// What is asked.
pub struct Question<'a> {
    /// What was named; empty: all factors.
    pub factors: Vec<Factor>,
    /// Where is looked.
    pub look: Look,
    /// The app as written.
    pub app: Option<App<'a>>,
    /// The folder of the app that asks: what its files let pass counts, wherever is looked. What a strange tree says
    /// of itself does not.
    pub own: Option<&'a Path>,
    /// What its `twelve-run.toml` allows.
    pub allow: &'a [Allow],
    /// What is known already.
    pub baseline: Option<&'a Baseline>,
    /// The day.
    pub today: Date,
    /// Where known vulnerabilities are written.
    pub advisories: Option<Advisories>,
    /// The level from which findings count; `None`: none does.
    pub fail_on: Option<Level>,
    /// What was not checked and was not asked for by name counts too.
    pub strict: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Audit {
    /// One for each factor that was asked for.
    pub verdicts: Vec<Verdict>,
    /// What is told, by file, line, column and rule.
    pub found: Vec<Found>,
    /// What is let pass, and why.
    pub allowed: Vec<(Found, Allowed)>,
    /// What speaks for the app.
    pub evidence: Vec<Evidence>,
    /// Permissions that let nothing pass.
    pub idle: Vec<Idle>,
    /// What was looked at.
    pub checked: Checked,
    /// What should have been looked at and could not be.
    pub unchecked: Vec<Unchecked>,
    /// What follows.
    pub ending: Ending,
}

/// A finding with all that may be shown of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The finding; its secret is not to be shown.
    pub finding: Finding,
    /// Its line without secrets, and the columns of its place in that, from 0.
    pub line: Option<(String, Range<usize>)>,
    /// The line without its secrets and its blanks, by which it is known again when it moves.
    alike: String,
    /// The same for the same tree; nothing of a secret goes into it.
    pub fingerprint: String,
}

/// What was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Files that there are.
    pub files: usize,
    /// Files that were read.
    pub read: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Too large, and no text.
    pub binary: usize,
    /// What was passed over.
    pub counts: Counts,
    /// Lines of a stream of logs.
    pub lines: u64,
}

/// Every rule, by its name.
pub fn rules() -> Vec<&'static Rule> {
    let own = [&suppress::WITHOUT_REASON, &suppress::NO_DATE];
    let mut rules: Vec<&Rule> = CHECKS.iter().flat_map(|check| check.rules()).copied().chain(own).collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// Looks at the app and its files.
pub fn audit(question: &Question) -> Result<Audit, Refusal> {
    audit_by(&CHECKS, question)
}

fn audit_by(checks: &[&dyn Check], question: &Question) -> Result<Audit, Refusal> {
    let files = Files::open(&question.look)?;
    let mut looked = Looked::at(&files, checks, question);
    looked.unchecked.extend(files.unchecked.iter().cloned());
    let read = |name: &str| tree::read_file(&question.own?.join(name)).ok();
    let known = Known::read(read(".gitleaksignore").as_deref(), read(".secrets.baseline").as_deref());
    let bytes = |path: &str| files.find(path).and_then(|entry| files.read(entry).ok());
    Ok(conclude(question, looked, &bytes, known))
}

/// Judges what an app has written, instead of its files.
pub fn conclude_stream(question: &Question, report: Report, lines: u64) -> Audit {
    let mut looked = Looked { checked: Checked { lines, ..Checked::default() }, ..Looked::default() };
    looked.reports.insert(Factor::Logs, report);
    conclude(question, looked, &|_| None, Known::default())
}

/// What all checks have said.
#[derive(Default)]
struct Looked {
    reports: BTreeMap<Factor, Report>,
    /// The factors of those who look at single files.
    by_file: Vec<Factor>,
    marks: Vec<Mark>,
    checked: Checked,
    /// Files, of which nobody knows what they would have said to those who look at files.
    unchecked: Vec<Unchecked>,
}

impl Looked {
    fn at(files: &Files, checks: &[&dyn Check], question: &Question) -> Self {
        let mut looked = Self::default();
        looked.checked = Checked { files: files.files().len(), counts: files.counts, ..looked.checked };
        let asked = |check: &&&dyn Check| verdict::is_asked(question, check.factor());
        let checks: Vec<&dyn Check> = checks.iter().filter(asked).copied().collect();
        let by_file: Vec<&dyn Check> =
            checks.iter().filter(|check| check.looks_at_files()).copied().collect();
        looked.by_file = by_file.iter().map(|check| check.factor()).collect();
        if !by_file.is_empty() {
            looked.files(files, &by_file);
        }
        let scene = Scene {
            tree: files,
            app: question.app.as_ref(),
            today: question.today,
            advisories: question.advisories.as_ref(),
        };
        for check in checks {
            let report = if question.look.part == Part::All || check.bears_a_part() {
                check.whole(&scene)
            } else if check.looks_at_files() {
                Report::default()
            } else {
                Report::undecided("only a part of the tree was looked at")
            };
            looked.reports.entry(check.factor()).or_default().add(report);
        }
        looked
    }

    /// In parallel; what comes out is in the order of the files.
    fn files(&mut self, files: &Files, checks: &[&dyn Check]) {
        let look = |entry: &Entry| {
            let bytes = files.read(entry)?;
            // Its digests would look like keys.
            if &*entry.path == baseline::FILE && Baseline::read(&bytes).is_ok() {
                return Ok((Vec::new(), Vec::new(), 0));
            }
            let file = File { path: &entry.path, bytes: &bytes, tracked: entry.tracked };
            let reports: Vec<(Factor, Report)> =
                checks.iter().map(|check| (check.factor(), check.file(&file))).collect();
            Ok((reports, suppress::marks(&entry.path, &bytes), bytes.len()))
        };
        let told: Vec<Result<_, tree::Unread>> = files.files().par_iter().map(look).collect();
        for (entry, told) in files.files().iter().zip(told) {
            match told {
                Ok((reports, marks, bytes)) => {
                    self.checked.read += 1;
                    self.checked.bytes += bytes as u64;
                    self.marks.extend(marks);
                    for (factor, report) in reports {
                        self.reports.entry(factor).or_default().add(report);
                    }
                }
                Err(unread) if unread.binary => self.checked.binary += 1,
                Err(unread) => {
                    self.unchecked.push(Unchecked { what: entry.path.to_string(), why: unread.why });
                }
            }
        }
    }
}

/// The bytes of a file by its name.
type Bytes<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// From what was said to what follows.
fn conclude(question: &Question, mut looked: Looked, bytes: Bytes, known: Known) -> Audit {
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for report in looked.reports.values_mut() {
        findings.append(&mut report.findings);
        evidence.append(&mut report.evidence);
    }
    evidence.sort_by(|one, other| (&one.place, one.kind).cmp(&(&other.place, other.kind)));
    sort(&mut findings);
    let marks = std::mem::take(&mut looked.marks);
    let mut permissions = Permissions::new(question.today, marks, question.allow, known);
    let is_asked = |rule: &str| verdict::is_asked_rule(question, rule);
    let known_rules = rules();
    // Where no rule of ours is named, the mark is an example or somebody else's.
    let is_known = |rule: &str| known_rules.iter().any(|known| suppress::is_for(rule, known.id));
    permissions.meet(&findings);
    findings.extend(permissions.findings(|rule| is_asked(rule) && is_known(rule)));
    sort(&mut findings);
    looked.unchecked.extend(permissions.unchecked());

    let unasked =
        if looked.by_file.contains(&Factor::Config) { BTreeMap::new() } else { secrets(&findings, bytes) };
    let (mut found, mut allowed) = (Vec::new(), Vec::new());
    for (found_one, lines) in lines_of(findings, &unasked, bytes) {
        match permissions.allows(&found_one.finding, &lines[0], &lines[1]) {
            Some(why) => allowed.push((found_one, why)),
            None => found.push(found_one),
        }
    }
    if let Some(baseline) = question.baseline {
        let (new, before) = baseline.part(found);
        found = new;
        let known = Allowed { by: "baseline", reason: None, in_source: false };
        allowed.extend(before.into_iter().map(|found| (found, known.clone())));
    }
    let idle = permissions.idle(is_asked);
    let (verdicts, unchecked) = verdict::verdicts(question, &looked, &found, &evidence);
    let ending = Ending::of(question.fail_on, &found, &unchecked);
    let checked = looked.checked;
    Audit { verdicts, found, allowed, evidence, idle, checked, unchecked, ending }
}

/// By place and rule; the same twice is once.
fn sort(findings: &mut Vec<Finding>) {
    let key = |finding: &Finding| (finding.place.clone(), finding.rule.id, finding.message.clone());
    findings.sort_by_cached_key(key);
    findings.dedup_by(|one, other| key(one) == key(other));
}

/// The secrets of the files with findings, where nobody has asked for secrets: lines are shown, and hide them all the same.
fn secrets(findings: &[Finding], bytes: Bytes) -> BTreeMap<Arc<str>, Vec<Finding>> {
    let mut secrets = BTreeMap::new();
    for group in findings.chunk_by(|one, other| one.place.path == other.place.path) {
        let path = &group[0].place.path;
        let mut found = bytes(path).map(|bytes| config::scan(path, &bytes).findings).unwrap_or_default();
        found.retain(|finding| finding.secret.is_some());
        secrets.insert(Arc::clone(path), found);
    }
    secrets
}

/// Reads the lines of all findings once more, and hides their secrets and those that nobody has asked for; beside each the
/// line as it is and the one above, for those who look for permissions there.
fn lines_of(
    findings: Vec<Finding>,
    unasked: &BTreeMap<Arc<str>, Vec<Finding>>,
    bytes: Bytes,
) -> Vec<(Found, [String; 2])> {
    let everywhere = Masks::of(findings.iter().chain(unasked.values().flatten()));
    let mut told = Vec::new();
    for group in findings.chunk_by(|one, other| one.place.path == other.place.path) {
        let text = bytes(&group[0].place.path).map(|bytes| Text::read(&bytes));
        let unasked = unasked.get(&group[0].place.path).map(Vec::as_slice).unwrap_or_default();
        let by_line = by_line(group, unasked);
        let mut alikes: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let line_of = |number| text.as_ref().and_then(|text| text.line(number));
        for on_line in group.chunk_by(|one, other| one.place.line == other.place.line) {
            let number = on_line[0].place.line;
            let neighbours = &by_line[&number];
            let lines = [number, number.saturating_sub(1)].map(|line| line_of(line).unwrap_or_default());
            let masked = line_of(number).map(|line| {
                // Nothing but what stands on the line decides how it is known again.
                let alike = Masks::of(neighbours.iter().copied()).line(number, line, neighbours).0;
                (words(&alike), everywhere.line(number, line, neighbours))
            });
            let mut at = 0;
            for finding in on_line {
                // They are in one order, with others in between.
                at += neighbours[at..].iter().position(|other| std::ptr::eq(*other, finding)).unwrap_or(0);
                let (alike, shown) = match &masked {
                    Some((alike, (shown, places))) => {
                        (alike.clone(), Some((shown.clone(), places[at].clone())))
                    }
                    None => (String::new(), None),
                };
                let nth = alikes.entry((finding.rule.id, alike.clone())).or_default();
                *nth += 1;
                let fingerprint = fingerprint(finding, &alike, *nth);
                let finding = Finding {
                    message: everywhere.sentence(&finding.message),
                    help: everywhere.sentence(&finding.help),
                    ..finding.clone()
                };
                told.push((Found { finding, line: shown, alike, fingerprint }, lines.map(str::to_owned)));
            }
        }
    }
    told
}

/// What is on each line on which a finding begins, in the order of the findings.
fn by_line<'a>(group: &'a [Finding], unasked: &'a [Finding]) -> BTreeMap<u32, Vec<&'a Finding>> {
    let mut lines: BTreeMap<u32, Vec<&Finding>> =
        group.iter().map(|finding| (finding.place.line, Vec::new())).collect();
    for finding in group.iter().chain(unasked) {
        let place = &finding.place;
        for (_, on_line) in lines.range_mut(place.line..=place.end_line.max(place.line)) {
            on_line.push(finding);
        }
    }
    lines
}

/// Without what an editor changes by itself.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The digest of a secret is left out: without a key it would be as good as the secret, where that is weak.
fn fingerprint(finding: &Finding, alike: &str, nth: usize) -> String {
    const DIGITS: usize = 32;
    // Where there is no line, the sentence tells one finding from another.
    let what = if alike.is_empty() { &finding.message } else { alike };
    let nth = nth.to_string();
    let parts = [finding.rule.id, &finding.place.path, what, &nth].map(str::as_bytes);
    digest::hex(&digest::plain(&parts), DIGITS)
}

#[cfg(test)]
mod tests;
