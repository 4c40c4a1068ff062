//! What stands in front of a line: time, name, and a colour that only repeats what the name says.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Colours of names: the terminal's own, light and dark, without red, which people read as trouble.
const COLORS: [&str; 12] = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94", "1;36", "1;33"];

/// Lays out prefixes.
#[derive(Debug)]
pub struct Painter {
    pub color: bool,
    pub timestamp: bool,
    pub prefix: bool,
    width: usize,
    zone: TimeZone,
    second: i64,
    time: Vec<u8>,
}

/// A name's part of the prefix, made once and again when the width grows.
#[derive(Debug, Clone)]
pub struct Name {
    label: String,
    /// Switches the name's colour on.
    on: Vec<u8>,
    /// `web.1    ` without the separator.
    padded: Vec<u8>,
}

impl Painter {
    pub fn new(color: bool, timestamp: bool, prefix: bool, width: usize) -> Self {
        let mut painter = Self {
            color,
            timestamp: timestamp && prefix,
            prefix,
            width,
            zone: TimeZone::system(),
            second: i64::MIN,
            time: Vec::new(),
        };
        painter.look_at_the_clock();
        painter
    }

    /// Reads the wall clock; once a batch is enough for a prefix of seconds.
    pub fn look_at_the_clock(&mut self) {
        if !self.timestamp {
            return;
        }
        self.set_time(Timestamp::now());
    }

    /// The time that lines begin with from now on.
    pub fn set_time(&mut self, time: Timestamp) {
        if self.timestamp && time.as_second() != self.second {
            self.second = time.as_second();
            let local = Zoned::new(time, self.zone.clone());
            self.time =
                format!("{:02}:{:02}:{:02} ", local.hour(), local.minute(), local.second()).into_bytes();
        }
    }

    /// Makes room for longer names; never less. True when it changed.
    pub fn widen(&mut self, width: usize) -> bool {
        let wider = width > self.width;
        self.width = self.width.max(width);
        wider
    }

    /// The prefix's part for a name.
    pub fn name(&self, label: &str) -> Name {
        let on = if self.color && self.prefix { format!("\x1b[{}m", color_of(label)) } else { String::new() };
        let padded = format!("{label:width$}", width = self.width);
        Name { label: label.to_owned(), on: on.into_bytes(), padded: padded.into_bytes() }
    }

    /// The same, laid out for the present width.
    pub fn again(&self, name: &Name) -> Name {
        self.name(&name.label)
    }

    /// Adds the prefix of a line; `continues` shows that it goes on with the line above.
    pub fn prefix(&self, name: &Name, continues: bool, out: &mut Vec<u8>) {
        if !self.prefix {
            return;
        }
        out.extend_from_slice(&name.on);
        out.extend_from_slice(&self.time);
        out.extend_from_slice(&name.padded);
        if !name.on.is_empty() {
            out.extend_from_slice(b"\x1b[0m");
        }
        out.extend_from_slice(if continues { b" + " } else { b" | " });
    }
}

/// One colour a process type, the same in every run.
fn color_of(label: &str) -> &'static str {
    let kind = label.rsplit_once('.').map_or(label, |(kind, _)| kind);
    let hash = kind.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    COLORS[(hash % COLORS.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(painter: &Painter, label: &str, continues: bool) -> String {
        let mut out = Vec::new();
        painter.prefix(&painter.name(label), continues, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn out_5_f20_prefixes_are_padded_marked_and_coloured_as_asked() {
        let mut plain = Painter::new(false, false, true, 6);
        assert_eq!(prefix(&plain, "web.1", false), "web.1  | ");
        assert_eq!(prefix(&plain, "web.1", true), "web.1  + ");
        assert!(plain.widen(9) && !plain.widen(7));
        assert_eq!(prefix(&plain, "web.1", false), "web.1     | ");
        assert_eq!(prefix(&Painter::new(true, true, false, 6), "web.1", false), "");
        let colored = prefix(&Painter::new(true, false, true, 6), "web.1", false);
        assert!(colored.starts_with("\x1b[") && colored.ends_with("web.1 \x1b[0m | "), "{colored:?}");
    }

    #[test]
    fn the_time_has_foremans_form() {
        let told = prefix(&Painter::new(false, true, true, 6), "web.1", false);
        let digits = |range: std::ops::Range<usize>| told[range].bytes().all(|byte| byte.is_ascii_digit());
        assert!(digits(0..2) && digits(3..5) && digits(6..8) && told.ends_with(" web.1  | "), "{told}");
    }
}
