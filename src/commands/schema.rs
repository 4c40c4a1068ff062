//! `schema`: the JSON Schema of `twelve-run.toml`, for editors.

use super::Answer;
use crate::app::settings;

pub fn schema() -> Answer {
    Answer::data(format!("{:#}\n", settings::schema()))
}
