//! Facts, in the past tense: all that can happen to a formation.

use crate::app::plan::{Rules, TypeId};
use std::time::Duration;

/// One life of one instance. `(kind, index)` is the place in the formation; `generation` tells a
/// life from the one before it in the same place, and never repeats in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The process type.
    pub kind: TypeId,
    /// 1 to 1000: the `1` of `web.1`.
    pub index: u16,
    /// Which life.
    pub generation: u32,
}

/// Something that happened. The driver reports each exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody asks something of the formation; answered by exactly one [`super::Action::Reply`].
    Requested {
        /// Whose question the reply answers.
        request: RequestId,
        /// Who asks, in words for people: `scale (pid 4242)`. Empty: the start itself.
        who: String,
        /// The question, already validated as text: types exist.
        ask: Ask,
    },
    /// An ordered spawn has succeeded; the process runs.
    Spawned {
        /// Which.
        id: Id,
        /// Only to be told to people; the supervisor never uses it.
        pid: u32,
    },
    /// An ordered spawn has failed; there is no process and nothing to reap.
    SpawnFailed {
        /// Which.
        id: Id,
        /// Why.
        failure: SpawnFailure,
    },
    /// The process itself (its group's leader) has ended.
    Exited {
        /// Which.
        id: Id,
        /// How.
        status: Status,
        /// Whether anything that it started still lives. If so [`Event::TreeEmptied`] will follow;
        /// if not, the tree is empty and this is the last that is heard of it.
        remains: bool,
    },
    /// The process had ended before, and now the last of what it started has ended too.
    TreeEmptied {
        /// Which.
        id: Id,
    },
    /// Nothing is left of the processes that escaped without a trace of whose they were.
    StraysGone,
    /// A signal reached us. Copies within 100 ms are one; the supervisor sees to that.
    Signalled(Signal),
    /// Our guardian is dead: nobody else will clean up.
    GuardianDied,
    /// A probe has been answered, or something that is a probe has been seen.
    Probed {
        /// Whose; an answer about an old life changes nothing.
        id: Id,
        /// Which.
        tier: Tier,
        /// How.
        outcome: Outcome,
    },
    /// Much more time has passed than was waited for: we or the machine slept.
    ClockJumped {
        /// How much more.
        gap: Duration,
    },
    /// The files were read anew. Positions of types stay; what is new comes at the end.
    Reconfigured {
        /// By position.
        rules: Vec<Rules>,
    },
    /// A part of twelve-run itself failed (a thread panicked): stop in order, exit 70.
    Broke,
    /// Nothing but time passed.
    Ticked,
}

/// Which of a process's probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Gates the other two.
    Startup,
    /// Whether it is to be used.
    Readiness,
    /// Whether it is to be started again.
    Liveness,
}

impl Tier {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Readiness => "readiness",
            Self::Liveness => "liveness",
        }
    }
}

/// What came of asking once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is well.
    Passed,
    /// It is not, and why: `connection refused`.
    Failed(String),
    /// It could not be asked, which says nothing about it: no file descriptor was left, or no time.
    Unknown(String),
}

/// Names a request for its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// What can be asked of a formation. Counts are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Bring these types to these counts; other types stay as they are. The first of a run starts it.
    Scale(Vec<Count>),
    /// Start these instances again if they are not up (`restart` starts a stopped one too).
    Start(Vec<(TypeId, u16)>),
    /// Stop these instances; they stay in the formation, as `stopped`.
    Stop(Vec<(TypeId, u16)>),
    /// Stop these instances and start them again.
    Restart(Vec<(TypeId, u16)>),
    /// Replace the instances of this type one by one, never with fewer than there are; answered at the end.
    Roll(TypeId),
    /// Send these instances a signal, and nothing else.
    Signal(Vec<(TypeId, u16)>, i32),
    /// Stop everything and end.
    Down {
        /// Instead of the grace of each type.
        grace: Option<Duration>,
    },
}

/// How many of a type are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Of which type.
    pub kind: TypeId,
    /// How many, 0 to 1000.
    pub to: u16,
    /// How many there are as far as the asker knows: when it is another number, nothing is changed. This
    /// is how `web=+1` is asked for without being done twice.
    pub from: Option<u16>,
}

impl Count {
    /// So many, whatever there are.
    pub fn to(kind: TypeId, to: u16) -> Self {
        Self { kind, to, from: None }
    }
}

/// A signal that has a meaning for the formation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGINT: stop; a second one: kill.
    Interrupt,
    /// SIGTERM: stop.
    Terminate,
    /// SIGHUP: stop.
    Hangup,
    /// SIGQUIT: stop, and QUIT is what the processes get first.
    Quit,
    /// SIGTSTP: everybody pauses, we last.
    Suspend,
    /// SIGCONT: everybody goes on.
    Continue,
}

impl Signal {
    /// `SIGINT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
            Self::Quit => "SIGQUIT",
            Self::Suspend => "SIGTSTP",
            Self::Continue => "SIGCONT",
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It exited with this code, 0 to 255.
    Code(u8),
    /// This signal ended it, 1 to 64.
    Signal(u8),
}

impl Status {
    /// Whether it ended well.
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }

    /// The code as a shell tells it: 128+n for a signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128_u8.saturating_add(signal),
        }
    }
}

/// Why there is no process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnFailure {
    /// Whether another try may succeed.
    pub class: FailureClass,
    /// The code that a shell gives for it: 127 not found, 126 otherwise.
    pub code: u8,
    /// The sentence for people: lower case, no full stop, literals in backticks.
    pub reason: String,
}

/// Whether another try may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// The machine is short of something (EAGAIN, ENOMEM, EMFILE): back off and try again,
    /// whatever the restart rule says.
    Transient,
    /// The command itself is wrong; only the restart rule decides about another try.
    Permanent,
}
