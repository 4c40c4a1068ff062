//! Where a value explains and nobody logs in with it: in a comment that speaks and is no code, under a key that says
//! `example`, in markup that is shown and not read. Of what a value looks like only this is asked here: nobody makes up what
//! chance has made, so that words alone do not excuse it.

use super::assign::Assigned;
use super::language::Language;
use super::names;
use super::receiver::{name_ending, receiver};
use super::source::{At, Source};
use super::values::{Looks, looks};

/// How far up the keys are looked for that a value lies under, and through how many of them.
const NEAR: usize = 4 << 10;
const LEVELS: usize = 6;

/// Whether the name and its value are an example by the place where they stand.
pub fn is_example(source: &Source<'_>, given: &Assigned) -> bool {
    let by_chance = is_by_chance(&source.text[given.value.clone()]);
    speaks(source, given)
        || is_introduced(source, given.name.start)
        || is_shown(source, given.name.start)
        || is_under_example(source, given.name.start)
        || !by_chance && says_example(&source.text[given.name.clone()])
}

/// The same for a text that has no name of its own: a URL, a connection string.
pub fn is_example_text(source: &Source<'_>, at: usize) -> bool {
    is_shown(source, at)
        || receiver(source, at).is_some_and(|name| says_example(&source.text[name]))
        || is_under_example(source, at)
}

/// `"Example api_key='…'"`, `e.g. password=…` within a text: the word before says what comes.
fn is_introduced(source: &Source<'_>, name: usize) -> bool {
    let left = source.left(name);
    let before = left.trim_ascii_end();
    let word = before.strip_suffix(b":").unwrap_or(before);
    let length = word.iter().rev().take_while(|b| b.is_ascii_alphabetic() || **b == b'.').count();
    let word = word[word.len() - length..].to_ascii_lowercase();
    before.len() < left.len() && matches!(&word[..], b"example" | b"e.g." | b"eg." | b"i.e.")
}

fn says_example(name: &[u8]) -> bool {
    names::words(name).iter().any(|word| is_example_word(word))
}

/// The same of what holds the name: it is called so, and not after it as `example-db` and `ExampleApplication` are.
fn is_for_examples(owner: &[u8]) -> bool {
    matches!(&names::words(owner)[..], [word] if is_example_word(word))
}

fn is_example_word(word: &str) -> bool {
    matches!(word, "example" | "examples" | "placeholder" | "placeholders")
}

/// In a comment that is made for reading: a documenting block, or a line that is more than a statement or a setting put out of
/// use. `# DB_PASSWORD = "…"` and `// login(user, password="…")` are those, and what stands in them was in use once; so was
/// whatever chance has made, however its line begins.
fn speaks(source: &Source<'_>, given: &Assigned) -> bool {
    let (name, value) = (given.name.start, &source.text[given.value.clone()]);
    if source.at(name) != At::Comment {
        return false;
    }
    let line = source.left(name).trim_ascii_start();
    let documents = [&b"*"[..], b"/**", b"///", b"//!"].iter().any(|mark| line.starts_with(mark))
        || after_mark(line).starts_with(b"@");
    documents || !is_by_chance(value) && !is_code(after_mark(line))
}

/// Nobody makes it up to explain something.
pub fn is_by_chance(value: &[u8]) -> bool {
    looks(value) == Looks::Random && value.iter().any(u8::is_ascii_digit)
}

/// What a line holds behind the sign that makes a comment of it.
fn after_mark(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|b| b"#/;-*%!' \t".contains(b)).count();
    let rest = &line[marks..];
    // Behind code on the same line.
    let sign = memchr::memmem::rfind(rest, b" # ").or_else(|| memchr::memmem::rfind(rest, b"// "));
    if marks == 0 { sign.map_or(rest, |at| rest[at + 3..].trim_ascii_start()) } else { rest }
}

/// Before a name of code.
#[rustfmt::skip]
const DECLARES: &[&[u8]] = &[
    b"export", b"set", b"setenv", b"let", b"const", b"var", b"val", b"my", b"local", b"private", b"public",
    b"protected", b"static", b"final", b"string", b"env", b"arg", b"return", b"define", b"readonly", b"auto",
    b"await", b"new", b"async", b"pub", b"internal", b"using", b"with", b"if", b"def", b"func", b"fn",
    b"docker", b"curl", b"sudo", b"run",
];

/// A sentence begins so, whatever sign comes next.
#[rustfmt::skip]
const SPEAKS: &[&[u8]] = &[
    b"e.g", b"i.e", b"eg", b"ie", b"ex", b"example", b"examples", b"note", b"usage", b"for", b"see", b"like",
    b"sample",
];

/// What stands before a name on its line is the beginning of a statement, of a call or of a setting.
fn is_code(before: &[u8]) -> bool {
    let mut rest = before;
    loop {
        rest = rest.trim_ascii_start();
        let signs = rest.iter().take_while(|b| b"\"'`$({[<-".contains(b)).count();
        rest = &rest[signs..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.>".contains(b)).count();
        if rest.is_empty() || length == 0 {
            return !rest.starts_with(b"@");
        }
        let word = rest[..length].to_ascii_lowercase();
        rest = &rest[length..];
        if DECLARES.contains(&word.as_slice()) {
            continue;
        }
        let word = word.strip_suffix(b".").unwrap_or(&word);
        let next = rest.trim_ascii_start().first();
        return !SPEAKS.contains(&word) && next.is_none_or(|b| b"=(:{[,\"'<?-".contains(b));
    }
}

/// `&lt;user password="…"&gt;`: a tag that a page shows.
fn is_shown(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at);
    let shown = || memchr::memmem::rfind(left, b"&lt;");
    source.language == Language::Markup && shown().is_some_and(|at| memchr::memrchr(b'<', left) < Some(at))
}

/// Below a key that says `example`, `examples` or `placeholder`, as API descriptions and schemas have it.
fn is_under_example(source: &Source<'_>, at: usize) -> bool {
    match source.language {
        // A service may be called `example`; a description of an API has types.
        Language::Yaml => {
            source.mentions("type:") && is_indented_under_example(source, at) || is_within_example(source, at)
        }
        Language::Prose | Language::Markup | Language::Ini | Language::Dotenv | Language::Shell => false,
        _ => is_within_example(source, at),
    }
}

fn is_indented_under_example(source: &Source<'_>, at: usize) -> bool {
    let line = source.left(at);
    let mut column = column(line);
    let above = source.behind(at - line.len(), NEAR);
    for line in above.rsplit(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let here = self::column(line);
        if text.is_empty() || text[0] == b'#' || here >= column {
            continue;
        }
        column = here;
        let key = line[here..].split(|b| *b == b':').next().unwrap_or_default();
        if key.len() <= 40 && is_for_examples(key) {
            return true;
        }
        if column == 0 {
            return false;
        }
    }
    false
}

/// Where the first key of a line of YAML stands.
fn column(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'-')).count()
}

/// Within brackets that were given to such a key: `example={"password": "…"}`, `"examples": [{…}]`.
fn is_within_example(source: &Source<'_>, at: usize) -> bool {
    let text = source.behind(at, NEAR);
    let (mut depth, mut levels) = (0usize, 0);
    for (n, byte) in text.iter().enumerate().rev() {
        match byte {
            b']' | b')' | b'}' => depth += 1,
            b'[' | b'(' | b'{' if depth > 0 => depth -= 1,
            b'[' | b'(' | b'{' => {
                let owner = text[..n].trim_ascii_end();
                let end = owner.iter().rposition(|b| !b"=:> \t\"'`".contains(b)).map_or(0, |last| last + 1);
                // `class Example {` and Terraform's `resource "db" "example" {` are code, and no values.
                let is_value = byte == &b'(' || owner[end..].iter().any(|b| b"=:".contains(b));
                if is_value && name_ending(owner, end).is_some_and(|name| is_for_examples(&owner[name])) {
                    return true;
                }
                levels += 1;
                if levels == LEVELS {
                    return false;
                }
            }
            _ => {}
        }
    }
    false
}
