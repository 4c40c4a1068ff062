//! The JSON Schema of `twelve-run.toml`, for editors: from the definitions by which the file is read.

use super::raw::File;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".into(), "twelve-run.toml".into());
    }
    schema
}

/// A key that may be left out is described as one that may be null, which TOML does not have.
fn without_null(value: &mut Value) {
    let is_null = |value: &Value| value.is_null() || value == "null" || value["type"] == "null";
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if let ("type" | "enum" | "anyOf", Value::Array(list)) = (key.as_str(), &mut *value) {
                    list.retain(|value| !is_null(value));
                }
                match (key.as_str(), &mut *value) {
                    ("type", Value::Array(list)) if list.len() == 1 => *value = list.remove(0),
                    _ => without_null(value),
                }
            }
            // What is left of "this or null" is this.
            if let Some(Value::Array(list)) = object.get_mut("anyOf")
                && list.len() == 1
                && let Value::Object(only) = list.remove(0)
            {
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value);
                }
            }
            // A sentence goes on where its line of the source ends.
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}
