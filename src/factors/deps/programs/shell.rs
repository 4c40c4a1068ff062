//! The programs that a shell command runs, as far as they are literal.

/// Words that run the word after them.
const PREFIXES: [&str; 9] = ["sudo", "env", "exec", "nohup", "time", "nice", "command", "then", "do"];

/// The first word of every part of a command line.
pub fn programs(line: &str) -> Vec<String> {
    parts(line).iter().filter_map(|part| program(part)).collect()
}

/// Cuts at `|`, `&`, `;` and line ends outside of quotes; a quoted or substituted part is not looked into.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = parts.len() - 1;
        match (quote, letter) {
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            // `2>&1` and `&>` redirect.
            (None, '&') if parts[last].ends_with('>') || letters.peek() == Some(&'>') => {}
            (None, '|' | '&' | ';' | '\n') => {
                parts.push(String::new());
                continue;
            }
            // What is in a substitution is another command, and ends with its parenthesis.
            (None, '(') if parts[last].ends_with('$') => {
                let _ = letters.by_ref().find(|letter| *letter == ')');
            }
            _ => {}
        }
        parts[last].push(letter);
    }
    parts
}

fn program(part: &str) -> Option<String> {
    let part = part.trim_start_matches(['(', '{', '!', ' ']);
    let mut words = part.split_whitespace();
    let word = loop {
        let word = words.next()?;
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        });
        // `if`, `for` and their kind run no program of their own name, and what follows may be anything.
        if ["if", "for", "while", "case", "function", "until", "[", "[["].contains(&word) {
            return None;
        }
        if !is_assignment && !PREFIXES.contains(&word) && !word.starts_with('-') {
            break word;
        }
    };
    literal(word)
}

/// A name that nothing fills in.
pub fn literal(word: &str) -> Option<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "._+-/".contains(letter);
    let begins =
        word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/' || first == '.');
    (begins && word.len() > 1 && word.chars().all(is_name)).then(|| word.to_owned())
}
