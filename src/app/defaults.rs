//! What stands in for flags that were not typed: `TWELVE_RUN_*` variables, then `twelve-run.toml`, then the
//! `.foreman` file.

use super::Typed;
use super::origin::Origin;
use super::plan::{Color, Environment, Restart};
use super::problem::{Place, Problem, Source};
use super::settings::{LOG_FORMATS, PTYS, RESTARTS};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

const PREFIX: &str = "TWELVE_RUN_";
/// A setting's variable is the prefix and its long flag. `_PORT` is never one: those are told to processes.
const NAMES: [&str; 16] = [
    "PROCFILE",
    "ROOT",
    "ENV",
    "FORMATION",
    "TIMEOUT",
    "COLOR",
    "NO_COLOR",
    "NO_TIMESTAMP",
    "NO_PREFIX",
    "LOG_FORMAT",
    "REDACT_LOGS",
    "QUIET",
    "ENV_OVERRIDE",
    "PTY",
    "RESTART",
    "KEEP_GOING",
];
/// The filter of our own log; no setting.
const LOG: &str = "LOG";

/// Where what was said comes from, by long flags.
pub type Said = BTreeMap<&'static str, Origin>;

/// Fills in from the environment what was not typed.
pub fn from_environment(typed: &mut Typed, real: &Environment) -> (Said, Vec<Problem>) {
    let mut said = Said::new();
    typed.note(&mut said, Origin::Flag);
    let mut reader = Reader { problems: Vec::new() };
    for (name, value) in real.iter() {
        let Some(setting) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if setting.ends_with("_PORT") || setting == LOG {
            continue;
        }
        if NAMES.contains(&setting) {
            let source = Source::new(format!("{PREFIX}{setting}"), value.as_encoded_bytes());
            let key = setting.to_ascii_lowercase().replace('_', "-");
            reader.fill(typed, &key, value, &Place::new(&source, 0..source.text.len()));
            typed.note(&mut said, |_| Origin::Variable(format!("{PREFIX}{setting}")));
        } else {
            let problem = Problem::note(format!("`{PREFIX}{setting}` is no setting and is ignored"));
            reader.problems.push(problem.did_you_mean(setting, NAMES));
        }
    }
    (said, reader.problems)
}

/// What a `.foreman` file says: flat `key: value` lines with foreman's long names.
pub fn from_foreman(source: &Arc<Source>) -> (Typed, Said, Vec<Problem>) {
    let mut typed = Typed::default();
    let mut said = Said::new();
    let mut reader = Reader { problems: Vec::new() };
    let text = String::from_utf8_lossy(&source.text).into_owned();
    let mut start = 0;
    for line in text.split('\n') {
        let place = Place::new(source, start..start + line.trim_end().len());
        start += line.len() + 1;
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') || body == "---" {
            continue;
        }
        let Some((key, value)) = body.split_once(':') else {
            reader
                .problems
                .push(Problem::warning("this line is no `option: value` and is ignored").at(place));
            continue;
        };
        let (key, value) = (key.trim().trim_start_matches("--"), value.trim().trim_matches(['"', '\'']));
        let (key, value) = match (key, value) {
            ("timestamp", "false" | "no") => ("no-timestamp", "true"),
            ("timestamp", _) => continue,
            ("color", "true" | "yes") => ("color", "always"),
            pair => pair,
        };
        if key == "port" {
            typed.port.get_or_insert_with(|| value.to_owned());
        } else if NAMES.contains(&key.to_ascii_uppercase().replace('-', "_").as_str()) {
            reader.fill(&mut typed, key, OsStr::new(value), &place);
        } else {
            reader
                .problems
                .push(Problem::warning(format!("`{key}` is no option and is ignored")).at(place.clone()));
        }
        typed.note(&mut said, |_| Origin::Written(place.clone()));
    }
    (typed, said, reader.problems)
}

impl Typed {
    /// Notes the origin of what is said here and was not noted before.
    fn note(&self, said: &mut Said, origin: impl Fn(&'static str) -> Origin) {
        let is_there = [
            ("procfile", self.procfile.is_some()),
            ("root", self.root.is_some()),
            ("env", !self.env_files.is_empty()),
            ("formation", !self.formation.is_empty()),
            ("port", self.port.is_some()),
            ("timeout", self.timeout.is_some()),
            ("color", self.color.is_some()),
            ("no-timestamp", self.timestamp.is_some()),
            ("no-prefix", self.prefix.is_some()),
            ("log-format", self.log_format.is_some()),
            ("redact-logs", self.redact_logs.is_some()),
            ("quiet", !self.quiet.is_empty()),
            ("env-override", self.env_override.is_some()),
            ("pty", self.pty.is_some()),
            ("restart", self.restart.is_some()),
            ("keep-going", self.keep_going.is_some()),
        ];
        for (flag, _) in is_there.into_iter().filter(|(_, is_there)| *is_there) {
            said.entry(flag).or_insert_with(|| origin(flag));
        }
    }

    /// Fills in from a `.foreman` file what was not typed and `twelve-run.toml` has no word for. Where it has,
    /// it is asked first (FAULTS I12).
    pub(super) fn fall_back_on(&mut self, file: &Self, said: &mut Said, places: &Said) {
        if self.env_files.is_empty() {
            self.env_files.clone_from(&file.env_files);
        }
        self.procfile = self.procfile.take().or_else(|| file.procfile.clone());
        self.root = self.root.take().or_else(|| file.root.clone());
        self.port = self.port.take().or_else(|| file.port.clone());
        self.color = self.color.or(file.color);
        self.timestamp = self.timestamp.or(file.timestamp);
        self.prefix = self.prefix.or(file.prefix);
        self.env_override = self.env_override.or(file.env_override);
        if self.quiet.is_empty() {
            self.quiet.clone_from(&file.quiet);
        }
        self.note(said, |flag| places.get(flag).cloned().unwrap_or(Origin::Default));
    }
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn fill(&mut self, typed: &mut Typed, key: &str, value: &OsStr, place: &Place) {
        if value.is_empty() {
            return;
        }
        let text = || value.to_string_lossy().into_owned();
        match key {
            "procfile" => drop(typed.procfile.get_or_insert_with(|| value.into())),
            "root" => drop(typed.root.get_or_insert_with(|| value.into())),
            "env" if typed.env_files.is_empty() => typed.env_files.push(OsString::from(value)),
            "formation" if typed.formation.is_empty() && typed.types.is_empty() => {
                typed.formation.push(text());
            }
            "timeout" => drop(typed.timeout.get_or_insert_with(text)),
            "quiet" if typed.quiet.is_empty() => typed.quiet.push(text()),
            "color" => {
                let colors = [("auto", Color::Auto), ("always", Color::Always), ("never", Color::Never)];
                self.choose(&mut typed.color, &text(), &colors, place);
            }
            "pty" => self.choose(&mut typed.pty, &text(), &PTYS, place),
            "restart" => self.choose::<Restart>(&mut typed.restart, &text(), &RESTARTS, place),
            "log-format" => self.choose(&mut typed.log_format, &text(), &LOG_FORMATS, place),
            "redact-logs" => match text().to_ascii_lowercase().as_str() {
                "0" | "false" | "no" | "off" => drop(typed.redact_logs.get_or_insert(false)),
                _ => self.switch(&mut typed.redact_logs, &text(), true, place),
            },
            "no-color" => self.switch(&mut typed.color, &text(), Color::Never, place),
            "no-timestamp" => self.switch(&mut typed.timestamp, &text(), false, place),
            "no-prefix" => self.switch(&mut typed.prefix, &text(), false, place),
            "env-override" => self.switch(&mut typed.env_override, &text(), true, place),
            "keep-going" => self.switch(&mut typed.keep_going, &text(), true, place),
            _ => {}
        }
    }

    fn choose<T: Copy>(&mut self, into: &mut Option<T>, text: &str, words: &[(&str, T)], place: &Place) {
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => drop(into.get_or_insert(*meaning)),
            None => {
                let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
                let sentence = format!("one of {} is wanted", known.join(", "));
                self.problems.push(Problem::error(sentence).at(place.clone()));
            }
        }
    }

    fn switch<T>(&mut self, into: &mut Option<T>, text: &str, on: T, place: &Place) {
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => drop(into.get_or_insert(on)),
            "0" | "false" | "no" | "off" => {}
            _ => self.problems.push(Problem::error("`true` or `false` is wanted").at(place.clone())),
        }
    }
}
