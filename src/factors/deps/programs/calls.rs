//! Calls that start a process, in the languages where their names say so.

use super::shell;
use crate::factors::deps::paths;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How a language starts processes.
pub struct Language {
    /// Without this word the file starts none.
    needs: &'static [&'static str],
    /// What begins a comment.
    comment: &'static str,
    /// The groups `program` (a name alone) and `line` (for a shell).
    call: Regex,
}

fn language_of(needs: &'static [&'static str], comment: &'static str, call: &str) -> Language {
    Language { needs, comment, call: Regex::new(call).expect("a pattern that the tests compile") }
}

static PYTHON: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["subprocess", "os.system", "os.popen", "os.exec"],
        "#",
        r#"(?x)(?:\bsubprocess\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput)
            |\bos\.(?:system|popen|execv?p?e?|execlp?e?) |\bcreate_subprocess_(?:exec|shell)
            |(?:^|[\s=(,])(?:Popen|check_output|check_call))
            \(\s*(?:[\[(]\s*[rb]?["'](?P<program>[^"'\n]+)["'] | [rbf]{0,2}["'](?P<line>[^"'\n]+)["'])"#,
    )
});
static JAVASCRIPT: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["child_process", "execa"],
        "//",
        r#"(?x)(?:(?:child_process|cp)\.|(?:^|[\s=(;,!]))
            (?:(?:spawn|spawnSync|execFile|execFileSync|execa)\(\s*["'](?P<program>[^"'`\n]+)["']
            |(?:exec|execSync|execAsync)\(\s*["'`](?P<line>[^"'`\n]+)["'`])"#,
    )
});
static GO: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["exec.Command"],
        "//",
        r#"\bexec\.Command(?:Context\(\s*[^",]+,|\()\s*"(?P<program>[^"\n]+)"(?P<line>\A)?"#,
    )
});
static RUST: LazyLock<Language> = LazyLock::new(|| {
    language_of(&["Command::new"], "//", r#"\bCommand::new\(\s*"(?P<program>[^"\n]+)"(?P<line>\A)?"#)
});
static RUBY: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["system", "exec", "spawn", "Open3", "popen", "`", "%x"],
        "#",
        r#"(?x)(?:(?:^|[\s=(;])(?:system|exec|spawn)[\s(]\s*|\bOpen3\.\w+[\s(]\s*|\bIO\.popen[\s(]\s*\[?)
            ["'](?P<line>[^"'\n]+)["'] | (?:^\s*|=\s*)(?:`|%x[({\[])(?P<program>[^`)}\]\n]+)[`)}\]]"#,
    )
});

/// The language of a file, by its ending.
pub fn language(path: &str) -> Option<&'static Language> {
    let (_, ending) = paths::file_name(path).rsplit_once('.')?;
    Some(match ending {
        "py" => &PYTHON,
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "jsx" | "tsx" => &JAVASCRIPT,
        "go" => &GO,
        "rs" => &RUST,
        "rb" | "rake" => &RUBY,
        _ => return None,
    })
}

impl Language {
    /// A quick look that spares most files.
    pub fn may_run(&self, bytes: &[u8]) -> bool {
        self.needs.iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
    }

    /// Every program that is named, with its place.
    pub fn programs(&self, text: &str) -> Vec<(String, Range<usize>)> {
        let mut all = Vec::new();
        for found in self.call.captures_iter(text) {
            let (named, is_line) = match (found.name("program"), found.name("line")) {
                (Some(program), _) => (program, program.as_str().contains(' ')),
                (None, Some(line)) => (line, true),
                (None, None) => continue,
            };
            if self.is_in_comment(text, named.start()) {
                continue;
            }
            let programs = if is_line {
                shell::programs(named.as_str())
            } else {
                Vec::from_iter(shell::literal(named.as_str()))
            };
            all.extend(programs.into_iter().map(|program| (program, named.range())));
        }
        all
    }

    fn is_in_comment(&self, text: &str, at: usize) -> bool {
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let before = text[start..at].trim_start();
        before.starts_with(self.comment)
            || before.starts_with('*')
            || before.contains(&format!(" {} ", self.comment))
    }
}
