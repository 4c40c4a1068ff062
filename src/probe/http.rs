//! One http probe: GET, follow, and the status decides.
//!
//! No proxy is asked, whatever the environment says (FAULTS K6), nothing is kept between two probes, and
//! there is no TLS. This file must not know: who asks, and what becomes of the answer.

use super::answer::{Answer, Fault, Verdict};
use super::dial::{Deadline, Trouble, Wire};
use super::names::Names;
use super::target::{HttpTarget, Leads};
use std::net::SocketAddr;

/// Redirects that are followed (FAULTS K4).
const REDIRECTS: u32 = 10;

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Theirs(fault.to_string())
    }
}

/// Asks. Whoever has answered well is named, for who wants to know whether it is the right one.
pub fn ask(target: &HttpTarget, names: &Names, deadline: Deadline) -> Result<SocketAddr, Trouble> {
    let mut target = target.clone();
    for _ in 0..=REDIRECTS {
        let mut wire = Wire::to(&target.host, target.port, names, deadline)?;
        wire.send(request(&target).as_bytes())?;
        let verdict = read(&mut wire)?;
        if !verdict.is_well() {
            return Err(Trouble::Theirs(format!("status {}", verdict.status)));
        }
        let location = verdict.location.filter(|_| [301, 302, 303, 307, 308].contains(&verdict.status));
        let Some(location) = location else { return Ok(wire.peer) };
        match target.follow(&location) {
            Ok(Leads::Here(next)) => target = next,
            Ok(Leads::Away) => return Ok(wire.peer),
            Err(_) => return Err(Fault::Malformed("location").into()),
        }
    }
    Err(Trouble::Theirs(format!("more than {REDIRECTS} redirects")))
}

fn request(target: &HttpTarget) -> String {
    format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: twelve-run/{}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        target.path,
        target.authority(),
        env!("CARGO_PKG_VERSION"),
    )
}

fn read(wire: &mut Wire) -> Result<Verdict, Trouble> {
    let mut answer = Answer::default();
    let mut buffer = [0; 4096];
    loop {
        match wire.receive(&mut buffer)? {
            0 => return Ok(answer.end()?),
            length => {
                if let Some(verdict) = answer.feed(&buffer[..length])? {
                    return Ok(verdict);
                }
            }
        }
    }
}
