//! The words that names and values are made of, in lists: what a name's last word says about the rest, what stands before
//! `key` and `token`, and what stands for a secret.
/// As a last word they say that the value is about the secret, and is not the secret.
#[rustfmt::skip]
pub const ABOUT: &[&str] = &[
    "id", "ids", "name", "names", "path", "paths", "file", "files", "filename", "type", "types", "ttl",
    "length", "len", "url", "uri", "urls", "endpoint", "header", "headers", "prefix", "suffix", "param",
    "params", "parameter", "policy", "hint", "label", "placeholder", "regex", "regexp", "pattern", "min",
    "max", "expiry", "expires", "expiration", "exp", "timeout", "required", "enabled", "disabled", "size",
    "count", "index", "version", "format", "algorithm", "algo", "alg", "method", "mode", "field", "fields",
    "input", "form", "page", "view", "title", "text", "message", "msg", "error", "errors", "description",
    "desc", "help", "prompt", "class", "dir", "directory", "folder", "location", "ref", "reference", "arn",
    "store", "manager", "provider", "service", "issuer", "audience", "scope", "scopes", "usage", "status",
    "state", "date", "time", "age", "lifetime", "validity", "rotation", "reset", "validator", "strength",
    "encoder", "encoding", "hasher", "column", "table", "attribute", "attr", "source", "env", "var",
    "generator", "callback", "handler", "function", "func", "command", "cmd", "option", "options", "config",
    "rule", "rules", "check", "checker", "event", "action", "button", "icon", "image", "link", "route",
    "exists", "changed", "update", "updated", "limit", "budget", "bytes", "bits", "chars", "complexity",
    "alias", "extension", "ext", "mount", "selector", "element", "locator", "xpath", "user", "username",
    "email", "host", "port", "schema", "template", "property", "properties", "words", "cost", "per",
    "group", "kind", "info", "ring", "map", "pair", "press", "down", "up", "code", "board",
];

/// After the word that counts they say which one it is, and are passed over.
#[rustfmt::skip]
pub const WHICH: &[&str] = &[
    "value", "val", "str", "string", "b64", "base64", "hex", "raw", "plain", "plaintext", "clear", "prod",
    "production", "dev", "test", "staging", "stage", "local", "live", "sandbox", "default", "old", "new",
    "current", "base", "primary", "secondary", "backup", "again", "confirm", "confirmation", "1", "2", "3",
    "v1", "v2", "root", "admin", "const", "encoded", "main", "literal",
];

/// Before `key` they say that it opens something.
#[rustfmt::skip]
pub const OPENS: &[&str] = &[
    "api", "apis", "secret", "access", "private", "auth", "encryption", "encrypt", "decrypt", "signing",
    "sign", "master", "account", "app", "application", "consumer", "client", "server", "shared", "service",
    "storage", "subscription", "license", "licence", "admin", "session", "crypt", "crypto", "aes", "hmac",
    "deploy", "integration", "write", "read", "ingest", "ingestion", "developer", "rest", "webhook", "jwt",
    "token", "cipher", "security", "instrumentation", "functions", "personal", "validation", "decryption", "host",
    "user", "maps", "sas", "root", "des", "rc4", "xor",
];

/// Before `key` they say that it is found by.
#[rustfmt::skip]
pub const FINDS: &[&str] = &[
    "primary", "foreign", "public", "partition", "sort", "cache", "hash", "range", "index", "unique",
    "sorting", "dict", "object", "s3", "bucket", "routing", "group", "lookup", "natural", "composite",
    "surrogate", "idempotency", "i18n", "translation", "pub", "config", "metadata", "attr", "property",
    "registry", "react", "map", "json", "row", "data", "event", "label", "shard", "known", "storage_name",
    "ssh_host", "cursor", "arrow", "escape", "hot", "shortcut", "locale", "field", "column", "form",
    "context", "site", "vapid", "publishable", "etag", "minisign",
];

/// Before `token` they say that it is a mark in a text or a place in a list.
#[rustfmt::skip]
pub const MARKS: &[&str] = &[
    "next", "page", "pagination", "continuation", "cancel", "cancellation", "cancelation", "sync", "pad",
    "eos", "bos", "unk", "cls", "sep", "mask", "special", "end", "start", "begin", "stop", "resume", "num",
    "max", "min", "input", "output", "first", "last", "operator", "identifier", "left", "right", "open",
    "close", "comment", "keyword", "literal", "string", "number", "image", "video", "audio", "prompt",
    "completion", "total", "prev", "previous", "current", "delimiter", "separator", "eof", "whitespace",
    "newline", "reserved", "extra", "unknown", "text", "word", "tool", "name", "type", "syntax", "by", "to",
    "from", "design", "color", "change", "request", "idempotency", "action", "purchase", "lifecycle",
    "lock", "fencing", "upload", "theme", "space", "vocab", "added", "context", "budget", "thinking",
    "reasoning", "batch", "overlap", "chunk", "cached",
    // One form's, which its page shows; and what is given to everybody.
    "csrf", "xsrf", "authenticity", "public", "publishable",
];

/// Words of which placeholders are made. Each stands for the secret, or says that there is none.
#[rustfmt::skip]
pub const STANDS_FOR: &[&str] = &[
    "password", "passwd", "pass", "pwd", "passphrase", "secret", "secrets", "token", "key", "apikey",
    "user", "username", "login", "test", "tests", "testing", "example", "sample", "dummy", "fake", "mock",
    "none", "null", "nil", "undefined", "string", "str", "text", "true", "false", "your", "my", "the",
    "here", "change", "changeme", "changeit", "placeholder", "default", "insert", "enter", "replace",
    "with", "redacted", "hidden", "foo", "bar", "baz", "qux", "foobar", "spam", "eggs", "todo", "fixme",
    "tbd", "xxx", "value", "some", "something", "valid", "invalid", "wrong", "bad", "good", "new", "old",
    "temp", "tmp", "auth", "access", "api", "client", "private", "public", "app", "db", "database", "basic",
    "bearer", "name", "id", "abc", "abcd", "abcdef", "me", "please", "set", "unset", "empty", "required",
    "optional", "field", "input", "hash", "hashed", "plain", "encrypted", "super", "secure", "safe", "not",
    "a", "an", "is", "this", "that", "real", "only", "for", "of", "to", "in", "type", "prompt", "any",
    "other", "another", "session", "refresh", "service", "account", "data", "signing", "signature",
    "server", "host", "development", "dev", "local", "prod", "production", "stub", "goes", "put", "yours",
    "credentials", "credential", "config", "env", "variable", "var", "demo", "mysecret", "mypassword",
    "mytoken", "mykey", "random", "deadbeef", "ask", "asks", "no", "yes", "on", "off", "and", "or", "xyz",
    "project", "user1", "master", "openai", "github", "slack", "aws", "google", "stripe", "anthropic",
    "unsafe", "insecure", "thing", "hello", "world", "keep", "it", "generate", "generated", "long", "very",
    "use", "add", "fill", "enable", "disable", "enabled", "disabled", "auto", "bot", "org", "webhook", "anonymous", "bool", "boolean", "int", "integer",
    "number", "float", "object", "array", "notasecret", "asecret", "literal", "nothing",
    "sha", "md", "caching", "obfuscated", "masked", "censored",
];

/// Ends of file names, hosts and classes: what is named and not said.
#[rustfmt::skip]
pub const NAMES_FILE: &[&str] = &[
    ".pem", ".key", ".txt", ".json", ".yml", ".yaml", ".py", ".js", ".ts", ".crt", ".cer", ".p12", ".jks",
    ".html", ".php", ".com", ".org", ".net", ".io", ".xml", ".conf", ".cfg", ".env", ".pub", ".pfx", ".go",
    ".java", ".rb", ".md",
];

/// Wherever one of these stands in a value, the value says itself that it is none.
#[rustfmt::skip]
pub const SAYS_SO: &[&str] = &[
    "your", "changeme", "change-me", "change_me", "changeit", "example", "placeholder", "dummy", "xxxx",
    "****", "....", "redacted", "replace", "insert", "todo", "fixme", "foobar", "not-a-real",
    "not_a_real", "notreal", "invalid", "fake", "0000000", "1234567890abcdef", "abcdefghij", "mysecret",
    "my-secret", "my_secret", "somesecret", "dont_", "secretkey", "0123456789", "unused", "sample",
    "thisis", "this-is", "1234567890",
];

/// Parts of hosts that name things or are read by people, and are no service of an app.
#[rustfmt::skip]
pub const NO_SERVICES: &[&str] = &[
    "w3.org", "xmlsoap.org", "openxmlformats.org", "purl.org", "json-schema.org", "schema.org",
    "apache.org", "gnu.org", "opensource.org", "mozilla.org", "wikipedia.org", "ietf.org", "rfc-editor.org",
    "python.org", "readthedocs", "stackoverflow.com", "creativecommons.org", "xml.org", "whatwg.org",
    "unicode.org", "schemas.microsoft.com", "github.io", "docs.", "developer.", "help.", "support.",
    "youtube.com", "medium.com", "npmjs.com", "golang.org", "rust-lang.org", "nodejs.org", "android.com",
    "gstatic.com", "fonts.", "cdn.", "unpkg.com", "jsdelivr.net", "cdnjs.", "blog.", "wiki", "xmlns",
    "sourceforge.net", "doi.org", "arxiv.org", "goo.gl", "bit.ly", "twitter.com", "linkedin.com",
    "spdx.org", "xspf.org", "metadata.google", "169.254.169.254", "ns.adobe.com", "schemas.",
];

/// Parts of paths that lead to a page, a file or a namespace.
#[rustfmt::skip]
pub const NO_SERVICE_PATHS: &[&str] = &[
    "/docs", "/doc/", "/wiki", "/blob/", "/issues", "/project/", "/pull/", "/licenses", "/schema", ".xsd",
    ".dtd", ".html", ".md", ".svg", ".png", ".jpg", ".css", "/ns/", "/namespace", "/2001/", "/1999/",
    ".pdf", ".zip", ".tar.gz", ".git",
];

/// Whether a word tells nothing of whose app it is in: names and placeholders everywhere are made of it.
pub fn is_common(word: &str) -> bool {
    [ABOUT, WHICH, OPENS, FINDS, MARKS, STANDS_FOR].iter().any(|words| words.contains(&word))
}
