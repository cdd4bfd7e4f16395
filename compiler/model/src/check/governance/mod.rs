//! People, law and evidence: read once every number has its meaning.

pub(crate) mod accountable;
pub(crate) mod agreement;
mod approver;
pub(crate) mod evidence;
pub(crate) mod exception;
pub(crate) mod opaque;
pub(crate) mod people;
pub(crate) mod period;
pub(crate) mod region;
pub(crate) mod rule;
pub(crate) mod sensitivity;
pub(crate) mod waiver;

use crate::check::declare::{Declarations, Declared};
use crate::check::entries::Entries;
use crate::governance::Record;
use crate::model::Model;
use crate::schema::Kind;
use groma_syntax::ast::Entry;
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::format_smolstr;

/// The codes of these checks.
pub(crate) static CODES: &[&Code] = &[
    &sensitivity::LOWERED,
    &sensitivity::DISCLOSES,
    &sensitivity::NO_CELL,
    &sensitivity::DIFFERENCING,
    &sensitivity::NOBODY_COUNTED,
    &accountable::NOBODY_ACCOUNTABLE,
    &accountable::TWO_ACCOUNTABLE,
    &evidence::LAGGING_LEADS,
    &evidence::LINK_BY_CONSTRUCTION,
    &evidence::LINK_TO_ITSELF,
    &people::NOT_A_QUORUM,
    &people::ONE_SIDED,
    &people::QUORUM_TOO_LARGE,
    &region::ADAPTS_LOCAL,
    &region::GLOBAL_USES_LOCAL,
    &region::NOT_LOCAL,
    &crate::check::metric::governed::GLOBAL_IN_REGION,
    &crate::check::metric::governed::NOT_A_LANGUAGE,
    &crate::check::metric::governed::NO_REGION,
    &crate::check::metric::governed::TARGET_UNIT,
    &crate::check::people::ENDS_FIRST,
    &crate::check::people::LEAD_NOT_A_MEMBER,
    &crate::check::people::MEMBER_AFTER_TEAM,
    &crate::check::people::MEMBER_BEFORE_TEAM,
    &crate::check::people::MEMBER_TWICE,
    &crate::check::people::NOT_AN_ADDRESS,
    &crate::check::people::NOT_A_HANDLE,
    &exception::NOT_COUNTED,
    &exception::NO_ROWS,
    &exception::NO_DAYS,
    &exception::OVERLAPPING,
    &exception::UNUSED,
    &opaque::OPAQUE_EXCLUSION,
    &agreement::terms::OUTSIDE_PURPOSE,
    &agreement::terms::OUTSIDE_COLUMNS,
    &agreement::terms::OUTSIDE_TERRITORY,
    &crate::rule::read::UNKNOWN_ATTRIBUTE,
    &crate::rule::read::UNKNOWN_KIND,
    &crate::rule::read::MISTYPED,
    &crate::rule::read::DIVIDES_BY_ZERO,
    &crate::rule::read::UNDECIDABLE,
    &crate::rule::read::LOOPS,
    &crate::rule::read::BAD_PLACE,
    &crate::rule::read::MISPLACED_QUANTIFIER,
    &waiver::UNKNOWN_RULE,
    &period::NO_METRICS,
    &period::PERIOD_DAYS,
    &period::PERIOD_OVERLAP,
];

/// The kinds that are shown as they were written.
const RECORDS: [Kind; 13] = [
    Kind::Council,
    Kind::Region,
    Kind::Decision,
    Kind::Dispute,
    Kind::Link,
    Kind::Rule,
    Kind::Waiver,
    Kind::Exception,
    Kind::Agreement,
    Kind::Period,
    Kind::Dashboard,
    Kind::Alert,
    Kind::Goal,
];

/// Reads all of it into the model.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    for kind in RECORDS {
        model.records.extend(declarations.of(kind).iter().map(|declared| record(kind, declared)));
    }
    people::read(model, declarations, sink);
    region::read(model, declarations, sink);
    evidence::read(model, declarations, sink);
    opaque::read(model, sink);
    exception::read(model, declarations, sink);
    agreement::read(model, declarations, sink);
    rule::read(model, declarations, sink);
    waiver::read(model, declarations, sink);
    period::read(model, declarations, sink);
    sensitivity::read(model, declarations, sink);
}

fn record(kind: Kind, declared: &Declared) -> Record {
    let entries = declared.item.body.entries.iter().map(|entry| {
        let place = match entry {
            Entry::Value { values, .. } => values.iter().map(|value| value.span).reduce(Span::to),
            Entry::Group { body, .. } => Some(body.span),
        };
        let key = match entry {
            Entry::Group { key, name: Some(name), .. } => format_smolstr!("{} {}", key.text, name.text),
            _ => entry.key().text.clone(),
        };
        (key, place.unwrap_or(entry.span()))
    });
    Record { kind, header: declared.header(), entries: entries.collect() }
}

/// The entries of a declaration, and whether something is wrong with them.
pub(crate) fn entries<'a>(declared: &'a Declared, kind: Kind, sink: &mut Vec<Diagnostic>) -> (Entries<'a>, bool) {
    let before = sink.len();
    let entries = Entries::read(&declared.item, kind.schema(), sink);
    let broken = declared.item.broken || sink.len() > before;
    (entries, broken)
}
