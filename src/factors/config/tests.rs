//! What the tables promise and no caller can ask: each row is found, each language is cut where it should be.

use super::Scanner;
use super::keys::shape::Part;
use super::keys::{self, Key};
use super::language::Language;
use super::lexer::{Kind, lex};
use super::names::{Says, says};
use super::syntax::syntax;
use super::values::{Looks, looks};

/// A value of the key's shape, from a row of numbers that looks like chance.
fn example(key: &Key, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |n: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    };
    let mut text = String::new();
    for part in key.parts {
        match part {
            Part::Is(word) => text.push_str(word),
            Part::Any(words) => text.push_str(words[below(words.len())]),
            Part::Run(class, least, most) => {
                let bytes: Vec<u8> =
                    (b'0'..=b'z').filter(|b| class.has(*b) && b.is_ascii_alphanumeric()).collect();
                let uuid = *least == 36 && class.has(b'-') && !class.has(b'g');
                for n in 0..usize::from((*least).max((*most).min(least + 4)) - 2).max(usize::from(*least)) {
                    let dash = uuid && matches!(n, 8 | 13 | 18 | 23);
                    text.push(if dash { '-' } else { char::from(bytes[below(bytes.len())]) });
                }
            }
        }
    }
    text
}

#[test]
fn every_row_of_the_tables_is_found_by_a_rule_of_keys() {
    let scanner = Scanner::new();
    let mut missed = Vec::new();
    for key in keys::all() {
        let found = (1..=5).filter(|seed| {
            let value = example(key, *seed);
            let name = key.words.first().map_or_else(
                || "x".to_owned(),
                |word| word.trim_end_matches(['(', '=', ':', '/']).replace('?', ""),
            );
            let joined = key.words.first().is_some_and(|word| word.ends_with(['(', '=', '/', '>']));
            let text = if joined {
                format!("\"{}{value}\"", key.words[0])
            } else {
                format!("{name}_token = \"{value}\"\n")
            };
            let report = scanner.scan("app.py", text.as_bytes());
            report.findings.iter().any(|finding| finding.rule.id.starts_with("config/key-"))
        });
        if found.count() < 3 {
            missed.push(format!("{} {}", key.rule.id, example(key, 1)));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// `c` for code, `#` for a comment, `t` for the inside of a string.
fn cut(language: Language, text: &str) -> String {
    let mut marks = vec![b'c'; text.len()];
    for region in lex(syntax(language), text.as_bytes()) {
        let mark = if region.kind == Kind::Comment { b'#' } else { b't' };
        marks[region.start..region.end].fill(mark);
    }
    String::from_utf8(marks).expect("marks are ASCII")
}

#[test]
fn each_language_is_cut_where_it_should_be() {
    let cases = [
        (Language::Python, "a='x'#y", "ccctc##"),
        (Language::Python, "a=f'x{b}'", "cccctcccc"),
        (Language::Python, "\"\"\"x\"\"\"", "ccc#ccc"),
        (Language::Python, "a=\"\"\"x\"\"\"", "ccccctccc"),
        (Language::JavaScript, "`a${b}c`", "ctcccctc"),
        (Language::JavaScript, "a=/'/;b", "ccccccc"),
        (Language::JavaScript, "a/*x*/b", "c#####c"),
        (Language::Ruby, "\"a#{b}\"", "ctccccc"),
        (Language::Go, "a:=`x\ny`", "cccctttc"),
        (Language::Rust, "/*a/*b*/c*/d", "###########c"),
        (Language::Rust, "r#\"a\"b\"#", "ccctttcc"),
        (Language::Rust, "&'a b", "ccccc"),
        (Language::Kotlin, "\"\"\"a\"\"\"", "ccctccc"),
        (Language::Php, "'a'#b", "ctc##"),
        (Language::CSharp, "@\"a\"\"b\"", "ccttttc"),
        (Language::Elixir, "@doc \"\"\"\na\"\"\"", "cccccccc##ccc"),
        (Language::Shell, "a 'b' #c", "ccctcc##"),
        (Language::Shell, "a#b", "ccc"),
        (Language::Shell, "cat <<E\nx\nE\n", "ccccccccttcc"),
        (Language::Yaml, "a: b #c", "ccccc##"),
        (Language::Yaml, "a: don't #c", "ccccccccc##"),
        (Language::Toml, "a='b'#c", "ccctc##"),
        (Language::Json, "{\"a\\\"b\"}", "ccttttcc"),
        (Language::Hcl, "a=\"b${c}\"", "ccctccccc"),
        (Language::Dockerfile, "#a\nRUN b", "##cccccc"),
        (Language::Ini, ";a\nb=c#d", "##cccccc"),
        (Language::Markup, "<!--a-->b", "########c"),
    ];
    for (language, text, marks) in cases {
        assert_eq!(cut(language, text), marks, "{language:?}: {text}");
    }
}

#[test]
fn a_name_says_what_its_last_words_say() {
    let cases = [
        ("password", Some(Says::Password)),
        ("dbPassword", Some(Says::Password)),
        ("DB_PASSWORD_PROD", Some(Says::Password)),
        ("spring.datasource.password", Some(Says::Password)),
        ("passwords", Some(Says::Password)),
        ("apiKey", Some(Says::Secret)),
        ("SECRET_KEY_BASE", Some(Says::Secret)),
        ("access_token", Some(Says::Secret)),
        ("key", Some(Says::Perhaps)),
        ("password_hint", None),
        ("token_ttl", None),
        ("secret_name", None),
        ("api_key_id", None),
        ("primary_key", None),
        ("foreign_key", None),
        ("public_key", None),
        ("partition_key", None),
        ("next_token", None),
        ("is_password", None),
        ("compass", None),
        ("author", None),
        ("monkey", None),
    ];
    for (name, wanted) in cases {
        assert_eq!(says(name.as_bytes()), wanted, "{name}");
    }
}

#[test]
fn a_value_looks_like_what_people_write() {
    let cases = [
        ("hunter2", Looks::Chosen),
        ("swordfish", Looks::Word),
        ("kJ8sdf92KDjsP0qLx7Zb", Looks::Random),
        ("changeme", Looks::Placeholder),
        ("your-key", Looks::Placeholder),
        ("********", Looks::Other),
        ("password123", Looks::Placeholder),
        ("Password", Looks::Placeholder),
        ("Passwort", Looks::Other),
        ("${X}", Looks::Other),
        ("{{x}}", Looks::Other),
        ("%(x)s", Looks::Other),
        ("<%= x %>", Looks::Other),
        ("$(cat x)", Looks::Other),
        ("/run/secrets/db1", Looks::Other),
        ("id_rsa.pem", Looks::Other),
        ("the name of the cat", Looks::Other),
        ("get_secret(1)", Looks::Other),
        ("access_token", Looks::Placeholder),
        ("billing-credentials", Looks::Other),
    ];
    for (value, wanted) in cases {
        assert_eq!(looks(value.as_bytes()), wanted, "{value}");
    }
}
