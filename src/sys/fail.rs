//! Failpoints: places where a test makes us die, hang or stop. Compiled out of releases.
//!
//! `TWELVE_RUN_FAILPOINT=name:deed` in the environment chooses one place and what happens there:
//! `panic`, `hang` (for ever), `stop` (SIGSTOP; a CONT goes on), `kill` (SIGKILL), `kill-parent`,
//! `skip` (the caller leaves out what it was about to do).

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
