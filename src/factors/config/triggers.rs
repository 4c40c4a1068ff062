//! The words that the prefilter waits for, and what each sets off.

use super::keys;
use super::reads::{self, Reader, Taker};
use super::{calls, commands, group, places};

/// What looks around a word.
#[derive(Debug, Clone, Copy)]
pub enum Trigger {
    Sure(&'static keys::Key),
    StandIn,
    Named(&'static keys::Key),
    Name,
    Host,
    Address,
    Url,
    GoDsn,
    Call(&'static calls::Calls),
    Place(places::Before),
    Pem,
    Putty,
    Jwt,
    Read(&'static Reader),
    Every(&'static Taker),
    Tag,
    Annotation,
    SettingsClass,
    Group,
    Question,
}

/// Parts of names that speak of a secret. `pw` alone is in too many words, so what follows is asked for.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "salt", "nonce", "seed", "psw", "kennwort",
    "bearer", "signature", "passphrase", "cookie", "session", "psk", "pepper", "pw=", "pw:", "pw =", "pw\"", "pw'",
];

/// Parts of names that speak of a host.
#[rustfmt::skip]
const HOSTS: &[&str] = &[
    "host", "server", "addr", "endpoint", "broker", "upstream", "node", "domain", "master", "ip",
    // Calls that connect, commands, and ADO's word for it.
    "connect(", "connection(", "dial(", "dialcontext(", "dialtimeout(", "client(", "smtp(", "smtp_ssl(", "imap4(",
    "imap4_ssl(", "ftp(", "jedis(", "socket(", "redis(", "mysqli(", "fsockopen(", "psql ", "redis-cli ", "pg_dump ", "mysql ", "mysqldump ", "ssh ", "scp ", "rsync ", "data source=",
];

/// Beginnings of addresses in private networks, as texts.
#[rustfmt::skip]
const ADDRESSES: &[&str] = &[
    "\"10.", "'10.", "\"172.", "'172.", "\"192.168.", "'192.168.", "\"127.", "'127.",
];

/// Prefixes of keys that are explained more often than others.
#[rustfmt::skip]
const STAND_INS: &[&str] = &[
    "sk-", "sk_live_", "sk_test_", "ghp_", "github_pat_", "glpat-", "xoxb-", "sg.", "akia", "aiza", "hf_",
];

/// What stands before a variable in a tag of a field.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "env:\"", "envconfig:\"", "env = \"",
];

/// Every word, with what it sets off.
pub fn triggers() -> Vec<(&'static str, Trigger)> {
    let mut all = Vec::new();
    for key in keys::all() {
        all.extend(
            key.keywords()
                .iter()
                .map(|word| (*word, if key.is_sure() { Trigger::Sure(key) } else { Trigger::Named(key) })),
        );
    }
    let mut add =
        |words: &[&'static str], trigger: Trigger| all.extend(words.iter().map(|word| (*word, trigger)));
    add(NAMES, Trigger::Name);
    add(HOSTS, Trigger::Host);
    add(ADDRESSES, Trigger::Address);
    for kind in calls::CALLS {
        add(kind.words, Trigger::Call(kind));
    }
    add(STAND_INS, Trigger::StandIn);
    add(TAGS, Trigger::Tag);
    add(&["://"], Trigger::Url);
    add(&["@tcp(", "@unix("], Trigger::GoDsn);
    add(&["-----begin"], Trigger::Pem);
    add(&["putty-user-key-file-"], Trigger::Putty);
    add(&["eyj"], Trigger::Jwt);
    add(&["@value(\"${", "@value(\"\\${"], Trigger::Annotation);
    add(&["basesettings"], Trigger::SettingsClass);
    add(group::GROUPS, Trigger::Group);
    add(group::QUESTIONS, Trigger::Question);
    let commands = commands::WORDS.iter().map(|(word, command)| (*word, places::Before::Command(*command)));
    all.extend(commands.map(|(word, before)| (word, Trigger::Place(before))));
    all.extend(places::WORDS.iter().map(|(word, before)| (*word, Trigger::Place(*before))));
    all.extend(reads::TAKERS.iter().map(|taker| (taker.word, Trigger::Every(taker))));
    all.extend(reads::READERS.iter().map(|reader| (reader.word, Trigger::Read(reader))));
    all
}
