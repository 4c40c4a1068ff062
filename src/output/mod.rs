//! Carries every byte that the children write, and the notices about them, to one reader.
//!
//! One thread, one epoll, whole batches. Bytes go through unchanged but for the prefix of each line
//! (and, on a terminal, what could harm it). Notices travel by the same road as lines, so none
//! overtakes last words. A reader who is slow makes the children wait and nobody else: the driver talks
//! to this room by a queue and never waits for it without a bound.
//!
//! This room must not know: what the lines mean, and what is to be done about anything.
#![forbid(unsafe_code)]

pub mod archive;
mod batch;
mod life;
pub mod line;
pub mod logfile;
pub mod paint;
pub mod print;
mod pump;
pub mod screen;
mod silence;
mod sink;
mod streams;
pub mod structured;
pub mod tap;
#[cfg(test)]
mod tests;

use crate::supervisor::{Id, Tier};
use archive::{Archive, Place};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use logfile::LogFile;
use nix::sys::eventfd::{EfdFlags, EventFd};
use sink::Tally;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use structured::redact::Redactor;
pub use structured::{Format, Severity};

/// How lines are laid out.
#[derive(Debug, Clone)]
pub struct Look {
    /// Names are coloured.
    pub color: bool,
    /// Lines begin with the local time.
    pub timestamp: bool,
    /// Lines begin with the name; without it they come as they are.
    pub prefix: bool,
    /// The reader is a terminal: escapes are made harmless.
    pub terminal: bool,
    /// The width of the names, in characters, to begin with.
    pub width: usize,
}

/// What becomes of lines.
#[derive(Debug)]
pub struct Lines {
    /// As text.
    pub look: Look,
    /// Or as something else.
    pub shape: Shape,
    /// The release that runs, for events.
    pub release: Option<String>,
}

/// What lines become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text, as [`Look`] says.
    Text,
    /// What they are.
    Raw,
    /// Events.
    Events(Format),
}

/// Where everything goes.
#[derive(Debug)]
pub enum Destination {
    /// Somebody else's, so it is written to blocking and its flags are never changed.
    Fd(OwnedFd),
    /// Ours.
    File(LogFile),
}

/// Where a process's bytes come from.
#[derive(Debug)]
pub enum Source {
    /// Two pipes.
    Pipes {
        /// Of its standard output.
        stdout: OwnedFd,
        /// Of its standard error.
        stderr: OwnedFd,
    },
    /// A pseudo-terminal.
    Pty {
        /// Where its output is read.
        master: OwnedFd,
        /// Held until the farewell, so that a process which closes its terminal and opens it again is
        /// not taken for one that has ended (FAULTS G7).
        slave: OwnedFd,
    },
}

/// A process whose output is to be carried.
pub struct Stream {
    /// Whose.
    pub id: Id,
    /// `web.1`.
    pub label: String,
    /// Its type's name.
    pub kind: String,
    /// Its process id.
    pub pid: u32,
    /// Read, so that it need not wait, and not shown.
    pub hidden: bool,
    /// From where.
    pub source: Source,
    /// Who is shown each line until it has seen what it looks for.
    pub watchers: Vec<Watcher>,
}

/// A notice: our own words.
#[derive(Debug, Clone)]
pub struct Words {
    /// The process that they are about; they are kept with its lines.
    pub about: Option<Id>,
    /// `web.1`, `system`.
    pub label: String,
    /// The sentence.
    pub text: String,
    /// What has happened, in a word: `exited`.
    pub event: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Of the process, as far as it is known.
    pub pid: Option<u32>,
}

/// Looks at a line.
pub type Eye = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// Somebody who looks for a line.
pub struct Watcher {
    /// For which probe of the process.
    pub tier: Tier,
    /// True when it is this line, which comes without its end, and a long one in pieces.
    pub sees: Eye,
}

/// What the output thread has to say for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Nobody reads our output any more. Children are still drained.
    ReaderLeft,
    /// A watcher has seen its line.
    Seen {
        /// Whose.
        id: Id,
        /// For which probe.
        tier: Tier,
    },
    /// The thread panicked; nothing is carried any more.
    Broke,
}

/// What was not delivered when the output ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undelivered {
    /// Bytes that were ready and not taken; more may wait to be laid out, and in the children's pipes.
    pub bytes: u64,
    /// Because nobody reads any more, which costs nobody anything.
    pub reader_left: bool,
}

/// What the driver tells the thread.
enum Command {
    Attach(Stream),
    Tell(Words),
    Farewell {
        id: Id,
        words: Option<Words>,
        again: usize,
    },
    Widen(usize),
    Forget(Place),
    Mask(Option<Arc<Redactor>>),
    /// Answered when all before it is out.
    Flush(Sender<()>),
    Finish,
}

/// Whether the thread was called in this turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    No,
    /// For the first word.
    Once,
    /// There are more.
    Again,
}

/// The handle to the output thread.
pub struct Output {
    commands: Sender<Command>,
    /// Whether the thread was called in this turn.
    called: Called,
    wake: Arc<EventFd>,
    /// What the thread has not delivered.
    tally: Arc<Tally>,
    ended: Receiver<Undelivered>,
}

impl Output {
    /// Starts the thread. What it carries is kept in `archive` too.
    pub fn start(
        destination: Destination,
        lines: Lines,
        archive: Archive,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let (end, ended) = bounded(1);
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?);
        let tally = Arc::new(Tally::default());
        let room = pump::Room { inbox, wake: Arc::clone(&wake), tally: Arc::clone(&tally) };
        pump::spawn(room, destination, lines, archive, report, end)?;
        Ok(Self { commands, called: Called::No, wake, tally, ended })
    }

    /// Carries this process's output from now on.
    pub fn attach(&mut self, stream: Stream) {
        self.send(Command::Attach(stream));
    }

    /// Shows a notice.
    pub fn tell(&mut self, words: Words) {
        self.send(Command::Tell(words));
    }

    /// The process has ended: what it still wrote comes out, then the notice. Something else may hold its
    /// pipes open, so this waits for their end, or 200 ms of silence, or 2 s.
    /// `again` of its last lines are shown once more behind it.
    pub fn farewell(&mut self, id: Id, words: Option<Words>, again: usize) {
        self.send(Command::Farewell { id, words, again });
    }

    /// Makes room for names of this width.
    pub fn widen(&mut self, width: usize) {
        self.send(Command::Widen(width));
    }

    /// What is to be masked in what processes write from now on, for `logs` and all who listen, too.
    pub fn mask(&mut self, redactor: Option<Arc<Redactor>>) {
        self.send(Command::Mask(redactor));
    }

    /// Bytes that nobody was there to read: who read the output has left, or its file takes no more.
    pub fn lost(&self) -> u64 {
        self.tally.lost.load(Ordering::Relaxed)
    }

    /// The place was scaled away: once all before it is out, nothing is remembered of it.
    pub fn forget(&mut self, place: Place) {
        self.send(Command::Forget(place));
    }

    /// Waits until everything told so far is out. False when the reader was too slow.
    pub fn flush(&mut self, within: Duration) -> bool {
        let (done, heard) = bounded(1);
        self.send(Command::Flush(done));
        self.hurry();
        heard.recv_timeout(within).is_ok()
    }

    /// Lets every stream run dry, delivers everything, and ends the thread.
    pub fn finish(mut self, within: Duration) -> Undelivered {
        self.send(Command::Finish);
        self.hurry();
        match self.ended.recv_timeout(within) {
            Ok(undelivered) => undelivered,
            // A thread that has gone without a word has panicked and said so.
            Err(RecvTimeoutError::Disconnected) => Undelivered::default(),
            Err(RecvTimeoutError::Timeout) => {
                let tally = &self.tally;
                let bytes = tally.held.load(Ordering::Relaxed) + tally.told.load(Ordering::Relaxed);
                Undelivered { bytes, reader_left: false }
            }
        }
    }

    /// Never waits: who tells something is not to be kept by who reads. What is told is bounded by what happens.
    fn send(&mut self, command: Command) {
        self.tally.told.fetch_add(command.bytes() as u64, Ordering::Relaxed);
        // A thread that is gone has reported why.
        let _ = self.commands.send(command);
        match self.called {
            Called::No => {
                self.called = Called::Once;
                let _ = self.wake.write(1);
            }
            Called::Once => self.called = Called::Again,
            Called::Again => {}
        }
    }

    /// A turn is over. The first word of a turn calls the thread at once; the others, however many, do so now.
    pub fn hurry(&mut self) {
        if std::mem::replace(&mut self.called, Called::No) == Called::Again {
            let _ = self.wake.write(1);
        }
    }
}

impl Command {
    /// How many bytes of text it holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Tell(words) | Self::Farewell { words: Some(words), .. } => words.text.len() + 1,
            Self::Attach(_)
            | Self::Farewell { .. }
            | Self::Widen(_)
            | Self::Forget(_)
            | Self::Mask(_)
            | Self::Flush(_)
            | Self::Finish => 0,
        }
    }
}
