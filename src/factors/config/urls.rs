//! URLs: with a password in them, or of a service.

use std::ops::Range;

use memchr::{memchr, memrchr};

use super::explained;
use super::help;
use super::hits::{Hit, Rank};
use super::hosts;
use super::language::{Language, Role};
use super::receiver::receiver;
use super::rules;
use super::source::{At, Source};
use super::values::{self, Looks, looks};
use crate::factors::finding::Level;
use crate::factors::text::with_article;

/// The parts of a URL that matter here, as offsets.
#[derive(Debug, Clone)]
pub struct Url {
    pub whole: Range<usize>,
    pub scheme: Range<usize>,
    pub user: Option<Range<usize>>,
    pub password: Option<Range<usize>>,
    pub host: Range<usize>,
}

const LONGEST: usize = 600;

/// `at` is where `://` stands.
pub fn parse(source: &Source<'_>, at: usize) -> Option<Url> {
    let scheme = source
        .behind(at, 40)
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-' | b'_'))
        .count();
    let start = at - scheme;
    if scheme == 0 || !source.text[start].is_ascii_alphabetic() {
        return None;
    }
    let authority = at + 3;
    let quote = source.behind(start, 1).first().copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let rest = source.ahead(authority, LONGEST);
    let length = rest.iter().take_while(|b| !ends(**b, quote)).count();
    let rest = trim_end(&rest[..length]);
    let end = authority + rest.len();
    let (user, password, host) = match userinfo(rest) {
        Some((colon, sign)) => {
            let password = colon.map(|colon| authority + colon + 1..authority + sign);
            (Some(authority..authority + colon.unwrap_or(sign)), password, authority + sign + 1)
        }
        None => (None, None, authority),
    };
    let tail = &source.text[host.min(end)..end];
    let host_length = tail.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(tail.len());
    Some(Url {
        whole: start..end,
        scheme: start..at,
        user,
        password,
        host: host.min(end)..host.min(end) + host_length,
    })
}

/// Holes of templates belong to a URL, so braces and brackets do not end it; a quote or a space does.
fn ends(byte: u8, quote: Option<u8>) -> bool {
    match byte {
        b'"' | b'`' | b'\\' | b'|' => true,
        b'\'' => quote != Some(b'"'),
        b'<' | b'>' => quote.is_none(),
        _ => byte <= b' ' || byte == 0x7f,
    }
}

fn trim_end(rest: &[u8]) -> &[u8] {
    let kept = rest.iter().rposition(|b| !matches!(b, b',' | b';' | b')' | b'.' | b']' | b'*' | b'!'));
    &rest[..kept.map_or(0, |n| n + 1)]
}

/// Where the user ends and where the last `@` before the host stands. A raw `/`, `#` or `@` may be in the password.
fn userinfo(rest: &[u8]) -> Option<(Option<usize>, usize)> {
    let first = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let sign = memrchr(b'@', &rest[..first]);
    // `jane@example.com:pass#word@host`: what looks like a host is the end of the user's name, and its port the password.
    let is_user = |sign: &usize| {
        let host = &rest[sign + 1..first];
        let port = memchr(b':', host).map(|colon| &host[colon + 1..]);
        memchr(b':', &rest[..*sign]).is_none()
            && port.is_some_and(|port| !port.iter().all(u8::is_ascii_digit))
    };
    let later = || {
        let sign = first + memchr(b'@', &rest[first..])?;
        let colon = memchr(b':', &rest[..first])?;
        // `host:80/path/@scope` is no user: its port ends at the path.
        let port = rest[colon + 1..first].iter().all(u8::is_ascii_digit);
        let host = rest[sign + 1..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            .count();
        (!port && host > 0 && colon < sign).then_some(sign)
    };
    let sign = sign.filter(|sign| !is_user(sign)).or_else(later).or(sign)?;
    let colon = memchr(b':', &rest[..sign]);
    (rest.len() > sign + 1).then_some((colon, sign))
}

pub fn look(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(url) = parse(source, at) else { return };
    let Some(password) = url.password.clone().or_else(|| token_user(source, &url)) else {
        if !source.dense {
            hosts::service_url(source, &url, hits);
        }
        return;
    };
    if source.dense {
        return;
    }
    if let Some(level) = weigh(source, &url, &password) {
        hits.push(hit(source, &url, &password, level));
    } else {
        hosts::service_url(source, &url, hits);
    }
}

/// A token alone, as forges take it: `https://TOKEN@host/…`.
fn token_user(source: &Source<'_>, url: &Url) -> Option<Range<usize>> {
    let user = url.user.clone()?;
    let text = &source.text[user.clone()];
    (url.password.is_none() && text.len() >= 20 && values::is_random(text) && !is_sentry(source, url))
        .then_some(user)
}

/// A DSN of Sentry's without a secret is public, as its documentation says.
fn is_sentry(source: &Source<'_>, url: &Url) -> bool {
    memchr::memmem::find(&source.text[url.host.clone()], b"sentry").is_some()
}

fn weigh(source: &Source<'_>, url: &Url, password: &Range<usize>) -> Option<Level> {
    let value = &source.text[password.clone()];
    let host = &source.text[url.host.clone()];
    let user = url.user.clone().map(|user| &source.text[user]).unwrap_or_default();
    if source.holds_texts
        || value.is_empty()
        || value.len() > 300
        || host.is_empty()
        || !host.iter().any(u8::is_ascii_alphanumeric) && !host.contains(&b'[')
    {
        return None;
    }
    if values::is_filled_in(value)
        || value == "…".as_bytes()
        || value.iter().any(|b| matches!(b, b'{' | b'}' | b'<' | b'>' | b' ' | b'*' | b'(' | b'['))
            && !values::is_random(value)
    {
        return None;
    }
    if values::is_filled_in(user) && value.len() < 4 || value.starts_with(b"$") && !values::is_random(value) {
        return None;
    }
    let told = matches!(source.role, Role::Docs | Role::Sample)
        || source.is_comment(password.start)
        || source.is_documentation(password.start);
    // Under a key that says so, and with a host that is in no one's network but the reader's.
    if !host.contains(&b'.') && explained::is_example_text(source, url.whole.start) {
        return None;
    }
    let explains = told || source.is_test(password.start);
    let example = is_example_host(host);
    if value.iter().all(|b| *b == value[0]) {
        return None;
    }
    let kept = source.keeps_logins || !explains && !example && is_somebodys(source, url, user, value);
    if kept && !values::says_so(value) {
        return Some(Level::Error);
    }
    if !is_known_scheme(source, url) && !host.contains(&b'.') && looks(value) == Looks::Word {
        return None;
    }
    if is_stand_in(value)
        || repeats_itself(source, url, user, value)
        || value == user && looks(value) < Looks::Chosen
        || value.len() < 3
        || (example && looks(value) < Looks::Random)
    {
        // The exercise of the third factor: in the program itself even a made-up login is a login.
        return (!explains && source.language.is_program() && matches!(source.role, Role::Program))
            .then_some(Level::Warn);
    }
    // What is only letters and can be spoken is a word of the explanation.
    let word =
        value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-')) && values::is_wordy(value);
    (!told || !word && !example).then_some(Level::Error)
}

/// A service on a host with a full name, which nobody writes to explain a URL; unless the login says nothing but that it is one.
fn is_somebodys(source: &Source<'_>, url: &Url, user: &[u8], value: &[u8]) -> bool {
    let host = &source.text[url.host.clone()];
    let name = hosts::without_port(host);
    let labels: Vec<&[u8]> = name.split(|b| *b == b'.').collect();
    let bare = matches!(user, b"user" | b"username" | b"login" | b"name" | b"")
        && matches!(value, b"pass" | b"password" | b"passwd" | b"pwd" | b"secret" | b"pw" | b"p" | b"xxx");
    is_service_scheme(&source.text[url.scheme.clone()].to_ascii_lowercase())
        && labels.len() >= 3
        && labels.last().is_some_and(|last| hosts::is_top_level(last))
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && !bare
        && value.len() >= 3
}

/// `redis://:redis_pwd@h`, `db://shop:shop-pass@h`: a word for a password beside the URL's own.
fn repeats_itself(source: &Source<'_>, url: &Url, user: &[u8], value: &[u8]) -> bool {
    let scheme = source.text[url.scheme.clone()].split(|b| *b == b'+').next().unwrap_or_default();
    let host = source.text[url.host.clone()].split(|b| matches!(b, b'.' | b':')).next().unwrap_or_default();
    let pieces = || value.split(|b| matches!(b, b'_' | b'-'));
    let word = |piece: &[u8]| matches!(piece, b"pass" | b"password" | b"passwd" | b"pwd" | b"pw" | b"secret");
    let own = |piece: &[u8]| !piece.is_empty() && (piece == scheme || piece == user || piece == host);
    pieces().count() > 1 && pieces().any(word) && pieces().all(|piece| word(piece) || own(piece))
}

/// Of a service, or of the web's protocols; with any other scheme and a bare host `a:b@c` is as often something else.
fn is_known_scheme(source: &Source<'_>, url: &Url) -> bool {
    let scheme = source.text[url.scheme.clone()].to_ascii_lowercase();
    let first = scheme.split(|b| matches!(b, b'+' | b'-')).next().unwrap_or(&scheme);
    is_service_scheme(&scheme)
        || first.ends_with(b"sql")
        || first.ends_with(b"db")
        || matches!(
            first,
            b"http"
                | b"https"
                | b"ecto"
                | b"postgis"
                | b"trino"
                | b"presto"
                | b"hive"
                | b"db2"
                | b"vertica"
                | b"snowflake"
                | b"tcp"
                | b"ftp"
                | b"ftps"
                | b"sftp"
                | b"ssh"
                | b"git"
                | b"svn"
                | b"smb"
                | b"ws"
                | b"wss"
                | b"rtsp"
                | b"imap"
                | b"imaps"
                | b"pop3"
                | b"jdbc"
                | b"socks5"
                | b"socks"
                | b"cifs"
                | b"rsync"
        )
}

/// Words that explain a URL's parts, alone or with a digit or two; `tiger` is the password of Oracle's example schema.
fn is_stand_in(value: &[u8]) -> bool {
    values::is_placeholder(value)
        || matches!(
            value,
            b"..."
                | b"p"
                | b"pw"
                | b"x"
                | b"xx"
                | b"xxx"
                | b"s3cret"
                | b"p4ssw0rd"
                | b"p@ssw0rd"
                | b"guest"
                | b"tiger"
        )
}

/// RFC 2606's domains, and `host` and kin.
pub fn is_example_host(host: &[u8]) -> bool {
    let name = hosts::without_port(host);
    let lower = name.to_ascii_lowercase();
    let ends = [
        &b"example.com"[..],
        b"example.org",
        b"example.net",
        b".example",
        b".test",
        b".invalid",
        b"example",
        b"domain.com",
        b"foo.com",
        b"test.com",
    ];
    ends.iter().any(|end| lower.ends_with(end))
        || matches!(
            &lower[..],
            b"host"
                | b"hostname"
                | b"host1"
                | b"server"
                | b"domain"
                | b"foo"
                | b"bar"
                | b"foo.bar"
                | b"domain.tld"
                | b"your-host"
                | b"fake"
                | b"a"
                | b"b"
        )
        || lower.starts_with(b"your")
        || lower.starts_with(b"my-")
}

fn hit(source: &Source<'_>, url: &Url, password: &Range<usize>, level: Level) -> Hit {
    let scheme = String::from_utf8_lossy(&source.text[url.scheme.clone()]).into_owned();
    let name = receiver(source, url.whole.start).map(|name| source.text[name].to_vec()).unwrap_or_default();
    let fallback = default_variable(&scheme);
    let variable = if super::names::words(&name)
        .iter()
        .any(|w| matches!(w.as_str(), "url" | "uri" | "dsn" | "database" | "broker" | "proxy" | "redis"))
    {
        help::variable(&name, fallback)
    } else {
        fallback.to_owned()
    };
    let whose = if level == Level::Warn { "a made-up password" } else { "the password" };
    Hit {
        rule: &rules::DB_URL,
        rank: Rank::Url,
        level,
        message: format!(
            "{whose} of {} URL ({} chars) is written here",
            with_article(&scheme),
            password.len()
        ),
        help: help::read(source.language, &variable),
        public_prefix: Some(0),
        span: password.clone(),
    }
}

pub fn default_variable(scheme: &str) -> &'static str {
    match scheme.split('+').next().unwrap_or(scheme) {
        "redis" | "rediss" => "REDIS_URL",
        "amqp" | "amqps" | "pyamqp" => "AMQP_URL",
        "mongodb" => "MONGODB_URI",
        "smtp" | "smtps" => "SMTP_URL",
        "kafka" => "KAFKA_URL",
        "ldap" | "ldaps" => "LDAP_URL",
        "http" | "https" => "SERVICE_URL",
        "ftp" | "sftp" | "ftps" => "FTP_URL",
        _ => "DATABASE_URL",
    }
}

/// Schemes that name a service and nothing else.
pub fn is_service_scheme(scheme: &[u8]) -> bool {
    let first = scheme.split(|b| *b == b'+').next().unwrap_or(scheme).to_ascii_lowercase();
    matches!(
        &first[..],
        b"postgres"
            | b"postgresql"
            | b"mysql"
            | b"mysql2"
            | b"mariadb"
            | b"redis"
            | b"rediss"
            | b"mongodb"
            | b"amqp"
            | b"amqps"
            | b"memcached"
            | b"nats"
            | b"smtp"
            | b"smtps"
            | b"kafka"
            | b"elasticsearch"
            | b"sqlserver"
            | b"mssql"
            | b"clickhouse"
            | b"ldap"
            | b"ldaps"
            | b"cassandra"
            | b"couchdb"
            | b"oracle"
            | b"neo4j"
            | b"bolt"
            | b"mqtt"
            | b"mqtts"
            | b"stomp"
            | b"cockroachdb"
            | b"snowflake"
            | b"pulsar"
            | b"etcd"
    )
}

/// Whether the URL is code's or text's own, and not a comment's.
pub fn stands_in_text(source: &Source<'_>, at: usize) -> bool {
    source.language.is_program()
        && (matches!(source.at(at), At::Text(_))
            || source.language == Language::Shell && source.at(at) == At::Code)
}
