//! The factor as a check: plugged into the audit, and asked for its inventory.

use std::sync::LazyLock;

use super::{FileReport, Scanner, all_rules, committed};
use crate::factors::check::{Check, File};
use crate::factors::finding::{Factor, Report, Rule};

static SCANNER: LazyLock<Scanner> = LazyLock::new(Scanner::new);

/// What one file says, by the rules that are built once.
pub fn scan(path: &str, bytes: &[u8]) -> FileReport {
    SCANNER.scan(path, bytes)
}

/// The check.
pub struct Config;

impl Check for Config {
    fn factor(&self) -> Factor {
        Factor::Config
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| all_rules().collect());
        &RULES
    }

    fn looks_at_files(&self) -> bool {
        true
    }

    fn file(&self, file: &File<'_>) -> Report {
        let told = scan(file.path, file.bytes);
        let committed = committed(&told).filter(|_| file.tracked == Some(true));
        let findings = told.findings.into_iter().chain(committed).collect();
        Report { findings, evidence: told.evidence, ..Report::default() }
    }
}
