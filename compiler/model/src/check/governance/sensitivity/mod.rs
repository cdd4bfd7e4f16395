//! How carefully each number must be handled: classes of columns flow to all that is computed from them.
//!
//! What is computed from a column is at least as sensitive, unless it is an aggregate over enough customers. So a metric that
//! rests on personal data has a smallest cell, and no value of one row comes out of it.

mod discloses;

use super::agreement;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::Entries;
use crate::lineage::flow::{self, Rest, SMALLEST};
use crate::lineage::reads::What;
use crate::model::{ColumnId, MetricId, Model, Origin, Sensitivity, SourceId};
use crate::row::RowExpr;
use crate::schema::Kind;
use groma_syntax::ast::Entry;
use groma_syntax::{Code, Diagnostic, Span};

/// A query's column that is said to be less sensitive than what it is computed from.
pub(crate) static LOWERED: Code =
    Code::error("sensitivity/lowered", "A column is declared less sensitive than the columns it is computed from.");
/// A value of one person in a number.
pub(crate) static DISCLOSES: Code =
    Code::error("sensitivity/discloses", "A metric shows the value that a single person has.");
/// Nothing says how many people a number must be about.
pub(crate) static NO_CELL: Code =
    Code::error("sensitivity/no-cell", "A metric rests on personal data and has no smallest cell.");
/// Personal data of nobody in particular.
pub(crate) static NOBODY_COUNTED: Code = Code::error(
    "sensitivity/nobody-counted",
    "A metric rests on personal data and counts no customer, so nobody knows how many people a cell is about.",
);

/// A question about people.
pub(crate) static DIFFERENCING: Code = Code::error(
    "sensitivity/differencing",
    "A question filters by personal columns: two such questions can differ by one person.",
);

/// The word for a class.
pub(crate) fn word(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Special => "special",
    }
}

/// Follows the classes of columns, before anything is built from them, and reports those that are said to be lower.
pub(crate) fn columns(model: &mut Model, sink: &mut Vec<Diagnostic>) {
    let flow = flow::columns(model);
    let mut lowered = Vec::new();
    for (at, source) in model.sources.iter().enumerate() {
        for (column, declared) in source.columns.iter().enumerate() {
            let (source, column) = (SourceId::at(at), ColumnId::at(column));
            let carried = flow.column(source, column);
            if declared.classed.is_some() && carried.class > declared.sensitivity {
                lowered.push((source, column));
            }
        }
    }
    model.flow = flow;
    sink.extend(lowered.iter().map(|(source, column)| too_low(model, *source, *column)));
    lowered.iter().for_each(|(source, _)| model.sources[source.index()].header.broken = true);
    for (at, source) in model.sources.iter_mut().enumerate() {
        for (column, declared) in source.columns.iter_mut().enumerate() {
            declared.sensitivity = model.flow.column(SourceId::at(at), ColumnId::at(column)).class;
        }
    }
}

fn too_low(model: &Model, source: SourceId, column: ColumnId) -> Diagnostic {
    let declared = model.column(source, column);
    let carried = model.flow.column(source, column);
    let trail = model.flow.trail(model, What::Column(source, column));
    let (from, said) = (trail.get(1).copied().unwrap_or((source, column)), word(declared.sensitivity));
    let origin = &model.source(source).origin;
    let help = match origin {
        Origin::Query { .. } => format!(
            "leave `{said}` out, and let metrics count or average it over a smallest cell; a count, sum or average of the \
             query itself may be lower where each row is about {} customers: `having count(distinct …) >= {0}`",
            model.policy.cell.max(5)
        ),
        _ => format!("leave `{said}` out: it identifies the same people"),
    };
    let finding = LOWERED
        .finding(format!(
            "`{}` says it is {said}, and it is computed from `{}`, which is {}",
            column_name(model, source, column),
            column_name(model, from.0, from.1),
            word(carried.class)
        ))
        .at(declared.classed.unwrap_or(declared.span), format!("said to be {said}"));
    trail[1..]
        .iter()
        .fold(finding, |finding, (source, column)| {
            let label = if Some(&(*source, *column)) == trail.last() { word(carried.class) } else { "computed from" };
            finding.also(model.column(*source, *column).span, label)
        })
        .help(help)
}

/// `people.email`.
pub(crate) fn column_name(model: &Model, source: SourceId, column: ColumnId) -> String {
    format!("{}.{}", model.source(source).header.name, model.column(source, column).name)
}

/// Follows the classes into metrics, gives each its smallest cell, and reports what would disclose a person.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    for (at, declared) in declarations.of(Kind::Metric).iter().enumerate() {
        let own = own_cell(declared, sink);
        let cell = &mut model.metrics[at].governed.cell;
        *cell = (*cell).max(own);
    }
    let mut flow = std::mem::take(&mut model.flow);
    flow::metrics(model, &mut flow);
    model.flow = flow;
    cells(model);
    let mut found = Vec::new();
    for at in 0..model.metrics.len() {
        let id = MetricId::at(at);
        if !model.metric(id).header.broken {
            findings(model, id, &mut found);
        }
    }
    for (id, finding) in found {
        model.metrics[id.index()].header.broken = true;
        sink.push(finding);
    }
}

/// The condition of a question; none where it is about personal columns. What is between the answers to two such questions is
/// about those who meet one of the conditions only, and that can be a single person.
pub(crate) fn may_ask(
    model: &Model,
    span: Span,
    filter: Vec<(SourceId, RowExpr)>,
) -> Result<Vec<(SourceId, RowExpr)>, Vec<Diagnostic>> {
    let mut found = None;
    for (_, condition) in &filter {
        condition.for_each_column(&mut |path| {
            if model.flow.column(path.source, path.column).class >= Sensitivity::Personal {
                found.get_or_insert((path.source, path.column));
            }
        });
    }
    let Some((source, column)) = found else { return Ok(filter) };
    let class = word(model.column(source, column).sensitivity);
    Err(vec![
        DIFFERENCING
            .finding(format!(
                "the question is about `{}`, which is {class}: the difference between two such answers can be one person",
                column_name(model, source, column)
            ))
            .at(span, "chooses people")
            .help("declare a `segment` and group by it, or write the condition into a metric: their small cells are hidden"),
    ])
}

/// The `cell` that a metric writes.
fn own_cell(declared: &Declared, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = |entry: &Entry| matches!(entry, Entry::Value { key, .. } if key.text == "cell");
    if !declared.item.body.entries.iter().any(written) {
        return None;
    }
    // What else is wrong with the entries was reported.
    let entries = Entries::read(&declared.item, Kind::Metric.schema(), &mut Vec::new());
    agreement::cell(&entries, sink)
}

/// A metric has the smallest cell of all it rests on, and that of the policy where it rests on personal data.
fn cells(model: &mut Model) {
    let policy = Some(model.policy.cell).filter(|cell| *cell > 0);
    for id in flow::in_order(model) {
        let parts = model.metric(id).measure.metrics();
        let inherited = parts.iter().filter_map(|part| model.metric(*part).governed.cell).max();
        let personal = model.flow.metrics[id.index()].class >= Sensitivity::Personal;
        let cell = &mut model.metrics[id.index()].governed.cell;
        *cell = (*cell).max(inherited).max(policy.filter(|_| personal));
    }
}

fn findings(model: &Model, id: MetricId, found: &mut Vec<(MetricId, Diagnostic)>) {
    let rest = model.flow.metrics[id.index()];
    if rest.class < Sensitivity::Personal || !rest.own {
        return;
    }
    let metric = model.metric(id);
    if metric.source.is_some() && metric.customer.is_none() {
        found.push((id, nobody_counted(model, id, rest)));
    } else if metric.governed.cell.unwrap_or(0) < SMALLEST {
        found.push((id, no_cell(model, id, rest)));
    }
    found.extend(discloses::findings(model, id).into_iter().map(|finding| (id, finding)));
}

fn no_cell(model: &Model, id: MetricId, rest: Rest) -> Diagnostic {
    let name = &model.metric(id).header.name;
    let finding = NO_CELL
        .finding(format!(
            "`{name}` rests on {} data ({}), and nothing says how many customers a number must be about",
            word(rest.class),
            described(model, rest)
        ))
        .at(model.metric(id).header.span, "no smallest cell");
    with_trail(model, rest, finding)
        .help("write `cell: 10` in the metric, or for all of them in groma.yml: `policy: { cell: 10 }`")
}

fn nobody_counted(model: &Model, id: MetricId, rest: Rest) -> Diagnostic {
    let metric = model.metric(id);
    let rows = metric.source.map_or("", |source| model.source(source).header.name.as_str());
    let finding = NOBODY_COUNTED
        .finding(format!(
            "`{}` rests on {} data ({}), and its rows are of no customer: nobody knows how many people a number is about",
            metric.header.name,
            word(rest.class),
            described(model, rest)
        ))
        .at(metric.header.span, "counts nobody");
    with_trail(model, rest, finding).help(format!(
        "give the column of `{rows}` that says whose row it is the type of a `customer`, or do not read the column"
    ))
}

/// The column that a metric has its class from, as it is declared: `people.email`.
fn described(model: &Model, rest: Rest) -> String {
    let trail = rest.because.map(|read| model.flow.trail(model, read.what)).unwrap_or_default();
    trail.last().map(|(source, column)| format!("`{}`", column_name(model, *source, *column))).unwrap_or_default()
}

/// Adds where the class comes from: the expression, the columns between, the column that it is declared for.
pub(crate) fn with_trail(model: &Model, rest: Rest, finding: Diagnostic) -> Diagnostic {
    let Some(read) = rest.because else { return finding };
    let place = match read.what {
        What::Rows(source) => model.source(source).header.span,
        What::Column(..) | What::Metric(_) => read.span,
    };
    let inside = |outer: Span| outer.file == place.file && outer.start <= place.start && place.end <= outer.end;
    let finding = match finding.primary.as_ref().is_some_and(|label| inside(label.span)) {
        true => finding,
        false => finding.also(place, "read here"),
    };
    let trail = model.flow.trail(model, read.what);
    trail.iter().enumerate().fold(finding, |finding, (at, (source, column))| {
        let declared = model.column(*source, *column);
        let label = if at + 1 == trail.len() { word(rest.class) } else { "computed from" };
        finding.also(declared.span, label)
    })
}
