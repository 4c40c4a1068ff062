//! Code that branches on the name of the environment.

use std::ops::Range;

use memchr::memmem;

use super::assign::is_name_byte;
use super::built::{self, Made};
use super::hits::{Hit, Rank};
use super::language::{Language, Role};
use super::names;
use super::receiver::{innermost, name_ending};
use super::rules;
use super::source::{At, Source};
use crate::factors::finding::Level;

/// Names of groups, as a text is compared with them.
pub const GROUPS: &[&str] = &["production", "development", "staging", "prod", "dev", "stage", "test"];

/// Calls and members that are such a comparison by themselves.
pub const QUESTIONS: &[&str] = &[
    "rails.env.",
    "isproduction()",
    "isdevelopment()",
    "isstaging()",
    "isenvironment(",
    "->environment(",
    "app::environment(",
    "import.meta.env.prod",
    "import.meta.env.dev",
    "mix.env",
    "config_env()",
    "sinatra.env",
    "@profile(",
];

/// `at..end` may be the text that is compared: `== "production"`, `case "production":`, `"production" === env`.
pub fn compared(source: &Source<'_>, at: usize, end: usize, hits: &mut Vec<Hit>) {
    let quote = source.byte(at.wrapping_sub(1));
    let atom = quote == b':' && matches!(source.language, Language::Elixir | Language::Ruby);
    let closed = matches!(quote, b'"' | b'\'' | b'`') && source.byte(end) == quote;
    if !is_program(source) {
        return;
    }
    if !(closed || atom && !is_name_byte(source.byte(end))) {
        if source.language == Language::Shell && is_pattern(source, at, end) {
            push(source, at..end, hits);
        }
        return;
    }
    let open = at - 1;
    if let Some(span) =
        left_side(source, open).or_else(|| right_side(source, open, end + usize::from(closed)))
        && (atom || matches!(source.at(at), At::Text(_)))
    {
        push(source, span.start.min(open)..span.end.max(end + usize::from(closed)), hits);
    }
}

/// Shell's `case "$ENV" in production|staging)`.
fn is_pattern(source: &Source<'_>, at: usize, end: usize) -> bool {
    let left = source.left(at).trim_ascii();
    let begins = left.is_empty() || left.ends_with(b"|") || left.ends_with(b"(") || left.ends_with(b" in");
    let ends = matches!(source.right(end).trim_ascii_start().first(), Some(b')' | b'|'));
    begins && ends && source.at(at) == At::Code && is_switch(source, at)
}

fn is_program(source: &Source<'_>) -> bool {
    source.language.is_program()
        && matches!(source.role, Role::Program | Role::Test)
        && !matches!(source.language, Language::Sql)
        && built::made(source) != Made::Built
}

/// What stands before a comparison with the text at `open`.
fn left_side(source: &Source<'_>, open: usize) -> Option<Range<usize>> {
    let left = source.left(open);
    let start = open - left.len();
    let mut before = left.trim_ascii_end();
    // Rust's `== Ok("production")`, `== &"production"`.
    for wrapper in [&b"Ok("[..], b"Some(", b"&", b"String::from("] {
        before = before.strip_suffix(wrapper).map_or(before, <[u8]>::trim_ascii_end);
    }
    // `in ("production", "staging")`: the list begins further left.
    if let Some(list) = in_list(before) {
        before = list;
    }
    let operators = [
        &b"==="[..],
        b"!==",
        b"==",
        b"!=",
        b" =",
        b" -eq",
        b".equals(",
        b".equalsIgnoreCase(",
        b".eql?(",
        b" in",
        b" not in",
        b".Equals(",
        b"strcmp(",
    ];
    let operator = operators.iter().find(|operator| before.ends_with(operator))?;
    if matches!(*operator, b" =") && source.language != Language::Shell {
        return None;
    }
    let operand = before[..before.len() - operator.len()].trim_ascii_end();
    if operator.ends_with(b"in") && memmem::find(operand, b"for ").is_some() {
        return None;
    }
    environment_operand(operand).map(|range| start + range.start..start + range.end)
}

fn in_list(before: &[u8]) -> Option<&[u8]> {
    let open = before.iter().rposition(|b| matches!(b, b'(' | b'[' | b'{'))?;
    let inside = &before[open + 1..];
    let only_texts = inside.iter().all(|b| is_name_byte(*b) || matches!(b, b'"' | b'\'' | b',' | b' '));
    let head = before[..open].trim_ascii_end();
    (only_texts && (head.ends_with(b" in") || head.ends_with(b"includes"))).then_some(head)
}

/// The operand ends in an environment's name: `env`, `APP_ENV`, `process.env.NODE_ENV`, `os.environ["APP_ENV"]`,
/// `get("ENV", "x")`, with calls on it that change nothing of what it is.
fn environment_operand(operand: &[u8]) -> Option<Range<usize>> {
    let mut end = operand.len();
    for _ in 0..8 {
        let rest = &operand[..end];
        end = rest.len() - rest.iter().rev().take_while(|b| b"\"'?!}$ ".contains(b)).count();
        if end > 0 && matches!(operand[end - 1], b')' | b']') {
            let (open, _) = innermost(&operand[..end - 1])?;
            if let Some(first) = first_argument(operand, open + 1..end - 1) {
                return Some(first);
            }
            end = open;
            continue;
        }
        let name = name_ending(operand, end)?;
        if names::says_environment(&operand[name.clone()]) {
            return Some(name);
        }
        // `.lower()` and kin: what they are called on.
        let dot = memchr::memrchr(b'.', &operand[name.clone()])?;
        let call = operand[name.start + dot + 1..end].to_ascii_lowercase();
        if !SAME.iter().any(|same| same.as_bytes() == call) {
            return None;
        }
        end = name.start + dot;
    }
    None
}

/// The first argument, or what stands in brackets around it, is the name.
fn first_argument(operand: &[u8], inside: Range<usize>) -> Option<Range<usize>> {
    let text = &operand[inside.clone()];
    let skipped = text.iter().take_while(|b| matches!(b, b'"' | b'\'' | b':' | b'$')).count();
    let length = text[skipped..].iter().take_while(|b| is_name_byte(**b)).count();
    let name = inside.start + skipped..inside.start + skipped + length;
    if names::says_environment(&operand[name.clone()]) {
        return Some(name);
    }
    // `lower(getenv("APP_ENV"))`
    let call = text[skipped + length..].first() == Some(&b'(') && skipped == 0 && length > 0;
    call.then(|| environment_operand(&operand[..inside.end]))
        .flatten()
        .filter(|found| inside.start <= found.start)
}

/// Between the text and the environment's name, where the text comes first.
const OPERATORS_BEFORE: &[&[u8]] = &[
    b"===",
    b"!==",
    b"==",
    b"!=",
    b".equals(",
    b".equalsIgnoreCase(",
    b"].includes(",
    b"].include?(",
    b"].contains(",
    b").contains(",
];

/// Calls on the name that change nothing of what it is.
#[rustfmt::skip]
const SAME: &[&str] = &[
    "lower", "tolower", "tolowercase", "to_lowercase", "toupper", "touppercase", "strip", "trim", "to_s", "to_sym",
    "downcase", "upcase", "casefold", "as_str", "as_deref", "as_ref", "to_string", "tostring", "unwrap",
    "unwrap_or_default", "unwrap_or", "unwrap_or_else", "expect", "ok", "value", "inquiry", "lowercase", "clone",
];

/// `"production" == env`, and the branches of a switch over it.
fn right_side(source: &Source<'_>, open: usize, end: usize) -> Option<Range<usize>> {
    let right = source.right(end);
    let spaces = right.len() - right.trim_ascii_start().len();
    let rest = &right[spaces..];
    if let Some(operator) = OPERATORS_BEFORE.iter().find(|operator| rest.starts_with(operator)) {
        let from = rest.len() - rest[operator.len()..].trim_ascii_start().len();
        let length = rest[from..].iter().take_while(|b| is_name_byte(**b) || **b == b'$').count();
        let at = end + spaces + from;
        if names::says_environment(&rest[from..from + length]) {
            return Some(at..at + length);
        }
        // `getenv("APP_ENV")`, `env["APP_ENV"]`
        let open = from + length;
        let close = rest[open..].iter().position(|b| matches!(b, b')' | b']'))?;
        let inside = first_argument(rest, (open + 1).min(open + close)..open + close)?;
        return matches!(rest[open], b'(' | b'[').then_some(at..end + spaces + inside.end);
    }
    let left = source.left(open).trim_ascii_start();
    let case = [&b"case "[..], b"when "].iter().any(|word| left.starts_with(word));
    // `"production" => …`, `"production" -> …` in braces that a switch over it opens.
    let arm = [&b"=>"[..], b"->", b"|", b","].iter().any(|sign| rest.starts_with(sign))
        && matches!(
            source.language,
            Language::Rust
                | Language::Kotlin
                | Language::CSharp
                | Language::Php
                | Language::Java
                | Language::Braces
                | Language::Elixir
        );
    if case || arm && source.language == Language::Elixir && rest.starts_with(b"->") {
        return is_switch(source, open).then_some(end..end);
    }
    (arm && is_switch_around(source, open)).then_some(end..end)
}

/// The switch that the branch belongs to is over an environment's name.
fn is_switch(source: &Source<'_>, at: usize) -> bool {
    let behind = source.behind(at, 1500).trim_ascii_end();
    // The branch's own word is no head.
    let behind = behind.strip_suffix(b"case").or_else(|| behind.strip_suffix(b"when")).unwrap_or(behind);
    let mut lines = behind.rsplit(|b| *b == b'\n').map(<[u8]>::trim_ascii_start);
    let head = lines.find_map(|line| {
        let words = [&b"switch"[..], b"case ", b"match "];
        let head = &line[words.iter().filter_map(|word| memmem::find(line, word)).min()?..];
        (!is_branch(head)).then_some(head)
    });
    head.is_some_and(says_environment)
}

/// `case "x":`, `case A, B:`, and not `case env in`, `case env do`.
fn is_branch(line: &[u8]) -> bool {
    let text = line.strip_prefix(b"case ").map(<[u8]>::trim_ascii);
    text.is_some_and(|text| {
        matches!(text.last(), Some(b':' | b','))
            || memmem::find(text, b" in").is_none() && matches!(text.first(), Some(b'"' | b'\''))
    })
}

/// One of its words is an environment's name.
fn says_environment(head: &[u8]) -> bool {
    let operand = head.trim_ascii_end();
    let operand = operand.strip_suffix(b"{").unwrap_or(operand).trim_ascii_end();
    head.split(|b| !is_name_byte(*b)).any(names::says_environment) || environment_operand(operand).is_some()
}

/// The nearest open brace before `at` belongs to a switch over an environment's name.
fn is_switch_around(source: &Source<'_>, at: usize) -> bool {
    let behind = source.behind(at, 1500);
    let mut depth = 0;
    for (n, byte) in behind.iter().enumerate().rev() {
        match byte {
            b'}' => depth += 1,
            b'{' if depth > 0 => depth -= 1,
            b'{' => {
                let line = behind[..n].rsplit(|b| *b == b'\n').next().unwrap_or_default();
                let head = [&b"match "[..], b"match(", b"when ", b"when(", b"switch "]
                    .iter()
                    .filter_map(|word| memmem::rfind(line, word))
                    .max();
                // C#'s `env switch {` has its operand before the word.
                let own =
                    |head: usize| if source.language == Language::CSharp { line } else { &line[head..] };
                let last = || line.trim_ascii_end().ends_with(b" switch");
                return head
                    .map_or_else(|| last() && says_environment(line), |head| says_environment(own(head)));
            }
            _ => {}
        }
    }
    false
}

/// `at..end` is one of `QUESTIONS`.
pub fn asked(source: &Source<'_>, at: usize, end: usize, hits: &mut Vec<Hit>) {
    if !is_program(source) || source.at(at) != At::Code {
        return;
    }
    let word = source.text[at..end].to_ascii_lowercase();
    let rest = source.right(end);
    let fits = match &word[..] {
        b"rails.env." | b"sinatra.env" => memchr::memchr(b'?', &rest[..rest.len().min(24)]).is_some(),
        b"mix.env" | b"config_env()" => [&b" =="[..], b"() ==", b" !=", b"() !=", b"() in", b" in"]
            .iter()
            .any(|next| rest.starts_with(next)),
        b"->environment(" | b"app::environment(" | b"@profile(" | b"isenvironment(" => {
            rest.first().is_some_and(|b| matches!(b, b'\'' | b'"' | b'[' | b'{'))
        }
        b"import.meta.env.prod" | b"import.meta.env.dev" => !rest.first().is_some_and(|b| is_name_byte(*b)),
        _ => is_environments(source.left(at)) && !defines(source.left(at), rest),
    };
    if fits {
        push(source, at..end, hits);
    }
}

/// `isStaging()` stands alone, or is asked of an environment or of the app: an editor's surface has stages of its own.
fn is_environments(left: &[u8]) -> bool {
    let Some(before) = [&b"."[..], b"->", b"::"].iter().find_map(|sign| left.strip_suffix(*sign)) else {
        return true;
    };
    let before = before.strip_suffix(b"?").unwrap_or(before);
    let before = before.strip_suffix(b"()").unwrap_or(before);
    let owner = name_ending(before, before.len()).map_or(&b""[..], |name| &before[name]);
    let is_app = |word: &String| {
        matches!(
            word.as_str(),
            "env" | "environment" | "app" | "application" | "config" | "configuration" | "settings"
        )
    };
    names::says_environment(owner) || names::words(owner).last().is_some_and(is_app)
}

/// The question is defined here, and asked elsewhere.
fn defines(left: &[u8], rest: &[u8]) -> bool {
    left.len() >= 400
        || [&b"def "[..], b"bool ", b"function ", b"boolean ", b"fn ", b"func ", b"fun "]
            .iter()
            .any(|word| memmem::find(left, word).is_some())
        || left.trim_ascii().is_empty() && rest.trim_ascii_start().starts_with(b"{")
}

fn push(source: &Source<'_>, span: Range<usize>, hits: &mut Vec<Hit>) {
    hits.push(Hit {
        rule: &rules::ENV_GROUP,
        rank: Rank::Group,
        level: if source.role == Role::Test || built::made(source) != Made::Here {
            Level::Note
        } else {
            Level::Warn
        },
        message: "the code branches on the name of the environment".to_owned(),
        help: "read what differs from a variable of its own".to_owned(),
        public_prefix: None,
        span,
    });
}
