//! Which programs are run, and which of them something declares.

use super::{Command, calls, shell};
use crate::factors::deps::world::{World, expect, told};
use crate::factors::deps::{Options, check};
use crate::factors::finding::Place;
use proptest::prelude::*;

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
fn calls_go_by_the_names_that_are_imported() {
    for (path, text, expected) in [
        (
            "x.py",
            "from subprocess import run, check_call\nrun(['aa', x])\nx = run(args=[\"bb\"])\ncall(['no'])\n",
            "aa bb",
        ),
        ("x.py", "from subprocess import (\n    call,\n    getoutput as g,\n)\ncall('aa x')\n", "aa"),
        (
            "x.py",
            "import os, subprocess as sp\nsp.run(['aa'])\nsp.check_output('bb')\napp.run('no')\n",
            "aa bb",
        ),
        ("x.py", "from os import system\nsystem('aa x')\nos.spawnlp(os.P_WAIT, 'bb', 'no')\n", "aa bb"),
        (
            "x.js",
            "require('child_process').execSync('aa x')\nawait promisify(exec)('bb x')\nutil.promisify(cp.execFile)('cc')\n",
            "aa bb cc",
        ),
        ("x.js", "const own = require(\"node:child_process\")\nown.spawn('aa')\nother.spawn('no')\n", "aa"),
        (
            "x.ts",
            "import * as child from 'child_process'\nchild.exec('aa x')\nawait execaCommand('bb x')\n",
            "aa bb",
        ),
        (
            "x.rb",
            "Kernel.system('aa x')\nProcess.spawn(\"bb\")\n%x(cc x)\n  `dd #{x}`.strip\n`no` is no command\n",
            "aa bb cc dd",
        ),
        (
            "x.php",
            "<?php exec(\"aa x\"); $y = shell_exec('bb');\n$pdo->exec('no'); # system('no')\ncurl_exec('no');\n",
            "aa bb",
        ),
        (
            "x.php",
            "new Process(['aa', $x]);\nProcess::fromShellCommandline('bb | cc');\nnew \\Symfony\\Component\\Process\\Process(array(\"dd\"));\n",
            "aa bb cc dd",
        ),
        (
            "x.ex",
            "System.cmd(\"aa\", [])\nSystem.shell(\"bb | cc\")\n:os.cmd('dd x')\n# System.cmd(\"no\")\n",
            "aa bb cc dd",
        ),
        ("x.exs", "Port.open({:spawn, \"aa x\"}, [])\nSystem.get_env(\"no\")\n", "aa"),
    ] {
        assert_eq!(named(path, text), expected, "{text}");
    }
}

#[test]
fn what_a_shell_is_given_is_looked_into() {
    for (path, text) in [
        ("x.go", "exec.Command(\"sh\", \"-c\", \"aa 'x' | bb\")\n"),
        ("x.go", "exec.CommandContext(ctx, \"/bin/bash\", \"-lc\", fmt.Sprintf(`aa x; bb %s`, y))\n"),
        ("x.py", "subprocess.run([\"bash\", '-c', f\"aa x && bb\"])\n"),
        ("x.js", "spawn('sh', ['-c', `aa ${x} | bb`])\n"),
        ("x.rs", "Command::new(\"sh\")\n    .arg(\"-c\")\n    .arg(\"aa | bb\")\n"),
        ("x.rs", "Command::new(\"sh\").args([\"-c\", &format!(\"aa {x}; bb\")])\n"),
    ] {
        let programs = named(path, text);
        assert!(programs.ends_with("sh aa bb"), "{text}: {programs}");
    }
    assert_eq!(
        named("x.go", "exec.Command(\"sh\", \"-e\", \"no\")\nexec.Command(\"cc\", \"-c\", \"no\")\n"),
        "sh cc"
    );
}

#[test]
fn neither_comments_nor_addresses_declare_a_program() {
    let code = "import subprocess\nsubprocess.run(['pandoc'])\nsubprocess.run(['psql'])\nsubprocess.run(['redis-cli'])\n";
    let told = [
        "warn undeclared-program x.py:2 `pandoc`",
        "warn undeclared-program x.py:3 `psql`",
        "warn undeclared-program x.py:4 `redis-cli`",
    ];
    for (name, text) in [
        (
            "Dockerfile",
            "FROM python:3\n# TODO pandoc\n#RUN apt-get install redis\nENV A=postgres://redis/x REDIS_URL=redis://y B=\"redis://postgres\" C=1 # psql\n",
        ),
        ("Aptfile", "ffmpeg\n# pandoc\n\t#postgresql\nlibx # redis-tools\n"),
        ("devbox.json", "{\n  // pandoc, psql, redis-cli\n}\n"),
    ] {
        expect(&[("x.py", code), ("requirements.txt", "a==1\n"), (name, text)], &told);
    }
    for (name, text) in [
        (
            "Dockerfile",
            "ENV A=amqp://x/y B='z' POSTGRES=postgresql\nADD https://example.com/pandoc.deb /\nRUN get https://x.org/pandoc && apk add redis\n",
        ),
        (
            "Dockerfile",
            "ARG PANDOC_VERSION=3\nRUN get https://x.org/redis-$V.zip https://x.org/postgresql-16.tar\n",
        ),
        ("flake.nix", "{ x = [ pkgs.pandoc pkgs.postgresql_16 nixpkgs#redis ]; }\n"),
    ] {
        expect(&[("x.py", code), ("requirements.txt", "a==1\n"), (name, text)], &[]);
    }
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

proptest! {
    #[test]
    fn no_code_and_no_list_is_too_odd(text in "(run\\(|exec\\(|Command|sh|-c|://|import |from os |pkgs|[\"'`#$()\\[{}:/\n _.a1-é]){0,40}") {
        for path in ["a.py", "a.js", "a.go", "a.rs", "a.rb", "a.php", "a.ex"] {
            calls::language(path).unwrap().programs(&text);
        }
        super::mentions("flake.nix", &text);
    }
}
