//! The listening side: what the archive remembers, what taps hear, and what watchers see.

use super::archive::{Archive, Limits, Origin, Place, Record, Wanted, place};
use super::line::{Piece, Splitter};
use super::tap::{Kind, Taken, Tap};
use super::{
    Destination, Lines, Look, Output, Report, Severity, Shape, Source, Stream, Undelivered, Watcher, Words,
};
use crate::app::plan::TypeId;
use crate::supervisor::{Id, Tier};
use jiff::Timestamp;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::{pipe, write};
use proptest::prelude::*;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

const OUT: Origin = Origin::Stdout;
const ERR: Origin = Origin::Stderr;
const NOTICE: Origin = Origin::Notice;

const fn id(index: u16, generation: u32) -> Id {
    Id { kind: TypeId(0), index, generation }
}

fn web(index: u16) -> Place {
    place(id(index, 1))
}

/// An archive with these lives begun.
fn archive(limits: Limits, ids: &[Id]) -> Archive {
    let archive = Archive::new(limits);
    for id in ids {
        archive.begin(*id, &format!("web.{}", id.index));
    }
    archive
}

fn waker() -> Arc<EventFd> {
    Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC).unwrap())
}

fn wanted(places: &[u16]) -> Wanted {
    Wanted { places: places.iter().map(|index| web(*index)).collect(), ..Wanted::default() }
}

/// `web.1 text`, with `+` for a piece that goes on.
fn told(records: &[Record]) -> Vec<String> {
    let line = |record: &Record| {
        let sign = if record.continues { "+ " } else { "" };
        format!("{} {sign}{}", record.label, String::from_utf8_lossy(&record.bytes))
    };
    records.iter().map(line).collect()
}

/// All that a tap has, as text.
fn heard(tap: &mut Tap) -> Vec<String> {
    let mut records = Vec::new();
    assert_eq!(tap.take(&mut records), Taken::Open);
    told(&records)
}

#[test]
fn lines_come_back_in_order_of_arrival_and_cut_as_on_the_way_out() {
    type Written = &'static [(u16, Origin, &'static str)];
    let cases: &[(Written, &[&str])] = &[
        (&[(1, OUT, "a\nb\n")], &["web.1 a", "web.1 b"]),
        (&[(1, OUT, "a"), (1, OUT, "b\n")], &["web.1 ab"]),
        (&[(1, OUT, "a"), (1, ERR, "x\n"), (1, OUT, "b\n")], &["web.1 x", "web.1 ab"]),
        (&[(2, OUT, "a\n"), (1, OUT, "b\n"), (2, OUT, "c\n")], &["web.2 a", "web.1 b", "web.2 c"]),
        (&[(1, OUT, "ask> "), (1, OUT, ""), (1, OUT, "yes\n")], &["web.1 ask> ", "web.1 + yes"]),
        (&[(1, OUT, "a\nend"), (1, NOTICE, "exited")], &["web.1 a", "web.1 exited", "web.1 end"]),
        (&[(1, OUT, "\n\n")], &["web.1 ", "web.1 "]),
        (&[(3, OUT, "of nobody\n")], &[]),
    ];
    for (written, expected) in cases {
        let archive = archive(Limits::default(), &[id(1, 1), id(2, 1)]);
        for (index, origin, text) in *written {
            archive.wrote(id(*index, 1), *origin, text.as_bytes());
        }
        assert_eq!(told(&archive.recent(&Wanted::default())), *expected, "{written:?}");
    }
}

#[test]
fn what_is_wanted_can_be_narrowed() {
    let archive = archive(Limits::default(), &[id(1, 1), id(2, 1)]);
    for number in 0..4 {
        archive.wrote(id(1, 1), OUT, format!("{number}\n").as_bytes());
        archive.wrote(id(2, 1), ERR, format!("{number}\n").as_bytes());
    }
    let recent = |wanted: Wanted| told(&archive.recent(&wanted));
    assert_eq!(recent(wanted(&[2])), ["web.2 0", "web.2 1", "web.2 2", "web.2 3"]);
    assert_eq!(
        recent(Wanted { last: Some(3), ..Wanted::default() }),
        ["web.2 2", "web.1 3", "web.2 3"],
        "the newest over all places together"
    );
    assert_eq!(recent(Wanted { last: Some(0), ..Wanted::default() }).len(), 0);
    let later = Timestamp::now() + Duration::from_mins(1);
    assert_eq!(recent(Wanted { since: Some(later), ..Wanted::default() }).len(), 0);
    let earlier = Timestamp::now() - Duration::from_mins(1);
    assert_eq!(recent(Wanted { since: Some(earlier), ..Wanted::default() }).len(), 8);
}

#[test]
fn the_life_before_is_kept_and_of_older_ones_the_last_words() {
    let archive = archive(Limits::default(), &[]);
    for generation in 1..=7 {
        archive.begin(id(1, generation), "web.1");
        for number in 0..5000 {
            archive.wrote(id(1, generation), OUT, format!("life {generation}, line {number}\n").as_bytes());
        }
    }
    let lines = |previous| archive.recent(&Wanted { previous, ..Wanted::default() });
    let (present, previous) = (lines(false), lines(true));
    assert!(present.iter().all(|record| record.id == id(1, 7)) && present.len() > 1000);
    assert!(previous.iter().all(|record| record.id == id(1, 6)) && previous.len() > 250);
    for (records, life) in [(present, 7), (previous, 6)] {
        assert_eq!(told(&records).pop(), Some(format!("web.1 life {life}, line 4999")));
    }
    let words = archive.last_words(web(1), 2);
    let expected = [7, 6, 5, 4, 3].map(|life| {
        let line = |number| format!("life {life}, line {number}").into_bytes();
        (id(1, life), vec![line(4998), line(4999)])
    });
    assert_eq!(words, expected);
    // An older life has nothing more to say, and does not become the present one.
    archive.begin(id(1, 6), "web.1");
    archive.wrote(id(1, 6), OUT, b"late\n");
    assert_eq!(archive.last_words(web(1), 2), expected);
    assert!(archive.raw_tail(web(1), 7).ends_with(b"e 4999\n"));
    archive.forget(web(1));
    assert_eq!((archive.last_words(web(1), 2).len(), archive.memory()), (0, 0));
}

#[test]
fn last_words_are_a_processs_own() {
    let archive = archive(Limits::default(), &[id(1, 1)]);
    archive.wrote(id(1, 1), NOTICE, b"started with pid 7");
    archive.wrote(id(1, 1), ERR, b"panic\nat line 3");
    archive.flushed(id(1, 1), ERR);
    archive.wrote(id(1, 1), NOTICE, b"exited with code 1");
    let words = vec![b"panic".to_vec(), b"at line 3".to_vec()];
    assert_eq!(archive.last_words(web(1), 10), [(id(1, 1), words)]);
    assert_eq!(archive.raw_tail(web(1), 100), b"panic\nat line 3");
}

#[test]
fn what_was_overwritten_in_part_is_left_out() {
    type Written = &'static [(Origin, usize)];
    let limits = Limits { each: 512, ..Limits::default() };
    // So many bytes each, in lines of eight; 384 of them fit.
    let cases: &[(Written, usize)] = &[
        (&[(OUT, 384)], 48),
        (&[(OUT, 1000)], 48),
        (&[(OUT, 1001)], 48),
        (&[(OUT, 384), (OUT, 1)], 48),
        (&[(OUT, 377), (ERR, 16)], 48),
        (&[(NOTICE, 300), (ERR, 80)], 11),
        (&[(NOTICE, 300), (ERR, 88)], 11),
    ];
    for (written, lines) in cases {
        let archive = archive(limits, &[id(1, 1)]);
        for (origin, count) in *written {
            let bytes: Vec<u8> = b"seven..\n".iter().copied().cycle().take(*count).collect();
            archive.wrote(id(1, 1), *origin, &bytes);
        }
        let records = archive.recent(&Wanted::default());
        assert_eq!(records.len(), *lines, "{written:?}");
        let whole = |record: &Record| record.origin == NOTICE || b"seven..".starts_with(&record.bytes[..]);
        assert!(records.iter().all(whole), "{:?}", told(&records));
    }
}

#[test]
fn older_lives_give_way_to_the_present_one_when_the_share_becomes_small() {
    let archive = archive(Limits { all: 1024 * 1024, ..Limits::default() }, &[id(1, 1)]);
    archive.wrote(id(1, 1), OUT, &vec![b'\n'; 100_000]);
    archive.begin(id(1, 2), "web.1");
    for index in 2..=200 {
        archive.begin(id(index, 1), "web");
    }
    archive.wrote(id(1, 2), OUT, b"here\n");
    assert_eq!(archive.raw_tail(web(1), 100), b"here\n");
}

#[test]
fn f7_a_flood_has_a_bound_and_nobody_is_forgotten() {
    let limits = Limits { each: 256 * 1024, all: 1024 * 1024 };
    let archive = Archive::new(limits);
    let flood: Vec<u8> = (0..8000).flat_map(|number| format!("{number:07}\n").into_bytes()).collect();
    for index in 1..=200 {
        archive.begin(id(index, 1), "web");
        archive.wrote(id(index, 1), OUT, b"hello\n");
        // Much at once, much in little pieces, and a new life in the middle.
        archive.wrote(id(1, 1), OUT, &flood);
        for line in flood.chunks(8).take(500) {
            archive.wrote(id(index, 1), OUT, line);
        }
        archive.begin(id(index, 2), "web");
        archive.wrote(id(index, 2), OUT, &flood);
        assert!(archive.memory() <= limits.all, "{} with {index}", archive.memory());
    }
    for index in 1..=200 {
        let last = archive.last_words(web(index), 1);
        assert_eq!(last[0].1, [b"0007999"], "web.{index}");
        // Places that came late have a smaller share; all together no longer fill the whole.
        assert!(archive.raw_tail(web(index), usize::MAX).len() >= 2048, "web.{index}");
    }
}

#[test]
fn a_listener_is_woken_once_for_all_that_it_has_not_taken() {
    let archive = archive(Limits::default(), &[id(1, 1), id(2, 1)]);
    let wake = waker();
    let mut tap = archive.listen(vec![web(1)], Kind::Lines, Arc::clone(&wake));
    archive.wrote(id(2, 1), OUT, b"not wanted\n");
    assert!(wake.read().is_err(), "nothing came for it");
    archive.wrote(id(1, 1), OUT, b"a\n");
    archive.wrote(id(1, 1), OUT, b"b\n");
    assert_eq!(wake.read(), Ok(1));
    assert_eq!(heard(&mut tap), ["web.1 a", "web.1 b"]);
    archive.wrote(id(1, 1), OUT, b"c\n");
    assert_eq!(wake.read(), Ok(1));
    drop(tap);
    archive.wrote(id(1, 1), OUT, b"d\n");
    assert!(wake.read().is_err() && archive.lock().taps.is_empty());
}

#[test]
fn a_tap_for_all_hears_of_places_and_lives_that_come_later() {
    let archive = archive(Limits::default(), &[id(1, 1)]);
    archive.wrote(id(1, 1), OUT, b"begun ");
    let mut lines = archive.listen(vec![], Kind::Lines, waker());
    let mut raw = archive.listen(vec![], Kind::Raw, waker());
    archive.wrote(id(1, 1), OUT, b"before\nunfinished");
    archive.flushed(id(1, 1), OUT);
    archive.begin(id(1, 2), "web.1");
    archive.wrote(id(1, 2), OUT, b"a\n");
    archive.begin(id(2, 1), "web.2");
    archive.wrote(id(2, 1), NOTICE, b"started");
    assert_eq!(heard(&mut lines), ["web.1 begun before", "web.1 unfinished", "web.1 a", "web.2 started"]);
    assert_eq!(heard(&mut raw), ["web.1 before\nunfinished", "web.1 a\n", "web.2 started"]);
}

#[test]
fn h9_who_does_not_keep_up_is_cut_off_and_told_what_was_lost() {
    for kind in [Kind::Raw, Kind::Lines] {
        let archive = archive(Limits::default(), &[id(1, 1)]);
        let mut tap = archive.listen(vec![], kind, waker());
        let read = [vec![b'x'; 999], vec![b'\n']].concat();
        for _ in 0..1000 {
            archive.wrote(id(1, 1), OUT, &read);
        }
        archive.wrote(id(1, 1), OUT, b"last\n");
        let mut records = Vec::new();
        let Taken::CutOff { lost_bytes } = tap.take(&mut records) else { panic!("{kind:?} is still open") };
        let ends = if kind == Kind::Lines { records.len() } else { 0 };
        let taken: usize = records.iter().map(|record| record.bytes.len()).sum::<usize>() + ends;
        assert!((200_000..256 * 1024).contains(&taken), "{taken}");
        assert_eq!(taken as u64 + lost_bytes, 1_000_005);
        records.clear();
        archive.wrote(id(1, 1), OUT, b"more\n");
        assert_eq!(tap.take(&mut records), Taken::CutOff { lost_bytes: lost_bytes + 5 });
        assert!(records.is_empty(), "what was cut off stays so");
        assert_eq!(archive.last_words(web(1), 1)[0].1, [b"more"], "the archive has it all the same");
    }
}

#[test]
fn who_looks_for_a_line_sees_one_without_its_end_once_it_has_been_silent_and_it_is_shown_once() {
    let ((reader, destination), (stdout, says), (stderr, _)) =
        (pipe().unwrap(), pipe().unwrap(), pipe().unwrap());
    let look = Look { color: false, timestamp: false, prefix: true, terminal: false, width: 5 };
    let lines = Lines { look, shape: Shape::Text, release: None };
    let (tell, told) = crossbeam_channel::unbounded();
    let report = move |report| tell.send(report).unwrap();
    let mut output =
        Output::start(Destination::Fd(destination), lines, Archive::new(Limits::default()), report).unwrap();
    let sees = Box::new(|line: &[u8]| line == b"ready> ");
    let watchers = vec![Watcher { tier: Tier::Readiness, sees }];
    let (id, label, source) = (id(1, 1), "web.1".to_owned(), Source::Pipes { stdout, stderr });
    output.attach(Stream { id, label, kind: "web".into(), pid: 1, hidden: false, source, watchers });
    assert_eq!(write(&says, b"ready> "), Ok(7));
    let seen = Report::Seen { id, tier: Tier::Readiness };
    assert_eq!(told.recv_timeout(Duration::from_mins(1)), Ok(seen));
    assert_eq!(write(&says, b"\nnext\n"), Ok(6));
    drop(says);
    let (label, text, event, severity) = ("web.1".into(), "exited".into(), "exited", Severity::INFO);
    output.farewell(id, Some(Words { about: Some(id), label, text, event, severity, pid: None }), 0);
    assert_eq!(output.finish(Duration::from_mins(1)), Undelivered::default());
    let mut shown = String::new();
    File::from(reader).read_to_string(&mut shown).unwrap();
    assert_eq!(shown, "web.1 | ready> \nweb.1 | next\nweb.1 | exited\n");
}

/// Who counts; behind all others, so that much happens while those are read.
const COUNTS: Id = id(101, 1);

/// Writes numbered lines, cut where they are not lines, on a thread of its own.
fn counting(archive: &Archive, numbers: u32) -> std::thread::JoinHandle<()> {
    let archive = archive.clone();
    let text: Vec<u8> = (0..numbers).flat_map(|number| format!("{number}\n").into_bytes()).collect();
    std::thread::spawn(move || {
        for chunk in text.chunks(23) {
            archive.wrote(COUNTS, OUT, chunk);
        }
    })
}

/// The numbers go up one by one to the last one; the first is told.
fn first_of(lines: &[u8], numbers: u32) -> u32 {
    let lines = std::str::from_utf8(lines).unwrap();
    let told: Vec<u32> = lines.lines().map(|line| line.parse().unwrap()).collect();
    let first = told.first().copied().unwrap_or(numbers);
    assert_eq!(told, (first..numbers).collect::<Vec<u32>>());
    first
}

#[test]
fn between_what_was_and_what_comes_there_is_no_gap_and_nothing_twice() {
    const NUMBERS: u32 = 5000;
    let roomy = Limits::default();
    // What was is overwritten while it is read.
    let tight = Limits { each: 2048, ..roomy };
    for (limits, from_the_start) in [(roomy, true), (tight, false)] {
        for round in 0..100 {
            let archive = archive(limits, &[COUNTS]);
            for index in 1..=100 {
                archive.begin(id(index, 1), "web");
                archive.wrote(id(index, 1), OUT, &[b'x'; 16 * 1024]);
            }
            let before = archive.memory();
            let writer = counting(&archive, NUMBERS);
            while round % 4 > 0 && archive.memory() == before {
                std::hint::spin_loop();
            }
            let (mut records, mut tap) = archive.follow(&Wanted::default(), waker());
            let joined = |records: &[Record]| {
                records.iter().flat_map(|record| [&record.bytes[..], b"\n"].concat()).collect::<Vec<u8>>()
            };
            assert_eq!(tap.take(&mut records), Taken::Open);
            writer.join().unwrap();
            assert_eq!(tap.take(&mut records), Taken::Open);
            let first = first_of(&joined(&records), NUMBERS);
            assert!(first == 0 || !from_the_start, "{first}");
        }
    }
}

#[test]
fn who_attaches_has_every_byte_once() {
    for _ in 0..100 {
        let archive = archive(Limits::default(), &[COUNTS]);
        let writer = counting(&archive, 5000);
        let (tail, mut tap) = archive.attach(place(COUNTS), usize::MAX, waker());
        writer.join().unwrap();
        let mut records = Vec::new();
        assert_eq!(tap.take(&mut records), Taken::Open);
        let rest: Vec<u8> = records.into_iter().flat_map(|record| record.bytes).collect();
        assert_eq!(first_of(&[tail, rest].concat(), 5000), 0);
    }
}

/// What is written, read by read; an empty one flushes.
fn reads() -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
    let byte = prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xff), 8 => any::<u8>()];
    let read = (any::<bool>(), proptest::collection::vec(byte, 0..40));
    proptest::collection::vec(read, 0..24)
}

/// What the way out makes of these reads.
fn on_the_way_out(reads: &[(bool, Vec<u8>)]) -> [Vec<(Vec<u8>, bool)>; 2] {
    let mut splitters = [Splitter::default(), Splitter::default()];
    let mut lines = [Vec::new(), Vec::new()];
    for (side, bytes) in reads {
        let side = usize::from(*side);
        let keep = |piece: Piece<'_>| {
            if !piece.is_mere_end() {
                lines[side].push((piece.bytes.to_vec(), piece.continues));
            }
        };
        if bytes.is_empty() {
            splitters[side].flush(keep);
        } else {
            splitters[side].feed(bytes, keep);
        }
    }
    for (side, splitter) in splitters.iter_mut().enumerate() {
        splitter.flush(|piece| lines[side].push((piece.bytes.to_vec(), piece.continues)));
    }
    lines
}

fn of(origin: Origin, records: &[Record]) -> Vec<(Vec<u8>, bool)> {
    let records = records.iter().filter(|record| record.origin == origin);
    records.map(|record| (record.bytes.clone(), record.continues)).collect()
}

proptest! {
    #[test]
    fn f3_the_lines_are_those_of_the_way_out(reads in reads()) {
        let archive = archive(Limits::default(), &[id(1, 1)]);
        for (side, bytes) in &reads {
            archive.wrote(id(1, 1), Origin::of(usize::from(*side)), bytes);
        }
        let records = archive.recent(&Wanted::default());
        prop_assert_eq!([of(OUT, &records), of(ERR, &records)], on_the_way_out(&reads));
    }

    #[test]
    fn what_is_left_of_a_full_place_is_the_end_of_the_lines(reads in reads(), each in 0_usize..4096) {
        let archive = archive(Limits { each, all: 1 << 20 }, &[id(1, 1)]);
        for (side, bytes) in &reads {
            archive.wrote(id(1, 1), Origin::of(usize::from(*side)), bytes);
            prop_assert!(archive.memory() <= each);
        }
        let records = archive.recent(&Wanted::default());
        let [out, err] = on_the_way_out(&reads);
        prop_assert!(out.ends_with(&of(OUT, &records)) && err.ends_with(&of(ERR, &records)));
    }
}
