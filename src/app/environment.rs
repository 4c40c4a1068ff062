//! Names and values for a process, shared between all that have the same.
//!
//! A thousand process types have a thousand environments that hardly differ, and each says what ports the
//! others have: so a variable is kept once, as `exec` wants it, and an environment is a list of those.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// `NAME=value` with a NUL at its end, as exec wants it.
pub type Variable = Arc<[u8]>;

/// Names and values for a process. Cloning costs nothing. Its `Debug` shows names alone: values may be secrets.
#[derive(Clone, Default)]
pub struct Environment {
    /// Sorted by name, each name once.
    variables: Arc<Vec<Variable>>,
}

impl Environment {
    /// Sets `name`, replacing what it was.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, value) = (name.into(), value.into());
        let variable = [name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat().into();
        let found = self.find(&name);
        let variables = Arc::make_mut(&mut self.variables);
        match found {
            Ok(at) => variables[at] = variable,
            Err(at) => variables.insert(at, variable),
        }
    }

    /// Forgets `name`.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.find(OsStr::new(name)) {
            Arc::make_mut(&mut self.variables).remove(at);
        }
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let at = self.find(OsStr::new(name)).ok()?;
        Some(split(&self.variables[at]).1)
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether it is a copy of the other, and neither was changed since.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.variables, &other.variables)
    }

    /// Every name with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|variable| split(variable))
    }

    /// The same with what `over` sets.
    #[must_use]
    pub fn with(&self, over: &Self) -> Self {
        let mut both = Vec::with_capacity(self.variables.len() + over.variables.len());
        let mut over = over.variables.iter().peekable();
        for own in self.variables.iter() {
            while let Some(other) = over.next_if(|other| name_of(other) < name_of(own)) {
                both.push(Arc::clone(other));
            }
            match over.next_if(|other| name_of(other) == name_of(own)) {
                Some(other) => both.push(Arc::clone(other)),
                None => both.push(Arc::clone(own)),
            }
        }
        both.extend(over.map(Arc::clone));
        Self { variables: Arc::new(both) }
    }

    /// As exec wants it.
    pub fn into_variables(self) -> Arc<Vec<Variable>> {
        self.variables
    }

    fn find(&self, name: &OsStr) -> Result<usize, usize> {
        self.variables.binary_search_by(|variable| name_of(variable).cmp(name.as_bytes()))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn name_of(variable: &[u8]) -> &[u8] {
    &variable[..equals(variable)]
}

fn split(variable: &[u8]) -> (&OsStr, &OsStr) {
    let (name, value) = variable.split_at(equals(variable));
    let value = value.strip_prefix(b"=").and_then(|value| value.strip_suffix(b"\0"));
    (OsStr::from_bytes(name), OsStr::from_bytes(value.unwrap_or_default()))
}

/// Where the name ends. A name has at least one byte and may itself begin with `=`.
fn equals(variable: &[u8]) -> usize {
    memchr::memchr(b'=', variable.get(1..).unwrap_or_default()).map_or(variable.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn environment(pairs: &BTreeMap<String, String>) -> Environment {
        let mut environment = Environment::default();
        for (name, value) in pairs.iter().rev() {
            environment.set(name, value);
        }
        environment
    }

    fn pairs(environment: &Environment) -> Vec<(&str, &str)> {
        environment.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect()
    }

    #[test]
    fn a_copy_is_its_own_and_debug_shows_no_value() {
        let mut one = Environment::default();
        one.set("A", "x=y");
        let mut other = one.clone();
        other.set("A", "");
        other.set("AB", "2");
        assert_eq!((pairs(&one), pairs(&other)), (vec![("A", "x=y")], vec![("A", ""), ("AB", "2")]));
        assert_eq!(format!("{other:?}"), r#"{"A", "AB"}"#);
        other.remove("A");
        assert_eq!((other.get("A"), other.get("AB")), (None, Some(OsStr::new("2"))));
        assert_eq!(other.into_variables()[..], [Variable::from(*b"AB=2\0")]);
    }

    proptest! {
        #[test]
        fn it_is_a_map_sorted_by_name(
            below in proptest::collection::btree_map("[A-C_]{1,3}", "[a=]{0,3}", 0..12),
            over in proptest::collection::btree_map("[A-C_]{1,3}", "[b=]{0,3}", 0..12),
        ) {
            let mut both = below.clone();
            both.extend(over.clone());
            let expected: Vec<(&str, &str)> = both.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            let merged = environment(&below).with(&environment(&over));
            prop_assert_eq!(pairs(&merged), expected);
            for name in below.keys().chain(over.keys()) {
                prop_assert_eq!(merged.get(name), both.get(name).map(OsStr::new));
            }
        }
    }
}
