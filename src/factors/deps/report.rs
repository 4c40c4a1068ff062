//! What the factor adds to a report, and in which order.

use crate::factors::finding::{Evidence, Factor, Finding, Level, Place, Report, Rule, Unchecked};

impl Report {
    /// A finding that weighs what its rule says.
    pub(super) fn find(
        &mut self,
        rule: &'static Rule,
        place: Place,
        message: String,
        help: impl Into<String>,
    ) {
        self.weigh(rule, rule.level, place, message, help);
    }

    /// A finding with a weight of its own. Files of test data are nobody's dependencies, so there it is a note.
    pub(super) fn weigh(
        &mut self,
        rule: &'static Rule,
        level: Level,
        place: Place,
        message: String,
        help: impl Into<String>,
    ) {
        let level = if is_test_data(&place.path) { Level::Note } else { level };
        self.findings.push(Finding { rule, level, message, place, help: help.into(), secret: None });
    }

    /// Something that speaks for the app.
    pub(super) fn show(
        &mut self,
        kind: &'static str,
        place: Place,
        message: String,
        details: Vec<(&'static str, String)>,
    ) {
        self.evidence.push(Evidence { kind, factor: Factor::Deps, message, place, details });
    }

    /// What could not be looked at.
    pub(super) fn skip(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.unchecked.push(Unchecked { what: what.into(), why: why.into() });
    }

    /// The same bytes whatever the order of the walk.
    pub(super) fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.place, a.rule.id, &a.message).cmp(&(&b.place, b.rule.id, &b.message)));
        self.findings.dedup_by(|a, b| a.place == b.place && a.rule.id == b.rule.id && a.message == b.message);
        self.evidence.sort_by(|a, b| (&a.place, a.kind, &a.message).cmp(&(&b.place, b.kind, &b.message)));
        // A file that two others name is in the set of each.
        self.evidence.dedup_by(|a, b| a.place == b.place && a.kind == b.kind && a.message == b.message);
        self.unchecked.sort();
        self.unchecked.dedup();
    }
}

fn is_test_data(path: &str) -> bool {
    path.split('/').any(|part| ["testdata", "fixtures", "__fixtures__"].contains(&part))
}
