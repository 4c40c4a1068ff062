//! What is typed and written: COMPAT cli-*, penv-*, port-*, and what of them wins. The files themselves are
//! tested in `files.rs`.

use crate::world::World;
use nix::sys::signal::Signal;

#[test]
fn cli_1_e9_i_errors_end_with_2_and_nothing_starts() {
    for (procfile, arguments, told) in [
        ("web: pup log:up\n", &["start", "-e", "nope"][..], "`nope` does not exist"),
        ("web: pup log:up\n", &["start", "wbe"], "did you mean `web`?"),
        ("web: pup log:up\nweb: b\n", &["start"], "`web` is defined twice"),
        ("web: pup log:up\n", &["start", "-m", "web=1001"], "too many"),
        ("web: pup log:up\n", &["start", "-p", "0"], "1 to 65535"),
        ("web: pup log:up\n", &["start", "-t", "soon"], "no time"),
        ("# none\n", &["start"], "no processes defined"),
        ("release: pup log:up\n", &["start"], "nothing to start"),
        ("web: pup log:up\n", &["start", "--nosuch"], "--nosuch"),
    ] {
        let world = World::new().procfile(procfile);
        let finished = world
            .run_words(arguments.iter().map(std::ffi::OsStr::new))
            .finish()
            .expect_code(2)
            .expect_err(told);
        assert_eq!(finished.count("up"), 0, "{finished}");
    }
}

#[test]
fn cli_3_and_4_positional_counts_colour_and_foremans_defaults() {
    let finished =
        World::new().procfile("web: echo $PORT\nworker: x\n").start(["-c", "web=2", "--keep-going"]).finish();
    assert!(finished.out().contains('\x1b') && !finished.out().contains("worker"), "{finished}");
    let world = World::new().procfile("web: echo $PORT\n").file(".foreman", "formation: web=2\nport: 3000\n");
    let finished = world.start(["--keep-going"]).finish();
    assert_eq!(finished.lines_of("web.2")[1], "3001", "{finished}");
}

#[test]
fn cli_5_check_says_what_foreman_says() {
    let world = World::new().procfile("web: a\nworker: b\nclock: c\n");
    let finished = world.run(["check"]).finish().expect_code(0);
    assert_eq!(finished.out(), "valid procfile detected (web, worker, clock)\n");
    World::new().procfile("web: a\n web: b\n").run(["check"]).finish().expect_code(1).expect_err("indented");
    World::new()
        .procfile("web: a\nweb: b\n")
        .run(["check", "--json"])
        .finish()
        .expect_code(2)
        .expect_out("\"schema\": 1");
}

#[test]
fn i2_a_broken_env_file_is_told_without_its_value_and_i3_a_broken_toml_with_its_place() {
    let finished = World::new().procfile("web: a\n").env("A=\"canary\n").start([]).finish().expect_code(2);
    assert!(finished.err().contains(".env:1:3") && !finished.err().contains("canary"), "{finished}");
    let world =
        World::new().procfile("web: a\n").file("twelve-run.toml", "[process.web]\nrestrat = \"never\"\n");
    world.start([]).finish().expect_code(2).expect_err("did you mean `restart`?");
}

#[test]
fn penv_1_and_2_port_5_the_environment_of_a_process() {
    let world = World::new()
        .procfile("web: printenv A PS PORT TWELVE_RUN_WORKER_PORT; printenv TWELVE_RUN_WEB_PORT || echo none\nworker: x\n")
        .env("A=f\nPS=x\nPORT=7000\n")
        .var("NOTIFY_SOCKET", "/x");
    let finished = world.start(["web"]).finish();
    assert_eq!(finished.lines_of("web.1")[1..6], ["f", "web.1", "7000", "7100", "none"], "{finished}");
    for (flags, expected) in
        [(&["start", "--keep-going"][..], "r"), (&["start", "--keep-going", "--env-override"], "f")]
    {
        let world = World::new().procfile("web: printenv A\n").env("A=f\n").var("A", "r");
        let finished = world.run_words(flags.iter().map(std::ffi::OsStr::new)).finish();
        assert_eq!(finished.lines_of("web.1")[1], expected, "{finished}");
    }
}

#[test]
fn dry_run_shows_the_plan_and_starts_nothing() {
    let world = World::new().procfile("web: pup log:up\n").env("SECRET=canary\n");
    let finished =
        world.start(["--dry-run", "--json"]).finish().expect_code(0).expect_out("\"base_port\": 5000");
    assert!(finished.out().contains("SECRET") && !finished.out().contains("canary"), "{finished}");
    assert_eq!(finished.count("up"), 0);
}

#[test]
fn settings_of_twelve_run_toml_are_heeded() {
    let toml = "[process.web]\ninstances = 2\nstop_signal = \"INT\"\ncwd = \"sub\"\nenv = { A = \"t\" }\n";
    let world = World::new()
        .procfile("web: pup on:INT=exit:0 on:TERM log:up hang\n")
        .file("sub/x", "")
        .file("twelve-run.toml", toml);
    let run = world.start([]);
    run.wait_for_witness(2, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("INT"), finished.count("TERM")), (2, 0), "{finished}");
}

/// The plan for these arguments, from `start --dry-run --json`.
fn plan(world: &World, arguments: &[&str]) -> serde_json::Value {
    let words = ["start", "--dry-run", "--json"].iter().chain(arguments).map(std::ffi::OsStr::new);
    let finished = world.run_words(words).finish().expect_code(0);
    serde_json::from_slice(&finished.stdout).expect("it is JSON")
}

#[test]
fn port_3_release_keeps_its_place_in_the_count() {
    let finished =
        World::new().procfile("release: exit 9\nweb: echo $PORT\n").start([]).finish().expect_code(0);
    assert_eq!(finished.lines_of("web.1")[1], "5100", "{finished}");
    assert!(finished.lines_of("release.1").is_empty(), "{finished}");
}

#[test]
fn port_4_ports_that_are_none_start_nothing() {
    let world = || World::new().procfile("web: pup log:up\nworker: pup log:up\nclock: pup log:up\n");
    for (world, arguments, told) in [
        (world().var("PORT", "abc"), &["start"][..], "1 to 65535"),
        (world().env("PORT=70000\n"), &["start"], "1 to 65535"),
        (world(), &["start", "-p", "0"], "1 to 65535"),
        (world(), &["start", "-p", "65500"], "`worker.1` would have port 65600"),
    ] {
        let finished = world.run_words(arguments.iter().map(std::ffi::OsStr::new)).finish();
        let finished = finished.expect_code(2).expect_err(told);
        assert_eq!(finished.count("up"), 0, "{finished}");
    }
    let finished = world().var("PORT", "").start(["--dry-run"]).finish().expect_code(0);
    assert!(finished.out().contains("5000"), "an empty one is none\n{finished}");
}

#[test]
fn i12_a_flag_wins_over_the_environment_over_toml_over_foremans_file_over_the_default() {
    // All say something else; each round the one that won falls silent.
    let mut expected = vec![1.0, 2.0, 3.0, 4.0, 8.0];
    for silent in 0..5 {
        let mut world = World::new().procfile("web: a\nworker: b\n");
        if silent < 2 {
            world = world.var("TWELVE_RUN_TIMEOUT", "2");
        }
        if silent < 3 {
            world = world.file("twelve-run.toml", "[process.web]\ngrace = \"3s\"\n");
        }
        if silent < 4 {
            world = world.file(".foreman", "timeout: 4\n");
        }
        let plan = plan(&world, if silent < 1 { &["-t", "1"] } else { &[] });
        assert_eq!(plan["types"][0]["grace_s"], expected.remove(0), "silent are {silent}: {plan:#}");
        if silent == 2 {
            assert_eq!(plan["types"][1]["grace_s"], 4.0, "what toml does not say is foreman's: {plan:#}");
        }
    }
}

#[test]
fn i12_counts_come_from_the_flag_the_environment_toml_foremans_file_or_app_json() {
    let counts = |world: &World, arguments: &[&str]| {
        let plan = plan(world, arguments);
        let types = plan["types"].as_array().expect("a list");
        types.iter().map(|kind| kind["count"].as_u64().expect("a number")).collect::<Vec<_>>()
    };
    let app = World::new()
        .procfile("web: a\nworker: b\nclock: c\n")
        .file("app.json", r#"{"formation": {"web": {"quantity": 5}, "clock": {"quantity": 6}}}"#);
    assert_eq!(counts(&app, &[]), [5, 1, 6]);
    let app = app.file(".foreman", "formation: web=4,worker=4\n");
    assert_eq!(counts(&app, &[]), [4, 4, 0]);
    assert_eq!(counts(&app, &["clock"]), [0, 0, 6], "any flag beats it");
    let app = app.file("twelve-run.toml", "[process.web]\ninstances = 3\n");
    assert_eq!(counts(&app, &[]), [3, 4, 0]);
    let app = app.var("TWELVE_RUN_FORMATION", "web=2");
    assert_eq!(counts(&app, &[]), [2, 0, 0]);
    assert_eq!(counts(&app, &["-m", "web=1,clock=1"]), [1, 0, 1]);
    assert_eq!(counts(&app, &["clock=7"]), [0, 0, 7]);
}

#[test]
fn i12_port_comes_from_the_flag_the_environment_the_env_file_or_foremans_file() {
    let port = |world: &World, arguments: &[&str]| plan(world, arguments)["base_port"].as_u64();
    let app = World::new().procfile("web: a\n");
    assert_eq!(port(&app, &[]), Some(5000));
    let app = app.env("PORT=4000\n").var("TWELVE_RUN_PORT", "9");
    assert_eq!(port(&app, &[]), Some(4000), "no name that ends in _PORT is a setting");
    let app = app.var("PORT", "3000");
    assert_eq!(port(&app, &[]), Some(3000));
    assert_eq!(port(&app, &["--env-override"]), Some(4000));
    assert_eq!(port(&app, &["-p", "2000"]), Some(2000));
}

#[test]
fn a_type_has_environment_files_of_its_own_between_dotenv_and_its_env() {
    let world = || {
        World::new()
            .procfile("web: printenv A B C D\nworker: printenv A\n")
            .env("A=dotenv\nB=dotenv\nD=dotenv\n")
            .file(".env.web", "A=file\nB=file\nC=${A}-${D}\nD=file\n")
            .file("twelve-run.toml", "[process.web]\nenv_file = [\".env.web\"]\nenv = { B = \"env\" }\n")
            .var("D", "real")
    };
    let finished = world().start(["--keep-going"]).finish();
    assert_eq!(finished.lines_of("web.1")[1..5], ["file", "env", "file-real", "real"], "{finished}");
    assert_eq!(finished.lines_of("worker.1")[1], "dotenv", "{finished}");
    let finished = world().start(["--keep-going", "--env-override"]).finish();
    assert_eq!(finished.lines_of("web.1")[1..5], ["file", "env", "file-dotenv", "file"], "{finished}");
    let missing = world().file("twelve-run.toml", "[process.web]\nenv_file = [\".env.nope\"]\n");
    let finished = missing.start([]).finish().expect_code(2).expect_err("`.env.nope` does not exist");
    assert!(finished.err().contains("twelve-run.toml:2:"), "{finished}");
}

#[test]
fn who_waits_for_what_is_not_started_is_told_so_and_one_type_alone_waits_for_nobody() {
    let world = || {
        World::new().procfile("release: exit 0\nweb: exit 7\ndb: pup log:up hang\n").file(
            "twelve-run.toml",
            "[process.web]\nafter = [\n  \"db\",\n  \"release:completed\",\n]\n[process.release]\nrestart = \"always\"\n",
        )
    };
    let finished =
        world().start(["web"]).finish().expect_code(2).expect_err("`db`, which is not going to be started");
    let told = finished.err();
    assert!(told.contains("toml:3:") && told.contains("toml:4:") && told.contains("(`db=1`)"), "{finished}");
    assert_eq!(finished.count("up"), 0, "{finished}");
    world()
        .run(["start", "--dry-run", "release", "web", "db"])
        .finish()
        .expect_code(0)
        .expect_err("always started again");
    world().run(["start", "--dry-run", "db"]).finish().expect_code(0);
    world().run(["run", "web"]).finish().expect_code(7);
}

#[test]
fn config_shows_every_value_with_its_origin_and_no_value_of_the_environment() {
    let toml = "[process.web]\ngrace = \"3s\"\nafter = [\"worker:ready\"]\nenv = { A = \"canary\", H = \"canary\" }\n\
                [process.web.health.liveness]\nhttp = \"/alive\"\n[http]\nlisten = \"5555\"\n";
    let world = World::new()
        .procfile("web: pup log:up\nworker: b\n")
        .env("A=canary\nPORT=7000\nA=canary\n")
        .file("twelve-run.toml", toml)
        .file(".foreman", "formation: web=1,worker=2\n")
        .var("TWELVE_RUN_RESTART", "on-failure")
        .var("H", "canary");
    let finished = world.run(["config", "--origins", "--json", "--no-timestamp"]).finish().expect_code(0);
    assert!(!finished.out().contains("canary"), "{finished}");
    let told: serde_json::Value = serde_json::from_slice(&finished.stdout).expect("it is JSON");
    let find = |list: &serde_json::Value, key: &str, name: &str| -> serde_json::Value {
        let list = list.as_array().expect("a list");
        list.iter().find(|row| row[key] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    for (key, value, kind, place) in [
        ("port", "7000", "file", ".env:2"),
        ("no-timestamp", "true", "flag", ""),
        ("no-prefix", "false", "default", ""),
        ("http.listen", "\"127.0.0.1:5555\"", "file", "twelve-run.toml:8"),
        ("process.web.grace", "\"3s\"", "file", "twelve-run.toml:2"),
        ("process.web.after", "[\"worker:ready\"]", "file", "twelve-run.toml:3"),
        ("process.web.restart", "\"on-failure\"", "environment", ""),
        ("process.web.health.liveness.http", "\"/alive\"", "file", "twelve-run.toml:6"),
        ("process.web.health.liveness.every", "\"10s\"", "default", ""),
        ("process.worker.instances", "2", "file", ".foreman:1"),
        ("process.worker.grace", "\"8s\"", "default", ""),
    ] {
        let row = find(&told["values"], "key", key);
        let from = &row["from"];
        let at = from["file"].as_str().map_or(String::new(), |file| format!("{file}:{}", from["line"]));
        assert_eq!(
            (row["value"].to_string().as_str(), from["kind"].as_str(), at.as_str()),
            (value, Some(kind), place),
            "{key}"
        );
    }
    let web = &told["environment"]["web"];
    let places = |name: &str| -> Vec<String> {
        let row = find(web, "name", name);
        let all = std::iter::once(&row["from"]).chain(row["shadowed"].as_array().expect("a list"));
        all.map(|from| {
            from["line"].as_u64().map_or(from["kind"].as_str().unwrap_or("?").to_owned(), |line| {
                format!("{}:{line}", from["file"].as_str().unwrap_or("?"))
            })
        })
        .collect()
    };
    assert_eq!(places("A"), ["twelve-run.toml:4", ".env:3", ".env:1"]);
    assert_eq!(places("H"), ["environment", "twelve-run.toml:4"]);
    assert_eq!(places("PORT"), ["assigned", ".env:2"]);
    world.run(["config"]).finish().expect_code(0).expect_out("process.web.grace");
    let broken = World::new().procfile("web: a\nweb: b\n").run(["config"]).finish().expect_code(2);
    assert_eq!(broken.expect_err("twice").out(), "");
    World::new()
        .run(["schema"])
        .finish()
        .expect_code(0)
        .expect_out("https://json-schema.org/draft/2020-12/schema");
}
