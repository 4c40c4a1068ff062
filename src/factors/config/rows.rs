//! Rows: what fingers type when they stand for chance. `123456`, `abc123def456ghi789`, `a1b2c3d4e5f6`, `1234123412341234`.

/// From here on runs that follow one another are no password that somebody chose.
const TURNS: usize = 12;

/// The whole of it is a row of one of these kinds. `lower` is in small letters.
pub fn is_row(lower: &[u8]) -> bool {
    is_ascending(lower) || by_turns(lower) || is_woven(lower) || is_repeated(lower) || is_named(lower)
}

/// Each byte is one more than the last, nearly throughout.
fn is_ascending(value: &[u8]) -> bool {
    let steps = value.windows(2).filter(|w| w[1] == w[0].wrapping_add(1) || w[1] == w[0]).count();
    value.len() >= 8 && steps * 4 >= (value.len() - 1) * 3
}

/// `abc123def456`, `aBcD1234EfGh5678`: runs of three or more, and nothing that belongs to none. After 9 comes 0.
fn by_turns(value: &[u8]) -> bool {
    let runs = value.chunk_by(|a, b| follows(*a, *b));
    value.len() >= TURNS && { runs }.all(|run| run.len() >= 3)
}

/// `a1b2c3d4e5f6`: two runs, one between the other's steps.
fn is_woven(value: &[u8]) -> bool {
    let steps = value.windows(3).filter(|w| follows(w[0], w[2])).count();
    value.len() >= TURNS && steps * 8 >= (value.len() - 2) * 7
}

fn follows(one: u8, next: u8) -> bool {
    next == one.wrapping_add(1) || one == b'9' && next == b'0'
}

/// A short block three times or more.
fn is_repeated(value: &[u8]) -> bool {
    let repeats = |length: usize| value.iter().zip(&value[length..]).all(|(one, other)| one == other);
    value.len() >= TURNS && (1..=value.len() / 3).any(repeats)
}

/// `key-1234123412341234`: a word before the row.
fn is_named(value: &[u8]) -> bool {
    let word = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let sign = value.get(word).is_some_and(|b| matches!(b, b'-' | b'_' | b'.' | b':'));
    let rest = &value[value.len().min(word + 1)..];
    sign && (1..=8).contains(&word)
        && (is_ascending(rest) || by_turns(rest) || is_woven(rest) || is_repeated(rest))
}

#[cfg(test)]
mod tests {
    use super::is_row;

    #[test]
    fn rows_of_all_kinds_are_known_and_chance_is_none() {
        for row in [
            "12345678",
            "abcdefgh",
            "abc123def456ghi789",
            "abcd1234efgh5678ijkl9012",
            "a1b2c3d4e5f6",
            "1234123412341234",
            "key-1234123412341234",
            "xyzxyzxyzxyz",
        ] {
            assert!(is_row(row.as_bytes()), "{row}");
        }
        for other in
            ["hunter2hunter2", "abc1k345", "q7w2mz81kd0x", "sunday-monday-12", "1a7c93be02f4", "key-", "a"]
        {
            assert!(!is_row(other.as_bytes()), "{other}");
        }
    }
}
