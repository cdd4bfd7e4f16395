//! What follows from teams, councils and regions.

use crate::governance::Council;
use crate::model::Member;
use crate::rule::attribute::{Derived, one};
use crate::rule::facts::Facts;
use crate::rule::value::{Type, Value};
use jiff::civil::Date;

pub(crate) static TEAM: &[Derived] = &[
    one("current_members", Type::Texts, "the addresses of its members on the day of the judgement", |facts, at| {
        current(facts, &facts.model.teams[at].members)
    }),
    one("is_current", Type::Bool, "whether there is the team on the day of the judgement", |facts, at| {
        let team = &facts.model.teams[at];
        Value::Bool(holds(team.since, team.until, facts.date))
    }),
];

pub(crate) static COUNCIL: &[Derived] = &[
    one("quorum", Type::Number, "how many must agree", |facts, at| {
        council(facts, at).map_or(Value::Null, |council| Value::number(council.quorum.map(super::metric::whole)))
    }),
    one("current_members", Type::Texts, "the addresses of its members on the day of the judgement", |facts, at| {
        council(facts, at).map_or(Value::Null, |council| current(facts, &council.members))
    }),
];

pub(crate) static REGION: &[Derived] = &[];

/// A council by its place among declarations: what could not be read is not in the model.
fn council<'m>(facts: &Facts<'m>, at: usize) -> Option<&'m Council> {
    let name = &facts.declared(crate::schema::Kind::Council, at).name;
    facts.model.councils.iter().find(|council| council.header.name == *name)
}

fn current(facts: &Facts<'_>, members: &[Member]) -> Value {
    let members = members.iter().filter(|member| holds(member.from, member.until, facts.date));
    Value::texts(members.map(|member| member.address.as_str()))
}

/// Whether a day lies between two, both included.
pub(crate) fn holds(from: Option<Date>, until: Option<Date>, day: Date) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}
