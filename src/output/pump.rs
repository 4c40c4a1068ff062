//! The thread: waits for bytes or commands, carries a batch, and delivers it before it waits again.

use super::archive::{Archive, Place};
use super::batch::Batch;
use super::life::Origin;
use super::line::Piece;
use super::silence::Silences;
use super::sink::{Sink, Tally};
use super::streams::{Member, Speaker, Taken};
use super::structured::redact::Redactor;
use super::{Command, Destination, Lines, Report, Stream, Undelivered, Words};
use crate::supervisor::Id;
use crossbeam_channel::{Receiver, Sender};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::EventFd;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// What one stream may bring in a turn; then the next has its turn (FAULTS F7).
const READ: usize = 64 * 1024;
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
    lines: Lines,
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
    let pump = Pump {
        room,
        epoll,
        batch: Batch::new(lines, sink),
        archive,
        members: BTreeMap::new(),
        by_id: HashMap::new(),
        next: 1,
        notices: VecDeque::new(),
        silences: Silences::default(),
        flushes: Vec::new(),
        buffer: vec![0; READ],
        masked: Vec::new(),
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
    Line(Words),
    /// Waits too, so that nobody speaks before his start is told.
    Attach(Stream),
    Farewell {
        id: Id,
        words: Option<Words>,
        /// How many of its last lines are shown once more.
        again: usize,
    },
    /// Waits as well, for the last words of the place.
    Forget(Place),
}

struct Pump {
    room: Room,
    epoll: Epoll,
    batch: Batch,
    archive: Archive,
    members: BTreeMap<u64, Member>,
    by_id: HashMap<Id, u64>,
    next: u64,
    notices: VecDeque<Pending>,
    silences: Silences,
    flushes: Vec<Sender<()>>,
    buffer: Vec<u8>,
    /// Masks secrets in what processes write.
    /// What was read, without secrets.
    masked: Vec<u8>,
    report: Box<dyn Fn(Report) + Send>,
    finishing: bool,
}

impl Pump {
    fn run(mut self) -> Undelivered {
        let mut events = [EpollEvent::empty(); EVENTS];
        loop {
            let ready = self.epoll.wait(&mut events, self.timeout()).unwrap_or(0);
            let now = Instant::now();
            self.batch.look_at_the_clock(now);
            let ready = &events[..ready];
            // Before the commands are taken, or one that comes in between would wake nobody.
            if ready.iter().any(|event| event.data() == WAKE) {
                let _ = self.room.wake.read();
            }
            // What was told before comes before what children say to it.
            self.obey(now);
            self.show_notices(now);
            for event in ready.iter().filter(|event| event.data() != WAKE) {
                let (number, side) = stream_of(event.data());
                self.take(number, side, now);
            }
            self.serve_silence(now);
            self.show_notices(now);
            self.batch.deliver();
            for done in self.flushes.drain(..) {
                // Who does not wait any more need not be told.
                let _ = done.send(());
            }
            if self.finishing && self.notices.is_empty() {
                let sink = &self.batch.sink;
                return Undelivered { bytes: sink.lost(), reader_left: sink.reader_left() };
            }
        }
    }

    /// Until the next moment at which silence means something.
    fn timeout(&self) -> EpollTimeout {
        // Only the notice whose turn it is waits for silence; those behind it wait for it.
        let dry = match self.notices.front() {
            Some(Pending::Farewell { id, .. }) => self.member(*id).and_then(Member::dry_at),
            Some(Pending::Line(_) | Pending::Attach(_) | Pending::Forget(_)) | None => None,
        };
        let Some(at) = self.silences.first().into_iter().chain(dry).min() else { return EpollTimeout::NONE };
        let rest = at.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
        EpollTimeout::try_from(u32::try_from(rest).unwrap_or(u32::MAX)).unwrap_or(EpollTimeout::MAX)
    }

    fn obey(&mut self, now: Instant) {
        while let Ok(command) = self.room.inbox.try_recv() {
            self.room.tally.told.fetch_sub(command.bytes() as u64, Ordering::Relaxed);
            match command {
                Command::Attach(stream) => self.notices.push_back(Pending::Attach(stream)),
                Command::Tell(words) => self.notices.push_back(Pending::Line(words)),
                Command::Farewell { id, words, again } => {
                    self.last_words(id, now);
                    self.notices.push_back(Pending::Farewell { id, words, again });
                }
                Command::Widen(width) => self.batch.painter.widen(width),
                Command::Forget(place) => self.notices.push_back(Pending::Forget(place)),
                Command::Mask(redactor) => self.mask(redactor),
                Command::Flush(done) => self.flushes.push(done),
                Command::Finish => self.finish(now),
            }
        }
    }

    /// What streams hold back stays with them: it comes out with what completes it, so one who masks stays as well,
    /// if only to let it out.
    fn mask(&mut self, redactor: Option<Arc<Redactor>>) {
        let idle = || self.batch.redactor.as_ref().and_then(|_| Redactor::new([]).ok().map(Arc::new));
        self.batch.redactor = redactor.or_else(idle);
    }

    fn member(&self, id: Id) -> Option<&Member> {
        self.members.get(self.by_id.get(&id)?)
    }

    fn attach(&mut self, stream: Stream) {
        let number = self.next;
        self.next += 1;
        self.archive.begin(stream.id, &stream.label);
        self.by_id.insert(stream.id, number);
        let voice = self.batch.voice(&stream);
        let member = Member::new(stream, voice);
        for (side, half) in member.halves.iter().enumerate() {
            if let Some(half) = half {
                let event = EpollEvent::new(EpollFlags::EPOLLIN, key_of(number, side));
                if let Err(errno) = self.epoll.add(&half.fd, event) {
                    log::error!("a stream cannot be watched: {errno}");
                }
            }
        }
        self.members.insert(number, member);
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
            self.notices.push_back(Pending::Farewell { id, words: None, again: 0 });
        }
    }

    /// Reads a stream once. False when there was nothing.
    fn take(&mut self, number: u64, side: usize, now: Instant) -> bool {
        let Some(member) = self.members.get_mut(&number) else { return false };
        let Some(half) = &mut member.halves[side] else { return false };
        match half.read(&mut self.buffer) {
            Taken::Nothing => false,
            Taken::Bytes(count) => {
                let mut bytes = &self.buffer[..count];
                if let Some(redactor) = &self.batch.redactor {
                    self.masked.clear();
                    redactor.redact(&mut half.held, bytes, &mut self.masked);
                    bytes = &self.masked;
                }
                if !bytes.is_empty() {
                    self.archive.wrote(member.speaker.id, half.origin, bytes);
                }
                let before = half.flush_at;
                half.feed(bytes, now, self.silences.len(), |piece| {
                    carry(piece, &mut member.speaker, side, &mut self.batch, self.report.as_ref());
                });
                if self.batch.waits_for_ends() {
                    half.flush_at = member.speaker.voice.held_until(side);
                }
                self.silences.moved(key_of(number, side), before, half.flush_at);
                member.spoke(now);
                true
            }
            Taken::End => {
                self.end(number, side, now);
                self.let_go(number, side);
                false
            }
        }
    }

    /// Unfinished lines that have been silent for long enough come out. Time in which we did not look is
    /// no silence, so the stream is read once more before.
    fn serve_silence(&mut self, now: Instant) {
        for key in self.silences.due(now) {
            let (number, side) = stream_of(key);
            if !self.take(number, side, now) {
                self.flush(number, side);
            }
        }
    }

    /// What is unfinished of a stream comes out, and the archive knows when.
    fn flush(&mut self, number: u64, side: usize) {
        let Some(member) = self.members.get_mut(&number) else { return };
        let Some(half) = &mut member.halves[side] else { return };
        let before = half.flush_at;
        if self.batch.waits_for_ends() {
            self.batch.let_out(&mut member.speaker.voice, side, false);
            half.flush_at = None;
        } else {
            if half.splitter.is_partial() {
                self.archive.flushed(member.speaker.id, half.origin);
            }
            half.flush(|piece| {
                carry(piece, &mut member.speaker, side, &mut self.batch, self.report.as_ref());
            });
        }
        self.silences.moved(key_of(number, side), before, half.flush_at);
    }

    /// Nothing more comes of a stream: all that was held back of it comes out.
    fn end(&mut self, number: u64, side: usize, now: Instant) {
        let Some(member) = self.members.get_mut(&number) else { return };
        let Some(half) = &mut member.halves[side] else { return };
        let before = half.flush_at;
        self.masked.clear();
        if let Some(redactor) = &self.batch.redactor {
            redactor.finish(&mut half.held, &mut self.masked);
        }
        let (id, speaker) = (member.speaker.id, &mut member.speaker);
        let whole = self.batch.waits_for_ends();
        let mut emit = |piece: Piece<'_>| {
            let piece = Piece { ends: piece.ends || whole, ..piece };
            carry(piece, speaker, side, &mut self.batch, self.report.as_ref());
        };
        if !self.masked.is_empty() {
            self.archive.wrote(id, half.origin, &self.masked);
            half.feed(&self.masked, now, 0, &mut emit);
        }
        if half.splitter.is_partial() {
            self.archive.flushed(id, half.origin);
        }
        half.flush(emit);
        self.batch.let_out(&mut member.speaker.voice, side, true);
        self.silences.moved(key_of(number, side), before, None);
    }

    /// Reads a stream no more.
    fn let_go(&mut self, number: u64, side: usize) {
        // Nobody else has its descriptor, so it leaves epoll when it is closed.
        if let Some(member) = self.members.get_mut(&number) {
            member.halves[side] = None;
        }
    }

    /// Shows notices in their order, as far as nobody's last words are awaited.
    fn show_notices(&mut self, now: Instant) {
        while let Some(pending) = self.notices.pop_front() {
            let (words, origin, again) = match pending {
                Pending::Line(words) => (Some(words), Origin::Notice, 0),
                Pending::Attach(stream) => {
                    self.attach(stream);
                    continue;
                }
                Pending::Forget(place) => {
                    self.archive.forget(place);
                    continue;
                }
                Pending::Farewell { id, mut words, again } => {
                    self.last_words(id, now);
                    self.listen_again(id, now);
                    if self.member(id).is_some_and(|member| !member.is_dry(now)) {
                        self.notices.push_front(Pending::Farewell { id, words, again });
                        return;
                    }
                    if let (Some(words), Some(member)) = (&mut words, self.member(id)) {
                        words.pid = Some(member.speaker.pid);
                    }
                    self.close(id, now);
                    (words, Origin::Farewell, again)
                }
            };
            if let Some(words) = words {
                let mut behind = Vec::new();
                if let Some(id) = words.about {
                    // It may be the first that is heard of it.
                    self.archive.begin(id, &words.label);
                    self.archive.wrote(id, origin, words.text.as_bytes());
                    if again > 0 {
                        behind = self.said_last(id, again);
                    }
                }
                self.batch.tell(&words, &behind);
            }
        }
    }

    /// The last lines of a life once more: they may have been written long ago, among those of others.
    fn said_last(&self, id: Id, lines: usize) -> Vec<Vec<u8>> {
        let lives = self.archive.last_words((id.kind, id.index), lines);
        let Some((_, words)) = lives.into_iter().find(|(life, words)| *life == id && !words.is_empty())
        else {
            return Vec::new();
        };
        let lines = words.into_iter().map(|line| [b"  ", &line[..]].concat());
        [b"it said last:".to_vec()].into_iter().chain(lines).collect()
    }

    /// Lets go of a process: what it left unfinished comes out, its streams are closed.
    fn close(&mut self, id: Id, now: Instant) {
        let Some(number) = self.by_id.remove(&id) else { return };
        for side in 0..2 {
            self.end(number, side, now);
            self.let_go(number, side);
        }
        self.members.remove(&number);
    }
}

/// The key of a stream in epoll, and among the silences.
fn key_of(number: u64, side: usize) -> u64 {
    number * 2 + side as u64
}

/// The number and the side of a key.
fn stream_of(key: u64) -> (u64, usize) {
    (key / 2, (key % 2) as usize)
}

/// Where every piece of a stream goes: who looks for a line sees it, and it becomes bytes of the batch.
#[inline]
fn carry(piece: Piece<'_>, speaker: &mut Speaker, side: usize, batch: &mut Batch, report: &dyn Fn(Report)) {
    if !speaker.watchers.is_empty() && !piece.is_mere_end() {
        look(speaker, piece, report);
    }
    if !speaker.hidden {
        batch.show(&mut speaker.voice, side, piece);
    }
}

/// Shows a line to those who look for one; who has seen his is told of and looks no more.
fn look(speaker: &mut Speaker, piece: Piece<'_>, report: &dyn Fn(Report)) {
    speaker.watchers.retain_mut(|watcher| {
        let seen = (watcher.sees)(piece.bytes);
        if seen {
            report(Report::Seen { id: speaker.id, tier: watcher.tier });
        }
        !seen
    });
}
