//! Fields that a library fills from the environment: Go's struct tags, Spring's `@Value`, clap's `env`, pydantic's settings.

use memchr::{memchr, memmem};

use super::super::language::Language;
use super::super::source::Source;
use super::{Read, is_variable};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn word(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()]
}

/// Go's `env:"PORT" envDefault:"8080"` and clap's `env = "PORT"`. `end` is where the name begins.
pub fn tag(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let name = word(source.right(end));
    let closed = matches!(source.byte(end + name.len()), b'"' | b',');
    if !closed || !is_variable(name) || !matches!(source.language, Language::Go | Language::Rust) {
        return;
    }
    let rest = source.right(end + name.len());
    let (receiver, word_of_default) = if source.language == Language::Go {
        (text(word(source.left(at).trim_ascii_start())), &b"efault:\""[..])
    } else {
        if memmem::find(source.left(at), b"#[").is_none() {
            return;
        }
        let below = source.ahead(end, 300);
        let line = memchr(b'\n', below).map_or(&b""[..], |n| &below[n + 1..]);
        let field = line.trim_ascii_start();
        let field = field.strip_prefix(b"pub ").unwrap_or(field);
        (text(word(field)), &b"default_value"[..])
    };
    let default = memmem::find(rest, word_of_default).map(|n| n + word_of_default.len());
    let literal = default.and_then(|n| {
        super::defaults::literal(source, end + name.len() + n - usize::from(source.language == Language::Go))
    });
    reads.push(Read {
        span: at..end + name.len() + 1,
        name: text(name),
        receiver: Some(receiver).filter(|r| !r.is_empty()),
        has_default: default.is_some(),
        default: literal,
    });
}

/// `@Value("${NAME:default}")`; `end` is behind the brace.
pub fn annotation(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    if !matches!(source.language, Language::Java | Language::Kotlin) {
        return;
    }
    let rest = source.right(end);
    let Some(close) = memchr(b'}', rest) else { return };
    let colon = memchr(b':', &rest[..close]);
    let name = &rest[..colon.unwrap_or(close)];
    if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')) {
        return;
    }
    // The field or parameter that follows: its name is the last word before `;`, `=`, `,` or `)`.
    let behind = source.ahead(end + close, 200);
    let declaration = memchr(b')', behind).map_or(&b""[..], |n| &behind[n + 1..]);
    let stop =
        declaration.iter().position(|b| matches!(b, b';' | b'=' | b',' | b')' | b':' | b'{')).unwrap_or(0);
    let field = declaration[..stop]
        .trim_ascii_end()
        .rsplit(|b| !(b.is_ascii_alphanumeric() || *b == b'_'))
        .next()
        .unwrap_or_default();
    reads.push(Read {
        span: at..end + close + 1,
        name: text(name),
        receiver: Some(text(field)).filter(|field| !field.is_empty()),
        has_default: colon.is_some(),
        default: colon.map(|colon| end + colon + 1..end + close),
    });
}

/// pydantic's `class Settings(BaseSettings):` reads each field from the variable of its name. `end` is behind the word.
pub fn settings_class(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let left = source.left(at).trim_ascii_start();
    if source.language != Language::Python || !left.starts_with(b"class ") || !source.mentions("pydantic") {
        return;
    }
    let body = source.ahead(end, 8 << 10);
    let prefix = memmem::find(body, b"env_prefix")
        .and_then(|n| super::defaults::literal(source, end + n + 10))
        .map(|range| text(&source.text[range]))
        .unwrap_or_default();
    let mut start = end;
    for line in body.split_inclusive(|b| *b == b'\n').skip(1) {
        if start == end {
            start += memchr(b'\n', body).map_or(0, |n| n + 1);
        }
        let offset = start;
        start += line.len();
        let indent = line.len() - line.trim_ascii_start().len();
        if indent == 0 && !line.trim_ascii().is_empty() {
            break;
        }
        let field = word(line.trim_ascii_start());
        let rest = line.trim_ascii_start()[field.len()..].trim_ascii();
        if indent != 4
            || field.is_empty()
            || field == b"model_config"
            || !rest.starts_with(b":")
            || matches!(field, b"class" | b"def" | b"else" | b"try")
        {
            continue;
        }
        let equals = memchr(b'=', line);
        reads.push(Read {
            span: offset + indent..offset + indent + field.len(),
            name: format!("{prefix}{}", text(field)).to_ascii_uppercase(),
            receiver: Some(text(field)),
            has_default: equals.is_some_and(|n| !line[n + 1..].trim_ascii().starts_with(b"Field(...")),
            default: equals
                .and_then(|n| super::defaults::literal(source, offset + n + 1))
                .filter(|range| range.end < offset + line.len()),
        });
    }
}
