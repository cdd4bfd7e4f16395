//! Which rows belong to a period: windows and snapshots.

use super::Reader;
use crate::check::entries::{WRONG_VALUE, as_name};
use crate::check::names::dotted;
use crate::check::{anchor, window};
use crate::model::{CustomerId, SourceId, WindowId};
use crate::schema::Kind;
use crate::time::{Clock, Snapshot};
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Span};
use smol_str::SmolStr;

/// Snapshots of one thing, added up.
pub(crate) static SNAPSHOT_SUMMED: Code = Code::error(
    "time/snapshot-summed",
    "A metric takes the snapshots of a whole window, which would count what stands still once for each.",
);

/// The clock as it is written.
pub(super) struct Timing<'a> {
    pub(super) clock: Clock,
    /// Of an anchored clock.
    pub(super) anchor: Option<Moment<'a>>,
    /// The customer it speaks of.
    pub(super) customer: Option<CustomerId>,
    /// `last per account`: the customer's name.
    per: Option<(SmolStr, Span)>,
    /// Something was wrong with it, and reported.
    pub(super) broken: bool,
}

/// The anchor of a window.
pub(super) enum Moment<'a> {
    Written(&'a Expr),
    Named(WindowId),
}

impl Default for Timing<'_> {
    fn default() -> Self {
        Self { clock: Clock::Event, anchor: None, customer: None, per: None, broken: false }
    }
}

impl<'a> Reader<'a, '_> {
    pub(super) fn timing(&mut self, source: Option<SourceId>) -> Timing<'a> {
        let written = ["window", "snapshot"].map(|key| self.entries.value(key));
        let timing = match written {
            [None, None] => return Timing::default(),
            [Some(window), Some(snapshot)] => {
                self.expressions.sink.push(
                    SNAPSHOT_SUMMED
                        .finding(
                            "what a snapshot shows again and again would be counted once for each time in the window",
                        )
                        .at(snapshot.span, "one snapshot stands for a period")
                        .also(window.span, "rows of many times")
                        .help("take `window:` out, or `snapshot:` if each row is something new"),
                );
                return Timing { broken: true, ..Timing::default() };
            }
            [Some(_), None] => self.window(),
            [None, Some(snapshot)] => self.snapshot(snapshot),
        };
        let (key, span) = match written {
            [Some(window), _] => ("a window", window.span),
            [_, snapshot] => ("a snapshot", snapshot.map_or(self.entries.item.name.span, |snapshot| snapshot.span)),
        };
        if source.is_none() && self.entries.value("from").is_none() && !timing.broken {
            self.expressions.sink.push(
                window::NOT_A_WINDOW
                    .finding(format!(
                        "{key} says which rows belong to a period, and this metric reads no rows of its own"
                    ))
                    .at(span, format!("{key} without rows"))
                    .help(format!(
                        "add `from:`, or put {} on the metrics it is made of",
                        key.replacen("a ", "the ", 1)
                    )),
            );
            return Timing { anchor: None, broken: true, ..timing };
        }
        timing
    }

    fn window(&mut self) -> Timing<'a> {
        let model = self.model;
        let named = |name: &str| model.names.get(Kind::Window, name).map(WindowId);
        match window::read(self.entries.values("window"), &named) {
            Ok(window::Written::Clock(clock)) => Timing { clock, ..Timing::default() },
            Ok(window::Written::Anchored(clock, moment)) => Timing {
                clock,
                anchor: Some(Moment::Written(moment)),
                customer: anchor::customer_of(model, moment),
                ..Timing::default()
            },
            Ok(window::Written::Named(id)) => {
                let declared = &model.windows[id.index()];
                self.broken |= declared.header.broken;
                Timing {
                    clock: declared.clock.clone(),
                    anchor: declared.clock.is_anchored().then_some(Moment::Named(id)),
                    customer: declared.anchor.as_ref().map(|(customer, _)| *customer),
                    broken: declared.header.broken,
                    ..Timing::default()
                }
            }
            Err(finding) => {
                self.expressions.sink.push(finding);
                Timing { broken: true, ..Timing::default() }
            }
        }
    }

    fn snapshot(&mut self, written: &Expr) -> Timing<'a> {
        let (word, per) = match &written.kind {
            ExprKind::Infix { operator: Infix::Per, left, right, .. } => (&**left, Some(&**right)),
            _ => (written, None),
        };
        let word = match &word.kind {
            ExprKind::Path(path) => dotted(path),
            _ => SmolStr::default(),
        };
        let per = per.map(|per| as_name(per).unwrap_or((SmolStr::default(), per.span)));
        let snapshot = match (word.as_str(), &per) {
            ("first", None) => Snapshot::First,
            ("last", None) => Snapshot::Last,
            ("average", None) => Snapshot::Average,
            ("first", Some(_)) => Snapshot::FirstPerCustomer,
            ("last", Some(_)) => Snapshot::LastPerCustomer,
            _ => {
                self.expressions.sink.push(
                    WRONG_VALUE
                        .finding("this does not say which snapshot stands for a period")
                        .at(written.span, "not a snapshot")
                        .help("write `last`, `first`, `average`, `last per account` or `first per account`"),
                );
                return Timing { broken: true, ..Timing::default() };
            }
        };
        let customer = per.as_ref().and_then(|(name, _)| self.model.names.get(Kind::Customer, name)).map(CustomerId);
        Timing { clock: Clock::Snapshot(snapshot), customer, per, ..Timing::default() }
    }

    /// Snapshots are taken of the customers that are counted.
    pub(super) fn snapshot_customer(&mut self, timing: &Timing<'_>, counted: Option<CustomerId>) {
        let Some((name, span)) = &timing.per else { return };
        let model = self.model;
        let known = model.customers.iter().map(|customer| customer.header.name.as_str());
        let sink = &mut self.expressions.sink;
        let Some(id) = crate::check::reference(&model.names, Kind::Customer, name, *span, known, sink) else { return };
        let wanted = CustomerId(id);
        self.broken |= model.customer(wanted).header.broken;
        if counted == Some(wanted) || model.customer(wanted).header.broken || self.broken {
            return;
        }
        let counted = counted.map_or("none".to_owned(), |counted| format!("`{}`", model.customer(counted).header.name));
        self.expressions.sink.push(
            WRONG_VALUE
                .finding(format!("the snapshot is of each `{name}`, and the metric counts {counted}"))
                .at(*span, "another customer")
                .also(self.entries.item.name.span, "the metric is declared here")
                .help(format!("write `customer: {name}`, or `last per` the customer that is counted")),
        );
    }
}
