//! `audit` as a whole: how it ends, its three forms, what is let pass, what is known, and where it looks.

use crate::finished::Finished;
use crate::world::World;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::process::Command;

pub fn audit(world: &World, arguments: &[&str]) -> Finished {
    world.run_words(["audit"].iter().chain(arguments).map(OsStr::new)).finish()
}

pub fn json(world: &World, arguments: &[&str]) -> Value {
    let finished = audit(world, &[arguments, &["--json"]].concat());
    serde_json::from_slice(&finished.stdout).unwrap_or_else(|error| panic!("{error}\n{finished}"))
}

/// Rule and place of every finding.
pub fn places(audit: &Value) -> Vec<String> {
    let findings = audit["findings"].as_array().expect("it has findings");
    let place = |finding: &Value| {
        let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}:{}:{}", word("rule"), word("file"), finding["line"], finding["column"])
    };
    findings.iter().map(place).collect()
}

pub fn git(world: &World, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]);
    let home = world.folder.path().join("home");
    let done = command.args(words).current_dir(world.app()).env("HOME", home).output().expect("git is there");
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

pub const SOUND: &str = "web: server -p $PORT\n";
const PINNED: &str = "web: server -p 3000\n";
const WARNS: &str = "web: server -p $PORT --pidfile=x\n";

#[test]
fn it_ends_with_0_1_2_or_3_and_findings_weigh_more_than_what_is_missing() {
    for (procfile, arguments, code, told) in [
        (SOUND, &["VII", "VIII"][..], 0, "nothing found"),
        (SOUND, &["port", "services"], 3, "nothing found, 1 thing not checked"),
        (PINNED, &["port"], 1, "1 error"),
        (PINNED, &["port", "services"], 1, "1 error, 1 thing not checked"),
        (PINNED, &["port", "--fail-on=never"], 0, "1 error"),
        (WARNS, &["processes"], 0, "1 warning"),
        (WARNS, &["processes", "--fail-on=warn"], 1, "1 warning"),
        (WARNS, &["processes", "--strict"], 1, "1 warning"),
        (SOUND, &["--strict", "--fail-on=warn"], 2, ""),
        ("worker: x\n", &["port"], 3, "no `web`"),
        (SOUND, &["logs", "--path", "../home"], 3, "there is no file to look at"),
        (SOUND, &["cofnig"], 2, ""),
        (SOUND, &["--path", "nowhere"], 2, ""),
        (SOUND, &["--staged"], 2, ""),
        (SOUND, &["port", "--from", "x"], 2, ""),
        ("web\n", &[], 2, ""),
    ] {
        let finished = audit(&World::new().procfile(procfile), arguments).expect_code(code);
        finished.expect_out(told);
    }
    audit(&World::new().procfile(SOUND).env("A=\"open\n"), &["port"]).expect_code(0);
    let finished = audit(&World::new(), &[]).expect_code(2);
    finished.expect_err("`--path .` looks at a folder without a Procfile");
}

#[test]
fn a_file_that_cannot_be_read_whole_leaves_nothing_passed() {
    let world = World::new().procfile(SOUND).file("big.py", "x".repeat((16 << 20) + 1));
    let finished = audit(&world, &["logs"]).expect_code(3);
    finished.expect_out("not checked").expect_out("big.py: it is larger than 16 MiB");
}

#[test]
fn without_a_name_every_factor_has_its_line_and_a_reason() {
    let all = json(&World::new().procfile(SOUND), &[]);
    let factors = all["factors"].as_array().expect("a table");
    let numerals: Vec<&str> = factors.iter().filter_map(|factor| factor["numeral"].as_str()).collect();
    assert_eq!(numerals, ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]);
    for factor in factors {
        let verdict = factor["verdict"].as_str().expect("a verdict");
        assert!(["pass", "fail", "not-checked"].contains(&verdict), "{factor}");
        assert!(!factor["reason"].as_str().expect("a reason").is_empty(), "{factor}");
    }
}

#[test]
fn text_json_and_sarif_tell_the_same() {
    let world = World::new()
        .procfile("web: nohup server -p 3000\n")
        .file("src/a.py", "x = 1\nh = FileHandler('x')\n");
    let finished = audit(&world, &["port", "processes", "logs"]).expect_code(1);
    finished
        .expect_out(" --> Procfile:1:6\n")
        .expect_out("error[port/literal]")
        .expect_out(" --> src/a.py:2:5\n");
    let told = json(&world, &["port", "processes", "logs"]);
    assert_eq!(told["schema"], 1);
    let expected = ["processes/daemon Procfile:1:6", "port/literal Procfile:1:22", "logs/file src/a.py:2:5"];
    assert_eq!(places(&told), expected);
    let finished = audit(&world, &["port", "processes", "logs", "--format=sarif"]).expect_code(1);
    let sarif: Value = serde_json::from_slice(&finished.stdout).expect("it is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    for (result, finding) in results.iter().zip(told["findings"].as_array().expect("findings")) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(result["partialFingerprints"]["twelveRun/v1"], finding["fingerprint"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!((&region["startLine"], &region["startColumn"]), (&finding["line"], &finding["column"]));
    }
    let finished = audit(&world, &["port", "--json"]);
    finished.expect_err("1 error");
}

#[test]
fn the_same_bytes_come_out_whatever_the_threads() {
    let source = "h = FileHandler('x')\n# twelve-run:allow logs/file reason=x\nh = FileHandler('y')\n";
    let mut world = World::new().procfile(PINNED);
    for number in 0..40 {
        world = world.file(format!("src/d{}/a{number}.py", number % 7), source);
    }
    let out = |threads: &str| {
        let world = world.another().var("RAYON_NUM_THREADS", threads);
        ["text", "json", "sarif"].map(|form| audit(&world, &[&format!("--format={form}")]).out())
    };
    let one = out("1");
    assert_eq!(one, out("4"));
    assert_eq!(one[0].matches("warning[logs/file]").count(), 40);
}

#[test]
fn what_is_allowed_is_let_pass_until_its_day() {
    let source = |until: &str| {
        format!("# twelve-run:allow logs/file reason=\"a tool\" until={until}\nh = FileHandler('x')\n")
    };
    let world = World::new().procfile(SOUND).file("a.py", source("2999-12-31"));
    let told = json(&world, &["logs"]);
    assert_eq!(places(&told), [""; 0]);
    assert_eq!(told["allowed"][0]["allowed"]["reason"], "a tool");
    let world = world.file("a.py", source("2020-01-01"));
    assert_eq!(places(&json(&world, &["logs"])), ["logs/file a.py:2:5"]);
    let finished = audit(&world, &["logs", "--audit-suppressions"]).expect_code(0);
    assert_eq!(finished.out(), "a.py:1: `logs/file`: its last day is over\n");
    let world = world.file("a.py", "h = FileHandler('x') # twelve-run:allow logs/file\n");
    assert_eq!(places(&json(&world, &["logs"])), ["audit/allow-without-reason a.py:1:1"]);
}

#[test]
fn settings_allow_by_path_and_a_rule_that_does_not_exist_is_an_error_with_its_place() {
    let allow = |rule: &str, path: &str| {
        format!("[[audit.allow]]\nrule = \"{rule}\"\npath = \"{path}\"\nreason = \"generated\"\n")
    };
    let world = World::new()
        .procfile(SOUND)
        .file("gen/a.py", "h = FileHandler('x')\n")
        .file("b.py", "h = FileHandler('x')\n")
        .file("twelve-run.toml", allow("logs/file", "gen/**"));
    assert_eq!(places(&json(&world, &["logs"])), ["logs/file b.py:1:5"]);
    let narrowed = json(&world, &["logs", "--path", "gen"]);
    assert_eq!(places(&narrowed), [""; 0], "paths are the app's, wherever in it is looked");
    let world = world.file("twelve-run.toml", allow("logs/fiel", "gen/**"));
    let finished = audit(&world, &["logs"]).expect_code(2);
    finished.expect_err("twelve-run.toml:2:8").expect_err("did you mean `logs/file`");
    let world = world.file("twelve-run.toml", allow("logs/file", "**"));
    audit(&world, &["logs", "--strict"]).expect_code(0);
}

#[test]
fn a_baseline_knows_what_moves_and_not_what_is_new() {
    let world = World::new().procfile(PINNED);
    audit(&world, &["--baseline", "port"]).expect_code(2).expect_err("--write-baseline");
    let finished = audit(&world, &["port", "--write-baseline"]).expect_code(0);
    finished.expect_err("1 finding written");
    let file = world.app().join("twelve-run.baseline.json");
    let written = fs::read_to_string(&file).expect("it was written");
    assert!(!written.contains("3000"), "{written}");
    audit(&world, &["port", "--baseline"]).expect_code(0).expect_out("1 finding let pass");
    let world = world.procfile("# a line more\n\nweb: server -p 3000\n");
    audit(&world, &["port", "--baseline"]).expect_code(0);
    let world = world.procfile("web: server -p 3000\nweb-admin: server -p 3001\n");
    let told = json(&world, &["port", "--baseline=twelve-run.baseline.json"]);
    assert_eq!(places(&told), ["port/literal Procfile:2:22"]);
    audit(&world, &["port", "--write-baseline"]).expect_code(0);
    let again = fs::read_to_string(&file).expect("it was written");
    let key = |text: &str| text.lines().find(|line| line.contains("\"key\"")).map(str::to_owned);
    assert_eq!(key(&written), key(&again), "the key stays");
    audit(&world, &["port", "--baseline"]).expect_code(0);
    fs::write(&file, "{}").expect("it can be written");
    audit(&world, &["port", "--baseline"]).expect_code(2);
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_for_different_things() {
    let fingerprints = |procfile: &str| -> Vec<String> {
        let told = json(&World::new().procfile(procfile), &["port"]);
        let findings = told["findings"].as_array().expect("findings").iter();
        findings.map(|finding| finding["fingerprint"].to_string()).collect()
    };
    let one = fingerprints("web: a -p 3000\nweb-b: a -p 3000\n");
    assert_eq!(one.len(), 2);
    assert_ne!(one[0], one[1]);
    assert_eq!(one, fingerprints("# moved\nweb: a -p 3000\n\nweb-b: a -p 3000\n"));
}

#[test]
fn any_folder_can_be_looked_at_and_names_are_never_paths() {
    let world =
        World::new().file("logs/a.py", "h = FileHandler('x')\n").file("other/b.py", "h = FileHandler('x')\n");
    let one = json(&world, &["logs", "--path", "logs"]);
    assert_eq!(places(&one), ["logs/file a.py:1:5"], "relative to the folder that is named");
    let two = json(&world, &["XI", "--path", "./logs/", "--path", "other", "--path", "other/b.py"]);
    assert_eq!(places(&two), ["logs/file logs/a.py:1:5", "logs/file other/b.py:1:5"]);
    let file = json(&world, &["logs", "--path", "other/b.py"]);
    assert_eq!(places(&file), ["logs/file other/b.py:1:5"]);
    let world = world.file("other/Procfile", PINNED);
    let app = json(&world, &["VII", "--path", "other"]);
    assert_eq!(places(&app), ["port/literal Procfile:1:16"], "a folder may be an app of its own");
}

#[test]
fn in_a_repository_what_git_ignores_is_counted_and_what_is_staged_can_be_looked_at() {
    let source = "h = FileHandler('x')\n";
    let world = World::new()
        .procfile(SOUND)
        .file(".gitignore", "ignored.py\n")
        .file("ignored.py", source)
        .file("a.py", "x = 1\n");
    git(&world, &["init", "-q"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "-qm", "x"]);
    let told = json(&world, &["logs", "codebase"]);
    assert_eq!((places(&told).len(), &told["checked"]["ignored"]), (0, &Value::from(1)));
    assert_eq!(told["factors"][0]["reason"], "one git repository, 3 files tracked");
    assert_eq!(places(&json(&world, &["logs", "--no-ignore"])), ["logs/file ignored.py:1:5"]);
    let world = world.file("staged.py", source);
    git(&world, &["add", "staged.py"]);
    let world = world.file("staged.py", "x = 1\n").file("new.py", source);
    assert_eq!(places(&json(&world, &["logs", "--staged"])), ["logs/file staged.py:1:5"]);
    assert_eq!(places(&json(&world, &["logs", "--since", "HEAD"])), ["logs/file new.py:1:5"]);
    audit(&world, &["--since", "nowhere"]).expect_code(2).expect_err("git cannot tell what has changed");
    git(&world, &["branch", "production"]);
    let told = json(&world, &["I"]);
    assert_eq!(places(&told), ["codebase/branch-per-environment .git/refs/heads/production:1:1"]);
}

#[test]
fn xi_what_an_app_has_logged_is_judged_from_a_file_or_from_standard_input() {
    let event = "{\"timestamp\":\"2026-01-31T12:00:00Z\",\"level\":\"info\",\"message\":\"x\"}\n";
    let world = World::new().file("x.log", format!("{event}plain\n"));
    let finished = audit(&world, &["logs", "--from", "x.log"]).expect_code(0);
    let told = "no JSON object: 1 of 2 lines (2)";
    finished.expect_out(told).expect_out("--> x.log:2:1").expect_out("2 lines read");
    let world = world.another().input(event);
    let told = json(&world, &["logs", "--from", "-"]);
    assert_eq!(told["evidence"][0]["share"], "100.0");
    audit(&World::new().input(""), &["logs", "--from", "-"]).expect_code(3).expect_out("nothing was written");
    audit(&World::new(), &["logs", "--from", "nowhere"]).expect_code(2);
}

#[test]
fn rules_are_listed_and_explained_without_an_app() {
    let world = World::new();
    let listed = audit(&world, &["--rules"]).expect_code(0);
    assert!(listed.out().lines().any(|line| line.starts_with("port/literal ")), "{listed}");
    let all = json(&world, &["--rules"]);
    assert!(all["rules"].as_array().is_some_and(|rules| rules.len() > 15));
    let explained = audit(&world, &["--explain", "port/literal"]).expect_code(0);
    explained.expect_out("factor VII, port; error").expect_out("Cure: ");
    audit(&world, &["--explain", "port/literla"]).expect_code(2).expect_err("did you mean `port/literal`?");
}

#[test]
#[ignore = "heavy: run by .ci/run, which fetches the schema"]
fn sarif_is_valid_by_its_published_schema() {
    let file = std::env::var_os("SARIF_SCHEMA").expect("`.ci/run` says where the schema is");
    let mut schema: Value = serde_json::from_slice(&fs::read(file).expect("the schema")).expect("it is JSON");
    // Its pattern for a language is no regular expression as ECMA 262 has them, and we name none.
    for of in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{of}/properties/language"));
        language.and_then(Value::as_object_mut).expect("a language").remove("pattern");
    }
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let source = "h = FileHandler('x')\n# twelve-run:allow logs/file reason=x\nh = FileHandler('y')\n";
    let world = World::new().procfile("web: nohup server -p 3000\n").file("src dir/é.py", source);
    for arguments in [&["--format=sarif"][..], &["--format=sarif", "services"], &["--format=sarif", "logs"]] {
        let finished = audit(&world, arguments);
        let log: Value = serde_json::from_slice(&finished.stdout).expect("it is JSON");
        let told: Vec<String> =
            schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(told.is_empty(), "{told:#?}\n{finished}");
    }
}
