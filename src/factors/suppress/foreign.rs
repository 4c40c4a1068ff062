//! What other tools were told to let pass, honoured for secrets alone, which is what they look for: marks in
//! lines, `.gitleaksignore` and `.secrets.baseline`, each by its tool's own documentation.

use crate::factors::digest;
use crate::factors::finding::Unchecked;
use regex::Regex;
use serde_json::Value;
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Marks for the line that they stand on; two are only heard in a comment, and bandit's and ruff's only when
/// they name no rule, or one about secrets and hosts.
static OWN_LINE: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("gitleaks:allow", r"\bgitleaks:allow\b"),
        ("betterleaks:allow", r"\bbetterleaks:allow\b"),
        ("trufflehog:ignore", r"\btrufflehog:ignore\b"),
        ("kingfisher:ignore", r"\bkingfisher:ignore\b"),
        ("ggignore", r"(#|//|--|/\*|<!--).*\bggignore\b"),
        ("pragma: allowlist secret", r"(?i)\bpragma: ?(allow|white)list[ -]secret\b"),
        ("nosec", r"#\s*nosec\b(\s*$|\s*[:#]?\s*([^B\s]|.*\bB10[4-7]\b))"),
        ("noqa", r"(?i)#\s*noqa(\s*$|:.*\bS10[4-7]\b)"),
    ]
    .into_iter()
    .filter_map(|(word, pattern)| Some((word, Regex::new(pattern).ok()?)))
    .collect()
});

/// The one mark that is about the next line.
const NEXT_LINE: &str = "pragma: allowlist nextline secret";

/// The mark that lets a finding on `line` pass.
pub fn mark(line: &str, above: &str) -> Option<&'static str> {
    let own = OWN_LINE.iter().find(|(_, pattern)| pattern.is_match(line)).map(|(word, _)| *word);
    own.or_else(|| above.contains(NEXT_LINE).then_some(NEXT_LINE))
}

/// What stands in the files of other tools.
#[derive(Debug, Default)]
pub struct Known {
    /// Path and line.
    gitleaks: BTreeSet<(String, u32)>,
    /// Path to digests of secrets.
    baseline: BTreeMap<String, BTreeSet<Vec<u8>>>,
    /// What could not be read.
    pub unchecked: Vec<Unchecked>,
}

impl Known {
    /// Reads both files, where they are.
    pub fn read(gitleaksignore: Option<&[u8]>, secrets_baseline: Option<&[u8]>) -> Self {
        let mut known = Self::default();
        let lines = gitleaksignore.map(String::from_utf8_lossy).unwrap_or_default();
        known.gitleaks = lines.lines().filter_map(gitleaks_line).collect();
        if let Some(bytes) = secrets_baseline {
            match serde_json::from_slice::<Value>(bytes) {
                Ok(baseline) => known.baseline = digests(&baseline),
                Err(_) => known.unchecked.push(Unchecked {
                    what: ".secrets.baseline".into(),
                    why: "it is no JSON, so nothing in it is let pass".into(),
                }),
            }
        }
        known
    }

    /// Which file lets this secret pass.
    pub fn lets_pass(&self, path: &str, line: u32, secret: Option<&[u8]>) -> Option<&'static str> {
        if self.gitleaks.contains(&(path.to_owned(), line)) {
            return Some(".gitleaksignore");
        }
        let known = self.baseline.get(path)?;
        known.contains(Sha1::digest(secret?).as_slice()).then_some(".secrets.baseline")
    }
}

/// `path:rule:line`, also behind a commit. Its rules are not ours, so the place alone counts.
fn gitleaks_line(line: &str) -> Option<(String, u32)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (rest, number) = line.rsplit_once(':')?;
    let (path, _rule) = rest.rsplit_once(':')?;
    let is_commit = |word: &str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let path = path.split_once(':').filter(|(commit, _)| is_commit(commit)).map_or(path, |(_, path)| path);
    Some((path.to_owned(), number.parse().ok()?))
}

/// The digests by path. What somebody has looked at and called a secret is none to let pass.
fn digests(baseline: &Value) -> BTreeMap<String, BTreeSet<Vec<u8>>> {
    let results = baseline["results"].as_object().into_iter().flatten();
    let of = |found: &Value| -> BTreeSet<Vec<u8>> {
        let entries = found.as_array().into_iter().flatten();
        let open = entries.filter(|entry| entry["is_secret"] != Value::Bool(true));
        open.filter_map(|entry| digest::unhex(entry["hashed_secret"].as_str()?)).collect()
    };
    results.map(|(path, found)| (path.trim_start_matches("./").to_owned(), of(found))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marks_of_others_are_heard_where_they_mean_it() {
        for (line, above, heard) in [
            ("k = 'x'  # gitleaks:allow", "", true),
            ("k = 'x'  // betterleaks:allow", "", true),
            ("k = 'x'  # pragma: allowlist secret", "", true),
            ("k = 'x'", "# pragma: allowlist nextline secret", true),
            ("k = 'x'  # nosec", "", true),
            ("k = 'x'  # nosec B105", "", true),
            ("k = 'x'  # nosec B602", "", false),
            ("k = 'x'  # noqa: E501, S105", "", true),
            ("k = 'x'  # noqa: E501", "", false),
            ("k = 'nosec'", "", false),
            ("nosecret = 'x'  # nosecrets here", "", false),
            ("k = 'x'", "# gitleaks:allow", false),
        ] {
            assert_eq!(mark(line, above).is_some(), heard, "{line}");
        }
        assert_eq!(OWN_LINE.len(), 8, "every pattern is sound");
    }

    #[test]
    fn files_of_others_let_pass_what_they_name_and_nothing_else() {
        let ignore = format!("# mine\nsrc/a.py:generic-api-key:7\n{}:b.py:aws:3\n", "a".repeat(40));
        let hashed = digest::hex(&Sha1::digest(b"hunter2"), 40);
        let real = digest::hex(&Sha1::digest(b"hunter3"), 40);
        let baseline = json!({ "results": { "c.py": [
            { "type": "Secret Keyword", "hashed_secret": hashed, "line_number": 1 },
            { "type": "Secret Keyword", "hashed_secret": real, "is_secret": true },
        ] } });
        let known = Known::read(Some(ignore.as_bytes()), Some(baseline.to_string().as_bytes()));
        for (path, line, secret, passes) in [
            ("src/a.py", 7, "x", true),
            ("src/a.py", 8, "x", false),
            ("b.py", 3, "x", true),
            ("c.py", 99, "hunter2", true),
            ("c.py", 1, "another", false),
            ("c.py", 1, "hunter3", false),
            ("d.py", 1, "hunter2", false),
        ] {
            assert_eq!(
                known.lets_pass(path, line, Some(secret.as_bytes())).is_some(),
                passes,
                "{path}:{line}"
            );
        }
        assert_eq!(Known::read(None, Some(b"no json")).unchecked.len(), 1);
    }
}
