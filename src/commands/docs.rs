//! `man`: derived from the definitions in `cli`.

use super::Answer;
use crate::cli::Cli;
use crate::error::Error;
use clap::CommandFactory;
use std::path::{Path, PathBuf};

/// Every page into `folder`, or the first as data.
pub fn man(folder: Option<&Path>) -> Result<Answer, Error> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else { return page(command).map(Answer::data) };
    let verbs: Vec<_> = command.get_subcommands().filter(|verb| verb.get_name() != "help").cloned().collect();
    for verb in verbs {
        let name = format!("twelve-run-{}", verb.get_name());
        write(&folder.join(format!("{name}.1")), &page(verb.name(name))?)?;
    }
    write(&folder.join("twelve-run.1"), &page(command)?)?;
    Ok(Answer::data(Vec::new()))
}

fn page(command: clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|cause| Error::Write { path: PathBuf::from("standard output"), cause })?;
    Ok(page)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|cause| Error::Write { path: path.to_owned(), cause })
}
