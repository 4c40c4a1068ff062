//! A log probe: whether a line of the output says that the process is well.
//!
//! Nobody is asked, so there is no thread here and no time: who carries the lines shows them to a
//! [`Matcher`]. It must not know where lines come from.

use crate::supervisor::event::{Id, Tier};
use regex::bytes::Regex;

/// What one life of a process waits to say.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// Whose lines.
    pub id: Id,
    /// For which of its probes.
    pub tier: Tier,
    regex: Regex,
    seen: bool,
}

impl Matcher {
    /// For a life that has said nothing yet.
    pub fn new(id: Id, tier: Tier, regex: Regex) -> Self {
        Self { id, tier, regex, seen: false }
    }

    /// Whether this line, without its end, is the first that matches. Colours in it count for nothing, as
    /// they are there on terminals only. Once it was seen, looking at a line costs nothing.
    pub fn line(&mut self, bytes: &[u8]) -> bool {
        if self.seen {
            return false;
        }
        self.seen = self.regex.is_match(bytes)
            || (memchr::memchr(ESC, bytes).is_some() && self.regex.is_match(&without_colours(bytes)));
        self.seen
    }

    /// Whether it has been seen; the matcher can be dropped then.
    pub fn is_done(&self) -> bool {
        self.seen
    }
}

const ESC: u8 = 0x1b;

/// Without control sequences (`ESC [ parameters final`, ECMA-48).
fn without_colours(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (ESC, [b'[', parameters @ ..]) => {
                let end = parameters.iter().position(|byte| (0x40..=0x7e).contains(byte));
                rest = end.map_or(&[], |end| &parameters[end + 1..]);
            }
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::plan::TypeId;

    #[test]
    fn the_first_line_that_matches_is_told_once_with_or_without_colours() {
        let id = Id { kind: TypeId(0), index: 1, generation: 1 };
        let matcher = |text: &str| Matcher::new(id, Tier::Startup, Regex::new(text).unwrap());
        let mut plain = matcher(r"^listening on \d+$");
        assert!(!plain.line(b"not listening on 5000"));
        assert!(plain.line(b"listening on 5000"));
        assert!(plain.is_done() && !plain.line(b"listening on 5000"));
        let mut coloured = matcher("ready in [0-9]+ ms");
        assert!(!coloured.line(b"\x1b[1mready"));
        assert!(coloured.line(b"\x1b[32mready\x1b[0m in \x1b[1m300\x1b[22m ms"));
        let mut bytes = matcher(r"(?-u:\xff)$");
        assert!(bytes.line(b"\x1b[0\xff\xff"), "no text, and a sequence without an end");
    }
}
