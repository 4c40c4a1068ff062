//! Notes where each value of a plan comes from, in the order in which they beat each other.

use super::Loader;
use crate::app::defaults::Said;
use crate::app::origin::{Origin, Origins};
use crate::app::problem::Place;
use std::collections::BTreeMap;

impl Loader<'_> {
    /// Notes who has the last word on each value: the lowest first, so that the highest remains.
    pub(super) fn note_origins(
        &mut self,
        names: &[&str],
        places: &BTreeMap<String, Place>,
        by_foreman: bool,
        asked: bool,
    ) {
        const OF_TYPES: [(&str, &str); 4] =
            [("restart", "restart"), ("pty", "pty"), ("keep-going", "on_exit"), ("timeout", "grace")];
        let of_types = |said: &Said, origins: &mut Origins| {
            for (flag, key) in OF_TYPES {
                let Some(origin) = said.get(flag) else { continue };
                for name in names {
                    origins.note(format!("process.{name}.{key}"), origin.clone());
                }
            }
        };
        let counts = |origins: &mut Origins, origin: &dyn Fn(&str) -> Option<Origin>| {
            for name in names {
                if let Some(origin) = origin(name) {
                    origins.note(format!("process.{name}.instances"), origin);
                }
            }
        };
        of_types(&self.foreman_said, &mut self.origins);
        if by_foreman {
            counts(&mut self.origins, &|_| self.foreman_said.get("formation").cloned());
        }
        for (key, place) in places {
            self.origins.note(key, Origin::Written(place.clone()));
        }
        of_types(&self.said, &mut self.origins);
        for (flag, key) in [("log-format", "logs.format"), ("redact-logs", "logs.redact")] {
            if let Some(origin) = self.said.get(flag) {
                self.origins.note(key, origin.clone());
            }
        }
        if asked {
            let typed = &self.typed.types;
            let named =
                |name: &str| typed.iter().any(|text| text.split(['=', ',']).any(|word| word.trim() == name));
            counts(&mut self.origins, &|name| match self.said.get("formation") {
                Some(formation) if !named(name) => Some(formation.clone()),
                _ => Some(Origin::Argument),
            });
        } else if !by_foreman {
            // Who is run before a release has no number of its own.
            self.origins.note("process.release.instances", Origin::Default);
        }
        for (flag, origin) in &self.said {
            self.origins.note(*flag, origin.clone());
        }
        if self.typed.port.is_none() && self.scope.get("PORT").is_some_and(|port| !port.is_empty()) {
            let real = self.scope.real.get("PORT").map(|_| Origin::Variable("PORT".into()));
            let file = self.scope.places.get("PORT").and_then(|all| all.last()).cloned().map(Origin::Written);
            let origin = if self.scope.files_win { file.or(real) } else { real.or(file) };
            self.origins.note("port", origin.unwrap_or(Origin::Default));
        }
    }

    /// Where everything came from, once it has been read.
    pub(super) fn origins(&mut self) -> Origins {
        let real = self.scope.real.iter().map(|(name, _)| name.to_string_lossy().into_owned());
        Origins {
            real: real.collect(),
            files: std::mem::take(&mut self.scope.places),
            files_win: self.scope.files_win,
            ..std::mem::take(&mut self.origins)
        }
    }
}
