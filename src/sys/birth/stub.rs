//! The short life between clone and exec.
//!
//! The child shares our memory while we wait for it (`CLONE_VM | CLONE_VFORK`), so a birth costs the
//! same however large we are. In return it may do nothing but system calls on what was prepared: no
//! allocation, no lock, no panic, no handler of ours. What fails is written into memory that both see.

use super::image::Image;
use super::sockets::FIRST;
use super::stdio::ChildEnds;
use super::{Failed, Origin, owned};
use nix::errno::Errno;
use nix::libc::{self, c_char, c_int, c_long, c_void};
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Where a birth failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Stage {
    /// Opening its pipes or terminal, and making way for its sockets, in us.
    Open = 1,
    /// Making a process.
    Clone = 2,
    /// Giving it file descriptors that are not ours as well.
    Table = 10,
    /// Giving it a session or group of its own.
    Session = 3,
    /// Making its terminal its own.
    Terminal = 4,
    /// Putting its file descriptors in place.
    Stdio = 5,
    /// Putting its sockets in place.
    Sockets = 6,
    /// Giving back the limits.
    Limits = 7,
    /// Entering its folder.
    Folder = 8,
    /// Becoming the program.
    Exec = 9,
}

/// All that the stub reads, prepared; and its report.
pub struct Orders<'a> {
    /// File descriptors to become 0, 1, 2; empty when they are inherited.
    stdio: Option<[RawFd; 3]>,
    /// It shares our table of descriptors, and copies it up to this number before it changes anything.
    table: Option<RawFd>,
    /// File descriptors to become 3, 4, …; none of them lies on such a number.
    sockets: &'a [RawFd],
    /// Whether 0 is to become the controlling terminal of a new session.
    controlling: bool,
    /// Whether it leaves our session.
    session: bool,
    /// The terminal whose foreground its group becomes.
    foreground: Option<RawFd>,
    nofile: Option<libc::rlimit>,
    core: Option<libc::rlimit>,
    umask: Option<libc::mode_t>,
    image: &'a Image,
    report: Report,
}

/// Written by the stub, read by us once it has become the program or has ended.
#[derive(Default)]
struct Report {
    stage: AtomicI32,
    errno: AtomicI32,
}

impl<'a> Orders<'a> {
    pub fn new(
        image: &'a Image,
        ends: &ChildEnds,
        sockets: &'a [RawFd],
        origin: Origin,
        terminal: Option<RawFd>,
    ) -> Self {
        let (stdio, controlling, session) = match ends {
            ChildEnds::Pipes(ends) => (Some(ends.each_ref().map(AsRawFd::as_raw_fd)), false, true),
            ChildEnds::Pty(tty) => (Some([tty.as_raw_fd(); 3]), true, true),
            ChildEnds::Inherited => (None, false, false),
        };
        let limit = |(soft, hard)| libc::rlimit { rlim_cur: soft, rlim_max: hard };
        Self {
            stdio,
            table: None,
            sockets,
            controlling,
            session,
            foreground: terminal.filter(|_| !session),
            nofile: origin.nofile.map(limit),
            core: origin.core.map(limit),
            umask: origin.umask,
            image,
            report: Report::default(),
        }
    }
}

impl Orders<'_> {
    /// What becomes 0, 1 and 2.
    pub fn stdio(&self) -> Option<[RawFd; 3]> {
        self.stdio
    }

    /// Has it take 0, 1 and 2 from here, and copy no descriptor above `last`.
    pub fn take_from(&mut self, stdio: [RawFd; 3], last: RawFd) {
        self.stdio = Some(stdio);
        self.table = Some(last);
    }
}

/// The stub's stack: it calls little, and the kernel needs none of it for exec.
pub struct Stack(Box<[u128]>);

impl Stack {
    const BYTES: usize = 64 * 1024;

    pub fn new() -> Self {
        Self(vec![0; Self::BYTES / size_of::<u128>()].into_boxed_slice())
    }

    /// Stacks grow down on every machine that we run on; `u128` aligns it as the ABIs ask.
    fn top(&mut self) -> *mut c_void {
        self.0.as_mut_ptr_range().end.cast()
    }
}

/// Makes the process. Returns when it has become the program; its pidfd when the kernel gave one.
pub fn clone(orders: &Orders, stack: &mut Stack, with_pidfd: bool) -> Result<(i32, Option<OwnedFd>), Failed> {
    // No handler of ours may run in the child, which has our memory.
    let mut mask = SigSet::empty();
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut mask));
    let mut pidfd: c_int = -1;
    let mut cloned =
        if with_pidfd { raw_clone(orders, stack, libc::CLONE_PIDFD, &mut pidfd) } else { Err(Errno::ENOSYS) };
    if matches!(cloned, Err(Errno::ENOSYS | Errno::EPERM | Errno::EINVAL)) {
        pidfd = -1;
        cloned = raw_clone(orders, stack, 0, &mut pidfd);
    }
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);

    let pid = cloned.map_err(|errno| Failed { stage: Stage::Clone, errno })?;
    let pidfd = (pidfd >= 0).then(|| owned(pidfd));
    match orders.report.read() {
        None => Ok((pid, pidfd)),
        Some(failed) => {
            reap(pid);
            Err(failed)
        }
    }
}

fn raw_clone(orders: &Orders, stack: &mut Stack, extra: c_int, pidfd: &mut c_int) -> Result<i32, Errno> {
    let table = if orders.table.is_some() { libc::CLONE_FILES } else { 0 };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD | table | extra;
    let orders: *const Orders = orders;
    // SAFETY: the stack is ours and large enough for `live`, which makes system calls only; we are
    // suspended (CLONE_VFORK) until it execs or exits, so `orders` outlives it. `pidfd` is written by
    // the kernel alone, and only under CLONE_PIDFD.
    Errno::result(unsafe {
        libc::clone(live, stack.top(), flags, orders.cast_mut().cast(), ptr::from_mut(pidfd))
    })
}

/// The stub ended without becoming anything.
fn reap(pid: i32) {
    loop {
        // SAFETY: waitpid on our own child, without a place for the status.
        let reaped = Errno::result(unsafe { libc::waitpid(pid, ptr::null_mut(), 0) });
        if reaped != Err(Errno::EINTR) {
            return;
        }
    }
}

/// The child's whole life before the program.
extern "C" fn live(orders: *mut c_void) -> c_int {
    // SAFETY: `raw_clone` passes an `Orders` that outlives this call.
    let orders = unsafe { &*orders.cast_const().cast::<Orders>() };
    // SAFETY: system calls on prepared memory, in a process that is only this function.
    unsafe {
        if let Err(failed) = become_program(orders) {
            orders.report.write(failed);
        }
        libc::_exit(127)
    }
}

/// Does not return when all went well.
///
/// # Safety
/// To be called in the stub only.
unsafe fn become_program(orders: &Orders) -> Result<(), Failed> {
    // SAFETY: the caller's promise; every pointer below was prepared by `Orders::new`.
    unsafe {
        default_dispositions();
        if let Some(last) = orders.table {
            let first = c_long::from(last) + 1;
            let unshared = libc::syscall(
                libc::SYS_close_range,
                first,
                c_long::from(u32::MAX),
                libc::CLOSE_RANGE_UNSHARE,
            );
            check(Stage::Table, unshared as c_int)?;
        }
        if orders.session {
            check(Stage::Session, libc::setsid())?;
        } else {
            check(Stage::Session, libc::setpgid(0, 0))?;
            if let Some(tty) = orders.foreground {
                // A terminal that is not to be had is not needed.
                libc::tcsetpgrp(tty, libc::getpid());
            }
        }
        if let Some(stdio) = orders.stdio {
            if orders.controlling {
                check(Stage::Terminal, libc::ioctl(stdio[0], libc::TIOCSCTTY, 0))?;
            }
            check(Stage::Stdio, libc::dup2(stdio[0], 0))?;
            check(Stage::Stdio, libc::dup2(stdio[1], 1))?;
            check(Stage::Stdio, libc::dup2(stdio[2], 2))?;
        }
        // After 0 to 2, whose sources may lie where a socket goes; before the limit, which may be lower.
        let mut target = FIRST;
        for &source in orders.sockets {
            check(Stage::Sockets, libc::dup2(source, target))?;
            target = target.wrapping_add(1);
        }
        if let Some(own_pid) = orders.image.own_pid() {
            own_pid.write(libc::getpid().cast_unsigned());
        }
        if let Some(limit) = &orders.nofile {
            check(Stage::Limits, libc::setrlimit(libc::RLIMIT_NOFILE, limit))?;
        }
        if let Some(limit) = &orders.core {
            check(Stage::Limits, libc::setrlimit(libc::RLIMIT_CORE, limit))?;
        }
        if let Some(umask) = orders.umask {
            libc::umask(umask);
        }
        check(Stage::Folder, libc::chdir(orders.image.cwd()))?;
        empty_mask();
        Err(Failed { stage: Stage::Exec, errno: exec(orders.image) })
    }
}

/// Tries each candidate as a shell does: what is not there is passed over, what may not be run is
/// remembered, anything else is told at once.
// SAFETY: callers are between clone and exec, where the image and its arrays stay as they are.
unsafe fn exec(image: &Image) -> Errno {
    let mut told = None;
    let mut candidate = image.candidates();
    // SAFETY: `candidates`, `argv` and `envp` end with a null pointer, and so does each string.
    unsafe {
        while !(*candidate).is_null() {
            libc::execve(*candidate, image.argv(), image.envp());
            match Errno::last() {
                errno @ (Errno::ENOENT | Errno::ENOTDIR) => {
                    if told.is_none() && image.is_explicit() {
                        told = Some(errno);
                    }
                }
                errno @ (Errno::EACCES | Errno::ELOOP | Errno::ENAMETOOLONG) => told = Some(errno),
                errno => return errno,
            }
            candidate = candidate.add(1);
        }
    }
    match told {
        Some(errno) => errno,
        None => Errno::ENOENT,
    }
}

/// By the bare system call: the C library hides two signals of its own, and a handler must not
/// outlive the mask.
// SAFETY: callers are between clone and exec, where the image and its arrays stay as they are.
unsafe fn default_dispositions() {
    /// Larger than any kernel's `struct sigaction`; all zeros is the default disposition.
    static DEFAULT: [u64; 8] = [0; 8];
    /// The kernel's signal set has 64 bits.
    const SET_BYTES: usize = 8;
    let mut signal: c_int = 1;
    while signal <= 64 {
        // SAFETY: reads a `struct sigaction` and writes none; KILL and STOP are refused, as they may.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                DEFAULT.as_ptr(),
                ptr::null_mut::<c_void>(),
                SET_BYTES,
            );
        }
        signal = signal.wrapping_add(1);
    }
}

// SAFETY: callers are between clone and exec, where the image and its arrays stay as they are.
unsafe fn empty_mask() {
    static EMPTY: u64 = 0;
    // SAFETY: reads eight bytes.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const EMPTY,
            ptr::null_mut::<c_void>(),
            size_of::<u64>(),
        );
    }
}

fn check(stage: Stage, result: c_int) -> Result<(), Failed> {
    if result == -1 { Err(Failed { stage, errno: Errno::last() }) } else { Ok(()) }
}

impl Report {
    fn write(&self, failed: Failed) {
        self.errno.store(failed.errno as i32, Relaxed);
        self.stage.store(failed.stage as i32, Relaxed);
    }

    fn read(&self) -> Option<Failed> {
        const STAGES: [Stage; 8] = [
            Stage::Table,
            Stage::Session,
            Stage::Terminal,
            Stage::Stdio,
            Stage::Sockets,
            Stage::Limits,
            Stage::Folder,
            Stage::Exec,
        ];
        let stage = self.stage.load(Relaxed);
        let stage = STAGES.into_iter().find(|known| *known as i32 == stage)?;
        Some(Failed { stage, errno: Errno::from_raw(self.errno.load(Relaxed)) })
    }
}

/// A list of C strings as exec wants it: pointers, then a null.
pub type Pointers = *const *const c_char;
