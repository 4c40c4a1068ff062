//! The files as they are now: what they say takes the place of what was said, and only what has changed is
//! touched. Files with an error change nothing.

use super::Driver;
use crate::app::diff::{self, Change, Deed};
use crate::control::protocol::{Kind, Refused};
use crate::supervisor::{Ask, Count, Event, RequestId};
use serde_json::{Value, json};
use std::rc::Rc;

impl Driver<'_> {
    /// Reloads. With `rolling` whoever asked replaces the processes himself, one by one.
    pub(super) fn reload(&mut self, who: &str, rolling: bool) -> Result<Value, Refused> {
        if self.supervisor.is_shutting_down() {
            return Err(Refused::new(Kind::ShuttingDown, "everything is being stopped"));
        }
        let read = self.reload.as_ref().map_or_else(|| Err(String::new()), |read| read());
        let new = read.map_err(|errors| {
            Refused::new(Kind::Malformed, "the files have errors; nothing was changed").help(errors)
        })?;
        let (merged, changes) = diff::merge(&self.plan, new);
        let old = std::mem::replace(&mut self.plan, Rc::new(merged));
        // Who is not started again has its old ones still.
        self.keep_secrets(&[&old]);
        let rules = self.plan.types.iter().map(|kind| kind.rules.clone()).collect();
        self.facts.push_back(Event::Reconfigured { rules });
        let mut counts = Vec::new();
        let mut again = Vec::new();
        let mut told = Vec::new();
        for change in &changes {
            let wanted = Count::to(change.kind, self.plan.process_type(change.kind).count);
            match change.deed {
                Deed::Added | Deed::Removed | Deed::Changed { count: true, .. } => counts.push(wanted),
                Deed::Changed { count: false, .. } => {}
            }
            // Nobody has to be started again of what is down because a person wants it so.
            let wanted = match change.deed {
                Deed::Changed { restart: true, .. } => self.supervisor.wanted(change.kind),
                Deed::Changed { .. } | Deed::Added | Deed::Removed => Vec::new(),
            };
            told.push(as_json(change, !wanted.is_empty()));
            if !rolling {
                again.extend(wanted);
            }
        }
        // One by one: a place that the scaling takes away is refused, and the others are not.
        let again = again.into_iter().map(|place| Ask::Restart(vec![place]));
        for ask in std::iter::once(Ask::Scale(counts)).chain(again) {
            self.requests += 1;
            let request = RequestId(self.requests);
            self.facts.push_back(Event::Requested { request, who: who.to_owned(), ask });
        }
        Ok(json!({ "schema": 1, "changes": told }))
    }
}

/// `restart`: whether processes of it have to be started again.
fn as_json(change: &Change, restart: bool) -> Value {
    match &change.deed {
        Deed::Added => json!({ "name": change.name, "change": "added" }),
        Deed::Removed => json!({ "name": change.name, "change": "removed" }),
        Deed::Changed { what, .. } => {
            json!({ "name": change.name, "change": "changed", "what": what, "restart": restart })
        }
    }
}
