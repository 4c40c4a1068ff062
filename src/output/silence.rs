//! Which streams have an unfinished line, and until when each may be silent before it comes out.

use std::collections::BTreeSet;
use std::time::Instant;

/// The moments of all streams, the earliest first, so that a turn costs the same however many there are.
#[derive(Debug, Default)]
pub struct Silences(BTreeSet<(Instant, u64)>);

impl Silences {
    /// The moment of the stream with this key was `before` and is `after`.
    pub fn moved(&mut self, key: u64, before: Option<Instant>, after: Option<Instant>) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.0.remove(&(before, key));
        }
        if let Some(after) = after {
            self.0.insert((after, key));
        }
    }

    /// How many streams have one.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The earliest moment.
    pub fn first(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// The streams whose moment has come.
    pub fn due(&self, now: Instant) -> Vec<u64> {
        self.0.range(..=(now, u64::MAX)).map(|(_, key)| *key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::time::Duration;

    proptest! {
        #[test]
        fn the_earliest_is_first_and_all_that_are_due_are_told(
            moves in proptest::collection::vec((0_u64..5, proptest::option::of(0_u64..10)), 0..40),
            now in 0_u64..10,
        ) {
            let start = Instant::now();
            let at = |seconds: u64| start + Duration::from_secs(seconds);
            let mut silences = Silences::default();
            let mut plain: BTreeMap<u64, u64> = BTreeMap::new();
            for (key, to) in moves {
                let before = match to {
                    Some(to) => plain.insert(key, to),
                    None => plain.remove(&key),
                };
                silences.moved(key, before.map(at), to.map(at));
                prop_assert_eq!(silences.first(), plain.values().min().map(|first| at(*first)));
            }
            let mut due = silences.due(at(now));
            due.sort_unstable();
            let expected: Vec<u64> =
                plain.iter().filter(|(_, moment)| **moment <= now).map(|(key, _)| *key).collect();
            prop_assert_eq!(due, expected);
        }
    }
}
