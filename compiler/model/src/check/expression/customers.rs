//! What customers have, where measures run over them: the value of `each`, the steps they reached, their columns.

use super::{
    EACH_IN_ROWS, Expressions, Level, METRIC_IN_ROW, ROW_AMONG_CUSTOMERS, ROW_GROUP_OF_CUSTOMERS, ROW_IN_MEASURE, Scope,
};
use crate::check::names::dotted;
use crate::check::path::{Walk, column_named, direct_or_all, routes};
use crate::measure::{Measure, MeasureKind};
use crate::model::{CustomerId, MetricId, SourceId};
use crate::row::{Each, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::Name;
use groma_syntax::{Diagnostic, Span};
use std::collections::BTreeSet;

impl Expressions<'_> {
    /// `each`, `reached` and `entered` in a measure over customers.
    pub(super) fn given_value(&self, path: &[Name], span: Span, scope: &Scope<'_>) -> Option<RowExpr> {
        let (Level::Customers(given), [name], true) = (scope.level, path, scope.columns) else { return None };
        let bool = || Type::plain(Base::Bool);
        let (each, ty) = match name.text.as_str() {
            "each" => (Each::Value, given.each.clone()?),
            "reached" if given.steps => (Each::Reached, bool()),
            "entered" if given.steps => (Each::Entered, bool()),
            _ => return None,
        };
        Some(RowExpr { kind: RowKind::Each(each), ty, span })
    }

    /// The finding about `each`, `reached` or `entered` where no customer is looked at.
    pub(super) fn each_elsewhere(&self, path: &[Name], span: Span) -> Option<Diagnostic> {
        let [name] = path else { return None };
        let (what, key) = match name.text.as_str() {
            "each" => ("the value of a customer", "each: …"),
            "reached" | "entered" => ("what a customer did in `steps`", "steps { … }"),
            _ => return None,
        };
        Some(
            EACH_IN_ROWS
                .finding(format!("`{}` is {what}, and no customer is looked at here", name.text))
                .at(span, "one row is looked at here")
                .help(format!("use it in the `measure` of a metric with `{key}`; rows are filtered by what they have")),
        )
    }

    /// The finding about a column of rows where customers are looked at, if it is one.
    pub(super) fn of_rows_behind(
        &self,
        path: &[Name],
        span: Span,
        source: SourceId,
        scope: &Scope<'_>,
    ) -> Option<Diagnostic> {
        if let Some(finding) = self.each_elsewhere(path, span) {
            return Some(finding);
        }
        if let Level::Customers(given) = scope.level {
            let (rows, number) = self.reads_of(path, span, given.rows)?;
            let name = dotted(path);
            let aggregate = if number { "sum" } else { "last" };
            let help = match given.each {
                Some(_) => {
                    format!("use it in `each`, which makes one value of a customer's rows: `each: {aggregate}({name})`")
                }
                None => "use it in the conditions of `steps`".to_owned(),
            };
            return Some(
                ROW_AMONG_CUSTOMERS
                    .finding(format!(
                        "`{name}` has a value for each row of `{rows}`, and this measure runs over customers"
                    ))
                    .at(span, "a customer has many of them, or none")
                    .also(self.model.source(given.rows).header.span, "the rows are declared here")
                    .help(help),
            );
        }
        let (rows, place) = self
            .rows_behind(source)
            .into_iter()
            .find_map(|rows| Some((self.reads_of(path, span, rows)?.0, self.model.source(rows).header.span)))?;
        Some(
            ROW_GROUP_OF_CUSTOMERS
                .finding(format!(
                    "`{}` is of the rows of `{rows}`: by it, customers without rows would be left out",
                    dotted(path)
                ))
                .at(span, "customers are counted here, and they have no such column")
                .also(place, "the rows are declared here")
                .help("use what customers have (`account.region`), or filter the rows with `where:` of the metric"),
        )
    }

    /// The rows behind the values of customers, through the metrics that were met and those they are made of.
    fn rows_behind(&self, customers: SourceId) -> Vec<SourceId> {
        let known = self.behind.iter().filter(|(source, _)| *source == customers);
        let mut found: Vec<SourceId> = known.map(|(_, rows)| *rows).collect();
        let mut open = self.met.clone();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let metric = self.model.metric(id);
            if let (Some(population), Some(rows)) = (&metric.population, metric.source)
                && self.model.customer(population.customer).source == customers
                && rows != customers
            {
                found.push(rows);
            }
            open.extend(metric.measure.metrics());
        }
        found
    }

    /// The name of a source if it has what a path asks for, and whether that is a number.
    fn reads_of(&self, path: &[Name], span: Span, rows: SourceId) -> Option<(&str, bool)> {
        let walk = Walk { model: self.model, source: rows, path, span };
        let value = walk.resolve().ok().flatten()?;
        Some((self.model.source(rows).header.name.as_str(), value.ty.is_number()))
    }

    /// What a function was given in `each`, as what the customer has, if the rows have it from their customer.
    pub(super) fn of_customer(&self, value: &RowExpr, scope: &Scope<'_>) -> Option<RowExpr> {
        let (Level::Each(customer), Some(rows)) = (scope.level, scope.source) else { return None };
        if self.model.customer(customer).source == rows {
            return None;
        }
        match direct_or_all(routes(self.model, rows, customer)).as_slice() {
            [only] => value.seen_behind(only),
            _ => None,
        }
    }

    /// A name in `each`, outside of aggregates: what the customer has.
    pub(super) fn customer_value(
        &mut self,
        path: &[Name],
        span: Span,
        rows: Option<SourceId>,
        customer: CustomerId,
    ) -> Measure {
        let model = self.model;
        let declared = model.customer(customer);
        let Some((first, rest)) = path.split_first() else { return Measure::unknown(span) };
        let column = rows.and_then(|rows| column_named(model, rows, &first.text));
        let refers = column.is_some_and(|(_, column)| column.ty.base == Base::Customer(customer));
        let asked: Vec<Name> = match refers {
            true => {
                let name = Name { text: declared.header.name.clone(), span: first.span };
                std::iter::once(name).chain(rest.iter().cloned()).collect()
            }
            false => path.to_vec(),
        };
        let walk = Walk { model, source: declared.source, path: &asked, span };
        let own_row = column.is_some() && !refers;
        let found = if own_row && rest.is_empty() { Err(None) } else { walk.resolve().map_err(Some) };
        match found {
            Ok(Some(value)) => {
                let ty = value.ty.clone();
                Measure { kind: MeasureKind::Attribute(Box::new(value)), ty, span }
            }
            Ok(None) => Measure::unknown(span),
            Err(finding) => {
                let finding = self.no_customer_value(path, span, rows, finding);
                self.sink.push(finding);
                Measure::unknown(span)
            }
        }
    }

    fn no_customer_value(
        &self,
        path: &[Name],
        span: Span,
        rows: Option<SourceId>,
        finding: Option<Diagnostic>,
    ) -> Diagnostic {
        let written = dotted(path);
        if let Some(rows) = rows
            && let Ok(Some(value)) = (Walk { model: self.model, source: rows, path, span }).resolve()
        {
            let suggestion = if value.ty.is_number() { format!("sum({written})") } else { format!("last({written})") };
            return ROW_IN_MEASURE
                .finding(format!("`{written}` has a value for each row, and `each` needs one for each customer"))
                .at(span, "a bare column of the rows")
                .help(format!("say how a customer's rows become one value: `{suggestion}`"))
                .fix(format!("write `{suggestion}`"), span, suggestion);
        }
        if let Some(id) = self.model.names.get(Kind::Metric, &written).map(MetricId) {
            return METRIC_IN_ROW
                .finding(format!("`{written}` is a metric: it has one value for a period, not for each customer"))
                .at(span, "a value for each customer is needed here")
                .also(self.model.metric(id).header.span, "the metric is declared here")
                .help("aggregate the customer's rows here: `sum(amount)`");
        }
        match (self.each_elsewhere(path, span), finding) {
            (Some(finding), _) | (None, Some(finding)) => finding,
            (None, None) => {
                ROW_IN_MEASURE.finding(format!("`{written}` is no value of a customer")).at(span, "no value")
            }
        }
    }
}
