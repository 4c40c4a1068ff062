//! Which files are tests, by their paths: every factor weighs what stands there otherwise.

/// Folders in which tests lie, and what tests are made of.
const FOLDERS: [&str; 13] = [
    "test",
    "tests",
    "testing",
    "spec",
    "specs",
    "__tests__",
    "__mocks__",
    "testdata",
    "fixtures",
    "mocks",
    "e2e",
    "cypress",
    "molecule",
];

/// By a folder on the way to it, or by its name: `test_x.py`, `x_test.go`, `x.spec.ts`, `XTest.java`, `conftest.py`.
pub fn is_test(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let lower_stem = lower.split('.').next().unwrap_or_default();
    folder.split('/').any(is_folder)
        || lower_stem.starts_with("test_")
        || ["_test", "_spec"].iter().any(|end| lower_stem.ends_with(end))
        || ["conftest", "tests"].contains(&lower_stem)
        || [".test.", ".spec."].iter().any(|part| lower.contains(part))
        || ["Test", "Tests", "Spec"].iter().any(|end| stem.ends_with(end))
}

/// One of the list, perhaps hidden, or one whose last word says it: `.tests`, `integration-tests`, `AppTests`.
fn is_folder(part: &str) -> bool {
    let part = part.trim_start_matches('.');
    let camel = ["Test", "Tests"].iter().any(|end| part.ends_with(end));
    let last = part.rsplit(['-', '_', '.']).next().unwrap_or(part);
    let worded =
        last.len() < part.len() && ["test", "tests"].iter().any(|word| last.eq_ignore_ascii_case(word));
    camel || worded || FOLDERS.iter().any(|folder| part.eq_ignore_ascii_case(folder))
}

#[cfg(test)]
mod tests {
    use super::is_test;

    #[test]
    fn tests_are_known_by_folder_and_by_name() {
        for path in [
            "tests/a.py",
            "src/Tests/a.cs",
            "spec/a_spec.rb",
            "test_a.py",
            "a/x_test.go",
            "a/x.spec.ts",
            "a/ShopTest.java",
            "conftest.py",
            "shop/tests.py",
            "a/__mocks__/b.js",
            "hub/.tests/a.yml",
            "integration-tests/a.py",
            "src/AppTests/a.cs",
            "unit_test/a.c",
        ] {
            assert!(is_test(path), "{path}");
        }
        for path in [
            "src/a.py",
            "latest/a.py",
            "src/contest.py",
            "src/test.py.txt.go",
            "contest/a.py",
            "latest/b.py",
            "attest_a.py",
        ] {
            assert!(!is_test(path), "{path}");
        }
    }
}
