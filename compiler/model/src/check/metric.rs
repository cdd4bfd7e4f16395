//! Metrics: the clock, the rows, the measure, the groupings.

use crate::check::declare::Declared;
use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::expression::{Expressions, Scope};
use crate::check::path::{direct_or_all, own_customers, routes};
use crate::check::source::owner;
use crate::check::typing::{MISMATCH, UNIT_MISMATCH};
use crate::check::{column_type, window};
use crate::measure::{Measure, MeasureKind};
use crate::model::{CustomerId, Grouping, Header, Metric, Model, SourceId, Status, WindowId};
use crate::row::{Binary, RowExpr, RowKind};
use crate::schema::Kind;
use crate::time::{Clock, Grain};
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::ast::{Entry, Expr, ExprKind};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// Rows that belong to no period.
pub(crate) static NO_TIME: Code =
    Code::error("time/no-time", "A metric counts rows of a source that does not say when they happened.");
/// A customer that is not obvious.
pub(crate) static AMBIGUOUS_CUSTOMER: Code =
    Code::error("name/ambiguous-customer", "A metric does not say which of several customers it counts.");
/// Rows that are named and not read.
pub(crate) static UNUSED_ROWS: Code =
    Code::error("level/unused-rows", "A metric names a source and its measure reads no row of it.");
/// A measure of nothing.
pub(crate) static NOTHING_COUNTED: Code =
    Code::error("level/nothing-counted", "A measure is a constant: it counts nothing.");
/// A measure that is no number.
pub(crate) static NOT_A_NUMBER: Code =
    Code::error("type/not-a-number", "A measure gives something that is not a number.");
/// A column that nobody may group by.
pub(crate) static NOT_GROUPABLE: Code =
    Code::error("sensitivity/not-groupable", "A metric is grouped by a column that must not appear in answers.");

/// Reads a metric. Everything it is built from has been read before.
pub(crate) fn read(model: &Model, declared: &Declared) -> (Metric, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Metric.schema(), &mut sink);
    let mut reader = Reader { model, entries, expressions: Expressions::new(model), broken: declared.item.broken };
    let source = reader.source();
    let clock = reader.clock(source);
    let customer = reader.customer(source);
    let filter = reader.filter(source, customer);
    let measure = reader.measure(source);
    let sources = reader.expressions.sources_of(&measure, source);
    let unit = reader.unit(&measure);
    let by = reader.groupings(source, &sources);
    let grains = reader.grains();
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&reader.entries, &model.names, teams, &mut sink);
    let word = |key: &str| reader.entries.name(key).map(|(word, _)| word);
    let (kind, better) = (word("kind"), word("better"));
    let status = status(word("status").as_deref());
    let tags = reader.entries.values("tags").iter().filter_map(|tag| as_name(tag).map(|(tag, _)| tag)).collect();
    let labels = labels(&reader.entries, &mut sink);
    let broken = reader.broken;
    sink.extend(reader.expressions.sink);
    let header = Header { broken: broken || !sink.is_empty(), ..declared.header() };
    let metric = Metric {
        header,
        owner,
        customer,
        source,
        clock,
        filter,
        measure,
        sources,
        by,
        grains,
        unit,
        kind,
        better,
        status,
        labels,
        tags,
    };
    (metric, sink)
}

/// The grouping that a path means, over each of several sources.
pub(crate) fn grouping(expressions: &mut Expressions<'_>, path: &Expr, sources: &[SourceId]) -> Option<Grouping> {
    let Some((name, span)) = as_name(path) else {
        expressions.sink.push(
            WRONG_VALUE
                .finding("a metric is grouped by columns")
                .at(path.span, "not a path to a column")
                .help("write a path such as `account.region`, or give a condition a name with a `segment`"),
        );
        return None;
    };
    let before = expressions.sink.len();
    let mut values: Vec<(SourceId, RowExpr)> = Vec::with_capacity(sources.len());
    for source in sources {
        let value = expressions.row(path, &Scope::of(*source));
        if expressions.sink.len() > before {
            return None;
        }
        values.push((*source, value));
    }
    let ty = values.first().map(|(_, value)| value.ty.clone()).unwrap_or_default();
    let checked = values.iter().all(|(_, value)| may_group(expressions, &name, value, span));
    (checked && !values.is_empty()).then_some(Grouping { name, span, ty, values })
}

struct Reader<'a, 'm> {
    model: &'m Model,
    entries: Entries<'a>,
    expressions: Expressions<'m>,
    broken: bool,
}

impl Reader<'_, '_> {
    fn source(&mut self) -> Option<SourceId> {
        let (name, span) = self.entries.name("from")?;
        let known = self.model.sources.iter().map(|source| source.header.name.as_str());
        let found = super::reference(&self.model.names, Kind::Source, &name, span, known, &mut self.expressions.sink);
        self.broken |= found.is_none();
        let id = SourceId(found?);
        let source = self.model.source(id);
        self.broken |= source.header.broken;
        if source.time.is_none() && !source.header.broken {
            self.expressions.sink.push(
                NO_TIME
                    .finding(format!(
                        "the rows of `{name}` belong to no period: the source does not say when they happened"
                    ))
                    .at(span, "a source without `time`")
                    .also(source.header.span, "the source is declared here")
                    .help(format!("add `time:` with a date or an instant to source `{name}`")),
            );
        }
        Some(id)
    }

    fn clock(&mut self, source: Option<SourceId>) -> Clock {
        let Some(written) = self.entries.value("window") else { return Clock::Event };
        let model = self.model;
        let named = |name: &str| model.names.get(Kind::Window, name).map(WindowId);
        let clock = match window::read(written, &named) {
            Ok(window::Written::Clock(clock)) => clock,
            Ok(window::Written::Named(id)) => {
                self.broken |= model.windows[id.index()].header.broken;
                model.windows[id.index()].clock.clone()
            }
            Err(finding) => {
                self.expressions.sink.push(finding);
                return Clock::Event;
            }
        };
        if source.is_none() && self.entries.value("from").is_none() {
            self.expressions.sink.push(
                window::NOT_A_WINDOW
                    .finding("a window says which rows belong to a period, and this metric reads no rows of its own")
                    .at(written.span, "a window without rows")
                    .help("add `from:`, or put the window on the metrics it is made of"),
            );
        }
        clock
    }

    /// Who is counted: what is said, else what is obvious from the source.
    fn customer(&mut self, source: Option<SourceId>) -> Option<CustomerId> {
        if let Some((name, span)) = self.entries.name("customer") {
            let known = self.model.customers.iter().map(|customer| customer.header.name.as_str());
            let found =
                super::reference(&self.model.names, Kind::Customer, &name, span, known, &mut self.expressions.sink);
            self.broken |= found.is_none();
            let found = found.map(CustomerId);
            if let (Some(source), Some(customer)) = (source, found) {
                self.must_reach(source, customer);
            }
            return found;
        }
        let source = source?;
        let own = own_customers(self.model, source).next();
        if own.is_some() {
            return own;
        }
        let mut referred: Vec<CustomerId> = self
            .model
            .source(source)
            .columns
            .iter()
            .filter_map(|column| match column.ty.base {
                Base::Customer(id) => Some(id),
                _ => None,
            })
            .collect();
        referred.sort_unstable();
        referred.dedup();
        match referred.as_slice() {
            [only] => Some(*only),
            [first, second, ..] if referred.iter().any(|id| self.model.customer(*id).filter.is_some()) => {
                let name = |id: &CustomerId| self.model.customer(*id).header.name.clone();
                let (first, second) = (name(first), name(second));
                self.expressions.sink.push(
                    AMBIGUOUS_CUSTOMER
                        .finding(format!(
                            "a row of `{}` refers to `{first}` and to `{second}`",
                            self.model.source(source).header.name
                        ))
                        .at(self.entries.item.name.span, "which of them is counted?")
                        .help(format!("add `customer: {first}` or `customer: {second}`")),
                );
                None
            }
            _ => None,
        }
    }

    /// The rows that count: those that pass `where`, of customers that are some.
    fn filter(&mut self, source: Option<SourceId>, customer: Option<CustomerId>) -> Option<RowExpr> {
        let source = source?;
        let own =
            self.entries.value("where").map(|condition| self.expressions.condition(condition, &Scope::of(source)));
        match (own, customer.and_then(|customer| self.customer_filter(source, customer))) {
            (Some(own), Some(theirs)) => {
                let span = own.span;
                let (left, right) = (Box::new(own), Box::new(theirs));
                let kind = RowKind::Binary { operator: Binary::And, left, right };
                Some(RowExpr { kind, ty: Type::plain(Base::Bool), span })
            }
            (own, theirs) => own.or(theirs),
        }
    }

    fn customer_filter(&mut self, source: SourceId, customer: CustomerId) -> Option<RowExpr> {
        let declared = self.model.customer(customer);
        self.broken |= declared.header.broken;
        let filter = declared.filter.as_ref()?;
        if declared.source == source {
            return Some(filter.clone());
        }
        match direct_or_all(routes(self.model, source, customer)).as_slice() {
            [only] => Some(filter.reached_through(only)),
            // Said where the customer is read.
            [] => None,
            [first, second, ..] => {
                let column = |route: &Vec<crate::row::Hop>| {
                    route.first().map_or("", |hop| self.model.column(source, hop.column).name.as_str())
                };
                let headline = format!(
                    "`{}` is referred to by `{}` and by `{}`",
                    declared.header.name,
                    column(first),
                    column(second)
                );
                self.expressions.sink.push(
                    AMBIGUOUS_CUSTOMER
                        .finding(headline)
                        .at(self.entries.item.name.span, "which reference says who is counted?")
                        .help(
                            "keep the customer's type for one of the columns, and give the other the type of its key",
                        ),
                );
                None
            }
        }
    }

    /// A customer that is named must be one that the rows refer to.
    fn must_reach(&mut self, source: SourceId, customer: CustomerId) {
        let declared = self.model.customer(customer);
        let name = &declared.header.name;
        let rows = &self.model.source(source).header;
        let reached = declared.source == source || !routes(self.model, source, customer).is_empty();
        if reached || declared.header.broken || rows.broken {
            return;
        }
        let span = self.entries.name("customer").map_or(self.entries.item.name.span, |(_, span)| span);
        self.expressions.sink.push(
            super::path::UNREACHABLE
                .finding(format!("nothing links `{}` to customer `{name}`", rows.name))
                .at(span, format!("`{}` has no column of type `{name}`", rows.name))
                .also(rows.span, "the source is declared here")
                .help(format!("give the reference its type in `{}`: `…: {name}`", rows.name)),
        );
    }

    fn measure(&mut self, source: Option<SourceId>) -> Measure {
        let Some(written) = self.entries.value("measure") else {
            self.broken = true;
            return Measure::unknown(self.entries.item.name.span);
        };
        // A source that is named and does not exist was reported: its columns must not be reported too.
        if self.entries.unfinished || (source.is_none() && (self.entries.mentions("from") || self.entries.item.broken))
        {
            self.broken = true;
            return Measure::unknown(written.span);
        }
        let mut measure = self.expressions.measure(written, &Scope::measure(source));
        if source.is_some() {
            self.unused_rows(&measure);
        }
        let condition = self.entries.value("where").filter(|_| source.is_none());
        if let Some(condition) = condition {
            let sources = self.expressions.sources_of(&measure, None);
            let filter = self.expressions.filter(condition, &sources, &Scope::measure(None)).unwrap_or_default();
            let (ty, span) = (measure.ty.clone(), measure.span);
            measure =
                Measure { kind: MeasureKind::Scoped { inner: Box::new(measure), filter, offset: None }, ty, span };
        }
        self.broken |= self.rests_on_broken(&measure);
        if !Expressions::counts(&measure) {
            self.expressions.sink.push(
                NOTHING_COUNTED
                    .finding("this measure is the same in every period: it counts nothing")
                    .at(written.span, "a constant")
                    .help("aggregate rows (`count()`, `sum(amount)`) or combine metrics"),
            );
        } else if !measure.ty.is_number() && !measure.ty.is_bool() {
            let what = self.expressions.describe(&measure.ty);
            self.expressions.sink.push(
                NOT_A_NUMBER
                    .finding(format!("a metric is a number, and this measure is {what}"))
                    .at(written.span, what)
                    .help("count values (`count(distinct …)`) or aggregate a number"),
            );
        }
        measure
    }

    /// A metric that names rows must read them: else its `where` and `window` would do nothing.
    fn unused_rows(&mut self, measure: &Measure) {
        let mut metrics = false;
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Aggregate(_) | MeasureKind::Unknown => return,
                MeasureKind::Metric(_) => metrics = true,
                _ => open.extend(measure.children()),
            }
        }
        if let (true, Some((name, span))) = (metrics, self.entries.name("from")) {
            self.expressions.sink.push(
                UNUSED_ROWS
                    .finding(format!(
                        "the measure reads no rows of `{name}`, so `from`, `where` and `window` would do nothing"
                    ))
                    .at(span, "these rows are not used")
                    .also(measure.span, "made of other metrics only")
                    .help("take `from:` out; without it, `where:` filters the metrics it is made of"),
            );
        }
    }

    fn rests_on_broken(&self, measure: &Measure) -> bool {
        let mut open = vec![measure];
        while let Some(measure) = open.pop() {
            match &measure.kind {
                MeasureKind::Unknown => return true,
                MeasureKind::Aggregate(call) if call.argument.iter().chain(&call.filter).any(RowExpr::has_unknown) => {
                    return true;
                }
                MeasureKind::Metric(id) if self.model.metric(*id).header.broken => return true,
                _ => open.extend(measure.children()),
            }
        }
        false
    }

    fn unit(&mut self, measure: &Measure) -> Unit {
        let own = match &measure.ty.unit {
            Unit::Any => Unit::None,
            unit => unit.clone(),
        };
        let Some(written) = self.entries.value("unit") else { return own };
        match column_type::unit(written) {
            Ok(unit) if own.may_be(&unit) => unit,
            Ok(unit) => {
                self.expressions.sink.push(
                    UNIT_MISMATCH
                        .finding(format!("the metric says {unit}, and its measure is in {own}"))
                        .at(written.span, format!("says {unit}"))
                        .also(measure.span, format!("is in {own}"))
                        .help(format!("write `unit: {own}` or leave the unit out")),
                );
                own
            }
            Err(finding) => {
                self.expressions.sink.push(finding);
                own
            }
        }
    }

    fn groupings(&mut self, source: Option<SourceId>, sources: &[SourceId]) -> Vec<Vec<Grouping>> {
        // A measure that was reported reads nothing; its own rows can still be grouped.
        let own: Vec<SourceId> = source.into_iter().filter(|id| !self.model.source(*id).header.broken).collect();
        let sources = if sources.is_empty() { &own } else { sources };
        if sources.is_empty() {
            return Vec::new();
        }
        let written = self.entries.values("by");
        let mut groupings = Vec::with_capacity(written.len());
        for expr in written {
            let parts: Vec<&Expr> = match &expr.kind {
                ExprKind::Tuple(parts) => parts.iter().collect(),
                ExprKind::Group(inner) => vec![&**inner],
                _ => vec![expr],
            };
            let read: Vec<Grouping> =
                parts.iter().filter_map(|part| grouping(&mut self.expressions, part, sources)).collect();
            if read.len() == parts.len() {
                groupings.push(read);
            }
        }
        groupings
    }

    fn grains(&mut self) -> Vec<Grain> {
        let mut grains = Vec::new();
        for written in self.entries.values("grain") {
            let Some((word, span)) = as_name(written) else { continue };
            match Grain::from_word(&word) {
                Some(grain) => grains.push(grain),
                None => self.expressions.sink.push(unknown_grain(&word, span)),
            }
        }
        if grains.is_empty() {
            grains.push(self.model.calendar.default_grain);
        }
        grains.sort_unstable();
        grains.dedup();
        grains
    }
}

fn unknown_grain(word: &str, span: Span) -> Diagnostic {
    let known = crate::time::GRAINS.map(|(word, _)| word);
    let help = match super::names::nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a grain is one of {}", super::names::listed(known)),
    };
    WRONG_VALUE.finding(format!("there is no grain `{word}`")).at(span, "not a grain").help(help)
}

/// Whether values may stand in answers as the name of a group.
fn may_group(expressions: &mut Expressions<'_>, name: &str, value: &RowExpr, span: Span) -> bool {
    let model = expressions.model;
    let sensitive = |source, column| model.column(source, column).sensitivity > crate::model::Sensitivity::Internal;
    let personal = match (&value.kind, &value.ty.base) {
        (RowKind::Column(path), Base::Customer(id)) => {
            let customer = model.customer(*id);
            sensitive(path.source, path.column) || sensitive(customer.source, customer.key)
        }
        (RowKind::Column(path), _) => sensitive(path.source, path.column),
        _ => false,
    };
    let finding = match &value.ty.base {
        Base::Verbatim => NOT_GROUPABLE
            .finding(format!("`{name}` is what people wrote in their own words: it must not appear in answers"))
            .help("group by a column that names a category"),
        _ if personal => NOT_GROUPABLE
            .finding(format!("`{name}` is about a person: it must not appear in answers"))
            .help("group by something coarser, or count: `count(distinct …)`"),
        Base::Real | Base::Instant { .. } => MISMATCH
            .finding(format!(
                "`{name}` is {}: nearly every row would be a group of its own",
                expressions.describe(&value.ty)
            ))
            .help("group by a text, a whole number, a date or a truth value; make a `segment` for a range"),
        _ => return true,
    };
    expressions.sink.push(finding.at(span, "grouped by this"));
    false
}

fn status(word: Option<&str>) -> Status {
    match word {
        Some("draft") => Status::Draft,
        Some("deprecated") => Status::Deprecated,
        Some("retired") => Status::Retired,
        _ => Status::Active,
    }
}

fn labels(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Vec<(SmolStr, String)> {
    let mut labels = Vec::new();
    for entry in entries.group("label").map_or(&[][..], |block| &block.entries) {
        match entry {
            Entry::Value { key, values, .. } if matches!(values.as_slice(), [Expr { kind: ExprKind::Text(_), .. }]) => {
                if let Some(Expr { kind: ExprKind::Text(text), .. }) = values.first() {
                    labels.push((key.text.clone(), text.clone()));
                }
            }
            _ => sink.push(
                WRONG_VALUE
                    .finding("a label is a text for a language")
                    .at(entry.span(), "cannot be read")
                    .help("write it like `fr: \"Chiffre d’affaires\"`"),
            ),
        }
    }
    labels
}
