//! Surveys in plain words.

use super::expression;
use super::metric::owner;
use super::words::{Facts, listed, offset};
use groma_model::{Model, Survey, Timing};

/// What a survey asks whom, when and how.
pub(super) fn explain(model: &Model, survey: &Survey) -> Facts {
    let mut facts = Facts::new(format!("survey {}", survey.header.name), survey.header.doc.as_ref());
    if survey.header.broken {
        facts.add("note", "findings stand behind this survey; what follows may be incomplete (`groma check`)");
    }
    let asked = model.customers.get(survey.customer.index());
    facts
        .add("asks", asked.map(|customer| format!("customers of kind `{}`", customer.header.name)).unwrap_or_default());
    facts.add(
        "when",
        match survey.timing {
            Timing::Relationship => "by the calendar, about the relationship".to_owned(),
            Timing::After { .. } => timing(model, survey),
        },
    );
    let channel: Vec<String> = survey.channel.iter().map(ToString::to_string).collect();
    facts.add("channel", listed(&channel));
    let cooldown = survey.cooldown.map(|cooldown| format!("nobody is asked again for {}", offset(cooldown)));
    facts.add("cooldown", cooldown.unwrap_or_default());
    let filter = survey.filter.as_ref().map(|filter| format!(", where {}", expression::row(model, filter)));
    let rows = model.sources.get(survey.responses.index()).map(|source| format!("rows of `{}`", source.header.name));
    facts.add("answers", rows.map(|rows| format!("{rows}{}", filter.unwrap_or_default())).unwrap_or_default());
    let invites = survey.invites.map(|source| format!("rows of `{}`", model.source(source).header.name));
    facts.add("invitations", invites.unwrap_or_default());
    facts.add("owner", survey.owner.map(|team| owner(model, team)).unwrap_or_default());
    facts
}

/// Whose answers a metric reads: `relationship, which asks by the calendar`.
pub(super) fn answers(model: &Model, survey: &Survey) -> String {
    let when = match survey.timing {
        Timing::Relationship => "by the calendar".to_owned(),
        Timing::After { .. } => timing(model, survey),
    };
    format!("answers to `{}`, which asks {when}", survey.header.name)
}

/// `relationship`, or `2 days after tickets.closed_at`.
pub(super) fn timing(model: &Model, survey: &Survey) -> String {
    match survey.timing {
        Timing::Relationship => "relationship".to_owned(),
        Timing::After { offset: length, source, column } => {
            let rows = model.source(source);
            let column = rows.columns.get(column.index()).map(|column| column.name.as_str()).unwrap_or_default();
            format!("{} after {}.{column}", offset(length), rows.header.name)
        }
    }
}
