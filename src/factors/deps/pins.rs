//! Requirements files judged: how exactly each line says what is installed.

use super::model::Verdict;
use super::paths;
use super::project::Project;
use super::requirements::{self, Entry, Followed, Item};
use super::rules;
use super::text::Text;
use super::version::constraint::exact_version;
use super::version::pep440::Version;
use crate::factors::finding::{Level, Report, Rule};
use std::collections::BTreeMap;

/// What a constraints file pins: name to the line that does.
type Pins<'a> = BTreeMap<&'a str, &'a Entry>;

/// Judges every set.
pub fn judge(project: &Project, report: &mut Report) {
    for set in &project.requirement_sets {
        let pins = constraints(set);
        for file in set {
            judge_file(file, &pins, report);
        }
        conflicts(set, report);
        half_hashed(set, report);
    }
}

fn constraints(set: &[Followed]) -> Pins<'_> {
    let pinned = set.iter().filter(|file| file.constrains).flat_map(Followed::entries);
    pinned
        .filter(|entry| entry.verdict.is_exact())
        .filter_map(|entry| Some((entry.name.as_deref()?, entry)))
        .collect()
}

fn judge_file(file: &Followed, pins: &Pins<'_>, report: &mut Report) {
    // What is written by hand beside its compiled file is judged with it, as a manifest with its lock.
    let is_input = file.text.path.ends_with(".in");
    for item in &file.items {
        match item {
            // A constraint installs nothing: what it leaves open is told where it is asked for.
            Item::Requirement(entry) if !is_input && (!file.is_constraint || entry.verdict.is_exact()) => {
                judge_entry(entry, &file.text, pins, report);
            }
            Item::Invalid { why, span } => {
                let help = "see pip's requirements file format";
                report.find(
                    &rules::INVALID,
                    file.text.place(span.clone()),
                    format!("no requirement: {why}"),
                    help,
                );
            }
            _ => {}
        }
    }
}

fn judge_entry(entry: &Entry, text: &Text, pins: &Pins<'_>, report: &mut Report) {
    let place = text.place(entry.span.clone());
    let name = entry.name.clone().unwrap_or_default();
    let pin = pins.get(name.as_str()).filter(|pin| pin.span != entry.span || !entry.verdict.is_exact());
    if entry.verdict.is_exact() || pin.is_some() && entry.verdict.is_versioned() {
        let shown = match pin.filter(|_| !entry.verdict.is_exact()) {
            Some(pin) => format!("{}, pinned by the constraint {}", entry.shown, pin.shown),
            None => entry.shown.clone(),
        };
        let details = vec![("name", name), ("verdict", entry.verdict.name().to_owned())];
        return report.show("deps/pinned", place, shown, details);
    }
    let shown = &entry.shown;
    let Some((rule, says, help)) = wording(entry) else { return };
    let level = if leaves_the_app(entry, text) { Level::Warn } else { rule.level };
    report.weigh(rule, level, place, format!("`{shown}` {says}"), help);
}

/// The rule that a verdict breaks, with what is said of it.
fn wording(entry: &Entry) -> Option<(&'static Rule, &'static str, String)> {
    let name = entry.name.as_deref().unwrap_or("name");
    Some(match entry.verdict {
        Verdict::Unpinned => (
            &rules::UNPINNED,
            "names no version",
            format!("pin it: `{name}==…`, or compile a full lock from `requirements.in`"),
        ),
        Verdict::Range => (
            &rules::RANGE,
            "admits more than one version",
            format!("pin it: `{name}==…`, and keep the range in `requirements.in`"),
        ),
        Verdict::Wildcard => {
            (&rules::WILDCARD, "is pinned up to a wildcard only", "name the whole version".to_owned())
        }
        Verdict::Url => {
            (&rules::URL_WITHOUT_DIGEST, "has no digest", "add `#sha256=…` to the URL".to_owned())
        }
        Verdict::VcsBranch => {
            (&rules::VCS_BRANCH, "is not at a full commit", "write the full commit id after `@`".to_owned())
        }
        Verdict::Editable => (
            &rules::EDITABLE,
            "is installed in place",
            "install a built package where it is released".to_owned(),
        ),
        Verdict::Local => {
            (&rules::LOCAL, "is taken from a path", "keep it in the app or publish it".to_owned())
        }
        Verdict::Exact | Verdict::VcsCommit | Verdict::UrlDigest | Verdict::Invalid => return None,
    })
}

/// A path that is outside of the tree, or absolute.
fn leaves_the_app(entry: &Entry, text: &Text) -> bool {
    let Some(source) =
        entry.source.as_deref().filter(|_| matches!(entry.verdict, Verdict::Editable | Verdict::Local))
    else {
        return false;
    };
    let path = source.split('#').next().unwrap_or_default();
    let path = path.strip_prefix("file:").map_or(path, |path| path.trim_start_matches("//"));
    !requirements::is_url(source) && paths::join(paths::folder(&text.path), path).is_none()
        || source.starts_with("file:///")
}

/// Two versions of one name, where no marker keeps them apart.
fn conflicts(set: &[Followed], report: &mut Report) {
    let mut first: BTreeMap<&str, (&Entry, &Text)> = BTreeMap::new();
    for (file, entry) in set.iter().flat_map(|file| file.entries().map(move |entry| (file, entry))) {
        if entry.has_marker || exact_version(&entry.constraint).is_none() {
            continue;
        }
        let Some(name) = entry.name.as_deref() else { continue };
        let (known, text) = *first.entry(name).or_insert((entry, &file.text));
        let versions = (exact_version(&known.constraint), exact_version(&entry.constraint));
        if !is_same(versions) {
            let line = text.place(known.span.clone()).line;
            report.find(
                &rules::CONFLICT,
                file.text.place(entry.span.clone()),
                format!("`{}` and `{}` ({}:{line}) pin one package", entry.shown, known.shown, text.path),
                "keep one of the two",
            );
        }
    }
}

/// By PEP 440 where both are versions of it: `1.0` is `1`.
fn is_same(versions: (Option<&str>, Option<&str>)) -> bool {
    let read = |version: Option<&str>| version.and_then(Version::parse);
    match (read(versions.0), read(versions.1)) {
        (Some(left), Some(right)) => left.cmp(&right).is_eq(),
        _ => versions.0 == versions.1,
    }
}

/// As soon as one line has a hash, pip asks for one on every line.
fn half_hashed(set: &[Followed], report: &mut Report) {
    let all = || set.iter().flat_map(|file| file.entries().map(move |entry| (file, entry)));
    let is_asked = set.iter().flat_map(|file| &file.items).any(|item| *item == Item::RequireHashes);
    if !is_asked && all().all(|(_, entry)| entry.hashes == 0) {
        return;
    }
    for (file, entry) in all().filter(|(file, _)| !file.is_constraint && !file.text.path.ends_with(".in")) {
        if entry.hashes == 0 && entry.verdict != Verdict::UrlDigest {
            report.weigh(
                &rules::LOCK_UNHASHED,
                Level::Error,
                file.text.place(entry.span.clone()),
                format!("`{}` has no hash where others have one: pip refuses the whole file", entry.shown),
                "compile the file anew with `--generate-hashes`",
            );
        }
    }
}
