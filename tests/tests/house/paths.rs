//! What no committed file may hold: places of one machine, hosts that packages came from.

use groma_tests::repository;
use std::fs;

/// Written in two parts, so that this file does not hold them itself.
const PLACES: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/tmp/tar", "get")];
const HOSTS: [&str; 6] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("files.python", "hosted.org"),
    concat!("pypi", ".org/simple"),
    concat!("registry.npm", "js.org"),
    concat!("deb.deb", "ian.org"),
];

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let root = repository::root();
    let mut wrong = Vec::new();
    for path in repository::files(&root, "").unwrap() {
        // What is no text holds no path that anyone reads.
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        for (index, line) in text.lines().enumerate() {
            if let Some(found) = PLACES.iter().chain(&HOSTS).find(|found| line.contains(**found)) {
                wrong.push(format!("{path}:{}: {found}", index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
