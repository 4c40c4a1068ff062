//! Environment reads in twelve languages: name, receiver, default.

use super::scanner;

#[test]
fn reads_are_named_by_what_receives_them() {
    let scanner = scanner();
    let (mut right, mut wrong) = (0, Vec::new());
    let lines =
        [include_str!("../corpus/reads.txt"), include_str!("../corpus/own_readers.txt")].map(str::lines);
    for line in lines.into_iter().flatten().filter(|line| !line.starts_with('#')) {
        let (path, rest) = line.split_once(" :: ").expect("filtered");
        let (text, wanted) = rest.rsplit_once("=>").expect("what is read");
        let report = scanner.scan(path, text.trim_end_matches(' ').replace('⏎', "\n").as_bytes());
        let found: Vec<String> = (report.reads.iter())
            .map(|read| {
                format!(
                    "{} {} {}",
                    read.name,
                    read.receiver.as_deref().unwrap_or("-"),
                    if read.has_default { "yes" } else { "no" }
                )
            })
            .collect();
        if found.join(", ") == wanted.trim() {
            right += 1;
        } else {
            wrong.push(format!("{line}\n    found {}", found.join(", ")));
        }
    }
    println!("{right} right, {} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(wrong.is_empty(), "{} of {} are read otherwise", wrong.len(), right + wrong.len());
}
