//! A metric's history as one document.

use groma_history::log::{Author, Line, Log, What};
use groma_model::change::Change;
use groma_model::meaning::{FORM, Subject};
use serde_json::{Value, json};

/// `{"version": 1, "metric": …, "commits": […]}`, the newest first.
pub(super) fn write(log: &Log, metric: &str) -> String {
    let commits: Vec<Value> = log.lines.iter().map(line).collect();
    let ends: Vec<Value> = log.ends.iter().map(author).collect();
    format!("{:#}\n", json!({ "version": 1, "metric": metric, "commits": commits, "more": log.more, "ends": ends }))
}

fn line(line: &Line) -> Value {
    let mut written = author(&line.author);
    written["name"] = line.name.as_str().into();
    written["what"] = word(&line.what).into();
    written["compared_with"] = line.since.as_ref().map(|author| author.commit.to_string()).into();
    written["became"] = line.became.as_deref().into();
    written["moved_from"] = line.moved.as_deref().into();
    written["approvals"] = line
        .approvals
        .iter()
        .map(|one| json!({ "by": one.by, "role": one.role, "agrees": one.agrees, "counts": one.counts }))
        .collect();
    if let (Some(change), Value::Object(written)) = (line.change().map(change), &mut written) {
        written.extend(change.as_object().cloned().unwrap_or_default());
    }
    written
}

/// A commit and who made it.
pub(in crate::command) fn author(author: &Author) -> Value {
    json!({
        "commit": author.commit.to_string(),
        "date": author.day.to_string(),
        "author": { "name": author.name, "address": author.address },
        "summary": author.summary,
    })
}

fn word(what: &What) -> &'static str {
    match what {
        What::Broken => "broken",
        What::Introduced(_) => "introduced",
        What::Removed(_) => "removed",
        What::Changed(_) => "changed",
    }
}

fn change(change: &Change) -> Value {
    let subject = |(kind, name): &Subject| json!({ "kind": kind.word(), "name": name.as_str() });
    let path = |subjects: &Vec<Subject>| subjects.iter().map(subject).collect::<Value>();
    let part = |part: &groma_model::change::Part| {
        json!({
            "class": part.class.word(),
            "key": part.key.as_str(),
            "words": part.words,
            "before": part.before,
            "after": part.after,
        })
    };
    json!({
        "class": change.class.word(),
        "was": change.was.as_deref(),
        "direct": change.direct,
        "through": change.through.iter().map(path).collect::<Vec<_>>(),
        "since": change.since.map(|day| day.to_string()),
        "parts": change.parts.iter().map(part).collect::<Vec<_>>(),
        "undecided": change.undecided,
        "meaning": {
            "form": FORM,
            "before": change.before.map(|digest| digest.to_string()),
            "after": change.after.map(|digest| digest.to_string()),
        },
    })
}
