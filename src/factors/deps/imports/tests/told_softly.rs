//! Python: what is declared under another name, what Python 2 brought, and what a half-read manifest may declare.

use crate::factors::deps::world::{World, expect, told};
use crate::factors::deps::{Options, check};

#[test]
fn a_part_of_a_shared_package_is_declared_by_its_path() {
    expect(
        &[
            ("requirements.txt", "flufl.lock==1\n"),
            ("a.py", "from flufl.lock import Lock\n"),
            ("b.py", "import flufl.bounce\n"),
        ],
        &["warn undeclared-import b.py:1 `flufl`"],
    );
}

#[test]
fn what_python_2_brought_is_declared_by_nobody() {
    let requirements = ("requirements.txt", "a==1\n");
    for code in [
        "import urllib2, commands, StringIO\n",
        "import commands\nprint 'x'\n",
        "import commands\ntry:\n    x()\nexcept OSError, error:\n    pass\n",
    ] {
        expect(&[requirements, ("x.py", code)], &[]);
    }
    expect(
        &[requirements, ("x.py", "import commands\nprint('x')\n")],
        &["warn undeclared-import x.py:1 `commands`"],
    );
}

#[test]
fn what_may_be_declared_where_it_cannot_be_read_is_a_warning_that_says_so() {
    let setup = ("setup.py", "setup(install_requires=['a==1'] + more())\n");
    expect(
        &[setup, ("app/x.py", "import flask, a\n")],
        &[
            "warn undeclared-import app/x.py:1 `flask` is imported and nothing that could be read declares it (not all \
             of `setup.py` could)",
            "warn lock-missing setup.py:1",
        ],
    );
    // Of whom only the version is computed, the name is known.
    let names = ("setup.py", "setup(install_requires=['a==' + V])\n");
    expect(
        &[names, ("app/x.py", "import flask, a\n")],
        &["error undeclared-import app/x.py:1 `flask`", "error lock-missing setup.py:1"],
    );
    let below = ("pkg/setup.py", setup.1);
    let requirements = ("requirements.txt", "b==1\n");
    expect(
        &[below, requirements, ("x.py", "import flask\n")],
        &["warn lock-missing pkg/setup.py:1", "error undeclared-import x.py:1 `flask`"],
    );
    // What it takes from a file of requirements was read there.
    let setup = ("setup.py", "setup(install_requires=open('requirements.txt').readlines())\n");
    expect(
        &[setup, requirements, ("app/x.py", "import flask\n")],
        &["error undeclared-import app/x.py:1 `flask`"],
    );
    let setup = ("setup.py", "setup(install_requires=read('default.txt'))\n");
    expect(
        &[setup, ("requirements/default.txt", "b==1\n"), ("app/x.py", "import flask\n")],
        &["error undeclared-import app/x.py:1 `flask`"],
    );
}

#[test]
fn what_the_tree_brings_along_or_makes_is_its_own() {
    let code = "import keeper, bees, stubs_pb2, stubs_pb2_grpc, installed\n";
    let setup = "setup(ext_modules=[Extension('keeper.core', ['a.c'])], install_requires=['a==1'])\n";
    let report = check(
        &World::of(&[
            ("setup.py", setup),
            ("vendor/bees/__init__.py", ""),
            ("vendor/site-packages/installed/__init__.py", ""),
            ("x.py", code),
        ]),
        &Options::default(),
    );
    assert_eq!(
        told(&report),
        [
            "warn lock-missing setup.py:1 1 requirement is declared and no lock file beside it (uv.lock or a compiled \
             requirements file)",
            "warn undeclared-import x.py:1 `installed` is imported and nothing declares it for the app"
        ]
    );
}

#[test]
fn who_runs_a_file_brings_what_it_asks_for() {
    expect(
        &[
            ("requirements.txt", "a==1\n"),
            ("hatch_build.py", "import hatchling\n"),
            ("noxfile.py", "import nox\n"),
            ("x.py", "import nox\n"),
        ],
        &["warn undeclared-import x.py:1 `nox`"],
    );
}
