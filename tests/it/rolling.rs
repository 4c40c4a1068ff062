//! Rolling restarts of real servers behind a socket that we hold: nobody who asks is ever refused.

use crate::running::Running;
use crate::world::World;
use nix::sys::signal::Signal;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 4;
const LONG: Duration = Duration::from_secs(110);

const PYTHON: &str = r#"
import http.server, signal, socket, threading

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
server.daemon_threads = False
server.socket.close()
server.socket = socket.socket(fileno=3)

# Not by a handler: one that starts a thread while the server is starting one waits for itself for ever.
def stop():
    signal.sigwait([signal.SIGTERM])
    server.shutdown()

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
threading.Thread(target=stop).start()
server.serve_forever(0.05)
server.server_close()
"#;

const NODE: &str = r#"
const http = require("http");
const server = http.createServer((_, answer) => answer.end("ok"));
server.keepAliveTimeout = 1;
process.on("SIGTERM", () => server.close(() => process.exit(0)));
server.listen({ fd: 3 });
"#;

/// One request on a connection of its own; whether it was answered.
fn ask(address: SocketAddr) -> std::io::Result<bool> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    connection.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.") && answer.windows(5).any(|window| window == b" 200 "))
}

/// Asks without pause until told to stop, and counts.
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<std::thread::JoinHandle<Vec<String>>>,
}

impl Load {
    fn on(address: SocketAddr) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let clients = (0..CLIENTS).map(|_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            std::thread::spawn(move || {
                let mut failures = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    match ask(address) {
                        Ok(true) => drop(answered.fetch_add(1, Ordering::Relaxed)),
                        Ok(false) => failures.push("no answer".to_owned()),
                        Err(error) => failures.push(error.to_string()),
                    }
                }
                failures
            })
        });
        let clients = clients.collect();
        Self { stop, answered, clients }
    }

    fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let failures = self.clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
        (self.answered.load(Ordering::Relaxed), failures)
    }
}

/// Three servers, replaced again and again until enough was asked.
fn nobody_is_refused(command: &str, file: (&str, &str)) {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    let settings = format!(
        "[process.web]\ninstances = 3\nlisten = [\"{address}\"]\n[process.web.health]\nreadiness = {{ http = \"http://{address}/\", every = \"1s\" }}\n"
    );
    let world = World::new()
        .procfile(&format!("web: {command}\n"))
        .file(file.0, file.1)
        .file("twelve-run.toml", settings)
        .guard(LONG);
    let run = world.start([]);
    run.wait_for_line("web.1  | ready");
    let load = Load::on(address);
    let mut rounds = 0;
    while rounds < 2 || load.answered.load(Ordering::Relaxed) < REQUESTS {
        rounds += 1;
        let before = pids(&run);
        run.ask(["restart", "--rolling", "web"]).expect(0);
        let after = pids(&run);
        assert!(after.len() == 3 && after.iter().all(|pid| !before.contains(pid)), "{before:?} {after:?}");
    }
    let (answered, failures) = load.end();
    assert!(answered >= REQUESTS);
    assert_eq!(failures, Vec::<String>::new(), "of {answered} in {rounds} rounds");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

fn pids(run: &Running) -> Vec<u64> {
    let ps = run.ask(["ps", "--json", "web"]).expect(0).json();
    let processes = ps["processes"].as_array().expect("rows");
    processes.iter().filter(|one| one["leaving"] == false).filter_map(|one| one["pid"].as_u64()).collect()
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn a_rolling_restart_of_a_python_server_refuses_nobody() {
    assert!(has("python3"), "python3 is needed");
    nobody_is_refused("python3 server.py", ("server.py", PYTHON));
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn a_rolling_restart_of_a_node_server_refuses_nobody() {
    assert!(has("node"), "node is needed");
    nobody_is_refused("node server.js", ("server.js", NODE));
}
