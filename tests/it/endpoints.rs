//! Health and metrics as the outside sees them: `--http` on a real formation. FAULTS N1, N2.

use crate::running::Running;
use crate::world::World;
use nix::sys::signal::Signal;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

const POLITE: &str = "on:TERM=log:down,exit:0 log:up";

const HEALTH: &str = r#"
[process.api.health]
readiness = { http = "/", every = "50ms", failures = 1 }
liveness = { exec = "test -e alive", every = "50ms", failures = 1 }
"#;

/// Where the endpoints are, and what opens the details.
struct Site {
    address: SocketAddr,
    token: String,
}

impl Site {
    fn of(run: &Running) -> Self {
        let line = run.wait_for_line("health and metrics at http://");
        let (address, token) =
            line.split_once("http://").and_then(|(_, told)| told.split_once(" · ")).expect(&line);
        let token = token.rsplit(' ').next().expect("a last word").trim();
        Self { address: address.parse().expect(address), token: token.to_owned() }
    }

    /// The status and the body.
    fn get(&self, path: &str) -> (u16, String) {
        self.get_with(path, "Host: localhost\r\n")
    }

    fn get_with(&self, path: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("somebody listens");
        write!(stream, "GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").expect("a question");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect(head);
        (status, body.to_owned())
    }

    /// The same with the token.
    fn details(&self, path: &str) -> (u16, String) {
        self.get_with(path, &format!("Host: localhost\r\nAuthorization: Bearer {}\r\n", self.token))
    }

    /// One value of `/metrics`, whatever the order of its labels.
    fn metric(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let (status, text) = self.get("/metrics");
        assert_eq!(status, 200);
        let found = text.lines().find(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        })?;
        found.rsplit(' ').next()?.parse().ok()
    }
}

fn wait_for(run: &Running, site: &Site, path: &str, status: u16) {
    run.wait_until(&format!("{path} is {status}"), || (site.get(path).0 == status).then_some(()));
}

#[test]
fn what_is_not_ready_is_told_and_what_is_not_alive_is_started_again_and_counted() {
    let world = World::new()
        .procfile(&format!("api: pup {POLITE} http:status\nclock: pup {POLITE} hang\n"))
        .file("twelve-run.toml", HEALTH)
        .free_ports()
        .file("status", "503")
        .file("alive", "");
    let run = world.start(["--http", "0"]);
    let site = Site::of(&run);
    run.wait_for_witness(1, "serving");
    run.wait_for_witness(2, "up");

    // Not ready yet; ourselves alive all the same.
    wait_for(&run, &site, "/readyz", 503);
    assert_eq!(site.get("/livez").0, 200);
    wait_for(&run, &site, "/startupz", 200);
    run.ask(["health"]).expect(1);
    run.wait_until("the reason is told", || site.details("/readyz?verbose").1.contains("503").then_some(()));
    // Without the token there is yes or no, and no names.
    let told = site.get("/readyz?verbose").1;
    assert!(!told.contains("api"), "{told}");

    fs::write(run.app().join("status"), "200").expect("a file of the app");
    wait_for(&run, &site, "/readyz", 200);
    run.ask(["health"]).expect(0);
    let before = run.pids();

    // Readiness restarts nobody.
    fs::write(run.app().join("status"), "500").expect("a file of the app");
    for path in ["/readyz", "/readyz/api", "/readyz/api.1"] {
        wait_for(&run, &site, path, 503);
    }
    assert_eq!(site.get("/readyz/clock").0, 200);
    assert_eq!(site.get("/readyz/nobody").0, 404);
    assert_eq!(site.metric("twelve_run_ready", &["name=\"api.1\""]), Some(0.0));
    run.ask(["health"]).expect(1);
    fs::write(run.app().join("status"), "200").expect("a file of the app");
    wait_for(&run, &site, "/readyz", 200);
    assert_eq!(run.pids(), before);
    assert_eq!(site.metric("twelve_run_restarts_total", &["name=\"api.1\""]), Some(0.0));

    // Liveness does, and it can be counted.
    fs::remove_file(run.app().join("alive")).expect("it is there");
    run.wait_for_line("liveness probe failed");
    wait_for(&run, &site, "/readyz", 503);
    fs::write(run.app().join("alive"), "").expect("a file of the app");
    run.wait_for_witness(3, "up");
    wait_for(&run, &site, "/readyz", 200);
    assert_eq!(site.metric("twelve_run_restarts_total", &["name=\"api.1\""]), Some(1.0));
    assert_eq!(site.metric("twelve_run_restarts_total", &["name=\"clock.1\""]), Some(0.0));
    assert_eq!(site.metric("twelve_run_exits_total", &["name=\"api.1\"", "code=\"0\""]), Some(1.0));
    let probed = site.metric("twelve_run_probe_duration_seconds_count", &["name=\"api.1\"", "readiness"]);
    assert!(probed.is_some_and(|probed| probed > 1.0), "{probed:?}");
    assert_eq!(run.pids()[1], before[1]);

    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a_reason_that_has_a_secret_in_it_is_told_without_it() {
    let run = World::new()
        .procfile(&format!("web: pup {POLITE} hang\nlost: ./s3cret-words-99/tool\n"))
        .file(".env", "API_TOKEN=s3cret-words-99\n")
        .file("twelve-run.toml", "[process.lost]\non_exit = \"continue\"\n")
        .start(["--http", "0"]);
    let site = Site::of(&run);
    run.wait_for_witness(1, "up");
    run.wait_until("the reason is told", || {
        site.details("/startupz?verbose").1.contains("not found").then_some(())
    });
    let told = site.details("/startupz?verbose").1;
    assert!(!told.contains("s3cret"), "{told}");
    run.signal(Signal::SIGTERM);
    run.finish();
}

#[test]
fn n1_n2_a_page_of_another_site_is_told_nothing() {
    let run = World::new().procfile(&format!("web: pup {POLITE} hang\n")).start(["--http", "0"]);
    let site = Site::of(&run);
    run.wait_for_witness(1, "up");
    assert_eq!(site.get("/livez").0, 200);
    assert_eq!(site.get_with("/livez", "Host: rebound.example\r\n").0, 421);
    assert_eq!(site.get_with("/livez", "Host: localhost\r\nOrigin: http://other.example\r\n").0, 403);
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn an_address_that_is_taken_is_told_before_anything_starts() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let world = World::new().procfile(&format!("web: pup {POLITE} hang\n"));
    let finished = world.start(["--http", &address]).finish().expect_code(2);
    assert!(finished.err().contains(&address) && finished.witness.is_empty(), "{finished}");
}

/// Reads both formats with the client library's own parsers, and prints the restarts that each tells.
const READER: &str = r#"
import sys, urllib.request
from prometheus_client.parser import text_string_to_metric_families as plain
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
for accept, parse in (("text/plain", plain), ("application/openmetrics-text; version=1.0.0", strict)):
    asked = urllib.request.Request(sys.argv[1], headers={"Accept": accept})
    families = list(parse(urllib.request.urlopen(asked).read().decode()))
    assert len({family.name for family in families}) == len(families) >= 9, families
    for family in families:
        for sample in family.samples:
            if sample.name == "twelve_run_restarts_total" and sample.labels["name"] == "web.1":
                print(int(sample.value), end=" ")
"#;

#[test]
#[ignore = "heavy: run by .ci/run"]
fn the_metrics_are_read_by_the_parsers_of_prometheus_client() {
    let run = World::new()
        .procfile(&format!("web: pup {POLITE} until:go exit:3\nclock: pup {POLITE} hang\n"))
        .file(
            "twelve-run.toml",
            "[process.web]\nrestart = \"on-failure\"\nmax_restarts = 1\non_exit = \"continue\"\n",
        )
        .free_ports()
        .start(["--http", "0"]);
    let site = Site::of(&run);
    run.wait_for_witness(2, "up");
    let read = || {
        let url = format!("http://{}/metrics", site.address);
        let output = Command::new("python3").args(["-c", READER, &url]).stderr(Stdio::inherit()).output();
        let output = output.expect("python3 runs");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(read(), "0 0 ");
    fs::write(run.app().join("go"), "").expect("a file of the app");
    run.wait_for_line("gave up after 1 restart");
    assert_eq!(read(), "1 1 ");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(3);
}
