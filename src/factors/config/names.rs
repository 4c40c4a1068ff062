//! What a name says about its value: the words in it, and how surely they speak of a secret.

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

/// As a last word they say that the value is about the secret, and is not the secret.
const ABOUT: &[&str] = &[
    "id", "ids", "name", "names", "path", "paths", "file", "files", "filename", "type", "types", "ttl", "length", "len",
    "url", "uri", "urls", "endpoint", "header", "headers", "prefix", "suffix", "param", "params", "parameter", "policy",
    "hint", "label", "placeholder", "regex", "regexp", "pattern", "min", "max", "expiry", "expires", "expiration", "exp",
    "timeout", "required", "enabled", "disabled", "size", "count", "index", "version", "format", "algorithm", "algo",
    "alg", "method", "mode", "field", "fields", "input", "form", "page", "view", "title", "text", "message", "msg",
    "error", "errors", "description", "desc", "help", "prompt", "class", "dir", "directory", "folder", "location",
    "ref", "reference", "arn", "store", "manager", "provider", "service", "issuer", "audience", "scope", "scopes",
    "usage", "status", "state", "date", "time", "age", "lifetime", "validity", "rotation", "reset", "validator",
    "strength", "encoder", "encoding", "hasher", "column", "table", "attribute", "attr", "source", "env", "var",
    "generator", "callback", "handler", "function", "func", "command", "cmd", "option", "options", "config", "rule",
    "rules", "check", "checker", "event", "action", "button", "icon", "image", "link", "route", "exists", "changed",
    "update", "updated", "limit", "budget", "bytes", "bits", "chars", "complexity", "alias", "extension", "ext", "mount",
    "selector", "element", "locator", "xpath", "user", "username", "email", "host", "port", "schema", "template",
    "property", "properties", "words", "cost", "per", "group", "kind", "info", "ring", "map", "pair", "press", "down", "up", "code", "board",
];

/// After the word that counts they say which one it is, and are passed over.
const WHICH: &[&str] = &[
    "value", "val", "str", "string", "b64", "base64", "hex", "raw", "plain", "plaintext", "clear", "prod", "production",
    "dev", "test", "staging", "stage", "local", "live", "sandbox", "default", "old", "new", "current", "base", "primary",
    "secondary", "backup", "again", "confirm", "confirmation", "1", "2", "3", "v1", "v2", "root", "admin", "const",
    "encoded", "main", "literal",
];

/// Before `key` they say that it opens something.
const OPENS: &[&str] = &[
    "api", "apis", "secret", "access", "private", "auth", "encryption", "encrypt", "decrypt", "signing", "sign", "master", "account",
    "app", "application", "consumer", "client", "server", "shared", "service", "storage", "subscription", "license",
    "licence", "admin", "session", "crypt", "crypto", "aes", "hmac", "deploy", "integration", "write", "read", "ingest",
    "ingestion", "developer", "rest", "webhook", "jwt", "token", "cipher", "security", "instrumentation", "functions",
    "write", "publishable", "personal", "host", "user", "maps", "sas", "root", "des", "rc4", "xor",
];

/// Before `key` they say that it is found by.
const FINDS: &[&str] = &[
    "primary", "foreign", "public", "partition", "sort", "cache", "hash", "range", "index", "unique", "sorting", "dict", "object",
    "s3", "bucket", "routing", "group", "lookup", "natural", "composite", "surrogate", "idempotency", "i18n", "translation", "pub",
    "config", "metadata", "attr", "property", "registry", "react", "map", "json", "row", "data", "event", "label", "shard", "known",
    "storage_name", "ssh_host", "cursor", "arrow", "escape", "hot", "shortcut", "locale", "field", "column", "form", "context",
];

/// Before `token` they say that it is a mark in a text or a place in a list.
const MARKS: &[&str] = &[
    "next", "page", "pagination", "continuation", "cancel", "cancellation", "cancelation", "sync", "pad", "eos", "bos", "unk", "cls", "sep",
    "mask", "special", "end", "start", "begin", "stop", "resume", "start", "num", "max", "min", "input", "output", "first", "last",
    "operator", "identifier", "left", "right", "open", "close", "comment", "keyword", "literal", "string", "number",
    "image", "video", "audio", "prompt", "completion", "total", "prev", "previous", "current", "delimiter", "separator",
    "eof", "whitespace", "newline", "reserved", "extra", "unknown", "text", "word", "tool", "name", "type", "syntax", "by", "to", "from",
    "design", "color", "change", "request", "idempotency", "action", "purchase", "lifecycle", "lock", "fencing", "upload", "theme", "space", "vocab", "added",
];

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
    let singular = last.strip_suffix('s').filter(|word| word.len() > 3 && !word.ends_with('s')).unwrap_or(last);
    let singular = singular.trim_end_matches(|c: char| c.is_ascii_digit());
    if is_password(singular, previous) {
        return Some(Says::Password);
    }
    match singular {
        "token" if MARKS.contains(&previous) => None,
        "secret" | "token" | "apikey" | "authtoken" | "accesstoken" | "secretkey" | "clientsecret" | "accesskey" | "privatekey"
        | "appsecret" | "apisecret" | "secrettoken" | "authkey" | "accountkey" | "licensekey" | "encryptionkey" | "signingkey" => Some(Says::Secret),
        "key" if FINDS.contains(&previous) => None,
        "key" if OPENS.contains(&previous) => Some(Says::Secret),
        "key" | "salt" | "nonce" | "seed" | "signature" | "sig" | "cert" | "sessionid" | "cookie" | "session" | "pat" | "hash" => {
            Some(Says::Perhaps)
        }
        "auth" | "authorization" | "cred" | "credential" | "bearer" => Some(Says::Secret),
        word if word.ends_with("secret") || word.ends_with("token") || word.ends_with("apikey") => Some(Says::Secret),
        _ => None,
    }
}

/// `is_password`, `hide_token`, `no_password`: a question or an order, not the thing.
fn about_by_verb(before: &[String]) -> bool {
    [before.first(), before.last()].into_iter().flatten().any(|word| {
        ["is", "update", "create", "delete", "generate", "rotate", "revoke", "disable", "enable", "expire", "skip", "ask", "prompt", "reset", "change", "verify", "has", "no", "hide", "show", "use", "allow", "require", "requires", "needs", "forgot", "validate", "check", "invalid", "wrong", "missing"]
            .contains(&word.as_str())
    })
}

fn is_password(word: &str, previous: &str) -> bool {
    match word {
        "password" | "passwd" | "pwd" | "pass" | "passphrase" | "passcode" | "passwort" | "kennwort" | "psw" | "pw" | "passw" | "requirepass" | "masterauth" => {
            !matches!(previous, "first" | "second" | "one" | "multi" | "single" | "render" | "by")
        }
        "phrase" => previous == "pass",
        _ => {
            ["password", "passwd", "passphrase", "pwd"].iter().any(|end| word.ends_with(end))
                || matches!(word, "dbpass" | "userpass" | "rootpass" | "mysqlpass" | "smtppass" | "sshpass" | "keypass" | "storepass"
                    | "rootpw" | "dbpw" | "adminpw" | "userpw" | "sqlpass" | "ftppass" | "adminpass" | "mailpass" | "pgpass")
        }
    }
}

/// A name whose value says where something is: `DB_HOST`, `server`, `smtpHostname`.
pub fn says_host(name: &[u8]) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    match last {
        "host" | "hostname" | "hosts" | "endpoint" | "broker" | "brokers" | "ipaddr" | "ipaddress" | "dbhost" => {
            !before.iter().any(|word| matches!(word.as_str(), "allowed" | "trusted" | "known" | "ghost"))
        }
        "server" | "servers" | "address" | "addr" | "ip" | "node" | "master" | "upstream" | "domain" => {
            !before.iter().any(|word| matches!(word.as_str(), "email" | "mail" | "street" | "mac" | "bind" | "listen" | "allowed" | "cookie" | "client"))
        }
        _ => false,
    }
}

/// A name whose value says which deployment this is.
pub fn says_environment(name: &[u8]) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    matches!(last.as_str(), "env" | "environment" | "stage" | "envname")
        || (words.len() > 1 && matches!((words[words.len() - 2].as_str(), last.as_str()), ("env" | "environment" | "deployment", "name" | "type")))
        || matches!(words.iter().map(String::as_str).collect::<Vec<_>>()[..], ["app" | "run" | "deploy" | "deployment", "mode" | "tier"])
}
