//! What is ready to be delivered. It is the one place where pieces become the bytes that are read.
//!
//! A batch is smaller than a pipe, so that what the reader does and what we do overlap: a larger one fills
//! the pipe and lets each wait for the other. This file must not know: where pieces come from.

use super::line::Piece;
use super::paint::{Name, Painter};
use super::sink::Sink;
use super::structured::redact::{Held, Redactor};
use super::structured::{Encoder, Format, Moment, Shaper, Source};
use super::{Lines, Shape, Stream, Words};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;

/// A batch is delivered before it grows beyond this, in bytes; only a single long piece may. Half a pipe: the
/// largest with which there is room for the next while the reader has this one before him.
const FULL: usize = 32 * 1024;

/// Begins what a terminal is told.
const ESCAPE: u8 = 0x1b;

/// Who says something that is no process: the label of our own notices, as loggers are named.
const OURSELVES: &str = "twelve-run";

/// Lines, laid out, on the way to the sink.
pub struct Batch {
    pub painter: Painter,
    pub sink: Sink,
    /// Lines of processes are shown so that a terminal takes no harm.
    safely: bool,
    /// Nothing is added to what processes write.
    bare: bool,
    events: Option<Events>,
    /// Masks secrets: in what is read, and where they appear only when an event is made.
    pub redactor: Option<Arc<Redactor>>,
    bytes: Vec<u8>,
}

impl Voice {
    /// When lines that are held, because they may be the beginning of a stack trace, come out.
    pub fn held_until(&self, side: usize) -> Option<Instant> {
        self.shapers.as_ref()?[side].deadline()
    }
}

/// Lines become events.
struct Events {
    encoder: Encoder,
    release: Option<String>,
    at: Moment,
}

/// What makes a process's lines its own.
pub struct Voice {
    name: Name,
    /// Of its two streams, where lines become events.
    shapers: Option<Box<[Shaper; 2]>>,
}

impl Batch {
    pub fn new(lines: Lines, sink: Sink) -> Self {
        let look = lines.look;
        let events = |format: Format| Events {
            encoder: Encoder::new(format),
            release: lines.release,
            at: Moment { now: Instant::now(), wall: Timestamp::now() },
        };
        let (bare, events) = match lines.shape {
            Shape::Text => (false, None),
            Shape::Raw => (true, None),
            Shape::Events(format) => (false, Some(events(format))),
        };
        Self {
            painter: Painter::new(look.color, look.timestamp, look.prefix, look.width),
            sink,
            safely: look.terminal,
            bare,
            events,
            redactor: None,
            bytes: Vec::with_capacity(FULL),
        }
    }

    /// Of a process that is about to speak.
    pub fn voice(&self, stream: &Stream) -> Voice {
        let shapers = self.events.as_ref().map(|events| {
            let source = Source {
                logger: &stream.label,
                stream: Some("stdout"),
                process: Some((&stream.kind, usize::from(stream.id.index))),
                pid: Some(stream.pid),
                release: events.release.as_deref(),
            };
            Box::new([Shaper::new(&source), Shaper::new(&Source { stream: Some("stderr"), ..source })])
        });
        Voice { name: Name::new(&stream.label), shapers }
    }

    /// A turn begins.
    pub fn look_at_the_clock(&mut self, now: Instant) {
        self.painter.look_at_the_clock();
        if let Some(events) = &mut self.events {
            events.at = Moment { now, wall: Timestamp::now() };
        }
    }

    /// Whether an unfinished line waits for its end, however long that takes: half an event is none.
    pub fn waits_for_ends(&self) -> bool {
        self.events.is_some()
    }

    /// Adds a piece of what a process wrote on one of its streams.
    #[inline]
    pub fn show(&mut self, voice: &mut Voice, side: usize, piece: Piece<'_>) {
        if self.sink.reader_left() {
            return self.sink.lose(piece.bytes.len() + usize::from(piece.ends));
        }
        if self.events.is_none() && !self.bare {
            return self.add(&mut voice.name, piece, self.safely);
        }
        self.show_otherwise(voice, side, piece);
    }

    fn show_otherwise(&mut self, voice: &mut Voice, side: usize, piece: Piece<'_>) {
        if self.bytes.len() + piece.bytes.len() >= FULL {
            self.deliver();
        }
        match (&mut self.events, &mut voice.shapers) {
            (Some(events), Some(shapers)) => {
                let (shaper, first, begins) = (&mut shapers[side], !piece.continues, self.bytes.len());
                let joined = shaper.is_holding() || memchr::memchr(ESCAPE, piece.bytes).is_some();
                events.encoder.line(shaper, events.at, piece.bytes, first, piece.ends, &mut self.bytes);
                if joined {
                    self.mask_from(begins);
                }
            }
            _ => {
                self.bytes.extend_from_slice(piece.bytes);
                self.bytes.extend(piece.ends.then_some(b'\n'));
            }
        }
    }

    /// Where terminal escapes were taken out, what stood on both sides of them may be a secret.
    fn mask_from(&mut self, begins: usize) {
        if let Some(redactor) = &self.redactor {
            let events = self.bytes.split_off(begins);
            let mut held = Held::default();
            redactor.redact(&mut held, &events, &mut self.bytes);
            redactor.finish(&mut held, &mut self.bytes);
        }
    }

    /// Lets out what is held of a stream; with `over`, all of it, because the stream has ended.
    pub fn let_out(&mut self, voice: &mut Voice, side: usize, over: bool) {
        let begins = self.bytes.len();
        if let (Some(events), Some(shapers)) = (&mut self.events, &mut voice.shapers) {
            if over {
                events.encoder.finish(&mut shapers[side], events.at, &mut self.bytes);
            } else {
                events.encoder.flush(&mut shapers[side], &mut self.bytes);
            }
            self.mask_from(begins);
        }
    }

    /// Adds our own words, and behind them lines of somebody's that were written before. They may repeat a
    /// child's or a file's, so they get the same care, everywhere.
    pub fn tell(&mut self, words: &Words, behind: &[Vec<u8>]) {
        let text = &words.text;
        if let Some(events) = &mut self.events {
            let process = words.about.and_then(|id| {
                let kind = words.label.rsplit_once('.')?.0;
                Some((kind, usize::from(id.index)))
            });
            let logger = if process.is_some() { &words.label } else { OURSELVES };
            let release = events.release.as_deref();
            let source = Source { logger, stream: None, process, pid: words.pid, release };
            let (wall, bytes) = (events.at.wall, &mut self.bytes);
            // What stands behind has been an event before.
            return events.encoder.notice(&source, wall, words.severity, words.event, text, bytes);
        }
        let mut name = Name::new(&words.label);
        self.add(&mut name, Piece::whole(text.as_bytes()), true);
        for line in behind {
            self.add(&mut name, Piece::whole(line), true);
        }
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
    use super::super::{Destination, Look};
    use super::*;
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::unistd::{pipe, read};
    use std::os::fd::OwnedFd;

    /// A batch, and the end at which it is read.
    fn batch(prefix: bool) -> (Batch, OwnedFd) {
        let (reader, writer) = pipe().unwrap();
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        let sink = Sink::new(Destination::Fd(writer), Arc::default(), Box::new(|_| {}));
        let look = Look { color: false, timestamp: false, prefix, terminal: false, width: 5 };
        (Batch::new(Lines { look, shape: Shape::Text, release: None }, sink), reader)
    }

    fn voice() -> Voice {
        Voice { name: Name::new("web.1"), shapers: None }
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
        let mut voice = voice();
        let line = [b'x'; 1000];
        let shown = [b"web.1 | ", &line[..], b"\n"].concat();
        let (mut shows, mut first) = (0, Vec::new());
        while first.is_empty() {
            batch.show(&mut voice, 0, Piece::whole(&line));
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
        batch.show(&mut voice(), 0, Piece::whole(b"short"));
        batch.show(&mut voice(), 0, Piece::whole(&long));
        assert_eq!(delivered(&reader), b"short\n");
        batch.deliver();
        assert_eq!((delivered(&reader).len(), batch.bytes.capacity()), (long.len() + 1, FULL));
    }

    #[test]
    fn of_what_nobody_is_there_to_read_every_byte_is_counted() {
        let (mut batch, reader) = batch(false);
        drop(reader);
        let mut voice = voice();
        batch.show(&mut voice, 0, Piece::whole(b"ab"));
        batch.deliver();
        assert!(batch.sink.reader_left());
        for (bytes, ends) in [(&b"cd"[..], false), (b"", true), (b"ef", true)] {
            batch.show(&mut voice, 0, Piece { bytes, continues: true, ends });
        }
        batch.deliver();
        assert_eq!(batch.sink.lost(), b"ab\ncd\nef\n".len() as u64);
    }
}
