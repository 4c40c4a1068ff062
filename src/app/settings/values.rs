//! The values of `twelve-run.toml`: each type reads itself, says what is wrong with what was written, and
//! describes itself for the schema, so that the three never part.

use crate::app::plan::{LogFormat, Milestone, OnExit, Pty, Restart};
use crate::app::problem::did_you_mean;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;

/// A value with the bytes of the file that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent, bound = "T: Deserialize<'de>")]
pub struct At<T>(Spanned<T>);

impl<T> At<T> {
    pub fn get(&self) -> &T {
        self.0.get_ref()
    }

    pub fn span(&self) -> Range<usize> {
        self.0.span()
    }

    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Reads a string by `read`. What it refuses is told at the string itself, in lists too.
pub fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    wanted: &'static str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct Text<F, T>(&'static str, F, PhantomData<T>);
    impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for Text<F, T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            (self.1)(text).map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Text(wanted, read, PhantomData))
}

/// A type that is written as a string, and how the schema describes it.
macro_rules! written {
    ([$($generics:tt)*] $type:ty, $wanted:expr, $read:expr, $schema:expr) => {
        impl<'de, $($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text(deserializer, $wanted, $read)
            }
        }
        described!([$($generics)*] $type, $schema);
    };
}

macro_rules! described {
    ([$($generics:tt)*] $type:ty, $schema:expr) => {
        impl<$($generics)*> JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

/// A whole number within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const LEAST: u32, const MOST: u32>(pub u32);

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const LEAST: u32, const MOST: u32>;
        impl<const LEAST: u32, const MOST: u32> Visitor<'_> for Number<LEAST, MOST> {
            type Value = u32;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                write!(f, "a number from {LEAST} to {MOST}")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<u32, E> {
                let number = u32::try_from(number).ok().filter(|number| (LEAST..=MOST).contains(number));
                number.ok_or_else(|| E::custom(format!("a number from {LEAST} to {MOST} is wanted")))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<u32, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(-1))
            }
        }
        deserializer.deserialize_i64(Number::<LEAST, MOST>).map(Self)
    }
}

described!([const LEAST: u32, const MOST: u32] Whole<LEAST, MOST>, json_schema!({
    "type": "integer", "minimum": LEAST, "maximum": MOST,
}));

/// One word of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

/// The words that there are.
pub trait Words: Copy + 'static {
    /// Each with its meaning.
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for Restart {
    const WORDS: &'static [(&'static str, Self)] = &RESTARTS;
}
impl Words for OnExit {
    const WORDS: &'static [(&'static str, Self)] =
        &[("stop-all", OnExit::StopAll), ("continue", OnExit::Continue)];
}
impl Words for Pty {
    const WORDS: &'static [(&'static str, Self)] = &PTYS;
}
impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &LOG_FORMATS;
}
impl Words for Milestone {
    const WORDS: &'static [(&'static str, Self)] =
        &[("started", Milestone::Started), ("ready", Milestone::Ready), ("completed", Milestone::Completed)];
}

/// `never`, `on-failure`, `always`.
pub const RESTARTS: [(&str, Restart); 3] =
    [("never", Restart::Never), ("on-failure", Restart::OnFailure), ("always", Restart::Always)];
/// `auto`, `always`, `never`.
pub const PTYS: [(&str, Pty); 3] = [("auto", Pty::Auto), ("always", Pty::Always), ("never", Pty::Never)];

/// `text`, `json`, `logfmt`, `raw`.
pub const LOG_FORMATS: [(&str, LogFormat); 4] = [
    ("text", LogFormat::Text),
    ("json", LogFormat::Json),
    ("logfmt", LogFormat::Logfmt),
    ("raw", LogFormat::Raw),
];

/// Reads one word of several.
pub fn word<T: Words>(text: &str) -> Result<T, String> {
    let known = || T::WORDS.iter().map(|(word, _)| *word);
    let meaning = T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
    meaning.ok_or_else(|| {
        let all: Vec<String> = known().map(|word| format!("`{word}`")).collect();
        let near = did_you_mean(text, known());
        let near = near.first().map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
        format!("one of {} is wanted{near}", all.join(", "))
    })
}

written!([T: Words] Word<T>, "a word", |text| word(text).map(Self), json_schema!({
    "enum": T::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
}));

/// A time of at least and at most so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time<const LEAST: u64, const MOST: u64>(pub Duration);

/// A day, in milliseconds: the longest time that anything may be told to take.
pub const DAY: u64 = 24 * 60 * 60 * 1000;
/// An hour, in milliseconds.
pub const HOUR: u64 = 60 * 60 * 1000;

written!([const LEAST: u64, const MOST: u64] Time<LEAST, MOST>, "a time like `\"10s\"`", |text| {
    let time = duration(text)?;
    let (least, most) = (Duration::from_millis(LEAST), Duration::from_millis(MOST));
    if (least..=most).contains(&time) {
        return Ok(Self(time));
    }
    let most = if MOST == DAY { "24h".to_owned() } else { format!("{}m", MOST / 60_000) };
    Err(format!("a time from {least:?} to {most} is wanted"))
}, json_schema!({
    "type": "string", "pattern": "^[0-9]", "examples": ["500ms", "10s", "1m30s"],
}));

/// `5` (seconds, as foreman has it), `5s`, `500ms`, `1m30s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write `5s`, `500ms` or `1m30s`");
    let time = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if text.starts_with(|first: char| first.is_ascii_digit()) => {
            let signed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
            Duration::try_from(signed).map_err(|_| wrong())?
        }
        Err(_) => return Err(wrong()),
    };
    if time > Duration::from_millis(DAY) {
        Err(format!("`{text}` is too long: 24 h at most"))
    } else {
        Ok(time)
    }
}

/// A number of bytes within bounds, which are powers of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size<const LEAST: u32, const MOST: u32>(pub usize);

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Size<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes<const LEAST: u32, const MOST: u32>;
        impl<const LEAST: u32, const MOST: u32> Visitor<'_> for Bytes<LEAST, MOST> {
            type Value = usize;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a size like `\"256KiB\"`, or a number of bytes")
            }

            fn visit_i64<E: Error>(self, bytes: i64) -> Result<usize, E> {
                let bytes = u32::try_from(bytes).ok().filter(|bytes| (LEAST..=MOST).contains(bytes));
                bytes.map(|bytes| bytes as usize).ok_or_else(|| {
                    E::custom(format!("a size from {} to {} is wanted", shown(LEAST), shown(MOST)))
                })
            }

            fn visit_u64<E: Error>(self, bytes: u64) -> Result<usize, E> {
                self.visit_i64(i64::try_from(bytes).unwrap_or(-1))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<usize, E> {
                self.visit_i64(size(text).map_err(E::custom)?)
            }
        }
        deserializer.deserialize_any(Bytes::<LEAST, MOST>).map(Self)
    }
}

described!([const LEAST: u32, const MOST: u32] Size<LEAST, MOST>, json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": LEAST, "maximum": MOST },
        { "type": "string", "pattern": "^[0-9]+ *([KMG]iB|B)?$", "examples": ["256KiB", "16MiB"] },
    ],
}));

const UNITS: [(&str, i64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// `256KiB`, `16 MiB`, `65536`; what is past all bounds is the largest number.
fn size(text: &str) -> Result<i64, String> {
    let unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (digits, bytes) = unit.unwrap_or((text, 1));
    let digits = digits.trim_end_matches(' ');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` is no size: write `256KiB`, `16MiB` or a number of bytes"));
    }
    Ok(digits.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(bytes))
}

/// A number of bytes as it would be written.
fn shown(bytes: u32) -> String {
    let whole = UNITS.iter().find(|(_, unit)| i64::from(bytes) % unit == 0);
    whole.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{}{name}", i64::from(bytes) / unit))
}

/// `true`, and nothing else: the other answer is to leave the key out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yes;

impl<'de> Deserialize<'de> for Yes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct True;
        impl Visitor<'_> for True {
            type Value = Yes;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("`true`")
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Yes, E> {
                if yes { Ok(Yes) } else { Err(E::custom("`true` is wanted; leave the key out otherwise")) }
            }
        }
        deserializer.deserialize_bool(True)
    }
}

described!([] Yes, json_schema!({ "const": true }));

pub(super) use {described, written};
