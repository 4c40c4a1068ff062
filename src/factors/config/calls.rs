//! Secrets whose place in a call says what they are: arguments of what connects, logs in, signs and encrypts, each as
//! the library's reference has its parameters.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::hits::Hit;
use super::language::Language;
use super::password::{by_place, is_password};
use super::source::{At, Source};
use super::values::{Looks, looks};

/// What the argument holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// A password, of whatever a password may be made.
    Password,
    /// A password, if it looks like one: other calls have that name, too.
    Perhaps,
    /// A key: made by a machine, or it is an example.
    Key,
    /// `user:password`, about to be encoded for HTTP's basic scheme.
    Pair,
}

/// Calls of one kind.
#[derive(Debug)]
pub struct Calls {
    /// In small letters. One without a bracket is Ruby's call without brackets.
    pub words: &'static [&'static str],
    /// Counted from one.
    argument: usize,
    wants: Wants,
    /// What the file's head must mention, where the call's name is everybody's.
    library: Option<&'static str>,
}

const fn calls(wants: Wants, argument: usize, words: &'static [&'static str]) -> Calls {
    Calls { words, argument, wants, library: None }
}

const fn calls_of(
    library: &'static str,
    wants: Wants,
    argument: usize,
    words: &'static [&'static str],
) -> Calls {
    Calls { words, argument, wants, library: Some(library) }
}

#[rustfmt::skip]
pub static CALLS: &[Calls] = &[
    // Databases: PHP's mysqli, PDO, ODBC, OCI8 and Firebird, JDBC, Python's drivers, Perl's DBI, MySQL's C API, Sequelize.
    calls(Wants::Password, 3, &[
        "mysqli_connect(", "mysql_connect(", "mysql_pconnect(", "new mysqli(", "new pdo(", "getconnection(",
        "odbc_connect(", "odbc_pconnect(", "ibase_connect(", "db2_connect(", "mysqldb.connect(", "pymysql.connect(",
        "dbi->connect(", "new sequelize(", "createcredential(",
    ]),
    calls(Wants::Password, 4, &["mysql_real_connect(", "mysqli_real_connect("]),
    calls(Wants::Password, 2, &["oci_connect(", "oci_pconnect(", "cx_oracle.connect(", "jedis.auth("]),
    calls(Wants::Password, 1, &["jedis.auth(", "red:auth(", "redis:auth("]),
    // Mail, files, directories, shells.
    calls(Wants::Password, 3, &[
        "smtp.plainauth(", "ftp_login(", "ldap_bind(", "imap_open(", "ssh2_auth_password(", "ftp(", "ftp_tls(",
        "keyring.set_password(", "create_user(", "create_superuser(",
    ]),
    calls(Wants::Password, 4, &["gomail.newdialer(", "gomail.newplaindialer("]),
    calls_of("paramiko", Wants::Password, 4, &[".connect("]),
    calls_of("credentials +=", Wants::Password, 4, &["credentials("]),
    // Logins, HTTP's basic authorization.
    calls(Wants::Password, 2, &[
        ".login(", "auth=(", "httpbasicauth(", "setbasicauth(", "basic_auth(", "basicauth(", "basic_auth ",
        "usernamepasswordcredentials(", "networkcredential(", "pscredential(", "passwordauthentication(",
        "simple_bind_s(", "store.load(", "ks.load(", "store.getkey(", "ks.getkey(",
    ]),
    calls(Wants::Password, 1, &["passwordprotection(", "pbekeyspec("]),
    calls(Wants::Perhaps, 2, &[".auth(", ".basic(", "usernamepasswordauthenticationtoken("]),
    calls_of("pymongo", Wants::Password, 2, &[".authenticate("]),
    calls(Wants::Perhaps, 1, &[
        "bcrypt.hash(", "bcrypt.hashsync(", "bcrypt.hashpw(", "generate_password_hash(", "make_password(",
        "password_hash(",
    ]),
    calls(Wants::Pair, 1, &["btoa(", "b64encode(", "base64_encode(", "encode64(", "encodetostring("]),
    // Clients of services: secrets that their consoles show.
    calls(Wants::Key, 2, &[
        "oauthhandler(", "oauth1(", "twitteroauth(", "twilioclient.init(", "clientcredential(", "basicawscredentials(",
        "awsbasiccredentials.create(", "sessionawscredentials(", "newstaticcredentials(",
        "newstaticcredentialsprovider(", "newstaticv4(", "aws::credentials.new(", "aws.credentials(",
        "storagecredentials(", "storagesharedkeycredential(", "set_access_token(",
    ]),
    calls_of("twilio", Wants::Key, 2, &["client(", "twilio("]),
    calls(Wants::Key, 3, &["clientsecretcredential(", "provider :", "omniauth :"]),
    calls(Wants::Key, 4, &["oauth1(", "twitteroauth("]),
    calls(Wants::Key, 1, &["azurekeycredential("]),
    // Tokens and cookies that are signed.
    calls(Wants::Key, 2, &[
        "jwt.encode(", "jwt.decode(", "jwt::encode(", "jwt::decode(", "jwt.encode ", "jwt.decode ", "jwt.sign(",
        "jwt.verify(", "jsonwebtoken.sign(", "jsonwebtoken.verify(", ".signwith(",
    ]),
    calls(Wants::Key, 1, &[
        "algorithm.hmac256(", "algorithm.hmac384(", "algorithm.hmac512(", "hmacshakeyfor(", "symmetricsecuritykey(",
        "from_secret(", "cookieparser(", "newcookiestore(", "cookie.newstore(", "csrf.protect(",
        "urlsafetimedserializer(", "urlsafeserializer(", "timestampsigner(", "messageverifier.new(",
    ]),
    // Digests with a key, ciphers, one-time codes.
    calls(Wants::Key, 1, &[
        "hmac.new(", "new_from_slice(", "hmacsha1(", "hmacsha256(", "hmacsha512(", "fernet(", "aes.new(", "des.new(",
        "secretkeyspec(", "deskeyspec(", "messageencryptor.new(", "pyotp.totp(", "pyotp.hotp(",
    ]),
    calls(Wants::Key, 2, &[
        "hmac.new(", "hmac.digest(", "hmac.hexdigest(", "hmac.hexdigest ", "createhmac(", "createcipher(", "createcipheriv(",
        "createdecipher(", "createdecipheriv(", "aes.encrypt(", "aes.decrypt(", "cryptojs.hmacsha1(",
        "cryptojs.hmacsha256(", "cryptojs.hmacsha512(",
    ]),
    calls(Wants::Key, 3, &["hash_hmac(", "openssl_encrypt(", "openssl_decrypt("]),
];

/// How far a call goes on.
const LONGEST_CALL: usize = 1000;

/// A word of `calls` stands at `at..end`.
pub fn look(source: &Source<'_>, calls: &Calls, at: usize, end: usize, hits: &mut Vec<Hit>) {
    let bare = source.byte(end - 1) != b'(';
    if !begins(source, at) || bare && source.language != Language::Ruby {
        return;
    }
    let found = argument(source, end, calls.argument, bare)
        .and_then(|argument| literal(source, argument))
        .and_then(|span| weigh(source, calls.wants, span));
    let Some(span) = found else { return };
    if calls.library.is_none_or(|library| source.mentions(library)) && source.at(end) == At::Code {
        hits.push(by_place(source, span, "the call", "PASSWORD"));
    }
}

/// The word is not the end of another: `sftp(` is not `ftp(`, while `withBasicAuth(` is `basicAuth(`.
fn begins(source: &Source<'_>, at: usize) -> bool {
    let before = source.behind(at, 1).first().copied().unwrap_or(b'\n');
    let (first, hump) = (source.byte(at), source.byte(at).is_ascii_uppercase());
    !first.is_ascii_alphabetic() || !before.is_ascii_alphanumeric() || hump && !before.is_ascii_uppercase()
}

/// An argument of the call whose first begins at `from`. Commas in brackets and in texts are not the call's own.
fn argument(source: &Source<'_>, from: usize, which: usize, bare: bool) -> Option<Range<usize>> {
    let rest = source.ahead(from, LONGEST_CALL);
    let (mut depth, mut number, mut start, mut quote) = (0usize, 1, from, None);
    let mut n = 0;
    while n < rest.len() {
        match (quote, rest[n]) {
            (Some(_), b'\\') => n += 1,
            (Some(open), byte) if byte == open || byte == b'\n' => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'' | b'`')) => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') if depth > 0 => depth -= 1,
            (None, b',') if depth == 0 && number < which => {
                number += 1;
                start = from + n + 1;
            }
            (None, byte) if depth == 0 && (b",)]};".contains(&byte) || bare && byte == b'\n') => {
                return (number == which).then_some(start..from + n);
            }
            _ => {}
        }
        n += 1;
    }
    (bare && number == which).then_some(start..from + rest.len())
}

/// The one literal of which the argument consists, in whatever makes bytes or a key of it.
fn literal(source: &Source<'_>, argument: Range<usize>) -> Option<Range<usize>> {
    let text = &source.text[argument.clone()];
    let open = text.iter().position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let length = memchr(text[open], &text[open + 1..])?;
    let (head, tail) = (text[..open].trim_ascii(), text[open + length + 2..].trim_ascii());
    let start = argument.start + open + 1;
    (is_head(head) && is_tail(tail, head)).then_some(start..start + length)
}

/// `b`, `[]byte(`, `new Key(`, `Encoding.UTF8.GetBytes(`.
fn is_head(head: &[u8]) -> bool {
    const CONVERTS: &[&str] = &[
        "b64decode",
        "bytes",
        "byte",
        "decode",
        "decodebase64",
        "from",
        "fromhex",
        "getbytes",
        "key",
        "parse",
        "some",
        "str",
        "string",
        "tobytes",
        "unhexlify",
    ];
    let prefix = head.len() <= 2 && head.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'@' | b'$'));
    prefix
        || head.strip_suffix(b"(").is_some_and(|call| {
            let length = call.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            let name = &call[call.len() - length..];
            CONVERTS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
        })
}

/// Nothing, the end of what converts it, or `.getBytes()` and kin.
fn is_tail(tail: &[u8], head: &[u8]) -> bool {
    const CONVERTS: &[&[u8]] = &[
        b".getBytes",
        b".toCharArray",
        b".toByteArray",
        b".encode",
        b".as_bytes",
        b".as_ref",
        b".to_string",
        b".into",
        b".to_owned",
        b".b",
    ];
    tail.is_empty()
        || head.ends_with(b"(") && matches!(tail[0], b')' | b',')
        || CONVERTS.iter().any(|call| tail.starts_with(call))
}

fn weigh(source: &Source<'_>, wants: Wants, span: Range<usize>) -> Option<Range<usize>> {
    let value = &source.text[span.clone()];
    let digit = value.iter().any(u8::is_ascii_digit);
    let fits = match wants {
        Wants::Password => is_password(source, &span),
        Wants::Perhaps => value.len() >= 6 && digit && is_password(source, &span),
        Wants::Key => looks(value) == Looks::Random && (digit || value.len() >= 20),
        Wants::Pair => return pair(source, span),
    };
    fits.then_some(span)
}

/// The password of `user:password`, where the line speaks of authorization.
fn pair(source: &Source<'_>, span: Range<usize>) -> Option<Range<usize>> {
    let value = &source.text[span.clone()];
    let colon = memchr(b':', value).filter(|colon| *colon > 0)?;
    let line = [source.left(span.start), source.right(span.end)].concat().to_ascii_lowercase();
    let password = span.start + colon + 1..span.end;
    let speaks = memmem::find(&line, b"basic").is_some() || memmem::find(&line, b"auth").is_some();
    (speaks && !password.is_empty() && is_password(source, &password)).then_some(password)
}
