//! What reads the environment in each language: the standard library's calls, and those of libraries that are made for it.

use super::super::language::Language::{
    self, Braces, CSharp, Elixir, Go, Java, JavaScript, Kotlin, Php, Python, Ruby, Rust, Yaml,
};
use super::super::source::Source;

/// How the name of the variable follows the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The word ends in the bracket that opens the call; the name is its first argument.
    Call,
    /// The same without a bracket.
    Bare,
    /// viper's `BindEnv("key", "NAME")`.
    SecondArgument,
    /// The word is the whole environment.
    Map,
    /// Settings of which the environment is one source: a name in capitals is a variable's, another one a key of a file.
    Settings,
    /// A call that somebody wrote around the library's: `getEnv("X")`, `envOr("X", "y")`.
    Helper,
    /// The name is the value of a field or an option: `envvar="X"`.
    Field,
    /// An attribute in which `env` alone means the variable of the field's own name.
    Attribute,
    /// An annotation of the field that follows.
    Property,
    /// `$X` in the text that the call is given.
    Expand,
    /// Symfony's `%env(int:X)%`.
    Processor,
    /// A module of which `env` is the environment.
    Module,
    /// A module of which each name is a variable.
    Names,
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

const fn reader(form: Form, word: &'static str, languages: &'static [Language]) -> Reader {
    Reader { word, languages, form, needs: Needs::Nothing }
}

const fn call(word: &'static str, languages: &'static [Language]) -> Reader {
    reader(Form::Call, word, languages)
}

const fn map(word: &'static str, languages: &'static [Language]) -> Reader {
    reader(Form::Map, word, languages)
}

/// Spring's and .NET's settings, and Nest's service of them.
const fn settings(word: &'static str, languages: &'static [Language]) -> Reader {
    reader(Form::Settings, word, languages)
}

const fn when(reader: Reader, needs: Needs) -> Reader {
    Reader { needs, ..reader }
}

/// django-environ's and environs' methods, by the types that they make.
const fn environ(word: &'static str) -> Reader {
    when(call(word, &[Python]), ENVIRON)
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
const NEST: Needs = Needs::Import(&["@nestjs/config"]);
const JVM: &[Language] = &[Java, Kotlin];

#[rustfmt::skip]
pub static READERS: &[Reader] = &[
    when(map("environ", &[Python]), Needs::Os),
    when(map("environb", &[Python]), Needs::Os),
    call("getenv(", &[Python, Php, Braces]),
    when(call("config(", &[Python]), DECOUPLE),
    environ("env("),
    environ("env.str("), environ("env.bool("), environ("env.int("), environ("env.float("),
    environ("env.list("), environ("env.tuple("), environ("env.dict("), environ("env.json("),
    environ("env.url("), environ("env.path("), environ("env.bytes("), environ("env.get_value("),
    environ("env.db("), environ("env.db_url("), environ("env.cache("), environ("env.cache_url("),
    environ("env.email("), environ("env.email_url("), environ("env.search_url("), environ("env.dj_db_url("),
    environ("env.dj_cache_url("), environ("env.dj_email_url("), environ("env.decimal("), environ("env.date("),
    environ("env.datetime("), environ("env.timedelta("), environ("env.uuid("), environ("env.enum("),
    environ("env.log_level("), environ("env.channels("), environ("env.channels_url("),
    // click's and typer's, and configargparse's.
    reader(Form::Field, "envvar=", &[Python]),
    reader(Form::Field, "env_var=", &[Python]),
    reader(Form::Expand, "expandvars(", &[Python]),
    map("process.env", &[JavaScript]),
    map("process?.env", &[JavaScript]),
    map("process[\"env\"]", &[JavaScript]),
    map("process['env']", &[JavaScript]),
    map("import.meta.env", &[JavaScript]),
    map("Deno.env", &[JavaScript]),
    map("Bun.env", &[JavaScript]),
    reader(Form::Module, "\"process\"", &[JavaScript]),
    reader(Form::Module, "'process'", &[JavaScript]),
    reader(Form::Module, "\"node:process\"", &[JavaScript]),
    reader(Form::Module, "'node:process'", &[JavaScript]),
    reader(Form::Module, "= process", &[JavaScript]),
    // SvelteKit's modules.
    reader(Form::Module, "\"$env/dynamic/", &[JavaScript]),
    reader(Form::Module, "'$env/dynamic/", &[JavaScript]),
    reader(Form::Names, "\"$env/static/", &[JavaScript]),
    reader(Form::Names, "'$env/static/", &[JavaScript]),
    settings("configService.get(", &[JavaScript]),
    settings("configService.get<", &[JavaScript]),
    settings("configService.getOrThrow(", &[JavaScript]),
    settings("configService.getOrThrow<", &[JavaScript]),
    when(settings("config.get(", &[JavaScript]), NEST),
    when(settings("config.get<", &[JavaScript]), NEST),
    when(settings("config.getOrThrow(", &[JavaScript]), NEST),
    when(settings("config.getOrThrow<", &[JavaScript]), NEST),
    when(map("ENV", &[Ruby]), Needs::Alone),
    call("os.Getenv(", &[Go]),
    call("os.LookupEnv(", &[Go]),
    call("syscall.Getenv(", &[Go]),
    reader(Form::Expand, "os.ExpandEnv(", &[Go]),
    reader(Form::SecondArgument, "BindEnv(", &[Go]),
    // The flags of urfave/cli and kingpin.
    reader(Form::Field, "EnvVars: []string{", &[Go]),
    reader(Form::Field, "EnvVar: ", &[Go]),
    reader(Form::Field, "cli.EnvVars(", &[Go]),
    reader(Form::Field, ".Envar(", &[Go]),
    call("env::var(", &[Rust]),
    call("env::var_os(", &[Rust]),
    when(call("var(", &[Rust]), Needs::Import(&["env::var;", "env::{var"])),
    call("dotenvy::var(", &[Rust]),
    call("dotenv::var(", &[Rust]),
    call("env!(", &[Rust]),
    call("option_env!(", &[Rust]),
    call("dotenv!(", &[Rust]),
    reader(Form::Attribute, "#[arg(", &[Rust]),
    reader(Form::Attribute, "#[clap(", &[Rust]),
    reader(Form::Attribute, "#[structopt(", &[Rust]),
    reader(Form::Field, "#[envconfig(from = ", &[Rust]),
    when(reader(Form::Field, ".env(", &[Rust]), Needs::Import(&["clap"])),
    call("System.getenv(", JVM),
    when(call("getenv(", JVM), Needs::Import(&["System.getenv;", "System.getenv\n", "System.*"])),
    map("System.getenv()", JVM),
    call("providers.environmentVariable(", JVM),
    settings("env.getProperty(", JVM),
    settings("env.getRequiredProperty(", JVM),
    settings("environment.getProperty(", JVM),
    settings("environment.getRequiredProperty(", JVM),
    settings("Environment().getProperty(", JVM),
    // MicroProfile Config's.
    reader(Form::Property, "@ConfigProperty(", JVM),
    map("$_ENV", &[Php]),
    map("$_SERVER", &[Php]),
    when(call("env(", &[Php]), Needs::Alone),
    call("filter_input(INPUT_ENV,", &[Php]),
    call("Autowire(env:", &[Php]),
    reader(Form::Processor, "%env(", &[Php, Yaml]),
    call("Environment.GetEnvironmentVariable(", &[CSharp]),
    when(call("GetEnvironmentVariable(", &[CSharp]), Needs::Alone),
    map("Environment.GetEnvironmentVariables()", &[CSharp]),
    settings("Configuration[", &[CSharp]),
    settings("configuration[", &[CSharp]),
    settings("_configuration[", &[CSharp]),
    settings("config[", &[CSharp]),
    settings("_config[", &[CSharp]),
    settings(".GetValue<", &[CSharp]),
    call("System.get_env(", &[Elixir]),
    call("System.fetch_env!(", &[Elixir]),
    call("System.fetch_env(", &[Elixir]),
    reader(Form::Bare, "System.get_env ", &[Elixir]),
    reader(Form::Bare, "System.fetch_env! ", &[Elixir]),
    // What many libraries read when they start.
    call("{:system,", &[Elixir]),
    // Scala, Dart, Swift.
    call("sys.env(", &[Braces]),
    map("sys.env", &[Braces]),
    map("Platform.environment", &[Braces]),
    map("processInfo.environment", &[Braces]),
    reader(Form::Helper, "env", &[Python, JavaScript, Go, Rust, Java, Kotlin, CSharp, Php]),
    reader(Form::Helper, "viper.", &[Go]),
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
            Needs::Alone => is_alone(source.language, before),
        }
    }
}

/// No member of something else; Ruby's `::ENV` is nobody's, and `key:ENV["X"]` needs no space.
fn is_alone(language: Language, before: &[u8]) -> bool {
    match before {
        [owner, b':', b':'] => language != Php && !owner.is_ascii_alphanumeric(),
        [.., b':'] => matches!(language, Ruby | Yaml),
        [.., b'.' | b'>' | b'$'] => false,
        _ => true,
    }
}

/// PHP's manual lists what the web server itself puts into `$_SERVER`; that is the request and no configuration.
fn is_request(source: &Source<'_>, end: usize) -> bool {
    #[rustfmt::skip]
    const OF_REQUEST: &[&str] = &[
        "HTTP", "REQUEST", "SERVER", "REMOTE", "SCRIPT", "PHP_SELF", "QUERY", "DOCUMENT", "PATH_", "GATEWAY",
        "AUTH_", "PHP_AUTH", "argv", "argc", "ORIG_", "REDIRECT", "CONTENT_", "UNIQUE_ID",
    ];
    let name = source.ahead(end, 24);
    let name = &name[name.iter().take_while(|b| matches!(b, b'[' | b'"' | b'\'' | b' ')).count()..];
    OF_REQUEST.iter().any(|word| name.starts_with(word.as_bytes()))
}
