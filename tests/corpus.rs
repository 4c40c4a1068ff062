//! Real and made Procfiles and `.env` cases, kept outside the repository beside it: our reading against
//! foreman's, and against the decided values. Without them the test says so, and in CI it fails.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use twelve_run::app::dotenv::{self, Scope};
use twelve_run::app::plan::Environment;
use twelve_run::app::problem::{Level, Source};
use twelve_run::app::procfile;

/// Where our reading of a file differs from foreman's on purpose.
const DIFFERENT: [(&str, &str); 14] = [
    ("backslash_eol", "a line that ends in a backslash is joined with the next"),
    ("backslash_eol_last", "a backslash at the end of the file joins with nothing and is dropped"),
    ("dokku__dokku__tests__apps__dockerfile-procfile-bad__Procfile", "conflict markers are an error"),
    ("dup_identical", "a duplicate is an error"),
    ("empty_command_spaces", "a command of blanks is none"),
    ("empty_file", "no entry is an error"),
    ("farcasterxyz__snapchain-v0__config__Procfile", "no entry is an error"),
    (
        "gliderlabs__herokuish__tests__unit__fixtures-merge-conflict__Procfile",
        "conflict markers are an error",
    ),
    ("heroku__buildpacks-procfile__tests__fixtures__empty_procfile__Procfile", "no entry is an error"),
    ("lone_cr", "a carriage return at the end of the file is dropped"),
    ("nul", "NUL is an error"),
    ("only_comments", "no entry is an error"),
    ("only_newlines", "no entry is an error"),
    ("utf16le", "UTF-16 is an error"),
];

fn cases(name: &str) -> Vec<Value> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = ["../shared/corpus", "../../shared/corpus"].map(|folder| here.join(folder));
    let found = folders.iter().find_map(|folder| std::fs::read_to_string(folder.join(name)).ok());
    let Some(text) = found else {
        assert!(std::env::var_os("CI").is_none(), "{name} is missing: looked in {folders:?}");
        let _ = writeln!(std::io::stderr(), "not run: {name} is not beside the repository");
        return Vec::new();
    };
    text.lines().map(|line| serde_json::from_str(line).expect("a case a line")).collect()
}

fn bytes(case: &Value) -> Vec<u8> {
    case["text"].as_str().map_or_else(
        || base64(case["base64"].as_str().expect("text or base64")),
        |text| text.as_bytes().to_vec(),
    )
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = text
        .bytes()
        .filter(|byte| *byte != b'=')
        .map(|byte| ALPHABET.iter().position(|known| *known == byte).expect("base64") as u32)
        .collect();
    digits
        .chunks(4)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
            bits.to_be_bytes()[1..chunk.len()].to_vec()
        })
        .collect()
}

#[test]
fn every_procfile_is_read_as_foreman_reads_it_but_for_the_decided_ones() {
    let mut different = Vec::new();
    for case in cases("procfiles.jsonl") {
        let name = case["name"].as_str().expect("a name").to_owned();
        let source = Source::new("Procfile", bytes(&case));
        let (entries, problems) = procfile::parse(&source);
        let failed = problems.iter().any(|problem| problem.level == Level::Error);
        let ours: Vec<(String, String)> = entries
            .iter()
            .map(|entry| (entry.name.value.clone(), entry.command.value.to_string_lossy().into_owned()))
            .collect();
        let foreman: Option<Vec<(String, String)>> = case["foreman"]["entries"].as_array().map(|entries| {
            entries
                .iter()
                .map(|entry| (entry[0].as_str().unwrap().to_owned(), entry[1].as_str().unwrap().to_owned()))
                .collect()
        });
        if failed || Some(ours) != foreman {
            different.push(name);
        }
    }
    let mut decided: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    different.sort();
    decided.sort_unstable();
    if !different.is_empty() {
        assert_eq!(different, decided);
    }
}

#[test]
fn every_env_case_has_its_decided_values_and_warns_at_its_lines() {
    for case in cases("env_cases.jsonl") {
        let id = case["id"].as_str().expect("an id");
        let text = case["input"].as_str().expect("an input").as_bytes().to_vec();
        let source = Arc::new(Source { name: ".env".into(), text, secret: true });
        let mut scope = Scope::new(Environment::default(), false);
        let problems = dotenv::read(&source, &mut scope);
        let lines = |level| -> Vec<usize> {
            problems
                .iter()
                .filter(|problem| problem.level == level)
                .map(|problem| problem.place.as_ref().unwrap().line())
                .collect()
        };
        let line_of = |sentence: &str| -> usize {
            sentence
                .strip_prefix("line ")
                .and_then(|rest| rest.split(':').next())
                .and_then(|line| line.parse().ok())
                .expect("a line")
        };
        if let Some(error) = case["expect"]["__error__"].as_str() {
            assert_eq!(lines(Level::Error), [line_of(error)], "{id}: {error}; {problems:?}");
            continue;
        }
        let expected: BTreeMap<String, String> =
            serde_json::from_value(case["expect"].clone()).expect("names and values");
        let set: BTreeMap<String, String> = scope
            .set
            .iter()
            .map(|(name, value)| (name.to_str().unwrap().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        assert_eq!(set, expected, "{id}");
        let warnings: Vec<usize> = case["warnings"]
            .as_array()
            .expect("warnings")
            .iter()
            .map(|warning| line_of(warning.as_str().unwrap()))
            .collect();
        assert_eq!((lines(Level::Warning), lines(Level::Error)), (warnings, vec![]), "{id}: {problems:?}");
    }
}

#[test]
fn the_judge_can_say_no() {
    assert_eq!(base64("d2ViOiBh"), b"web: a");
    let (entries, problems) = procfile::parse(&Source::new("Procfile", "web: a\nweb: a\n"));
    assert!(entries.len() == 1 && problems.iter().any(|problem| problem.level == Level::Error));
}
