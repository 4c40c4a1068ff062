//! The values of `twelve-run.toml` that name something of the world: signals, addresses, processes, variables,
//! commands, files.

use super::values::{described, text, word, written};
use crate::app::plan::{Milestone, StopSignal};
use crate::app::problem::did_you_mean;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A signal that a process can answer by leaving: `INT`, `SIGINT`, `2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub StopSignal);

const SIGNALS: [(&str, i32); 16] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("WINCH", 28),
    ("PWR", 30),
];

written!([] Signal, "the name of a signal", |text| {
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let number = name.parse::<i32>().ok().filter(|number| number.to_string() == name);
    let known = SIGNALS.iter().find(|(known, n)| *known == name || Some(*n) == number);
    let known = known.map(|(_, n)| Self(StopSignal(*n)));
    known.ok_or_else(|| {
        let near = did_you_mean(name, SIGNALS.iter().map(|(known, _)| *known));
        let near = near.first().map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        format!("`{text}` is no signal that a process can answer{near}")
    })
}, json_schema!({
    "type": "string",
    "pattern": signal_pattern(),
    "examples": ["INT", "HUP"],
}));

/// Upper and lower case, as they are read; a pattern of a schema has no flag for it.
fn signal_pattern() -> String {
    let either = |char: char| {
        let lower = char.to_ascii_lowercase();
        if lower == char { char.to_string() } else { format!("[{char}{lower}]") }
    };
    let names = SIGNALS.map(|(name, _)| name.chars().map(either).collect::<String>()).join("|");
    let numbers = SIGNALS.map(|(_, number)| number.to_string()).join("|");
    format!("^([Ss][Ii][Gg])?({names}|{numbers})$")
}

/// An address to listen at; a port alone is one of 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(pub SocketAddr);

written!([] Address, "an address like `\"127.0.0.1:5000\"`", |text| address(text).map(Self), json_schema!({
    "type": "string",
    "pattern": r"^(localhost:|[0-9]+(\.[0-9]+){3}:|\[[0-9A-Fa-f:.%]+\]:)?[0-9]+$",
    "examples": ["127.0.0.1:5000", "5000", "[::1]:5000"],
}));

/// `127.0.0.1:5000`, `[::1]:5000`, `localhost:5000`, `5000`. Other names are refused: what they mean is
/// somebody else's to say, and to change, and who listens for all the world writes it out.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = |digits: &str| match digits.parse::<u16>() {
        Ok(port) if port > 0 && all_digits(digits) => Ok(port),
        _ => Err(format!("`{digits}` is no port: 1 to 65535")),
    };
    if all_digits(text) {
        return Ok(SocketAddr::new(LOCAL, port(text)?));
    }
    let wrong = || format!("`{text}` is no address: write `127.0.0.1:5000`, `[::1]:5000` or `5000`");
    let (host, digits) = text.rsplit_once(':').ok_or_else(wrong)?;
    if host == "localhost" {
        return Ok(SocketAddr::new(LOCAL, port(digits)?));
    }
    match text.parse::<SocketAddr>() {
        Ok(address) if address.port() > 0 => Ok(address),
        Ok(_) => Err(format!("`{digits}` is no port: 1 to 65535")),
        Err(_) if host.is_empty() || host.contains([':', '[', '/']) || host.parse::<IpAddr>().is_ok() => {
            port(digits).and(Err(wrong()))
        }
        Err(_) => Err(format!("`{host}` is a name, and only `localhost` may be one here: write an address")),
    }
}

/// `db`, `api:ready`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The name of the type, as written.
    pub name: String,
    /// What it must have come to.
    pub milestone: Milestone,
}

written!([] Awaited, "a process type, perhaps with `:ready` or `:completed`", |text| {
    let (name, milestone) = match text.split_once(':') {
        Some((name, milestone)) => (name, word(milestone)?),
        None => (text, Milestone::Started),
    };
    if is_type_name(name) {
        Ok(Self { name: name.to_owned(), milestone })
    } else {
        Err(format!("`{name}` is no name of a process"))
    }
}, json_schema!({
    "type": "string", "pattern": "^[A-Za-z0-9_-]+(:(started|ready|completed))?$",
    "examples": ["db", "migrate:completed", "api:ready"],
}));

/// The name of a table below `process`: any, so that a wrong one gets the likely right one told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct TypeName(pub String);

described!([] TypeName, json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" }));

fn is_type_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !name.is_empty() && name.bytes().all(plain)
}

/// The name of a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableName(pub String);

written!([] VariableName, "the name of a variable", |text| {
    if text.is_empty() || text.contains(['=', '\0']) {
        return Err("this is no name for a variable".into());
    }
    Ok(Self(text.into()))
}, json_schema!({ "type": "string", "pattern": "^[^=\\u0000]+$" }));

/// Names of variables, with `*` for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableGlob(pub String);

written!([] VariableGlob, "the name of a variable, or several with `*`", |text| {
    if text.is_empty() || text.contains(['=', '\0']) {
        return Err("this is no name for a variable".into());
    }
    if text.bytes().all(|byte| byte == b'*') {
        return Err("this is the name of every variable".into());
    }
    Ok(Self(text.into()))
}, json_schema!({ "type": "string", "pattern": "^[^=\\u0000]*[^=*\\u0000][^=\\u0000]*$" }));

/// The value of a variable.
#[derive(Clone, PartialEq, Eq)]
pub struct VariableValue(pub String);

impl fmt::Debug for VariableValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

written!([] VariableValue, "a string", |text| {
    if text.contains('\0') { Err("a variable cannot hold NUL".into()) } else { Ok(Self(text.into())) }
}, json_schema!({ "type": "string" }));

/// The program that gets a command with `-c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell(pub OsString);

written!([] Shell, "a shell", |text| {
    if text.is_empty() || text.contains('\0') { Err("this is no shell".into()) } else { Ok(Self(text.into())) }
}, json_schema!({ "type": "string", "minLength": 1 }));

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command(pub OsString);

written!([] Command, "a command line", |text| {
    let is_one = !text.trim().is_empty() && !text.contains('\0');
    if is_one { Ok(Self(text.into())) } else { Err("this is no command line".into()) }
}, json_schema!({ "type": "string", "pattern": "\\S" }));

/// A pattern of files below the app's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(pub String);

written!([] Glob, "a pattern of files like `\"src/**/*.rs\"`", |text| {
    if text.is_empty() || text.contains('\0') {
        return Err("this is no pattern of files".into());
    }
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err(format!("`{text}` leads out of the app's folder"));
    }
    match globset::GlobBuilder::new(text).literal_separator(true).build() {
        Ok(_) => Ok(Self(text.into())),
        Err(error) => Err(format!("`{text}` is no pattern of files: {}", error.kind())),
    }
}, json_schema!({
    "type": "string", "pattern": "^[^/]", "examples": ["src/**/*.rs", "Gemfile.lock"],
}));

/// The name of a rule of the audit, or the beginning of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleName(pub String);

written!([] RuleName, "a rule like `\"config/host\"`", |text| {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let sound = text.split_once('/').is_some_and(|(factor, rest)| {
        is_word(factor) && (rest == "*" || is_word(rest.strip_suffix('*').unwrap_or(rest)))
    });
    if sound {
        return Ok(Self(text.into()));
    }
    Err(format!("`{text}` is no rule of the audit: write `config/host` or `config/key-*`"))
}, json_schema!({
    "type": "string", "pattern": "^[A-Za-z0-9_-]+/([A-Za-z0-9_-]+\\*?|\\*)$", "examples": ["config/host"],
}));

/// Why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(pub String);

written!([] Reason, "a reason", |text| {
    if text.trim().is_empty() { Err("a reason is wanted".into()) } else { Ok(Self(text.into())) }
}, json_schema!({ "type": "string", "pattern": "\\S" }));

/// A day: `2027-01-31`, as a date of TOML's or in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub jiff::civil::Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Day;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a day like `2027-01-31`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Day, E> {
                // With a time of day it would be more than a day.
                let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
                day.map(Day).ok_or_else(|| E::custom(format!("`{text}` is no day: write `2027-01-31`")))
            }

            fn visit_map<A: MapAccess<'de>>(self, date: A) -> Result<Day, A::Error> {
                let date = toml::value::Datetime::deserialize(MapAccessDeserializer::new(date))?;
                self.visit_str(&date.to_string())
            }
        }
        deserializer.deserialize_any(Either)
    }
}

described!([] Day, json_schema!({ "type": "string", "format": "date", "examples": ["2027-01-31"] }));

/// A regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(pub String);

written!([] Pattern, "a regular expression", |text| {
    match regex::bytes::Regex::new(text) {
        Ok(_) => Ok(Self(text.into())),
        Err(regex::Error::CompiledTooBig(_)) => Err("this regular expression is too large".into()),
        Err(error) => {
            // The library draws a picture; its last line has the reason.
            let told = error.to_string();
            let reason = told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(format!("this is no regular expression: {reason}"))
        }
    }
}, json_schema!({ "type": "string", "format": "regex" }));

/// What an HTTP probe asks for: a path, or a whole URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

written!([] Url, "a path like `\"/health\"`, or a URL", |text| url(text).map(|()| Self(text.into())), json_schema!({
    "type": "string", "pattern": r"^(/|http://)[!-~]*$", "examples": ["/health", "http://127.0.0.1:9000/x"],
}));

fn url(text: &str) -> Result<(), String> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("https:") {
        return Err("`https` is not spoken to a process: ask it by `http`".into());
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('#') {
        return Err("a path or URL has no blanks, no `#` and nothing but ASCII: write others as `%20`".into());
    }
    if text.starts_with('/') {
        return Ok(());
    }
    let wrong =
        || format!("`{text}` is neither a path like `/health` nor a URL like `http://127.0.0.1:9000/x`");
    let rest = text.strip_prefix("http://").ok_or_else(wrong)?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let is_host = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    if is_host && port.is_none_or(is_port) { Ok(()) } else { Err(wrong()) }
}
