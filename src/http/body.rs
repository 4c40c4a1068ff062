//! A verdict in the words of whoever asks: plain text, our own JSON, `application/health+json`
//! (draft-inadarei-api-health-check-06) and `MicroProfile` Health's JSON. Pure.

use super::accept::{self, Offer};
use super::board::View;
use super::verdict::{Check, Outcome, Question, Verdict};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `ok`, and with `?verbose` a line for each check.
    Text,
    /// Ours.
    Json,
    /// The draft's.
    Health,
    /// `MicroProfile`'s.
    MicroProfile,
}

/// In the order in which we would choose, as [`OFFERS`].
const FORMS: [Form; 4] = [Form::Text, Form::Json, Form::Health, Form::MicroProfile];
const OFFERS: [Offer; 4] = [
    Offer::new("text/plain"),
    Offer::new("application/json"),
    Offer::new("application/health+json"),
    Offer::with("application/json", "profile", "microprofile"),
];

impl Form {
    /// By the query's `format` when there is one that we know, else by `Accept`.
    pub fn choose(format: Option<&str>, accept: &str) -> Self {
        match format {
            Some("text") => Self::Text,
            Some("json") => Self::Json,
            Some("health") => Self::Health,
            Some("microprofile") => Self::MicroProfile,
            _ => FORMS[accept::best(accept, &OFFERS)],
        }
    }

    /// For `Content-Type`.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json | Self::MicroProfile => "application/json",
            Self::Health => "application/health+json",
        }
    }
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Yes or no.
    Word,
    /// The checks too, where the form has a place for them.
    Checks,
    /// The checks too, also as text.
    Verbose,
}

/// Writes a verdict.
pub fn write(form: Form, detail: Detail, question: &Question, verdict: &Verdict<'_>, view: &View) -> String {
    let told: &[Check<'_>] = if detail == Detail::Word { &[] } else { &verdict.checks };
    let is_yes = verdict.is_yes();
    match form {
        Form::Text => text(question, if detail == Detail::Verbose { told } else { &[] }, is_yes),
        Form::Json => line(ours(question, told, is_yes, detail)),
        Form::Health => line(health(told, verdict, detail, view)),
        Form::MicroProfile => line(micro_profile(told, is_yes)),
    }
}

fn line(value: Value) -> String {
    format!("{value}\n")
}

fn word(question: &Question, is_yes: bool) -> &'static str {
    match question {
        _ if is_yes => "ok",
        Question::Live => "not live",
        Question::Ready(_) => "not ready",
        Question::Startup => "not started",
    }
}

fn text(question: &Question, checks: &[Check<'_>], is_yes: bool) -> String {
    let mut text = String::new();
    for check in checks {
        let (mark, otherwise) = match check.outcome {
            Outcome::Pass => ('+', "ok"),
            Outcome::Excluded => ('+', "excluded"),
            Outcome::Warn => ('!', "warning"),
            Outcome::Fail => ('-', "failed"),
        };
        let reason = if check.outcome == Outcome::Excluded { "" } else { &check.reason };
        let _ = write!(text, "[{mark}]{} ", check.name);
        // One line a check: what a probe heard may have more, or worse.
        let reason = reason.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
        let before = text.len();
        text.extend(reason);
        if text.len() == before {
            text.push_str(otherwise);
        }
        text.push('\n');
    }
    text.push_str(word(question, is_yes));
    text.push('\n');
    text
}

fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass | Outcome::Excluded => "pass",
        Outcome::Warn => "warn",
        Outcome::Fail => "fail",
    }
}

/// `{"status":"ok","ok":true,"checks":[…]}`; without the token there are no `checks`.
fn ours(question: &Question, checks: &[Check<'_>], is_yes: bool, detail: Detail) -> Value {
    let mut body = json!({ "status": word(question, is_yes), "ok": is_yes });
    if detail != Detail::Word {
        body["checks"] = checks.iter().map(our_check).collect();
    }
    body
}

fn our_check(check: &Check<'_>) -> Value {
    let mut told = json!({
        "name": check.name,
        "ok": check.outcome < Outcome::Fail,
        "status": if check.outcome == Outcome::Excluded { "excluded" } else { status(check.outcome) },
        "reason": check.reason,
    });
    if let Some(row) = check.row {
        told["type"] = json!(row.kind);
        told["state"] = json!(row.state);
        told["ready"] = json!(row.ready);
        told["started"] = json!(row.started);
        told["live"] = json!(row.live);
        told["restarts"] = json!(row.restarts);
        told["pid"] = json!(row.pid);
    }
    told
}

/// The draft's keys: `output` only where it is not `pass`, `checks` by component and measurement.
fn health(checks: &[Check<'_>], verdict: &Verdict<'_>, detail: Detail, view: &View) -> Value {
    if detail == Detail::Word {
        return json!({ "status": status(if verdict.is_yes() { Outcome::Pass } else { Outcome::Fail }) });
    }
    let outcome = verdict.outcome();
    let mut body = json!({ "status": status(outcome) });
    if let Some(release) = view.state.as_ref().and_then(|state| state.release.as_deref()) {
        body["releaseId"] = json!(release);
    }
    if outcome > Outcome::Pass {
        let bad = checks.iter().filter(|check| check.outcome > Outcome::Pass);
        let said: Vec<String> = bad.map(|check| format!("{}: {}", check.name, check.reason)).collect();
        body["output"] = json!(said.join("; "));
    }
    let mut components = Map::new();
    for check in checks {
        let mut told = json!({ "status": status(check.outcome) });
        if let Some(row) = check.row {
            told["componentId"] = json!(row.name);
            told["componentType"] = json!("component");
            told["observedValue"] = json!(row.state);
        }
        if check.outcome > Outcome::Pass {
            told["output"] = json!(check.reason);
        }
        let key = if check.row.is_some() { format!("{}:state", check.name) } else { check.name.to_owned() };
        // A key has a list: an instance and its type's absent ones never share a name, but a reader
        // of the draft expects one.
        components.insert(key, json!([told]));
    }
    body["checks"] = Value::Object(components);
    body
}

/// `checks` is required, so it is empty where nothing may be told.
fn micro_profile(checks: &[Check<'_>], is_yes: bool) -> Value {
    let up = |is_up: bool| if is_up { "UP" } else { "DOWN" };
    let told = checks.iter().map(|check| {
        let mut told = json!({ "name": check.name, "status": up(check.outcome < Outcome::Fail) });
        let mut data = Map::new();
        if !check.reason.is_empty() {
            data.insert("reason".into(), json!(check.reason));
        }
        if let Some(row) = check.row {
            data.insert("state".into(), json!(row.state));
            data.insert("restarts".into(), json!(row.restarts));
        }
        if !data.is_empty() {
            told["data"] = Value::Object(data);
        }
        told
    });
    json!({ "status": up(is_yes), "checks": told.collect::<Vec<_>>() })
}
