//! Later: words.
