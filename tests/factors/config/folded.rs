//! Many URLs of one host in one file are told as one.

use super::scanner;

#[test]
fn five_urls_of_one_host_are_one_finding_that_names_the_lines_of_the_others() {
    let file = |many: usize| {
        let calls = (0..many).map(|n| format!("get(\"https://api.acme.io/v1/{n}\")\n"));
        format!("{}get(\"https://api.other.io/v1/x\")\n", calls.collect::<String>())
    };
    let told = |text: &str| -> Vec<(u32, String)> {
        let report = scanner().scan("app.py", text.as_bytes());
        report.findings.into_iter().map(|finding| (finding.place.line, finding.message)).collect()
    };
    let four = told(&file(4));
    assert_eq!(four.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let five = told(&file(5));
    assert_eq!(five.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 6]);
    assert!(five[0].1.ends_with(", and 4 more of its URLs in this file: lines 2, 3, 4, 5"), "{}", five[0].1);
    assert!(told(&file(40))[0].1.ends_with(", 13, …"));
}
