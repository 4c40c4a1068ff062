//! VII, port binding: what serves requests binds the port that it is given.
//!
//! Only the Procfile is read: whether the app itself binds `$PORT` shows when it runs.

use super::check::{Check, Scene};
use super::finding::{Evidence, Factor, Finding, Level, Report, Rule};
use super::shell::{self, Command, Word};
use crate::app::procfile::Entry;
use std::ops::Range;

/// The check.
pub struct Port;

static LITERAL: Rule = Rule {
    id: "port/literal",
    factor: Factor::Port,
    level: Level::Error,
    summary: "a process type that serves requests names its port itself",
    explain: "\
The app exports its service by binding the port that its environment gives it. With a number in the Procfile a
second instance cannot be started, two apps collide, and no router can choose.

Found: the command of `web`, or of a type whose name begins with it, has a port as the value of an option (`-p 3000`,
`--port=3000`, `--bind 0.0.0.0:8000`), as an address of this machine (`runserver 0.0.0.0:8000`) or as `PORT=3000`
in front, and `$PORT` nowhere. Not found: ports of other machines (`redis://cache:6379`), defaults (`${PORT:-3000}`).
Cure: write `$PORT`; twelve-run gives every instance its own.
Source: 12factor.net/port-binding",
};

/// Options whose value is an address or a port to listen at, in the servers' own manuals.
const OPTIONS: [&str; 16] = [
    "-p",
    "-P",
    "-b",
    "-l",
    "-S",
    "--port",
    "--bind",
    "--listen",
    "--address",
    "--addr",
    "--http",
    "--http-port",
    "--http-socket",
    "--server.port",
    "--web.listen-address",
    "-Dserver.port",
];

impl Check for Port {
    fn factor(&self) -> Factor {
        Factor::Port
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 1] = [&LITERAL];
        &RULES
    }

    fn bears_a_part(&self) -> bool {
        true
    }

    fn whole(&self, scene: &Scene<'_>) -> Report {
        let Some(app) = scene.app else { return Report::undecided("no Procfile is looked at") };
        let mut report = Report::default();
        let webs: Vec<&Entry> = app.entries.iter().filter(|entry| is_web(&entry.name.value)).collect();
        if webs.is_empty() {
            return Report::undecided(
                "the Procfile has no `web`: nothing in it says that it serves requests",
            );
        }
        for entry in webs {
            let name = &entry.name.value;
            let line = entry.command.value.to_string_lossy();
            if takes_port(&line) {
                report.evidence.push(Evidence {
                    kind: "port/given",
                    factor: Factor::Port,
                    message: format!("`{name}` is given $PORT"),
                    place: shell::place(&app.procfile, entry, &(0..line.len())),
                    details: vec![("type", name.clone())],
                });
            } else if let Some((span, port)) = shell::commands(&line).iter().find_map(literal) {
                let message = format!("`{name}` binds port {port}, whatever port it is given");
                let place = shell::place(&app.procfile, entry, &span);
                report.findings.push(Finding::new(&LITERAL, place, message, "write `$PORT` in its place"));
            } else {
                let why = format!(
                    "only a run shows whether `{name}` binds the port of its environment; `--prove` is to come"
                );
                report.undecided.get_or_insert(why);
            }
        }
        report
    }
}

fn is_web(name: &str) -> bool {
    name == "web" || name.strip_prefix("web").is_some_and(|rest| rest.starts_with(['-', '_']))
}

/// `$PORT`, `${PORT}`, `${PORT:-3000}`.
fn takes_port(line: &str) -> bool {
    line.match_indices("PORT").any(|(at, word)| {
        let before = &line[..at];
        let after = line[at + word.len()..].chars().next();
        let ends = after.is_none_or(|char| !char.is_ascii_alphanumeric() && char != '_');
        (before.ends_with('$') || before.ends_with("${")) && ends
    })
}

/// The first port that a command names, and where.
fn literal(command: &Command) -> Option<(Range<usize>, u16)> {
    let assigned = command.assignments.iter().find_map(|word| {
        let port = word.text.strip_prefix("PORT=")?.parse().ok()?;
        Some((word.span.clone(), port))
    });
    assigned.or_else(|| {
        let words = &command.words;
        words.iter().enumerate().find_map(|(at, word)| {
            let next = || words.get(at + 1).filter(|_| OPTIONS.contains(&word.text.as_str()));
            let found = |word: &Word, text: &str| Some((word.span.clone(), port_of(text)?));
            let with_value = word.text.split_once('=').filter(|(option, _)| OPTIONS.contains(option));
            with_value
                .and_then(|(_, value)| found(word, value))
                .or_else(|| next().and_then(|value| found(value, &value.text)))
                .or_else(|| (at > 0 && is_own_address(&word.text)).then(|| found(word, &word.text)).flatten())
        })
    })
}

/// Of `8000`, `:8000`, `0.0.0.0:8000`, `tcp://127.0.0.1:8000`. A small number may count something else.
fn port_of(text: &str) -> Option<u16> {
    let digits = text.rsplit(':').next()?;
    let port: u16 = digits.parse().ok()?;
    let is_alone = digits.len() == text.len();
    (is_own_address(text) || is_alone && (port >= 1000 || [80, 443].contains(&port))).then_some(port)
}

/// An address of this machine with a port.
fn is_own_address(text: &str) -> bool {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.rsplit_once(':').is_some_and(|(host, port)| {
        ["", "*", "0.0.0.0", "127.0.0.1", "localhost", "[::]", "[::1]"].contains(&host)
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::tests::of_procfile;

    #[test]
    fn a_port_of_its_own_is_found_and_where_it_stands() {
        for (command, found) in [
            ("gunicorn -b 0.0.0.0:8000 app", Some("0.0.0.0:8000")),
            ("rails server -p 3000", Some("3000")),
            ("node x --port=3000", Some("--port=3000")),
            ("PORT=3000 node x", Some("PORT=3000")),
            ("python manage.py runserver 0.0.0.0:8000", Some("0.0.0.0:8000")),
            ("./server --listen :8080", Some(":8080")),
            ("bin/x && ./server -p 8080", Some("8080")),
            ("gunicorn -b 0.0.0.0:$PORT app", None),
            ("rails server -p ${PORT:-3000}", None),
            ("node x --db redis://cache:6379", None),
            ("puma -p 4", None),
            ("gunicorn -p app.pid", None),
            ("node x", None),
        ] {
            let report = of_procfile(&Port, &format!("web: {command}\n"));
            let shown = report.findings.first().map(|finding| {
                let place = &finding.place;
                let (start, end) = (place.column as usize - 1, place.end_column as usize - 1);
                format!("web: {command}")[start..end].to_owned()
            });
            assert_eq!(shown.as_deref(), found, "{command}");
        }
    }

    #[test]
    fn what_takes_its_port_passes_and_what_says_nothing_is_not_judged() {
        let passes = of_procfile(&Port, "web: x -p $PORT\nworker: y -p 3000\n");
        assert!(passes.findings.is_empty() && passes.undecided.is_none() && passes.evidence.len() == 1);
        for procfile in ["web: node x\n", "worker: x -p 3000\n", "web: x $PORTS\n"] {
            let report = of_procfile(&Port, procfile);
            assert!(report.findings.is_empty() && report.undecided.is_some(), "{procfile}");
        }
    }
}
