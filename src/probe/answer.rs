//! Reads an HTTP/1 answer as far as its worth can be told. Pure: bytes in, a verdict out, however they
//! are cut.
//!
//! This file must not know: sockets, time, whose answer it is. What the peer wrote never becomes part of
//! a [`Fault`], so that nothing of it reaches a terminal (FAULTS K7); of the head only the status and the
//! place of a redirect are kept.

use std::fmt;

/// The most of all heads of one answer, the interim ones (1xx) included (FAULTS K3).
pub const HEAD: usize = 8 * 1024;
/// The most of a body; what is longer is well enough.
pub const BODY: usize = 10 * 1024;
/// Header fields in one head.
const FIELDS: usize = 128;

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// 100 to 999.
    pub status: u16,
    /// Where a redirect leads, as written: visible ASCII alone.
    pub location: Option<String>,
}

impl Verdict {
    /// 200 to 399, as Kubernetes has it.
    pub fn is_well(&self) -> bool {
        (200..400).contains(&self.status)
    }
}

/// Why it is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not HTTP/1.0 or 1.1, or not by its grammar.
    Malformed(&'static str),
    /// No end of the head within [`HEAD`].
    LongHead,
    /// The peer closed before the end.
    BrokenOff,
    /// The peer closed without a byte.
    Empty,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "malformed answer ({what})"),
            Self::LongHead => write!(f, "more than {} KiB of headers", HEAD / 1024),
            Self::BrokenOff => f.write_str("the answer breaks off"),
            Self::Empty => f.write_str("closed without an answer"),
        }
    }
}

/// An answer that is being read.
#[derive(Debug, Default)]
pub struct Answer {
    /// What is read and not yet understood.
    held: Vec<u8>,
    /// What interim heads took of [`HEAD`].
    interim: usize,
    /// Once the head is complete.
    body: Option<(Verdict, Body)>,
    /// What is left of [`BODY`].
    room: usize,
    any: bool,
}

/// What is to come of the body.
#[derive(Debug)]
enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks; the next thing is this.
    Chunked(Chunk),
    /// Whatever comes until the peer closes.
    UntilClosed,
}

#[derive(Debug)]
enum Chunk {
    Size,
    Data(u64),
    /// The line end after the data.
    End,
}

impl Answer {
    /// Takes in what was read. `Some` when the verdict is clear: nothing more need be read.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Verdict>, Fault> {
        self.any |= !bytes.is_empty();
        self.held.extend_from_slice(bytes);
        while self.body.is_none() {
            let Some((verdict, body)) = self.head()? else { return Ok(None) };
            match body {
                Some(body) => {
                    self.body = Some((verdict, body));
                    self.room = BODY;
                }
                None if verdict.status < 200 && verdict.status != 101 => {}
                None => return Ok(Some(verdict)),
            }
        }
        self.read_body()
    }

    /// The peer has closed.
    pub fn end(self) -> Result<Verdict, Fault> {
        match self.body {
            Some((verdict, Body::UntilClosed)) => Ok(verdict),
            Some(_) => Err(Fault::BrokenOff),
            None if self.any => Err(Fault::BrokenOff),
            None => Err(Fault::Empty),
        }
    }

    /// A complete head, taken out of what is held, and the body that follows it if it matters.
    fn head(&mut self) -> Result<Option<(Verdict, Option<Body>)>, Fault> {
        let room = HEAD - self.interim;
        // Only so much is looked at, so that the cut of the bytes changes nothing.
        let looked_at = &self.held[..self.held.len().min(room)];
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut response = httparse::Response::new(&mut fields);
        let length = match response.parse(looked_at) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if looked_at.len() == room => return Err(Fault::LongHead),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(Fault::Malformed("too many headers")),
            Err(httparse::Error::Version | httparse::Error::Token) => {
                return Err(Fault::Malformed("not HTTP/1"));
            }
            Err(httparse::Error::Status) => return Err(Fault::Malformed("status")),
            Err(_) => return Err(Fault::Malformed("headers")),
        };
        let status = response.code.filter(|code| *code >= 100).ok_or(Fault::Malformed("status"))?;
        let mut verdict = Verdict { status, location: None };
        // Of all others the status decides alone.
        let body = match status {
            204 => None,
            200..300 => Some(Body::of(response.headers)?),
            300..400 => {
                verdict.location = location(response.headers)?;
                None
            }
            _ => None,
        };
        if status < 200 {
            self.interim += length;
        }
        self.held.drain(..length);
        Ok(Some((verdict, body)))
    }

    fn read_body(&mut self) -> Result<Option<Verdict>, Fault> {
        let Some((verdict, body)) = &mut self.body else { return Ok(None) };
        let mut held = &self.held[..self.held.len().min(self.room)];
        let before = held.len();
        let done = loop {
            match body {
                Body::Length(0) => break true,
                Body::UntilClosed => held = &[],
                Body::Length(left) => held = &held[skip(left, held.len())..],
                Body::Chunked(Chunk::Data(0)) => {
                    *body = Body::Chunked(Chunk::End);
                    continue;
                }
                Body::Chunked(Chunk::Data(left)) => held = &held[skip(left, held.len())..],
                Body::Chunked(Chunk::End) => match held {
                    [b'\r', b'\n', rest @ ..] => {
                        held = rest;
                        *body = Body::Chunked(Chunk::Size);
                        continue;
                    }
                    [] | [b'\r'] => break false,
                    _ => return Err(Fault::Malformed("chunks")),
                },
                Body::Chunked(Chunk::Size) => match httparse::parse_chunk_size(held) {
                    // What may come after the last chunk are fields that nobody asked for.
                    Ok(httparse::Status::Complete((_, 0))) => break true,
                    Ok(httparse::Status::Complete((length, size))) => {
                        held = &held[length..];
                        *body = Body::Chunked(Chunk::Data(size));
                        continue;
                    }
                    Ok(httparse::Status::Partial) => break false,
                    Err(_) => return Err(Fault::Malformed("chunks")),
                },
            }
            if held.is_empty() {
                break matches!(body, Body::Length(0));
            }
        };
        let read = before - held.len();
        // A part of a size that fills the room is never understood.
        let done = done || before == self.room;
        self.room -= read;
        self.held.drain(..read);
        Ok(done.then(|| verdict.clone()))
    }
}

/// Takes as much off `left` as there is. How much that was.
fn skip(left: &mut u64, there: usize) -> usize {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(there);
    *left -= taken as u64;
    taken
}

impl Body {
    /// How its end is told (RFC 9112, 6.3). What two readers might read differently is malformed.
    fn of(fields: &[httparse::Header<'_>]) -> Result<Self, Fault> {
        let mut codings = values(fields, "transfer-encoding").peekable();
        if codings.peek().is_some() {
            let last = codings.last().unwrap_or_default().rsplit(|byte| *byte == b',').next();
            let is_chunked = last.is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"));
            return Ok(if is_chunked { Self::Chunked(Chunk::Size) } else { Self::UntilClosed });
        }
        let mut length = None;
        for value in values(fields, "content-length").flat_map(|value| value.split(|byte| *byte == b',')) {
            let digits = value.trim_ascii();
            let number = std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit));
            let number: u64 =
                number.and_then(|digits| digits.parse().ok()).ok_or(Fault::Malformed("length"))?;
            if length.replace(number).is_some_and(|other| other != number) {
                return Err(Fault::Malformed("length"));
            }
        }
        Ok(length.map_or(Self::UntilClosed, Self::Length))
    }
}

fn location(fields: &[httparse::Header<'_>]) -> Result<Option<String>, Fault> {
    let Some(value) = values(fields, "location").next() else { return Ok(None) };
    let text = std::str::from_utf8(value.trim_ascii()).ok();
    let visible = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    visible.map(|text| Some(text.to_owned())).ok_or(Fault::Malformed("location"))
}

fn values<'a>(fields: &'a [httparse::Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes of these bytes, cut at these places, and then the end.
    fn read(bytes: &[u8], cuts: &[usize]) -> Result<Verdict, Fault> {
        let mut answer = Answer::default();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            if let Some(verdict) = answer.feed(&bytes[from..to])? {
                return Ok(verdict);
            }
            from = to;
        }
        answer.end()
    }

    fn check(text: &str, expect: Result<u16, Fault>) {
        for cuts in [Vec::new(), (0..text.len()).collect()] {
            assert_eq!(read(text.as_bytes(), &cuts).map(|verdict| verdict.status), expect, "{text:?}");
        }
    }

    #[test]
    fn k7_what_is_an_answer_and_what_is_none() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Ok(200));
        check("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Ok(200));
        check("HTTP/1.0 200\r\n\r\nuntil it closes", Ok(200));
        check("HTTP/1.1 204 No Content\r\n\r\n", Ok(204));
        check("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n", Ok(503));
        check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Ok(200));
        check("HTTP/1.1 101 Switching\r\n\r\n", Ok(101));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n", Ok(200));
        check("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n0\r\n\r\n", Ok(200));
        check("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok", Ok(200));

        check("", Err(Fault::Empty));
        check("HTTP/1.1 200 OK\r\nContent-Le", Err(Fault::BrokenOff));
        check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", Err(Fault::BrokenOff));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok", Err(Fault::BrokenOff));
        check("<h1>It works</h1>", Err(Fault::Malformed("not HTTP/1")));
        check("HTTP/2.0 200 OK\r\n\r\n", Err(Fault::Malformed("not HTTP/1")));
        check("HTTP/1.1 2xx\r\n\r\n", Err(Fault::Malformed("status")));
        check("HTTP/1.1 099 OK\r\n\r\n", Err(Fault::Malformed("status")));
        check("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Err(Fault::Malformed("headers")));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Err(Fault::Malformed("chunks")));
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n",
            Err(Fault::Malformed("chunks")),
        );
        for length in ["1, 2", "-1", "+1", "", "18446744073709551616"] {
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nok");
            check(&text, Err(Fault::Malformed("length")));
        }
        check("HTTP/1.1 302 Found\r\nLocation: /a b\r\n\r\n", Err(Fault::Malformed("location")));
    }

    #[test]
    fn k3_heads_have_an_end_and_long_bodies_are_well_enough() {
        let head = |filling: usize| format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(filling));
        let rest = head(0).len();
        check(&head(HEAD - rest), Ok(200));
        check(&head(HEAD - rest + 1), Err(Fault::LongHead));
        check(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(HEAD), Err(Fault::LongHead));
        check(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(129)), {
            Err(Fault::Malformed("too many headers"))
        });
        let long = "x".repeat(BODY);
        check(&format!("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n{long}"), Ok(200));
        check(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n{long}"), Ok(200));
        check(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{long}"), Ok(200));
        let mut endless = Answer::default();
        assert_eq!(endless.feed(head(0).as_bytes()), Ok(None));
        assert_eq!(endless.feed(&long.as_bytes()[1..]), Ok(None));
        assert!(endless.feed(b"x").unwrap().is_some());
    }

    proptest! {
        #[test]
        fn k7_however_the_bytes_are_cut_the_verdict_is_the_same(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("HTTP/1.1 200 OK\r\n"), Just("HTTP/1.0 302 x\r\n"), Just("HTTP/1.1 100 x\r\n\r\n"),
                    Just("Content-Length: 5\r\n"), Just("Transfer-Encoding: chunked\r\n"),
                    Just("Location: /x\r\n"), Just("\r\n"), Just("5\r\nhello\r\n"), Just("0\r\n"), Just("\0"),
                    Just("\n"), Just("hello"), Just("X: y\r\n"),
                ],
                0..12,
            ),
            noise in proptest::collection::vec(any::<u8>(), 0..20),
            cuts in proptest::collection::vec(0_usize..200, 0..8),
        ) {
            let mut bytes = parts.concat().into_bytes();
            bytes.extend(noise);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let all: Vec<usize> = (0..bytes.len()).collect();
            let whole = read(&bytes, &[]);
            prop_assert_eq!(&read(&bytes, &cuts), &whole);
            prop_assert_eq!(&read(&bytes, &all), &whole);
            if let Err(fault) = whole {
                prop_assert!(fault.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}
