//! When something is started again: back-off by process, and one bucket over all.
//!
//! Pure functions of history and of a seed; the same history gives the same times.

use crate::app::plan::Backoff;
use std::time::Duration;

/// Automatic restarts over all: so many at once,
const BURST: u32 = 50;
/// and so long until one more is allowed (20 a second).
const REFILL: Duration = Duration::from_millis(50);

/// How long to wait after the `failures`-th end in a row: doubling from the first to the most, less up to a
/// tenth, so that what fell together does not rise together.
pub fn backoff(times: &Backoff, failures: u32, jitter: &mut Jitter) -> Duration {
    let doubled =
        times.first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    jitter.shorten(doubled.min(times.most))
}

/// A small generator (splitmix64): the same seed gives the same times.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    /// One per run.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The same time, less up to a tenth.
    pub fn shorten(&mut self, full: Duration) -> Duration {
        full - full / 10 * self.next_in(1000) / 1000
    }

    /// 0 to `below` - 1.
    fn next_in(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % u64::from(below)) as u32
    }
}

/// The starts that are left, over all processes.
#[derive(Debug, Clone)]
pub struct Bucket {
    left: u32,
    /// When the present count was right.
    at: Duration,
}

impl Bucket {
    /// A full one.
    pub fn new() -> Self {
        Self { left: BURST, at: Duration::ZERO }
    }

    /// Takes one, or says when there will be one.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let since = now.saturating_sub(self.at);
        let refilled = (since.as_nanos() / REFILL.as_nanos()).min(u128::from(BURST)) as u32;
        self.left = self.left.saturating_add(refilled).min(BURST);
        self.at = if self.left == BURST { now } else { self.at + REFILL * refilled };
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.at + REFILL),
        }
    }
}
