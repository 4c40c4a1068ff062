//! The thread: waits for bytes or commands, carries a batch, and delivers it before it waits again.

use super::archive::{Archive, Place};
use super::life::Origin;
use super::line::Piece;
use super::paint::{Name, Painter};
use super::sink::{Sink, Tally};
use super::streams::{Half, Member, Taken};
use super::{Command, Destination, Look, Report, Stream, Undelivered, Watcher, screen};
use crate::supervisor::Id;
use crossbeam_channel::{Receiver, Sender};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::EventFd;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// What one stream may bring in a turn; then the next has its turn (FAULTS F7).
const READ: usize = 64 * 1024;
/// A batch this large is delivered before the turn is over.
const BATCH: usize = 256 * 1024;
/// Streams served in one turn.
const EVENTS: usize = 128;
/// Reads of one stream when its process has ended, before the others have their turn again.
const LAST_READS: usize = 32;
/// The key of the wake-up in epoll; streams have twice their number and 2 or 3 more.
const WAKE: u64 = 0;

/// What the thread shares with its handle.
pub struct Room {
    pub inbox: Receiver<Command>,
    pub wake: Arc<EventFd>,
    pub tally: Arc<Tally>,
}

/// Starts the thread. `end` gets its last word.
pub fn spawn(
    room: Room,
    destination: Destination,
    look: Look,
    archive: Archive,
    report: impl Fn(Report) + Send + Sync + 'static,
    end: Sender<Undelivered>,
) -> io::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(&*room.wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
    let report = Arc::new(report);
    let reporter = Arc::clone(&report);
    let also = Arc::clone(&report);
    let watched = move |what| also(what);
    let sink = Sink::new(destination, Arc::clone(&room.tally), Box::new(move |what| reporter(what)));
    let painter = Painter::new(look.color, look.timestamp, look.prefix, look.width);
    let pump = Pump {
        room,
        epoll,
        sink,
        archive,
        painter,
        terminal: look.terminal,
        members: BTreeMap::new(),
        by_id: HashMap::new(),
        next: 1,
        notices: VecDeque::new(),
        flushes: Vec::new(),
        batch: Vec::with_capacity(BATCH + READ),
        buffer: vec![0; READ],
        report: Box::new(watched),
        finishing: false,
    };
    std::thread::Builder::new().name("output".into()).spawn(move || {
        match catch_unwind(AssertUnwindSafe(move || pump.run())) {
            Ok(undelivered) => drop(end.send(undelivered)),
            Err(_) => report(Report::Broke),
        }
    })?;
    Ok(())
}

/// A notice that waits for its turn; each is shown after all before it.
enum Pending {
    Line {
        about: Option<Id>,
        label: String,
        text: String,
    },
    /// Waits too, so that nobody speaks before his start is told.
    Attach(Stream),
    Farewell {
        id: Id,
        label: String,
        text: Option<String>,
        /// How many of its last lines are shown once more.
        again: usize,
    },
    /// Waits as well, for the last words of the place.
    Forget(Place),
}

struct Pump {
    room: Room,
    epoll: Epoll,
    sink: Sink,
    archive: Archive,
    painter: Painter,
    terminal: bool,
    members: BTreeMap<u64, Member>,
    by_id: HashMap<Id, u64>,
    next: u64,
    notices: VecDeque<Pending>,
    flushes: Vec<Sender<()>>,
    /// What is ready to be delivered.
    batch: Vec<u8>,
    buffer: Vec<u8>,
    report: Box<dyn Fn(Report) + Send>,
    finishing: bool,
}

impl Pump {
    fn run(mut self) -> Undelivered {
        let mut events = [EpollEvent::empty(); EVENTS];
        loop {
            let ready = self.epoll.wait(&mut events, self.timeout()).unwrap_or(0);
            let now = Instant::now();
            self.painter.look_at_the_clock();
            let ready = &events[..ready];
            // Before the commands are taken, or one that comes in between would wake nobody.
            if ready.iter().any(|event| event.data() == WAKE) {
                let _ = self.room.wake.read();
            }
            // What was told before comes before what children say to it.
            self.obey(now);
            self.show_notices(now);
            for event in ready.iter().filter(|event| event.data() != WAKE) {
                let key = event.data();
                self.take(key / 2, (key % 2) as usize, now);
            }
            self.serve_silence(now);
            self.show_notices(now);
            self.sink.write(&mut self.batch);
            for done in self.flushes.drain(..) {
                // Who does not wait any more need not be told.
                let _ = done.send(());
            }
            if self.finishing && self.notices.is_empty() {
                return Undelivered { bytes: self.sink.lost(), reader_left: self.sink.reader_left() };
            }
        }
    }

    /// Until the next moment at which silence means something.
    fn timeout(&self) -> EpollTimeout {
        let partial = self.members.values().flat_map(|member| member.halves.iter().flatten());
        let partial = partial.filter_map(|half| half.flush_at);
        // Only the notice whose turn it is waits for silence; those behind it wait for it.
        let dry = match self.notices.front() {
            Some(Pending::Farewell { id, .. }) => self.member(*id).and_then(Member::dry_at),
            Some(Pending::Line { .. } | Pending::Attach(_) | Pending::Forget(_)) | None => None,
        };
        let Some(at) = partial.chain(dry).min() else { return EpollTimeout::NONE };
        let rest = at.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
        EpollTimeout::try_from(u32::try_from(rest).unwrap_or(u32::MAX)).unwrap_or(EpollTimeout::MAX)
    }

    fn obey(&mut self, now: Instant) {
        while let Ok(command) = self.room.inbox.try_recv() {
            match command {
                Command::Attach(stream) => self.notices.push_back(Pending::Attach(stream)),
                Command::Tell { about, label, text } => {
                    self.notices.push_back(Pending::Line { about, label, text });
                }
                Command::Farewell { id, label, text, again } => {
                    self.last_words(id, now);
                    self.notices.push_back(Pending::Farewell { id, label, text, again });
                }
                Command::Widen(width) => self.widen(width),
                Command::Forget(place) => self.notices.push_back(Pending::Forget(place)),
                Command::Flush(done) => self.flushes.push(done),
                Command::Finish => self.finish(now),
            }
        }
    }

    fn member(&self, id: Id) -> Option<&Member> {
        self.members.get(self.by_id.get(&id)?)
    }

    fn attach(&mut self, stream: Stream) {
        let number = self.next;
        self.next += 1;
        let name = self.painter.name(&stream.label);
        self.archive.begin(stream.id, &stream.label);
        self.by_id.insert(stream.id, number);
        let member = Member::new(stream, name);
        for (side, half) in member.halves.iter().enumerate() {
            if let Some(half) = half {
                let event = EpollEvent::new(EpollFlags::EPOLLIN, number * 2 + side as u64);
                if let Err(errno) = self.epoll.add(&half.fd, event) {
                    log::error!("a stream cannot be watched: {errno}");
                }
            }
        }
        self.members.insert(number, member);
    }

    fn widen(&mut self, width: usize) {
        if self.painter.widen(width) {
            for member in self.members.values_mut() {
                member.name = self.painter.again(&member.name);
            }
        }
    }

    /// Its process has ended: what is there is read at once, the notice waits its turn.
    /// Once for each; one who still waits for his start to be told has his later.
    fn last_words(&mut self, id: Id, now: Instant) {
        let Some(&number) = self.by_id.get(&id) else { return };
        match self.members.get_mut(&number) {
            Some(member) if member.leaving.is_none() => member.leave(now),
            _ => return,
        }
        for side in 0..2 {
            for _ in 0..LAST_READS {
                if !self.take(number, side, now) {
                    break;
                }
            }
        }
    }

    /// Before silence is believed: what came while we did not look begins it anew.
    fn listen_again(&mut self, id: Id, now: Instant) {
        let Some(&number) = self.by_id.get(&id) else { return };
        if self.members.get(&number).is_some_and(|member| member.is_dry(now)) {
            self.take(number, 0, now);
            self.take(number, 1, now);
        }
    }

    /// Whatever has no farewell yet gets one now.
    fn finish(&mut self, now: Instant) {
        self.finishing = true;
        let left: Vec<Id> = self.by_id.keys().copied().collect();
        for id in left {
            self.last_words(id, now);
            self.notices.push_back(Pending::Farewell { id, label: String::new(), text: None, again: 0 });
        }
    }

    /// Reads a stream once. False when there was nothing.
    fn take(&mut self, number: u64, side: usize, now: Instant) -> bool {
        let Some(member) = self.members.get_mut(&number) else { return false };
        let Some(half) = &mut member.halves[side] else { return false };
        let Self { painter, batch, terminal, buffer, sink, archive, report, .. } = self;
        let shown = !member.hidden && !sink.reader_left();
        let (id, watchers) = (member.id, &mut member.watchers);
        let emit = |piece: Piece<'_>| {
            if !watchers.is_empty() {
                look(watchers, id, piece, report.as_ref());
            }
            if shown {
                show(painter, &member.name, piece, *terminal, batch);
            }
        };
        let more = match half.read(buffer) {
            Taken::Nothing => return false,
            Taken::Bytes(count) => {
                archive.wrote(member.id, half.origin, &buffer[..count]);
                if !member.hidden && !shown {
                    sink.lose(count);
                }
                half.feed(&buffer[..count], now, emit);
                member.spoke(now);
                true
            }
            Taken::End => {
                flush(half, member.id, archive, emit);
                let _ = self.epoll.delete(&half.fd);
                member.halves[side] = None;
                false
            }
        };
        if batch.len() >= BATCH {
            sink.write(batch);
        }
        more
    }

    /// Unfinished lines that have been silent for long enough come out. Time in which we did not look is
    /// no silence, so the stream is read once more before.
    fn serve_silence(&mut self, now: Instant) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let silent: Vec<(u64, usize)> = self
            .members
            .iter()
            .flat_map(|(&number, member)| {
                member.halves.iter().enumerate().map(move |(side, half)| (number, side, half))
            })
            .filter(|(_, _, half)| half.as_ref().is_some_and(|half| due(half.flush_at)))
            .map(|(number, side, _)| (number, side))
            .collect();
        for (number, side) in silent {
            if !self.take(number, side, now) {
                self.flush(number, side);
            }
        }
    }

    fn flush(&mut self, number: u64, side: usize) {
        let Self { members, painter, batch, terminal, archive, .. } = self;
        let Some(member) = members.get_mut(&number) else { return };
        if let Some(half) = &mut member.halves[side] {
            flush(half, member.id, archive, |piece| {
                if !member.hidden {
                    show(painter, &member.name, piece, *terminal, batch);
                }
            });
        }
    }

    /// Shows notices in their order, as far as nobody's last words are awaited.
    fn show_notices(&mut self, now: Instant) {
        while let Some(pending) = self.notices.pop_front() {
            let (about, label, text, again) = match pending {
                Pending::Line { about, label, text } => {
                    (about.map(|id| (id, Origin::Notice)), label, Some(text), 0)
                }
                Pending::Attach(stream) => {
                    self.attach(stream);
                    continue;
                }
                Pending::Forget(place) => {
                    self.archive.forget(place);
                    continue;
                }
                Pending::Farewell { id, label, text, again } => {
                    self.last_words(id, now);
                    self.listen_again(id, now);
                    if self.member(id).is_some_and(|member| !member.is_dry(now)) {
                        self.notices.push_front(Pending::Farewell { id, label, text, again });
                        return;
                    }
                    self.close(id);
                    (Some((id, Origin::Farewell)), label, text, again)
                }
            };
            if let Some(text) = text {
                if let Some((id, origin)) = about {
                    // It may be the first that is heard of it.
                    self.archive.begin(id, &label);
                    self.archive.wrote(id, origin, text.as_bytes());
                }
                let name = self.painter.name(&label);
                // Our own words may repeat a child's or a file's: they get the same care.
                let piece = Piece { bytes: text.as_bytes(), continues: false };
                show(&self.painter, &name, piece, true, &mut self.batch);
                if let Some((id, _)) = about.filter(|_| again > 0) {
                    self.show_again(id, &name, again);
                }
            }
        }
    }

    /// The last lines of a life once more: they may have been written long ago, among those of others.
    fn show_again(&mut self, id: Id, name: &Name, lines: usize) {
        let lives = self.archive.last_words((id.kind, id.index), lines);
        let Some((_, words)) = lives.into_iter().find(|(life, words)| *life == id && !words.is_empty())
        else {
            return;
        };
        let said = [b"it said last:".to_vec()]
            .into_iter()
            .chain(words.into_iter().map(|line| [b"  ", &line[..]].concat()));
        for line in said {
            let piece = Piece { bytes: &line, continues: false };
            show(&self.painter, name, piece, true, &mut self.batch);
        }
    }

    /// Lets go of a process: what it left unfinished comes out, its streams are closed.
    fn close(&mut self, id: Id) {
        let number = self.by_id.remove(&id);
        let Some(mut member) = number.and_then(|number| self.members.remove(&number)) else { return };
        let Self { painter, batch, terminal, archive, .. } = self;
        for half in &mut member.halves {
            let Some(mut half) = half.take() else { continue };
            flush(&mut half, id, archive, |piece| {
                if !member.hidden {
                    show(painter, &member.name, piece, *terminal, batch);
                }
            });
            let _ = self.epoll.delete(&half.fd);
        }
    }
}

/// Shows a line to those who look for one; who has seen his is told of and looks no more.
fn look(watchers: &mut Vec<Watcher>, id: Id, piece: Piece<'_>, report: &dyn Fn(Report)) {
    watchers.retain_mut(|watcher| {
        let seen = (watcher.sees)(piece.bytes);
        if seen {
            report(Report::Seen { id, tier: watcher.tier });
        }
        !seen
    });
}

/// What is unfinished of a stream comes out, and the archive knows when.
fn flush(half: &mut Half, id: Id, archive: &Archive, emit: impl FnMut(Piece<'_>)) {
    if half.splitter.is_partial() {
        archive.flushed(id, half.origin);
    }
    half.flush(emit);
}

/// Adds a line to a batch.
pub fn show(painter: &Painter, name: &Name, piece: Piece<'_>, safely: bool, batch: &mut Vec<u8>) {
    painter.prefix(name, piece.continues, batch);
    if safely {
        screen::show(piece.bytes, batch);
    } else {
        batch.extend_from_slice(piece.bytes);
    }
    batch.push(b'\n');
}
