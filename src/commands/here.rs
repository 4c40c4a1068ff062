//! No verb: what is here, and what could be done with it. Starts nothing.

use super::{Answer, world};
use crate::app;
use crate::app::plan::Plan;
use crate::cli::{AppArgs, Cli};
use crate::error::Error;
use clap::CommandFactory;
use std::fmt::Write;

pub fn here(typed: &AppArgs) -> Result<Answer, Error> {
    let reading = app::load(&typed.typed(&[]), &world()?);
    Ok(Answer::data(reading.plan.as_ref().map_or_else(nothing_here, could_be)))
}

fn could_be(plan: &Plan) -> String {
    let mut text = format!("{} · {}\n\n", plan.root.display(), plan.procfile.display());
    let width = plan.types.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    for kind in &plan.types {
        let port = kind.port.filter(|_| kind.count > 0).map_or_else(|| "-".into(), |port| format!(":{port}"));
        let _ = writeln!(
            text,
            "  {:width$}  {:>3} × {port:7}  {}",
            kind.name,
            kind.count,
            kind.command.to_string_lossy().escape_debug()
        );
    }
    text.push_str(
        "\n  twelve-run start     run it\n  twelve-run check     look for mistakes\n  twelve-run --help    everything else\n",
    );
    text
}

fn nothing_here() -> String {
    let mut text = Cli::command().render_help().to_string();
    text.push_str("\nNo usable Procfile here; `twelve-run check` says why.\n");
    text
}
