//! Files of the app have changed: those who wished to know are started again, or get their signal.

use super::{Driver, Told, courier, notice};
use crate::app::plan::TypeId;
use crate::supervisor::{Ask, Event, RequestId};
use crate::sys::terminal::signal_name;
use crate::watch::{Changed, News, Watcher};

impl Driver<'_> {
    /// Watches what the types wish to have watched.
    pub(super) fn watch_files(&mut self) {
        let wishes = self.plan.types().filter(|(_, kind)| !kind.watch.globs.is_empty());
        let wishes: Vec<(TypeId, Vec<String>)> =
            wishes.map(|(id, kind)| (id, kind.watch.globs.clone())).collect();
        if wishes.is_empty() {
            return;
        }
        let tell = courier(&self.tell, self.processes.waker(), Told::Watch);
        match Watcher::start(&self.plan.root, wishes, tell) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => self.say(notice::SYSTEM, format!("files are not watched: {error}")),
        }
    }

    pub(super) fn files_changed(&mut self, news: News) {
        match news {
            News::Incomplete(error) => {
                self.say(notice::SYSTEM, format!("not all files are watched: {error}"));
            }
            News::Changed(changed) => self.heed(&changed),
        }
    }

    fn heed(&mut self, changed: &Changed) {
        let what = match changed.more {
            0 => changed.path.display().to_string(),
            more => format!("{} and {more} more", changed.path.display()),
        };
        for &kind in &changed.kinds {
            let places = self.supervisor.wanted(kind);
            let Some(process) = self.plan.types.get(usize::from(kind.0)).filter(|_| !places.is_empty())
            else {
                continue;
            };
            let (ask, deed) = match process.watch.signal {
                Some(signal) => {
                    let running = places.into_iter().filter(|place| {
                        self.supervisor.id(*place).is_some_and(|id| self.processes.pid(id).is_some())
                    });
                    (Ask::Signal(running.collect(), signal.0), signal_name(signal.0))
                }
                None => (Ask::Restart(places), "restart"),
            };
            let text = format!("{} · {deed} of {}", what, process.name);
            self.say(notice::SYSTEM, format!("changed: {text}"));
            self.requests += 1;
            let (request, who) = (RequestId(self.requests), format!("a change of {what}"));
            self.facts.push_back(Event::Requested { request, who, ask });
        }
    }
}
