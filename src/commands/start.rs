//! `start`: reads the app, puts a guardian in front, and runs the formation.

use super::{Answer, color, color_on_stderr, dry_run, talk_now, world};
use crate::app::plan::Plan;
use crate::app::problem::Problem;
use crate::app::{self, problem};
use crate::cli::{AppArgs, StartArgs};
use crate::error::{Error, Exit};
use crate::output::Look;
use crate::{driver, sys};
use std::io::IsTerminal;
use std::time::Duration;

/// File descriptors that we keep for ourselves, and what a process takes (three pipes, one handle).
const RESERVED_FDS: u64 = 64;
const FDS_A_PROCESS: u64 = 4;

pub fn start(typed: &AppArgs, args: &StartArgs) -> Result<Answer, Error> {
    let reading = app::load(&typed.typed(&args.types), &world()?);
    talk_now(problem::render(&problem::serious(&reading.problems), color_on_stderr(typed)).as_bytes());
    let Some(plan) = &reading.plan else { return Ok(Answer::ends(Exit::Usage)) };
    if args.dry_run {
        return Ok(Answer::data(dry_run::dry_run(&reading, plan, args.json)));
    }
    enough_fds(plan)?;
    talk_now(problem::render(&busy_ports(plan), color_on_stderr(typed)).as_bytes());
    let charge = sys::guardian::guard(longest_grace(plan))
        .map_err(|cause| Error::Setup { doing: "put a guardian in front", cause })?;
    let code = driver::start(plan, &charge, look(plan))?;
    Ok(Answer::ends(Exit::Of(code)))
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
    let needed = asked * FDS_A_PROCESS + RESERVED_FDS;
    match sys::entry::open_files_limit() {
        Some(limit) if needed > limit => Err(Error::TooManyProcesses { asked, needed, limit }),
        _ => Ok(()),
    }
}
