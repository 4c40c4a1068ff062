//! What one life of a process wrote, as it came: its newest bytes in a ring, and a mark for each read.
//!
//! Writing costs one copy and one mark; lines are cut when somebody asks, by the same [`Splitter`] as on
//! the way out, so that both have the same lines. This file must not know clocks, locks, or other lives.

use super::line::{Piece, Splitter};
use crate::supervisor::Id;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::mem::size_of;

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The process's standard output.
    Stdout,
    /// The process's standard error.
    Stderr,
    /// The process's terminal.
    Terminal,
    /// Our own words about the process.
    Notice,
    /// Our own words about its end: nothing more comes of this life.
    Farewell,
}

impl Origin {
    /// The stream of a process that is its `side`, as [`Self::side`] has it.
    pub(super) fn of(side: usize) -> Self {
        if side == 0 { Self::Stdout } else { Self::Stderr }
    }

    /// `stdout`, `stderr` or `notice`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stdout | Self::Terminal => "stdout",
            Self::Stderr => "stderr",
            Self::Notice | Self::Farewell => "notice",
        }
    }

    /// Whether the process wrote it itself.
    pub fn is_stream(self) -> bool {
        self.side().is_some()
    }

    /// 0 or 1 for a stream, which is cut into lines; a notice is a line already.
    fn side(self) -> Option<usize> {
        match self {
            Self::Stdout | Self::Terminal => Some(0),
            Self::Stderr => Some(1),
            Self::Notice | Self::Farewell => None,
        }
    }
}

/// One arrival. Without bytes it is the moment at which an unfinished line came out.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Its place in the order of arrival over all lives.
    pub order: u64,
    /// By the wall clock.
    pub at: Timestamp,
    pub origin: Origin,
    pub len: u32,
}

impl Mark {
    pub fn new(order: u64, at: Timestamp, origin: Origin) -> Self {
        Self { order, at, origin, len: 0 }
    }
}

/// The newest of what one life wrote.
#[derive(Debug, Clone)]
pub struct Life {
    pub id: Id,
    bytes: VecDeque<u8>,
    /// Oldest first; their lengths add up to the bytes.
    marks: VecDeque<Mark>,
    /// Of each stream, whether its oldest byte here begins a line.
    whole: [bool; 2],
    /// Of each stream, whether what comes next begins a line.
    ends: [bool; 2],
}

/// What of a limit bytes and marks may each take. They have their own shares, so that neither's memory
/// has to be given back for the other's: a child that writes much and one that writes often both fit.
struct Room {
    bytes: usize,
    marks: usize,
}

impl Room {
    fn of(limit: usize) -> Self {
        let marks = limit / 4 / size_of::<Mark>();
        Self { bytes: if marks == 0 { 0 } else { limit / 4 * 3 }, marks }
    }
}

impl Life {
    pub fn new(id: Id) -> Self {
        Self { id, bytes: VecDeque::new(), marks: VecDeque::new(), whole: [true; 2], ends: [true; 2] }
    }

    /// The memory that it has taken, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<Mark>()
    }

    /// Adds what has arrived; the oldest makes room. It will not take more than `limit` bytes of memory.
    pub fn push(&mut self, mut mark: Mark, bytes: &[u8], limit: usize) {
        let room = Room::of(limit);
        let skipped = bytes.len().saturating_sub(room.bytes);
        self.trim(room.bytes.saturating_sub(bytes.len()), room.marks.saturating_sub(1));
        if skipped > 0
            && let Some(side) = mark.origin.side()
        {
            self.whole[side] = bytes[skipped - 1] == b'\n';
        }
        if let (Some(side), Some(last)) = (mark.origin.side(), bytes.last()) {
            self.ends[side] = *last == b'\n';
        }
        if room.marks > 0 {
            let kept = &bytes[skipped..];
            grow(&mut self.bytes, kept.len(), room.bytes);
            grow(&mut self.marks, 1, room.marks);
            mark.len = kept.len() as u32;
            self.bytes.extend(kept);
            self.marks.push_back(mark);
        }
    }

    /// Gives memory back until no more than `limit` bytes of it are taken.
    pub fn shrink(&mut self, limit: usize) {
        let room = Room::of(limit);
        self.trim(room.bytes, room.marks);
        if self.memory() > limit {
            self.bytes.shrink_to_fit();
            self.marks.shrink_to_fit();
        }
    }

    /// Lets the oldest go until no more than this is left.
    fn trim(&mut self, bytes: usize, marks: usize) {
        loop {
            let too_many = self.marks.len() > marks;
            let over = self.bytes.len().saturating_sub(bytes);
            let Some(mark) = self.marks.front_mut().filter(|_| too_many || over > 0) else { return };
            // Half a notice is none.
            let whole = too_many || !mark.origin.is_stream();
            let gone = if whole { mark.len as usize } else { over.min(mark.len as usize) };
            if let (Some(side), Some(last)) = (mark.origin.side(), gone.checked_sub(1)) {
                self.whole[side] = self.bytes[last] == b'\n';
            }
            self.bytes.drain(..gone);
            mark.len -= gone as u32;
            if mark.len == 0 {
                self.marks.pop_front();
            }
        }
    }

    /// Hands over every piece of what arrived no later than `until`, in order. What is unfinished then
    /// stays in the cutter that is returned.
    pub fn replay(&mut self, until: u64, mut emit: impl FnMut(&Mark, Piece<'_>)) -> Cutter {
        let mut cutter = Cutter { splitters: Default::default(), whole: self.whole };
        let mut rest: &[u8] = self.bytes.make_contiguous();
        for mark in self.marks.iter().take_while(|mark| mark.order <= until) {
            let (bytes, after) = rest.split_at(mark.len as usize);
            rest = after;
            cutter.take(mark.origin, bytes, |piece| emit(mark, piece));
        }
        cutter
    }

    /// A cutter for what comes next, by one who has not seen what came before.
    pub fn cutter(&self) -> Cutter {
        Cutter { splitters: Default::default(), whole: self.ends }
    }

    /// Whether anything that arrived no later than `until` is still here.
    pub fn reaches(&self, until: u64) -> bool {
        self.marks.front().is_some_and(|mark| mark.order <= until)
    }

    /// The newest mark no later than `until`.
    pub fn newest(&self, until: u64) -> Option<Mark> {
        self.marks.iter().rev().find(|mark| mark.order <= until).copied()
    }

    /// The last `count` bytes that the process wrote no later than `until`.
    pub fn tail(&mut self, until: u64, count: usize) -> Vec<u8> {
        let mut tail = Vec::new();
        let mut rest: &[u8] = self.bytes.make_contiguous();
        for mark in self.marks.iter().take_while(|mark| mark.order <= until) {
            let (bytes, after) = rest.split_at(mark.len as usize);
            rest = after;
            if mark.origin.is_stream() {
                tail.extend_from_slice(bytes);
            }
        }
        tail.split_off(tail.len().saturating_sub(count))
    }
}

/// Cuts the streams of one life into pieces.
#[derive(Debug)]
pub struct Cutter {
    splitters: [Splitter; 2],
    /// Of each stream, whether the beginning of its present line is known.
    whole: [bool; 2],
}

impl Default for Cutter {
    /// Of a life from its beginning.
    fn default() -> Self {
        Self { splitters: Default::default(), whole: [true; 2] }
    }
}

impl Cutter {
    /// Takes one arrival in; without bytes it is the moment at which an unfinished line came out.
    pub fn take(&mut self, origin: Origin, mut bytes: &[u8], emit: impl FnMut(Piece<'_>)) {
        let mut emit = with_text(emit);
        let Some(side) = origin.side() else { return emit(Piece::whole(bytes)) };
        self.splitters[side].terminal = origin == Origin::Terminal;
        if !self.whole[side] {
            // A line whose beginning is gone is left out.
            let Some(end) = memchr::memchr(b'\n', bytes) else { return };
            self.whole[side] = true;
            bytes = &bytes[end + 1..];
        } else if bytes.is_empty() {
            self.splitters[side].flush(&mut emit);
        }
        self.splitters[side].feed(bytes, emit);
    }

    /// How many bytes are unfinished.
    pub fn waiting(&self) -> usize {
        self.splitters.iter().map(Splitter::waiting).sum()
    }

    /// Gives out what is unfinished.
    pub fn finish(&mut self, mut emit: impl FnMut(Origin, Piece<'_>)) {
        for (side, splitter) in self.splitters.iter_mut().enumerate() {
            splitter.flush(|piece| emit(Origin::of(side), piece));
        }
    }
}

/// Passes on what there is to show.
fn with_text(mut emit: impl FnMut(Piece<'_>)) -> impl FnMut(Piece<'_>) {
    move |piece| {
        if !piece.is_mere_end() {
            emit(piece);
        }
    }
}

/// Room for `more`: twice as much as before while it fills, and never more than `most`.
fn grow<T>(ring: &mut VecDeque<T>, more: usize, most: usize) {
    let needed = ring.len() + more;
    if needed > ring.capacity() {
        let capacity = (ring.capacity() * 2).clamp(needed, most.max(needed));
        ring.reserve_exact(capacity - ring.len());
    }
}
