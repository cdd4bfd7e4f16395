//! Types as they are written: `decimal(12, 2) in usd`, `instant in "UTC"`, `scale(0 to 10)`, `account`.

use crate::check::names::{Names, dotted, nearest};
use crate::model::CustomerId;
use crate::schema::Kind;
use crate::types::{Base, Type};
use crate::unit::{PLAIN_UNITS, Unit};
use groma_syntax::ast::{Argument, Expr, ExprKind, Infix, Prefix};
use groma_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

/// A type that is none.
pub(crate) static UNKNOWN_TYPE: Code =
    Code::error("type/unknown-type", "A column or parameter has a type that does not exist.");
/// A unit that is none.
pub(crate) static UNKNOWN_UNIT: Code = Code::error("type/unknown-unit", "A number has a unit that does not exist.");
/// An instant without a zone.
pub(crate) static NAIVE_TIMESTAMP: Code =
    Code::error("time/naive-timestamp", "An instant has no zone, so nobody can say on which day it happened.");
/// A zone that is none.
pub(crate) static UNKNOWN_ZONE: Code = Code::error("time/unknown-zone", "A time zone is not in the tz database.");

/// The words for types.
const WORDS: [&str; 9] = ["bool", "int", "float", "decimal", "text", "date", "instant", "scale", "verbatim"];

/// ISO 4217, in lower case.
const CURRENCIES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn \
    bzd cad cdf chf clp cny cop crc cuc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd \
    hkd hnl hrk htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd lsl lyd mad \
    mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd \
    rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu \
    uzs ved ves vnd vuv wst xaf xcd xof xpf yer zar zmw zwl";

/// Reads the type of a column or a parameter.
pub(crate) fn read(expr: &Expr, names: &Names, customers: &[SmolStr]) -> Result<Type, Diagnostic> {
    match &expr.kind {
        ExprKind::Group(inner) => read(inner, names, customers),
        ExprKind::Infix { operator: Infix::In, left, right, .. } => {
            let ty = base(left, names, customers)?;
            match &ty.base {
                Base::Instant { .. } => instant_in(right),
                Base::Int | Base::Real | Base::Decimal { .. } => Ok(Type::of(ty.base, unit(right)?)),
                _ => Err(UNKNOWN_UNIT
                    .finding("only numbers have a unit and only instants a zone")
                    .at(expr.span, "this type takes no `in`")
                    .help("leave out what follows the type")),
            }
        }
        _ => match base(expr, names, customers)? {
            Type { base: Base::Instant { .. }, .. } => Err(naive(expr)),
            ty => Ok(ty),
        },
    }
}

/// Reads a unit: `usd`, `points`, `usd / count`.
pub(crate) fn unit(expr: &Expr) -> Result<Unit, Diagnostic> {
    match &expr.kind {
        ExprKind::Infix { operator: Infix::Divide, left, right, .. } => Ok(unit(left)?.over(&unit(right)?)),
        ExprKind::Path(path) if is_unit(&dotted(path)) => Ok(Unit::base(&dotted(path))),
        _ => {
            let written = match &expr.kind {
                ExprKind::Path(path) => dotted(path),
                _ => SmolStr::default(),
            };
            let known = PLAIN_UNITS.into_iter().chain(CURRENCIES.split_whitespace());
            let help = match nearest(&written, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use a currency by its three letters (`usd`), or count, points, percent, days".to_owned(),
            };
            let headline = match written.is_empty() {
                true => "this is not a unit".to_owned(),
                false => format!("`{written}` is not a unit"),
            };
            Err(UNKNOWN_UNIT.finding(headline).at(expr.span, "not a unit").help(help))
        }
    }
}

/// Whether a word is a unit.
pub(crate) fn is_unit(word: &str) -> bool {
    PLAIN_UNITS.contains(&word) || (word.len() == 3 && CURRENCIES.split_whitespace().any(|known| known == word))
}

fn base(expr: &Expr, names: &Names, customers: &[SmolStr]) -> Result<Type, Diagnostic> {
    match &expr.kind {
        ExprKind::Path(path) => {
            let word = dotted(path);
            Ok(Type::plain(match word.as_str() {
                "bool" => Base::Bool,
                "int" => Base::Int,
                "float" => Base::Real,
                "text" => Base::Text,
                "verbatim" => Base::Verbatim,
                "date" => Base::Date,
                "instant" => Base::Instant { zone: SmolStr::default() },
                "decimal" => return Err(needs(expr, "`decimal` needs its digits", "decimal(12, 2)")),
                "scale" => return Err(needs(expr, "`scale` needs its ends", "scale(0 to 10)")),
                _ => match names.get(Kind::Customer, &word) {
                    Some(id) => Base::Customer(CustomerId(id)),
                    None => return Err(unknown(expr, &word, customers)),
                },
            }))
        }
        ExprKind::Call { function, arguments } => match dotted(function).as_str() {
            "decimal" => decimal(expr, arguments),
            "scale" => scale(expr, arguments),
            word => Err(unknown(expr, word, customers)),
        },
        _ => Err(unknown(expr, "", customers)),
    }
}

fn decimal(expr: &Expr, arguments: &[Argument]) -> Result<Type, Diagnostic> {
    let digits = |argument: &Argument| match argument {
        Argument::Value(value) => whole(value).and_then(|number| u8::try_from(number).ok()),
        _ => None,
    };
    match arguments.iter().map(digits).collect::<Option<Vec<u8>>>().as_deref() {
        Some([precision @ 1..=38, scale]) if scale <= precision => {
            Ok(Type::plain(Base::Decimal { precision: *precision, scale: i8::try_from(*scale).unwrap_or(0) }))
        }
        _ => Err(needs(
            expr,
            "a decimal has 1 to 38 digits, and as many of them or fewer after the point",
            "decimal(12, 2)",
        )),
    }
}

fn scale(expr: &Expr, arguments: &[Argument]) -> Result<Type, Diagnostic> {
    if let [Argument::Value(Expr { kind: ExprKind::Infix { operator: Infix::To, left, right, .. }, .. })] = arguments
        && let (Some(low), Some(high)) = (whole(left), whole(right))
        && low < high
    {
        return Ok(Type::plain(Base::Scale { low, high }));
    }
    Err(needs(expr, "a scale goes from a whole number up to a greater one", "scale(0 to 10)"))
}

fn instant_in(zone: &Expr) -> Result<Type, Diagnostic> {
    match &zone.kind {
        ExprKind::Text(name) if jiff::tz::TimeZone::get(name).is_ok() => {
            Ok(Type::plain(Base::Instant { zone: SmolStr::new(name) }))
        }
        ExprKind::Text(name) => Err(UNKNOWN_ZONE
            .finding(format!("there is no time zone `{name}`"))
            .at(zone.span, "not in the tz database")
            .help("use an IANA name such as \"UTC\", \"Europe/Berlin\" or \"America/New_York\"")),
        _ => Err(UNKNOWN_ZONE
            .finding("a zone is a text in quotes")
            .at(zone.span, "not a zone")
            .help("write `instant in \"UTC\"`")),
    }
}

fn naive(expr: &Expr) -> Diagnostic {
    NAIVE_TIMESTAMP
        .finding("an instant without a zone belongs to no day")
        .at(expr.span, "in which zone is the stored value to be read?")
        .help("say the zone the values are stored in: `instant in \"UTC\"`")
        .fix("read it as UTC", expr.span, "instant in \"UTC\"")
}

fn needs(expr: &Expr, headline: &str, example: &str) -> Diagnostic {
    UNKNOWN_TYPE.finding(headline).at(expr.span, "incomplete type").help(format!("write it like `{example}`"))
}

fn unknown(expr: &Expr, word: &str, customers: &[SmolStr]) -> Diagnostic {
    let known = WORDS.into_iter().chain(customers.iter().map(SmolStr::as_str));
    let help = match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}, or the name of a customer", super::names::listed(WORDS)),
    };
    UNKNOWN_TYPE.finding(format!("there is no type `{word}`")).at(expr.span, "neither a type nor a customer").help(help)
}

/// A whole number as it is written, perhaps with a minus.
pub(crate) fn whole(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Number(digits) => digits.parse().ok(),
        ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => whole(operand)?.checked_neg(),
        ExprKind::Group(inner) => whole(inner),
        _ => None,
    }
}
