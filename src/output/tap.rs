//! Who listens from now on.
//!
//! The output thread copies what arrives into the tap's bounded queue and goes on; lines are cut by who
//! takes them, on their own thread. A listener who does not keep up is cut off and told what he missed
//! (FAULTS H9): nobody ever waits for a tap.
//!
//! This file must not know: what becomes of what is taken.

use super::archive::{Archive, Origin, Place, Record, place};
use super::life::{Cutter, Mark};
use super::line::Piece;
use crate::supervisor::Id;
use jiff::Timestamp;
use nix::sys::eventfd::EventFd;
use std::collections::BTreeMap;
use std::mem::{size_of, take};
use std::sync::Arc;

/// What a queue may hold, in bytes, with what it must know of each arrival.
const QUEUE: usize = 256 * 1024;

/// In what pieces a tap gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A record is a line, or a piece of a long one, as on the way out.
    Lines,
    /// A record is what one read brought, with its line ends.
    Raw,
}

/// Whether there will be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// There may be.
    Open,
    /// No: the queue was full once.
    CutOff {
        /// What arrived for this tap since and was not taken in.
        lost_bytes: u64,
    },
}

/// Something to listen at. Dropping it ends that.
#[derive(Debug)]
pub struct Tap {
    archive: Archive,
    number: u64,
    kind: Kind,
    /// What is unfinished of each place's present life.
    cutters: BTreeMap<Place, (Id, Cutter)>,
}

impl Tap {
    pub(super) fn new(
        archive: Archive,
        number: u64,
        kind: Kind,
        cutters: BTreeMap<Place, (Id, Cutter)>,
    ) -> Self {
        Self { archive, number, kind, cutters }
    }

    /// Adds to `records` all that has come since the last time. Never waits.
    pub fn take(&mut self, records: &mut Vec<Record>) -> Taken {
        let (heard, bytes, lost) = {
            let mut state = self.archive.lock();
            let queue = state.taps.get_mut(&self.number).expect("it is there as long as its tap");
            (take(&mut queue.heard), take(&mut queue.bytes), queue.lost)
        };
        let mut rest: &[u8] = &bytes;
        for heard in &heard {
            let (bytes, after) = rest.split_at(heard.len);
            rest = after;
            self.cut(heard, bytes, records);
        }
        match lost {
            None => Taken::Open,
            Some(lost) => {
                // What waited for the end of its line waits in vain.
                let unfinished: usize = self.cutters.values().map(|(_, cutter)| cutter.waiting()).sum();
                Taken::CutOff { lost_bytes: lost + unfinished as u64 }
            }
        }
    }

    fn cut(&mut self, heard: &Heard, bytes: &[u8], records: &mut Vec<Record>) {
        let add = |piece: Piece<'_>| {
            records.push(Record::new(heard.id, &heard.label, heard.origin, heard.at, piece));
        };
        match self.kind {
            Kind::Raw => [Piece::whole(bytes)].into_iter().for_each(add),
            Kind::Lines => {
                let new = || (heard.id, Cutter::default());
                let present = self.cutters.entry(place(heard.id)).or_insert_with(new);
                if present.0 != heard.id {
                    *present = new();
                }
                present.1.take(heard.origin, bytes, add);
            }
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.archive.lock().taps.remove(&self.number);
    }
}

/// The output thread's end of a tap.
#[derive(Debug)]
pub(super) struct Queue {
    /// None are all.
    places: Vec<Place>,
    kind: Kind,
    wake: Arc<EventFd>,
    heard: Vec<Heard>,
    /// Of all that was heard, one after the other.
    bytes: Vec<u8>,
    /// Set once the queue was full: what came since.
    lost: Option<u64>,
}

/// One arrival; without bytes it is the moment at which an unfinished line came out.
#[derive(Debug)]
struct Heard {
    id: Id,
    label: Arc<str>,
    origin: Origin,
    at: Timestamp,
    len: usize,
}

impl Queue {
    pub(super) fn new(places: Vec<Place>, kind: Kind, wake: Arc<EventFd>) -> Self {
        Self { places, kind, wake, heard: Vec::new(), bytes: Vec::new(), lost: None }
    }

    /// Takes a copy if it is wanted and has room.
    pub(super) fn hear(&mut self, id: Id, label: &Arc<str>, mark: &Mark, bytes: &[u8]) {
        let wanted = self.places.is_empty() || self.places.contains(&place(id));
        if !wanted || (self.kind == Kind::Raw && bytes.is_empty()) {
            return;
        }
        let held = self.bytes.len() + self.heard.len() * size_of::<Heard>();
        if self.lost.is_none() && held + bytes.len() + size_of::<Heard>() > QUEUE {
            self.lost = Some(0);
        }
        if let Some(lost) = &mut self.lost {
            *lost += bytes.len() as u64;
            return;
        }
        let (label, len) = (Arc::clone(label), bytes.len());
        self.heard.push(Heard { id, label, origin: mark.origin, at: mark.at, len });
        self.bytes.extend_from_slice(bytes);
        if self.heard.len() == 1 {
            let _ = self.wake.write(1);
        }
    }
}
