//! Code between tags in a text: PHP's `<?php … ?>`, ERB's `<% … %>`.
//!
//! What is outside of them is markup and prose, in which an apostrophe opens nothing. Only the quotes of its attributes and
//! scripts are cut there, each within its line.

use memchr::{memchr2, memchr3_iter, memmem};

use super::super::syntax::{Quirk, Tags};
use super::{Kind, Lexer};

impl Lexer<'_, '_> {
    fn tags(&self) -> Option<&'static Tags> {
        self.syntax
            .quirks
            .iter()
            .find_map(|quirk| if let Quirk::Tags(tags) = quirk { Some(*tags) } else { None })
    }

    /// A file with tags begins outside of them; one without is code.
    pub fn first_tag(&mut self) {
        let Some(tags) = self.tags() else { return };
        if let Some(open) = self.opens(tags, self.at) {
            self.outside(self.at, open);
            self.at = open;
        }
    }

    /// The tag ends here: passes to the next one.
    pub fn leaves(&mut self) -> bool {
        let Some(tags) = self.tags().filter(|tags| self.sees(tags.close)) else { return false };
        let from = self.at + tags.close.len();
        let open = self.opens(tags, from).unwrap_or(self.text.len());
        self.outside(from, open);
        self.at = open;
        true
    }

    /// A comment of one line ends with its tag.
    pub fn before_tag(&self, start: usize, end: usize) -> usize {
        let close = self.tags().and_then(|tags| memmem::find(&self.text[start..end], tags.close.as_bytes()));
        close.map_or(end, |n| start + n)
    }

    /// Behind the next tag that opens, which in XML's declaration it does not.
    fn opens(&self, tags: &Tags, from: usize) -> Option<usize> {
        let found = memmem::find_iter(&self.text[from..], tags.open.as_bytes());
        let mut opens = found.map(|n| from + n + tags.open.len());
        opens.find(|open| !self.text[*open..].starts_with(b"xml"))
    }

    fn outside(&mut self, from: usize, to: usize) {
        let text = &self.text[from..to];
        let mut passed = 0;
        for at in memchr3_iter(b'"', b'\'', b'<', text) {
            if at < passed {
                continue;
            }
            if text[at] == b'<' {
                if text[at..].starts_with(b"<!--") {
                    passed = memmem::find(&text[at..], b"-->").map_or(text.len(), |n| at + n + 3);
                    self.push(from + at, from + passed, Kind::Comment, false);
                }
                continue;
            }
            // An apostrophe of prose stands behind a letter; the end of the line ends what is none after all.
            if at == 0 || !b"=(:,[{ ".contains(&text[at - 1]) {
                continue;
            }
            let end = memchr2(text[at], b'\n', &text[at + 1..]);
            if let Some(length) = end.filter(|length| text[at + 1 + length] == text[at]) {
                self.push(from + at + 1, from + at + 1 + length, Kind::Text, false);
                passed = at + length + 2;
            }
        }
    }
}
