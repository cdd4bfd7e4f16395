//! Statuses: what is said of a cell, and whether its value is shown.

use crate::relation::{Binary, Expr, Literal, ValueType};
use crate::typed::when_else;

/// What a cell is judged by.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) value: Expr,
    pub(crate) n: Expr,
    pub(crate) matured: Option<Expr>,
    /// That the window of its cohort has not closed.
    pub(crate) immature: Option<Expr>,
    /// That it is about too few customers, or would say how many others are about.
    pub(crate) hidden: Option<Expr>,
    /// The same of its change.
    pub(crate) hidden_change: Option<Expr>,
    /// That no further row can change it.
    pub(crate) settled: Option<Expr>,
    /// 1 where a row counts for it, and whether its first period has come: where cells of metrics are told apart.
    pub(crate) has_rows: Option<Expr>,
    pub(crate) has_begun: Option<Expr>,
    /// Fewer observations give no value.
    pub(crate) minimum: Option<Expr>,
    /// The standard error and the bounds of the interval.
    pub(crate) estimates: [Option<Expr>; 3],
    /// The change against the period before, and what is said of it.
    pub(crate) changes: [Option<Expr>; 6],
    /// The weighted value, its error, the effective number, the largest share.
    pub(crate) weighted: [Option<Expr>; 4],
}

impl Default for Judged {
    fn default() -> Self {
        let null = Expr::Literal(Literal::Null(ValueType::Real));
        Self {
            value: null.clone(),
            n: null,
            matured: None,
            immature: None,
            hidden: None,
            hidden_change: None,
            settled: None,
            has_rows: None,
            has_begun: None,
            minimum: None,
            estimates: Default::default(),
            changes: Default::default(),
            weighted: Default::default(),
        }
    }
}

/// The value that is shown, and the status: the first that holds.
pub(crate) fn status(judged: &Judged) -> (Expr, Expr) {
    let too_few = judged.minimum.clone().map(|minimum| Expr::binary(Binary::Less, judged.n.clone(), minimum));
    let undefined = Expr::IsNull { operand: Box::new(judged.value.clone()), negated: false };
    let mut branches = Vec::new();
    let mut push = |condition: Option<Expr>, word: &str| {
        branches.extend(condition.map(|condition| (condition, Expr::text(word))));
    };
    push(judged.immature.clone(), "immature");
    push(judged.hidden.clone(), "suppressed");
    push(too_few.clone(), "insufficient");
    push(Some(undefined), "undefined");
    push(judged.settled.clone(), "settled");
    let status = Expr::Case { branches, otherwise: Some(Box::new(Expr::text("provisional"))) };
    (shown(judged, judged.value.clone(), ValueType::Real), status)
}

/// A number of a cell where its value is shown, and else null.
pub(crate) fn shown(judged: &Judged, number: Expr, ty: ValueType) -> Expr {
    let too_few = judged.minimum.clone().map(|minimum| Expr::binary(Binary::Less, judged.n.clone(), minimum));
    let hidden: Vec<(Expr, Expr)> = [judged.immature.clone(), judged.hidden.clone(), too_few]
        .into_iter()
        .flatten()
        .map(|condition| (condition, Expr::Literal(Literal::Null(ty))))
        .collect();
    if hidden.is_empty() { number } else { Expr::Case { branches: hidden, otherwise: Some(Box::new(number)) } }
}

/// A number of a cell that is shown whatever its status, unless the cell is hidden.
pub(crate) fn unless_hidden(hidden: Option<&Expr>, number: Expr, ty: ValueType) -> Expr {
    match hidden {
        None => number,
        Some(hidden) => when_else(hidden.clone(), Expr::Literal(Literal::Null(ty)), number),
    }
}
