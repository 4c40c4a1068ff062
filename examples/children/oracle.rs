//! The oracle: starts a program and tells whatever that leaves behind.
//!
//! It is a sub-reaper, so every descendant that outlives its parents becomes its child. The report is
//! a file of lines, each written at once:
//!
//! ```text
//! child PID             the script's process
//! reaped PID code N     (or `signal N`) the end of a child, adopted ones too
//! left PID STATE CMD    after the child's end, and after the patience: a descendant that lives
//! swept N               the oracle is done: N were left, and have been killed
//! ```

use crate::{forget_standard_streams, own_program};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::{set_child_subreaper, set_pdeathsig};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, alarm, setsid};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Sees `script` through to its end and gives its exit code. `order` is `REPORT:MS`: where to tell, and
/// how long what is left may take to go by itself.
pub fn run(order: &str, script: &[OsString]) -> i32 {
    let Some((report, patience)) = order.rsplit_once(':') else { return crate::BAD_SCRIPT };
    let patience = Duration::from_millis(patience.parse().unwrap_or(0));
    let report = Report(PathBuf::from(report));
    match watch(&report, patience, script) {
        Ok(code) => code,
        Err(error) => {
            report.tell(&format!("failed {error}"));
            crate::BAD_SCRIPT
        }
    }
}

fn watch(report: &Report, patience: Duration, script: &[OsString]) -> nix::Result<i32> {
    set_child_subreaper(true)?;
    // The tests' end is ours, whatever ended them.
    set_pdeathsig(Signal::SIGTERM)?;
    // A session of our own: no terminal of the tests is anybody's here.
    let _ = setsid();
    alarm::cancel();
    undo_ignored()?;
    let Ok(child) = Command::new(own_program()).args(script).spawn() else {
        return Err(Errno::ENOEXEC);
    };
    let child = Pid::from_raw(child.id() as i32);
    report.tell(&format!("child {child}"));
    forget_standard_streams();

    let mut heard = SigSet::empty();
    heard.add(Signal::SIGCHLD);
    heard.add(Signal::SIGTERM);
    heard.thread_block()?;
    let signals = SignalFd::with_flags(&heard, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;

    let mut code = None;
    let mut give_up_at = None;
    loop {
        if !reap(report, child, &mut code) {
            break;
        }
        if code.is_some() {
            let give_up_at = *give_up_at.get_or_insert_with(|| Instant::now() + patience);
            if living().is_empty() || Instant::now() >= give_up_at {
                // What has ended since we looked is told like all others.
                reap(report, child, &mut code);
                break;
            }
        }
        let wait = if code.is_some() { PollTimeout::from(10_u8) } else { PollTimeout::NONE };
        let _ = poll(&mut [PollFd::new(signals.as_fd(), PollFlags::POLLIN)], wait);
        while let Ok(Some(signal)) = signals.read_signal() {
            if signal.ssi_signo == Signal::SIGTERM as u32 {
                report.tell("interrupted");
                sweep(report);
                return Ok(crate::BAD_SCRIPT);
            }
        }
    }
    sweep(report);
    Ok(code.unwrap_or(crate::BAD_SCRIPT))
}

/// What whoever runs the tests has told us to ignore (`nohup` HUP, a shell's `&` INT and QUIT) is no business of
/// the script: a signal with a handler is a default one again in the program that we become.
fn undo_ignored() -> nix::Result<()> {
    let never_asked = Arc::new(AtomicBool::new(false));
    for signal in
        [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU]
    {
        signal_hook::flag::register(signal as i32, Arc::clone(&never_asked)).map_err(|_| Errno::EINVAL)?;
    }
    Ok(())
}

/// Takes every child that has ended; whether there may be more.
fn reap(report: &Report, child: Pid, code: &mut Option<i32>) -> bool {
    loop {
        let (pid, words, as_code) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) => (pid, format!("code {code}"), code),
            Ok(WaitStatus::Signaled(pid, signal, _)) => {
                (pid, format!("signal {}", signal as i32), 128 + signal as i32)
            }
            Ok(_) | Err(Errno::EINTR) => return true,
            Err(_) => return false,
        };
        report.tell(&format!("reaped {pid} {words}"));
        if pid == child {
            *code = Some(as_code);
        }
    }
}

/// Names and kills every descendant until there is none.
fn sweep(report: &Report) {
    let mut named = BTreeSet::new();
    loop {
        for (pid, what) in living() {
            if named.insert(pid) {
                report.tell(&format!("left {pid} {what}"));
            }
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(1)),
            Err(Errno::ECHILD) => break,
            _ => {}
        }
    }
    report.tell(&format!("swept {}", named.len()));
}

/// Every descendant that is more than a zombie, with its state and command.
fn living() -> Vec<(i32, String)> {
    let mut found = Vec::new();
    let mut parents = vec![std::process::id() as i32];
    while let Some(parent) = parents.pop() {
        for child in children(parent) {
            parents.push(child);
            let Some(state) = state(child) else { continue };
            if !matches!(state, 'Z' | 'X') || has_threads(child) {
                found.push((child, format!("{state} {}", command(child))));
            }
        }
    }
    found
}

fn children(parent: i32) -> Vec<i32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

fn state(pid: i32) -> Option<char> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Whether others go on when the first thread has ended, which then looks like the end of all.
fn has_threads(pid: i32) -> bool {
    std::fs::read_dir(format!("/proc/{pid}/task")).is_ok_and(|threads| threads.count() > 1)
}

fn command(pid: i32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace(['\0', '\n'], " ")
}

/// The file in which the oracle and the shell tell what they see.
pub struct Report(pub PathBuf);

impl Report {
    /// At `path`.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Appends a line, in one write.
    pub fn tell(&self, line: &str) {
        let file = OpenOptions::new().append(true).create(true).open(&self.0);
        let _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    }
}
