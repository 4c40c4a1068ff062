//! Shell: `$X` is a read unless the script itself has set X before; `${X:-default}` always is one.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memchr_iter;

use super::super::language::Language;
use super::super::source::{At, Source};
use super::{Read, is_in_capitals, is_variable, word};

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

/// Commands of which each word that could be a name is one, and gets a value, by the shell's manual.
const DECLARES: &[&str] =
    &["local ", "declare ", "typeset ", "readonly ", "getopts ", "mapfile ", "readarray ", "printf -v "];

pub fn expansions(source: &Source<'_>, reads: &mut Vec<Read>) {
    if source.language != Language::Shell || source.dense {
        return;
    }
    let set = set_by_script(source);
    let functions = functions(&source.text);
    named(source, &set, reads);
    for at in memchr_iter(b'$', &source.text) {
        let escaped = source.behind(at, 1) == b"\\";
        let readable = match source.at(at) {
            At::Code => true,
            At::Comment => false,
            At::Text(region) => region.expands,
        };
        if !escaped
            && readable
            && let Some(read) = expansion(source, at, &set, &functions)
        {
            reads.push(read);
        }
    }
}

fn expansion(
    source: &Source<'_>,
    at: usize,
    set: &HashMap<String, usize>,
    functions: &[Range<usize>],
) -> Option<Read> {
    let rest = source.ahead(at + 1, 200);
    let braced = rest.first() == Some(&b'{');
    // `${#X}` is its length.
    let start = at + 1 + usize::from(braced) + usize::from(rest.starts_with(b"{#"));
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
    // A function runs after what stands below it; `X="$X:y"` reads first.
    let line_end = at + source.right(at).len() + 1;
    let late = || functions.iter().any(|function| function.contains(&at));
    let own = set.get(&name).is_some_and(|from| *from < at || *from > line_end + 1 && late());
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

/// `printenv X`, `[[ -v X ]]`, and `export X` of what the script does not set.
fn named(source: &Source<'_>, set: &HashMap<String, usize>, reads: &mut Vec<Read>) {
    let mut push = |at: usize| {
        let name = word(source.right(at));
        let ends = source.byte(at + name.len());
        let known = String::from_utf8_lossy(name).into_owned();
        let whole = ends.is_ascii_whitespace() || matches!(ends, b')' | b'`' | b';');
        if is_in_capitals(name) && whole && !set.contains_key(&known) && !OWN.contains(&known.as_str()) {
            let receiver = receiver(source, at);
            let span = at..at + name.len();
            reads.push(Read { name: known, span, receiver, has_default: false, default: None });
        }
    };
    for (sign, commands) in
        [("printenv ", &[][..]), (" -v ", &["[[", "[", "test", "!"][..]), ("export ", &[][..])]
    {
        for at in memchr::memmem::find_iter(&source.text, sign.as_bytes()) {
            let left = source.left(at).trim_ascii();
            let fits = match sign {
                "export " => left.is_empty(),
                " -v " => commands.iter().any(|command| left.ends_with(command.as_bytes())),
                _ => !left.last().is_some_and(u8::is_ascii_alphanumeric),
            };
            if fits && source.at(at) == At::Code {
                push(at + sign.len());
            }
        }
    }
}

/// The bodies of functions, which end with a brace at the beginning of a line.
fn functions(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive(|b| *b == b'\n') {
        let code = line.trim_ascii_end();
        let head = code.starts_with(b"function ")
            || memchr::memmem::find(code, b"()")
                .is_some_and(|n| n > 0 && !code[..n].trim_ascii_end().contains(&b' '));
        if head && open.is_none() {
            open = Some(at);
            if code.ends_with(b"}") {
                found.push(at..at + line.len());
                open = None;
            }
        } else if code == b"}"
            && let Some(from) = open.take()
        {
            found.push(from..at);
        }
        at += line.len();
    }
    found
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
        || (between.first() == Some(&b'"') && memchr_iter(b'"', between).count() % 2 == 1)
        || between.ends_with(b"$(printenv ");
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
                    || [&b" read "[..], b" getopts "]
                        .iter()
                        .any(|word| memchr::memmem::find(text, word).is_some())
                    || text.starts_with(b"select ")
                    || DECLARES.iter().any(|word| text.starts_with(word.as_bytes())));
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
