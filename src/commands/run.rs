//! `run`: one command, or one process type, in the app's environment and with our own terminal.

use super::{Answer, talk_now, world};
use crate::app::{self, Typed, problem};
use crate::cli::RunArgs;
use crate::error::{Error, Exit};
use crate::{driver, sys};

pub fn run(typed: &Typed, args: &RunArgs, colored: bool) -> Result<Answer, Error> {
    let reading = app::load_for_run(typed, &args.words, &world()?);
    talk_now(problem::render(&problem::serious(&reading.problems), colored).as_bytes());
    let Some(one) = reading.one else { return Ok(Answer::ends(Exit::Usage)) };
    let grace = one.plan.types.first().map_or_else(Default::default, |kind| kind.rules.grace);
    let charge = sys::guardian::guard(grace)
        .map_err(|cause| Error::Setup { doing: "put a guardian in front", cause })?;
    let command = driver::Command { words: one.words, environment: one.environment };
    Ok(Answer::ends(Exit::Of(driver::run_one(one.plan, &charge, command)?)))
}
