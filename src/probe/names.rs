//! Names become addresses without anybody waiting past his deadline.
//!
//! The system's resolver cannot be interrupted, so each look-up has a thread of its own, and there is at
//! most one for a name and [`LOOKUPS`] in all: a resolver that never answers holds so many and no more
//! (FAULTS K5). Nothing is remembered; that is the resolver's business.

use super::dial::{Deadline, Trouble};
use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names that are looked up at the same time.
const LOOKUPS: usize = 4;

/// What asks the system.
pub type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;
type Found = Result<Vec<IpAddr>, Trouble>;
/// Who waits for which name.
type Waiting = HashMap<String, Vec<(Deadline, Sender<Found>)>>;

/// The resolver.
pub struct Names {
    waiting: Arc<Mutex<Waiting>>,
    lookup: Arc<Lookup>,
}

impl Default for Names {
    fn default() -> Self {
        Self::by(|name| Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }
}

impl Names {
    pub fn by(lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self { waiting: Arc::default(), lookup: Arc::new(lookup) }
    }

    pub fn addresses(&self, name: &str, deadline: Deadline) -> Found {
        let (tell, told) = bounded(1);
        self.ask(name, deadline, tell)?;
        match told.recv_timeout(deadline.left().unwrap_or_default()) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => match deadline.missed() {
                Trouble::Theirs(words) => {
                    Err(Trouble::Theirs(format!("`{name}`: {words} from the resolver")))
                }
                ours @ Trouble::Ours(_) => Err(ours),
            },
            Err(RecvTimeoutError::Disconnected) => Err(Trouble::Ours("the resolver broke".into())),
        }
    }

    /// Has it looked up, unless that is going on already.
    fn ask(&self, name: &str, deadline: Deadline, tell: Sender<Found>) -> Result<(), Trouble> {
        let mut waiting = lock(&self.waiting);
        if let Some(others) = waiting.get_mut(name) {
            others.retain(|(deadline, _)| deadline.left().is_ok());
            others.push((deadline, tell));
            return Ok(());
        }
        if waiting.len() >= LOOKUPS {
            return Err(Trouble::Ours("the resolver is busy with other names".into()));
        }
        waiting.insert(name.to_owned(), vec![(deadline, tell)]);
        drop(waiting);
        let job = Job { name: name.to_owned(), waiting: Arc::clone(&self.waiting), told: false };
        let lookup = Arc::clone(&self.lookup);
        let started = std::thread::Builder::new().name("resolver".into()).spawn(move || {
            let found = lookup(&job.name);
            job.tell(found);
        });
        started.map(drop).map_err(|error| Trouble::Ours(format!("no thread for the resolver: {error}")))
    }
}

/// One look-up. Dropped without a word, it sets free those who wait.
struct Job {
    name: String,
    waiting: Arc<Mutex<Waiting>>,
    told: bool,
}

impl Job {
    fn tell(mut self, found: io::Result<Vec<IpAddr>>) {
        let found = found.map_err(|error| match error.into() {
            ours @ Trouble::Ours(_) => ours,
            Trouble::Theirs(_) => Trouble::Theirs(format!("`{}` cannot be resolved", self.name)),
        });
        self.told = true;
        for (_, waiter) in lock(&self.waiting).remove(&self.name).unwrap_or_default() {
            // Who has given up need not be told.
            let _ = waiter.send(found.clone());
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // What is there after it was told is the next look-up's.
        if !self.told {
            lock(&self.waiting).remove(&self.name);
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn k5_a_resolver_that_never_answers_holds_so_many_threads_and_no_more() {
        let (release, held) = bounded::<()>(0);
        let names = Names::by(move |_| {
            let _ = held.recv();
            Ok(Vec::new())
        });
        let soon = || Deadline::within(Duration::from_millis(1));
        for at in 0..LOOKUPS {
            for _ in 0..2 {
                assert!(matches!(names.addresses(&format!("host-{at}"), soon()), Err(Trouble::Theirs(_))));
            }
        }
        assert!(matches!(names.addresses("one-more", soon()), Err(Trouble::Ours(_))));
        drop(release);
        // Whether it joins the look-up that ends just now or begins the next.
        let found = names.addresses("host-0", Deadline::within(Duration::from_secs(30)));
        assert_eq!(found, Ok(Vec::new()));
    }

    #[test]
    fn who_waits_for_a_look_up_that_broke_is_told() {
        let names = Names::by(|_| panic!("a test breaks it"));
        let found = names.addresses("host", Deadline::within(Duration::from_secs(30)));
        assert_eq!(found, Err(Trouble::Ours("the resolver broke".into())));
        assert!(lock(&names.waiting).is_empty());
    }
}
