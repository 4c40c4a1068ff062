//! `twelve-run.toml`: what stands beside the Procfile, so that the Procfile stays valid everywhere.
//!
//! Strict: an unknown key or a wrong type is an error with its place. All that is wrong with the
//! meaning of the values is told at once.

use super::plan::{Environment, OnExit, Pty, Restart, StopSignal};
use super::problem::{Place, Placed, Problem, Source};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;

/// What `[process.X]` says; `None` is not said.
#[derive(Debug, Default)]
pub struct Process {
    /// How many `start` brings up.
    pub instances: Option<u16>,
    /// When it is started again.
    pub restart: Option<Restart>,
    /// How often in a row.
    pub max_restarts: Option<u32>,
    /// What its end means for the others.
    pub on_exit: Option<OnExit>,
    /// What asks it to stop.
    pub stop_signal: Option<StopSignal>,
    /// How long it has then.
    pub grace: Option<Duration>,
    /// Whether it writes to a terminal.
    pub pty: Option<Pty>,
    /// Its folder, as written.
    pub cwd: Option<Placed<PathBuf>>,
    /// The program that gets its command with `-c`.
    pub shell: Option<OsString>,
    /// Its own variables.
    pub env: Environment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    process: BTreeMap<Spanned<String>, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    instances: Option<Spanned<i64>>,
    restart: Option<Spanned<String>>,
    max_restarts: Option<Spanned<i64>>,
    on_exit: Option<Spanned<String>>,
    stop_signal: Option<Spanned<String>>,
    grace: Option<Spanned<String>>,
    pty: Option<Spanned<String>>,
    cwd: Option<Spanned<String>>,
    shell: Option<Spanned<String>>,
    #[serde(default)]
    env: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// Keys of a later version, so that nobody thinks that they work.
const NOT_YET: [&str; 6] = ["after", "env_file", "listen", "watch", "health", "http"];
const KEYS: [&str; 10] =
    ["instances", "restart", "max_restarts", "on_exit", "stop_signal", "grace", "pty", "cwd", "shell", "env"];

/// Reads the file: by type name, with every problem.
pub fn parse(source: &Arc<Source>, types: &[&str]) -> (BTreeMap<String, Process>, Vec<Problem>) {
    let text = match std::str::from_utf8(&source.text) {
        Ok(text) => text,
        Err(bad) => {
            let at = bad.valid_up_to();
            let problem = Problem::error("the text is not UTF-8").at(Place::new(source, at..at + 1));
            return (BTreeMap::new(), vec![problem]);
        }
    };
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => return (BTreeMap::new(), vec![malformed(source, &error)]),
    };
    let mut reader = Reader { source, problems: Vec::new() };
    let mut processes = BTreeMap::new();
    for (name, table) in file.process {
        if types.contains(&name.get_ref().as_str()) {
            let process = reader.process(table);
            processes.insert(name.into_inner(), process);
        } else {
            let sentence = format!("`{}` is no process of the Procfile", name.get_ref());
            let problem = Problem::error(sentence).did_you_mean(name.get_ref(), types.iter().copied());
            reader.problems.push(problem.at(Place::new(source, name.span())));
        }
    }
    (processes, reader.problems)
}

/// A syntax error, an unknown key or a wrong type, as the library tells it.
fn malformed(source: &Arc<Source>, error: &toml::de::Error) -> Problem {
    let message = error.message().lines().next().unwrap_or_default().to_owned();
    let span = error.span().unwrap_or(0..0);
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let problem = match unknown {
        Some(key) if NOT_YET.contains(&key) => Problem::error(format!("`{key}` is not supported yet")),
        Some(key) => Problem::error(format!("unknown key `{key}`")).did_you_mean(key, KEYS),
        None => Problem::error(message),
    };
    problem.at(Place::new(source, span))
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn process(&mut self, table: Table) -> Process {
        let mut env = Environment::default();
        for (name, value) in table.env {
            if name.get_ref().is_empty() || name.get_ref().contains(['=', '\0']) {
                self.refuse(&name, "this is no name for a variable");
            } else if value.get_ref().contains('\0') {
                self.refuse(&value, "a variable cannot hold NUL");
            } else {
                env.set(name.into_inner(), value.into_inner());
            }
        }
        Process {
            instances: self.number(table.instances, 1000).map(|count| count as u16),
            max_restarts: self.number(table.max_restarts, i64::from(u32::MAX)).map(|count| count as u32),
            restart: self.word(table.restart, &RESTARTS),
            on_exit: self.word(table.on_exit, &ON_EXITS),
            pty: self.word(table.pty, &PTYS),
            stop_signal: self.checked(table.stop_signal, |text| {
                stop_signal(text).ok_or_else(|| "no signal that asks a process to stop".into())
            }),
            grace: self.checked(table.grace, duration),
            cwd: table.cwd.map(|cwd| {
                let place = Place::new(self.source, cwd.span());
                Placed { value: PathBuf::from(cwd.into_inner()), place }
            }),
            shell: self.checked(table.shell, |text| {
                if text.is_empty() || text.contains('\0') {
                    Err("this is no shell".into())
                } else {
                    Ok(text.into())
                }
            }),
            env,
        }
    }

    fn number(&mut self, value: Option<Spanned<i64>>, most: i64) -> Option<i64> {
        let value = value?;
        if (0..=most).contains(value.get_ref()) {
            return Some(value.into_inner());
        }
        self.refuse(&value, &format!("a number from 0 to {most} is wanted"));
        None
    }

    fn word<T: Copy>(&mut self, value: Option<Spanned<String>>, words: &[(&str, T)]) -> Option<T> {
        let value = value?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| word == value.get_ref()) {
            return Some(*meaning);
        }
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.refuse(&value, &format!("one of {} is wanted", known.join(", ")));
        None
    }

    fn checked<T>(
        &mut self,
        value: Option<Spanned<String>>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = value?;
        match read(value.get_ref()) {
            Ok(meaning) => Some(meaning),
            Err(sentence) => {
                self.refuse(&value, &sentence);
                None
            }
        }
    }

    fn refuse<T>(&mut self, value: &Spanned<T>, sentence: &str) {
        self.problems.push(Problem::error(sentence).at(Place::new(self.source, value.span())));
    }
}

/// `never`, `on-failure`, `always`.
pub const RESTARTS: [(&str, Restart); 3] =
    [("never", Restart::Never), ("on-failure", Restart::OnFailure), ("always", Restart::Always)];
const ON_EXITS: [(&str, OnExit); 2] = [("stop-all", OnExit::StopAll), ("continue", OnExit::Continue)];
/// `auto`, `always`, `never`.
pub const PTYS: [(&str, Pty); 3] = [("auto", Pty::Auto), ("always", Pty::Always), ("never", Pty::Never)];

/// The longest time that anything may be told to take: a day.
const LONGEST: Duration = Duration::from_hours(24);

/// `5` (seconds, as foreman has it), `5s`, `500ms`, `1m30s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write `5s`, `500ms` or `1m30s`");
    let time = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if text.starts_with(|first: char| first.is_ascii_digit()) => {
            let signed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
            Duration::try_from(signed).map_err(|_| wrong())?
        }
        Err(_) => return Err(wrong()),
    };
    if time > LONGEST { Err(format!("`{text}` is too long: 24 h at most")) } else { Ok(time) }
}

/// `INT`, `SIGINT`, `2`: any signal that a process can answer by leaving.
fn stop_signal(text: &str) -> Option<StopSignal> {
    const NAMES: [(&str, i32); 16] = [
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("ILL", 4),
        ("TRAP", 5),
        ("ABRT", 6),
        ("BUS", 7),
        ("FPE", 8),
        ("USR1", 10),
        ("SEGV", 11),
        ("USR2", 12),
        ("PIPE", 13),
        ("ALRM", 14),
        ("TERM", 15),
        ("WINCH", 28),
        ("PWR", 30),
    ];
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let number = name.parse::<i32>().ok();
    NAMES.iter().find(|(known, n)| *known == name || Some(*n) == number).map(|(_, n)| StopSignal(*n))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line and sentence of each problem.
    fn problems(text: &str) -> Vec<(usize, String)> {
        let (_, problems) = parse(&Source::new("twelve-run.toml", text), &["web", "worker"]);
        problems.into_iter().map(|problem| (problem.place.unwrap().line(), problem.sentence)).collect()
    }

    #[test]
    fn a_file_with_every_key_is_read() {
        let text = "[process.web]\ninstances = 2\nrestart = \"on-failure\"\nmax_restarts = 3\non_exit = \"continue\"\nstop_signal = \"SIGINT\"\ngrace = \"1m30s\"\npty = \"never\"\ncwd = \"web\"\nshell = \"bash\"\nenv = { A = \"t\" }\n";
        let (processes, problems) = parse(&Source::new("t", text), &["web"]);
        assert_eq!(problems, []);
        let web = &processes["web"];
        assert_eq!(
            (web.instances, web.restart, web.max_restarts),
            (Some(2), Some(Restart::OnFailure), Some(3))
        );
        assert_eq!((web.on_exit, web.stop_signal), (Some(OnExit::Continue), Some(StopSignal::INT)));
        assert_eq!((web.grace, web.pty), (Some(Duration::from_secs(90)), Some(Pty::Never)));
        assert_eq!(web.env.get("A").unwrap(), "t");
    }

    #[test]
    fn i3_what_is_wrong_is_told_with_its_place_all_at_once() {
        let told = problems(
            "[process.web]\ninstances = 1001\nrestart = \"maybe\"\ngrace = \"soon\"\nstop_signal = \"KILL\"\n[process.wroker]\n",
        );
        assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5, 4, 6], "{told:?}");
        for (text, line, part) in [
            ("[process.web]\nrestrat = \"never\"\n", 2, "unknown key `restrat`"),
            ("[process.web]\nafter = []\n", 2, "not supported yet"),
            ("[process.web]\ninstances = \"2\"\n", 2, "invalid type"),
            ("[process.web\n", 1, ""),
        ] {
            let told = problems(text);
            assert!(told.len() == 1 && told[0].0 == line && told[0].1.contains(part), "{text:?}: {told:?}");
        }
    }

    #[test]
    fn l3_times_have_a_unit_and_a_bound() {
        for (text, time) in [
            ("5", Some(5000)),
            ("0", Some(0)),
            ("500ms", Some(500)),
            ("1m30s", Some(90_000)),
            ("24h", Some(86_400_000)),
            ("25h", None),
            ("-1s", None),
            ("", None),
            ("5 parsecs", None),
            ("99999999999999999999", None),
            ("1e3", None),
        ] {
            assert_eq!(duration(text).ok().map(|time| time.as_millis()), time, "{text}");
        }
    }
}
