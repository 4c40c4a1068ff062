//! Servers: just enough of one for a probe, on the port in `$PORT`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Answers every request with the status that the file `status` holds at that moment, 200 without one.
/// Witnesses `serving` and every `asked` through `told`.
pub fn http(status: &str, told: impl Fn(&str)) -> std::io::Result<()> {
    let listener = listen("127.0.0.1")?;
    told("serving");
    for mut stream in listener.incoming().flatten() {
        // Who asks may leave at any time.
        if !hear(&mut stream).unwrap_or(false) {
            continue;
        }
        told("asked");
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let status = if status.trim().is_empty() { "200" } else { status.trim() };
        let _ = write!(stream, "HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    Ok(())
}

/// Takes every connection to this address, and says nothing.
pub fn tcp(address: &str, told: impl Fn(&str)) -> std::io::Result<()> {
    let listener = listen(address)?;
    told("serving");
    listener.incoming().for_each(drop);
    Ok(())
}

fn listen(address: &str) -> std::io::Result<TcpListener> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok());
    TcpListener::bind((address, port.ok_or(std::io::ErrorKind::NotFound)?))
}

/// Whether somebody asks to the end.
fn hear(stream: &mut TcpStream) -> std::io::Result<bool> {
    let (mut head, mut piece) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Ok(false),
            length => head.extend_from_slice(&piece[..length]),
        }
    }
    Ok(true)
}
