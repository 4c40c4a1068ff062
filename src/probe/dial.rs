//! A connection under one deadline, and what its errors mean.
//!
//! This file must not know: what is said on the connection.

use super::names::Names;
use super::target::Host;
use crate::supervisor::event::Outcome;
use nix::errno::Errno;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The end of all patience for one question.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    /// What it was at first, for people.
    all: Duration,
}

impl Deadline {
    pub fn within(all: Duration) -> Self {
        // A time that no clock reaches is the longest that one does.
        let at = Instant::now().checked_add(all).unwrap_or_else(|| Instant::now() + Duration::from_hours(24));
        Self { at, all }
    }

    /// What is left; none is an error.
    pub fn left(self) -> Result<Duration, Trouble> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.missed()) } else { Ok(left) }
    }

    pub fn missed(self) -> Trouble {
        Trouble::Theirs(format!("no answer within {}", seconds(self.all)))
    }
}

/// Why a question has no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The one who was asked is not well.
    Theirs(String),
    /// We could not ask, which says nothing about whom we asked (FAULTS K14).
    Ours(String),
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Theirs(why) => Self::Failed(why),
            Trouble::Ours(why) => Self::Unknown(why),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        let words = match error.kind() {
            io::ErrorKind::ConnectionRefused => "connection refused".into(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".into(),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "no answer".into(),
            _ => error.raw_os_error().map_or_else(
                || error.kind().to_string(),
                |code| Errno::from_raw(code).desc().to_ascii_lowercase(),
            ),
        };
        if is_shortage(&error) { Self::Ours(words) } else { Self::Theirs(words) }
    }
}

/// Whether it is we or the machine who are short of something.
pub fn is_shortage(error: &io::Error) -> bool {
    let short = [Errno::EADDRNOTAVAIL, Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS];
    error.raw_os_error().is_some_and(|code| short.contains(&Errno::from_raw(code)))
}

/// A connection, each step of which keeps the deadline.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    deadline: Deadline,
    /// Whom we have reached.
    pub peer: SocketAddr,
}

impl Wire {
    /// Connects to the first of the host's addresses that accepts.
    pub fn to(host: &Host, port: u16, names: &Names, deadline: Deadline) -> Result<Self, Trouble> {
        let addresses = match host {
            Host::Loopback => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Host::Address(address) => vec![*address],
            Host::Name(name) => names.addresses(name, deadline)?,
        };
        let is_far = matches!(host, Host::Name(_));
        let mut first: Option<Trouble> = None;
        for (at, address) in addresses.iter().enumerate() {
            let left = deadline.left()?;
            // An address that swallows everything leaves time for the others. At home that is an overrun
            // listener, and nobody to go to instead.
            let share = if is_far { left / (addresses.len() - at) as u32 } else { left };
            let share = share.max(Duration::from_micros(1));
            match connect(*address, port, share) {
                Ok(stream) => return Ok(Self { stream, deadline, peer: SocketAddr::new(*address, port) }),
                Err(error) => {
                    let is_missed = error.kind() == io::ErrorKind::TimedOut;
                    let is_final = ends_it(*address, &error) || (is_missed && !is_far);
                    let trouble = if is_missed { deadline.missed() } else { error.into() };
                    let is_refused = trouble == Trouble::Theirs("connection refused".into());
                    if first.is_none() || is_final || is_refused {
                        first = Some(trouble);
                    }
                    if is_final {
                        break;
                    }
                }
            }
        }
        Err(first.unwrap_or_else(|| Trouble::Theirs("no address".into())))
    }

    pub fn send(&mut self, mut bytes: &[u8]) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(self.deadline.left()?))?;
            match self.stream.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if is_interrupted(&error) => {}
                // Who has answered without listening to the end may have answered all the same.
                Err(error)
                    if [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset]
                        .contains(&error.kind()) =>
                {
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What comes next; 0 bytes are the end.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Trouble> {
        loop {
            self.stream.set_read_timeout(Some(self.deadline.left()?))?;
            match self.stream.read(buffer) {
                // A timeout comes back here, and then nothing is left.
                Err(error) if is_interrupted(&error) => {}
                other => return Ok(other?),
            }
        }
    }
}

/// Whether the next address cannot change what this error means. Where IPv6 is switched off, `::1` is
/// "not available"; at an IPv4 address the same word means that our ports are used up.
fn ends_it(address: IpAddr, error: &io::Error) -> bool {
    let is_v6_off = address.is_ipv6() && error.raw_os_error() == Some(Errno::EADDRNOTAVAIL as i32);
    is_shortage(error) && !is_v6_off
}

fn is_interrupted(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    [Interrupted, TimedOut, WouldBlock].contains(&error.kind())
}

fn connect(address: IpAddr, port: u16, within: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::new(address, port), within)?;
    // Where nobody listens and the kernel takes that very port for our end, we reach ourselves.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

/// `1 s`, `0.25 s`.
fn seconds(time: Duration) -> String {
    let mut text = time.as_secs().to_string();
    let thousandths = time.subsec_millis();
    if thousandths > 0 {
        let _ = write!(text, ".{thousandths:03}");
    }
    let text = if thousandths > 0 { text.trim_end_matches('0') } else { &text };
    format!("{text} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k14_our_own_shortage_says_nothing_about_the_process() {
        let ours = |errno: Errno| matches!(Trouble::from(io::Error::from(errno)), Trouble::Ours(_));
        for errno in [Errno::EADDRNOTAVAIL, Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS] {
            assert!(ours(errno), "{errno}");
        }
        for errno in [Errno::ECONNREFUSED, Errno::ECONNRESET, Errno::EHOSTUNREACH, Errno::EACCES] {
            assert!(!ours(errno), "{errno}");
        }
        let errno = io::Error::from(Errno::EADDRNOTAVAIL);
        assert!(ends_it(Ipv4Addr::LOCALHOST.into(), &errno));
        assert!(!ends_it(Ipv6Addr::LOCALHOST.into(), &errno), "IPv6 is off: 127.0.0.1 has the word");
    }

    #[test]
    fn times_are_told_in_seconds() {
        for (ms, told) in [(1000, "1 s"), (250, "0.25 s"), (10_000, "10 s"), (1, "0.001 s")] {
            assert_eq!(seconds(Duration::from_millis(ms)), told);
        }
    }
}
