//! Lines without the secrets that stand in them.
//!
//! Every line that is shown, and every line that goes into a fingerprint, passes through here. Of a secret
//! nothing is left but its public prefix; what is hidden becomes one `…`. Hidden is the place that was found
//! and, wherever else it stands, every run of six characters of any secret that is known. Shown is what tells
//! nothing: names made of the words that every app has (`db_password`, though the secret begins like it), and
//! the words of our own sentences.

use super::config::names;
use super::config::vocabulary::is_common;
use super::finding::{Finding, Secret};
use std::collections::HashSet;
use std::ops::Range;

/// What stands for something hidden.
const HIDDEN: char = '…';
/// So many characters of a secret in a row are a part of it; fewer are chance.
pub const RUN: usize = 6;
/// So many letters in a row are no chance, wherever they stand.
const NO_CHANCE: usize = 12;
/// A longer one is no name.
const LONGEST_NAME: usize = 64;

/// All runs of characters that may not be shown.
#[derive(Debug, Default)]
pub struct Masks {
    runs: HashSet<[char; RUN]>,
}

impl Masks {
    /// For these findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut masks = Self::default();
        for secret in findings.into_iter().filter_map(|finding| finding.secret.as_ref()) {
            let hidden: Vec<char> = hidden_part(secret).chars().collect();
            masks.runs.extend(hidden.windows(RUN).filter_map(|run| <[char; RUN]>::try_from(run).ok()));
        }
        masks
    }

    /// A line, and where the places of `findings`, as far as they are on it, are then.
    pub fn line(&self, number: u32, line: &str, findings: &[&Finding]) -> (String, Vec<Range<usize>>) {
        let chars: Vec<char> = line.chars().collect();
        let mut hidden = self.runs_in(&chars);
        let spans: Vec<Range<usize>> =
            findings.iter().map(|finding| columns(finding, number, chars.len())).collect();
        for (finding, span) in findings.iter().zip(&spans) {
            if let Some(secret) = &finding.secret {
                hidden[hidden_in(&chars, span.clone(), secret)].fill(true);
            }
        }
        let (masked, moved) = marked(&chars, &hidden);
        let spans = spans.into_iter().map(|span| {
            let start = moved[span.start];
            // The end of something hidden is the end of its mark.
            let end = if span.end > span.start { moved[span.end - 1] + 1 } else { moved[span.end] };
            start..end.max(start)
        });
        (masked, spans.collect())
    }

    /// A sentence of ours: what others have written stands in it in backticks.
    pub fn sentence(&self, text: &str) -> String {
        let pieces = text.split('`').enumerate().map(|(n, piece)| {
            let chars: Vec<char> = piece.chars().collect();
            let mut hidden = self.runs_in(&chars);
            if n % 2 == 0 {
                spare(&mut hidden, |stretch| is_chance(&chars, stretch));
            }
            marked(&chars, &hidden).0
        });
        pieces.collect::<Vec<_>>().join("`")
    }

    fn runs_in(&self, chars: &[char]) -> Vec<bool> {
        let mut hidden = vec![false; chars.len()];
        if !self.runs.is_empty() {
            for (at, run) in chars.windows(RUN).enumerate() {
                if self.runs.contains(run) {
                    hidden[at..at + RUN].fill(true);
                }
            }
            spare(&mut hidden, |stretch| is_common_name(chars, stretch));
        }
        hidden
    }
}

/// Shows again the stretches that tell nothing.
fn spare(hidden: &mut [bool], tells_nothing: impl Fn(Range<usize>) -> bool) {
    let mut at = 0;
    while let Some(start) = hidden[at..].iter().position(|hidden| *hidden).map(|found| at + found) {
        at = hidden[start..].iter().position(|hidden| !hidden).map_or(hidden.len(), |found| start + found);
        if tells_nothing(start..at) {
            hidden[start..at].fill(false);
        }
    }
}

/// Whether the name in which this stretch stands has no words but those that every app has.
fn is_common_name(chars: &[char], stretch: Range<usize>) -> bool {
    let is_of_name = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if !chars[stretch.clone()].iter().all(is_of_name) {
        return false;
    }
    let before = chars[..stretch.start].iter().rev().take_while(|char| is_of_name(char)).count();
    let after = chars[stretch.end..].iter().take_while(|char| is_of_name(char)).count();
    let name: String = chars[stretch.start - before..stretch.end + after].iter().collect();
    let words = names::words(name.as_bytes());
    name.len() <= LONGEST_NAME && !words.is_empty() && words.iter().all(|word| is_common(word))
}

/// Whether a few letters, of which some are but a part of a word, are our own.
fn is_chance(chars: &[char], stretch: Range<usize>) -> bool {
    let is_letter =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|char| char.is_alphabetic());
    let cuts = is_letter(stretch.start.checked_sub(1)) || is_letter(Some(stretch.end));
    let own = &chars[stretch];
    cuts && own.len() < NO_CHANCE && own.iter().all(|char| char.is_alphabetic() || *char == ' ')
}

/// The text with marks for what is hidden, and where each character has gone; one more for the end.
fn marked(chars: &[char], hidden: &[bool]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut moved = Vec::with_capacity(chars.len() + 1);
    let mut length = 0;
    for (at, char) in chars.iter().enumerate() {
        let goes_on = hidden[at] && at > 0 && hidden[at - 1];
        moved.push(if goes_on { length - 1 } else { length });
        if !goes_on {
            text.push(if hidden[at] { HIDDEN } else { *char });
            length += 1;
        }
    }
    moved.push(length);
    (text, moved)
}

/// How a secret is described: its public prefix and its length.
pub fn described(secret: &Secret) -> String {
    let length = String::from_utf8_lossy(&secret.value).chars().count();
    let prefix = public_part(secret);
    if prefix.is_empty() {
        format!("{length} characters")
    } else {
        format!("`{prefix}{HIDDEN}`, {length} characters")
    }
}

/// What may be shown of it.
pub fn public_part(secret: &Secret) -> String {
    String::from_utf8_lossy(&secret.value[..secret.public_prefix.min(secret.value.len())]).into_owned()
}

fn hidden_part(secret: &Secret) -> String {
    String::from_utf8_lossy(&secret.value[secret.public_prefix.min(secret.value.len())..]).into_owned()
}

/// The columns of a finding on one of its lines, from 0.
fn columns(finding: &Finding, number: u32, length: usize) -> Range<usize> {
    let place = &finding.place;
    let start = if place.line == number { (place.column as usize).saturating_sub(1) } else { 0 };
    let end = if place.end_line == number { (place.end_column as usize).saturating_sub(1) } else { length };
    let start = start.min(length);
    start..end.clamp(start, length)
}

/// What of a span is to be hidden: the secret in it, or all of it when it is written in another way.
fn hidden_in(chars: &[char], span: Range<usize>, secret: &Secret) -> Range<usize> {
    let (public, hidden) = (public_part(secret), hidden_part(secret));
    let whole: Vec<char> = public.chars().chain(hidden.chars()).collect();
    let inside = &chars[span.clone()];
    let found = inside.windows(whole.len().max(1)).position(|window| window == whole);
    match found {
        Some(at) if !whole.is_empty() => {
            span.start + at + public.chars().count()..span.start + at + whole.len()
        }
        _ => {
            let prefix: Vec<char> = public.chars().collect();
            let shown = if inside.starts_with(&prefix) { prefix.len() } else { 0 };
            span.start + shown..span.end
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::tests::secret;
    use proptest::prelude::*;

    #[test]
    fn a_secret_leaves_its_public_prefix_and_places_move_with_it() {
        for (line, value, prefix, masked, span) in [
            ("key = \"sk-abcdefgh\"; x", "sk-abcdefgh", 3, "key = \"sk-…\"; x", 7..11),
            ("u:pass@host", "pass", 0, "u:…@host", 2..3),
            ("abcdefgh abcdefgh", "abcdefgh", 0, "… …", 0..1),
            ("é 'abcdefgh'", "abcdefgh", 0, "é '…'", 3..4),
        ] {
            let finding = secret("a.py", 1, line, value, prefix);
            let (shown, spans) = Masks::of([&finding]).line(1, line, &[&finding]);
            assert_eq!((shown.as_str(), &spans[0]), (masked, &span), "{line}");
        }
    }

    #[test]
    fn names_of_common_words_and_our_own_sentences_are_shown() {
        for (line, value, masked) in [
            // twelve-run:allow config/password reason="made up for the test"
            ("password = 'Password1234x'", "Password1234x", "password = '…'"),
            // twelve-run:allow config/password reason="made up for the test"
            ("db_password = 'db_passw0rd99'", "db_passw0rd99", "db_password = '…'"),
            ("dbPassword = kite_password_7", "kite_password_7", "dbPassword = …"),
            ("x = 'admin!@#$%^' # was admin!@#$%^", "admin!@#$%^", "x = '…' # was …"),
            ("x = '------' # was ------", "------", "x = '…' # was …"),
            // A part of it is one also in a name.
            // twelve-run:allow config/password reason="made up for the test"
            ("kite_pass = 'kite_password_7'", "kite_password_7", "… = '…'"),
        ] {
            let finding = secret("a.py", 1, line, value, 0);
            assert_eq!(Masks::of([&finding]).line(1, line, &[&finding]).0, masked);
        }
        let finding = secret("a.py", 1, "k = 'supported horse 77'", "supported horse 77", 0);
        let masks = Masks::of([&finding]);
        let told = masks.sentence("`a` is reported and `reported` is not; horse 77, supported horse");
        assert_eq!(told, "`a` is reported and `re…` is not;…, …");
    }

    #[test]
    fn what_is_written_otherwise_in_its_place_is_hidden_whole() {
        let mut finding = secret("a.py", 1, "k = p\\u0061ssword1 #", "p\\u0061ssword1", 0);
        finding.secret = Some(Secret { value: b"password1".to_vec(), public_prefix: 0 });
        let (shown, _) = Masks::of([&finding]).line(1, "k = p\\u0061ssword1 #", &[&finding]);
        assert_eq!(shown, "k = … #");
    }

    proptest! {
        /// Wherever a secret stands, whole or in part, no run of six of its characters is shown.
        #[test]
        fn no_run_of_a_secret_is_shown(
            value in "[a-z0-9]{4,40}", before in "[A-Z =\"é]{0,9}", after in "[A-Z \"#]{0,9}",
            cut in 0usize..40, prefix in 0usize..4,
        ) {
            let again = &value[cut.min(value.len())..];
            let line = format!("{before}{value}{after} {again}");
            let finding = secret("a.py", 1, &line, &value, prefix);
            let (shown, _) = Masks::of([&finding]).line(1, &line, &[&finding]);
            for run in value.as_bytes()[prefix..].windows(RUN) {
                prop_assert!(!shown.contains(std::str::from_utf8(run).unwrap()), "{shown}");
            }
        }
    }
}
