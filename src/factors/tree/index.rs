//! Which files git tracks, read from the index itself: no program has to be there, and nothing that a strange
//! repository configures is run. The format is git's own (gitformat-index(5)), versions 2 to 4.
//!
//! Pure: bytes become names.

use std::collections::BTreeSet;

/// Names relative to the repository's top, as bytes.
pub type Names = BTreeSet<Vec<u8>>;

/// How long the name of a blob is in a repository of SHA-1; those of SHA-256 have 32.
pub const SHA1: usize = 20;
/// See [`SHA1`].
pub const SHA256: usize = 32;

/// Reads an index whose blobs have names of `hash` bytes; what cannot be read whole is not read.
pub fn read(index: &[u8], hash: usize) -> Result<Names, &'static str> {
    const CUT: &str = "git's index is cut off";
    let mut rest = index.strip_prefix(b"DIRC").ok_or("this is no index of git's")?;
    let version = number(&mut rest).ok_or(CUT)?;
    if !(2..=4).contains(&version) {
        return Err("git's index is of a version that is not known");
    }
    let count = number(&mut rest).ok_or(CUT)?;
    let mut names = Names::new();
    let mut last: Vec<u8> = Vec::new();
    for _ in 0..count {
        let entry = entry(rest, version, hash, &last).ok_or(CUT)?;
        // A folder stands for all in it in a sparse index.
        if entry.mode & 0o170_000 == 0o040_000 {
            return Err("git's index is sparse");
        }
        rest = entry.rest;
        last.clone_from(&entry.name);
        names.insert(entry.name);
    }
    // Extensions in lower case must be understood: `link` says that the names are in another file.
    if rest.starts_with(b"link") {
        return Err("git's index is split");
    }
    Ok(names)
}

struct Entry<'a> {
    name: Vec<u8>,
    mode: u32,
    rest: &'a [u8],
}

/// One entry: times, device, owner and size, then the blob, flags and the name.
fn entry<'a>(bytes: &'a [u8], version: u32, hash: usize, last: &[u8]) -> Option<Entry<'a>> {
    const MODE: usize = 24;
    const STAT: usize = 40;
    const EXTENDED: u16 = 0x4000;
    let mode = u32::from_be_bytes(bytes.get(MODE..MODE + 4)?.try_into().ok()?);
    let flags = u16::from_be_bytes(bytes.get(STAT + hash..STAT + hash + 2)?.try_into().ok()?);
    let head = STAT + hash + 2 + if version >= 3 && flags & EXTENDED != 0 { 2 } else { 0 };
    let mut rest = bytes.get(head..)?;
    let mut name = Vec::new();
    if version == 4 {
        let dropped = varint(&mut rest)?;
        name.extend_from_slice(&last[..last.len().checked_sub(dropped)?]);
    }
    let end = memchr::memchr(0, rest)?;
    name.extend_from_slice(&rest[..end]);
    let rest = if version == 4 {
        &rest[end + 1..]
    } else {
        // Padded with NUL to a multiple of eight, one at least.
        bytes.get((head + end + 8) / 8 * 8..)?
    };
    Some(Entry { name, mode, rest })
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_be_bytes(*head))
}

/// A number in groups of seven bits, the highest first; each further group counts from one, as in pack files.
fn varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut value: usize = 0;
    for at in 0..5 {
        let byte = *bytes.first()?;
        *bytes = &bytes[1..];
        value = (value << 7) + usize::from(byte & 0x7f) + usize::from(at > 0) * (1 << 7);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An index of version 2 with these names.
    fn index(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"DIRC\0\0\0\x02".to_vec();
        bytes.extend((names.len() as u32).to_be_bytes());
        for name in names {
            let mut entry = vec![0; 24];
            entry.extend(0o100_644_u32.to_be_bytes());
            entry.resize(40 + SHA1, 0);
            entry.extend((name.len() as u16).to_be_bytes());
            entry.extend(name.as_bytes());
            entry.resize((entry.len() + 8) / 8 * 8, 0);
            bytes.extend(entry);
        }
        bytes
    }

    #[test]
    fn names_are_read_whatever_their_length() {
        let names = ["a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "dir/abcdefgh", "zzz"];
        let read = read(&index(&names), SHA1).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), names.map(|name| name.as_bytes().to_vec()));
    }

    #[test]
    fn what_says_less_than_the_whole_truth_is_refused() {
        let mut split = index(&["a"]);
        split.extend(b"link\0\0\0\0");
        assert!(read(&split, SHA1).is_err());
        let mut sparse = index(&["a/"]);
        sparse[12 + 24..12 + 28].copy_from_slice(&0o040_000_u32.to_be_bytes());
        assert!(read(&sparse, SHA1).is_err());
        assert!(read(b"", SHA1).is_err());
        assert!(read(b"DIRC\0\0\0\x09\0\0\0\0", SHA1).is_err());
    }

    proptest! {
        #[test]
        fn no_beginning_of_an_index_passes_for_a_whole_one(cut in 0usize..200) {
            let whole = index(&["one", "two/three", "four"]);
            let cut = cut.min(whole.len() - 1);
            prop_assert!(read(&whole[..cut], SHA1).is_err());
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 2u8..5) {
            let mut index = b"DIRC\0\0\0".to_vec();
            index.push(version);
            index.extend(bytes);
            let _ = read(&index, SHA1);
        }
    }
}
