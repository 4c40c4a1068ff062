//! Our own manager (systemd, or whoever gave us `NOTIFY_SOCKET`) is told how we are, and our processes may
//! tell us the same way.

use super::Driver;
use super::health::probes;
use crate::app::plan::{Health, ProbeHow};
use crate::supervisor::{Event, Id, Outcome, Progress, Snapshot, Tier, snapshot::Phase};
use crate::sys::notify::{Ear, Manager, SOCKET};
use std::time::{Duration, Instant};

/// What is told to our manager.
pub struct Told {
    manager: Manager,
    ready: bool,
    stopping: bool,
    status: String,
    /// When it wants to hear that we live.
    watchdog: Option<(Duration, Instant)>,
}

impl Told {
    pub fn new(manager: Manager) -> Self {
        let watchdog = manager.watchdog_interval().map(|every| (every, Instant::now()));
        Self { manager, ready: false, stopping: false, status: String::new(), watchdog }
    }
}

impl Driver<'_> {
    /// When our manager wants to hear of us.
    pub(super) fn manager_deadline(&self) -> Option<Instant> {
        self.manager.as_ref()?.watchdog.map(|(_, at)| at)
    }

    /// Tells our manager what has changed since it was told last.
    pub(super) fn tell_manager(&mut self, snapshot: &Snapshot) {
        let Some(told) = &mut self.manager else { return };
        if let Some((every, at)) = &mut told.watchdog
            && *at <= Instant::now()
        {
            told.manager.tell_watchdog();
            *at = Instant::now() + *every;
        }
        if !told.ready && self.supervisor.progress(true) == Progress::Up {
            told.ready = told.manager.tell_ready();
        }
        if !told.stopping && self.supervisor.is_shutting_down() {
            told.stopping = told.manager.tell_stopping();
        }
        let up = snapshot.instances.iter().filter(|one| one.state == "running").count();
        let ready =
            snapshot.instances.iter().filter(|one| one.ready != Some(false) && one.state == "running");
        let status = match snapshot.phase {
            Phase::Running => format!("{up} of {} up, {} ready", snapshot.instances.len(), ready.count()),
            Phase::Stopping | Phase::Killing | Phase::Done => format!("stopping, {up} still up"),
        };
        if told.status != status && told.manager.tell_status(&status) {
            told.status = status;
        }
    }

    /// Processes that have `notify` for a probe may speak to us from now on.
    pub(super) fn lend_an_ear(&mut self) {
        if !self.plan.types.iter().any(|kind| notifies(&kind.rules.health).next().is_some()) {
            return;
        }
        let opened = Ear::open().and_then(|ear| {
            let name = ear.name().to_owned();
            self.processes.listen_to(ear).map(|()| name)
        });
        match opened {
            Ok(name) => self.ear = Some(name),
            Err(error) => log::error!("nobody can notify us: {error}"),
        }
    }

    /// What a process finds in its environment, if it is to speak.
    pub(super) fn notify_socket(&self, id: Id) -> Option<(&'static str, &str)> {
        let health = &self.plan.process_type(id.kind).rules.health;
        let name = self.ear.as_deref().filter(|_| notifies(health).next().is_some())?;
        Some((SOCKET, name))
    }

    /// What processes have said is an answer to their probe.
    pub(super) fn hear_processes(&mut self) {
        for told in self.processes.take_told() {
            let Some(kind) = self.plan.types.get(usize::from(told.id.kind.0)).filter(|_| told.ready) else {
                continue;
            };
            for tier in notifies(&kind.rules.health) {
                self.answers.push(Event::Probed { id: told.id, tier, outcome: Outcome::Passed });
            }
        }
    }
}

/// Which of the probes wait to be told.
fn notifies(health: &Health) -> impl Iterator<Item = Tier> {
    probes(health).filter(|(_, probe)| probe.how == ProbeHow::Notify).map(|(tier, _)| tier)
}
