//! `after`: which type waits for which, and that none waits for itself by way of others.

use super::Reader;
use super::terms::Awaited;
use super::values::At;
use crate::app::plan::{After, TypeId};
use crate::app::problem::{Placed, Problem};
use std::collections::BTreeMap;
use std::ops::Range;

impl Reader<'_> {
    /// What a type waits for. Unknown types are told, and itself.
    pub(super) fn after(&mut self, name: &str, awaited: Vec<At<Awaited>>) -> Vec<Placed<After>> {
        let mut after: Vec<Placed<After>> = Vec::new();
        for one in awaited {
            let Awaited { name: other, milestone } = one.get();
            let place = self.place(one.span());
            let Some(at) = self.types.iter().position(|known| known == other) else {
                let problem = Problem::error(format!("`{other}` is no process of the Procfile"));
                self.problems.push(problem.did_you_mean(other, self.types.iter().copied()).at(place));
                continue;
            };
            if other == name {
                self.problems.push(Problem::error(format!("`{name}` cannot wait for itself")).at(place));
                continue;
            }
            let value = After { kind: TypeId(at as u16), milestone: *milestone };
            if !after.iter().any(|known| known.value == value) {
                after.push(Placed { value, place });
            }
        }
        after
    }

    /// Tells every circle once, whole, at the key that closes it.
    pub(super) fn circles(&mut self, after: &BTreeMap<String, Vec<Placed<After>>>) {
        let id = |name: &str| self.types.iter().position(|known| *known == name);
        let mut waits: Vec<Vec<(usize, Range<usize>)>> = vec![Vec::new(); self.types.len()];
        for (name, all) in after {
            if let Some(at) = id(name) {
                waits[at] =
                    all.iter().map(|one| (usize::from(one.value.kind.0), one.place.span.clone())).collect();
            }
        }
        for (circle, span) in circles(&waits) {
            let names: Vec<&str> = circle.iter().map(|at| self.types[*at]).collect();
            let sentence = format!("these wait for each other: {}", names.join(" → "));
            self.problems.push(Problem::error(sentence).at(self.place(span)));
        }
    }
}

/// Each circle from its first type back to it, with the place of the wait that closes it. Walks without
/// recursion: there may be a thousand in a row.
fn circles(waits: &[Vec<(usize, Range<usize>)>]) -> Vec<(Vec<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let mut done = vec![false; waits.len()];
    for start in 0..waits.len() {
        // Each step of the way with how many of its waits have been followed.
        let mut way: Vec<(usize, usize)> = if done[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((at, next)) = way.last_mut() {
            let Some((other, span)) = waits[*at].get(*next) else {
                done[*at] = true;
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(from) = way.iter().position(|(known, _)| known == other) {
                let mut circle: Vec<usize> = way[from..].iter().map(|(at, _)| *at).collect();
                circle.push(*other);
                found.push((circle, span.clone()));
            } else if !done[*other] {
                way.push((*other, 0));
            }
        }
    }
    found
}
