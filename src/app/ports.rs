//! Which port is whose: `base + 100 × place of the type in the file + (instance − 1)`, foreman's rule. A
//! port never moves while the file stays.

use super::plan::{ProcessType, port_variable};
use super::problem::{Place, Problem, Source};
use std::collections::HashMap;
use std::sync::Arc;

/// The first port when nobody says otherwise; foreman's.
pub const FIRST: u16 = 5000;
/// From one type's first port to the next one's.
const A_TYPE: u32 = 100;
/// For those whose ports would be too high.
const CURE: &str = "choose a lower first port with `-p`";

/// The first port of the type at this place in the file, unless it is past 65535.
pub fn of_type(base: u16, at: usize) -> Option<u16> {
    u16::try_from(first_of(base, at)).ok()
}

/// A base port as it was written.
pub fn base(asked: &Arc<Source>) -> Result<u16, Problem> {
    let text = std::str::from_utf8(&asked.text).unwrap_or_default();
    text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
        Problem::error("a port is a number from 1 to 65535").at(Place::new(asked, 0..asked.text.len()))
    })
}

/// What is wrong with the ports of what is to run. Where nobody asked for a first port, types beyond the last
/// port there is go without: few of so many will want one.
pub fn check(types: &[ProcessType], base: u16, asked: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut without: Vec<&str> = Vec::new();
    let mut held: HashMap<u32, String> = HashMap::new();
    let mut variables: HashMap<String, &str> = HashMap::new();
    for (at, kind) in types.iter().enumerate() {
        let variable = port_variable(&kind.name);
        if let Some(first) = variables.insert(variable.clone(), &kind.name) {
            let sentence = format!("`{first}` and `{}` share the variable `{variable}`", kind.name);
            problems.push(Problem::note(sentence).help("the first in the file has it"));
        }
        for index in 1..=kind.count {
            let port = first_of(base, at) + u32::from(index) - 1;
            let name = format!("{}.{index}", kind.name);
            if port > u32::from(u16::MAX) {
                if index == 1 && !asked {
                    without.push(&kind.name);
                } else {
                    let sentence = format!("`{name}` would have port {port}, the last one is 65535");
                    problems.push(Problem::error(sentence).help(CURE));
                }
                break;
            }
            match held.get(&port) {
                Some(other) => {
                    problems.push(Problem::warning(format!("`{other}` and `{name}` both have port {port}")));
                }
                None => drop(held.insert(port, name)),
            }
        }
    }
    if let [first, ..] = without[..] {
        let sentence = format!(
            "from `{first}` on {} process types get no port: there is none past 65535",
            without.len()
        );
        problems.push(Problem::warning(sentence).help(CURE));
    }
    problems
}

fn first_of(base: u16, at: usize) -> u32 {
    u32::from(base) + A_TYPE * at as u32
}
