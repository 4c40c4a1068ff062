//! Advisories in the OSV schema: JSON, one a file, in whatever folders.

use super::{Advisory, Loaded, Trouble, date};
use crate::factors::deps::model::Ecosystem;
use crate::factors::deps::version::compare;
use serde_json::Value;
use std::cmp::Ordering;

const ECOSYSTEMS: [Ecosystem; 8] = [
    Ecosystem::PyPI,
    Ecosystem::Npm,
    Ecosystem::CratesIo,
    Ecosystem::Go,
    Ecosystem::RubyGems,
    Ecosystem::Packagist,
    Ecosystem::Hex,
    Ecosystem::Maven,
];

/// Every package of the text that is asked for; none of what was withdrawn.
pub fn read(
    text: &str,
    is_wanted: &dyn Fn(Ecosystem, &str) -> bool,
    loaded: &mut Loaded,
) -> Result<Vec<Advisory>, String> {
    let known = values(text, "\"ecosystem\"").filter_map(ecosystem);
    loaded.known.extend(known);
    loaded.newest_day = loaded.newest_day.max(date::newest(text, "\"modified\""));
    // Most files are about packages that nobody asks for, and need not be read whole.
    let names_one = values(text, "\"name\"")
        .any(|name| ECOSYSTEMS.iter().any(|one| is_wanted(*one, &one.normalise(name))));
    if !names_one {
        return Ok(Vec::new());
    }
    let root: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let all = match &root {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    Ok(all.into_iter().flat_map(|one| packages(one, is_wanted)).collect())
}

/// The texts that stand after a key, wherever it is.
fn values<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    memchr::memmem::find_iter(text.as_bytes(), key).filter_map(move |at| {
        let rest = text.get(at + key.len()..)?.trim_start().strip_prefix(':')?.trim_start();
        rest.strip_prefix('"')?.split('"').next()
    })
}

/// `crates.io`; a distribution's own packages (`Debian:12`) are none of ours.
fn ecosystem(name: &str) -> Option<Ecosystem> {
    ECOSYSTEMS.into_iter().find(|ecosystem| ecosystem.name() == name)
}

fn packages(root: &Value, is_wanted: &dyn Fn(Ecosystem, &str) -> bool) -> Vec<Advisory> {
    let string = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default();
    if root.get("withdrawn").is_some_and(|withdrawn| !withdrawn.is_null()) {
        return Vec::new();
    }
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let aliases =
        list(root, "aliases").iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let title =
        [string("summary"), string("details")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let mut all: Vec<Advisory> = Vec::new();
    for affected in list(root, "affected") {
        let package = affected.get("package");
        let of_package = |key: &str| package.and_then(|package| package.get(key)).and_then(Value::as_str);
        let Some(ecosystem) = of_package("ecosystem").and_then(ecosystem) else { continue };
        let name = ecosystem.normalise(of_package("name").unwrap_or_default());
        if !is_wanted(ecosystem, &name) {
            continue;
        }
        let more = Affected::read(&affected);
        // A package may have several entries, each with some of its ranges.
        let known = all.iter_mut().find(|one| one.ecosystem == ecosystem && one.package == name);
        if let Some(Advisory { affected: super::Affected::In(known), .. }) = known {
            known.ranges.extend(more.ranges);
            known.versions.extend(more.versions);
            continue;
        }
        all.push(Advisory {
            id: string("id").to_owned(),
            aliases: aliases.clone(),
            ecosystem,
            package: name,
            title: title.lines().next().unwrap_or_default().trim().to_owned(),
            trouble: trouble(&affected),
            affected: super::Affected::In(more),
        });
    }
    all
}

/// `RustSec`'s own kinds, as its export writes them.
fn trouble(affected: &Value) -> Trouble {
    let kind = affected.get("database_specific").and_then(|specific| specific.get("informational"));
    match kind.and_then(Value::as_str) {
        None => Trouble::Vulnerable,
        Some("unsound") => Trouble::Unsound,
        Some(_) => Trouble::Informational,
    }
}

/// What is affected: ranges, and versions one by one.
#[derive(Debug, Default)]
pub struct Affected {
    ranges: Vec<Vec<Event>>,
    versions: Vec<String>,
}

#[derive(Debug, Clone)]
enum Event {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
    Limit(String),
}

impl Event {
    fn version(&self) -> &str {
        match self {
            Self::Introduced(version)
            | Self::Fixed(version)
            | Self::LastAffected(version)
            | Self::Limit(version) => version,
        }
    }
}

impl Affected {
    fn read(value: &Value) -> Self {
        let list =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let event = |value: &Value| {
            let (key, version) = value.as_object()?.iter().next()?;
            let version = version.as_str()?.to_owned();
            Some(match key.as_str() {
                "introduced" => Event::Introduced(version),
                "fixed" => Event::Fixed(version),
                "last_affected" => Event::LastAffected(version),
                "limit" => Event::Limit(version),
                _ => return None,
            })
        };
        // Ranges of commits say nothing of versions.
        let of_versions = |range: &Value| range.get("type").and_then(Value::as_str) != Some("GIT");
        let ranges = list(value, "ranges")
            .iter()
            .filter(|range| of_versions(range))
            .map(|range| list(range, "events").iter().filter_map(event).collect())
            .collect();
        let versions = list(value, "versions").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Self { ranges, versions }
    }

    /// The evaluation of the schema's own text: listed, or within a range and before its limits.
    pub fn affects(&self, ecosystem: Ecosystem, version: &str) -> Option<bool> {
        compare(ecosystem, version, version)?;
        let is_same = |listed: &String| {
            listed == version || compare(ecosystem, listed, version) == Some(Ordering::Equal)
        };
        let is_in = |range: &Vec<Event>| {
            is_before_limits(ecosystem, range, version) && is_within(ecosystem, range, version)
        };
        Some(self.versions.iter().any(is_same) || self.ranges.iter().any(is_in))
    }

    /// The ranges, and the first versions after this one that mend it.
    pub fn shown(&self, ecosystem: Ecosystem, version: &str) -> (String, Vec<String>) {
        let mut words = Vec::new();
        let mut fixed = Vec::new();
        for event in self.ranges.iter().flatten() {
            words.push(match event {
                Event::Introduced(version) if version == "0" => continue,
                Event::Introduced(version) => format!(">= {version}"),
                Event::Fixed(version) => format!("< {version}"),
                Event::LastAffected(version) => format!("<= {version}"),
                Event::Limit(version) => format!("before {version}"),
            });
            if let Event::Fixed(later) = event {
                let is_later = compare(ecosystem, later, version) == Some(Ordering::Greater);
                fixed.extend(is_later.then(|| later.clone()));
            }
        }
        let range = if words.is_empty() { "all versions".to_owned() } else { words.join(", ") };
        (if self.ranges.is_empty() { "listed versions".to_owned() } else { range }, fixed)
    }
}

fn is_before_limits(ecosystem: Ecosystem, range: &[Event], version: &str) -> bool {
    let mut limits = range.iter().filter_map(|event| match event {
        Event::Limit(limit) => Some(limit),
        _ => None,
    });
    let Some(first) = limits.next() else { return true };
    let is_before =
        |limit: &String| limit == "*" || compare(ecosystem, version, limit) == Some(Ordering::Less);
    is_before(first) || limits.any(is_before)
}

fn is_within(ecosystem: Ecosystem, range: &[Event], version: &str) -> bool {
    let mut events = range.to_vec();
    // `0` stands for before everything.
    events.sort_by(|left, right| match (left.version(), right.version()) {
        ("0", "0") => Ordering::Equal,
        ("0", _) => Ordering::Less,
        (_, "0") => Ordering::Greater,
        (left, right) => compare(ecosystem, left, right).unwrap_or(Ordering::Equal),
    });
    let order = |event: &Event| compare(ecosystem, version, event.version());
    events.iter().fold(false, |is_affected, event| match event {
        Event::Introduced(from) if from == "0" || order(event).is_some_and(Ordering::is_ge) => true,
        Event::Fixed(_) if order(event).is_some_and(Ordering::is_ge) => false,
        Event::LastAffected(_) if order(event) == Some(Ordering::Greater) => false,
        _ => is_affected,
    })
}
