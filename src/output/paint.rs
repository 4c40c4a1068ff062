//! Lays out a line: time, name, and a colour that only repeats what the name says; then what was written.

use super::line::Piece;
use super::screen;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Colours of names: the terminal's own, light and dark, without red, which people read as trouble.
const COLORS: [&str; 12] = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94", "1;36", "1;33"];

/// Between a name and its line, and a line that goes on.
const BEGINS: &[u8] = b" | ";
const CONTINUES: &[u8] = b" + ";

/// Lays out lines.
#[derive(Debug)]
pub struct Painter {
    color: bool,
    timestamp: bool,
    prefix: bool,
    width: usize,
    zone: TimeZone,
    second: i64,
    time: Vec<u8>,
    /// Grows whenever prefixes made before are no longer right.
    edition: u64,
}

/// Whose lines they are, with the prefix that they have at present.
#[derive(Debug, Clone)]
pub struct Name {
    label: String,
    prefix: Vec<u8>,
    /// The painter's when the prefix was made.
    edition: u64,
}

impl Name {
    /// Its prefix is made when it is needed.
    pub fn new(label: &str) -> Self {
        Self { label: label.to_owned(), prefix: Vec::new(), edition: 0 }
    }

    /// How long its prefix was when it was last shown, in bytes.
    pub fn prefix_len(&self) -> usize {
        self.prefix.len()
    }
}

impl Painter {
    /// With this look; names are `width` characters wide to begin with.
    pub fn new(color: bool, timestamp: bool, prefix: bool, width: usize) -> Self {
        let mut painter = Self {
            color,
            timestamp: timestamp && prefix,
            prefix,
            width,
            zone: TimeZone::system(),
            second: i64::MIN,
            time: Vec::new(),
            edition: 1,
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
            self.edition += 1;
            let local = Zoned::new(time, self.zone.clone());
            self.time =
                format!("{:02}:{:02}:{:02} ", local.hour(), local.minute(), local.second()).into_bytes();
        }
    }

    /// Makes room for longer names; never less.
    pub fn widen(&mut self, width: usize) {
        if width > self.width {
            self.width = width;
            self.edition += 1;
        }
    }

    /// Adds a line, or a piece of one, to `out`. `safely` is for a terminal, and for our own words, which may
    /// repeat a child's or a file's.
    #[inline]
    pub fn show(&self, name: &mut Name, piece: Piece<'_>, safely: bool, out: &mut Vec<u8>) {
        if piece.is_mere_end() {
            return;
        }
        self.prefix(name, piece.continues, out);
        if safely {
            screen::show(piece.bytes, out);
        } else {
            out.extend_from_slice(piece.bytes);
        }
        out.push(b'\n');
    }

    fn prefix(&self, name: &mut Name, continues: bool, out: &mut Vec<u8>) {
        if !self.prefix {
            return;
        }
        if name.edition != self.edition {
            self.renew(name);
        }
        if continues {
            out.extend_from_slice(&name.prefix[..name.prefix.len() - BEGINS.len()]);
            out.extend_from_slice(CONTINUES);
        } else {
            out.extend_from_slice(&name.prefix);
        }
    }

    #[cold]
    fn renew(&self, name: &mut Name) {
        name.edition = self.edition;
        name.prefix.clear();
        let (on, off) = if self.color {
            (format!("\x1b[{}m", color_of(&name.label)), "\x1b[0m")
        } else {
            (String::new(), "")
        };
        let padded = format!("{label:width$}", label = name.label, width = self.width);
        for part in [on.as_bytes(), &self.time, padded.as_bytes(), off.as_bytes(), BEGINS] {
            name.prefix.extend_from_slice(part);
        }
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
        painter.prefix(&mut Name::new(label), continues, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn out_5_f20_prefixes_are_padded_marked_and_coloured_as_asked() {
        let mut plain = Painter::new(false, false, true, 6);
        assert_eq!(prefix(&plain, "web.1", false), "web.1  | ");
        assert_eq!(prefix(&plain, "web.1", true), "web.1  + ");
        let mut name = Name::new("web.1");
        let mut again = |painter: &Painter| {
            let mut out = Vec::new();
            painter.prefix(&mut name, false, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(again(&plain), "web.1  | ");
        plain.widen(9);
        plain.widen(7);
        assert_eq!(again(&plain), "web.1     | ");
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

    #[test]
    fn a_name_that_stays_tells_the_present_time() {
        let mut painter = Painter::new(false, true, true, 5);
        let mut name = Name::new("web.1");
        let mut times = [0, 1].map(|second| {
            painter.set_time(Timestamp::from_second(second).unwrap());
            let mut out = Vec::new();
            painter.show(&mut name, Piece::whole(b"x"), false, &mut out);
            String::from_utf8(out).unwrap()
        });
        for (time, seconds) in times.iter_mut().zip(["00", "01"]) {
            assert_eq!(time.split_off(6), format!("{seconds} web.1 | x\n"));
        }
    }
}
