//! What follows from agreements.

use crate::rule::attribute::{Derived, one};
use crate::rule::value::{Type, Value};
use crate::schema::Kind;

pub(crate) static AGREEMENT: &[Derived] =
    &[one("cell", Type::Number, "the fewest customers that a number may be about", |facts, at| {
        let name = &facts.declared(Kind::Agreement, at).name;
        let agreement = facts.model.agreements.iter().find(|agreement| agreement.header.name == *name);
        let cell = agreement.and_then(|agreement| agreement.cell);
        Value::number(cell.map(super::metric::whole))
    })];
