//! A supervisor made of a script: `guard_probe GRACE_MS VERB…`, for the tests of guardian and signals.
//!
//! It guards itself, starts the signals thread and then does what the words say, one after the other:
//!
//! - `sh:SCRIPT` starts a service in a session of its own, with `$W` as the witness file
//! - `until:WHAT` takes what the signals thread saw until it is this; all of it goes to the witness
//! - `suspend` stops itself as Ctrl-Z does
//! - `limits` writes what was inherited, and what holds for itself
//! - `ready` tells its manager that all is up, and writes how often it is to say that it is not stuck
//! - `deaf` never looks at anything again
//! - `arm` arms the last resort
//! - `die:N` ends by this signal
//! - `exit:N` ends with this code
//!
//! Every line of the witness file (named by `$W`) is one appending write.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use nix::libc;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::SigSet;
use nix::unistd::setsid;
use twelve_run::sys::guardian::{Charge, guard};
use twelve_run::sys::notify::Manager;
use twelve_run::sys::{Seen, Signals, terminal};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let grace = words.next().and_then(|word| word.parse().ok()).expect("the grace in milliseconds");
    let charge = guard(Duration::from_millis(grace)).expect("a guardian");
    let (sender, seen) = channel();
    let signals =
        Signals::start(&charge, move |seen| sender.send(seen).unwrap_or_default()).expect("a signals thread");
    witness(&format!("supervisor {}", std::process::id()));
    let code = words.find_map(|word| act(&word, &charge, &signals, &seen));
    ExitCode::from(code.unwrap_or(0))
}

/// One word; the code when it ends the script.
fn act(word: &str, charge: &Charge, signals: &Signals, seen: &Receiver<Seen>) -> Option<u8> {
    let (verb, rest) = word.split_once(':').unwrap_or((word, ""));
    match verb {
        "sh" => spawn(rest),
        "until" => until(rest, signals, seen),
        "suspend" => witness(&format!("suspended {}", terminal::suspend_self().expect("to be stopped"))),
        "limits" => limits(charge),
        "ready" => ready(charge),
        "deaf" => loop {
            std::thread::park();
        },
        "die" => die(rest.parse().expect("a signal number")),
        "exit" => return Some(rest.parse().expect("an exit code")),
        _ => panic!("what is {word}?"),
    }
    None
}

fn until(wanted: &str, signals: &Signals, seen: &Receiver<Seen>) {
    for seen in seen {
        signals.pulse().turned();
        let name = match seen {
            Seen::Asked(signal) => format!("{signal:?}"),
            Seen::Meaningless(name) => name.to_owned(),
            other => format!("{other:?}"),
        };
        witness(&format!("seen {name}"));
        if name == wanted {
            return;
        }
    }
}

#[expect(clippy::zombie_processes, reason = "what it leaves is the guardian's to reap")]
fn spawn(script: &str) {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(Stdio::null());
    // SAFETY: both calls are plain system calls, allowed between fork and exec.
    unsafe {
        command.pre_exec(|| {
            setsid()?;
            SigSet::empty().thread_set_mask()?;
            Ok(())
        });
    }
    command.spawn().expect("a shell");
}

fn limits(charge: &Charge) {
    let inherited = charge.inherited();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit");
    let (core, _) = getrlimit(Resource::RLIMIT_CORE).expect("the limit");
    witness(&format!(
        "limits nofile {}/{} umask {:03o} hup {} now {} core {core}",
        inherited.nofile.0,
        inherited.nofile.1,
        inherited.umask,
        inherited.hangup_ignored,
        if soft == hard { "raised" } else { "low" },
    ));
}

fn ready(charge: &Charge) {
    match Manager::from_environment(charge) {
        Some(manager) => {
            witness(&format!("told {} watchdog {:?}", manager.tell_ready(), manager.watchdog_interval()));
        }
        None => witness("told nobody"),
    }
}

fn die(signal: i32) {
    // SAFETY: the default is no function of ours; raise touches no memory.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    SigSet::all().thread_unblock().expect("a mask");
    // SAFETY: as above.
    unsafe { libc::raise(signal) };
    panic!("survived signal {signal}");
}

fn witness(line: &str) {
    let path = std::env::var_os("W").expect("$W names the witness file");
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the witness file");
    file.write_all(format!("{line}\n").as_bytes()).expect("a line");
}
