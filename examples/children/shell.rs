//! A shell with job control, as far as a supervisor can tell: it leads the terminal's session, runs one
//! program in a group of its own in the foreground, takes the terminal back when that stops, and dies of
//! HUP as shells do.
//!
//! USR1 is `fg`, USR2 is `bg`. The report gets `job PID`, `stopped N`, `resumed` and `reaped PID …`.

use crate::oracle::Report;
use crate::{in_front, own_program};
use nix::sys::signal::{SigSet, Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, alarm, getpgrp};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Runs `words` as the foreground job and gives its exit code.
pub fn run(report: &Path, words: &[OsString]) -> i32 {
    let report = Report::at(report);
    alarm::cancel();
    let job = Command::new(own_program()).args(["group", "foreground", "exec"]).args(words).spawn();
    let Ok(job) = job else { return crate::BAD_SCRIPT };
    let job = Pid::from_raw(job.id() as i32);
    report.tell(&format!("job {job}"));

    let heard: SigSet = [Signal::SIGCHLD, Signal::SIGUSR1, Signal::SIGUSR2].into_iter().collect();
    if heard.thread_block().is_err() {
        return crate::BAD_SCRIPT;
    }
    loop {
        match waitpid(job, Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED)) {
            Ok(WaitStatus::StillAlive) => {}
            Ok(WaitStatus::Stopped(_, signal)) => {
                let _ = in_front(getpgrp());
                report.tell(&format!("stopped {}", signal as i32));
                continue;
            }
            Ok(WaitStatus::Exited(_, code)) => {
                report.tell(&format!("reaped {job} code {code}"));
                return code;
            }
            Ok(WaitStatus::Signaled(_, signal, _)) => {
                report.tell(&format!("reaped {job} signal {}", signal as i32));
                return 128 + signal as i32;
            }
            _ => return crate::BAD_SCRIPT,
        }
        match heard.wait() {
            Ok(Signal::SIGUSR1) => {
                let _ = in_front(job);
                let _ = killpg(job, Signal::SIGCONT);
                report.tell("resumed");
            }
            Ok(Signal::SIGUSR2) => {
                let _ = killpg(job, Signal::SIGCONT);
                report.tell("resumed");
            }
            _ => {}
        }
    }
}
