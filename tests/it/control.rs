//! FAULTS E10, H6 to H11, H13, H14 and H16: whatever arrives at the control socket, and in whatever pieces,
//! everybody is answered once and nobody waits for anybody.

use crate::client::{Line, ps, request, scale};
use crate::running::{Running, children};
use crate::world::{POLITE, World};
use nix::sys::signal::Signal;
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, IoSlice, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

/// A run with one process.
fn one() -> Running {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start([]);
    run.wait_for_witness(1, "up");
    run
}

/// Ends a run of which everything must be as it was.
fn unharmed(run: Running) {
    let up = run.wait_for_witness(1, "up");
    assert_eq!(run.pids(), [("web.1".to_owned(), up[0].pid as u64)]);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("TERM")), (1, 1), "{finished}");
}

#[test]
fn h6_what_is_no_request_gets_one_answer_and_the_end() {
    let run = one();
    let stop = request(9, &json!({ "stop": { "names": ["web"] } }));
    let deep = format!("{}\n", "[".repeat(30_000));
    let cases: [(&[u8], &str); 8] = [
        (b"garbage\n", "malformed"),
        (b"\n", "malformed"),
        (b"\xff\xfe\0\n", "malformed"),
        (deep.as_bytes(), "malformed"),
        (b"{\"protocol\":1,\"id\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":[]}}}\n", "malformed"),
        (b"{\"protocol\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":[1]}}}\n", "malformed"),
        (b"{\"protocol\":1,\"id\":1,\"ask\":{\"ps\":{\"names\":[]}}} {}\n", "malformed"),
        (b"{\"protocol\":99,\"id\":1,\"ask\":{\"dance\":{}}}\n", "version"),
    ];
    for (text, kind) in cases {
        let mut line = run.connect();
        // What stands behind it is not heard any more.
        line.send([text, &stop].concat());
        let told = line.rest();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["error"]["kind"], kind, "{}", String::from_utf8_lossy(text));
    }
    // After a request that ends the connection, too.
    let mut line = run.connect();
    let logs =
        json!({ "logs": { "names": [], "last": 1, "since": null, "previous": false, "follow": false } });
    line.send([request(1, &logs), stop].concat());
    let told = line.rest();
    assert!(told[0]["ok"].is_object() && told.iter().skip(1).all(|one| one["text"].is_string()), "{told:?}");
    unharmed(run);
}

#[test]
fn h7_ten_megabytes_of_garbage_end_their_connection_and_nothing_else() {
    let run = one();
    let mut bystander = run.connect();
    bystander.ask(1, &ps());
    let before = run.anonymous_kb();
    let mut line = run.connect();
    let megabyte = vec![b'x'; 1 << 20];
    let taken = (0..10).take_while(|_| line.send(&megabyte)).count();
    assert!(taken < 10, "it is closed before all of it is there");
    let told = line.rest();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["error"]["kind"], "too_large", "{told:?}");
    assert!(run.anonymous_kb() < before + 1024, "{} kB, {before} kB before", run.anonymous_kb());
    bystander.ask(2, &ps());
    unharmed(run);
}

#[test]
fn h7_the_longest_request_is_heard_and_one_byte_more_is_not() {
    let run = one();
    let padded = |length: usize| {
        let mut text = request(3, &ps());
        text.splice(0..0, std::iter::repeat_n(b' ', length - text.len()));
        text
    };
    let mut line = run.connect();
    line.send(padded(64 * 1024));
    assert!(line.next().expect("an answer")["ok"].is_object());
    let mut line = run.connect();
    line.send(padded(64 * 1024 + 1));
    assert_eq!(line.next().expect("an answer")["error"]["kind"], "too_large");
    unharmed(run);
}

#[test]
fn h8_a_hundred_silent_and_a_hundred_slow_connections_keep_nobody_waiting() {
    let run = one();
    let fds = run.fds();
    let silent: Vec<Line> = (0..100).map(|_| Line::silent(&run.socket())).collect();
    let quick = run.ask(["ps"]).expect(0).took;
    let mut slow: Vec<Line> = (0..100).map(|_| Line::silent(&run.socket())).collect();
    let text = request(1, &ps());
    for byte in &text[..text.len() - 1] {
        slow.retain(|line| line.send([*byte]));
        let answer = run.ask(["ps", "--json"]).expect(0);
        assert_eq!(answer.json()["processes"][0]["state"], "running");
        assert!(answer.took < Duration::from_secs(5), "{:?}", answer.took);
    }
    assert!(quick < Duration::from_secs(2), "{quick:?}");
    for mut line in silent.into_iter().chain(slow) {
        let told = line.rest();
        let kinds: Vec<&Value> =
            told.iter().filter_map(|one| one.get("error")).map(|one| &one["kind"]).collect();
        assert_eq!(kinds.len(), 1, "why it ended is told once: {told:?}");
        assert!(["crowded", "too_slow"].iter().any(|kind| kinds[0] == kind), "{told:?}");
    }
    run.wait_until("their file descriptors are free", || (run.fds() <= fds).then_some(()));
    unharmed(run);
}

#[test]
fn h8_a_verb_that_found_no_room_asks_again() {
    let world = World::new();
    let folder = world.app().join(".twelve-run");
    std::fs::create_dir(&folder).expect("a folder");
    let listener = UnixListener::bind(folder.join("control.sock")).expect("a socket");
    let crowded = json!({ "id": 0, "error": { "kind": "crowded", "message": "too many" } });
    let nothing = json!({ "id": 1, "ok": { "schema": 1, "processes": [] } });
    let other = std::thread::spawn(move || {
        for answer in [&crowded, &crowded, &nothing] {
            let (client, _) = listener.accept().expect("a client");
            let hello = json!({ "twelve_run": "0", "protocol": 1, "pid": 1 });
            (&client).write_all(format!("{hello}\n{answer}\n").as_bytes()).expect("it listens");
            BufReader::new(&client).read_line(&mut String::new()).expect("it asks");
        }
    });
    world.ask(["ps"]).expect(0);
    other.join().expect("it is asked three times");
}

#[test]
fn h8_a_request_in_two_seconds_is_heard_and_one_in_more_is_not() {
    let run = one();
    let text = request(1, &ps());
    let mut line = run.connect();
    // Few pieces: a machine that is busy may be late at each.
    for piece in text.chunks(text.len().div_ceil(8)) {
        assert!(line.send(piece));
        run.let_pass(Duration::from_millis(5));
    }
    assert!(line.next().expect("an answer")["ok"].is_object());
    let began = Instant::now();
    let mut line = run.connect();
    line.send(&text[..10]);
    let told = line.next().expect("why");
    let took = began.elapsed();
    assert_eq!(told["error"]["kind"], "too_slow", "{told}");
    assert!(took > Duration::from_millis(1900) && took < Duration::from_secs(10), "{took:?}");
    assert!(line.next().is_none());
    unharmed(run);
}

#[test]
fn h9_who_follows_and_does_not_read_is_cut_off_and_the_children_do_not_wait() {
    let run = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up until:go lines:40000 log:written hang\n")
        .start([]);
    run.wait_for_witness(1, "up");
    let follow =
        json!({ "logs": { "names": [], "last": null, "since": null, "previous": false, "follow": true } });
    let mut logs = run.connect();
    logs.ask(1, &follow);
    std::fs::write(run.app().join("go"), "").expect("the app's folder");
    run.wait_for_witness(1, "written");
    run.wait_for_line("web.1 0040000");
    let told = logs.rest();
    let last = told.last().expect("it was told something");
    assert!(last["end"].as_str().is_some_and(|why| why.contains("too slow")), "{last}");
    assert!(last["lost_bytes"].as_u64().is_some_and(|lost| lost > 1000), "{last}");
    run.ask(["ps"]).expect(0);
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn h9_who_asks_much_and_reads_late_gets_every_answer() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start(["-m", "web=30"]);
    run.wait_for_witness(30, "up");
    let mut line = run.connect();
    let asked = 150;
    let pipeline: Vec<u8> = (1..=asked).flat_map(|id| request(id, &ps())).collect();
    assert!(line.send(pipeline));
    // More answers than the kernel holds for a reader who is late.
    run.let_pass(Duration::from_millis(500));
    for id in 1..=asked {
        let reply = line.next().unwrap_or_else(|| run.fail(&format!("no answer to {id}")));
        assert_eq!(reply["id"], id, "in the order of the questions");
        assert_eq!(reply["ok"]["processes"].as_array().map(Vec::len), Some(30));
    }
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn h9_who_asks_on_and_on_and_never_reads_is_not_heard_for_ever() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start(["-m", "web=30"]);
    run.wait_for_witness(30, "up");
    let before = run.anonymous_kb();
    let line = run.connect();
    let pipeline: Vec<u8> = (1..=100).flat_map(|id| request(id, &ps())).collect();
    let taken = (0..1000).take_while(|_| line.send(&pipeline)).count();
    assert!(taken < 1000, "it is closed before all of it is there");
    assert!(run.anonymous_kb() < before + 2048, "{} kB, {before} kB before", run.anonymous_kb());
    run.ask(["ps"]).expect(0);
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn h9_who_has_said_all_that_he_will_is_answered_and_let_go() {
    let run = one();
    let fds = run.fds();
    for _ in 0..20 {
        let mut line = run.connect();
        line.send([request(1, &ps()), request(2, &ps())].concat());
        line.stream.shutdown(std::net::Shutdown::Write).expect("it is open");
        let told = line.rest();
        assert_eq!(told.iter().map(|reply| reply["id"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(2)]);
        assert!(told.iter().all(|reply| reply["ok"].is_object()), "{told:?}");
    }
    let mut line = run.connect();
    line.request(1, &json!({ "events": {} }));
    line.stream.shutdown(std::net::Shutdown::Write).expect("it is open");
    line.next();
    let before = run.cpu_ticks();
    run.let_pass(Duration::from_millis(300));
    assert!(run.cpu_ticks() - before < 10, "it waits, and does not spin");
    drop(line);
    run.wait_until("its file descriptor is free", || (run.fds() <= fds).then_some(()));
    unharmed(run);
}

#[test]
fn h10_without_file_descriptors_nobody_is_let_in_and_nothing_spins() {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
    let run = one();
    let supervisor = Pid::from_raw(run.supervisor().as_raw());
    let fds = run.fds() as u64;
    let hard = getrlimit(Resource::Nofile).maximum;
    let before = prlimit(supervisor, Resource::Nofile, Rlimit { current: Some(fds), maximum: hard });
    let Ok(before) = before else {
        return crate::world::skipped("no way to take limits from another process");
    };
    let ticks = run.cpu_ticks();
    let mut waiting: Vec<Line> = (0..10).map(|_| Line::silent(&run.socket())).collect();
    run.let_pass(Duration::from_millis(500));
    assert!(run.cpu_ticks() - ticks < 20, "{} ticks", run.cpu_ticks() - ticks);
    for line in &mut waiting {
        let mut bytes = Vec::new();
        let _ = line.stream.read_to_end(&mut bytes);
    }
    prlimit(supervisor, Resource::Nofile, before).expect("as before");
    run.wait_until("somebody is let in", || (run.ask(["ps"]).code == 0).then_some(()));
    unharmed(run);
}

#[test]
fn h11_a_request_is_done_whole_or_not_at_all_wherever_its_client_dies() {
    let run = World::new().procfile("web: pup on:TERM=exit:0 on:USR1 on:USR2 log:up hang\n").start([]);
    run.wait_for_witness(1, "up");
    let fds = run.fds();
    let ask = |signal: i32| request(1, &json!({ "signal": { "names": ["web"], "signal": signal } }));
    let text = ask(Signal::SIGUSR1 as i32);
    for length in 0..text.len() {
        Line::silent(&run.socket()).send(&text[..length]);
    }
    let whole = ask(Signal::SIGUSR2 as i32);
    for count in 1..=20 {
        Line::silent(&run.socket()).send(&whole);
        run.wait_for_witness(count, "USR2");
    }
    // In the middle of what it is told.
    for length in 0..40 {
        let mut line = Line::silent(&run.socket());
        line.request(1, &ps());
        let _ = line.stream.read(&mut vec![0; length * 10]);
    }
    run.wait_until("their file descriptors are free", || (run.fds() <= fds).then_some(()));
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("USR1"), finished.count("USR2")), (0, 20), "{finished}");
}

#[test]
fn h13_another_version_of_the_protocol_is_told_in_a_sentence() {
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    let folder = world.app().join(".twelve-run");
    std::fs::create_dir(&folder).expect("a folder");
    let listener = UnixListener::bind(folder.join("control.sock")).expect("a socket");
    let other = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let hello = json!({ "twelve_run": "99.1.2", "protocol": 99, "pid": 1 });
        client.write_all(format!("{hello}\n").as_bytes()).expect("it listens");
        let _ = client.read(&mut [0; 100]);
    });
    world.ask(["ps"]).expect(1).expect_err("99.1.2").expect_err("same version");
    other.join().expect("it ends");
}

#[test]
fn h14_descriptors_and_urgent_bytes_are_closed_and_ignored() {
    let run = one();
    let fds = run.fds();
    let mut line = run.connect();
    let (read, write) = nix::unistd::pipe().expect("a pipe");
    let passed = [write.as_raw_fd(); 8];
    let text = request(1, &ps());
    let sent = sendmsg::<()>(
        line.stream.as_raw_fd(),
        &[IoSlice::new(&text)],
        &[ControlMessage::ScmRights(&passed)],
        MsgFlags::empty(),
        None,
    );
    assert_eq!(sent, Ok(text.len()));
    drop(write);
    assert!(line.next().expect("an answer")["ok"].is_object());
    let mut pipe = std::fs::File::from(read);
    assert_eq!(pipe.read(&mut [0]).expect("it can be read"), 0, "nobody has kept the other end");
    let _ = nix::sys::socket::send(line.stream.as_raw_fd(), b"!", MsgFlags::MSG_OOB);
    run.ask(["ps"]).expect(0);
    drop(line);
    run.wait_until("nothing was kept", || (run.fds() <= fds).then_some(()));
    unharmed(run);
}

#[test]
fn h16_every_request_that_is_taken_while_everything_ends_is_answered_once() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start(["-m", "web=3"]);
    run.wait_for_witness(3, "up");
    let socket = run.socket();
    let asking: Vec<_> = (0..8_u64)
        .map(|client| {
            let mut line = Line::to(&socket);
            std::thread::spawn(move || {
                let mut id = 0;
                loop {
                    id += 1;
                    if !line.send(request(id, &scale("web", 1 + (id + client) % 3))) {
                        return id;
                    }
                    match line.next() {
                        Some(reply) => assert_eq!(reply["id"], id, "{reply}"),
                        // The formation had ended before it was taken.
                        None => return id,
                    }
                }
            })
        })
        .collect();
    run.let_pass(Duration::from_millis(50));
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
    for client in asking {
        assert!(client.join().expect("its answers were its own") > 1);
    }
}

/// Clients on connections of their own, each with a seed; gives how many requests were answered.
fn scale_at_random(run: &Running, clients: u64, time: Duration) -> u64 {
    let until = Instant::now() + time;
    let socket = run.socket();
    let threads: Vec<_> = (1..=clients)
        .map(|seed| {
            let socket = socket.clone();
            std::thread::spawn(move || {
                let (mut random, mut answered) = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), 0);
                while Instant::now() < until {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let ask = scale(if random & 1 == 0 { "web" } else { "worker" }, random >> 8 & 7);
                    let mut line = Line::to(&socket);
                    line.request(seed, &ask);
                    let reply = line.next().expect("everybody is answered");
                    // Who was not heard is told so.
                    if reply["error"]["kind"] == "crowded" {
                        continue;
                    }
                    assert_eq!((&reply["id"], reply["ok"].is_object()), (&json!(seed), true), "{reply}");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("a client that is answered")).sum()
}

fn many_clients_one_order(time: Duration) {
    let run = World::new()
        .procfile(&format!("web: {POLITE}\nworker: {POLITE}\n"))
        .start_from("exec >/dev/null", ["-m", "web=1,worker=1"]);
    run.wait_for_witness(2, "up");
    let mut events = run.connect();
    events.ask(1, &json!({ "events": {} }));
    let fds = run.fds();
    let told = std::thread::spawn(move || events.rest());
    let answered = scale_at_random(&run, 50, time);
    assert!(answered > 200, "{answered} answers");
    let counts = |run: &Running| {
        let names = run.names();
        ["web.", "worker."].map(|kind| names.iter().filter(|name| name.starts_with(kind)).count() as u64)
    };
    run.wait_until("everything is as it was asked for last", || {
        run.rows().iter().all(|row| row["state"] == "running" && row["leaving"] == false).then_some(())
    });
    let (rows, end) = (run.rows(), counts(&run));
    let mut ports: Vec<u64> = rows.iter().map(|row| row["port"].as_u64().expect("a port")).collect();
    ports.dedup();
    assert_eq!(ports.len(), rows.len(), "a port each: {rows:#?}");
    let supervisor = run.supervisor();
    run.wait_until("there is a process for each", || {
        (children(supervisor).len() == rows.len()).then_some(())
    });
    run.ask(["scale", "web=1", "worker=1", "--wait"]).expect(0);
    run.wait_until("nothing was kept", || (run.fds() <= fds).then_some(()));
    run.ask(["down"]).expect(0);
    run.finish().expect_code(0);

    // The last that was accepted of each type is what there was in the end; one is our own.
    let told = told.join().expect("its events");
    for (kind, end) in ["web", "worker"].into_iter().zip(end) {
        let of_kind: Vec<&Value> =
            told.iter().filter(|one| one["event"] == "scaled" && one["type"] == kind).collect();
        let ours = usize::from(end != 1);
        assert_eq!(of_kind[of_kind.len() - 1 - ours]["to"], end, "{kind}");
        assert!(of_kind.windows(2).all(|pair| pair[0]["to"] == pair[1]["from"]), "one order: {of_kind:#?}");
    }
}

#[test]
fn e10_fifty_clients_that_scale_at_random_are_answered_once_each_and_the_last_one_wins() {
    many_clients_one_order(Duration::from_secs(2));
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn e10_fifty_clients_that_scale_at_random_for_half_a_minute() {
    many_clients_one_order(Duration::from_secs(30));
}
