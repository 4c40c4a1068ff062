//! The sweep: the guardian's last duty, until nothing of ours is left.
//!
//! TERM and CONT once, a grace, then rounds of STOP and KILL. All that the supervisor ever started falls
//! to the guardian when it dies, however far it had moved away, so "no child" is the proof that the
//! sweep is over; `/proc` only tells whom to signal. What refuses to die for five seconds is named.

use super::guardian::Strangers;
use super::kill;
use super::proc::{self, Stat};
use nix::libc::{self, c_int};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, wait};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long what got a KILL may take to be gone.
const KILL_WAIT: Duration = Duration::from_secs(5);
/// Between two rounds of KILL, and between two looks when the deaths to come are not all told to us.
const ROUND: Duration = Duration::from_millis(20);
/// How often a look that the kernel refuses is tried.
const LOOKS: u32 = 10;

/// When KILL comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hurry {
    /// At once: it was asked for.
    Now,
    /// When TERM had its time.
    AfterGrace,
}

pub(super) struct Sweep<'a> {
    strangers: &'a Strangers,
    grace: Duration,
    me: i32,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(strangers: &'a Strangers, grace: Duration) -> Self {
        Self { strangers, grace, me: std::process::id() as i32 }
    }

    /// How many processes are left; `None` when it cannot be known.
    pub(super) fn count_left(&self) -> Option<usize> {
        // Mostly there is no child, which costs one question.
        if self.is_over() {
            return self.strangers.has_proc.then_some(0);
        }
        let all = self.look()?;
        Some(self.strangers.ours(self.me, &all).len())
    }

    /// Stops everything. `interrupted` waits for at most so long for a signal, and says whether it means
    /// that KILL is wanted now. Returns who is left all the same.
    pub(super) fn run(&self, hurry: Hurry, mut interrupted: impl FnMut(Duration) -> bool) -> Vec<i32> {
        if hurry == Hurry::AfterGrace && !self.is_over() {
            self.terminate();
            let kill_at = Instant::now() + self.grace;
            while !self.is_over() {
                let mut rest = kill_at.saturating_duration_since(Instant::now());
                if self.strangers.any() {
                    rest = rest.min(ROUND * 5); // the last of ours may end below a stranger's eyes
                }
                if Instant::now() >= kill_at || interrupted(rest) {
                    break;
                }
            }
        }
        let give_up_at = Instant::now() + KILL_WAIT;
        while !self.is_over() {
            if Instant::now() >= give_up_at {
                return self.pids_left();
            }
            self.kill_round();
            interrupted(ROUND);
        }
        Vec::new()
    }

    /// TERM, then CONT, to each once. Whole groups where that is safe: no fork slips through.
    fn terminate(&self) {
        let Some(all) = self.look() else { return self.everybody(libc::SIGTERM) };
        let ours = self.strangers.ours(self.me, &all);
        // A group whose leader is our unreaped child, dead or alive, keeps its number while we look.
        let pinned: HashSet<i32> = all
            .iter()
            .filter(|process| process.ppid == self.me && process.pid == process.pgid)
            .map(|process| process.pid)
            .collect();
        let groups: HashSet<i32> =
            ours.iter().map(|process| process.pgid).filter(|pgid| pinned.contains(pgid)).collect();
        for signal in [libc::SIGTERM, libc::SIGCONT] {
            for group in &groups {
                let _ = kill(-group, signal);
            }
            for process in ours.iter().filter(|process| !groups.contains(&process.pgid)) {
                self.send(process, signal);
            }
        }
    }

    /// First nobody moves, so that nobody can fork on; then nobody lives.
    fn kill_round(&self) {
        let Some(all) = self.look() else { return self.everybody(libc::SIGKILL) };
        let ours = self.strangers.ours(self.me, &all);
        for signal in [libc::SIGSTOP, libc::SIGKILL] {
            for process in &ours {
                self.send(process, signal);
            }
        }
    }

    fn send(&self, to: &Stat, signal: c_int) {
        if to.ppid == self.me {
            let _ = kill(to.pid, signal); // ours to reap, and not reaped since we looked
            return;
        }
        let (Some(pid), Some(named)) = (Pid::from_raw(to.pid), Signal::from_named_raw(signal)) else {
            return;
        };
        let handle = pidfd_open(pid, PidfdFlags::empty());
        // Its own parent may have reaped it, and the number may be another's: the start time tells.
        if proc::stat(to.pid).is_none_or(|now| now.starttime != to.starttime) {
            return;
        }
        match handle {
            Ok(handle) => drop(pidfd_send_signal(handle, named)),
            Err(rustix::io::Errno::SRCH) => {}
            Err(_) => drop(kill(to.pid, signal)), // no pidfd here: the look a moment ago has to do
        }
    }

    /// Without `/proc` only process 1 can reach all, because all are its own.
    fn everybody(&self, signal: c_int) {
        if self.me == 1 {
            let _ = kill(-1, signal);
            let _ = kill(-1, libc::SIGCONT);
        }
    }

    fn look(&self) -> Option<Vec<Stat>> {
        if !self.strangers.has_proc {
            return None;
        }
        for _ in 1..LOOKS {
            match proc::all() {
                Ok(all) => return Some(all),
                Err(_) => std::thread::sleep(ROUND),
            }
        }
        proc::all().ok()
    }

    fn pids_left(&self) -> Vec<i32> {
        let all = self.look().unwrap_or_default();
        self.strangers.ours(self.me, &all).iter().map(|process| process.pid).collect()
    }

    /// Reaps, and says whether nothing is left.
    fn is_over(&self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => return true, // no children, so no descendants
            }
        }
        if !self.strangers.has_proc {
            return self.me != 1; // whoever is left cannot be found
        }
        // Strangers are children too. A process that moved up while we looked is seen the second time.
        self.strangers.any() && (0..2).all(|_| self.pids_left().is_empty())
    }
}
