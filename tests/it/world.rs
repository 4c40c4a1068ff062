//! A small world for one run of the program: a folder with an app in it, an environment of which every
//! variable is known, a place to run in (pipes, a terminal), and an oracle that tells what a run leaves
//! behind.
//!
//! ```ignore
//! let run = World::new().procfile("web: pup on:TERM=exit:0 log:up hang\n").start(["-t", "1"]);
//! run.wait_for_witness(1, "up");
//! run.signal(Signal::SIGTERM);
//! assert_eq!(run.finish().code(), 0);
//! ```
//!
//! Nothing here sleeps for a time that somebody guessed: every wait is for a fact, with one guard
//! ([`GUARD`]) and all that is known in its failure. `finish` fails when a single process is left.

use crate::running::Running;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

/// How long any fact is waited for.
pub const GUARD: Duration = Duration::from_secs(30);

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_twelve-run");

/// A process that says when it is up, and ends when it is asked to.
pub const POLITE: &str = "pup on:TERM=exit:0 log:up hang";

/// The folder, the environment and the place of one or more runs.
pub struct World {
    pub folder: Arc<TempDir>,
    variables: Vec<(OsString, OsString)>,
    setup: Vec<String>,
    pub place: Place,
    pub input: Input,
    patience: Duration,
    pub guard: Duration,
    pub unread: bool,
}

/// What a run's standard streams are, and what it is to its terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Pipes, in a group of its own; its session goes on when it stops.
    Pipes,
    /// Pipes, in a session of its own: nobody could resume it.
    OwnSession,
    /// A terminal, as the foreground job of a shell.
    UnderShell,
    /// A terminal whose session it leads, as in a container.
    Leading,
}

impl Place {
    /// The word under which the process that the user started is reported.
    pub fn word(self) -> &'static str {
        if self == Self::UnderShell { "job" } else { "child" }
    }
}

/// What a run finds on its standard input, when that is no terminal.
pub enum Input {
    Nothing,
    Text(Vec<u8>),
    /// This, and what is written later.
    Open(Vec<u8>),
}

impl World {
    /// An empty app folder.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("twelve-run-it-").tempdir().expect("a temporary folder");
        for name in ["app", "home"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Self {
            folder: Arc::new(folder),
            variables: Vec::new(),
            setup: Vec::new(),
            place: Place::Pipes,
            input: Input::Nothing,
            patience: Duration::ZERO,
            guard: GUARD,
            unread: false,
        }
    }

    /// The app's folder, where runs are started.
    pub fn app(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// Writes the Procfile.
    pub fn procfile(self, text: &str) -> Self {
        self.file("Procfile", text)
    }

    /// Has ports that nobody holds, so that no warning names a stranger.
    pub fn free_ports(self) -> Self {
        self.file(".foreman", format!("port: {}\n", free_port()))
    }

    /// Writes the `.env`.
    pub fn env(self, text: &str) -> Self {
        self.file(".env", text)
    }

    /// Writes a file of the app; folders on its way are made.
    pub fn file(self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Self {
        let path = self.app().join(name);
        fs::create_dir_all(path.parent().expect("it is in the app")).expect("its folder");
        fs::write(path, text).expect("a file of the app");
        self
    }

    /// Sets a variable of the real environment, which is `PATH`, `HOME` and `LANG` otherwise.
    pub fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// A step of the puppet that comes before the program, which the puppet then becomes.
    pub fn before(mut self, step: &str) -> Self {
        self.setup.push(step.to_owned());
        self
    }

    /// Runs as a user who is not root, whom nobody else is here: a root who asks for this becomes one, to
    /// whom all of the world's files belong. `None` (said on standard error) where others than root cannot
    /// even reach the program.
    pub fn by_a_user(self) -> Option<Self> {
        static USERS: AtomicU32 = AtomicU32::new(0);
        if !is_root() {
            return Some(self);
        }
        if !others_reach_the_program() {
            return None;
        }
        let user = 1_000_000 + std::process::id() % 100_000 * 100 + USERS.fetch_add(1, Ordering::Relaxed);
        let mut paths = vec![self.folder.path().to_owned()];
        while let Some(path) = paths.pop() {
            lchown(&path, Some(user), Some(user)).expect("root may");
            if path.is_dir() && !path.is_symlink() {
                paths.extend(fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
            }
        }
        Some(self.before(&format!("user:{user}")))
    }

    /// Runs on a terminal, as the foreground job of a shell.
    pub fn on_terminal(mut self) -> Self {
        self.place = Place::UnderShell;
        self
    }

    /// Runs as the leader of a terminal's session.
    pub fn leading_terminal(mut self) -> Self {
        self.place = Place::Leading;
        self
    }

    /// Runs in a session of its own, without a terminal.
    pub fn in_own_session(mut self) -> Self {
        self.place = Place::OwnSession;
        self
    }

    /// Gives a run this on its standard input, then its end.
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Text(text.into());
        self
    }

    /// Gives a run this on its standard input, which stays open.
    pub fn open_input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Open(text.into());
        self
    }

    /// Another world around the same folder, for those who ask.
    pub fn another(&self) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            variables: Vec::new(),
            setup: Vec::new(),
            place: Place::Pipes,
            input: Input::Nothing,
            patience: Duration::ZERO,
            guard: self.guard,
            unread: false,
        }
    }

    /// What is left when the run ends may go by itself for so long.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Waits longer for each fact, where much is to be done.
    pub fn guard(mut self, guard: Duration) -> Self {
        self.guard = guard;
        self
    }

    /// Begins without reading what the run writes; see [`Running::read_on`].
    pub fn unread(mut self) -> Self {
        self.unread = true;
        self
    }

    /// Runs `twelve-run start` with these arguments.
    pub fn start<const N: usize>(&self, arguments: [&str; N]) -> Running {
        self.run_words([OsStr::new("start")].into_iter().chain(arguments.map(OsStr::new)))
    }

    /// Runs `twelve-run` with these arguments.
    pub fn run<const N: usize>(&self, arguments: [&str; N]) -> Running {
        self.run_words(arguments.into_iter().map(OsStr::new))
    }

    /// Runs `twelve-run` with these arguments, which need be no text.
    pub fn run_words<'a>(&self, arguments: impl IntoIterator<Item = &'a OsStr>) -> Running {
        self.command([OsStr::new(PROGRAM)].into_iter().chain(arguments))
    }

    /// Runs `twelve-run start` with these arguments from a line of shell, which bash reads before it
    /// becomes the program.
    pub fn start_from<const N: usize>(&self, line: &str, arguments: [&str; N]) -> Running {
        let line = format!("{line}; exec \"$0\" \"$@\"");
        let words = ["bash", "-c", &line, PROGRAM, "start"].into_iter().chain(arguments);
        self.command(words.map(OsStr::new))
    }

    /// Runs `twelve-run start` as the first process of a PID namespace; `None` (said on standard error)
    /// where the kernel does not let us have one.
    pub fn start_as_pid_1<const N: usize>(&self, arguments: [&str; N]) -> Option<Running> {
        const NAMESPACE: [&str; 5] = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
        let (unshare, options) = NAMESPACE.split_first().expect("it has words");
        let allowed = Command::new(unshare).args(options).arg("true").stderr(Stdio::null()).status();
        if !allowed.is_ok_and(|status| status.success()) {
            skipped("no PID namespaces");
            return None;
        }
        let words = NAMESPACE.into_iter().chain([PROGRAM, "start"]).chain(arguments);
        Some(self.command(words.map(OsStr::new)))
    }

    /// Runs any program.
    pub fn command<'a>(&self, words: impl IntoIterator<Item = &'a OsStr>) -> Running {
        Running::begin(self, words)
    }

    /// The file of events; see [`crate::finished::read_witness`].
    pub fn witness(&self) -> PathBuf {
        self.folder.path().join("witness")
    }

    /// The oracle with all that it is to run, told about in `report`; `terminal` is where it runs.
    pub fn oracle(&self, report: &Path, terminal: Option<&str>) -> Command {
        let mut command = Command::new(pup());
        command.arg(format!("oracle:{}:{}", report.display(), self.patience.as_millis()));
        match terminal {
            Some(terminal) => command.args(["setsid", &format!("tty:{terminal}")]),
            None if self.place == Place::OwnSession => command.arg("setsid"),
            None => command.arg("group"),
        };
        command.args(&self.setup);
        match self.place {
            Place::UnderShell => command.arg(format!("shell:{}", report.display())),
            _ => command.arg("exec"),
        };
        command
            .current_dir(self.app())
            .env_clear()
            .env("PATH", Self::path_variable())
            .env("HOME", self.folder.path().join("home"))
            .env("LANG", "C.UTF-8")
            .env("PUP_WITNESS", self.witness())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        if terminal.is_none() {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        command.stdin(match self.input {
            Input::Nothing => Stdio::null(),
            Input::Text(_) | Input::Open(_) => Stdio::piped(),
        });
        command
    }

    fn path_variable() -> OsString {
        let mut path = pup().parent().expect("it is in a folder").as_os_str().to_owned();
        path.push(":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        path
    }
}

/// Says that a test could not be run here, and why: never silently.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why} here");
}

/// Whether system calls can be made to fail: there is `strace`, and it may.
pub fn can_trace() -> bool {
    let trial = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    trial.is_ok_and(|status| status.success())
}

/// Whether a user who is not root may go all the way to the program; said on standard error when not.
pub fn others_reach_the_program() -> bool {
    let reached = Path::new(PROGRAM)
        .ancestors()
        .all(|path| fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o001 != 0));
    if !reached {
        skipped("no way to the program for other users");
    }
    reached
}

/// Whether we are root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The puppet beside the tests. Cargo builds examples for `cargo test`, but not for `cargo test --test it`.
fn pup() -> &'static Path {
    static PUP: OnceLock<PathBuf> = OnceLock::new();
    PUP.get_or_init(|| {
        let tests = std::env::current_exe().expect("this program has a path");
        let profile = tests.ancestors().nth(2).expect("it is in target/PROFILE/deps");
        let pup = profile.join("examples/pup");
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/children");
        let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let sources = fs::read_dir(sources).into_iter().flatten().flatten();
        let newest = sources.filter_map(|source| changed(&source.path())).max();
        if changed(&pup) < newest {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut build = Command::new(cargo);
            build.args(["build", "--quiet", "--example", "pup"]).current_dir(env!("CARGO_MANIFEST_DIR"));
            if profile.file_name() == Some(OsStr::new("release")) {
                build.arg("--release");
            }
            assert!(build.status().is_ok_and(|status| status.success()), "the puppet cannot be built");
        }
        pup
    })
}

/// A first port, with a hundred more of it for each of four types, at which nobody listens now; each
/// caller gets others.
pub fn free_port() -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    loop {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let first = 10_000 + ((std::process::id() * 7 + call * 411) % 20_000) as u16;
        let mut ports = (0..4).flat_map(|kind| (0..5).map(move |index| first + kind * 100 + index));
        if ports.all(|port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
}
