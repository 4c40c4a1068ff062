//! What goes over the line while somebody is attached: bytes that are no text, in frames.
//!
//! A frame is a letter, the length of what follows (four bytes, the highest first), and that.

/// The longest that a frame may carry.
pub const LONGEST: usize = 64 * 1024;
const HEAD: usize = 5;

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// To the process: what was typed.
    Keys(Vec<u8>),
    /// To the process's terminal: its size.
    Size {
        /// Its height in characters.
        rows: u16,
        /// Its width.
        cols: u16,
    },
    /// From the process: what it wrote.
    Output(Vec<u8>),
    /// It is over, and why.
    End(String),
}

/// It is no frame, and what follows cannot be told either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl Frame {
    /// Adds its bytes to `out`; what is longer than a frame may be is cut into several.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Keys(bytes) => cut(b'k', bytes, out),
            Self::Output(bytes) => cut(b'o', bytes, out),
            Self::Size { rows, cols } => {
                put(b's', &[rows.to_be_bytes(), cols.to_be_bytes()].concat(), out);
            }
            Self::End(why) => put(b'e', why.as_bytes().get(..LONGEST).unwrap_or(why.as_bytes()), out),
        }
    }

    /// Takes a whole frame from the front of `bytes`: itself and how long it was. `None`: more is to come.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Broken> {
        let Some((head, rest)) = bytes.split_at_checked(HEAD) else { return Ok(None) };
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > LONGEST || !b"kose".contains(&head[0]) {
            return Err(Broken);
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let frame = match (head[0], body) {
            (b'k', _) => Self::Keys(body.to_vec()),
            (b'o', _) => Self::Output(body.to_vec()),
            (b'e', _) => Self::End(String::from_utf8_lossy(body).into_owned()),
            (b's', &[a, b, c, d]) => {
                Self::Size { rows: u16::from_be_bytes([a, b]), cols: u16::from_be_bytes([c, d]) }
            }
            _ => return Err(Broken),
        };
        Ok(Some((frame, HEAD + length)))
    }
}

fn cut(letter: u8, bytes: &[u8], out: &mut Vec<u8>) {
    for part in bytes.chunks(LONGEST) {
        put(letter, part, out);
    }
}

fn put(letter: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(letter);
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let bytes = || proptest::collection::vec(any::<u8>(), 1..50);
        prop_oneof![
            bytes().prop_map(Frame::Keys),
            bytes().prop_map(Frame::Output),
            (any::<u16>(), any::<u16>()).prop_map(|(rows, cols)| Frame::Size { rows, cols }),
            ".{0,20}".prop_map(Frame::End),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_however_it_is_cut(
            frames in proptest::collection::vec(any_frame(), 0..8),
            step in 1_usize..9,
        ) {
            let mut bytes = Vec::new();
            for frame in &frames {
                frame.write(&mut bytes);
            }
            let (mut buffer, mut read) = (Vec::new(), Vec::new());
            for part in bytes.chunks(step) {
                buffer.extend_from_slice(part);
                while let Some((frame, length)) = Frame::read(&buffer).unwrap() {
                    read.push(frame);
                    buffer.drain(..length);
                }
            }
            prop_assert_eq!(read, frames);
            prop_assert!(buffer.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic_or_read_past_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(Some((_, length))) = Frame::read(&bytes) {
                prop_assert!(length <= bytes.len());
            }
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_at_once() {
        for bytes in [b"x\0\0\0\0".as_slice(), b"k\xff\0\0\0", b"s\0\0\0\x01x"] {
            assert_eq!(Frame::read(bytes), Err(Broken), "{bytes:?}");
        }
        assert_eq!(Frame::read(b"k\0\0"), Ok(None));
    }
}
