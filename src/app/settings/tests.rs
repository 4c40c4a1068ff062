//! What is read from `twelve-run.toml`, and what is said of mistakes.

use super::*;
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

/// A TOML text as what a JSON Schema is held against.
fn as_json(text: &str) -> serde_json::Value {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_schema_takes_what_we_take_and_refuses_what_it_can() {
    let schema = jsonschema::validator_for(&schema()).expect("it is a schema");
    let told = |text: &str| -> Vec<String> {
        schema
            .iter_errors(&as_json(text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    };
    for text in GOOD {
        assert_eq!(told(text), Vec::<String>::new(), "{text}");
    }
    for (text, .., seen) in BAD.iter().filter(|(text, ..)| toml::from_str::<toml::Table>(text).is_ok()) {
        let told = told(text);
        assert_eq!(told.is_empty(), *seen == Seen::HereAlone, "{text}: {told:?}");
    }
}
