//! What is not to be told again: allowed in the file, in `twelve-run.toml`, by the marks and files of other
//! tools. Every permission knows whether it was of use.
//!
//! It must not know the baseline, which is not a permission but what was known before.

pub mod foreign;
mod inline;

use super::finding::{Factor, Finding, Level, Place, Rule};
use crate::app::settings::Allow;
use foreign::Known;
use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use inline::{Mark, Until, marks};

/// Allowed, and nobody knows why.
pub static WITHOUT_REASON: Rule = Rule {
    id: "audit/allow-without-reason",
    factor: Factor::Audit,
    level: Level::Warn,
    summary: "something is allowed, and it is not said why",
    explain: "\
Who reads `twelve-run:allow` later cannot tell a decision from an accident. The finding is let pass, and this
is told in its place.

Cure: write `reason=\"…\"` behind the rule, and `until=2027-01-31` where it is meant for a while.",
};

/// Nothing can be made of how long something is allowed.
pub static NO_DATE: Rule = Rule {
    id: "audit/allow-no-date",
    factor: Factor::Audit,
    level: Level::Warn,
    summary: "something is allowed until a day that is no date",
    explain: "\
`until=` wants a day like 2027-01-31. What is no date allows nothing, so that a slip of the pen lets nothing pass.",
};

/// Why a finding is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// `inline`, `settings`, `gitleaks:allow`, `.gitleaksignore`, `baseline`.
    pub by: &'static str,
    /// As it is written.
    pub reason: Option<String>,
    /// Whether that stands in the file itself.
    pub in_source: bool,
}

/// A permission that let nothing pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// Where it is written.
    pub file: String,
    /// On which line.
    pub line: u32,
    /// For which rule.
    pub rule: String,
    /// Its last day has passed, or is no date; otherwise there was nothing to let pass.
    pub expired: bool,
}

/// All permissions.
pub struct Permissions<'a> {
    today: Date,
    marks: Marks,
    settings: Vec<Setting<'a>>,
    known: Known,
}

/// By path and line, each with the line of the findings that it let pass, or would have if its day were one.
type Marks = BTreeMap<(Arc<str>, u32), Vec<(Mark, Option<u32>)>>;

/// One of `twelve-run.toml`, and whether it let anything pass.
struct Setting<'a> {
    allow: &'a Allow,
    files: Option<GlobMatcher>,
    used: bool,
}

impl<'a> Permissions<'a> {
    /// Those of all files that were read, and those of the app.
    pub fn new(today: Date, marks: Vec<Mark>, allow: &'a [Allow], known: Known) -> Self {
        let mut by_line = Marks::new();
        for mark in marks {
            by_line.entry((Arc::clone(&mark.path), mark.line)).or_default().push((mark, None));
        }
        let matcher = |glob: &String| GlobBuilder::new(glob).literal_separator(true).build().ok();
        let settings = allow
            .iter()
            .map(|allow| {
                let files = allow.path.as_ref().and_then(matcher).map(|glob| glob.compile_matcher());
                Setting { allow, files, used: false }
            })
            .collect();
        Self { today, marks: by_line, settings, known }
    }

    /// Whether a finding is allowed, with its line and the one above. A mark is for a finding on its own line
    /// first; asked in the order of the lines, it is for the next line only when it was of no use on its own.
    pub fn allows(&mut self, finding: &Finding, line: &str, above: &str) -> Option<Allowed> {
        self.by_mark(finding).or_else(|| self.by_settings(finding)).or_else(|| {
            if finding.rule.factor != Factor::Config {
                return None;
            }
            let secret = finding.secret.as_ref().map(|secret| secret.value.as_slice());
            let mark = foreign::mark(line, above).map(|by| (by, true));
            let file = || self.known.lets_pass(&finding.place.path, finding.place.line, secret);
            let (by, in_source) = mark.or_else(|| file().map(|by| (by, false)))?;
            Some(Allowed { by, reason: None, in_source })
        })
    }

    /// Looks which marks some finding needs; in the order of the findings, as they are asked for later.
    pub fn meet(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.by_mark(finding);
        }
    }

    fn by_mark(&mut self, finding: &Finding) -> Option<Allowed> {
        let (today, place) = (self.today, &finding.place);
        for line in [place.line, place.line.saturating_sub(1)] {
            let marks = self.marks.get_mut(&(Arc::clone(&place.path), line)).into_iter().flatten();
            for (mark, used) in marks {
                let is_free = used.is_none_or(|used| used == place.line);
                if !is_free || !is_for(&mark.rule, finding.rule.id) {
                    continue;
                }
                if mark.until.holds(today) {
                    *used = Some(place.line);
                    return Some(Allowed { by: "inline", reason: mark.reason.clone(), in_source: true });
                }
                if mark.until == Until::NoDate {
                    *used = Some(place.line);
                }
            }
        }
        None
    }

    fn by_settings(&mut self, finding: &Finding) -> Option<Allowed> {
        let today = self.today;
        for Setting { allow, files, used } in &mut self.settings {
            let there = files.as_ref().is_none_or(|glob| glob.is_match(&*finding.place.path));
            let then = allow.until.is_none_or(|until| today <= until);
            if is_for(&allow.rule.value, finding.rule.id) && there && then {
                *used = true;
                return Some(Allowed {
                    by: "settings",
                    reason: Some(allow.reason.clone()),
                    in_source: false,
                });
            }
        }
        None
    }

    /// What is wrong with the marks themselves, of those for rules that were asked for and that some finding needs: a
    /// mark that nothing needs is idle, and may well be text about marks.
    pub fn findings(&self, asked: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let needed = |(mark, used): &&(Mark, Option<u32>)| used.is_some() && asked(&mark.rule);
        for (mark, _) in self.marks.values().flatten().filter(needed) {
            let place = Place::line(&mark.path, mark.line);
            if mark.until == Until::NoDate {
                let message = format!("`{}` is allowed until a day that is no date", mark.rule);
                findings.push(Finding::new(&NO_DATE, place, message, "write it like `until=2027-01-31`"));
            } else if mark.reason.is_none() {
                let message = format!("`{}` is allowed without a reason", mark.rule);
                findings.push(Finding::new(&WITHOUT_REASON, place, message, "add `reason=\"…\"`"));
            }
        }
        findings
    }

    /// What could not be read of the permissions.
    pub fn unchecked(&mut self) -> Vec<super::finding::Unchecked> {
        std::mem::take(&mut self.known.unchecked)
    }

    /// What let nothing pass, of the rules that were asked for.
    pub fn idle(&self, asked: impl Fn(&str) -> bool) -> Vec<Idle> {
        let marks = self.marks.values().flatten().filter(|(_, used)| used.is_none()).map(|(mark, _)| Idle {
            file: mark.path.to_string(),
            line: mark.line,
            rule: mark.rule.clone(),
            expired: !mark.until.holds(self.today),
        });
        let settings =
            self.settings.iter().filter(|setting| !setting.used).map(|Setting { allow, .. }| Idle {
                file: allow.rule.place.source.name.clone(),
                line: allow.rule.place.line() as u32,
                rule: allow.rule.value.clone(),
                expired: allow.until.is_some_and(|until| self.today > until),
            });
        marks.chain(settings).filter(|idle| asked(&idle.rule)).collect()
    }
}

/// Whether a rule as it is written, `config/key-*` too, means this one.
pub fn is_for(written: &str, rule: &str) -> bool {
    match written.strip_suffix('*') {
        Some(begins) => rule.starts_with(begins),
        None => written == rule,
    }
}

#[cfg(test)]
mod tests;
