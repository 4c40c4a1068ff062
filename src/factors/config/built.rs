//! JavaScript that nobody here wrote: what a bundler made, and libraries that were copied in.
//!
//! Its hosts and URLs are somebody else's constants, and it is made anew from what is looked at elsewhere. What is a bundler's by
//! the file's own name is dense (`source`), and comes to no rule that asks here.

use super::language::Language;
use super::source::Source;

/// Where a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Here,
    /// Lies with copies of libraries: perhaps the app's own all the same.
    Elsewhere,
    /// By a bundler.
    Built,
}

/// The folders of what a bundler makes, and of what is installed.
const BUILT: &[&str] = &["built", "_next", ".next", "node_modules", "bower_components", "jspm_packages"];
/// What was copied in.
const ELSEWHERE: &[&str] = &["vendor", "vendors", "third_party", "third-party", "missing-sources"];

pub fn made(source: &Source<'_>) -> Made {
    if source.language != Language::JavaScript {
        return Made::Here;
    }
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let lies_in = |list: &[&str]| {
        folder.split('/').any(|part| list.iter().any(|known| part.eq_ignore_ascii_case(known)))
    };
    if lies_in(BUILT) {
        return Made::Built;
    }
    if lies_in(ELSEWHERE) { Made::Elsewhere } else { Made::Here }
}
