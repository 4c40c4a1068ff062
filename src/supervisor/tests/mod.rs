//! What the supervisor must do: rows that a person can read, and random worlds.

mod after;
mod health;
mod rolling;
mod rows;
mod turns;
mod world;
