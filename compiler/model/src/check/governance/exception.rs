//! Exceptions: rows that metrics leave out, and why.

mod overlap;

use super::entries;
use super::people::approvers;
use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{Entries, WRONG_VALUE, as_name, as_text};
use crate::check::expression::{Expressions, Scope};
use crate::check::names::{listed, nearest};
use crate::check::{UNKNOWN_NAME, reference};
use crate::exceptions::{Removal, apply, removal};
use crate::governance::{Exception, ExceptionOf};
use crate::graph::{Link, Node};
use crate::model::{CustomerId, ExceptionId, Header, Metric, MetricId, Model, SourceId, Status};
use crate::row::{Literal, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use smol_str::SmolStr;

/// Rows that a metric does not have.
pub(crate) static NOT_COUNTED: Code =
    Code::error("exception/not-counted", "An exception leaves out rows that the metric does not count.");
/// A metric without rows.
pub(crate) static NO_ROWS: Code =
    Code::error("exception/no-rows", "An exception leaves rows out of a metric that has none of its own.");
/// Days that are none.
pub(crate) static NO_DAYS: Code =
    Code::error("exception/no-days", "The days that an exception covers end before they begin.");
/// Two exceptions for one thing.
pub(crate) static OVERLAPPING: Code =
    Code::error("exception/overlapping", "Two exceptions leave the same rows out of one metric.");
/// An exception that changes nothing.
pub static UNUSED: Code = Code::warning("exception/unused", "An exception leaves nothing out.");

const COVERS_FORM: &str = "write the first and the last day: `covers: 2026-01-01 to 2026-03-31`";

/// Reads them, and takes what they leave out from the metrics they name; metrics, teams and councils have been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let mut taken: Vec<(MetricId, ExceptionId, Removal)> = Vec::new();
    for declared in declarations.of(Kind::Exception) {
        let id = ExceptionId::at(model.exceptions.len());
        let before = sink.len();
        let (mut exception, broken) = Reader::read(model, declared, sink);
        let errors = |sink: &[Diagnostic]| sink[before..].iter().any(Diagnostic::is_error);
        if !broken && exception.of != ExceptionOf::Nothing {
            for (metric, span) in &exception.metrics {
                match removal_from(model, &exception, (*metric, *span), sink) {
                    Some(removal) => taken.push((*metric, id, removal)),
                    None => exception.header.broken = true,
                }
            }
        }
        exception.header.broken |= broken || errors(sink);
        model.exceptions.push(exception);
    }
    for second in overlap::find(model, sink) {
        model.exceptions[second.index()].header.broken = true;
    }
    for (metric, id, removal) in taken {
        if !model.exception(id).header.broken {
            apply(&mut model.metrics[metric.index()], id, removal);
        }
    }
    let refused: Vec<MetricId> = model
        .exceptions
        .iter()
        .filter(|exception| exception.header.broken && exception.of != ExceptionOf::Nothing)
        .flat_map(|exception| exception.metrics.iter().map(|(metric, _)| *metric))
        .collect();
    break_metrics(model, refused);
}

/// Nobody knows what the numbers of these metrics are, nor those made of them.
pub(super) fn break_metrics(model: &mut Model, metrics: Vec<MetricId>) {
    let mut open = metrics;
    let mut seen = std::collections::BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        model.metrics[id.index()].header.broken = true;
        let users = model.graph.used_by(Node::Metric(id)).into_iter();
        open.extend(users.filter_map(|(node, link, _)| match (node, link) {
            (Node::Metric(user), Link::Uses) => Some(user),
            _ => None,
        }));
    }
}

struct Reader<'a, 'm> {
    model: &'m Model,
    entries: Entries<'a>,
    sink: &'m mut Vec<Diagnostic>,
}

impl<'a, 'm> Reader<'a, 'm> {
    /// The exception, and whether nothing may be left out by it.
    fn read(model: &'m Model, declared: &'a Declared, sink: &'m mut Vec<Diagnostic>) -> (Exception, bool) {
        let before = sink.len();
        let (entries, _) = entries(declared, Kind::Exception, sink);
        let mut reader = Reader { model, entries, sink };
        let metrics = reader.metrics();
        let restates = reader.restates();
        let leaves_out = restates.is_none() && !reader.entries.mentions("restates");
        let of = if leaves_out { reader.of() } else { Some(ExceptionOf::Nothing) };
        let condition = of.and_then(|of| reader.condition(of));
        let covers = if leaves_out { reader.covers() } else { Some(None) };
        let approved_by = approvers(model, &reader.entries, "approved_by", reader.sink);
        let until = reader.entries.value("until").and_then(|until| reader.date(until));
        let text = |key: &str| reader.entries.text(key).map(|(text, _)| text.to_owned());
        let evidence = reader.entries.values("evidence").iter().filter_map(as_text);
        let rests_on_broken = of.is_none_or(|of| is_broken(model, of)) || condition.is_none();
        let exception = Exception {
            header: Header { ..declared.header() },
            metrics,
            of: of.unwrap_or(ExceptionOf::Source(SourceId(0))),
            condition: condition.unwrap_or_else(|| RowExpr::unknown(declared.item.name.span)),
            covers: covers.flatten(),
            restates,
            because: text("because").unwrap_or_default(),
            evidence: evidence.map(|(text, _)| text.to_owned()).collect(),
            approved_by,
            until,
        };
        let broken = declared.item.broken || rests_on_broken || covers.is_none() || sink.len() > before;
        (exception, broken)
    }

    fn metrics(&mut self) -> Vec<(MetricId, Span)> {
        let mut found: Vec<(MetricId, Span)> = Vec::new();
        for written in self.entries.values("from") {
            let Some((name, span)) = as_name(written) else { continue };
            let known = self.model.metrics.iter().map(|metric| metric.header.name.as_str());
            let id = reference(&self.model.names, Kind::Metric, &name, span, known, self.sink).map(MetricId);
            if let Some(id) = id.filter(|id| found.iter().all(|(known, _)| known != id)) {
                found.push((id, span));
            }
        }
        found
    }

    /// Whose rows: `account`; `customer.account` or `source.accounts` where both have the name.
    fn of(&mut self) -> Option<ExceptionOf> {
        let Some((written, span)) = self.entries.name("of") else {
            if let Some(value) = self.entries.value("of") {
                self.wrong(value.span, "`of` names a customer or a source", "write `of: account`");
            }
            return None;
        };
        let name = &self.model.names;
        let customer =
            |written: &str| name.get(Kind::Customer, written).map(|id| ExceptionOf::Customer(CustomerId(id)));
        let source = |written: &str| name.get(Kind::Source, written).map(|id| ExceptionOf::Source(SourceId(id)));
        match (customer(&written), source(&written)) {
            (Some(_), Some(_)) => {
                let headline = format!("there are a customer `{written}` and a source `{written}`");
                let help =
                    format!("write `customer.{written}` for all rows of some, or `source.{written}` for rows of that");
                self.wrong(span, &headline, &help);
                None
            }
            (Some(of), None) | (None, Some(of)) => Some(of),
            (None, None) => {
                let explicit = written.strip_prefix("customer.").and_then(customer);
                let explicit = explicit.or_else(|| written.strip_prefix("source.").and_then(source));
                if explicit.is_none() {
                    self.sink.push(unknown_rows(self.model, &written, span));
                }
                explicit
            }
        }
    }

    /// The period in which a sealed meaning may change: then nothing is left out.
    fn restates(&mut self) -> Option<(SmolStr, Span)> {
        let written = self.entries.value("restates")?;
        let Some((name, span)) = as_name(written).or_else(|| as_text(written).map(|(text, span)| (text.into(), span)))
        else {
            self.wrong(written.span, "`restates` names a period", "write `restates: 2026-Q3`");
            return None;
        };
        for key in ["of", "where", "covers"] {
            if let Some(span) = self.entries.key_span(key) {
                let headline = format!("an exception that restates a period leaves no rows out, and has no `{key}`");
                self.wrong(span, &headline, "leave the rows out by an exception of its own; both may have one reason");
            }
        }
        let known: Vec<&str> = self.model.names.of(Kind::Period).collect();
        reference(&self.model.names, Kind::Period, &name, span, known.into_iter(), self.sink).map(|_| (name, span))
    }

    fn condition(&mut self, of: ExceptionOf) -> Option<RowExpr> {
        let source = match of {
            ExceptionOf::Source(source) => source,
            ExceptionOf::Customer(customer) => self.model.customer(customer).source,
            ExceptionOf::Nothing => return Some(nothing(self.entries.item.name.span)),
        };
        let written = self.entries.value("where")?;
        if is_broken(self.model, of) {
            return None;
        }
        let mut expressions = Expressions::new(self.model);
        let condition = expressions.condition(written, &Scope::of(source));
        let found = std::mem::take(&mut expressions.sink);
        let right = found.is_empty() && !condition.has_unknown();
        self.sink.extend(found);
        right.then_some(condition)
    }

    /// The days; `Some(None)` is every day, `None` was reported.
    fn covers(&mut self) -> Option<Option<(Date, Date)>> {
        let Some(written) = self.entries.value("covers") else {
            return (!self.entries.mentions("covers")).then_some(None);
        };
        let ExprKind::Infix { operator: Infix::To, left, right, .. } = &written.kind else {
            self.wrong(written.span, "an exception covers days from a first to a last", COVERS_FORM);
            return None;
        };
        let (first, last) = (self.date(left)?, self.date(right)?);
        if last < first {
            self.sink.push(
                NO_DAYS
                    .finding(format!(
                        "the last day it covers, {last}, is before the first, {first}: it leaves nothing out"
                    ))
                    .at(written.span, "no day")
                    .help(format!("write the earlier day first: `covers: {last} to {first}`")),
            );
            return None;
        }
        Some(Some((first, last)))
    }

    fn date(&mut self, written: &Expr) -> Option<Date> {
        let date = match &written.kind {
            ExprKind::Date(text) => text.parse().ok(),
            _ => None,
        };
        if date.is_none() {
            self.wrong(written.span, "this is not a day of the calendar", "write it like `2026-07-01`");
        }
        date
    }

    fn wrong(&mut self, span: Span, headline: &str, help: &str) {
        self.sink.push(WRONG_VALUE.finding(headline).at(span, "cannot be read").help(help));
    }
}

/// The condition that no row passes.
fn nothing(span: Span) -> RowExpr {
    RowExpr { kind: RowKind::Literal(Literal::Bool(false)), ty: Type::plain(Base::Bool), span }
}

fn is_broken(model: &Model, of: ExceptionOf) -> bool {
    match of {
        ExceptionOf::Nothing => false,
        ExceptionOf::Customer(id) => model.customer(id).header.broken,
        ExceptionOf::Source(id) => model.source(id).header.broken,
    }
}

/// The finding about a name that is neither a customer's nor a source's.
fn unknown_rows(model: &Model, name: &SmolStr, span: Span) -> Diagnostic {
    let customers = model.customers.iter().map(|customer| customer.header.name.as_str());
    let sources = model.sources.iter().map(|source| source.header.name.as_str());
    let help = match nearest(name, customers.clone().chain(sources.clone())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", listed(customers.chain(sources))),
    };
    UNKNOWN_NAME
        .finding(format!("there is no customer and no source `{name}`"))
        .at(span, "whose rows are left out?")
        .help(help)
}

/// What it takes from a metric; says so where that cannot be or means nothing. `None` is an error.
fn removal_from(
    model: &Model,
    exception: &Exception,
    (id, span): (MetricId, Span),
    sink: &mut Vec<Diagnostic>,
) -> Option<Removal> {
    let metric = model.metric(id);
    if metric.source.is_none() && !metric.header.broken {
        sink.push(no_rows(model, exception, (id, span)));
        return None;
    }
    let found = removal(model, exception, metric);
    if found.is_none() && !metric.header.broken {
        sink.push(not_counted(model, exception, (id, span)));
    }
    sink.extend(unused(exception, metric, span));
    if found.is_none() && metric.header.broken { Some(Removal::default()) } else { found }
}

/// The finding that leaving something out of a metric changes no number that anybody reads.
fn unused(exception: &Exception, metric: &Metric, span: Span) -> Option<Diagnostic> {
    let last = metric.governed.retires.filter(|last| exception.covers.is_some_and(|(first, _)| first > *last));
    let (what, help) = match (metric.status, last) {
        (Status::Draft, _) => {
            ("a draft: nobody reads its number yet".to_owned(), "publish the metric, or take its name out")
        }
        (Status::Retired, _) => {
            ("retired: nobody reads its number any more".to_owned(), "take the metric out of `from`")
        }
        (_, Some(last)) => (
            format!("used until {last} only, before the days that the exception covers"),
            "take the metric out of `from`",
        ),
        _ => return None,
    };
    let headline = format!("exception `{}` is for `{}`, which is {what}", exception.header.name, metric.header.name);
    let finding = UNUSED.finding(headline).at(span, "leaves nothing out");
    Some(finding.also(metric.header.span, "the metric is declared here").help(help))
}

fn no_rows(model: &Model, exception: &Exception, (id, span): (MetricId, Span)) -> Diagnostic {
    let metric = &model.metric(id).header;
    let mut behind: Vec<&str> = Vec::new();
    let mut seen = std::collections::BTreeSet::from([id]);
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let part = model.metric(id);
        if removal(model, exception, part).is_some() {
            behind.push(&part.header.name);
        }
        open.extend(part.measure.metrics().into_iter().filter(|id| seen.insert(*id)));
    }
    behind.sort_unstable();
    let help = match behind.as_slice() {
        [] => "none of the metrics it is made of counts such rows: take it out of `from`".to_owned(),
        _ => format!("name the metrics whose rows they are, and it follows: `from: {}`", behind.join(", ")),
    };
    NO_ROWS
        .finding(format!("`{}` has no rows to leave out: it is made of other metrics", metric.name))
        .at(span, "rows of what?")
        .also(metric.span, "the metric is declared here")
        .help(help)
}

fn not_counted(model: &Model, exception: &Exception, (id, span): (MetricId, Span)) -> Diagnostic {
    let metric = model.metric(id);
    let rows = metric.source.map(|source| &model.source(source).header);
    let (name, counted) = (&metric.header.name, rows.map_or("", |rows| rows.name.as_str()));
    let (headline, help) = match exception.of {
        ExceptionOf::Nothing => {
            (format!("the exception leaves nothing out of `{name}`"), "write `of:` and `where:`".to_owned())
        }
        ExceptionOf::Source(source) => {
            let other = &model.source(source).header.name;
            (
                format!("`{name}` counts rows of `{counted}`, and the exception leaves out rows of `{other}`"),
                format!("write `of: {counted}`, or name metrics that are `from: {other}`"),
            )
        }
        ExceptionOf::Customer(customer) => {
            let other = &model.customer(customer).header.name;
            (
                format!("`{name}` counts rows of `{counted}`, which say no one `{other}` each"),
                format!("name metrics whose rows refer to `{other}`, or leave out rows: `of: {counted}`"),
            )
        }
    };
    let finding = NOT_COUNTED.finding(headline).at(span, "leaves nothing out of this one");
    let finding = finding.also(metric.header.span, "the metric is declared here");
    finding.help(help)
}
