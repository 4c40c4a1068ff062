//! What a value looks like: a secret, a word, a placeholder, or something that is no value at all.

use super::rows::is_row;
use super::vocabulary::{NAMES_FILE, SAYS_SO, STANDS_FOR};

/// From what cannot be a secret to what can hardly be anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looks {
    /// Put in later (`${X}`, `%s`), a path, a sentence, a name from the code.
    Other,
    /// Stands for a secret in an explanation: `changeme`, `your-key`, `xxxx`.
    Placeholder,
    /// Letters that could be a word.
    Word,
    /// Short, with a digit or a sign: what people choose.
    Chosen,
    /// Made by a machine.
    Random,
}

pub fn looks(value: &[u8]) -> Looks {
    if value.len() < 3 || value.len() > 1024 || !value.iter().all(|b| (0x20..0x7f).contains(b)) {
        return Looks::Other;
    }
    if is_filled_in(value) || is_place(value) || is_prose(value) || is_version(value) {
        return Looks::Other;
    }
    if is_placeholder(value) {
        return Looks::Placeholder;
    }
    if is_code(value) || is_rules(value) {
        return Looks::Other;
    }
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if value.len() >= 12 && is_random(value) {
        Looks::Random
    } else if letters == value.len() {
        if is_label(value) { Looks::Other } else { Looks::Word }
    } else if is_identifier(value) {
        Looks::Other
    } else {
        Looks::Chosen
    }
}

/// Something replaces it before it is used: templates, formats, variables.
pub fn is_filled_in(value: &[u8]) -> bool {
    const OPENERS: &[&[u8]] = &[b"{{", b"<%", b"$(", b"{%", b"[[", b"((", b"@@"];
    const PAIRS: &[(&[u8], &[u8])] = &[
        (b"{{", b"}}"),
        (b"<%", b"%>"),
        (b"$(", b")"),
        (b"%(", b")s"),
        (b"[[", b"]]"),
        (b"((", b"))"),
        (b"@@", b"@@"),
    ];
    let named = |opener: &[u8]| {
        let after = |at: usize| value.get(at + opener.len());
        memchr::memmem::find_iter(value, opener)
            .any(|at| after(at).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_'))
    };
    if OPENERS.iter().any(|opener| value.starts_with(opener))
        || PAIRS.iter().any(|(open, close)| holds_name(value, open, close))
        || [&b"${"[..], b"#{", b"%{", b"$env:"].iter().any(|opener| named(opener))
        || is_reference(value)
    {
        return true;
    }
    match value {
        [b'$', name @ ..] if is_variable(name) => return !is_crypt(value),
        [b'_', b'_', .., b'_', b'_'] => return true,
        [b'<', .., b'>'] | [b'{', .., b'}'] | [b'[', .., b']'] | [b'(', .., b')'] => return true,
        [b'%', middle @ .., b'%'] | [b'@', middle @ .., b'@'] if !middle.is_empty() => return true,
        [b':', rest @ ..] if rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') => return true,
        [b'!' | b'*' | b'&' | b'|' | b'>', ..] if value.iter().all(|b| !b.is_ascii_digit()) => return true,
        _ => {}
    }
    has_format(value)
}

/// A name between the two signs, with the blanks and dots of an expression; what chance puts between them is none.
fn holds_name(value: &[u8], open: &[u8], close: &[u8]) -> bool {
    let Some(start) = memchr::memmem::find(value, open).map(|at| at + open.len()) else { return false };
    let Some(length) = memchr::memmem::find(&value[start..], close) else { return false };
    let inner = &value[start..start + length];
    inner.iter().any(u8::is_ascii_alphabetic)
        && inner.iter().all(|b| b.is_ascii_alphanumeric() || b" _.-|'\":,[]()=/".contains(b))
}

/// `$NAME`, `$name`: all of it a name, and no digits among small letters, which passwords have.
fn is_variable(name: &[u8]) -> bool {
    let is_name = name
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'>' | b'.' | b'[' | b']' | b'\''));
    let mixed = name.len() >= 6
        && name.iter().any(u8::is_ascii_digit)
        && name.iter().any(u8::is_ascii_lowercase)
        && !name.contains(&b'_');
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && is_name && !mixed
}

/// Names a secret that lies in a store: `vault:…`, `ref+awsssm://…`, `ssm:/…`, as the stores' own tools write it.
fn is_reference(value: &[u8]) -> bool {
    const STORES: &[&[u8]] = &[
        b"vault:",
        b"ref+",
        b"ssm:",
        b"op:",
        b"keyvault:",
        b"awssecrets:",
        b"gcpsecrets:",
        b"secretsmanager:",
        b"sops:",
        b"env:",
        b"file:",
        b"pass:",
        b"arn:",
        b"kms:",
    ];
    STORES.iter().any(|store| value.starts_with(store) && value.len() > store.len())
}

/// `%s`, `{0}`, `{name}`.
fn has_format(value: &[u8]) -> bool {
    let percent = value.windows(2).any(|w| w[0] == b'%' && matches!(w[1], b's' | b'd' | b'v' | b'@'))
        && value.len() < 24;
    percent || is_braced(value)
}

/// A name of two letters or more in braces, or a number where nothing around it looks like chance.
fn is_braced(value: &[u8]) -> bool {
    let Some(start) = value.iter().position(|b| *b == b'{') else { return false };
    let Some(length) = value[start..].iter().position(|b| *b == b'}') else { return false };
    let (inner, rest) = (&value[start + 1..start + length], &value[start + length + 1..]);
    let is_name = inner.len() >= 2
        && inner[0].is_ascii_alphabetic()
        && inner.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let is_number = inner.iter().all(u8::is_ascii_digit)
        || inner.len() < 3 && inner.iter().all(u8::is_ascii_alphanumeric);
    let plain = |text: &[u8]| text.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:/ {}".contains(b));
    is_name || is_number && plain(&value[..start]) && plain(rest)
}

/// A path, a URL, a file, a mail address, a version.
fn is_place(value: &[u8]) -> bool {
    if value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || memchr::memmem::find(value, b"://").is_some()
    {
        return true;
    }
    let slashes = memchr::memchr_iter(b'/', value).count();
    if value[0] == b'/' && (slashes > 1 || is_wordy(&value[1..])) && is_wordy(value) {
        return true;
    }
    if slashes > 0 && is_wordy(value) {
        return true;
    }
    // No capitals and no sign of base64: `/usr/sbin/x`.
    if value[0] == b'/'
        && slashes > 1
        && value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/._-".contains(b))
    {
        return true;
    }
    if value.len() > 3 && value[1] == b':' && value[2] == b'\\' {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    NAMES_FILE.iter().any(|end| lower.ends_with(end.as_bytes()))
        || (lower.contains(&b'@')
            && [".com", ".org", ".net", ".io"]
                .iter()
                .any(|end| memchr::memmem::find(&lower, end.as_bytes()).is_some()))
}

/// Three words or more, or two that are both words.
fn is_prose(value: &[u8]) -> bool {
    let words: Vec<&[u8]> = value.split(|b| *b == b' ').filter(|w| !w.is_empty()).collect();
    words.len() > 2 || (words.len() == 2 && words.iter().all(|w| is_wordy(w)))
}

/// Says in words that it is none.
pub fn says_so(value: &[u8]) -> bool {
    holds_one(&value.to_ascii_lowercase(), SAYS_SO)
}

fn holds_one(lower: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memchr::memmem::find(lower, word.as_bytes()).is_some())
}

/// Says by a word, a row or a repetition that the real one goes here.
pub fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    if holds_one(&lower, SAYS_SO) || is_in_angles(value) {
        return true;
    }
    let distinct = distinct(&lower);
    if distinct <= 2 || (lower.len() >= 16 && distinct <= 5) {
        return true;
    }
    is_row(&lower) || made_of(&lower, STANDS_FOR)
}

/// `sk-<your-key>`: words between angles.
fn is_in_angles(value: &[u8]) -> bool {
    let Some(start) = memchr::memchr(b'<', value) else { return false };
    let Some(length) = memchr::memchr(b'>', &value[start..]) else { return false };
    let inner = &value[start + 1..start + length];
    inner.len() >= 2 && inner.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' '))
}

fn distinct(value: &[u8]) -> u32 {
    let set = value.iter().fold(0u128, |set, b| set | 1 << (b & 127));
    set.count_ones()
}

/// The whole of it is words of the list, with signs and up to three digits between or after them.
fn made_of(lower: &[u8], list: &[&str]) -> bool {
    let pieces = lower.split(|b| !b.is_ascii_alphabetic()).filter(|piece| !piece.is_empty());
    let digits = lower.iter().filter(|b| b.is_ascii_digit()).count();
    let mut any = false;
    let all = pieces.into_iter().all(|piece| {
        any = true;
        piece.len() == 1 || splits(piece, list, 3)
    });
    any && all && digits <= 3 + usize::from(lower.ends_with(b"1234") || lower.ends_with(b"12345")) * 2
}

/// `mypassword` is `my`, `password`.
fn splits(piece: &[u8], list: &[&str], parts: usize) -> bool {
    piece.is_empty()
        || (parts > 0
            && list.iter().any(|word| {
                // Within a run of letters a word of one letter would fit anywhere.
                (word.len() > 1 || piece.len() == 1)
                    && piece.strip_prefix(word.as_bytes()).is_some_and(|rest| splits(rest, list, parts - 1))
            }))
}

/// A call, a member, an index: code in a string, or code without quotes.
fn is_code(value: &[u8]) -> bool {
    let call =
        value.ends_with(b")") || value.ends_with(b");") || value.ends_with(b"]") || value.ends_with(b"(");
    let member = memchr::memmem::find(value, b"->").is_some()
        || memchr::memmem::find(value, b"::").is_some()
        || memchr::memmem::find(value, b"=>").is_some();
    let selector = matches!(value[0], b'#' | b'.')
        && value[1..].iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.' | b' '));
    (call && value.iter().any(|b| matches!(b, b'(' | b'['))) || member || selector || is_path_of_code(value)
}

/// `13.0.3`, `^1.2.0-beta.1`: which release of something, as dependency tables have it.
fn is_version(value: &[u8]) -> bool {
    let signs = value.iter().take_while(|b| b"^~<>=v ".contains(b)).count();
    let release = value[signs..].split(|b| matches!(b, b'-' | b'+')).next().unwrap_or_default();
    let parts = || release.split(|b| *b == b'.');
    let number = |part: &[u8]| !part.is_empty() && part.len() <= 4 && part.iter().all(u8::is_ascii_digit);
    parts().count() >= 3 && parts().all(|part| number(part) || part == b"x" || part == b"*")
}

/// `buildbot.www.auth:Login`: three names or more, or two with a colon, as imports and entry points are written.
fn is_path_of_code(value: &[u8]) -> bool {
    let parts = || value.split(|b| matches!(b, b'.' | b':'));
    let name = |part: &[u8]| part.len() >= 2 && part.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    let count = parts().count();
    (count >= 3 || count == 2 && value.contains(&b':') && value.contains(&b'_')) && parts().all(name)
}

/// `required|min:8`: what a form asks of a field, by name.
fn is_rules(value: &[u8]) -> bool {
    let rule = |part: &[u8]| {
        let name = part.split(|b| *b == b':').next().unwrap_or(part);
        name.len() >= 3 && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    };
    value.contains(&b'|') && value.split(|b| *b == b'|').all(rule)
        || [&b"min:"[..], b"max:", b"same:", b"size:"].iter().any(|name| value.starts_with(name))
}

/// `Password`, `PASSWORT`: what a form or a constant says.
fn is_label(value: &[u8]) -> bool {
    let (first, rest) = (value[0], &value[1..]);
    (first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_lowercase))
        || value.iter().all(u8::is_ascii_uppercase)
}

/// `access_token`, `db-credentials-prod`, `Some.Class`, `AWS_SECRET`: words that a program joins with signs.
pub fn is_identifier(value: &[u8]) -> bool {
    value.iter().all(|b| {
        b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b' ' | b',' | b'=')
    }) && is_wordy(value)
}

/// Most of it is runs of letters that can be spoken.
pub fn is_wordy(value: &[u8]) -> bool {
    let (mut spoken, mut all) = (0, 0);
    for run in runs(value) {
        all += run.len();
        if is_spoken(run) {
            spoken += run.len();
        }
    }
    all > 0 && spoken * 10 >= value.iter().filter(|b| b.is_ascii_alphanumeric()).count() * 7
}

/// Runs of letters, cut where a small letter is followed by a capital.
fn runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .chunk_by(|a, b| {
            a.is_ascii_alphabetic()
                && b.is_ascii_alphabetic()
                && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
        .filter(|run| run[0].is_ascii_alphabetic())
}

/// Three letters or more in one case, a vowel in them, and never more than four consonants or three vowels in a row.
fn is_spoken(run: &[u8]) -> bool {
    let body = &run[1..];
    let one_case = body.iter().all(u8::is_ascii_lowercase) || run.iter().all(u8::is_ascii_uppercase);
    let vowel = |b: &u8| matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let longest = |want: bool| {
        run.chunk_by(|a, b| vowel(a) == vowel(b))
            .filter(|c| vowel(&c[0]) == want)
            .map(<[u8]>::len)
            .max()
            .unwrap_or(0)
    };
    let vowels = run.iter().filter(|b| vowel(b)).count();
    // No word goes on for so long, and none has what no word has.
    (3..=32).contains(&run.len())
        && one_case
        && !run.windows(2).any(is_unheard)
        && vowels * 6 >= run.len()
        && longest(false) <= 4
        && longest(true) <= 3
}

/// Not even words that are joined look like it: twice two letters that nowhere meet.
pub fn is_unspeakable(value: &[u8]) -> bool {
    value.windows(2).filter(|pair| is_unheard(pair)).count() >= 2
}

/// Two letters that stand side by side in no word of English nor of its neighbours; those of common abbreviations (`js`,
/// `sql`, `tx`, `vm`) are not among them.
fn is_unheard(pair: &[u8]) -> bool {
    const AFTER: [(u8, &[u8]); 17] = [
        (b'b', b"qx"),
        (b'c', b"jvx"),
        (b'd', b"x"),
        (b'f', b"qvxz"),
        (b'g', b"qx"),
        (b'h', b"qxz"),
        (b'j', b"jqxy"),
        (b'k', b"qxz"),
        (b'l', b"qx"),
        (b'm', b"xz"),
        (b'p', b"qvxz"),
        (b'q', b"bcdefghijkmnoprvwxyz"),
        (b't', b"qx"),
        (b'v', b"bdfghjkmpqtwxz"),
        (b'w', b"jqvx"),
        (b'x', b"bgjknrvz"),
        (b'z', b"bcfgjkmpqrsvx"),
    ];
    let (first, second) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
    AFTER.iter().any(|(letter, next)| *letter == first && next.contains(&second))
}

/// Many different bytes, little that can be spoken, or digits throughout letters.
pub fn is_random(value: &[u8]) -> bool {
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    // Digits among the letters of a long value are chance's, however well the letters between them can be spoken.
    let strewn =
        || value.len() >= 16 && strewn_digits(value) >= 4 && !value.iter().any(|b| b"-_. /".contains(b));
    if !letters || is_wordy(value) && !strewn() {
        return false;
    }
    let need = match value.len() {
        0..16 => 2.8,
        16..24 => 3.0,
        _ => 3.2,
    };
    entropy(value) >= need
}

/// How often digits stand between two letters.
fn strewn_digits(value: &[u8]) -> usize {
    let mut groups = value.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).skip(1);
    let last = value.last().is_some_and(u8::is_ascii_digit);
    groups.by_ref().filter(|group| group[0].is_ascii_digit()).count().saturating_sub(usize::from(last))
}

/// `p4ssw0rd`, `S3cret`: a word that stands for a secret, with digits and signs in place of letters.
pub fn is_disguised(value: &[u8]) -> bool {
    let plain: Vec<u8> = value
        .to_ascii_lowercase()
        .iter()
        .map(|byte| match byte {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            byte => *byte,
        })
        .collect();
    plain != value && made_of(&plain, STANDS_FOR)
}

/// Shannon's, in bits a byte.
pub fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in value {
        counts[*byte as usize] += 1;
    }
    let all = value.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / all).map(|p| -p * p.log2()).sum()
}

/// 8-4-4-4-12 hexadecimal digits.
pub fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value
            .iter()
            .enumerate()
            .all(|(n, b)| if matches!(n, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// As long as a digest and of its digits, or named as one: what things are found by.
pub fn is_digest(value: &[u8]) -> bool {
    let named = [&b"sha1-"[..], b"sha256-", b"sha256:", b"sha384-", b"sha512-", b"md5:"]
        .iter()
        .any(|prefix| value.starts_with(prefix));
    named || (matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit))
}

/// A public key: an X.509 `SubjectPublicKeyInfo` as base64 (its first bytes name the algorithm), or SSH's.
pub fn is_public_key(value: &[u8]) -> bool {
    const PREFIXES: &[&[u8]] = &[
        b"MFkwEwYHKoZIzj0",
        b"MFYwEAYHKoZIzj0",
        b"MIIBIjANBgkqhkiG",
        b"MIICIjANBgkqhkiG",
        b"MIGfMA0GCSqGSIb3",
        b"AAAAB3NzaC1",
        b"AAAAC3NzaC1",
        b"MCowBQYDK2Vw",
    ];
    PREFIXES.iter().any(|prefix| value.starts_with(prefix))
}

/// The address of a contract or a wallet, as EIP-55 has it; 64 digits are a private key.
pub fn is_wallet(value: &[u8]) -> bool {
    value.len() == 42 && value.starts_with(b"0x") && value[2..].iter().all(u8::is_ascii_hexdigit)
}

/// Four groups of four small letters: a password that Google made for one app.
pub fn is_app_password(value: &[u8]) -> bool {
    value.len() == 19
        && value.chunks(5).all(|group| {
            group[..4].iter().all(u8::is_ascii_lowercase) && group.get(4).is_none_or(|b| *b == b' ')
        })
        && !value.split(|b| *b == b' ').all(is_spoken)
}

/// What `crypt(3)` makes, by its prefix as that manual lists them.
pub fn is_crypt(value: &[u8]) -> bool {
    const PREFIXES: &[&[u8]] = &[
        b"$1$",
        b"$2a$",
        b"$2b$",
        b"$2y$",
        b"$5$",
        b"$6$",
        b"$y$",
        b"$apr1$",
        b"$argon2",
        b"$scrypt$",
        b"$7$",
        b"{SHA}",
        b"{SSHA}",
    ];
    value.len() > 20 && PREFIXES.iter().any(|prefix| value.starts_with(prefix))
}
