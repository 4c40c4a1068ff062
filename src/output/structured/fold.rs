//! Holds the lines of a stack trace together until it is whole. It must not know what traces look like:
//! [`super::trace`] does.

use super::trace::{self, State, Step};
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// The longest that a line waits.
pub const WAIT: Duration = Duration::from_millis(200);
/// What is held at most; a longer trace comes out in parts.
const LINES: usize = 1000;
const BYTES: usize = 256 * 1024;
/// What an idle stream keeps.
const KEPT: usize = 4096;

/// When something came: by the clock that decides, and by the one that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Decides.
    pub now: Instant,
    /// Is shown.
    pub wall: Timestamp,
}

/// The lines that are held of one stream.
#[derive(Debug, Default)]
pub struct Fold {
    state: Option<State>,
    held: Held,
    /// So many lines are part of the trace; those behind them are when another one follows.
    sure: usize,
    /// Parts of the present trace that are out.
    parts: u32,
}

/// Lines with their ends, and where each ends.
#[derive(Debug, Default)]
pub struct Held {
    text: Vec<u8>,
    lines: Vec<(usize, Moment)>,
}

/// A part of a long line or trace: its number from 1, and whether it is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// Nothing follows.
    pub is_last: bool,
}

/// What comes out: a trace, or a line that was none.
pub enum Out<'a> {
    /// Lines that are one event.
    Trace {
        /// With ends between them.
        text: &'a [u8],
        /// How it was read.
        state: State,
        /// When it is not whole.
        part: Option<Part>,
    },
    /// A line by itself.
    Line(&'a [u8]),
}

impl Fold {
    /// Whether a line waits.
    pub fn is_holding(&self) -> bool {
        !self.held.lines.is_empty()
    }

    /// When the lines that are held are to come out whatever they are.
    pub fn deadline(&self) -> Option<Instant> {
        self.held.lines.first().map(|(_, at)| at.now + WAIT)
    }

    /// Takes a line; gives out what is decided by it.
    pub fn take(&mut self, line: &[u8], at: Moment, emit: &mut impl FnMut(Out<'_>, Timestamp)) {
        let step = match self.state {
            Some(state) => match state.next(line) {
                // Whatever opens a trace of its own is no guess about this one.
                Step::Maybe(_) if self.held.lines.len() >= self.sure + state.guesses() => Step::Over,
                Step::Maybe(_) if state.is_guess() && trace::open(line) != Step::Over => Step::Over,
                step => step,
            },
            None => Step::Over,
        };
        match step {
            Step::Sure(_) | Step::Maybe(_) => self.keep(step, line, at, emit),
            // What was held may be read otherwise now, and the line may go on with that.
            Step::Over if self.state.is_some() => {
                self.end(emit);
                self.take(line, at, emit);
            }
            Step::Over => match trace::open(line) {
                Step::Over => emit(Out::Line(line), at.wall),
                step => self.keep(step, line, at, emit),
            },
        }
    }

    /// Nothing more of the trace comes: what is held comes out, and what turned out not to be of it is read anew.
    pub fn end(&mut self, emit: &mut impl FnMut(Out<'_>, Timestamp)) {
        let Some(state) = self.state.take() else { return };
        let held = std::mem::take(&mut self.held);
        let (sure, parts) = (std::mem::take(&mut self.sure), std::mem::take(&mut self.parts));
        if sure > 0 {
            let part = (parts > 0).then_some(Part { number: parts + 1, is_last: true });
            emit(Out::Trace { text: held.first(sure), state, part }, held.lines[0].1.wall);
        }
        for (number, line, at) in held.lines().skip(sure) {
            // The first one has had its chance to open a trace.
            if number == 0 {
                emit(Out::Line(line), at.wall);
            } else {
                self.take(line, at, emit);
            }
        }
        if self.held.text.capacity() == 0 {
            self.held = held;
            self.held.clear();
        }
    }

    /// The lines have waited long enough. More of a trace may still follow; it comes out as a part of it.
    pub fn flush(&mut self, emit: &mut impl FnMut(Out<'_>, Timestamp)) {
        while self.is_holding() && self.sure < self.held.lines.len() {
            self.end(emit);
        }
        let Some(state) = self.state.filter(|_| self.is_holding()) else { return };
        let part = (self.parts > 0).then_some(Part { number: self.parts + 1, is_last: false });
        self.emit_all(state, part, emit);
    }

    fn keep(&mut self, step: Step, line: &[u8], at: Moment, emit: &mut impl FnMut(Out<'_>, Timestamp)) {
        let (state, is_sure) = match step {
            Step::Sure(state) => (state, true),
            Step::Maybe(state) => (state, false),
            Step::Over => return,
        };
        self.state = Some(state);
        self.held.push(line, at);
        if is_sure {
            self.sure = self.held.lines.len();
            if self.sure >= LINES || self.held.text.len() >= BYTES {
                let part = Part { number: self.parts + 1, is_last: false };
                self.emit_all(state, Some(part), emit);
            }
        }
    }

    fn emit_all(&mut self, state: State, part: Option<Part>, emit: &mut impl FnMut(Out<'_>, Timestamp)) {
        emit(Out::Trace { text: self.held.first(self.sure), state, part }, self.held.lines[0].1.wall);
        self.parts += 1;
        self.sure = 0;
        self.held.clear();
    }
}

impl Held {
    fn push(&mut self, line: &[u8], at: Moment) {
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        self.lines.push((self.text.len(), at));
    }

    /// So many lines from the first on, without the last end.
    fn first(&self, count: usize) -> &[u8] {
        &self.text[..self.lines[count - 1].0 - 1]
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &[u8], Moment)> {
        let starts = std::iter::once(0).chain(self.lines.iter().map(|(end, _)| *end));
        let lines = starts.zip(&self.lines).map(|(start, (end, at))| (&self.text[start..end - 1], *at));
        lines.enumerate().map(|(number, (line, at))| (number, line, at))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.lines.clear();
    }
}
