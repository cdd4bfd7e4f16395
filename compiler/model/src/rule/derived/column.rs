//! What follows from the columns of sources.

use crate::model::Sensitivity;
use crate::rule::attribute::{Derived, one};
use crate::rule::value::{Sort, Type, Value};
use crate::schema::Kind;
use crate::types::Base;

pub(crate) static TABLE: &[Derived] = &[
    one("name", Type::Text, "its name", |facts, at| Value::text(Some(&facts.column(at).1.name))),
    one("source", Type::Thing(Sort::Declared(Kind::Source)), "the source it is a column of", |facts, at| {
        Value::thing(Kind::Source, Some(facts.column(at).0.index()))
    }),
    one("type", Type::Text, "the first word of its type: `text`, `decimal`, `instant`, `customer`", |facts, at| {
        Value::text(type_word(&facts.column(at).1.ty.base))
    })
    .among(&TYPES),
    one("unit", Type::Text, "the unit of its values; null for one without", |facts, at| {
        let unit = facts.column(at).1.ty.unit.to_string();
        Value::text(Some(unit.as_str()).filter(|unit| *unit != "number"))
    }),
    one("optional", Type::Bool, "whether it may be null", |facts, at| Value::Bool(facts.column(at).1.optional)),
    one("sensitivity", Type::Text, "`public`, `internal`, `personal` or `special`", |facts, at| {
        Value::text(Some(sensitivity(facts.column(at).1.sensitivity)))
    })
    .among(&["public", "internal", "personal", "special"]),
];

/// The words of types.
static TYPES: [&str; 10] =
    ["text", "verbatim", "bool", "int", "float", "decimal", "date", "instant", "scale", "customer"];

fn type_word(base: &Base) -> Option<&'static str> {
    Some(match base {
        Base::Unknown | Base::Null => return None,
        Base::Text => "text",
        Base::Verbatim => "verbatim",
        Base::Bool => "bool",
        Base::Int => "int",
        Base::Real => "float",
        Base::Decimal { .. } => "decimal",
        Base::Date => "date",
        Base::Instant { .. } => "instant",
        Base::Scale { .. } => "scale",
        Base::Customer(_) => "customer",
    })
}

/// The word of a class.
pub(crate) fn sensitivity(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Special => "special",
    }
}
