//! The columns that answers are grouped by: groupings, the step of a curve or a funnel, and the set of groupings where
//! several are asked for.

use crate::draft::Draft;
use crate::relation::{Expr, Literal, ValueType};
use crate::request::Sets;
use crate::rows::Rows;
use groma_model::row::Hop;
use groma_model::{Grouping, SourceId};
use std::collections::BTreeSet;

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
    /// The name of one of these.
    Set(Vec<GroupSet>),
    Step,
}

/// A set of the groupings that cells are computed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupSet {
    /// The names of its groupings, or that it has none.
    pub(crate) name: String,
    /// Of each grouping, in their order, whether it is in the set.
    pub(crate) is_in: Vec<bool>,
    /// Others are only there so that they give nothing away of those that are.
    pub(crate) is_shown: bool,
    /// No set before it has the same groupings in another order.
    pub(crate) is_first: bool,
}

impl GroupSet {
    /// Whether each of its groupings is in another set.
    pub(crate) fn is_within(&self, other: &[bool]) -> bool {
        self.is_in.iter().zip(other).all(|(here, there)| !here || *there)
    }
}

impl GroupColumn<'_> {
    /// Whether it holds the step of a curve or a funnel.
    pub(crate) fn is_step(&self) -> bool {
        matches!(self.kind, GroupKind::Step)
    }

    /// Whether it holds the set of groupings.
    pub(crate) fn is_set(&self) -> bool {
        matches!(self.kind, GroupKind::Set(_))
    }

    /// Its value for rows that reach the grouped source by `hops`; the set of a row is not known before rows are grouped.
    pub(crate) fn value(
        &self,
        draft: &mut Draft<'_>,
        rows: &mut Rows<'_>,
        source: SourceId,
        hops: &[Hop],
        step: Option<&Expr>,
    ) -> Expr {
        let null = || Expr::Literal(Literal::Null(self.ty));
        match &self.kind {
            GroupKind::Step => step.cloned().unwrap_or_else(null),
            GroupKind::Set(_) => null(),
            GroupKind::Grouping(grouping) => {
                let known = grouping.values.iter().find(|(known, _)| *known == source);
                match known {
                    Some((_, value)) if hops.is_empty() => rows.inside(draft, value).to(self.ty),
                    Some((_, value)) => rows.inside(draft, &value.reached_through(hops)).to(self.ty),
                    None => null(),
                }
            }
        }
    }
}

/// The sets that cells are computed for, where there are several; none where only all groupings together count. Where small
/// cells are hidden, every part of a set is computed beside it. `by`: the names of the groupings.
pub(crate) fn sets_of(by: &[String], sets: &Sets, is_guarded: bool) -> Option<Vec<GroupSet>> {
    let all: Vec<usize> = (0..by.len()).collect();
    let asked = match sets {
        Sets::Whole if by.is_empty() || !is_guarded => return None,
        Sets::Whole => vec![all],
        Sets::All => parts_of(&all),
        Sets::These(these) => these.clone(),
    };
    let further: Vec<Vec<usize>> =
        if is_guarded { asked.iter().flat_map(|set| parts_of(set)).collect() } else { Vec::new() };
    let mut found: Vec<GroupSet> = Vec::with_capacity(asked.len());
    let mut names = BTreeSet::new();
    let number_asked = asked.len();
    for (place, set) in asked.into_iter().chain(further).enumerate() {
        let words: Vec<&str> = set.iter().map(|at| by[*at].as_str()).collect();
        let name = if words.is_empty() { TOTAL.to_owned() } else { words.join("+") };
        let is_in: Vec<bool> = (0..by.len()).map(|at| set.contains(&at)).collect();
        let is_first = !found.iter().any(|known| known.is_in == is_in);
        let is_shown = place < number_asked;
        if (is_shown || is_first) && names.insert(name.clone()) {
            found.push(GroupSet { name, is_in, is_shown, is_first });
        }
    }
    Some(found)
}

/// A set and every part of it, from itself down to none.
fn parts_of(set: &[usize]) -> Vec<Vec<usize>> {
    let is_in = |left_out: usize, at: usize| left_out >> (set.len() - 1 - at) & 1 == 0;
    (0..1_usize << set.len())
        .map(|left_out| set.iter().enumerate().filter(|(at, _)| is_in(left_out, *at)).map(|(_, of)| *of).collect())
        .collect()
}

/// The sets of an answer, where it has several.
pub(crate) fn sets<'g>(groups: &'g [GroupColumn<'_>]) -> Option<&'g [GroupSet]> {
    groups.iter().find_map(|group| match &group.kind {
        GroupKind::Set(sets) => Some(sets.as_slice()),
        _ => None,
    })
}
