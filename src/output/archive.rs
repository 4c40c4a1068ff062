//! What the processes wrote lately, for whoever asks later.
//!
//! The output thread writes, others read; both hold the one lock only for as long as a copy takes, and a
//! reader takes it once for each place, so nobody who reads keeps the children or the terminal waiting.
//! Memory is taken as it fills and has a bound that does not depend on the formation.
//!
//! This file must not know: who asks, what lines mean, and how they look.

use super::life::{Cutter, Life, Mark};
use super::line::Piece;
use super::tap::{Kind, Queue, Tap};
use crate::app::plan::TypeId;
use crate::supervisor::Id;
use jiff::Timestamp;
use nix::sys::eventfd::EventFd;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use super::life::Origin;

/// What remains of the life before the present one, in bytes of memory; a quarter of the place at most.
const PREVIOUS: usize = 64 * 1024;
/// What remains of each one before that; a sixty-fourth of the place at most.
const OLDER: usize = 4 * 1024;
/// Lives that are remembered of a place: the present one, the previous one, and three older.
const LIVES: usize = 5;

/// A place in the formation: the process type and the index, the `1` of `web.1`.
pub type Place = (TypeId, u16);

/// The place of a life.
pub(super) fn place(id: Id) -> Place {
    (id.kind, id.index)
}

/// How much memory the archive may take, in bytes. Beside it stand some 500 bytes for each place.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For each place, with all its lives.
    pub each: usize,
    /// For all places together; many places share it evenly.
    pub all: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { each: 256 * 1024, all: 16 * 1024 * 1024 }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of which places; none named are all.
    pub places: Vec<Place>,
    /// At most so many lines, the newest, over all places together.
    pub last: Option<usize>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Of the life before the present one instead.
    pub previous: bool,
}

/// A line, or a piece of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose.
    pub id: Id,
    /// `web.1`.
    pub label: Arc<str>,
    /// From where.
    pub origin: Origin,
    /// When it was complete, by the wall clock.
    pub at: Timestamp,
    /// Whether it goes on with the line of the record before, of the same origin.
    pub continues: bool,
    /// As they were written, without the line end.
    pub bytes: Vec<u8>,
}

/// The handle; clones are the same archive.
#[derive(Debug, Clone)]
pub struct Archive(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    limits: Limits,
    places: BTreeMap<Place, Shelf>,
    /// The memory that all lives have taken.
    memory: usize,
    /// How many arrivals there have been.
    order: u64,
    pub(super) taps: BTreeMap<u64, Queue>,
    next_tap: u64,
}

/// What is kept of one place.
#[derive(Debug)]
struct Shelf {
    label: Arc<str>,
    /// The present one first.
    lives: VecDeque<Life>,
    /// All that its processes ever wrote, in bytes.
    written: u64,
}

/// What the output thread does.
impl Archive {
    /// A life begins in its place, unless it has begun already.
    pub(super) fn begin(&self, id: Id, label: &str) {
        self.lock().begin(id, label);
    }

    /// Bytes have arrived, as they were read, or a notice.
    pub(super) fn wrote(&self, id: Id, origin: Origin, bytes: &[u8]) {
        self.lock().arrive(id, origin, bytes);
    }

    /// An unfinished line came out.
    pub(super) fn flushed(&self, id: Id, origin: Origin) {
        self.lock().arrive(id, origin, &[]);
    }

    /// The place is no more.
    pub(super) fn forget(&self, place: Place) {
        let mut state = self.lock();
        if let Some(shelf) = state.places.remove(&place) {
            state.memory -= shelf.memory();
        }
    }
}

/// What anybody may do.
impl Archive {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(State {
            limits,
            places: BTreeMap::new(),
            memory: 0,
            order: 0,
            taps: BTreeMap::new(),
            next_tap: 0,
        })))
    }

    /// How much the processes of a place have written in all, in bytes.
    pub fn written(&self, place: Place) -> u64 {
        self.lock().places.get(&place).map_or(0, |shelf| shelf.written)
    }

    /// The memory that it has taken for what was written, in bytes; never more than [`Limits::all`].
    pub fn memory(&self) -> usize {
        self.lock().memory
    }

    /// The lines of what is wanted, in order of arrival over all places, an unfinished one at the end of
    /// its own. A first line whose beginning was overwritten is left out.
    pub fn recent(&self, wanted: &Wanted) -> Vec<Record> {
        let (until, ids) = self.lock().select(wanted);
        let mut found = Found::new(wanted);
        for id in ids {
            let Some((label, mut life)) = self.copy(id) else { continue };
            let mut cutter = found.read(&label, &mut life, until);
            if let Some(newest) = life.newest(until) {
                cutter.finish(|origin, piece| {
                    let mark = Mark { origin, ..newest };
                    found.add(id, &label, &mark, piece);
                });
            }
            found.next_life();
        }
        found.into_records()
    }

    /// The lines of what is wanted, of the present lives, and a tap for what comes after them: nothing is
    /// missing between them and nothing is in both. An unfinished line comes out of the tap, whole.
    /// [`Wanted::previous`] is not heeded; `wake` is as with [`Self::listen`].
    pub fn follow(&self, wanted: &Wanted, wake: Arc<EventFd>) -> (Vec<Record>, Tap) {
        let wanted = Wanted { previous: false, ..wanted.clone() };
        let mut state = self.lock();
        let (until, ids) = state.select(&wanted);
        let mut cutters: BTreeMap<Place, (Id, Cutter)> =
            ids.iter().filter_map(|id| Some((place(*id), (*id, state.life(*id)?.1.cutter())))).collect();
        let number = state.open(Queue::new(wanted.places.clone(), Kind::Lines, wake));
        drop(state);
        let mut found = Found::new(&wanted);
        for id in ids {
            let Some((label, mut life)) = self.copy(id) else { continue };
            // In a flood all that was there may be overwritten by now; then the tap begins at a line.
            if life.reaches(until) {
                cutters.insert(place(id), (id, found.read(&label, &mut life, until)));
                found.next_life();
            }
        }
        (found.into_records(), Tap::new(self.clone(), number, Kind::Lines, cutters))
    }

    /// The last `bytes` bytes of the present life, as they were written, and a raw tap for what comes
    /// after them.
    pub fn attach(&self, place: Place, bytes: usize, wake: Arc<EventFd>) -> (Vec<u8>, Tap) {
        let mut state = self.lock();
        let number = state.open(Queue::new(vec![place], Kind::Raw, wake));
        let (until, life) = (state.order, state.present(place).cloned());
        drop(state);
        let tail = life.map(|mut life| life.tail(until, bytes)).unwrap_or_default();
        (tail, Tap::new(self.clone(), number, Kind::Raw, BTreeMap::new()))
    }

    /// A tap for what comes from now on; no places are all, also those that come later. `wake` is written
    /// to when there is something to take and there was nothing before; it must be non-blocking.
    pub fn listen(&self, places: Vec<Place>, kind: Kind, wake: Arc<EventFd>) -> Tap {
        match kind {
            // What a line began with is known, so that the first ones are whole.
            Kind::Lines => self.follow(&Wanted { places, last: Some(0), ..Wanted::default() }, wake).1,
            Kind::Raw => {
                let number = self.lock().open(Queue::new(places, kind, wake));
                Tap::new(self.clone(), number, kind, BTreeMap::new())
            }
        }
    }

    /// The last bytes of the present life, as they were written, both streams in order of arrival.
    pub fn raw_tail(&self, place: Place, bytes: usize) -> Vec<u8> {
        let life = self.lock().present(place).cloned();
        life.map(|mut life| life.tail(u64::MAX, bytes)).unwrap_or_default()
    }

    /// The last lines that each remembered life of the place wrote itself, the newest life first.
    pub fn last_words(&self, place: Place, lines: usize) -> Vec<(Id, Vec<Vec<u8>>)> {
        let lives = self.lock().places.get(&place).map(|shelf| shelf.lives.clone()).unwrap_or_default();
        let words = |mut life: Life| {
            let mut words = VecDeque::new();
            let mut add = |origin: Origin, bytes: &[u8]| {
                if origin.is_stream() {
                    words.push_back(bytes.to_vec());
                    if words.len() > lines {
                        words.pop_front();
                    }
                }
            };
            let mut cutter = life.replay(u64::MAX, |mark, piece| add(mark.origin, piece.bytes));
            cutter.finish(|origin, piece| add(origin, piece.bytes));
            (life.id, Vec::from(words))
        };
        lives.into_iter().map(words).collect()
    }

    /// A life as it is now, to be read without the lock.
    fn copy(&self, id: Id) -> Option<(Arc<str>, Life)> {
        let state = self.lock();
        let (label, life) = state.life(id)?;
        Some((Arc::clone(label), life.clone()))
    }

    /// Whoever panicked with the lock held left at worst one arrival half told.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The share of each place.
    fn share(&self) -> usize {
        self.limits.each.min(self.limits.all / self.places.len().max(1))
    }

    fn begin(&mut self, id: Id, label: &str) {
        let new = || Shelf { label: label.into(), lives: VecDeque::new(), written: 0 };
        self.places.entry(place(id)).or_insert_with(new);
        let share = self.share();
        let Some(shelf) = self.places.get_mut(&place(id)) else { return };
        if shelf.lives.front().is_none_or(|present| present.id.generation < id.generation) {
            let before = shelf.memory();
            shelf.lives.push_front(Life::new(id));
            shelf.lives.truncate(LIVES);
            shelf.shrink(share);
            self.memory = self.memory + shelf.memory() - before;
        }
    }

    fn arrive(&mut self, id: Id, origin: Origin, bytes: &[u8]) {
        let share = self.share();
        let Some(shelf) = self.places.get_mut(&place(id)) else { return };
        self.order += 1;
        if origin.is_stream() {
            shelf.written += bytes.len() as u64;
        }
        let mark = Mark::new(self.order, Timestamp::now(), origin);
        let before = shelf.memory();
        shelf.push(id, mark, bytes, share);
        self.memory = self.memory + shelf.memory() - before;
        for queue in self.taps.values_mut() {
            queue.hear(id, &shelf.label, &mark, bytes);
        }
        if self.memory > self.limits.all {
            self.settle();
        }
    }

    /// There are more places than when the others filled theirs: all go down to their share. It stays
    /// enough until there are more again.
    fn settle(&mut self) {
        let share = self.share();
        for shelf in self.places.values_mut() {
            shelf.shrink(share);
        }
        self.memory = self.places.values().map(Shelf::memory).sum();
    }

    /// The lives that are wanted, and the present moment in the order of arrival.
    fn select(&self, wanted: &Wanted) -> (u64, Vec<Id>) {
        let places = self.places.iter();
        let lives = places
            .filter(|(place, _)| wanted.places.is_empty() || wanted.places.contains(place))
            .filter_map(|(_, shelf)| shelf.lives.get(usize::from(wanted.previous)));
        (self.order, lives.map(|life| life.id).collect())
    }

    fn life(&self, id: Id) -> Option<(&Arc<str>, &Life)> {
        let shelf = self.places.get(&place(id))?;
        Some((&shelf.label, shelf.lives.iter().find(|life| life.id == id)?))
    }

    fn present(&self, place: Place) -> Option<&Life> {
        self.places.get(&place)?.lives.front()
    }

    fn open(&mut self, queue: Queue) -> u64 {
        self.next_tap += 1;
        self.taps.insert(self.next_tap, queue);
        self.next_tap
    }
}

impl Shelf {
    fn memory(&self) -> usize {
        self.lives.iter().map(Life::memory).sum()
    }

    /// What came late for an older life, or for one that is not remembered, is not kept.
    fn push(&mut self, id: Id, mark: Mark, bytes: &[u8], share: usize) {
        let older = |shelf: &Self| shelf.lives.iter().skip(1).map(Life::memory).sum::<usize>();
        if older(self) > share / 2 {
            // They are from a time when the share was larger.
            self.shrink(share);
        }
        let older = older(self);
        if let Some(present) = self.lives.front_mut().filter(|present| present.id == id) {
            present.push(mark, bytes, share.saturating_sub(older));
        }
    }

    /// Brings every life down to what may remain of it.
    fn shrink(&mut self, share: usize) {
        let mut rest = share;
        for (age, life) in self.lives.iter_mut().enumerate().rev() {
            let limit = match age {
                0 => rest,
                1 => PREVIOUS.min(share / 4),
                _ => OLDER.min(share / 64),
            };
            life.shrink(limit);
            rest = rest.saturating_sub(life.memory());
        }
    }
}

/// Records as they are found, one life after the other.
struct Found {
    last: Option<usize>,
    since: Option<Timestamp>,
    all: Vec<(u64, Record)>,
    /// Of the life that is being read; no more than are wanted in the end.
    here: VecDeque<(u64, Record)>,
}

impl Found {
    fn new(wanted: &Wanted) -> Self {
        Self { last: wanted.last, since: wanted.since, all: Vec::new(), here: VecDeque::new() }
    }

    fn read(&mut self, label: &Arc<str>, life: &mut Life, until: u64) -> Cutter {
        let id = life.id;
        life.replay(until, |mark, piece| self.add(id, label, mark, piece))
    }

    fn add(&mut self, id: Id, label: &Arc<str>, mark: &Mark, piece: Piece<'_>) {
        if self.last == Some(0) || self.since.is_some_and(|since| mark.at < since) {
            return;
        }
        if self.last == Some(self.here.len()) {
            self.here.pop_front();
        }
        self.here.push_back((mark.order, Record::new(id, label, mark.origin, mark.at, piece)));
    }

    fn next_life(&mut self) {
        self.all.extend(self.here.drain(..));
    }

    fn into_records(mut self) -> Vec<Record> {
        self.all.sort_by_key(|(order, _)| *order);
        let skip = self.last.map_or(0, |last| self.all.len().saturating_sub(last));
        self.all.into_iter().skip(skip).map(|(_, record)| record).collect()
    }
}

impl Record {
    pub(super) fn new(id: Id, label: &Arc<str>, origin: Origin, at: Timestamp, piece: Piece<'_>) -> Self {
        let label = Arc::clone(label);
        Self { id, label, origin, at, continues: piece.continues, bytes: piece.bytes.to_vec() }
    }
}
