//! The same line, by `sh` and by us.
