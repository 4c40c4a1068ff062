//! Places where a test can have something go wrong, by `TWELVE_RUN_FAILPOINT=name=what`. Only in
//! debug builds: a release knows none.

/// Where the test wants something else to happen than what would. `what` is `panic`, `hang`, `kill`
/// (by SIGKILL) or `segv`.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use nix::sys::signal::{Signal, raise};
    let Some(asked) = std::env::var_os("TWELVE_RUN_FAILPOINT") else { return };
    let Some(what) = asked.to_str().and_then(|asked| asked.strip_prefix(name)?.strip_prefix('=')) else { return };
    match what {
        "panic" => panic!("failpoint {name}"),
        "hang" => loop {
            std::thread::park();
        },
        "kill" => drop(raise(Signal::SIGKILL)),
        "segv" => drop(raise(Signal::SIGSEGV)),
        _ => {}
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}

/// Whether the test wants `name` left out.
pub fn skips(name: &str) -> bool {
    cfg!(debug_assertions) && std::env::var("TWELVE_RUN_FAILPOINT").is_ok_and(|asked| asked == format!("{name}=skip"))
}
