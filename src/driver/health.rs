//! Asking processes whether they are well, and hearing what they say.

use super::Driver;
use crate::supervisor::{Event, Id, Outcome, Tier};

impl Driver<'_> {
    pub(super) fn probe(&mut self, id: Id, tier: Tier) {
        let outcome = Outcome::Unknown("nobody asks yet".into());
        self.facts.push_back(Event::Probed { id, tier, outcome });
    }
}
