//! Whether a text was cut off: brackets and quotes that have no end.

/// Every bracket and every quote of a text has its end. A comment runs from its letter to the end of the line, and three
/// quotes in a row are one quote, as in Python and Elixir.
pub fn is_closed(text: &str, comment: char, quotes: &[char]) -> bool {
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at + letter.len_utf8()..];
        let length = match letter {
            '(' | '[' | '{' => {
                open.push(letter);
                Some(0)
            }
            ')' | ']' | '}' => open.pop().filter(|open| is_pair(*open, letter)).map(|_| 0),
            _ if letter == comment => Some(rest.find('\n').unwrap_or(rest.len())),
            _ if quotes.contains(&letter) => quoted(rest, letter),
            _ => Some(0),
        };
        let Some(length) = length else { return false };
        at += letter.len_utf8() + length;
    }
    open.is_empty()
}

fn is_pair(open: char, close: char) -> bool {
    [('(', ')'), ('[', ']'), ('{', '}')].contains(&(open, close))
}

/// How long a quoted text is, with its end; `None` without one.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let is_triple = rest.strip_prefix(quote).is_some_and(|rest| rest.starts_with(quote));
    let end = String::from(quote).repeat(if is_triple { 3 } else { 1 });
    let mut at = end.len() - 1;
    while !rest[at..].starts_with(&end) {
        let mut letters = rest[at..].chars();
        let letter = letters.next()?;
        let escaped = if letter == '\\' { letters.next()?.len_utf8() } else { 0 };
        at += letter.len_utf8() + escaped;
    }
    Some(at + end.len())
}

#[cfg(test)]
mod tests {
    use super::is_closed;

    #[test]
    fn what_is_open_at_the_end_was_cut_off() {
        for (text, expected) in [
            ("", true),
            ("f([1, {2}])", true),
            ("f(", false),
            ("f(]", false),
            (")", false),
            ("'(' # (\n", true),
            ("'it\\'s (' \"\\\"\" ''", true),
            ("'''a' ( ''' []", true),
            ("'''a' (", false),
            ("f('a", false),
            ("f('a\\", false),
            ("é('ü')", true),
        ] {
            assert_eq!(is_closed(text, '#', &['\'', '"']), expected, "{text}");
        }
    }
}
