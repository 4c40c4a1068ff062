//! What whole trees of processes use of the machine. Read when somebody asks, on this room's own
//! thread: the more processes a machine has, the longer it takes, and nobody else waits for it.

use super::protocol::Process;
use crate::sys::proc::{self, Stat};
use std::collections::HashMap;

/// What a tree uses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Processor time of what lives of it, in seconds.
    pub cpu_s: f64,
    /// Resident memory; what is shared is counted in each.
    pub rss_bytes: u64,
}

/// Fills in processor time and memory; see [`trees`].
pub fn measure(processes: &mut [Process], roots: &[Vec<u32>]) {
    for (process, usage) in processes.iter_mut().zip(trees(roots)) {
        let Some(Usage { cpu_s, rss_bytes }) = usage else { continue };
        process.rss_bytes = Some(rss_bytes);
        // One digit after the point is more than it is exact.
        let percent = |up: f64| (cpu_s / up * 1000.0).round() / 10.0;
        process.cpu_percent = process.uptime_s.filter(|up| *up > 0.0).map(percent);
    }
}

/// What each of these uses; nothing of what is gone. `roots` are, for each process, the leader and those of
/// its descendants that were adopted by us; what is below them counts as theirs.
pub fn trees(roots: &[Vec<u32>]) -> Vec<Option<Usage>> {
    let mut sums = vec![None; roots.len()];
    let Ok(all) = proc::all() else { return sums };
    let owners = owners(&all, roots);
    for stat in all.iter().filter(|stat| !stat.is_dead()) {
        if let Some(sum) = owners.get(&stat.pid).and_then(|owner| sums.get_mut(*owner)) {
            let sum: &mut Usage = sum.get_or_insert_default();
            sum.cpu_s += stat.cpu_s;
            sum.rss_bytes += stat.rss_bytes;
        }
    }
    sums
}

/// Whose each process is, by the nearest of the roots above it.
fn owners(all: &[Stat], roots: &[Vec<u32>]) -> HashMap<i32, usize> {
    let parents: HashMap<i32, i32> = all.iter().map(|stat| (stat.pid, stat.ppid)).collect();
    let numbered = roots.iter().enumerate();
    let mut owners: HashMap<i32, usize> =
        numbered.flat_map(|(owner, pids)| pids.iter().map(move |pid| (pid.cast_signed(), owner))).collect();
    for stat in all {
        let mut way = Vec::new();
        let mut at = stat.pid;
        let owner = loop {
            if let Some(owner) = owners.get(&at) {
                break Some(*owner);
            }
            // The numbers of a moment may form a circle.
            if way.len() > parents.len() {
                break None;
            }
            way.push(at);
            match parents.get(&at) {
                Some(parent) => at = *parent,
                None => break None,
            }
        };
        if let Some(owner) = owner {
            owners.extend(way.into_iter().map(|pid| (pid, owner)));
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(pid: i32, ppid: i32) -> Stat {
        let comm = Vec::new();
        Stat {
            pid,
            ppid,
            pgid: pid,
            sid: pid,
            state: b'S',
            threads: 1,
            starttime: 0,
            comm,
            cpu_s: 0.0,
            rss_bytes: 0,
        }
    }

    #[test]
    fn a_process_belongs_to_the_nearest_root_above_it() {
        let all =
            [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 3), stat(5, 1), stat(6, 2), stat(8, 9), stat(9, 8)];
        let owners = owners(&all, &[vec![2], vec![3, 5], vec![]]);
        let of = |pid| owners.get(&pid).copied();
        assert_eq!([1, 2, 3, 4, 5, 6, 8].map(of), [None, Some(0), Some(1), Some(1), Some(1), Some(0), None]);
    }
}
