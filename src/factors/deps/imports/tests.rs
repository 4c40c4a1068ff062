//! What is an import, what is declared, and what is told.

use super::{compiled, javascript, python, python_names};
use crate::factors::deps::world::{World, expect, told};
use crate::factors::deps::{Options, check};
use crate::factors::finding::Report;
use proptest::prelude::*;

mod shipped;
mod told_softly;

fn names(imports: Vec<super::Import>) -> Vec<String> {
    imports
        .into_iter()
        .map(|import| format!("{}{}", import.name, if import.is_soft { "?" } else { "" }))
        .collect()
}

fn told_by(report: &Report) -> String {
    told(report).join("\n")
}

#[test]
fn imports_of_python_are_found_by_its_grammar() {
    let text = r#"'''import no'''
import a.b as x, c
from d.e import (
    f,
    import_no,
)
from . import g
from .h import i
x = "import no"  # import no
if x: import j; import k
def l():
    import \
        m
try:
    import n
except ImportError:
    import o
import p
if TYPE_CHECKING:
    import q
try:
    import r
except ValueError:
    pass
with suppress(ImportError): import s
with contextlib.suppress(ImportError, OSError):
    import t
with suppress(KeyError):
    import u
yield_from = importlib
"#;
    assert_eq!(
        names(python::imports(text)),
        ["a", "c", "d", "j", "k", "m", "n?", "o?", "p", "q?", "r", "s?", "t?", "u"]
    );
}

#[test]
fn imports_of_javascript_are_found_by_its_grammar() {
    let text = r#"// import "no"
/* require("no") */
import a from 'a/b'
import { x } from "@s/c/d"
import 'e'
export * from 'f'
const g = require('g'), r = /import "no"/, s = "from 'no'"
const h = await import("h")
require.resolve('i')
import './no'; import '@/no'; import '@@/no'; import 'node:fs'; import 'fs/promises'; import "https://no/x.js"
try { k = require('k') } catch (e) {}
const t = `import "no"`
Array.from('no'); form.import('no')
import type { L } from 'l'
"#;
    assert_eq!(names(javascript::imports("a.ts", text)), ["a", "@s/c", "e", "f", "g", "h", "i", "k?", "l"]);
    let page = "<template>it's import 'no'</template><script setup>import m from 'm'</script>";
    assert_eq!(names(javascript::imports("a.vue", page)), ["m"]);
}

#[test]
fn imports_of_go_and_rust_are_those_at_their_head() {
    let go = "// import \"no.no/x\"\n/*\nimport \"no.no/y\"\n*/\npackage x\nimport /* \"no.no/z\" */ \"fmt\" // \"no.no/x\"\nimport (\n\tb \"a.b/c\"\n\t// \"no.no/x\"\n\t_ \"a.b/d/v2\"\n)\nfunc f() { x := \"no.no/y\" }\n";
    assert_eq!(names(compiled::go(go)), ["fmt", "a.b/c", "a.b/d/v2"]);
    let rust = "use a::b;\npub use c_d::{e};\nextern crate f as g;\n    use inner::x;\nuse Upper::x;\n// use no::x;\n\
        pub(crate) use h::{i, j::k};\nuse {l::{m, n::o},\n  ::p::q, no};\nextern crate r;\npublic use no::x;\n";
    assert_eq!(names(compiled::rust(rust)), ["a", "c_d", "f", "h", "l", "p", "r"]);
}

#[test]
fn a_distribution_may_have_another_name_than_its_import() {
    let code =
        "import yaml, PIL, google.cloud.storage, dateutil, psycopg2, serial, foo_bar, os, app, sibling\n";
    let requirements = "pyyaml==1\nPillow==1\ngoogle-cloud-storage==1\npython-dateutil==1\npsycopg2-binary==1\npyserial==1\nFoo.Bar==1\n";
    expect(&[("requirements.txt", requirements), ("app/main.py", code), ("app/sibling.py", "")], &[]);
}

#[test]
fn tables_and_habits_know_a_distribution_by_its_import() {
    for (distribution, module, expected) in [
        ("django-taggit", "taggit", true),
        ("django-mptt", "mptt", true),
        ("django-import-export", "import_export", true),
        ("django-some-app", "some_app", true),
        ("factory-boy", "factory", true),
        ("pdfminer-six", "pdfminer", true),
        ("snowflake-connector-python", "snowflake", true),
        ("ansible-core", "ansible", true),
        ("onnxruntime-gpu", "onnxruntime", true),
        ("tensorflow-cpu", "tensorflow", true),
        ("pytelegrambotapi", "telebot", true),
        ("grpcio-tools", "grpc_tools", true),
        ("pywin32", "win32con", true),
        ("pywin32", "win32pdh", true),
        ("djangorestframework-csv", "rest_framework_csv", true),
        ("drf-flex-fields", "rest_flex_fields", true),
        ("aliyun-python-sdk-alimt", "aliyunsdkalimt", true),
        ("google-re2", "re2", true),
        ("launchdarkly-server-sdk", "ldclient", true),
        ("djangorestframework", "rest_framework_csv", false),
        ("drf-csv", "rest_framework", false),
        ("some-core", "some", true),
        ("django-redis", "redis", false),
        ("django-rq", "rq", false),
        ("langchain-core", "langchain", false),
        ("pydantic-core", "pydantic", false),
        ("grpcio", "grpc_tools", false),
        ("some-corelib", "some", false),
    ] {
        assert_eq!(python_names::brings(distribution, module), expected, "{distribution} {module}");
    }
    for (distribution, path, expected) in [
        ("flufl-lock", "flufl.lock", true),
        ("pyln-client", "pyln.client.plugin", true),
        ("keeper-of-bees", "keeper.of.bees", true),
        ("keeper-bees", "keeper.wasps", false),
        ("flufl-lock", "flufl", false),
    ] {
        assert_eq!(python_names::brings_path(distribution, path), expected, "{distribution} {path}");
    }
    for (distribution, extra, module, expected) in [
        ("psycopg", "pool", "psycopg_pool", true),
        ("celery", "redis", "redis", true),
        ("uvicorn", "standard", "uvloop", true),
        ("uvicorn", "standard", "redis", false),
        ("hypercorn", "standard", "uvloop", false),
    ] {
        assert_eq!(python_names::extra_brings(distribution, extra, module), expected, "{extra} {module}");
    }
}

#[test]
fn an_extra_that_is_asked_for_declares_what_it_brings() {
    expect(
        &[
            (
                "requirements.txt",
                "psycopg[binary, pool]==3\ncelery[redis]==5\nx @ https://a.b/x[redis2].zip#sha256=00\n",
            ),
            ("a.py", "import psycopg_pool, redis\nimport redis2\n"),
        ],
        &["warn undeclared-import a.py:2 `redis2`", "warn url-without-digest requirements.txt:3"],
    );
}

#[test]
fn requirements_are_for_development_by_a_whole_word_of_their_name() {
    let code = "import flask\n";
    for name in ["requirements-docker.txt", "requirements-social.txt", "latest-requirements.txt"] {
        expect(&[(name, "flask==1\n"), ("a.py", code)], &[]);
    }
    for name in
        ["dev-requirements.txt", "requirements/test.txt", "requirements.ci.txt", "requirements_docs.txt"]
    {
        expect(&[(name, "flask==1\n"), ("a.py", code)], &["warn undeclared-import a.py:1 `flask`"]);
    }
}

#[test]
fn a_missing_import_is_told_once_at_its_worst_place() {
    expect(
        &[
            ("requirements.txt", "flask==1\n"),
            ("requirements-dev.txt", "pytest==1\n"),
            ("a.py", "import numpy\nimport pytest\nimport oddity\n"),
            ("b.py", "try:\n    import numpy\nexcept ImportError:\n    pass\n"),
            ("tests/test_a.py", "import pytest, responses\n"),
        ],
        &[
            "error undeclared-import a.py:1 `numpy` is imported and nothing declares it for the app (and in 1 more)",
            "warn undeclared-import a.py:2 `pytest`",
            "warn undeclared-import a.py:3 `oddity`",
            "warn undeclared-import tests/test_a.py:1 `responses`",
        ],
    );
}

#[test]
fn what_only_another_package_brings_is_said() {
    let lock = r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/b": {"version": "1.0.0", "integrity": "x"}}}"#;
    expect(
        &[
            ("package.json", r#"{"dependencies": {"a": "1.0.0"}}"#),
            ("package-lock.json", lock),
            ("x.js", "require('a'); require('b')"),
        ],
        &["error undeclared-import x.js:1 `b` is imported and only another package brings it"],
    );
}

#[test]
fn aliases_members_and_base_folders_are_the_apps_own() {
    expect(
        &[
            ("package.json", r##"{"workspaces": ["lib"], "imports": {"#x": "./x.js"}}"##),
            ("lib/package.json", r#"{"name": "@own/lib"}"#),
            ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@ui/*": ["src/ui/*"]}}}"#),
            ("src/ui/a.ts", "import '@own/lib/x'; import '@ui/b'; import 'ui/c'; import '~/d'"),
        ],
        &[],
    );
}

#[test]
fn base_folders_are_looked_into_and_what_a_configuration_extends() {
    expect(
        &[
            ("package.json", "{}"),
            ("tsconfig.json", r#"{"extends": "./configs/base"}"#),
            (
                "configs/base.json",
                "{\n// \"baseUrl\": \"../no\",\n\"compilerOptions\": {\"baseUrl\": \"../src\", \"paths\": {\"@lib/*\": [\"x\"]}}}",
            ),
            ("src/theme.ts", ""),
            ("src/App.d.ts", ""),
            ("src/assets/logo.svg", ""),
            ("src/jest.config.js", ""),
            ("no/deep.ts", ""),
            (
                "src/a.ts",
                "import 'theme'; import 'App'; import 'assets/logo.svg'; import '@lib/x'\nimport 'jest'; import 'deep'\n",
            ),
        ],
        &["error undeclared-import src/a.ts:2 `jest`", "error undeclared-import src/a.ts:2 `deep`"],
    );
}

#[test]
fn aliases_are_known_in_every_way_to_write_them() {
    expect(
        &[
            ("package.json", r#"{"_moduleAliases": {"@root": "."}, "browserslist": {"other": "x"}}"#),
            (
                "vite.config.ts",
                "const plugins = ['a'];\nexport default { resolve: { alias: { components: r('x'), '@lib': r('y'), vue: 'vue' } } }",
            ),
            ("rollup.config.js", "alias({ entries: [{ find: '@comp', replacement: '/c' }] })"),
            (
                "webpack.config.js",
                "module.exports = { resolve: { alias: { \"store$\": p('s'), Utilities: p('u') } }, output: { path: 'x' } }",
            ),
            (
                "x.js",
                "import 'components/x'; import '@lib/y'; import '@comp/b.vue'; import 'store'; import 'Utilities/x'; import '@root/x'\nimport 'vue'; import 'other'; import 'output'\n",
            ),
        ],
        &[
            "error undeclared-import x.js:2 `vue`",
            "error undeclared-import x.js:2 `other`",
            "error undeclared-import x.js:2 `output`",
        ],
    );
}

#[test]
fn docusaurus_gives_its_pages_names_where_it_is_declared() {
    let page =
        "import '@docusaurus/Link'; import '@theme/Layout'; import '@site/x'\nimport '@docusaurus/plugin'\n";
    let told = "error undeclared-import x.js:2 `@docusaurus/plugin`";
    let lock = r#"{"packages": {"node_modules/@docusaurus/core": {"version": "1.0.0", "integrity": "x"}}}"#;
    let manifest = r#"{"dependencies": {"@docusaurus/core": "1.0.0"}}"#;
    expect(&[("package.json", manifest), ("package-lock.json", lock), ("x.js", page)], &[told]);
    let others = ["Link`", "plugin`"].map(|name| format!("`@docusaurus/{name}"));
    let report = check(&World::of(&[("package.json", "{}"), ("x.js", page)]), &Options::default());
    let report = told_by(&report);
    assert!(others.iter().all(|name| report.contains(name.as_str())), "{report}");
}

#[test]
fn go_imports_are_held_against_go_mod() {
    expect(
        &[
            ("go.mod", "module own.io/x\nrequire a.b/c v1.0.0\n"),
            ("go.sum", "a.b/c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"),
            (
                "main.go",
                "package main\nimport (\n\"a.b/c/d/v2\"\n\"own.io/x/y\"\n\"a.b/cc\"\n\"a.b/c/v2/d\"\n\"a.b/c/v1\"\n)\n",
            ),
        ],
        &["error undeclared-import main.go:5 `a.b/cc`", "error undeclared-import main.go:6 `a.b/c/v2/d`"],
    );
}

#[test]
fn rust_that_names_a_crate_defines_none_by_it() {
    let manifest = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";
    expect(
        &[
            ("Cargo.toml", manifest),
            (
                "src/main.rs",
                "extern crate b;\nextern crate d as e;\nextern crate rustc_ast;\nmod c;\nuse {c::x, e::f};\n",
            ),
            ("src/c.rs", "use b::x;\n"),
        ],
        &["note undeclared-import src/c.rs:1 `b`", "note undeclared-import src/main.rs:2 `d`"],
    );
}

#[test]
fn python_without_a_manifest_declares_nothing() {
    let code = ("app.py", "import flask, helper, json\n");
    let package = ("package.json", "{}");
    let told = "error undeclared-import app.py:1 `flask` is imported and nothing declares it";
    expect(&[package, code, ("helper.py", "")], &[told]);
    expect(&[package, ("tools/a.py", "import flask\n")], &["warn undeclared-import tools/a.py:1 `flask`"]);
    let script = "# /// script\n# dependencies = [\"flask>=3\"]\n# ///\nimport flask\nimport requests\n";
    expect(&[package, ("a.py", script)], &["error undeclared-import a.py:5 `requests`"]);
    // A page's imports are resolved by the page.
    expect(&[("requirements.txt", "a==1\n"), ("static/a.js", "import 'vue'\n")], &[]);
}

#[test]
fn what_may_be_declared_where_nobody_reads_is_unchecked() {
    let package = ("package.json", "{}");
    for (files, what) in [
        ([package, ("a.py", "import flask\n"), ("environment.yml", "")], "environment.yml"),
        ([package, ("a.py", "import flask\n"), ("Dockerfile", "RUN pip install flask\n")], "Dockerfile"),
        ([package, ("a.py", ""), ("a.go", "package a\nimport \"a.b/c\"\n")], "a.go"),
    ] {
        let report = check(&World::of(&files), &Options::default());
        assert_eq!(told_by(&report), "", "{what}");
        assert_eq!(report.unchecked.iter().filter(|one| one.what == what).count(), 1, "{what}");
    }
}

#[test]
fn without_a_manifest_there_is_nothing_to_hold_code_against() {
    expect(&[("a.py", "import numpy\n"), ("b.js", "require('x')")], &[]);
}

proptest! {
    #[test]
    fn no_code_is_too_odd(text in "(import |from |require\\(|try:|except |use |with suppress\\(ImportError|/\\*|\\*/|pub\\(|::|[\"'`/\\\\#(){};:\n .a-cé]){0,40}") {
        python::imports(&text);
        javascript::imports("a.ts", &text);
        javascript::imports("a.vue", &format!("<script>{text}"));
        compiled::go(&text);
        compiled::rust(&text);
    }
}
