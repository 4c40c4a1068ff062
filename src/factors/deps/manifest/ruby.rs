//! `Gemfile` and `gems.rb`: the lines that begin with `gem`. It is a program; what it computes cannot be seen here.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;

/// Reads a whole file.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let mut manifest = empty(text, Ecosystem::RubyGems, Dialect::Gem);
    // Blocks that are open, each with whether it is a group of development, and whether it is of a platform.
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
            blocks.push((content.starts_with("group") && is_dev, is_conditional));
        } else if content == "end" {
            blocks.pop();
        }
        is_known |= STATEMENTS.iter().any(|word| is_statement(content, word));
        if is_statement(content, "eval_gemfile") || content.contains("{ |") && content.contains(" gem ") {
            manifest.unseen.push(format!("`{content}` is computed"));
        }
        let Some(arguments) = content.strip_prefix("gem ").or_else(|| content.strip_prefix("gem(")) else {
            continue;
        };
        let in_dev = blocks.iter().any(|(is_dev, _)| *is_dev) || is_dev && content.contains("group");
        let scope = if in_dev { Scope::Dev } else { Scope::Run };
        let plain = literals(arguments).filter(|_| !arguments.contains("#{"));
        let Some((name, constraint)) = plain else {
            manifest.unseen.push(format!("`{content}` is computed"));
            continue;
        };
        let place = text.place(at..at + content.len());
        let mut one = declared(name.to_owned(), &constraint, verdict(arguments, &constraint), scope, place);
        one.is_conditional = blocks.iter().any(|(_, conditional)| *conditional)
            || [" if ", " unless ", "platform", "install_if"].iter().any(|word| content.contains(word));
        manifest.declared.push(one);
    }
    if is_known { Ok(manifest) } else { Err("nothing in it is a statement of Bundler's".to_owned()) }
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

/// The name and the constraints after it: the quoted texts before the first keyword.
fn literals(arguments: &str) -> Option<(&str, String)> {
    let mut all = Vec::new();
    for part in arguments.split(',') {
        let part = part.split(" #").next().unwrap_or(part).trim().trim_matches(['[', ']', ')', '(']).trim();
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
    let has = |key: &str| arguments.contains(&format!("{key}:")) || arguments.contains(&format!(":{key} =>"));
    if has("path") {
        return Verdict::Local;
    }
    if has("git") || has("github") || has("gist") || has("bitbucket") {
        let revision = arguments.split_once("ref:").or_else(|| arguments.split_once(":ref =>"));
        let revision = revision
            .and_then(|(_, rest)| rest.trim().trim_start_matches(['\'', '"']).split(['\'', '"']).next());
        return commit_or_branch(revision, false);
    }
    super::verdict(constraint, true)
}
