//! What follows from surveys.

use crate::model::{Model, SurveyId, Timing};
use crate::rule::attribute::{Derived, one};
use crate::rule::value::{Sort, Type, Value};
use crate::rule::written::in_days;
use crate::schema::Kind;
use crate::types::Base;

pub(crate) static TABLE: &[Derived] = &[
    one("customer", Type::Thing(Sort::Declared(Kind::Customer)), "who is asked", |facts, at| {
        Value::thing(Kind::Customer, Some(facts.model.surveys[at].customer.index()))
    }),
    one("cooldown", Type::Number, "for how many days nobody is asked again", |facts, at| {
        Value::number(facts.model.surveys[at].cooldown.map(in_days))
    }),
    one(
        "timing_kind",
        Type::Text,
        "`relationship`, or `after` where it follows something that happened",
        |facts, at| {
            Value::text(Some(match facts.model.surveys[at].timing {
                Timing::Relationship => "relationship",
                Timing::After { .. } => "after",
            }))
        },
    )
    .among(&["relationship", "after"]),
    one("scales", Type::Texts, "the scales of its answers: `scale(0 to 10)`", |facts, at| {
        let source = facts.model.source(facts.model.surveys[at].responses);
        Value::texts(source.columns.iter().filter_map(|column| match column.ty.base {
            Base::Scale { low, high } => Some(format!("scale({low} to {high})")),
            _ => None,
        }))
    }),
];

/// When a survey asks, in words.
pub(crate) fn timing(model: &Model, survey: SurveyId) -> String {
    match model.surveys[survey.index()].timing {
        Timing::Relationship => "relationship".to_owned(),
        Timing::After { source, column, .. } => {
            format!("after {}.{}", model.source(source).header.name, model.column(source, column).name)
        }
    }
}
