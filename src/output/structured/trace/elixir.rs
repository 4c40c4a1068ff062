//! Elixir: `** (Class) message`, and places that are set in.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, after, is_blank, is_indented, lines};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind what was raised, whose message may go on.
    Heading,
    /// Among places.
    Places,
}

pub fn open(line: &[u8]) -> Step {
    let is_raised = line.starts_with(b"** (") && after(line, b") ").is_some();
    if is_raised { Step::Maybe(Trace::Elixir(State::Heading)) } else { Step::Over }
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        _ if is_place(line) => Step::Sure(Trace::Elixir(State::Places)),
        State::Heading if is_indented(line) || is_blank(line) => Step::Maybe(Trace::Elixir(State::Heading)),
        State::Heading | State::Places => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let raised = lines(text).next()?.strip_prefix(b"** (")?;
    let at = memchr::memmem::find(raised, b") ")?;
    Some(Summary { kind: &raised[..at], message: &raised[at + 2..], severity: Severity::ERROR })
}

/// `    (shop 0.1.0) lib/shop.ex:3: Shop.pay/1`.
fn is_place(line: &[u8]) -> bool {
    let is_numbered = |rest: &[u8]| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && rest[digits..].starts_with(b": ")
    };
    line.starts_with(b"    ")
        && [b".ex:".as_slice(), b".exs:", b".erl:"]
            .iter()
            .any(|word| after(line, word).is_some_and(is_numbered))
}
