//! What follows from all that was said: a verdict for each factor, and how the command ends.

use super::finding::{Evidence, Factor, Level, Report, Unchecked};
use super::text::count;
use super::tree::Part;
use super::{Checked, Found, Looked, Question};

/// What is said of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was looked at as far as this program can, and nothing was found that counts.
    Pass,
    /// Something was found that counts.
    Fail,
    /// Nothing can be said, and the reason is.
    NotChecked,
}

impl Answer {
    /// For machines and people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotChecked => "not-checked",
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Of which factor.
    pub factor: Factor,
    /// The verdict.
    pub answer: Answer,
    /// Why.
    pub reason: String,
}

/// How it ends: what was found weighs more than what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was asked for was looked at.
    Clean,
    /// Something counts.
    Findings,
    /// Nothing counts, and something was not looked at.
    Incomplete,
}

impl Ending {
    /// Of these.
    pub fn of(fail_on: Option<Level>, found: &[Found], unchecked: &[Unchecked]) -> Self {
        if found.iter().any(|found| counts(found.finding.level, fail_on)) {
            Self::Findings
        } else if unchecked.is_empty() {
            Self::Clean
        } else {
            Self::Incomplete
        }
    }
}

fn counts(level: Level, least: Option<Level>) -> bool {
    level > Level::Note && least.is_some_and(|least| level >= least)
}

/// Whether a factor was asked for.
pub fn is_asked(question: &Question, factor: Factor) -> bool {
    question.factors.is_empty() || question.factors.contains(&factor)
}

/// Whether a rule, as it is written, is of a factor that was asked for.
pub fn is_asked_rule(question: &Question, rule: &str) -> bool {
    let factor = rule.split('/').next().and_then(Factor::find);
    factor.is_none_or(|factor| is_asked(question, factor))
}

/// The table, and everything that was not looked at and should have been. A factor that was asked for by name
/// and could not be judged is among that.
pub fn verdicts(
    question: &Question,
    looked: &Looked,
    found: &[Found],
    evidence: &[Evidence],
) -> (Vec<Verdict>, Vec<Unchecked>) {
    let Looked { reports, checked, .. } = looked;
    let mut unchecked = looked.unchecked.clone();
    let unread = unchecked.len();
    let asked = |factor: &Factor| {
        is_asked(question, *factor) && (factor.numeral().is_some() || !question.factors.is_empty())
    };
    let mut verdicts = Vec::new();
    for factor in Factor::ALL.into_iter().filter(asked) {
        let report = reports.get(&factor);
        let by_file = looked.by_file.contains(&factor);
        let gaps = report.map_or(0, |report| report.unchecked.len()) + if by_file { unread } else { 0 };
        let saw_nothing =
            by_file && question.look.part == Part::All && checked.files == 0 && checked.lines == 0;
        let undecided = match report {
            Some(_) if saw_nothing && gaps == 0 => Some("there is no file to look at".to_owned()),
            // A check that knows what its gaps leave says so itself.
            Some(Report { undecided: Some(why), unchecked, .. }) if !unchecked.is_empty() => {
                Some(why.clone())
            }
            Some(_) if gaps > 0 => Some(format!("{} could not be looked at", count(gaps, "thing"))),
            Some(report) => report.undecided.clone(),
            None => Some(absent(factor).to_owned()),
        };
        let own: Vec<&Found> = found.iter().filter(|found| found.finding.rule.factor == factor).collect();
        // With `--fail-on never` nothing ends the command with 1, and what breaks a factor breaks it all the same.
        let least = question.fail_on.unwrap_or(Level::Error);
        let fails = own.iter().any(|found| counts(found.finding.level, Some(least)));
        let (answer, reason) = match undecided {
            _ if fails => (Answer::Fail, tally(&own)),
            Some(why) if own.is_empty() => (Answer::NotChecked, why),
            Some(why) => (Answer::NotChecked, format!("{}; {why}", tally(&own))),
            None if own.is_empty() => (Answer::Pass, praise(factor, evidence, checked)),
            None => (Answer::Pass, tally(&own)),
        };
        let is_asked_for = question.strict || question.factors.contains(&factor);
        if answer == Answer::NotChecked && gaps == 0 && is_asked_for {
            unchecked.push(Unchecked { what: factor.title(), why: reason.clone() });
        }
        verdicts.push(Verdict { factor, answer, reason });
    }
    unchecked.extend(reports.values().flat_map(|report| report.unchecked.iter().cloned()));
    unchecked.sort();
    unchecked.dedup();
    (verdicts, unchecked)
}

/// What speaks for it.
fn praise(factor: Factor, evidence: &[Evidence], checked: &Checked) -> String {
    let own: Vec<&Evidence> = evidence.iter().filter(|evidence| evidence.factor == factor).collect();
    match own[..] {
        [] if checked.read > 0 => format!("nothing found in {}", count(checked.read, "file")),
        [] => "nothing found".into(),
        [one] => one.message.clone(),
        [first, ..] => format!("{}, and {} more of this kind", first.message, own.len() - 1),
    }
}

/// `2 errors, 1 warning`.
pub fn tally(found: &[&Found]) -> String {
    let of = |level: Level| found.iter().filter(|found| found.finding.level == level).count();
    let parts = [(Level::Error, "error"), (Level::Warn, "warning"), (Level::Note, "note")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(level, _)| of(*level) > 0)
        .map(|(level, word)| count(of(level), word))
        .collect();
    parts.join(", ")
}

/// Why nobody looks at a factor, and who will.
fn absent(factor: Factor) -> &'static str {
    match factor {
        Factor::Services => "only the services themselves can tell; `twelve-run services` is to come",
        Factor::Release => "there is no release to look at; `twelve-run build` and `release` are to come",
        Factor::Stateless => "only a run shows what a process keeps to itself; `--prove` is to come",
        Factor::Shutdown => "only a run shows how a process ends; `--prove` is to come",
        Factor::Parity => "one environment cannot be compared with itself; `twelve-run parity` is to come",
        Factor::Admin => "there is no release for a command to run in; `twelve-run run --release` is to come",
        _ => "its check is not built in yet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::tests::{found, question};

    fn with(level: Level) -> Found {
        let mut found = found("a.py", 1, "k = 1", "");
        found.finding.level = level;
        found
    }

    #[test]
    fn findings_win_over_what_is_missing_and_notes_never_count() {
        let gap = [Unchecked { what: "a".into(), why: "b".into() }];
        for (level, fail_on, unchecked, ending) in [
            (Level::Error, Some(Level::Error), &gap[..], Ending::Findings),
            (Level::Warn, Some(Level::Error), &gap, Ending::Incomplete),
            (Level::Warn, Some(Level::Error), &[], Ending::Clean),
            (Level::Warn, Some(Level::Warn), &[], Ending::Findings),
            (Level::Error, None, &[], Ending::Clean),
            (Level::Note, Some(Level::Note), &[], Ending::Clean),
        ] {
            assert_eq!(Ending::of(fail_on, &[with(level)], unchecked), ending, "{level:?} {fail_on:?}");
        }
    }

    #[test]
    fn who_asks_for_a_factor_that_nobody_looks_at_is_told_that_it_is_missing() {
        for (factors, strict, missing) in
            [(vec![], false, 0), (vec![Factor::Services], false, 1), (vec![], true, 12)]
        {
            let mut question = question(factors);
            question.strict = strict;
            let (verdicts, unchecked) = verdicts(&question, &Looked::default(), &[], &[]);
            assert_eq!(unchecked.len(), missing);
            assert!(verdicts.iter().all(|verdict| verdict.answer == Answer::NotChecked));
        }
    }

    #[test]
    fn nothing_passes_of_which_a_part_was_not_seen() {
        let gap = || vec![Unchecked { what: "x".into(), why: "y".into() }];
        for (unchecked, undecided, found, answer) in [
            (vec![], None, vec![], Answer::Pass),
            (gap(), None, vec![], Answer::NotChecked),
            (vec![], Some("no"), vec![], Answer::NotChecked),
            (gap(), Some("no"), vec![with(Level::Error)], Answer::Fail),
            (vec![], None, vec![with(Level::Warn)], Answer::Pass),
        ] {
            let report = Report { unchecked, undecided: undecided.map(str::to_owned), ..Report::default() };
            let mut looked = Looked::default();
            looked.reports.insert(Factor::Config, report);
            let question = question(vec![Factor::Config]);
            let (verdicts, _) = verdicts(&question, &looked, &found, &[]);
            assert_eq!(verdicts[0].answer, answer);
        }
    }

    #[test]
    fn a_check_says_itself_what_its_gaps_leave() {
        for (undecided, reason) in
            [(Some("half of it: checked"), "half of it: checked"), (None, "1 thing could not be looked at")]
        {
            let unchecked = vec![Unchecked { what: "x".into(), why: "y".into() }];
            let report = Report { unchecked, undecided: undecided.map(str::to_owned), ..Report::default() };
            let mut looked = Looked::default();
            looked.reports.insert(Factor::Deps, report);
            let (verdicts, unchecked) = verdicts(&question(vec![Factor::Deps]), &looked, &[], &[]);
            assert_eq!((verdicts[0].answer, verdicts[0].reason.as_str()), (Answer::NotChecked, reason));
            assert_eq!(unchecked.len(), 1);
        }
    }
}
