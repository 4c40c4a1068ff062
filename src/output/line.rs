//! Cuts a stream of bytes into lines. Pure: bytes in, pieces out; nothing is added, lost or changed
//! but the line ends, which are what separates pieces.

use memchr::memchr_iter;

/// The longest piece. A longer line comes out as several, so that memory has a bound.
pub const LONGEST: usize = 64 * 1024;

/// What a stream keeps of its memory when the line is out that waited in it, in bytes.
const KEPT: usize = 1024;

/// A line, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Without its line end.
    pub bytes: &'a [u8],
    /// Whether it goes on with the line of the piece before.
    pub continues: bool,
    /// Whether its line ends with it.
    pub ends: bool,
}

impl<'a> Piece<'a> {
    /// All of a line.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, continues: false, ends: true }
    }

    /// Whether it only says that a line has ended whose every byte is out already: there is nothing to show.
    pub fn is_mere_end(&self) -> bool {
        self.continues && self.ends && self.bytes.is_empty()
    }
}

/// What is left of a stream between two reads.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The beginning of a line whose end has not come; at most [`LONGEST`] bytes.
    tail: Vec<u8>,
    /// A part of the present line is out already.
    continues: bool,
    /// It comes from a terminal, which writes `\r\n` for each `\n`.
    pub terminal: bool,
}

impl Splitter {
    /// Of a terminal, or of a pipe.
    pub fn of(terminal: bool) -> Self {
        Self { terminal, ..Self::default() }
    }

    /// Takes bytes in and gives out every piece that they complete. A line that was given out before it
    /// ended ends with a piece of its own, which may be empty.
    pub fn feed(&mut self, bytes: &[u8], mut emit: impl FnMut(Piece<'_>)) {
        let mut begin = 0;
        for end in memchr_iter(b'\n', bytes) {
            self.last_part(&bytes[begin..end], &mut emit);
            begin = end + 1;
        }
        self.part(&bytes[begin..], &mut emit);
    }

    /// Gives out what there is of an unfinished line: it has been silent for long, or nothing more comes.
    pub fn flush(&mut self, mut emit: impl FnMut(Piece<'_>)) {
        if !self.tail.is_empty() {
            self.give_tail(false, &mut emit);
            self.tail.shrink_to(KEPT);
        }
    }

    /// Whether an unfinished line waits.
    pub fn is_partial(&self) -> bool {
        !self.tail.is_empty()
    }

    /// How many bytes wait.
    pub fn waiting(&self) -> usize {
        self.tail.len()
    }

    /// The last part of a line: given out at once, without a copy where nothing of it waits.
    #[inline]
    fn last_part(&mut self, mut bytes: &[u8], emit: &mut impl FnMut(Piece<'_>)) {
        if self.terminal {
            match bytes.strip_suffix(b"\r") {
                Some(rest) => bytes = rest,
                None if bytes.is_empty() && self.tail.ends_with(b"\r") => drop(self.tail.pop()),
                None => {}
            }
        }
        if self.tail.is_empty() && bytes.len() <= LONGEST {
            emit(Piece { bytes, continues: self.continues, ends: true });
        } else {
            self.part(bytes, emit);
            self.give_tail(true, emit);
            self.tail.shrink_to(KEPT);
        }
        self.continues = false;
    }

    /// A part of a line that goes on: kept, but for what makes full pieces.
    fn part(&mut self, mut bytes: &[u8], emit: &mut impl FnMut(Piece<'_>)) {
        while self.tail.len() + bytes.len() > LONGEST {
            let (fill, rest) = bytes.split_at(LONGEST - self.tail.len());
            self.tail.extend_from_slice(fill);
            bytes = rest;
            self.give_tail(false, emit);
        }
        self.tail.extend_from_slice(bytes);
    }

    fn give_tail(&mut self, ends: bool, emit: &mut impl FnMut(Piece<'_>)) {
        emit(Piece { bytes: &self.tail, continues: self.continues, ends });
        self.continues = true;
        self.tail.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(chunks: &[&[u8]]) -> Vec<(Vec<u8>, bool)> {
        let mut splitter = Splitter::default();
        let mut out = Vec::new();
        let mut keep = |piece: Piece<'_>| out.push((piece.bytes.to_vec(), piece.continues));
        for chunk in chunks {
            splitter.feed(chunk, &mut keep);
        }
        splitter.flush(&mut keep);
        out
    }

    #[test]
    fn f1_lines_come_out_whole_and_the_last_without_its_end() {
        assert_eq!(
            pieces(&[b"a\n\nb", b"c\nd"]),
            [(b"a".to_vec(), false), (vec![], false), (b"bc".to_vec(), false), (b"d".to_vec(), false)]
        );
    }

    #[test]
    fn out_4_a_mebibyte_is_sixteen_pieces_and_joined_they_are_the_line() {
        let mut line = vec![b'x'; 1 << 20];
        line.push(b'\n');
        let out = pieces(&[&line]);
        assert_eq!(out.len(), 16);
        assert!(out.iter().skip(1).all(|(_, continues)| *continues));
        assert_eq!(out.iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>(), line[..1 << 20]);
    }

    #[test]
    fn a_line_that_was_flushed_goes_on_as_its_continuation_and_its_mere_end_is_known_as_such() {
        let mut splitter = Splitter::default();
        let mut out = Vec::new();
        splitter.feed(b"abc", |_| unreachable!());
        splitter.flush(|piece| out.push((piece.bytes.to_vec(), piece.continues, piece.is_mere_end())));
        let rest = b"\ndef\n\n";
        splitter.feed(rest, |piece| out.push((piece.bytes.to_vec(), piece.continues, piece.is_mere_end())));
        let expected: [(&[u8], bool, bool); 4] =
            [(b"abc", false, false), (b"", true, true), (b"def", false, false), (b"", false, false)];
        assert_eq!(out, expected.map(|(bytes, continues, mere)| (bytes.to_vec(), continues, mere)));
    }

    /// `(length, continues, ends)` of each piece.
    type Shape<'a> = &'a [(usize, bool, bool)];

    /// Cuts these chunks; an empty chunk flushes.
    fn shape(splitter: &mut Splitter, chunks: &[&[u8]]) -> Vec<(usize, bool, bool)> {
        let mut out = Vec::new();
        for chunk in chunks {
            let keep = |piece: Piece<'_>| out.push((piece.bytes.len(), piece.continues, piece.ends));
            if chunk.is_empty() { splitter.flush(keep) } else { splitter.feed(chunk, keep) }
        }
        out
    }

    #[test]
    fn every_line_ends_with_exactly_one_piece_that_says_so() {
        const L: usize = LONGEST;
        let long = vec![b'x'; 2 * LONGEST];
        let (one, more) = (&long[..L], &long[..=L]);
        let cases: &[(&[&[u8]], Shape<'_>)] = &[
            (&[b"a\n"], &[(1, false, true)]),
            (&[b"a", b"\n"], &[(1, false, true)]),
            (&[b"a", b"", b"\n\n"], &[(1, false, false), (0, true, true), (0, false, true)]),
            (&[b"a", b"", b"b\n"], &[(1, false, false), (1, true, true)]),
            (&[one, b"\n"], &[(L, false, true)]),
            (&[one, b"", b"\n"], &[(L, false, false), (0, true, true)]),
            (&[more, b"\n"], &[(L, false, false), (1, true, true)]),
            (&[&long, b"\n"], &[(L, false, false), (L, true, true)]),
            (&[&long, b"", b"\n"], &[(L, false, false), (L, true, false), (0, true, true)]),
            (&[&[&long, &b"\n"[..]].concat()], &[(L, false, false), (L, true, true)]),
        ];
        for (chunks, expected) in cases {
            let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).collect();
            assert_eq!(shape(&mut Splitter::default(), chunks), *expected, "{lengths:?}");
        }
        let flushed = shape(&mut Splitter::of(true), &[b"a\r", b"", b"\n", b"b", b"", b"\r\n"]);
        let mere_ends = [(2, false, false), (0, true, true), (1, false, false), (0, true, true)];
        assert_eq!(flushed, mere_ends);
    }

    #[test]
    fn of_a_terminal_the_line_ends_are_what_was_written() {
        for cut in 0..=12 {
            let mut splitter = Splitter::of(true);
            let mut out = Vec::new();
            let text = b"ab\r\n\r\nc\r\r\nd";
            for part in [&text[..cut.min(text.len())], &text[cut.min(text.len())..]] {
                splitter.feed(part, |piece| out.push(piece.bytes.to_vec()));
            }
            splitter.flush(|piece| out.push(piece.bytes.to_vec()));
            assert_eq!(out, [b"ab".to_vec(), b"".to_vec(), b"c\r".to_vec(), b"d".to_vec()], "{cut}");
        }
    }

    proptest! {
        #[test]
        fn f3_f19_any_cutting_gives_the_same_lines(
            text in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0), Just(0xff), any::<u8>()], 0..400),
            cuts in proptest::collection::vec(0_usize..400, 0..10),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.push(0);
            cuts.push(text.len());
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let mut expected: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if expected.last().is_some_and(Vec::is_empty) {
                expected.pop();
            }
            let lines: Vec<Vec<u8>> = pieces(&chunks).into_iter().map(|(bytes, _)| bytes).collect();
            prop_assert_eq!(lines, expected);
        }
    }
}
