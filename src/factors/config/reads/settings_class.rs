//! pydantic's settings: each field of the class is read from a variable.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::super::language::Language;
use super::super::source::{At, Source};
use super::calls::literal;
use super::defaults::{self, closing};
use super::{Read, text, word};

/// `class Settings(BaseSettings):` reads each field from the variable of its name, or from the one that the field names.
/// `end` is behind the word.
pub fn settings_class(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let left = source.left(at).trim_ascii_start();
    if source.language != Language::Python
        || !left.starts_with(b"class ")
        || !source.mentions("pydantic")
        || source.at(at) != At::Code
    {
        return;
    }
    let body = source.ahead(end, 8 << 10);
    let prefix = memmem::find(body, b"env_prefix")
        .and_then(|n| Some(end + n + memchr(b'=', source.right(end + n))? + 1))
        .and_then(|from| defaults::literal(source, from))
        .map(|range| text(&source.text[range]))
        .unwrap_or_default();
    let mut start = end + memchr(b'\n', body).map_or(body.len(), |n| n + 1);
    let mut depth = None;
    for line in source.ahead(start, 8 << 10).split_inclusive(|b| *b == b'\n') {
        let offset = start;
        start += line.len();
        let indent = line.len() - line.trim_ascii_start().len();
        if line.trim_ascii().is_empty() {
            continue;
        }
        if indent == 0 {
            break;
        }
        let depth = *depth.get_or_insert(indent);
        if indent == depth && source.at(offset + indent) == At::Code {
            field(source, &prefix, offset + indent..offset + line.len(), reads);
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
