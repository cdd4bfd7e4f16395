//! What a metric means, whatever words say it: one form for all definitions that can be shown to give the same number.
//!
//! Names of metrics, windows and functions are resolved, operands whose order does not matter are sorted, a comparison is
//! read from its smaller side, two negations are none. The text, names, owners, labels, groupings and grains take no part:
//! they do not change a number. Sources are known by their name and by where their rows are. What cannot be shown to be
//! equal here is different. The calendar of the project takes no part either: it is the same for all its metrics.

mod algebra;
mod expression;
mod words;

use crate::graph::Node;
use crate::model::{
    Anchor, Column, ColumnId, CustomerId, Fill, Members, Metric, MetricId, Model, Origin, Population, Source, SourceId,
};
use crate::row::{ColumnPath, RowExpr};
use crate::types::{Base, Type};
use algebra::Reader as _;
use expression::{Measures, Rows};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::fmt::Write as _;
use std::hash::Hasher as _;

/// The version of the form. A change of what is written here is a new version, and the old one stays.
pub const FORM: u32 = 1;

/// The hash of a metric's canonical form. Two metrics of one project with the same one give the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meaning(pub u128);

/// The meaning of each metric, in their order; none where something in it was reported.
pub fn meanings(model: &Model) -> Vec<Option<Meaning>> {
    let order: Vec<Node> = model.graph.in_order().into_iter().flatten().collect();
    let mut forms = Forms::of(model, &order);
    let mut meanings = vec![None; model.metrics.len()];
    for node in order {
        if let Node::Metric(id) = node {
            let value = forms.value(id);
            if !model.metric(id).header.broken {
                meanings[id.index()] = Some(Meaning(hash(&forms.metric(model.metric(id), &value))));
            }
            forms.metrics[id.index()] = value;
        }
    }
    meanings
}

/// The forms that others are written with.
struct Forms<'m> {
    model: &'m Model,
    sources: Vec<String>,
    /// By source: of its columns.
    columns: Vec<Vec<String>>,
    customers: Vec<String>,
    /// Of those that are read: what stands where another metric uses them.
    metrics: Vec<String>,
}

impl<'m> Forms<'m> {
    fn of(model: &'m Model, order: &[Node]) -> Self {
        let mut forms = Self {
            model,
            sources: vec![String::new(); model.sources.len()],
            columns: vec![Vec::new(); model.sources.len()],
            customers: vec![String::new(); model.customers.len()],
            metrics: vec![String::new(); model.metrics.len()],
        };
        for node in order.iter().copied() {
            match node {
                Node::Source(id) => {
                    let (source, form) = (model.source(id), forms.source(model.source(id)));
                    let column = |column: &Column| format!("{form}.{}:{}", column.name, type_of(&column.ty));
                    forms.columns[id.index()] = source.columns.iter().map(column).collect();
                    forms.sources[id.index()] = form;
                }
                Node::Customer(id) => forms.customers[id.index()] = forms.customer(id),
                _ => {}
            }
        }
        forms
    }

    /// A source: its name, where its rows are, when they happened, what identifies them.
    fn source(&self, source: &Source) -> String {
        let mut form = format!("source({}", text(&source.header.name));
        match &source.origin {
            Origin::File { pattern, .. } => write!(form, ",file({})", text(pattern)),
            Origin::Table { name, .. } => write!(form, ",table({})", text(name)),
            Origin::Query { text: query, reads, .. } => {
                let read = reads.iter().map(|(_, id)| self.sources[id.index()].as_str());
                write!(form, ",query({},{})", text(query.trim()), sorted(read.map(str::to_owned).collect()).join(","))
            }
        }
        .unwrap_or_default();
        let name = |id: &ColumnId| source.columns.get(id.index()).map_or("", |column| column.name.as_str());
        let keys: Vec<&str> = source.key.iter().map(name).collect();
        let _ = write!(form, ",time({}),key({}))", source.time.as_ref().map_or("", name), keys.join(","));
        sealed(&form)
    }

    /// A customer: whose rows, by which key, and which of them. Its name is none of it.
    fn customer(&self, id: CustomerId) -> String {
        let customer = self.model.customer(id);
        let key = self.column(customer.source, customer.key);
        sealed(&format!("customer({key},{})", self.condition(customer.filter.as_ref(), Some(customer.source))))
    }

    /// What stands for a metric in another one: its value, unless it may be missing or filled.
    fn value(&self, id: MetricId) -> String {
        let metric = self.model.metric(id);
        let context = self.context(metric);
        let customers = metric.population.as_ref().map(|population| self.model.customer(population.customer).source);
        let source = customers.or(metric.source);
        let measures = Measures { forms: self, source, attributes: customers, context: &context };
        let value = measures.form(&metric.measure, false);
        if metric.minimum.is_none() && metric.fill == Fill::None {
            return value;
        }
        sealed(&format!("kept({value},{})", kept(metric)))
    }

    /// The whole of a metric.
    fn metric(&self, metric: &Metric, value: &str) -> String {
        format!("metric({FORM},{value},{},{})", kept(metric), text(&metric.unit.to_string()))
    }

    /// What its aggregates are over: the rows of its source and clock, or its customers with what each of them gives.
    fn context(&self, metric: &Metric) -> String {
        let rows = metric.source.map_or_else(String::new, |source| {
            let key = metric.customer_key.as_ref().map_or_else(String::new, |path| self.path(source, path));
            let filter = self.condition(metric.filter.as_ref(), metric.source);
            let clock = words::clock(&metric.clock);
            sealed(&call("rows", &[&self.sources[source.index()], &clock, &filter, &key]))
        });
        let customers = metric.customer.map(|id| self.model.customer(id).source);
        let weight = self.condition(metric.weight.as_ref(), customers);
        let Some(population) = &metric.population else { return sealed(&call("over", &[&rows, &weight])) };
        let attributes = Some(self.model.customer(population.customer).source);
        let each = metric.each.as_ref().map_or_else(String::new, |each| {
            Measures { forms: self, source: metric.source, attributes, context: &rows }.form(each, false)
        });
        let steps = metric.steps.iter().map(|step| {
            let within = step.within.map_or_else(String::new, words::offset);
            format!("step({},{},{within})", text(&step.name), self.condition(Some(&step.condition), metric.source))
        });
        let steps = steps.collect::<Vec<_>>().join(",");
        let whom = self.population(population, metric.source);
        sealed(&format!("customers({whom},{rows},{each},[{steps}],{weight})"))
    }

    fn population(&self, population: &Population, source: Option<SourceId>) -> String {
        let customer = self.model.customer(population.customer);
        let column = |id: &Option<ColumnId>| id.map_or("", |id| self.column(customer.source, id));
        let members = match &population.members {
            Members::Rows => "rows".to_owned(),
            Members::Alive { since, until } => format!("alive({},{})", column(since), column(until)),
            Members::Anchor(Anchor::Attribute(value)) => {
                format!("anchor({})", self.condition(Some(value), Some(customer.source)))
            }
            Members::Anchor(Anchor::First { source, key, filter }) => {
                let (first, key) = (&self.sources[source.index()], self.path(*source, key));
                format!("first({first},{key},{})", self.condition(filter.as_ref(), Some(*source)))
            }
        };
        let key = source.map_or_else(String::new, |source| self.path(source, &population.key));
        let whom = &self.customers[population.customer.index()];
        let among = self.condition(population.filter.as_ref(), Some(customer.source));
        format!("{whom},{key},{members},{among}")
    }

    /// An expression over the rows of a source, which may not be there.
    fn condition(&self, expr: Option<&RowExpr>, source: Option<SourceId>) -> String {
        expr.map_or_else(String::new, |expr| Rows { forms: self, source }.form(expr, false))
    }

    /// A column of a source, with its type.
    fn column(&self, source: SourceId, column: ColumnId) -> &str {
        self.columns[source.index()].get(column.index()).map_or("", String::as_str)
    }

    /// A column and the way to it, from a source.
    fn path(&self, from: SourceId, path: &ColumnPath) -> String {
        let mut form = String::new();
        let mut here = from;
        for hop in &path.hops {
            // A hop leads to the customer's row by its key; whether the row counts is the filter's.
            let customer = self.model.customer(hop.customer);
            let reference = self.model.source(here).columns.get(hop.column.index());
            let key = &self.model.column(customer.source, customer.key).name;
            let _ = write!(form, "{}@{key}>", reference.map_or("", |column| column.name.as_str()));
            here = customer.source;
        }
        form + self.column(path.source, path.column)
    }
}

/// What can make a value missing or fill it.
fn kept(metric: &Metric) -> String {
    let minimum = metric.minimum.map_or_else(String::new, |minimum| minimum.to_string());
    let fill = match metric.fill {
        Fill::None => "",
        Fill::Zero => "0",
        Fill::Previous => "previous",
    };
    format!("minimum({minimum}),fill({fill})")
}

fn type_of(ty: &Type) -> String {
    let base = match &ty.base {
        Base::Unknown | Base::Null => "unknown".to_owned(),
        Base::Bool => "bool".to_owned(),
        Base::Int => "int".to_owned(),
        Base::Real => "real".to_owned(),
        Base::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        Base::Text | Base::Verbatim => "text".to_owned(),
        Base::Date => "date".to_owned(),
        Base::Instant { zone } => format!("instant({zone})"),
        Base::Scale { low, high } => format!("scale({low},{high})"),
        Base::Customer(_) => "reference".to_owned(),
    };
    format!("{base}/{}", ty.unit)
}

/// A text that no other can be taken for, whatever stands in it.
fn text(text: &str) -> String {
    format!("{}'{text}'", text.len())
}

fn sorted(mut forms: Vec<String>) -> Vec<String> {
    forms.sort_unstable();
    forms
}

/// `name(part,part)`.
fn call<T: AsRef<str>>(name: &str, parts: &[T]) -> String {
    let length = parts.iter().map(|part| part.as_ref().len() + 1).sum::<usize>();
    let mut form = String::with_capacity(name.len() + length + 2);
    form.push_str(name);
    form.push('(');
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            form.push(',');
        }
        form.push_str(part.as_ref());
    }
    form.push(')');
    form
}

/// A short name for a form: `#` and the digits of its hash.
fn sealed(form: &str) -> String {
    let bytes = hash(form).to_be_bytes();
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let digits = bytes.into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    std::iter::once('#').chain(digits).collect()
}

/// The same on every machine, in every release.
fn hash(form: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(form.as_bytes());
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests;
