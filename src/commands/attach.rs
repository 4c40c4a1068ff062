//! `attach`: our terminal becomes a process's. Ctrl-] leaves.

use super::{Answer, talk_now, write_now};
use crate::cli::AttachArgs;
use crate::control::client::{Client, Frames};
use crate::control::frame::Frame;
use crate::control::protocol::Ask;
use crate::error::{Error, Exit};
use crate::sys::terminal::{self, Raw};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ctrl-]: leaves.
const LEAVE: u8 = 0x1d;

pub fn attach(mut client: Client, args: &AttachArgs) -> Result<Answer, Error> {
    let (rows, cols) = size();
    let answer = client.ask(Ask::Attach { name: args.name.clone(), rows, cols })?;
    let name = answer["name"].as_str().unwrap_or(&args.name).to_owned();
    let keyboard = io::stdin().is_terminal();
    if keyboard {
        let how = if answer["pty"] == true { "" } else { "; it has no terminal, so lines are sent whole" };
        talk_now(format!("attached to {name}, Ctrl-] leaves{how}\n").as_bytes());
    }
    let lost = |cause| Error::Lost { cause };
    client.be_patient()?;
    let signals = Signals::catch().map_err(lost)?;
    let raw = if keyboard && answer["pty"] == true { Raw::enter().map_err(lost)? } else { None };
    let end = converse(&mut client.into_frames(), signals, raw.is_some());
    drop(raw);
    let end = end.map_err(lost)?;
    if keyboard {
        talk_now(format!("\n{}\n", end.sentence(&name)).as_bytes());
    }
    Ok(Answer::ends(end.exit()))
}

/// Why it is over.
enum End {
    /// We left.
    Left,
    /// A signal ended us.
    Signalled(i32),
    /// The other side ended it, and why.
    Told(String),
}

impl End {
    fn sentence(&self, name: &str) -> String {
        match self {
            Self::Left | Self::Signalled(_) => format!("left {name}; it runs on"),
            Self::Told(why) => why.clone(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Left | Self::Told(_) => Exit::Done,
            Self::Signalled(signal) => Exit::Of(128 + *signal as u8),
        }
    }
}

/// Signals as something that can be polled: each is a byte.
struct Signals {
    read: UnixStream,
    /// Those that end us, and whether they came.
    ends: [(i32, Arc<AtomicBool>); 4],
}

impl Signals {
    fn catch() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        read.set_nonblocking(true)?;
        let ends = [SIGTERM, SIGHUP, SIGINT, SIGQUIT].map(|signal| (signal, Arc::default()));
        // Before the byte that tells of it.
        for (signal, came) in &ends {
            signal_hook::flag::register(*signal, Arc::clone(came))?;
        }
        for signal in [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
        }
        Ok(Self { read, ends })
    }

    /// The one that ended us.
    fn end(&self) -> Option<i32> {
        self.ends.iter().find(|(_, came)| came.load(Ordering::Relaxed)).map(|(signal, _)| *signal)
    }
}

fn converse(frames: &mut Frames, signals: Signals, raw: bool) -> io::Result<End> {
    let mut input = Some(io::stdin());
    let (mut window, mut chunk) = (size(), [0; 4096]);
    loop {
        while let Some(frame) = frames.take()? {
            match frame {
                Frame::Output(bytes) => {
                    if !write_now(&bytes) {
                        return Ok(End::Left);
                    }
                }
                Frame::End(why) => return Ok(End::Told(why)),
                Frame::Keys(_) | Frame::Size { .. } => {}
            }
        }
        let mut ready = vec![
            PollFd::new(frames.stream.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.read.as_fd(), PollFlags::POLLIN),
        ];
        if let Some(input) = &input {
            ready.push(PollFd::new(input.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut ready, PollTimeout::NONE) {
            Err(Errno::EINTR) | Ok(_) => {}
            Err(errno) => return Err(errno.into()),
        }
        let is_ready = |at: usize| ready.get(at).is_some_and(|fd| fd.any().unwrap_or(false));
        let (from_formation, from_signals, from_input) = (is_ready(0), is_ready(1), is_ready(2));
        if from_signals {
            let _ = (&signals.read).read(&mut chunk);
            if let Some(signal) = signals.end() {
                return Ok(End::Signalled(signal));
            }
            if window != size() {
                window = size();
                frames.send(&Frame::Size { rows: window.0, cols: window.1 })?;
            }
        }
        if from_input && let Some(stdin) = &input {
            // Straight from the descriptor: what a buffer held back would wait until more is typed.
            let count = match nix::unistd::read(stdin, &mut chunk) {
                Ok(count) => count,
                Err(Errno::EINTR | Errno::EAGAIN) => continue,
                Err(errno) => return Err(errno.into()),
            };
            let typed = &chunk[..count];
            let (keys, leaves) = match typed.iter().position(|byte| *byte == LEAVE) {
                Some(at) => (&typed[..at], true),
                None => (typed, count == 0 && raw),
            };
            if !keys.is_empty() {
                frames.send(&Frame::Keys(keys.to_vec()))?;
            }
            if leaves {
                return Ok(End::Left);
            }
            if count == 0 {
                input = None;
            }
        }
        if from_formation && !frames.receive()? {
            return Ok(End::Told("the formation has ended".into()));
        }
    }
}

fn size() -> (u16, u16) {
    terminal::size(io::stdout().as_fd()).unwrap_or((24, 80))
}
