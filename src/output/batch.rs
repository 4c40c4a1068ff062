//! What is ready to be delivered. It is the one place where pieces become the bytes that are read.
//!
//! A batch is smaller than a pipe, so that what the reader does and what we do overlap: a larger one fills
//! the pipe and lets each wait for the other. This file must not know: where pieces come from.

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

    /// Adds a line of our own words. They may repeat a child's or a file's, so they get the same care,
    /// everywhere.
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

#[cfg(test)]
mod tests {
    use super::super::Destination;
    use super::*;
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::unistd::{pipe, read};
    use std::os::fd::OwnedFd;
    use std::sync::Arc;

    /// A batch, and the end at which it is read.
    fn batch(prefix: bool) -> (Batch, OwnedFd) {
        let (reader, writer) = pipe().unwrap();
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        let sink = Sink::new(Destination::Fd(writer), Arc::default(), Box::new(|_| {}));
        (Batch::new(Painter::new(false, false, prefix, 5), false, sink), reader)
    }

    /// What has been delivered since the last time.
    fn delivered(reader: &OwnedFd) -> Vec<u8> {
        let mut bytes = vec![0; 2 * FULL];
        let count = read(reader, &mut bytes).unwrap_or_default();
        bytes.truncate(count);
        bytes
    }

    #[test]
    fn whole_lines_are_delivered_before_it_grows_beyond_its_size_and_the_rest_when_asked_for() {
        let (mut batch, reader) = batch(true);
        let mut name = Name::new("web.1");
        let line = [b'x'; 1000];
        let shown = [b"web.1 | ", &line[..], b"\n"].concat();
        let (mut shows, mut first) = (0, Vec::new());
        while first.is_empty() {
            batch.show(&mut name, Piece::whole(&line));
            shows += 1;
            first = delivered(&reader);
        }
        assert_eq!((first, shows), (shown.repeat(FULL / shown.len()), FULL / shown.len() + 1));
        batch.deliver();
        assert_eq!(delivered(&reader), shown);
        batch.deliver();
        assert_eq!(delivered(&reader), b"");
    }

    #[test]
    fn a_long_piece_leaves_no_more_memory_behind_than_others() {
        let (mut batch, reader) = batch(false);
        let long = vec![b'x'; FULL + FULL / 2];
        batch.show(&mut Name::new("web.1"), Piece::whole(b"short"));
        batch.show(&mut Name::new("web.1"), Piece::whole(&long));
        assert_eq!(delivered(&reader), b"short\n");
        batch.deliver();
        assert_eq!((delivered(&reader).len(), batch.bytes.capacity()), (long.len() + 1, FULL));
    }

    #[test]
    fn of_what_nobody_is_there_to_read_every_byte_is_counted() {
        let (mut batch, reader) = batch(false);
        drop(reader);
        let mut name = Name::new("web.1");
        batch.show(&mut name, Piece::whole(b"ab"));
        batch.deliver();
        assert!(batch.sink.reader_left());
        for (bytes, ends) in [(&b"cd"[..], false), (b"", true), (b"ef", true)] {
            batch.show(&mut name, Piece { bytes, continues: true, ends });
        }
        batch.deliver();
        assert_eq!(batch.sink.lost(), b"ab\ncd\nef\n".len() as u64);
    }
}
