//! What a metric means, whatever words say it: one form for all definitions that can be shown to give the same number.
//!
//! Names of metrics, windows and functions are resolved, operands whose order does not matter are sorted, a comparison is
//! read from its smaller side, two negations are none. The text, names, owners, labels, groupings and grains take no part:
//! they do not change a number. Sources are known by their name and by where their rows are. What cannot be shown to be
//! equal here is different.
//!
//! The first form is for the metrics of one project: its calendar takes no part, nor does what metrics are settled by. The
//! second one is also for the metrics of two states of a project: see [`crate::meaning`].

pub(crate) mod algebra;
mod declared;
mod expression;
pub(crate) mod words;

use crate::graph::Node;
use crate::model::{
    Anchor, Column, ColumnId, CustomerId, Fill, LeftOut, Members, Metric, MetricId, Model, Origin, Population, Source,
    SourceId,
};
use crate::row::{ColumnPath, RowExpr};
use crate::types::{Base, Type};
use algebra::Reader as _;
use expression::{Measures, Rows};
use sha2::{Digest as _, Sha256};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::fmt::Write as _;
use std::hash::Hasher as _;

/// The version of the form. A change of what is written here is a new version, and the old one stays.
pub const FORM: u32 = 1;

/// The hash of a metric's canonical form. Two metrics of one project with the same one give the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meaning(pub u128);

/// Which rules a form is written by. None of them ever changes: hashes of it are kept in locks and approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    One,
    Two,
}

/// The meaning of each metric, in their order; none where something in it was reported.
pub fn meanings(model: &Model) -> Vec<Option<Meaning>> {
    let mut meanings = vec![None; model.metrics.len()];
    Forms::read(model, Form::One, |forms, id, value| {
        if !model.metric(id).header.broken {
            meanings[id.index()] = Some(Meaning(hash(&forms.metric(id, value))));
        }
    });
    meanings
}

/// The forms that others are written with.
pub(crate) struct Forms<'m> {
    model: &'m Model,
    form: Form,
    /// Where rows are.
    sources: Vec<String>,
    /// With when they happened, and what identifies them. In the first form, the same.
    rows: Vec<String>,
    /// By source: of its columns.
    columns: Vec<Vec<String>>,
    /// By source: which of its rows no quarantine keeps out; empty where it has none.
    kept: Vec<String>,
    customers: Vec<String>,
    /// Of those that are read: what stands where another metric uses them.
    metrics: Vec<String>,
}

impl<'m> Forms<'m> {
    /// The forms of a model. `look` sees each metric as soon as it can be written, with what stands where others use it.
    pub(crate) fn read(model: &'m Model, form: Form, mut look: impl FnMut(&Self, MetricId, &str)) {
        let order: Vec<Node> = model.graph.in_order().into_iter().flatten().collect();
        let mut forms = Self::of(model, form, &order);
        for node in order {
            if let Node::Metric(id) = node {
                let value = forms.value(id);
                look(&forms, id, &value);
                forms.metrics[id.index()] = value;
            }
        }
    }

    /// The forms of what metrics are made of, in the order in which one is made of the other.
    pub(crate) fn of(model: &'m Model, form: Form, order: &[Node]) -> Self {
        let mut forms = Self {
            model,
            form,
            sources: vec![String::new(); model.sources.len()],
            rows: vec![String::new(); model.sources.len()],
            columns: vec![Vec::new(); model.sources.len()],
            kept: vec![String::new(); model.sources.len()],
            customers: vec![String::new(); model.customers.len()],
            metrics: vec![String::new(); model.metrics.len()],
        };
        for node in order {
            match node {
                Node::Source(id) => forms.add_source(*id),
                Node::Customer(id) => forms.customers[id.index()] = forms.customer(*id),
                _ => {}
            }
        }
        forms
    }

    fn add_source(&mut self, id: SourceId) {
        self.add_place(id);
        if self.form == Form::Two && self.model.source(id).quarantines().next().is_some() {
            self.kept[id.index()] = self.kept_rows(id);
            self.add_place(id);
        }
    }

    fn add_place(&mut self, id: SourceId) {
        let (model, source) = (self.model, self.model.source(id));
        let (form, rows) = match self.form {
            Form::One => {
                let form = self.source(source);
                (form.clone(), form)
            }
            Form::Two => (self.place(id), self.rows_of(id)),
        };
        let column = |column: &Column| {
            let mut form = format!("{form}.{}:{}", column.name, type_of(model, self.form, &column.ty));
            if self.form == Form::Two && column.optional {
                form.push('?');
            }
            form
        };
        self.columns[id.index()] = source.columns.iter().map(column).collect();
        self.sources[id.index()] = form;
        self.rows[id.index()] = rows;
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
        self.form.sealed(&form)
    }

    /// A customer: whose rows, by which key, and which of them. Its name is none of it.
    fn customer(&self, id: CustomerId) -> String {
        let customer = self.model.customer(id);
        let key = self.column(customer.source, customer.key);
        let filter = self.condition(customer.filter.as_ref(), Some(customer.source));
        self.form.sealed(&format!("customer({key},{filter})"))
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
        self.form.sealed(&format!("kept({value},{})", kept(metric)))
    }

    /// What they are the forms of.
    pub(crate) fn model(&self) -> &'m Model {
        self.model
    }

    /// The whole of a metric, of which others use that value.
    pub(crate) fn metric(&self, id: MetricId, value: &str) -> String {
        let metric = self.model.metric(id);
        let unit = text(&metric.unit.to_string());
        match self.form {
            Form::One => format!("metric({FORM},{value},{},{unit})", kept(metric)),
            Form::Two => format!("metric(2,{value},{},{unit},{})", kept(metric), self.calendar()),
        }
    }

    /// How the project counts time: by its zone every moment gets its day and every period its end, and a query may ask for
    /// any grain of any metric.
    fn calendar(&self) -> String {
        let calendar = &self.model.calendar;
        let week = calendar.week_starts.to_monday_one_offset();
        format!("calendar({},{week},{})", text(&calendar.zone), calendar.fiscal_year_starts)
    }

    /// What a column of answers means, over each source that is read.
    pub(crate) fn grouping(&self, values: &[(SourceId, RowExpr)]) -> String {
        let value = |(source, value): &(SourceId, RowExpr)| {
            let ty = type_of(self.model, self.form, &value.ty);
            format!("{}:{}/{ty}", self.sources[source.index()], self.condition(Some(value), Some(*source)))
        };
        call("grouping", &sorted(values.iter().map(value).collect()))
    }

    /// What its aggregates are over: the rows of its source and clock, or its customers with what each of them gives.
    fn context(&self, metric: &Metric) -> String {
        let rows = metric.source.map_or_else(String::new, |source| {
            let key = metric.customer_key.as_ref().map_or_else(String::new, |path| self.path(source, path));
            let filter = self.condition(metric.filter.as_ref(), metric.source);
            let clock = words::clock(&metric.clock);
            self.form.sealed(&call("rows", &[&self.rows[source.index()], &clock, &filter, &key]))
        });
        let customers = metric.customer.map(|id| self.model.customer(id).source);
        let weight = self.condition(metric.weight.as_ref(), customers);
        let Some(population) = &metric.population else { return self.form.sealed(&call("over", &[&rows, &weight])) };
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
        self.form.sealed(&format!("customers({whom},{rows},{each},[{steps}],{weight})"))
    }

    fn population(&self, population: &Population, source: Option<SourceId>) -> String {
        let customer = self.model.customer(population.customer);
        let column = |id: &Option<ColumnId>| id.map_or("", |id| self.column(customer.source, id));
        let members = match &population.members {
            Members::Rows => "rows".to_owned(),
            Members::Alive { since, until } => format!("alive({},{})", column(since), column(until)),
            Members::Anchor(anchor) => self.anchor(anchor, customer.source),
        };
        let key = source.map_or_else(String::new, |source| self.path(source, &population.key));
        let whom = &self.customers[population.customer.index()];
        let among = self.condition(population.filter.as_ref(), Some(customer.source));
        match self.form {
            Form::One => format!("{whom},{key},{members},{among}"),
            Form::Two => format!("{whom},{key},{members},{among},{}", self.left_out(population, customer.source)),
        }
    }

    /// A moment of customers, whose rows are those of a source.
    fn anchor(&self, anchor: &Anchor, of: SourceId) -> String {
        match anchor {
            Anchor::Attribute(value) => format!("anchor({})", self.condition(Some(value), Some(of))),
            Anchor::First { source, key, filter } => {
                let (first, key) = (&self.rows[source.index()], self.path(*source, key));
                format!("first({first},{key},{})", self.condition(filter.as_ref(), Some(*source)))
            }
        }
    }

    /// Customers that exceptions leave out for some days.
    fn left_out(&self, population: &Population, source: SourceId) -> String {
        let left = |left: &LeftOut| {
            let (first, last) = left.days;
            format!("left({},{first},{last})", self.condition(Some(&left.condition), Some(source)))
        };
        format!("[{}]", sorted(population.left_out.iter().map(left).collect()).join(","))
    }

    /// An expression over the rows of a source, which may not be there. In the second form, a condition that is always true
    /// is none.
    pub(crate) fn condition(&self, expr: Option<&RowExpr>, source: Option<SourceId>) -> String {
        let form = expr.map_or_else(String::new, |expr| Rows { forms: self, source }.form(expr, false));
        if self.form == Form::Two && form == "true" { String::new() } else { form }
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
            let key = match self.form {
                Form::One => self.model.column(customer.source, customer.key).name.as_str(),
                Form::Two => self.column(customer.source, customer.key),
            };
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

fn type_of(model: &Model, form: Form, ty: &Type) -> String {
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
        Base::Customer(_) if form == Form::One => "reference".to_owned(),
        // A reference is read as what it refers to; a key is no reference itself.
        Base::Customer(id) => {
            let customer = model.customer(*id);
            let key = model.source(customer.source).columns.get(customer.key.index());
            match key.map(|key| &key.ty) {
                Some(key) if !matches!(key.base, Base::Customer(_)) => type_of(model, form, key),
                _ => "reference".to_owned(),
            }
        }
    };
    format!("{base}/{}", ty.unit)
}

/// A text of several lines, however these end, without what stands around it.
pub(crate) fn one_newline(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// A text that no other can be taken for, whatever stands in it.
pub(crate) fn text(text: &str) -> String {
    format!("{}'{text}'", text.len())
}

pub(crate) fn sorted(mut forms: Vec<String>) -> Vec<String> {
    forms.sort_unstable();
    forms
}

/// `name(part,part)`.
pub(crate) fn call<T: AsRef<str>>(name: &str, parts: &[T]) -> String {
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

impl Form {
    /// A short name for a form: `#` and the digits of its hash.
    pub(crate) fn sealed(self, form: &str) -> String {
        match self {
            Form::One => hexadecimal(&hash(form).to_be_bytes()),
            Form::Two => hexadecimal(&sha256(form)),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let mut digits = String::with_capacity(2 * bytes.len() + 1);
    digits.push('#');
    for byte in bytes {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 15));
    }
    digits
}

/// The hash of the second form.
pub(crate) fn sha256(form: &str) -> [u8; 32] {
    Sha256::digest(form.as_bytes()).into()
}

/// The same on every machine, in every release.
fn hash(form: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(form.as_bytes());
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests;
