//! What a run came to, and what was witnessed on the way.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// An event in the witness.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When, by the monotonic clock.
    pub at: Duration,
    /// Who.
    pub pid: i32,
    /// Under which name.
    pub name: String,
    /// What.
    pub event: String,
}

/// Every event in a witness, in the order in which they were written.
pub fn read_witness(path: &Path) -> Vec<Seen> {
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(path) {
        file.read_to_end(&mut text).expect("the witness can be read");
    }
    let text = String::from_utf8_lossy(&text);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let seen = whole.lines().map(|line| {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        Seen {
            at: Duration::from_nanos(word().parse().expect("an event has its time")),
            pid: word().parse().expect("an event has its process"),
            name: word(),
            event: word(),
        }
    });
    seen.collect()
}

/// What a run came to.
#[derive(Debug)]
pub struct Finished {
    /// `code N` or `signal N`: how the guardian ended, as its parent saw it.
    pub end: String,
    /// `PID code N` or `PID signal N` of everything that the oracle or the shell reaped.
    pub ends: Vec<String>,
    /// `PID STATE COMMAND` of everything that was left behind.
    pub left: Vec<String>,
    /// From the start to the end of the last process.
    pub took: Duration,
    /// Standard output, or all that came from the terminal.
    pub stdout: Vec<u8>,
    /// Standard error, where it is not the terminal.
    pub stderr: Vec<u8>,
    /// Every event.
    pub witness: Vec<Seen>,
}

impl Finished {
    /// The guardian's exit code; a signal that ended it fails the test.
    pub fn code(&self) -> i32 {
        let code = self.end.strip_prefix("code ").and_then(|code| code.parse().ok());
        code.unwrap_or_else(|| panic!("the run ended by {:?}\n{self}", self.end))
    }

    /// Fails the test unless the run ended with this code.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "\n{self}");
        self
    }

    /// Standard output as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// How many events of this text there were.
    pub fn count(&self, event: &str) -> usize {
        self.witness.iter().filter(|seen| seen.event == event).count()
    }

    /// The lines of an instance without time and prefix: `web.1 | hello` is `hello`.
    pub fn lines_of(&self, name: &str) -> Vec<String> {
        let out = self.out();
        let lines = out.lines().filter_map(|line| {
            let line = line.trim_end_matches('\r');
            let (prefix, text) = line.split_once(" | ").or_else(|| Some((line.strip_suffix(" |")?, "")))?;
            (prefix.split_whitespace().next_back() == Some(name)).then(|| text.to_owned())
        });
        lines.collect()
    }

    /// Fails the test unless standard output contains `text`.
    pub fn expect_out(self, text: &str) -> Self {
        assert!(self.out().contains(text), "standard output lacks {text:?}\n{self}");
        self
    }

    /// Fails the test unless standard error contains `text`.
    pub fn expect_err(self, text: &str) -> Self {
        assert!(self.err().contains(text), "standard error lacks {text:?}\n{self}");
        self
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "--- ended by {} after {:?}", self.end, self.took)?;
        writeln!(f, "--- standard output\n{}", tail(&self.out()))?;
        writeln!(f, "--- standard error\n{}", tail(&self.err()))?;
        writeln!(f, "--- witness")?;
        for seen in self.witness.iter().take(80) {
            writeln!(f, "{:?} {} {} {}", seen.at, seen.pid, seen.name, seen.event)?;
        }
        Ok(())
    }
}

/// The last lines of a text, for people.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut tail = String::new();
    for line in &lines[lines.len().saturating_sub(80)..] {
        tail.extend("    ".chars().chain(line.chars().take(300)).chain(['\n']));
    }
    tail
}
