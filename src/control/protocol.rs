//! The words between a formation and those who talk to it: one JSON object a line.
//!
//! The server greets with a [`Hello`]; each [`Request`] gets exactly one [`Reply`]. After the reply to a
//! request that follows something (`logs -f`, `events`), every line is one record until the connection
//! ends; after the reply to `attach`, both sides speak in frames ([`super::frame`]). Counts are absolute,
//! unknown fields are refused, and a line is at most [`LONGEST`] bytes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Changes when an old client and a new server would misunderstand each other.
pub const VERSION: u32 = 1;
/// The longest request, in bytes, its line end included.
pub const LONGEST: usize = 64 * 1024;
/// How deep a request may nest. None of ours is deeper than 5.
const DEEPEST: usize = 16;

/// What the server says first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// The program's version.
    pub twelve_run: String,
    /// [`VERSION`].
    pub protocol: u32,
    /// The process that the user started.
    pub pid: u32,
}

/// A question.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`VERSION`].
    pub protocol: u32,
    /// Names it for its reply.
    pub id: u64,
    /// The verb, for `why`: who asked for this.
    pub ask: Ask,
}

/// What can be asked. Names are `web` (every instance) or `web.1`; no name is everything.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// What is.
    Ps {
        /// Of whom.
        names: Vec<String>,
    },
    /// Why it is so.
    Why {
        /// Of whom.
        names: Vec<String>,
    },
    /// Bring types to counts.
    Scale {
        /// Which to what.
        counts: Vec<Count>,
    },
    /// Stop and start again; start what is stopped.
    Restart {
        /// Whom.
        names: Vec<String>,
    },
    /// Replace the instances of a type one by one.
    Roll {
        /// Which type.
        name: String,
    },
    /// Read the files anew, and change what has changed.
    Reload {
        /// Leave the processes to be replaced one by one, by whoever asks.
        rolling: bool,
    },
    /// Stop.
    Stop {
        /// Whom.
        names: Vec<String>,
    },
    /// Send a signal.
    Signal {
        /// Whom.
        names: Vec<String>,
        /// Its number.
        signal: i32,
    },
    /// Stop everything and end.
    Down {
        /// Instead of each type's own grace.
        grace_ms: Option<u64>,
    },
    /// What was written.
    Logs {
        /// By whom.
        names: Vec<String>,
        /// Only so many of the newest lines.
        last: Option<usize>,
        /// Only what was written since, as RFC 3339.
        since: Option<String>,
        /// Of the life before the present one.
        previous: bool,
        /// And what is written from now on.
        follow: bool,
    },
    /// What happens from now on.
    Events {},
    /// Be its terminal.
    Attach {
        /// Whose.
        name: String,
        /// The height of the asker's terminal.
        rows: u16,
        /// And its width.
        cols: u16,
    },
}

/// How many of a type are wanted.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Of which type.
    pub name: String,
    /// How many.
    pub to: u16,
    /// How many there must be now, or nothing is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u16>,
}

/// An answer: one of the two is there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// Of which question.
    pub id: u64,
    /// Done, and what there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Value>,
    /// Nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Refused>,
}

impl Reply {
    /// An answer to the question `id`.
    pub fn new(id: u64, outcome: Result<Value, Refused>) -> Self {
        match outcome {
            Ok(ok) => Self { id, ok: Some(ok), error: None },
            Err(error) => Self { id, ok: None, error: Some(error) },
        }
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Refused {
    /// A word for programs.
    pub kind: Kind,
    /// A sentence for people.
    pub message: String,
    /// What they can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is no request.
    Malformed,
    /// It is larger than a request may be.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// The other side speaks another version.
    Version,
    /// No such type or instance.
    UnknownName,
    /// More than is allowed, or than there is room for.
    TooMany,
    /// It is not as the asker thought; asking again may help.
    Changed,
    /// It has no process.
    NotRunning,
    /// Somebody else has it.
    Busy,
    /// There were too many connections; what was asked was not heard, and asking again may help.
    Crowded,
    /// Everything is being stopped.
    ShuttingDown,
}

impl Refused {
    /// Without a cure.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None }
    }

    /// With one.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// One instance, as `ps --json` shows it. Times are seconds; keys never change their meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Process {
    /// `web.1`.
    pub name: String,
    /// `web`.
    #[serde(rename = "type")]
    pub kind: String,
    /// 1.
    pub index: u16,
    /// `queued` `starting` `running` `stopping` `killing` `backoff` `exited` `failed` `stopped`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Of its leader, while it lives.
    pub pid: Option<u32>,
    /// Its `PORT`.
    pub port: Option<u16>,
    /// How long its process has been up.
    pub uptime_s: Option<f64>,
    /// How many times it was started again by rule.
    pub restarts: u32,
    /// How it ended last: a code, 128+n for signal n.
    pub exit: Option<u8>,
    /// Processor time of all its processes over their uptime; 100 is one core.
    pub cpu_percent: Option<f64>,
    /// Resident memory of all its processes; what they share is counted in each.
    pub rss_bytes: Option<u64>,
    /// Whether its readiness probe says so; `null` without one.
    pub ready: Option<bool>,
    /// Whether it is being taken out of the formation.
    pub leaving: bool,
    /// Processes of it that have left its group and session.
    pub escaped: Vec<u32>,
}

/// Reads a request.
pub fn read(line: &[u8]) -> Result<Request, Refused> {
    if line.len() > LONGEST {
        let message = format!("a request is at most {LONGEST} bytes long");
        return Err(Refused::new(Kind::TooLarge, message));
    }
    if depth(line) > DEEPEST {
        return Err(Refused::new(Kind::Malformed, "the request nests too deep"));
    }
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        // A client of another version may well ask what this one does not know.
        Err(error) => return Err(version_of(line).unwrap_or_else(|| malformed(&error))),
    };
    if request.protocol == VERSION { Ok(request) } else { Err(skew(request.protocol)) }
}

fn malformed(error: &serde_json::Error) -> Refused {
    Refused::new(Kind::Malformed, format!("this is no request: {error}"))
}

fn version_of(line: &[u8]) -> Option<Refused> {
    let other = serde_json::from_slice::<Value>(line).ok()?.get("protocol")?.as_u64()? as u32;
    (other != VERSION).then(|| skew(other))
}

fn skew(other: u32) -> Refused {
    Refused::new(
        Kind::Version,
        format!("this formation speaks version {VERSION} of the protocol, not {other}"),
    )
    .help("use the same version of twelve-run for both, or `down` and `start` it anew")
}

/// How deep braces and brackets open, outside of strings.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value as one line.
pub fn line(value: &impl Serialize) -> Vec<u8> {
    // Strings and numbers of ours always have a form in JSON.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn h6_h13_what_is_no_request_is_refused_by_kind() {
        let nested = format!("{{\"protocol\":1,\"id\":1,\"ask\":{}}}", "[".repeat(40));
        for (text, kind) in [
            ("", Kind::Malformed),
            ("garbage", Kind::Malformed),
            ("{}", Kind::Malformed),
            ("{\"protocol\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":[]}}} {}", Kind::Malformed),
            ("{\"protocol\":1,\"id\":1,\"id\":2,\"ask\":{\"ps\":{\"names\":[]}}}", Kind::Malformed),
            ("{\"protocol\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":[],\"more\":1}}}", Kind::Malformed),
            ("{\"protocol\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":\"web\"}}}", Kind::Malformed),
            ("{\"protocol\":1,\"id\":-1,\"ask\":{\"ps\":{\"names\":[]}}}", Kind::Malformed),
            (
                "{\"protocol\":1,\"id\":1,\"ask\":{\"scale\":{\"counts\":[{\"name\":\"web\",\"to\":65536}]}}}",
                Kind::Malformed,
            ),
            ("{\"protocol\":2,\"id\":1,\"ask\":{\"dance\":{}}}", Kind::Version),
            ("{\"protocol\":2,\"id\":1,\"ask\":{\"ps\":{\"names\":[]}}}", Kind::Version),
            (&nested, Kind::Malformed),
        ] {
            assert_eq!(read(text.as_bytes()).map_err(|refused| refused.kind), Err(kind), "{text}");
        }
        assert_eq!(read(&vec![b' '; LONGEST + 1]).unwrap_err().kind, Kind::TooLarge);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let asks = [
            Ask::Ps { names: vec!["web.1".into()] },
            Ask::Scale { counts: vec![Count { name: "web".into(), to: 4, from: Some(1) }] },
            Ask::Down { grace_ms: None },
            Ask::Events {},
            Ask::Logs { names: vec![], last: Some(3), since: None, previous: true, follow: false },
        ];
        for ask in asks {
            let request = Request { protocol: VERSION, id: 7, ask };
            assert_eq!(read(&line(&request)), Ok(request));
        }
        let reply = Reply::new(3, Err(Refused::new(Kind::Busy, "no")));
        let text = String::from_utf8(line(&reply)).unwrap();
        assert_eq!(text, "{\"id\":3,\"error\":{\"kind\":\"busy\",\"message\":\"no\"}}\n");
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
