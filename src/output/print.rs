//! Lays out lines that were written before, one at a time, as `start` showed them.

use super::Look;
use super::line::Piece;
use super::paint::{Name, Painter};
use jiff::Timestamp;

/// Prints lines; the names' column grows as it has to.
pub struct Printer {
    painter: Painter,
    terminal: bool,
}

impl Printer {
    /// With this look.
    pub fn new(look: &Look) -> Self {
        let painter = Painter::new(look.color, look.timestamp, look.prefix, look.width);
        Self { painter, terminal: look.terminal }
    }

    /// One line with its end.
    pub fn line(&mut self, at: Timestamp, name: &str, continues: bool, bytes: &[u8]) -> Vec<u8> {
        self.painter.widen(name.chars().count());
        self.painter.set_time(at);
        let mut line = Vec::new();
        let piece = Piece { continues, ..Piece::whole(bytes) };
        self.painter.show(&mut Name::new(name), piece, self.terminal, &mut line);
        line
    }
}
