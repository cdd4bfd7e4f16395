//! Who is counted, and how rows lead to them.

use super::population::both;
use super::{AMBIGUOUS_CUSTOMER, Reader};
use crate::check::expression::Scope;
use crate::check::path::{
    UNREACHABLE, direct_or_all, key_path, own_customers, reachable_customers, referred_customers, routes,
};
use crate::model::{CustomerId, SourceId};
use crate::row::{ColumnPath, Hop, RowExpr};
use crate::schema::Kind;

impl Reader<'_, '_> {
    /// Who is counted: what is said, else what is obvious from the source, else of whom the clock speaks.
    pub(super) fn customer(&mut self, source: Option<SourceId>, suggested: Option<CustomerId>) -> Option<CustomerId> {
        if let Some((name, span)) = self.entries.name("customer") {
            let known = self.model.customers.iter().map(|customer| customer.header.name.as_str());
            let found = crate::check::reference(
                &self.model.names,
                Kind::Customer,
                &name,
                span,
                known,
                &mut self.expressions.sink,
            );
            self.broken |= found.is_none();
            let found = found.map(CustomerId);
            if let (Some(source), Some(customer)) = (source, found) {
                self.must_reach(source, customer);
            }
            return found;
        }
        let source = source?;
        let own = own_customers(self.model, source).next();
        if own.is_some() {
            return own;
        }
        let referred = referred_customers(self.model, source);
        if let Some(customer) = suggested
            && reachable_customers(self.model, source).contains(&customer)
            && referred.len() > 1
        {
            return Some(customer);
        }
        match referred.as_slice() {
            [only] => Some(*only),
            [first, second, ..] if referred.iter().any(|id| self.model.customer(*id).filter.is_some()) => {
                let name = |id: &CustomerId| self.model.customer(*id).header.name.clone();
                let (first, second) = (name(first), name(second));
                self.expressions.sink.push(
                    AMBIGUOUS_CUSTOMER
                        .finding(format!(
                            "a row of `{}` refers to `{first}` and to `{second}`",
                            self.model.source(source).header.name
                        ))
                        .at(self.entries.item.name.span, "which of them is counted?")
                        .help(format!("add `customer: {first}` or `customer: {second}`")),
                );
                None
            }
            _ => None,
        }
    }

    /// The rows that count: those that pass `where`, of customers that are some.
    pub(super) fn filter(&mut self, source: Option<SourceId>, customer: Option<CustomerId>) -> Option<RowExpr> {
        let source = source?;
        let own =
            self.entries.value("where").map(|condition| self.expressions.condition(condition, &Scope::of(source)));
        let theirs = customer.and_then(|customer| self.customer_filter(source, customer));
        both(own, theirs)
    }

    fn customer_filter(&mut self, source: SourceId, customer: CustomerId) -> Option<RowExpr> {
        let declared = self.model.customer(customer);
        self.broken |= declared.header.broken;
        let filter = declared.filter.as_ref()?;
        if declared.source == source {
            return Some(filter.clone());
        }
        match direct_or_all(routes(self.model, source, customer)).as_slice() {
            [only] => Some(filter.reached_through(only)),
            routes => {
                self.two_ways(source, customer, routes);
                None
            }
        }
    }

    /// The way from rows to the customer's key, if there is exactly one.
    pub(super) fn customer_key(&self, source: SourceId, customer: CustomerId) -> Option<ColumnPath> {
        key_path(self.model, source, customer).ok()
    }

    /// The same where nothing can be counted without it.
    pub(super) fn required_key(&mut self, source: SourceId, customer: CustomerId) -> Option<ColumnPath> {
        key_path(self.model, source, customer).map_err(|routes| self.two_ways(source, customer, &routes)).ok()
    }

    /// No way was said where the customer is read.
    fn two_ways(&mut self, source: SourceId, customer: CustomerId, routes: &[Vec<Hop>]) {
        let [first, second, ..] = routes else { return };
        let column =
            |route: &Vec<Hop>| route.first().map_or("", |hop| self.model.column(source, hop.column).name.as_str());
        let headline = format!(
            "`{}` is referred to by `{}` and by `{}`",
            self.model.customer(customer).header.name,
            column(first),
            column(second)
        );
        self.expressions.sink.push(
            AMBIGUOUS_CUSTOMER
                .finding(headline)
                .at(self.entries.item.name.span, "which reference says who is counted?")
                .help("keep the customer's type for one of the columns, and give the other the type of its key"),
        );
    }

    /// A customer that is named must be one that the rows refer to.
    fn must_reach(&mut self, source: SourceId, customer: CustomerId) {
        let declared = self.model.customer(customer);
        let name = &declared.header.name;
        let rows = &self.model.source(source).header;
        let reached = declared.source == source || !routes(self.model, source, customer).is_empty();
        if reached || declared.header.broken || rows.broken {
            return;
        }
        let span = self.entries.name("customer").map_or(self.entries.item.name.span, |(_, span)| span);
        self.expressions.sink.push(
            UNREACHABLE
                .finding(format!("nothing links `{}` to customer `{name}`", rows.name))
                .at(span, format!("`{}` has no column of type `{name}`", rows.name))
                .also(rows.span, "the source is declared here")
                .help(format!("give the reference its type in `{}`: `…: {name}`", rows.name)),
        );
    }
}
