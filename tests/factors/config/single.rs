//! Single facts: the exercise of the third factor, the tree as a whole, the languages.

use std::collections::HashSet;

use twelve_run::factors::config::{all_rules, committed, inventory};
use twelve_run::factors::finding::Level;

use super::scanner;

#[test]
fn the_exercise_has_three_violations_and_two_reads() {
    let text = concat!(
        "import os\nDB_URL = \"postgresql://user:password@localhost/mydb\"\nAPI_KEY = \"",
        "sk-",
        "my-secret-key-here\"\nHOST = \"localhost\"\n",
        "debug = os.environ.get(\"DEBUG\", \"false\")\nport = int(os.environ.get(\"PORT\", \"8000\"))\n",
    );
    let report = scanner().scan("app.py", text.as_bytes());
    let found: Vec<_> = report.findings.iter().map(|finding| (finding.rule.id, finding.place.line)).collect();
    assert_eq!(found, [("config/db-url", 2), ("config/key-placeholder", 3), ("config/host", 4)]);
    assert!(report.findings.iter().all(|finding| finding.level >= Level::Warn));
    let read: Vec<_> = report.reads.iter().map(|read| read.receiver.as_deref().unwrap_or_default()).collect();
    assert_eq!(read, ["debug", "port"]);
}

#[test]
fn a_tracked_dotenv_with_values_is_an_error_and_an_example_is_none() {
    let scanner = scanner();
    let reports =
        [(".env", "A=1\n"), (".env.example", "A=1\n"), ("sub/.env", "A=\n"), (".env.local", "A=1\n")]
            .map(|(path, text)| scanner.scan(path, text.as_bytes()));
    let found = reports.iter().filter_map(committed);
    assert_eq!(
        found.map(|finding| finding.place.path.to_string()).collect::<Vec<_>>(),
        [".env", ".env.local"]
    );
}

#[test]
fn the_inventory_tells_what_is_read_and_not_set_and_the_other_way_round() {
    let scanner = scanner();
    let files = [
        (
            "app.py",
            "a = os.environ[\"NEEDED\"]\nb = os.environ.get(\"OPTIONAL\", \"1\")\nc = os.environ[\"SET\"]\n",
        ),
        ("Procfile", "web: serve $USED ${LATER}\n"),
        (".env", "SET=1\nIDLE=2\n"),
        (".env.example", "LATER=\n"),
    ];
    let reports: Vec<_> = files.iter().map(|(path, text)| scanner.scan(path, text.as_bytes())).collect();
    let inventory = inventory(&reports);
    assert_eq!(
        inventory.read_but_never_set().map(|(name, place)| (name, place.line)).collect::<Vec<_>>(),
        [("NEEDED", 1), ("USED", 1)]
    );
    assert_eq!(
        inventory.set_but_never_read().map(|(name, place)| (name, place.line)).collect::<Vec<_>>(),
        [("IDLE", 2)]
    );
}

#[test]
fn in_the_tests_of_a_rust_file_an_address_is_a_note() {
    let line = "let url = \"http://shop.internal/api/v1\";\n";
    let levels = |text: &str| -> Vec<Level> {
        scanner().scan("src/a.rs", text.as_bytes()).findings.iter().map(|finding| finding.level).collect()
    };
    let text = format!("{line}#[cfg(test)]\nmod tests {{\n{line}}}\n");
    assert_eq!(levels(&text), [Level::Warn, Level::Note]);
    let text = format!("#[cfg(test)]\nmod tests;\n{line}");
    assert_eq!(levels(&text), [Level::Warn], "those tests are in another file");
}

#[test]
fn what_receives_a_list_receives_each_of_its_elements() {
    let scan = |text: &str| -> Vec<(&str, u32)> {
        let report = scanner().scan("a.py", text.as_bytes());
        report.findings.iter().map(|finding| (finding.rule.id, finding.place.column)).collect()
    };
    let list = |name: &str| format!("{name} = [\"http://db-1.internal/x\", \"http://db-2.internal/x\"]\n");
    assert_eq!(scan(&list("backends_url")).len(), 2);
    assert_eq!(scan(&list("examples")), []);
    assert_eq!(scan(&list("docs")), []);
    // A key of its own counts for more than the list's name.
    let pair = "examples = [\"/x\", (\"api_url\", \"http://db-1.internal/x\")]\n";
    assert_eq!(scan(pair).len(), 1);
}

#[test]
fn code_that_speaks_of_a_private_key_is_none() {
    let code = "let mut found = Vec::new();\nfor one in all { found.push(one.clone()); }\n".repeat(9);
    let text = format!("/// `-----BEGIN … PRIVATE KEY-----` with a body.\n{code}x(\"-----END\");\n");
    assert!(scanner().scan("src/a.rs", text.as_bytes()).findings.is_empty());
}

#[test]
fn rules_have_names_of_their_own_and_keys_are_many() {
    let ids: Vec<_> = all_rules().map(|rule| rule.id).collect();
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len());
    assert!(ids.iter().filter(|id| id.starts_with("config/key-")).count() >= 150);
}

#[test]
fn a_known_file_name_says_its_language_and_a_shebang_does_where_none_is() {
    let scanner = scanner();
    let read = |path: &str, text: &str| scanner.scan(path, text.as_bytes()).reads.len();
    assert_eq!(read("bin/serve", "#!/usr/bin/env python3\nx = os.environ[\"A\"]\n"), 1);
    assert_eq!(read("bin/serve", "#!/bin/sh\necho $A\n"), 1);
    assert_eq!(read("bin/serve", "x = os.environ[\"A\"]\n"), 0);
    assert_eq!(read("Procfile.dev", "web: serve -p $A\n"), 1);
    assert_eq!(read("procfile.rs", "// web: serve -p $A\n"), 0);
    assert_eq!(read("Rakefile", "x = ENV[\"A\"]\n"), 1);
}

#[test]
fn a_line_ends_with_either_sign_and_columns_are_characters() {
    let scanner = scanner();
    let report =
        // twelve-run:allow config/password reason="made up for the test"
        scanner.scan("config.yml", "ä: 1\r\npassword: Korbal77\r\nü: {password: Korbal77}\r\n".as_bytes());
    let places: Vec<_> =
        report.findings.iter().map(|f| (f.place.line, f.place.column, f.place.end_column)).collect();
    assert_eq!(places, [(2, 11, 19), (3, 15, 23)]);
}
