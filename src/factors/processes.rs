//! VIII, concurrency: a process stays in front, writes no pid file, and is one program; who supervises it does the
//! rest.

use super::check::{Check, Scene};
use super::finding::{Evidence, Factor, Finding, Level, Report, Rule};
use super::shell::{self, Command, Word};
use super::text::count;
use crate::app::procfile::Entry;
use std::ops::Range;
use std::sync::Arc;

/// The check.
pub struct Processes;

static DAEMON: Rule = Rule {
    id: "processes/daemon",
    factor: Factor::Processes,
    level: Level::Error,
    summary: "a process of the Procfile goes into the background",
    explain: "\
Processes should never daemonize: what goes into the background is lost to its supervisor, which takes the end of
the first process for the end of the program, and cannot stop, restart or read what runs on.

Found in commands of the Procfile: `nohup`, `setsid`, `disown`, `daemonize`, `start-stop-daemon --background`; a `&` at
the end; options such as `--daemon`, `--daemonize`, `--detach`, and the short ones of programs that have them
(`gunicorn -D`, `puma -d`, `php-fpm -D`, `mongod --fork`, `redis-server --daemonize yes`); `pm2 start`, `docker run -d`,
`systemctl start`, `nginx` without `daemon off;`, `supervisord` without `--nodaemon`.
Cure: leave the option out; the supervisor keeps it running.
Source: 12factor.net/concurrency, and the programs' manuals",
};

static PID_FILE: Rule = Rule {
    id: "processes/pid-file",
    factor: Factor::Processes,
    level: Level::Warn,
    summary: "a process of the Procfile writes a pid file",
    explain: "\
Processes should write no PID files: a file that outlives its process keeps the next one from starting, and two
instances write the same one. The supervisor knows its processes' pids.

Found in commands of the Procfile: a word that ends in `.pid`, and options named after it (`--pidfile`).
Cure: leave the option out; `twelve-run ps` shows pids.
Source: 12factor.net/concurrency",
};

static SEVERAL: Rule = Rule {
    id: "processes/several",
    factor: Factor::Processes,
    level: Level::Warn,
    summary: "one entry of the Procfile runs several programs at once",
    explain: "\
A process type is one program, so that each can be scaled, restarted and stopped by itself. When two run behind one
name, the death of one is not seen, and a stop reaches the shell between them first.

Found in commands of the Procfile: programs that are started with `&` beside another, and programs that start several
themselves (foreman, honcho, overmind, supervisord, concurrently, npm-run-all -p, parallel). Not found: `a && b`, which is
one after the other; pipes.
Cure: give each its own line in the Procfile.
Source: 12factor.net/concurrency",
};

/// Whatever the program.
const LONG: [&str; 6] = ["--daemon", "--daemonize", "--daemonized", "--detach", "--background", "--detached"];

/// Programs that go into the background by an option of their own.
const SHORT: [(&str, &[&str]); 15] = [
    ("gunicorn", &["-D"]),
    ("unicorn", &["-D"]),
    ("rainbows", &["-D"]),
    ("puma", &["-d"]),
    ("thin", &["-d"]),
    ("rackup", &["-D"]),
    ("rails", &["-d"]),
    ("sidekiq", &["-d"]),
    ("celery", &["-D", "multi"]),
    ("uwsgi", &["-d"]),
    ("php-fpm", &["-D"]),
    ("memcached", &["-d"]),
    ("mongod", &["--fork"]),
    ("varnishd", &[]),
    ("start-stop-daemon", &["-b"]),
];

/// Programs that do nothing else.
const ALWAYS: [&str; 5] = ["nohup", "setsid", "disown", "daemonize", "daemon"];

/// Programs that run several others.
const MANAGERS: [&str; 11] = [
    "foreman",
    "honcho",
    "overmind",
    "hivemind",
    "goreman",
    "supervisord",
    "concurrently",
    "npm-run-all",
    "run-p",
    "parallel",
    "circusd",
];

impl Check for Processes {
    fn factor(&self) -> Factor {
        Factor::Processes
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 3] = [&DAEMON, &PID_FILE, &SEVERAL];
        &RULES
    }

    fn bears_a_part(&self) -> bool {
        true
    }

    fn whole(&self, scene: &Scene<'_>) -> Report {
        let Some(app) = scene.app else { return Report::undecided("no Procfile is looked at") };
        let found = app.entries.iter().flat_map(|entry| entry_findings(&app.procfile, entry));
        let mut report = Report { findings: found.collect(), ..Report::default() };
        if report.findings.is_empty() {
            let types = app.entries.len();
            let whole = 0..0;
            report.evidence.extend(app.entries.first().map(|entry| Evidence {
                kind: "processes/in-front",
                factor: Factor::Processes,
                message: format!("{}, each one program that stays in front", count(types, "process type")),
                place: shell::place(&app.procfile, entry, &whole),
                details: vec![("types", types.to_string())],
            }));
        }
        report
    }
}

fn entry_findings(procfile: &Arc<str>, entry: &Entry) -> Vec<Finding> {
    let name = &entry.name.value;
    let line = entry.command.value.to_string_lossy();
    let commands = shell::commands(&line);
    let at = |rule, span: &Range<usize>, message, help: &str| {
        Finding::new(rule, shell::place(procfile, entry, span), message, help)
    };
    let mut findings = Vec::new();
    for command in &commands {
        if let Some((word, what)) = daemon(command) {
            let message = format!("`{name}` goes into the background: {what}");
            findings.push(at(&DAEMON, &word.span, message, "leave it out: the supervisor keeps it running"));
        }
        if let Some(word) = pid_file(command) {
            let message = format!("`{name}` writes a pid file");
            findings.push(at(&PID_FILE, &word.span, message, "leave it out: `twelve-run ps` shows pids"));
        }
        if let Some(word) = manager(command) {
            let message = format!("`{name}` runs several programs: `{}` starts them", word.text);
            findings.push(at(&SEVERAL, &word.span, message, "give each its own line in the Procfile"));
        }
    }
    let Some((last, before)) = commands.split_last() else { return findings };
    let beside =
        before.iter().filter(|command| command.end == "&").filter_map(|command| command.words.first());
    let last_word = last.words.first();
    if last.end == "&" {
        // `a &` leaves nobody in front, nor does `a & b &`.
        if let Some(word) = last_word {
            let message = format!("`{name}` goes into the background: a `&` at the end");
            findings.push(at(
                &DAEMON,
                &word.span,
                message,
                "leave the `&` out: the supervisor keeps it running",
            ));
        }
    } else if let Some(word) = beside.into_iter().next() {
        let message = format!("`{name}` runs several programs at once: a `&` stands between them");
        findings.push(at(&SEVERAL, &word.span, message, "give each its own line in the Procfile"));
    }
    findings
}

/// The word by which a command goes into the background.
fn daemon(command: &Command) -> Option<(&Word, String)> {
    let said = |word: &Word| format!("`{}`", word.text);
    let (program, rest) = command.program()?;
    let has = |text: &str| rest.iter().any(|word| word.text == text);
    let word = |text: &str| rest.iter().find(|word| word.text == text);
    let first = rest.first().map_or("", |word| word.text.as_str());
    let start = &command.words[command.words.len() - rest.len() - 1];
    match program {
        _ if ALWAYS.contains(&program) => return Some((start, said(start))),
        "pm2" if ["start", "restart", "resurrect"].contains(&first) && !has("--no-daemon") => {
            return Some((start, "`pm2` without `--no-daemon`; `pm2-runtime` stays in front".into()));
        }
        "forever" if first == "start" => return Some((start, "`forever start`".into())),
        "supervisord" if !has("-n") && !has("--nodaemon") => {
            return Some((start, "`supervisord` without `--nodaemon`".into()));
        }
        "nginx" if !rest.iter().any(|word| word.text.contains("daemon off")) && !has("-v") && !has("-t") => {
            // What it reads with `-c` may say so instead.
            return (!has("-c")).then(|| (start, "`nginx` without `daemon off;`".to_owned()));
        }
        "apachectl" | "apache2ctl" if first == "start" => return Some((start, format!("`{program} start`"))),
        "docker" | "podman" if ["run", "compose"].contains(&first) => {
            return word("-d").or_else(|| word("--detach")).map(|word| (word, said(word)));
        }
        "systemctl" if first == "start" => return Some((start, "`systemctl start`".into())),
        "service" if rest.get(1).is_some_and(|word| word.text == "start") => {
            return Some((start, "`service … start`".into()));
        }
        "screen" if rest.iter().any(|word| ["-dm", "-dmS"].contains(&word.text.as_str())) => {
            return Some((start, "`screen -dm`".into()));
        }
        "tmux" if has("-d") => return Some((start, "`tmux … -d`".into())),
        _ => {}
    }
    let own = SHORT.iter().find(|(name, _)| *name == program).map_or(&[][..], |(_, options)| options);
    let found = rest.iter().enumerate().find(|(at, word)| {
        let (option, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
        let next = rest.get(at + 1).map_or("", |word| word.text.as_str());
        let refused =
            ["no", "off", "false", "0"].iter().any(|no| value == *no || value.is_empty() && next == *no);
        (LONG.contains(&option) || own.contains(&option)) && !refused
    });
    found.map(|(_, word)| (word, said(word)))
}

fn pid_file(command: &Command) -> Option<&Word> {
    let is = |word: &&Word| {
        let text = word.text.as_str();
        let (option, value) = text.split_once('=').unwrap_or((text, ""));
        let named = option.starts_with("--")
            && matches!(
                option.trim_start_matches('-').replace(['-', '_'], "").as_str(),
                "pidfile" | "pidpath"
            );
        // Where something waits for or removes one that is there (`rm -f tmp/server.pid`), it writes none.
        named || [text, value].iter().any(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == "pid"))
    };
    let removes =
        command.program().is_some_and(|(name, _)| ["rm", "test", "[", "cat", "kill"].contains(&name));
    command.words.iter().skip(1).find(is).filter(|_| !removes)
}

fn manager(command: &Command) -> Option<&Word> {
    let (program, rest) = command.program()?;
    let start = &command.words[command.words.len() - rest.len() - 1];
    let parallel = program != "npm-run-all"
        || rest.iter().any(|word| ["-p", "--parallel"].contains(&word.text.as_str()));
    (MANAGERS.contains(&program) && parallel).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::tests::of_procfile;

    #[test]
    fn every_way_into_the_background_is_found_and_what_looks_like_one_is_not() {
        for (command, rules) in [
            ("nohup ./server", &["processes/daemon"][..]),
            ("exec setsid ./server", &["processes/daemon"]),
            ("./server &", &["processes/daemon"]),
            ("gunicorn -D app", &["processes/daemon"]),
            ("bundle exec puma -d", &["processes/daemon"]),
            ("sidekiq --daemon", &["processes/daemon"]),
            ("redis-server --daemonize yes", &["processes/daemon"]),
            ("redis-server --daemonize no", &[]),
            ("pm2 start app.js", &["processes/daemon"]),
            ("pm2 start app.js --no-daemon", &[]),
            ("pm2-runtime app.js", &[]),
            ("nginx", &["processes/daemon"]),
            ("nginx -g 'daemon off;'", &[]),
            ("docker run -d x", &["processes/daemon"]),
            ("java -Dserver=x -jar a.jar", &[]),
            ("sshd -D", &[]),
            ("httpd -DFOREGROUND", &[]),
            ("mongod --fork", &["processes/daemon"]),
            ("node daemon.js", &[]),
            ("echo nohup", &[]),
            ("supervisord", &["processes/daemon", "processes/several"]),
            ("supervisord -n", &["processes/several"]),
            ("foreman start", &["processes/several"]),
            ("npm-run-all -p a b", &["processes/several"]),
            ("npm-run-all a b", &[]),
            ("a & b", &["processes/several"]),
            ("a & b & wait", &["processes/several"]),
            ("a & b &", &["processes/daemon"]),
            ("a && b; c | d", &[]),
            ("gunicorn --pid /tmp/x.pid app", &["processes/pid-file"]),
            ("puma --pidfile=tmp/x", &["processes/pid-file"]),
            ("rm -f tmp/server.pid && puma", &[]),
            ("./a", &[]),
        ] {
            let report = of_procfile(&Processes, &format!("web: {command}\n"));
            let mut found: Vec<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
            found.sort_unstable();
            assert_eq!(found, rules, "{command}");
            assert_eq!(report.evidence.is_empty(), !rules.is_empty(), "{command}");
        }
    }
}
