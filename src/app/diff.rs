//! What has changed between the plan that runs and the files as they are now.
//!
//! A process type keeps its position as long as the formation runs, whatever happens to the file: facts
//! that are on their way name it by that. New types come at the end, those that are gone stay as names without
//! instances. Values of variables are compared, and never told.

use super::plan::{After, Health, Plan, ProcessType, TypeId, View, offered};
use std::collections::BTreeMap;

/// What a reload does to one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which, by its position in the merged plan.
    pub kind: TypeId,
    /// Its name.
    pub name: String,
    /// What.
    pub deed: Deed,
}

/// What becomes of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It is new, and gets its instances.
    Added,
    /// It is gone, and so are its instances.
    Removed,
    /// It is another than it was.
    Changed {
        /// In what, in words: `command`, `env A B`.
        what: Vec<String>,
        /// Whether its processes have to be started again for it.
        restart: bool,
        /// Whether it has another count by default.
        count: bool,
    },
}

/// The plan that runs from now on, and what is to be done for it.
pub fn merge(old: &Plan, mut new: Plan) -> (Plan, Vec<Change>) {
    let mut types = Vec::new();
    let mut changes = Vec::new();
    let mut fresh: Vec<Option<ProcessType>> = std::mem::take(&mut new.types).into_iter().map(Some).collect();
    let names: Vec<String> = fresh.iter().flatten().map(|kind| kind.name.clone()).collect();
    let mut take = |name: &str| {
        fresh.iter_mut().find(|kind| kind.as_ref().is_some_and(|kind| kind.name == name))?.take()
    };
    for (id, before) in old.types() {
        let mut change = |deed| changes.push(Change { kind: id, name: before.name.clone(), deed });
        match take(&before.name) {
            Some(after) => {
                if before.retired {
                    change(Deed::Added);
                } else if let Some(deed) = changed(before, &after, &names, old) {
                    change(deed);
                }
                types.push(after);
            }
            None => {
                if !before.retired {
                    change(Deed::Removed);
                }
                types.push(ProcessType { count: 0, retired: true, ..before.clone() });
            }
        }
    }
    for added in fresh.into_iter().flatten() {
        let kind = TypeId(types.len() as u16);
        changes.push(Change { kind, name: added.name.clone(), deed: Deed::Added });
        types.push(added);
    }
    let places: BTreeMap<String, TypeId> =
        types.iter().enumerate().map(|(at, kind)| (kind.name.clone(), TypeId(at as u16))).collect();
    for kind in types.iter_mut().filter(|kind| !kind.retired) {
        let moved = |after: &After| {
            let kind = names.get(usize::from(after.kind.0)).and_then(|name| places.get(name))?;
            Some(After { kind: *kind, milestone: after.milestone })
        };
        kind.rules.after = kind.rules.after.iter().filter_map(moved).collect();
    }
    for kind in types.iter_mut().filter(|kind| kind.retired) {
        kind.rules.after.clear();
    }
    new.offered = offered(&types);
    new.types = types;
    // How things are shown, and what it runs for, was decided at the start; what is secret was not.
    let secrets = std::mem::take(&mut new.view.secrets);
    new.view = View { secrets, ..old.view.clone() };
    new.errand.clone_from(&old.errand);
    new.http = old.http;
    new.logs = old.logs;
    (new, changes)
}

fn changed(old: &ProcessType, new: &ProcessType, names: &[String], plan: &Plan) -> Option<Deed> {
    let mut what = Vec::new();
    let mut note = |differs: bool, word: &str| {
        if differs {
            what.push(word.to_owned());
        }
        differs
    };
    let mut restart = note(old.command != new.command, "command");
    restart |= note(old.cwd != new.cwd, "cwd");
    restart |= note(old.shell != new.shell, "shell");
    restart |= note(old.port != new.port, "port");
    restart |= note(old.pty != new.pty, "pty");
    note(old.rules.restart != new.rules.restart, "restart");
    note(old.rules.max_restarts != new.rules.max_restarts, "max_restarts");
    note(old.rules.on_exit != new.rules.on_exit, "on_exit");
    note(old.rules.stop_signal != new.rules.stop_signal, "stop_signal");
    note(old.rules.grace != new.rules.grace, "grace");
    note(old.rules.backoff != new.rules.backoff, "backoff");
    note(old.rules.health != new.rules.health, "health");
    let before: Vec<_> = old
        .rules
        .after
        .iter()
        .map(|after| (plan.process_type(after.kind).name.as_str(), after.milestone))
        .collect();
    let name = |after: &After| names.get(usize::from(after.kind.0)).map_or("", String::as_str);
    let after: Vec<_> = new.rules.after.iter().map(|after| (name(after), after.milestone)).collect();
    note(before != after, "after");
    note(old.watch != new.watch, "watch (from the next start on)");
    note(old.listen != new.listen, "listen (from the next start on)");
    let count = note(old.count != new.count, "instances");
    restart |= looks_elsewhere(&old.rules.health, &new.rules.health);
    let variables = variables(old, new);
    if !variables.is_empty() {
        restart = true;
        what.push(format!("env {}", variables.join(" ")));
    }
    (!what.is_empty()).then_some(Deed::Changed { what, restart, count })
}

/// Whether a probe has changed that is told rather than asked: what it waits for may have been before.
fn looks_elsewhere(old: &Health, new: &Health) -> bool {
    let tiers =
        [(&old.startup, &new.startup), (&old.readiness, &new.readiness), (&old.liveness, &new.liveness)];
    tiers.into_iter().any(|(old, new)| old != new && new.as_ref().is_some_and(|new| !new.how.is_asked()))
}

/// The names of those that were set, changed or taken away.
fn variables(old: &ProcessType, new: &ProcessType) -> Vec<String> {
    let all = |kind: &ProcessType| -> BTreeMap<_, _> {
        let pairs = kind.environment.iter();
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (old, new) = (all(old), all(new));
    let mut names: Vec<_> =
        old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::plan::{Environment, Milestone};
    use crate::app::{Piped, Typed, World, load};

    fn plan(procfile: &str, env: &str, toml: &str) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("Procfile", procfile), (".env", env), ("twelve-run.toml", toml)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let world = World {
            cwd: folder.path().to_owned(),
            environment: Environment::default(),
            piped: Piped::default(),
        };
        let reading = load(&Typed::default(), &world);
        let mut plan = reading.plan.unwrap_or_else(|| panic!("{:?}", reading.problems));
        for kind in &mut plan.types {
            kind.cwd = "/app".into();
        }
        plan
    }

    fn told(changes: &[Change]) -> Vec<String> {
        let line = |change: &Change| match &change.deed {
            Deed::Added => format!("+ {}", change.name),
            Deed::Removed => format!("- {}", change.name),
            Deed::Changed { what, restart, .. } => {
                format!("~ {}: {}{}", change.name, what.join(", "), if *restart { " !" } else { "" })
            }
        };
        changes.iter().map(line).collect()
    }

    #[test]
    fn what_changed_is_told_by_type_and_only_that() {
        let old = plan("web: a\nworker: b\nclock: c\n", "A=secret\n", "");
        let (same, changes) = merge(&old, plan("web: a\nworker: b\nclock: c\n", "A=secret\n", ""));
        assert_eq!((told(&changes), same.types.len()), (vec![], 3));
        let (_, changes) = merge(&old, plan("web: a\nworker: x\nclock: c\n", "A=secret\n", ""));
        assert_eq!(told(&changes), ["~ worker: command !"]);
        let (_, changes) = merge(
            &old,
            plan(
                "web: a\nworker: b\nclock: c\n",
                "A=secret\n",
                "[process.web]\ngrace = \"1s\"\nenv = { B = \"t\" }\n",
            ),
        );
        assert_eq!(told(&changes), ["~ web: grace, env B !"]);
        let (_, changes) = merge(&old, plan("web: a\nworker: b\nclock: c\n", "A=other\n", ""));
        assert_eq!(told(&changes), ["~ web: env A !", "~ worker: env A !", "~ clock: env A !"]);
    }

    #[test]
    fn positions_stay_whatever_becomes_of_the_file_and_after_follows_them() {
        let old = plan("web: a\nworker: b\n", "", "");
        let toml = "[process.web]\nafter = [\"db:completed\"]\n";
        let (merged, changes) = merge(&old, plan("db: d\nweb: a\n", "", toml));
        let names: Vec<&str> = merged.types.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(names, ["web", "worker", "db"]);
        assert_eq!(told(&changes), ["~ web: port, after !", "- worker", "+ db"]);
        assert_eq!(merged.types[0].rules.after, [After { kind: TypeId(2), milestone: Milestone::Completed }]);
        assert!(merged.types[1].retired && merged.types[1].count == 0);
        // And back again.
        let (again, changes) = merge(&merged, plan("web: a\nworker: b\n", "", ""));
        assert_eq!(told(&changes), ["~ web: port, after !", "+ worker", "- db"]);
        assert!(!again.types[1].retired && again.types[2].retired);
    }
}
