//! Dates as days since 1970.

/// Days from the first of March of the year 0 to 1970.
const EPOCH: i64 = 719_468;

/// The day of a text that begins with `2026-11-25`.
pub fn day(text: &str) -> Option<i64> {
    let date = text.get(..10)?;
    let mut parts = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + day_of_year - EPOCH)
}

/// The newest day of the values of a key, wherever it stands in a text.
pub fn newest(text: &str, key: &str) -> Option<i64> {
    let values = text.match_indices(key).map(|(at, _)| &text[at + key.len()..]);
    values.filter_map(|rest| day(rest.trim_start_matches([' ', '=', ':', '"']))).max()
}
