//! Agreements with partners: what a partner allows to be done with its data holds for all that is computed from it.
//!
//! What was agreed is held against every metric, whatever the date. An agreement that a later one of the same partner renews
//! is the exception: it holds while it lasts, so it is judged on a date.

pub(crate) mod terms;
pub(crate) mod uses;

use super::entries;
use crate::check::column_type::whole;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::names::{listed, nearest};
use crate::check::path::UNKNOWN_COLUMN;
use crate::check::reference;
use crate::governance::Agreement;
use crate::model::{ColumnId, Header, Model, SourceId, TeamId};
use crate::schema::Kind;
use groma_syntax::ast::Entry;
use groma_syntax::{Diagnostic, Span};
use smol_str::SmolStr;
use uses::Uses;

/// Reads them; everything they are about has been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    for declared in declarations.of(Kind::Agreement) {
        let agreement = agreement(model, declared, sink);
        model.agreements.push(agreement);
    }
    if model.agreements.is_empty() {
        return;
    }
    let uses = Uses::of(model);
    let mut outside = Vec::new();
    for agreement in model.agreements.iter().filter(|one| terms::renewal(model, one).is_none()) {
        outside.extend(terms::outside(model, agreement, &uses, Some(declarations), sink));
    }
    for metric in outside {
        model.metrics[metric.index()].header.broken = true;
    }
    cells(model, &uses);
}

/// The smallest cell of an agreement is one of every metric that rests on it.
fn cells(model: &mut Model, uses: &Uses) {
    let asked: Vec<_> = model
        .agreements
        .iter()
        .filter_map(|agreement| agreement.cell.map(|cell| (cell, uses.resting_on(model, agreement))))
        .collect();
    for (cell, metrics) in asked {
        for id in metrics {
            let governed = &mut model.metrics[id.index()].governed;
            governed.cell = Some(governed.cell.map_or(cell, |own| own.max(cell)));
        }
    }
}

/// The words that a declaration writes behind a key, with their places. A key that is wrongly written was reported.
pub(crate) fn words<'d>(declared: &'d Declared, key: &'d str) -> impl Iterator<Item = (SmolStr, Span)> + 'd {
    let values = declared.item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key: written, values, .. } if written.text == key => Some(values),
        _ => None,
    });
    values.into_iter().flatten().filter_map(as_name)
}

fn agreement(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Agreement {
    let before = sink.len();
    let (entries, broken) = entries(declared, Kind::Agreement, sink);
    let names = |kind| -> Vec<&str> {
        match kind {
            Kind::Team => model.teams.iter().map(|team| team.header.name.as_str()).collect(),
            _ => model.sources.iter().map(|source| source.header.name.as_str()).collect(),
        }
    };
    let refer = |kind, name: &str, span, sink: &mut Vec<Diagnostic>| {
        reference(&model.names, kind, name, span, names(kind).into_iter(), sink)
    };
    let owner = entries.name("owner").and_then(|(name, span)| refer(Kind::Team, &name, span, sink)).map(TeamId);
    let mut sources = Vec::new();
    for (name, span) in entries.values("sources").iter().filter_map(as_name) {
        sources.extend(refer(Kind::Source, &name, span, sink).map(SourceId));
    }
    let word_list = |key| entries.values(key).iter().filter_map(as_name).map(|(word, _)| word).collect::<Vec<_>>();
    let columns = entries.value("columns").map(|_| columns(model, &entries, &sources, sink));
    let (since, until) = (entries.date("since", sink), entries.date("until", sink));
    if let (Some((since, _)), Some((until, place))) = (since, until)
        && until < since
    {
        sink.push(
            WRONG_VALUE
                .finding(format!("agreement `{}` ends on {until}, before it begins on {since}", declared.name))
                .at(place, "the last day")
                .help("write the day on which the agreement ends"),
        );
    }
    let cell = cell(&entries, sink);
    let header = declared.header();
    Agreement {
        partner: entries.text("partner").map(|(text, _)| text.to_owned()).unwrap_or_default(),
        owner,
        sources,
        purpose: word_list("purpose"),
        columns,
        cell,
        territory: word_list("territory"),
        since: since.map(|(day, _)| day),
        until: until.map(|(day, _)| day),
        header: Header { broken: broken || header.broken || sink.len() > before, ..header },
    }
}

/// The columns that may be used: `visited_on` of whichever of the sources has it, or `visits.visited_on`.
fn columns(
    model: &Model,
    entries: &Entries<'_>,
    sources: &[SourceId],
    sink: &mut Vec<Diagnostic>,
) -> Vec<(SourceId, ColumnId)> {
    let mut allowed = Vec::new();
    for (written, span) in entries.values("columns").iter().filter_map(as_name) {
        let of = |id: &&SourceId| match written.rsplit_once('.') {
            Some((source, _)) => model.source(**id).header.name == source,
            None => true,
        };
        let name = written.rsplit_once('.').map_or(written.as_str(), |(_, column)| column);
        let before = allowed.len();
        for id in sources.iter().filter(of) {
            let found = model.source(*id).columns.iter().position(|column| column.name == name);
            allowed.extend(found.map(|at| (*id, ColumnId::at(at))));
        }
        if allowed.len() == before && !sources.is_empty() {
            sink.push(unknown_column(model, &written, span, sources));
        }
    }
    allowed
}

fn unknown_column(model: &Model, written: &str, span: Span, sources: &[SourceId]) -> Diagnostic {
    let names = sources.iter().map(|id| model.source(*id).header.name.as_str());
    let known: Vec<String> = sources
        .iter()
        .map(|id| model.source(*id))
        .flat_map(|source| {
            source.columns.iter().map(move |column| match written.contains('.') {
                true => format!("{}.{}", source.header.name, column.name),
                false => column.name.to_string(),
            })
        })
        .collect();
    let known = known.iter().map(String::as_str);
    let help = match nearest(written, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("they have {}", listed(known)),
    };
    UNKNOWN_COLUMN
        .finding(format!("the agreement is about {}, and there is no column `{written}`", listed(names)))
        .at(span, "no such column")
        .help(help)
}

/// The smallest cell that a declaration writes.
pub(crate) fn cell(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = entries.value("cell")?;
    let number = whole(written).filter(|cell| *cell >= 1);
    if number.is_none() {
        sink.push(
            WRONG_VALUE
                .finding("`cell` takes a whole number of customers from 1 on")
                .at(written.span, "this is something else")
                .help("write how many customers a number must be about at least: `cell: 25`"),
        );
    }
    number
}
