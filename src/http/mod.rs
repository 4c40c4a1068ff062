//! Health and metrics of a running formation over HTTP, read-only; there only when asked for.
//!
//! The driver writes a [`Board`], and a thread of its own answers from it. So an answer waits for nobody:
//! neither for a probe that hangs nor for a driver that does. `verdict` turns the board into yes or no,
//! `body` and `metrics` into words, `guard` says who may ask, and `server` keeps the connections.
//!
//! This room must not know: what becomes of a formation, how it is learned whether a process is well, and
//! how to change anything.
#![forbid(unsafe_code)]

mod accept;
mod answer;
mod board;
mod body;
mod guard;
mod metrics;
mod server;
#[cfg(test)]
mod tests;
mod verdict;

pub use board::{Board, Figures, Kind, Lengths, Row, State, View};
pub use guard::{COOKIE_NAME, Door};

use answer::Desk;
use crossbeam_channel::{Receiver, bounded};
use server::Limits;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::watch;

/// How long the end may take.
const LAST: Duration = Duration::from_secs(2);

/// What the thread has to say for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The thread panicked.
    Broke,
}

/// The handle to the thread.
pub struct Http {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
}

impl Http {
    /// Answers on `listener` from now on, by a thread named `http`. `tell` is called from there.
    pub fn start(
        listener: TcpListener,
        board: Board,
        door: Door,
        tell: impl Fn(Heard) + Send + 'static,
    ) -> io::Result<Self> {
        Self::within(Limits::default(), listener, board, door, tell)
    }

    fn within(
        limits: Limits,
        listener: TcpListener,
        board: Board,
        door: Door,
        tell: impl Fn(Heard) + Send + 'static,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let desk = Desk { board, door, address: address.ip() };
        let (stop, stopped) = watch::channel(false);
        let (end, ended) = bounded(1);
        std::thread::Builder::new().name("http".into()).spawn(move || {
            let work = move || runtime.block_on(server::serve(listener, desk, limits, stopped));
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                tell(Heard::Broke);
            }
            drop(end);
        })?;
        Ok(Self { address, stop, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets those who have asked take their answers, and ends. Bounded.
    pub fn finish(self) {
        let _ = self.stop.send(true);
        let _ = self.ended.recv_timeout(LAST);
    }
}
