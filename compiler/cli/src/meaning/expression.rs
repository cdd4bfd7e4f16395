//! Typed expressions as text, in the language's own words.
//!
//! Functions and segments are already expanded in the model, so this shows what is really computed. Parentheses stand only
//! where they are needed.

use groma_model::measure::{AggregateCall, AggregateFunction, Measure, MeasureKind};
use groma_model::row::{Binary, ColumnPath, Each, Hop, Literal, RowExpr, RowFunction, RowKind};
use groma_model::time::Offset;
use groma_model::{ColumnId, CustomerId, Metric, MetricId, Model};
use std::cell::Cell;
use std::fmt::Write as _;

/// The most metrics that one text replaces by what they are made of.
const MOST_PIECES: usize = 60;

/// How tightly a piece of text holds together; what holds less tightly than its place needs parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Where,
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Minus,
    Offset,
    Atom,
}

/// A text and how tightly it holds together.
struct Piece {
    text: String,
    level: Level,
}

impl Piece {
    fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::Atom }
    }

    /// The text for a place that needs at least this level.
    fn at(self, level: Level) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text }
    }

    fn above(self, level: Level) -> String {
        if self.level <= level { format!("({})", self.text) } else { self.text }
    }
}

/// What becomes of the metrics inside a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metrics {
    /// Their names.
    Named,
    /// Their measures, down to aggregates of columns.
    Expanded,
}

/// A row expression.
pub fn row(model: &Model, expr: &RowExpr) -> String {
    row_piece(model, expr).text
}

/// A row expression over a customer's source, with the customer before its columns: `account.region = "north"`.
pub fn of_customer(model: &Model, customer: CustomerId, expr: &RowExpr) -> String {
    of_customer_piece(model, customer, expr).text
}

/// What `each` gives for a customer.
pub fn each(model: &Model, metric: &Metric) -> Option<String> {
    let customer = metric.population.as_ref().map(|population| population.customer);
    let left = Cell::new(0);
    let printer = Printer { model, metrics: Metrics::Named, source: None, customer, left: &left };
    metric.each.as_ref().map(|each| measure_piece(&printer, each).text)
}

/// A measure. Metrics of metrics of metrics can stand for more than anyone would read: from some length on they keep their
/// names.
pub fn measure(model: &Model, measure: &Measure, metrics: Metrics) -> String {
    let left = Cell::new(MOST_PIECES);
    measure_piece(&Printer { model, metrics, source: None, customer: None, left: &left }, measure).text
}

struct Printer<'a> {
    model: &'a Model,
    metrics: Metrics,
    /// The name of the source whose columns are meant, where several are read.
    source: Option<&'a str>,
    /// Whose attributes are meant.
    customer: Option<CustomerId>,
    /// How many more metrics may be replaced by what they are made of.
    left: &'a Cell<usize>,
}

/// Only the customer of a hop is shown.
fn of_customer_piece(model: &Model, customer: CustomerId, expr: &RowExpr) -> Piece {
    row_piece(model, &expr.reached_through(&[Hop { column: ColumnId(0), customer }]))
}

fn row_piece(model: &Model, expr: &RowExpr) -> Piece {
    let piece = |expr: &RowExpr| row_piece(model, expr);
    match &expr.kind {
        RowKind::Unknown => Piece::atom("?"),
        RowKind::Parameter(name) => Piece::atom(name.as_str()),
        RowKind::Literal(value) => literal(value),
        RowKind::Column(path) => Piece::atom(column(model, path)),
        RowKind::Each(each) => Piece::atom(each_name(*each)),
        RowKind::Not(operand) => Piece { text: format!("not {}", piece(operand).at(Level::Not)), level: Level::Not },
        RowKind::Minus(operand) => minus(piece(operand)),
        RowKind::Binary { operator, left, right } => binary(*operator, piece(left), piece(right)),
        RowKind::In { operand, list, negated } => {
            let list: Vec<String> = list.iter().map(|item| piece(item).text).collect();
            let not = if *negated { " not" } else { "" };
            let text = format!("{}{not} in ({})", piece(operand).above(Level::Compare), list.join(", "));
            Piece { text, level: Level::Compare }
        }
        RowKind::IsNull { operand, negated } => is_null(piece(operand), *negated),
        RowKind::Like { operand, pattern, negated } => {
            let not = if *negated { " not" } else { "" };
            let [operand, pattern] = [operand, pattern].map(|part| piece(part).above(Level::Compare));
            Piece { text: format!("{operand}{not} like {pattern}"), level: Level::Compare }
        }
        RowKind::Case { branches, otherwise } => {
            let branches = branches.iter().map(|(when, then)| (piece(when).text, piece(then).text)).collect();
            case(branches, otherwise.as_deref().map(|value| piece(value).text))
        }
        RowKind::Call { function, arguments } => {
            call(*function, &arguments.iter().map(|argument| piece(argument).text).collect::<Vec<_>>())
        }
        RowKind::Shift { operand, months, days } => {
            let mut text = piece(operand).at(Level::Sum);
            for (amount, unit) in [(*months, "month"), (*days, "day")].into_iter().filter(|(amount, _)| *amount != 0) {
                let sign = if amount < 0 { '-' } else { '+' };
                let _ = write!(text, " {sign} {}", super::words::amount(amount.unsigned_abs(), unit));
            }
            Piece { text, level: Level::Sum }
        }
    }
}

fn measure_piece(printer: &Printer<'_>, measure: &Measure) -> Piece {
    let piece = |measure: &Measure| measure_piece(printer, measure);
    match &measure.kind {
        MeasureKind::Unknown => Piece::atom("?"),
        MeasureKind::Parameter(name) => Piece::atom(name.as_str()),
        MeasureKind::Literal(value) => literal(value),
        MeasureKind::Aggregate(aggregate) => Piece::atom(aggregate_text(printer, aggregate)),
        MeasureKind::Attribute(value) => match printer.customer {
            Some(customer) => of_customer_piece(printer.model, customer, value),
            None => row_piece(printer.model, value),
        },
        MeasureKind::Metric(id) => metric_piece(printer, *id),
        MeasureKind::Scoped { inner, filter, offset } => {
            scoped(printer, inner, filter.first().map(|(_, f)| f), *offset)
        }
        MeasureKind::Not(operand) => {
            Piece { text: format!("not {}", piece(operand).at(Level::Not)), level: Level::Not }
        }
        MeasureKind::Minus(operand) => minus(piece(operand)),
        MeasureKind::Binary { operator, left, right } => binary(*operator, piece(left), piece(right)),
        MeasureKind::IsNull { operand, negated } => is_null(piece(operand), *negated),
        MeasureKind::Case { branches, otherwise } => {
            let branches = branches.iter().map(|(when, then)| (piece(when).text, piece(then).text)).collect();
            case(branches, otherwise.as_deref().map(|value| piece(value).text))
        }
        MeasureKind::Call { function, arguments } => {
            call(*function, &arguments.iter().map(|argument| piece(argument).text).collect::<Vec<_>>())
        }
    }
}

fn metric_piece(printer: &Printer<'_>, id: MetricId) -> Piece {
    let metric = printer.model.metric(id);
    if printer.metrics == Metrics::Named || printer.left.get() == 0 {
        return Piece::atom(metric.header.name.as_str());
    }
    printer.left.set(printer.left.get() - 1);
    // Aggregates over what `each` gave, or over the steps of a funnel, are over customers.
    let over_customers = metric.population.as_ref().filter(|_| metric.each.is_some() || !metric.steps.is_empty());
    let source = match over_customers {
        Some(population) => Some(printer.model.customer(population.customer).header.name.as_str()),
        None => metric.source.map(|source| printer.model.source(source).header.name.as_str()),
    };
    let inner = Printer { source, ..*printer };
    measure_piece(&inner, &metric.measure)
}

fn scoped(printer: &Printer<'_>, inner: &Measure, filter: Option<&RowExpr>, offset: Option<Offset>) -> Piece {
    let mut piece = measure_piece(printer, inner);
    if let Some(offset) = offset {
        let text = format!("{} offset {}", piece.at(Level::Offset), super::words::offset(offset));
        piece = Piece { text, level: Level::Offset };
    }
    if let Some(filter) = filter {
        let text = format!("{} where {}", piece.above(Level::Where), row(printer.model, filter));
        piece = Piece { text, level: Level::Where };
    }
    piece
}

fn aggregate_text(printer: &Printer<'_>, aggregate: &AggregateCall) -> String {
    let (name, extra) = aggregate_name(aggregate.function);
    let argument = aggregate.argument.as_ref().map(|argument| row_piece(printer.model, argument).above(Level::Where));
    let argument = match (argument, aggregate.function) {
        (Some(argument), AggregateFunction::CountDistinct) => Some(format!("distinct {argument}")),
        (argument, _) => argument,
    };
    let filter = aggregate.filter.as_ref().map(|filter| format!("where {}", row(printer.model, filter)));
    let inside: Vec<String> = argument.into_iter().chain(filter).collect();
    let arguments: Vec<String> = [inside.join(" ")].into_iter().filter(|text| !text.is_empty()).chain(extra).collect();
    let of = printer.source.map(|source| format!(" of {source}")).unwrap_or_default();
    format!("{name}({}){of}", arguments.join(", "))
}

fn aggregate_name(function: AggregateFunction) -> (&'static str, Option<String>) {
    let percent = |share: f64| Some(format!("{}%", share * 100.0));
    match function {
        AggregateFunction::Count | AggregateFunction::CountDistinct => ("count", None),
        AggregateFunction::Sum => ("sum", None),
        AggregateFunction::Average => ("avg", None),
        AggregateFunction::Min => ("min", None),
        AggregateFunction::Max => ("max", None),
        AggregateFunction::Median => ("median", None),
        AggregateFunction::Percentile(share) => ("percentile", percent(share)),
        AggregateFunction::StandardDeviation => ("stddev", None),
        AggregateFunction::Share => ("share", None),
        AggregateFunction::Any => ("any", None),
        AggregateFunction::All => ("all", None),
        AggregateFunction::First => ("first", None),
        AggregateFunction::Last => ("last", None),
        AggregateFunction::ApproximateCountDistinct => ("approx_count_distinct", None),
        AggregateFunction::ApproximatePercentile(share) => ("approx_percentile", percent(share)),
    }
}

/// A column with the customers through which it is reached: `account.region`.
pub(crate) fn column(model: &Model, path: &ColumnPath) -> String {
    let hops = path.hops.iter().map(|hop| model.customer(hop.customer).header.name.as_str());
    let column = model.column(path.source, path.column).name.as_str();
    hops.chain([column]).collect::<Vec<_>>().join(".")
}

fn literal(value: &Literal) -> Piece {
    Piece::atom(match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal(digits) => digits.to_string(),
        Literal::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Literal::Date(date) => date.to_string(),
    })
}

fn minus(operand: Piece) -> Piece {
    Piece { text: format!("-{}", operand.above(Level::Minus)), level: Level::Minus }
}

fn each_name(each: Each) -> &'static str {
    match each {
        Each::Value => "each",
        Each::Reached => "reached",
        Each::Entered => "entered",
    }
}

fn is_null(operand: Piece, negated: bool) -> Piece {
    let not = if negated { "not " } else { "" };
    Piece { text: format!("{} is {not}null", operand.above(Level::Compare)), level: Level::Compare }
}

fn case(branches: Vec<(String, String)>, otherwise: Option<String>) -> Piece {
    let mut text = String::from("case");
    for (when, then) in branches {
        let _ = write!(text, " when {when} then {then}");
    }
    if let Some(otherwise) = otherwise {
        let _ = write!(text, " else {otherwise}");
    }
    Piece::atom(format!("{text} end"))
}

fn call(function: RowFunction, arguments: &[String]) -> Piece {
    Piece::atom(format!("{}({})", function.word(), arguments.join(", ")))
}

fn binary(operator: Binary, left: Piece, right: Piece) -> Piece {
    let (word, level) = match operator {
        Binary::Or => ("or", Level::Or),
        Binary::And => ("and", Level::And),
        Binary::Equal => ("=", Level::Compare),
        Binary::NotEqual => ("<>", Level::Compare),
        Binary::Less => ("<", Level::Compare),
        Binary::LessEqual => ("<=", Level::Compare),
        Binary::Greater => (">", Level::Compare),
        Binary::GreaterEqual => (">=", Level::Compare),
        Binary::Add => ("+", Level::Sum),
        Binary::Subtract => ("-", Level::Sum),
        Binary::Multiply => ("*", Level::Product),
        Binary::Divide => ("/", Level::Product),
        Binary::Remainder => ("%", Level::Product),
    };
    let chains = !matches!(level, Level::Compare);
    let left = if chains { left.at(level) } else { left.above(level) };
    let same = matches!(operator, Binary::Or | Binary::And | Binary::Add | Binary::Multiply);
    let right = if same { right.at(level) } else { right.above(level) };
    Piece { text: format!("{left} {word} {right}"), level }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groma_project::{MemoryWorld, Project, compile};

    const SOURCE: &str = "source orders {\n  file: \"orders.csv\"\n  key: id\n  time: day\n  columns {\n    id: text\n    \
                          day: date\n    amount: float\n    paid: bool\n    note: text, optional\n  }\n}\n";

    fn project(declarations: &str) -> Project {
        let world = MemoryWorld::with_manifest("project: a\n").file("a.groma", format!("{SOURCE}{declarations}"));
        let project = compile(&world);
        assert_eq!(project.diagnostics, []);
        project
    }

    fn printed(name: &str, metrics: Metrics, project: &Project) -> String {
        let id = project.model.metric_named(name).unwrap();
        measure(&project.model, &project.model.metric(id).measure, metrics)
    }

    #[test]
    fn only_needed_parentheses_stand() {
        for text in [
            "sum(amount) / count()",
            "(sum(amount) + 1) * 2",
            "sum(amount) - (1 - 2 * max(amount))",
            "count(distinct id where paid and (amount > 1 or note is null))",
            "sum(case when paid then amount else -amount end)",
            "percentile(amount, 90%)",
            "share(not paid or note in (\"a\", \"b\"))",
        ] {
            let project = project(&format!("metric m {{ from: orders measure: {text} }}"));
            assert_eq!(printed("m", Metrics::Named, &project), text);
        }
    }

    #[test]
    fn metrics_are_named_or_expanded() {
        let project = project(
            "metric a { from: orders measure: sum(amount) }\nmetric b { from: orders measure: avg(amount) }\n\
             metric c { measure: a / b - a offset 1 month }",
        );
        assert_eq!(printed("c", Metrics::Named, &project), "a / b - a offset 1 month");
        assert_eq!(
            printed("c", Metrics::Expanded, &project),
            "sum(amount) of orders / avg(amount) of orders - sum(amount) of orders offset 1 month"
        );
    }

    #[test]
    fn what_doubles_at_every_step_stays_readable() {
        let mut text = String::from("metric m0 { from: orders measure: count() }\n");
        for step in 1..20 {
            text.push_str(&format!("metric m{step} {{ measure: m{0} + m{0} }}\n", step - 1));
        }
        let project = project(&text);
        assert!(printed("m19", Metrics::Expanded, &project).len() < 10_000);
    }
}
