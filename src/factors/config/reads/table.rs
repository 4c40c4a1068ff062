//! What reads the environment in each language: the standard library's calls, and those of libraries that are made for it.

use super::super::language::Language::{
    self, CSharp, Elixir, Go, Java, JavaScript, Kotlin, Php, Python, Ruby, Rust,
};
use super::super::source::Source;

/// How the name of the variable follows the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The word ends in the bracket that opens the call; the name is its first argument.
    Call,
    /// viper's `BindEnv("key", "NAME")`.
    SecondArgument,
    /// The word is the whole environment.
    Map,
}

/// What else must be so, because the word alone means other things too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// One of these in the head of the file.
    Import(&'static [&'static str]),
    /// `os.` before it, or `os` imported by name.
    Os,
    /// No member of something else.
    Alone,
}

#[derive(Debug)]
pub struct Reader {
    pub word: &'static str,
    pub languages: &'static [Language],
    pub form: Form,
    needs: Needs,
}

const fn call(word: &'static str, languages: &'static [Language]) -> Reader {
    Reader { word, languages, form: Form::Call, needs: Needs::Nothing }
}

const fn map(word: &'static str, languages: &'static [Language]) -> Reader {
    Reader { word, languages, form: Form::Map, needs: Needs::Nothing }
}

const fn when(reader: Reader, needs: Needs) -> Reader {
    Reader { needs, ..reader }
}

const ENVIRON: Needs = Needs::Import(&[
    "import environ",
    "from environs",
    "import environs",
    "environ.Env(",
    "Env(",
    "starlette.config",
]);
const DECOUPLE: Needs = Needs::Import(&["decouple", "starlette.config", "prettyconf"]);

pub static READERS: &[Reader] = &[
    when(map("environ", &[Python]), Needs::Os),
    when(map("environb", &[Python]), Needs::Os),
    call("getenv(", &[Python, Php]),
    when(call("config(", &[Python]), DECOUPLE),
    when(call("env(", &[Python]), ENVIRON),
    when(call("env.str(", &[Python]), ENVIRON),
    when(call("env.bool(", &[Python]), ENVIRON),
    when(call("env.int(", &[Python]), ENVIRON),
    when(call("env.float(", &[Python]), ENVIRON),
    when(call("env.list(", &[Python]), ENVIRON),
    when(call("env.dict(", &[Python]), ENVIRON),
    when(call("env.json(", &[Python]), ENVIRON),
    when(call("env.url(", &[Python]), ENVIRON),
    when(call("env.db(", &[Python]), ENVIRON),
    when(call("env.path(", &[Python]), ENVIRON),
    map("process.env", &[JavaScript]),
    map("import.meta.env", &[JavaScript]),
    map("Deno.env", &[JavaScript]),
    map("Bun.env", &[JavaScript]),
    when(map("ENV", &[Ruby]), Needs::Alone),
    call("os.Getenv(", &[Go]),
    call("os.LookupEnv(", &[Go]),
    call("syscall.Getenv(", &[Go]),
    Reader { word: "BindEnv(", languages: &[Go], form: Form::SecondArgument, needs: Needs::Nothing },
    call("env::var(", &[Rust]),
    call("env::var_os(", &[Rust]),
    when(call("var(", &[Rust]), Needs::Import(&["env::var;", "env::{var"])),
    call("dotenvy::var(", &[Rust]),
    call("dotenv::var(", &[Rust]),
    call("env!(", &[Rust]),
    call("option_env!(", &[Rust]),
    call("System.getenv(", &[Java, Kotlin]),
    map("System.getenv()", &[Java, Kotlin]),
    map("$_ENV", &[Php]),
    map("$_SERVER", &[Php]),
    when(call("env(", &[Php]), Needs::Alone),
    call("Environment.GetEnvironmentVariable(", &[CSharp]),
    call("System.get_env(", &[Elixir]),
    call("System.fetch_env!(", &[Elixir]),
    call("System.fetch_env(", &[Elixir]),
];

impl Reader {
    pub fn fits(&self, source: &Source<'_>, at: usize) -> bool {
        let before = source.behind(at, 3);
        match self.needs {
            Needs::Nothing => self.word != "$_SERVER" || !is_request(source, at + self.word.len()),
            Needs::Import(words) => words.iter().any(|word| source.mentions(word)),
            Needs::Os => {
                before.ends_with(b"os.") || (!before.ends_with(b".") && source.mentions("from os import"))
            }
            Needs::Alone => {
                !before.ends_with(b".")
                    && !before.ends_with(b":")
                    && !before.ends_with(b">")
                    && !before.ends_with(b"$")
            }
        }
    }
}

/// PHP's manual lists what the web server itself puts into `$_SERVER`; that is the request and no configuration.
fn is_request(source: &Source<'_>, end: usize) -> bool {
    const OF_REQUEST: &[&str] = &[
        "HTTP",
        "REQUEST",
        "SERVER",
        "REMOTE",
        "SCRIPT",
        "PHP_SELF",
        "QUERY",
        "DOCUMENT",
        "PATH_",
        "GATEWAY",
        "AUTH_",
        "PHP_AUTH",
        "argv",
        "argc",
        "ORIG_",
        "REDIRECT",
        "CONTENT_",
        "UNIQUE_ID",
    ];
    let name = source.ahead(end, 24);
    let name = &name[name.iter().take_while(|b| matches!(b, b'[' | b'"' | b'\'' | b' ')).count()..];
    OF_REQUEST.iter().any(|word| name.starts_with(word.as_bytes()))
}
