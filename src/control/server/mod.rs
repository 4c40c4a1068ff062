//! The thread that listens at the control socket.
//!
//! It knows connections and words. A request is read whole, handed to the driver, and answered by it;
//! until then its connection waits. Nothing that a client does or leaves undone keeps anybody else
//! waiting: what is slow, silent, too large or no request is closed, and who reads too slowly is cut off.
//! This file lets people in and out and hears them; [`answers`] says what the driver has to say.

mod answers;

use super::connection::{Connection, PATIENCE};
use super::door::Door;
use super::frame::{self, Frame};
use super::protocol::{self, Ask, Hello, Kind, Refused};
use super::{Question, Room, Ticket, tell};
use crate::output::tap::Tap;
use crate::sys::processes::Keyboard;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

/// Connections at a time.
const CONNECTIONS: usize = 32;
/// Keys of epoll; connections count on from there, and a keyboard has its connection's with this bit.
const KEYBOARD: u64 = 1 << 63;
const WAKE: u64 = 0;
const LISTENER: u64 = 1;
const FOLDER: u64 = 2;
const FIRST: u64 = 3;
/// When there is no file descriptor to accept with, nobody is accepted for so long.
const PAUSE: Duration = Duration::from_millis(100);
/// How long somebody may be silent before he makes room for another.
const SILENCE: Duration = Duration::from_millis(20);

/// A connection, and what it is about.
struct Client {
    connection: Connection,
    doing: Doing,
    /// What epoll watches.
    watched: EpollFlags,
}

impl Client {
    /// Whether it waits for no answer and follows nothing.
    fn is_idle(&self) -> bool {
        matches!(self.doing, Doing::Listening)
    }

    /// Whether it is told something for as long as it is there.
    fn follows(&self) -> bool {
        match self.doing {
            Doing::Following(_) | Doing::Watching | Doing::Attached { .. } => true,
            Doing::Listening | Doing::Waiting(_) => false,
        }
    }

    /// Since when it is idle, if it is.
    fn silent_since(&self) -> Option<Instant> {
        self.connection.deadline.and_then(|deadline| deadline.checked_sub(PATIENCE))
    }
}

enum Doing {
    /// A request may come.
    Listening,
    /// The driver has its request.
    Waiting(u64),
    /// It is told what is written.
    Following(Tap),
    /// It is told what happens.
    Watching,
    /// It is somebody's terminal.
    Attached { keyboard: Keyboard, tap: Tap },
}

pub struct Server<F> {
    room: Room,
    door: Door,
    epoll: Epoll,
    clients: BTreeMap<u64, Client>,
    next: u64,
    /// Whether new connections are looked at, and when again if not.
    accepting: bool,
    pause_until: Option<Instant>,
    ask: F,
    /// Nobody is served any more from then on.
    ending: Option<Instant>,
}

impl<F: Fn(Question)> Server<F> {
    pub fn new(room: Room, door: Door, ask: F) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*room.wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        if let Some(watch) = door.watch() {
            epoll.add(watch, EpollEvent::new(EpollFlags::EPOLLIN, FOLDER))?;
        }
        let mut server = Self {
            room,
            door,
            epoll,
            clients: BTreeMap::new(),
            next: FIRST,
            accepting: false,
            pause_until: None,
            ask,
            ending: None,
        };
        server.listen_as_there_is_room();
        Ok(server)
    }

    pub fn run(mut self) {
        let mut events = [EpollEvent::empty(); 64];
        while self.ending.is_none_or(|until| until > Instant::now() && !self.clients.is_empty()) {
            let ready = self.epoll.wait(&mut events, self.timeout()).unwrap_or(0);
            let now = Instant::now();
            for event in &events[..ready] {
                match event.data() {
                    WAKE => drop(self.room.wake.read()),
                    LISTENER => self.accept(now),
                    FOLDER => self.look_at_the_door(),
                    key => {
                        self.hear(key & !KEYBOARD, now);
                        // A keyboard's end is its process's, which is told elsewhere.
                        if key & KEYBOARD == 0 && event.events().contains(EpollFlags::EPOLLHUP) {
                            self.hung_up(key);
                        }
                    }
                }
            }
            self.obey(now);
            self.serve_taps(now);
            self.close_late(now);
            self.listen_as_there_is_room();
        }
        self.door.close();
    }

    /// Until the next deadline; for ever when there is none.
    fn timeout(&self) -> EpollTimeout {
        let deadlines = self.clients.values().filter_map(|client| client.connection.deadline);
        let own = [self.pause_until, self.ending].into_iter().flatten();
        let Some(at) = deadlines.chain(own).min() else { return EpollTimeout::NONE };
        let rest = at.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
        EpollTimeout::try_from(u32::try_from(rest).unwrap_or(u32::MAX)).unwrap_or(EpollTimeout::MAX)
    }
}

/// Coming and going.
impl<F: Fn(Question)> Server<F> {
    fn accept(&mut self, now: Instant) {
        while self.clients.len() < CONNECTIONS || self.evict(now) {
            match self.door.accept() {
                Ok(Some(socket)) => {
                    if let Some(connection) = Connection::accept(socket, now) {
                        self.welcome(connection);
                    }
                }
                Ok(None) => return,
                // No file descriptor, not even the one that was kept for this.
                Err(error) => {
                    log::warn!("nobody can be let in: {error}");
                    self.pause_until = Some(now + PAUSE);
                    return;
                }
            }
        }
    }

    fn welcome(&mut self, mut connection: Connection) {
        let key = self.next;
        self.next += 1;
        let watched = EpollFlags::EPOLLIN;
        if self.epoll.add(connection.fd(), EpollEvent::new(watched, key)).is_err() {
            return;
        }
        connection.send(&protocol::line(&Hello {
            twelve_run: env!("CARGO_PKG_VERSION").into(),
            protocol: protocol::VERSION,
            pid: self.room.pid,
        }));
        self.clients.insert(key, Client { connection, doing: Doing::Listening, watched });
    }

    /// Makes room by the one who has been silent for longest, waits for no answer and follows nothing; he
    /// is told. False when there is none yet.
    fn evict(&mut self, now: Instant) -> bool {
        loop {
            let idle = self.clients.iter().filter(|(_, client)| client.is_idle());
            let longest = idle
                .min_by_key(|(_, client)| (client.connection.wants_to_write(), client.connection.deadline));
            let Some((key, since)) = longest.map(|(key, client)| (*key, client.silent_since())) else {
                return false;
            };
            let until = since.map_or(now, |since| since + SILENCE);
            if until > now {
                self.pause_until = Some(until);
                return false;
            }
            // What he asks may have come by now.
            self.hear(key, now);
            if let Some(client) = self.clients.get_mut(&key).filter(|client| client.is_idle()) {
                let refused = Refused::new(Kind::Crowded, "there are too many connections");
                client.connection.refuse(0, refused.help("ask again"), now);
                self.remove(key);
                return true;
            }
        }
    }

    fn remove(&mut self, key: u64) {
        let Some(client) = self.clients.remove(&key) else { return };
        let _ = self.epoll.delete(client.connection.fd());
        match client.doing {
            Doing::Watching => self.room.watchers_left(1),
            Doing::Listening | Doing::Waiting(_) | Doing::Following(_) | Doing::Attached { .. } => {}
        }
    }

    /// Listens while there is room; the others wait in the kernel's queue.
    fn listen_as_there_is_room(&mut self) {
        if self.pause_until.is_some_and(|until| until <= Instant::now()) {
            self.pause_until = None;
        }
        let idle = self.clients.values().any(Client::is_idle);
        let room = self.clients.len() < CONNECTIONS || idle;
        let wanted = room && self.pause_until.is_none() && self.ending.is_none();
        let Some(listener) = self.door.listener().filter(|_| wanted != self.accepting) else { return };
        let event = EpollEvent::new(EpollFlags::EPOLLIN, LISTENER);
        let changed = if wanted { self.epoll.add(listener, event) } else { self.epoll.delete(listener) };
        if changed.is_ok() {
            self.accepting = wanted;
        }
    }

    /// Somebody has changed the folder; the socket is made again if it is gone.
    fn look_at_the_door(&mut self) {
        if self.door.is_whole() {
            return;
        }
        if let Some(listener) = self.door.listener().filter(|_| self.accepting) {
            let _ = self.epoll.delete(listener);
        }
        self.accepting = false;
        match self.door.restore() {
            Ok(()) => {
                if let Some(watch) = self.door.watch() {
                    let _ = self.epoll.add(watch, EpollEvent::new(EpollFlags::EPOLLIN, FOLDER));
                }
                tell("the control socket was removed, and is made again");
            }
            Err(error) => tell(&format!(
                "the control socket was removed and cannot be made again: {error}; `ps` and the like reach nobody"
            )),
        }
    }

    /// Who took too long.
    fn close_late(&mut self, now: Instant) {
        let late = |client: &Client| {
            client.connection.gone || client.connection.deadline.is_some_and(|at| at <= now)
        };
        let keys: Vec<u64> =
            self.clients.iter().filter(|(_, client)| late(client)).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(Client { connection, .. }) = self.clients.get_mut(&key)
                && !connection.gone
                && !connection.is_closing()
            {
                connection.refuse(0, Refused::new(Kind::TooSlow, "a request is complete within 2 s"), now);
            }
            if self.clients.get(&key).is_some_and(late) {
                self.remove(key);
            } else {
                self.watch(key);
            }
        }
    }

    /// Keeps epoll in step with what a connection waits for.
    fn watch(&mut self, key: u64) {
        let Some(client) = self.clients.get_mut(&key) else { return };
        if client.connection.is_deaf() && client.follows() {
            client.connection.gone = true;
        }
        let mut wanted = EpollFlags::EPOLLIN;
        let full = match &client.doing {
            Doing::Attached { keyboard, .. } => {
                let event = EpollEvent::new(EpollFlags::EPOLLOUT, key | KEYBOARD);
                let (fd, full) = (keyboard.fd(), keyboard.is_full());
                // Watched only while it is full; being watched already, or not, is no failure.
                let _ = if full { self.epoll.add(fd, event) } else { self.epoll.delete(fd) };
                full
            }
            Doing::Listening | Doing::Waiting(_) | Doing::Following(_) | Doing::Watching => false,
        };
        let connection = &client.connection;
        let unread = matches!(client.doing, Doing::Listening) && connection.wants_to_write();
        if full
            || unread
            || matches!(client.doing, Doing::Waiting(_))
            || connection.is_closing()
            || connection.has_ended()
        {
            // What it says meanwhile waits in the kernel. That it has gone is told all the same, but once.
            wanted = EpollFlags::EPOLLET;
        }
        if client.connection.wants_to_write() {
            wanted |= EpollFlags::EPOLLOUT;
        }
        if wanted != client.watched {
            let mut event = EpollEvent::new(wanted, key);
            if self.epoll.modify(client.connection.fd(), &mut event).is_ok() {
                client.watched = wanted;
            }
        }
    }
}

/// What clients say.
impl<F: Fn(Question)> Server<F> {
    fn hear(&mut self, key: u64, now: Instant) {
        let Some(client) = self.clients.get_mut(&key) else { return };
        client.connection.flush();
        match &mut client.doing {
            // Who does not take his answer is not heard.
            Doing::Listening if client.connection.wants_to_write() => {}
            Doing::Listening => {
                client.connection.receive(protocol::LONGEST);
                self.read_request(key, now);
            }
            Doing::Attached { keyboard, .. } => {
                keyboard.flush();
                client.connection.receive(2 * frame::LONGEST);
                self.read_frames(key, now);
            }
            // Nothing that it could say now has a meaning; more of it would only fill us.
            Doing::Following(_) | Doing::Watching => {
                client.connection.receive(protocol::LONGEST);
                client.connection.received().clear();
            }
            // A client may go as soon as it has asked: what it asked for is done all the same.
            Doing::Waiting(_) => {}
        }
        self.watch(key);
    }

    /// Whoever is not there any more follows nothing, and nobody waits for him.
    fn hung_up(&mut self, key: u64) {
        if let Some(client) = self.clients.get_mut(&key).filter(|client| client.follows()) {
            client.connection.gone = true;
        }
    }

    /// The next request of a connection that has none.
    fn read_request(&mut self, key: u64, now: Instant) {
        let Some(Client { connection, doing, .. }) = self.clients.get_mut(&key) else { return };
        if connection.is_closing() {
            return;
        }
        let line = match connection.line() {
            Ok(Some(line)) => line,
            Ok(None) if connection.has_ended() => return connection.close(now),
            Ok(None) => return,
            Err(refused) => return connection.refuse(0, refused, now),
        };
        let request = match protocol::read(&line) {
            Ok(request) => request,
            Err(refused) => return connection.refuse(0, refused, now),
        };
        *doing = Doing::Waiting(request.id);
        connection.deadline = None;
        let who = match connection.pid {
            0 => verb(&request.ask).to_owned(),
            pid => format!("{} (pid {pid})", verb(&request.ask)),
        };
        (self.ask)(Question { ticket: Ticket { client: key, request: request.id }, who, ask: request.ask });
    }

    fn read_frames(&mut self, key: u64, now: Instant) {
        let Some(Client { connection, doing: Doing::Attached { keyboard, .. }, .. }) =
            self.clients.get_mut(&key)
        else {
            return;
        };
        // What finds no room in the process's ear waits with whoever types.
        while !keyboard.is_full() {
            match Frame::read(connection.received()) {
                Ok(Some((frame, length))) => {
                    connection.received().drain(..length);
                    match frame {
                        Frame::Keys(bytes) => keyboard.type_in(&bytes),
                        Frame::Size { rows, cols } => keyboard.resize(rows, cols),
                        Frame::Output(_) | Frame::End(_) => {}
                    }
                }
                Ok(None) => return,
                Err(frame::Broken) => {
                    let mut last = Vec::new();
                    Frame::End("what came was no frame".into()).write(&mut last);
                    connection.send(&last);
                    return connection.close(now);
                }
            }
        }
    }
}

fn verb(ask: &Ask) -> &'static str {
    match ask {
        Ask::Ps { .. } => "ps",
        Ask::Why { .. } => "why",
        Ask::Scale { .. } => "scale",
        Ask::Restart { .. } => "restart",
        Ask::Roll { .. } => "restart --rolling",
        Ask::Reload { .. } => "reload",
        Ask::Stop { .. } => "stop",
        Ask::Signal { .. } => "signal",
        Ask::Down { .. } => "down",
        Ask::Logs { .. } => "logs",
        Ask::Events {} => "events",
        Ask::Attach { .. } => "attach",
    }
}
