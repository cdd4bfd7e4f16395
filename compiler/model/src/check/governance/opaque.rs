//! Rows that are left out by their identifiers, without a reason, an approval or an end: only an exception may do so.

use super::exception::break_metrics;
use crate::check::source::inside;
use crate::measure::{Measure, MeasureKind};
use crate::model::{Anchor, ColumnId, Members, Metric, MetricId, Model, Origin, Source, SourceId};
use crate::row::{Binary, Literal, RowExpr, RowFunction, RowKind};
use crate::types::Base;
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Rows that are left out by name.
pub(crate) static OPAQUE_EXCLUSION: Code = Code::error(
    "governance/opaque-exclusion",
    "Rows are left out by their identifiers, and nobody learns why, who agreed and until when.",
);

/// Reports each such place once; the metrics behind it have no number.
pub(crate) fn read(model: &mut Model, sink: &mut Vec<Diagnostic>) {
    let keys = Keys::of(model);
    let mut looking = Looking { model, keys, seen: BTreeSet::new(), found: Vec::new() };
    for customer in model.customers.iter().filter(|customer| !customer.header.standard) {
        if let Some(filter) = &customer.filter {
            looking.condition(filter, &format!("everything that counts `{}`", customer.header.name));
        }
    }
    for segment in &model.segments {
        looking.condition(&segment.condition, &format!("segment `{}`", segment.header.name));
    }
    for survey in &model.surveys {
        if let Some(filter) = &survey.filter {
            looking.condition(filter, &format!("survey `{}`", survey.header.name));
        }
    }
    for source in &model.sources {
        looking.query(source);
    }
    let mut refused = Vec::new();
    for (index, metric) in model.metrics.iter().enumerate() {
        if looking.metric(metric) {
            refused.push(MetricId::at(index));
        }
    }
    sink.append(&mut looking.found);
    break_metrics(model, refused);
}

/// The columns that say which row it is, or which customer.
struct Keys(BTreeSet<(SourceId, ColumnId)>);

impl Keys {
    fn of(model: &Model) -> Self {
        let mut keys: BTreeSet<(SourceId, ColumnId)> =
            model.customers.iter().map(|customer| (customer.source, customer.key)).collect();
        for (index, source) in model.sources.iter().enumerate() {
            let id = SourceId::at(index);
            // Of several columns, one may say of which kind a row is.
            let alone = source.key.len() == 1;
            let names_one = |column: &&ColumnId| alone || is_called_identifier(&source.columns[column.index()].name);
            keys.extend(source.key.iter().filter(names_one).map(|column| (id, *column)));
            let refers =
                source.columns.iter().enumerate().filter(|(_, column)| matches!(column.ty.base, Base::Customer(_)));
            keys.extend(refers.map(|(column, _)| (id, ColumnId::at(column))));
        }
        keys.retain(|(source, column)| {
            let column = model.sources.get(source.index()).and_then(|source| source.columns.get(column.index()));
            column.is_some_and(|column| !matches!(column.ty.base, Base::Bool | Base::Scale { .. } | Base::Unknown))
        });
        Self(keys)
    }
}

fn is_called_identifier(name: &str) -> bool {
    ["id", "key", "uuid", "number"]
        .iter()
        .any(|word| name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with(['_', '-'])))
}

struct Looking<'m> {
    model: &'m Model,
    keys: Keys,
    seen: BTreeSet<Span>,
    found: Vec<Diagnostic>,
}

impl Looking<'_> {
    /// Looks at a condition that rows must pass.
    fn condition(&mut self, condition: &RowExpr, of: &str) {
        let mut places = Vec::new();
        self.scan(condition, true, &mut places);
        self.report(places, of);
    }

    fn report(&mut self, places: Vec<Span>, of: &str) -> bool {
        let any = !places.is_empty();
        for place in places {
            if self.seen.insert(place) {
                self.found.push(
                    OPAQUE_EXCLUSION
                        .finding(format!("rows are left out of {of} by their identifiers, and nobody learns why"))
                        .at(place, "left out by name")
                        .help(HELP),
                );
            }
        }
        any
    }

    fn metric(&mut self, metric: &Metric) -> bool {
        let mut places = Vec::new();
        let mut conditions: Vec<&RowExpr> = metric.filter.iter().collect();
        conditions.extend(metric.steps.iter().map(|step| &step.condition));
        if let Some(population) = &metric.population {
            conditions.extend(&population.filter);
            match &population.members {
                Members::Anchor(Anchor::First { filter, .. }) => conditions.extend(filter),
                Members::Anchor(Anchor::Attribute(value)) => conditions.push(value),
                Members::Rows | Members::Alive { .. } => {}
            }
        }
        conditions.extend(&metric.weight);
        conditions.into_iter().for_each(|condition| self.scan(condition, true, &mut places));
        metric.each.iter().for_each(|each| self.measure(each, &mut places));
        self.measure(&metric.measure, &mut places);
        self.report(places, &format!("`{}`", metric.header.name))
    }

    fn measure(&self, measure: &Measure, places: &mut Vec<Span>) {
        measure.visit(&mut |part| match &part.kind {
            MeasureKind::Aggregate(call) => {
                call.argument.iter().chain(&call.filter).for_each(|expr| self.scan(expr, true, places));
            }
            MeasureKind::Attribute(value) => self.scan(value, true, places),
            MeasureKind::Scoped { filter, .. } => {
                filter.iter().for_each(|(_, condition)| self.scan(condition, true, places));
            }
            _ => {}
        });
    }

    /// Collects the places that leave out what they name. `wanted`: what the expression must be for a row to count.
    fn scan(&self, expr: &RowExpr, wanted: bool, places: &mut Vec<Span>) {
        match &expr.kind {
            RowKind::Not(operand) => self.scan(operand, !wanted, places),
            RowKind::Binary { operator, left, right } => {
                self.scan_binary(expr, (*operator, left, right), wanted, places);
            }
            RowKind::In { operand, list, negated } => {
                let named = self.is_key(operand) && list.iter().any(names) && list.iter().all(is_constant);
                let named = named || names(operand) && list.iter().any(|item| self.is_key(item));
                match named {
                    true if *negated == wanted => places.push(expr.span),
                    true => {}
                    false => self.parts(expr, places),
                }
            }
            RowKind::Like { operand, pattern, negated } => match self.is_key(operand) && is_whole(pattern) {
                true if *negated == wanted => places.push(expr.span),
                true => {}
                false => self.parts(expr, places),
            },
            RowKind::Case { branches, otherwise } => self.scan_case((branches, otherwise.as_deref()), wanted, places),
            RowKind::Call { function: RowFunction::Coalesce, arguments } if expr.ty.is_bool() => {
                arguments.iter().for_each(|argument| self.scan(argument, wanted, places));
            }
            RowKind::Call { function: RowFunction::NullIf, arguments } => match arguments.as_slice() {
                [key, value] if self.is_key(key) && names(value) => places.push(expr.span),
                _ => self.parts(expr, places),
            },
            _ => self.parts(expr, places),
        }
    }

    fn parts(&self, expr: &RowExpr, places: &mut Vec<Span>) {
        expr.children().into_iter().for_each(|child| self.scan(child, true, places));
    }

    fn scan_binary(
        &self,
        expr: &RowExpr,
        (operator, left, right): (Binary, &RowExpr, &RowExpr),
        wanted: bool,
        places: &mut Vec<Span>,
    ) {
        let truth = |side: &RowExpr| match side.kind {
            RowKind::Literal(Literal::Bool(value)) => Some(value),
            _ => None,
        };
        match operator {
            Binary::And | Binary::Or => {
                // `id < 7 or id > 7`, `not (id between 7 and 9)`.
                let gap = (operator == Binary::Or) == wanted;
                if gap && self.is_bound(left) && self.is_bound(right) {
                    places.push(expr.span);
                }
                self.scan(left, wanted, places);
                self.scan(right, wanted, places);
            }
            Binary::Equal | Binary::NotEqual => {
                let same = operator == Binary::Equal;
                if self.is_key(left) && names(right) || self.is_key(right) && names(left) {
                    if same != wanted {
                        places.push(expr.span);
                    }
                    return;
                }
                match (truth(left), truth(right)) {
                    (None, Some(value)) => self.scan(left, (same == value) == wanted, places),
                    (Some(value), None) => self.scan(right, (same == value) == wanted, places),
                    _ => self.parts(expr, places),
                }
            }
            _ => self.parts(expr, places),
        }
    }

    /// One who is named and gets something else than everybody, or nothing, is left out; a list of those that count is none.
    fn scan_case(
        &self,
        (branches, otherwise): (&[(RowExpr, RowExpr)], Option<&RowExpr>),
        wanted: bool,
        places: &mut Vec<Span>,
    ) {
        let is_nothing = |value: &RowExpr| match &value.kind {
            RowKind::Literal(Literal::Null) => true,
            RowKind::Literal(Literal::Bool(value)) => *value != wanted,
            RowKind::Literal(Literal::Int(number)) => *number == 0,
            RowKind::Literal(Literal::Decimal(digits)) => digits.chars().all(|digit| matches!(digit, '0' | '.')),
            _ => false,
        };
        let somethings = branches.iter().filter(|(_, then)| !is_nothing(then)).count()
            + usize::from(otherwise.is_some_and(|otherwise| !is_nothing(otherwise)));
        for (when, then) in branches {
            match (is_nothing(then), somethings) {
                (true, _) => self.scan(when, false, places),
                (false, 1) => self.scan(when, true, places),
                (false, _) => {
                    self.scan(when, true, places);
                    self.scan(when, false, places);
                }
            }
            self.scan(then, wanted, places);
        }
        otherwise.into_iter().for_each(|otherwise| self.scan(otherwise, wanted, places));
    }

    /// Whether the value says which row or which customer it is: a key, a reference, or something made of one alone.
    fn is_key(&self, expr: &RowExpr) -> bool {
        let made_of = |parts: &[&RowExpr]| {
            parts.iter().any(|part| self.is_key(part))
                && parts.iter().all(|part| self.is_key(part) || is_constant(part))
        };
        match &expr.kind {
            RowKind::Column(path) => self.keys.0.contains(&(path.source, path.column)),
            RowKind::Minus(operand) => self.is_key(operand),
            RowKind::Binary {
                operator: Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide,
                left,
                right,
            } => made_of(&[left, right]),
            RowKind::Call { function, arguments } => {
                let keeps = matches!(
                    function,
                    RowFunction::Lower
                        | RowFunction::Upper
                        | RowFunction::Trim
                        | RowFunction::Coalesce
                        | RowFunction::NullIf
                        | RowFunction::Greatest
                        | RowFunction::Least
                        | RowFunction::Abs
                        | RowFunction::Round
                        | RowFunction::Floor
                        | RowFunction::Ceiling
                );
                keeps && made_of(&arguments.iter().collect::<Vec<_>>())
            }
            _ => false,
        }
    }

    /// `id > 7`, either way round.
    fn is_bound(&self, expr: &RowExpr) -> bool {
        let RowKind::Binary { operator, left, right } = &expr.kind else { return false };
        let compares = matches!(operator, Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual);
        compares && (self.is_key(left) && names(right) || self.is_key(right) && names(left))
    }

    /// What a query leaves out by itself.
    fn query(&mut self, source: &Source) {
        let Origin::Query { text, span, reads, columns, rows, .. } = &source.origin else { return };
        if rows.excludes.is_empty() {
            return;
        }
        let mut known: BTreeSet<SmolStr> = BTreeSet::new();
        let of = |id: SourceId| self.keys.0.iter().filter(move |(source, _)| *source == id).map(|(_, column)| *column);
        for (_, read) in reads {
            known.extend(of(*read).map(|column| self.model.column(*read, column).name.to_lowercase().into()));
        }
        let own = self.model.sources.iter().position(|known| std::ptr::eq(known, source)).map(SourceId::at);
        for column in own.into_iter().flat_map(of) {
            let name = &source.columns[column.index()].name;
            known.insert(name.to_lowercase().into());
            let given = columns.iter().filter(|given| given.name.eq_ignore_ascii_case(name));
            known.extend(given.flat_map(|given| &given.reads).map(|(_, column)| column.to_lowercase().into()));
        }
        let named = rows.excludes.iter().filter(|(column, _)| known.contains(column.to_lowercase().as_str()));
        let places: Vec<Span> = named.map(|(_, offset)| inside(*span, text, *offset)).collect();
        self.report(places, &format!("source `{}`", source.header.name));
    }
}

const HELP: &str = "take this out and declare it: `exception … { of: …  where: … in (…)  from: …  because: \"…\"  approved_by: …  \
                    until: … }`; every run then says what the number is without it";

/// Whether it is the same for every row.
fn is_constant(expr: &RowExpr) -> bool {
    match &expr.kind {
        RowKind::Column(_) | RowKind::Each(_) | RowKind::Unknown | RowKind::Parameter(_) => false,
        _ => expr.children().into_iter().all(is_constant),
    }
}

/// Whether it is a constant that may be the identifier of something.
fn names(expr: &RowExpr) -> bool {
    let names_nothing = match &expr.kind {
        RowKind::Literal(Literal::Text(text)) => text.is_empty(),
        RowKind::Literal(Literal::Null | Literal::Bool(_)) => true,
        _ => false,
    };
    !names_nothing && is_constant(expr)
}

/// A pattern that only one text fits.
fn is_whole(pattern: &RowExpr) -> bool {
    matches!(&pattern.kind, RowKind::Literal(Literal::Text(text)) if !text.contains('%'))
}
