//! Advisories of `RustSec`: `crates/NAME/RUSTSEC-….md`, TOML in a fence, then prose; or the older plain TOML.

use super::{Advisory, Affected, Loaded, Trouble, date};
use crate::factors::deps::model::Ecosystem;
use crate::factors::deps::paths;
use crate::factors::deps::version::compare;
use std::cmp::Ordering;
use toml::de::{DeTable, DeValue};

/// By its path. Those of the other collection, `rust/`, are about Rust's own tools, which no lock holds.
pub fn is_advisory(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (name, _, collection) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let is_named = name.starts_with("RUSTSEC-") && ["md", "toml"].contains(&paths::ending(name));
    is_named && collection.is_none_or(|collection| collection == "crates")
}

/// One advisory, if its package is asked for and it was not withdrawn.
pub fn read(
    path: &str,
    text: &str,
    is_wanted: &dyn Fn(Ecosystem, &str) -> bool,
    loaded: &mut Loaded,
) -> Result<Vec<Advisory>, String> {
    loaded.known.insert(Ecosystem::CratesIo);
    loaded.newest_day = loaded.newest_day.max(date::newest(text, "date"));
    // The folder bears the package's name, which saves reading the others.
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    if !folder.is_empty() && !is_wanted(Ecosystem::CratesIo, folder) {
        return Ok(Vec::new());
    }
    let (toml, prose) = match text.split_once("```toml") {
        Some((_, rest)) => rest.split_once("```").ok_or("its fence is not closed")?,
        None => (text, ""),
    };
    let root = DeTable::parse(toml).map_err(|error| error.message().to_owned())?;
    let root = root.get_ref();
    let within = |key: &str| root.get(key).and_then(|value| value.get_ref().as_table());
    let about = within("advisory").ok_or("it has no `[advisory]`")?;
    let string = |key: &str| about.get(key).and_then(|value| value.get_ref().as_str());
    let package = string("package").ok_or("it names no package")?;
    if about.contains_key("withdrawn") || !is_wanted(Ecosystem::CratesIo, package) {
        return Ok(Vec::new());
    }
    let heading = prose.lines().find_map(|line| line.strip_prefix("# "));
    // Once the versions stood in the advisory's own table.
    let versions = within("versions").unwrap_or(about);
    let trouble = match string("informational") {
        None => Trouble::Vulnerable,
        Some("unsound") => Trouble::Unsound,
        Some(_) => Trouble::Informational,
    };
    let aliases = strings(about.get("aliases").map(toml::Spanned::get_ref)).map(str::to_owned).collect();
    Ok(vec![Advisory {
        id: string("id").ok_or("it has no id")?.to_owned(),
        aliases,
        ecosystem: Ecosystem::CratesIo,
        package: package.to_owned(),
        title: heading.or(string("title")).unwrap_or_default().trim().to_owned(),
        trouble,
        affected: Affected::AllBut(intervals(versions)?),
    }])
}

/// Every interval that is fine: unaffected or patched.
fn intervals(versions: &DeTable<'_>) -> Result<Vec<Interval>, String> {
    let mut fine = Vec::new();
    for key in ["unaffected", "unaffected_versions", "patched", "patched_versions"] {
        for requirement in strings(versions.get(key).map(toml::Spanned::get_ref)) {
            fine.push(Interval::read(requirement, key.starts_with("patched"))?);
        }
    }
    Ok(fine)
}

fn strings<'a>(value: Option<&'a DeValue<'a>>) -> impl Iterator<Item = &'a str> {
    value.and_then(DeValue::as_array).into_iter().flatten().filter_map(|value| value.get_ref().as_str())
}

/// Versions that are fine, by the order of semver 2.0 alone, so that pre-releases have their place in it too (as
/// `RustSec` reads them since it exports to OSV).
#[derive(Debug)]
pub struct Interval {
    written: String,
    is_patch: bool,
    /// Version, and whether it belongs to the interval.
    from: Option<(String, bool)>,
    to: Option<(String, bool)>,
}

impl Interval {
    /// Cargo's comparisons, one or two of them.
    fn read(written: &str, is_patch: bool) -> Result<Self, String> {
        let mut interval = Self { written: written.to_owned(), is_patch, from: None, to: None };
        for term in written.split(',').map(str::trim).filter(|term| *term != "*") {
            const SIGNS: [&str; 7] = [">=", "<=", ">", "<", "=", "^", "~"];
            let sign = SIGNS.into_iter().find(|sign| term.starts_with(sign)).unwrap_or("");
            let version = term[sign.len()..].trim();
            let core = version.split(['-', '+']).next().unwrap_or_default();
            let given: Result<Vec<u64>, _> = core.split('.').map(str::parse).collect();
            let given = given.ok().filter(|given| (1..=3).contains(&given.len()));
            let given = given.ok_or_else(|| format!("`{written}` is not understood"))?;
            let last = given.len() - 1;
            match sign {
                ">=" => interval.from = Some((version.to_owned(), true)),
                ">" => interval.from = Some((version.to_owned(), false)),
                "<" => interval.to = Some((version.to_owned(), false)),
                "<=" => interval.to = Some((version.to_owned(), true)),
                "=" => {
                    interval.from = Some((version.to_owned(), true));
                    interval.to = interval.from.clone();
                }
                _ => {
                    let caret = given.iter().position(|number| *number != 0).unwrap_or(last);
                    let at = if sign == "~" { last.min(1) } else { caret };
                    interval.from = Some((version.to_owned(), true));
                    interval.to = Some((next(&given, at), false));
                }
            }
        }
        Ok(interval)
    }

    fn holds(&self, version: &str) -> Option<bool> {
        let is_past = |bound: &Option<(String, bool)>, side: Ordering| match bound {
            None => Some(true),
            Some((bound, is_within)) => {
                let order = compare(Ecosystem::CratesIo, version, bound)?;
                Some(order == side || *is_within && order == Ordering::Equal)
            }
        };
        Some(is_past(&self.from, Ordering::Greater)? && is_past(&self.to, Ordering::Less)?)
    }
}

/// Before all that do not begin with the numbers up to `at`, their pre-releases included.
fn next(given: &[u64], at: usize) -> String {
    let number = |index: usize| match index.cmp(&at) {
        Ordering::Less => given[index],
        Ordering::Equal => given[index].saturating_add(1),
        Ordering::Greater => 0,
    };
    format!("{}.{}.{}-0", number(0), number(1), number(2))
}

/// Whether a version is in none of them.
pub fn affects(fine: &[Interval], version: &str) -> Option<bool> {
    for interval in fine {
        if interval.holds(version)? {
            return Some(false);
        }
    }
    compare(Ecosystem::CratesIo, version, version).map(|_| true)
}

/// What is not affected, as written, and the patches that come after a version.
pub fn shown(fine: &[Interval], version: &str) -> (String, Vec<String>) {
    let written: Vec<&str> = fine.iter().map(|interval| interval.written.as_str()).collect();
    let range = if written.is_empty() {
        "all versions".to_owned()
    } else {
        format!("all but {}", written.join(", "))
    };
    let is_later = |interval: &&Interval| {
        let from = interval.from.as_ref().map(|(from, _)| from.as_str());
        interval.is_patch
            && from.is_some_and(|from| compare(Ecosystem::CratesIo, from, version) != Some(Ordering::Less))
    };
    (range, fine.iter().filter(is_later).map(|interval| interval.written.clone()).collect())
}
