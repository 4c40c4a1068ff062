//! Lines and their verdicts.

use super::{Item, read};
use proptest::prelude::*;

/// What each item of a text is: `name verdict` and its marks, or `invalid`, `-r path`.
fn shown(text: &str) -> Vec<String> {
    let item = |item: Item| match item {
        Item::Requirement(entry) => {
            let marker = if entry.has_marker { " ;" } else { "" };
            let hashes = if entry.hashes > 0 { " #" } else { "" };
            let editable = if entry.is_editable { "-e " } else { "" };
            format!(
                "{editable}{} {}{marker}{hashes}",
                entry.name.as_deref().unwrap_or("?"),
                entry.verdict.name()
            )
        }
        Item::Invalid { .. } => "invalid".to_owned(),
        Item::Nested { path, is_constraint, .. } => {
            format!("{} {path}", if is_constraint { "-c" } else { "-r" })
        }
        Item::Index { url, .. } => format!("-i {url}"),
        Item::RequireHashes => "--require-hashes".to_owned(),
        Item::Option => "option".to_owned(),
    };
    read(text).into_iter().map(item).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text), expected, "{text:?}");
}

const COMMIT: &str = "3f786850e387550fdab836ed7e6dc881de23001b";

#[test]
fn comparisons_decide() {
    check("a", &["a unpinned"]);
    check("A_b.C==1", &["a-b-c exact"]);
    check("a === whatever-1", &["a exact"]);
    check("a ===1, >= 0.5", &["a exact"]);
    check("a ===", &["invalid"]);
    check("a ===; os_name == 'nt'", &["invalid"]);
    check("a == 1.0+local.7", &["a exact"]);
    check("a (==1.0)", &["a exact"]);
    check("a[x,y] ~= 1.2", &["a range"]);
    check("a!=1.*", &["a range"]);
    check("a==1.*", &["a wildcard"]);
    check("a==1.*,!=1.3", &["a wildcard"]);
    check("a>=1,==1.4", &["a exact"]);
    check("a>=1,", &["a range"]);
}

#[test]
fn a_marker_pins_nothing() {
    check("a; python_version == '3.8'", &["a unpinned ;"]);
    check("a ;(os_name=='nt' or extra in \"x y\")and'1'not in platform_version", &["a unpinned ;"]);
    check("a; python_version", &["invalid"]);
    check("a; nothing == '1'", &["invalid"]);
    check("a;", &["a unpinned"]);
}

#[test]
fn what_pip_refuses_is_invalid() {
    for text in [
        "a=1",
        "a==",
        "a b",
        "a==1.0.*.1",
        "a>=1.*",
        "a~=1",
        "a>=1+x",
        "-a",
        "a[",
        "a[b,]",
        "é",
        "a==1 ==2",
        "a @",
        "_a",
    ] {
        check(text, &["invalid"]);
    }
    check("a==1 --hash=md5:1", &["invalid"]);
    check("a==1 --no-index", &["invalid"]);
    check("--no-such", &["invalid"]);
    check("-r", &["invalid"]);
    check("-Z", &["invalid"]);
    check("-i 'open", &["invalid"]);
}

#[test]
fn urls_and_paths_have_verdicts_of_their_own() {
    let digest = "0".repeat(64);
    check("a @ https://example.com/a.zip", &["a url"]);
    check(&format!("a@https://example.com/a.zip#sha256={digest}"), &["a url-with-digest"]);
    check("https://example.com/a_b-1.0-py3-none-any.whl", &["a-b url"]);
    check("https://example.com/a.whl", &["invalid"]);
    check(&format!("git+https://example.com/r.git@{COMMIT}#egg=R_r"), &["r-r vcs-at-commit"]);
    check(&format!("a @ git+ssh://git@example.com/r.git@{}", &COMMIT[..12]), &["a vcs-branch"]);
    check("git+ssh://git@example.com/r.git", &["? vcs-branch"]);
    check("svn+https://example.com/r@17#egg=r", &["r vcs-at-commit"]);
    check("./a", &["? local"]);
    check("a-1.0.tar.gz", &["? local"]);
    check("./a_b-1-py3-none-any.whl[x]; os_name == 'nt'", &["a-b local ;"]);
    check(&format!("-e git+https://example.com/r.git@{COMMIT}#egg=r"), &["-e r editable"]);
    check("--editable=hg+https://example.com/r@tip#egg=r", &["-e r vcs-branch"]);
    check("-e.", &["-e ? editable"]);
}

#[test]
fn lines_are_those_of_pip() {
    check("a==1 # text\n# b\nc#d\n  #e\nf\t#g", &["a exact", "invalid", "f unpinned"]);
    check("a==1 \\\n  ; os_name == 'nt'\r\nb\r\n", &["a exact ;", "b unpinned"]);
    check("a \\\n# text\nb", &["a unpinned", "b unpinned"]);
    check("a==\\\n1", &["a exact"]);
    check("a \\", &["a unpinned"]);
    check("a\x0cb\u{2028}c", &["a unpinned", "b unpinned", "c unpinned"]);
}

#[test]
fn options_are_read_in_every_form() {
    check("-r a.txt\n-ra.txt\n--requirement=a.txt\n--requirem a.txt", &["-r a.txt"; 4]);
    check("--req a.txt", &["invalid"]);
    check("-c 'my file.txt'", &["-c my file.txt"]);
    check("--extra-index-url=https://a/b", &["-i https://a/b"]);
    check("--require-hashes --pre", &["--require-hashes", "option"]);
    let digest = "0".repeat(64);
    check(&format!("a==1 --hash=sha256:{digest} \\\n --hash sha512:{digest}"), &["a exact #"]);
    check(&format!("a --hash=sha256:{digest}"), &["a exact #"]);
}

#[test]
fn a_variable_pins_nothing_and_hides_a_password() {
    check("a==${VERSION}", &["a unpinned"]);
    check("a @ https://${T}@example.com/a.zip", &["a url"]);
    assert_eq!(super::redact("https://u:${P}@h/"), "https://u:${P}@h/");
    assert_eq!(super::redact("https://u:secret@h/p@x"), "https://u:…@h/p@x");
    assert_eq!(super::redact("git+https://u:secret@h/p"), "git+https://u:…@h/p");
}

#[test]
fn a_place_is_that_of_the_first_line() {
    let text = "  a==1 \\\n   --no-such  # text\n";
    let Some(Item::Invalid { span, .. }) = read(text).pop() else { panic!("it is invalid") };
    assert_eq!(&text[span], "a==1");
}

proptest! {
    #[test]
    fn a_requirement_that_was_put_together_has_the_verdict_of_its_parts(
        name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?",
        extras in "(\\[[a-z]{1,3}(,[a-z]{1,3})?\\])?",
        (operator, verdict) in prop_oneof![
            Just(("==", "exact")), Just(("===", "exact")), Just((">=", "range")), Just(("<", "range")),
            Just(("~=", "range")), Just(("!=", "range")),
        ],
        version in "[0-9]{1,3}\\.[0-9]{1,3}(\\.[0-9]{1,2})?(a[0-9]|rc[0-9]|\\.post[0-9]|\\.dev[0-9])?",
        space in "[ ]?",
        marker in prop_oneof![Just(""), Just("; python_version == '3.8'"), Just(" ;os_name!=\"nt\"")],
        comment in prop_oneof![Just(""), Just(" # why"), Just("\t#")],
    ) {
        let text = format!("{name}{extras}{space}{operator}{space}{version}{marker}{comment}");
        let Some(Item::Requirement(entry)) = read(&text).pop() else { panic!("{text}") };
        prop_assert_eq!(entry.verdict.name(), verdict);
        prop_assert_eq!(entry.has_marker, !marker.is_empty());
        prop_assert_eq!(entry.name, Some(crate::factors::deps::model::Ecosystem::PyPI.normalise(&name)));
    }

    #[test]
    fn no_text_is_too_odd(text in "([-a-z0-9=<>~!;@#\\[\\](){}\"'$:/+.,*\\\\ \t\r\né_]|sha256:|git\\+|--hash|-e |https://|\\.whl){0,60}") {
        for item in read(&text) {
            if let Item::Requirement(entry) = item {
                prop_assert!(entry.span.end <= text.len() && text.get(entry.span).is_some());
            }
        }
    }
}
