//! Asks a process whether it is well.
//!
//! A question goes in, and exactly one answer comes out: by `tell`, on a thread of the pool, or at once when
//! nobody has time for it. The room must not know schedules, thresholds, or what follows from an answer: the
//! supervisor decides all that. An exec probe is a child like any other, and no business of this room.
//!
//! The pool is small and fixed; it is the bound on how much is asked at a time. A question that comes out of
//! the queue too late to be worth asking is answered `Unknown`: it is we who were slow (FAULTS K13).
#![forbid(unsafe_code)]

pub mod answer;
mod dial;
mod http;
mod names;
mod owner;
pub mod seen;
mod target;
#[cfg(test)]
mod tests;

pub use target::HttpTarget;

use crate::supervisor::event::{Id, Outcome, Tier};
use crossbeam_channel::{Receiver, SendError, Sender, unbounded};
use dial::{Deadline, Trouble, Wire};
use names::Names;
use owner::Owners;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};
use target::Host;

/// Questions that are asked at the same time.
const THREADS: usize = 4;
/// Questions that wait.
const QUEUE: usize = 4096;

/// One question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whom it is about.
    pub id: Id,
    /// Which of its probes.
    pub tier: Tier,
    /// What is asked.
    pub target: Target,
    /// In all: resolving, connecting, every redirect and every byte. It begins when the pool takes the
    /// question, and one that has waited longer than this is not asked.
    pub timeout: Duration,
    /// The processes where its trees begin; what descends from them is its own too. When somebody else's
    /// socket answers at the process's port, that is a failure (FAULTS K16). `None`: whoever answers is
    /// right.
    pub owner: Option<Vec<u32>>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// GET; 200 to 399 is well.
    Http(HttpTarget),
    /// Whether a connection is accepted, on 127.0.0.1 or `::1`.
    Tcp {
        /// Where.
        port: u16,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// As in the question.
    pub id: Id,
    /// As in the question.
    pub tier: Tier,
    /// How it is, in few words; nothing of them is the peer's.
    pub outcome: Outcome,
    /// From the beginning of asking; the time in the queue is not in it.
    pub took: Duration,
}

/// Who asks. Dropped, its threads end after their present question; nobody waits for them.
pub struct Prober {
    inbox: Sender<(Instant, Question)>,
    /// How many questions may wait.
    queue: usize,
    room: Arc<Room>,
    /// How many threads there are: none before the first question.
    threads: Mutex<usize>,
}

/// What the threads share.
struct Room {
    questions: Receiver<(Instant, Question)>,
    tell: Box<dyn Fn(Answered) + Send + Sync>,
    names: Names,
    owners: Owners,
    over: AtomicBool,
}

impl Prober {
    /// Gets ready to ask; `tell` is called on threads of the pool and should not wait.
    pub fn new(tell: impl Fn(Answered) + Send + Sync + 'static) -> Self {
        Self::with(tell, Names::default(), QUEUE)
    }

    fn with(tell: impl Fn(Answered) + Send + Sync + 'static, names: Names, queue: usize) -> Self {
        // It takes memory as it fills, and is kept from filling without bound where it is filled.
        let (inbox, questions) = unbounded();
        let (tell, owners, over) = (Box::new(tell), Owners::default(), AtomicBool::new(false));
        let room = Arc::new(Room { questions, tell, names, owners, over });
        Self { inbox, queue, room, threads: Mutex::new(0) }
    }

    /// Has it asked. Never waits.
    ///
    /// # Errors
    /// The answer itself, `Unknown`, when the queue is full or there can be no thread. `tell` is not called
    /// for this question then.
    pub fn ask(&self, question: Question) -> Result<(), Answered> {
        let not_asked = |question: &Question, why: String| Answered {
            id: question.id,
            tier: question.tier,
            outcome: Outcome::Unknown(why),
            took: Duration::ZERO,
        };
        if let Err(error) = self.start_threads() {
            return Err(not_asked(&question, format!("no thread to ask it: {error}")));
        }
        if self.inbox.len() >= self.queue {
            return Err(not_asked(&question, "too many probes wait".into()));
        }
        self.inbox
            .send((Instant::now(), question))
            .map_err(|SendError((_, question))| not_asked(&question, "nobody is left to ask".into()))
    }

    /// As many as there should be; one is enough to go on with.
    fn start_threads(&self) -> io::Result<()> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        while *threads < THREADS {
            let room = Arc::clone(&self.room);
            match std::thread::Builder::new().name("probe".into()).spawn(move || room.serve()) {
                Ok(_) => *threads += 1,
                Err(error) if *threads == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(())
    }
}

impl Drop for Prober {
    fn drop(&mut self) {
        // What still waits in the queue is asked by nobody.
        self.room.over.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Prober {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prober").field("waiting", &self.inbox.len()).finish_non_exhaustive()
    }
}

impl Room {
    fn serve(&self) {
        while let Ok((asked, question)) = self.questions.recv() {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let begin = Instant::now();
            let outcome = if begin.duration_since(asked) > question.timeout {
                Outcome::Unknown("too many probes wait: it came too late".into())
            } else {
                // Nobody must wait for ever because of a fault of ours.
                catch_unwind(AssertUnwindSafe(|| self.ask(&question)))
                    .unwrap_or_else(|_| Outcome::Unknown("the probe itself broke".into()))
            };
            let took = begin.elapsed();
            (self.tell)(Answered { id: question.id, tier: question.tier, outcome, took });
        }
    }

    fn ask(&self, question: &Question) -> Outcome {
        let deadline = Deadline::within(question.timeout);
        let (reached, is_own) = match &question.target {
            Target::Http(target) => (http::ask(target, &self.names, deadline), target.is_own),
            Target::Tcp { port } => {
                let wire = Wire::to(&Host::Loopback, *port, &self.names, deadline);
                (wire.map(|wire| wire.peer), true)
            }
        };
        let is_right = reached.and_then(|peer| match &question.owner {
            Some(roots) if is_own => self.owners.check(question.id, peer, roots).map_err(Trouble::Theirs),
            _ => Ok(()),
        });
        is_right.map_or_else(Outcome::from, |()| Outcome::Passed)
    }
}
