//! Whole trees: what is told of them, in order.

use super::world::{World, expect, left_out, told};
use super::{Options, check};

mod requirements;
mod unlocked;

#[test]
fn without_a_lock_a_manifest_is_told_with_what_is_loose_in_it() {
    expect(
        &[("package.json", r#"{"dependencies": {"a": "^1.0.0", "b": "1.0.0"}}"#)],
        &["error lock-missing package.json:1 2 requirements are declared and no lock file beside it \
             (package-lock.json): 1 is a range"],
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
fn what_cargo_finds_beside_a_manifest_says_what_it_is() {
    let told = |manifest: &str, file: &str, expected: &[&str]| {
        expect(&[("x/Cargo.toml", manifest), (file, "")], expected);
    };
    let app: &[&str] = &["error lock-missing x/Cargo.toml:1"];
    let plain = "[dependencies]\na = \"1\"\n";
    told(plain, "x/src/lib.rs", &["note lock-missing x/Cargo.toml:1"]);
    told(plain, "x/src/main.rs", app);
    told(&format!("[[bin]]\nname = \"x\"\n{plain}"), "x/src/lib.rs", app);
    told(&format!("[lib]\n{plain}"), "x/src/bin/y.rs", app);
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
fn a_package_is_told_where_it_is_locked_and_not_where_it_is_asked_for() {
    let npm = "{\"packages\": {\n\"\": {\n\"dependencies\": {\"a\": \"^1\"}},\n\"node_modules/a\": {\n\"version\": \"1.0.0\"}}}";
    let pnpm = |head: &str| {
        format!(
            "lockfileVersion: '6.0'\nimporters:\n  .:\n    dependencies:\n      'a':\n        specifier: ^1\n        version: 1.0.0\npackages:\n  {head}:\n    resolution: {{}}\n"
        )
    };
    for (lock, text, line) in [
        ("package-lock.json", npm.to_owned(), 4),
        ("pnpm-lock.yaml", pnpm("a@1.0.0"), 9),
        ("pnpm-lock.yaml", pnpm("/a/1.0.0"), 9),
        ("Cargo.lock", "[[package]]\nname = \"b\"\nversion = \"1.0.0\"\ndependencies = [\n \"a 1.0.0\",\n]\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n".to_owned(), 9),
    ] {
        expect(&[(lock, &text)], &[&format!("warn lock-unhashed {lock}:{line} ")]);
    }
}

#[test]
fn what_is_overridden_and_extras_nobody_asked_for_are_not_held_against_a_lock() {
    let lock = r#"{"packages": {"node_modules/a": {"version": "2.0.0", "integrity": "x"}}}"#;
    let manifest = r#"{"dependencies": {"a": "^1.0.0"}, "overrides": {"a@^1": "2.0.0"}}"#;
    expect(&[("package.json", manifest), ("package-lock.json", lock)], &[]);
    let project = "[project]\nname = \"x\"\ndependencies = []\noptional-dependencies.y = [\"z\"]\n";
    expect(&[("pyproject.toml", project), ("pdm.lock", "")], &[]);
}

#[test]
fn what_stands_for_a_package_of_another_name_is_that_package() {
    let lock = r#"{"packages": [{"name": "l/f", "version": "v10.1.0", "provide": {"p/i": "3.0"}, "replace": {"i/s": "self.version"}}]}"#;
    expect(
        &[
            (
                "composer.json",
                r#"{"require": {"p/i": "^1", "i/s": "^10"}, "require-dev": {"I/S": "^9", "i/q": "*"}}"#,
            ),
            ("composer.lock", lock),
        ],
        &[
            "error lock-stale composer.json:1 `i/s ^9` is locked at v10.1.0",
            "error lock-stale composer.json:1 `i/q *` is not in",
        ],
    );
    let hash = "a".repeat(64);
    expect(
        &[
            ("mix.exs", "use Mix.Project\ndefp deps do\n  [{:a, \"~> 1.0\", hex: :b}]\nend\n"),
            ("mix.lock", &format!("%{{\n  \"a\": {{:hex, :b, \"2.0.0\", \"{hash}\"}},\n}}\n")),
        ],
        &["error lock-stale mix.exs:3 `b ~> 1.0` is locked at 2.0.0"],
    );
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
    let sums = "a.b/c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\na.b/c v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\na.b/d v1.1.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
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
    for (manifest, text, lock) in [
        ("package.json", r#"{"dependencies": {"a": "^1"}}"#, "bun.lockb"),
        ("pyproject.toml", "[project]\ndependencies = [\"a>1\"]\n", "pixi.lock"),
    ] {
        let report = check(&World::of(&[(manifest, text), (lock, "{}")]), &Options::default());
        assert_eq!((told(&report), report.unchecked[0].what.as_str()), (Vec::new(), lock));
    }
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

#[test]
fn setup_py_speaks_where_pyproject_says_only_how_the_package_is_made() {
    expect(
        &[
            ("pyproject.toml", "[build-system]\nrequires = [\"setuptools\"]\n"),
            ("setup.py", "setup(install_requires=['a>=1'])\n"),
        ],
        &["error lock-missing setup.py:1 1 requirement is"],
    );
    let project = "[project]\nname = \"x\"\ndependencies = [\"a\"]\n";
    expect(
        &[
            ("pyproject.toml", project),
            ("setup.py", "setup(install_requires=REQS)\n"),
            ("pdm.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [{ hash = \"x\" }]\n"),
        ],
        &[],
    );
}

#[test]
fn a_lock_that_cannot_be_read_is_not_missing() {
    left_out(
        &[("package.json", r#"{"dependencies": {"a": "^1.0.0"}}"#), ("package-lock.json", "{")],
        &["package-lock.json"],
    );
    left_out(
        &[("Cargo.toml", "[dependencies]\na = \"1\"\n"), ("Cargo.lock", "<<<<<<< ours\n")],
        &["Cargo.lock: it has the marks"],
    );
    left_out(
        &[("requirements.in", "a\n"), ("requirements.txt", "a==1\0\n")],
        &["requirements.txt: it is no text"],
    );
}

#[test]
fn what_is_no_file_of_its_kind_is_not_passed_over() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    for file in ["requirements.txt", "Gemfile", "mix.exs", "go.sum", "yarn.lock"] {
        left_out(&[(file, pointer)], &[&format!("{file}: it is a pointer")]);
    }
    left_out(
        &[("setup.py", "setup(install_requires=REQS)\n")],
        &["setup.py: `install_requires` is computed"],
    );
}

#[test]
fn files_that_setuptools_is_told_of_are_read() {
    let project = "[project]\nname = \"x\"\ndynamic = [\"dependencies\"]\n[tool.setuptools.dynamic]\ndependencies = { file = [\"deps/run.txt\"] }\n";
    expect(&[("pyproject.toml", project), ("deps/run.txt", "a\n")], &["error unpinned deps/run.txt:1"]);
    expect(
        &[
            ("pyproject.toml", project),
            ("deps/run.txt", "a\n"),
            ("pdm.lock", "[[package]]\nname = \"b\"\nversion = \"1\"\nfiles = [{ hash = \"x\" }]\n"),
        ],
        &["error lock-stale deps/run.txt:1 `a` is not in"],
    );
    left_out(&[("pyproject.toml", project)], &["deps/run.txt (named by pyproject.toml)"]);
}

#[test]
fn members_of_a_workspace_need_no_lock_entry_for_each_other() {
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/b": {"resolved": "p/b", "link": true}}}"#;
    let a = r#"{"name": "a", "dependencies": {"b": "^1.0.0"}}"#;
    let root = |globs: &str| format!("{{\"workspaces\": [{globs}]}}");
    let files = |globs: &str| {
        vec![
            ("package.json", root(globs)),
            ("package-lock.json", lock.to_owned()),
            ("p/a/package.json", a.to_owned()),
            ("p/b/package.json", r#"{"name": "b"}"#.to_owned()),
        ]
    };
    let check = |globs: &str, expected: &[&str]| {
        let files = files(globs);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        expect(&files, expected);
    };
    check(r#""p/*""#, &[]);
    check(r#""p/a", "p/b""#, &[]);
    check(r#""./p/**/", "!p/b""#, &["error lock-stale p/a/package.json:1 `b ^1.0.0` is not in"]);
    check(r#""q/*""#, &["error lock-missing p/a/package.json:1"]);
}

#[test]
fn a_lock_reaches_the_members_of_its_workspace_only() {
    let lock = "version = 4\n";
    let needs = "[dependencies]\nz = \"1\"\n";
    let own = format!("{needs}[workspace]\n");
    expect(
        &[
            ("Cargo.toml", "[workspace]\nexclude = [\"out\"]\n"),
            ("Cargo.lock", lock),
            ("fuzz/Cargo.toml", &own),
            ("out/Cargo.toml", needs),
            ("in/Cargo.toml", needs),
        ],
        &[
            "error lock-missing fuzz/Cargo.toml:1",
            "error lock-stale in/Cargo.toml",
            "error lock-missing out/Cargo.toml:1",
        ],
    );
    let pnpm = "lockfileVersion: '9.0'\nimporters:\n  .: {}\n  p/a:\n    dependencies:\n      y:\n        specifier: ^1\n        version: link:../y\n";
    let needs = r#"{"dependencies": {"y": "^1"}}"#;
    expect(
        &[
            ("pnpm-lock.yaml", pnpm),
            ("p/a/package.json", needs),
            ("p/y/package.json", r#"{"name": "y"}"#),
            ("t/package.json", needs),
        ],
        &["error lock-stale p/a/package.json", "error lock-missing t/package.json:1"],
    );
}

#[test]
fn the_lock_that_a_manifest_names_counts() {
    let web =
        "use Mix.Project\ndef project, do: [lockfile: \"../../mix.lock\", deps: [{:a, \"~> 1.0\"}]]\nend\n";
    let lock = "%{\"a\": {:hex, :a, \"1.0.0\", \"0123456789012345678901234567890123456789012345678901234567890123\"}}\n";
    expect(&[("apps/web/mix.exs", web), ("mix.lock", lock)], &[]);
    let yarn = "a@^1.0.0:\n  version \"1.0.0\"\n  integrity x\n";
    let manifest = r#"{"packageManager": "yarn@1.22.22", "dependencies": {"a": "^1.0.0"}}"#;
    expect(&[("package.json", manifest), ("package-lock.json", "{}"), ("yarn.lock", yarn)], &[]);
    let project = "[project]\nname = \"x\"\ndependencies = [\"a\"]\n";
    let pylock = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{ hashes = { sha256 = \"0\" } }]\n";
    expect(&[("pyproject.toml", project), ("pylock.docs.toml", ""), ("pylock.toml", pylock)], &[]);
}

#[test]
fn modules_of_one_go_work_take_each_other_from_the_tree() {
    let a = "module x.y/a\nrequire x.y/b v0.0.0\n";
    let work = ("go.work", "go 1.22\nuse (\n\t./a\n\t./b\n)\n");
    expect(&[work, ("a/go.mod", a), ("b/go.mod", "module x.y/b\n")], &[]);
    let b = ("b/go.mod", "module x.y/b\nrequire a.b/c v1.0.0\nrequire a.b/d v1.0.0\n");
    expect(
        &[work, b, ("go.work.sum", "a.b/c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")],
        &["error lock-stale b/go.mod:3 `a.b/d v1.0.0` has no digest in `go.work.sum`"],
    );
}

#[test]
fn a_lock_that_was_made_for_other_words_is_stale() {
    let package = |constraint: &str| format!("{{\"dependencies\": {{\"a\": \"{constraint}\"}}}}");
    let yarn = "a@^1.0.0:\n  version \"1.3.0\"\n  integrity x\n";
    let berry = "\"a@npm:^1.0.0\":\n  version: 1.3.0\n  resolution: \"a@npm:1.3.0\"\n  checksum: 0\n";
    let pnpm = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.3.0\npackages:\n  a@1.3.0:\n    resolution: {integrity: x}\nsnapshots:\n  a@1.3.0: {}\n";
    for (file, lock) in [("yarn.lock", yarn), ("yarn.lock", berry), ("pnpm-lock.yaml", pnpm)] {
        expect(&[("package.json", &package("^1.0.0")), (file, lock)], &[]);
        expect(
            &[("package.json", &package("^1.2.0")), (file, lock)],
            &["error lock-stale package.json:1 `a ^1.2.0` is not what"],
        );
    }
    let gems = "GEM\n  specs:\n    a (1.3)\n    b (1)\n\nDEPENDENCIES\n  a (>= 1, < 2)\n\nCHECKSUMS\n  a (1.3) sha256=0\n  b (1) sha256=0\n";
    expect(
        &[("Gemfile", "gem 'a', '< 2', '>=1'\ngem 'b'\n"), ("Gemfile.lock", gems)],
        &["error lock-stale Gemfile:2 `b` is not what"],
    );
    let uv = "[[package]]\nname = \"x\"\nversion = \"0\"\nsource = { virtual = \".\" }\n[package.metadata]\nrequires-dist = [{ name = \"a\", specifier = \">=1,<2\" }]\n[[package]]\nname = \"a\"\nversion = \"1.3\"\n";
    let project = |rest: &str| format!("[project]\nname = \"x\"\ndependencies = [\n{rest}]\n");
    expect(
        &[("pyproject.toml", &project("\"a<2, >=1\",\n\"c; sys_platform == 'win32'\",\n")), ("uv.lock", uv)],
        &["error lock-stale pyproject.toml:5 `c` is not what", "warn lock-unhashed"],
    );
}

#[test]
fn cargo_locks_for_all_targets_and_for_making() {
    let manifest = "[target.'cfg(windows)'.dependencies]\na = \"1\"\n[build-dependencies]\nb = \"1\"\n";
    expect(
        &[("Cargo.toml", manifest), ("Cargo.lock", "version = 4\n")],
        &["error lock-stale Cargo.toml:2 `a 1`", "error lock-stale Cargo.toml:4 `b 1`"],
    );
}

#[test]
fn uv_and_poetry_lock_for_all_platforms_and_not_for_all_pythons() {
    let project = "[project]\nname = \"x\"\ndependencies = [\n\"a; sys_platform == 'win32'\",\n\"b; python_version < '3.11'\",\n]\n";
    let poetry = "[tool.poetry.dependencies]\npython = \"^3\"\nb = { version = \"1\", python = \"<3.11\" }\na = { version = \"1\", optional = true }\n";
    for (manifest, lock, line) in
        [(project, "uv.lock", 4), (project, "poetry.lock", 4), (poetry, "poetry.lock", 4)]
    {
        let stale = format!("error lock-stale pyproject.toml:{line} `a");
        expect(&[("pyproject.toml", manifest), (lock, "")], &[&stale]);
    }
    expect(&[("pyproject.toml", project), ("pdm.lock", "")], &[]);
}

#[test]
fn the_root_finds_what_lies_at_the_top() {
    let lock = r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/b/node_modules/a": {"version": "2.0.0", "integrity": "x"}}}"#;
    expect(
        &[("package.json", r#"{"dependencies": {"a": "^2.0.0"}}"#), ("package-lock.json", lock)],
        &["error lock-stale package.json:1 `a ^2.0.0` is locked at 1.0.0"],
    );
}

#[test]
fn what_is_overridden_is_not_held_against_what_asks_for_it() {
    let uv = "[[package]]\nname = \"a\"\nversion = \"3\"\nsource = { registry = \"x\" }\nsdist = { hash = \"x\" }\n";
    for tool in ["uv]\noverride-dependencies = [\"a==3\"]", "pdm.resolution.overrides]\na = \"3\""] {
        let project = format!("[project]\nname = \"x\"\ndependencies = [\"a<3\"]\n[tool.{tool}\n");
        expect(&[("pyproject.toml", &project), ("uv.lock", uv)], &[]);
    }
    let pnpm = "lockfileVersion: '9.0'\noverrides:\n  a: 3.0.0\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: 3.0.0\n        version: 3.0.0\npackages:\n  a@3.0.0:\n    resolution: {integrity: x}\nsnapshots:\n  a@3.0.0: {}\n";
    expect(&[("package.json", r#"{"dependencies": {"a": "^2"}}"#), ("pnpm-lock.yaml", pnpm)], &[]);
}

#[test]
fn links_with_the_name_of_what_would_be_read_are_told() {
    let manifest = ("package.json", r#"{"dependencies": {"a": "^1"}}"#);
    let world =
        World::of(&[manifest]).link("yarn.lock").link("README.md").link("node_modules/x/package.json");
    let report = check(&world, &Options::default());
    assert_eq!(told(&report), [""; 0], "a lock behind a link is not missing");
    assert_eq!(report.unchecked[0].what, "yarn.lock");
    assert_eq!(report.unchecked.len(), 1);
}
