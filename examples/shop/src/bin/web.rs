//! The web process: answers HTTP on `$PORT` and turns `POST /orders` into an order.

use shop::{name, orders::Orders, say, setting, stop::Stop};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process;
use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

/// Each visitor is served under a share of it; who takes it whole waits for the last of them.
static SERVING: RwLock<()> = RwLock::new(());

fn main() -> io::Result<()> {
    let stop = Stop::on_request()?;
    let port = setting("PORT", 5000_u16);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on port {port}: {error}")))?;
    say(format_args!("listening on http://127.0.0.1:{port}/ as {}, pid {}", name(), process::id()));
    thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            thread::spawn(move || serve(visitor));
        }
    });

    stop.wait();
    say("stopping: no new visitors, the last ones are served");
    let _all_left = SERVING.write().unwrap_or_else(PoisonError::into_inner);
    say("stopped");
    Ok(())
}

fn serve(mut visitor: TcpStream) {
    let _share = SERVING.read().unwrap_or_else(PoisonError::into_inner);
    // A visitor who says nothing, or does not listen, is not waited for.
    let patience = Some(Duration::from_secs(2));
    let _ = visitor.set_read_timeout(patience).and_then(|()| visitor.set_write_timeout(patience));
    let Some(request) = first_line(&visitor) else { return };
    let (status, body) = answer(&request);
    let length = body.len();
    let sent = write!(
        visitor,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    if sent.is_ok() {
        say(format_args!("{request} -> {status}"));
    }
}

/// `GET /`: method and path. The rest of the head is read and let go, at most 8 KiB of it.
fn first_line(visitor: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(visitor.take(8192)).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let is_plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain(method) && is_plain(path)).then(|| format!("{method} {path}"))
}

fn answer(request: &str) -> (&'static str, String) {
    match (request, Orders::open()) {
        ("GET /", Ok(orders)) => {
            let shop = setting("SHOP_NAME", "The shop".to_owned());
            let waiting = orders.count().unwrap_or_default();
            (
                "200 OK",
                format!("{shop}: {} answers, pid {}, orders waiting: {waiting}\n", name(), process::id()),
            )
        }
        ("POST /orders", Ok(orders)) => match orders.put("pack an order") {
            Ok(()) => ("202 Accepted", "thank you, the worker has been told\n".to_owned()),
            Err(error) => ("503 Service Unavailable", format!("cannot take orders: {error}\n")),
        },
        (_, Err(error)) => ("503 Service Unavailable", format!("no queue: {error}\n")),
        _ => ("404 Not Found", "try GET / or POST /orders\n".to_owned()),
    }
}
