//! Teams.

use crate::check::declare::Declared;
use crate::check::entries::{Entries, WRONG_VALUE};
use crate::model::{Header, Member, Team};
use crate::schema::Kind;
use groma_syntax::Diagnostic;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use jiff::civil::Date;

/// Reads a team.
pub(crate) fn read(declared: &Declared, sink: &mut Vec<Diagnostic>) -> Team {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Team.schema(), sink);
    let text = |key| entries.text(key).map(|(text, _)| text.to_owned());
    let mut members = Vec::new();
    for written in entries.values("members") {
        match member(written) {
            Some(member) => members.push(member),
            None => sink.push(
                WRONG_VALUE
                    .finding("a member is an address, perhaps with dates")
                    .at(written.span, "cannot be read as a member")
                    .help("write it like `\"analyst@acme.example\" from 2026-02-01 until 2026-12-31`"),
            ),
        }
    }
    let header = declared.header();
    let broken = header.broken || sink.len() > before;
    Team { header: Header { broken, ..header }, title: text("title"), lead: text("lead"), members }
}

fn member(written: &Expr) -> Option<Member> {
    match &written.kind {
        ExprKind::Text(address) => Some(Member { address: address.clone(), from: None, until: None }),
        ExprKind::Infix { operator: Infix::From, left, right, .. } => {
            Some(Member { from: Some(date(right)?), ..member(left)? })
        }
        ExprKind::Infix { operator: Infix::Until, left, right, .. } => {
            Some(Member { until: Some(date(right)?), ..member(left)? })
        }
        _ => None,
    }
}

fn date(written: &Expr) -> Option<Date> {
    match &written.kind {
        ExprKind::Date(text) => text.parse().ok(),
        _ => None,
    }
}
