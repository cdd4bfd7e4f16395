//! From rows to cells: one row for each period and group of each set of groupings.
//!
//! ```text
//! rows → grouped, once by each set that is in no other one ─┬─ those sets
//!                                                           └─ the sets in them: sums of sums, the least of the least
//! rows → grouped by every set, where something is no sum of its parts: distinct values, percentiles
//! ```
//! Rows are read once, however many sets there are.

use crate::aggregate::aggregate;
use crate::draft::{Draft, from_step, select};
use crate::grouping::{GroupColumn, GroupKind, GroupSet, sets};
use crate::relation::{AggregateFunction, Binary, Expr, Literal, Output, Relation, Select, ValueType};
use crate::spine::PERIOD;

/// Rows with their period and the values of their groups.
pub(crate) struct Expansion<'e, 'a> {
    pub(crate) period: Expr,
    pub(crate) groups: &'e [GroupColumn<'a>],
    /// How the value of each group is read; of the set of groupings that is not looked at.
    pub(crate) values: Vec<Expr>,
    /// Where rows are read from, without columns.
    pub(crate) read: Select,
}

/// An aggregate of parts that makes that of the whole.
struct Sum {
    name: String,
    /// Over rows.
    part: Expr,
    /// Over the parts.
    whole: fn(Expr) -> Expr,
    /// From either to what is shown.
    shown: Option<ValueType>,
}

/// Sets that one grouping of the rows gives, and those that are summed from it.
struct Base<'g> {
    set: &'g GroupSet,
    /// The sets with the same groupings, itself first.
    same: Vec<&'g GroupSet>,
    /// Smaller ones.
    parts: Vec<&'g GroupSet>,
}

impl<'e, 'a> Expansion<'e, 'a> {
    /// The sets; a single unnamed one where only all groupings together count.
    pub(crate) fn sets(&self) -> Vec<Option<&'e GroupSet>> {
        match sets(self.groups) {
            Some(sets) => sets.iter().map(Some).collect(),
            None => vec![None],
        }
    }

    /// Period and groups of the cells of a set, and what rows are grouped by.
    pub(crate) fn keys(&self, set: Option<&GroupSet>) -> (Vec<Output>, Vec<Expr>) {
        self.keys_of(set, (self.period.clone(), self.values.clone()))
    }

    fn keys_of(&self, set: Option<&GroupSet>, (period, values): (Expr, Vec<Expr>)) -> (Vec<Output>, Vec<Expr>) {
        let mut outputs = vec![period.clone().named(PERIOD)];
        let mut group_by = vec![period];
        let mut grouping = 0;
        for (group, value) in self.groups.iter().zip(values) {
            let is_in = match (&group.kind, set) {
                (GroupKind::Set(_), _) => {
                    let name = set.map(|set| set.name.as_str()).unwrap_or_default();
                    outputs.push(Expr::text(name).named(group.name.clone()));
                    continue;
                }
                (GroupKind::Step, _) | (GroupKind::Grouping(_), None) => true,
                (GroupKind::Grouping(_), Some(set)) => {
                    grouping += 1;
                    set.is_in.get(grouping - 1).copied().unwrap_or(false)
                }
            };
            if is_in {
                outputs.push(value.clone().named(group.name.clone()));
                group_by.push(value);
            } else {
                outputs.push(Expr::Literal(Literal::Null(group.ty)).named(group.name.clone()));
            }
        }
        (outputs, group_by)
    }

    /// Adds the cells with their aggregates; `further`: what rows are grouped by beside period and groups.
    pub(crate) fn push(&self, draft: &mut Draft<'_>, name: &str, further: &[(Expr, &str)], outputs: &[Output]) {
        let Some(sets) = sets(self.groups) else {
            return draft.push_named(name.to_owned(), select(self.direct(None, further, outputs)));
        };
        let sums: Option<Vec<Sum>> = outputs.iter().map(sum).collect();
        let bases = bases(sets, sums.is_some());
        let keys: Vec<&str> = further.iter().map(|(_, name)| *name).collect();
        match (bases.as_slice(), sums) {
            ([Base { set, same, parts }], _) if same.len() == 1 && parts.is_empty() => {
                draft.push_named(name.to_owned(), select(self.direct(Some(set), further, outputs)));
            }
            (_, Some(sums)) => {
                let parts: Vec<Output> = sums.iter().map(|sum| sum.part.clone().named(sum.name.clone())).collect();
                let grouped = self.push_grouped(draft, name, &bases, further, &parts);
                let own = |expr: &Sum| shown(Expr::name(&expr.name), expr.shown).named(expr.name.clone());
                let mut found = self.of_bases(&grouped, &bases, &keys, &sums.iter().map(own).collect::<Vec<_>>());
                for base in &bases {
                    let whole =
                        |sum: &Sum| shown((sum.whole)(Expr::name(&sum.name)), sum.shown).named(sum.name.clone());
                    let wholes: Vec<Output> = sums.iter().map(whole).collect();
                    let is_base = self.is_base(&bases, base.set);
                    found.extend(base.parts.iter().map(|set| {
                        let (columns, group_by) = self.keys_and(set, &keys, &wholes);
                        let (from, filter) = (from_step(&grouped), is_base.clone());
                        Select { columns, from, filter, group_by, ..Select::default() }
                    }));
                }
                draft.push_named(name.to_owned(), united(found));
            }
            (_, None) => {
                let grouped = self.push_grouped(draft, name, &bases, further, outputs);
                let own: Vec<Output> =
                    outputs.iter().map(|output| Expr::name(&output.name).named(output.name.clone())).collect();
                draft.push_named(name.to_owned(), united(self.of_bases(&grouped, &bases, &keys, &own)));
            }
        }
    }

    /// The cells of a set, from the rows.
    fn direct(&self, set: Option<&GroupSet>, further: &[(Expr, &str)], outputs: &[Output]) -> Select {
        let (mut columns, mut group_by) = self.keys(set);
        columns.extend(further.iter().map(|(expr, name)| expr.clone().named(*name)));
        group_by.extend(further.iter().map(|(expr, _)| expr.clone()));
        columns.extend(outputs.iter().cloned());
        Select { columns, group_by, ..self.read.clone() }
    }

    /// Adds rows grouped by each of the bases; where there are several, with what each leaves out.
    fn push_grouped(
        &self,
        draft: &mut Draft<'_>,
        name: &str,
        bases: &[Base<'_>],
        further: &[(Expr, &str)],
        outputs: &[Output],
    ) -> String {
        let wanted = format!("{name}_grouped");
        if let [only] = bases {
            let mut whole = self.direct(Some(only.set), further, outputs);
            whole.columns.retain(|output| !self.is_set(&output.name));
            return draft.push_once(&wanted, select(whole));
        }
        let mut columns = vec![self.period.clone().named(PERIOD)];
        let mut group_by = vec![self.period.clone()];
        let mut always = vec![0];
        // Of each grouping that is in a set: its place, and that of its key.
        let mut keys: Vec<(usize, usize)> = Vec::new();
        let mut grouping = 0;
        for (group, value) in self.groups.iter().zip(&self.values) {
            match group.kind {
                GroupKind::Set(_) => continue,
                GroupKind::Step => always.push(group_by.len()),
                GroupKind::Grouping(_) => {
                    grouping += 1;
                    if !bases.iter().any(|base| base.set.is_in[grouping - 1]) {
                        columns.push(Expr::Literal(Literal::Null(group.ty)).named(group.name.clone()));
                        continue;
                    }
                    keys.push((grouping - 1, group_by.len()));
                }
            }
            columns.push(value.clone().named(group.name.clone()));
            group_by.push(value.clone());
        }
        for (expr, name) in further {
            always.push(group_by.len());
            columns.push(expr.clone().named(*name));
            group_by.push(expr.clone());
        }
        let differs = |place: usize| bases.iter().any(|base| !base.set.is_in[place]);
        columns.extend(
            keys.iter().filter(|(place, _)| differs(*place)).map(|(place, key)| {
                aggregate(AggregateFunction::LeftOut, group_by[*key].clone()).named(left_out(*place))
            }),
        );
        columns.extend(outputs.iter().cloned());
        let of_set = |base: &Base<'_>| {
            let own = keys.iter().filter(|(place, _)| base.set.is_in[*place]).map(|(_, key)| *key);
            let mut places: Vec<usize> = always.iter().copied().chain(own).collect();
            places.sort_unstable();
            places
        };
        let grouping_sets = bases.iter().map(of_set).collect();
        let whole = Select { columns, group_by, grouping_sets, ..self.read.clone() };
        draft.push_once(&wanted, select(whole))
    }

    /// The cells of the bases, from the rows grouped by them.
    fn of_bases(&self, grouped: &str, bases: &[Base<'_>], further: &[&str], outputs: &[Output]) -> Vec<Select> {
        let mut named: Vec<(Expr, Expr)> = Vec::new();
        let mut again = Vec::new();
        for base in bases {
            let is_base = self.is_base(bases, base.set);
            named.extend(is_base.clone().map(|is_base| (is_base, Expr::text(&base.set.name))));
            again.extend(base.same.iter().skip(1).map(|set| {
                let (columns, _) = self.keys_and(set, further, outputs);
                Select { columns, from: from_step(grouped), filter: is_base.clone(), ..Select::default() }
            }));
        }
        let name = match (bases, named.is_empty()) {
            ([only], _) => Expr::text(&only.set.name),
            _ => Expr::Case { branches: named, otherwise: None },
        };
        let keys = std::iter::once(Expr::name(PERIOD).named(PERIOD)).chain(self.groups.iter().map(|group| {
            let is_left_out = matches!(group.kind, GroupKind::Grouping(_))
                && bases.len() == 1
                && self.place_of(&group.name).is_some_and(|place| !bases[0].set.is_in[place]);
            let value = match (&group.kind, is_left_out) {
                (GroupKind::Set(_), _) => name.clone(),
                (_, true) => Expr::Literal(Literal::Null(group.ty)),
                _ => Expr::name(&group.name),
            };
            value.named(group.name.clone())
        }));
        let mut columns: Vec<Output> = keys.collect();
        columns.extend(further.iter().map(|name| Expr::name(name).named(*name)));
        columns.extend(outputs.iter().cloned());
        let all = Select { columns, from: from_step(grouped), ..Select::default() };
        std::iter::once(all).chain(again).collect()
    }

    /// The keys of the cells of a set, from rows that are grouped, and the outputs.
    fn keys_and(&self, set: &GroupSet, further: &[&str], outputs: &[Output]) -> (Vec<Output>, Vec<Expr>) {
        let values = self.groups.iter().map(|group| Expr::name(&group.name)).collect();
        let (mut columns, mut group_by) = self.keys_of(Some(set), (Expr::name(PERIOD), values));
        columns.extend(further.iter().map(|name| Expr::name(name).named(*name)));
        group_by.extend(further.iter().map(|name| Expr::name(name)));
        columns.extend(outputs.iter().cloned());
        (columns, group_by)
    }

    /// That a grouped row is of a base; none where all are.
    fn is_base(&self, bases: &[Base<'_>], set: &GroupSet) -> Option<Expr> {
        let differs = |place: &usize| bases.iter().any(|base| base.set.is_in[*place] != bases[0].set.is_in[*place]);
        Expr::all((0..set.is_in.len()).filter(differs).map(|place| {
            let out = Expr::int(i64::from(!set.is_in[place]));
            Expr::binary(Binary::Equal, Expr::name(&left_out(place)), out)
        }))
    }

    /// The places of the groupings among the groups.
    fn groupings(&self) -> Vec<usize> {
        let is_grouping = |group: &GroupColumn<'_>| matches!(group.kind, GroupKind::Grouping(_));
        self.groups.iter().enumerate().filter(|(_, group)| is_grouping(group)).map(|(place, _)| place).collect()
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.groupings().iter().position(|place| self.groups[*place].name == name)
    }

    fn is_set(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group.is_set() && group.name == name)
    }
}

/// One select as it is, several one after the other.
pub(crate) fn united(mut parts: Vec<Select>) -> Relation {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => select(only),
        (_, last) => {
            parts.extend(last);
            Relation::UnionAll(parts)
        }
    }
}

/// What rows are grouped by: where sums of parts make the whole only the sets that are in no other, else each.
fn bases(sets: &[GroupSet], summed: bool) -> Vec<Base<'_>> {
    let is_within = |set: &GroupSet, other: &GroupSet| set.is_within(&other.is_in) && set.is_in != other.is_in;
    let is_base = |set: &&GroupSet| set.is_first && !(summed && sets.iter().any(|other| is_within(set, other)));
    let mut bases: Vec<Base<'_>> =
        sets.iter().filter(is_base).map(|set| Base { set, same: Vec::new(), parts: Vec::new() }).collect();
    let size = |set: &GroupSet| set.is_in.iter().filter(|is_in| **is_in).count();
    for set in sets {
        if let Some(base) = bases.iter_mut().find(|base| base.set.is_in == set.is_in) {
            base.same.push(set);
            continue;
        }
        let holds = bases.iter_mut().filter(|base| is_within(set, base.set));
        if let Some(base) = holds.min_by_key(|base| size(base.set)) {
            base.parts.push(set);
        }
    }
    bases
}

/// The column that is 1 where a grouping is not in the set of a row.
fn left_out(place: usize) -> String {
    format!("left out {}", place + 1)
}

fn shown(expr: Expr, ty: Option<ValueType>) -> Expr {
    match ty {
        Some(ty) => expr.cast(ty),
        None => expr,
    }
}

/// How an aggregate is made of the same aggregate of parts; none where it is not.
fn sum(output: &Output) -> Option<Sum> {
    let (part, shown) = match &output.expr {
        Expr::Cast { operand, to } => (&**operand, Some(*to)),
        other => (other, None),
    };
    let Expr::Aggregate(of) = part else { return None };
    let whole: fn(Expr) -> Expr = match of.function {
        AggregateFunction::Count => |part| aggregate(AggregateFunction::Sum, part).cast(ValueType::Int),
        AggregateFunction::Sum => |part| aggregate(AggregateFunction::Sum, part),
        AggregateFunction::Min => |part| aggregate(AggregateFunction::Min, part),
        AggregateFunction::Max => |part| aggregate(AggregateFunction::Max, part),
        _ => return None,
    };
    Some(Sum { name: output.name.clone(), part: part.clone(), whole, shown })
}
