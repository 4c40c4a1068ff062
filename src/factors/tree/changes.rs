//! What has changed, as git says: this asks the program, which alone knows how to compare.
//!
//! It takes no lock, runs no monitor that a repository configures, and fetches nothing.

use super::{BEGINNING, LARGEST, Refusal, Unread, too_large};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What is staged below `root`: the name, the place in the working tree, and the blob.
pub fn staged(root: &Path) -> Result<Vec<(String, PathBuf, String)>, Refusal> {
    let told = git(root, &["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative"])?;
    let files = records(&told).into_iter().map(|(path, blob)| {
        (String::from_utf8_lossy(path).into_owned(), root.join(OsStr::from_bytes(path)), blob)
    });
    Ok(files.collect())
}

/// The files below `root` that differ from a revision.
pub fn since(root: &Path, revision: &str) -> Result<Vec<PathBuf>, Refusal> {
    // Nothing typed may pass for an option.
    if revision.starts_with('-') || revision.is_empty() {
        return Err(Refusal {
            sentence: format!("`{revision}` is no revision"),
            help: "name a commit, a branch or a tag",
        });
    }
    let told =
        git(root, &["diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative", revision, "--"])?;
    Ok(records(&told).into_iter().map(|(path, _)| root.join(OsStr::from_bytes(path))).collect())
}

/// `:OLDMODE MODE OLDBLOB BLOB STATUS`, NUL, the path, NUL; what is gone and what is no file is left out.
fn records(told: &[u8]) -> Vec<(&[u8], String)> {
    let mut parts = told.split(|byte| *byte == 0);
    let mut records = Vec::new();
    while let (Some(head), Some(path)) = (parts.next(), parts.next()) {
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.split(' ').collect();
        if let [_, mode, _, blob, _] = words[..]
            && mode.starts_with("100")
        {
            records.push((path, blob.to_owned()));
        }
    }
    records
}

fn git(root: &Path, words: &[&str]) -> Result<Vec<u8>, Refusal> {
    let done = command(root, words).stdin(Stdio::null()).stderr(Stdio::piped()).output();
    let done = done.map_err(|error| absent(&error))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned();
    Err(Refusal {
        sentence: format!("git cannot tell what has changed: {said}"),
        help: "`--staged` and `--since` look at a git repository; leave them out to look at everything",
    })
}

fn absent(error: &std::io::Error) -> Refusal {
    Refusal {
        sentence: format!("git cannot be run: {error}"),
        help: "install git, or look at everything without `--staged` and `--since`",
    }
}

fn command(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "core.fsmonitor=false", "-c", "core.quotepath=false"])
        .args(words)
        .current_dir(root)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdout(Stdio::piped());
    command
}

/// The content of what is staged, from one `git cat-file` for each root.
#[derive(Default)]
pub struct Blobs {
    wanted: HashMap<PathBuf, (usize, String)>,
    roots: Vec<(PathBuf, Option<Cat>)>,
}

/// The program that hands out blobs.
struct Cat {
    child: Child,
    ask: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

impl Blobs {
    pub fn add(&mut self, root: &Path, real: PathBuf, blob: String) {
        let known = self.roots.iter().position(|(known, _)| known == root);
        let at = known.unwrap_or_else(|| {
            self.roots.push((root.to_owned(), None));
            self.roots.len() - 1
        });
        self.wanted.insert(real, (at, blob));
    }

    pub fn read(&mut self, real: &Path) -> Result<Vec<u8>, Unread> {
        let (at, blob) = self.wanted.get(real).ok_or("it is not staged")?;
        let (root, cat) = &mut self.roots[*at];
        if cat.is_none() {
            *cat = Some(Cat::start(root).map_err(|error| absent(&error).sentence)?);
        }
        let Some(running) = cat else { return Err("git cannot be run".into()) };
        let read = running.read(blob);
        if read.is_err() {
            *cat = None;
        }
        let bytes = read.map_err(|error| format!("git does not hand it out: {error}"))?;
        bytes.map_err(|beginning| too_large(&beginning))
    }
}

impl Cat {
    fn start(root: &Path) -> std::io::Result<Self> {
        let mut child =
            command(root, &["cat-file", "--batch"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let ask = child.stdin.take();
        let told = child.stdout.take().ok_or_else(|| std::io::Error::other("it has no output"))?;
        Ok(Self { child, ask, told: BufReader::new(told) })
    }

    /// The blob; of one that is too large its beginning.
    fn read(&mut self, blob: &str) -> std::io::Result<Result<Vec<u8>, Vec<u8>>> {
        if let Some(ask) = &mut self.ask {
            ask.write_all(format!("{blob}\n").as_bytes())?;
        }
        let mut head = String::new();
        self.told.read_line(&mut head)?;
        let words: Vec<&str> = head.split_whitespace().collect();
        let [_, "blob", size] = words[..] else { return Err(std::io::Error::other("it has no such blob")) };
        let size: u64 = size.parse().map_err(std::io::Error::other)?;
        let mut bytes = Vec::new();
        let wanted = if size <= LARGEST { size } else { BEGINNING };
        (&mut self.told).take(wanted).read_to_end(&mut bytes)?;
        std::io::copy(&mut (&mut self.told).take(size - wanted), &mut std::io::sink())?;
        self.told.read_exact(&mut [0])?;
        Ok(if size <= LARGEST { Ok(bytes) } else { Err(bytes) })
    }
}

impl Drop for Cat {
    /// Whatever it still has to say is not waited for.
    fn drop(&mut self) {
        self.ask = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
