//! What is judged on a date: who answers for what, what rules require, what is set aside and for how long.
//!
//! Meaning is checked once and for all; this may turn out otherwise tomorrow.

mod agreements;
mod disputes;
mod exceptions;
mod people;
mod rules;

use crate::model::Model;
use groma_syntax::{Code, Diagnostic};
use jiff::civil::Date;
use smol_str::SmolStr;

/// The codes of these findings.
pub(crate) static CODES: &[&Code] = &[
    &disputes::DECISIONS_CONTRADICT,
    &disputes::DECISION_NOT_FOLLOWED,
    &disputes::DISPUTED,
    &people::LEAD_HAS_LEFT,
    &people::NOT_ENTITLED,
    &people::OWNER_DISAGREES,
    &people::OWNER_HAS_LEFT,
    &people::TEAM_CLOSED,
    &people::TEAM_NOT_YET,
    &agreements::ENDED,
    &agreements::NOT_BEGUN,
    &agreements::ENDS_SOON,
    &exceptions::EXPIRED,
    &rules::UNUSED_WAIVER,
    &rules::EXPIRED_WAIVER,
];

/// How many days before its end something is said to end soon.
pub const SOON: i64 = 30;

/// What was found on a date.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    pub findings: Vec<Diagnostic>,
    /// Findings that a waiver sets aside.
    pub waived: Vec<Waived>,
    /// How many waivers hold on the date and set something aside.
    pub in_force: usize,
    /// How many of those end within [`SOON`] days.
    pub ending_soon: usize,
    /// How many exceptions leave rows out and have not expired.
    pub exceptions: usize,
    /// How many of those end within [`SOON`] days.
    pub exceptions_ending_soon: usize,
}

/// A finding that is set aside.
#[derive(Debug, Clone)]
pub struct Waived {
    pub finding: Diagnostic,
    pub waiver: SmolStr,
    pub until: Date,
}

/// A model on a date.
pub(crate) struct Court<'m> {
    pub(crate) model: &'m Model,
    pub(crate) date: Date,
}

/// Judges a model on a date.
pub fn judge(model: &Model, date: Date) -> Judgement {
    let court = Court { model, date };
    let mut judgement = Judgement::default();
    people::judge(&court, &mut judgement.findings);
    exceptions::judge(&court, &mut judgement);
    agreements::judge(&court, &mut judgement.findings);
    rules::judge(&court, &mut judgement);
    judgement
}
