//! For places where findings of many tools are shown: SARIF 2.1.0 (OASIS, 27 March 2020).

use crate::factors::finding::{Level, Place, Rule};
use crate::factors::suppress::Allowed;
use crate::factors::{Audit, Ending, Found};
use serde_json::{Value, json};
use std::fmt::Write;

/// Where the schema is published; the log names it, nobody fetches it.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole audit, with the metadata of all rules.
pub fn sarif(audit: &Audit, rules: &[&Rule]) -> Value {
    let told = audit.found.iter().map(|found| result(found, rules, None));
    let passed = audit.allowed.iter().map(|(found, allowed)| result(found, rules, Some(allowed)));
    let gaps = audit.unchecked.iter().map(|unchecked| {
        json!({
            "level": "warning",
            "message": { "text": format!("not checked: {}: {}", unchecked.what, unchecked.why) },
        })
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "twelve-run",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "ROOT": { "description": { "text": "the folder that was looked at" } } },
            "invocations": [{
                "executionSuccessful": audit.ending != Ending::Incomplete,
                "toolExecutionNotifications": gaps.collect::<Vec<_>>(),
            }],
            "results": told.chain(passed).collect::<Vec<_>>(),
        }],
    })
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explain },
        "help": { "text": rule.explain },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": [rule.factor.name()] },
    })
}

fn result(found: &Found, rules: &[&Rule], allowed: Option<&Allowed>) -> Value {
    let finding = &found.finding;
    let mut result = json!({
        "ruleId": finding.rule.id,
        "level": level(finding.level),
        "message": { "text": message(found) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.place.path), "uriBaseId": "ROOT" },
            "region": region(&finding.place),
        } }],
        "partialFingerprints": { "twelveRun/v1": found.fingerprint },
    });
    if let Some(at) = rules.iter().position(|rule| rule.id == finding.rule.id) {
        result["ruleIndex"] = at.into();
    }
    if let Some(allowed) = allowed {
        let kind = if allowed.in_source { "inSource" } else { "external" };
        let why = allowed.reason.as_deref().unwrap_or(allowed.by);
        result["suppressions"] = json!([{ "kind": kind, "status": "accepted", "justification": why }]);
    }
    result
}

fn message(found: &Found) -> String {
    let finding = &found.finding;
    if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{}; help: {}", finding.message, finding.help)
    }
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line.max(1),
        "startColumn": place.column.max(1),
        "endLine": place.end_line.max(place.line).max(1),
        "endColumn": place.end_column.max(1),
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warn => "warning",
        Level::Error => "error",
    }
}

/// A path as a relative reference (RFC 3986): what may not stand in one as `%` and its number.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_reference_that_names_it() {
        assert_eq!(uri("a b/c#d.py"), "a%20b/c%23d.py");
        assert_eq!(uri("é:x%"), "%C3%A9%3Ax%25");
    }
}
