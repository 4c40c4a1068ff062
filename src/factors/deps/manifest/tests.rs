//! One small manifest of every kind, whole and cut anywhere.

use super::read;
use crate::factors::deps::model::{Declared, Scope};
use crate::factors::deps::text::Text;

/// Every requirement as `name constraint verdict scope`, with `?` where it is conditional.
fn shown(file: &str, text: &str) -> Vec<String> {
    let manifest = read(&Text::new(file, text.as_bytes())).unwrap().unwrap();
    let one = |one: &Declared| {
        let scope = match one.scope {
            Scope::Run => "",
            Scope::Dev => " dev",
            Scope::Build => " build",
            Scope::Optional => " optional",
        };
        let conditional = if one.is_conditional { "?" } else { "" };
        format!(
            "{}:{} {} {}{conditional}{scope}",
            one.place.line,
            one.name,
            one.constraint,
            one.verdict.name()
        )
    };
    manifest.declared.iter().map(one).collect()
}

const PYPROJECT: &str = r#"[project]
name = "app"
dependencies = [
  "Flask[async]>=2 ; os_name == 'nt'",
  "b==1",
]
optional-dependencies.x = ["c"]
[dependency-groups]
test = ["d~=1.0", { include-group = "x" }]
[build-system]
requires = ["hatchling"]
[tool.uv.sources]
b = { git = "https://x", branch = "main" }
"#;
const POETRY: &str = r#"[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.10"
a = "^1.2"
b = { version = "1.0", optional = true }
c = { git = "https://x", rev = "3f786850e387550fdab836ed7e6dc881de23001b" }
d = "*"
[tool.poetry.group.test.dependencies]
e = "1.*"
"#;
const PIPFILE: &str = "[[source]]\nurl = \"https://x\"\n[packages]\na = \"*\"\nb = \"==1.0\"\n[dev-packages]\nc = {path = \"./c\"}\nd = {file = \"https://x/d.zip\"}\ne = {file = \"./e.zip\"}\n";
const SETUP_CFG: &str = "[metadata]\nname = app\n[options]\npackages = find:\ninstall_requires =\n  a>=1\n  # no\n  b==2\n[options.extras_require]\ntest = c>=1; d\nmore = e; os_name == 'nt'\n  f; os_name == 'nt'\n";
const SETUP_PY: &str = "setup(\n  name='app',\n  install_requires=['a>=1', \"b==2\"],  # 'x'\n  extras_require={'t': ['c']},\n  setup_requires=needed,\n)\n";
const NPM: &str = "{\n\"dependencies\": {\n\"a\": \"^1.0.0\",\n\"b\": \"1.0.0\",\n\"c\": \"github:o/c\",\n\"d\": \"npm:e@2\",\n\"f\": \"workspace:*\"},\n\"devDependencies\": {\n\"g\": \"latest\", \"h\": \"1.x\", \"i\": \"https://x/i.tgz\"}}";
const CARGO: &str = "[package]\nname = \"app\"\n[dependencies]\na = \"1.0\"\nb = { version = \"=1.2.3\", package = \"bb\" }\nc = { path = \"c\" }\nd = { git = \"https://x\", tag = \"v1\" }\n[target.'cfg(unix)'.dependencies]\ne = \"*\"\n[dev-dependencies.f]\nversion = \"1\"\n[build-dependencies]\ng = \"=1.2\"\nh = \"=1.2.3-a.1\"\n";
const GO: &str = "module m\nrequire a.b/c v1.0.0\nrequire a.b/d v1.0.0 // indirect\nreplace a.b/c => ./c\n";
const GEMFILE: &str = "source 'https://rubygems.org'\ngem 'a'\ngem \"b\", \"~> 1.0\", \">= 1.0.2\" # c\ngem 'd', path: './d'\ngroup :development, :test do\n  gem 'e', '1.0', require: false\nend\ngem 'f', git: 'https://x', ref: '3f786850e387550fdab836ed7e6dc881de23001b'\ngem 'g', platforms: [:mri]\ngem 'h' if windows\ngem 'i', # why\n    '~> 2.0',\n  # more\n    group: :test\ngem 'j', :git=>'git://x', :ref=>'3f786850e387550fdab836ed7e6dc881de23001b'\ngem 'k', :path=>'../k'\ngem 'l', '1.0', '< 2', source: 'git://x'\n";
const COMPOSER: &str = "{\"require\": {\"php\": \">=8\", \"a/B\": \"^1.0\",\n\"c/d\": \"dev-main\", \"g/h\": \"dev-main#3f786850e387550fdab836ed7e6dc881de23001b\", \"i/j\": \"1.x-dev#3f78685\"}, \"require-dev\": {\"e/f\": \"1.0.0\"}}";
const MIX: &str = "defmodule M do use Mix.Project\n  defp deps do\n    [\n      {:a, \"~> 1.0\"},\n      # {:no, \"1\"},\n      {:b, github: \"o/b\", branch: \"main\"},\n      {:c, \"1.0.0\", only: [:dev, :test]}, {:d, in_umbrella: true}\n    ]\n  end\n  defp x do {:y, \"1\"} end\nend\n";

const SAMPLES: [(&str, &str, &[&str]); 11] = [
    (
        "pyproject.toml",
        PYPROJECT,
        &[
            "4:flask >=2 range?",
            "5:b ==1 vcs-branch",
            "7:c  unpinned optional",
            "9:d ~=1.0 range dev",
            "11:hatchling  unpinned build",
        ],
    ),
    (
        "pyproject.toml",
        POETRY,
        &[
            "5:a ^1.2 range",
            "6:b 1.0 exact?",
            "7:c * vcs-at-commit",
            "8:d * unpinned",
            "10:e 1.* wildcard dev",
        ],
    ),
    (
        "Pipfile",
        PIPFILE,
        &["7:c * local dev", "8:d * url dev", "9:e * local dev", "4:a * unpinned", "5:b ==1.0 exact"],
    ),
    (
        "setup.cfg",
        SETUP_CFG,
        &[
            "6:a >=1 range",
            "8:b ==2 exact",
            "10:c >=1 range optional",
            "10:d  unpinned optional",
            "11:e  unpinned? optional",
            "12:f  unpinned? optional",
        ],
    ),
    ("setup.py", SETUP_PY, &["3:a >=1 range", "3:b ==2 exact", "4:c  unpinned optional"]),
    (
        "package.json",
        NPM,
        &[
            "3:a ^1.0.0 range",
            "4:b 1.0.0 exact",
            "5:c  vcs-branch",
            "6:e 2 wildcard",
            "7:f  local",
            "9:g latest unpinned dev",
            "9:h 1.x wildcard dev",
            "9:i  url dev",
        ],
    ),
    (
        "Cargo.toml",
        CARGO,
        &[
            "4:a 1.0 range",
            "5:bb =1.2.3 exact",
            "6:c  local",
            "7:d  vcs-branch",
            "10:f 1 range dev",
            "13:g =1.2 wildcard build",
            "14:h =1.2.3-a.1 exact build",
            "9:e * unpinned?",
        ],
    ),
    ("go.mod", GO, &["2:a.b/c v1.0.0 local", "3:a.b/d v1.0.0 exact?"]),
    (
        "gems.rb",
        GEMFILE,
        &[
            "2:a  unpinned",
            "3:b ~> 1.0, >= 1.0.2 range",
            "4:d  local",
            "6:e 1.0 exact dev",
            "8:f  vcs-at-commit",
            "9:g  unpinned?",
            "10:h  unpinned?",
            "11:i ~> 2.0 range dev",
            "15:j  vcs-at-commit",
            "16:k  local",
            "17:l 1.0, < 2 exact",
        ],
    ),
    (
        "composer.json",
        COMPOSER,
        &[
            "1:a/b ^1.0 range",
            "2:c/d dev-main vcs-branch",
            "2:g/h dev-main#3f786850e387550fdab836ed7e6dc881de23001b vcs-at-commit",
            "2:i/j 1.x-dev#3f78685 vcs-branch",
            "2:e/f 1.0.0 exact dev",
        ],
    ),
    ("mix.exs", MIX, &["4:a ~> 1.0 range", "6:b  vcs-branch", "7:c 1.0.0 exact dev", "7:d  local"]),
];

#[test]
fn every_manifest_is_read() {
    for (file, text, expected) in SAMPLES {
        assert_eq!(shown(file, text), expected, "{file}");
    }
}

#[test]
fn a_manifest_may_end_anywhere() {
    for (file, text, _) in SAMPLES {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = read(&Text::new(file, &text.as_bytes()[..end]));
            let _ = read(&Text::new(file, &text.as_bytes()[end..]));
        }
    }
}

/// Everything that is asked for, by name.
fn names(file: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let manifest = read(&Text::new(file, text.as_bytes())).unwrap().unwrap();
    (manifest.declared.into_iter().map(|one| one.name).collect(), manifest.unseen)
}

#[test]
fn what_is_another_thing_or_of_another_type_is_said() {
    for (file, text) in [
        ("Gemfile", "<html><body>gem</body></html>\n"),
        ("Gemfile", "we keep our gems elsewhere\n"),
        ("Gemfile", "source 'https://rubygems.org'\ngroup :test do\n  gem 'a'\n"),
        ("Gemfile", "source 'https://rubygems.org'\ngem 'a', '~> 1"),
        ("Gemfile", "gem 'a',\n"),
        ("setup.py", "<html></html>\n"),
        ("setup.py", "setup(\n  install_requires=['a'],\n"),
        ("setup.py", "setup(install_requires=['a'])\nprint('done"),
        ("mix.exs", "see the other repository\n"),
        ("mix.exs", "defmodule M do\n  use Mix.Project\n  def project do\n    [deps: []]\n  end\n"),
        ("package.json", "{\"dependencies\": [\"a\"]}"),
        ("package.json", "{\"dependencies\": \"a\"}"),
        ("package.json", "{\"dependencies\": {\"a\": 5}}"),
        ("composer.json", "{\"require\": \"a/b\"}"),
        ("Cargo.toml", "[dependencies]\na = 5\n"),
        ("Cargo.toml", "[dependencies]\na = { git = {} }\n"),
        ("Cargo.toml", "dependencies = 5\n"),
        ("Pipfile", "packages = [\"a\"]\n"),
    ] {
        assert!(read(&Text::new(file, text.as_bytes())).unwrap().is_err(), "{file}: {text}");
    }
    assert_eq!(shown("pyproject.toml", "[project]\ndependencies = \"a\"\n"), ["2:  invalid"]);
    for written in ["./a", "a-1.0-py3-none-any.whl", "https://x/a.zip"] {
        let text = format!("setup(install_requires=['{written}'])");
        assert_eq!(shown("setup.py", &text), [format!("1: {written} invalid")]);
    }
    assert_eq!(shown("pyproject.toml", "[tool.poetry]\ndependencies = [\"a\"]\n"), ["2:  invalid"]);
    assert_eq!(shown("pyproject.toml", "[project.dependencies]\na = \"1\"\n"), ["1:  invalid"]);
}

#[test]
fn what_is_computed_is_said() {
    for (file, text) in [
        ("Gemfile", "source 'https://rubygems.org'\n%w[a b].each { |name| gem name }\n"),
        ("Gemfile", "source 'https://rubygems.org'\neval_gemfile 'more.rb'\n"),
        ("Gemfile", "gem \"a\", \"~> #{version}\"\n"),
        ("mix.exs", "use Mix.Project\ndef project, do: [deps: Deps.all()]\nend\n"),
        ("pyproject.toml", "[project]\ndynamic = [\"dependencies\"]\n"),
    ] {
        assert_eq!(names(file, text).1.len(), 1, "{file}: {text}");
    }
    assert_eq!(
        names("mix.exs", "use Mix.Project\ndef project, do: [deps: [{:a, \"~> 1.0\"}], x: [{:b, 1}]]\nend\n")
            .0,
        ["a"]
    );
}
