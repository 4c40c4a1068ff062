//! Which variables hold secrets, by their names, and what of their values is one.

/// Words that say it alone.
const WORDS: [&str; 17] = [
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "AUTH",
    "COOKIE",
    "SIGNING",
    "DSN",
    "WEBHOOK",
];
/// Words that names grown together end with: `PGPASSWORD`.
const ENDINGS: [&str; 5] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY"];
/// Words that say it together.
const PAIRS: [(&str, &str); 11] = [
    ("API", "KEY"),
    ("ACCESS", "KEY"),
    ("ACCOUNT", "KEY"),
    ("PRIVATE", "KEY"),
    ("SESSION", "KEY"),
    ("MASTER", "KEY"),
    ("DEPLOY", "KEY"),
    ("LICENSE", "KEY"),
    ("ENCRYPTION", "KEY"),
    ("CONNECTION", "STRING"),
    ("SERVICE", "KEY"),
];
/// Last words of names that tell something about a secret: `TOKEN_TTL`, `AUTH_HOST`.
const ABOUT: [&str; 43] = [
    "AGE",
    "ALG",
    "ALGORITHM",
    "ATTEMPTS",
    "AUDIENCE",
    "BACKEND",
    "CLASS",
    "COST",
    "COUNT",
    "DIR",
    "DISABLED",
    "DOMAIN",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "HEADER",
    "HOST",
    "ISSUER",
    "LENGTH",
    "LEVEL",
    "LIMIT",
    "MAX",
    "METHOD",
    "MIN",
    "MODE",
    "NAME",
    "PATH",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "REQUIRED",
    "ROUNDS",
    "SIZE",
    "STRATEGY",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "VERSION",
];

/// Whether a variable of this name holds a secret. Words are told apart by `_` and the like, and by capitals.
pub fn says_secret(name: &str) -> bool {
    if ["PWD", "OLDPWD"].contains(&name) {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // An address to which somebody may post is the secret itself; other addresses are asked for their password.
    if ABOUT.contains(&last.as_str()) || last == "URL" && !words.iter().any(|word| word == "WEBHOOK") {
        return false;
    }
    words.iter().any(|word| WORDS.contains(&word.as_str()) || ENDINGS.iter().any(|end| word.ends_with(end)))
        || words.windows(2).any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())))
}

/// Whether a name has this form: `*` stands for anything, `?` for one character; capitals do not matter.
pub fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.as_bytes(), pattern.as_bytes());
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last `*` was, and how much it takes so far.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&name[at]) => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                (at, in_pattern) = (taken + 1, place + 1);
            }
        }
    }
    pattern[in_pattern..].iter().all(|byte| *byte == b'*')
}

/// What is secret of a variable: all of it when its name says so or is like one of `also`, else the password of a URL.
pub fn secret_of<'a>(name: &str, value: &'a str, also: &[impl AsRef<str>]) -> Option<&'a str> {
    let is_secret = says_secret(name) || also.iter().any(|pattern| is_like(name, pattern.as_ref()));
    if is_secret { Some(value) } else { password(value) }
}

/// The password in a URL, `scheme://user:password@host` or a parameter whose name says so.
pub fn password(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if scheme.is_empty() || !scheme.bytes().all(is_scheme) {
        return None;
    }
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let user = authority.rsplit_once('@').or_else(|| {
        // People forget to encode: a port would be digits up to the path.
        let port = authority.split_once(':')?.1;
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        rest.rsplit_once('@').filter(|_| !is_port)
    });
    let in_user = user.and_then(|(user, _)| Some(user.split_once(':')?.1));
    in_user.filter(|password| !password.is_empty()).or_else(|| {
        let (_, query) = rest.split_once('?')?;
        let pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(name, _)| says_secret(name)).map(|(_, value)| value)
    })
}

/// The words of a name in capitals: `API_KEY`, `apiKey` and `APIKey` have the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let is_hump = char.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || chars.get(at + 1).is_some_and(|after| after.is_lowercase())
            });
        if is_hump || !char.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_uppercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_secret() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "PGPASSWORD",
            "MYSQL_PWD",
            "API_KEY",
            "apiKey",
            "APIKey",
            "STRIPE_APIKEY",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "GITHUB_TOKEN",
            "RAILS_MASTER_KEY",
            "SENTRY_DSN",
            "SLACK_WEBHOOK_URL",
            "AZURE_STORAGE_CONNECTION_STRING",
            "BASIC_AUTH",
            "session-key",
            "GOOGLE_CREDENTIALS",
            "COOKIE",
            "SIGNING_KEY",
        ] {
            assert!(says_secret(name), "{name}");
        }
        for name in [
            "PWD",
            "OLDPWD",
            "AUTHOR",
            "AUTHORITY",
            "PORT",
            "DATABASE_URL",
            "KEY",
            "SORT_KEY",
            "TOKEN_TTL",
            "PASSWORD_FILE",
            "AUTH_HOST",
            "AUTH_URL",
            "COMPASS",
            "MONKEY_BUSINESS",
            "",
            "_",
        ] {
            assert!(!says_secret(name), "{name}");
        }
    }

    #[test]
    fn patterns_name_more() {
        for (name, pattern, expected) in [
            ("TLS_CERT", "*_CERT", true),
            ("tls_cert", "*_CERT", true),
            ("TLS_CERT_PATH", "*_CERT", false),
            ("A_B_C", "A*B*C", true),
            ("ABXB", "A*B", true),
            ("AB", "A?B", false),
            ("AXB", "A?B", true),
            ("", "*", true),
            ("X", "", false),
        ] {
            assert_eq!(is_like(name, pattern), expected, "{name} {pattern}");
        }
        assert_eq!(secret_of("TLS_CERT", "x", &["*_CERT"]), Some("x"));
    }

    #[test]
    fn of_a_url_the_password_is_secret() {
        for (url, expected) in [
            ("postgres://user:pass@host/db", Some("pass")),
            ("redis://:pass@host:6379/0", Some("pass")),
            ("postgres://u:p/w#1@host/db", Some("p/w#1")),
            ("amqp://u:p@ss@host", Some("p@ss")),
            ("https://host/x?api_key=k123&y=1", Some("k123")),
            ("postgres://user@host/db", None),
            ("http://localhost:3000/@scope/x", None),
            ("https://host/", None),
            ("not a url", None),
            ("a b://u:p@h", None),
        ] {
            assert_eq!(secret_of("DATABASE_URL", url, &[""; 0]), expected, "{url}");
        }
    }
}
