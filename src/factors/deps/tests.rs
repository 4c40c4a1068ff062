//! Whole trees: what is told of them, in order.

use super::world::{World, expect, told};
use super::{Options, check};

#[test]
fn of_a_requirements_file_the_unpinned_are_told_in_its_order_and_the_pinned_shown() {
    let text =
        "# the shop\nzope\n\n-i https://example.com/simple\nattrs\nsqlalchemy==2.0.15\nPyDantic==2.1.0\n";
    let report = check(&World::of(&[("requirements.txt", text)]), &Options::default());
    assert_eq!(
        told(&report),
        [
            "error unpinned requirements.txt:2 `zope` names no version",
            "error unpinned requirements.txt:5 `attrs` names no version"
        ]
    );
    let pinned: Vec<(&str, u32)> =
        report.evidence.iter().map(|one| (one.message.as_str(), one.place.line)).collect();
    assert_eq!(pinned, [("sqlalchemy==2.0.15", 6), ("PyDantic==2.1.0", 7)]);
    assert_eq!(
        report.evidence[1].details,
        [("name", "pydantic".to_owned()), ("verdict", "exact".to_owned())]
    );
    assert_eq!(report.unchecked.len(), 1, "without a database the answer is incomplete");
}

#[test]
fn every_verdict_has_its_rule() {
    let text = "a>=1\nb==1.*\nc @ https://example.com/c.zip\n-e ./lib\n-e ../lib\n./d\ngit+https://example.com/e.git@main\nf==\n";
    expect(
        &[("requirements.txt", text)],
        &[
            "error range requirements.txt:1 `a>=1`",
            "warn wildcard requirements.txt:2 `b==1.*`",
            "warn url-without-digest requirements.txt:3",
            "note editable requirements.txt:4 `-e ./lib`",
            "warn editable requirements.txt:5 `-e ../lib`",
            "note local requirements.txt:6 `./d`",
            "error vcs-branch requirements.txt:7",
            "error invalid requirements.txt:8 no requirement",
        ],
    );
}

#[test]
fn files_are_followed_and_circles_end() {
    expect(
        &[
            ("requirements.txt", "-r more/base.txt\n-r gone.txt\na==1\n"),
            ("more/base.txt", "-r ../requirements.txt\nb\n-c ../../outside.txt\n"),
        ],
        &[
            "error unpinned more/base.txt:2 `b`",
            "error invalid more/base.txt:3 cannot follow this line: it is outside of the app",
            "error invalid requirements.txt:2 cannot follow this line: `gone.txt` is not there",
        ],
    );
}

#[test]
fn a_constraints_file_pins_what_is_asked_for_by_name() {
    expect(
        &[("requirements.txt", "-c constraints.txt\na\nb\n"), ("constraints.txt", "A==1\nc==2\n")],
        &["error unpinned requirements.txt:3 `b`"],
    );
}

#[test]
fn two_pins_of_one_name_are_told_unless_markers_part_them() {
    let text = "a_b==1.0\nA.B==1\na-b==2\nc==1; os_name == 'nt'\nc==2; os_name != 'nt'\n";
    expect(&[("requirements.txt", text)], &["error conflict requirements.txt:3 `a-b==2` and `a_b==1.0`"]);
}

#[test]
fn hashes_are_asked_of_all_or_none() {
    let digest = "a".repeat(64);
    let text = format!("a==1 \\\n  --hash=sha256:{digest}\nb==1\n");
    expect(&[("requirements.txt", &text)], &["error lock-unhashed requirements.txt:3 `b==1`"]);
}

#[test]
fn a_password_in_a_url_is_never_shown() {
    let text = "a @ https://u:hunter2hunter2@example.com/a.zip\n-e git+https://u:hunter2hunter2@example.com/b@main#egg=b\n";
    let report = check(&World::of(&[("requirements.txt", text)]), &Options::default());
    let shown = format!("{:?} {:?}", told(&report), report.evidence);
    assert!(shown.contains("example.com") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_compiled_file_is_the_lock_of_its_input() {
    expect(
        &[("requirements.in", "a>=2\nb\n"), ("requirements.txt", "a==1\n")],
        &[
            "error lock-stale requirements.in:1 `a>=2` is compiled to `a==1`",
            "error lock-stale requirements.in:2 `b` is not in `requirements.txt`",
            "note lock-unhashed requirements.txt:1",
        ],
    );
    expect(&[("requirements.in", "a\n")], &["error lock-missing requirements.in:1 nothing is compiled"]);
}

#[test]
fn without_a_lock_a_manifest_is_told_with_what_is_loose_in_it() {
    expect(
        &[("package.json", r#"{"dependencies": {"a": "^1.0.0", "b": "1.0.0"}}"#)],
        &["error lock-missing package.json:1 2 requirements", "warn range package.json:1 `a ^1.0.0`"],
    );
    expect(
        &[("package.json", r#"{"dependencies": {"b": "1.0.0"}}"#)],
        &["warn lock-missing package.json:1 1 requirement is"],
    );
    expect(
        &[("Cargo.toml", "[package]\nname = \"x\"\n[lib]\n[dependencies]\na = \"1\"\n")],
        &["note lock-missing"],
    );
}

#[test]
fn a_lock_is_held_against_its_manifest() {
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.9.0", "integrity": "x"}, "node_modules/b": {"version": "2.0.0"}}}"#;
    expect(
        &[
            ("package.json", r#"{"dependencies": {"a": "^1.2", "b": "~1.0", "c": "*"}}"#),
            ("package-lock.json", lock),
        ],
        &[
            "warn lock-unhashed package-lock.json:1 no digest for 1 of 2",
            "error lock-stale package.json:1 `b ~1.0` is locked at 2.0.0",
            "error lock-stale package.json:1 `c *` is not in",
        ],
    );
}

#[test]
fn what_is_overridden_and_extras_nobody_asked_for_are_not_held_against_a_lock() {
    let lock = r#"{"packages": {"node_modules/a": {"version": "2.0.0", "integrity": "x"}}}"#;
    let manifest = r#"{"dependencies": {"a": "^1.0.0"}, "overrides": {"a@^1": "2.0.0"}}"#;
    expect(&[("package.json", manifest), ("package-lock.json", lock)], &[]);
    let project = "[project]\nname = \"x\"\ndependencies = []\noptional-dependencies.y = [\"z\"]\n";
    expect(&[("pyproject.toml", project), ("uv.lock", "version = 1\n")], &[]);
}

#[test]
fn members_count_on_the_lock_of_their_workspace() {
    let lock = "[[package]]\nname = \"a\"\nversion = \"1.4.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"x\"\n";
    let member = "[package]\nname = \"m\"\n[dependencies]\na.workspace = true\nz = { path = \"../z\" }\n";
    let root = |version: &str| {
        format!("[workspace]\nmembers = [\"m\"]\n[workspace.dependencies]\na = \"{version}\"\n")
    };
    expect(&[("Cargo.toml", &root("1.3")), ("Cargo.lock", lock), ("m/Cargo.toml", member)], &[]);
    expect(
        &[("Cargo.toml", &root("1.5")), ("Cargo.lock", lock), ("m/Cargo.toml", member)],
        &["error lock-stale m/Cargo.toml:4 `a 1.5` is locked at 1.4.0"],
    );
}

#[test]
fn go_needs_the_digest_of_each_direct_module() {
    let module =
        "module x\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.1.0\n\ta.b/e v1.0.0\n)\nreplace a.b/e => ./e\n";
    let sums = "a.b/c v1.0.0 h1:x\na.b/c v1.0.0/go.mod h1:x\na.b/d v1.1.0/go.mod h1:x\n";
    expect(
        &[("go.mod", module), ("go.sum", sums)],
        &["error lock-stale go.mod:4 `a.b/d v1.1.0` has no digest"],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let report =
        check(&World::of(&[("poetry.lock", "[[package"), ("package.json", "{")]), &Options::default());
    let what: Vec<&str> = report.unchecked.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(what, ["package.json", "poetry.lock"]);
}

#[test]
fn data_of_tests_weighs_nothing_and_code_of_others_is_not_read() {
    expect(
        &[
            ("tests/fixtures/requirements.txt", "a\n"),
            ("node_modules/x/package.json", "{\"dependencies\":{\"y\":\"1\"}}"),
        ],
        &["note unpinned tests/fixtures/requirements.txt:1"],
    );
}
