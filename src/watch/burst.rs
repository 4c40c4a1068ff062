//! Makes one change of many that come together. It is told the time, and must not know where changes come from.

use super::Changed;
use crate::app::plan::TypeId;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// So long nothing must have come before a burst counts as over.
pub const QUIET: Duration = Duration::from_millis(100);
/// So long after its first change a burst is told, whether it is over or not.
pub const LATEST: Duration = Duration::from_secs(1);
/// So many files are known by name; what comes on top is only counted, so that no burst takes all memory.
const NAMES: usize = 10_000;

/// What has happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It was not there before.
    Appeared,
    /// It has other contents, or is another file now.
    Changed,
    /// It is not there any more.
    Gone,
}

/// The changes that have not been told yet.
#[derive(Debug, Default)]
pub struct Burst {
    files: HashMap<PathBuf, File>,
    /// How many changes came when there were names enough, and whom they concern.
    nameless: usize,
    nameless_kinds: BTreeSet<TypeId>,
    /// How many changes there have been: what comes first is shown.
    count: usize,
    /// When the first and the last came; `None` while there are none.
    span: Option<(Instant, Instant)>,
}

#[derive(Debug)]
struct File {
    order: usize,
    kinds: Vec<TypeId>,
    /// It has appeared in this burst.
    is_new: bool,
}

impl Burst {
    /// Takes a change in. What appears and goes within one burst has not been there for anybody: so are the
    /// temporary files by which programs save.
    pub fn note(&mut self, now: Instant, path: PathBuf, kinds: Vec<TypeId>, deed: Deed) {
        if deed == Deed::Gone && self.files.get(&path).is_some_and(|file| file.is_new) {
            self.files.remove(&path);
            if self.is_empty() {
                *self = Self::default();
            }
            return;
        }
        self.count += 1;
        self.span = Some((self.span.map_or(now, |(first, _)| first), now));
        if self.files.len() < NAMES || self.files.contains_key(&path) {
            let (order, is_new) = (self.count, deed == Deed::Appeared);
            self.files.entry(path).or_insert(File { order, kinds, is_new });
        } else {
            self.nameless += 1;
            self.nameless_kinds.extend(kinds);
        }
    }

    /// When it is to be told; `None`: there is nothing to be told.
    pub fn deadline(&self) -> Option<Instant> {
        self.span.map(|(first, last)| (last + QUIET).min(first + LATEST))
    }

    /// All of it as one change; the burst is empty after that.
    pub fn take(&mut self) -> Option<Changed> {
        let burst = std::mem::take(self);
        let (path, _) = burst.files.iter().min_by_key(|(_, file)| file.order)?;
        let (path, more) = (path.clone(), burst.files.len() - 1 + burst.nameless);
        let mut kinds = burst.nameless_kinds;
        kinds.extend(burst.files.into_values().flat_map(|file| file.kinds));
        Some(Changed { kinds: kinds.into_iter().collect(), path, more })
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.nameless == 0
    }
}
