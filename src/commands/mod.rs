//! One verb, one file. A command puts the rooms together; what it has to say it returns, and one
//! writer says it.
#![forbid(unsafe_code)]

mod attach;
mod audit;
mod check;
mod complete;
mod config;
mod docs;
mod down;
mod dry_run;
mod events;
mod health;
mod here;
mod logs;
mod ps;
mod reload;
mod restart;
mod run;
mod scale;
mod schema;
mod signal;
mod start;
mod stop;
mod table;
mod why;
mod words;

use crate::app::plan::{Color, Environment};
use crate::app::problem::{self, Problem};
use crate::app::{self, Piped, Typed, World};
use crate::cli::{AppArgs, Cli, Target, Verb};
use crate::control::client::Client;
use crate::error::{Error, Exit};
use clap::Parser;
use serde_json::Value;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::panic::UnwindSafe;
use std::process::ExitCode;

/// Runs what was typed.
pub fn main(args: impl IntoIterator<Item = OsString> + UnwindSafe) -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::new().filter("TWELVE_RUN_LOG")).init();
    let args: Vec<OsString> = args.into_iter().collect();
    let done = std::panic::catch_unwind(move || match Cli::try_parse_from(&args) {
        _ if complete::complete(&args) => Exit::Done,
        Ok(cli) => answer(&cli).say(),
        Err(refusal) => refused(&refusal).say(),
    });
    // A fault of our own. When it was the supervisor, its guardian now stops what it leaves (FAULTS C5).
    ExitCode::from(done.unwrap_or(Exit::Internal).code())
}

fn answer(cli: &Cli) -> Answer {
    let done = match &cli.verb {
        Some(Verb::Start(args)) => {
            let typed = Typed { command: args.command.clone(), ..cli.typed(&args.app, &args.types) };
            start::start(&typed, args, cli.color_on_stderr())
        }
        Some(Verb::Run(args)) => run::run(&cli.typed(&args.app, &[]), args, cli.color_on_stderr()),
        Some(Verb::Check(args)) => check_app(&cli.typed(&args.app, &[]), args.json, cli.color_on_stderr()),
        Some(Verb::Audit(args)) => {
            let typed = cli.typed(&args.app, &[]);
            world().and_then(|world| {
                audit::audit(&typed, &world, args, [cli.color_on_stdout(), cli.color_on_stderr()])
            })
        }
        Some(Verb::Config(args)) => {
            let typed = cli.typed(&args.app, &[]);
            world().map(|world| config::config(&typed, &world, args, cli.color_on_stderr()))
        }
        Some(Verb::Schema) => Ok(schema::schema()),
        Some(Verb::Ps(args)) => cli.connect(&args.target).and_then(|client| ps::ps(client, args)),
        Some(Verb::Why(args)) => cli.connect(&args.target).and_then(|client| why::why(client, args)),
        Some(Verb::Scale(args)) => scale::scale(&|| cli.connect(&args.target), args),
        Some(Verb::Restart(args)) => {
            cli.connect(&args.target).and_then(|client| restart::restart(client, args))
        }
        Some(Verb::Stop(args)) => cli.connect(&args.target).and_then(|client| stop::stop(client, args)),
        Some(Verb::Signal(args)) => cli.connect(&args.target).and_then(|client| signal::signal(client, args)),
        Some(Verb::Reload(args)) => cli.connect(&args.target).and_then(|client| reload::reload(client, args)),
        Some(Verb::Down(args)) => down::down(&|| cli.connect(&args.target), args),
        Some(Verb::Logs(args)) => {
            cli.connect(&args.target).and_then(|client| logs::logs(client, args, cli.color_on_stdout()))
        }
        Some(Verb::Attach(args)) => cli.connect(&args.target).and_then(|client| attach::attach(client, args)),
        Some(Verb::Health(args)) => cli.connect(&args.target).and_then(|client| health::health(client, args)),
        Some(Verb::Events(args)) => cli.connect(&args.target).and_then(|client| events::events(client, args)),
        Some(Verb::Completions { shell }) => complete::script(*shell).map(Answer::data),
        Some(Verb::Man { folder }) => docs::man(folder.as_deref()),
        Some(Verb::Version) => Ok(Answer::data(format!("twelve-run {}\n", env!("CARGO_PKG_VERSION")))),
        None => here::here(&cli.typed(&cli.app, &[])),
    };
    done.unwrap_or_else(|error| Answer::failure(&error, cli.color_on_stderr()))
}

impl Cli {
    /// What was typed before and after the verb, together.
    fn typed(&self, after: &AppArgs, types: &[String]) -> Typed {
        after.after(&self.app).typed(types, &self.color)
    }

    /// Connects to the running formation that is meant.
    fn connect(&self, target: &Target) -> Result<Client, Error> {
        let typed = self.app.meaning(target).typed(&[], &self.color);
        Client::connect(&app::root(&typed, &world()?), target.socket.as_deref())
    }

    fn color_on_stderr(&self) -> bool {
        color(self.color.asked().unwrap_or(Color::Auto), std::io::stderr().is_terminal())
    }

    fn color_on_stdout(&self) -> bool {
        color(self.color.asked().unwrap_or(Color::Auto), std::io::stdout().is_terminal())
    }
}

/// What a command has to say: data on stdout, talk on stderr, and how it ends.
struct Answer {
    data: Vec<u8>,
    talk: Vec<u8>,
    exit: Exit,
}

impl Answer {
    fn data(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), talk: Vec::new(), exit: Exit::Done }
    }

    fn ends(exit: Exit) -> Self {
        Self { data: Vec::new(), talk: Vec::new(), exit }
    }

    fn talk(talk: impl Into<Vec<u8>>, exit: Exit) -> Self {
        Self { data: Vec::new(), talk: talk.into(), exit }
    }

    /// An answer of a formation: as it came, or as a sentence.
    fn told(answer: &Value, json: bool, sentence: impl Fn(&Value) -> String) -> Self {
        Self::data(if json { format!("{answer:#}\n") } else { sentence(answer) + "\n" })
    }

    fn failure(error: &Error, color: bool) -> Self {
        let problem = Problem::error(error.to_string());
        let (problem, more) = match error.help() {
            // Several lines are problems that somebody else has put into words already.
            Some(help) if help.contains('\n') => (problem, help),
            Some(help) => (problem.help(help), String::new()),
            None => (problem, String::new()),
        };
        let more: String = more.lines().map(|line| table::clean(line) + "\n").collect();
        Self::talk(problem::render(&[problem], color) + &more, error.exit())
    }

    /// Writes it. A reader who has left is no failure.
    fn say(self) -> Exit {
        let _ = std::io::stdout().write_all(&self.data).and_then(|()| std::io::stdout().flush());
        talk_now(&self.talk);
        self.exit
    }
}

/// Writes data before the command is over. False when nobody reads it any more, which is no failure.
fn write_now(bytes: &[u8]) -> bool {
    std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush()).is_ok()
}

/// Says something on stderr before the command is over.
fn talk_now(bytes: &[u8]) {
    let _ = std::io::stderr().write_all(bytes);
}

/// Names in a row.
fn list(names: &Value) -> String {
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    if names.is_empty() { "nothing".into() } else { names.join(" ") }
}

/// Help and version go to stdout and are a success; a mistake is talk.
fn refused(refusal: &clap::Error) -> Answer {
    let text = refusal.render();
    let stream =
        if refusal.use_stderr() { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
    let text = if stream && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()) {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    if refusal.use_stderr() { Answer::talk(text, Exit::Usage) } else { Answer::data(text) }
}

/// The real environment and folder.
fn world() -> Result<World, Error> {
    let mut environment = Environment::default();
    for (name, value) in std::env::vars_os() {
        environment.set(name, value);
    }
    let cwd = std::env::current_dir().map_err(Error::NoCurrentFolder)?;
    Ok(World { cwd, environment, piped: Piped::default() })
}

fn check_app(typed: &Typed, json: bool, color: bool) -> Result<Answer, Error> {
    Ok(check::check(typed, &world()?, json, color))
}

/// `--color` > `NO_COLOR` (not empty) > `CLICOLOR_FORCE` (not 0) > whether it is a terminal.
fn color(asked: Color, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => terminal && set("TERM").is_none_or(|term| term != "dumb"),
    }
}
