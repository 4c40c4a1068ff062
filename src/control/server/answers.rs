//! What clients are told: the driver's answers, what happens, and what the taps bring.

use super::{Client, Doing, Server};
use crate::control::connection::PATIENCE;
use crate::control::frame::Frame;
use crate::control::protocol::{self, Kind, Refused, Reply};
use crate::control::{Answer, Order, Question, Room, Ticket, usage};
use crate::output::archive::{Origin, Record};
use crate::output::tap::Taken;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// When everything is over, readers get this long to take what they were told.
const LAST: Duration = Duration::from_millis(500);

/// What the driver says.
impl<F: Fn(Question)> Server<F> {
    pub(super) fn obey(&mut self, now: Instant) {
        while let Ok(order) = self.room.orders.try_recv() {
            match order {
                Order::Answer(ticket, answer) => self.answer(ticket, answer, now),
                Order::Publish(mut event) => {
                    event["at"] = json!(jiff::Timestamp::now().to_string());
                    self.publish(&event, now);
                }
                Order::Finish => {
                    self.ending = Some(now + LAST);
                    let keys: Vec<u64> = self.clients.keys().copied().collect();
                    self.serve_taps(now);
                    for key in keys {
                        self.finish(key, now);
                    }
                }
            }
        }
    }

    fn answer(&mut self, ticket: Ticket, answer: Answer, now: Instant) {
        let Some(client) = self.clients.get_mut(&ticket.client) else {
            return answer.drop_unheard(&self.room);
        };
        let reply = |outcome| protocol::line(&Reply::new(ticket.request, outcome));
        let connection = &mut client.connection;
        client.doing = Doing::Listening;
        connection.deadline = Some(now + PATIENCE);
        match answer {
            Answer::Done(value) => connection.send(&reply(Ok(value))),
            Answer::Refused(refused) => connection.send(&reply(Err(refused))),
            Answer::Processes { mut processes, roots } => {
                usage::measure(&mut processes, &roots);
                connection.send(&reply(Ok(json!({ "schema": 1, "processes": processes }))));
            }
            Answer::Records { records, tap, width } => {
                // So many follow at once.
                let first = json!({ "schema": 1, "records": records.len(), "width": width });
                connection.send(&reply(Ok(first)));
                for record in &records {
                    connection.send(&protocol::line(&as_json(record)));
                }
                match tap {
                    Some(tap) => {
                        connection.deadline = None;
                        client.doing = Doing::Following(tap);
                    }
                    None => connection.close(now),
                }
            }
            Answer::Watching => {
                connection.send(&reply(Ok(json!({ "schema": 1 }))));
                connection.deadline = None;
                client.doing = Doing::Watching;
            }
            Answer::Attached { name, keyboard, tail, tap } => {
                connection
                    .send(&reply(Ok(json!({ "schema": 1, "name": name, "pty": keyboard.is_terminal() }))));
                let mut first = Vec::new();
                Frame::Output(tail).write(&mut first);
                connection.send(&first);
                connection.deadline = None;
                client.doing = Doing::Attached { keyboard, tap };
            }
        }
        // What it asked next may be here already.
        self.hear(ticket.client, now);
    }

    fn publish(&mut self, event: &Value, now: Instant) {
        let line = protocol::line(event);
        let keys: Vec<u64> = self.clients.keys().copied().collect();
        for key in keys {
            let Some(Client { connection, doing: Doing::Watching, .. }) = self.clients.get_mut(&key) else {
                continue;
            };
            if connection.room() < line.len() {
                connection.send(&end_line("the reader is too slow", 0));
                connection.close(now);
            } else {
                connection.send(&line);
            }
            self.watch(key);
        }
    }

    /// Carries what the taps have to those who follow.
    pub(super) fn serve_taps(&mut self, now: Instant) {
        let keys: Vec<u64> = self.clients.keys().copied().collect();
        for key in keys {
            let Some(Client { connection, doing, .. }) = self.clients.get_mut(&key) else { continue };
            // Who has not taken the last yet gets no more; the tap itself is bounded.
            if connection.wants_to_write() || connection.is_closing() {
                continue;
            }
            let mut records = Vec::new();
            let taken = match doing {
                Doing::Following(tap) => {
                    let taken = tap.take(&mut records);
                    for record in &records {
                        connection.send(&protocol::line(&as_json(record)));
                    }
                    taken
                }
                Doing::Attached { tap, .. } => {
                    let taken = tap.take(&mut records);
                    let mut frames = Vec::new();
                    let mut ended = false;
                    for record in records {
                        match record.origin {
                            Origin::Stdout | Origin::Stderr | Origin::Terminal => {
                                Frame::Output(record.bytes).write(&mut frames);
                            }
                            Origin::Notice => {}
                            Origin::Farewell => {
                                let why = String::from_utf8_lossy(&record.bytes);
                                frames.extend(end_frame(&format!("{} {why}", record.label)));
                                ended = true;
                                break;
                            }
                        }
                    }
                    connection.send(&frames);
                    if ended {
                        connection.close(now);
                    }
                    taken
                }
                Doing::Listening | Doing::Waiting(_) | Doing::Watching => continue,
            };
            if let Taken::CutOff { lost_bytes } = taken {
                let why = "the reader is too slow";
                match doing {
                    Doing::Attached { .. } => connection.send(&end_frame(why)),
                    _ => connection.send(&end_line(why, lost_bytes)),
                }
                connection.close(now);
            }
            self.watch(key);
        }
    }

    fn finish(&mut self, key: u64, now: Instant) {
        let Some(Client { connection, doing, .. }) = self.clients.get_mut(&key) else { return };
        match doing {
            Doing::Attached { .. } => connection.send(&end_frame("the formation has ended")),
            Doing::Waiting(id) => {
                let refused = Refused::new(Kind::ShuttingDown, "everything is being stopped");
                connection.send(&protocol::line(&Reply::new(*id, Err(refused))));
            }
            Doing::Listening | Doing::Following(_) | Doing::Watching => {}
        }
        connection.close(now);
        if connection.gone {
            self.remove(key);
        } else {
            self.watch(key);
        }
    }
}

impl Answer {
    /// The client has gone meanwhile.
    fn drop_unheard(self, room: &Room) {
        if matches!(self, Self::Watching) {
            room.watchers_left(1);
        }
    }
}

/// A line of the log for programs.
fn as_json(record: &Record) -> Value {
    json!({
        "at": record.at.to_string(),
        "name": &*record.label,
        "generation": record.id.generation,
        "origin": record.origin.word(),
        "continues": record.continues,
        "text": String::from_utf8_lossy(&record.bytes),
    })
}

fn end_frame(why: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    Frame::End(why.to_owned()).write(&mut bytes);
    bytes
}

fn end_line(why: &str, lost_bytes: u64) -> Vec<u8> {
    protocol::line(&json!({ "end": why, "lost_bytes": lost_bytes }))
}
