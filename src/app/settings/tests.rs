//! What is read from `twelve-run.toml`, and what is said of mistakes.

use super::*;
use crate::app::plan::{Milestone, Probe, ProbeHow, Schedule};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Duration;

/// The line and sentence of each problem.
fn problems(text: &str) -> Vec<(usize, String)> {
    let (_, problems) = parse(&Source::new("twelve-run.toml", text), &["web", "worker"]);
    problems.into_iter().map(|problem| (problem.place.unwrap().line(), problem.sentence)).collect()
}

#[test]
fn a_file_with_every_key_is_read() {
    let text = "[process.web]\ninstances = 2\nrestart = \"on-failure\"\nmax_restarts = 3\non_exit = \"continue\"\nstop_signal = \"SIGINT\"\ngrace = \"1m30s\"\npty = \"never\"\ncwd = \"web\"\nshell = \"bash\"\nenv = { A = \"t\" }\n";
    let (settings, problems) = parse(&Source::new("t", text), &["web"]);
    assert_eq!(problems, []);
    let web = &settings.processes["web"];
    assert_eq!((web.instances, web.restart, web.max_restarts), (Some(2), Some(Restart::OnFailure), Some(3)));
    assert_eq!((web.on_exit, web.stop_signal), (Some(OnExit::Continue), Some(StopSignal::INT)));
    assert_eq!((web.grace, web.pty), (Some(Duration::from_secs(90)), Some(Pty::Never)));
    assert_eq!(web.env.get("A").unwrap(), "t");
}

#[test]
fn i3_what_is_wrong_is_told_with_its_place_all_at_once() {
    let told = problems(
        "[process.web]\ninstances = 1001\nrestart = \"maybe\"\ngrace = \"soon\"\nstop_signal = \"KILL\"\n[process.wroker]\n",
    );
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 6], "{told:?}");
    for (text, line, part) in [
        ("[process.web]\nrestrat = \"never\"\n", 2, "unknown key `restrat`"),
        ("[process.web]\ninstances = \"2\"\n", 2, "invalid type"),
        ("[process.web\n", 1, ""),
    ] {
        let told = problems(text);
        assert!(told.len() == 1 && told[0].0 == line && told[0].1.contains(part), "{text:?}: {told:?}");
    }
}

#[test]
fn l3_times_have_a_unit_and_a_bound() {
    for (text, time) in [
        ("5", Some(5000)),
        ("0", Some(0)),
        ("500ms", Some(500)),
        ("1m30s", Some(90_000)),
        ("24h", Some(86_400_000)),
        ("25h", None),
        ("-1s", None),
        ("", None),
        ("5 parsecs", None),
        ("99999999999999999999", None),
        ("1e3", None),
    ] {
        assert_eq!(duration(text).ok().map(|time| time.as_millis()), time, "{text}");
    }
}

/// Files without a mistake.
const GOOD: &[&str] = &[
    "",
    "[process]\n",
    "[process.web]\nafter = [\"worker:completed\", \"clock\"]\n[process.worker]\nafter = [\"clock:ready\"]\n",
    "[process.web]\nbackoff = \"100ms\"\nbackoff_max = \"5s\"\nreset_after = \"1m\"\nenv_file = [\".env.web\"]\n",
    "[process.web]\nlisten = [\"127.0.0.1:5000\", \"5001\", \"[::1]:5000\", \"localhost:5002\", \"0.0.0.0:1\"]\n",
    "[process.web]\nwatch = [\"src/**/*.rs\", \"{a,b}.toml\"]\n",
    "[process.web]\nwatch = { globs = [\"*.rb\"], signal = \"HUP\" }\n",
    "[process.web.health]\nstartup = { log = \"listening on \\\\d+\" }\nreadiness = { notify = true, successes = 2 }\n",
    "[process.web.health]\nreadiness = { http = \"http://127.0.0.1:9000/x\" }\nliveness = { tcp = true, every = \"3s\" }\n",
    "[process.web.health.liveness]\nexec = \"bin/alive --now\"\nfailures = 1\nsuccesses = 1\n",
    "[logs]\neach = \"1MiB\"\nall = 4194304\n[http]\nlisten = \"127.0.0.1:5555\"\n",
    "[http]\nlisten = \"0.0.0.0:80\"\n",
    "[audit]\n",
    "[[audit.allow]]\nrule = \"config/host\"\nreason = \"a test\"\n[[audit.allow]]\nrule = \"config/key-*\"\npath = \"tests/**\"\nreason = \"b\"\nuntil = \"2027-01-31\"\n",
];

/// Whether a schema can see what is wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    InSchema,
    HereAlone,
}

/// Files with one mistake: its line, a part of its sentence, and who sees it.
const BAD: &[(&str, usize, &str, Seen)] = &[
    ("[proces.web]\n", 1, "unknown key `proces`", Seen::InSchema),
    ("[web]\ninstances = 1\n", 1, "unknown key `web`", Seen::InSchema),
    ("[process.web]\n\ninstnces = 2\n", 3, "unknown key `instnces`", Seen::InSchema),
    ("[process.web]\ninstances = -1\n", 2, "a number from 0 to 1000", Seen::InSchema),
    ("[process.web]\ninstances = 18446744073709551615\n", 2, "a number from 0 to 1000", Seen::InSchema),
    ("[process.web]\ninstances = 1.5\n", 2, "invalid type: floating point `1.5`", Seen::InSchema),
    ("[process.web]\nrestart = \"allways\"\n", 2, "did you mean `always`", Seen::InSchema),
    ("[process.web]\nstop_signal = \"HPU\"\n", 2, "did you mean `HUP`", Seen::InSchema),
    ("[process.web]\nstop_signal = \"KILL\"\n", 2, "no signal that a process can answer", Seen::InSchema),
    ("[process.web]\nshell = \"\"\n", 2, "no shell", Seen::InSchema),
    ("[process.web]\nenv = { A = 5 }\n", 2, "invalid type: integer `5`", Seen::InSchema),
    ("[process.web]\nenv = { \"A=\" = \"5\" }\n", 2, "no name for a variable", Seen::InSchema),
    ("[process.web]\nenv = { A = \"\\u0000\" }\n", 2, "cannot hold NUL", Seen::HereAlone),
    (
        "[process.web]\nafter = \"db\"\n",
        2,
        "invalid type: string \"db\", expected a sequence",
        Seen::InSchema,
    ),
    (
        "[process.web]\nafter = [\n  \"clock\",\n  \"wroker:ready\",\n]\n",
        4,
        "`wroker` is no process",
        Seen::HereAlone,
    ),
    ("[process.web]\nafter = [\"worker:raedy\"]\n", 2, "did you mean `ready`", Seen::InSchema),
    ("[process.web]\nafter = [\"worker:\"]\n", 2, "one of `started`, `ready`, `completed`", Seen::InSchema),
    ("[process.web]\nafter = [\"\"]\n", 2, "no name of a process", Seen::InSchema),
    ("[process.web]\nafter = [\"web\"]\n", 2, "`web` cannot wait for itself", Seen::HereAlone),
    (
        "[process.web]\nafter = [\"worker\"]\n[process.worker]\nafter = [\"web:ready\"]\n",
        4,
        "wait for each other: web → worker → web",
        Seen::HereAlone,
    ),
    (
        "[process.clock]\nafter = [\"web\"]\n[process.web]\nafter = [\"worker\"]\n[process.worker]\nafter = [\"clock\"]\n",
        2,
        "web → worker → clock → web",
        Seen::HereAlone,
    ),
    ("[process.web]\nbackoff = \"0\"\n", 2, "a time from 10ms to 60m is wanted", Seen::HereAlone),
    ("[process.web]\nbackoff = \"2h\"\n", 2, "a time from 10ms to 60m is wanted", Seen::HereAlone),
    ("[process.web]\nreset_after = \"0ms\"\n", 2, "a time from 10ms to 24h is wanted", Seen::HereAlone),
    ("[process.web]\nbackoff = \"soon\"\n", 2, "no time", Seen::InSchema),
    (
        "[process.web]\nbackoff = \"3s\"\nbackoff_max = \"2s\"\n",
        2,
        "longer than `backoff_max`",
        Seen::HereAlone,
    ),
    (
        "[process.web]\nlisten = [\"5000\", \"127.0.0.1:5000\"]\n",
        2,
        "`127.0.0.1:5000` is named twice",
        Seen::HereAlone,
    ),
    (
        "[process.web]\nlisten = [\"0.0.0.0:5000\"]\n[process.worker]\nlisten = [\"5000\"]\n",
        4,
        "cannot both be held",
        Seen::HereAlone,
    ),
    ("[http]\nlisten = \"5000\"\n[process.web]\nlisten = [\"5000\"]\n", 2, "named twice", Seen::HereAlone),
    ("[process.web]\nlisten = [\"0\"]\n", 2, "no port", Seen::HereAlone),
    ("[process.web]\nlisten = [\"5000\", \"127.0.0.1:99999\"]\n", 2, "no port", Seen::HereAlone),
    ("[process.web]\nlisten = [\"127.0.0.1\"]\n", 2, "no address", Seen::InSchema),
    ("[process.web]\nlisten = [\"\"]\n", 2, "no address", Seen::InSchema),
    ("[process.web]\nlisten = [\":5000\"]\n", 2, "no address", Seen::InSchema),
    ("[process.web]\nlisten = [\"example.org:80\"]\n", 2, "only `localhost` may be one", Seen::InSchema),
    ("[process.web]\nlisten = [5000]\n", 2, "invalid type: integer `5000`", Seen::InSchema),
    ("[process.web]\nwatch = [\"src/[a\"]\n", 2, "no pattern of files", Seen::HereAlone),
    ("[process.web]\nwatch = [\"../x\"]\n", 2, "leads out of the app's folder", Seen::HereAlone),
    ("[process.web]\nwatch = [\"ok\",\n \"/x\"]\n", 3, "leads out of the app's folder", Seen::InSchema),
    ("[process.web]\nwatch = \"src\"\n", 2, "expected a list of patterns", Seen::InSchema),
    ("[process.web]\nwatch = { glob = [\"x\"] }\n", 2, "unknown key `glob`", Seen::InSchema),
    ("[process.web.watch]\nsignal = \"HUP\"\n", 1, "missing key `globs`", Seen::InSchema),
    ("[process.web]\nwatch = { globs = [\"x\"],\n signal = \"STOP\" }\n", 3, "no signal", Seen::InSchema),
    ("[process.web.health]\nalive = {}\n", 2, "unknown key `alive`", Seen::InSchema),
    ("[process.web]\nhealth = { startup = {} }\n", 2, "does not say what is asked", Seen::InSchema),
    ("[process.web.health.startup]\nevery = \"1s\"\n", 1, "does not say what is asked", Seen::InSchema),
    (
        "[process.web.health.startup]\nhttp = \"/\"\ntcp = true\n",
        3,
        "asks one thing, and here are `http` and `tcp`",
        Seen::InSchema,
    ),
    ("[process.web.health]\nstartup = { tcp = false }\n", 2, "`true` is wanted", Seen::InSchema),
    ("[process.web.health]\nstartup = { http = \"health\" }\n", 2, "neither a path", Seen::InSchema),
    (
        "[process.web.health]\nstartup = { http = \"https://x/\" }\n",
        2,
        "`https` is not spoken",
        Seen::InSchema,
    ),
    ("[process.web.health]\nstartup = { http = \"http://:80/\" }\n", 2, "neither a path", Seen::HereAlone),
    ("[process.web.health]\nstartup = { http = \"/a b\" }\n", 2, "no blanks", Seen::InSchema),
    ("[process.web.health]\nstartup = { exec = \" \" }\n", 2, "no command line", Seen::InSchema),
    ("[process.web.health]\nstartup = { log = \"a(b\" }\n", 2, "unclosed group", Seen::HereAlone),
    ("[process.web.health]\nliveness = { log = \"x\" }\n", 2, "`liveness` cannot be `log`", Seen::InSchema),
    (
        "[process.web.health]\nliveness = { notify = true }\n",
        2,
        "`liveness` cannot be `notify`",
        Seen::InSchema,
    ),
    (
        "[process.web.health]\nliveness = { tcp = true, successes = 2 }\n",
        2,
        "`successes` of `liveness`",
        Seen::InSchema,
    ),
    (
        "[process.web.health]\nstartup = { tcp = true, successes = 2 }\n",
        2,
        "`successes` of `startup`",
        Seen::InSchema,
    ),
    ("[process.web.health]\nstartup = { tcp = true, failures = 0 }\n", 2, "a number from 1", Seen::InSchema),
    (
        "[process.web.health]\nstartup = { tcp = true, every = \"0\" }\n",
        2,
        "a time from 10ms",
        Seen::HereAlone,
    ),
    (
        "[process.web.health]\nstartup = { tcp = true, timeout = \"0s\" }\n",
        2,
        "a time from 1ms",
        Seen::HereAlone,
    ),
    (
        "[process.web.health]\nreadiness = { tcp = true, timeout = \"6s\" }\n",
        2,
        "longer than `every`, 5s",
        Seen::HereAlone,
    ),
    ("[logs]\neach = \"256KB\"\n", 2, "no size", Seen::InSchema),
    ("[logs]\neach = 10\n", 2, "a size from 4KiB to 1GiB", Seen::InSchema),
    ("[logs]\nall = \"9999999999999GiB\"\n", 2, "a size from 64KiB to 2GiB", Seen::HereAlone),
    ("[logs]\neach = \"32MiB\"\n", 2, "more than `all`", Seen::HereAlone),
    ("[http]\nlisten = \"my.host:5555\"\n", 2, "only `localhost` may be one", Seen::InSchema),
    ("[http]\n", 1, "missing key `listen`", Seen::InSchema),
    ("[[audit.allow]]\nrule = \"config/host\"\n", 1, "missing key `reason`", Seen::InSchema),
    ("[[audit.allow]]\nrule = \"a/b\"\nreason = \" \"\n", 3, "a reason is wanted", Seen::InSchema),
    ("[[audit.allow]]\nrule = \"all\"\nreason = \"x\"\n", 2, "no rule of the audit", Seen::InSchema),
    ("[[audit.allow]]\nrule = \"a/b\"\nreason = \"x\"\nuntil = \"soon\"\n", 4, "no day", Seen::HereAlone),
    (
        "[[audit.allow]]\nrule = \"a/b\"\nreason = \"x\"\nuntil = 2027-01-31T00:00:00Z\n",
        4,
        "no day",
        Seen::InSchema,
    ),
    ("[[audit.allow]]\nrule = \"a/b\"\nreason = \"x\"\npath = \"/etc\"\n", 4, "leads out", Seen::InSchema),
    (
        "[[audit.allow]]\nrule = \"a/b\"\nreasons = \"x\"\nreason = \"x\"\n",
        3,
        "unknown key `reasons`",
        Seen::InSchema,
    ),
];

const TYPES: [&str; 4] = ["web", "worker", "clock", "api"];

fn told(text: &str) -> Vec<(usize, String)> {
    let (_, problems) = parse(&Source::new("twelve-run.toml", text), &TYPES);
    problems.into_iter().map(|problem| (problem.place.unwrap().line(), problem.sentence)).collect()
}

#[test]
fn good_files_are_read_without_a_word() {
    for text in GOOD {
        assert_eq!(told(text), [], "{text}");
    }
}

#[test]
fn i3_every_mistake_has_its_place_and_its_sentence() {
    for (text, line, part, _) in BAD {
        let told = told(text);
        assert!(
            told.len() == 1 && told[0].0 == *line && told[0].1.contains(part),
            "{text}: {told:?}, not {line}: {part}"
        );
    }
}

/// What the schema has against a text; `None` when it is no TOML, or has numbers that JSON does not.
fn told_by_schema(text: &str) -> Option<Vec<String>> {
    static SCHEMA: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::validator_for(&schema()).expect("it is a schema"));
    let file: serde_json::Value = toml::from_str(text).ok()?;
    Some(SCHEMA.iter_errors(&file).map(|error| format!("{}: {error}", error.instance_path())).collect())
}

#[test]
fn the_schema_takes_what_we_take_and_refuses_what_it_can() {
    for text in GOOD {
        assert_eq!(told_by_schema(text), Some(vec![]), "{text}");
    }
    let held: Vec<_> =
        BAD.iter().filter_map(|(text, .., seen)| Some((text, seen, told_by_schema(text)?))).collect();
    assert!(held.len() + 1 >= BAD.len(), "only a number past all bounds is no JSON");
    for (text, seen, told) in held {
        assert_eq!(told.is_empty(), *seen == Seen::HereAlone, "{text}: {told:?}");
    }
}

#[test]
fn what_we_show_as_an_example_is_a_good_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let in_readme =
        readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let mut all: Vec<(String, String)> = in_readme.map(|text| ("README.md".to_owned(), text)).collect();
    for folder in std::fs::read_dir(root.join("examples")).unwrap() {
        let path = folder.unwrap().path().join("twelve-run.toml");
        if let Ok(text) = std::fs::read_to_string(&path) {
            all.push((path.display().to_string(), text));
        }
    }
    assert!(all.len() >= 2, "the README has one, and an example");
    for (name, text) in all {
        let types = ["web", "worker", "clock", "api", "migrate", "db"];
        let (_, problems) = parse(&Source::new(name.clone(), text.clone()), &types);
        assert_eq!(problems, [], "{name}");
        assert_eq!(told_by_schema(&text), Some(vec![]), "{name}");
    }
}

#[test]
fn several_mistakes_of_every_kind_are_told_at_once_and_in_order() {
    let text = "[process.web]\ninstances = -1\nwatch = [\"/a\", \"ok\", \"../b\"]\nrestrat = 1\n\
        [process.web.health]\nstartup = { http = \"https://x\", every = \"0\" }\n\
        liveness = { log = \"x\", successes = 2 }\n\
        [process.wroker]\n[process.worker]\nafter = [\"web\", \"nobody\", \"worker\"]\n\
        [logs]\neach = \"1\"\nnone = 1\n";
    let lines: Vec<usize> = told(text).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [2, 3, 3, 4, 6, 6, 7, 7, 8, 10, 10, 12, 13], "{:?}", told(text));
    let text = "a = [\n[process.web]\ninstances = \nrestart = 'x\n";
    let lines: Vec<usize> = told(text).into_iter().map(|(line, _)| line).collect();
    assert!(!lines.is_empty() && lines.is_sorted(), "{:?}", told(text));
    let flood: Vec<String> = (0..500).map(|number| format!("x{number} = 1")).collect();
    assert_eq!(told(&flood.join("\n")).len(), 50);
    let ports: Vec<String> = (1..5000).map(|port| format!("\"{port}\"")).collect();
    assert_eq!(told(&format!("[process.web]\nlisten = [{}]\n", ports.join(","))).len(), 1);
}

#[test]
fn i14_a_thousand_types_in_a_row_wait_and_a_circle_of_them_is_one_error() {
    let names: Vec<String> = (0..1000).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let table = |two: &[&str]| format!("[process.{}]\nafter = [\"{}\"]\n", two[0], two[1]);
    let mut text: String = names.windows(2).map(table).collect();
    let told = |text: &str| parse(&Source::new("t", text), &names).1.len();
    assert_eq!(told(&text), 0);
    text.push_str(&table(&["p999", "p0"]));
    assert_eq!(told(&text), 1);
}

#[test]
fn health_watch_and_addresses_have_their_defaults() {
    let text = "[process.web]\nlisten = [\"5000\"]\nwatch = { globs = [\"a\"], signal = \"hup\" }\n\
        backoff_max = \"500ms\"\nafter = [\"api:ready\", \"api\", \"api\"]\n\
        [process.web.health]\nstartup = { tcp = true }\nreadiness = { http = \"/\" }\n\
        liveness = { exec = \"a b\", failures = 7 }\n";
    let (mut settings, problems) = parse(&Source::new("t", text), &TYPES);
    assert_eq!(problems, []);
    let web = settings.processes.remove("web").unwrap();
    assert_eq!(web.listen, ["127.0.0.1:5000".parse().unwrap()]);
    assert_eq!(web.watch, Watch { globs: vec!["a".into()], signal: Some(StopSignal(1)) });
    let half = Duration::from_millis(500);
    assert_eq!((web.backoff.first, web.backoff.most), (half, half));
    let after: Vec<_> = web.after.iter().map(|after| (after.value.kind.0, after.value.milestone)).collect();
    assert_eq!(after, [(3, Milestone::Ready), (3, Milestone::Started)]);
    let probe = |how, every, timeout, failures| {
        let (every, timeout) = (Duration::from_millis(every), Duration::from_millis(timeout));
        Some(Probe { how, schedule: Schedule { every, timeout, failures, successes: 1 } })
    };
    let health = Health {
        startup: probe(ProbeHow::Tcp, 250, 1000, 120),
        readiness: probe(ProbeHow::Http("/".into()), 5000, 1000, 3),
        liveness: probe(ProbeHow::Exec("a b".into()), 10_000, 2000, 7),
    };
    assert_eq!(web.health, health);
}

#[test]
fn what_the_audit_lets_pass_is_read_and_a_day_needs_no_quotes() {
    let text = "[[audit.allow]]\nrule = \"config/host\"\nreason = \"x\"\nuntil = 2027-01-31\n";
    let (settings, problems) = parse(&Source::new("t", text), &TYPES);
    assert_eq!(problems, []);
    let [allow] = &settings.allow[..] else { panic!("{:?}", settings.allow) };
    assert_eq!((allow.rule.value.as_str(), allow.rule.place.line()), ("config/host", 2));
    assert_eq!(allow.until, Some("2027-01-31".parse().unwrap()));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_every_problem_has_a_place(
        parts in proptest::collection::vec(prop_oneof![
            proptest::sample::select(BAD).prop_map(|(text, ..)| text.to_owned()),
            proptest::sample::select(GOOD).prop_map(ToOwned::to_owned),
            "[\\[\\]{}=\"'.,a-z0-9 \n-]{0,20}",
            ".{0,10}",
        ], 0..4),
        gap in any::<proptest::sample::Index>(),
    ) {
        let mut text = parts.concat();
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        if !boundaries.is_empty() {
            text.remove(boundaries[gap.index(boundaries.len())]);
        }
        let (_, problems) = parse(&Source::new("twelve-run.toml", text.as_str()), &TYPES);
        prop_assert!(problems.iter().all(|problem| problem.place.is_some()), "{:?}", problems);
        let _ = crate::app::problem::render(&problems, false);
        // What we take, an editor that knows the schema takes as well.
        if problems.is_empty() && let Some(told) = told_by_schema(&text) {
            prop_assert_eq!(told, Vec::<String>::new(), "{}", text);
        }
    }
}
