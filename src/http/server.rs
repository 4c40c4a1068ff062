//! Connections: at most so many, each with its deadlines, none that the others wait for.
//!
//! Parsing is hyper's, and so is the refusal of what could be read in two ways. Nothing here knows what
//! is asked.

use super::answer::Desk;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::io;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

/// How large the lines before a body may be together.
const HEADER_BYTES: usize = 16 * 1024;
/// How long what has been asked may take to be answered when a connection is to end.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long to leave the listener alone when the system has no connection to give.
const BREATH: Duration = Duration::from_millis(100);
/// How often the driver's loop is asked to turn.
const BEAT: Duration = Duration::from_secs(1);

/// What a client may take from us.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections there may be; who comes later waits in the listener's queue.
    pub connections: usize,
    /// How long a client may take for the lines before a body. It counts from the last answer on, so it
    /// also ends an idle connection.
    pub header: Duration,
    /// How long a connection may last, whatever its client does; also what ends one who does not read.
    pub life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 64, header: Duration::from_secs(5), life: Duration::from_mins(1) }
    }
}

/// What can happen.
enum Next {
    /// It is over.
    Stop,
    /// A connection has ended.
    Ended(Result<(), JoinError>),
    /// A second has passed.
    Tick,
    /// Somebody has come.
    Came(io::Result<TcpStream>),
}

/// Answers until `stop` says so, and then a little longer, for those who have asked.
pub async fn serve(listener: TcpListener, desk: Desk, limits: Limits, stop: watch::Receiver<bool>) {
    let desk = Arc::new(desk);
    let mut stopped = pin!(told(stop.clone()));
    let mut connections = JoinSet::new();
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        match poll_fn(|task| {
            let listener = (connections.len() < limits.connections).then_some(&listener);
            next(task, stopped.as_mut(), &mut connections, &mut beat, listener)
        })
        .await
        {
            Next::Stop => break,
            Next::Ended(end) => notice(end),
            Next::Tick => desk.board.ask(),
            Next::Came(Ok(stream)) => {
                connections.spawn(connection(stream, Arc::clone(&desk), limits, stop.clone()));
            }
            Next::Came(Err(error)) => {
                log::debug!("no connection: {error}");
                sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    let rest = async {
        while let Some(end) = connections.join_next().await {
            notice(end);
        }
    };
    let _ = timeout(LAST_WORDS * 2, rest).await;
}

fn next(
    task: &mut Context<'_>,
    stopped: Pin<&mut impl Future>,
    connections: &mut JoinSet<()>,
    beat: &mut Interval,
    listener: Option<&TcpListener>,
) -> Poll<Next> {
    if stopped.poll(task).is_ready() {
        return Poll::Ready(Next::Stop);
    }
    if let Poll::Ready(Some(end)) = connections.poll_join_next(task) {
        return Poll::Ready(Next::Ended(end));
    }
    if beat.poll_tick(task).is_ready() {
        return Poll::Ready(Next::Tick);
    }
    // Without room for one more, an end wakes us.
    let Some(listener) = listener else { return Poll::Pending };
    listener.poll_accept(task).map(|came| Next::Came(came.map(|(stream, _)| stream)))
}

/// A panic over one request is a fault of ours, and not to be hidden in its task.
fn notice(end: Result<(), JoinError>) {
    if let Some(panic) = end.err().and_then(|error| error.try_into_panic().ok()) {
        resume_unwind(panic);
    }
}

/// Until the end is told, or nobody is left who could tell it.
async fn told(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection(stream: TcpStream, desk: Arc<Desk>, limits: Limits, stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        // The body goes unread with the rest.
        ready(Ok::<_, Infallible>(desk.answer(&request.into_parts().0)))
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    let mut end = pin!(timeout(limits.life, told(stop)));
    let ended = poll_fn(|task| match served.as_mut().poll(task) {
        Poll::Ready(ended) => Poll::Ready(Some(ended)),
        Poll::Pending => end.as_mut().poll(task).map(|_| None),
    });
    let ended = match ended.await {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            timeout(LAST_WORDS, served).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        log::debug!("a connection ended: {error}");
    }
}
