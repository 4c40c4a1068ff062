//! The sentence that names the cure, in the language of the file.

use super::language::Language;
use super::names;

/// How the language reads a variable that must be there.
pub fn read(language: Language, variable: &str) -> String {
    let how = match language {
        Language::Python => format!("os.environ[\"{variable}\"]"),
        Language::JavaScript => format!("process.env.{variable}"),
        Language::Ruby => format!("ENV.fetch(\"{variable}\")"),
        Language::Go => format!("os.Getenv(\"{variable}\")"),
        Language::Rust => format!("std::env::var(\"{variable}\")"),
        Language::Java | Language::Kotlin => format!("System.getenv(\"{variable}\")"),
        Language::Php => format!("getenv('{variable}')"),
        Language::CSharp => format!("Environment.GetEnvironmentVariable(\"{variable}\")"),
        Language::Elixir => format!("System.fetch_env!(\"{variable}\")"),
        Language::Shell => format!("\"${{{variable}:?}}\""),
        Language::Hcl => format!("a sensitive variable set by TF_VAR_{}", variable.to_ascii_lowercase()),
        Language::Yaml | Language::Json | Language::Toml | Language::Ini | Language::Other => {
            format!("${{{variable}}}, if what reads the file fills it in")
        }
        _ => return format!("read it from the environment variable {variable}"),
    };
    format!("read it from the environment: `{how}`")
}

/// `dbPassword` is `DB_PASSWORD`; a name that says too little becomes `fallback`.
pub fn variable(name: &[u8], fallback: &str) -> String {
    let words = names::words(name);
    let joined = words.iter().map(|word| word.to_ascii_uppercase()).collect::<Vec<_>>().join("_");
    if joined.is_empty() || joined.as_bytes()[0].is_ascii_digit() { fallback.to_owned() } else { joined }
}
