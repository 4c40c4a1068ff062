//! What was found before and is known: a file that is committed beside the Procfile.
//!
//! A finding is known again by its rule, its path, its line with every secret masked, and a digest of its
//! secret, so many times: it may move, and another secret in its place is new. The secret is not in the file.
//! Its digest is keyed, and cut to twenty bits on purpose: enough to tell another secret from the same one, and
//! too little to find a weak one out, which dozens of the words in any list would fit.

use super::Found;
use super::digest::{LENGTH, hex, keyed, unhex};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The file, where none is named.
pub const FILE: &str = "twelve-run.baseline.json";

/// Hexadecimal digits of a line's digest.
const LINE_DIGITS: usize = 32;
/// And of a secret's.
const SECRET_DIGITS: usize = 5;

/// What a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    path: String,
    rule: String,
    line: String,
    secret: Option<String>,
}

/// What was found before.
#[derive(Debug)]
pub struct Baseline {
    key: [u8; LENGTH],
    known: BTreeMap<Known, usize>,
}

impl Baseline {
    /// Nothing is known yet. The key must be random.
    pub fn new(key: [u8; LENGTH]) -> Self {
        Self { key, known: BTreeMap::new() }
    }

    /// Reads the file's text; the sentence says what is wrong with it.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let file: Value = serde_json::from_slice(text).map_err(|error| format!("it is no JSON: {error}"))?;
        if file["schema"] != 1 {
            return Err("it is no baseline of this version".into());
        }
        let key = file["key"].as_str().and_then(unhex).and_then(|key| key.try_into().ok());
        let mut baseline = Self::new(key.ok_or("its key is not whole")?);
        for entry in file["findings"].as_array().ok_or("it has no findings")? {
            let word = |name: &str| entry[name].as_str().map(str::to_owned);
            let known = || {
                let secret = word("secret");
                Some(Known { path: word("path")?, rule: word("rule")?, line: word("line")?, secret })
            };
            let count = entry["count"].as_u64().unwrap_or(1);
            *baseline.known.entry(known().ok_or("an entry of it is not whole")?).or_default() +=
                count as usize;
        }
        Ok(baseline)
    }

    /// The same key with these findings, and no others, known.
    pub fn write(&self, found: &[Found]) -> Vec<u8> {
        let mut counts: BTreeMap<Known, usize> = BTreeMap::new();
        for found in found {
            *counts.entry(self.known_by(found)).or_default() += 1;
        }
        let entries: Vec<Value> = counts
            .into_iter()
            .map(|(known, count)| {
                let mut entry = Map::new();
                entry.insert("rule".into(), known.rule.into());
                entry.insert("path".into(), known.path.into());
                entry.insert("line".into(), known.line.into());
                entry.extend(known.secret.map(|secret| ("secret".to_owned(), secret.into())));
                entry.insert("count".into(), count.into());
                Value::Object(entry)
            })
            .collect();
        let key = hex(&self.key, 2 * LENGTH);
        format!("{:#}\n", json!({ "schema": 1, "key": key, "findings": entries })).into_bytes()
    }

    /// Parts what was found in new and known; of several alike, the first are the known ones.
    pub fn part(&self, found: Vec<Found>) -> (Vec<Found>, Vec<Found>) {
        let mut left = self.known.clone();
        found.into_iter().partition(|found| match left.get_mut(&self.known_by(found)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
    }

    fn known_by(&self, found: &Found) -> Known {
        let finding = &found.finding;
        let (rule, path) = (finding.rule.id, &*finding.place.path);
        let digest =
            |what: &[u8], text: &[u8]| keyed(&self.key, &[what, rule.as_bytes(), path.as_bytes(), text]);
        let secret = finding.secret.as_ref();
        Known {
            path: path.to_owned(),
            rule: rule.to_owned(),
            line: hex(&digest(b"line", found.alike.as_bytes()), LINE_DIGITS),
            secret: secret.map(|secret| hex(&digest(b"secret", &secret.value), SECRET_DIGITS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::tests::found;

    const KEY: [u8; LENGTH] = [9; LENGTH];

    /// How many of `after` are new when `before` is known.
    fn new(before: &[Found], after: Vec<Found>) -> usize {
        let written = Baseline::new(KEY).write(before);
        Baseline::read(&written).unwrap().part(after).0.len()
    }

    #[test]
    fn what_moves_is_known_and_what_is_another_is_new() {
        let before = [found("a.py", 3, "key = 'hunter2secret'", "hunter2secret")];
        for (after, is_new) in [
            (found("a.py", 3, "key = 'hunter2secret'", "hunter2secret"), 0),
            (found("a.py", 90, "key = 'hunter2secret'", "hunter2secret"), 0),
            (found("a.py", 90, "    key  =  'hunter2secret'", "hunter2secret"), 0),
            (found("a.py", 3, "key = 'another-secret'", "another-secret"), 1),
            (found("a.py", 3, "other = 'hunter2secret'", "hunter2secret"), 1),
            (found("b.py", 3, "key = 'hunter2secret'", "hunter2secret"), 1),
        ] {
            assert_eq!(new(&before, vec![after]), is_new);
        }
    }

    #[test]
    fn a_second_of_the_same_is_new() {
        let one = || found("a.py", 3, "key = 'hunter2secret'", "hunter2secret");
        assert_eq!(new(&[one()], vec![one(), one()]), 1);
        assert_eq!(new(&[one(), one()], vec![one(), one()]), 0);
        assert_eq!(new(&[one(), one()], vec![one()]), 0);
    }

    #[test]
    fn the_file_holds_nothing_of_the_secret_and_is_the_same_twice() {
        let all = [found("a.py", 3, "key = 'hunter2secret'", "hunter2secret")];
        let written = Baseline::new(KEY).write(&all);
        let text = String::from_utf8(written.clone()).unwrap();
        assert!(!text.contains("hunter") && !text.contains("secret2"), "{text}");
        assert_eq!(Baseline::read(&written).unwrap().write(&all), written);
        let other = Baseline::new([1; LENGTH]).write(&all);
        assert_ne!(other, written, "another key gives other digests");
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for text in
            ["", "{}", "{\"schema\":1}", "{\"schema\":1,\"key\":\"00\",\"findings\":[]}", "{\"schema\":2}"]
        {
            assert!(Baseline::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
