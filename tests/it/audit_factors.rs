//! `audit deps` and `audit config` through the binary: the exercises that they grew out of, the advisories, the
//! inventory, and that no form of telling holds a secret.

use crate::audit::{SOUND, audit, git, json, places};
use crate::world::World;
use serde_json::Value;

/// The exercise of the second factor.
const REQUIREMENTS: &str =
    "# web\nflask\nrequests\n\n-i https://pypi.org/simple\nsqlalchemy==2.0.15\npydantic==2.1.0\n";

/// The exercise of the third. Its key is put together here, so that no file of ours holds one.
fn source() -> String {
    format!(
        "import os\nDB_URL = \"postgresql://user:password@localhost/mydb\"\nAPI_KEY = \"sk-{}\"\nHOST = \"localhost\"\n\
         debug = os.environ.get(\"DEBUG\", \"false\")\nport = int(os.environ.get(\"PORT\", \"8000\"))\n",
        "my-secret-key-here"
    )
}

/// What the evidence of a kind says in one field, in order.
fn evidence<'a>(told: &'a Value, kind: &str, field: &str) -> Vec<&'a str> {
    let all = told["evidence"].as_array().expect("evidence").iter();
    all.filter(|one| one["kind"] == kind).map(|one| one[field].as_str().unwrap_or_default()).collect()
}

#[test]
fn ii_two_of_four_requirements_are_unpinned_in_the_order_of_the_file() {
    let world = World::new().procfile("web: python app.py -p $PORT\n").file("requirements.txt", REQUIREMENTS);
    let told = json(&world, &["deps"]);
    assert_eq!(
        places(&told)[..2],
        ["deps/unpinned requirements.txt:2:1", "deps/unpinned requirements.txt:3:1"]
    );
    let issues = told["findings"].as_array().expect("findings").iter();
    assert_eq!(issues.filter(|one| one["level"] == "error").count(), 2);
    let pinned = told["evidence"].to_string();
    assert!(pinned.contains("sqlalchemy==2.0.15") && pinned.contains("pydantic==2.1.0"), "{pinned}");
    audit(&world, &["II"]).expect_code(1).expect_out("error[deps/unpinned]").expect_out("2 errors");
}

#[test]
fn iii_three_violations_and_two_reads_named_by_who_receives_them() {
    let world = World::new().procfile("worker: python app.py\n").file("app.py", source());
    let told = json(&world, &["config"]);
    let expected =
        ["config/db-url app.py:2:29", "config/key-placeholder app.py:3:12", "config/host app.py:4:9"];
    assert_eq!(places(&told), expected);
    assert_eq!(evidence(&told, "config/env-read", "receiver"), ["debug", "port"]);
    audit(&world, &["III", "--strict"]).expect_code(1).expect_out("3 warnings");
}

/// A folder of advisories, of which one is about a version that is locked.
fn with_advisories(world: World, day: &str) -> World {
    let advisory = format!(
        "{{\"id\":\"GHSA-1\",\"modified\":\"{day}T00:00:00Z\",\"affected\":[{{\"package\":{{\"ecosystem\":\"PyPI\",\
         \"name\":\"jinja2\"}},\"ranges\":[{{\"type\":\"ECOSYSTEM\",\"events\":[{{\"introduced\":\"0\"}},\
         {{\"fixed\":\"2.8.1\"}}]}}]}}]}}"
    );
    world.file("db/PyPI/GHSA-1.json", advisory)
}

#[test]
fn without_advisories_or_with_old_ones_the_answer_is_incomplete() {
    let hashed = |version: &str| format!("jinja2=={version} --hash=sha256:{}\n", "a1".repeat(32));
    let fine = World::new().procfile(SOUND).file("requirements.txt", hashed("3.0.0"));
    let bare = audit(&fine, &["deps"]).expect_code(3);
    bare.expect_out("advisories: no database, give its folder with `--db`")
        .expect_out("locks and imports: checked; advisories: not checked, no --db");
    audit(&fine, &["deps", "--db", "../nowhere"]).expect_code(3).expect_out("the folder holds none");
    let fine = with_advisories(fine, "2999-01-01");
    audit(&fine, &["deps", "--db", "db"]).expect_code(0);
    let fine = with_advisories(fine, "2020-01-01");
    audit(&fine, &["deps", "--db", "db"]).expect_code(3).expect_out("days old, 7 at most");
    audit(&fine, &["deps", "--db", "db", "--db-max-age", "100000"]).expect_code(0);
    let affected = fine.file("requirements.txt", hashed("2.4.1"));
    let finished = audit(&affected, &["deps", "--db", "db"]).expect_code(1);
    finished.expect_out("error[deps/advisory]").expect_out("GHSA-1").expect_out("update to 2.8.1");
    audit(&World::new().procfile(SOUND), &["deps"]).expect_code(3).expect_out("declares a dependency");
}

#[test]
fn programs_of_the_procfile_are_looked_up_where_programs_are_declared() {
    let world = World::new()
        .procfile("web: server -p $PORT\nmovie: ffmpeg -i x\n")
        .file("Dockerfile", "FROM debian\nRUN apt-get install server\n");
    let told = json(&world, &["deps"]);
    assert_eq!(places(&told), ["deps/undeclared-program Procfile:2:8"]);
    let world = world.file("Dockerfile", "FROM debian\nRUN apt-get install server ffmpeg\n");
    assert_eq!(places(&json(&world, &["deps"])), [""; 0]);
}

#[test]
fn a_dotenv_counts_when_git_tracks_it() {
    let world =
        World::new().procfile(SOUND).file(".gitignore", ".env\n").file(".env", "# mine\nSIZE=3\nNAME=x\n");
    git(&world, &["init", "-q"]);
    assert_eq!(places(&json(&world, &["config"])), [""; 0]);
    git(&world, &["add", "--force", ".env"]);
    assert_eq!(places(&json(&world, &["config"])), ["config/dotenv-committed .env:2:1"]);
    assert_eq!(places(&json(&world, &["config", "--staged"])), ["config/dotenv-committed .env:2:1"]);
}

#[test]
fn the_inventory_holds_the_code_against_the_files_that_set_names() {
    let world = World::new()
        .procfile("web: server -p $PORT --size $SIZE\n")
        .file(".gitignore", ".env\n")
        .file(".env", "IDLE=hidden-value\nSIZE=3\n")
        .file(
            "app.py",
            "import os\nkey = os.environ[\"NEEDED\"]\ndebug = os.environ.get(\"DEBUG\", \"0\")\n",
        );
    git(&world, &["init", "-q"]);
    let finished = audit(&world, &["--env-inventory"]).expect_code(0);
    let told = finished.out();
    let expected = [
        "DEBUG   read with a default app.py:3",
        "IDLE    set .env:1, nowhere read",
        "NEEDED  read app.py:2, nowhere set",
        "PORT    read Procfile:1",
        "SIZE    read Procfile:1, set .env:2",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    let told = json(&world, &["--env-inventory"]);
    assert_eq!(
        (&told["names"][1]["nowhere_read"], &told["names"][2]["reads"][0]["receiver"]),
        (&true.into(), &"key".into())
    );
    assert!(!told.to_string().contains("hidden-value"));
    audit(&world, &["--env-inventory", "--format=sarif"]).expect_code(2);
}

/// Files that hold these secrets.
fn with_secrets(secrets: &[String; 4]) -> World {
    let [password, key, index, default] = secrets;
    let mut world = World::new()
        .procfile(SOUND)
        .file("requirements.txt", format!("-i https://me:{index}@pypi.internal/simple\nflask\n"))
        .file("web.js", format!("const k = process.env.SECRET_KEY || \"{default}\";\n"));
    for number in 0..20 {
        let text = format!("URL = \"mysql://app:{password}@db/shop\"\nGITHUB_TOKEN = \"{key}\"\n");
        world = world.file(format!("d{}/a{number}.py", number % 3), text);
    }
    world
}

#[test]
fn every_form_tells_all_of_it_no_form_holds_a_secret_and_threads_change_nothing() {
    let secrets = [
        "Korbal77-Wupdi".to_owned(),
        format!("ghp_{}", "q7XbT2mKd9LwZ4RnV8cYp1HsJf6GaU3eOi5B"),
        "Tramil88zuq".to_owned(),
        "vRt7Lq2ZpXw9Kd4NsB8mYc".to_owned(),
    ];
    let world = with_secrets(&secrets);
    let tell = |threads: &str| {
        let world = world.another().var("RAYON_NUM_THREADS", threads);
        ["text", "json", "sarif"].map(|form| audit(&world, &["II", "III", &format!("--format={form}")]).out())
    };
    let told = tell("1");
    assert_eq!(told, tell("4"));
    let rules = ["config/db-url", "config/key-", "config/env-default", "deps/unpinned"];
    for text in &told {
        for rule in rules {
            assert!(text.contains(rule), "{rule}: {text}");
        }
        for secret in &secrets {
            let letters: Vec<char> = secret.trim_start_matches("ghp_").chars().collect();
            for run in letters.windows(6) {
                let run: String = run.iter().collect();
                assert!(!text.contains(&run), "{run}: {text}");
            }
        }
    }
    let sarif: Value = serde_json::from_str(&told[2]).expect("it is JSON");
    let json: Value = serde_json::from_str(&told[1]).expect("it is JSON");
    let length = |value: &Value| value.as_array().map(Vec::len);
    assert_eq!(length(&sarif["runs"][0]["results"]), length(&json["findings"]));
}

#[test]
fn a_secret_on_a_line_of_another_factor_is_hidden_though_nobody_asked_for_secrets() {
    let secret = "Korbal77-Wupdi";
    let world = World::new()
        .procfile(SOUND)
        .file("requirements.txt", format!("a @ https://me:{secret}@pypi.internal/a.zip\n"))
        .file("a.py", format!("h = FileHandler('x', password='{secret}')\n"));
    for (factor, rule) in [("II", "deps/url"), ("XI", "logs/file")] {
        let told = audit(&world, &[factor]).out();
        assert!(told.contains(rule) && !told.contains("Korbal"), "{told}");
    }
    let marks = |factors: &[&str]| -> Vec<String> {
        let told = json(&world, factors);
        let findings = told["findings"].as_array().expect("a list").iter();
        let of_logs = findings.filter(|finding| finding["rule"] == "logs/file");
        of_logs.map(|finding| finding["fingerprint"].to_string()).collect()
    };
    assert_eq!(marks(&["XI"]), marks(&["III", "XI"]), "it is one finding, whatever else was asked for");
    // The one password in a URL is told once.
    let told = json(&world, &["II", "III"]);
    let findings = told["findings"].as_array().expect("a list").iter();
    let of_url =
        findings.filter(|finding| finding["file"] == "requirements.txt" && finding["secret"].is_object());
    assert_eq!(of_url.count(), 1, "{told}");
}

#[test]
fn rules_of_both_factors_are_explained() {
    let world = World::new();
    audit(&world, &["--explain", "config/db-url"]).expect_code(0).expect_out("factor III, config; error");
    audit(&world, &["--explain", "deps/unpinned"]).expect_code(0).expect_out("factor II, deps; error");
    let listed = json(&world, &["--rules"]);
    assert!(listed["rules"].as_array().is_some_and(|rules| rules.len() > 170));
}
