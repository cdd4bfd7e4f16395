//! Windows and lengths of time as they are written.

use crate::check::anchor;
use crate::check::declare::Declared;
use crate::check::entries::Entries;
use crate::check::expression::Expressions;
use crate::check::names::dotted;
use crate::model::{Header, Model, Window, WindowId};
use crate::schema::Kind;
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

/// A window in which there is no time.
pub(crate) static EMPTY_WINDOW: Code =
    Code::error("time/empty-window", "A window ends before it starts, so no row can lie in it.");

const FORMS: &str =
    "`trailing 28 days`, `month to date`, `all time`, `90 days after account.since`, or the name of a `window`";
const CURVE: &str = "write it like `each month after account.since, 12 times`";
/// A curve has at most so many steps: each is a line of the answer.
const MOST_STEPS: u32 = 1000;

/// A window as written.
pub(crate) enum Written<'a> {
    Clock(Clock),
    /// After a moment that each customer has.
    Anchored(Clock, &'a Expr),
    /// The name of a declared window.
    Named(WindowId),
}

/// Reads a window; `named` finds declared ones. A curve has a second value: how many times.
pub(crate) fn read<'a>(
    values: &'a [Expr],
    named: &dyn Fn(&str) -> Option<WindowId>,
) -> Result<Written<'a>, Diagnostic> {
    match values {
        [expr] => one(expr, named),
        [Expr { kind: ExprKind::Infix { operator: Infix::After, left, right, .. }, .. }, times]
            if each_stretch(left).is_some() =>
        {
            curve(left, times).map(|clock| Written::Anchored(clock, right))
        }
        _ => {
            let span = values.iter().map(|value| value.span).reduce(groma_syntax::Span::to).unwrap_or_default();
            Err(NOT_A_WINDOW
                .finding("`window` takes one window, and only a curve says how many times")
                .at(span, "more than one window")
                .help(CURVE))
        }
    }
}

fn one<'a>(expr: &'a Expr, named: &dyn Fn(&str) -> Option<WindowId>) -> Result<Written<'a>, Diagnostic> {
    match &expr.kind {
        ExprKind::Group(inner) => one(inner, named),
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
        ExprKind::Infix { operator: Infix::After, left, right, .. } => {
            if each_stretch(left).is_some() {
                return Err(NOT_A_WINDOW
                    .finding("a curve does not say how many times")
                    .at(expr.span, "after how many stretches does it end?")
                    .help(CURVE));
            }
            let (from, to) = stretch(left)?;
            match ends_later(from, to) {
                true => Ok(Written::Anchored(Clock::After { from, to }, right)),
                false => Err(empty_window(left)),
            }
        }
        ExprKind::Infix { operator: Infix::Before, .. } => Err(NOT_YET
            .finding("windows before an anchor are not built yet")
            .at(expr.span, "before an anchor")
            .help("count what lies after an anchor, or keep this metric aside until a release builds it")),
        _ => Err(not_a_window(expr, "this does not say which rows belong to a period")),
    }
}

/// `90 days`, `day 30 to day 60`: from when to when after the anchor.
fn stretch(expr: &Expr) -> Result<(Offset, Offset), Diagnostic> {
    match &expr.kind {
        ExprKind::Group(inner) => stretch(inner),
        ExprKind::Infix { operator: Infix::To, left, right, .. } => Ok((point(left)?, point(right)?)),
        _ => Ok((Offset::default(), length(expr)?)),
    }
}

/// `day 30`, or `30 days`.
fn point(expr: &Expr) -> Result<Offset, Diagnostic> {
    let unit = match &expr.kind {
        ExprKind::Prefix { operator: Prefix::Day, operand, .. } => Some(("day", operand)),
        ExprKind::Prefix { operator: Prefix::Week, operand, .. } => Some(("week", operand)),
        ExprKind::Prefix { operator: Prefix::Month, operand, .. } => Some(("month", operand)),
        _ => None,
    };
    let Some((unit, operand)) = unit else { return length(expr) };
    let number = super::column_type::whole(operand).and_then(|number| i32::try_from(number).ok());
    number
        .and_then(|number| Offset::from_words(number, unit))
        .ok_or_else(|| not_a_length(expr, "this is not a whole number of days, weeks or months"))
}

/// `each month`, `each 7 days`: how long a stretch of a curve is.
fn each_stretch(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Group(inner) => each_stretch(inner),
        ExprKind::Prefix { operator: Prefix::Each, operand, .. } => Some(operand),
        _ => None,
    }
}

fn curve(left: &Expr, times: &Expr) -> Result<Clock, Diagnostic> {
    let Some(stretch) = each_stretch(left) else { return Err(not_a_window(left, "this is no curve")) };
    let every = match &stretch.kind {
        ExprKind::Path(path) => Offset::from_words(1, &dotted(path))
            .ok_or_else(|| not_a_length(stretch, "this is no stretch of calendar time"))?,
        _ => length(stretch)?,
    };
    if every == Offset::default() {
        return Err(empty_window(left));
    }
    let number = match &times.kind {
        ExprKind::Quantity { number, unit } if matches!(unit.text.as_str(), "times" | "time") => number.parse().ok(),
        _ => None,
    };
    match number {
        Some(times @ 1..=MOST_STEPS) => Ok(Clock::Curve { every, times }),
        _ => Err(NOT_A_WINDOW
            .finding(format!("a curve is followed 1 to {MOST_STEPS} times"))
            .at(times.span, "not such a number of times")
            .help(CURVE)),
    }
}

/// Whether a window has an end after its start, whatever the anchor: months differ in length.
fn ends_later(from: Offset, to: Offset) -> bool {
    let first = jiff::civil::date(2023, 1, 1);
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take(2 * 366)
        .all(|day| from.after(day) < to.after(day))
}

fn empty_window(expr: &Expr) -> Diagnostic {
    EMPTY_WINDOW
        .finding("no row can lie in this window: it does not end after its start")
        .at(expr.span, "the end is not after the start")
        .help("let it end later: `day 30 to day 60`")
}

/// A window that is not read yet.
pub(crate) fn placeholder(header: Header) -> Window {
    Window { header, clock: Clock::Event, anchor: None }
}

/// Reads a declared window, and the customer whose moment it begins with.
pub(crate) fn declared(model: &Model, declared: &Declared) -> (Window, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Window.schema(), &mut sink);
    let values = entries.values("value");
    let mut window = placeholder(declared.header());
    let mut expressions = Expressions::new(model);
    // A window is not made of another one: a name is none of a window.
    match (!values.is_empty()).then(|| read(values, &|_| None)) {
        Some(Ok(Written::Clock(clock))) => window.clock = clock,
        Some(Ok(Written::Anchored(clock, moment))) => {
            window.clock = clock;
            window.anchor = anchor::customer_of(model, moment)
                .and_then(|customer| Some((customer, anchor::read(&mut expressions, moment, customer, None)?)));
            if window.anchor.is_none() && expressions.sink.is_empty() {
                anchor::without_customer(&mut expressions, moment);
            }
        }
        Some(Err(finding)) => sink.push(finding),
        Some(Ok(Written::Named(_))) | None => {}
    }
    sink.extend(expressions.sink);
    let unread = window.clock.is_anchored() && window.anchor.is_none();
    window.header.broken |= unread || !sink.is_empty();
    (window, sink)
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

fn to_date<'a>(expr: &Expr, unit: &Expr) -> Result<Written<'a>, Diagnostic> {
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
