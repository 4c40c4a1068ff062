//! Who belongs to whom: leaders, what was adopted, and the facts that follow when they end.

mod asks;

use super::Launch;
use super::reach;
use super::status::{self, Ending};
use crate::supervisor::{Event, Id, Status, Target};
use crate::sys::birth::{Keep, Stdio};
use crate::sys::proc;
use asks::{Asked, Unsought};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Weak;
use std::time::Duration;

/// Adopted processes reaped in one turn; the rest is for the next.
const REAPS_A_TURN: usize = 256;
/// How often, in one look, a process without an environment is asked again, and after how long.
const NAMELESS_TRIES: u32 = 10;
const NAMELESS_PAUSE: Duration = Duration::from_micros(500);
/// How far a process may be from its leader and still be known as its.
const MOST_GENERATIONS: usize = 1000;

/// Leaders and adopted processes.
#[derive(Default)]
pub struct Family {
    leaders: HashMap<i32, Leader>,
    pids: HashMap<Id, i32>,
    /// Our other children, each with the pid of the leader it belongs to; `None` is a stray. They
    /// cannot be replaced unnoticed: a number is free only when we have reaped it.
    adopted: HashMap<i32, Option<i32>>,
    /// Whether `adopted` is what the kernel said in this turn.
    fresh: bool,
    /// The last look was cut short, and goes on in the next turn.
    pub unfinished: bool,
    strays: Strays,
    unsought: Unsought,
    /// Leaders that have ended and whose tree was not told to be empty.
    ended: BTreeSet<i32>,
    /// Running leaders that are asked by their number: without a pidfd, or with our terminal.
    asked: BTreeSet<i32>,
}

/// What is wanted of strays.
#[derive(Default)]
struct Strays {
    awaited: bool,
    asked: Asked,
}

/// A process that was spawned here.
pub struct Leader {
    pub id: Id,
    pub label: String,
    pub pidfd: Option<OwnedFd>,
    /// What its life keeps open.
    pub keep: Keep,
    /// Stopped by the terminal's Ctrl-Z.
    pub paused: bool,
    /// Its `PS`.
    name: OsString,
    on_our_terminal: bool,
    life: Life,
    /// What its tree was asked.
    asked: Asked,
    /// That it may not be signalled was said.
    refused: bool,
    /// Alive while somebody is attached to it.
    pub typing: Weak<()>,
}

/// How far a leader's life is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Running,
    /// It has ended and nobody was told.
    Ended(Status),
    /// It was told to have ended, and that something remains.
    Remains,
}

impl Leader {
    pub fn new(id: Id, label: &str, launch: &Launch) -> Self {
        Self {
            id,
            label: label.to_owned(),
            pidfd: None,
            keep: Keep::Nothing,
            paused: false,
            name: launch.variable("PS").map_or_else(|| label.into(), OsStr::to_owned),
            on_our_terminal: launch.stdio == Stdio::Terminal,
            life: Life::Running,
            asked: Asked::default(),
            refused: false,
            typing: Weak::new(),
        }
    }
}

impl Family {
    pub fn len(&self) -> usize {
        self.leaders.len()
    }

    pub fn leaders(&self) -> impl Iterator<Item = &Leader> {
        self.leaders.values()
    }

    pub fn leader_mut(&mut self, pid: i32) -> Option<&mut Leader> {
        self.leaders.get_mut(&pid)
    }

    pub fn is_leader(&self, pid: i32) -> bool {
        self.leaders.contains_key(&pid)
    }

    pub fn pid(&self, id: Id) -> Option<i32> {
        self.pids.get(&id).copied()
    }

    pub fn add(&mut self, pid: i32, leader: Leader) {
        if leader.pidfd.is_none() || leader.on_our_terminal {
            self.asked.insert(pid);
        }
        self.pids.insert(leader.id, pid);
        self.leaders.insert(pid, leader);
    }

    /// A leader has ended; what only a living process needs is closed.
    pub fn end(&mut self, pid: i32, status: Status) {
        let Some(leader) = self.leaders.get_mut(&pid) else { return };
        leader.life = Life::Ended(status);
        leader.pidfd = None;
        leader.keep = Keep::Nothing;
        leader.paused = false;
        self.asked.remove(&pid);
        self.unsought.ended(pid);
        self.ended.insert(pid);
    }

    pub fn await_strays(&mut self) {
        self.strays.awaited = true;
    }

    pub fn resumed(&mut self, pid: i32) {
        if let Some(leader) = self.leaders.get_mut(&pid) {
            leader.paused = false;
        }
    }

    /// Whether something is awaited that no pidfd tells about.
    pub fn is_waiting(&self) -> bool {
        self.strays.awaited || self.strays.asked.condemned || !self.ended.is_empty()
    }

    /// Whether there are leaders that no pidfd tells about.
    pub fn has_handleless(&self) -> bool {
        self.asked.iter().any(|pid| self.leaders.get(pid).is_some_and(|leader| leader.pidfd.is_none()))
    }

    /// After SIGCHLD: leaders without a pidfd may have ended, one that has our terminal may have stopped.
    pub fn check_by_pid(&mut self) {
        for pid in self.asked.clone() {
            let Some(leader) = self.leaders.get_mut(&pid) else { continue };
            if leader.pidfd.is_none()
                && let Ending::Ended(status) = status::peek(pid)
            {
                self.end(pid, status);
            } else if leader.on_our_terminal && status::has_stopped(pid) {
                leader.paused = true;
            }
        }
    }

    /// A turn of the loop begins: what was seen may have changed.
    pub fn turn(&mut self) {
        self.fresh = false;
    }

    /// Lists our children: reaps what was adopted and has ended, finds whose the new ones are, and
    /// passes on to them what their tree was told.
    pub fn look(&mut self) {
        let mut reaped = 0;
        let mut new = HashSet::new();
        let mut patience = NAMELESS_TRIES;
        loop {
            let before = reaped;
            let known = std::mem::take(&mut self.adopted);
            for pid in reach::children() {
                if self.leaders.contains_key(&pid) {
                    continue;
                }
                if reaped < REAPS_A_TURN && status::reap(pid) != Ending::Running {
                    reaped += 1;
                    continue;
                }
                let was = known.get(&pid).copied();
                // Strays are asked again: what was just becoming a program had no name to show.
                let owner = was.flatten().or_else(|| self.owner_of(pid, &mut patience));
                if was != Some(owner) {
                    new.insert(pid);
                }
                self.adopted.insert(pid, owner);
            }
            // What has just ended may have left us its children behind our back.
            if reaped == before || reaped >= REAPS_A_TURN {
                break;
            }
        }
        self.fresh = true;
        self.unfinished = reaped >= REAPS_A_TURN;
        self.greet(&new);
    }

    /// Turns what the look has shown into facts, and reaps the leaders whose tree is empty.
    pub fn settle(&mut self, facts: &mut Vec<Event>) {
        if !self.is_waiting() {
            return;
        }
        let owners: HashSet<i32> = self.adopted.values().copied().flatten().collect();
        let mut over = Vec::new();
        for &pid in &self.ended {
            let Some(leader) = self.leaders.get_mut(&pid) else { continue };
            let (id, remains) = (leader.id, owners.contains(&pid));
            match leader.life {
                Life::Ended(status) => {
                    facts.push(Event::Exited { id, status, remains });
                    leader.life = Life::Remains;
                }
                Life::Remains if !remains => facts.push(Event::TreeEmptied { id }),
                Life::Running | Life::Remains => continue,
            }
            if !remains {
                over.push(pid);
            }
        }
        for pid in over {
            status::reap(pid);
            self.ended.remove(&pid);
            if let Some(leader) = self.leaders.remove(&pid) {
                self.pids.remove(&leader.id);
            }
        }
        if self.strays.awaited && !self.adopted.values().any(Option::is_none) {
            self.strays.awaited = false;
            facts.push(Event::StraysGone);
        }
    }

    /// The leader while it lives, then its adopted descendants.
    pub fn roots(&mut self, id: Id) -> Vec<i32> {
        self.refresh();
        let target = Target::Process(id);
        self.living_leader(target).into_iter().chain(self.adopted_of(target)).collect()
    }

    /// Pid and name of all that lives of the target.
    pub fn survivors(&self, target: Target) -> Vec<(u32, String)> {
        let roots: Vec<_> = self.living_leader(target).into_iter().chain(self.adopted_of(target)).collect();
        let below = roots.iter().flat_map(|&root| reach::below(root));
        let mut named: Vec<_> = roots
            .iter()
            .copied()
            .chain(below)
            .filter_map(|pid| Some((pid.cast_unsigned(), proc::stat(pid)?)))
            .filter(|(_, stat)| !stat.is_dead())
            .map(|(pid, stat)| (pid, String::from_utf8_lossy(&stat.comm).into_owned()))
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    fn refresh(&mut self) {
        if !self.fresh {
            self.look();
        }
    }

    /// Whose process this is, by its ancestors: who does not descend from us is nobody's, whatever its
    /// environment says.
    pub fn whose(&self, pid: i32) -> Option<Id> {
        let owner = self.leader_above(pid).or_else(|| self.leader_above(pid))?;
        self.leaders.get(&owner).map(|leader| leader.id)
    }

    /// One try: an ancestor that ends during the walk breaks the line, and what is below it is then nearer to us.
    fn leader_above(&self, pid: i32) -> Option<i32> {
        let us = nix::unistd::getpid().as_raw();
        let mut at = pid;
        // Numbers that are used again meanwhile may form a circle.
        for _ in 0..MOST_GENERATIONS {
            if self.leaders.contains_key(&at) {
                return Some(at);
            }
            let parent = proc::stat(at)?.ppid;
            if parent == us {
                return self.adopted.get(&at).copied().flatten().or_else(|| self.owner_of(at, &mut 0));
            }
            at = parent;
        }
        None
    }

    /// By session or group, which a leader's number names as long as it is not reaped; else by `PS`.
    fn owner_of(&self, pid: i32, patience: &mut u32) -> Option<i32> {
        let stat = proc::stat(pid)?;
        if let Some(leader) =
            [stat.sid, stat.pgid].into_iter().find(|number| self.leaders.contains_key(number))
        {
            return Some(leader);
        }
        // In the middle of an exec there is nothing to read, as if its environment had been cleared.
        while *patience > 0 && reach::shows_no_environment(pid) {
            *patience -= 1;
            std::thread::sleep(NAMELESS_PAUSE);
        }
        let name = proc::environ_value(pid, "PS")?;
        let named = self.leaders.iter().filter(|(_, leader)| leader.name.as_bytes() == name);
        // What is adopted comes from one that has ended, if there is such a one.
        named
            .max_by_key(|(_, leader)| (leader.life != Life::Running, leader.id.generation))
            .map(|(&pid, _)| pid)
    }

    /// The target's leader, if it has not ended.
    fn living_leader(&self, target: Target) -> Option<i32> {
        self.group(target)
            .filter(|pid| self.leaders.get(pid).is_some_and(|leader| leader.life == Life::Running))
    }

    /// The adopted children of ours that belong to the target.
    fn adopted_of(&self, target: Target) -> Vec<i32> {
        let owner = self.group(target);
        if target != Target::Strays && owner.is_none() {
            return Vec::new();
        }
        self.adopted.iter().filter(|(_, of)| **of == owner).map(|(&pid, _)| pid).collect()
    }

    fn group(&self, target: Target) -> Option<i32> {
        match target {
            Target::Process(id) => self.pid(id),
            Target::Strays => None,
        }
    }

    fn leader_of(&mut self, target: Target) -> Option<&mut Leader> {
        let pid = self.group(target)?;
        self.leaders.get_mut(&pid)
    }
}
