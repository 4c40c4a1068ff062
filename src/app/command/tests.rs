//! Lines that need a shell, and lines that do not.

use super::*;

/// An environment like everybody's.
fn usual() -> Environment {
    let mut environment = Environment::default();
    environment.set("PATH", "/usr/bin:/bin");
    environment.set("HOME", "/root");
    environment
}

fn read(line: &[u8]) -> How {
    how(OsStr::from_bytes(line), &usual())
}

fn words(words: &[&str]) -> How {
    How::Words(words.iter().map(OsString::from).collect())
}

#[test]
fn plain_words_need_no_shell() {
    for (line, expected) in [
        ("node server.js", &["node", "server.js"][..]),
        ("  node\tserver.js  ", &["node", "server.js"]),
        ("./bin/web -p 5000 --host=0.0.0.0", &["./bin/web", "-p", "5000", "--host=0.0.0.0"]),
        ("bundle exec puma -C config/puma.rb", &["bundle", "exec", "puma", "-C", "config/puma.rb"]),
        ("env A=1 printenv A", &["env", "A=1", "printenv", "A"]),
        ("prog a#b c,d e:f g! % ^ ]", &["prog", "a#b", "c,d", "e:f", "g!", "%", "^", "]"]),
        ("g++ x", &["g++", "x"]),
        ("dürüm 100%", &["dürüm", "100%"]),
        ("timeout 5 if then", &["timeout", "5", "if", "then"]),
    ] {
        assert_eq!(read(line.as_bytes()), words(expected), "{line:?}");
    }
    assert_eq!(
        read(b"prog \xff\xfe"),
        How::Words(vec!["prog".into(), OsStr::from_bytes(b"\xff\xfe").to_owned()])
    );
}

#[test]
fn quotes_and_parameters_need_a_shell_that_leaves() {
    for line in [
        "node $FILE",
        "node \"$FILE\" '$FILE'",
        "web -p $PORT",
        "web -p ${PORT}",
        "web -p ${PORT:-5000} ${X-a b} ${X:+y} ${X:?not set} ${X=1} ${#X} ${X%.*} ${X##*/}",
        "web $1 $@ $* $# $? $- $$ $! $0",
        "web 'a;b|c&d' \"a;b|c&d<>()\"",
        "web a\\ b \\$X \"\\$X\" \"\\`\"",
        "\"web\" x",
        "'./web' x",
        "we'b' x",
        "ls *.rs a?b [ab]c",
        "ls ~ ~/x a~b",
        "ls {a,b} }",
        "web $_X ${_X}",
        "web ''",
    ] {
        assert_eq!(read(line.as_bytes()), How::ExecShell, "{line:?}");
    }
}

#[test]
fn everything_else_is_the_shells() {
    for line in [
        "",
        "  ",
        "VAR=1 cmd",
        "VAR=1",
        "A=1 B=2 cmd x",
        "a[1]=2 cmd",
        "a+=1 cmd",
        "a && b",
        "a||b",
        "a & b",
        "a;b",
        "a;",
        "a|b",
        "cmd # x",
        "#x",
        "cmd >x",
        "cmd 2>&1",
        "cmd <x",
        "cmd <<X",
        "cmd &",
        "cmd\nb",
        "cmd\n",
        "cmd\\",
        "cmd \\\nb",
        "cmd \"a\nb\"",
        "cmd~",
        "~/bin/x",
        "~",
        "{ a; }",
        "{a,b} x",
        "(a)",
        "a (b)",
        "f() { a; }",
        "! cmd",
        "!cmd",
        "time cmd",
        "$CMD",
        "$CMD x",
        "\"$CMD\" x",
        "${CMD} x",
        "cm\\d x",
        "\\cmd",
        "*",
        "./*.sh",
        "c?d x",
        "[ x ]",
        "[[ x ]]",
        "echo *",
        "echo x",
        "exec x",
        "exec",
        "if",
        "if a; then b; fi",
        "while x",
        "cd x",
        "cd /x",
        ". x",
        "source x",
        ": x",
        "true",
        "'true'",
        "\"cd\" x",
        "test -f x",
        "printf x",
        "kill 1",
        "wait",
        "ulimit -n 5",
        "umask 0",
        "export A=1",
        "set -e",
        "trap x TERM",
        "read x",
        "eval x",
        "command x",
        "type x",
        "pwd",
        "function x",
        "select x",
        "coproc x",
        "let x",
        "`cmd`",
        "cmd `x`",
        "cmd \"`x`\"",
        "cmd $(x)",
        "cmd \"$(x)\"",
        "cmd $((1))",
        "cmd $[1]",
        "cmd $'x'",
        "cmd $\"x\"",
        "cmd $",
        "cmd a$ b",
        "cmd \"$\"",
        "cmd ${X:-$(y)}",
        "cmd ${X:-$Y}",
        "cmd ${X:-'}'}",
        "cmd ${X:-\"a\"}",
        "cmd ${X",
        "cmd ${}",
        "cmd ${X/a/b}",
        "cmd ${X:1:2}",
        "cmd ${X^^}",
        "cmd ${!X}",
        "cmd ${X[1]}",
        "cmd ${@}",
        "cmd ${X:}",
        "cmd $_",
        "cmd ${_}",
        "cmd ${_:-x}",
        "cmd 'x",
        "cmd \"x",
        "-x",
        "--",
        "%1",
        "a=b",
        "a%b x",
        "^x",
        "''",
        "'' x",
        "'a b' c",
        "cmd\0x",
        "@(a|b)",
        "cmd !(a)",
        "cmd <(x)",
    ] {
        assert_eq!(read(line.as_bytes()), How::Shell, "{line:?}");
    }
}

#[test]
fn an_environment_that_changes_the_shell_keeps_the_shell() {
    for (name, value) in [("BASH_FUNC_node%%", "() { :; }"), ("IFS", ":"), ("OPTIND", "3"), ("PPID", "1")] {
        let mut environment = usual();
        environment.set(name, value);
        assert_eq!(how(OsStr::new("node x"), &environment), How::Shell, "{name}");
    }
    for path in [None, Some("")] {
        let mut environment = usual();
        environment.remove("PATH");
        if let Some(path) = path {
            environment.set("PATH", path);
        }
        assert_eq!(how(OsStr::new("node x"), &environment), How::ExecShell, "PATH {path:?}");
    }
}

#[test]
fn the_list_is_sorted_and_has_no_word_twice() {
    assert!(NOT_PROGRAMS.is_sorted_by(|a, b| a < b));
}
