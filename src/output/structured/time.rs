//! Timestamps in the one form of ours: RFC 3339 in UTC with six digits, `2026-01-31T12:00:00.123456Z`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The length of every timestamp of ours.
pub const LENGTH: usize = 27;
/// A timestamp of ours.
pub type Stamp = [u8; LENGTH];

/// The last microsecond of the year 9999, after which RFC 3339 has no years.
const LAST: i64 = 253_402_300_799_999_999;

/// A child's time, and whether ours says all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// In our form, cut to microseconds.
    pub stamp: Stamp,
    /// Nothing was cut.
    pub is_exact: bool,
}

/// Writes timestamps; those of one second share its text.
#[derive(Debug)]
pub struct Stamper {
    second: i64,
    text: Stamp,
}

impl Default for Stamper {
    fn default() -> Self {
        Self { second: 0, text: *b"1970-01-01T00:00:00.000000Z" }
    }
}

impl Stamper {
    /// A moment in our form.
    pub fn stamp(&mut self, at: Timestamp) -> Stamp {
        self.micros(at.as_microsecond().clamp(0, LAST))
    }

    fn micros(&mut self, micros: i64) -> Stamp {
        let second = micros / 1_000_000;
        if second != self.second {
            self.second = second;
            let at = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
            let civil = TimeZone::UTC.to_datetime(at);
            let year = civil.year().unsigned_abs();
            digits(&mut self.text[0..4], u32::from(year));
            digits(&mut self.text[5..7], u32::from(civil.month().unsigned_abs()));
            digits(&mut self.text[8..10], u32::from(civil.day().unsigned_abs()));
            digits(&mut self.text[11..13], u32::from(civil.hour().unsigned_abs()));
            digits(&mut self.text[14..16], u32::from(civil.minute().unsigned_abs()));
            digits(&mut self.text[17..19], u32::from(civil.second().unsigned_abs()));
        }
        digits(&mut self.text[20..26], (micros % 1_000_000) as u32);
        self.text
    }

    /// A child's time: a JSON value that is an RFC 3339 string, or a number of seconds, milli-, micro- or
    /// nanoseconds since 1970, told apart by size. Too small a number is a duration, and no time.
    pub fn take(&mut self, value: &[u8]) -> Option<Taken> {
        match super::scan::string(value) {
            Some(text) => self.text(text),
            None => self.number(value),
        }
    }

    fn text(&mut self, text: &[u8]) -> Option<Taken> {
        let (clock, rest) = text.split_at_checked(19)?;
        is_clock(clock).then_some(())?;
        let count = match rest.strip_prefix(b".") {
            Some(rest) => {
                Some(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()).filter(|&n| n > 0)?
            }
            None => 0,
        };
        let (fraction, zone) = rest.split_at(if count > 0 { count + 1 } else { 0 });
        let is_exact = fraction.iter().skip(7).all(|&digit| digit == b'0');
        let stamp = if matches!(zone, b"Z" | b"z" | b"+00:00" | b"-00:00") {
            let mut stamp = *b"0000-00-00T00:00:00.000000Z";
            stamp[..10].copy_from_slice(&clock[..10]);
            stamp[11..19].copy_from_slice(&clock[11..]);
            let digits = fraction.len().min(7);
            stamp[19..19 + digits].copy_from_slice(&fraction[..digits]);
            stamp[19] = b'.';
            stamp
        } else {
            let is_offset = matches!(zone, [b'+' | b'-', _, _, b':', _, _]);
            let text = std::str::from_utf8(text).ok().filter(|_| is_offset)?;
            let micros = text.parse::<Timestamp>().ok()?.as_microsecond();
            self.micros(Some(micros).filter(|micros| (0..=LAST).contains(micros))?)
        };
        Some(Taken { stamp, is_exact })
    }

    fn number(&mut self, number: &[u8]) -> Option<Taken> {
        let (whole, fraction) = match memchr::memchr(b'.', number) {
            Some(dot) => (&number[..dot], &number[dot + 1..]),
            None => (number, &number[number.len()..]),
        };
        let is_plain = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        if !is_plain || !(10..=19).contains(&whole.len()) {
            return None;
        }
        // The power of ten by which the whole part is finer than seconds.
        let scale = match whole.len() {
            10..12 => 0,
            12..15 => 3,
            15..18 => 6,
            _ => 9,
        };
        let value = whole.iter().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        // As picoseconds all four are whole, with three digits to spare.
        let mut unit = 10_i128.pow(12 - scale);
        let mut picos = value * unit;
        let mut is_exact = true;
        for digit in fraction {
            unit /= 10;
            picos += unit * i128::from(digit - b'0');
            is_exact &= unit > 0 || *digit == b'0';
        }
        is_exact &= picos % 1_000_000 == 0;
        let micros = i64::try_from(picos / 1_000_000).ok().filter(|&micros| micros <= LAST)?;
        Some(Taken { stamp: self.micros(micros), is_exact })
    }
}

/// `2026-01-31T12:00:00`, also with a blank, of a day that exists.
fn is_clock(text: &[u8]) -> bool {
    let shape = b"0000-00-00T00:00:00";
    let is_shaped = text.iter().zip(shape).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => byte == shape,
    });
    if !is_shaped {
        return false;
    }
    let number = |from: usize, to: usize| {
        text[from..to].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let days = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day) && number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) < 60
}

/// Fills a place with a number, zeros in front.
fn digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(value: &str) -> Option<(String, bool)> {
        let taken = Stamper::default().take(value.as_bytes())?;
        Some((String::from_utf8(taken.stamp.to_vec()).unwrap(), taken.is_exact))
    }

    #[test]
    fn what_children_write_for_a_time_is_understood_or_left_alone() {
        for (value, expected) in [
            (r#""2026-01-31T12:00:00Z""#, Some(("2026-01-31T12:00:00.000000Z", true))),
            (r#""2026-01-31T12:00:00.5Z""#, Some(("2026-01-31T12:00:00.500000Z", true))),
            (r#""2026-01-31 12:00:00.123456+00:00""#, Some(("2026-01-31T12:00:00.123456Z", true))),
            (r#""2026-01-31T12:00:00.123456789Z""#, Some(("2026-01-31T12:00:00.123456Z", false))),
            (r#""2026-01-31T12:00:00.123456000Z""#, Some(("2026-01-31T12:00:00.123456Z", true))),
            (r#""2026-01-31T23:30:00-02:00""#, Some(("2026-02-01T01:30:00.000000Z", true))),
            (r#""2024-02-29T00:00:00Z""#, Some(("2024-02-29T00:00:00.000000Z", true))),
            (r#""2026-02-29T00:00:00Z""#, None),
            (r#""2026-01-31T24:00:00Z""#, None),
            (r#""2026-01-31T12:00:60Z""#, None),
            (r#""2026-01-31T12:00:00""#, None),
            (r#""2026-01-31T12:00:00.Z""#, None),
            (r#""2026-01-31 12:00:00,123""#, None),
            (r#""yesterday""#, None),
            ("1700000000", Some(("2023-11-14T22:13:20.000000Z", true))),
            ("1700000000.25", Some(("2023-11-14T22:13:20.250000Z", true))),
            ("1700000000.1234567", Some(("2023-11-14T22:13:20.123456Z", false))),
            ("1700000000123", Some(("2023-11-14T22:13:20.123000Z", true))),
            ("1700000000123456", Some(("2023-11-14T22:13:20.123456Z", true))),
            ("1700000000123456789", Some(("2023-11-14T22:13:20.123456Z", false))),
            ("12.5", None),
            ("-1700000000", None),
            ("1.7e9", None),
            ("null", None),
        ] {
            assert_eq!(taken(value), expected.map(|(text, exact)| (text.to_owned(), exact)), "{value}");
        }
    }

    #[test]
    fn moments_of_a_second_share_its_text_and_no_more() {
        let mut stamper = Stamper::default();
        for (nanos, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_700_000_000_000_001_999, "2023-11-14T22:13:20.000001Z"),
            (1_700_000_000_999_999_999, "2023-11-14T22:13:20.999999Z"),
            (1_700_000_001_000_000_000, "2023-11-14T22:13:21.000000Z"),
        ] {
            let at = Timestamp::from_nanosecond(nanos).unwrap();
            assert_eq!(stamper.stamp(at), expected.as_bytes());
        }
    }
}
