//! output
#![forbid(unsafe_code)]
