//! The tables of `twelve-run.toml` as they are written. From these definitions the file is read, and from
//! them its schema is derived; the comments of the keys are the schema's descriptions.
//!
//! `flatten` and `untagged` are refused: they lose places.

use super::terms::{
    Address, Awaited, Command, Day, Glob, Pattern, Reason, RuleName, Shell, Signal, TypeName, Url,
    VariableGlob, VariableName, VariableValue,
};
use super::values::{At, DAY, HOUR, Size, Time, Whole, Word, Yes};
use crate::app::plan::{LogFormat, OnExit, Pty, Restart};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// What stands beside a Procfile: how its processes are run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the process types of the Procfile are told, each by its name.
    #[serde(default)]
    pub process: BTreeMap<At<TypeName>, Process>,
    /// How much of what processes write is kept for `twelve-run logs`.
    pub logs: Option<Logs>,
    /// Health and metrics over HTTP: off unless it is named here.
    pub http: Option<Http>,
    /// What `twelve-run audit` is told.
    pub audit: Option<Audit>,
}

/// How a process type is run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// How many of it `start` brings up, unless something is asked for when it is started.
    #[schemars(extend("default" = 1))]
    pub instances: Option<Whole<0, 1000>>,
    /// What must have happened to others before it is started: `"db"` is started, `"api:ready"` has passed its
    /// probes, `"migrate:completed"` has ended with code 0.
    #[serde(default)]
    pub after: Vec<At<Awaited>>,
    /// When it is started again after an end.
    #[schemars(extend("default" = "never"))]
    pub restart: Option<Word<Restart>>,
    /// After how many automatic restarts in a row it is given up; never by default.
    pub max_restarts: Option<Whole<0, { u32::MAX }>>,
    /// How long it waits after the first end in a row before it is started again; doubled for each further one.
    #[schemars(extend("default" = "1s"))]
    pub backoff: Option<At<Time<10, HOUR>>>,
    /// The longest it waits.
    #[schemars(extend("default" = "60s"))]
    pub backoff_max: Option<At<Time<10, HOUR>>>,
    /// How long it must have been up for its next end to be the first in a row.
    #[schemars(extend("default" = "30s"))]
    pub reset_after: Option<Time<10, DAY>>,
    /// What its last end means for the others.
    #[schemars(extend("default" = "stop-all"))]
    pub on_exit: Option<Word<OnExit>>,
    /// The signal that asks it to stop.
    #[schemars(extend("default" = "TERM"))]
    pub stop_signal: Option<Signal>,
    /// How long it has between the stop signal and SIGKILL.
    #[schemars(extend("default" = "8s"))]
    pub grace: Option<Time<0, DAY>>,
    /// Whether it writes to a terminal; `auto` is when twelve-run does.
    #[schemars(extend("default" = "auto"))]
    pub pty: Option<Word<Pty>>,
    /// The folder that it is started in, relative to the app's.
    pub cwd: Option<At<String>>,
    /// The program that gets its command line with `-c`.
    #[schemars(extend("default" = "/bin/sh"))]
    pub shell: Option<Shell>,
    /// Its own variables. The real environment wins over them, as over `.env`.
    #[serde(default)]
    pub env: BTreeMap<At<VariableName>, At<VariableValue>>,
    /// Environment files for it alone, relative to the app's folder. They win over `.env`, the later over the earlier.
    #[serde(default)]
    pub env_file: Vec<At<String>>,
    /// Sockets that are held for it and passed on (`LISTEN_FDS`), so that a restart closes no port.
    #[serde(default)]
    pub listen: Vec<At<Address>>,
    /// Files for whose change it is started anew, or gets a signal.
    pub watch: Option<Watch>,
    /// How it is asked whether it is well.
    pub health: Option<Health>,
}

/// Patterns alone, or a table that has more to say. Read by hand, so that every pattern keeps its place.
#[derive(Debug)]
pub struct Watch {
    pub globs: Vec<Glob>,
    pub signal: Option<Signal>,
}

/// Files, and what their change means.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WatchTable {
    /// Patterns relative to the app's folder.
    globs: Vec<Glob>,
    /// The signal that it gets, instead of being started anew.
    signal: Option<Signal>,
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Watch;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of patterns, or a table with `globs`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Watch, A::Error> {
                let mut globs = Vec::new();
                while let Some(glob) = list.next_element()? {
                    globs.push(glob);
                }
                Ok(Watch { globs, signal: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Watch, A::Error> {
                let WatchTable { globs, signal } =
                    WatchTable::deserialize(MapAccessDeserializer::new(table))?;
                Ok(Watch { globs, signal })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Watch {
    fn schema_name() -> Cow<'static, str> {
        "Watch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let globs = generator.subschema_for::<Vec<Glob>>();
        json_schema!({ "anyOf": [globs, generator.subschema_for::<WatchTable>()] })
    }
}

/// Three questions. Startup gates the other two; readiness says whether it is to be used; liveness, whether it is to
/// be started again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Until it has passed once, the others are not asked. By default every 250ms, 1s each, 120 failures.
    #[schemars(extend("properties" = json!({ "successes": { "const": 1 } })))]
    pub startup: Option<At<Probe>>,
    /// Whether it is to be used; never restarts anything. By default every 5s, 1s each, 3 failures, 1 success.
    pub readiness: Option<At<Probe>>,
    /// Its failure starts the process again. By default every 10s, 2s each, 3 failures.
    #[schemars(extend("properties" = json!({ "successes": { "const": 1 }, "log": false, "notify": false })))]
    pub liveness: Option<At<Probe>>,
}

/// One way of asking, and how often.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = super::health::WAYS.map(|way| json!({ "required": [way] }))))]
pub struct Probe {
    /// GET of a path at its port, or of a whole URL; 200 to 399 is well.
    pub http: Option<At<Url>>,
    /// Whether its port accepts a connection.
    pub tcp: Option<At<Yes>>,
    /// A command line in its environment and folder; code 0 is well.
    pub exec: Option<At<Command>>,
    /// A regular expression that a line of its output matches.
    pub log: Option<At<Pattern>>,
    /// It says `READY=1` at `NOTIFY_SOCKET`, as `sd_notify(3)` has it.
    pub notify: Option<At<Yes>>,
    /// From the end of one question to the next.
    pub every: Option<At<Time<10, DAY>>>,
    /// How long an answer may take.
    pub timeout: Option<At<Time<1, DAY>>>,
    /// So many in a row mean failure.
    pub failures: Option<Whole<1, 1_000_000>>,
    /// So many in a row mean success after a failure; more than 1 for readiness alone.
    pub successes: Option<At<Whole<1, 1_000_000>>>,
}

/// How much of what processes write is kept, in memory, and how it is shown.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Of each instance.
    #[schemars(extend("default" = "256KiB"))]
    pub each: Option<At<Size<4096, { 1 << 30 }>>>,
    /// Of all together.
    #[schemars(extend("default" = "16MiB"))]
    pub all: Option<At<Size<65536, { 1 << 31 }>>>,
    /// How lines are shown: as `text`, `json`, `logfmt`, or `raw`.
    #[schemars(extend("default" = "text"))]
    pub format: Option<Word<LogFormat>>,
    /// Whether the values of secrets are masked in what processes write; by default in `json` and `logfmt`.
    pub redact: Option<bool>,
    /// Names of variables whose values are secrets, beside those that say so: `*_CERT`.
    #[serde(default)]
    pub secrets: Vec<VariableGlob>,
}

/// Where health and metrics are served.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The address to listen at; a port alone is one of 127.0.0.1.
    pub listen: At<Address>,
}

/// What the audit is told.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Findings that are let pass.
    #[serde(default)]
    pub allow: Vec<Allow>,
}

/// A finding that is let pass, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// The rule, or the beginning of several and `*`: `config/host`, `config/key-*`.
    pub rule: At<RuleName>,
    /// Where: a pattern of files relative to the app's folder; everywhere when it is left out.
    pub path: Option<Glob>,
    /// Why it is no matter.
    pub reason: Reason,
    /// The last day on which it is let pass.
    pub until: Option<Day>,
}
