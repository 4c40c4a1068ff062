//! One verb, one file. A command puts the rooms together; what it has to say it returns, and one
//! writer says it.
#![forbid(unsafe_code)]

mod check;
mod docs;
mod dry_run;
mod here;
mod run;
mod start;

use crate::app::World;
use crate::app::plan::{Color, Environment};
use crate::app::problem::{self, Problem};
use crate::cli::{AppArgs, Cli, Verb};
use crate::error::{Error, Exit};
use clap::Parser;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::panic::UnwindSafe;
use std::process::ExitCode;

/// Runs what was typed.
pub fn main(args: impl IntoIterator<Item = OsString> + UnwindSafe) -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::new().filter("TWELVE_RUN_LOG")).init();
    let done = std::panic::catch_unwind(move || match Cli::try_parse_from(args) {
        Ok(cli) => answer(&cli).say(),
        Err(refusal) => refused(&refusal).say(),
    });
    // A fault of our own. When it was the supervisor, its guardian now stops what it leaves (FAULTS C5).
    ExitCode::from(done.unwrap_or(Exit::Internal).code())
}

fn answer(cli: &Cli) -> Answer {
    let done = match &cli.verb {
        Some(Verb::Start(args)) => start::start(&cli.app, args),
        Some(Verb::Run(args)) => run::run(&cli.app, args),
        Some(Verb::Check(args)) => check_app(&cli.app, args.json),
        Some(Verb::Completions { shell }) => Ok(docs::completions(*shell)),
        Some(Verb::Man { folder }) => docs::man(folder.as_deref()),
        Some(Verb::Version) => Ok(Answer::data(format!("twelve-run {}\n", env!("CARGO_PKG_VERSION")))),
        None => here::here(&cli.app),
    };
    done.unwrap_or_else(|error| Answer::failure(&error, color_on_stderr(&cli.app)))
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

    fn failure(error: &Error, color: bool) -> Self {
        let mut problem = Problem::error(error.to_string());
        if let Some(help) = error.help() {
            problem = problem.help(help);
        }
        Self::talk(problem::render(&[problem], color), error.exit())
    }

    /// Writes it. A reader who has left is no failure.
    fn say(self) -> Exit {
        let _ = std::io::stdout().write_all(&self.data).and_then(|()| std::io::stdout().flush());
        talk_now(&self.talk);
        self.exit
    }
}

/// Says something on stderr before the command is over.
fn talk_now(bytes: &[u8]) {
    let _ = std::io::stderr().write_all(bytes);
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
    Ok(World { cwd: std::env::current_dir().map_err(Error::NoCurrentFolder)?, environment })
}

fn check_app(app: &AppArgs, json: bool) -> Result<Answer, Error> {
    Ok(check::check(&app.typed(&[]), &world()?, json, color_on_stderr(app)))
}

fn color_on_stderr(app: &AppArgs) -> bool {
    color(app.color().unwrap_or(Color::Auto), std::io::stderr().is_terminal())
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
