//! Columns for people: no borders, as wide as what is in them; the last one may be cut to the screen.

use crate::sys::terminal;
use std::io::IsTerminal;

/// A table with a head; on a terminal no line is longer than it is wide.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([name.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let screen = std::io::stdout();
    let most = terminal::size(&screen).filter(|_| screen.is_terminal()).map(|(_, cols)| usize::from(cols));
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = padded.collect::<Vec<_>>().join("  ");
        let line: String = line.trim_end().chars().take(most.unwrap_or(usize::MAX)).collect();
        line + "\n"
    };
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    line(&head) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// `12 s`, `3 min`, `4.5 h`, `2.0 d`.
pub fn ago(seconds: f64) -> String {
    match seconds {
        _ if seconds < 60.0 => format!("{seconds:.0} s"),
        _ if seconds < 3600.0 => format!("{:.0} min", seconds / 60.0),
        _ if seconds < 86_400.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} d", seconds / 86_400.0),
    }
}

/// Text of another's making, harmless for a terminal.
pub fn clean(text: &str) -> String {
    text.chars()
        .flat_map(|char| if char.is_control() { char.escape_default().collect() } else { vec![char] })
        .collect()
}
