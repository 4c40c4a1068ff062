//! `check`: every finding in Procfile, `.env` and `twelve-run.toml`, each with its place. Starts nothing.

use super::Answer;
use crate::app::problem::{self, Level, Problem};
use crate::app::procfile::Entry;
use crate::app::{self, Reading, Typed, World};
use crate::error::Exit;
use serde_json::{Value, json};
use std::path::Path;

/// What other tools keep their options in; we do not read them.
const OTHERS: [&str; 6] =
    [".forego", ".ultraman", ".goreman", ".overmind.env", "Procfile.options", "process-compose.yaml"];

pub fn check(typed: &Typed, world: &World, json: bool, color: bool) -> Answer {
    let mut reading = app::load(typed, world);
    let found: Vec<Problem> = reading.entries.iter().filter_map(needs_bash).collect();
    reading.problems.extend(found);
    reading.problems.extend(others(&world.cwd));
    let exit = match reading.problems.iter().map(|problem| problem.level).max() {
        None => Exit::Done,
        Some(Level::Note | Level::Warning) => Exit::Failed,
        Some(Level::Error) => Exit::Usage,
    };
    let mut answer = Answer::ends(exit);
    if json {
        answer.data = format!("{:#}\n", as_json(&reading)).into_bytes();
        return answer;
    }
    answer.talk = problem::render(&reading.problems, color).into_bytes();
    if exit != Exit::Usage {
        let names: Vec<&str> = reading.entries.iter().map(|entry| entry.name.value.as_str()).collect();
        answer.data = format!("valid procfile detected ({})\n", names.join(", ")).into_bytes();
    }
    answer
}

fn as_json(reading: &Reading) -> Value {
    let types: Vec<Value> = reading
        .entries
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            let kind = reading.plan.as_ref().and_then(|plan| plan.types.get(at));
            json!({
                "name": entry.name.value,
                "command": entry.command.value.to_string_lossy(),
                "file": entry.name.place.source.name,
                "line": entry.name.place.line(),
                "count": kind.map(|kind| kind.count),
                "port": kind.and_then(|kind| kind.port),
            })
        })
        .collect();
    let problems: Vec<Value> = reading.problems.iter().map(Problem::to_json).collect();
    json!({ "schema": 1, "types": types, "problems": problems })
}

fn others(folder: &Path) -> Vec<Problem> {
    let there = OTHERS.iter().filter(|name| folder.join(name).exists());
    there
        .map(|name| {
            Problem::note(format!("`{name}` belongs to another tool and is not read"))
                .help("options have their place in `twelve-run.toml`")
        })
        .collect()
}

/// What `/bin/sh` need not know and bash does. Quoted text says nothing about it.
fn needs_bash(entry: &Entry) -> Option<Problem> {
    let command = entry.command.value.to_string_lossy();
    let bare = without_quotes(&command);
    let words: Vec<&str> = bare.split(|char: char| char.is_whitespace() || ";&|()".contains(char)).collect();
    let starts = |word: &str| {
        words.iter().enumerate().any(|(at, found)| {
            *found == word && (at == 0 || words[at - 1].is_empty() || opens(words[at - 1]))
        })
    };
    let cause = if starts("source") {
        "`source` is bash's; `.` is everybody's"
    } else if starts("[[") {
        "`[[` is bash's"
    } else if starts("pushd") || starts("popd") || starts("shopt") || starts("declare") {
        "it uses a builtin of bash"
    } else if words.windows(2).any(|pair| pair == ["wait", "-n"]) {
        "`wait -n` is bash's"
    } else if bare.contains("<(") || bare.contains(">(") {
        "process substitution is bash's"
    } else {
        return None;
    };
    let name = &entry.name.value;
    let problem = Problem::note(format!("`{name}` needs bash: {cause}")).at(entry.command.place.clone());
    Some(problem.help(format!("write `shell = \"bash\"` under `[process.{name}]` in twelve-run.toml")))
}

fn opens(word: &str) -> bool {
    ["then", "do", "else", "if", "while", "until", "!", "{", "exec", "time"].contains(&word)
}

/// The command with everything in quotes left out.
fn without_quotes(command: &str) -> String {
    let mut bare = String::new();
    let mut quote = None;
    let mut escaped = false;
    for char in command.chars() {
        match (quote, char) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => {
                quote = Some(char);
                bare.push('q');
            }
            (Some(open), char) if open == char => quote = None,
            (Some(_), _) => {}
            (None, char) => bare.push(char),
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::problem::Source;
    use crate::app::procfile;

    #[test]
    fn birth_7_commands_that_need_bash_are_told_and_others_are_not() {
        for (command, needs) in [
            ("source x; a", true),
            ("a && source x", true),
            ("if [[ -f x ]]; then a; fi", true),
            ("a & b & wait -n", true),
            ("diff <(a) <(b)", true),
            ("pushd x && a", true),
            ("echo source", false),
            ("echo '[[ x ]]' \"source y\"", false),
            ("wait", false),
            ("grep -n x", false),
            ("python -c 'a <(b)'", false),
            (". ./env; a", false),
        ] {
            let (entries, _) = procfile::parse(&Source::new("Procfile", format!("web: {command}\n")));
            assert_eq!(needs_bash(&entries[0]).is_some(), needs, "{command}");
        }
    }
}
