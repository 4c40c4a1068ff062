//! What can be read of a `setup.py`, and what is only said to be there.

use super::script;
use crate::factors::deps::model::Manifest;
use crate::factors::deps::text::Text;
use proptest::prelude::*;

fn read(text: &str) -> Manifest {
    script(&Text::new("setup.py", text.as_bytes())).unwrap()
}

/// The names that are declared, with `?` for what is conditional, and whether all of it could be read.
fn names(text: &str) -> (Vec<String>, bool) {
    let manifest = read(text);
    let name = |one: crate::factors::deps::model::Declared| {
        format!("{}{}", one.name, if one.is_conditional { "?" } else { "" })
    };
    (manifest.declared.into_iter().map(name).collect(), manifest.unseen.is_empty())
}

#[test]
fn what_is_written_out_is_read() {
    for (text, expected) in [
        ("setup(install_requires=('a', u'b'))", &["a", "b"][..]),
        ("REQS = ['a', 'b']  # c\nsetup(install_requires=REQS)", &["a", "b"]),
        (
            "REQS = ['a']\nREQS.append('b')\nREQS.extend(['c'])\nREQS += ['d']\nsetup(install_requires=REQS)",
            &["a", "b", "c", "d"],
        ),
        ("REQS: list[str] = ['a']\nREQS.insert(0, 'b')\nsetup(install_requires=REQS)", &["a", "b"]),
        (
            "BASE = ['a']\nMORE = [\n 'b',\n *BASE]\nsetup(install_requires=BASE + MORE + ['c'])",
            &["a", "b", "c"],
        ),
        (
            "install_requires = [\n  'a', # 'no'\n  'b',\n]\nsetup(install_requires=install_requires)",
            &["a", "b"],
        ),
        (
            "# install_requires=x\nsetup(install_requires=['a'], extras_require={'x': ['b'], \"y\": []})",
            &["a", "b"],
        ),
        (
            "args = {}\nargs['install_requires'] = ['a']\nargs['install_requires'].append('b')\nsetup(**args)",
            &["a", "b"],
        ),
        (
            "args = dict(name='x')\nargs.setdefault('install_requires', ['a']).append('b')\nsetup(**args)",
            &["a", "b"],
        ),
        ("args = {'name': 'x', 'install_requires': ['a', 'b']}\nsetup(**args)", &["a", "b"]),
        ("setup(**{'install_requires': ['a']})", &["a"]),
        ("args = {'name': 'x'}\nsetup(**args)", &[]),
        ("setup(install_requires='''\na\n  b>=1\n# no\n''')", &["a", "b"]),
        ("extras = {'x': ['a']}\nextras['y'] = ['b']\nsetup(extras_require=extras)", &["a", "b"]),
        ("def run(install_requires=None):\n    setup(install_requires=install_requires or [])\nrun()", &[]),
        (
            "REQS = ['a']\nif sys.platform == 'win32':\n    REQS.append('b')\nsetup(install_requires=REQS)",
            &["a", "b?"],
        ),
        ("if __name__ == '__main__':\n    setup(install_requires=['a'])", &["a"]),
        ("setup()", &[]),
    ] {
        let (declared, is_whole) = names(text);
        assert_eq!(declared, expected, "{text}");
        assert_eq!(is_whole, !text.contains(" or "), "{text}");
    }
}

#[test]
fn what_is_computed_is_said_and_the_rest_is_read() {
    for (text, expected) in [
        ("setup(install_requires=['a', \"b\"] + more)", &["a", "b"][..]),
        ("setup(install_requires=REQS)", &[]),
        ("setup(install_requires=[l.strip() for l in open('requirements.txt')])", &[]),
        ("setup(install_requires=['a==%s' % V, f'b=={V}', 'c' + V, f'd{E}', 'e'])", &["a", "b", "e"]),
        ("setup(install_requires=['a' 'b'])", &[]),
        ("REQS = ['a']\nREQS.remove('a')\nsetup(install_requires=REQS)", &["a"]),
        ("A = B\nB = A\nsetup(install_requires=A)", &[]),
        ("setup(**config)", &[]),
        ("setup(**read())", &[]),
    ] {
        let (declared, is_whole) = names(text);
        assert_eq!(declared, expected, "{text}");
        assert_eq!(is_whole, text.contains("A = B"), "{text}");
    }
}

#[test]
fn a_version_that_is_computed_is_a_range() {
    let manifest = read("setup(install_requires=['a ' + VERSION, 'b==1'])");
    let verdicts: Vec<&str> = manifest.declared.iter().map(|one| one.verdict.name()).collect();
    assert_eq!((verdicts, manifest.unseen.len()), (vec!["range", "exact"], 1));
}

#[test]
fn of_whom_the_version_is_computed_the_name_is_known() {
    for (text, why) in [
        (
            "setup(install_requires=['a ' + V], extras_require={'x': [f'b=={V}', 'c==%s' % V]})",
            "the version of",
        ),
        ("setup(install_requires=['a' + V])", "`install_requires` is computed"),
        ("setup(install_requires=[f'{A}==1'])", "`install_requires` is computed"),
    ] {
        let unseen = read(text).unseen;
        assert!(unseen.len() == 1 && unseen[0].starts_with(why), "{text}: {unseen:?}");
    }
}

#[test]
fn modules_that_it_compiles_are_its_own() {
    let manifest = read("setup(ext_modules=[Extension(\n'keeper.core', ['a.c']), Extension(name=\"fast\")])");
    assert_eq!(manifest.known_names, ["keeper", "fast"]);
}

#[test]
fn signs_in_texts_are_neither_comments_nor_ends() {
    let whole = |names: &[&str]| (names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), true);
    let told = names("setup(name='x', url='https://a.io/x#readme', install_requires=['keeper'])");
    assert_eq!(told, whole(&["keeper"]));
    assert_eq!(names("setup() # install_requires=['keeper']"), whole(&[]));
    // Nothing comes after it.
    names("setup()\nx.setdefault('install_requires', '\\'')  # '");
    names(&format!("setup(install_requires={}[])", "\\\n".repeat(60_000)));
}

#[test]
fn names_that_hold_each_other_end() {
    let many: Vec<String> = (0..30).map(|at| format!("r{at} = [*r{0}, *r{0}]", at + 1)).collect();
    assert!(!names(&format!("{}\nsetup(install_requires=r0)", many.join("\n"))).1);
    let deep = |many| format!("{}{}", "[".repeat(many), "]".repeat(many));
    assert!(!names(&format!("setup(install_requires={})", deep(100_000))).1);
}

proptest! {
    #[test]
    fn no_setup_is_too_odd(text in "(install_requires|=|\\+=|\\[|\\]|\\(|\\)|\\{|\\}|'a'|\"|'|f'|\\+|\\*|,|:|#|\n| |x|x\\.append\\(|\\['install_requires'\\]|é|\\\\){0,40}") {
        let _ = script(&Text::new("setup.py", format!("setup(\n{text})").as_bytes()));
    }
}
