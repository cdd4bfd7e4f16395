//! Metrics: who is counted, which rows, what is computed from them, how it is grouped.

mod answers;
mod clock;
mod customer;
pub(crate) mod governed;
mod grouping;
mod measure;
mod policy;
mod population;
mod steps;

pub(crate) use answers::SEVERAL_ANSWERS;
pub(crate) use clock::SNAPSHOT_SUMMED;
pub(crate) use grouping::grouping;
pub(crate) use measure::{AVERAGE_SNAPSHOT, NOT_A_NUMBER, NOTHING_COUNTED, UNUSED_ROWS};
pub(crate) use policy::{MATTERS_UNIT, NOT_A_MINIMUM, NOT_A_WEIGHT};
pub(crate) use population::{FIXED_POPULATION, NO_POPULATION, NO_SINCE};
pub(crate) use steps::{TOO_FEW_STEPS, WITHIN_FIRST};

use crate::check::column_type;
use crate::check::declare::Declared;
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::expression::Expressions;
use crate::check::source::owner;
use crate::check::typing::UNIT_MISMATCH;
use crate::measure::Measure;
use crate::model::{Anchor, Header, Members, Metric, Model, Population, SourceId, Status};
use crate::schema::Kind;
use crate::unit::Unit;
use groma_syntax::ast::{Entry, Expr, ExprKind};
use groma_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

/// Rows that belong to no period.
pub(crate) static NO_TIME: Code =
    Code::error("time/no-time", "A metric counts rows of a source that does not say when they happened.");
/// A customer that is not obvious.
pub(crate) static AMBIGUOUS_CUSTOMER: Code =
    Code::error("name/ambiguous-customer", "A metric does not say which of several customers it counts.");
/// A column that nobody may group by.
pub(crate) static NOT_GROUPABLE: Code =
    Code::error("sensitivity/not-groupable", "A metric is grouped by a column that must not appear in answers.");

/// Reads a metric. Everything it is built from has been read before.
pub(crate) fn read(model: &Model, declared: &Declared) -> (Metric, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let rewritten = answers::rewritten(model, &declared.item, &mut sink);
    let item = rewritten.as_ref().unwrap_or(&declared.item);
    let entries = Entries::read(item, Kind::Metric.schema(), &mut sink);
    let mut reader = Reader { model, entries, expressions: Expressions::new(model), broken: declared.item.broken };
    let mut metric = Metric::placeholder(declared.header());
    reader.counted(&mut metric);
    reader.computed(&mut metric);
    reader.published(&mut metric);
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    metric.owner = owner(&reader.entries, &model.names, teams, &mut sink);
    metric.labels = labels(&reader.entries, &mut sink);
    let broken = reader.broken;
    sink.extend(reader.expressions.sink);
    metric.header = Header { broken: broken || !sink.is_empty(), ..declared.header() };
    governed::read(model, &reader.entries, &mut metric, &mut sink);
    (metric, sink)
}

struct Reader<'a, 'm> {
    model: &'m Model,
    entries: Entries<'a>,
    expressions: Expressions<'m>,
    broken: bool,
}

impl Reader<'_, '_> {
    /// Who is counted, and which rows.
    fn counted(&mut self, metric: &mut Metric) {
        metric.source = self.source();
        let timing = self.timing(metric.source);
        metric.customer = self.customer(metric.source, timing.customer);
        self.snapshot_customer(&timing, metric.customer);
        metric.clock = timing.clock.clone();
        if let (Some(source), Some(customer)) = (metric.source, metric.customer) {
            metric.customer_key = self.customer_key(source, customer);
        }
        metric.population = self.population(metric, &timing);
        // Customers that are counted one by one are filtered as such; rows of others are filtered by their customers.
        let filtering = metric.customer.filter(|_| self.one_by_one(&timing).is_none());
        metric.filter = self.filter(metric.source, filtering);
    }

    /// What is computed.
    fn computed(&mut self, metric: &mut Metric) {
        metric.each = self.each(metric);
        metric.steps = self.steps(metric);
        metric.measure = self.measure(metric);
        metric.unit = self.unit(&metric.measure);
        self.average_of_sums(metric);
        let own = match &metric.population {
            Some(population) => Some(self.model.customer(population.customer).source),
            None => metric.source,
        };
        metric.sources = self.expressions.sources_of(&metric.measure, own);
        metric.reads = self.reads(metric);
    }

    /// How it is shown, and by which rules.
    fn published(&mut self, metric: &mut Metric) {
        metric.by = self.groupings(metric);
        metric.grains = self.grains();
        metric.matters = self.matters(&metric.unit);
        metric.minimum = self.minimum();
        metric.fill = self.fill();
        metric.weight = self.weight(metric);
        let word = |key: &str| self.entries.name(key).map(|(word, _)| word);
        (metric.kind, metric.better) = (word("kind"), word("better"));
        metric.status = status(word("status").as_deref());
        metric.tags = self.entries.values("tags").iter().filter_map(|tag| as_name(tag).map(|(tag, _)| tag)).collect();
    }

    /// Every source it reads, through other metrics too.
    fn reads(&self, metric: &Metric) -> Vec<SourceId> {
        let mut reads: Vec<SourceId> = metric.source.into_iter().collect();
        if let Some(Population { customer, members, .. }) = &metric.population {
            reads.push(self.model.customer(*customer).source);
            if let Members::Anchor(Anchor::First { source, .. }) = members {
                reads.push(*source);
            }
        }
        for id in metric.measure.metrics() {
            reads.extend(&self.model.metric(id).reads);
        }
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    fn source(&mut self) -> Option<SourceId> {
        let (name, span) = self.entries.name("from")?;
        let known = self.model.sources.iter().map(|source| source.header.name.as_str());
        let found =
            crate::check::reference(&self.model.names, Kind::Source, &name, span, known, &mut self.expressions.sink);
        self.broken |= found.is_none();
        let id = SourceId(found?);
        let source = self.model.source(id);
        self.broken |= source.header.broken;
        if source.time.is_none() && !source.header.broken {
            self.expressions.sink.push(
                NO_TIME
                    .finding(format!(
                        "the rows of `{name}` belong to no period: the source does not say when they happened"
                    ))
                    .at(span, "a source without `time`")
                    .also(source.header.span, "the source is declared here")
                    .help(format!("add `time:` with a date or an instant to source `{name}`")),
            );
        }
        Some(id)
    }

    fn unit(&mut self, measure: &Measure) -> Unit {
        let own = match &measure.ty.unit {
            Unit::Any => Unit::None,
            unit => unit.clone(),
        };
        let Some(written) = self.entries.value("unit") else { return own };
        match column_type::unit(written) {
            Ok(unit) if own.may_be(&unit) => unit,
            Ok(unit) => {
                self.expressions.sink.push(
                    UNIT_MISMATCH
                        .finding(format!("the metric says {unit}, and its measure is in {own}"))
                        .at(written.span, format!("says {unit}"))
                        .also(measure.span, format!("is in {own}"))
                        .help(format!("write `unit: {own}` or leave the unit out")),
                );
                own
            }
            Err(finding) => {
                self.expressions.sink.push(finding);
                own
            }
        }
    }
}

fn status(word: Option<&str>) -> Status {
    match word {
        Some("draft") => Status::Draft,
        Some("deprecated") => Status::Deprecated,
        Some("retired") => Status::Retired,
        _ => Status::Active,
    }
}

fn labels(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Vec<(SmolStr, String)> {
    let mut labels = Vec::new();
    for entry in entries.group("label").map_or(&[][..], |block| &block.entries) {
        match entry {
            Entry::Value { key, values, .. } if matches!(values.as_slice(), [Expr { kind: ExprKind::Text(_), .. }]) => {
                if let Some(Expr { kind: ExprKind::Text(text), .. }) = values.first() {
                    labels.push((key.text.clone(), text.clone()));
                }
            }
            _ => sink.push(
                WRONG_VALUE
                    .finding("a label is a text for a language")
                    .at(entry.span(), "cannot be read")
                    .help("write it like `fr: \"Chiffre d’affaires\"`"),
            ),
        }
    }
    labels
}

#[cfg(test)]
mod tests;
