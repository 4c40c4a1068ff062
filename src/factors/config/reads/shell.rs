//! Shell: `$X` is a read unless the script itself has set X before; `${X:-default}` always is one.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memchr_iter;

use super::super::language::Language;
use super::super::source::{At, Source};
use super::{Read, is_variable};

/// What the shell itself sets, by its manual.
const OWN: &[&str] = &[
    "RANDOM",
    "LINENO",
    "SECONDS",
    "PWD",
    "OLDPWD",
    "IFS",
    "OPTARG",
    "OPTIND",
    "OPTERR",
    "REPLY",
    "PPID",
    "UID",
    "EUID",
    "FUNCNAME",
    "PIPESTATUS",
    "SHLVL",
    "HOSTNAME",
    "HOSTTYPE",
    "MACHTYPE",
    "OSTYPE",
    "COLUMNS",
    "LINES",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "DIRSTACK",
    "GROUPS",
    "COMPREPLY",
    "_",
    "BASH",
    "MAPFILE",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
];

pub fn expansions(source: &Source<'_>, reads: &mut Vec<Read>) {
    if source.language != Language::Shell || source.dense {
        return;
    }
    let set = set_by_script(source);
    for at in memchr_iter(b'$', &source.text) {
        let escaped = source.behind(at, 1) == b"\\";
        let readable = match source.at(at) {
            At::Code => true,
            At::Comment => false,
            At::Text(region) => region.expands,
        };
        if !escaped
            && readable
            && let Some(read) = expansion(source, at, &set)
        {
            reads.push(read);
        }
    }
}

fn expansion(source: &Source<'_>, at: usize, set: &HashMap<String, usize>) -> Option<Read> {
    let rest = source.ahead(at + 1, 200);
    let braced = rest.first() == Some(&b'{');
    let start = at + 1 + usize::from(braced);
    let text = source.ahead(start, 120);
    let length = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let name = &text[..length];
    if !is_variable(name)
        || !name.iter().any(u8::is_ascii_uppercase)
        || name.iter().any(u8::is_ascii_lowercase)
    {
        return None;
    }
    let name = String::from_utf8_lossy(name).into_owned();
    if OWN.contains(&name.as_str()) || name.starts_with("BASH_") {
        return None;
    }
    let after = &text[length..];
    let operator = if braced { operator(after) } else { None };
    let own = set.get(&name).is_some_and(|from| *from < at);
    if own && operator.is_none() {
        return None;
    }
    let end = start + length;
    let default =
        operator.filter(|(_, default)| *default).map(|(width, _)| default_text(source, end + width));
    let close = if braced {
        end + default.as_ref().map_or(after.iter().position(|b| *b == b'}').unwrap_or(0), |d| d.end - end) + 1
    } else {
        end
    };
    Some(Read {
        span: at..close.min(source.text.len()),
        receiver: receiver(source, at),
        has_default: default.is_some(),
        default,
        name,
    })
}

/// `:-`, `-`, `:=`, `=` give a default; `:?` and `?` ask for the variable.
fn operator(after: &[u8]) -> Option<(usize, bool)> {
    match after {
        [b':', b'-' | b'=', ..] => Some((2, true)),
        [b':', b'?' | b'+', ..] => Some((2, false)),
        [b'-' | b'=', ..] => Some((1, true)),
        [b'?' | b'+', ..] => Some((1, false)),
        _ => None,
    }
}

fn default_text(source: &Source<'_>, from: usize) -> Range<usize> {
    let (mut depth, rest) = (0, source.right(from));
    let end = rest.iter().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' => return true,
            _ => {}
        }
        false
    });
    let end = end.unwrap_or(rest.len());
    let text = &rest[..end];
    let quoted = text.len() >= 2 && matches!(text[0], b'"' | b'\'') && text.last() == Some(&text[0]);
    let (start, end) = if quoted { (from + 1, from + end - 1) } else { (from, from + end) };
    start..end
}

/// `X=$Y`, `export X="${Y:-z}"`: the name before the `=` of this word.
fn receiver(source: &Source<'_>, at: usize) -> Option<String> {
    let left = source.left(at);
    let equals = left.iter().rposition(|b| *b == b'=')?;
    let between = &left[equals + 1..];
    let name = super::super::receiver::name_ending(left, equals)?;
    let same_word = !between.iter().any(|b| matches!(b, b' ' | b';' | b'&' | b'|'))
        || (between.first() == Some(&b'"') && memchr_iter(b'"', between).count() % 2 == 1);
    let begins =
        name.start == 0 || left[name.start - 1].is_ascii_whitespace() || left[name.start - 1] == b'{';
    (same_word && begins && is_variable(&left[name.clone()]))
        .then(|| String::from_utf8_lossy(&left[name]).into_owned())
}

/// Names that the script gives a value, and from where on: `X=`, `read X`, `for X in`. `X=${X:-y}` is a read of its own first.
fn set_by_script(source: &Source<'_>) -> HashMap<String, usize> {
    let mut set = HashMap::new();
    let mut at = 0;
    for line in source.text.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        let text = line.trim_ascii();
        for (n, word) in text.split(|b| matches!(b, b' ' | b'\t' | b';' | b'(')).enumerate() {
            let name = word.split(|b| matches!(b, b'=' | b'+' | b'[')).next().unwrap_or_default();
            let given = name.len() < word.len() && is_variable(name) && memchr::memchr(b'=', word).is_some();
            let taken = n > 0
                && is_variable(word)
                && (text.starts_with(b"for ")
                    || text.starts_with(b"read ")
                    || memchr::memmem::find(text, b" read ").is_some()
                    || text.starts_with(b"select "));
            if given || taken {
                let from = if taken { at } else { end };
                set.entry(String::from_utf8_lossy(name).into_owned()).or_insert(from);
            }
            if text.starts_with(b"for ") && n >= 1 {
                break;
            }
        }
        at = end;
    }
    set
}
