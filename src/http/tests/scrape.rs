//! `/metrics`, read back by a parser that takes nothing but what the two formats allow.

use super::super::metrics::{Form, write};
use super::*;

/// A sample: its labels in order, and its value.
type Samples = BTreeMap<String, f64>;

struct Family {
    kind: String,
    samples: usize,
}

/// Text format 0.0.4 or `OpenMetrics` 1.0, without what we never write (timestamps, exemplars).
fn parse(text: &str, form: Form) -> Result<Samples, String> {
    let open = form == Form::OpenMetrics;
    let body = if open {
        text.strip_suffix("# EOF\n").ok_or("no end mark")?
    } else {
        text.strip_suffix('\n').ok_or("the last line has no end")?
    };
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let (mut current, mut helped) = (String::new(), String::new());
    let mut samples = Samples::new();
    for line in body.lines() {
        let wrong = |why: &str| Err(format!("{why}: {line}"));
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped = rest.split_once(' ').ok_or("HELP without a text")?.0.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("TYPE without a type")?;
            if name != helped || !["gauge", "counter", "histogram"].contains(&kind) {
                return wrong("TYPE");
            }
            if kind == "counter" && name.ends_with("_total") == open {
                return wrong("the name of a counter");
            }
            current = name.to_owned();
            if families.insert(current.clone(), Family { kind: kind.to_owned(), samples: 0 }).is_some() {
                return wrong("a family twice");
            }
        } else if line.starts_with('#') || line.is_empty() {
            return wrong("neither a sample nor a description");
        } else {
            let (name, labels, value) = sample(line)?;
            let family = families.get_mut(&current).ok_or("a sample before its TYPE")?;
            family.samples += 1;
            let suffixes: &[&str] = match (family.kind.as_str(), open) {
                ("gauge", _) | ("counter", false) => &[""],
                ("counter", true) => &["_total"],
                _ => &["_sum", "_count", "_bucket"],
            };
            if name.strip_prefix(&current).is_none_or(|suffix| !suffixes.contains(&suffix)) {
                return wrong("a sample of another family");
            }
            if labels.contains("le=") != name.ends_with("_bucket") {
                return wrong("le");
            }
            if family.kind != "gauge" && (value < 0.0 || value.is_nan()) {
                return wrong("a counter below nothing");
            }
            if samples.insert(format!("{name}{labels}"), value).is_some() {
                return wrong("a sample twice");
            }
        }
    }
    match families.iter().find(|(_, family)| family.samples == 0) {
        Some((name, _)) => Err(format!("{name} is described and has no sample")),
        None => Ok(samples),
    }
}

/// `name{label="value",…} 1`; labels come back as written, once they have been understood.
fn sample(line: &str) -> Result<(String, String, f64), String> {
    let wrong = |why: &str| format!("{why}: {line}");
    let is_name = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let end = line.find(['{', ' ']).ok_or_else(|| wrong("no value"))?;
    let (name, mut rest) = line.split_at(end);
    let from = rest;
    if let Some(mut inside) = rest.strip_prefix('{') {
        let mut seen = Vec::new();
        loop {
            let (label, after) = inside.split_once("=\"").ok_or_else(|| wrong("no label"))?;
            if !is_name(label) || seen.contains(&label) {
                return Err(wrong("a label's name"));
            }
            seen.push(label);
            let mut letters = after.char_indices();
            let close = loop {
                match letters.next() {
                    Some((at, '"')) => break at,
                    Some((_, '\\'))
                        if letters.next().is_some_and(|(_, next)| ['\\', '"', 'n'].contains(&next)) => {}
                    Some((_, letter)) if letter != '\\' => {}
                    _ => return Err(wrong("a label's value")),
                }
            };
            inside = &after[close + 1..];
            match inside.strip_prefix(',') {
                Some(next) => inside = next,
                None => break,
            }
        }
        rest = inside.strip_prefix('}').ok_or_else(|| wrong("labels without end"))?;
    }
    let labels = &from[..from.len() - rest.len()];
    let value = rest.strip_prefix(' ').ok_or_else(|| wrong("no value"))?;
    let value =
        if value == "+Inf" { f64::INFINITY } else { value.parse().map_err(|_| wrong("no number"))? };
    if is_name(name) { Ok((name.into(), labels.into(), value)) } else { Err(wrong("a name")) }
}

#[test]
fn both_forms_say_the_same_and_nothing_else() {
    let board = board(shop());
    board.ask();
    let view = board.read();
    let samples = parse(&write(&view, Form::Prometheus), Form::Prometheus).unwrap();
    assert_eq!(samples, parse(&write(&view, Form::OpenMetrics), Form::OpenMetrics).unwrap());
    let worker = "{name=\"worker.1\",type=\"worker\"}";
    for (name, value) in [
        ("twelve_run_up".to_owned(), 1.0),
        ("twelve_run_uptime_seconds".into(), 0.1),
        ("twelve_run_dropped_bytes_total".into(), 7.0),
        ("twelve_run_startup_seconds".into(), 0.1),
        ("twelve_run_loop_latency_seconds_count".into(), 1.0),
        ("twelve_run_loop_latency_seconds_bucket{le=\"+Inf\"}".into(), 1.0),
        ("twelve_run_state{name=\"web.2\",type=\"web\",state=\"running\"}".into(), 1.0),
        ("twelve_run_ready{name=\"web.1\",type=\"web\"}".into(), 1.0),
        ("twelve_run_ready{name=\"web.2\",type=\"web\"}".into(), 0.0),
        ("twelve_run_restarts_total{name=\"web.2\",type=\"web\"}".into(), 2.0),
        ("twelve_run_exits_total{name=\"worker.1\",type=\"worker\",code=\"137\"}".into(), 3.0),
        (format!("twelve_run_rss_bytes{worker}"), 4096.0),
        (format!("twelve_run_cpu_seconds_total{worker}"), 1.5),
        (format!("twelve_run_output_bytes_total{worker}"), 10.0),
        (
            "twelve_run_probe_duration_seconds_sum{name=\"worker.1\",type=\"worker\",probe=\"readiness\"}"
                .into(),
            0.25,
        ),
    ] {
        assert_eq!(samples.get(&name), Some(&value), "{name} in {samples:#?}");
    }
    for absent in ["ready{name=\"worker.1\"", "connection refused"] {
        assert!(!samples.keys().any(|name| name.contains(absent)), "{absent} in {samples:#?}");
    }
}

#[test]
fn without_a_state_there_is_little_to_say() {
    let view = Board::new(|| ()).read();
    for form in [Form::Prometheus, Form::OpenMetrics] {
        let samples = parse(&write(&view, form), form).unwrap();
        assert_eq!(samples, Samples::from([("twelve_run_up".to_owned(), 1.0)]));
    }
}

/// A name cannot be so, and if it could it would do no harm (FAULTS N3).
#[test]
fn n3_a_name_cannot_leave_its_label() {
    let name = "a\"} 1\nevil 2\n\\";
    let odd = Row { name: name.into(), ..row("web", 1, None) };
    let view = board(state(vec![], vec![odd])).read();
    for form in [Form::Prometheus, Form::OpenMetrics] {
        let samples = parse(&write(&view, form), form).unwrap();
        assert!(!samples.contains_key("evil"), "{samples:#?}");
        assert!(samples.keys().any(|key| key.contains("a\\\"} 1\\nevil 2\\n\\\\")), "{samples:#?}");
    }
}

#[test]
fn the_parser_takes_no_nonsense() {
    for (text, why) in [
        ("# HELP a b\n# TYPE a gauge\na 1", "no end"),
        ("a 1\n", "before its TYPE"),
        ("# HELP a b\n# TYPE a gauge\nb 1\n", "another family"),
        ("# HELP a b\n# TYPE a gauge\na 1\na 1\n", "a sample twice"),
        ("# HELP a b\n# TYPE a gauge\na{x=\"1} 1\n", "a label's value"),
        ("# HELP a b\n# TYPE a gauge\na{x=\"1\"} one\n", "no number"),
        ("# HELP a b\n# TYPE a gauge\n", "has no sample"),
        ("# HELP a b\n# TYPE a counter\na 1\n", "the name of a counter"),
        ("# EOF\n", "neither"),
        ("# HELP a_total b\n# TYPE a_total counter\na_total -1\n", "below nothing"),
    ] {
        let error = parse(text, Form::Prometheus).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}
