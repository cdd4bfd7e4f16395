//! What definitions changed in since the last review.

use crate::differences::words;
use crate::loading::Loaded;
use groma_history::seal::Placed;
use groma_history::{Compared, Repository, Revision, State};
use groma_model::Diagnostic;
use groma_model::change::{Change, Class};
use groma_model::governance::Period;
use groma_model::schema::Kind;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The changes since an earlier state, by metric.
pub(crate) struct Since {
    /// The earlier state, in words; else why there is none.
    from: Result<String, String>,
    changes: BTreeMap<String, Vec<String>>,
}

impl Since {
    /// What changed since the period before was reviewed: since the commit that it was frozen at, else since the last commit up to
    /// the day on which it was reported or ended. `head`: the commit that this review is of; none for the files as they are.
    pub(crate) fn last(
        loaded: &Loaded,
        previous: Option<&Period>,
        locks: &[Placed],
        (head, today): (Option<&str>, Date),
    ) -> Self {
        let nothing = |why: &str| Self { from: Err(why.to_owned()), changes: BTreeMap::new() };
        let Some(previous) = previous else {
            return nothing("There is no earlier period to compare the definitions with.");
        };
        let Ok(repository) = Repository::around(loaded.world.root(), None) else {
            return nothing("The definitions are in no git repository: what changed in them is not known.");
        };
        let name = &previous.header.name;
        let sealed = locks.iter().find(|lock| lock.lock.period.name == name.as_str()).map(|lock| &lock.lock.commit);
        let day = previous.report.unwrap_or(previous.covers.1);
        let base = match sealed {
            Some(commit) => repository.revision(commit).ok(),
            None => repository.last_until(day),
        };
        let Some(base) = base else {
            return nothing(&format!("No commit is as old as the review of {name}: what changed since is not known."));
        };
        let from = match sealed {
            Some(_) => format!("the freeze of {name} ({})", base.label()),
            None => format!("{day} ({})", base.label()),
        };
        match compared(&repository, base, head, today) {
            Ok(changes) => Self { from: Ok(from), changes },
            Err(found) => nothing(&format!("What changed since {from} is not known: {}.", found.headline)),
        }
    }

    /// The changes of a metric, one sentence each.
    pub(super) fn of(&self, metric: &str) -> Vec<String> {
        self.changes.get(metric).cloned().unwrap_or_default()
    }

    /// Since when changes are listed, or why none are.
    pub(super) fn sentence(&self) -> String {
        match &self.from {
            Ok(from) => format!("Changes of definitions are those since {from}."),
            Err(why) => why.clone(),
        }
    }
}

/// The changes of metrics between two commits, or up to the files as they are.
fn compared(
    repository: &Repository,
    base: Revision,
    head: Option<&str>,
    today: Date,
) -> Result<BTreeMap<String, Vec<String>>, Box<Diagnostic>> {
    let head = match head {
        Some(commit) => repository.revision(commit)?,
        None => Revision::WorkingTree,
    };
    let (base, head) = State::two(repository, base, head)?;
    let compared = Compared::of(repository, base, head, today);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &compared.changes {
        let (kind, name) = &one.change.subject;
        if *kind == Kind::Metric && one.change.class > Class::Cosmetic {
            found.entry(name.to_string()).or_default().extend(sentences(&one.change));
        }
    }
    Ok(found)
}

/// `restating: its `where` is another`; what it inherits, by the way it came.
fn sentences(change: &Change) -> Vec<String> {
    let class = change.class.word();
    let own = change.parts.iter().map(|part| format!("{}: {}", part.class.word(), part.words));
    let through = change.through.iter().map(|path| format!("{class}: inherited through {}", words::path(path)));
    let mut lines: Vec<String> = own.chain(through).collect();
    if lines.is_empty() {
        lines.push(class.to_owned());
    }
    lines
}
