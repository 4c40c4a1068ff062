//! The options of a line, as pip's own option parser takes them: quoted words, `=` or a space before the value,
//! long names cut short while they stay unique.

/// An option that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `-r`, `-c`.
    Nested {
        /// As written.
        path: String,
        /// `-c`.
        is_constraint: bool,
    },
    /// `-e`.
    Editable(String),
    /// `-i`, `--extra-index-url`, `-f`.
    Index(String),
    /// `--hash`.
    Hash,
    /// `--require-hashes`.
    RequireHashes,
    /// Any other option of the file, by its name.
    OfFile(&'static str),
    /// Any other option of one requirement.
    OfRequirement,
    /// An option that pip takes no more, by its name.
    Gone(&'static str),
    /// A word that belongs to no option; pip passes over it without a word.
    Stray(String),
}

impl Given {
    /// The value of `-e`.
    pub fn editable(&self) -> Option<&str> {
        if let Self::Editable(value) = self { Some(value) } else { None }
    }

    /// For a sentence; values are not shown.
    pub fn shown(&self) -> &str {
        match self {
            Self::Nested { is_constraint: true, .. } => "`--constraint`",
            Self::Nested { .. } => "`--requirement`",
            Self::Editable(_) => "`--editable`",
            Self::Index(_) => "an index",
            Self::Hash => "`--hash`",
            Self::RequireHashes => "`--require-hashes`",
            Self::OfFile(name) | Self::Gone(name) => name,
            Self::OfRequirement => "an option of a requirement",
            Self::Stray(_) => "a further word",
        }
    }
}

/// Long name, short name, whether it takes a value. The list is that of pip's manual, "Supported options", with the
/// ones that older pips took.
const OPTIONS: [(&str, &str, bool); 24] = [
    ("--index-url", "-i", true),
    ("--pypi-url", "", true),
    ("--extra-index-url", "", true),
    ("--no-index", "", false),
    ("--find-links", "-f", true),
    ("--constraint", "-c", true),
    ("--requirement", "-r", true),
    ("--editable", "-e", true),
    ("--no-binary", "", true),
    ("--only-binary", "", true),
    ("--prefer-binary", "", false),
    ("--require-hashes", "", false),
    ("--pre", "", false),
    ("--trusted-host", "", true),
    ("--use-feature", "", true),
    ("--install-option", "", true),
    ("--global-option", "", true),
    ("--config-settings", "-C", true),
    ("--hash", "", true),
    ("--allow-external", "", true),
    ("--allow-unverified", "", true),
    ("--allow-all-external", "", false),
    ("--always-unzip", "-Z", false),
    ("--no-use-wheel", "", false),
];

/// The digests that pip takes.
const DIGESTS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// The options that pip once took and now refuses.
const GONE: [&str; 5] =
    ["--allow-external", "--allow-unverified", "--allow-all-external", "--always-unzip", "--no-use-wheel"];
/// The options that belong to one requirement.
const OF_REQUIREMENT: [&str; 3] = ["--install-option", "--global-option", "--config-settings"];

/// Reads the part of a line that begins with the first hyphen.
pub fn read(text: &str) -> Result<Vec<Given>, String> {
    let mut given = Vec::new();
    let mut words = words(text)?.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            given.extend(words.map(Given::Stray));
            break;
        }
        if !word.starts_with('-') || word == "-" {
            given.push(Given::Stray(word));
            continue;
        }
        let (name, takes_value, mut value) = known(&word)?;
        if takes_value && value.is_none() {
            value = Some(words.next().ok_or_else(|| format!("the option `{name}` has no value"))?);
        } else if !takes_value && value.is_some() {
            return Err(format!("the option `{name}` takes no value"));
        }
        given.push(meaning(name, value.unwrap_or_default())?);
    }
    Ok(given)
}

/// Long name, whether it takes a value, and the value that stands in the same word.
fn known(word: &str) -> Result<(&'static str, bool, Option<String>), String> {
    let unknown = || format!("no such option: `{}`", word.split('=').next().unwrap_or_default());
    if !word.starts_with("--") {
        let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
        let (long, _, takes) =
            OPTIONS.iter().find(|(_, short, _)| *short == &word[..end]).ok_or_else(unknown)?;
        let value = (end < word.len()).then(|| word[end..].to_owned());
        return Ok((long, *takes, value));
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word, None),
    };
    let exact = OPTIONS.iter().find(|(long, ..)| *long == name);
    let mut begun = OPTIONS.iter().filter(|(long, ..)| long.starts_with(name));
    let only = begun.next().filter(|_| begun.next().is_none());
    let (long, _, takes) = exact.or(only).ok_or_else(unknown)?;
    Ok((long, *takes, value))
}

fn meaning(name: &'static str, value: String) -> Result<Given, String> {
    Ok(match name {
        "--requirement" => Given::Nested { path: value, is_constraint: false },
        "--constraint" => Given::Nested { path: value, is_constraint: true },
        "--editable" => Given::Editable(value),
        "--index-url" | "--pypi-url" | "--extra-index-url" | "--find-links" => Given::Index(value),
        "--require-hashes" => Given::RequireHashes,
        "--hash" => match value.split_once(':') {
            Some((digest, _)) if DIGESTS.contains(&digest) => Given::Hash,
            Some((digest, _)) => return Err(format!("`{digest}` is no digest that pip takes")),
            None => return Err("a hash is written `sha256:…`".to_owned()),
        },
        _ if GONE.contains(&name) => Given::Gone(name),
        _ if OF_REQUIREMENT.contains(&name) => Given::OfRequirement,
        _ => Given::OfFile(name),
    })
}

/// Words as a POSIX shell cuts them, without expansions.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let part = quoted(&mut letters, '\'')?;
                word.get_or_insert_default().push_str(&part);
            }
            '"' => {
                let part = quoted(&mut letters, '"')?;
                word.get_or_insert_default().push_str(&part);
            }
            '\\' => {
                word.get_or_insert_default().push(letters.next().ok_or("a backslash with nothing after it")?);
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(letters: &mut std::str::Chars<'_>, quote: char) -> Result<String, String> {
    let mut part = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter == quote => return Ok(part),
            '\\' if quote == '"' => {
                let next = letters.next().ok_or("a quote is not closed")?;
                if next != '"' && next != '\\' {
                    part.push('\\');
                }
                part.push(next);
            }
            _ => part.push(letter),
        }
    }
    Err("a quote is not closed".to_owned())
}
