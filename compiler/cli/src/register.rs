//! What is set aside and why: every exception and every waiver with its end, for reports.

use crate::loading::Loaded;
use crate::meaning::expression;
use groma_model::governance::{Approver, Exception, ExceptionOf, Waiver};
use groma_model::schema::Kind;
use groma_model::{Model, SmolStr};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Something that is set aside until a day.
#[derive(Debug, Clone)]
pub(crate) struct SetAside {
    pub(crate) name: String,
    /// What is left out, or which rule is not asked.
    pub(crate) what: String,
    /// The metrics that leave it out, or the declarations that are not asked.
    pub(crate) of: Vec<String>,
    pub(crate) because: String,
    pub(crate) evidence: Vec<String>,
    pub(crate) approved_by: Vec<String>,
    pub(crate) until: Option<Date>,
}

/// The exceptions and the waivers of a project, in the order of their names.
pub(crate) struct Register {
    pub(crate) date: Date,
    pub(crate) exceptions: Vec<SetAside>,
    pub(crate) waivers: Vec<SetAside>,
}

impl Register {
    /// All of them, in force or not.
    pub(crate) fn of(loaded: &Loaded, date: Date) -> Self {
        let model = &loaded.project.model;
        Self {
            date,
            exceptions: model.exceptions.iter().map(|one| exception(model, one)).collect(),
            waivers: model.waivers.iter().map(|one| waiver(loaded, one)).collect(),
        }
    }
}

impl SetAside {
    /// Whether its last day is still to come, or is today.
    pub(crate) fn in_force(&self, date: Date) -> bool {
        self.until.is_none_or(|until| date <= until)
    }

    /// How many days are left after the date; below 0 where it has ended.
    pub(crate) fn days_left(&self, date: Date) -> Option<i64> {
        self.until.map(|until| i64::from((until - date).get_days()))
    }

    /// The same in words: `183 days left`, `the last day`, `ended 3 days ago`.
    pub(crate) fn left(&self, date: Date) -> String {
        let days = |number: i64| crate::findings::counted(usize::try_from(number.abs()).unwrap_or_default(), "day");
        match self.days_left(date) {
            None => String::new(),
            Some(0) => "the last day".to_owned(),
            Some(left) if left < 0 => format!("ended {} ago", days(left)),
            Some(left) => format!("{} left", days(left)),
        }
    }

    pub(crate) fn as_json(&self, date: Date) -> Value {
        json!({
            "name": self.name,
            "what": self.what,
            "of": self.of,
            "because": self.because,
            "evidence": self.evidence,
            "approved_by": self.approved_by,
            "until": self.until.map(|until| until.to_string()),
            "days_left": self.days_left(date),
            "in_force": self.in_force(date),
        })
    }
}

/// Who agreed, in words: a person's address, `team support`, `council metrics`.
pub(crate) fn approver(model: &Model, approver: &Approver) -> String {
    match approver {
        Approver::Person(address, _) => address.clone(),
        Approver::Team(team, _) => format!("team {}", model.teams[team.index()].header.name),
        Approver::Council(council, _) => format!("council {}", model.councils[council.index()].header.name),
    }
}

fn exception(model: &Model, exception: &Exception) -> SetAside {
    let rows = |whose: String| {
        let days = exception.covers.map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
        format!("{whose} where `{}`{days}", expression::row(model, &exception.condition))
    };
    let what = match exception.of {
        ExceptionOf::Customer(id) => rows(format!("all rows of each {}", model.customer(id).header.name)),
        ExceptionOf::Source(id) => rows(format!("rows of {}", model.source(id).header.name)),
        ExceptionOf::Nothing => {
            let period = exception.restates.as_ref().map_or("", |(period, _)| period.as_str());
            format!("the frozen meaning in period {period}")
        }
    };
    SetAside {
        name: exception.header.name.to_string(),
        what,
        of: exception.metrics.iter().map(|(id, _)| model.metric(*id).header.name.to_string()).collect(),
        because: exception.because.clone(),
        evidence: exception.evidence.clone(),
        approved_by: exception.approved_by.iter().map(|one| approver(model, one)).collect(),
        until: exception.until,
    }
}

fn waiver(loaded: &Loaded, waiver: &Waiver) -> SetAside {
    let model = &loaded.project.model;
    SetAside {
        name: waiver.header.name.to_string(),
        what: match waiver.rule.0.as_str() {
            "" => "nothing: there is no such rule".to_owned(),
            rule => format!("findings of `{rule}`"),
        },
        of: waiver.on.iter().map(|(kind, name, _)| format!("{} {name}", kind.word())).collect(),
        because: waiver.because.clone(),
        evidence: evidence(loaded, &waiver.header.name),
        approved_by: waiver.approved_by.iter().map(|one| approver(model, one)).collect(),
        until: waiver.until,
    }
}

/// The evidence of a waiver, as it was written.
fn evidence(loaded: &Loaded, name: &SmolStr) -> Vec<String> {
    let mut records = loaded.project.model.records.iter();
    let record = records.find(|record| record.kind == Kind::Waiver && record.header.name == *name);
    let span = record.and_then(|record| record.entries.iter().find(|(key, _)| key == "evidence"));
    let Some((_, span)) = span else { return Vec::new() };
    // Between two quotes is a text; no text of evidence holds a quote of its own.
    let text = loaded.project.sources.slice(*span);
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
