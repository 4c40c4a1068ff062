//! Passwords on command lines, by the manuals of the programs: in an option, at a place among the words, or piped in.

use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use super::source::{At, Source};
use super::values;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `-u user:password` of curl, wget and `HTTPie`.
    User,
    /// `mysql -pPASSWORD`, `sshpass -p PASSWORD`, `redis-cli -a PASSWORD`, `docker login -p PASSWORD`.
    Option(&'static str),
    /// User and password are one word with a sign between them: `smbclient -U user%password`.
    Joined(&'static str, u8),
    /// `rabbitmqctl add_user user password`: the so manieth word that is no option.
    Word(usize),
    /// `htpasswd -b file user password`.
    Last,
    /// `echo password | sudo -S`, `sudo -S <<< password`; of `echo user:password | chpasswd` what is after the colon.
    Piped,
    /// `net use z: \\host\share password /user:u`, with its parts in any order.
    Share,
    /// `"-pPASSWORD"`, an element of a list of words.
    Element,
}

use Command as C;

#[rustfmt::skip]
pub const WORDS: &[(&str, Command)] = &[
    (" -u", C::User), (" --user", C::User), (" --proxy-user", C::User), (" -a ", C::User), (" --auth", C::User),
    ("\"-u\", \"", C::User), ("\"--user\", \"", C::User), ("'-u', '", C::User), ("'--user', '", C::User),
    ("mysql", C::Option(" -p")), ("mysqldump", C::Option(" -p")), ("mysqladmin", C::Option(" -p")),
    ("mariadb", C::Option(" -p")), ("mysqladmin ", C::Option(" password ")),
    ("mongo ", C::Option(" -p ")), ("mongosh ", C::Option(" -p ")), ("mongodump ", C::Option(" -p ")),
    ("mongorestore ", C::Option(" -p ")), ("mongoexport ", C::Option(" -p ")), ("mongoimport ", C::Option(" -p ")),
    ("redis-cli", C::Option(" -a ")), ("sqlcmd", C::Option(" -p ")), ("sqlplus ", C::Joined(" ", b'/')),
    ("sshpass", C::Option(" -p ")), ("docker login", C::Option(" -p ")), ("az login", C::Option(" -p ")),
    ("ldapsearch", C::Option(" -w ")), ("smbclient ", C::Joined(" -U ", b'%')), ("lftp ", C::Joined(" -u ", b',')),
    ("ipmitool ", C::Option(" -P ")), ("openssl enc", C::Option(" -k ")), ("openssl aes-", C::Option(" -k ")),
    ("-pass pass:", C::Word(1)), ("-passin pass:", C::Word(1)), ("-passout pass:", C::Word(1)),
    ("7z ", C::Option(" -p")), ("7za ", C::Option(" -p")), ("zip ", C::Option(" -P ")),
    ("useradd ", C::Option(" -p ")), ("usermod ", C::Option(" -p ")), ("schtasks ", C::Option(" /rp ")),
    ("rabbitmqctl add_user ", C::Word(2)), ("rabbitmqctl change_password ", C::Word(2)), ("net user ", C::Word(2)), ("net use ", C::Share),
    ("vault login ", C::Word(1)), ("configure set aws_secret_access_key ", C::Word(1)),
    ("configure set aws_session_token ", C::Word(1)), ("sentinel auth-pass ", C::Word(2)),
    ("mc alias set ", C::Word(4)), ("mc config host add ", C::Word(4)),
    ("htpasswd ", C::Last),
    ("chpasswd", C::Piped), ("sudo -s", C::Piped), ("| passwd", C::Piped), ("| smbpasswd", C::Piped),
    ("--password-stdin", C::Piped),
    ("\"-p", C::Element), ("'-p", C::Element),
];

/// `at` is the end of the command's word.
pub fn find(source: &Source<'_>, command: Command, at: usize) -> Option<Range<usize>> {
    match command {
        C::User => user(source, at),
        C::Option(option) => program(source, at, option),
        C::Joined(option, sign) => joined(source, at, option, sign),
        C::Word(number) => {
            let is_argument = |word: &Range<usize>| !is_setting(&source.text[word.clone()]);
            let mut words = words(source, at).into_iter().filter(is_argument);
            let word = words.nth(number - 1).filter(|word| is_in_its_text(source, at, word))?;
            (!values::is_identifier(&source.text[word.clone()])).then_some(word)
        }
        C::Last => last(source, at),
        C::Piped => piped(source, at),
        C::Share => share(source, at),
        C::Element => element(source, at),
    }
}

/// A command that stands in a program's string has its arguments there, too.
fn is_in_its_text(source: &Source<'_>, at: usize, word: &Range<usize>) -> bool {
    match source.at(at - 1) {
        At::Text(region) if source.language.is_program() => word.start < region.end,
        _ => true,
    }
}

/// From `at`, past quotes, to the end of the word.
pub fn word_at(source: &Source<'_>, at: usize) -> Range<usize> {
    let rest = source.right(at);
    let quotes = rest.iter().take_while(|b| matches!(b, b'"' | b'\'' | b' ')).count();
    let quote = rest.get(quotes.wrapping_sub(1)).copied().filter(|b| *b != b' ');
    let length = rest[quotes..]
        .iter()
        .take_while(|b| match quote {
            Some(quote) => **b != quote && !b.is_ascii_whitespace(),
            None => {
                !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b';' | b'|' | b')' | b'\\')
            }
        })
        .count();
    at + quotes..at + quotes + length
}

/// The words of the command from `at` on, without their quotes, up to a pipe, a redirection or the end of the text that
/// the command stands in.
fn words(source: &Source<'_>, at: usize) -> Vec<Range<usize>> {
    let rest = source.right(at);
    let (mut words, mut n) = (Vec::new(), 0);
    while n < rest.len() {
        let length = match rest[n] {
            b' ' | b'\t' => {
                n += 1;
                continue;
            }
            b'|' | b';' | b'&' | b'>' | b'<' | b')' | b'`' | b'#' => break,
            quote @ (b'"' | b'\'') => {
                let Some(length) = memchr(quote, &rest[n + 1..]) else { break };
                n += 1;
                length
            }
            _ => rest[n..].iter().take_while(|b| !b" \t\"'`;|)".contains(b)).count(),
        };
        words.push(at + n..at + n + length);
        n += length;
        // What a quote ends without having begun it ends the text around it.
        let quoted = source.byte(at + n - length - 1) == source.byte(at + n);
        if matches!(rest.get(n), Some(b'"' | b'\'')) {
            if !quoted {
                break;
            }
            n += 1;
        }
    }
    words
}

/// `-option`, `name=value`.
fn is_setting(word: &[u8]) -> bool {
    let name = word.iter().take_while(|b| b.is_ascii_lowercase() || **b == b'_').count();
    word.starts_with(b"-") || name > 0 && word.get(name) == Some(&b'=') && name + 1 < word.len()
}

fn user(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let long = source.text[..at].ends_with(b"user") || source.text[..at].ends_with(b"auth");
    if long && !matches!(source.byte(at), b' ' | b'=') {
        return None;
    }
    let word = word_at(source, at + usize::from(source.byte(at) == b'='));
    let line = source.left(at);
    let tool = [&b"curl"[..], b"wget", b"http ", b"https ", b"\"-u\"", b"\"--user\"", b"'-u'", b"'--user'"]
        .iter()
        .any(|tool| memmem::find(line, tool).is_some());
    let text = &source.text[word.clone()];
    let colon = memchr(b':', text).filter(|colon| tool && *colon > 0)?;
    let numbers = text.iter().all(|b| b.is_ascii_digit() || *b == b':');
    (!numbers).then_some(word.start + colon + 1..word.end)
}

/// The rest of the line from `at`, up to the next command in it.
fn command<'s>(source: &'s Source<'_>, at: usize) -> &'s [u8] {
    let rest = source.right(at);
    let ends = [&b" && "[..], b" || ", b" | ", b"; "];
    let end = ends.iter().filter_map(|end| memmem::find(rest, end)).min().unwrap_or(rest.len());
    &rest[..end.min(200)]
}

/// What ends at `at` is a program's name, perhaps with its path, and no part of an option: `-pshop-mysql`.
fn is_program(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at).trim_ascii_end();
    let word = left.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"_-./".contains(b)).count();
    left.get(left.len() - word).is_none_or(|first| *first != b'-')
}

fn program(source: &Source<'_>, at: usize, option: &str) -> Option<Range<usize>> {
    if !is_program(source, at) {
        return None;
    }
    // The space after the program's name may be the one before the option.
    let at = at - usize::from(source.byte(at - 1) == b' ');
    let rest = command(source, at);
    let found = memmem::find(rest, option.as_bytes()).or_else(|| {
        // sqlcmd and ldapsearch differ in the case of the letter only.
        memmem::find(&rest.to_ascii_lowercase(), option.as_bytes())
    })?;
    let word = word_at(source, at + found + option.len());
    let text = &source.text[word.clone()];
    let glued = source.byte(at + found + option.len()) != b' ';
    // `mysql -p` asks; `mysql -p db` asks too. Only what is glued to it is the password.
    let asks = option == " -p" && !glued && !source.text[..at].ends_with(b"sshpass");
    // Docker's `-p 27017:27017`, and what other programs call a port.
    let numbers = text.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    let ports = (!glued || option.ends_with(' ')) && numbers && (text.contains(&b':') || text.len() <= 5);
    let fits = text.first().is_some_and(|b| !b"-([{<".contains(b)) && !values::is_identifier(text);
    (!asks && !ports && fits).then_some(word)
}

fn joined(source: &Source<'_>, at: usize, option: &str, sign: u8) -> Option<Range<usize>> {
    let at = at - usize::from(source.byte(at - 1) == b' ');
    let found = memmem::find(command(source, at), option.as_bytes())?;
    let mut words = words(source, at + found + option.len()).into_iter();
    let word = words.find(|word| source.byte(word.start) != b'-')?;
    let text = &source.text[word.clone()];
    let place = memchr(sign, text).filter(|place| *place > 0)?;
    let named = text[..place].iter().all(|b| b.is_ascii_alphanumeric() || b"_-.\\/@".contains(b));
    // Oracle's `user/password@database`.
    let end = memchr(b'@', &text[place..]).filter(|_| sign == b'/').map_or(text.len(), |n| place + n);
    named.then_some(word.start + place + 1..word.start + end)
}

fn last(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let all = words(source, at);
    let is_option = |word: &Range<usize>| source.byte(word.start) == b'-';
    let given = all.iter().any(|word| is_option(word) && source.text[word.clone()].contains(&b'b'));
    let last = all.last().filter(|word| given && all.len() > 2 && !is_option(word))?.clone();
    (!values::is_identifier(&source.text[last.clone()])).then_some(last)
}

fn piped(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    // `sudo -s` is a shell.
    if source.text[..at].ends_with(b"sudo -s") {
        return None;
    }
    if let Some(here) = memmem::find(source.right(at), b"<<<") {
        return Some(word_at(source, at + here + 3));
    }
    let left = source.left(at);
    let pipe = memrchr(b'|', left)?;
    let echo = memmem::rfind(&left[..pipe], b"echo ")?;
    let words = words(source, at - left.len() + echo + 5);
    let word = words.into_iter().find(|word| source.byte(word.start) != b'-')?;
    let text = &source.text[word.clone()];
    let start = memchr(b':', text).filter(|_| source.text[..at].ends_with(b"chpasswd")).map_or(0, |n| n + 1);
    // `echo -e "password\npassword"`
    let length = memchr(b'\\', &text[start..]).unwrap_or(text.len() - start);
    Some(word.start + start..word.start + start + length)
}

fn share(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let words = words(source, at);
    let text = |word: &Range<usize>| &source.text[word.clone()];
    let user =
        words.iter().any(|word| text(word).get(..6).is_some_and(|w| w.eq_ignore_ascii_case(b"/user:")));
    let found = words.iter().find(|word| !matches!(text(word), [b'/' | b'\\' | b'*', ..] | [.., b':'] | []));
    found.filter(|word| user && !values::is_identifier(text(word))).cloned()
}

fn element(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let quote = source.byte(at - 3);
    let length = memchr(quote, source.right(at)).filter(|length| *length > 0)?;
    let left = source.left(at);
    let tool = ["mysql", "mariadb", "7z"].iter().any(|tool| memmem::find(left, tool.as_bytes()).is_some());
    (tool && !values::is_identifier(&source.text[at..at + length])).then_some(at..at + length)
}
