//! What `/proc` says about processes.
//!
//! Read-only, and never more than a hint about the past: a process may have ended, and its number may
//! belong to another, by the time the caller looks at the answer. [`Stat::starttime`] tells two owners
//! of one number apart. Formats: proc(5).

use rustix::param::{clock_ticks_per_second, page_size};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

/// One process at one moment, from `/proc/PID/stat`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stat {
    /// Its number.
    pub pid: i32,
    /// Its parent, or the sub-reaper that adopted it.
    pub ppid: i32,
    /// Its process group.
    pub pgid: i32,
    /// Its session.
    pub sid: i32,
    /// The letter of its first thread's state: `R` `S` `D` `T` `t` `Z` `X` `I`.
    pub state: u8,
    /// How many threads it has, the first included when only that has ended.
    pub threads: u32,
    /// When it started, in clock ticks after boot: with `pid`, the name of one life.
    pub starttime: u64,
    /// The kernel's name of it, at most 15 bytes, any bytes.
    pub comm: Vec<u8>,
    /// Processor time that it has used itself, in seconds.
    pub cpu_s: f64,
    /// Its resident memory.
    pub rss_bytes: u64,
}

impl Stat {
    /// Whether it has ended and only waits to be reaped. A process whose first thread has left while
    /// others go on looks the same but for their number (FAULTS B13).
    pub fn is_dead(&self) -> bool {
        matches!(self.state, b'Z' | b'X') && self.threads <= 1
    }
}

/// Whether there is a `/proc`, and it is that of our own pid namespace.
pub fn has_proc() -> bool {
    // In another namespace's /proc, `self` has another number, or leads nowhere.
    fs::read_link("/proc/self").is_ok_and(|link| link.to_str() == Some(&std::process::id().to_string()))
}

/// One process; `None` when there is none of this number, or `/proc` doesn't show it.
pub fn stat(pid: i32) -> Option<Stat> {
    let mut buffer = [0; 1024]; // 52 numbers and a name of 15 bytes; a partial read would lose only the last of them
    let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut buffer).ok()?;
    parse_stat(&buffer[..length])
}

/// Every process that `/proc` shows. Complete for those that live during the whole call.
pub fn all() -> io::Result<Vec<Stat>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) {
            found.extend(stat(pid));
        }
    }
    Ok(found)
}

/// The children of a process, dead ones that nobody has reaped included. Empty when there is no such process.
///
/// Quick, but the kernel may leave out a child when another one ends during the call: ask again before
/// concluding that there is none.
pub fn children_of(pid: i32) -> io::Result<Vec<i32>> {
    if has_children_files() {
        return listed_children(pid);
    }
    Ok(all()?.into_iter().filter(|process| process.ppid == pid).map(|process| process.pid).collect())
}

/// Our own children, dead ones that nobody has reaped included, if they were started by this thread; with the
/// limits of [`children_of`]. What a sub-reaper adopts becomes the child of its first thread.
pub fn our_children() -> io::Result<Vec<i32>> {
    let (us, this) = (std::process::id() as i32, rustix::thread::gettid().as_raw_pid());
    if !has_children_files() {
        return children_of(us);
    }
    let mut found = Vec::new();
    add_listed(format!("/proc/{us}/task/{us}/children"), &mut found)?;
    if this != us {
        add_listed(format!("/proc/{us}/task/{this}/children"), &mut found)?;
    }
    Ok(found)
}

/// The children of a process, theirs, and so on, each before its own; with the limits of [`children_of`].
pub fn descendants_of(pid: i32) -> io::Result<Vec<i32>> {
    if !has_children_files() {
        return Ok(below(pid, &all()?).into_iter().map(|process| process.pid).collect());
    }
    let mut found = listed_children(pid)?;
    let mut seen: HashSet<i32> = found.iter().copied().collect();
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        next += 1;
        // A number that is reused in the middle of the walk must not lead it in a circle.
        found.extend(listed_children(parent)?.into_iter().filter(|child| seen.insert(*child)));
    }
    Ok(found)
}

/// Those of `all` that descend from `pid`, each before its own children.
pub fn below(pid: i32, all: &[Stat]) -> Vec<&Stat> {
    let mut children: HashMap<i32, Vec<&Stat>> = HashMap::new();
    for process in all.iter().filter(|process| process.pid != process.ppid) {
        children.entry(process.ppid).or_default().push(process);
    }
    let mut found = children.remove(&pid).unwrap_or_default();
    let mut next = 0;
    while let Some(parent) = found.get(next) {
        // Taking the entry out ends the walk even if the numbers form a circle.
        found.extend(children.remove(&parent.pid).unwrap_or_default());
        next += 1;
    }
    found
}

/// The value of a variable in the environment that a process was started with. `None` when it is not
/// set, the process is gone, or it is not ours to read.
pub fn environ_value(pid: i32, name: &str) -> Option<Vec<u8>> {
    let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environ.split(|&byte| byte == 0).find_map(|variable| {
        let value = variable.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(value.to_vec())
    })
}

/// Whether the kernel was built with the `children` files (`CONFIG_PROC_CHILDREN`).
fn has_children_files() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| fs::exists("/proc/thread-self/children").unwrap_or(false))
}

/// The children that the `children` files of a process's threads list.
fn listed_children(pid: i32) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    // A folder has a link for each folder in it, and two of its own: most processes have one thread, and
    // need not be listed.
    let threads = match fs::metadata(format!("/proc/{pid}/task")) {
        Ok(tasks) => tasks.nlink().saturating_sub(2),
        Err(error) if is_gone(&error) => return Ok(found),
        Err(error) => return Err(error),
    };
    if threads == 1 {
        add_listed(format!("/proc/{pid}/task/{pid}/children"), &mut found)?;
        return Ok(found);
    }
    let tasks = match fs::read_dir(format!("/proc/{pid}/task")) {
        Ok(tasks) => tasks,
        Err(error) if is_gone(&error) => return Ok(found),
        Err(error) => return Err(error),
    };
    for task in tasks {
        match task {
            Ok(task) => add_listed(task.path().join("children"), &mut found)?,
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Adds what a `children` file lists. The thread or the whole process may end at any moment; it has no
/// children then.
fn add_listed(file: impl AsRef<Path>, found: &mut Vec<i32>) -> io::Result<()> {
    // The standard library would first ask for the size, which is 0.
    let mut text = [0; 8192];
    let mut kept = 0;
    let end = File::open(file).and_then(|mut file| {
        loop {
            let count = file.read(&mut text[kept..])?;
            let end = kept + count;
            // A number may go on in the next read; numbers end with a space.
            let whole = memchr::memrchr(b' ', &text[..end]).map_or(0, |last| last + 1);
            let numbers = text[..whole].split(|&byte| byte == b' ');
            found.extend(numbers.filter_map(|number| std::str::from_utf8(number).ok()?.parse::<i32>().ok()));
            text.copy_within(whole..end, 0);
            kept = end - whole;
            if count == 0 || kept == text.len() {
                return Ok(());
            }
        }
    });
    match end {
        Err(error) if !is_gone(&error) => Err(error),
        _ => Ok(()),
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(nix::libc::ESRCH)
}

fn parse_stat(line: &[u8]) -> Option<Stat> {
    // The name stands in parentheses and may itself hold spaces and parentheses: the last one closes it.
    let open = memchr::memchr(b'(', line)?;
    let close = memchr::memrchr(b')', line)?;
    let pid = std::str::from_utf8(line.get(..open)?).ok()?.trim().parse().ok()?;
    let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    // Fields of proc(5) by their number there: 3 to 6, 14 and 15, 20, 22, 24.
    let state = *fields.next()?.as_bytes().first()?;
    let (ppid, pgid, sid) =
        (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let ticks = fields.nth(7)?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    let threads = fields.nth(4)?.parse().ok()?;
    let starttime = fields.nth(1)?.parse().ok()?;
    let pages: u64 = fields.nth(1)?.parse().ok()?;
    Some(Stat {
        pid,
        ppid,
        pgid,
        sid,
        state,
        threads,
        starttime,
        comm: line.get(open + 1..close)?.to_vec(),
        cpu_s: ticks as f64 / clock_ticks_per_second() as f64,
        rss_bytes: pages * page_size() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_stat_line_is_read_whatever_the_process_is_called() {
        let rest = "S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 4242 1 2 3";
        for comm in ["sleep", "a b", ")", "((", ") S 1 1 1 (", ""] {
            let found = parse_stat(format!("12 ({comm}) {rest}\n").as_bytes());
            let expected = Stat {
                pid: 12,
                ppid: 7,
                pgid: 8,
                sid: 9,
                state: b'S',
                threads: 3,
                starttime: 4242,
                comm: comm.as_bytes().to_vec(),
                cpu_s: 11.0 / clock_ticks_per_second() as f64,
                rss_bytes: 2 * page_size() as u64,
            };
            assert_eq!(found, Some(expected), "{comm:?}");
        }
    }

    #[test]
    fn half_a_stat_line_is_no_process() {
        for line in
            ["", "12", "12 (x", "12 (x)", "12 (x) S", "12 (x) S 1 2", "x (x) S 1 2 3", ")(", "12 )x( S 1"]
        {
            assert_eq!(parse_stat(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn b13_a_process_is_dead_when_its_last_thread_is() {
        for (state, threads, dead) in [(b'Z', 1, true), (b'Z', 0, true), (b'Z', 2, false), (b'S', 1, false)] {
            let line = format!("12 (x) {} 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 {threads} 0 7 0 0", state as char);
            assert_eq!(parse_stat(line.as_bytes()).map(|stat| stat.is_dead()), Some(dead), "{line}");
        }
    }

    #[test]
    fn a_circle_of_parents_ends_the_walk() {
        let process = |pid, ppid| Stat {
            pid,
            ppid,
            pgid: 1,
            sid: 1,
            state: b'S',
            threads: 1,
            starttime: 0,
            comm: Vec::new(),
            cpu_s: 0.0,
            rss_bytes: 0,
        };
        let all = [process(2, 1), process(3, 2), process(4, 3), process(5, 5), process(1, 4)];
        let pids: Vec<i32> = below(1, &all).iter().map(|process| process.pid).collect();
        assert_eq!(pids, [2, 3, 4, 1]);
    }

    #[test]
    fn a_tree_is_found_with_its_environment() {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "sleep 60 & echo up; read line; kill $!; wait"])
            .env("PROC_TEST", "a=b c")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 3];
        shell.stdout.take().unwrap().read_exact(&mut line).unwrap();
        let pid = shell.id() as i32;
        let me = std::process::id() as i32;

        let below_shell = descendants_of(pid).unwrap();
        let scanned: Vec<i32> = below(pid, &all().unwrap()).iter().map(|process| process.pid).collect();
        let value = environ_value(pid, "PROC_TEST");
        let absent = environ_value(pid, "PROC_TES");
        let siblings = children_of(me).unwrap();
        let parents: Vec<i32> = below_shell.iter().map(|&child| stat(child).unwrap().ppid).collect();
        drop(shell.stdin.take());
        shell.wait().unwrap();

        assert_eq!(below_shell.len(), 1);
        assert_eq!(below_shell, scanned);
        assert_eq!(parents, [pid]);
        assert_eq!(value.as_deref(), Some(&b"a=b c"[..]));
        assert_eq!(absent, None);
        assert!(siblings.contains(&pid));
        assert_eq!(children_of(pid).unwrap(), Vec::<i32>::new(), "a reaped process has no children");
        assert_eq!(stat(pid), None);
    }

    #[test]
    fn proc_is_ours_and_shows_us() {
        let me = std::process::id() as i32;
        assert!(has_proc());
        assert!(all().unwrap().iter().any(|process| process.pid == me && !process.is_dead()));
    }
}
