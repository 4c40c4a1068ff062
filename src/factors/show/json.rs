//! For programs: one JSON object, `"schema": 1`.

use crate::factors::finding::{Evidence, Place};
use crate::factors::mask::public_part;
use crate::factors::suppress::Allowed;
use crate::factors::{Audit, Found};
use serde_json::{Map, Value, json};

/// The whole audit.
pub fn json(audit: &Audit) -> Value {
    let verdicts = audit.verdicts.iter().map(|verdict| {
        json!({
            "factor": verdict.factor.name(),
            "numeral": verdict.factor.numeral(),
            "verdict": verdict.answer.word(),
            "reason": verdict.reason,
        })
    });
    let checked = &audit.checked;
    json!({
        "schema": 1,
        "factors": verdicts.collect::<Vec<_>>(),
        "findings": audit.found.iter().map(finding).collect::<Vec<_>>(),
        "allowed": audit.allowed.iter().map(allowed).collect::<Vec<_>>(),
        "evidence": audit.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "checked": {
            "files": checked.files,
            "read": checked.read,
            "bytes": checked.bytes,
            "lines": checked.lines,
            "ignored": checked.counts.ignored,
            "links": checked.counts.links,
            "binary": checked.binary,
        },
        "unchecked": audit.unchecked.iter()
            .map(|unchecked| json!({ "what": unchecked.what, "why": unchecked.why }))
            .collect::<Vec<_>>(),
        "suppressions": audit.idle.iter()
            .map(|idle| json!({
                "file": idle.file, "line": idle.line, "rule": idle.rule, "expired": idle.expired,
            }))
            .collect::<Vec<_>>(),
    })
}

fn finding(found: &Found) -> Value {
    let finding = &found.finding;
    let mut fields = Map::new();
    fields.insert("rule".into(), finding.rule.id.into());
    fields.insert("factor".into(), finding.rule.factor.name().into());
    fields.insert("level".into(), finding.level.word().into());
    fields.insert("message".into(), finding.message.clone().into());
    place(&mut fields, &finding.place);
    fields.insert("fingerprint".into(), found.fingerprint.clone().into());
    fields.insert("help".into(), finding.help.clone().into());
    if let Some(secret) = &finding.secret {
        let length = String::from_utf8_lossy(&secret.value).chars().count();
        fields.insert("secret".into(), json!({ "length": length, "prefix": public_part(secret) }));
    }
    Value::Object(fields)
}

fn allowed((found, allowed): &(Found, Allowed)) -> Value {
    let mut fields = finding(found);
    fields["allowed"] = json!({ "by": allowed.by, "reason": allowed.reason });
    fields
}

fn evidence(evidence: &Evidence) -> Value {
    let mut fields = Map::new();
    fields.insert("kind".into(), evidence.kind.into());
    fields.insert("factor".into(), evidence.factor.name().into());
    fields.insert("message".into(), evidence.message.clone().into());
    place(&mut fields, &evidence.place);
    for (name, value) in &evidence.details {
        fields.entry((*name).to_owned()).or_insert_with(|| value.clone().into());
    }
    Value::Object(fields)
}

fn place(fields: &mut Map<String, Value>, place: &Place) {
    fields.insert("file".into(), (*place.path).into());
    fields.insert("line".into(), place.line.into());
    fields.insert("column".into(), place.column.into());
    fields.insert("end_line".into(), place.end_line.into());
    fields.insert("end_column".into(), place.end_column.into());
}
