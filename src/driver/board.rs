//! What is shown to the outside over HTTP, when that is asked for: the formation's state goes up on the
//! board whenever a turn of the loop has changed something.
//!
//! Without the feature `web` there is nothing to show it on.

use crate::app::plan::TypeId;
use crate::supervisor::{Notice, Tier};
use std::net::TcpListener;

/// A place in the formation.
type Key = (TypeId, u16);

/// Where the endpoints listen, and what opens the details.
pub struct Site {
    /// Bound already.
    pub listener: TcpListener,
    /// With it, names and reasons are told.
    pub token: String,
}

#[cfg(feature = "web")]
pub use web::Shown;

#[cfg(feature = "web")]
mod web {
    use super::{Key, Notice, Site, Tier};
    use crate::app::plan::Plan;
    use crate::control::usage;
    use crate::driver::notice;
    use crate::http::{Board, Door, Figures, Heard, Http, Kind, Lengths, Row, State};
    use crate::supervisor::{Id, Snapshot, Status};
    use std::collections::{BTreeMap, HashMap};
    use std::io;
    use std::time::Duration;

    /// The board, its thread, and what is counted for it.
    pub struct Shown {
        board: Board,
        http: Http,
        exits: HashMap<Key, BTreeMap<u8, u64>>,
        probes: HashMap<Key, BTreeMap<&'static str, Lengths>>,
    }

    impl Shown {
        /// Begins to answer. `wake` makes the loop turn.
        pub fn start(
            site: Site,
            wake: impl Fn() + Send + Sync + 'static,
            broke: impl Fn() + Send + 'static,
        ) -> io::Result<Self> {
            let board = Board::measured(wake, measure);
            let door = Door { token: site.token, hosts: Vec::new() };
            let http = Http::start(site.listener, board.clone(), door, move |heard| match heard {
                Heard::Broke => broke(),
            })?;
            Ok(Self { board, http, exits: HashMap::new(), probes: HashMap::new() })
        }

        /// The loop has turned.
        pub fn beat(&self) {
            self.board.beat();
        }

        /// Counts what is to be counted.
        pub fn note(&mut self, told: &Notice) {
            let (id, code) = match told {
                Notice::Exited { id, status, .. } => (id, Status::code(*status)),
                Notice::NotStarted { id, failure, .. } => (id, failure.code),
                _ => return,
            };
            *self.exits.entry((id.kind, id.index)).or_default().entry(code).or_default() += 1;
        }

        /// A probe was answered.
        pub fn probed(&mut self, key: Key, tier: Tier, took: Duration) {
            self.probes.entry(key).or_default().entry(tier.word()).or_default().add(took);
        }

        /// Puts up what is. `written` says how much a place has written.
        pub fn publish(
            &self,
            plan: &Plan,
            snapshot: &Snapshot,
            up: Duration,
            dropped: u64,
            pid: impl Fn(Id) -> Option<u32>,
            written: impl Fn(Key) -> u64,
        ) {
            let mut state = State::new(snapshot.phase, up);
            state.dropped_bytes = dropped;
            state.release = plan.environment.get("RELEASE_ID").map(|id| id.to_string_lossy().into_owned());
            let counts = |kind| snapshot.of(kind).filter(|one| !one.leaving).count() as u16;
            state.types = plan
                .types()
                .filter(|(id, kind)| !kind.retired && (kind.count > 0 || counts(*id) > 0))
                .map(|(id, kind)| Kind {
                    name: kind.name.clone(),
                    wanted: counts(id),
                    readiness: kind.rules.health.readiness.is_some(),
                    startup: kind.rules.health.startup.is_some(),
                })
                .collect();
            state.instances = snapshot
                .instances
                .iter()
                .map(|one| {
                    let key = (one.id.kind, one.id.index);
                    let passes = |tier| {
                        one.probes.iter().find(|(probe, ..)| *probe == tier).map(|(_, passes, _)| *passes)
                    };
                    Row {
                        name: notice::label(plan, one.id),
                        kind: plan.process_type(one.id.kind).name.clone(),
                        index: one.id.index,
                        state: one.state,
                        reason: one.reason.clone(),
                        leaving: one.leaving,
                        begun: one.up.is_some() || one.ends.iter().any(|end| end.trouble.is_none()),
                        ready: one.ready,
                        started: passes(Tier::Startup).map(|passes| passes == Some(true)),
                        live: passes(Tier::Liveness).map(|passes| passes != Some(false)),
                        pid: pid(one.id),
                        restarts: u64::from(one.restarts),
                        exits: self.exits.get(&key).cloned().unwrap_or_default(),
                        figures: Figures {
                            output_bytes: Some(written(key)),
                            probes: self.probes.get(&key).cloned().unwrap_or_default(),
                            ..Figures::default()
                        },
                    }
                })
                .collect();
            self.board.publish(state);
        }

        /// Ends the thread.
        pub fn finish(self) {
            self.http.finish();
        }
    }

    /// What the trees of processes use; what has escaped from them is not in it.
    fn measure(rows: &mut [Row]) {
        let roots: Vec<Vec<u32>> = rows.iter().map(|row| row.pid.into_iter().collect()).collect();
        for (row, usage) in rows.iter_mut().zip(usage::trees(&roots)) {
            row.figures.rss_bytes = usage.map(|usage| usage.rss_bytes);
            row.figures.cpu_s = usage.map(|usage| usage.cpu_s);
        }
    }
}

#[cfg(not(feature = "web"))]
pub use nothing::Shown;

#[cfg(not(feature = "web"))]
mod nothing {
    use super::{Key, Notice, Site, Tier};
    use crate::app::plan::Plan;
    use crate::supervisor::{Id, Snapshot};
    use std::io;
    use std::time::Duration;

    /// Nothing is shown.
    pub struct Shown;

    #[expect(clippy::unused_self, reason = "the same calls as with the feature `web`")]
    impl Shown {
        /// There is nobody to answer.
        pub fn start(
            _: Site,
            _: impl Fn() + Send + Sync + 'static,
            _: impl Fn() + Send + 'static,
        ) -> io::Result<Self> {
            Err(io::Error::other("this twelve-run was built without the feature `web`"))
        }

        /// Nothing.
        pub fn beat(&self) {}

        /// Nothing.
        pub fn note(&mut self, _: &Notice) {}

        /// Nothing.
        pub fn probed(&mut self, _: Key, _: Tier, _: Duration) {}

        /// Nothing.
        pub fn publish(
            &self,
            _: &Plan,
            _: &Snapshot,
            _: Duration,
            _: u64,
            _: impl Fn(Id) -> Option<u32>,
            _: impl Fn(Key) -> u64,
        ) {
        }

        /// Nothing.
        pub fn finish(self) {}
    }
}
