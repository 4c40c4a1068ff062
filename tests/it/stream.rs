//! What comes out of a run, read by a thread of its own, and the terminal it may come from.

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What comes out of a run, read by a thread so that nothing waits for us.
pub struct Stream {
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
}

struct Shared {
    taken: Mutex<Taken>,
    more: Condvar,
    paused: AtomicBool,
    left: AtomicBool,
}

#[derive(Default)]
struct Taken {
    bytes: Vec<u8>,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    /// Begins to read, or to wait until it may.
    pub fn read(from: Arc<OwnedFd>, paused: bool) -> Self {
        let shared = Arc::new(Shared {
            taken: Mutex::default(),
            more: Condvar::new(),
            paused: AtomicBool::new(paused),
            left: AtomicBool::new(false),
        });
        let reader = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                take_all(&from, &shared);
                drop(from);
                shared.lock().ended = true;
                shared.more.notify_all();
            }
        });
        Self { shared, reader: Some(reader) }
    }

    /// All that has come so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.shared.lock().bytes.clone()
    }

    /// The same as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.shared.lock().bytes).into_owned()
    }

    /// Waits for a line that contains `text`; `None` when the stream or the time has ended without it.
    pub fn wait_for_line(&self, text: &str, guard: Duration) -> Option<String> {
        let until = Instant::now() + guard;
        let mut taken = self.shared.lock();
        loop {
            let now = Instant::now();
            let line = line_with(&taken.bytes, text);
            if line.is_some() || now >= until || taken.ended {
                return line;
            }
            taken =
                self.shared.more.wait_timeout(taken, until - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Stops reading for now, or goes on.
    pub fn pause(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Relaxed);
    }

    /// Reads to the end; whether that came. Whoever still holds the other end keeps it from coming.
    pub fn finish(&mut self, guard: Duration) -> bool {
        self.shared.paused.store(false, Ordering::Relaxed);
        let until = Instant::now() + guard;
        let mut taken = self.shared.lock();
        while !taken.ended {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return false;
            }
            taken = self.shared.more.wait_timeout(taken, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Closes it without reading what is left.
    pub fn leave(&mut self) {
        self.shared.left.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

fn take_all(from: &OwnedFd, shared: &Shared) {
    let mut buffer = vec![0; 64 * 1024];
    while !shared.left.load(Ordering::Relaxed) {
        if shared.paused.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        }
        let mut wanted = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        if !matches!(poll(&mut wanted, PollTimeout::from(20_u8)), Ok(1..)) {
            continue;
        }
        // A terminal's end is EIO.
        match nix::unistd::read(from, &mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                shared.lock().bytes.extend_from_slice(&buffer[..length]);
                shared.more.notify_all();
            }
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}

/// A terminal of 24 lines of 100, with the path of the side that programs see. Nobody opens that side
/// here: it would end when we close it.
pub fn open_terminal() -> (OwnedFd, String) {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).expect("a terminal");
    grantpt(&master).expect("it is ours");
    unlockpt(&master).expect("it is unlocked");
    let slave = ptsname_r(&master).expect("it has a name");
    let master = master.as_fd().try_clone_to_owned().expect("its descriptor");
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&master, size).expect("a terminal has a size");
    (master, slave)
}

fn line_with(bytes: &[u8], text: &str) -> Option<String> {
    let all = String::from_utf8_lossy(bytes);
    let whole = all.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().find(|line| line.contains(text)).map(|line| line.trim_end_matches('\r').to_owned())
}
