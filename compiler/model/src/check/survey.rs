//! Surveys: who is asked, when, and where the answers are.

mod metrics;
mod mixing;

use crate::check::declare::Declared;
use crate::check::entries::{Entries, WRONG_VALUE};
use crate::check::expression::{Expressions, Scope};
use crate::check::names::{dotted, listed, nearest};
use crate::check::path::{UNKNOWN_COLUMN, column_named, routes};
use crate::check::source::owner;
use crate::check::window;
use crate::model::{ColumnId, CustomerId, Header, Model, SourceId, Survey, Timing};
use crate::schema::Kind;
use crate::time::Offset;
use crate::types::Base;
use groma_syntax::ast::{Expr, ExprKind, Infix, Name};
use groma_syntax::{Code, Diagnostic, Span};

pub(crate) use metrics::declared_by;
pub(crate) use mixing::{MIXED_TIMING, finish_metric};

/// Answers of nobody.
pub(crate) static NO_CUSTOMER: Code =
    Code::error("survey/no-customer", "The rows of a survey do not say which customer they are of.");
/// A timing that is none.
pub(crate) static NOT_A_TIMING: Code = Code::error("survey/not-a-timing", "A survey does not say when it asks.");
/// Asked twice on a day.
pub(crate) static SHORT_COOLDOWN: Code =
    Code::error("survey/short-cooldown", "A survey may ask the same customer again within a day.");
/// Answers that no score can be computed from.
pub(crate) static NO_SCALE: Code = Code::error("survey/no-scale", "None of a survey's answers is on a scale.");

/// Reads a survey. Sources, customers and segments have been read before.
pub(crate) fn read(model: &Model, declared: &Declared) -> (Survey, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Survey.schema(), &mut sink);
    let mut reader = Reader { model, entries, expressions: Expressions::new(model) };
    let (responses, invites) = (reader.source("responses"), reader.source("invites"));
    let customer = reader.customer();
    for (key, source) in [("responses", responses), ("invites", invites)] {
        reader.must_reach(key, source.zip(customer));
    }
    reader.must_have_scale(responses);
    let timing = reader.timing();
    let cooldown = reader.cooldown();
    let filter = reader.filter(responses, invites);
    let channel = reader.entries.values("channel").iter().filter_map(super::entries::as_name);
    let channel = channel.map(|(word, _)| word).collect();
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&reader.entries, &model.names, teams, &mut sink);
    sink.extend(reader.expressions.sink);
    let is_broken = |source: &Option<SourceId>| source.is_none_or(|id| model.source(id).header.broken);
    let rests_on_broken = is_broken(&responses)
        || customer.is_none_or(|id| model.customer(id).header.broken)
        || reader.entries.mentions("invites") && is_broken(&invites);
    let broken = declared.item.broken || rests_on_broken || !sink.is_empty();
    let survey = Survey {
        header: Header { broken, ..declared.header() },
        owner,
        responses: responses.unwrap_or(SourceId(0)),
        invites,
        customer: customer.unwrap_or(CustomerId(0)),
        timing: timing.unwrap_or(Timing::Relationship),
        channel,
        cooldown,
        filter,
    };
    (survey, sink)
}

struct Reader<'a, 'm> {
    model: &'m Model,
    entries: Entries<'a>,
    expressions: Expressions<'m>,
}

impl Reader<'_, '_> {
    fn source(&mut self, key: &str) -> Option<SourceId> {
        let (name, span) = self.entries.name(key)?;
        let known = self.model.sources.iter().map(|source| source.header.name.as_str());
        super::reference(&self.model.names, Kind::Source, &name, span, known, &mut self.expressions.sink).map(SourceId)
    }

    fn customer(&mut self) -> Option<CustomerId> {
        let (name, span) = self.entries.name("customer")?;
        let known = self.model.customers.iter().map(|customer| customer.header.name.as_str());
        super::reference(&self.model.names, Kind::Customer, &name, span, known, &mut self.expressions.sink)
            .map(CustomerId)
    }

    /// Answers and invitations must be those of somebody who is asked.
    fn must_reach(&mut self, key: &str, both: Option<(SourceId, CustomerId)>) {
        let Some((source, customer)) = both else { return };
        let (rows, asked) = (self.model.source(source), self.model.customer(customer));
        let reached = asked.source == source || !routes(self.model, source, customer).is_empty();
        if reached || rows.header.broken || asked.header.broken {
            return;
        }
        let (rows, name) = (&rows.header, &asked.header.name);
        let span = self.entries.name(key).map_or(self.entries.item.name.span, |(_, span)| span);
        self.expressions.sink.push(
            NO_CUSTOMER
                .finding(format!(
                    "survey `{}` asks customers of kind `{name}`, and nothing links `{}` to one",
                    self.entries.item.name.text, rows.name
                ))
                .at(span, format!("`{}` has no column of type `{name}`", rows.name))
                .also(rows.span, "the source is declared here")
                .help(format!("give the reference its type in `{}`: `…: {name}`", rows.name)),
        );
    }

    fn must_have_scale(&mut self, responses: Option<SourceId>) {
        let Some(source) = responses.map(|id| self.model.source(id)) else { return };
        let has_scale =
            source.columns.iter().any(|column| matches!(column.ty.base, Base::Scale { .. } | Base::Unknown));
        if has_scale || source.header.broken {
            return;
        }
        let span = self.entries.name("responses").map_or(self.entries.item.name.span, |(_, span)| span);
        self.expressions.sink.push(
            NO_SCALE
                .finding(format!(
                    "no column of `{}` is on a scale, so no score can be computed from the answers",
                    source.header.name
                ))
                .at(span, "answers without a scale")
                .also(source.header.span, "the source is declared here")
                .help("give the answers the scale that was asked on: `score: scale(0 to 10), optional`"),
        );
    }

    fn timing(&mut self) -> Option<Timing> {
        let mut written = self.entries.value("timing")?;
        while let ExprKind::Group(inner) = &written.kind {
            written = inner;
        }
        match &written.kind {
            ExprKind::Path(path) if dotted(path) == "relationship" => Some(Timing::Relationship),
            ExprKind::Infix { operator: Infix::After, left, right, .. } => {
                let offset = window::length(left).map_err(|finding| self.expressions.sink.push(finding)).ok();
                let (source, column) = self.moment(right)?;
                Some(Timing::After { offset: offset?, source, column })
            }
            _ => {
                self.not_a_timing(written.span, "this does not say when the survey asks", "neither of the two");
                None
            }
        }
    }

    /// The time that a survey follows: a column of a source, or of the rows of a customer.
    fn moment(&mut self, written: &Expr) -> Option<(SourceId, ColumnId)> {
        let ExprKind::Path(path) = &written.kind else {
            self.not_a_timing(written.span, "a survey asks after the time of something that happened", "no such time");
            return None;
        };
        let (last, first) = path.split_last()?;
        if first.is_empty() {
            self.not_a_timing(
                written.span,
                &format!("`{}` does not say whose time it is", last.text),
                "of which source?",
            );
            return None;
        }
        let source = self.source_of_moment(first)?;
        let column = self.column_of_moment(source, first, last)?;
        let (rows, declared) = (self.model.source(source), self.model.column(source, column));
        if !declared.ty.is_time() {
            let headline = format!("`{}` of `{}` says no time", declared.name, rows.header.name);
            let finding = not_a_timing(written.span, &headline, "neither a date nor an instant");
            self.expressions.sink.push(finding.also(declared.span, "its type is declared here"));
            return None;
        }
        Some((source, column))
    }

    fn source_of_moment(&mut self, path: &[Name]) -> Option<SourceId> {
        let (model, name) = (self.model, dotted(path));
        let customer = || model.names.get(Kind::Customer, &name).map(|id| model.customer(CustomerId(id)));
        match (model.names.get(Kind::Source, &name), customer()) {
            (Some(id), _) => Some(SourceId(id)),
            (None, Some(customer)) => (!customer.header.broken).then_some(customer.source),
            (None, None) => {
                let span = path.iter().map(|name| name.span).reduce(Span::to)?;
                let known = model.sources.iter().map(|source| source.header.name.as_str());
                super::reference(&model.names, Kind::Source, &name, span, known, &mut self.expressions.sink)
                    .map(SourceId)
            }
        }
    }

    fn column_of_moment(&mut self, id: SourceId, of: &[Name], name: &Name) -> Option<ColumnId> {
        let (model, source) = (self.model, self.model.source(id));
        let named = model.names.get(Kind::Customer, &dotted(of)).map(|of| model.customer(CustomerId(of)));
        let role = named.filter(|customer| customer.source == id).and_then(|customer| match name.text.as_str() {
            "since" => customer.since,
            "until" => customer.until,
            _ => None,
        });
        let found = role.or_else(|| column_named(model, id, &name.text).map(|(column, _)| column));
        if found.is_none() && !source.header.broken {
            let columns = source.columns.iter().map(|column| column.name.as_str());
            let help = match nearest(&name.text, columns.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("`{}` has {}", source.header.name, listed(columns)),
            };
            self.expressions.sink.push(
                UNKNOWN_COLUMN
                    .finding(format!("source `{}` has no column `{}`", source.header.name, name.text))
                    .at(name.span, "no such column")
                    .also(source.header.span, "the source is declared here")
                    .help(help),
            );
        }
        found
    }

    fn cooldown(&mut self) -> Option<Offset> {
        let written = self.entries.value("cooldown")?;
        let finding = match (is_part_of_a_day(written), window::length(written)) {
            (false, Ok(length)) if length != Offset::default() => return Some(length),
            (false, Err(finding)) => finding,
            _ => SHORT_COOLDOWN
                .finding(format!(
                    "survey `{}` may ask the same customer twice on a day: its cooldown is less than a day",
                    self.entries.item.name.text
                ))
                .at(written.span, "less than a day")
                .help("write how many days nobody is asked again (`90 days`), or leave `cooldown` out"),
        };
        self.expressions.sink.push(finding);
        None
    }

    fn filter(&mut self, responses: Option<SourceId>, invites: Option<SourceId>) -> Option<crate::row::RowExpr> {
        if let Some(written) = self.entries.value("invites_where") {
            match invites {
                // It is read again with the metric that counts the invitations; what is wrong with it is said here.
                Some(invites) => drop(self.expressions.condition(written, &Scope::of(invites))),
                None if self.entries.mentions("invites") => {}
                None => self.expressions.sink.push(
                    WRONG_VALUE
                        .finding("`invites_where` says which invitations count, and the survey has no `invites`")
                        .at(written.span, "a condition on no rows")
                        .help("name the source of the invitations: `invites: …`, or take this out"),
                ),
            }
        }
        let written = self.entries.value("where")?;
        Some(self.expressions.condition(written, &Scope::of(responses?)))
    }

    fn not_a_timing(&mut self, span: Span, headline: &str, label: &str) {
        self.expressions.sink.push(not_a_timing(span, headline, label));
    }
}

fn not_a_timing(span: Span, headline: &str, label: &str) -> Diagnostic {
    NOT_A_TIMING
        .finding(headline)
        .at(span, label)
        .help("write `relationship`, or what it follows: `2 days after tickets.closed_at`")
}

/// `12 hours`, `30 minutes`.
fn is_part_of_a_day(written: &Expr) -> bool {
    let ExprKind::Quantity { unit, .. } = &written.kind else { return false };
    matches!(unit.text.strip_suffix('s').unwrap_or(&unit.text), "hour" | "minute" | "second")
}
