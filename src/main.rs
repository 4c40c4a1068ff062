//! The door: hands over the arguments and exits with the code.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    twelve_run::commands::main(std::env::args_os())
}
