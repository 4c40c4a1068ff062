//! What could turn the rest of a file inside out, and does not.

use super::super::language::Language::{
    self, CSharp, Elixir, Go, Hcl, JavaScript, Kotlin, Php, Python, Ruby, Rust, Script, Shell,
};
use super::super::syntax::{syntax, syntax_of};
use super::{Kind, lex};

/// The insides of the strings.
fn strings(language: Language, text: &str) -> Vec<&str> {
    let regions = lex(syntax(language), text.as_bytes());
    regions.iter().filter(|region| region.kind == Kind::Text).map(|r| &text[r.start..r.end]).collect()
}

fn check(cases: &[(Language, &str, &[&str])]) {
    for (language, text, wanted) in cases {
        assert_eq!(&strings(*language, text), wanted, "{language:?}: {text}");
    }
}

#[test]
fn a_shift_is_no_here_document_and_what_no_line_ends_is_none() {
    check(&[
        (Ruby, "f.list << Item.new\nx = 'y'\nItem\n", &["y"]),
        (Ruby, "a[1]<<ITEM\nx = 'y'\nITEM\n", &["y"]),
        (Ruby, "x = <<ITEM\nx = 'y'\n", &["y"]),
        (Ruby, "x = 1 <<ITEM\nITEMS\nx = 'y'\n", &["y"]),
        (Php, "$x = 1 << FLAG;\n$y = 'z';\nFLAG\n", &["z"]),
        (Php, "$x = 1 <<FLAG;\n$y = 'z';\nFLAG;\n", &["z"]),
        (Shell, "x=$((1 << N))\ny='z'\n", &["z"]),
        (Shell, "cat <<<EOF\ny='z'\nEOF\n", &["z"]),
        (Hcl, "a = b << C\nd = \"e\"\n", &["e"]),
        (Script, "my $x = 1 << FLAG;\nmy $y = 'z';\nFLAG\n", &["z"]),
        (Go, "x := 1 << FLAG\ny := \"z\"\nFLAG\n", &["z"]),
        (Rust, "let x = 1 << FLAG;\nlet y = \"z\";\nFLAG\n", &["z"]),
    ]);
}

#[test]
fn a_here_document_is_a_text_to_its_end() {
    check(&[
        (Ruby, "x = <<~EOF.strip\n  it's\n  EOF\ny = 'z'\n", &["  it's\n", "z"]),
        (Ruby, "call(<<A, <<-B)\nx\nA\ny\n  B\nz('w')\n", &["x\n", "y\n", "w"]),
        (Php, "$x = <<<EOF\nit's\nEOF;\n$y = 'z';\n", &["it's\n", "z"]),
        (Php, "f(<<< 'EOF'\nit's\n  EOF, 'z');\n", &["it's\n", "z"]),
        (Shell, "cat << eof > x\nit's\neof\ny='z'\n", &["it's\n", "z"]),
        (Shell, "cat <<-'EOF'\n\tit's\n\tEOF\ny='z'\n", &["\tit's\n", "z"]),
        (Hcl, "a = <<-EOT\n  it's\"\n  EOT\nb = \"c\"\n", &["  it's\"\n", "c"]),
        (Script, "print <<\"EOF\";\nit's\nEOF\nx('y');\n", &["it's\n", "y"]),
    ]);
}

#[test]
fn a_quote_that_is_no_string_opens_none() {
    check(&[
        // A hole of a shell is closed by its own bracket.
        (Shell, "x=\"$(dirname \"$0\")\"\ny='z'\n", &["", "$0", "", "z"]),
        (Shell, "echo don\\'t\ny='z'\n", &["z"]),
        (Rust, "let q = ['é','\"'];\nlet y = \"z\";\n", &["z"]),
        (Rust, "fn f<'a>(x: &'a str) { g('\\'', '\"', \"z\") }\n", &["z"]),
        (Elixir, "x = [?\", ?']\ny = \"z\"\n", &["z"]),
        (Elixir, "x = ~r/it's/\ny = \"z\"\n", &["z"]),
        (Elixir, "x = ~s(it's \"so\")\ny = \"z\"\n", &["it's \"so\"", "z"]),
        (Ruby, "x = [?\", ?']\ny = 'z'\n", &["z"]),
        (Ruby, "x = %w[it's so]\ny = 'z'\n", &["it's so", "z"]),
        (Ruby, "return x if y =~ /it's/\nz = 'w'\n", &["w"]),
        (Ruby, "when /it's/\nz = 'w'\n", &["w"]),
        (Ruby, "a = 5 % (b)\nz = 'w'\n", &["w"]),
        (Ruby, "a = b ?\"c\":\"d\"\nz = 'w'\n", &["c", "d", "w"]),
        (JavaScript, "const f = x => /`/.test(x);\nlet y = 'z';\n", &["z"]),
        (JavaScript, "return /'/;\nlet y = 'z';\n", &["z"]),
        (JavaScript, "<p>Don't</p>\nlet y = 'z';\n", &["t</p>", "z"]),
        (Script, "all:\n\techo don't\nx = \"y\"\n", &["t", "y"]),
        (Script, "1;\n=head1 It's\n\nCan't\n\n=cut\nx('y');\n", &["y"]),
        (Python, "x = f\"{a['b']}\"\ny = 'z'\n", &["", "b", "", "z"]),
        (Kotlin, "val q = '\"'\nval y = \"z\"\n", &["\"", "z"]),
        (CSharp, "var q = '\"'; var y = \"z\";\n", &["\"", "z"]),
    ]);
}

#[test]
fn what_is_outside_of_the_tags_of_a_page_is_no_code() {
    check(&[
        (Php, "<p>Don't</p>\n<?php $y = 'z' ?>\n<p>It's</p>\n<?= f('w') ?>\n", &["z", "w"]),
        (Php, "<a href=\"#\" title='x'><?php // it's ?></a>\n<?php $y = 'z';\n", &["#", "x", "z"]),
        (Php, "<?xml version=\"1.0\"?>\n<?php $y = 'z';\n", &["1.0", "z"]),
        (Php, "$y = 'z';\n", &["z"]),
        (Php, "#[Autowire(env: 'X')]\n# it's\n", &["X"]),
    ]);
    let text = "<p>Don't</p>\n<%= f('z') %>\n<p>It's</p><!-- \"x\" -->\n<% g(\"w\") %>\n";
    let regions = lex(syntax_of("a.html.erb", Ruby), text.as_bytes());
    let strings: Vec<_> = (regions.iter().filter(|region| region.kind == Kind::Text))
        .map(|region| &text[region.start..region.end])
        .collect();
    assert_eq!(strings, ["z", "w"]);
}
