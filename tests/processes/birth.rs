//! The birth contract: what a process finds, and what is said when there is none.

use crate::probe::{Probe, binary, is_root, skipped, until};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn birth_1_and_2_the_shell_gets_the_line_as_it_is_written() {
    let mut probe = Probe::new();
    probe.order("set PORT 7000");
    probe.spawn(1, "echo $PORTX [\\$PORT]");
    assert_eq!(probe.fact("out 1 "), "out 1 1 [$PORT]");
    probe.spawn(2, "VAR=1 printenv VAR && cd / && pwd");
    assert_eq!(probe.fact("out 2 "), "out 2 1 1");
    assert_eq!(probe.fact("out 2 "), "out 2 1 /");
    probe.ends_clean();
}

#[test]
fn birth_3_every_process_leads_a_session_and_a_group() {
    let mut probe = Probe::new();
    for (index, line) in ["sleep 60", "sleep \"60\"", "sleep 60; true"].into_iter().enumerate() {
        let pid = probe.up(index as u16, line);
        let stat = twelve_run::sys::proc::stat(pid).unwrap();
        assert_eq!((stat.pgid, stat.sid), (pid, pid), "{line}");
    }
    probe.ends_clean();
}

#[test]
fn birth_4_d12_no_signal_is_blocked_or_ignored_and_only_three_files_are_open() {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' HUP INT QUIT TERM PIPE USR1 TSTP; exec \"$0\""]).arg(binary());
    let mut probe = Probe::start(shell);
    for stdio in ["pipes", "pty", "terminal"] {
        probe.order(&format!("stdio {stdio}"));
        let report = probe.file(stdio);
        probe.spawn(1, format!("grep ^Sig /proc/self/status >{}; true", report.display()));
        probe.fact("exited 1 code:0");
        let report = fs::read_to_string(report).unwrap();
        for set in ["SigPnd", "SigBlk", "SigIgn"] {
            assert!(report.contains(&format!("{set}:\t0000000000000000\n")), "{stdio}: {report}");
        }
        let pid = probe.up(2, "sleep 60");
        // The kernel lets us go on a moment before it closes what is close-on-exec.
        until("0, 1 and 2 alone", || open_files(pid) == ["0", "1", "2"]);
        probe.order("kill 2");
        probe.fact("exited 2 ");
    }
    probe.ends_clean();
}

pub fn open_files(pid: i32) -> Vec<OsString> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let mut open: Vec<_> = open.map(|fd| fd.unwrap().file_name()).collect();
    open.sort();
    open
}

#[test]
fn d4_d13_limits_and_umask_are_those_we_were_started_with() {
    let mut probe = Probe::with(&["--nofile", "900", "--give-nofile", "321", "--give-umask", "23"]);
    probe.spawn(1, "ulimit -Sn; umask");
    assert_eq!(probe.fact("out 1 "), "out 1 1 321");
    assert_eq!(probe.fact("out 1 "), "out 1 1 0027");
    probe.ends_clean();
}

#[test]
fn birth_5_g1_standard_input_is_open_and_silent() {
    let mut probe = Probe::new();
    probe.up(1, "cat");
    probe.up(2, "read line; echo \"got $line\"");
    for _ in 0..100 {
        probe.turns();
    }
    probe.no_fact("exited");
    probe.no_fact("out");
    probe.ends_clean();
}

#[test]
fn birth_6_output_is_a_terminal_when_it_is_asked_for() {
    let mut probe = Probe::new();
    let line = "for fd in 0 1 2; do test -t $fd && echo \"$fd tty\"; done; echo over";
    probe.spawn(1, line);
    assert_eq!(probe.fact("out 1 "), "out 1 1 over");
    probe.order("stdio pty");
    probe.spawn(2, line);
    for told in ["0 tty", "1 tty", "2 tty", "over"] {
        assert_eq!(probe.fact("out 2 "), format!("out 2 1 {told}\\r"));
    }
    probe.ends_clean();
}

#[test]
fn a_terminal_has_the_modes_of_any_terminal_and_knows_its_size() {
    let mut probe = Probe::new();
    probe.order("stdio pty");
    probe.spawn(1, "printf 'a\\tb\\nc\\r\\n'; stty size; stty -a; true");
    assert_eq!(probe.fact("out 1 "), "out 1 1 a\\tb\\r");
    assert_eq!(probe.fact("out 1 "), "out 1 1 c\\r\\r");
    assert_eq!(probe.fact("out 1 "), "out 1 1 24 80\\r");
    probe.fact("exited 1 code:0");
    probe.spawn(2, "trap 'stty size; exit 0' WINCH; echo up; while :; do sleep 0.01; done");
    probe.fact("out 2 1 up\\r");
    probe.order("resize 50 132");
    assert_eq!(probe.fact("out 2 "), "out 2 1 50 132\\r");
    // Opening it by its name works: it is the controlling terminal.
    probe.spawn(3, "echo here >/dev/tty");
    assert_eq!(probe.fact("out 3 "), "out 3 1 here\\r");
    probe.ends_clean();
}

#[test]
fn g7_a_terminal_that_is_closed_and_opened_again_goes_on() {
    let mut probe = Probe::new();
    probe.order("stdio pty");
    probe.spawn(1, "t=$(tty); exec <&- >&- 2>&-; exec <$t >$t 2>&1; echo again");
    assert_eq!(probe.fact("out 1 "), "out 1 1 again\\r");
    probe.fact("end 1 1 ");
    probe.ends_clean();
}

#[test]
fn d1_no_more_processes_is_passing() {
    if !is_root() || !Path::new("/usr/bin/setpriv").exists() {
        return skipped("needs root and setpriv: for root itself the limit does not count");
    }
    // A uid of its own, so that nobody else's processes count.
    let mut command = Command::new("setpriv");
    let uid = (200_000 + std::process::id()).to_string();
    command.args(["--reuid", &uid, "--clear-groups"]).arg(binary()).args(["--nproc", "2"]);
    let mut probe = Probe::start(command);
    probe.spawn(1, "sleep 60");
    let told = probe.fact("failed 1 ");
    assert!(told.starts_with("failed 1 126 transient no more processes are allowed"), "{told}");
    probe.ends_clean();
}

#[test]
fn d3_too_many_open_files_is_passing_and_names_the_cure() {
    let mut probe = Probe::with(&["--nofile", "30"]);
    for index in 0..10 {
        probe.spawn(index, "sleep 60");
    }
    let told = probe.fact("failed ");
    assert!(told.contains(" 126 transient too many open files; raise `ulimit -n`"), "{told}");
    probe.order("kill 0");
    probe.fact("exited 0 ");
    probe.ends_clean();
}

/// The code that `sh` gives for a line, and ours with the sentence.
fn check_failure(probe: &mut Probe, line: &str, sentence: &str) {
    let shells = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(probe.folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", probe.file("bin").display()))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    probe.spawn(1, line);
    let told = probe.fact("failed 1 ");
    assert_eq!(told, format!("failed 1 {} permanent {sentence}", shells.code().unwrap()), "{line}");
}

#[test]
fn d5_birth_8_what_cannot_be_executed_is_told_apart_with_the_codes_of_sh() {
    let mut probe = Probe::new();
    let make = |name: &str, text: &[u8], mode: u32| {
        fs::write(probe.file(name), text).unwrap();
        fs::set_permissions(probe.file(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::create_dir(probe.file("bin")).unwrap();
    make("plain", b"x", 0o644);
    make("bin/plainer", b"x", 0o644);
    make("orphan", b"#!/nonexistent/interpreter -x\n", 0o755);
    symlink("loop", probe.file("loop")).unwrap();
    let path = format!("{}:/usr/bin:/bin", probe.file("bin").display());
    probe.tell(&["set".as_ref(), "PATH".as_ref(), path.as_ref()]);
    for (line, sentence) in [
        ("nosuch --x", "command `nosuch` not found in `PATH`"),
        ("./nosuch", "command `./nosuch` not found"),
        ("/nonexistent/x y", "command `/nonexistent/x` not found"),
        ("./plain", "`./plain` is not executable"),
        ("./bin", "`./bin` is a folder"),
        ("./plain/x", "command `./plain/x` not found: a part of its path is not a folder"),
        ("./loop", "command `./loop` not found: its symbolic links form a loop"),
        ("./orphan", "`./orphan` wants the interpreter `/nonexistent/interpreter`, which is not found"),
    ] {
        check_failure(&mut probe, line, sentence);
    }
    // Found in `PATH` and not executable: POSIX and bash say 126, dash calls it not found.
    probe.spawn(2, "plainer");
    assert_eq!(probe.fact("failed 2 "), "failed 2 126 permanent `plainer` is not executable");
    probe.ends_clean();
}

#[test]
fn d5_a_program_for_another_machine_is_named_and_a_bare_script_is_the_shells() {
    let mut probe = Probe::new();
    let mut elf = fs::read("/bin/true").unwrap();
    // e_machine: none that there is.
    elf[18..20].copy_from_slice(&[0xff, 0xfe]);
    for (name, text) in [("foreign", &elf[..]), ("script", b"echo \"by $0: $1\"; exit 5\n")] {
        fs::write(probe.file(name), text).unwrap();
        fs::set_permissions(probe.file(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    probe.spawn(1, "./foreign");
    assert_eq!(
        probe.fact("failed 1 "),
        "failed 1 126 permanent `./foreign` is not made for this machine, or damaged"
    );
    probe.spawn(2, "./script one");
    assert_eq!(probe.fact("out 2 "), "out 2 1 by ./script: one");
    probe.fact("exited 2 code:5");
    probe.order("words 3 ./script two");
    assert_eq!(probe.fact("out 3 "), "out 3 1 by ./script: two");
    probe.ends_clean();
}

#[test]
fn what_is_not_executable_in_path_is_passed_over_for_what_is() {
    let mut probe = Probe::new();
    for (folder, mode) in [("first", 0o644), ("second", 0o755)] {
        fs::create_dir(probe.file(folder)).unwrap();
        let file = probe.file(&format!("{folder}/prog"));
        fs::write(&file, "#!/bin/sh\necho $0\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    probe.order("set PATH nosuch:first:second:/bin");
    probe.spawn(1, "prog x");
    assert_eq!(probe.fact("out 1 "), "out 1 1 second/prog");
    probe.ends_clean();
}

#[test]
fn d6_a_missing_folder_is_not_a_missing_command() {
    let mut probe = Probe::new();
    fs::write(probe.file("file"), "").unwrap();
    for (folder, sentence) in [("gone", "folder `{}` is missing"), ("file", "`{}` is not a folder")] {
        let folder = probe.file(folder);
        probe.tell(&["cwd".as_ref(), folder.as_ref()]);
        for line in ["pwd", "sleep 1"] {
            probe.spawn(1, line);
            let sentence = sentence.replace("{}", &folder.display().to_string());
            assert_eq!(probe.fact("failed 1 "), format!("failed 1 126 permanent {sentence}"));
        }
    }
    probe.ends_clean();
}

#[test]
fn d7_what_is_too_large_is_named_and_its_value_never() {
    let mut probe = Probe::new();
    // The longest variable that the kernel takes, its name and NUL included, then one byte more.
    let longest = "s".repeat(131_072 - "SECRET=".len() - 1);
    probe.order(&format!("set SECRET {longest}"));
    probe.spawn(1, "true; exit 3");
    probe.fact("exited 1 code:3");
    probe.order(&format!("set SECRET {longest}s"));
    probe.spawn(2, "sleep 1");
    let told = probe.fact("failed 2 ");
    assert_eq!(
        told,
        "failed 2 126 permanent the variable `SECRET` is 131072 bytes long and the kernel takes 131071 in one"
    );
    probe.order("unset SECRET");
    for number in 0..20 {
        probe.order(&format!("set V{number} {}", "v".repeat(120_000 + number)));
    }
    probe.spawn(3, "sleep 1");
    let told = probe.fact("failed 3 ");
    assert!(told.contains("a quarter of `ulimit -s`"), "{told}");
    assert!(
        told.ends_with("the largest variable is `V19` with 120023 bytes") && !told.contains("vvv"),
        "{told}"
    );
    probe.ends_clean();
}

#[test]
fn d9_a_program_that_is_being_written_is_waited_for_and_then_named() {
    let mut probe = Probe::new();
    let program = probe.file("busy");
    fs::copy("/bin/true", &program).unwrap();
    let writer = fs::OpenOptions::new().append(true).open(&program).unwrap();
    let begun = std::time::Instant::now();
    probe.spawn(1, "./busy");
    assert_eq!(probe.fact("failed 1 "), "failed 1 126 permanent `./busy` is still being written");
    assert!(begun.elapsed().as_millis() >= 100);
    drop(writer);
    probe.spawn(2, "./busy");
    probe.fact("exited 2 code:0");
    probe.ends_clean();
}

#[test]
fn d17_bytes_that_are_no_utf8_are_passed_on() {
    let mut probe = Probe::new();
    let folder = probe.folder.path().join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&folder).unwrap();
    probe.tell(&["cwd".as_ref(), folder.as_ref()]);
    for (index, line) in
        [&b"/usr/bin/printf %s_ \xfe$A"[..], b"/usr/bin/printf %s_ \xfe\xfe", b"pwd"].iter().enumerate()
    {
        probe.tell(&[b"spawn", index.to_string().as_bytes(), line].map(OsStr::from_bytes));
    }
    assert_eq!(probe.fact("end 0 1 "), "end 0 1 \\xfe_");
    assert_eq!(probe.fact("end 1 1 "), "end 1 1 \\xfe\\xfe_");
    assert!(probe.fact("out 2 ").ends_with("/\\xff"));
    probe.ends_clean();
}

#[test]
fn a_shell_of_its_own_is_looked_up_and_missed_by_name() {
    let mut probe = Probe::new();
    probe.tell(&["shell", "1", "bash", "[[ a == a ]] && echo \"$0\""].map(OsStr::new));
    assert_eq!(probe.fact("out 1 "), "out 1 1 bash");
    probe.tell(&["shell", "2", "nosuchsh", "true"].map(OsStr::new));
    assert_eq!(probe.fact("failed 2 "), "failed 2 127 permanent command `nosuchsh` not found in `PATH`");
    probe.ends_clean();
}

/// A command that becomes the probe with `tty` as its controlling terminal; `sh` is how it gets there.
fn on_terminal(tty: &Path, sh: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let outer = format!("exec setsid -c sh -c '{sh}' 3<&0 <\"$TTY\"");
    command.args(["-c", &outer]).env("TTY", tty).env("PROBE", binary());
    command
}

const TELL_GROUPS: &str = "read a b c d e f g h i </proc/$$/stat; echo \"groups $a $e $h\"";

#[test]
fn g4_the_terminal_is_handed_over_and_taken_back() {
    let pty = nix::pty::openpty(None, None).unwrap();
    let tty = nix::unistd::ttyname(&pty.slave).unwrap();
    let mut probe = Probe::start(on_terminal(&tty, "exec \"$PROBE\" <&3 3<&-"));
    probe.order("stdio terminal");
    let pid = probe.up(1, format!("{TELL_GROUPS}; kill -STOP $$; {TELL_GROUPS}; exit 3"));
    assert_eq!(probe.fact("groups "), format!("groups {pid} {pid} {pid}"));
    probe.fact("paused");
    let foreground = || nix::unistd::tcgetpgrp(&pty.master).unwrap().as_raw();
    assert_eq!(foreground(), pid);
    probe.order("back");
    let own = probe.pid() as i32;
    until("ours again", || foreground() == own);
    probe.order("fg 1");
    assert_eq!(probe.fact("groups "), format!("groups {pid} {pid} {pid}"));
    probe.fact("unpaused");
    probe.fact("exited 1 code:3 remains:no");
    probe.order("back");
    until("ours again", || foreground() == own);
    probe.ends_clean();
}

#[test]
fn g5_in_the_background_nothing_is_grabbed() {
    let pty = nix::pty::openpty(None, None).unwrap();
    let tty = nix::unistd::ttyname(&pty.slave).unwrap();
    let mut probe = Probe::start(on_terminal(&tty, "set -m; \"$PROBE\" <&3 3<&- & wait"));
    probe.order("stdio terminal");
    let pid = probe.up(1, format!("{TELL_GROUPS}; exit 3"));
    let told = probe.fact("groups ");
    assert!(
        told.starts_with(&format!("groups {pid} {pid} ")) && !told.ends_with(&format!(" {pid}")),
        "{told}"
    );
    probe.fact("exited 1 code:3 remains:no");
    probe.ends_clean();
}

#[test]
fn g4_without_a_terminal_there_is_nothing_to_hand_over() {
    let mut detached = Command::new("setsid");
    detached.arg("-w").arg(binary());
    let mut probe = Probe::start(detached);
    probe.order("stdio terminal");
    probe.spawn(1, "echo bare; exit 3");
    probe.fact("bare");
    probe.fact("exited 1 code:3 remains:no");
    probe.ends_clean();
}
