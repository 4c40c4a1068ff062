//! JavaScript: what is judged, against which manifest, and what was made or copied.

use super::names;
use crate::factors::deps::imports::javascript;
use crate::factors::deps::world::{World, expect, left_out, told};
use crate::factors::deps::{Options, check};

const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {}}"#);

#[test]
fn heads_that_ask_whether_there_are_modules_are_soft() {
    for head in [
        "!function(t,n){\"object\"==typeof exports&&\"undefined\"!=typeof module?n(exports,require('a')):n()}(this,f);",
        "!function(t,e){'function'==typeof define&&define.amd?define(['a'],e):'object'==typeof module&&module.exports?\
         module.exports=e(require('a')):t.A=e()}(window,f);",
        "(function (root, factory) {\n  if (typeof define === 'function' && define.amd) {\n    define([], factory);\n  \
         } else if (typeof exports === 'object') {\n    var x = 1;\n    module.exports = factory(require('a'));\n  }\n}(this, f));",
        "if (typeof(module) != 'undefined') { var b; b = require('a'); }",
        "try{i=require('a')}catch(t){}",
        "(function(){return function e(t){}})()({1:[function(require,module,exports){\nvar a = require('a');\n}]});",
        "define(function (require, exports, module) { var a = require('a'); });",
    ] {
        assert_eq!(names(javascript::imports("x.js", head)), ["a?"], "{head}");
    }
    for plain in [
        "if (typeof module !== 'undefined') { x(); }\nvar a = require('a');",
        "var is = typeof exports === 'object';\nvar a = require('a');",
        "if (typeof modules !== 'undefined') { var a = require('a'); }",
        "function x(requirement) { return require('a'); }",
    ] {
        assert_eq!(names(javascript::imports("x.js", plain)), ["a"], "{plain}");
    }
}

#[test]
fn what_was_made_or_copied_is_a_note() {
    let code = "import 'a';\n";
    for path in [
        "lib/x.min.js",
        "lib/x.bundle.js",
        "lib/chunk.12.js",
        "lib/main.9c2366b9ec.js",
        "static/x.js",
        "a/public/js/x.js",
        "debian/missing-sources/x.js",
    ] {
        expect(&[PACKAGE, (path, code)], &[&format!("note undeclared-import {path}:1 `a`")]);
    }
    let dense = format!("import 'a';{}", "x();".repeat(200));
    expect(&[PACKAGE, ("lib/x.js", &dense)], &["note undeclared-import lib/x.js:1 `a`"]);
    expect(&[PACKAGE, ("lib/x.d.ts", code)], &["warn undeclared-import lib/x.d.ts:1 `a`"]);
    for path in ["lib/x.js", "lib/chunks.js", "lib/12345678.js", "statics/x.js"] {
        expect(&[PACKAGE, (path, code)], &[&format!("error undeclared-import {path}:1 `a`")]);
    }
    // A manifest of its own makes it the app's own, unless it was published from elsewhere.
    let own = ("assets/package.json", "{}");
    expect(&[PACKAGE, own, ("assets/js/x.js", code)], &["error undeclared-import assets/js/x.js:1 `a`"]);
    let others = ("static/x/package.json", r#"{"repository": "o/x"}"#);
    expect(&[others, ("static/x/x.js", code)], &["note undeclared-import static/x/x.js:1 `a`"]);
}

#[test]
fn code_counts_against_a_manifest_above_it_and_no_other() {
    let theme = ("themes/one/package.json", r#"{"dependencies": {"a": "1.0.0"}}"#);
    let lock = (
        "themes/one/package-lock.json",
        r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}}}"#,
    );
    let code = "import 'a'; import 'b'\n";
    expect(&[theme, lock, ("themes/one/x.js", code)], &["error undeclared-import themes/one/x.js:1 `b`"]);
    let report = check(
        &World::of(&[theme, lock, ("js/x.js", code), ("js/y.js", code), ("static/z.js", code)]),
        &Options::default(),
    );
    assert_eq!(told(&report), [""; 0]);
    let unchecked: Vec<String> =
        report.unchecked.iter().map(|one| format!("{}: {}", one.what, one.why)).collect();
    assert!(
        unchecked.contains(
            &"js/x.js: it imports packages, and no `package.json` stands above it, nor above 1 more"
                .to_owned()
        ),
        "{unchecked:?}"
    );
}

#[test]
fn files_of_the_tree_alone_need_no_manifest() {
    let theme = ("themes/one/package.json", "{}");
    left_out(&[theme, ("js/x.js", "import './y'; try { require('a') } catch (e) {}\n")], &[]);
}
