//! Those around the loop who want to know of it: who asks at the control socket, and who looks over HTTP.

use super::{Driver, Told, courier, notice};
use crate::control::Control;
use crate::control::place::Lock;
use crate::driver::board::{Shown, Site};
use crate::error::Error;
use crate::output::{Output, Report};
use crate::supervisor::Snapshot;
use crate::sys::terminal;
use std::time::Duration;

impl Driver<'_> {
    /// The app matters more than who can ask about it.
    pub(super) fn open_to_questions(&mut self, lock: Lock) {
        let tell = courier(&self.tell, self.processes.waker(), Told::Control);
        let guardian = nix::unistd::getppid().as_raw().cast_unsigned();
        match Control::start(lock, guardian, tell) {
            Ok(control) => self.control = Some(control),
            Err(error) => terminal::say(&format!(
                "cannot listen at the control socket: {error}; `ps`, `scale` and the like reach nobody"
            )),
        }
    }

    /// Serves health and metrics from now on.
    pub(super) fn show(&mut self, site: Site) -> Result<(), Error> {
        let address = site.listener.local_addr().map_or_else(|_| String::new(), |at| at.to_string());
        let token = site.token.clone();
        let (waker, broke) =
            (self.processes.waker(), courier(&self.tell, self.processes.waker(), Told::Output));
        let shown = Shown::start(site, move || waker.wake(), move || broke(Report::Broke))
            .map_err(|cause| Error::Setup { doing: "serve health and metrics", cause })?;
        self.shown = Some(shown);
        self.say(
            notice::SYSTEM,
            format!("health and metrics at http://{address} · details with the token {token}"),
        );
        Ok(())
    }

    /// How it is after this turn: for those who look over HTTP, and for our manager.
    pub(super) fn tell_how_it_is(&mut self) {
        if self.shown.is_none() && self.manager.is_none() {
            return;
        }
        let now = self.clock.elapsed();
        let mut snapshot = self.supervisor.snapshot(now);
        for one in &mut snapshot.instances {
            one.reason = self.masked(std::mem::take(&mut one.reason));
        }
        self.show_what_is(&snapshot, now);
        self.tell_manager(&snapshot);
    }

    /// What has changed in this turn goes up on the board.
    fn show_what_is(&self, snapshot: &Snapshot, now: Duration) {
        let Some(shown) = &self.shown else { return };
        shown.beat();
        let written = |place| self.archive.written(place);
        let dropped = self.output.as_ref().map_or(0, Output::lost);
        shown.publish(&self.plan, snapshot, now, dropped, |id| self.processes.pid(id), written);
    }
}
