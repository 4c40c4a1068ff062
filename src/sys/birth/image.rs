//! What exec is given: candidates, arguments, environment, folder; prepared, and small enough.

use super::sockets::{self, OwnPid};
use super::stub::Pointers;
use super::{Launch, Program};
use crate::supervisor::SpawnFailure;
use crate::supervisor::event::FailureClass;
use nix::libc::{self, c_char};
use nix::sys::resource::{Resource, getrlimit};
use std::ffi::{CString, NulError, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a bare name is looked for when the child has no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Everything that exec reads.
pub struct Image {
    cwd: CString,
    /// Whether the program was named with its path, so that there is one candidate.
    explicit: bool,
    candidates: Strings,
    argv: Strings,
    envp: Variables,
    /// The variable that the child completes, when it has sockets; `envp` points to it.
    own_pid: Option<OwnPid>,
}

impl Image {
    /// Prepares a launch; fails when it cannot be executed whatever the file system says.
    pub fn of(launch: &Launch) -> Result<Self, SpawnFailure> {
        match &launch.program {
            Program::Words { words, .. } => Self::prepare(launch, words.clone(), pwd(launch).as_deref()),
            Program::Shell { shell, script } => {
                Self::prepare(launch, vec![shell.clone(), "-c".into(), script.clone()], None)
            }
        }
    }

    /// The same launch by way of `/bin/sh`, for a script without `#!`.
    pub fn by_shell(launch: &Launch) -> Result<Self, SpawnFailure> {
        let words = match &launch.program {
            Program::Words { otherwise: Some(script), .. } | Program::Shell { script, .. } => {
                vec!["/bin/sh".into(), "-c".into(), script.clone()]
            }
            // As exec in a shell does it: the file is the script, the words its arguments.
            Program::Words { words, otherwise: None } => {
                let script =
                    [OsStr::new("exec"), OsStr::new("\"$0\""), OsStr::new("\"$@\"")].join(OsStr::new(" "));
                ["/bin/sh".into(), "-c".into(), script].into_iter().chain(words.iter().cloned()).collect()
            }
        };
        Self::prepare(launch, words, None)
    }

    fn prepare(launch: &Launch, words: Vec<OsString>, pwd: Option<&Path>) -> Result<Self, SpawnFailure> {
        let Some(program) = words.first() else {
            return Err(never(127, "the command is empty".into()));
        };
        let explicit = program.as_bytes().contains(&b'/');
        let candidates = if explicit { vec![program.clone()] } else { candidates(program, launch) };
        let candidates = Strings::new(candidates.into_iter().map(OsString::into_vec))
            .map_err(|_| never(126, "the command has a NUL byte".into()))?;
        let argv = Strings::new(words.into_iter().map(OsString::into_vec))
            .map_err(|_| never(126, "the command has a NUL byte".into()))?;
        let mut variables = Arc::clone(&launch.environment);
        if let Some(pwd) = pwd {
            let variables = Arc::make_mut(&mut variables);
            variables.retain(|var| !var.starts_with(b"PWD="));
            variables.push(assignment("PWD".as_ref(), pwd.as_os_str()));
        }
        if !launch.sockets.is_empty() {
            let variables = Arc::make_mut(&mut variables);
            variables.retain(|var| !sockets::is_ours(name_in(var)));
            variables.extend(
                sockets::variables(&launch.sockets).iter().map(|(name, value)| assignment(name, value)),
            );
        }
        let mut envp = Variables::new(variables)
            .map_err(|name| never(126, format!("the variable `{name}` has a NUL byte")))?;
        let cwd = CString::new(launch.cwd.as_os_str().as_bytes())
            .map_err(|_| never(126, "the folder's name has a NUL byte".into()))?;
        let own_pid = (!launch.sockets.is_empty()).then(OwnPid::new);
        if let Some(own_pid) = &own_pid {
            envp.point_to(own_pid.as_ptr());
        }
        let image = Self { cwd, explicit, candidates, argv, envp, own_pid };
        image.check_size()?;
        Ok(image)
    }

    /// The kernel's bounds (execve(2), "Limits on size of arguments and environment"), checked here so
    /// that the sentence can name what is too large.
    fn check_size(&self) -> Result<(), SpawnFailure> {
        let longest = max_string();
        if let Some(var) = self.envp.variables.iter().find(|var| var.len() > longest) {
            let reason = format!(
                "the variable `{}` is {} bytes long and the kernel takes {} in one",
                lossy_name(var),
                var.len() - 1,
                longest - 1
            );
            return Err(never(126, reason));
        }
        if self.argv.strings.iter().any(|word| word.as_bytes_with_nul().len() > longest) {
            return Err(never(126, format!("the command has a word of more than {} bytes", longest - 1)));
        }
        let own_pid = self.own_pid.as_ref().map_or(0, OwnPid::bytes);
        let (total, room) = (self.argv.bytes() + self.envp.bytes() + own_pid, room());
        if total > room {
            let largest = self.envp.variables.iter().max_by_key(|var| var.len());
            let largest = largest.map_or_else(String::new, |var| {
                format!("; the largest variable is `{}` with {} bytes", lossy_name(var), var.len() - 1)
            });
            let reason = format!(
                "command and environment are {total} bytes together and the kernel takes {room} (a quarter of `ulimit -s`){largest}"
            );
            return Err(never(126, reason));
        }
        Ok(())
    }

    pub fn cwd(&self) -> *const c_char {
        self.cwd.as_ptr()
    }

    pub fn candidates(&self) -> Pointers {
        self.candidates.pointers.as_ptr()
    }

    /// The candidates as paths, to look at why none could be executed.
    pub fn candidate_paths(&self) -> impl Iterator<Item = &Path> {
        self.candidates.strings.iter().map(|path| Path::new(OsStr::from_bytes(path.as_bytes())))
    }

    pub fn argv(&self) -> Pointers {
        self.argv.pointers.as_ptr()
    }

    pub fn envp(&self) -> Pointers {
        self.envp.pointers.as_ptr()
    }

    /// The variable that the child completes with its number.
    pub fn own_pid(&self) -> Option<&OwnPid> {
        self.own_pid.as_ref()
    }

    /// Whether the program was named with its path.
    pub fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// The program as it was written.
    pub fn program(&self) -> String {
        self.argv.strings.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned())
    }
}

/// C strings and the list of pointers to them.
struct Strings {
    strings: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    /// Fails with the one that has a NUL byte.
    fn new(bytes: impl Iterator<Item = Vec<u8>>) -> Result<Self, Vec<u8>> {
        let strings = bytes
            .map(|bytes| CString::new(bytes).map_err(NulError::into_vec))
            .collect::<Result<Vec<_>, _>>()?;
        let pointers = strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect();
        Ok(Self { strings, pointers })
    }

    /// What the kernel counts: the strings with their NULs, and the pointers.
    fn bytes(&self) -> usize {
        let strings: usize = self.strings.iter().map(|string| string.as_bytes_with_nul().len()).sum();
        strings + self.pointers.len() * size_of::<usize>()
    }
}

/// An environment and the list of pointers to it.
struct Variables {
    variables: Arc<Vec<Arc<[u8]>>>,
    pointers: Vec<*const c_char>,
}

impl Variables {
    /// Fails with the name of one whose only NUL is not at its end.
    fn new(variables: Arc<Vec<Arc<[u8]>>>) -> Result<Self, String> {
        let is_string = |variable: &&Arc<[u8]>| memchr::memchr(0, variable) == variable.len().checked_sub(1);
        if let Some(variable) = variables.iter().find(|variable| !is_string(variable)) {
            return Err(lossy_name(variable));
        }
        let pointers = variables.iter().map(|variable| variable.as_ptr().cast()).chain([std::ptr::null()]);
        Ok(Self { pointers: pointers.collect(), variables })
    }

    /// Adds a string that somebody else keeps, as long as this list is read.
    fn point_to(&mut self, string: *const c_char) {
        let end = self.pointers.len() - 1;
        self.pointers.insert(end, string);
    }

    /// What the kernel counts: the strings with their NULs, and the pointers.
    fn bytes(&self) -> usize {
        let strings: usize = self.variables.iter().map(|variable| variable.len()).sum();
        strings + self.pointers.len() * size_of::<usize>()
    }
}

/// `PATH` of the child, folder by folder; an empty part is the folder it is started in.
fn candidates(program: &OsStr, launch: &Launch) -> Vec<OsString> {
    if program.is_empty() {
        return Vec::new();
    }
    let path = launch.variable("PATH").unwrap_or(OsStr::new(DEFAULT_PATH));
    let folders = path.as_bytes().split(|&byte| byte == b':');
    folders
        .map(|folder| match folder {
            [] => program.to_owned(),
            folder => OsString::from_vec([folder, program.as_bytes()].join(&b'/')),
        })
        .collect()
}

/// The `PWD` that a shell would export: the one that is there when it names the folder, else the
/// folder without symbolic links. `None`: it is right as it is, or the folder cannot be entered.
fn pwd(launch: &Launch) -> Option<PathBuf> {
    let folder = std::fs::metadata(&launch.cwd).ok()?;
    let stated = launch.variable("PWD").map(Path::new).filter(|path| path.is_absolute());
    let right = stated
        .and_then(|path| std::fs::metadata(path).ok())
        .is_some_and(|stated| (stated.dev(), stated.ino()) == (folder.dev(), folder.ino()));
    if right { None } else { std::fs::canonicalize(&launch.cwd).ok() }
}

fn assignment(name: &OsStr, value: &OsStr) -> Arc<[u8]> {
    [name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat().into()
}

fn lossy_name(var: &[u8]) -> String {
    String::from_utf8_lossy(name_in(var)).into_owned()
}

fn name_in(var: &[u8]) -> &[u8] {
    var.split(|&byte| byte == b'=').next().unwrap_or_default()
}

fn never(code: u8, reason: String) -> SpawnFailure {
    SpawnFailure { class: FailureClass::Permanent, code, reason }
}

/// `MAX_ARG_STRLEN`: 32 pages, the NUL included.
fn max_string() -> usize {
    // SAFETY: sysconf has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    32 * usize::try_from(page).unwrap_or(4096)
}

/// A quarter of the stack limit, at least 128 KiB, at most 6 MiB (`bprm_stack_limits` in the kernel).
fn room() -> usize {
    const LEAST: u64 = 128 * 1024;
    const MOST: u64 = 6 * 1024 * 1024;
    let stack = getrlimit(Resource::RLIMIT_STACK).map_or(8 * 1024 * 1024, |(soft, _)| soft);
    usize::try_from((stack / 4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}
