//! The control socket: how a running formation is talked to.
//!
//! [`place`] says where it is, for both sides; [`protocol`] and [`frame`] are the words; the server is a
//! thread of its own that turns words into [`Question`]s for the driver and its [`Answer`]s into words;
//! [`client`] is the other side. A question is answered exactly once; a client that goes away changes
//! nothing about what it asked for.
//!
//! This room must not know: what becomes of a formation, and how answers look on a screen.
#![forbid(unsafe_code)]

pub mod client;
mod connection;
mod door;
pub mod frame;
pub mod place;
pub mod protocol;
mod server;
pub mod usage;

use crate::output::archive::Record;
use crate::output::tap::Tap;
use crate::sys::processes::Keyboard;
use crate::sys::terminal::say as tell;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use nix::sys::eventfd::{EfdFlags, EventFd};
use place::Lock;
use protocol::{Ask, Process, Refused};
use serde_json::Value;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What may wait for the thread: an answer for each connection, and a burst of events.
const ORDERS: usize = 4096;
/// How long the end may take.
const LAST: Duration = Duration::from_secs(2);

/// Names a question for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    client: u64,
    request: u64,
}

/// Somebody asks something.
#[derive(Debug)]
pub struct Question {
    /// For the answer.
    pub ticket: Ticket,
    /// Who, in words for people.
    pub who: String,
    /// What.
    pub ask: Ask,
}

/// What the thread has to say for itself.
#[derive(Debug)]
pub enum Heard {
    /// Somebody asks.
    Question(Question),
    /// The thread panicked.
    Broke,
}

/// The answer to a question.
pub enum Answer {
    /// Done, and what there is to say.
    Done(Value),
    /// Nothing was changed.
    Refused(Refused),
    /// What is, with the processes whose use of the machine is to be added.
    Processes {
        /// The rows.
        processes: Vec<Process>,
        /// For each row, where its trees begin.
        roots: Vec<Vec<u32>>,
    },
    /// What was written, and what will be.
    Records {
        /// Until now.
        records: Vec<Record>,
        /// From now on.
        tap: Option<Tap>,
        /// How wide names are, in characters.
        width: usize,
    },
    /// What happens will be told.
    Watching,
    /// A process's terminal.
    Attached {
        /// `web.1`.
        name: String,
        /// What is typed goes here.
        keyboard: Keyboard,
        /// What it wrote last.
        tail: Vec<u8>,
        /// What it writes from now on.
        tap: Tap,
    },
}

/// What the driver tells the thread.
enum Order {
    Answer(Ticket, Answer),
    Publish(Value),
    Finish,
}

/// What the thread shares with its handle.
struct Room {
    orders: Receiver<Order>,
    wake: Arc<EventFd>,
    /// How many follow the events; nothing is made for nobody.
    watchers: Arc<AtomicUsize>,
    /// The process that the user started.
    pid: u32,
}

impl Room {
    fn watchers_left(&self, count: usize) {
        self.watchers.fetch_sub(count, Ordering::Relaxed);
    }
}

/// The handle to the thread.
pub struct Control {
    orders: Sender<Order>,
    wake: Arc<EventFd>,
    watchers: Arc<AtomicUsize>,
    ended: Receiver<()>,
}

impl Control {
    /// Listens at the lock's socket from now on. `pid` is the process that the user started.
    pub fn start(lock: Lock, pid: u32, tell: impl Fn(Heard) + Send + Sync + 'static) -> io::Result<Self> {
        // It takes memory as it fills; `send` keeps it from filling without bound.
        let (orders, inbox) = unbounded();
        let (end, ended) = bounded(1);
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?);
        let watchers = Arc::new(AtomicUsize::new(0));
        let room = Room { orders: inbox, wake: Arc::clone(&wake), watchers: Arc::clone(&watchers), pid };
        let tell = Arc::new(tell);
        let ask = Arc::clone(&tell);
        let server = server::Server::new(room, door::Door::open(lock)?, move |question| {
            ask(Heard::Question(question));
        })?;
        std::thread::Builder::new().name("control".into()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(move || server.run())).is_err() {
                tell(Heard::Broke);
            }
            drop(end);
        })?;
        Ok(Self { orders, wake, watchers, ended })
    }

    /// What wakes the thread, for taps.
    pub fn waker(&self) -> Arc<EventFd> {
        Arc::clone(&self.wake)
    }

    /// Answers a question.
    pub fn answer(&self, ticket: Ticket, answer: Answer) {
        if matches!(answer, Answer::Watching) {
            self.watchers.fetch_add(1, Ordering::Relaxed);
        }
        self.send(Order::Answer(ticket, answer));
    }

    /// Tells those who follow the events; what is told is made only when there are any.
    pub fn publish(&self, event: impl FnOnce() -> Value) {
        if self.watchers.load(Ordering::Relaxed) > 0 {
            self.send(Order::Publish(event()));
        }
    }

    /// Lets readers take what they were told, and ends. Bounded.
    pub fn finish(self) {
        self.send(Order::Finish);
        let _ = self.ended.recv_timeout(LAST);
    }

    /// Never waits: the room is larger than what can be asked at once, and an event that finds none is
    /// missed by those who are too slow anyway.
    fn send(&self, order: Order) {
        if self.orders.len() >= ORDERS || self.orders.send(order).is_err() {
            log::warn!("the control thread does not keep up");
        }
        let _ = self.wake.write(1);
    }
}
