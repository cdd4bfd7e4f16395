//! Elapsed time: seconds between instants, in the unit that was asked for.

use super::builtin::Gives;
use super::{CLOCK_CHANGES, Expressions};
use crate::measure::{Measure, MeasureKind};
use crate::row::{Binary, Literal, RowExpr, RowKind};
use crate::types::{Base, Type};
use groma_syntax::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A call that gives seconds, of rows, in the unit of its function.
pub(super) fn rows_in_unit(call: RowExpr, gives: Gives) -> RowExpr {
    let Some((length, length_ty)) = length(gives) else { return call };
    let (ty, span) = (call.ty.clone(), call.span);
    let length = RowExpr { kind: RowKind::Literal(length), ty: length_ty, span };
    let kind = RowKind::Binary { operator: Binary::Divide, left: Box::new(call), right: Box::new(length) };
    RowExpr { kind, ty, span }
}

/// A call that gives seconds, of cells, in the unit of its function.
pub(super) fn cells_in_unit(call: Measure, gives: Gives) -> Measure {
    let Some((length, length_ty)) = length(gives) else { return call };
    let (ty, span) = (call.ty.clone(), call.span);
    let length = Measure { kind: MeasureKind::Literal(length), ty: length_ty, span };
    let kind = MeasureKind::Binary { operator: Binary::Divide, left: Box::new(call), right: Box::new(length) };
    Measure { kind, ty, span }
}

fn length(gives: Gives) -> Option<(Literal, Type)> {
    match gives {
        Gives::Elapsed { seconds, .. } if seconds != 1 => Some((Literal::Int(seconds), Type::plain(Base::Int))),
        _ => None,
    }
}

impl Expressions<'_> {
    /// Whether elapsed time can be read off the stored clocks: both of one zone that never jumps. Says so if not.
    pub(super) fn clocks_run_evenly(&mut self, function: &str, arguments: &[(&Type, Span)]) -> bool {
        let mut zones = Vec::with_capacity(arguments.len());
        for (ty, span) in arguments {
            let Base::Instant { zone } = &ty.base else { continue };
            if jumps(zone) {
                self.sink.push(
                    CLOCK_CHANGES
                        .finding(format!(
                            "`{function}` would be an hour off across a clock change: this is stored in \"{zone}\""
                        ))
                        .at(*span, "a clock that jumps")
                        .help("store the instant in UTC (`instant in \"UTC\"`), or count days with `days_between`"),
                );
                return false;
            }
            zones.push((zone, *span));
        }
        if let [(first, _), (second, span)] = zones.as_slice()
            && first != second
        {
            self.sink.push(
                CLOCK_CHANGES
                    .finding(format!("`{function}` would be off by the distance between \"{first}\" and \"{second}\""))
                    .at(*span, format!("stored in \"{second}\", the other in \"{first}\""))
                    .help("store both instants in one zone"),
            );
            return false;
        }
        true
    }
}

/// Whether the clock of a zone has jumped since 1970 or will.
fn jumps(zone: &str) -> bool {
    TimeZone::get(zone).is_ok_and(|zone| zone.following(Timestamp::UNIX_EPOCH).next().is_some())
}
