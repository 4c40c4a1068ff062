//! What is asked of a running formation: names become places, questions become events for the
//! supervisor or a look at what is, and each is answered once.

use super::{Driver, notice};
use crate::app::plan::TypeId;
use crate::app::problem::did_you_mean;
use crate::control::protocol::{Ask as Words, Count as Wanted, Kind, Process, Refused};
use crate::control::{Answer, Question, Ticket};
use crate::output::archive::{self, Place};
use crate::supervisor::{Ask, Count, Event, Id, Refusal, RequestId, Status, snapshot};
use crate::sys::entry;
use crate::sys::terminal::signal_name;
use serde_json::{Value, json};
use std::time::Duration;

/// The most instances of a type.
const MOST: u16 = crate::app::formation::MOST;
/// Lines that `why` shows of each life.
pub(super) const LAST_LINES: usize = 5;
/// What somebody who attaches is shown of what was written before.
const TAIL: usize = 4 * 1024;

/// Who waits for a reply of the supervisor, and what to say when it is yes.
pub struct Pending {
    ticket: Ticket,
    yes: Value,
}

impl Driver<'_> {
    /// Hands a question to the supervisor, or answers it.
    pub(super) fn asked(&mut self, question: Question) {
        let Question { ticket, who, ask } = question;
        let answer = match ask {
            Words::Ps { names } => self.processes_of(&names),
            Words::Why { names } => self.whys(&names).map(Answer::Done),
            Words::Logs { names, last, since, previous, follow } => {
                self.logs(&names, last, since, previous, follow)
            }
            Words::Events {} => Ok(Answer::Watching),
            Words::Attach { name, rows, cols } => self.attach_to(&name, rows, cols),
            Words::Scale { counts } => match self.counts(&counts) {
                Ok((ask, yes)) => return self.request(ticket, who, ask, yes),
                Err(refused) => Err(refused),
            },
            Words::Restart { names } => match self.places(&names) {
                Ok(places) => {
                    let yes = json!({ "schema": 1, "restarting": self.names(&places) });
                    return self.request(ticket, who, Ask::Restart(places), yes);
                }
                Err(refused) => Err(refused),
            },
            Words::Roll { name } => match self.kind(&name) {
                Ok(kind) => {
                    let yes = json!({ "schema": 1, "replaced": name });
                    return self.request(ticket, who, Ask::Roll(kind), yes);
                }
                Err(refused) => Err(refused),
            },
            Words::Reload { rolling } => self.reload(&who, rolling).map(Answer::Done),
            Words::Stop { names } => match self.places(&names) {
                Ok(places) => {
                    let yes = json!({ "schema": 1, "stopping": self.names(&places) });
                    return self.request(ticket, who, Ask::Stop(places), yes);
                }
                Err(refused) => Err(refused),
            },
            Words::Signal { names, signal } => match self.signal(&names, signal) {
                Ok((ask, yes)) => return self.request(ticket, who, ask, yes),
                Err(refused) => Err(refused),
            },
            Words::Down { grace_ms } => {
                let ask = Ask::Down { grace: grace_ms.map(Duration::from_millis) };
                return self.request(ticket, who, ask, json!({ "schema": 1 }));
            }
        };
        self.answer(ticket, answer.unwrap_or_else(Answer::Refused));
    }

    fn answer(&self, ticket: Ticket, answer: Answer) {
        if let Some(control) = &self.control {
            control.answer(ticket, answer);
        }
    }

    fn request(&mut self, ticket: Ticket, who: String, ask: Ask, yes: Value) {
        self.requests += 1;
        self.pending.insert(self.requests, Pending { ticket, yes });
        self.facts.push_back(Event::Requested { request: RequestId(self.requests), who, ask });
    }

    /// The supervisor has decided.
    pub(super) fn reply(&mut self, request: RequestId, outcome: Result<(), Refusal>) {
        let Some(Pending { ticket, yes }) = self.pending.remove(&request.0) else { return };
        let answer = match outcome {
            Ok(()) => Answer::Done(yes),
            Err(refusal) => Answer::Refused(self.refused(refusal)),
        };
        self.answer(ticket, answer);
    }

    fn refused(&self, refusal: Refusal) -> Refused {
        match refusal {
            Refusal::ShuttingDown => Refused::new(Kind::ShuttingDown, "everything is being stopped"),
            Refusal::NoSuchInstance(kind, index) => Refused::new(
                Kind::UnknownName,
                format!("`{}` is not there any more", self.plan.name(kind, index)),
            ),
            Refusal::NotRunning(kind, index) => {
                Refused::new(Kind::NotRunning, format!("`{}` does not run", self.plan.name(kind, index)))
            }
            Refusal::Rolls(kind) => {
                let name = &self.plan.process_type(kind).name;
                Refused::new(Kind::Busy, format!("`{name}` is being replaced one by one already"))
            }
            Refusal::NothingToRoll(kind) => {
                let name = &self.plan.process_type(kind).name;
                Refused::new(Kind::NotRunning, format!("there is no instance of `{name}`"))
            }
            Refusal::DidNotComeUp(kind, index) => {
                let name = self.plan.name(kind, index);
                Refused::new(
                    Kind::NotRunning,
                    format!("`{name}` did not come up; the rest was left as it is"),
                )
                .help(format!("`twelve-run why {name}`"))
            }
            Refusal::Interrupted(kind) => {
                let name = &self.plan.process_type(kind).name;
                Refused::new(Kind::Changed, format!("something else was asked of `{name}` meanwhile"))
            }
            Refusal::CountIs(kind, count) => {
                let name = &self.plan.process_type(kind).name;
                Refused::new(Kind::Changed, format!("there are {count} instances of `{name}` now"))
            }
        }
    }
}

/// Names and places.
impl Driver<'_> {
    /// The places that names mean: `web` is every instance of it, `web.1` that one; no name is all.
    fn places(&self, names: &[String]) -> Result<Vec<Place>, Refused> {
        let present = self.supervisor.places();
        if names.is_empty() {
            return Ok(present);
        }
        let mut places = Vec::new();
        for name in names {
            let found = match name.split_once('.') {
                None => {
                    let kind = self.kind(name)?;
                    let of_kind = present.iter().filter(|place| place.0 == kind);
                    of_kind.copied().collect()
                }
                Some((kind, index)) => {
                    let kind = self.kind_of(kind, name)?;
                    let index = index.parse::<u16>().ok().filter(|number| number.to_string() == index);
                    let place = index.map(|index| (kind, index)).filter(|place| present.contains(place));
                    vec![place.ok_or_else(|| self.unknown(name))?]
                }
            };
            if found.is_empty() {
                let message = format!("there is no instance of `{name}`");
                return Err(Refused::new(Kind::UnknownName, message)
                    .help(format!("`twelve-run scale {name}=1` starts one")));
            }
            places.extend(found.into_iter().filter(|place| !places.contains(place)).collect::<Vec<_>>());
        }
        Ok(places)
    }

    fn kind(&self, name: &str) -> Result<TypeId, Refused> {
        self.kind_of(name, name)
    }

    fn kind_of(&self, kind: &str, name: &str) -> Result<TypeId, Refused> {
        self.plan
            .types()
            .find(|(_, known)| known.name == kind && !known.retired)
            .map(|(id, _)| id)
            .ok_or_else(|| self.unknown(name))
    }

    /// The names of the types that there are.
    fn known(&self) -> impl Iterator<Item = &str> {
        self.plan.types.iter().filter(|kind| !kind.retired).map(|kind| kind.name.as_str())
    }

    fn unknown(&self, name: &str) -> Refused {
        let known: Vec<String> = self.known().map(str::to_owned).collect();
        let all = known.into_iter().chain(self.names(&self.supervisor.places())).collect::<Vec<_>>();
        let refused = Refused::new(Kind::UnknownName, format!("`{name}` is no process of this formation"));
        let near: Vec<String> = did_you_mean(name, all.iter().map(String::as_str))
            .into_iter()
            .map(|name| format!("`{name}`"))
            .collect();
        if near.is_empty() {
            let types: Vec<&str> = self.known().collect();
            refused.help(format!("there are {}", types.join(", ")))
        } else {
            refused.help(format!("did you mean {}?", near.join(" or ")))
        }
    }

    fn names(&self, places: &[Place]) -> Vec<String> {
        places.iter().map(|&(kind, index)| self.plan.name(kind, index)).collect()
    }
}

/// What changes something.
impl Driver<'_> {
    fn counts(&self, wanted: &[Wanted]) -> Result<(Ask, Value), Refused> {
        let present = self.supervisor.places();
        let have = |kind: TypeId| present.iter().filter(|place| place.0 == kind).count() as u16;
        let mut counts: Vec<Count> = Vec::new();
        for Wanted { name, to, from } in wanted {
            let kind = self.kind(name)?;
            if counts.iter().any(|count| count.kind == kind) {
                return Err(Refused::new(Kind::Malformed, format!("`{name}` is given twice")));
            }
            if *to > MOST {
                let message = format!("{to} instances of `{name}` are too many: {MOST} at most");
                return Err(Refused::new(Kind::TooMany, message));
            }
            if *to > 0 && self.plan.process_type(kind).port.is_some() && self.plan.port(kind, *to).is_none() {
                let message = format!("`{}` would have a port past 65535", self.plan.name(kind, *to));
                return Err(Refused::new(Kind::TooMany, message));
            }
            counts.push(Count { kind, to: *to, from: *from });
        }
        let untouched = present.iter().filter(|place| counts.iter().all(|count| count.kind != place.0));
        let total = untouched.count() as u64 + counts.iter().map(|count| u64::from(count.to)).sum::<u64>();
        if let Some(most) = entry::most_processes().filter(|most| total > *most) {
            let message =
                format!("{total} processes need more file descriptors than there are: {most} at most");
            return Err(
                Refused::new(Kind::TooMany, message).help("raise the limit (`ulimit -Hn`) and start anew")
            );
        }
        let told = counts.iter().map(|count| {
            let name = &self.plan.process_type(count.kind).name;
            json!({ "name": name, "from": have(count.kind), "to": count.to })
        });
        let yes = json!({ "schema": 1, "scaled": told.collect::<Vec<_>>() });
        Ok((Ask::Scale(counts), yes))
    }

    fn signal(&self, names: &[String], signal: i32) -> Result<(Ask, Value), Refused> {
        if !(1..=64).contains(&signal) {
            return Err(Refused::new(Kind::Malformed, format!("{signal} is no signal")));
        }
        let places = self.places(names)?;
        let yes = json!({ "schema": 1, "signal": signal_name(signal), "sent": self.names(&places) });
        Ok((Ask::Signal(places, signal), yes))
    }
}

/// What only looks.
impl Driver<'_> {
    fn processes_of(&mut self, names: &[String]) -> Result<Answer, Refused> {
        let places = self.places(names)?;
        let snapshot = self.supervisor.snapshot(self.clock.elapsed());
        let mut processes = Vec::new();
        let mut roots = Vec::new();
        // What is leaving has no name any more, and is shown as long as it is there.
        let wanted = |id: Id| names.is_empty() || places.contains(&(id.kind, id.index));
        for one in snapshot.instances.iter().filter(|one| wanted(one.id)) {
            let trees = self.processes.roots(one.id);
            let pid = self.processes.pid(one.id).filter(|pid| trees.contains(pid));
            processes.push(Process {
                name: notice::label(&self.plan, one.id),
                kind: self.plan.process_type(one.id.kind).name.clone(),
                index: one.id.index,
                state: one.state.into(),
                reason: self.reason(one),
                pid,
                port: self.plan.port(one.id.kind, one.id.index),
                uptime_s: one.up.map(|up| (up.as_secs_f64() * 1000.0).round() / 1000.0),
                restarts: one.restarts,
                exit: one.last.map(Status::code),
                cpu_percent: None,
                rss_bytes: None,
                ready: one.ready,
                leaving: one.leaving,
                escaped: trees.iter().copied().filter(|root| Some(*root) != pid).collect(),
            });
            roots.push(trees);
        }
        Ok(Answer::Processes { processes, roots })
    }

    fn whys(&self, names: &[String]) -> Result<Value, Refused> {
        let places = self.places(names)?;
        let snapshot = self.supervisor.snapshot(self.clock.elapsed());
        let wanted = snapshot.instances.iter().filter(|one| places.contains(&(one.id.kind, one.id.index)));
        let whys: Vec<Value> = wanted.map(|one| self.why(one)).collect();
        Ok(json!({ "schema": 1, "processes": whys }))
    }

    /// The supervisor's reason, with the names of those who are waited for.
    fn reason(&self, one: &snapshot::Instance) -> String {
        if one.awaits.is_empty() {
            return self.masked(one.reason.clone());
        }
        let awaited: Vec<String> =
            one.awaits.iter().map(|after| notice::awaited(&self.plan, *after)).collect();
        format!("waits for {}", awaited.join(", "))
    }

    fn why(&self, one: &snapshot::Instance) -> Value {
        let kind = self.plan.process_type(one.id.kind);
        let words = self.archive.last_words((one.id.kind, one.id.index), LAST_LINES);
        let lines_of = |generation: u32| -> Vec<String> {
            let life = words.iter().find(|(id, _)| id.generation == generation);
            let lines = life.map(|(_, lines)| lines.as_slice()).unwrap_or_default();
            lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
        };
        let ends: Vec<Value> = one
            .ends
            .iter()
            .map(|end| {
                let ended = match (&end.trouble, end.status) {
                    (Some(trouble), _) => self.masked(trouble.clone()),
                    (None, status) => notice::ending(status),
                };
                json!({
                    "how": ended,
                    "exit": end.status.code(),
                    "ago_s": end.ago.as_secs_f64(),
                    "ran_s": end.ran.as_secs_f64(),
                    "last_lines": lines_of(end.generation),
                })
            })
            .collect();
        json!({
            "name": notice::label(&self.plan, one.id),
            "state": one.state,
            "reason": self.reason(one),
            "since_s": one.since.as_secs_f64(),
            "asked_by": Some(&one.asked_by).filter(|who| !who.is_empty()),
            "waits_for": one.awaits.iter().map(|after| notice::awaited(&self.plan, *after)).collect::<Vec<_>>(),
            "probes": one.probes.iter().map(|(tier, passes, why)| json!({
                "probe": tier.word(),
                "passes": passes,
                "reason": Some(self.masked(why.clone())).filter(|why| !why.is_empty()),
            })).collect::<Vec<_>>(),
            "restarts": one.restarts,
            "command": self.masked(kind.command.to_string_lossy().into_owned()),
            "restart": kind.rules.restart.word(),
            "on_exit": kind.rules.on_exit.word(),
            "last_lines": if one.up.is_some() { lines_of(one.id.generation) } else { Vec::new() },
            "ends": ends,
        })
    }

    fn logs(
        &self,
        names: &[String],
        last: Option<usize>,
        since: Option<String>,
        previous: bool,
        follow: bool,
    ) -> Result<Answer, Refused> {
        let since = since
            .map(|since| {
                since.parse().map_err(|_| Refused::new(Kind::Malformed, format!("`{since}` is no time")))
            })
            .transpose()?;
        let places = if names.is_empty() { Vec::new() } else { self.places(names)? };
        let shown = if names.is_empty() { self.supervisor.places() } else { places.clone() };
        let width = self.names(&shown).iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let wanted = archive::Wanted { places, last, since, previous };
        let Some(control) = self.control.as_ref().filter(|_| follow) else {
            return Ok(Answer::Records { records: self.archive.recent(&wanted), tap: None, width });
        };
        let (records, tap) = self.archive.follow(&wanted, control.waker());
        Ok(Answer::Records { records, tap: Some(tap), width })
    }

    fn attach_to(&mut self, name: &str, rows: u16, cols: u16) -> Result<Answer, Refused> {
        let places = self.places(&[name.to_owned()])?;
        let &[place] = places.as_slice() else {
            let first = self.names(&places)[0].clone();
            let message = format!("there are {} instances of `{name}`", places.len());
            return Err(Refused::new(Kind::Malformed, message).help(format!("name one of them: `{first}`")));
        };
        let label = self.plan.name(place.0, place.1);
        let not_running = || {
            Refused::new(Kind::NotRunning, format!("`{label}` does not run"))
                .help(format!("`twelve-run restart {label}` starts it"))
        };
        let id = self.supervisor.id(place).ok_or_else(not_running)?;
        let Some(control) = &self.control else { return Err(not_running()) };
        let keyboard = self.processes.keyboard(id, self.window).map_err(|_| not_running())?;
        let Some(keyboard) = keyboard else {
            let message = format!("somebody else is attached to `{label}`");
            return Err(Refused::new(Kind::Busy, message).help("it is free when he leaves (Ctrl-])"));
        };
        keyboard.resize(rows, cols);
        let (tail, tap) = self.archive.attach(place, TAIL, control.waker());
        Ok(Answer::Attached { name: label, keyboard, tail, tap })
    }
}
