//! JavaScript that nobody here wrote: what a bundler made, and libraries that were copied in.
//!
//! Its hosts and URLs are somebody else's constants, and it is made anew from what is looked at elsewhere.

use memchr::memmem;

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

/// What a bundler names what it makes.
const BUILT: &[&str] =
    &["built", "bundle", "bundles", "_next", ".next", "node_modules", "bower_components", "jspm_packages"];
/// What was copied in.
const ELSEWHERE: &[&str] = &["vendor", "vendors", "third_party", "third-party", "missing-sources", "libs"];

pub fn made(source: &Source<'_>) -> Made {
    if source.language != Language::JavaScript {
        return Made::Here;
    }
    let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let lies_in = |list: &[&str]| {
        folder.split('/').any(|part| list.iter().any(|known| part.eq_ignore_ascii_case(known)))
    };
    if is_named_by_a_bundler(name) || lies_in(BUILT) {
        return Made::Built;
    }
    if lies_in(ELSEWHERE) { Made::Elsewhere } else { Made::Here }
}

/// `main.bundle.js`, `vendor-aed0068c.js`, `3598ed21cea95aee5832.chunk.js`, `index-B8te98RZ.mjs`: with a word for it, or a digest.
fn is_named_by_a_bundler(name: &str) -> bool {
    let words = [".bundle.", "-bundle.", ".chunk.", "chunk.", ".min.", ".umd.", ".prod.", ".cache."];
    if words.iter().any(|word| memmem::find(name.as_bytes(), word.as_bytes()).is_some()) {
        return true;
    }
    let stem = name.split('.').next().unwrap_or_default();
    let last = stem.rsplit(['-', '_']).next().unwrap_or_default();
    let digits = last.bytes().filter(u8::is_ascii_digit).count();
    let hex = last.bytes().all(|b| b.is_ascii_hexdigit());
    let mixed = last.bytes().any(|b| b.is_ascii_uppercase()) && last.bytes().any(|b| b.is_ascii_lowercase());
    last.len() >= 8 && digits >= 2 && (hex || mixed && stem.len() > last.len())
}
