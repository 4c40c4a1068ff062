//! pydantic's settings: each field of the class is read from a variable.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::super::language::Language;
use super::super::source::{At, Source};
use super::calls::literal;
use super::defaults::{self, closing};
use super::{Read, text, word};

/// How long a class may be, and how far back its head may begin.
const BODY: usize = 64 << 10;
const HEAD: usize = 600;

/// A class of the file, by its head.
struct Class<'s> {
    name: &'s [u8],
    bases: Vec<&'s [u8]>,
    /// Where the line of its head ends.
    body: usize,
}

/// `class Settings(BaseSettings):` reads each field from the variable of its name, or from the one that the field names; so do
/// the classes that it is made of and those that are made of it, as far as they are in this file. `end` is behind the word.
pub fn settings_class(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    if source.language != Language::Python || !matches!(source.byte(end), b')' | b',' | b'\n' | b' ') {
        return;
    }
    let Some(name) = head_around(source, at) else { return };
    if !source.mentions("pydantic") || source.at(at) != At::Code || !source.is_new_reader(name) {
        return;
    }
    let classes = classes(source);
    // Those before it end before it.
    let next = classes.iter().position(|class| class.body > at);
    let Some(own) = next.filter(|next| classes[*next].name == name) else { return };
    let prefix = prefix(source, &classes[own]).unwrap_or_default();
    let mut family = vec![own];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        let class = &classes[member];
        for (n, other) in classes.iter().enumerate() {
            let related = class.bases.contains(&other.name) || other.bases.contains(&class.name);
            if related && !family.contains(&n) {
                family.push(n);
            }
        }
        next += 1;
    }
    for member in family {
        let class = &classes[member];
        // Its own head has nothing to add.
        if member != own && !source.is_new_reader(class.name) {
            continue;
        }
        fields(source, &self::prefix(source, class).unwrap_or_else(|| prefix.clone()), class.body, reads);
    }
}

/// The name of the class of which the word at `at` is one of the bases; these may stand on lines of their own.
fn head_around<'s>(source: &'s Source<'_>, at: usize) -> Option<&'s [u8]> {
    let behind = source.behind(at, HEAD);
    let line =
        memmem::rfind(behind, b"\nclass ").map(|n| n + 1).or(behind.starts_with(b"class ").then_some(0))?;
    let head = &behind[line..];
    let is_open = memchr(b'(', head).is_some_and(|open| memchr(b')', &head[open..]).is_none());
    is_open.then(|| word(&head[6..]))
}

fn classes<'s>(source: &'s Source<'_>) -> Vec<Class<'s>> {
    let mut found = Vec::new();
    for at in memmem::find_iter(&source.text, b"class ") {
        if at > 0 && source.byte(at - 1) != b'\n' {
            continue;
        }
        let name = word(source.right(at + 6));
        let open = at + 6 + name.len();
        if name.is_empty() || source.byte(open) != b'(' {
            continue;
        }
        let inside = &source.ahead(open + 1, HEAD)[..closing(source.ahead(open + 1, HEAD))];
        let bases = inside.split(|b| *b == b',').map(<[u8]>::trim_ascii);
        let bases = bases.map(|base| base.rsplit(|b| *b == b'.').next().unwrap_or(base)).collect();
        let end = open + 1 + inside.len();
        let line = memchr(b'\n', source.ahead(end, 200)).map_or(source.text.len(), |n| end + n + 1);
        found.push(Class { name, bases, body: line });
    }
    found
}

/// What `env_prefix` says in the class.
fn prefix(source: &Source<'_>, class: &Class<'_>) -> Option<String> {
    let body = body(source, class.body);
    let sign = memmem::find(body, b"env_prefix")?;
    let equals = memchr(b'=', &body[sign..]).or_else(|| memchr(b':', &body[sign..]))?;
    defaults::literal(source, class.body + sign + equals + 1).map(|range| text(&source.text[range]))
}

/// The lines of the class that begins at `start`.
fn body<'s>(source: &'s Source<'_>, start: usize) -> &'s [u8] {
    let rest = source.ahead(start, BODY);
    let mut end = 0;
    for line in rest.split_inclusive(|b| *b == b'\n') {
        if !matches!(line[0], b' ' | b'\t' | b'\n' | b'\r' | b'#' | b')') {
            break;
        }
        end += line.len();
    }
    &rest[..end]
}

fn fields(source: &Source<'_>, prefix: &str, mut start: usize, reads: &mut Vec<Read>) {
    let mut depth = None;
    for line in body(source, start).split_inclusive(|b| *b == b'\n') {
        let offset = start;
        start += line.len();
        let indent = line.len() - line.trim_ascii_start().len();
        if line.trim_ascii().is_empty() || indent == 0 {
            continue;
        }
        let depth = *depth.get_or_insert(indent);
        if indent == depth && source.at(offset + indent) == At::Code {
            field(source, prefix, offset + indent..offset + line.len(), reads);
        }
    }
}

/// `name: Type = default`, `name: Type = Field(default, env="X")`.
fn field(source: &Source<'_>, prefix: &str, line: Range<usize>, reads: &mut Vec<Read>) {
    let declared = &source.text[line.clone()];
    let name = word(declared);
    let rest = declared[name.len()..].trim_ascii();
    if name.is_empty()
        || name.starts_with(b"_")
        || matches!(name, b"model_config" | b"class" | b"def" | b"else" | b"try")
        || !rest.starts_with(b":")
        || memmem::find(rest, b"ClassVar").is_some()
    {
        return;
    }
    let span = line.start..line.start + name.len();
    let call = memmem::find(declared, b"Field(").map(|n| line.start + n + 6);
    let value = memchr(b'=', declared).map(|n| line.start + n + 1);
    let own = call.map(|call| own_names(source, call)).unwrap_or_default();
    let names = if own.is_empty() {
        vec![(format!("{prefix}{}", text(name)), span.clone())]
    } else {
        own.into_iter().map(|own| (text(&source.text[own.clone()]), own)).collect()
    };
    let has_default = match call {
        Some(call) => is_given(source, call),
        None => value.is_some(),
    };
    let default = value
        .filter(|_| has_default)
        .and_then(|value| defaults::literal(source, value))
        .filter(|range| range.end < line.end);
    for (name, span) in names {
        reads.push(Read {
            span,
            name: name.to_ascii_uppercase(),
            receiver: Some(text(word(declared))),
            has_default,
            default: default.clone(),
        });
    }
}

/// The arguments of the call that is open before `call`.
fn arguments<'s>(source: &'s Source<'_>, call: usize) -> &'s [u8] {
    let rest = source.ahead(call, 800);
    &rest[..closing(rest)]
}

/// By pydantic's documentation: `env` in its first version, an alias in its second, of which several may be chosen from.
fn own_names(source: &Source<'_>, call: usize) -> Vec<Range<usize>> {
    let inside = arguments(source, call);
    let sign = [&b"validation_alias="[..], b"env=", b"alias="]
        .iter()
        .find_map(|sign| memmem::find(inside, sign).map(|n| n + sign.len()));
    let Some(sign) = sign else { return Vec::new() };
    let mut from = call + sign;
    let choice = [&b"AliasChoices("[..], b"["].into_iter().find(|open| source.right(from).starts_with(open));
    from += choice.map_or(0, <[u8]>::len);
    let mut names = Vec::new();
    while let Some(name) = literal(source, from) {
        let rest = source.ahead(name.end + 1, 80);
        from = name.end + 1 + rest.len();
        names.push(name);
        let Some(next) = rest.trim_ascii_start().strip_prefix(b",").filter(|_| choice.is_some()) else {
            break;
        };
        from -= next.trim_ascii_start().len();
    }
    names
}

/// The field has a default: its first argument, unless that is `...` or another argument's name, or one by name.
fn is_given(source: &Source<'_>, call: usize) -> bool {
    let inside = arguments(source, call);
    let text = inside.trim_ascii_start();
    let first = text.strip_prefix(word(text)).unwrap_or(text);
    let named = first.len() < text.len() && first.trim_ascii_start().starts_with(b"=");
    memmem::find(inside, b"default=").is_some()
        || memmem::find(inside, b"default_factory=").is_some()
        || !text.is_empty() && !named && !text.starts_with(b"...")
}
