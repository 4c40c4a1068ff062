//! What is an import, what is declared, and what is told.

use super::{compiled, javascript, python};
use crate::factors::deps::world::expect;
use proptest::prelude::*;

fn names(imports: Vec<super::Import>) -> Vec<String> {
    imports
        .into_iter()
        .map(|import| format!("{}{}", import.name, if import.is_soft { "?" } else { "" }))
        .collect()
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
yield_from = importlib
"#;
    assert_eq!(names(python::imports(text)), ["a", "c", "d", "j", "k", "m", "n?", "o?", "p", "q?", "r"]);
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
import './no'; import '@/no'; import 'node:fs'; import 'fs/promises'; import "https://no/x.js"
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
    let go = "package x\nimport \"fmt\"\nimport (\n\tb \"a.b/c\"\n\t// \"no.no/x\"\n\t_ \"a.b/d/v2\"\n)\nfunc f() { x := \"no.no/y\" }\n";
    assert_eq!(names(compiled::go(go)), ["fmt", "a.b/c", "a.b/d/v2"]);
    let rust = "use a::b;\npub use c_d::{e};\nextern crate f as g;\n    use inner::x;\nuse Upper::x;\n// use no::x;\n";
    assert_eq!(names(compiled::rust(rust)), ["a", "c_d", "f"]);
}

#[test]
fn a_distribution_may_have_another_name_than_its_import() {
    let code =
        "import yaml, PIL, google.cloud.storage, dateutil, psycopg2, serial, foo_bar, os, app, sibling\n";
    let requirements = "pyyaml==1\nPillow==1\ngoogle-cloud-storage==1\npython-dateutil==1\npsycopg2-binary==1\npyserial==1\nFoo.Bar==1\n";
    expect(&[("requirements.txt", requirements), ("app/main.py", code), ("app/sibling.py", "")], &[]);
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
fn go_imports_are_held_against_go_mod() {
    expect(
        &[
            ("go.mod", "module own.io/x\nrequire a.b/c v1.0.0\n"),
            ("go.sum", "a.b/c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"),
            ("main.go", "package main\nimport (\n\"a.b/c/d\"\n\"own.io/x/y\"\n\"a.b/cc\"\n)\n"),
        ],
        &["error undeclared-import main.go:5 `a.b/cc`"],
    );
}

#[test]
fn without_a_manifest_there_is_nothing_to_hold_code_against() {
    expect(&[("a.py", "import numpy\n"), ("b.js", "require('x')")], &[]);
}

proptest! {
    #[test]
    fn no_code_is_too_odd(text in "(import |from |require\\(|try:|except |use |::|[\"'`/\\\\#(){};:\n .a-cé]){0,40}") {
        python::imports(&text);
        javascript::imports("a.ts", &text);
        javascript::imports("a.vue", &format!("<script>{text}"));
        compiled::go(&text);
        compiled::rust(&text);
    }
}
