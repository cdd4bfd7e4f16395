//! Small models for tests, built by hand.

use super::evaluate::{Data, Tables, Value, run};
use crate::relation::Statement;
use crate::{Planned, Request, plan};
use groma_model::measure::{AggregateCall, AggregateFunction, Measure, MeasureKind};
use groma_model::row::{Binary, ColumnPath, Hop, Literal, RowExpr, RowFunction, RowKind};
use groma_model::time::{Calendar, Clock, Grain, Offset};
use groma_model::types::{Base, Type};
use groma_model::unit::Unit;
use groma_model::*;
use jiff::civil::{Date, DateTime};

pub(crate) fn span() -> Span {
    Span { file: FileId(0), start: 0, end: 0 }
}

/// A place of its own for each part, as in files: equal expressions have different places.
fn next_span() -> Span {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = NEXT.fetch_add(1, Ordering::Relaxed);
    Span { file: FileId(0), start, end: start + 1 }
}

fn header(name: &str) -> Header {
    Header { name: name.into(), span: span(), doc: None, standard: false, broken: false }
}

pub(crate) fn instant(zone: &str) -> Base {
    Base::Instant { zone: zone.into() }
}

pub(crate) fn column(name: &str, base: Base) -> Column {
    Column {
        name: name.into(),
        span: span(),
        doc: None,
        ty: Type::plain(base),
        optional: false,
        sensitivity: Sensitivity::Internal,
        classed: None,
    }
}

pub(crate) fn optional(name: &str, base: Base) -> Column {
    Column { optional: true, ..column(name, base) }
}

/// A source whose first column is its key; `time` names its time.
pub(crate) fn source(name: &str, time: &str, columns: Vec<Column>) -> Source {
    Source {
        header: header(name),
        owner: None,
        origin: Origin::Table { name: name.to_owned(), span: span() },
        key: vec![ColumnId(0)],
        time: columns.iter().position(|column| column.name == time).map(ColumnId::at),
        late: None,
        columns,
        checks: Vec::new(),
    }
}

/// A customer of a source, by its first column.
pub(crate) fn customer(name: &str, source: SourceId) -> Customer {
    Customer {
        header: header(name),
        owner: None,
        source,
        key: ColumnId(0),
        since: None,
        until: None,
        filter: None,
        has: Vec::new(),
        parent: None,
    }
}

pub(crate) fn metric(name: &str, source: Option<SourceId>, measure: Measure) -> Metric {
    Metric {
        header: header(name),
        owner: None,
        customer: None,
        customer_key: None,
        population: None,
        each: None,
        steps: Vec::new(),
        source,
        clock: Clock::Event,
        filter: None,
        measure,
        sources: source.into_iter().collect(),
        reads: source.into_iter().collect(),
        by: Vec::new(),
        grains: vec![Grain::Month],
        unit: Unit::None,
        kind: None,
        better: None,
        matters: None,
        minimum: None,
        fill: Fill::None,
        weight: None,
        status: Status::Active,
        labels: Vec::new(),
        tags: Vec::new(),
        governed: governance::Governed::default(),
        version: 1,
        versions: Vec::new(),
    }
}

pub(crate) fn row(kind: RowKind, ty: Type) -> RowExpr {
    RowExpr { kind, ty, span: next_span() }
}

/// `name`, or `reference.name` for a column of the customer that a reference leads to.
pub(crate) fn col(model: &Model, source: SourceId, path: &str) -> RowExpr {
    let (mut at, mut hops) = (source, Vec::new());
    let names: Vec<&str> = path.split('.').collect();
    let find = |source: SourceId, name: &str| {
        let found = model.source(source).columns.iter().position(|column| column.name == name);
        ColumnId::at(found.unwrap_or_else(|| panic!("no column {name}")))
    };
    for name in &names[..names.len() - 1] {
        let column = find(at, name);
        let Base::Customer(customer) = model.column(at, column).ty.base else { panic!("{name} is no reference") };
        hops.push(Hop { column, customer });
        at = model.customer(customer).source;
    }
    let column = find(at, names[names.len() - 1]);
    row(RowKind::Column(ColumnPath { hops, source: at, column }), model.column(at, column).ty.clone())
}

pub(crate) fn int(value: i64) -> RowExpr {
    row(RowKind::Literal(Literal::Int(value)), Type::plain(Base::Int))
}

pub(crate) fn text(value: &str) -> RowExpr {
    row(RowKind::Literal(Literal::Text(value.to_owned())), Type::plain(Base::Text))
}

pub(crate) fn date_value(date: &str) -> RowExpr {
    row(RowKind::Literal(Literal::Date(date.parse().unwrap())), Type::plain(Base::Date))
}

pub(crate) fn op(operator: Binary, left: RowExpr, right: RowExpr) -> RowExpr {
    let base = match operator {
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Remainder => left.ty.base.clone(),
        Binary::Divide => Base::Real,
        _ => Base::Bool,
    };
    row(RowKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, Type::plain(base))
}

pub(crate) fn function(function: RowFunction, base: Base, arguments: Vec<RowExpr>) -> RowExpr {
    row(RowKind::Call { function, arguments }, Type::plain(base))
}

pub(crate) fn measure(kind: MeasureKind) -> Measure {
    Measure { kind, ty: Type::plain(Base::Real), span: next_span() }
}

pub(crate) fn agg(function: AggregateFunction, argument: Option<RowExpr>, filter: Option<RowExpr>) -> Measure {
    measure(MeasureKind::Aggregate(Box::new(AggregateCall { function, argument, filter })))
}

pub(crate) fn count() -> Measure {
    agg(AggregateFunction::Count, None, None)
}

pub(crate) fn sum(argument: RowExpr) -> Measure {
    agg(AggregateFunction::Sum, Some(argument), None)
}

pub(crate) fn of(id: u32) -> Measure {
    measure(MeasureKind::Metric(MetricId(id)))
}

pub(crate) fn number(value: i64) -> Measure {
    measure(MeasureKind::Literal(Literal::Int(value)))
}

pub(crate) fn both(operator: Binary, left: Measure, right: Measure) -> Measure {
    measure(MeasureKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
}

pub(crate) fn scoped(inner: Measure, filter: Vec<(SourceId, RowExpr)>, offset: Option<Offset>) -> Measure {
    measure(MeasureKind::Scoped { inner: Box::new(inner), filter, offset })
}

pub(crate) fn grouping(name: &str, values: Vec<(SourceId, RowExpr)>) -> Grouping {
    Grouping { name: name.into(), span: span(), ty: values[0].1.ty.clone(), values }
}

/// Shop and support: orders in New York's time, tickets by date, accounts with a region that may be missing.
pub(crate) fn shop(zone: &str) -> Model {
    let account = Base::Customer(CustomerId(0));
    let calendar = Calendar { zone: zone.into(), ..Default::default() };
    let accounts = source(
        "accounts",
        "signed_up_on",
        vec![column("account_id", Base::Text), optional("region", Base::Text), column("signed_up_on", Base::Date)],
    );
    let orders = source(
        "orders",
        "ordered_at",
        vec![
            column("order_id", Base::Int),
            column("account_id", account.clone()),
            column("ordered_at", instant("America/New_York")),
            optional("amount", Base::Decimal { precision: 12, scale: 2 }),
            column("refunded", Base::Bool),
        ],
    );
    let tickets = source(
        "tickets",
        "opened_on",
        vec![
            column("ticket_id", Base::Int),
            column("account_id", account),
            column("opened_on", Base::Date),
            optional("score", Base::Scale { low: 0, high: 10 }),
        ],
    );
    let mut model = Model::default();
    model.calendar = calendar;
    model.sources = vec![accounts, orders, tickets];
    model.customers = vec![customer("account", ACCOUNTS)];
    model
}

pub(crate) const ACCOUNTS: SourceId = SourceId(0);
pub(crate) const ORDERS: SourceId = SourceId(1);
pub(crate) const TICKETS: SourceId = SourceId(2);

/// The tables of [`shop`]; an order is (account, time, amount, refunded), a ticket (account, day, score).
pub(crate) fn shop_tables(orders: &[(&str, &str, Option<f64>, bool)], tickets: &[(&str, &str, Option<i64>)]) -> Tables {
    let accounts = [("a", Some("north")), ("b", Some("south")), ("c", None)];
    let accounts = accounts.iter().map(|(id, region)| {
        vec![
            Value::Text((*id).into()),
            region.map_or(Value::Null, |region| Value::Text(region.into())),
            day("2020-01-01"),
        ]
    });
    let orders = orders.iter().zip(1..).map(|((account, at, amount, refunded), id)| {
        vec![
            Value::Int(id),
            Value::Text((*account).into()),
            Value::Timestamp(at.replace(' ', "T").parse().unwrap()),
            amount.map_or(Value::Null, Value::Real),
            Value::Bool(*refunded),
        ]
    });
    let tickets = tickets.iter().zip(1..).map(|((account, on, score), id)| {
        vec![Value::Int(id), Value::Text((*account).into()), day(on), score.map_or(Value::Null, Value::Int)]
    });
    let model = shop("UTC");
    let data = |source: SourceId, rows: Vec<Vec<Value>>| {
        let columns = model.source(source).columns.iter().map(|column| column.name.to_string()).collect();
        (model.source(source).header.name.to_string(), Data { columns, rows })
    };
    Tables::from([data(ACCOUNTS, accounts.collect()), data(ORDERS, orders.collect()), data(TICKETS, tickets.collect())])
}

pub(crate) fn day(date: &str) -> Value {
    Value::Date(date.parse().unwrap())
}

/// What is asked in a test.
#[derive(Default, Clone)]
pub(crate) struct Ask<'a> {
    pub(crate) metrics: &'a [u32],
    pub(crate) grain: Option<Grain>,
    pub(crate) by: Vec<Grouping>,
    pub(crate) from: Option<&'a str>,
    pub(crate) to: Option<&'a str>,
    pub(crate) filter: Vec<(SourceId, RowExpr)>,
}

pub(crate) fn planned(model: &Model, ask: &Ask<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let table = |source: SourceId| vec![model.source(source).header.name.to_string()];
    let date = |text: Option<&str>| text.map(|text| text.parse::<Date>().unwrap());
    let request = Request {
        metrics: ask.metrics.iter().map(|id| MetricId(*id)).collect(),
        grain: ask.grain.unwrap_or(Grain::Month),
        by: ask.by.clone(),
        from: date(ask.from),
        to: date(ask.to),
        filter: ask.filter.clone(),
        // Nothing is cut where a test says what it asks for.
        as_of: ask.to.map(|_| DateTime::constant(2100, 1, 1, 0, 0, 0, 0)),
        sets: crate::Sets::Whole,
        intervals: None,
        estimated: crate::Estimated::All,
        further: crate::Further::default(),
        table: &table,
    };
    plan(model, &request)
}

pub(crate) fn statement(model: &Model, ask: &Ask<'_>) -> Statement {
    planned(model, ask).unwrap_or_else(|findings| panic!("{findings:?}")).statement
}

/// The answer as lines: `metric period groups… value n`.
pub(crate) fn answer(model: &Model, ask: &Ask<'_>, tables: &Tables) -> Vec<String> {
    let planned = planned(model, ask).unwrap_or_else(|findings| panic!("{findings:?}"));
    let data = run(&planned.statement, tables);
    let mut shown = vec!["metric", "period"];
    shown.extend(planned.groups.iter().map(String::as_str));
    shown.extend(["value", "n"]);
    let places: Vec<usize> =
        shown.iter().map(|name| data.columns.iter().position(|column| column == name).unwrap()).collect();
    let line = |row: &Vec<Value>| places.iter().map(|place| show(&row[*place])).collect::<Vec<_>>().join(" ");
    data.rows.iter().map(line).collect()
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Real(value) => format!("{value:?}"),
        Value::Text(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Timestamp(at) => at.to_string(),
    }
}
