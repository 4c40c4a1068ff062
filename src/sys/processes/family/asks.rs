//! What a target is asked, whom that reaches, and how what is found of it later is told too.

use super::super::reach::{self, Found};
use super::Family;
use crate::supervisor::Target;
use nix::errno::Errno;
use nix::libc;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

/// Rounds of stopping what escaped before it is killed. Each round finds what was forked in the one
/// before; stopped processes fork nothing.
const STOP_ROUNDS: usize = 8;
/// In a shutdown most leaders end at once. What has escaped from those that do not is looked for when none
/// has ended for this long,
const QUIET: Duration = Duration::from_millis(5);
/// and this long after they were asked at the latest.
const SOUGHT_WITHIN: Duration = Duration::from_millis(100);

/// What a tree, or the strays, were asked.
#[derive(Default)]
pub(super) struct Asked {
    /// The signal to stop with; what is found later gets it then.
    stop: Option<i32>,
    /// What escaped and got that signal: pid and start time.
    told: HashSet<(i32, u64)>,
    /// Whatever is found is killed.
    pub(super) condemned: bool,
}

/// Living leaders that were asked to stop before anybody had looked what has escaped from them.
#[derive(Default)]
pub(super) struct Unsought {
    pids: BTreeSet<i32>,
    /// When somebody looks, and the latest that it may be put off to.
    at: Option<(Instant, Instant)>,
}

impl Unsought {
    fn add(&mut self, pid: i32) {
        self.pids.insert(pid);
        self.put_off();
    }

    /// A leader has ended: what it leaves behind is adopted, and found so.
    pub(super) fn ended(&mut self, pid: i32) {
        if self.pids.remove(&pid) {
            self.put_off();
        }
    }

    /// Something has happened; where nobody is left there is nothing to look for.
    fn put_off(&mut self) {
        let now = Instant::now();
        let latest = self.at.map_or(now + SOUGHT_WITHIN, |(_, latest)| latest);
        self.at = (!self.pids.is_empty()).then(|| ((now + QUIET).min(latest), latest));
    }
}

impl Family {
    /// Sends `signal`, then CONT, to all of the target, now or when it is found.
    pub fn stop(&mut self, target: Target, signal: i32) {
        let escaped = match (target, self.group(target)) {
            // To look below a process costs far more than to signal it, and more again when it ends. Whatever
            // escapes from now on is told even if nobody can say whose it is, so that can wait.
            (Target::Process(_), Some(leader)) if self.strays.asked.stop.is_some() => {
                self.unsought.add(leader);
                self.adopted_trees(target)
            }
            _ => self.escaped(target),
        };
        self.send(target, &escaped, &[signal, libc::SIGCONT]);
        if let Some(asked) = self.asked_of(target) {
            asked.stop = Some(signal);
            asked.told.extend(escaped.iter().map(Found::key));
        }
    }

    /// When [`Self::seek`] has something to do.
    pub fn seek_at(&self) -> Option<Instant> {
        self.unsought.at.map(|(at, _)| at)
    }

    /// If it is time, looks below the leaders that were asked to stop and go on.
    pub fn seek(&mut self) {
        if self.seek_at().is_none_or(|at| at > Instant::now()) {
            return;
        }
        for pid in std::mem::take(&mut self.unsought).pids {
            self.pass_on_to(Some(pid));
        }
    }

    /// Kills all of the target, now or when it is found.
    pub fn kill(&mut self, target: Target) {
        if let Some(asked) = self.asked_of(target) {
            asked.condemned = true;
        }
        self.sweep(target);
    }

    /// Sends `signal` to all of the target. Who is found later does not get it, so the look is new.
    pub fn signal(&mut self, target: Target, signal: i32) {
        self.fresh = false;
        let escaped = self.escaped(target);
        self.send(target, &escaped, &[signal]);
    }

    /// What was found in this look is told what its tree was told before.
    pub(super) fn greet(&mut self, new: &HashSet<i32>) {
        let owners: HashSet<Option<i32>> =
            new.iter().filter_map(|pid| self.adopted.get(pid)).copied().collect();
        for owner in owners {
            self.pass_on_to(owner);
        }
    }

    /// As [`Self::pass_on`], for a leader's tree, or for strays.
    fn pass_on_to(&mut self, owner: Option<i32>) {
        let target = match owner {
            None => Some(Target::Strays),
            Some(pid) => self.leaders.get(&pid).map(|leader| Target::Process(leader.id)),
        };
        if let Some(target) = target {
            self.pass_on(target);
        }
    }

    /// Tells what has not heard it yet what the target was asked.
    fn pass_on(&mut self, target: Target) {
        let Some(asked) = self.asked_of(target) else { return };
        if asked.condemned {
            return self.sweep(target);
        }
        let Some(signal) = asked.stop else { return };
        let escaped = self.escaped(target);
        let Some(asked) = self.asked_of(target) else { return };
        let late: Vec<_> = escaped.into_iter().filter(|found| asked.told.insert(found.key())).collect();
        self.send_each(target, &late, signal);
        self.send_each(target, &late, libc::SIGCONT);
    }

    /// Stops what escaped, so that it forks no more, then kills it with the group.
    fn sweep(&mut self, target: Target) {
        let mut stopped = HashMap::new();
        for _ in 0..STOP_ROUNDS {
            let mut found = self.escaped(target);
            found.retain(|found| !stopped.contains_key(&found.key()));
            if found.is_empty() {
                break;
            }
            self.send_each(target, &found, libc::SIGSTOP);
            stopped.extend(found.into_iter().map(|found| (found.key(), found)));
        }
        let stopped: Vec<_> = stopped.into_values().collect();
        self.send(target, &stopped, &[libc::SIGKILL]);
    }

    /// Everything of the target that a signal to its group does not reach.
    fn escaped(&mut self, target: Target) -> Vec<Found> {
        // What moves from below its leader to us meanwhile is found by the second look.
        let below = self.living_leader(target).map(reach::below).unwrap_or_default();
        self.refresh();
        self.outside(target, below.into_iter().chain(self.below_adopted(target)))
    }

    /// What was adopted, and what is below it.
    fn adopted_trees(&mut self, target: Target) -> Vec<Found> {
        self.refresh();
        self.outside(target, self.below_adopted(target).into_iter())
    }

    fn below_adopted(&self, target: Target) -> Vec<i32> {
        let roots = self.adopted_of(target).into_iter();
        roots.flat_map(|root| std::iter::once(root).chain(reach::below(root))).collect()
    }

    /// Those that live and are not in the target's group.
    fn outside(&self, target: Target, pids: impl Iterator<Item = i32>) -> Vec<Found> {
        let group = self.group(target);
        let found = pids.filter_map(Found::look);
        let mut found: Vec<_> = found.filter(|found| Some(found.pgid) != group && !found.is_dead()).collect();
        found.sort_unstable_by_key(Found::key);
        found.dedup_by_key(|found| found.key());
        found
    }

    /// To the group first, so that it has all of them before anything else happens.
    fn send(&mut self, target: Target, escaped: &[Found], signals: &[i32]) {
        if let Some(pid) = self.group(target) {
            let sent = reach::signal_group(pid, signals);
            self.note(target, sent);
        }
        for signal in signals {
            self.send_each(target, escaped, *signal);
        }
    }

    fn send_each(&mut self, target: Target, escaped: &[Found], signal: i32) {
        for found in escaped {
            self.note(target, found.send(signal));
        }
    }

    /// What has gone meanwhile is no failure; what we may not signal is said once.
    fn note(&mut self, target: Target, sent: Result<(), Errno>) {
        let Err(errno) = sent else { return };
        if errno == Errno::ESRCH {
            return;
        }
        match self.leader_of(target) {
            Some(leader) if !leader.refused => {
                leader.refused = true;
                log::warn!("{} cannot be signalled: {errno}", leader.label);
            }
            Some(_) => {}
            None => log::debug!("a stray cannot be signalled: {errno}"),
        }
    }

    fn asked_of(&mut self, target: Target) -> Option<&mut Asked> {
        match target {
            Target::Strays => Some(&mut self.strays.asked),
            Target::Process(_) => self.leader_of(target).map(|leader| &mut leader.asked),
        }
    }
}
