//! `start`: reads the app, puts a guardian in front, and runs the formation.

use super::{Answer, color, dry_run, talk_now, world};
use crate::app::plan::Plan;
use crate::app::problem::Problem;
use crate::app::{self, Typed, problem};
use crate::cli::StartArgs;
use crate::control::client::Client;
use crate::control::place::{self, Claim, Lock};
use crate::error::{Error, Exit};
use crate::output::Look;
use crate::{driver, sys};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

pub fn start(typed: &Typed, args: &StartArgs, colored: bool) -> Result<Answer, Error> {
    let reading = app::load(typed, &world()?);
    talk_now(problem::render(&problem::serious(&reading.problems), colored).as_bytes());
    let Some(plan) = &reading.plan else { return Ok(Answer::ends(Exit::Usage)) };
    if args.dry_run {
        return Ok(Answer::data(dry_run::dry_run(&reading, plan, args.json)));
    }
    enough_fds(plan)?;
    let lock = lock(&plan.root)?;
    if lock.is_none() {
        talk_now(problem::render(&[unreachable()], colored).as_bytes());
    }
    talk_now(problem::render(&busy_ports(plan), colored).as_bytes());
    let charge = sys::guardian::guard(longest_grace(plan))
        .map_err(|cause| Error::Setup { doing: "put a guardian in front", cause })?;
    let code = driver::start(plan, &charge, look(plan), lock)?;
    Ok(Answer::ends(Exit::Of(code)))
}

/// One formation a folder. The lock is taken before the fork, so that the guardian holds it as well.
fn lock(root: &Path) -> Result<Option<Lock>, Error> {
    match place::claim(root)? {
        Claim::Ours(lock) => Ok(Some(lock)),
        Claim::Nowhere => Ok(None),
        Claim::Theirs(holder, folder) => {
            // Who has the lock and listens no more is being stopped, or swept up after.
            let stopping = Client::connect(root, Some(&place::socket_in(&folder))).is_err();
            Err(Error::AlreadyRunning { holder, stopping })
        }
    }
}

fn unreachable() -> Problem {
    Problem::warning("no folder for the control socket can be written; `ps`, `scale` and the like cannot reach this formation")
        .help("make the app's folder or $XDG_RUNTIME_DIR writable")
}

/// How the plan's view looks on the standard output that we have.
fn look(plan: &Plan) -> Look {
    let terminal = std::io::stdout().is_terminal();
    Look {
        color: color(plan.view.color, terminal),
        timestamp: plan.view.timestamp,
        prefix: plan.view.prefix,
        terminal,
        width: width(plan),
    }
}

/// foreman's: at least 6, else the longest name with a dot and the digits of its count.
fn width(plan: &Plan) -> usize {
    let widest = plan
        .types
        .iter()
        .filter(|kind| kind.count > 0 || kind.name != "release")
        .map(|kind| kind.name.len() + 1 + kind.count.max(1).to_string().len());
    widest.max().unwrap_or(0).max("system".len())
}

fn longest_grace(plan: &Plan) -> Duration {
    plan.types.iter().map(|kind| kind.rules.grace).max().unwrap_or_default()
}

/// A port that somebody holds is named, never moved: the process may not use it, or its holder may leave.
fn busy_ports(plan: &Plan) -> Vec<Problem> {
    let instances = plan.types().flat_map(|(id, kind)| (1..=kind.count).map(move |index| (id, index)));
    let ports: Vec<_> =
        instances.filter_map(|(id, index)| Some((plan.port(id, index)?, plan.name(id, index)))).collect();
    let holders = sys::ports::holders(&ports.iter().map(|(port, _)| *port).collect::<Vec<_>>());
    let busy = ports.iter().filter_map(|(port, name)| Some((port, name, holders.get(port)?)));
    busy.map(|(port, name, holder)| {
        let pid = holder.pid.map_or_else(String::new, |pid| format!("pid {pid} "));
        Problem::warning(format!("port {port} of `{name}` is held by {pid}({})", holder.name))
            .help("stop it, or choose another first port with `-p`")
    })
    .collect()
}

fn enough_fds(plan: &Plan) -> Result<(), Error> {
    let asked: u64 = plan.types.iter().map(|kind| u64::from(kind.count)).sum();
    match sys::entry::most_processes() {
        Some(most) if asked > most => Err(Error::TooManyProcesses { asked, most }),
        _ => Ok(()),
    }
}
