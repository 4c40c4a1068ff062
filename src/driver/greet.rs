//! Those who wait in front of the formation: who started it in the background until all is up, the errand
//! that is run then, and who types where nobody listens.

use super::{Driver, notice};
use crate::supervisor::{Ask, Count, Event, Progress, RequestId};
use crate::sys::detach::Told;
use crate::sys::terminal;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// What was started has to last so long before somebody leaves who has seen it start: what cannot work
/// mostly ends at once.
const SETTLES: Duration = Duration::from_millis(500);

/// Who waits for what.
#[derive(Default)]
pub struct Waits {
    /// Who started us in the background.
    pub front: Option<Front>,
    /// The errand is to be run.
    pub errand: bool,
    /// Up means that it can be used, too.
    pub ready: bool,
    /// The terminal's keys come to nobody but us.
    pub keys: bool,
}

/// Who started us in the background.
pub struct Front {
    tell: OwnedFd,
    /// Since when all is up.
    up_since: Option<Instant>,
}

impl Front {
    pub fn new(tell: OwnedFd) -> Self {
        Self { tell, up_since: None }
    }

    /// Who does not wait any more need not be told.
    fn tell(self, told: Told) {
        let _ = nix::unistd::write(&self.tell, &[told as u8]);
    }
}

impl Driver<'_> {
    /// Once everything has been started, or never will be: who waits for that is told, and the errand is run.
    pub(super) fn greet_the_formation(&mut self) {
        if self.supervisor.is_shutting_down() {
            return self.forget_keys();
        }
        if self.waits.front.is_none() && !self.waits.errand {
            return;
        }
        let progress = self.supervisor.progress(self.waits.ready);
        match progress {
            Progress::OnItsWay => {
                if let Some(front) = &mut self.waits.front {
                    front.up_since = None;
                }
            }
            Progress::Up => self.all_is_up(),
            Progress::Lost => {
                if let Some(front) = self.waits.front.take() {
                    // He shows the end of the log.
                    self.flush_output();
                    front.tell(Told::Lost);
                }
                // An errand is for the whole formation, and its code is then that of what has failed.
                if std::mem::take(&mut self.waits.errand) {
                    let (request, who) = (RequestId(0), String::new());
                    self.facts.push_back(Event::Requested { request, who, ask: Ask::Down { grace: None } });
                }
            }
        }
    }

    fn all_is_up(&mut self) {
        if let Some(front) = &mut self.waits.front
            && front.up_since.get_or_insert_with(Instant::now).elapsed() >= SETTLES
            && let Some(front) = self.waits.front.take()
        {
            front.tell(Told::Up);
        }
        if let Some(errand) = self.plan.errand.as_ref().filter(|_| std::mem::take(&mut self.waits.errand)) {
            self.begin(vec![Count::to(errand.kind, 1)]);
        }
    }

    /// When who waits in front has seen it up for long enough.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        self.waits.front.as_ref()?.up_since.map(|since| since + SETTLES)
    }

    /// Somebody who types here should know where keys go: nowhere.
    pub(super) fn listen_to_the_keyboard(&mut self) {
        let stdin = std::io::stdin();
        if self.on_terminal && self.plan.errand.is_none() && terminal::is_terminal(&stdin) {
            self.processes.watch_input(stdin.as_fd());
            self.waits.keys = true;
        }
    }

    pub(super) fn somebody_types(&mut self) {
        if !self.waits.keys || !terminal::forget_input(std::io::stdin().as_fd()) {
            return;
        }
        let running = self.supervisor.places().into_iter().next();
        if let Some((kind, index)) = running.filter(|_| self.control.is_some()) {
            let name = self.plan.name(kind, index);
            let hint = format!(
                "keys reach no process · `twelve-run attach {name}` in another terminal gives it yours"
            );
            self.say(notice::SYSTEM, hint);
        }
    }

    /// What was typed while the formation ran was not meant for the shell that comes after it; what is typed
    /// once everything is being stopped is.
    fn forget_keys(&mut self) {
        if std::mem::take(&mut self.waits.keys) {
            terminal::forget_input(std::io::stdin().as_fd());
        }
    }
}
