//! `audit config` on a labelled corpus. The corpus holds no key: its files say how one is made, and it is made when the
//! test runs, from a seed.

mod corpus;
mod every;
mod grow;
mod properties;
mod reads;
mod single;

use std::sync::LazyLock;

use twelve_run::factors::config::Scanner;

/// Built once; nothing of it depends on what was scanned before.
fn scanner() -> &'static Scanner {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(Scanner::new);
    &SCANNER
}
