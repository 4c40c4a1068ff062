//! The names of an environment, each on its line: where it is read, where it is set. Values are not known here.

use crate::app::problem::clean;
use crate::factors::Environment;
use crate::factors::config::{Name, SettingKind};
use crate::factors::finding::Place;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// For people.
pub fn inventory(environment: &Environment) -> String {
    let inventory = environment.inventory();
    let missing: BTreeSet<&str> = inventory.read_but_never_set().map(|(name, _)| name).collect();
    let idle: BTreeSet<&str> = inventory.set_but_never_read().map(|(name, _)| name).collect();
    let width = inventory.names.keys().map(|name| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, about) in &inventory.names {
        let mut parts = mentions(about);
        parts.extend(missing.contains(name).then(|| "nowhere set".to_owned()));
        parts.extend(idle.contains(name).then(|| "nowhere read".to_owned()));
        let _ = writeln!(text, "{name:<width$}  {}", clean(&parts.join(", ")));
    }
    for every in &inventory.every {
        let prefix = every.prefix.as_ref().map(|prefix| format!(" (prefix {prefix})")).unwrap_or_default();
        let place = format!("{}:{}", every.place.path, every.place.line);
        let _ = writeln!(text, "the whole environment is read at {}", clean(&format!("{place}{prefix}")));
    }
    for unchecked in &environment.unchecked {
        let _ = writeln!(text, "not checked: {}: {}", clean(&unchecked.what), clean(&unchecked.why));
    }
    text
}

fn mentions(about: &Name<'_>) -> Vec<String> {
    let at = |place: &Place| format!("{}:{}", place.path, place.line);
    let reads = about.reads.iter().map(|read| {
        let how = if read.has_default { "read with a default" } else { "read" };
        format!("{how} {}", at(&read.place))
    });
    let settings =
        about.settings.iter().map(|setting| format!("{} {}", word(setting.kind), at(&setting.place)));
    reads.chain(settings).collect()
}

fn word(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::Set => "set",
        SettingKind::Empty => "empty",
        SettingKind::Example => "example",
    }
}

/// For programs.
pub fn inventory_json(environment: &Environment) -> Value {
    let inventory = environment.inventory();
    let missing: BTreeSet<&str> = inventory.read_but_never_set().map(|(name, _)| name).collect();
    let idle: BTreeSet<&str> = inventory.set_but_never_read().map(|(name, _)| name).collect();
    let names = inventory.names.iter().map(|(name, about)| {
        let reads = about.reads.iter().map(|read| {
            json!({
                "receiver": read.receiver, "default": read.has_default,
                "file": &*read.place.path, "line": read.place.line, "column": read.place.column,
            })
        });
        let settings = about.settings.iter().map(|setting| {
            json!({
                "kind": word(setting.kind),
                "file": &*setting.place.path, "line": setting.place.line, "column": setting.place.column,
            })
        });
        json!({
            "name": name,
            "reads": reads.collect::<Vec<_>>(),
            "settings": settings.collect::<Vec<_>>(),
            "nowhere_set": missing.contains(name),
            "nowhere_read": idle.contains(name),
        })
    });
    let every = inventory.every.iter().map(|every| {
        json!({
            "prefix": every.prefix,
            "file": &*every.place.path, "line": every.place.line, "column": every.place.column,
        })
    });
    let unchecked = environment.unchecked.iter();
    json!({
        "schema": 1,
        "names": names.collect::<Vec<_>>(),
        "whole": every.collect::<Vec<_>>(),
        "unchecked": unchecked.map(|one| json!({ "what": one.what, "why": one.why })).collect::<Vec<_>>(),
    })
}
