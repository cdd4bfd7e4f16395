//! Cells: one row for each answered period and each group that was seen, with every leaf beside it.
//!
//! Groups that one scan has and another lacks are kept; the group without a value (null) is a group like any other.

use crate::as_of::AsOf;
use crate::cell::PlannedScan;
use crate::completeness::{is_stepped, steps_of};
use crate::draft::{Draft, cross, from_step, select};
use crate::grouping::{GroupColumn, GroupKind, SET, STEP, TOTAL, sets};
use crate::leaf::{Leaf, LeafId, Leaves, Scan, ScanKind};
use crate::names::{LONGEST, Names, shorten};
use crate::population::Populations;
use crate::relation::{
    Binary, Expr, Function, Join, JoinKind, Literal, Output, Relation, Select, Table, ValueType, Values,
};
use crate::spine::{FIRST, PERIOD, Spine};
use crate::typed::{extreme_of, when};
use groma_model::time::Offset;
use groma_model::{Model, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// The most joins of one step: some engines know no more than 61 tables in one.
const MOST_JOINS: usize = 24;

/// The step of cells and where each leaf stands in it.
pub(crate) struct Cells {
    pub(crate) step: String,
    pub(crate) columns: BTreeMap<LeafId, CellColumn>,
}

/// A leaf's column of the cells.
pub(crate) struct CellColumn {
    pub(crate) name: String,
    /// Of the value; truth values are held as 1 and 0.
    pub(crate) ty: ValueType,
    /// Null also where rows are counted: the earlier period may lie where nothing was observed.
    pub(crate) may_be_unobserved: bool,
}

/// What the cells are stitched from.
pub(crate) struct Stitch<'s, 'a> {
    pub(crate) model: &'s Model,
    pub(crate) populations: &'s Populations<'a>,
    pub(crate) leaves: &'s Leaves<'a>,
    pub(crate) scans: &'s [PlannedScan],
    pub(crate) spine: &'s Spine<'a>,
    pub(crate) groups: &'s [GroupColumn<'a>],
    /// The step of the answered periods.
    pub(crate) periods: &'s str,
    /// From when on nothing is known.
    pub(crate) as_of: &'s AsOf,
}

/// The counts that say whether a group is there, for each scan and offset.
pub(crate) type Presence = BTreeMap<(usize, Offset), BTreeSet<LeafId>>;

/// Adds the groups for which a row counts in an answered period, of all parts of an answer together; the counts of each say
/// so. What has steps has all of them in each group.
pub(crate) fn push_groups(
    draft: &mut Draft<'_>,
    parts: &[(&Model, Stitch<'_, '_>)],
    presence: &[&Presence],
) -> Option<String> {
    let (_, any) = parts.first()?;
    let steps = any.groups.iter().any(GroupColumn::is_step).then(|| push_steps(draft, parts));
    if any.keys().next().is_none() {
        return steps;
    }
    let mut seen: Vec<Select> = Vec::new();
    for ((_, stitch), presence) in parts.iter().zip(presence) {
        seen.extend(presence.iter().map(|((scan, offset), counts)| stitch.present(*scan, *offset, counts)));
    }
    // A total is answered like a question without groups: also where nothing is counted.
    let has_total = sets(any.groups).is_some_and(|sets| sets.iter().any(|set| set.name == TOTAL));
    seen.extend(has_total.then(|| any.total()));
    let wanted = if steps.is_some() { "groups_of_all_steps" } else { "groups" };
    let groups = if seen.len() < 2 {
        let only = seen.pop().unwrap_or_else(|| any.no_groups());
        draft.push(wanted, select(Select { distinct: true, ..only }))
    } else {
        let seen = draft.push("groups_seen", Relation::UnionAll(seen));
        let columns = any.keys().map(|group| Expr::name(&group.name).named(group.name.clone())).collect();
        draft.push(wanted, select(Select { distinct: true, columns, from: from_step(&seen), ..Select::default() }))
    };
    let Some(steps) = steps else { return Some(groups) };
    let mut columns: Vec<Output> =
        any.keys().map(|group| Expr::column(&groups, &group.name).named(group.name.clone())).collect();
    columns.push(Expr::column(&steps, STEP).named(STEP));
    let joins = vec![cross(&steps)];
    let stepped = select(Select { columns, from: from_step(&groups), joins, ..Select::default() });
    Some(draft.push("groups", stepped))
}

/// Adds the numbers of all steps, and none for what has no steps.
fn push_steps(draft: &mut Draft<'_>, parts: &[(&Model, Stitch<'_, '_>)]) -> String {
    let counted = |scan: &&Scan| !matches!(scan.kind, ScanKind::ByCustomer(..));
    let of_part = |(model, stitch): &(&Model, Stitch<'_, '_>)| -> Vec<Option<(i64, i64)>> {
        stitch.leaves.scans.iter().filter(counted).map(|scan| steps_of(model, &scan.kind)).collect()
    };
    let steps: Vec<Option<(i64, i64)>> = parts.iter().flat_map(of_part).collect();
    let without = steps.contains(&None).then_some(Literal::Null(ValueType::Int));
    let (first, last) = steps
        .into_iter()
        .flatten()
        .reduce(|(first, last), (other, end)| (first.min(other), last.max(end)))
        .unwrap_or((1, 0));
    let rows = (first..=last).map(Literal::Int).chain(without).map(|step| vec![step]).collect();
    draft.push("all_steps", Relation::Values(Values { columns: vec![(STEP.to_owned(), ValueType::Int)], rows }))
}

impl Stitch<'_, '_> {
    /// The groups beside the step.
    fn keys(&self) -> impl Iterator<Item = &GroupColumn<'_>> {
        self.groups.iter().filter(|group| !group.is_step())
    }

    /// The groups of one scan that have a row in an answered period, or so much earlier.
    fn present(&self, scan: usize, offset: Offset, counts: &BTreeSet<LeafId>) -> Select {
        let planned = &self.scans[scan];
        let column = |name: &str| Expr::column(&planned.step, name);
        let columns = self.keys().map(|group| column(&group.name).named(group.name.clone())).collect();
        let on = Expr::binary(Binary::Equal, column(PERIOD), Expr::column(self.periods, self.period_column(offset)));
        let join = Join {
            kind: JoinKind::Inner,
            table: Table::Step(self.periods.to_owned()),
            alias: self.periods.to_owned(),
            on: Some(on),
        };
        let counts = counts.iter().map(|leaf| column(&planned.columns[self.leaves.leaves[leaf.0].column].name));
        let some = extreme_of(Function::Greatest, counts.collect())
            .map(|most| Expr::binary(Binary::Greater, most, Expr::int(0)));
        let filter = Expr::all(some.into_iter().chain(self.of_known_sets(scan)));
        Select { columns, from: from_step(&planned.step), joins: vec![join], filter, ..Select::default() }
    }

    /// That a row is of a set of which the scan has every grouping; none where it has all of them. In the others it has no
    /// group, and null is not one.
    fn of_known_sets(&self, scan: usize) -> Option<Expr> {
        let source = self.grouped_source(&self.leaves.scans[scan]);
        let groupings = self.groups.iter().filter_map(|group| match group.kind {
            GroupKind::Grouping(grouping) => Some(grouping),
            _ => None,
        });
        let has: Vec<bool> =
            groupings.map(|grouping| grouping.values.iter().any(|(known, _)| *known == source)).collect();
        let all = sets(self.groups)?;
        let known: Vec<Expr> = all.iter().filter(|set| set.is_within(&has)).map(|set| Expr::text(&set.name)).collect();
        let operand = Box::new(Expr::column(&self.scans[scan].step, SET));
        (known.len() < all.len()).then_some(Expr::In { operand, list: known, negated: false })
    }

    /// The source by which rows of a scan are grouped: of cohorts that of their customers.
    fn grouped_source(&self, scan: &Scan) -> SourceId {
        match &scan.kind {
            ScanKind::Anchored(_, id) => self.model.customer(self.populations.get(*id).customer).source,
            _ => scan.source,
        }
    }

    fn total(&self) -> Select {
        let value = |group: &GroupColumn<'_>| match group.is_set() {
            true => Expr::text(TOTAL).named(group.name.clone()),
            false => Expr::Literal(Literal::Null(group.ty)).named(group.name.clone()),
        };
        Select { columns: self.keys().map(value).collect(), ..Select::default() }
    }

    fn no_groups(&self) -> Select {
        let null = |group: &GroupColumn<'_>| Expr::Literal(Literal::Null(group.ty)).named(group.name.clone());
        Select {
            columns: self.keys().map(null).collect(),
            filter: Some(Expr::Literal(Literal::Bool(false))),
            ..Select::default()
        }
    }

    /// The column of the spine that holds the period an offset looks at.
    fn period_column(&self, offset: Offset) -> &str {
        self.spine.earlier.get(&offset).map_or(PERIOD, String::as_str)
    }

    /// Adds the cells with the leaves that are used.
    pub(crate) fn push_cells(&self, draft: &mut Draft<'_>, groups: Option<&str>, used: &BTreeSet<LeafId>) -> Cells {
        let mut parts: BTreeMap<(usize, Offset), Vec<LeafId>> = BTreeMap::new();
        for leaf in used {
            let Leaf { scan, offset, .. } = self.leaves.leaves[leaf.0];
            parts.entry((scan, offset)).or_default().push(*leaf);
        }
        let mut names = Names::of_columns();
        names.reserve(PERIOD);
        self.spine.earlier.values().for_each(|name| names.reserve(name));
        self.groups.iter().for_each(|group| names.reserve(&group.name));
        let parts: Vec<Part> =
            parts.into_iter().map(|((scan, offset), leaves)| Part { scan, offset, leaves }).collect();
        let mut progress = Progress { done: None, groups, names, columns: BTreeMap::new() };
        // Also without a part there are cells: a measure may be a constant.
        let (first, further) = parts.split_at(parts.len().min(MOST_JOINS));
        let mut chunks = std::iter::once(first).chain(further.chunks(MOST_JOINS)).peekable();
        while let Some(chunk) = chunks.next() {
            let step = self.cells_of(&mut progress, chunk, chunks.peek().is_some());
            progress.done = Some(draft.push("cells", select(step)));
        }
        Cells { step: progress.done.unwrap_or_default(), columns: progress.columns }
    }

    /// The cells with the leaves of some parts beside those that are there. What further parts need is passed on.
    fn cells_of(&self, progress: &mut Progress<'_>, parts: &[Part], more: bool) -> Select {
        let base = progress.done.clone();
        let of_periods = |name: &str| Expr::column(base.as_deref().unwrap_or(self.periods), name);
        let grouped = progress.groups;
        let of_groups = |name: &str| match (base.as_deref(), grouped) {
            (Some(done), _) | (None, Some(done)) => Expr::column(done, name),
            (None, None) => Expr::name(name),
        };
        let mut columns = vec![of_periods(PERIOD).named(PERIOD)];
        if more {
            columns.extend(self.spine.earlier.values().map(|name| of_periods(name).named(name.clone())));
        }
        columns.extend(self.groups.iter().map(|group| of_groups(&group.name).named(group.name.clone())));
        if base.is_some() {
            columns.extend(progress.columns.values().map(|column| of_periods(&column.name).named(column.name.clone())));
        }
        let mut joins: Vec<Join> = match (&base, grouped) {
            (None, Some(groups)) => vec![cross(groups)],
            _ => Vec::new(),
        };
        let ranges: BTreeSet<&str> = parts.iter().filter_map(|part| self.range_of(part)).collect();
        joins.extend(self.as_of.join().filter(|_| !ranges.is_empty()));
        joins.extend(ranges.into_iter().map(cross));
        for part in parts {
            let period = of_periods(self.period_column(part.offset));
            let keys = self.groups.iter().map(|group| (of_groups(&group.name), group));
            let alias = self.alias(part);
            joins.push(self.join_part(part, &alias, &period, keys));
            let times = self.scans[part.scan].times.as_deref().map(|times| join_times(times, &alias, &period));
            let in_range = self.range_of(part).map(|range| observed(&period, range, self.as_of));
            let timed = times.as_ref().map(has_time);
            joins.extend(times);
            let observed = Expr::all(in_range.into_iter().chain(timed));
            for leaf in &part.leaves {
                let (output, column) = self.leaf_column(&mut progress.names, part, *leaf, &alias, observed.as_ref());
                columns.push(output);
                progress.columns.insert(*leaf, column);
            }
        }
        let from = from_step(base.as_deref().unwrap_or(self.periods));
        Select { columns, from, joins, ..Select::default() }
    }

    /// The step that says where a part's source has rows, where the part looks elsewhere than at the answered period.
    fn range_of(&self, part: &Part) -> Option<&str> {
        if part.offset == Offset::default() { None } else { self.scans[part.scan].range.as_deref() }
    }

    fn alias(&self, part: &Part) -> String {
        let step = &self.scans[part.scan].step;
        match self.spine.earlier.get(&part.offset) {
            Some(earlier) => format!("{step}_{earlier}"),
            None => step.clone(),
        }
    }

    fn join_part<'g>(
        &self,
        part: &Part,
        alias: &str,
        period: &Expr,
        keys: impl Iterator<Item = (Expr, &'g GroupColumn<'g>)>,
    ) -> Join {
        let same_period = Expr::binary(Binary::Equal, Expr::column(alias, PERIOD), period.clone());
        // What has no steps is the same at each step of something else.
        let stepped = is_stepped(&self.leaves.scans[part.scan].kind);
        let keys = keys.filter(|(_, group)| stepped || !group.is_step());
        let same_groups = keys.flat_map(|(key, group)| same(Expr::column(alias, &group.name), key, group.ty));
        let on = Expr::all(std::iter::once(same_period).chain(same_groups));
        let table = Table::Step(self.scans[part.scan].step.clone());
        Join { kind: JoinKind::Left, table, alias: alias.to_owned(), on }
    }

    fn leaf_column(
        &self,
        names: &mut Names,
        part: &Part,
        leaf: LeafId,
        alias: &str,
        observed: Option<&Expr>,
    ) -> (Output, CellColumn) {
        let planned = &self.scans[part.scan].columns[self.leaves.leaves[leaf.0].column];
        let value = Expr::column(alias, &planned.name);
        let value = match &planned.empty {
            Some(empty) => Expr::call(Function::Coalesce, vec![value, Expr::Literal(empty.clone())]),
            None => value,
        };
        let value = match observed {
            Some(observed) => when(observed.clone(), value),
            None => value,
        };
        let wanted = match self.spine.earlier.get(&part.offset) {
            Some(earlier) => format!("{} {}", shorten(&planned.name, LONGEST / 2), earlier.replace('_', " ")),
            None => planned.name.clone(),
        };
        let name = names.take(&wanted);
        let column = CellColumn { name: name.clone(), ty: planned.ty, may_be_unobserved: observed.is_some() };
        (value.named(name), column)
    }
}

/// The leaves that one scan gives for one offset.
struct Part {
    scan: usize,
    offset: Offset,
    leaves: Vec<LeafId>,
}

/// The cells so far.
struct Progress<'s> {
    done: Option<String>,
    groups: Option<&'s str>,
    names: Names,
    columns: BTreeMap<LeafId, CellColumn>,
}

/// A join of the times of a period, for a part that is a mean over them.
fn join_times(times: &str, part: &str, period: &Expr) -> Join {
    let alias = format!("{part}_times");
    let on = Some(Expr::binary(Binary::Equal, Expr::column(&alias, PERIOD), period.clone()));
    Join { kind: JoinKind::Left, table: Table::Step(times.to_owned()), alias, on }
}

/// That a period has a time.
fn has_time(times: &Join) -> Expr {
    Expr::IsNull { operand: Box::new(Expr::column(&times.alias, PERIOD)), negated: true }
}

/// Whether a period lies where a source was observed: from its first row up to the as-of time.
fn observed(period: &Expr, range: &str, as_of: &AsOf) -> Expr {
    let not_before = Expr::binary(Binary::GreaterEqual, period.clone(), Expr::column(range, FIRST));
    let begun = Expr::binary(Binary::Less, period.clone().cast(ValueType::Timestamp), as_of.expr());
    Expr::binary(Binary::And, not_before, begun)
}

/// Equal or both null, written as two equalities that every engine can look up.
pub(crate) fn same(left: Expr, right: Expr, ty: ValueType) -> [Expr; 2] {
    let filled = |expr: &Expr| Expr::call(Function::Coalesce, vec![expr.clone(), Expr::Literal(stand_in(ty))]);
    let values = Expr::binary(Binary::Equal, filled(&left), filled(&right));
    let is_null = |expr: Expr| Expr::IsNull { operand: Box::new(expr), negated: false };
    [values, Expr::binary(Binary::Equal, is_null(left), is_null(right))]
}

/// Some value of a type.
fn stand_in(ty: ValueType) -> Literal {
    match ty {
        ValueType::Bool => Literal::Bool(false),
        ValueType::Int => Literal::Int(0),
        ValueType::Real => Literal::Real(0.0),
        ValueType::Decimal { .. } => Literal::Decimal("0".to_owned()),
        ValueType::Text => Literal::Text(String::new()),
        ValueType::Date => Literal::Date("1970-01-01".to_owned()),
        ValueType::Timestamp => Literal::Timestamp("1970-01-01 00:00:00".to_owned()),
    }
}
