//! Manifests without a lock: what each weighs, which are told together, which tool is named.

use crate::factors::deps::world::{World, expect, told};
use crate::factors::deps::{Options, check};

#[test]
fn what_each_requirement_leaves_open_is_counted_and_stays_evidence() {
    let manifest = r#"{"dependencies": {"a": "^1.0.0", "b": "~2.0.0", "c": "*", "d": "1.x", "e": "1.0.0", "f": "o/f#main"}}"#;
    let report = check(&World::of(&[("package.json", manifest)]), &Options::default());
    assert_eq!(
        told(&report),
        [
            "error lock-missing package.json:1 6 requirements are declared and no lock file beside it \
             (package-lock.json): 2 are ranges, 1 unpinned, 1 a wildcard",
            "warn vcs-branch package.json:1 `f` is not at a full commit, and nothing locks it",
        ]
    );
    let evidence: Vec<String> =
        report.evidence.iter().map(|one| format!("{} {}", one.details[0].1, one.details[1].1)).collect();
    assert_eq!(evidence, ["a range", "b range", "c unpinned", "d wildcard", "e exact", "f vcs-branch"]);
}

#[test]
fn what_composer_installs_into_others_needs_no_lock() {
    let of = |kind: &str| format!("{{\"type\": \"{kind}\", \"require\": {{\"a/b\": \"^1\"}}}}");
    for (kind, level) in [
        ("project", "error"),
        ("library", "note"),
        ("metapackage", "note"),
        ("composer-plugin", "note"),
        ("keeper-extension", "note"),
        ("keeper-core", "error"),
    ] {
        expect(
            &[("composer.json", &of(kind))],
            &[&format!("{level} lock-missing composer.json:1 1 requirement")],
        );
    }
    expect(&[("composer.json", "{\"require\": {\"a/b\": \"^1\"}}")], &["error lock-missing"]);
    expect(&[("core/composer.json", &of("keeper-core"))], &["note lock-missing"]);
}

#[test]
fn many_alike_are_told_once() {
    let plugin = "{\"type\": \"x-plugin\", \"require\": {\"a/b\": \"^1\"}}";
    let paths: Vec<String> = (1..6).map(|at| format!("plugins/p{at}/composer.json")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), plugin)).collect();
    expect(
        &files,
        &[
            "note lock-missing plugins/p1/composer.json:1 5 manifests of libraries and plugins have no lock file \
             beside them: `plugins/p1/composer.json`, `plugins/p2/composer.json`, `plugins/p3/composer.json` and 2 more",
        ],
    );
}

#[test]
fn tests_examples_and_what_is_handed_out_weigh_little() {
    let needs = r#"{"dependencies": {"a": "^1"}}"#;
    let published = r#"{"repository": "o/x", "dependencies": {"a": "^1"}}"#;
    for (path, text) in [
        ("tests/e2e/package.json", needs),
        ("examples/x/package.json", needs),
        ("static/moment/package.json", published),
        ("x/public/y/package.json", published),
        ("debian/missing-sources/x/package.json", needs),
    ] {
        expect(&[(path, text)], &[&format!("note lock-missing {path}:1 1 requirement")]);
    }
    // What is built for the page may be made here.
    expect(&[("static/styles/package.json", needs)], &["error lock-missing static/styles/package.json:1"]);
    // The folder itself may well be the app's own.
    expect(&[("assets/package.json", published)], &["error lock-missing assets/package.json:1"]);
    let lock = r#"{"packages": {}}"#;
    expect(
        &[("tests/data/package.json", needs), ("tests/data/package-lock.json", lock)],
        &["note lock-stale tests/data/package.json:1 `a ^1` is not in"],
    );
}

#[test]
fn tools_below_another_manifest_are_not_installed_by_it() {
    let tools = "{\"require-dev\": {\"a/b\": \"1.0.0\"}}";
    let root = ("composer.json", "{\"require\": {\"c/d\": \"^1\"}}");
    expect(
        &[root, ("skins/x/composer.json", tools)],
        &["error lock-missing composer.json:1", "note lock-missing skins/x/composer.json:1"],
    );
    expect(&[("skins/x/composer.json", tools)], &["warn lock-missing skins/x/composer.json:1"]);
}

#[test]
fn the_tool_that_a_manifest_is_written_for_is_named() {
    let project = "[project]\nname = \"x\"\ndependencies = [\"a\"]\n";
    for (rest, named) in [
        ("", "uv.lock or a compiled requirements file"),
        ("[tool.uv]\n", "uv.lock"),
        ("[tool.uv.sources]\n", "uv.lock"),
        ("[tool.uvx]\n", "uv.lock or a compiled requirements file"),
        ("[tool.pdm.version]\n", "pdm.lock"),
        ("[tool.pip-tools]\n", "a compiled requirements file"),
        ("[build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n", "uv.lock"),
        ("[build-system]\nrequires = [\"x\"]\nbuild-backend = \"poetry.core.masonry.api\"\n", "poetry.lock"),
        ("[build-system]\nrequires = [\"x\"]\nbuild-backend = \"pdm.backend\"\n", "pdm.lock"),
        (
            "[build-system]\nrequires = [\"x\"]\nbuild-backend = \"hatchling.build\"\n",
            "uv.lock or a compiled",
        ),
    ] {
        expect(
            &[("pyproject.toml", &format!("{project}{rest}"))],
            &[&format!(
                "error lock-missing pyproject.toml:1 1 requirement is declared and no lock file beside it ({named}"
            )],
        );
    }
    for (file, text, named) in [
        ("Pipfile", "[packages]\na = \"*\"\n", "Pipfile.lock"),
        ("pyproject.toml", "[tool.poetry.dependencies]\na = \"*\"\n", "poetry.lock"),
        ("package.json", r#"{"packageManager": "pnpm@9.1.0", "dependencies": {"a": "*"}}"#, "pnpm-lock.yaml"),
    ] {
        expect(
            &[(file, text)],
            &[&format!(
                "error lock-missing {file}:1 1 requirement is declared and no lock file beside it ({named})"
            )],
        );
    }
}

#[test]
fn an_extra_of_the_package_itself_is_no_requirement() {
    let project =
        "[project]\nname = \"x\"\ndependencies = []\noptional-dependencies.all = [\"x[a]\", \"b\"]\n";
    expect(&[("pyproject.toml", project)], &["error lock-missing pyproject.toml:1 1 requirement is"]);
}
