//! What the rules found in one file, before offsets become places.

use std::ops::Range;

use super::source::{Places, Source};
use crate::factors::finding::{Finding, Level, Rule, Secret};

/// Where two rules found the same bytes the first of these is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    EnvDefault,
    SureKey,
    Url,
    NamedKey,
    Password,
    KeyPlaceholder,
    Where,
    Group,
}

#[derive(Debug)]
pub struct Hit {
    pub rule: &'static Rule,
    pub rank: Rank,
    pub level: Level,
    pub span: Range<usize>,
    /// How much of a secret may be shown; `None` when what stands there is no secret.
    pub public_prefix: Option<usize>,
    pub message: String,
    pub help: String,
}

/// Findings in the order of the file, the best one for each stretch.
pub fn findings(source: &Source<'_>, mut hits: Vec<Hit>) -> Vec<Finding> {
    hits.sort_by_key(|hit| (hit.rank, hit.span.start, usize::MAX - hit.span.end));
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    hits.retain(|hit| {
        let overlaps = taken.range(..hit.span.end).next_back().is_some_and(|(_, end)| *end > hit.span.start);
        if !overlaps {
            taken.insert(hit.span.start, hit.span.end);
        }
        !overlaps
    });
    hits.sort_by_key(|hit| hit.span.start);
    let mut places = Places::of(source);
    hits.into_iter().map(|hit| finding(source, &mut places, hit)).collect()
}

fn finding(source: &Source<'_>, places: &mut Places<'_>, hit: Hit) -> Finding {
    let value = || source.text[hit.span.clone()].to_vec();
    Finding {
        rule: hit.rule,
        level: hit.level,
        place: places.place(&hit.span),
        secret: hit.public_prefix.map(|public_prefix| Secret { value: value(), public_prefix }),
        message: hit.message,
        help: hit.help,
    }
}
