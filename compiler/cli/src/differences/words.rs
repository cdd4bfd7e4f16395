//! The words that all formats share.

use super::{Differences, Side};
use groma_history::need::Reason;
use groma_history::{Assessed, Need, Party, Revision};
use groma_model::meaning::Subject;

/// `metric revenue`.
pub(crate) fn subject((kind, name): &Subject) -> String {
    visible(&format!("{} {name}", kind.word()))
}

/// `metric revenue (version 2)`, `metric sales (version 1, was revenue)`; other kinds have no version.
pub(crate) fn titled(differences: &Differences<'_>, one: &Assessed) -> String {
    let [before, after] = [Side::Base, Side::Head].map(|side| differences.version(one, side));
    let version = match (before, after) {
        (Some(before), Some(after)) if before != after => Some(format!("version {before} → {after}")),
        (before, after) => after.or(before).map(|version| format!("version {version}")),
    };
    let was = one.change.was.as_ref().map(|was| visible(&format!("was {was}")));
    let said: Vec<String> = version.into_iter().chain(was).collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
    format!("{}{said}", subject(&one.change.subject))
}

/// `customer account → source accounts`.
pub(crate) fn path(subjects: &[Subject]) -> String {
    subjects.iter().map(subject).collect::<Vec<_>>().join(" → ")
}

/// Whether its own words changed, and what it inherits: `direct`, `inherited through customer account → source accounts`.
pub(crate) fn reach(one: &Assessed, at_most: usize) -> String {
    let paths: Vec<String> = one.change.through.iter().map(|subjects| path(subjects)).collect();
    match (one.change.direct, paths.is_empty()) {
        (true, true) => "direct".to_owned(),
        (true, false) => format!("direct, and inherited through {}", listed(&paths, at_most, "; ")),
        (false, false) => format!("inherited through {}", listed(&paths, at_most, "; ")),
        (false, true) => "inherited".to_owned(),
    }
}

/// `council metrics`, `ada@shop.example`.
pub(crate) fn party(party: &Party) -> String {
    match party {
        Party::Team(name) => visible(&format!("team {name}")),
        Party::Council(name) => visible(&format!("council {name}")),
        Party::Person(address) => visible(address),
    }
}

/// The kind of a party, and its name.
pub(crate) fn party_parts(party: &Party) -> (&'static str, &str) {
    match party {
        Party::Team(name) => ("team", name),
        Party::Council(name) => ("council", name),
        Party::Person(address) => ("person", address),
    }
}

/// `council metrics 1 of 2 (ada@shop.example)`.
pub(crate) fn need(need: &Need) -> String {
    let given = need.given.iter().map(|address| visible(address)).collect::<Vec<_>>().join(", ");
    let given = if given.is_empty() { given } else { format!(" ({given})") };
    format!("{} {} of {}{given}", party(&need.from), need.given.len().min(need.wanted), need.wanted)
}

/// `agreed`, or what is missing and who could give it: `1 missing, of ada@shop.example, lee@shop.example`.
pub(crate) fn state(need: &Need) -> String {
    if need.is_met() {
        return "agreed".to_owned();
    }
    let alone = if need.is_author_alone() { ", by another than the author" } else { "" };
    let open: Vec<String> = need.open.iter().map(|address| visible(address)).collect();
    let of = if open.is_empty() { String::new() } else { format!(", of {}", listed(&open, 4, ", ")) };
    format!("{} missing{alone}{of}", missing(need))
}

/// Why it is needed: `it restates 2026-Q3 by refunds_late`; nothing where the party's word says it.
pub(crate) fn reason(need: &Need) -> Option<String> {
    match &need.because {
        Reason::Decides | Reason::Owns => None,
        Reason::Restates { period, exception } => {
            Some(visible(&format!("for the restatement of {period} by exception {exception}")))
        }
    }
}

/// How many are still to agree.
pub(crate) fn missing(need: &Need) -> usize {
    need.wanted.saturating_sub(need.given.len()).max(usize::from(need.is_author_alone()))
}

/// `main (1a2b3c4d5e6f)`, `the working tree`.
pub(crate) fn revision(revision: &Revision) -> String {
    match revision {
        Revision::WorkingTree => "the working tree".to_owned(),
        Revision::Index => "the index".to_owned(),
        Revision::Commit { id, name } => {
            let id: String = id.to_string().chars().take(12).collect();
            if id.starts_with(name.as_str()) { id } else { visible(&format!("{name} ({id})")) }
        }
    }
}

/// The first of them, and how many there are besides.
pub(crate) fn listed(texts: &[String], at_most: usize, between: &str) -> String {
    let shown = texts.iter().take(at_most).map(String::as_str).collect::<Vec<_>>().join(between);
    match texts.len().saturating_sub(at_most) {
        0 => shown,
        more => format!("{shown}{between}and {more} more"),
    }
}

/// `a, b and c`.
pub(crate) fn joined(texts: &[String], word: &str) -> String {
    match texts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

/// A text with nothing in it that is not seen: what steers a terminal or turns the order of letters is written out.
pub(crate) fn visible(text: &str) -> String {
    let unseen = |character: char| {
        let turns = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || (character.is_control() && character != '\n' && character != '\t')
    };
    if !text.contains(unseen) && !text.contains('\r') {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n");
    let written = |character: char| match unseen(character) {
        true => format!("\\u{{{:x}}}", u32::from(character)),
        false => character.to_string(),
    };
    text.chars().map(written).collect()
}

/// The lines of two texts that differ; lines at both ends that are equal are left out, and so is what is more than that many.
pub(crate) fn excerpts(before: Option<&str>, after: Option<&str>, at_most: usize) -> [Vec<String>; 2] {
    let [before, after] = [before, after].map(|text| text.map(visible).unwrap_or_default());
    let [old, new]: [Vec<&str>; 2] = [&before, &after].map(|text| text.lines().collect());
    let first = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let last = old[first..].iter().rev().zip(new[first..].iter().rev()).take_while(|(old, new)| old == new).count();
    [old, new].map(|lines| {
        let lines = &lines[first..lines.len() - last];
        let shown = lines.iter().take(at_most).map(|line| line.replace('\t', "  ").trim_end().to_owned());
        let more = lines.len().saturating_sub(at_most);
        shown.chain((more > 0).then(|| format!("… {more} more"))).collect()
    })
}
