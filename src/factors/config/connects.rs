//! Hosts without a name of their own: arguments of calls that connect, lists, connection strings, `ssh`.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::assign::Style;
use super::hits::Hit;
use super::hosts::{is_address, is_host, may_be_other, push, speaks_of_host};
use super::language::Language;
use super::rules;
use super::source::{At, Source};
use super::urls::is_example_host;

fn tell(source: &Source<'_>, value: Range<usize>, hits: &mut Vec<Hit>) {
    let text = String::from_utf8_lossy(&source.text[value.clone()]).into_owned();
    if is_address(text.as_bytes()) {
        push(source, &rules::IP, value, format!("the address {text} is written here"), "HOST", hits);
    } else {
        push(source, &rules::HOST, value, format!("the host `{text}` is written here"), "HOST", hits);
    }
}

/// Calls of which the first argument, or the second after a protocol or a port, is a host.
#[rustfmt::skip]
const CONNECTS: &[&str] = &[
    "connect", "connection", "createconnection", "create_connection", "open_connection", "openconnection", "dial",
    "dialcontext", "dialtimeout", "dialtls", "client", "newclient", "smtp", "smtp_ssl", "imap4", "imap4_ssl",
    "pop3", "pop3_ssl", "ftp", "ftp_tls", "telnet", "jedis", "jedispool", "setserver", "sethost", "socket",
    "tcpsocket", "inetsocketaddress", "hostandport", "httphost", "redis", "strictredis",
    "setsmtpserver", "mysqli", "pconnect", "fsockopen", "pfsockopen", "sethostname", "connect_async",
];

fn is_connecting(name: &[u8]) -> bool {
    let last = name.rsplit(|b| *b == b'.').next().unwrap_or_default().to_ascii_lowercase();
    CONNECTS.iter().any(|call| call.as_bytes() == last)
        || [&b"client"[..], b"connection", b"_connect"].iter().any(|end| last.ends_with(end))
}

/// `smtplib.SMTP("mail.acme.io", 587)`, `net.Dial("tcp", "db:5432")`, `sock.connect(("db", 80))`.
pub fn called(source: &Source<'_>, name: &Range<usize>, hits: &mut Vec<Hit>) {
    if !is_connecting(&source.text[name.clone()]) || source.at(name.start) != At::Code {
        return;
    }
    let mut at = name.end + 1;
    for _ in 0..2 {
        let rest = source.right(at);
        let skipped = rest.iter().take_while(|b| matches!(b, b' ' | b'(')).count();
        let Some(argument) = argument(source, at + skipped) else { return };
        if let Some(text) = argument.text
            && is_place(source, &text, argument.end)
        {
            return tell(source, text, hits);
        }
        if source.byte(argument.end) != b',' {
            return;
        }
        at = argument.end + 1;
    }
}

struct Argument {
    /// The inside of the quotes, if it is a literal.
    text: Option<Range<usize>>,
    /// Where the sign after it stands.
    end: usize,
}

/// A literal, a number or a name at `at`; of anything else nothing is known.
fn argument(source: &Source<'_>, at: usize) -> Option<Argument> {
    let rest = source.right(at);
    let literal = literal(source, at);
    let length = match &literal {
        Some(text) => text.end + 1 - at,
        None => {
            rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'&')).count()
        }
    };
    let blank = rest.get(length..)?.iter().take_while(|b| **b == b' ').count();
    (length > 0).then_some(Argument { text: literal, end: at + length + blank })
}

/// The inside of the quotes that open at `at`.
fn literal(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let rest = source.right(at);
    let quote = rest.first().copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let length = memchr(quote, &rest[1..])?;
    Some(at + 1..at + 1 + length)
}

/// The host says itself that it is one, or a port comes after it.
fn is_place(source: &Source<'_>, text: &Range<usize>, end: usize) -> bool {
    let value = &source.text[text.clone()];
    let rest = source.right(end);
    if value == b"localhost" {
        // With a port that is only known when it runs, it is the other end of something that the program has opened.
        let port = rest.strip_prefix(b",").map(<[u8]>::trim_ascii_start);
        return port.is_none_or(|port| port.first().is_some_and(u8::is_ascii_digit));
    }
    if is_address(value) {
        return true;
    }
    let number = rest
        .strip_prefix(b",")
        .map(|rest| rest.trim_ascii_start().iter().take_while(|b| b.is_ascii_digit()).count());
    let dots = memchr::memchr_iter(b'.', value).count();
    let top = value.rsplit(|b| *b == b'.').next().unwrap_or_default();
    is_host(value, Style::Given)
        && (value.contains(&b':')
            || dots >= 2
            || dots == 1 && top.len() > 2
            || number.is_some_and(|digits| digits >= 2))
}

/// `BROKERS = ["a:9092", "b:9092"]`, in the words of each language: the elements.
pub fn list(source: &Source<'_>, name: &Range<usize>) -> Vec<Range<usize>> {
    let rest = source.right(name.end);
    let Some(open) = opens(rest).filter(|_| speaks_of_host(&source.text[name.clone()])) else {
        return Vec::new();
    };
    let mut at = name.end + open;
    let mut elements = Vec::new();
    while elements.len() < 32 {
        let rest = source.ahead(at, 200);
        at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let Some(text) = literal(source, at) else { break };
        at = text.end + 1;
        let next = source.ahead(at, 100).trim_ascii_start().first().copied();
        if !matches!(next, Some(b',' | b']' | b'}' | b')')) {
            break;
        }
        let value = &source.text[text.clone()];
        // Of nodes and domains in a list only an address or a port makes places.
        if is_address(value) || value.contains(&b':') || !may_be_other(&source.text[name.clone()]) {
            elements.push(text);
        }
        if next != Some(b',') {
            break;
        }
        at += memchr(b',', source.ahead(at, 100)).map_or(0, |comma| comma + 1);
    }
    elements
}

/// How far behind the name its list begins: the sign, what makes a list of what follows, and the bracket.
fn opens(rest: &[u8]) -> Option<usize> {
    let sign = rest.iter().take(40).position(|b| matches!(b, b'=' | b':'))?;
    let between =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'"' | b'\'' | b']' | b'[' | b'<' | b'>');
    if !rest[..sign].iter().all(between) {
        return None;
    }
    let after = rest[sign..].iter().take_while(|b| matches!(b, b'=' | b':' | b'>' | b' ')).count();
    if rest[sign..sign + after].starts_with(b"==") {
        return None;
    }
    let tail = &rest[sign + after..];
    let makes = [
        &b"["[..],
        b"{",
        b"(",
        b"[]string{",
        b"vec![",
        b"&[",
        b"new[] {",
        b"new[] { ",
        b"List.of(",
        b"listOf(",
        b"Arrays.asList(",
        b"array(",
        b"new String[] {",
        b"new String[]{",
        b"new List<string> {",
    ];
    let make = makes.iter().filter(|make| tail.starts_with(make)).max_by_key(|make| make.len())?;
    Some(sign + after + make.len())
}

/// Keys that stand in a connection string beside the host: libpq's, ADO's, PDO's.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "dbname=", "user=", "database=", "uid=", "user id=", "port=", "initial catalog=", "sslmode=", "charset=",
    "integrated security=", "trusted_connection=",
];

/// `"host=db.acme.io dbname=shop"`, `"Server=db;Database=shop"`, `'mysql:host=db;dbname=shop'`: the host in a text.
/// True if it is such a key.
pub fn data_source(source: &Source<'_>, name: &Range<usize>, hits: &mut Vec<Hit>) -> bool {
    let key = source.text[name.clone()].to_ascii_lowercase();
    let known = matches!(&key[..], b"host" | b"hostaddr" | b"server" | b"source" | b"address" | b"addr");
    if !known || source.byte(name.end) != b'=' {
        return false;
    }
    let At::Text(region) = source.at(name.start) else { return false };
    let text = source.text[region.start..region.end.min(region.start + 400)].to_ascii_lowercase();
    let has = |word: &&str| memmem::find(&text, word.as_bytes()).is_some();
    if !BESIDE.iter().any(has) || has_password(&text) {
        return true;
    }
    let start = name.end + 1;
    let rest = &source.text[start..region.end.max(start)];
    let length = rest
        .iter()
        .take(120)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'_'))
        .count();
    let ends = rest.get(length).is_none_or(|b| matches!(b, b';' | b' ' | b',' | b'\'' | b'\\'));
    let value = &rest[..length];
    if length > 1
        && ends
        && value[0].is_ascii_alphanumeric()
        && !is_example_host(value)
        && value != b"hostname"
    {
        tell(source, start..start + length, hits);
    }
    true
}

/// With a password in it the whole is told by another rule.
fn has_password(text: &[u8]) -> bool {
    [&b"password="[..], b"pwd="].iter().any(|word| {
        memmem::find(text, word).is_some_and(|n| {
            text.get(n + word.len())
                .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'\'' | b'!'..=b'/'))
        })
    })
}

/// Commands of which an argument is a host, or `user@host`.
const SHELLS: &[&[u8]] = &[b"ssh", b"scp", b"rsync", b"sftp", b"ssh-copy-id"];
/// Clients of which `-h` names the host, by their manuals.
const CLIENTS: &[&[u8]] = &[b"psql", b"pg_dump", b"redis-cli", b"mysql", b"mysqldump"];

/// `ssh deploy@10.1.2.3`, `psql -h db.acme.io`: true if it was such a command.
pub fn command(source: &Source<'_>, name: &Range<usize>, hits: &mut Vec<Hit>) -> bool {
    let program = &source.text[name.clone()];
    let client = CLIENTS.contains(&program);
    if !client && !SHELLS.contains(&program) || source.byte(name.end) != b' ' {
        return false;
    }
    let shell = source.language == Language::Shell;
    if source.at(name.start) == At::Comment || !shell && source.at(name.start) == At::Code {
        return true;
    }
    let rest = source.right(name.end);
    let end = rest.iter().position(|b| matches!(b, b';' | b'|' | b'&')).unwrap_or(rest.len());
    let mut at = name.end;
    let mut asked = false;
    for token in rest[..end].split(|b| *b == b' ') {
        let quote = usize::from(matches!(token.first(), Some(b'"' | b'\'')));
        let sign = memchr(b'@', token);
        let from = sign.map_or(quote, |sign| sign + 1);
        let length = token[from..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
            .count();
        let host = &token[from..from + length];
        let full = host.contains(&b'.') && is_host(host, Style::Given);
        let named = if client { asked } else { sign.is_some() || shell && program == b"ssh" };
        if is_address(host) && (asked || !client) || full && named {
            tell(source, at + from..at + from + length, hits);
            break;
        }
        asked = matches!(token, b"-h" | b"--host" | b"\"-h\",");
        at += token.len() + 1;
    }
    true
}
