//! Windows and lengths of time as they are written.

use crate::check::names::dotted;
use crate::model::WindowId;
use crate::time::{Clock, Grain, Offset, ToDate};
use groma_syntax::ast::{Expr, ExprKind, Infix, Name, Prefix};
use groma_syntax::{Code, Diagnostic};

use super::entries::NOT_YET;

/// A window that is none.
pub(crate) static NOT_A_WINDOW: Code =
    Code::error("time/not-a-window", "A window does not say which rows belong to a period.");
/// A length of time that is none.
pub(crate) static NOT_A_LENGTH: Code =
    Code::error("time/not-a-length", "A length of time is not a number of calendar units.");

const FORMS: &str = "`trailing 28 days`, `month to date`, `all time`, or the name of a `window`";

/// A window as written: a clock, or the name of a declared window.
pub(crate) enum Written {
    Clock(Clock),
    Named(WindowId),
}

/// Reads a window; `named` finds declared ones.
pub(crate) fn read(expr: &Expr, named: &dyn Fn(&str) -> Option<WindowId>) -> Result<Written, Diagnostic> {
    match &expr.kind {
        ExprKind::Group(inner) => read(inner, named),
        ExprKind::Path(path) => match named(&dotted(path)) {
            Some(id) => Ok(Written::Named(id)),
            None => Err(not_a_window(expr, &format!("there is no window `{}`", dotted(path)))),
        },
        ExprKind::Prefix { operator: Prefix::Trailing, operand, .. } => {
            let length = length(operand)?;
            if length.months < 0 || length.days < 0 || length == Offset::default() {
                return Err(not_a_window(expr, "a trailing window must reach back"));
            }
            Ok(Written::Clock(Clock::Trailing(length)))
        }
        ExprKind::Prefix { operator: Prefix::All, operand, .. } if is_word(operand, "time") => {
            Ok(Written::Clock(Clock::ToDate(ToDate::AllTime)))
        }
        ExprKind::Infix { operator: Infix::To, left, right, .. } if is_word(right, "date") => to_date(expr, left),
        ExprKind::Infix { operator: Infix::After | Infix::Before, .. } => Err(NOT_YET
            .finding("windows after an anchor are not built yet")
            .at(expr.span, "an anchored window")
            .help("count by the time of the rows, or keep this metric aside until a release builds it")),
        _ => Err(not_a_window(expr, "this does not say which rows belong to a period")),
    }
}

/// Reads a length of calendar time: `28 days`, `1 month`.
pub(crate) fn length(expr: &Expr) -> Result<Offset, Diagnostic> {
    match &expr.kind {
        ExprKind::Group(inner) => length(inner),
        ExprKind::Quantity { number, unit } => quantity(number, unit).ok_or_else(|| {
            not_a_length(expr, "a length of time is a whole number of days, weeks, months, quarters or years")
        }),
        _ => Err(not_a_length(expr, "this is not a length of time")),
    }
}

/// A number and a calendar word.
pub(crate) fn quantity(number: &str, unit: &Name) -> Option<Offset> {
    number.parse().ok().and_then(|number| Offset::from_words(number, &unit.text))
}

fn to_date(expr: &Expr, unit: &Expr) -> Result<Written, Diagnostic> {
    let ExprKind::Path(path) = &unit.kind else {
        return Err(not_a_window(expr, "this does not say since when"));
    };
    match Grain::from_word(&dotted(path)) {
        Some(grain) => Ok(Written::Clock(Clock::ToDate(ToDate::Unit(grain)))),
        None => Err(not_a_window(expr, &format!("`{}` is not a unit that begins on a date", dotted(path)))),
    }
}

fn is_word(expr: &Expr, word: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if dotted(path) == word)
}

fn not_a_window(expr: &Expr, headline: &str) -> Diagnostic {
    NOT_A_WINDOW.finding(headline).at(expr.span, "not a window").help(format!("write {FORMS}"))
}

fn not_a_length(expr: &Expr, headline: &str) -> Diagnostic {
    NOT_A_LENGTH
        .finding(headline)
        .at(expr.span, "not a length of time")
        .help("write it like `28 days`, `1 month` or `2 quarters`")
}
