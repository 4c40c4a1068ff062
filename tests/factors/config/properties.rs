//! What holds for every input.

use proptest::prelude::*;

use super::corpus::cases;
use super::scanner;

/// Runs of six characters of the secret that is not public may stand nowhere in what is said of it.
#[test]
fn no_message_holds_a_piece_of_the_secret() {
    let scanner = scanner();
    for case in cases(1) {
        let report = scanner.scan(&case.path, case.text.as_bytes());
        for finding in &report.findings {
            let Some(secret) = &finding.secret else { continue };
            let hidden = &secret.value[secret.public_prefix..];
            let said = format!("{} {} {:?}", finding.message, finding.help, finding.secret);
            for piece in hidden.windows(6) {
                // A name or a URL's own words may be in both: only pieces that chance made count.
                let chance =
                    piece.iter().any(u8::is_ascii_digit) && piece.iter().any(u8::is_ascii_alphabetic);
                assert!(
                    !chance || memchr::memmem::find(said.as_bytes(), piece).is_none(),
                    "{}: {said}",
                    case.source
                );
            }
        }
    }
}

#[test]
fn a_place_holds_what_the_secret_is() {
    let scanner = scanner();
    for case in cases(1) {
        let report = scanner.scan(&case.path, case.text.as_bytes());
        for finding in report.findings.iter().filter(|finding| finding.secret.is_some()) {
            let (lines, place): (Vec<_>, _) = (case.text.split('\n').collect(), &finding.place);
            let first: String =
                lines[place.line as usize - 1].chars().skip(place.column as usize - 1).collect();
            let value =
                String::from_utf8_lossy(&finding.secret.as_ref().expect("filtered").value).into_owned();
            let head = value.split('\n').next().unwrap_or_default();
            assert!(first.starts_with(head.trim_end_matches('\r')), "{}", case.source);
            assert!((place.line, place.column) < (place.end_line, place.end_column), "{}", case.source);
        }
    }
}

/// A file may end anywhere.
#[test]
fn every_beginning_of_every_case_is_read_without_a_panic() {
    let scanner = scanner();
    for case in cases(1) {
        for end in 0..case.text.len() {
            scanner.scan(&case.path, &case.text.as_bytes()[..end]);
        }
    }
}

#[test]
fn utf_16_says_the_same_as_utf_8() {
    let scanner = scanner();
    for case in cases(1) {
        let wide = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            mark.into_iter().chain(case.text.encode_utf16().flat_map(order)).collect::<Vec<u8>>()
        };
        let places = |bytes: &[u8]| {
            scanner
                .scan(&case.path, bytes)
                .findings
                .iter()
                .map(|f| (f.rule.id, f.place.clone()))
                .collect::<Vec<_>>()
        };
        let plain = places(case.text.as_bytes());
        assert_eq!(places(&wide(u16::to_le_bytes, [0xff, 0xfe])), plain, "{}", case.source);
        assert_eq!(places(&wide(u16::to_be_bytes, [0xfe, 0xff])), plain, "{}", case.source);
    }
}

#[test]
fn one_line_of_ten_megabytes_is_read_once() {
    let scanner = scanner();
    // twelve-run:allow config/* reason="made up for the test"
    let piece = r#"{"password":"Korbal77x","host":"a.b","url":"https://u:Korbal77@h/","key":"#;
    let long = piece.repeat(10 << 20 >> 6);
    let report = scanner.scan("data.json", long.as_bytes());
    assert!(report.findings.is_empty(), "nobody wrote this line by hand");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_of_every_kind_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), n in 0usize..24) {
        const PATHS: &[&str] = &["a.py", "a.js", "a.rb", "a.go", "a.rs", "a.java", "a.kt", "a.php", "a.cs", "a.ex", "a.sh", "a.c", "a.pl", "a.sql",
            "a.yml", "a.toml", "a.json", "a.tf", "Dockerfile", "a.ini", ".env", "a.html", "a.md", "a"];
        scanner().scan(PATHS[n % PATHS.len()], &bytes);
    }

    /// Words of the trade in any order reach more of the code than bytes do.
    #[test]
    fn words_of_the_trade_in_any_order_are_read_without_a_panic(words in proptest::collection::vec(0usize..40, 0..30), n in 0usize..12) {
        const WORDS: &[&str] = &["password", "=", ":", "\"", "'", "`", "\n", " ", "os.environ", "[", "]", "(", ")", "{", "}", "://", "@", "user", "process.env",
            ".X", "env", "==", "production", "-----BEGIN RSA PRIVATE KEY-----", "eyJ", "$", "${A:-b}", "\\", "<", ">", "@tcp(", "host", "10.0.0.1", "ENV.fetch(",
            "default", ",", "#", "//", "<<EOF", "é"];
        const PATHS: &[&str] = &["a.py", "a.js", "a.rb", "a.go", "a.rs", "a.java", "a.php", "a.sh", "a.yml", "a.ini", ".env", "a.html"];
        let text: String = words.iter().map(|n| WORDS[*n]).collect();
        scanner().scan(PATHS[n], text.as_bytes());
    }
}
