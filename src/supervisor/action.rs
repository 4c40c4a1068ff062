//! Orders, in the imperative: all that a supervisor can want.

use super::event::{Id, RequestId, Signal, SpawnFailure, Status, Tier};
use crate::app::plan::{After, StopSignal, TypeId};
use std::time::Duration;

/// An order. The driver carries out each exactly once, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start this process; answered by `Spawned` or `SpawnFailed`.
    Spawn(Id),
    /// Send a signal, then CONT, to every process of the target.
    Stop {
        /// Whom.
        target: Target,
        /// With what.
        signal: StopSignal,
    },
    /// Send a signal to the target, as a person asked.
    Signal {
        /// Whom.
        target: Target,
        /// Its number.
        signal: i32,
    },
    /// Send KILL to every process of the target, until none is left.
    Kill(Target),
    /// Send STOP to every process of the target.
    Pause(Target),
    /// Send CONT to every process of the target.
    Resume(Target),
    /// Ask a process whether it is well; answered by `Probed`.
    Probe {
        /// Whom.
        id: Id,
        /// Which of its probes.
        tier: Tier,
    },
    /// Report [`super::Event::StraysGone`] as soon as it is true (at once when it is already).
    AwaitStrays,
    /// Flush the output and stop ourselves, as Ctrl-Z asks; `Signalled(Continue)` follows.
    SuspendSelf,
    /// Tell people.
    Tell(Notice),
    /// Answer a request.
    Reply {
        /// Which.
        request: RequestId,
        /// How: the reason when it was refused and nothing was changed.
        outcome: Result<(), Refusal>,
    },
    /// Everything is over: flush and exit with this code.
    Finish {
        /// The exit code.
        code: u8,
        /// What is not delivered by then is counted and given up.
        within: Duration,
    },
}

/// Whose processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The process, its group, and what it started that escaped from the group.
    Process(Id),
    /// What escaped and cannot be told whose it was.
    Strays,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Everything is being stopped.
    ShuttingDown,
    /// No such instance in the formation.
    NoSuchInstance(TypeId, u16),
    /// It is there, and nothing of it runs.
    NotRunning(TypeId, u16),
    /// There are not as many of the type as the asker thought.
    CountIs(TypeId, u16),
    /// The type is being restarted one by one already.
    Rolls(TypeId),
    /// There is none of the type that could be replaced.
    NothingToRoll(TypeId),
    /// A new one has ended before it had proved itself; the rest was left alone.
    DidNotComeUp(TypeId, u16),
    /// Somebody asked for something else of the type meanwhile.
    Interrupted(TypeId),
}

/// Something that people are told, as data; `output` has the sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It runs.
    Started {
        /// Which.
        id: Id,
        /// Its process id.
        pid: u32,
    },
    /// It could not be started.
    NotStarted {
        /// Which.
        id: Id,
        /// Why.
        failure: SpawnFailure,
        /// What follows.
        then: Consequence,
    },
    /// It has ended. Comes after its last words.
    Exited {
        /// Which.
        id: Id,
        /// How.
        status: Status,
        /// How long it had run.
        after: Duration,
        /// What follows.
        then: Consequence,
    },
    /// It ended and left processes behind, which are being stopped.
    LeftBehind {
        /// Which.
        id: Id,
    },
    /// It can be used from now on.
    Ready {
        /// Which.
        id: Id,
        /// How long that took.
        after: Duration,
    },
    /// It cannot be used for now.
    NotReady {
        /// Which.
        id: Id,
        /// Why.
        why: String,
    },
    /// Its startup or liveness probe has failed: it is stopped.
    Unwell {
        /// Which.
        id: Id,
        /// Which probe.
        tier: Tier,
        /// Why.
        why: String,
        /// What follows.
        then: Consequence,
    },
    /// What it waits for will not come.
    WaitsInVain {
        /// Which.
        id: Id,
        /// For what.
        after: After,
        /// Why that will not come.
        why: String,
        /// What follows.
        then: Consequence,
    },
    /// A signal or request has begun the shutdown.
    ShutdownBegan {
        /// `None`: asked for by a request.
        signal: Option<Signal>,
        /// The longest grace of what is up.
        grace: Duration,
        /// Whether this Ctrl-C can be repeated to kill.
        again_kills: bool,
    },
    /// Our guardian is dead, everything stops.
    GuardianDied,
    /// A part of twelve-run failed, everything stops.
    Broke,
    /// The stop signal goes to all processes.
    StoppingAll {
        /// Which signal; processes with a `stop_signal` of their own get that.
        signal: StopSignal,
    },
    /// KILL goes to all processes that are left.
    KillingAll,
    /// The stop signal goes to one process.
    Stopping {
        /// Which.
        id: Id,
        /// With what.
        signal: StopSignal,
    },
    /// A person had a signal sent to it.
    Sent {
        /// Whom.
        id: Id,
        /// Its number.
        signal: i32,
    },
    /// It did not leave within its grace.
    Killing {
        /// Which.
        id: Id,
        /// How long was waited.
        waited: Duration,
    },
    /// The kernel has not let go of it since KILL.
    Unkillable {
        /// `None`: strays.
        id: Option<Id>,
        /// Whether we wait no longer.
        given_up: bool,
    },
    /// A type has another count now.
    Scaled {
        /// Which.
        kind: TypeId,
        /// How many there were.
        from: u16,
        /// How many there are to be.
        to: u16,
    },
    /// The instances of a type are being replaced one by one.
    Rolling {
        /// Which.
        kind: TypeId,
        /// How many there are.
        count: u16,
    },
    /// That is over.
    Rolled {
        /// Which.
        kind: TypeId,
        /// Whether all were replaced.
        done: bool,
    },
    /// Nothing is up, and that is what was asked for.
    NothingUp,
    /// Everybody pauses.
    Suspended,
    /// Everybody goes on.
    Resumed,
}

/// What follows from an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing: it was asked to end, or the rest goes on.
    Nothing,
    /// It is started again after this long.
    Restarts {
        /// How long from now.
        after: Duration,
        /// How many starts in a row have failed, this one included.
        failures: u32,
    },
    /// Its `max_restarts` is reached.
    GaveUp {
        /// How many restarts there were.
        restarts: u32,
        /// Whether everything stops for it.
        stops_all: bool,
    },
    /// Everything stops, by its `on_exit`.
    StopsAll,
}
