//! A metric's history for people.

use crate::differences::words::{excerpts, path, visible};
use groma_history::log::{Approval, Line, Log, What};
use groma_model::change::{Change, Class, Part};

/// At most so many of what changed, of ways, and of lines before and after.
const PARTS: usize = 4;
const WAYS: usize = 2;
const LINES: usize = 2;

/// A block for each commit, the newest first.
pub(super) fn write(log: &Log, metric: &str, columns: usize, color: bool) -> String {
    let writer = Writer { width: columns.max(40), color };
    let mut text = String::new();
    for line in &log.lines {
        writer.line(line, metric, &mut text);
    }
    if log.more {
        text.push_str("… and more before: leave `-n` out\n");
    }
    text
}

struct Writer {
    width: usize,
    color: bool,
}

impl Writer {
    fn line(&self, line: &Line, metric: &str, text: &mut String) {
        let author = &line.author;
        let head = format!("{} {}", author.day, author.short());
        let (name, summary) = (visible(&author.name), visible(&author.summary));
        let class = line.change().map(|change| format!(" {}", self.class(change.class))).unwrap_or_default();
        text.push_str(&format!("{head}{class} {}  {name}: {summary}\n", happened(line)));
        if line.name != metric {
            self.say(&format!("here it was called `{}`", line.name), text);
        }
        if let Some(since) = &line.since {
            self.say(&format!("compared with {} of {}, the last that could be read", since.short(), since.day), text);
        }
        if let Some(became) = &line.became {
            self.say(&format!("from here on it is called `{became}`"), text);
        }
        if let Some(moved) = &line.moved {
            let folder = if moved.is_empty() { "the top of the repository" } else { moved.as_str() };
            self.say(&format!("the project was in {folder} before"), text);
        }
        if let Some(change) = line.change() {
            self.change(change, matches!(line.what, What::Changed(_)), text);
        }
        if !line.approvals.is_empty() {
            self.say(&approved(&line.approvals), text);
        }
    }

    fn change(&self, change: &Change, changed: bool, text: &mut String) {
        if let Some(was) = change.was.as_ref().filter(|_| change.parts.is_empty()) {
            self.say(&format!("renamed from `{was}`"), text);
        }
        if let Some(since) = change.since {
            self.say(&format!("from {since} on"), text);
        }
        if changed || change.was.is_some() {
            change.parts.iter().take(PARTS).for_each(|part| self.part(part, text));
            self.further(change.parts.len(), PARTS, text);
        }
        // What changed right in what it uses was said with the change itself.
        let told = change.parts.iter().any(|part| part.words.starts_with("through "));
        let ways: Vec<_> = change.through.iter().filter(|way| !told || way.len() > 1).collect();
        for way in ways.iter().take(WAYS) {
            self.say(&format!("through {}", path(way)), text);
        }
        self.further(ways.len(), WAYS, text);
        for undecided in &change.undecided {
            self.say(&format!("undecided: {}", visible(undecided)), text);
        }
    }

    fn part(&self, part: &Part, text: &mut String) {
        self.say(&visible(&part.words), text);
        let [old, new] = excerpts(part.before.as_deref(), part.after.as_deref(), LINES);
        for (sign, style, lines) in [('-', "31", old), ('+', "32", new)] {
            for line in lines {
                let room = self.width.saturating_sub(10);
                let cut: String = line.chars().take(room).collect();
                let end = if cut.len() < line.len() { "…" } else { "" };
                text.push_str(&format!("      {}\n", self.paint(style, &format!("{sign} {}{end}", cut.trim_start()))));
            }
        }
    }

    fn further(&self, all: usize, most: usize, text: &mut String) {
        if all > most {
            self.say(&format!("and {} more", all - most), text);
        }
    }

    /// A sentence below the commit, broken into lines.
    fn say(&self, sentence: &str, text: &mut String) {
        let mut line = String::from("   ");
        for word in sentence.split_whitespace() {
            if line.chars().count() + word.chars().count() + 1 > self.width && line.trim_start() != "" {
                text.push_str(&format!("{line}\n"));
                line = String::from("     ");
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(&format!("{line}\n"));
    }

    fn class(&self, class: Class) -> String {
        let style = match class {
            Class::Restating | Class::Removing => "1;31",
            Class::Forward => "1;33",
            _ => "1",
        };
        self.paint(style, class.word())
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// What a commit did, in a word or two.
fn happened(line: &Line) -> &'static str {
    match &line.what {
        What::Broken => "does not compile",
        What::Introduced(change) if change.was.is_some() => "renamed",
        What::Introduced(_) => "introduced",
        What::Removed(_) if line.became.is_some() => "renamed",
        What::Removed(_) => "removed",
        What::Changed(change) if change.was.is_some() => "renamed",
        What::Changed(change) if change.direct => "direct",
        What::Changed(_) => "inherited",
    }
}

/// `approved by ada@shop.example (council.metrics)`.
fn approved(approvals: &[Approval]) -> String {
    let said = |approval: &Approval| {
        let (by, role) = (visible(&approval.by), visible(&approval.role));
        let verb = if approval.agrees { "approved" } else { "rejected" };
        let doubt = if approval.counts { "" } else { ", which does not count: `groma verify` says why" };
        format!("{verb} by {by} ({role}){doubt}")
    };
    approvals.iter().map(said).collect::<Vec<_>>().join("; ")
}
