//! What follows from sources, customers and windows.

use super::metric::{CLOCKS, clock_word, lag};
use crate::model::Origin;
use crate::rule::attribute::{Derived, one};
use crate::rule::value::{Sort, Type, Value};
use crate::rule::written::in_days;
use crate::schema::Kind;

pub(crate) static SOURCE: &[Derived] = &[
    one("late", Type::Number, "how many days after it happened a row may still arrive", |facts, at| {
        Value::Number(facts.model.sources[at].late.map_or(0.0, in_days))
    }),
    one("origin", Type::Text, "`file`, `table` or `query`", |facts, at| {
        Value::text(Some(match facts.model.sources[at].origin {
            Origin::File { .. } => "file",
            Origin::Table { .. } => "table",
            Origin::Query { .. } => "query",
        }))
    })
    .among(&["file", "table", "query"]),
];

pub(crate) static CUSTOMER: &[Derived] = &[one(
    "source",
    Type::Thing(Sort::Declared(Kind::Source)),
    "the source with one row for each customer",
    |facts, at| Value::thing(Kind::Source, Some(facts.model.customers[at].source.index())),
)];

pub(crate) static WINDOW: &[Derived] = &[
    one("clock", Type::Text, "`event`, `trailing`, `to_date`, `after`, `curve` or `snapshot`", |facts, at| {
        Value::text(Some(clock_word(&facts.model.windows[at].clock)))
    })
    .among(&CLOCKS),
    one("lag", Type::Number, "the days of the window; null where it is not of a fixed length", |facts, at| {
        Value::number(lag(&facts.model.windows[at].clock))
    }),
];
