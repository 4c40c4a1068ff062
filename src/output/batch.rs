//! What is ready to be delivered. It is the one place where pieces become the bytes that are read.
//!
//! A batch is smaller than a pipe, so that what the reader does and what we do overlap: a larger one fills the pipe
//! and lets each wait for the other. This file must not know: where pieces come from.

use super::line::Piece;
use super::paint::{Name, Painter};
use super::sink::Sink;

/// A batch is delivered before it grows beyond this, in bytes; only a single long piece may. Half a pipe: the
/// largest with which there is room for the next while the reader has this one before him.
const FULL: usize = 32 * 1024;

/// Lines, laid out, on the way to the sink.
pub struct Batch {
    pub painter: Painter,
    pub sink: Sink,
    /// Lines of processes are shown so that a terminal takes no harm.
    safely: bool,
    bytes: Vec<u8>,
}

impl Batch {
    pub fn new(painter: Painter, safely: bool, sink: Sink) -> Self {
        Self { painter, sink, safely, bytes: Vec::with_capacity(FULL) }
    }

    /// Adds a piece of what a process wrote.
    #[inline]
    pub fn show(&mut self, name: &mut Name, piece: Piece<'_>) {
        if self.sink.reader_left() {
            return self.sink.lose(piece.bytes.len() + usize::from(piece.ends));
        }
        self.add(name, piece, self.safely);
    }

    /// Adds a line of our own words. They may repeat a child's or a file's, so they get the same care, everywhere.
    pub fn tell(&mut self, name: &mut Name, words: &[u8]) {
        self.add(name, Piece::whole(words), true);
    }

    #[inline]
    fn add(&mut self, name: &mut Name, piece: Piece<'_>, safely: bool) {
        if self.bytes.len() + name.prefix_len() + piece.bytes.len() >= FULL {
            self.deliver();
        }
        self.painter.show(name, piece, safely, &mut self.bytes);
    }

    /// Delivers all that there is. Waits as long as the reader takes.
    pub fn deliver(&mut self) {
        self.sink.write(&mut self.bytes);
        self.bytes.shrink_to(FULL);
    }
}
