//! The other side: connects to the formation of an app's folder, asks, and reads what is answered.

use super::frame::Frame;
use super::place;
use super::protocol::{self, Ask, Hello, Kind, Refused, Reply, Request};
use crate::error::Error;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a formation may take to greet and to answer. It answers in milliseconds, or it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a running formation.
pub struct Client {
    stream: BufReader<UnixStream>,
    socket: PathBuf,
    asked: u64,
}

impl Client {
    /// Connects to the formation of the app in `root`, or to the one at `socket`.
    pub fn connect(root: &Path, socket: Option<&Path>) -> Result<Self, Error> {
        let sockets = socket.map_or_else(|| place::sockets(root), |socket| vec![socket.to_owned()]);
        let mut refusal = None;
        for socket in sockets {
            match UnixStream::connect(&socket) {
                Ok(stream) => return Self::greet(stream, socket),
                Err(error) if is_nobody(&error) => {}
                Err(error) => refusal = Some(Error::Unreachable { path: socket, cause: error }),
            }
        }
        Err(refusal.unwrap_or_else(|| Error::NotRunning { root: root.to_owned() }))
    }

    fn greet(stream: UnixStream, socket: PathBuf) -> Result<Self, Error> {
        let lost = |cause| Error::Lost { cause };
        stream.set_read_timeout(Some(PATIENCE)).map_err(lost)?;
        let mut client = Self { stream: BufReader::new(stream), socket, asked: 0 };
        let hello = client.value()?.ok_or_else(|| lost(io::ErrorKind::UnexpectedEof.into()))?;
        let hello: Hello = serde_json::from_value(hello).map_err(|error| lost(error.into()))?;
        if hello.protocol == protocol::VERSION {
            Ok(client)
        } else {
            Err(Error::OtherVersion { theirs: hello.twelve_run })
        }
    }

    /// The socket that it is connected to.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, ask: Ask) -> Result<Value, Error> {
        self.try_ask(ask)?.map_err(Error::Refused)
    }

    /// The same, where a refusal is an answer like any other.
    pub fn try_ask(&mut self, ask: Ask) -> Result<Result<Value, Refused>, Error> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.ask_once(ask.clone())? {
                // It was not heard, as there were too many of us.
                Err(refused) if refused.kind == Kind::Crowded && Instant::now() < until => {
                    let again = UnixStream::connect(&self.socket).map_err(|cause| Error::Lost { cause })?;
                    *self = Self::greet(again, self.socket.clone())?;
                }
                outcome => return Ok(outcome),
            }
        }
    }

    fn ask_once(&mut self, ask: Ask) -> Result<Result<Value, Refused>, Error> {
        self.asked += 1;
        let request = Request { protocol: protocol::VERSION, id: self.asked, ask };
        // A formation that cannot read it any more may have said why.
        let sent = self.stream.get_mut().write_all(&protocol::line(&request));
        let lost = |cause| Error::Lost { cause };
        let Some(value) = self.value()? else {
            return Err(lost(sent.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())));
        };
        let reply: Reply = serde_json::from_value(value).map_err(|error| lost(error.into()))?;
        match (reply.ok, reply.error) {
            (Some(ok), _) => Ok(Ok(ok)),
            (None, Some(error)) => Ok(Err(error)),
            (None, None) => Err(lost(io::ErrorKind::InvalidData.into())),
        }
    }

    /// From now on waits as long as it takes, for those who follow something.
    pub fn be_patient(&self) -> Result<(), Error> {
        self.stream.get_ref().set_read_timeout(None).map_err(|cause| Error::Lost { cause })
    }

    /// Waits at most so long for the next record.
    pub fn wait_at_most(&self, time: Duration) -> Result<(), Error> {
        let time = time.max(Duration::from_millis(1));
        self.stream.get_ref().set_read_timeout(Some(time)).map_err(|cause| Error::Lost { cause })
    }

    /// The next record of what is followed; `None` at its end.
    pub fn value(&mut self) -> Result<Option<Value>, Error> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line) {
            Ok(0) => Ok(None),
            Ok(_) => {
                serde_json::from_slice(&line).map(Some).map_err(|error| Error::Lost { cause: error.into() })
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
            Err(cause) => Err(Error::Lost { cause }),
        }
    }

    /// Goes over to frames, after an `attach` was answered.
    pub fn into_frames(self) -> Frames {
        let received = self.stream.buffer().to_vec();
        Frames { stream: self.stream.into_inner(), received }
    }
}

/// Whether an error of connecting says that nobody listens.
fn is_nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory
    )
}

/// A connection that speaks in frames.
pub struct Frames {
    /// The connection, to be polled.
    pub stream: UnixStream,
    received: Vec<u8>,
}

impl Frames {
    /// Sends one.
    pub fn send(&mut self, frame: &Frame) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        self.stream.write_all(&bytes)
    }

    /// One that has been received already.
    pub fn take(&mut self) -> io::Result<Option<Frame>> {
        let read = Frame::read(&self.received).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let Some((frame, length)) = read else { return Ok(None) };
        self.received.drain(..length);
        Ok(Some(frame))
    }

    /// Reads once; false at the end.
    pub fn receive(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        self.received.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }
}
