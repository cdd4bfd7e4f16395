//! The columns that answers are grouped by: groupings, the step of a curve or a funnel, and the set of groupings where
//! totals are asked for.

use crate::draft::Draft;
use crate::relation::{Expr, Literal, Relation, ValueType, Values};
use crate::rows::Rows;
use crate::typed::when;
use groma_model::row::Hop;
use groma_model::{Grouping, SourceId};

/// The column that numbers the steps, in their order.
pub(crate) const STEP: &str = "step_number";
/// The column of answers that names the step.
pub(crate) const STEP_NAME: &str = "step";
/// The column that names the set of groupings of a row.
pub(crate) const SET: &str = "grouping";
/// The name of the set without a grouping.
pub(crate) const TOTAL: &str = "total";

/// A column that answers are grouped by.
pub(crate) struct GroupColumn<'a> {
    pub(crate) kind: GroupKind<'a>,
    /// The name of the column, in every step and in the answer.
    pub(crate) name: String,
    pub(crate) ty: ValueType,
}

/// What a group column holds.
pub(crate) enum GroupKind<'a> {
    Grouping(&'a Grouping),
    Set,
    Step,
}

impl GroupColumn<'_> {
    /// Whether it holds the step of a curve or a funnel.
    pub(crate) fn is_step(&self) -> bool {
        matches!(self.kind, GroupKind::Step)
    }

    /// Whether it holds the set of groupings.
    pub(crate) fn is_set(&self) -> bool {
        matches!(self.kind, GroupKind::Set)
    }

    /// Its value for rows that reach the grouped source by `hops`.
    pub(crate) fn value(
        &self,
        draft: &mut Draft<'_>,
        rows: &mut Rows<'_>,
        source: SourceId,
        hops: &[Hop],
        step: Option<&Expr>,
        sets: Option<&str>,
    ) -> Expr {
        let null = || Expr::Literal(Literal::Null(self.ty));
        match (&self.kind, sets) {
            (GroupKind::Step, _) => step.cloned().unwrap_or_else(null),
            (GroupKind::Set, Some(sets)) => Expr::column(sets, SET),
            (GroupKind::Set, None) => null(),
            (GroupKind::Grouping(grouping), sets) => {
                let known = grouping.values.iter().find(|(known, _)| *known == source);
                let value = match known {
                    Some((_, value)) if hops.is_empty() => rows.inside(draft, value).to(self.ty),
                    Some((_, value)) => rows.inside(draft, &value.reached_through(hops)).to(self.ty),
                    None => null(),
                };
                match sets {
                    Some(sets) => when(Expr::column(sets, &flag(&self.name)), value),
                    None => value,
                }
            }
        }
    }
}

/// The sets of the groupings by name, from all of them down to none; with which groupings are in each.
pub(crate) fn sets_of(groups: &[GroupColumn<'_>]) -> Vec<(String, Vec<bool>)> {
    let named: Vec<&GroupColumn<'_>> = named(groups).collect();
    let sets = (0..1_usize << named.len()).map(|left_out| {
        let is_in: Vec<bool> = (0..named.len()).map(|at| left_out >> (named.len() - 1 - at) & 1 == 0).collect();
        let names: Vec<&str> =
            named.iter().zip(&is_in).filter(|(_, is_in)| **is_in).map(|(group, _)| group.name.as_str()).collect();
        (if names.is_empty() { TOTAL.to_owned() } else { names.join("+") }, is_in)
    });
    sets.collect()
}

/// Adds the step of all sets of the groupings.
pub(crate) fn push_sets(draft: &mut Draft<'_>, groups: &[GroupColumn<'_>]) -> String {
    let mut columns = vec![(SET.to_owned(), ValueType::Text)];
    columns.extend(named(groups).map(|group| (flag(&group.name), ValueType::Bool)));
    let row = |(name, is_in): (String, Vec<bool>)| {
        std::iter::once(Literal::Text(name)).chain(is_in.into_iter().map(Literal::Bool)).collect()
    };
    let rows = sets_of(groups).into_iter().map(row).collect();
    draft.push("grouping_sets", Relation::Values(Values { columns, rows }))
}

fn named<'g, 'a>(groups: &'g [GroupColumn<'a>]) -> impl Iterator<Item = &'g GroupColumn<'a>> {
    groups.iter().filter(|group| matches!(group.kind, GroupKind::Grouping(_)))
}

fn flag(name: &str) -> String {
    format!("by {name}")
}
