//! `Gemfile` and `gems.rb`: the lines that begin with `gem`. It is a program; what it computes cannot be seen here.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;

/// Reads a whole file.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let mut manifest = empty(text, Ecosystem::RubyGems, Dialect::Gem);
    // Blocks that are open, each with whether it or one around it is a group of development, or of a platform.
    let mut blocks: Vec<(bool, bool)> = Vec::new();
    let mut start = 0;
    let mut is_known =
        text.content.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    for line in text.content.split_inclusive('\n') {
        let at = start + line.len() - line.trim_start().len();
        start += line.len();
        let content = line.trim();
        if content.starts_with("gemspec") {
            manifest.kind = Kind::Library;
        }
        let is_dev = content.contains(":development") || content.contains(":test");
        if content.ends_with(" do")
            || content.ends_with('|') && content.contains(" do ")
            || content.starts_with("if ")
        {
            let is_conditional = !content.starts_with("group") && !content.starts_with("source");
            let (around, platform) = blocks.last().copied().unwrap_or_default();
            blocks.push((around || content.starts_with("group") && is_dev, platform || is_conditional));
        } else if content == "end" {
            blocks.pop();
        }
        is_known |= STATEMENTS.iter().any(|word| is_statement(content, word));
        if is_statement(content, "eval_gemfile") || content.contains("{ |") && content.contains(" gem ") {
            manifest.unseen.push(format!("`{content}` is computed"));
        }
        if !content.starts_with("gem ") && !content.starts_with("gem(") {
            continue;
        }
        let call = call(&text.content[at..]);
        let arguments = call.get("gem ".len()..).unwrap_or_default();
        let is_dev = is_dev || call.contains(":development") || call.contains(":test");
        let (in_group, in_platform) = blocks.last().copied().unwrap_or_default();
        let in_dev = in_group || is_dev && call.contains("group");
        let scope = if in_dev { Scope::Dev } else { Scope::Run };
        let plain = literals(arguments).filter(|_| !arguments.contains("#{"));
        let Some((name, constraint)) = plain else {
            manifest.unseen.push(format!("`{content}` is computed"));
            continue;
        };
        let place = text.place(at..at + content.len());
        let mut one = declared(name.to_owned(), &constraint, verdict(arguments, &constraint), scope, place);
        one.is_conditional = in_platform
            || [" if ", " unless ", "platform", "install_if"].iter().any(|word| call.contains(word));
        manifest.declared.push(one);
    }
    if !is_known {
        return Err("nothing in it is a statement of Bundler's".to_owned());
    }
    if is_cut(&text.content) { Err("a block, a quote or a call has no end".to_owned()) } else { Ok(manifest) }
}

/// More blocks begin than anything ends, or the last line goes on.
fn is_cut(text: &str) -> bool {
    let lines = || text.lines().map(|line| without_comment(line).trim()).filter(|line| !line.is_empty());
    let begins = |line: &&str| line.ends_with(" do") || line.ends_with('|') && line.contains(" do |");
    let ends = |line: &&str| line.split(|letter: char| !letter.is_alphanumeric()).next() == Some("end");
    let goes_on = |line: &str| {
        let quotes = |quote: char| line.matches(quote).count() % 2 == 1;
        line.ends_with(',') || quotes('"') && !line.contains('\'') || quotes('\'') && !line.contains('"')
    };
    lines().filter(begins).count() > lines().filter(ends).count() || lines().next_back().is_some_and(goes_on)
}

/// What files of this kind are made of.
const STATEMENTS: [&str; 7] = ["source", "gem", "gemspec", "ruby", "group", "git_source", "eval_gemfile"];

/// A line that begins with this word, as a call of it does.
fn is_statement(line: &str, word: &str) -> bool {
    let rest = line.strip_prefix(word);
    let is_call = |rest: &str| rest.trim_start_matches([' ', '(']).starts_with(['\'', '"', ':', '*']);
    rest.is_some_and(|rest| {
        rest.is_empty() || is_call(rest) || word == "gemspec" && rest.starts_with([' ', '('])
    })
}

/// The call that begins here: after a comma it goes on in the next line.
fn call(text: &str) -> String {
    let mut call = String::new();
    for line in text.lines() {
        let content = without_comment(line).trim();
        if content.is_empty() {
            continue;
        }
        // A comma before another call is a mistake: nobody reads all calls at each of them.
        if !call.is_empty() && is_statement(content, "gem") {
            break;
        }
        call.push_str(content);
        if !content.ends_with(',') {
            break;
        }
        call.push(' ');
    }
    call
}

/// A `#` begins a comment, unless it stands in quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (None, '#') => return &line[..at],
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    line
}

/// The name and the constraints after it: the quoted texts before the first keyword.
fn literals(arguments: &str) -> Option<(&str, String)> {
    let mut all = Vec::new();
    for part in arguments.split(',') {
        let part = part.trim().trim_matches(['[', ']', ')', '(']).trim();
        let Some(quote) = part.chars().next().filter(|quote| ['\'', '"'].contains(quote)) else { break };
        let Some(inner) = part[1..].split(quote).next().filter(|inner| inner.len() + 2 == part.len()) else {
            // `"name" if condition`, `"key" => value`.
            let inner = part[1..].split(quote).next().filter(|_| !part.contains("=>"));
            all.extend(inner);
            break;
        };
        all.push(inner);
    }
    let (name, constraints) = all.split_first()?;
    Some((name, constraints.join(", ")))
}

fn verdict(arguments: &str, constraint: &str) -> Verdict {
    let has = |key: &str| option(arguments, key).is_some();
    if has("path") {
        return Verdict::Local;
    }
    if ["git", "github", "gist", "bitbucket"].into_iter().any(has) {
        let quotes = ['\'', '"'];
        let revision = option(arguments, "ref")
            .and_then(|rest| rest.trim_start().trim_start_matches(quotes).split(quotes).next());
        return commit_or_branch(revision, false);
    }
    // One version is one version, whatever else is asked of it.
    let is_one = constraint.split(',').any(|term| super::verdict(term, true) == Verdict::Exact);
    if is_one { Verdict::Exact } else { super::verdict(constraint, true) }
}

/// What follows a keyword, in either way of writing: `git: …`, `:git => …`.
fn option<'a>(arguments: &'a str, key: &str) -> Option<&'a str> {
    arguments.match_indices(key).find_map(|(at, _)| {
        let rest = &arguments[at + key.len()..];
        match arguments[..at].chars().next_back()? {
            ':' => rest.trim_start().strip_prefix("=>"),
            ' ' | ',' | '{' => rest.strip_prefix(':').filter(|rest| !rest.starts_with(['/', ':'])),
            _ => None,
        }
    })
}
