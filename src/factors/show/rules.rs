//! The rules themselves: all in a list, or one explained.

use crate::factors::finding::Rule;
use serde_json::{Value, json};

/// One line a rule.
pub fn list(rules: &[&Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &&Rule| format!("{:width$}  {:<5}  {}\n", rule.id, rule.level.word(), rule.summary);
    rules.iter().map(line).collect()
}

/// With their explanations.
pub fn list_json(rules: &[&Rule]) -> Value {
    let one = |rule: &&Rule| {
        json!({
            "rule": rule.id,
            "factor": rule.factor.name(),
            "level": rule.level.word(),
            "summary": rule.summary,
            "explain": rule.explain,
        })
    };
    json!({ "schema": 1, "rules": rules.iter().map(one).collect::<Vec<_>>() })
}

/// One, in full.
pub fn explain(rule: &Rule) -> String {
    let (id, factor, level) = (rule.id, rule.factor.title(), rule.level.word());
    format!("{id} ({factor}; {level})\n{}\n\n{}\n", rule.summary, rule.explain.trim_end())
}
