//! Which programs are run, and which of them something declares.

use super::{Command, calls, shell};
use crate::factors::deps::world::{World, expect, told};
use crate::factors::deps::{Options, check};
use crate::factors::finding::Place;

#[test]
fn a_shell_command_is_cut_into_its_programs() {
    for (line, expected) in [
        ("FOO=1 exec gunicorn app:app --bind 0.0.0.0:$PORT", "gunicorn"),
        ("a1 x | b1 && c1; d1 || e1 & f1", "a1 b1 c1 d1 e1 f1"),
        ("a1 'x | no' \"y; no\" 2>&1", "a1"),
        ("$CMD x", ""),
        ("if test -x y; then a1; fi", "a1 fi"),
        ("/usr/bin/ffmpeg -i x", "/usr/bin/ffmpeg"),
        ("a1 $(no x | no) && b1", "a1 b1"),
    ] {
        assert_eq!(shell::programs(line).join(" "), expected, "{line}");
    }
}

fn named(path: &str, text: &str) -> String {
    let programs = calls::language(path).unwrap().programs(text);
    programs.into_iter().map(|(program, _)| program).collect::<Vec<_>>().join(" ")
}

#[test]
fn calls_are_found_in_every_language() {
    let python = "subprocess.run(['aa', x])\nsubprocess.Popen(\n  [\"bb\"])\nos.system('cc x | dd')\n# os.system('no')\nos.system(f'{no} x')\nrun(['no'])\nregex.call('no')\n";
    assert_eq!(named("x.py", python), "aa bb cc dd");
    let javascript = "exec('aa x')\nchild_process.spawn(\"bb\", [])\n/x/.exec('no')\nconst r = spawnSync('cc')\n// exec('no')\nexec(`dd ${x}`)\n";
    assert_eq!(named("x.js", javascript), "aa bb cc dd");
    assert_eq!(
        named("x.go", "exec.Command(\"aa\", x)\nexec.CommandContext(ctx, \"bb\")\nexec.Command(name)\n"),
        "aa bb"
    );
    assert_eq!(named("x.rs", "Command::new(\"aa\")\nCommand::new(no)\n"), "aa");
    assert_eq!(
        named("x.rb", "system('aa x')\nout = `bb -x`\nOpen3.capture3(\"cc\")\nputs 'system(no)'\n"),
        "aa bb cc"
    );
}

#[test]
fn what_is_declared_anywhere_is_fine() {
    expect(
        &[
            (
                "Dockerfile",
                "FROM python:3\nRUN apt-get install -y --no-install-recommends imagemagick postgresql-client-16 jq\n",
            ),
            ("requirements.txt", "gunicorn==1\n"),
            ("bin/tool", ""),
            (
                "x.py",
                "import subprocess\nfor p in x:\n  subprocess.run(['convert'])\n  subprocess.run('jq . | psql && gunicorn; tool; python3.12 -m x; ./run; grep x', shell=True)\n  subprocess.run(['ffmpeg'])\n",
            ),
        ],
        &["warn undeclared-program x.py:5 `ffmpeg` is run"],
    );
}

#[test]
fn commands_of_the_procfile_are_asked_too() {
    let place = Place { path: "Procfile".into(), line: 1, column: 6, end_line: 1, end_column: 20 };
    let commands = vec![Command { text: "stunnel conf & bundle exec puma".to_owned(), place }];
    let world = World::of(&[
        ("Gemfile", "gem 'puma', '1.0'\n"),
        (
            "Gemfile.lock",
            "GEM\n  specs:\n    puma (1.0)\n\nDEPENDENCIES\n  puma (= 1.0)\n\nCHECKSUMS\n  puma (1.0) sha256=0\n",
        ),
    ]);
    let report = check(&world, &Options { commands, ..Options::default() });
    assert_eq!(
        told(&report),
        ["note undeclared-program Procfile:1 `stunnel` is run and nothing declares it"]
    );
}
