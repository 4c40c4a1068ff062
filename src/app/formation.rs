//! How many of each: `web=2,worker`, `all=1,clock=0`, or what an `app.json` says.

use super::problem::{Place, Problem, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most instances of a type.
pub const MOST: u16 = 1000;

/// `all`, with its count or without one.
type All = Option<u16>;

/// What was asked for, by type name; `None` is "as many as it has by default".
#[derive(Debug, Default)]
pub struct Asked {
    counts: BTreeMap<String, (Option<u16>, Place)>,
    all: Option<All>,
}

impl Asked {
    /// Whether anything was asked for: then what is not named is not started.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.all.is_none()
    }

    /// How many of a type, when it has `by_default`.
    pub fn count(&self, name: &str, by_default: u16) -> u16 {
        match self.counts.get(name) {
            Some((count, _)) => count.unwrap_or(by_default),
            // What is run once before a release is nobody's `all`.
            None if name == "release" => 0,
            None => self.all.map_or(0, |count| count.unwrap_or(by_default)),
        }
    }

    /// Adds one argument to what was asked for: `web=2,worker=1` or `web`.
    pub fn add(&mut self, argument: &Arc<Source>, types: &[&str]) -> Vec<Problem> {
        let text = String::from_utf8_lossy(&argument.text).into_owned();
        let mut problems = Vec::new();
        let mut start = 0;
        for part in text.split(',') {
            let at = start + (part.len() - part.trim_start().len());
            let place = Place::new(argument, at..at + part.trim().len());
            start += part.len() + 1;
            if part.trim().is_empty() && text.split(',').count() > 1 {
                continue;
            }
            match one(part.trim()) {
                Ok((name, count)) => problems.extend(self.put(name, count, place, types)),
                Err(sentence) => problems.push(Problem::error(sentence).at(place)),
            }
        }
        problems
    }

    fn put(&mut self, name: &str, count: Option<u16>, place: Place, types: &[&str]) -> Option<Problem> {
        if name == "all" && !types.contains(&"all") {
            let twice = self.all.replace(count).is_some();
            return twice.then(|| Problem::error("`all` is given twice").at(place));
        }
        if !types.contains(&name) {
            let problem = Problem::error(format!("`{name}` is no process of the Procfile"));
            return Some(problem.did_you_mean(name, types.iter().copied()).at(place));
        }
        let (_, first) = self.counts.insert(name.to_owned(), (count, place.clone()))?;
        Some(Problem::error(format!("`{name}` is given twice")).at(place).also(first, "first here"))
    }
}

/// What an argument says about a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `web`: nothing about how many.
    Named,
    /// `web=2`.
    To(u16),
    /// `web=+1`, `web=-1`.
    By(i32),
}

/// `web=2` or `web`, for what is not running yet.
fn one(text: &str) -> Result<(&str, Option<u16>), String> {
    match change(text)? {
        (name, Change::Named) => Ok((name, None)),
        (name, Change::To(count)) => Ok((name, Some(count))),
        (_, Change::By(more)) => {
            Err(format!("`{more:+}` is relative: nothing runs yet that it could be added to"))
        }
    }
}

/// Reads `web`, `web=2`, `web=+1`. ASCII digits only: no fraction, no exponent.
pub fn change(text: &str) -> Result<(&str, Change), String> {
    let (name, count) = match text.split_once('=') {
        Some((name, count)) => (name.trim_end(), Some(count.trim_start())),
        None => (text, None),
    };
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    {
        return Err(format!("`{text}` does not begin with the name of a process"));
    }
    let Some(count) = count else { return Ok((name, Change::Named)) };
    let digits = count.strip_prefix(['+', '-']).unwrap_or(count);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{count}` is no number of instances: 0 to {MOST}"));
    }
    let number = digits.parse::<u16>().ok().filter(|number| *number <= MOST);
    let number =
        number.ok_or_else(|| format!("{count} instances of `{name}` are too many: {MOST} at most"))?;
    Ok((
        name,
        match count.as_bytes()[0] {
            b'+' => Change::By(i32::from(number)),
            b'-' => Change::By(-i32::from(number)),
            _ => Change::To(number),
        },
    ))
}

/// What Heroku's `app.json` says, by type name.
pub fn of_app_json(file: &Arc<Source>) -> Result<BTreeMap<String, u16>, Problem> {
    #[derive(serde::Deserialize)]
    struct App {
        #[serde(default)]
        formation: BTreeMap<String, Type>,
    }
    #[derive(serde::Deserialize)]
    struct Type {
        quantity: Option<u16>,
    }
    let app: App = serde_json::from_slice(&file.text)
        .map_err(|error| Problem::warning(format!("`{}` is ignored: {error}", file.name)))?;
    let counts = app.formation.into_iter();
    Ok(counts.filter_map(|(name, kind)| Some((name, kind.quantity?.min(MOST)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPES: [&str; 3] = ["web", "worker", "clock"];

    fn ask(arguments: &[&str]) -> (Vec<u16>, Vec<(usize, String)>) {
        let mut asked = Asked::default();
        let mut told = Vec::new();
        for argument in arguments {
            for problem in asked.add(&Source::new("-m", *argument), &TYPES) {
                told.push((problem.place.unwrap().column(), problem.sentence));
            }
        }
        (TYPES.iter().map(|name| asked.count(name, 1)).collect(), told)
    }

    #[test]
    fn form_1_and_2_counts() {
        for (arguments, counts) in [
            (vec!["web=2"], [2, 0, 0]),
            (vec!["web=2", "worker"], [2, 1, 0]),
            (vec!["all=1,web=2"], [2, 1, 1]),
            (vec!["web=2, all=1"], [2, 1, 1]),
            (vec!["all=1,clock=0"], [1, 1, 0]),
            (vec!["all"], [1, 1, 1]),
        ] {
            assert_eq!(ask(&arguments), (counts.to_vec(), vec![]), "{arguments:?}");
        }
    }

    #[test]
    fn form_3_form_4_and_e8_errors_have_their_place() {
        for (argument, column, part) in [
            ("wbe", 1, "no process"),
            ("web=1,nosuch=1", 7, "no process"),
            ("web=", 1, "no number"),
            ("=4", 1, "begin with"),
            ("web=-1", 1, "relative"),
            ("web=+1", 1, "relative"),
            ("web=1.5", 1, "no number"),
            ("web=1e3", 1, "no number"),
            ("web=1001", 1, "too many"),
            ("web=1,web=2", 7, "twice"),
            ("web=\u{663}", 1, "no number"),
            ("web=18446744073709551616", 1, "too many"),
            ("", 1, "begin with"),
        ] {
            let (_, told) = ask(&[argument]);
            assert!(
                told.len() == 1 && told[0].0 == column && told[0].1.contains(part),
                "{argument:?}: {told:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(counts in proptest::collection::vec(0_u16..=MOST, 3)) {
            let argument: Vec<String> = TYPES.iter().zip(&counts).map(|(name, count)| format!("{name}={count}")).collect();
            prop_assert_eq!(ask(&[&argument.join(",")]), (counts, vec![]));
        }

        #[test]
        fn no_argument_makes_it_panic(argument in ".{0,40}") {
            let _ = ask(&[&argument]);
        }
    }
}
