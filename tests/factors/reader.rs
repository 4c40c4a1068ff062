//! What `.ci/requirements-oracle.py` asks: our reading of requirement lines, for each JSON string of a file one JSON array.

use serde_json::{Value, json};
use std::io::{self, Write};
use twelve_run::factors::deps::requirements::{Item, read};

fn main() -> io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in std::fs::read_to_string(path)?.lines() {
        let text: String = serde_json::from_str(line)?;
        writeln!(out, "{}", read(&text).into_iter().map(told).collect::<Value>())?;
    }
    out.flush()
}

fn told(item: Item) -> Value {
    match item {
        Item::Requirement(entry) => json!({
            "verdict": entry.verdict.name(),
            "name": entry.name,
            "editable": entry.is_editable,
            "marker": entry.has_marker,
            "hashes": entry.hashes,
        }),
        Item::Invalid { why, .. } => json!({ "verdict": "invalid", "why": why }),
        _ => json!({ "verdict": "option" }),
    }
}
