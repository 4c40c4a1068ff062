//! Failpoints: places where a test makes us die, hang or stop. Compiled out of releases.
//!
//! `TWELVE_RUN_FAILPOINT=name:deed` in the environment chooses one place and what happens there:
//! `panic`, `hang` (for ever), `stop` (SIGSTOP; a CONT goes on), `kill` (SIGKILL), `segv` (as if our own
//! code had faulted), `kill-parent`, `skip` (the caller leaves out what it was about to do).

use std::fmt::Debug;

/// A place that can fail. True when the caller is to leave out what comes next.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point(_name: &str) -> bool {
    false
}

/// A place that can fail. True when the caller is to leave out what comes next.
#[cfg(debug_assertions)]
pub fn point(name: &str) -> bool {
    use nix::libc::{SIGKILL, SIGSTOP, getppid};
    let chosen = std::env::var("TWELVE_RUN_FAILPOINT").unwrap_or_default();
    let Some(deed) = chosen.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')) else { return false };
    let me = std::process::id() as i32;
    // SAFETY: getppid only returns a number.
    let parent = unsafe { getppid() };
    match deed {
        "skip" => return true,
        "stop" => drop(super::kill(me, SIGSTOP)),
        "kill" => drop(super::kill(me, SIGKILL)),
        "segv" => fault(),
        "kill-parent" => {
            let _ = super::kill(parent, SIGKILL);
            // SAFETY: as above. Its death takes a moment, in which it still is our parent.
            while unsafe { getppid() } == parent {
                std::thread::yield_now();
            }
        }
        "hang" => loop {
            std::thread::park();
        },
        _ => panic!("failpoint {name}"),
    }
    false
}

/// A place in the life of every value that passes here: it has the name of the value's variant.
#[cfg(not(debug_assertions))]
#[inline]
pub fn variant(_value: &impl Debug) {}

/// A place in the life of every value that passes here: it has the name of the value's variant.
#[cfg(debug_assertions)]
pub fn variant(value: &impl Debug) {
    let shown = format!("{value:?}");
    point(shown.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default());
}

/// What the kernel does to a thread that faults: whatever is blocked or handled, the default strikes.
#[cfg(debug_assertions)]
fn fault() {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: the default is no function of ours.
    let _ = unsafe { sigaction(Signal::SIGSEGV, &default) };
    let _ = SigSet::from(Signal::SIGSEGV).thread_unblock();
    let _ = raise(Signal::SIGSEGV);
}
