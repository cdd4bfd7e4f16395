//! Which surveys a metric reads the answers of, and that it does not mix the two sorts.
//!
//! What people say about a relationship and what they say right after something happened to them are two questions, even on
//! one scale; a number over both moves with the number of answers to each. Only what a `query:` mixes is not seen.

use crate::check::declare::Declared;
use crate::measure::{Measure, MeasureKind};
use crate::model::{Metric, MetricId, Model, SourceId, Survey, SurveyId, Timing};
use crate::row::{Binary, Literal, RowExpr, RowKind};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic};

/// Two questions in one number.
pub(crate) static MIXED_TIMING: Code = Code::error(
    "survey/mixed-timing",
    "A metric mixes answers about a relationship with answers about something that just happened.",
);

/// What surveys say about a metric that was just read: one that a survey declares is as sound as the survey, and none may
/// mix both sorts of surveys.
pub(crate) fn finish_metric(model: &mut Model, id: MetricId, declared: &Declared, findings: &mut Vec<Diagnostic>) {
    let made_by = declared.survey.as_ref().and_then(|name| model.names.get(Kind::Survey, name));
    let is_broken = |part: MetricId| model.metric(part).header.broken;
    let rests_on_broken = made_by.is_some_and(|survey| {
        let parts = model.metric(id).measure.metrics();
        model.surveys[survey as usize].header.broken || parts.into_iter().any(is_broken)
    });
    if rests_on_broken {
        // What is wrong was said of the survey, or of the metric that stands in for one of its own.
        findings.clear();
        model.metrics[id.index()].header.broken = true;
    }
    if model.surveys.is_empty() {
        return;
    }
    model.surveys_read[id.index()] = surveys_read(model, model.metric(id));
    if let Some(finding) = mixed(model, id) {
        findings.push(finding);
        model.metrics[id.index()].header.broken = true;
    }
}

fn mixed(model: &Model, id: MetricId) -> Option<Diagnostic> {
    let metric = model.metric(id);
    let surveys: Vec<&Survey> =
        model.surveys_read[id.index()].iter().map(|survey| &model.surveys[survey.index()]).collect();
    let of_relationship = |survey: &&&Survey| survey.timing == Timing::Relationship;
    let relationship = surveys.iter().find(of_relationship)?;
    let other = surveys.iter().find(|survey| !of_relationship(survey))?;
    if metric.header.broken || is_stratified(metric, &surveys) {
        return None;
    }
    let help = match relationship.responses == other.responses {
        true => {
            "count the answers of one of them with its condition as `where:`, or add the column that tells them apart to \
             every grouping of `by:`"
        }
        false => "make a metric for each, and show the two side by side",
    };
    let Timing::After { source, column, .. } = other.timing else { return None };
    let time = format!("{}.{}", model.source(source).header.name, model.column(source, column).name);
    Some(
        MIXED_TIMING
            .finding(format!(
                "`{}` mixes answers about the relationship with answers about something that just happened",
                metric.header.name
            ))
            .at(
                metric.header.span,
                format!("reads answers to `{}` and to `{}`", relationship.header.name, other.header.name),
            )
            .also(relationship.header.span, "asks about the relationship")
            .also(other.header.span, format!("asks after `{time}`"))
            .help(help),
    )
}

/// Whether a column that tells the surveys apart is in every grouping. (The total that comes with them is for readers who
/// asked for the groups.)
fn is_stratified(metric: &Metric, surveys: &[&Survey]) -> bool {
    let separates = |source: SourceId, value: &RowExpr| {
        surveys.iter().all(|survey| {
            survey.responses == source
                && survey.filter.as_ref().is_some_and(|filter| {
                    conjuncts(filter).iter().any(|part| equality(part).is_some_and(|(column, _)| same(column, value)))
                })
        })
    };
    let is_separate = |set: &Vec<crate::model::Grouping>| {
        set.iter().any(|grouping| {
            !grouping.values.is_empty() && grouping.values.iter().all(|(source, value)| separates(*source, value))
        })
    };
    !metric.by.is_empty() && metric.by.iter().all(is_separate)
}

/// The surveys whose answers a metric reads, through other metrics too; sorted.
fn surveys_read(model: &Model, metric: &Metric) -> Vec<SurveyId> {
    let mut read = Vec::new();
    let walk = Walk { model, metric };
    walk.measure(&metric.measure, &mut Vec::new(), &mut read);
    if let (Some(source), true) = (metric.source, metric.population.is_some()) {
        // Its measure is over customers; what is known of them is made of these rows.
        walk.rows(source, &[], &mut read);
    }
    read.sort_unstable();
    read.dedup();
    read
}

struct Walk<'m> {
    model: &'m Model,
    metric: &'m Metric,
}

impl<'m> Walk<'m> {
    fn measure(&self, measure: &'m Measure, scoped: &mut Vec<(SourceId, &'m RowExpr)>, read: &mut Vec<SurveyId>) {
        match &measure.kind {
            MeasureKind::Aggregate(call) => {
                let Some(source) = self.metric.source.filter(|_| self.metric.population.is_none()) else { return };
                let own = scoped.iter().filter(|(id, _)| *id == source).map(|(_, filter)| *filter);
                let filters: Vec<&RowExpr> = own.chain(&call.filter).collect();
                self.rows(source, &filters, read);
            }
            MeasureKind::Metric(id) => read.extend(self.model.surveys_read[id.index()].iter().filter(|id| {
                let survey = &self.model.surveys[id.index()];
                let filters = scoped.iter().filter(|(source, _)| *source == survey.responses);
                filters.map(|(_, filter)| *filter).all(|filter| may_pass(self.model, survey, filter))
            })),
            MeasureKind::Scoped { inner, filter, .. } => {
                let before = scoped.len();
                scoped.extend(filter.iter().map(|(source, filter)| (*source, filter)));
                self.measure(inner, scoped, read);
                scoped.truncate(before);
            }
            _ => measure.children().into_iter().for_each(|part| self.measure(part, scoped, read)),
        }
    }

    /// The surveys whose answers are among the rows of a source that pass the metric's filter and these.
    fn rows(&self, source: SourceId, filters: &[&RowExpr], read: &mut Vec<SurveyId>) {
        let filters: Vec<&RowExpr> = self.metric.filter.iter().chain(filters.iter().copied()).collect();
        for (index, survey) in self.model.surveys.iter().enumerate() {
            let is_there = survey.responses == source && !survey.header.broken;
            if is_there && filters.iter().all(|filter| may_pass(self.model, survey, filter)) {
                read.push(SurveyId::at(index));
            }
        }
    }
}

/// Whether answers to a survey can be among the rows that pass a filter: not if the filter says that they are another
/// survey's, or asks for another value of the column that makes them this one's.
fn may_pass(model: &Model, survey: &Survey, filter: &RowExpr) -> bool {
    let Some(own) = &survey.filter else {
        return !is_another(model, survey, filter);
    };
    if is_another(model, survey, filter) {
        return false;
    }
    let own = conjuncts(own);
    conjuncts(filter).into_iter().all(|part| own.iter().all(|own| !contradicts(part, own)))
}

/// Whether a filter holds the whole condition of another survey of the source.
fn is_another(model: &Model, survey: &Survey, filter: &RowExpr) -> bool {
    let parts = conjuncts(filter);
    let holds = |condition: &RowExpr| conjuncts(condition).iter().all(|own| parts.iter().any(|part| same(part, own)));
    let others = model.surveys.iter().filter(|other| other.responses == survey.responses && !other.header.broken);
    let mut others = others.filter(|other| other.header.name != survey.header.name);
    let is_own = survey.filter.as_ref().is_some_and(holds);
    !is_own && others.any(|other| other.filter.as_ref().is_some_and(holds))
}

/// Whether no row passes both conditions, as far as their shape shows.
fn contradicts(filter: &RowExpr, own: &RowExpr) -> bool {
    match &filter.kind {
        RowKind::Binary { operator: Binary::Or, left, right } => {
            [left, right].into_iter().all(|side| conjuncts(side).iter().any(|part| contradicts(part, own)))
        }
        RowKind::Not(inner) => same(inner, own),
        RowKind::Binary { operator: Binary::NotEqual, left, right } => {
            equality(own).is_some_and(|(column, value)| same(left, column) && is_literal(right, value))
        }
        RowKind::In { operand, list, negated } => equality(own).is_some_and(|(column, value)| {
            let constant = list.iter().all(|item| matches!(item.kind, RowKind::Literal(_)));
            same(operand, column) && constant && list.iter().any(|item| is_literal(item, value)) == *negated
        }),
        _ => match (equality(filter), equality(own)) {
            (Some((left, one)), Some((right, other))) => same(left, right) && one != other,
            _ => false,
        },
    }
}

/// `column = constant`.
fn equality(expr: &RowExpr) -> Option<(&RowExpr, &Literal)> {
    let RowKind::Binary { operator: Binary::Equal, left, right } = &expr.kind else { return None };
    match (&left.kind, &right.kind) {
        (_, RowKind::Literal(value)) => Some((left, value)),
        (RowKind::Literal(value), _) => Some((right, value)),
        _ => None,
    }
}

fn is_literal(expr: &RowExpr, value: &Literal) -> bool {
    matches!(&expr.kind, RowKind::Literal(literal) if literal == value)
}

/// The conditions that `and` joins.
fn conjuncts(expr: &RowExpr) -> Vec<&RowExpr> {
    match &expr.kind {
        RowKind::Binary { operator: Binary::And, left, right } => {
            conjuncts(left).into_iter().chain(conjuncts(right)).collect()
        }
        _ => vec![expr],
    }
}

/// Whether two expressions are the same, wherever they stand.
fn same(left: &RowExpr, right: &RowExpr) -> bool {
    use RowKind::{Binary, Call, Case, Column, Each, In, IsNull, Like, Literal, Minus, Not, Parameter, Shift};
    let alike = match (&left.kind, &right.kind) {
        (Literal(left), Literal(right)) => left == right,
        (Column(left), Column(right)) => left == right,
        (Parameter(left), Parameter(right)) => left == right,
        (Each(left), Each(right)) => left == right,
        (Not(_), Not(_)) | (Minus(_), Minus(_)) => true,
        (Binary { operator: left, .. }, Binary { operator: right, .. }) => left == right,
        (In { negated: left, .. }, In { negated: right, .. })
        | (IsNull { negated: left, .. }, IsNull { negated: right, .. })
        | (Like { negated: left, .. }, Like { negated: right, .. }) => left == right,
        (Case { otherwise: left, .. }, Case { otherwise: right, .. }) => left.is_some() == right.is_some(),
        (Call { function: left, .. }, Call { function: right, .. }) => left == right,
        (Shift { months, days, .. }, Shift { months: others, days: further, .. }) => {
            months == others && days == further
        }
        _ => false,
    };
    let (parts, others) = (left.children(), right.children());
    alike && parts.len() == others.len() && parts.into_iter().zip(others).all(|(part, other)| same(part, other))
}
