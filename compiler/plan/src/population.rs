//! Populations: the customers that metrics count one by one, each population once.

use crate::text::text_of;
use groma_model::row::{ColumnPath, Hop, RowExpr};
use groma_model::{Anchor, Members, Model, Population, SourceId};
use std::collections::BTreeMap;

/// A place in [`Populations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PopulationId(usize);

/// The populations of a statement.
#[derive(Debug, Default)]
pub(crate) struct Populations<'a> {
    all: Vec<&'a Population>,
    ids: BTreeMap<String, PopulationId>,
}

impl<'a> Populations<'a> {
    /// The id of a population, the same for all that count the same customers in the same periods.
    pub(crate) fn id(&mut self, model: &Model, population: &'a Population) -> PopulationId {
        let all = &mut self.all;
        *self.ids.entry(text(model, population)).or_insert_with(|| {
            all.push(population);
            PopulationId(all.len() - 1)
        })
    }

    /// The conditions on customers.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &'a RowExpr> {
        self.all.iter().flat_map(|population| {
            population.filter.iter().chain(population.left_out.iter().map(|left| &left.condition))
        })
    }

    /// A population.
    pub(crate) fn get(&self, id: PopulationId) -> &'a Population {
        self.all[id.0]
    }
}

/// The references from the rows of a population's metric to the customer's own row; none where they are that row.
pub(crate) fn route(model: &Model, source: SourceId, population: &Population) -> Vec<Hop> {
    let customer = model.customer(population.customer);
    let key = &population.key;
    if source == customer.source && key.hops.is_empty() && key.column == customer.key {
        return Vec::new();
    }
    let last = Hop { column: key.column, customer: population.customer };
    key.hops.iter().copied().chain([last]).collect()
}

/// What tells populations apart.
fn text(model: &Model, population: &Population) -> String {
    let source = model.customer(population.customer).source;
    let filter = |source, filter: &Option<RowExpr>| filter.as_ref().map(|filter| text_of(model, source, filter));
    let path = |path: &ColumnPath| format!("{:?} {:?} {:?}", path.hops, path.source, path.column);
    let members = match &population.members {
        Members::Rows => "rows".to_owned(),
        Members::Alive { since, until } => format!("alive {since:?} {until:?}"),
        Members::Anchor(Anchor::Attribute(anchor)) => format!("at {}", text_of(model, source, anchor)),
        Members::Anchor(Anchor::First { source, key, filter: condition }) => {
            format!("first {source:?} {} {:?}", path(key), filter(*source, condition))
        }
    };
    let key = path(&population.key);
    let left_out = population.left_out.iter();
    let left_out: Vec<String> =
        left_out.map(|left| format!("{} {:?}", text_of(model, source, &left.condition), left.days)).collect();
    format!("{:?} | {key} | {members} | {:?} | {left_out:?}", population.customer, filter(source, &population.filter))
}
