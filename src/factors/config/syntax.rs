//! How each language writes comments and strings, as data for the one lexer.

use super::language::Language;

/// One kind of string.
#[derive(Debug)]
pub struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    /// A backslash takes the meaning from what follows it.
    pub escapes: bool,
    /// May go on over the end of the line. Where it may not, the end of the line ends it, so that one stray quote
    /// does not turn the rest of the file inside out.
    pub lines: bool,
    /// What opens and closes code within it.
    pub hole: Option<(&'static str, u8)>,
}

/// What no table of quotes can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// `f"{x}"`: holes belong to the prefix. A string that is a statement is a docstring.
    PythonPrefixes,
    /// `/'/` is a regular expression where a value may begin.
    RegexLiterals,
    /// `'a` may be a lifetime; `r#"…"#`.
    Rust,
    /// `<<EOF` and kin, to a line of that word.
    Heredocs(Heredocs),
    /// Code stands between tags, in a text.
    Tags(&'static Tags),
    /// `?"` and `%w[…]`.
    RubyLiterals,
    /// `?"` and `~w(…)`.
    ElixirLiterals,
    /// In code it takes the meaning from what follows it.
    Backslash,
    /// `#[…]` is no comment.
    HashAttributes,
    /// `@"…"` knows no escapes; `$"{x}"` has holes.
    CSharpPrefixes,
    /// `#` begins a comment only at the start of a word.
    HashAtWordStart,
    /// A quote opens a string only where a value begins: `don't` has none.
    QuoteAtValueStart,
    /// `@doc """…"""`.
    ElixirDocs,
}

/// Whose here-documents they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heredocs {
    Shell,
    Ruby,
    Perl,
    Php,
    Hcl,
}

/// What opens and closes code in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Tags {
    pub open: &'static str,
    pub close: &'static str,
}

#[derive(Debug)]
pub struct Syntax {
    pub line_comments: &'static [&'static str],
    pub block_comments: &'static [(&'static str, &'static str)],
    pub nested: bool,
    pub quotes: &'static [Quote],
    pub quirks: &'static [Quirk],
}

const fn plain(open: &'static str) -> Quote {
    Quote { open, close: open, escapes: true, lines: false, hole: None }
}

const fn raw(open: &'static str) -> Quote {
    Quote { open, close: open, escapes: false, lines: true, hole: None }
}

const fn long(open: &'static str) -> Quote {
    Quote { open, close: open, escapes: true, lines: true, hole: None }
}

const fn holed(open: &'static str, hole: &'static str) -> Quote {
    // A hole is closed by the bracket that opened it: a shell's `"$(…)"`, everybody's `"#{…}"`.
    let close = if hole.as_bytes()[hole.len() - 1] == b'(' { b')' } else { b'}' };
    Quote { open, close: open, escapes: true, lines: true, hole: Some((hole, close)) }
}

const C_BLOCKS: &[(&str, &str)] = &[("/*", "*/")];

const fn c_like(quotes: &'static [Quote], quirks: &'static [Quirk]) -> Syntax {
    Syntax { line_comments: &["//"], block_comments: C_BLOCKS, nested: false, quotes, quirks }
}

const fn hash(quotes: &'static [Quote], quirks: &'static [Quirk]) -> Syntax {
    Syntax { line_comments: &["#"], block_comments: &[], nested: false, quotes, quirks }
}

static PYTHON: Syntax =
    hash(&[long("\"\"\""), long("'''"), plain("\""), plain("'")], &[Quirk::PythonPrefixes]);
static JAVASCRIPT: Syntax = c_like(&[plain("\""), plain("'"), holed("`", "${")], &[Quirk::RegexLiterals]);
const RUBY_QUIRKS: &[Quirk] =
    &[Quirk::Heredocs(Heredocs::Ruby), Quirk::HashAtWordStart, Quirk::RegexLiterals, Quirk::RubyLiterals];
static RUBY: Syntax = Syntax {
    line_comments: &["#"],
    block_comments: &[("\n=begin", "\n=end")],
    nested: false,
    quotes: &[holed("\"", "#{"), long("'"), holed("`", "#{")],
    quirks: RUBY_QUIRKS,
};
/// Ruby between the tags of a page.
static ERB: Syntax = Syntax {
    quirks: &[
        Quirk::Tags(&Tags { open: "<%", close: "%>" }),
        Quirk::HashAtWordStart,
        Quirk::RegexLiterals,
        Quirk::RubyLiterals,
    ],
    ..RUBY
};
static GO: Syntax = c_like(&[plain("\""), plain("'"), raw("`")], &[]);
static RUST: Syntax = Syntax {
    line_comments: &["//"],
    block_comments: C_BLOCKS,
    nested: true,
    quotes: &[long("\"")],
    quirks: &[Quirk::Rust],
};
static JAVA: Syntax = c_like(&[long("\"\"\""), plain("\""), plain("'")], &[]);
static KOTLIN: Syntax = Syntax {
    line_comments: &["//"],
    block_comments: C_BLOCKS,
    nested: true,
    quotes: &[
        Quote { open: "\"\"\"", close: "\"\"\"", escapes: false, lines: true, hole: Some(("${", b'}')) },
        holed("\"", "${"),
        plain("'"),
    ],
    quirks: &[],
};
static PHP: Syntax = Syntax {
    line_comments: &["//", "#"],
    block_comments: &[("/*", "*/"), ("<!--", "-->")],
    nested: false,
    quotes: &[holed("\"", "{$"), long("'")],
    quirks: &[
        Quirk::Heredocs(Heredocs::Php),
        Quirk::Tags(&Tags { open: "<?", close: "?>" }),
        Quirk::HashAttributes,
    ],
};
static CSHARP: Syntax = c_like(&[raw("\"\"\""), plain("\""), plain("'")], &[Quirk::CSharpPrefixes]);
static ELIXIR: Syntax = hash(
    &[holed("\"\"\"", "#{"), raw("'''"), holed("\"", "#{"), holed("'", "#{")],
    &[Quirk::ElixirDocs, Quirk::HashAtWordStart, Quirk::ElixirLiterals],
);
static SHELL: Syntax = hash(
    &[Quote { open: "$'", close: "'", escapes: true, lines: true, hole: None }, holed("\"", "$("), raw("'")],
    &[Quirk::Heredocs(Heredocs::Shell), Quirk::HashAtWordStart, Quirk::Backslash],
);
static BRACES: Syntax = c_like(&[long("\"\"\""), plain("\""), plain("'")], &[]);
static SCRIPT: Syntax = Syntax {
    line_comments: &["#"],
    // Perl's documentation.
    block_comments: &[
        ("\n=head", "\n=cut"),
        ("\n=pod", "\n=cut"),
        ("\n=over", "\n=cut"),
        ("\n=item", "\n=cut"),
    ],
    nested: false,
    // Makefiles and batch files have apostrophes of which no second one comes: the line ends them.
    quotes: &[plain("\""), plain("'")],
    quirks: &[Quirk::HashAtWordStart, Quirk::Heredocs(Heredocs::Perl)],
};
static SQL: Syntax = Syntax {
    line_comments: &["--"],
    block_comments: C_BLOCKS,
    nested: false,
    quotes: &[raw("'"), raw("\"")],
    quirks: &[],
};
static YAML: Syntax = hash(&[long("\""), raw("'")], &[Quirk::HashAtWordStart, Quirk::QuoteAtValueStart]);
static TOML: Syntax =
    hash(&[long("\"\"\""), raw("'''"), plain("\""), Quote { lines: false, ..raw("'") }], &[]);
static JSON: Syntax = c_like(&[plain("\"")], &[]);
static HCL: Syntax = Syntax {
    line_comments: &["#", "//"],
    block_comments: C_BLOCKS,
    nested: false,
    quotes: &[holed("\"", "${")],
    quirks: &[Quirk::Heredocs(Heredocs::Hcl)],
};
static DOCKERFILE: Syntax = hash(&[plain("\""), plain("'")], &[Quirk::HashAtWordStart]);
static INI: Syntax = Syntax {
    line_comments: &["\n#", "\n;", "\n!"],
    block_comments: &[],
    nested: false,
    quotes: &[plain("\""), plain("'")],
    quirks: &[Quirk::QuoteAtValueStart],
};
static DOTENV: Syntax = hash(&[long("\""), raw("'")], &[Quirk::HashAtWordStart, Quirk::QuoteAtValueStart]);
static MARKUP: Syntax = Syntax {
    line_comments: &[],
    block_comments: &[("<!--", "-->")],
    nested: false,
    quotes: &[],
    quirks: &[],
};
static NONE: Syntax =
    Syntax { line_comments: &[], block_comments: &[], nested: false, quotes: &[], quirks: &[] };

/// Of a file.
pub fn syntax_of(path: &str, language: Language) -> &'static Syntax {
    let is_page = language == Language::Ruby && path.rsplit('.').next().is_some_and(|end| end == "erb");
    if is_page { &ERB } else { syntax(language) }
}

pub fn syntax(language: Language) -> &'static Syntax {
    match language {
        Language::Python => &PYTHON,
        Language::JavaScript => &JAVASCRIPT,
        Language::Ruby => &RUBY,
        Language::Go => &GO,
        Language::Rust => &RUST,
        Language::Java => &JAVA,
        Language::Kotlin => &KOTLIN,
        Language::Php => &PHP,
        Language::CSharp => &CSHARP,
        Language::Elixir => &ELIXIR,
        Language::Shell => &SHELL,
        Language::Braces => &BRACES,
        Language::Script => &SCRIPT,
        Language::Sql => &SQL,
        Language::Yaml => &YAML,
        Language::Toml => &TOML,
        Language::Json => &JSON,
        Language::Hcl => &HCL,
        Language::Dockerfile => &DOCKERFILE,
        Language::Ini | Language::Other => &INI,
        Language::Dotenv => &DOTENV,
        Language::Markup => &MARKUP,
        Language::Prose => &NONE,
    }
}
