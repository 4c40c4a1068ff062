//! Those around the loop who want to know of it: who waits until everything is up, who asks, who types at
//! it, who looks over HTTP.

use super::{Driver, Told, courier, notice};
use crate::control::Control;
use crate::control::place::Lock;
use crate::driver::board::{Shown, Site};
use crate::error::Error;
use crate::output::Report;
use crate::supervisor::Count;
use crate::sys::terminal;
use std::os::fd::AsFd;

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

    /// Once everything has been started: who waits for that is told, and the errand is run.
    pub(super) fn greet_the_formation(&mut self) {
        if self.up.is_none() && !self.errand_waits || !self.supervisor.is_up(self.wait_ready) {
            return;
        }
        if let Some(up) = self.up.take() {
            // Who does not wait any more need not be told.
            let _ = nix::unistd::write(&up, b"u");
        }
        if let Some(errand) = self.plan.errand.as_ref().filter(|_| std::mem::take(&mut self.errand_waits)) {
            self.begin(vec![Count::to(errand.kind, 1)]);
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

    /// What has changed in this turn goes up on the board.
    pub(super) fn show_what_is(&self) {
        let Some(shown) = &self.shown else { return };
        let now = self.clock.elapsed();
        shown.beat();
        let snapshot = self.supervisor.snapshot(now);
        let written = |place| self.archive.written(place);
        shown.publish(&self.plan, &snapshot, now, |id| self.processes.pid(id), written);
    }

    /// Somebody who types here should know where keys go: nowhere.
    pub(super) fn listen_to_the_keyboard(&mut self) {
        let stdin = std::io::stdin();
        if self.on_terminal && self.plan.errand.is_none() && terminal::is_terminal(&stdin) {
            self.processes.watch_input(stdin.as_fd());
        }
    }

    pub(super) fn somebody_types(&mut self) {
        if !terminal::forget_input(std::io::stdin().as_fd()) {
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
}
