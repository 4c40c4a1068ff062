//! Which language a file is written in, by its name, extension or first line, and what part it plays in the tree.

use crate::factors::role;

/// As far apart as comments, strings and assignments differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Python,
    JavaScript,
    Ruby,
    Go,
    Rust,
    Java,
    Kotlin,
    Php,
    CSharp,
    Elixir,
    Shell,
    /// C and its relatives that have no entry of their own: `//`, `/* */`, two kinds of quotes.
    Braces,
    /// Perl, PowerShell, R, Makefiles: `#` begins a comment.
    Script,
    Sql,
    Yaml,
    Toml,
    Json,
    Hcl,
    Dockerfile,
    Ini,
    Dotenv,
    Markup,
    Prose,
    /// Text of no known kind; often the configuration of a program.
    Other,
}

use Language as L;

impl Language {
    /// `head` is the beginning of the file, for its `#!` line.
    pub fn of(path: &str, head: &[u8]) -> Self {
        let name = file_name(path).to_ascii_lowercase();
        let language = by_name(&name)
            .or_else(|| by_extensions(&name))
            .or_else(|| by_shebang(head))
            // `Procfile.dev`
            .or_else(|| name.starts_with("procfile.").then_some(L::Shell))
            .unwrap_or(L::Other);
        if matches!(language, L::Ini | L::Other) && is_xml(&name, head) { L::Markup } else { language }
    }

    /// Is compiled or run, so that a literal in it can only be changed by changing the code.
    pub fn is_program(self) -> bool {
        !self.is_settings() && !matches!(self, L::Markup | L::Prose)
    }

    /// Says how something shall be set up.
    pub fn is_settings(self) -> bool {
        matches!(self, L::Yaml | L::Toml | L::Json | L::Hcl | L::Dockerfile | L::Ini | L::Dotenv | L::Other)
    }

    /// A value may stand without quotes.
    pub fn has_bare_values(self) -> bool {
        matches!(
            self,
            L::Yaml
                | L::Ini
                | L::Dotenv
                | L::Shell
                | L::Dockerfile
                | L::Other
                | L::Prose
                | L::Markup
                | L::Script
        )
    }
}

/// What a file is for. The same literal weighs differently in a module and in its tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Program,
    Settings,
    Test,
    /// `.env.example`, `settings.py.dist`: is copied and filled in.
    Sample,
    Docs,
}

impl Role {
    pub fn of(path: &str, language: Language) -> Self {
        let lower = path.to_ascii_lowercase();
        let name = file_name(&lower);
        let folders = || lower.split('/').rev().skip(1);
        // Also `common_examples`.
        let holds_samples = |f: &str| {
            f.rsplit(['-', '_'])
                .next()
                .is_some_and(|last| matches!(last, "examples" | "example" | "samples" | "demos"))
        };
        if is_sample(name) || folders().any(holds_samples) {
            Self::Sample
        } else if language == L::Prose
            || folders().any(|f| matches!(f, "docs" | "doc" | "documentation" | "man"))
            || is_translation(&lower)
            || ["readme", "changelog", "license", "changes", "news", "history"]
                .iter()
                .any(|n| name.starts_with(n))
        {
            Self::Docs
        } else if role::is_test(path) {
            Self::Test
        } else if language.is_program() {
            Self::Program
        } else {
            Self::Settings
        }
    }
}

/// What a screen says, in one language of several. Names in it are names of texts, in words of any language; only what has a
/// provider's shape is a secret there.
pub fn holds_texts(path: &str, language: Language) -> bool {
    // A `lang` of these is a language that programs are written in.
    let code = matches!(
        language,
        L::Python
            | L::Go
            | L::Rust
            | L::Java
            | L::Kotlin
            | L::CSharp
            | L::Braces
            | L::Shell
            | L::Script
            | L::Sql
            | L::Elixir
            | L::Dotenv
    );
    !code && is_translation(&path.to_ascii_lowercase())
}

fn is_translation(lower: &str) -> bool {
    let folders = || lower.split('/').rev().skip(1);
    is_of_texts(file_name(lower))
        || folders().any(|f| {
            matches!(
                f,
                "i18n"
                    | "l10n"
                    | "locale"
                    | "locales"
                    | "lang"
                    | "langs"
                    | "translations"
                    | "localization"
                    | "localisation"
            )
        })
        || folders().any(|f| f.strip_prefix("values-").is_some_and(is_locale))
}

/// Texts of a screen, in which a password is a word: `messages_de.properties`, `app_fr.arb`. What is only named after a language
/// (`group_vars/de.yml`) may be a country's settings.
fn is_of_texts(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match extension {
        "arb" | "po" | "pot" | "xliff" | "xlf" | "strings" | "resx" => true,
        "properties" => ["messages", "labels", "texts"].iter().any(|word| stem.starts_with(word)),
        _ => false,
    }
}

/// `de`, `pt-br`, `zh_CN`.
fn is_locale(text: &str) -> bool {
    // ISO 639-1, without what files are named for other reasons.
    const LANGUAGES: &str = "ar bg bn ca cs da de el en es et fa fi fr gl he hi hr hu it ja ko lt lv mk ms nb nl no pl pt \
                             ro ru sk sl sq sr sv th tr uk ur vi zh";
    let mut parts = text.split(['-', '_']);
    parts.next().is_some_and(|part| part.len() == 2 && LANGUAGES.split(' ').any(|known| known == part))
        && parts.next().is_none_or(|part| matches!(part.len(), 2..=4))
        && parts.next().is_none()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `.env.example` and kin, by any of the words that people use for it.
pub fn is_sample(name: &str) -> bool {
    name.split(['.', '-', '_']).any(|part| {
        matches!(
            part,
            "example"
                | "examples"
                | "sample"
                | "samples"
                | "template"
                | "dist"
                | "tmpl"
                | "tpl"
                | "skel"
                | "j2"
        )
    })
}

fn by_name(name: &str) -> Option<Language> {
    Some(match name {
        "dockerfile" | "containerfile" => L::Dockerfile,
        "makefile" | "gnumakefile" => L::Script,
        "rakefile" | "gemfile" | "vagrantfile" | "guardfile" | "config.ru" | "podfile" | "fastfile" => {
            L::Ruby
        }
        "procfile" | ".bashrc" | ".bash_profile" | ".zshrc" | ".profile" | ".bash_aliases" | ".zprofile" => {
            L::Shell
        }
        ".npmrc" | ".pypirc" | ".s3cfg" | ".boto" | ".my.cnf" | ".gitconfig" | ".editorconfig"
        | "credentials" => L::Ini,
        ".babelrc" | ".eslintrc" | ".dockercfg" | ".dockerconfigjson" | ".prettierrc" => L::Json,
        "license" | "readme" | "changelog" | "authors" | "copying" | "notice" => L::Prose,
        _ if is_dotenv_name(name) => L::Dotenv,
        _ if name.starts_with("dockerfile.") => L::Dockerfile,
        _ => return None,
    })
}

/// `.env`, `.env.local`, `prod.env`, `.envrc` is a program and not meant.
pub fn is_dotenv_name(name: &str) -> bool {
    name == ".env"
        || [".env.", ".env-"].iter().any(|head| name.starts_with(head))
        || name.rsplit_once('.').is_some_and(|(_, end)| end == "env")
}

/// By the last extension, or the one before it if the last says that this is a template or a copy: `App.java.ejs`.
fn by_extensions(name: &str) -> Option<Language> {
    let (stem, last) = name.rsplit_once('.').unwrap_or((name, ""));
    let of_copy = || {
        let copy = matches!(
            last,
            "ejs"
                | "hbs"
                | "mustache"
                | "jinja"
                | "jinja2"
                | "j2"
                | "tmpl"
                | "tpl"
                | "template"
                | "dist"
                | "sample"
                | "example"
                | "default"
                | "in"
                | "orig"
                | "bak"
                | "old"
                | "flow"
                | "twig"
        );
        by_extension(stem.rsplit_once('.').filter(|_| copy)?.1)
    };
    by_extension(last).or_else(of_copy)
}

fn by_extension(extension: &str) -> Option<Language> {
    Some(match extension {
        "py" | "pyi" | "pyw" => L::Python,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => L::JavaScript,
        "rb" | "erb" | "rake" | "gemspec" => L::Ruby,
        "go" => L::Go,
        "rs" => L::Rust,
        "java" => L::Java,
        "kt" | "kts" => L::Kotlin,
        "php" | "phtml" | "inc" => L::Php,
        "cs" | "csx" => L::CSharp,
        "ex" | "exs" => L::Elixir,
        "sh" | "bash" | "zsh" | "ksh" | "envrc" | "bats" => L::Shell,
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "ino" | "pde" | "m" | "mm" | "swift"
        | "scala" | "sc" | "dart" | "groovy" | "gradle" | "proto" | "sol" | "zig" | "css" | "scss"
        | "less" | "lua" | "vb" | "bicep" | "jenkinsfile" => L::Braces,
        "pl" | "pm" | "ps1" | "psm1" | "psd1" | "r" | "tcl" | "mk" | "cmake" | "nim" | "jl" | "fish"
        | "bat" | "cmd" => L::Script,
        "sql" | "psql" | "mysql" => L::Sql,
        "yml" | "yaml" | "sls" => L::Yaml,
        "toml" => L::Toml,
        "json" | "jsonc" | "json5" | "ipynb" | "tfstate" | "webmanifest" | "map" => L::Json,
        "tf" | "hcl" | "tfvars" | "nomad" => L::Hcl,
        "dockerfile" => L::Dockerfile,
        "ini" | "cfg" | "conf" | "cnf" | "config" | "properties" | "prefs" | "service" | "netrc"
        | "desktop" => L::Ini,
        "xml" | "html" | "htm" | "xhtml" | "svg" | "plist" | "csproj" | "xaml" | "jsp" | "aspx"
        | "cshtml" | "xsd" => L::Markup,
        "md" | "markdown" | "rst" | "txt" | "adoc" | "asciidoc" | "textile" | "org" | "pod" | "rdoc"
        | "tex" => L::Prose,
        _ => return None,
    })
}

/// XML by its declaration, or by its first tag in a file of .NET or `JMeter`. Apache's `.conf` begins with a tag, too.
fn is_xml(name: &str, head: &[u8]) -> bool {
    let head = head[..head.len().min(200)].trim_ascii_start();
    let of_tags =
        [".config", ".settings", ".props", ".targets", ".jmx"].iter().any(|end| name.ends_with(end));
    head.starts_with(b"<?xml") || of_tags && head.starts_with(b"<")
}

fn by_shebang(head: &[u8]) -> Option<Language> {
    let line = head.strip_prefix(b"#!")?;
    let line = &line[..line.iter().position(|&b| b == b'\n').unwrap_or(line.len()).min(100)];
    let line = String::from_utf8_lossy(line);
    let known = [
        ("python", L::Python),
        ("node", L::JavaScript),
        ("deno", L::JavaScript),
        ("bun", L::JavaScript),
        ("ruby", L::Ruby),
        ("php", L::Php),
        ("elixir", L::Elixir),
        ("perl", L::Script),
        ("sh", L::Shell),
    ];
    known.iter().find(|(word, _)| line.contains(word)).map(|&(_, language)| language)
}
