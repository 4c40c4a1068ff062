//! Which files are tests, and which a bundler made, by their paths: every factor weighs what stands there otherwise.

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

/// A bundler made it, by the names that bundlers give: `app.min.js`, `3fca90…0f.chunk.js`, `ui-bundle.js`, `chunk.12.js`, `main.9c2366b9ec.js`,
/// `index-B7x0Ks2w.mjs`.
pub fn is_bundled(path: &str) -> bool {
    const WORDS: [&str; 7] = [".min.", "-min.", ".bundle.", "-bundle.", ".chunk.", "-chunk.", ".umd."];
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let is_digest = |piece: &str| {
        let count = |kind: fn(&u8) -> bool| piece.bytes().filter(kind).count();
        let mixed = count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
        let hex = piece.bytes().all(|b| b.is_ascii_hexdigit()) && count(u8::is_ascii_alphabetic) > 0;
        // A name without anything before it is somebody's: `OAuth2Client`. Most bundlers give a digest of eight.
        let given = mixed && piece.len() < stem.len();
        piece.len() >= 8
            && (count(u8::is_ascii_digit) >= 2 && (hex || given)
                || given
                    && piece.len() == 8
                    && count(u8::is_ascii_digit) == 1
                    && count(u8::is_ascii_uppercase) >= 2)
    };
    let is_chunk =
        || name.strip_prefix("chunk.").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    matches!(extension, "js" | "mjs" | "cjs" | "css" | "map")
        && (is_chunk()
            || WORDS.iter().any(|word| name.contains(word))
            || stem.split(['-', '.', '_']).any(is_digest))
}

#[cfg(test)]
mod tests {
    use super::{is_bundled, is_test};

    #[test]
    fn what_a_bundler_made_is_known_by_its_name() {
        for path in [
            "a/app.min.js",
            "ui-bundle.js",
            "3fca90b1aa.chunk.js",
            "main.9c2366b9ec.js",
            "index-B7x0Ks2w.mjs",
        ] {
            assert!(is_bundled(path), "{path}");
        }
        for path in [
            "src/chunk.js",
            "munchunk.js",
            "OAuth2Client12.js",
            "Version2.js",
            "bundle.js",
            "app-20240101.js",
            "a.py",
        ] {
            assert!(!is_bundled(path), "{path}");
        }
    }

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
