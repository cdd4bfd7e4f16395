//! A declaration that is gone and one that is new, with the same meaning: it is called otherwise.

use super::drafts::{Draft, changed, renamed};
use super::parts::{Found, Reach};
use super::view::View;
use crate::check::declare::Declared;
use crate::meaning::Digest;
use crate::schema::Kind;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Whether the name of a declaration is seen outside of the project's definitions.
pub(super) fn is_published(kind: Kind) -> bool {
    matches!(kind, Kind::Metric | Kind::Source | Kind::Customer | Kind::Segment | Kind::Survey)
}

/// Whether it is seen by readers that it is there, and by its name.
pub(super) fn is_seen(kind: Kind) -> bool {
    is_published(kind) || kind == Kind::Dashboard
}

/// Whether a declaration is only a name for a part of others.
pub(super) fn is_local(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::Window)
}

/// What is gone and what is new of a kind; those with the same meaning are one.
pub(super) fn pair<'m>(
    (base, head): (&View<'m>, &View<'m>),
    kind: Kind,
    (gone, new): (Vec<&'m Declared>, Vec<&'m Declared>),
) -> Vec<Draft<'m>> {
    let mut wanted: BTreeMap<Digest, Vec<&Declared>> = BTreeMap::new();
    // From the last, so that the first is taken first.
    for one in gone.iter().rev() {
        // What a survey declares is called as the survey is.
        if let Some(meaning) = base.meaning(&(kind, one.name.clone())).filter(|_| one.survey.is_none()) {
            wanted.entry(meaning.whole).or_default().push(one);
        }
    }
    let mut drafts = Vec::new();
    let mut paired: Vec<&SmolStr> = Vec::new();
    for other in new {
        let meaning = head.meaning(&(kind, other.name.clone())).filter(|_| other.survey.is_none());
        let one = meaning.and_then(|meaning| wanted.get_mut(&meaning.whole)).and_then(Vec::pop);
        let draft = one.and_then(|one| changed(base, head, (kind, one, other)).map(|draft| (one, draft)));
        let Some((one, mut draft)) = draft else {
            drafts.push(alone(kind, None, Some(other)));
            continue;
        };
        paired.push(&one.name);
        let reach = match kind {
            _ if is_seen(kind) => Reach::Gone,
            _ if is_local(kind) => Reach::Cosmetic,
            _ => Reach::Policy,
        };
        draft.found.insert(0, (renamed(reach, &one.name, other), (None, None)));
        drafts.push(draft);
    }
    drafts.extend(gone.iter().filter(|one| !paired.contains(&&one.name)).map(|one| alone(kind, Some(one), None)));
    drafts
}

/// A declaration that is there on one side only.
fn alone<'m>(kind: Kind, base: Option<&'m Declared>, head: Option<&'m Declared>) -> Draft<'m> {
    let declared = head.or(base);
    let name = declared.map(|declared| declared.name.clone()).unwrap_or_default();
    let (reach, words) = if head.is_some() { (Reach::New, "is new") } else { (Reach::Gone, "is gone") };
    let found = Found {
        reach,
        key: SmolStr::default(),
        words: words.to_owned(),
        before: None,
        after: None,
        span: head.map(|declared| declared.item.name.span),
        undecided: None,
        column: None,
    };
    Draft { subject: (kind, name), was: None, base, head, found: vec![(found, (None, None))] }
}
