//! Code that branches on the name of the environment.

use std::ops::Range;

use memchr::memmem;

use super::assign::is_name_byte;
use super::hits::{Hit, Rank};
use super::language::{Language, Role};
use super::names;
use super::receiver::name_ending;
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
    if !(closed || atom && !is_name_byte(source.byte(end))) || !is_program(source) {
        return;
    }
    let open = at - 1;
    if let Some(span) = left_side(source, open).or_else(|| right_side(source, end + usize::from(closed)))
        && (atom || matches!(source.at(at), At::Text(_)))
    {
        push(source, span.start.min(open)..span.end.max(end + usize::from(closed)), hits);
    }
}

fn is_program(source: &Source<'_>) -> bool {
    source.language.is_program()
        && matches!(source.role, Role::Program | Role::Test)
        && !matches!(source.language, Language::Sql)
}

/// What stands before a comparison with the text at `open`.
fn left_side(source: &Source<'_>, open: usize) -> Option<Range<usize>> {
    let left = source.left(open);
    let start = open - left.len();
    let mut before = left.trim_ascii_end();
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

/// The operand ends in an environment's name: `env`, `APP_ENV`, `process.env.NODE_ENV`, `os.environ["APP_ENV"]`, `get("ENV")`.
fn environment_operand(operand: &[u8]) -> Option<Range<usize>> {
    let mut end = operand.len();
    while end > 0 && matches!(operand[end - 1], b'"' | b'\'' | b')' | b']' | b'}' | b'(' | b'$' | b' ') {
        end -= 1;
    }
    let mut name = name_ending(operand, end)?;
    // `.lower()` and kin change nothing; a default before the bracket is passed over too.
    let calls = [&b".lower"[..], b".toLowerCase", b".strip", b".to_s", b".downcase", b".trim"];
    if let Some(call) = calls.iter().find(|call| operand[name.clone()].ends_with(call)) {
        end = name.end - call.len();
        while end > 0 && matches!(operand[end - 1], b'"' | b'\'' | b')' | b']') {
            end -= 1;
        }
        name = name_ending(operand, end)?;
    }
    if names::says_environment(&operand[name.clone()]) {
        return Some(name);
    }
    // `get("APP_ENV", "development") == …`: the first argument is the name.
    let open = operand[..name.start].iter().rposition(|b| *b == b'(')?;
    let first = operand[open + 1..]
        .iter()
        .skip_while(|b| matches!(b, b'"' | b'\''))
        .take_while(|b| is_name_byte(**b))
        .count();
    let first = open + 2..(open + 2 + first).min(operand.len());
    names::says_environment(&operand[first.clone()]).then_some(first)
}

/// `"production" == env`, and the branches of a switch over it.
fn right_side(source: &Source<'_>, end: usize) -> Option<Range<usize>> {
    let right = source.right(end);
    let spaces = right.len() - right.trim_ascii_start().len();
    let rest = &right[spaces..];
    if let Some(operator) =
        [&b"==="[..], b"!==", b"==", b"!=", b".equals("].iter().find(|operator| rest.starts_with(operator))
    {
        let from =
            operator.len() + (rest[operator.len()..].len() - rest[operator.len()..].trim_ascii_start().len());
        let length = rest[from..].iter().take_while(|b| is_name_byte(**b) || **b == b'$').count();
        let at = end + spaces + from;
        return names::says_environment(&rest[from..from + length]).then_some(at..at + length);
    }
    let left = source.left(end);
    let case = [&b"case "[..], b"when "].iter().any(|word| left.trim_ascii_start().starts_with(word));
    (case && is_switch(source, end)).then_some(end..end)
}

/// The switch that the branch belongs to is over an environment's name.
fn is_switch(source: &Source<'_>, at: usize) -> bool {
    let behind = source.behind(at, 1500);
    let Some(head) = [&b"switch"[..], b"case ", b"match "]
        .iter()
        .filter_map(|word| memmem::rfind(&behind[..behind.len().saturating_sub(20)], word))
        .max()
    else {
        return false;
    };
    let line = &behind[head..];
    let line = &line[..line.iter().position(|b| *b == b'\n').unwrap_or(line.len())];
    line.split(|b| !(is_name_byte(*b))).any(names::says_environment)
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
        _ => {
            source.left(at).trim_ascii_start().len() < 400
                && !memmem::find(source.left(at), b"def ").is_some_and(|_| true)
                && memmem::find(source.left(at), b"bool ").is_none()
        }
    };
    if fits {
        push(source, at..end, hits);
    }
}

fn push(source: &Source<'_>, span: Range<usize>, hits: &mut Vec<Hit>) {
    hits.push(Hit {
        rule: &rules::ENV_GROUP,
        rank: Rank::Group,
        level: if source.role == Role::Test { Level::Note } else { Level::Warn },
        message: "the code branches on the name of the environment".to_owned(),
        help: "read what differs from a variable of its own".to_owned(),
        public_prefix: None,
        span,
    });
}
