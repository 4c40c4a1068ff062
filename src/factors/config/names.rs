//! What a name says about its value: the words in it, and how surely they speak of a secret.

use super::vocabulary::{ABOUT, FINDS, MARKS, OPENS, WHICH};

/// How surely a name says that its value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// `key`, `salt`, `signature`: as often as not something else.
    Perhaps,
    /// `secret`, `token`, `api_key`.
    Secret,
    /// `password`.
    Password,
}

/// `dbPassword`, `DB_PASSWORD` and `db-password` are all `db`, `password`. At most the last eight words.
pub fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = b'_';
    for (n, &byte) in name.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            let camel = byte.is_ascii_uppercase()
                && (last.is_ascii_lowercase()
                    || (last.is_ascii_uppercase() && name.get(n + 1).is_some_and(u8::is_ascii_lowercase)));
            if camel || !last.is_ascii_alphanumeric() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(char::from(byte.to_ascii_lowercase()));
            }
        }
        last = byte;
    }
    words.split_off(words.len().saturating_sub(8))
}

/// What the name says, or nothing.
pub fn says(name: &[u8]) -> Option<Says> {
    let words = words(name);
    let mut rest = words.as_slice();
    while rest.len() > 1 && rest.last().is_some_and(|word| WHICH.contains(&word.as_str())) {
        rest = &rest[..rest.len() - 1];
    }
    let (last, before) = rest.split_last()?;
    let previous = before.last().map_or("", String::as_str);
    if ABOUT.contains(&last.as_str()) || about_by_verb(before) {
        return None;
    }
    let singular =
        last.strip_suffix('s').filter(|word| word.len() > 3 && !word.ends_with('s')).unwrap_or(last);
    let singular = singular.trim_end_matches(|c: char| c.is_ascii_digit());
    if is_password(singular, previous) {
        return Some(Says::Password);
    }
    match singular {
        "token" if MARKS.contains(&previous) => None,
        "secret" if previous == "hashed" => None,
        // .NET's `publicKeyToken` is a digest of a public key.
        "token" if before.ends_with(&["public".to_owned(), "key".to_owned()]) => None,
        "secret" | "token" | "apikey" | "authtoken" | "accesstoken" | "secretkey" | "clientsecret"
        | "accesskey" | "privatekey" | "appsecret" | "apisecret" | "secrettoken" | "authkey"
        | "accountkey" | "licensekey" | "encryptionkey" | "signingkey" => Some(Says::Secret),
        "key" if FINDS.contains(&previous) => None,
        "key" if OPENS.contains(&previous) => Some(Says::Secret),
        // What decides which of a flag's users see it: anybody may know.
        "salt" | "seed" if ["rollout", "bucket", "bucketing", "experiment", "flag"].contains(&previous) => {
            None
        }
        // A signature and a certificate are made to be shown.
        "key" | "salt" | "nonce" | "seed" | "sessionid" | "cookie" | "session" | "pat" | "hash" => {
            Some(Says::Perhaps)
        }
        "pepper" => Some(Says::Secret),
        "auth" | "authorization" | "cred" | "credential" | "bearer" => Some(Says::Secret),
        word if word.ends_with("secret") || word.ends_with("token") || word.ends_with("apikey") => {
            Some(Says::Secret)
        }
        _ => None,
    }
}

/// `is_password`, `hide_token`, `no_password`: a question or an order, not the thing.
fn about_by_verb(before: &[String]) -> bool {
    [before.first(), before.last()].into_iter().flatten().any(|word| {
        [
            "is", "update", "create", "delete", "generate", "rotate", "revoke", "disable", "enable",
            "expire", "skip", "ask", "prompt", "reset", "change", "verify", "has", "no", "hide", "show",
            "use", "allow", "require", "requires", "needs", "forgot", "validate", "check", "invalid",
            "wrong", "missing",
        ]
        .contains(&word.as_str())
    })
}

fn is_password(word: &str, previous: &str) -> bool {
    match word {
        "password" | "passwd" | "pwd" | "pass" | "passphrase" | "passcode" | "passwort" | "kennwort"
        | "psw" | "pw" | "passw" | "psk" | "requirepass" | "masterauth" => {
            // Of a compiler, a filter or a check.
            const OTHERS: &[&str] = &[
                "first", "second", "one", "multi", "single", "render", "by", "on", "all", "low", "high",
                "band", "did", "two", "final",
            ];
            !(OTHERS.contains(&previous) && matches!(word, "pass" | "pw"))
        }
        "phrase" => previous == "pass",
        // The tag of sudoers(5).
        "nopasswd" => false,
        _ => {
            ["password", "passwd", "passphrase", "pwd"].iter().any(|end| word.ends_with(end))
                || matches!(
                    word,
                    "dbpass"
                        | "userpass"
                        | "rootpass"
                        | "mysqlpass"
                        | "smtppass"
                        | "sshpass"
                        | "keypass"
                        | "storepass"
                        | "rootpw"
                        | "dbpw"
                        | "adminpw"
                        | "userpw"
                        | "sqlpass"
                        | "ftppass"
                        | "adminpass"
                        | "mailpass"
                        | "pgpass"
                )
        }
    }
}

/// `pass` and `pwd` alone are as often a pass of a compiler, a pass of a test or the working directory.
pub fn is_weak_password(name: &[u8]) -> bool {
    words(name).last().is_some_and(|word| matches!(word.as_str(), "pass" | "pwd"))
}

/// `salt`, `nonce`, `iv` and nothing else, in small letters: what stands beside each record or message, and is stored with it.
/// One of an app's own says more (`hash_salt`, `SECRET_SALT`) or is a setting (`SALT`).
pub fn is_of_record(name: &[u8]) -> bool {
    matches!(name, b"salt" | b"nonce" | b"iv" | b"seed" | b"Salt" | b"Nonce" | b"Iv" | b"Seed")
}

/// A name whose value is read by people.
pub fn documents(name: &[u8]) -> bool {
    words(name).iter().any(|word| {
        let words = [
            "example",
            "examples",
            "documentation",
            "doc",
            "docs",
            "usage",
            "help",
            "return",
            "returns",
            "description",
            "epilog",
        ];
        words.contains(&word.as_str())
    })
}

/// A name whose value says where something is: `DB_HOST`, `server`, `smtpHostname`.
pub fn says_host(name: &[u8]) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    match last {
        "host" | "hostname" | "hosts" | "endpoint" | "broker" | "brokers" | "ipaddr" | "ipaddress" => {
            !before.iter().any(|word| matches!(word.as_str(), "allowed" | "trusted" | "known" | "ghost"))
        }
        "server" | "servers" | "address" | "addr" | "ip" | "node" | "master" | "upstream" | "domain" => {
            !before.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "email" | "mail" | "street" | "mac" | "bind" | "listen" | "allowed" | "cookie" | "client"
                )
            })
        }
        _ => is_compound_of_host(last),
    }
}

/// `dbserver`, `relayhost`: two words that nobody parted. A ghost and an observer are one.
fn is_compound_of_host(word: &str) -> bool {
    let compound =
        ["server", "host", "hostname"].iter().any(|end| word.len() > end.len() && word.ends_with(end));
    compound && !["ghost", "observer", "vhost", "multihost", "subserver", "localhost"].contains(&word)
}

/// A name whose value says which deployment this is.
pub fn says_environment(name: &[u8]) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    matches!(last.as_str(), "env" | "environment" | "stage" | "envname" | "profile" | "profiles")
        || (words.len() > 1
            && matches!(
                (words[words.len() - 2].as_str(), last.as_str()),
                ("env" | "environment" | "deployment", "name" | "type")
            ))
        || matches!(
            words.iter().map(String::as_str).collect::<Vec<_>>()[..],
            ["app" | "run" | "deploy" | "deployment", "mode" | "tier"]
        )
}
