//! Customers and segments.

use crate::check::declare::Declared;
use crate::check::entries::{Entries, as_name};
use crate::check::expression::{Expressions, Scope};
use crate::check::names::Names;
use crate::check::path::{AMBIGUOUS_PATH, UNREACHABLE};
use crate::check::source::{find_column, may_be_key, not_a_time, owner};
use crate::check::typing::MISMATCH;
use crate::model::{Attribute, ColumnId, Customer, CustomerId, Header, Model, Segment, SegmentId, SourceId};
use crate::row::{ColumnPath, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::Base;
use groma_syntax::ast::Expr;
use groma_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

/// A customer whose source may have several rows for each.
pub(crate) static NOT_ITS_KEY: Code =
    Code::error("join/not-its-key", "A customer is identified by a column that is not the key of its source.");

/// Reads the head of a customer: its source and the columns of it that have a role.
pub(crate) fn read(
    declared: &Declared,
    names: &Names,
    model: &Model,
    (teams, customers): (&[SmolStr], &[SmolStr]),
    sink: &mut Vec<Diagnostic>,
) -> Customer {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Customer.schema(), sink);
    let mut header = declared.header();
    let source = entries.name("from").and_then(|(name, span)| {
        let known = model.sources.iter().map(|source| source.header.name.as_str());
        super::reference(names, Kind::Source, &name, span, known, sink).map(SourceId)
    });
    let mut customer = Customer {
        header: header.clone(),
        owner: owner(&entries, names, teams.iter().map(SmolStr::as_str), sink),
        source: source.unwrap_or(SourceId(0)),
        key: ColumnId(0),
        since: None,
        until: None,
        filter: None,
        has: Vec::new(),
        parent: None,
    };
    // A source that was reported may lack the key's column, which nobody says again.
    let has_key = source.is_some_and(|source| columns(&mut customer, &entries, model, source, sink));
    if let (Some((name, span)), Some(source)) = (entries.name("parent"), source)
        && let Some(parent) =
            super::reference(names, Kind::Customer, &name, span, customers.iter().map(SmolStr::as_str), sink)
    {
        customer.parent = parent_column(model, source, CustomerId(parent), &name, span, sink)
            .map(|column| (CustomerId(parent), column));
    }
    header.broken |= !has_key || sink.len() > before;
    Customer { header, ..customer }
}

/// Reads what needs expressions: the filter and the attributes.
pub(crate) fn finish(
    model: &Model,
    id: CustomerId,
    declared: &Declared,
) -> (Option<RowExpr>, Vec<Attribute>, Vec<Diagnostic>) {
    let customer = model.customer(id);
    let mut ignored = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Customer.schema(), &mut ignored);
    let mut expressions = Expressions::new(model);
    let scope = Scope::of(customer.source);
    let filter = entries.value("where").map(|condition| expressions.condition(condition, &scope));
    let mut has = Vec::new();
    for written in entries.values("has") {
        has.extend(attribute(model, customer, written, &mut expressions.sink));
    }
    (filter, has, expressions.sink)
}

/// Reads a segment.
pub(crate) fn segment(model: &Model, declared: &Declared) -> (Segment, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Segment.schema(), &mut sink);
    let customer = entries.name("of").and_then(|(name, span)| {
        let known = model.customers.iter().map(|customer| customer.header.name.as_str());
        super::reference(&model.names, Kind::Customer, &name, span, known, &mut sink).map(CustomerId)
    });
    let mut expressions = Expressions::new(model);
    let condition = match (customer, entries.value("where")) {
        (Some(customer), Some(condition)) if !model.customer(customer).header.broken => {
            expressions.condition(condition, &Scope::of(model.customer(customer).source))
        }
        _ => RowExpr::unknown(declared.item.name.span),
    };
    sink.extend(expressions.sink);
    let header = Header { broken: declared.item.broken || customer.is_none() || !sink.is_empty(), ..declared.header() };
    (Segment { header, customer: customer.unwrap_or(CustomerId(0)), condition }, sink)
}

/// Reads the columns that have a role; whether there is one that identifies a customer.
fn columns(
    customer: &mut Customer,
    entries: &Entries<'_>,
    model: &Model,
    source: SourceId,
    sink: &mut Vec<Diagnostic>,
) -> bool {
    let rows = model.source(source);
    let mut column = |key: &str| {
        let written = entries.value(key)?;
        let id = find_column(&rows.columns, &rows.header.name, written, rows.header.broken, sink)?;
        let column = &rows.columns[id.index()];
        if key == "key" && !may_be_key(&column.ty) {
            sink.push(
                MISMATCH
                    .finding(format!("`{}` cannot identify a customer", column.name))
                    .at(written.span, "a key is a text or a whole number")
                    .also(column.span, "its type is declared here")
                    .help("name the column that references hold"),
            );
        }
        if key != "key" {
            not_a_time(column, written.span, sink);
        }
        Some(id)
    };
    let key = column("key");
    customer.key = key.unwrap_or(ColumnId(0));
    customer.since = column("since");
    customer.until = column("until");
    if let Some(key) = key.filter(|key| !rows.key.is_empty() && rows.key != [*key] && !rows.header.broken) {
        let written = entries.value("key").map_or(entries.item.name.span, |written| written.span);
        let declared: Vec<&str> = rows.key.iter().map(|id| rows.columns[id.index()].name.as_str()).collect();
        sink.push(
            NOT_ITS_KEY
                .finding(format!(
                    "a row of `{}` is identified by {}, so a `{}` may have many",
                    rows.header.name,
                    super::names::listed(declared.iter().copied()),
                    rows.columns[key.index()].name
                ))
                .at(written, "not what identifies a row")
                .also(rows.header.span, "the source is declared here")
                .help("name a source with one row for each customer; a `query:` source can make one"),
        );
    }
    key.is_some()
}

/// The reference to the parent in a customer's source: the only column of its type.
fn parent_column(
    model: &Model,
    source: SourceId,
    parent: CustomerId,
    name: &str,
    span: groma_syntax::Span,
    sink: &mut Vec<Diagnostic>,
) -> Option<ColumnId> {
    let rows = model.source(source);
    let columns = || rows.columns.iter().enumerate().filter(|(_, column)| column.ty.base == Base::Customer(parent));
    match columns().count() {
        1 => columns().next().map(|(index, _)| ColumnId::at(index)),
        0 if rows.header.broken => None,
        0 => {
            sink.push(
                UNREACHABLE
                    .finding(format!("nothing in `{}` refers to its parent `{name}`", rows.header.name))
                    .at(span, format!("`{}` has no column of type `{name}`", rows.header.name))
                    .also(rows.header.span, "the source is declared here")
                    .help(format!("give the reference its type: `…: {name}`")),
            );
            None
        }
        count => {
            let [first, second] = [0, 1].map(|nth| columns().nth(nth).map_or("", |(_, column)| column.name.as_str()));
            sink.push(
                AMBIGUOUS_PATH
                    .finding(format!("`{}` refers to `{name}` in {count} columns", rows.header.name))
                    .at(span, format!("through `{first}` or through `{second}`?"))
                    .help(format!(
                        "keep the type `{name}` for the reference to the parent, and give the other the type of its key"
                    )),
            );
            None
        }
    }
}

fn attribute(model: &Model, customer: &Customer, written: &Expr, sink: &mut Vec<Diagnostic>) -> Option<Attribute> {
    let (name, span) = as_name(written)?;
    if let Some(segment) = model.names.get(Kind::Segment, &name).map(SegmentId)
        && model.segments[segment.index()].customer == model_id(model, customer)
    {
        return Some(Attribute { name, value: model.segments[segment.index()].condition.clone() });
    }
    let rows = model.source(customer.source);
    let column =
        find_column(&rows.columns, &rows.header.name, written, rows.header.broken || customer.header.broken, sink)?;
    let path = ColumnPath { hops: Vec::new(), source: customer.source, column };
    let ty = rows.columns[column.index()].ty.clone();
    Some(Attribute { name, value: RowExpr { kind: RowKind::Column(path), ty, span } })
}

fn model_id(model: &Model, customer: &Customer) -> CustomerId {
    CustomerId(model.names.get(Kind::Customer, &customer.header.name).unwrap_or(u32::MAX))
}
