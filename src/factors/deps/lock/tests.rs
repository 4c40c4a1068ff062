//! One small file of every format, whole and cut anywhere.

use super::{Asked, FORMATS, Names, of};
use crate::factors::deps::model::Origin;
use proptest::prelude::*;

/// Every package as `name version`, with `!` where its digest is missing and its origin where it is no registry's.
fn shown(file: &str, text: &str) -> Vec<String> {
    let packages = (of(file).unwrap().read)(text).unwrap();
    let one = |package: &crate::factors::deps::model::Locked| {
        let missing = if package.is_hashed == Some(false) { "!" } else { "" };
        let origin = match package.origin {
            Origin::Registry => "",
            Origin::OtherRegistry => " other",
            Origin::Git => " git",
            Origin::Url => " url",
            Origin::Path => " path",
        };
        format!("{} {}{missing}{origin}", package.name, package.version)
    };
    packages.iter().map(one).collect()
}

const UV: &str = r#"
version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
[[package]]
name = "Left_Pad"
version = "1.3.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://x", hash = "sha256:00" }
[[package]]
name = "bare"
version = "2"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "g"
version = "3"
source = { git = "https://x?rev=1#2" }
"#;
const POETRY: &str = r#"
[[package]]
name = "a"
version = "1.0"
files = [{file = "a.whl", hash = "sha256:00"}]
[[package]]
name = "b"
version = "2.0"
[package.source]
type = "git"
url = "https://x"
[[package]]
name = "c"
version = "3.0"
[metadata.files]
c = [{file = "c.whl", hash = "sha256:00"}]
"#;
const PDM: &str = "[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"b\"\nversion = \"2\"\npath = \"./b\"\n[metadata.files]\n\"a 1\" = [{file = \"a.whl\", hash = \"sha256:00\"}]\n";
const PYLOCK: &str = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\n[[packages.wheels]]\nname = \"a.whl\"\nhashes = {sha256 = \"00\"}\n[[packages]]\nname = \"b\"\n[packages.vcs]\ntype = \"git\"\n[[packages]]\nname = \"c\"\nversion = \"2\"\nsdist = {name = \"c.tar.gz\", hashes = {}}\n";
const PIPFILE: &str = r#"{"_meta": {"hash": {}}, "default": {"A_b": {"version": "==1.0", "hashes": ["sha256:00"]}, "g": {"git": "https://x", "ref": "1"}}, "develop": {"c": {"version": "==2"}}}"#;
const NPM1: &str = r#"{"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0", "integrity": "x", "dependencies": {"@s/b": {"version": "2.0.0"}}}, "c": {"version": "npm:d@3.0.0", "integrity": "x"}, "g": {"version": "git+ssh://git@x/y.git#1"}}}"#;
const NPM3: &str = r#"{"lockfileVersion": 3, "packages": {"": {"version": "9"}, "node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/a/node_modules/@s/b": {"version": "2.0.0"}, "node_modules/l": {"link": true}, "node_modules/c": {"name": "d", "version": "3.0.0", "inBundle": true}, "packages/w": {"version": "1"}}}"#;
const YARN1: &str = "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.2.0\"\n  resolved \"https://registry.yarnpkg.com/a.tgz#0123456789012345678901234567890123456789\"\n  dependencies:\n    version \"9\"\n\nb@npm:c@^2:\n  version \"2.0.0\"\n  resolved \"https://registry.yarnpkg.com/c.tgz\"\n\n\"g@git+https://x/y.git\":\n  version \"3.0.0\"\n  resolved \"git+https://x/y.git#1\"\n\nq@^1:\n  \"version\" \"4.0.0\"\n  \"resolved\" \"https://x/q.tgz\"\n  \"integrity\" sha512-x\n";
const YARN2: &str = "__metadata:\n  version: 6\n\n\"@s/a@npm:^1.0.0, @s/a@npm:^1.1.0\":\n  version: 1.2.0\n  resolution: \"@s/a@npm:1.2.0\"\n  checksum: 00\n  languageName: node\n\n\"b@npm:^1\":\n  version: 1.0.0\n  resolution: \"b@npm:1.0.0\"\n  conditions: os=linux & cpu=x64\n\n? \"c@npm:^1, c@npm:^2\"\n:\n  version: 2.0.0\n  resolution: \"c@npm:2.0.0\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n";
const PNPM5: &str = "lockfileVersion: 5.4\n\nspecifiers:\n  a: ^1\n\npackages:\n\n  /a/1.0.0:\n    resolution: {integrity: sha512-x}\n    dependencies:\n      b: 2.0.0\n    dev: false\n\n  /@s/b/2.0.0_react@18.0.0:\n    resolution: {integrity: sha512-x}\n\n  github.com/o/g/0123:\n    resolution: {tarball: https://x}\n    name: g\n    version: 3.0.0\n\n  example.org/c/1.1.0_@s+b@2.0.0:\n    resolution: {integrity: sha512-x}\n\n  example.org/@s/d/1.2.0:\n    resolution: {integrity: sha512-x}\n\n  /7e/1.0.0/a@1.0.0:\n    resolution: {integrity: sha512-x}\n\n  github.com/o/h/4567:\n    resolution: {tarball: https://x}\n";
const PNPM6: &str = "lockfileVersion: '6.0'\n\npackages:\n\n  /@s/a@1.0.0(@s/c@3.0.0)(x@1.0.0):\n    resolution: {integrity: sha512-x}\n\n  /7_b@2.0.0:\n    resolution: {integrity: sha512-x}\n\n  example.org/@s/c@3.0.0:\n    resolution: {integrity: sha512-x}\n\n  file:../d:\n    resolution: {directory: ../d, type: directory}\n    name: d\n    version: 4.0.0\n";
const PNPM9: &str = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0\n\npackages:\n\n  '@s/b@2.0.0':\n    resolution: {integrity: sha512-x}\n    engines: {node: '>=8'}\n\n  a@1.0.0(@s/b@2.0.0):\n    resolution:\n      integrity: sha512-x\n\n  bare@1.0.0:\n    resolution: {}\n\n  g@https://x/tar.gz/0:\n    resolution: {tarball: https://x/tar.gz/0}\n    version: 3.0.0\n\nsnapshots:\n\n  '@s/b@2.0.0': {}\n\n  a@1.0.0(@s/b@2.0.0): {}\n\n  bare@1.0.0: {}\n\n  g@https://x/tar.gz/0: {}\n";
const CARGO: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n[[package]]\nname = \"o\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.com/index\"\n\n[[package]]\nname = \"g\"\nversion = \"1.0.0\"\nsource = \"git+https://x#1\"\n\n[metadata]\n\"checksum o 1.0.0 (registry+https://example.com/index)\" = \"00\"\n";
const GO_SUM: &str = "a.b/c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\na.b/c v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
const GO_MOD: &str = "module m\n\ngo 1.21\n\ntoolchain go1.22.1-acme\n\nrequire (\n\ta.b/c v1.0.0 // indirect\n\ta.b/d v1.0.0\n\ta.b/e v1.0.0\n)\n\nrequire a.b/f v0.0.0-20200101000000-abcdefabcdef\n\nreplace a.b/d => x.y/d v2.0.0\n\nreplace a.b/e v1.0.0 => ../e\n";
const GEMFILE: &str = "GIT\n  remote: https://x\n  specs:\n    g (1.0)\n      a (>= 1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.2.0)\n      b (~> 1.0)\n    n (1.0-x86_64-linux)\n    n (1.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  a (~> 1)\n\nCHECKSUMS\n  a (1.2.0) sha256=00\n\nBUNDLED WITH\n   2.6.0\n";
const COMPOSER: &str = r#"{"packages": [{"name": "a/b", "version": "v1.0", "dist": {"type": "zip", "shasum": ""}}], "packages-dev": [{"name": "c/d", "version": "2.0", "dist": {"type": "path"}}, {"name": "e/f", "version": 20190220}]}"#;
const MIX: &str = "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"0123456789012345678901234567890123456789012345678901234567890123\", [:mix], [{:b, \"~> 1.0\", [hex: :b, repo: \"hexpm\", optional: false]}], \"hexpm\", \"00\"},\n  \"c\": {:hex, :d, \"2.0.0\", \"00\"},\n  \"g\": {:git, \"https://x\", \"0123\", [branch: \"main\"]},\n}\n";
const REBAR: &str = "{\"1.2.0\",\n[{<<\"a\">>,{pkg,<<\"a_pkg\">>,<<\"1.0.0\">>},0},\n {<<\"g\">>,\n  {git,\"https://x\",{ref,\"0123\"}},\n  1},\n {<<\"h\">>,{hg,\"https://y\",{ref,\"0123\"}},0}]}.\n[\n{pkg_hash,[\n {<<\"a\">>, <<\"00\">>}]}\n].\n";
const GRADLE: &str = "# comment\na.b:c:1.0=compileClasspath\nempty=\n";

const SAMPLES: [(&str, &str, &[&str]); 22] = [
    ("uv.lock", UV, &["app 0.1.0 path", "left-pad 1.3.0", "bare 2!", "g 3 git"]),
    ("poetry.lock", POETRY, &["a 1.0", "b 2.0 git", "c 3.0"]),
    ("pdm.lock", PDM, &["a 1", "b 2 path"]),
    ("pylock.dev.toml", PYLOCK, &["a 1", "b  git", "c 2!"]),
    ("Pipfile.lock", PIPFILE, &["a-b 1.0", "g  git", "c 2!"]),
    ("npm-shrinkwrap.json", NPM1, &["a 1.0.0", "d 3.0.0", "g  git", "@s/b 2.0.0!"]),
    ("package-lock.json", NPM3, &["a 1.0.0", "@s/b 2.0.0!", "d 3.0.0"]),
    ("yarn.lock", YARN1, &["@s/a 1.2.0", "c 2.0.0!", "g 3.0.0 git", "q 4.0.0"]),
    ("yarn.lock", YARN2, &["@s/a 1.2.0", "b 1.0.0", "c 2.0.0!"]),
    ("pnpm-lock.yaml", PNPM5, &["a 1.0.0", "@s/b 2.0.0", "g 3.0.0 git", "c 1.1.0", "@s/d 1.2.0", "7e 1.0.0"]),
    ("pnpm-lock.yaml", PNPM6, &["@s/a 1.0.0", "7_b 2.0.0", "@s/c 3.0.0", "d 4.0.0 path"]),
    ("pnpm-lock.yaml", PNPM9, &["@s/b 2.0.0", "a 1.0.0", "bare 1.0.0!", "g 3.0.0 git"]),
    ("Cargo.lock", CARGO, &["app 0.1.0 path", "a 1.0.0", "o 1.0.0 other", "g 1.0.0 git"]),
    ("go.sum", GO_SUM, &["a.b/c v1.0.0", "a.b/c v1.0.0/go.mod"]),
    ("go.work.sum", GO_SUM, &["a.b/c v1.0.0", "a.b/c v1.0.0/go.mod"]),
    (
        "go.mod",
        GO_MOD,
        &[
            "a.b/c 1.0.0",
            "x.y/d 2.0.0",
            "../e  path",
            "a.b/f 0.0.0-20200101000000-abcdefabcdef",
            "stdlib 1.22.1",
        ],
    ),
    ("Gemfile.lock", GEMFILE, &["g 1.0 git", "a 1.2.0", "n 1.0!"]),
    ("composer.lock", COMPOSER, &["a/b v1.0", "c/d 2.0 path", "e/f 20190220"]),
    ("mix.lock", MIX, &["a 1.0.0", "d 2.0.0!", "g  git"]),
    ("rebar.lock", REBAR, &["a_pkg 1.0.0", "g  git", "h  git"]),
    ("gradle.lockfile", GRADLE, &["a.b:c 1.0"]),
    ("gems.locked", "GEM\n  specs:\n    a (1)\n\nDEPENDENCIES\n  a\n", &["a 1"]),
];

#[test]
fn every_format_is_read() {
    for (file, text, expected) in SAMPLES {
        assert_eq!(shown(file, text), expected, "{file}");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(shown(file, &crlf), expected, "{file} with CRLF");
    }
    let missing: Vec<&str> = FORMATS
        .iter()
        .map(|format| format.file)
        .filter(|file| !SAMPLES.iter().any(|(known, ..)| of(known).unwrap().file == *file))
        .collect();
    let without =
        ["bun.lock", "bun.lockb", "deno.lock", "requirements.lock", "requirements-dev.lock", "pixi.lock"];
    assert_eq!(
        missing,
        [&["buildscript-gradle.lockfile"], &without[..]].concat(),
        "formats without a sample"
    );
    assert!(without.iter().all(|file| (of(file).unwrap().read)("a").is_err()), "they are said to be unread");
}

#[test]
fn a_file_may_end_anywhere() {
    for (file, text, _) in SAMPLES {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = (of(file).unwrap().read)(&text[..end]);
            let _ = (of(file).unwrap().read)(&text[end..]);
        }
    }
}

#[test]
fn what_is_another_thing_is_said() {
    for (file, text) in [
        ("package-lock.json", "[]"),
        ("poetry.lock", "= 1"),
        ("yarn.lock", "<<<<<<< HEAD\n"),
        ("Gemfile.lock", "<<<<<<< HEAD\n"),
        ("mix.lock", "[]"),
        ("go.mod", "replace a => b v1.0.0\nreplace a => c v1.0.0\n"),
        ("pylock.toml", "[[packages]]\nversion = \"1\"\n"),
        ("uv.lock", "[[package]]\n"),
        ("Cargo.lock", "[[package]]\nname = \"a\"\n"),
        ("composer.lock", "{\"packages\": [{\"version\": \"1\"}]}"),
        ("composer.lock", "{\"packages\": [{\"name\": \"a/b\", \"version\": {}}]}"),
        ("yarn.lock", "a@^1:\n  resolved \"https://x/a.tgz#00\"\n"),
        ("pnpm-lock.yaml", "lockfileVersion: 5.4\npackages:\n  nothing:\n    dev: false\n"),
        ("go.mod", "nonsense x\n"),
        ("go.sum", "x\n"),
        ("go.sum", "three plain words\n"),
        ("go.sum", "a.b/c v1.0.0 h1:47DEQpj8HBSa\n"),
        ("go.mod", "module m\nrequire (\n\ta.b/c v1.0.0\n"),
        ("mix.lock", "%{\n  \"a\": {:hex, :a, \"1.0.0\""),
        ("mix.lock", "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"00\", [:mix], [{:b, \"~> 1.0\", [hex: :b]}"),
        ("mix.lock", "%{\n  \"a\": {:hex, },\n}\n"),
        ("rebar.lock", "three plain words\n"),
        ("rebar.lock", "{\"1.2.0\",\n[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1.0.0\">>},0},\n"),
        ("rebar.lock", "{\"1.2.0\",\n[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1.0.0\">>},0}]}"),
        ("rebar.lock", "[{<<\"a\">>,{pkg,<<\"a\">>},0}].\n"),
        ("Gemfile.lock", "GEM\n  specs:\n    a (1)\n"),
        ("yarn.lock", "a@^1:\n  version \"1.2"),
        ("pnpm-lock.yaml", "lockfileVersion: '99.0'\n"),
        ("pnpm-lock.yaml", "{\"lockfileVersion\": 9, \"packages\": {}}\n"),
        ("pnpm-lock.yaml", "packages:\n  a@1.0.0:\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {}\n"),
        ("package-lock.json", "{\"lockfileVersion\": 9}"),
    ] {
        assert!((of(file).unwrap().read)(text).is_err(), "{file}");
    }
}

#[test]
fn what_a_lock_was_made_for_is_read() {
    let shown = |file: &str, text: &str| {
        let asked = Asked::read(of(file).unwrap(), text);
        let one = |(folder, names): (&String, &Names)| {
            let names = names
                .iter()
                .map(|(name, of)| format!("{name} {}", of.iter().cloned().collect::<Vec<_>>().join("|")));
            format!("{folder}: {}", names.collect::<Vec<_>>().join(", "))
        };
        let mut all: Vec<String> = asked.by_folder.iter().map(one).collect();
        all.extend(asked.overridden);
        all
    };
    let uv = "[[package]]\nname = \"m\"\nversion = \"0\"\nsource = { editable = \"p/m\" }\n[package.metadata]\nrequires-dist = [{ name = \"A_b\", specifier = \">=1\" }]\n[package.metadata.requires-dev]\nx = [{ name = \"c\" }]\n";
    let pnpm6 = "lockfileVersion: '6.0'\noverrides:\n  x@1>y@^2: 3.0.0\ndependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0\n";
    for (file, text, expected) in [
        ("yarn.lock", YARN1, &[": @s/a ^1.0.0|^1.1.0, b c@^2, g git+https://x/y.git, q ^1"][..]),
        ("yarn.lock", "? \"a@npm:^1, a@npm:^2\"\n:\n  version: 1.0.0\n", &[": a ^1|^2"]),
        ("pnpm-lock.yaml", PNPM5, &[": a ^1"]),
        ("pnpm-lock.yaml", pnpm6, &[": a ^1", "y"]),
        ("pnpm-lock.yaml", PNPM9, &[": a ^1"]),
        ("Gemfile.lock", GEMFILE, &[": a ~> 1"]),
        ("uv.lock", uv, &["p/m: a-b >=1, c "]),
        ("poetry.lock", POETRY, &[]),
    ] {
        assert_eq!(shown(file, text), expected, "{file}");
        assert_eq!(shown(file, &text.replace('\n', "\r\n")), expected, "{file} with CRLF");
    }
}

proptest! {
    #[test]
    fn no_change_is_too_odd(sample in 0..SAMPLES.len(), at in 0..1000_usize, with in "[\\[\\]{}()\"':,@/=<>\n a1é-]{0,3}") {
        let (file, text, _) = SAMPLES[sample];
        let at = at % text.len();
        let mut changed = text.to_owned();
        changed.replace_range(at..=at, &with);
        let _ = (of(file).unwrap().read)(&changed);
    }
}
