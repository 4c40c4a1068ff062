//! Where each value of a plan came from, and what it has overruled. Names of variables are told, values
//! never.

use super::plan::{Plan, TypeId, port_variable};
use super::problem::Place;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything else.
    Default,
    /// It was typed, as this long flag.
    Flag(&'static str),
    /// It was typed, as an argument of `start`.
    Argument,
    /// A variable of the real environment.
    Variable(String),
    /// A file that is read as a whole.
    File(&'static str),
    /// A line of a file.
    Written(Place),
    /// We give it to every process.
    Assigned,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Argument => f.write_str("argument"),
            Self::Variable(name) => write!(f, "environment ({name})"),
            Self::File(name) => f.write_str(name),
            Self::Written(place) => write!(f, "{}:{}", place.source.name, place.line()),
            Self::Assigned => f.write_str("assigned"),
        }
    }
}

/// Where the values of a plan came from.
#[derive(Debug, Default)]
pub struct Origins {
    /// By key, as in `twelve-run.toml`; a default is not there.
    pub(super) values: BTreeMap<String, Origin>,
    /// The names of the real environment.
    pub(super) real: BTreeSet<String>,
    /// Where the environment files set each name, the winner last.
    pub(super) files: HashMap<String, Vec<Place>>,
    /// The same for what one type has for itself, `env_file` before `env`.
    pub(super) own: BTreeMap<String, HashMap<String, Vec<Place>>>,
    /// The files win over the real environment.
    pub(super) files_win: bool,
}

/// One name in the environment of a process.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its value is from.
    pub origin: Origin,
    /// What has another value for it, and loses.
    pub shadowed: Vec<Origin>,
}

impl Origins {
    /// Where the value of this key came from. What is said of a part is said of the whole.
    pub fn of(&self, key: &str) -> Origin {
        let part = || {
            let below = self.values.range(format!("{key}.")..).next()?;
            below.0.strip_prefix(key)?.starts_with('.').then_some(below.1)
        };
        self.values.get(key).or_else(part).cloned().unwrap_or(Origin::Default)
    }

    /// Notes where a value came from, over what was noted before.
    pub(super) fn note(&mut self, key: impl Into<String>, origin: Origin) {
        self.values.insert(key.into(), origin);
    }

    /// Where the environment files set each name: the winner, sorted by name.
    pub fn set_by_files(&self) -> BTreeMap<&str, &Place> {
        let set = self.files.iter().filter_map(|(name, places)| Some((name.as_str(), places.last()?)));
        set.collect()
    }

    /// The environment of a type's processes, sorted by name.
    pub fn environment(&self, plan: &Plan, id: TypeId) -> Vec<Variable> {
        let kind = plan.process_type(id);
        let own = self.own.get(&kind.name);
        let assigned: BTreeSet<String> = ["PS".to_owned(), "PORT".to_owned()]
            .into_iter()
            .chain(
                plan.types
                    .iter()
                    .filter(|other| other.name != kind.name)
                    .map(|other| port_variable(&other.name)),
            )
            .collect();
        let hidden = port_variable(&kind.name);
        let names: BTreeSet<&String> = self
            .real
            .iter()
            .chain(self.files.keys())
            .chain(own.into_iter().flat_map(HashMap::keys))
            .chain(&assigned)
            .filter(|name| **name != hidden)
            .collect();
        let variable = |name: &String| {
            let places = |files: Option<&HashMap<String, Vec<Place>>>| -> Vec<Origin> {
                let places = files.and_then(|files| files.get(name)).into_iter().flatten();
                places.cloned().map(Origin::Written).collect()
            };
            let mut real: Vec<Origin> =
                self.real.get(name).map(|name| Origin::Variable(name.clone())).into_iter().collect();
            let mut files = [places(Some(&self.files)), places(own)].concat();
            let mut all = if self.files_win {
                real.append(&mut files);
                real
            } else {
                files.append(&mut real);
                files
            };
            all.extend(assigned.contains(name).then_some(Origin::Assigned));
            let origin = all.pop()?;
            all.reverse();
            Some(Variable { name: name.clone(), origin, shadowed: all })
        };
        names.into_iter().filter_map(variable).collect()
    }
}
