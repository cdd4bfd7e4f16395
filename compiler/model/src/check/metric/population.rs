//! Populations: whose values are measured, when customers are counted one by one.

use super::clock::{Moment, Timing};
use super::{AMBIGUOUS_CUSTOMER, Reader};
use crate::check::anchor::{self, NOT_AN_ANCHOR};
use crate::check::expression::{NO_ROWS, Scope};
use crate::check::path::UNREACHABLE;
use crate::model::{Anchor, CustomerId, Members, Metric, Population, SourceId};
use crate::row::{Binary, RowExpr, RowKind};
use crate::types::{Base, Type};
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Span};

/// Customers are filtered where none are counted.
pub(crate) static NO_POPULATION: Code = Code::error(
    "level/no-population",
    "A metric says which customers it is about, and does not count customers one by one.",
);
/// A population that is given already.
pub(crate) static FIXED_POPULATION: Code = Code::error(
    "level/fixed-population",
    "A metric chooses its population, and its window or its steps have chosen it already.",
);
/// Everyone, and nobody knows since when.
pub(crate) static NO_SINCE: Code = Code::error(
    "time/no-since",
    "A metric counts all customers of a period, and they do not say since when they are customers.",
);

impl Reader<'_, '_> {
    /// Whether customers are to be counted one by one, rightly written or not.
    pub(super) fn counts_one_by_one(&self) -> bool {
        let anchored = |value: &Expr| matches!(value.kind, ExprKind::Infix { operator: Infix::After, .. });
        self.entries.mentions("each")
            || self.entries.mentions("steps")
            || self.entries.value("window").is_some_and(anchored)
    }

    /// Whether customers are counted one by one, and the place that says so.
    pub(super) fn one_by_one(&self, timing: &Timing<'_>) -> Option<Span> {
        let key = |key: &str| self.entries.key_span(key);
        timing.anchor.as_ref().and_then(|_| key("window")).or_else(|| key("each")).or_else(|| key("steps"))
    }

    pub(super) fn population(&mut self, metric: &Metric, timing: &Timing<'_>) -> Option<Population> {
        let Some(reason) = self.one_by_one(timing) else {
            if !timing.broken && !self.counts_one_by_one() {
                self.without_population(metric);
            }
            return None;
        };
        let population = self.whole_population(metric, timing, reason);
        self.broken |= population.is_none();
        population
    }

    fn whole_population(&mut self, metric: &Metric, timing: &Timing<'_>, reason: Span) -> Option<Population> {
        let source = self.rows_of_customers(metric.source, reason)?;
        let customer = self.counted_customer(source, metric.customer, reason)?;
        let key = self.required_key(source, customer)?;
        let declared = self.model.customer(customer);
        if declared.header.broken || self.model.source(source).header.broken {
            return None;
        }
        self.expressions.rests_on_rows(declared.source, source);
        let before = self.expressions.sink.len();
        let scope = Scope::of(declared.source);
        let among = self.entries.value("among").map(|among| self.expressions.condition(among, &scope));
        let members = self.members(source, customer, timing)?;
        let filter = both(declared.filter.clone(), among);
        (self.expressions.sink.len() == before).then_some(Population {
            customer,
            key,
            members,
            filter,
            left_out: Vec::new(),
        })
    }

    fn members(&mut self, source: SourceId, customer: CustomerId, timing: &Timing<'_>) -> Option<Members> {
        let asked = self.entries.name("population");
        let fixed = match (&timing.anchor, self.entries.key_span("steps")) {
            (Some(_), _) => {
                self.entries.key_span("window").map(|span| (span, "its window counts the customers of a cohort"))
            }
            (None, Some(span)) => Some((span, "its steps count the customers who take the first one")),
            _ => None,
        };
        if let (Some((word, span)), Some((place, why))) = (&asked, fixed) {
            self.expressions.sink.push(
                FIXED_POPULATION
                    .finding(format!("`population: {word}` would change nothing: {why}"))
                    .at(*span, "chosen again here")
                    .also(place, "chosen here")
                    .help("take `population:` out; `among:` filters the customers"),
            );
            return None;
        }
        if let Some(moment) = &timing.anchor {
            return self.anchor(moment, source, customer).map(Members::Anchor);
        }
        let declared = self.model.customer(customer);
        match asked {
            Some((word, span)) if word == "all" => {
                if declared.since.is_none() {
                    let name = &declared.header.name;
                    self.expressions.sink.push(
                        NO_SINCE
                            .finding(format!(
                                "nobody knows which of `{name}` there were in a period: it has no `since`"
                            ))
                            .at(span, "everyone who was a customer")
                            .also(declared.header.span, "the customer is declared here")
                            .help(format!("add `since:` with a date or an instant to customer `{name}`")),
                    );
                    return None;
                }
                Some(Members::Alive { since: declared.since, until: declared.until })
            }
            _ => Some(Members::Rows),
        }
    }

    fn anchor(&mut self, moment: &Moment<'_>, source: SourceId, customer: CustomerId) -> Option<Anchor> {
        let id = match moment {
            Moment::Written(written) => return anchor::read(&mut self.expressions, written, customer, Some(source)),
            Moment::Named(id) => *id,
        };
        let window = &self.model.windows[id.index()];
        let (whose, anchor) = window.anchor.as_ref()?;
        if *whose == customer {
            return Some(anchor.clone());
        }
        let (theirs, ours) = (&self.model.customer(*whose).header.name, &self.model.customer(customer).header.name);
        let span = self.entries.value("window").map_or(self.entries.item.name.span, |window| window.span);
        self.expressions.sink.push(
            NOT_AN_ANCHOR
                .finding(format!("this window counts from a moment of `{theirs}`, and the metric counts `{ours}`"))
                .at(span, format!("no moment of `{ours}`"))
                .also(window.header.span, "the window is declared here")
                .help(format!("write `customer: {theirs}`, or a window after a moment of `{ours}`")),
        );
        None
    }

    /// Values of customers are made of rows, so there must be some.
    fn rows_of_customers(&mut self, source: Option<SourceId>, reason: Span) -> Option<SourceId> {
        if source.is_none() && !self.entries.mentions("from") && !self.entries.item.broken {
            self.expressions.sink.push(
                NO_ROWS
                    .finding("customers are counted by their rows, and the metric does not say of which source")
                    .at(reason, "rows of what?")
                    .help("add `from:` with the source whose rows count"),
            );
        }
        source
    }

    fn counted_customer(&mut self, source: SourceId, found: Option<CustomerId>, reason: Span) -> Option<CustomerId> {
        let rows = &self.model.source(source).header;
        let said = self.entries.mentions("customer") || rows.broken;
        if found.is_some() || said || !self.expressions.sink.is_empty() {
            return found;
        }
        let referred = crate::check::path::referred_customers(self.model, source);
        let finding = match referred.as_slice() {
            [first, second, ..] => {
                let name = |id: &CustomerId| self.model.customer(*id).header.name.clone();
                let (first, second) = (name(first), name(second));
                AMBIGUOUS_CUSTOMER
                    .finding(format!("a row of `{}` refers to `{first}` and to `{second}`", rows.name))
                    .at(reason, "the values of which of them?")
                    .help(format!("add `customer: {first}` or `customer: {second}`"))
            }
            _ => UNREACHABLE
                .finding(format!(
                    "the rows of `{}` are of no customer, and customers are counted one by one",
                    rows.name
                ))
                .at(reason, "a value for each customer")
                .help(format!("give the reference its type in `{}`: `…: account`", rows.name)),
        };
        self.expressions.sink.push(finding.also(rows.span, "the source is declared here"));
        None
    }

    fn without_population(&mut self, metric: &Metric) {
        let counted = match metric.source {
            Some(_) => "this metric counts rows",
            None => "this metric is made of others",
        };
        for key in ["among", "population"] {
            let Some(span) = self.entries.key_span(key) else { continue };
            let (what, help) = match key {
                "among" => {
                    ("filters customers", "write `where:`, which filters rows by what their customers have, too")
                }
                _ => ("chooses customers", "take it out, or give each customer a value with `each:`"),
            };
            self.expressions.sink.push(
                NO_POPULATION
                    .finding(format!("`{key}` {what}, and {counted}: it would change nothing"))
                    .at(span, "no customer is counted one by one")
                    .also(self.entries.item.name.span, "there is no `each`, no `steps` and no window after an anchor")
                    .help(help),
            );
        }
    }
}

/// Both conditions.
pub(super) fn both(left: Option<RowExpr>, right: Option<RowExpr>) -> Option<RowExpr> {
    match (left, right) {
        (Some(left), Some(right)) => {
            let span = right.span;
            let kind = RowKind::Binary { operator: Binary::And, left: Box::new(left), right: Box::new(right) };
            Some(RowExpr { kind, ty: Type::plain(Base::Bool), span })
        }
        (left, right) => left.or(right),
    }
}
