//! What the factors' checks find, on cases of our own.

mod config;
