//! Calls that start a process, in the languages where their names say so.

use super::shell;
use crate::factors::deps::paths;
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

/// How a language starts processes.
pub struct Language {
    /// Without one of these words the file starts none.
    needs: &'static [&'static str],
    /// What begins a comment.
    comments: &'static [&'static str],
    /// The groups `program` (a name alone) and `line` (for a shell); what is in `module` or `bare` must be imported.
    call: Regex,
    /// The groups `module` (another name of the module that starts processes) and `names` (what is taken from it).
    import: Option<Regex>,
}

fn language_of(
    needs: &'static [&'static str],
    comments: &'static [&'static str],
    call: &str,
    import: Option<&str>,
) -> Language {
    let compile = |text: &str| Regex::new(text).expect("a pattern that the tests compile");
    Language { needs, comments, call: compile(call), import: import.map(compile) }
}

static PYTHON: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["subprocess", "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "from os import"],
        &["#"],
        r#"(?x)(?:
            (?: \bsubprocess\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput)
            | \bos\.(?:system|popen|execv?p?e?|execlp?e?|posix_spawnp?) | \bcreate_subprocess_(?:exec|shell)
            | \b(?P<module>\w+)\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput|system|popen)
            | (?:^|[\s=(,])(?:Popen|check_output|check_call)
            | (?:^|[\s=(,\[;])(?P<bare>run|call|getoutput|getstatusoutput|system|popen|execv?p?e?|execlp?e?)
            )\(\s*
            | \bos\.spawn[lv]p?e?\(\s*[\w.]+\s*,\s*
            )(?:args\s*=\s*)?
            (?:[\[(]\s*[rb]?["'](?P<program>[^"'\n]+)["'] | [rbf]{0,2}["'](?P<line>[^"'\n]+)["'])"#,
        Some(
            r"(?x)\bimport\x20[^\n;]*?\b(?:subprocess|os)\x20as\x20(?P<module>\w+)
            | \bfrom\x20(?:subprocess|os)\x20import\x20(?:\((?P<several>[^)]*)\)|(?P<names>[^\n;\#(]*))",
        ),
    )
});
static JAVASCRIPT: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["child_process", "execa"],
        &["//"],
        r#"(?x)(?:(?:^|[\s=(;,!])(?:(?:child_process|cp|util|(?P<module>\w+))\.)?
            |\brequire\(\s*["'](?:node:)?child_process["']\s*\)\.)
            (?:(?:spawn|spawnSync|execFile|execFileSync|execa|execaSync
                |promisify\(\s*(?:\w+\.)?execFile\s*\))\(\s*["'](?P<program>[^"'`\n]+)["']
            |(?:exec|execSync|execAsync|execaCommand|execaCommandSync
                |promisify\(\s*(?:\w+\.)?exec\s*\))\(\s*["'`](?P<line>[^"'`\n]+)["'`])"#,
        Some(
            r#"(?x)\b(?P<module>\w+)\s*=\s*require\(\s*["'](?:node:)?child_process["']\s*\)
            | \bimport\s+(?:\*\s*as\s+)?(?P<names>\w+)\s+from\s+["'](?:node:)?child_process["']"#,
        ),
    )
});
static GO: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["exec.Command"],
        &["//"],
        r#"\bexec\.Command(?:Context\(\s*[^",]+,|\()\s*"(?P<program>[^"\n]+)""#,
        None,
    )
});
static RUST: LazyLock<Language> = LazyLock::new(|| {
    language_of(&["Command::new"], &["//"], r#"\bCommand::new\(\s*"(?P<program>[^"\n]+)""#, None)
});
static RUBY: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["system", "exec", "spawn", "Open3", "popen", "`", "%x"],
        &["#"],
        r#"(?xm)(?:(?:^|[\s=(;]|\bKernel\.|\bProcess\.)(?:system|exec|spawn)[\s(]\s*
            |\bOpen3\.\w+[\s(]\s*|\bIO\.popen[\s(]\s*\[?)
            ["'](?P<line>[^"'\n]+)["']
            | (?:^\s*|=\s*)(?:`|%x[({\[])(?P<program>[^`)}\]\n]+)[`)}\]]
              [\x20\t]*(?:$|[`.;,|&)\]}]|\b(?:if|unless|rescue|and|or)\b)"#,
        None,
    )
});
/// The functions of PHP's "Program execution", and the Process of Symfony and Laravel.
static PHP: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["exec", "system", "passthru", "popen", "proc_open", "Process"],
        &["//", "#"],
        r#"(?x)\bnew\s+\\?(?:\w+\\)*Process\(\s*(?:\[|array\()\s*["'](?P<program>[^"'\n]+)["']
            | (?:(?:^|[\s=(;!@.\\])(?:exec|shell_exec|system|passthru|popen|proc_open)
                |\bProcess::(?:fromShellCommandline|run|start))\(\s*["'](?P<line>[^"'\n]+)["']"#,
        None,
    )
});
/// Elixir's `System`, Erlang's `os` and ports.
static ELIXIR: LazyLock<Language> = LazyLock::new(|| {
    language_of(
        &["System.", ":os.cmd", "Port.open"],
        &["#"],
        r#"(?x)\bSystem\.cmd\(\s*"(?P<program>[^"\n]+)"
            | (?:\bSystem\.shell\(\s*|:os\.cmd\(\s*(?:~c)?|\bPort\.open\(\s*\{:spawn,\s*(?:~c)?)
              ["'](?P<line>[^"'\n]+)["']"#,
        None,
    )
});

/// What a shell is given to run, right after its name: `"sh", "-c", "…"`, `sh", ["-c", "…"]`, `.arg("-c").arg("…")`.
static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)^["'](?:[\s,()\[\]&!.]|\bargs?\b)*["']-[a-z]*c["']
        (?:[\s,()\[\]&!.]|\b(?:args?|fmt|Sprintf|format)\b)*
        (?:[rbf]{0,2}"(?P<double>[^"\n]+)"|[rbf]{0,2}'(?P<single>[^'\n]+)'|`(?P<back>[^`]+)`)"#,
    )
    .expect("a pattern that the tests compile")
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
        "php" => &PHP,
        "ex" | "exs" => &ELIXIR,
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
        let imported = self.imported(text);
        let mut all = Vec::new();
        for found in self.call.captures_iter(text) {
            let (named, is_line) = match (found.name("program"), found.name("line")) {
                (Some(program), _) => (program, program.as_str().contains(' ')),
                (None, Some(line)) => (line, true),
                (None, None) => continue,
            };
            let asks = found.name("module").or(found.name("bare"));
            let is_other = asks.is_some_and(|name| !imported.contains(name.as_str()));
            if is_other || self.is_in_comment(text, named.start()) {
                continue;
            }
            let programs = if is_line {
                shell::programs(named.as_str())
            } else {
                Vec::from_iter(shell::literal(named.as_str()))
            };
            all.extend(programs.into_iter().map(|program| (program, named.range())));
            all.extend(given_to_shell(text, named));
        }
        all
    }

    /// The names by which a file calls the module that starts processes, and those that it takes from there.
    fn imported<'a>(&self, text: &'a str) -> BTreeSet<&'a str> {
        let found = self.import.iter().flat_map(|import| import.captures_iter(text));
        let lists = found.flat_map(|found| ["module", "names", "several"].map(|group| found.name(group)));
        let names = lists.flatten().flat_map(|list| list.as_str().split([',', '\n']));
        names.filter_map(|name| name.split_whitespace().last()).collect()
    }

    fn is_in_comment(&self, text: &str, at: usize) -> bool {
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let before = text[start..at].trim_start();
        before.starts_with('*')
            || self
                .comments
                .iter()
                .any(|sign| before.starts_with(sign) || before.contains(&format!(" {sign} ")))
    }
}

/// What the command line runs that a program is given, where the program is a shell.
fn given_to_shell(text: &str, program: regex::Match<'_>) -> Vec<(String, Range<usize>)> {
    const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ash"];
    if !SHELLS.contains(&paths::file_name(program.as_str())) {
        return Vec::new();
    }
    let after = program.end();
    let given = GIVEN.captures(&text[after..]);
    let lines = given.iter().flat_map(|given| ["double", "single", "back"].map(|quote| given.name(quote)));
    let programs = lines.flatten().flat_map(|line| {
        let place = after + line.start()..after + line.end();
        shell::programs(line.as_str()).into_iter().map(move |program| (program, place.clone()))
    });
    programs.collect()
}
