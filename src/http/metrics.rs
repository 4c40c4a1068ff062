//! The board as metrics: names and numbers, no reasons. A figure that the board does not have has no line.
//!
//! The encoder speaks `OpenMetrics` 1.0. The older Prometheus text format 0.0.4 differs in what the
//! comments say, so that form is made from the other.

use super::accept::{self, Offer};
use super::board::{Lengths, Row, View};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text format 0.0.4.
    Prometheus,
    /// 1.0.0.
    OpenMetrics,
}

impl Form {
    /// By `Accept`.
    pub fn choose(accept: &str) -> Self {
        let offers = [
            Offer::with("text/plain", "version", "0.0.4"),
            Offer::with("application/openmetrics-text", "version", "1.0.0"),
        ];
        [Self::Prometheus, Self::OpenMetrics][accept::best(accept, &offers)]
    }

    /// For `Content-Type`.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// All that there is to count.
pub fn write(view: &View, form: Form) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Figures(view.clone())));
    let mut written = String::new();
    // Writing to memory does not fail, and what we hand over the encoder takes.
    if let Err(error) = text::encode(&mut written, &registry) {
        log::warn!("metrics could not be written: {error}");
    }
    match form {
        Form::OpenMetrics => written,
        Form::Prometheus => older(&written),
    }
}

/// In 0.0.4 a counter is called by its whole name also where it is described, and there is no end mark.
fn older(text: &str) -> String {
    let mut counter = "";
    let mut older = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let described = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE "));
        let name = described.and_then(|rest| rest.split(' ').next());
        match (name, described) {
            (None, _) if line == "# EOF" => continue,
            (Some(name), Some(rest)) => {
                // HELP comes first, and TYPE, which tells, after it.
                let kind = lines.peek().filter(|_| line.starts_with("# HELP ")).copied().unwrap_or(line);
                if kind.strip_prefix("# TYPE ").and_then(|kind| kind.strip_prefix(name)) == Some(" counter") {
                    counter = name;
                }
                older.push_str(&line[..line.len() - rest.len() + name.len()]);
                if counter == name {
                    older.push_str("_total");
                }
                older.push_str(&rest[name.len()..]);
            }
            _ => older.push_str(line),
        }
        older.push('\n');
    }
    older
}

/// Written anew at each question; no figure is kept twice.
#[derive(Debug)]
struct Figures(View);

type Labels<'a> = Vec<(&'static str, &'a str)>;

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let view = &self.0;
        let rows = view.state.as_ref().map_or(&[][..], |state| &state.instances);
        let mut book = Book { encoder };
        let up = u64::from(!view.is_stale());
        book.gauge("up", "Whether the supervisor's loop turns", [(Vec::new(), up)])?;
        if view.latency.count > 0 {
            let latency = [(Vec::new(), view.latency)];
            book.lengths("loop_latency_seconds", "How long the loop took to turn when asked to", latency)?;
        }
        if let Some(state) = &view.state {
            let up = state.up.as_secs_f64();
            book.gauge("uptime_seconds", "How long the run has lasted", [(Vec::new(), up)])?;
            let dropped = [(Vec::new(), state.dropped_bytes)];
            book.counter("dropped_bytes", "Output that nobody was there to read", dropped)?;
        }
        if let Some(startup) = view.startup {
            let took = startup.as_secs_f64();
            book.gauge("startup_seconds", "How long it took until all had started", [(Vec::new(), took)])?;
        }
        book.gauge(
            "state",
            "The state of an instance",
            rows.iter().map(|row| (labels(row, &[("state", row.state)]), 1_u64)),
        )?;
        book.gauge("ready", "Whether an instance is ready", each(rows, |row| row.ready.map(u64::from)))?;
        book.counter("restarts", "Starts by rule", each(rows, |row| Some(row.restarts)))?;
        let codes: Vec<(&Row, String, u64)> = rows
            .iter()
            .flat_map(|row| row.exits.iter().map(move |(code, count)| (row, code.to_string(), *count)))
            .collect();
        book.counter(
            "exits",
            "Ends by code, 128+n for signal n",
            codes.iter().map(|(row, code, count)| (labels(row, &[("code", code)]), *count)),
        )?;
        book.gauge("rss_bytes", "Resident memory", each(rows, |row| row.figures.rss_bytes))?;
        book.counter("cpu_seconds", "Processor time", each(rows, |row| row.figures.cpu_s))?;
        book.counter("output_bytes", "What was written", each(rows, |row| row.figures.output_bytes))?;
        book.lengths(
            "probe_duration_seconds",
            "How long probes took",
            rows.iter().flat_map(|row| {
                row.figures
                    .probes
                    .iter()
                    .map(move |(probe, lengths)| (labels(row, &[("probe", probe)]), *lengths))
            }),
        )
    }
}

fn labels<'a>(row: &'a Row, more: &[(&'static str, &'a str)]) -> Labels<'a> {
    [("name", row.name.as_str()), ("type", row.kind.as_str())]
        .into_iter()
        .chain(more.iter().copied())
        .collect()
}

/// A figure of each instance that has it.
fn each<T>(rows: &[Row], figure: impl Fn(&Row) -> Option<T>) -> impl Iterator<Item = (Labels<'_>, T)> {
    rows.iter().filter_map(move |row| Some((labels(row, &[]), figure(row)?)))
}

/// Families, one after the other. One without a line is not described either.
struct Book<'e> {
    encoder: DescriptorEncoder<'e>,
}

impl Book<'_> {
    fn family<'l, T>(
        &mut self,
        (name, help, kind): (&str, &str, MetricType),
        lines: impl IntoIterator<Item = (Labels<'l>, T)>,
        write: impl Fn(&mut MetricEncoder<'_>, T) -> fmt::Result,
    ) -> fmt::Result {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return Ok(());
        }
        let name = format!("twelve_run_{name}");
        let mut family = self.encoder.encode_descriptor(&name, help, None, kind)?;
        for (labels, value) in lines {
            if labels.is_empty() {
                // No braces around nothing.
                write(&mut family, value)?;
            } else {
                write(&mut family.encode_family(&labels)?, value)?;
            }
        }
        Ok(())
    }

    fn gauge<'l, T: EncodeGaugeValue>(
        &mut self,
        name: &str,
        help: &str,
        lines: impl IntoIterator<Item = (Labels<'l>, T)>,
    ) -> fmt::Result {
        self.family((name, help, MetricType::Gauge), lines, |line, value| line.encode_gauge(&value))
    }

    /// `_total` is added to the name.
    fn counter<'l, T: EncodeCounterValue>(
        &mut self,
        name: &str,
        help: &str,
        lines: impl IntoIterator<Item = (Labels<'l>, T)>,
    ) -> fmt::Result {
        self.family((name, help, MetricType::Counter), lines, |line, value| {
            line.encode_counter::<NoLabelSet, T, u64>(&value, None)
        })
    }

    /// A histogram of one bucket: sum and count.
    fn lengths<'l>(
        &mut self,
        name: &str,
        help: &str,
        lines: impl IntoIterator<Item = (Labels<'l>, Lengths)>,
    ) -> fmt::Result {
        self.family((name, help, MetricType::Histogram), lines, |line, lengths| {
            let buckets = [(f64::INFINITY, lengths.count)];
            line.encode_histogram::<NoLabelSet>(lengths.sum.as_secs_f64(), lengths.count, &buckets, None)
        })
    }
}
