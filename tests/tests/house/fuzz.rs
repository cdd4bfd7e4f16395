//! Nothing that is written brings the compiler down: random bytes, broken cases, ten megabytes, a hundred thousand
//! brackets. Every input is made from a seed that a failure names.

use crate::cases::{all, check_format, world};
use groma_project::{MemoryWorld, compile};
use groma_syntax::{FileId, parse};
use groma_tests::case::Case;
use groma_tests::random::Random;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{process, thread};

/// Inputs per shape. `GROMA_FUZZ` asks for more.
const ROUNDS: u64 = 3000;
/// An input of a few kilobytes takes no longer than this, even on a machine that does other things.
const ALLOWED: Duration = Duration::from_secs(60);
const MANIFEST: &str = "project: fuzz\nlanguage: 1\n";
/// What breaks languages.
const PIECES: [&str; 44] = [
    "{",
    "}",
    "(",
    ")",
    ":",
    ",",
    ".",
    "\"",
    "\"\"\"",
    "//",
    "///",
    "\n",
    " ",
    "-",
    "->",
    "=",
    "<>",
    "%",
    "*",
    "/",
    "metric ",
    "source ",
    "measure:",
    "from:",
    "where ",
    "each ",
    "trailing 28 days",
    "sum(",
    "case when ",
    " then ",
    " else ",
    " end",
    "not ",
    "is null",
    "between ",
    " in (",
    "2026-02-30",
    "99999999999999999999",
    "0.1e9",
    "95%",
    "é",
    "\u{feff}",
    "\0",
    "𝄞",
];

#[test]
fn random_texts_are_read() {
    run("random text", |random| {
        let mut text = String::new();
        for _ in 0..random.below(200) {
            text.push_str(random.pick(&PIECES).copied().unwrap_or_default());
        }
        one_file(text.as_bytes())
    });
}

#[test]
fn random_bytes_are_read() {
    run("random bytes", |random| {
        let length = random.below(400);
        one_file(&(0..length).map(|_| random.bits().to_le_bytes()[0]).collect::<Vec<u8>>())
    });
}

#[test]
fn broken_cases_are_read() {
    let cases = all();
    run("a broken case", |random| {
        let mut case = random.pick(&cases).cloned().unwrap_or_default();
        let other = random.pick(&cases).cloned().unwrap_or_default();
        for _ in 0..=random.below(4) {
            break_case(&mut case, &other, random);
        }
        case
    });
}

#[test]
fn broken_manifests_are_read() {
    let cases = all();
    run("a broken manifest", |random| {
        let mut case = random.pick(&cases).cloned().unwrap_or_default();
        let text = case.manifest.take().unwrap_or_else(|| MANIFEST.to_owned());
        case.manifest = Some(mutate(&text, &text, random));
        case
    });
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let shapes: [(&str, &str, &str); 6] = [
        ("(", "1", ")"),
        ("not ", "true", ""),
        ("-", "1", ""),
        ("abs(", "1", ")"),
        ("case when true then ", "1", " end"),
        ("m { ", "", " }"),
    ];
    for depth in [1_000, 100_000] {
        for (open, middle, close) in shapes {
            let value = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            let text = format!("metric m {{\n  measure: {value}\n}}\n\nmetric after {{ measure: 1 }}\n");
            within(ALLOWED, &format!("{depth} times {open:?}"), move || {
                let found = compile(&MemoryWorld::with_manifest(MANIFEST).file("main.groma", text.into_bytes()));
                assert!(found.has_errors(), "{depth} times {open:?} is accepted");
            });
        }
    }
}

#[test]
fn long_chains_are_read() {
    for operator in [" + ", " and ", " where ", ".", ", ", " offset "] {
        let value = vec!["a"; 20_000].join(operator);
        within(ALLOWED, &format!("20,000 times {operator:?}"), move || {
            drop(compile(
                &MemoryWorld::with_manifest(MANIFEST)
                    .file("main.groma", format!("metric m {{ measure: {value} }}\n").into_bytes()),
            ));
        });
    }
}

#[test]
fn ten_megabytes_are_read_in_linear_time() {
    const METRIC: &str =
        "/// Said.\nmetric revenue {\n  from:    orders\n  measure: sum(amount where (region = \"north\"))\n}\n\n";
    for piece in [METRIC, "(", "a ", "\"", "{", "}", "metric m { measure: ", "// x\n", "1 ", "é", "\u{0}", "- "] {
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let start = Instant::now();
            drop(parse(FileId(0), &text));
            start.elapsed()
        };
        let name = format!("10 MB of {piece:?}");
        within(Duration::from_secs(120), &name.clone(), move || {
            let (small, large) = (time(1 << 20), time(10 << 20));
            // What is not linear takes minutes here, not seconds.
            assert!(large < small * 20 + Duration::from_secs(5), "{name}: {large:?}, a tenth of it {small:?}");
        });
    }
}

/// Reads many inputs of one shape; a panic or a long silence names the seed.
fn run(shape: &str, mut make: impl FnMut(&mut Random) -> Case) {
    let rounds = std::env::var("GROMA_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let (sender, receiver) = channel::<(u64, Case)>();
    let (done, waiting) = channel::<()>();
    let shape_of_watch = shape.to_owned();
    let watch = thread::spawn(move || watch(&waiting, &shape_of_watch));
    let shape_of_work = shape.to_owned();
    let work = thread::spawn(move || {
        for (seed, case) in receiver {
            match catch_unwind(AssertUnwindSafe(|| read(&case))) {
                Ok(Ok(())) => {}
                Ok(Err(_)) => {
                    let least = shrunk(&case);
                    let problem = read(&least).unwrap_err();
                    panic!("{shape_of_work}, seed {seed}: {problem}\n{:?}\n{:?}", least.manifest, least.files);
                }
                Err(_) => panic!("{shape_of_work}, seed {seed}: a panic\n{:?}\n{:?}", case.manifest, case.files),
            }
            // The watch ends with the test.
            _ = done.send(());
        }
    });
    for seed in 0..rounds {
        let case = make(&mut Random::seeded(seed));
        if sender.send((seed, case)).is_err() {
            break;
        }
    }
    drop(sender);
    work.join().unwrap();
    watch.join().unwrap();
}

/// The same case with all that can be left out so that it is still wrong.
fn shrunk(case: &Case) -> Case {
    let mut least = case.clone();
    for index in 0..least.files.len() {
        let mut length = least.files[index].1.chars().count() / 2;
        while length > 0 {
            let mut start = 0;
            while start < least.files[index].1.chars().count() {
                let mut shorter = least.clone();
                let text = &least.files[index].1;
                shorter.files[index].1 = text.chars().take(start).chain(text.chars().skip(start + length)).collect();
                if read(&shorter).is_err() {
                    least = shorter;
                } else {
                    start += length;
                }
            }
            length /= 2;
        }
    }
    least
}

/// Parses, formats and checks.
fn read(case: &Case) -> Result<(), String> {
    for (_, text) in case.texts() {
        check_format(text)?;
    }
    drop(compile(&world(case)));
    Ok(())
}

/// Ends the process when nothing was finished for too long: a thread that hangs cannot be stopped.
fn watch(finished: &std::sync::mpsc::Receiver<()>, shape: &str) {
    let mut seed = 0_u64;
    loop {
        match finished.recv_timeout(ALLOWED) {
            Ok(()) => seed += 1,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => hang(&format!("{shape}, seed {seed}")),
        }
    }
}

/// Runs a piece of work that must end in time.
fn within(allowed: Duration, name: &str, work: impl FnOnce() + Send + 'static) {
    let (done, waiting) = channel::<()>();
    let worker = thread::spawn(move || {
        work();
        // Nobody waits any more when the time is over.
        _ = done.send(());
    });
    if waiting.recv_timeout(allowed) == Err(RecvTimeoutError::Timeout) {
        hang(name);
    }
    worker.join().unwrap();
}

/// Says which input it was, past the harness that would keep it for itself, and ends the process.
fn hang(name: &str) -> ! {
    _ = writeln!(std::io::stderr(), "{name}: it does not end");
    process::abort();
}

fn one_file(bytes: &[u8]) -> Case {
    Case {
        manifest: Some(MANIFEST.to_owned()),
        files: vec![("main.groma".to_owned(), String::from_utf8_lossy(bytes).into_owned())],
        ..Case::default()
    }
}

fn break_case(case: &mut Case, other: &Case, random: &mut Random) {
    let foreign = random.pick(&other.files).map(|(_, text)| text.clone()).unwrap_or_default();
    if case.files.is_empty() {
        return;
    }
    let at = random.below(case.files.len());
    let text = &mut case.files[at].1;
    *text = mutate(text, &foreign, random);
}

/// One change: a part taken away, doubled, moved in from elsewhere, or replaced by what breaks languages.
fn mutate(text: &str, foreign: &str, random: &mut Random) -> String {
    let (start, end) = part(text, random);
    let (from, to) = part(foreign, random);
    let middle = match random.below(4) {
        0 => String::new(),
        1 => text[start..end].repeat(2),
        2 => foreign[from..to].to_owned(),
        _ => random.pick(&PIECES).copied().unwrap_or_default().to_owned(),
    };
    format!("{}{middle}{}", &text[..start], &text[end..])
}

/// A random part of a text, usually short.
fn part(text: &str, random: &mut Random) -> (usize, usize) {
    let mut start = random.below(text.len() + 1);
    let longest = if random.below(4) == 0 { 400 } else { 12 };
    let mut end = (start + random.below(longest)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    (start, end)
}
