//! The streams of one process: where its bytes come from, and what of them is unfinished.

use super::batch::Voice;
use super::life::Origin;
use super::line::{Piece, Splitter};
use super::structured::redact::Held;
use super::{Source, Stream, Watcher};
use crate::supervisor::Id;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// An unfinished line comes out after this much silence,
const SILENCE: Duration = Duration::from_millis(200);
/// and this much more for each other stream that has one: in a flood, who was stopped in the middle of a line
/// because his pipe was full is silent until all those have had their turn on the processor.
const TURN: Duration = Duration::from_millis(4);
/// After a process has ended, its streams have run dry after this much silence,
const QUIET: Duration = Duration::from_millis(200);
/// or after this much time.
const DRAIN: Duration = Duration::from_secs(2);

/// One end that is read.
pub struct Half {
    pub fd: OwnedFd,
    pub origin: Origin,
    pub splitter: Splitter,
    /// What may be the beginning of a secret.
    pub held: Held,
    /// When an unfinished line, or one that may begin a stack trace, comes out.
    pub flush_at: Option<Instant>,
}

/// A process whose output is carried.
pub struct Member {
    pub speaker: Speaker,
    /// Standard output (or the terminal), standard error; `None` once at its end.
    pub halves: [Option<Half>; 2],
    /// Keeps a pseudo-terminal from ending before its process.
    slave: Option<OwnedFd>,
    pub leaving: Option<Leaving>,
}

/// Who speaks on its streams, and who looks at what is said.
pub struct Speaker {
    pub id: Id,
    pub pid: u32,
    pub voice: Voice,
    pub hidden: bool,
    pub watchers: Vec<Watcher>,
}

/// A process that has ended and whose last words are awaited.
#[derive(Debug, Clone, Copy)]
pub struct Leaving {
    quiet_at: Instant,
    give_up_at: Instant,
}

/// What a read brought.
pub enum Taken {
    Bytes(usize),
    Nothing,
    End,
}

impl Member {
    pub fn new(stream: Stream, voice: Voice) -> Self {
        let half = |fd: OwnedFd, origin: Origin| {
            // The read end is ours alone: another description than the child's end.
            let _ = fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK));
            let splitter = Splitter::of(origin == Origin::Terminal);
            Some(Half { fd, origin, splitter, held: Held::default(), flush_at: None })
        };
        let (halves, slave) = match stream.source {
            Source::Pipes { stdout, stderr } => {
                ([half(stdout, Origin::Stdout), half(stderr, Origin::Stderr)], None)
            }
            Source::Pty { master, slave } => ([half(master, Origin::Terminal), None], Some(slave)),
        };
        let speaker = Speaker {
            id: stream.id,
            pid: stream.pid,
            voice,
            hidden: stream.hidden,
            watchers: stream.watchers,
        };
        Self { speaker, halves, slave, leaving: None }
    }

    /// Its process has ended: from now on silence counts.
    pub fn leave(&mut self, now: Instant) {
        self.slave = None;
        self.leaving = Some(Leaving { quiet_at: now + QUIET, give_up_at: now + DRAIN });
    }

    /// Bytes have come: the silence begins anew.
    pub fn spoke(&mut self, now: Instant) {
        if let Some(leaving) = &mut self.leaving {
            leaving.quiet_at = now + QUIET;
        }
    }

    /// Whether nothing more is awaited.
    pub fn is_dry(&self, now: Instant) -> bool {
        self.halves.iter().all(Option::is_none) || self.dry_at().is_some_and(|at| at <= now)
    }

    /// When it is taken to have run dry.
    pub fn dry_at(&self) -> Option<Instant> {
        self.leaving.map(|leaving| leaving.quiet_at.min(leaving.give_up_at))
    }
}

impl Half {
    /// Reads once.
    pub fn read(&self, buffer: &mut [u8]) -> Taken {
        loop {
            return match nix::unistd::read(self.fd.as_fd(), buffer) {
                Ok(0) => Taken::End,
                Ok(count) => Taken::Bytes(count),
                Err(Errno::EINTR) => continue,
                Err(Errno::EAGAIN) => Taken::Nothing,
                // A terminal ends with EIO (FAULTS §2, fact 22); anything else is an end as well.
                Err(_) => Taken::End,
            };
        }
    }

    /// Cuts what was read into lines, and starts or stops the clock of an unfinished one. So many `others` have
    /// one as well.
    pub fn feed(&mut self, bytes: &[u8], now: Instant, others: usize, emit: impl FnMut(Piece<'_>)) {
        self.splitter.feed(bytes, emit);
        let patience = || SILENCE + TURN * u32::try_from(others).unwrap_or(u32::MAX);
        self.flush_at = self.splitter.is_partial().then(|| now + patience());
    }

    /// Gives out an unfinished line.
    pub fn flush(&mut self, emit: impl FnMut(Piece<'_>)) {
        self.splitter.flush(emit);
        self.flush_at = None;
    }
}
