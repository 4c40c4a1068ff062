//! No verb: what is here, and what could be done with it. Starts nothing.

use super::{Answer, ps, world};
use crate::app::plan::Plan;
use crate::app::{self, Typed};
use crate::cli::Cli;
use crate::control::client::Client;
use crate::error::Error;
use clap::CommandFactory;
use std::fmt::Write;
use std::path::Path;

pub fn here(typed: &Typed) -> Result<Answer, Error> {
    let world = world()?;
    let root = app::root(typed, &world);
    if let Ok(mut client) = Client::connect(&root, None) {
        return ps::table(&mut client, &[]).map(|table| Answer::data(running(&root, &table)));
    }
    let reading = app::load(typed, &world);
    Ok(Answer::data(reading.plan.as_ref().map_or_else(nothing_here, could_be)))
}

fn running(root: &Path, table: &str) -> String {
    format!(
        "{} · running\n\n{table}\n  twelve-run logs -f   what it writes\n  twelve-run scale     change how many\n  twelve-run down      stop it\n",
        root.display()
    )
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
