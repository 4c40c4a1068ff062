//! How everything ends: what begins it, what hastens it, and when it is over.

use super::action::{Action, Notice, Refusal, Target};
use super::event::Signal;
use super::instance::{GIVE_UP, Instance, NAME, Next, State};
use super::{COPIES, Fault, Supervisor};
use crate::app::plan::{Rules, StopSignal};
use std::time::Duration;

/// Looking for strays takes a moment.
const LOOK: Duration = Duration::from_millis(100);

/// Everything is being stopped. It is never taken back.
#[derive(Debug)]
pub struct Shutdown {
    cause: Cause,
    /// Whether an INT has been heard; from then on a TERM hastens too.
    interrupted: bool,
    /// KILL now was asked for.
    pub(super) now: bool,
    /// KILL to all has been told.
    announced: bool,
    strays: Strays,
    /// When strays are killed, and by when everything should be over.
    kill_at: Duration,
    /// Whoever others come after is stopped when they are gone, and at this time at the latest: half of the
    /// time for the one, half for the other, under the one deadline.
    hold_until: Duration,
    /// Whether anybody is held back.
    holds: bool,
}

/// What began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A signal, or a request.
    Asked(Option<Signal>),
    /// A process ended and its `on_exit` says so.
    OnExit,
    /// Nothing is left and nothing will come.
    AllEnded,
    /// Our guardian is dead.
    GuardianDied,
    /// A part of us failed.
    Broke,
}

/// What escaped without a trace of whose it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strays {
    /// Asked to stop when everything was.
    Asked,
    /// Nothing else is left.
    Awaited,
    /// Sent KILL.
    Killed { at: Duration, named: bool },
    /// None is left, or none is waited for.
    Gone,
}

impl Shutdown {
    /// Whether all are killed.
    pub fn killing(&self) -> bool {
        self.now || self.announced
    }

    /// Whether processes get QUIT instead of their own stop signal.
    pub fn with_quit(&self) -> bool {
        self.cause == Cause::Asked(Some(Signal::Quit))
    }

    /// By when everything should be over.
    pub(super) fn kill_at(&self) -> Duration {
        self.kill_at
    }

    /// When something is to happen by time alone.
    pub fn deadline(&self) -> Option<Duration> {
        match self.strays {
            Strays::Awaited => Some(self.kill_at),
            Strays::Killed { at, named } => Some(at.saturating_add(if named { GIVE_UP } else { NAME })),
            Strays::Asked if self.holds => Some(self.hold_until),
            Strays::Asked | Strays::Gone => None,
        }
    }
}

impl Supervisor {
    /// Copies of a signal within 100 ms are one; a signal that changes nothing is no failure.
    pub(super) fn signalled(&mut self, now: Duration, signal: Signal) {
        let copy = self.heard.insert(signal, now).is_some_and(|before| now.saturating_sub(before) < COPIES);
        let copy = copy && !self.has_fault(Fault::CopiesCount);
        match signal {
            Signal::Continue => {
                // The next Ctrl-Z is another one, however soon it comes.
                self.heard.remove(&Signal::Suspend);
                self.go_on();
            }
            _ if copy => {}
            Signal::Suspend => self.pause(),
            Signal::Interrupt | Signal::Terminate | Signal::Hangup | Signal::Quit => match &mut self.shutdown
            {
                None => self.shut_down(now, Cause::Asked(Some(signal))),
                Some(shutdown) => {
                    let hastens =
                        signal == Signal::Interrupt || (signal == Signal::Terminate && shutdown.interrupted);
                    shutdown.interrupted |= signal == Signal::Interrupt;
                    if hastens {
                        self.kill_all(now);
                    }
                }
            },
        }
    }

    fn pause(&mut self) {
        if self.paused || self.done {
            return;
        }
        self.paused = true;
        self.instances.mark_all();
        for instance in self.instances.values().filter(|instance| instance.is_live()) {
            self.orders.push_back(Action::Pause(Target::Process(instance.id)));
        }
        self.tell(Notice::Suspended);
        self.orders.push_back(Action::SuspendSelf);
    }

    fn go_on(&mut self) {
        if !std::mem::take(&mut self.paused) {
            return;
        }
        self.instances.mark_all();
        for instance in self.instances.values().filter(|instance| instance.is_live()) {
            self.orders.push_back(Action::Resume(Target::Process(instance.id)));
        }
        self.tell(Notice::Resumed);
    }

    /// Asks everything to stop. Once is enough: later causes change nothing.
    pub(super) fn shut_down(&mut self, now: Duration, cause: Cause) {
        if self.shutdown.is_some() {
            return;
        }
        let live = self.instances.values().filter(|instance| instance.is_live());
        let grace = live.map(|instance| self.grace.unwrap_or(self.rules(instance.id).grace)).max();
        let interrupted = cause == Cause::Asked(Some(Signal::Interrupt));
        match cause {
            Cause::Asked(signal) => self.tell(Notice::ShutdownBegan {
                signal,
                grace: grace.unwrap_or_default(),
                again_kills: interrupted,
            }),
            Cause::GuardianDied => self.tell(Notice::GuardianDied),
            Cause::Broke => self.tell(Notice::Broke),
            Cause::OnExit | Cause::AllEnded => {}
        }
        self.shutdown = Some(Shutdown {
            cause,
            interrupted,
            now: false,
            announced: false,
            strays: Strays::Asked,
            kill_at: now.saturating_add(grace.unwrap_or(Rules::default().grace)),
            hold_until: now.saturating_add(grace.unwrap_or_default() / 2),
            holds: false,
        });
        let rolling: Vec<_> = self.rolls.keys().copied().collect();
        for kind in rolling {
            self.end_roll(now, kind, Err(Refusal::ShuttingDown));
        }
        self.stop_all(now, cause);
    }

    fn stop_all(&mut self, now: Duration, cause: Cause) {
        let signal =
            if cause == Cause::Asked(Some(Signal::Quit)) { StopSignal::QUIT } else { StopSignal::TERM };
        if self.instances.values().any(Instance::is_up) {
            self.tell(Notice::StoppingAll { signal });
        }
        // First: from here on nothing that escapes goes without having been asked.
        self.orders.push_back(Action::Stop { target: Target::Strays, signal });
        self.queue.clear();
        self.waiting.clear();
        let keys: Vec<_> = self.instances.keys().copied().collect();
        for key in keys {
            let free = self.is_free_to_stop(key.0);
            let Some(instance) = self.instances.get_mut(&key) else { continue };
            // Not because somebody once asked something about it alone.
            instance.asked_by.clear();
            match &mut instance.state {
                State::Running if free => self.ask_to_stop(now, key, Next::Stopped, false),
                // Others come after it; `advance_stop` asks it when they are gone.
                State::Running => {}
                State::Starting { stop } => *stop = Some(stop.unwrap_or(Next::Stopped)),
                State::Waiting | State::Queued | State::Backoff { .. } => {
                    self.settle(now, key, Next::Stopped);
                }
                State::Stopping { .. }
                | State::Killing { .. }
                | State::Exited
                | State::GaveUp
                | State::Stopped => {}
            }
        }
    }

    /// Asks those who were held back, as soon as nobody who comes after them is left, or it is time.
    pub(super) fn advance_stop(&mut self, now: Duration) {
        let Some(shutdown) = self.shutdown.as_mut() else { return };
        self.instances.file(self.paused);
        shutdown.holds = false;
        if !self.instances.any_running() {
            return;
        }
        let time = shutdown.now || now >= shutdown.hold_until;
        let held: Vec<_> = self
            .instances
            .iter()
            .filter(|(_, one)| one.state == State::Running)
            .map(|(key, _)| *key)
            .collect();
        let mut holds = false;
        for key in held {
            if time || self.is_free_to_stop(key.0) {
                self.ask_to_stop(now, key, Next::Stopped, true);
            } else {
                holds = true;
            }
        }
        if let Some(shutdown) = self.shutdown.as_mut() {
            shutdown.holds = holds;
        }
    }

    /// KILL now, for a second Ctrl-C.
    fn kill_all(&mut self, now: Duration) {
        let Some(shutdown) = &mut self.shutdown else { return };
        shutdown.now = true;
        shutdown.kill_at = now;
        self.advance_stop(now);
        let keys: Vec<_> = self.instances.keys().copied().collect();
        for key in keys {
            self.kill(now, key);
        }
    }

    /// Told once for all in a shutdown, before the first.
    pub(super) fn announce_kill(&mut self) {
        self.killed |= self.shutdown.is_some();
        if let Some(shutdown) = self.shutdown.as_mut().filter(|shutdown| !shutdown.announced) {
            shutdown.announced = true;
            self.tell(Notice::KillingAll);
        }
    }

    pub(super) fn strays_gone(&mut self) {
        if let Some(shutdown) = self.shutdown.as_mut().filter(|shutdown| shutdown.strays != Strays::Asked) {
            shutdown.strays = Strays::Gone;
        }
    }

    pub(super) fn shutdown_timer(&mut self, now: Duration) {
        let Some(shutdown) = self.shutdown.as_mut() else { return };
        if shutdown.deadline().is_none_or(|at| at > now) {
            return;
        }
        match &mut shutdown.strays {
            Strays::Awaited => {
                shutdown.strays = Strays::Killed { at: now, named: false };
                self.announce_kill();
                self.orders.push_back(Action::Kill(Target::Strays));
            }
            Strays::Killed { named, .. } => {
                let given_up = std::mem::replace(named, true);
                if given_up {
                    shutdown.strays = Strays::Gone;
                    self.unkillable = true;
                }
                self.tell(Notice::Unkillable { id: None, given_up });
            }
            Strays::Asked | Strays::Gone => {}
        }
    }

    /// Looks whether everything is over, and says so once.
    ///
    /// A run ends by itself when every place has ended by itself, and there was one. What a person
    /// stopped, or scaled to nothing, keeps it up: it can be started again.
    pub(super) fn conclude(&mut self, now: Duration) {
        self.instances.file(self.paused);
        if self.shutdown.is_none() {
            if self.instances.is_empty() || !self.instances.all_ended() {
                return;
            }
            self.shut_down(now, Cause::AllEnded);
        }
        self.instances.file(self.paused);
        let resting = self.instances.all_at_rest();
        let Some(shutdown) = self.shutdown.as_mut().filter(|_| resting && !self.done) else { return };
        match shutdown.strays {
            Strays::Asked => {
                shutdown.strays = Strays::Awaited;
                // Whether there are any is only known when somebody has looked.
                shutdown.kill_at = shutdown.kill_at.max(now.saturating_add(LOOK));
                self.orders.push_back(Action::AwaitStrays);
            }
            Strays::Awaited | Strays::Killed { .. } => {}
            Strays::Gone => {
                self.done = true;
                let within = shutdown.kill_at.saturating_add(GIVE_UP).saturating_sub(now).max(NAME);
                self.orders.push_back(Action::Finish { code: self.code(), within });
            }
        }
    }

    /// What decides, the gravest first; 0 is a clean stop.
    fn code(&self) -> u8 {
        match self.first_failure {
            _ if self.broke => 70,
            _ if self.unkillable => 1,
            Some(code) => code,
            None if self.killed => 137,
            None => 0,
        }
    }
}
