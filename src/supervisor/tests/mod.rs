//! What the supervisor must do: rows that a person can read, and random worlds.

mod rows;
mod turns;
mod world;
