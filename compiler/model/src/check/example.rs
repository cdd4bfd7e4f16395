//! Examples: what is computed, of which rows, and what must come out.

mod table;
mod value;

use crate::check::declare::Declared;
use crate::check::entries::{Entries, REPEATED_KEY, WRONG_VALUE, as_name, as_text};
use crate::check::names::{listed, nearest};
use crate::example::{Example, TextCell, TextTable};
use crate::model::{Grouping, MetricId, Model, Origin, SourceId};
use crate::schema::Kind;
use crate::time::{Clock, Grain};
use crate::types::Base;
use groma_syntax::ast::{Block, Entry, Expr, ExprKind};
use groma_syntax::{Code, Diagnostic, SourceMap, Span};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeSet;

pub(crate) use table::BAD_TABLE;

/// A metric that is not there.
pub(crate) static UNKNOWN_METRIC: Code =
    Code::error("example/unknown-metric", "An example computes a metric that does not exist.");
/// A source that is not there, or has no rows of its own.
pub(crate) static UNKNOWN_SOURCE: Code =
    Code::error("example/unknown-source", "An example gives rows to what is no source with rows of its own.");
/// A column that is not there.
pub(crate) static UNKNOWN_COLUMN: Code =
    Code::error("example/unknown-column", "A table of an example has a column that its rows cannot have.");
/// A value that cannot be there.
pub(crate) static BAD_VALUE: Code =
    Code::error("example/bad-value", "A table of an example holds a value that its column cannot have.");

/// The confidence of intervals.
const CONFIDENCE: f64 = 0.95;

/// What every answer has beside its groups.
const COLUMNS: [&str; 11] =
    ["metric", "version", "grain", "period", "value", "n", "se", "low", "high", "matured", "status"];

/// What the status of an answer can be.
const STATUSES: [&str; 6] = ["settled", "provisional", "immature", "insufficient", "undefined", "suppressed"];

/// Reads an example. Everything else has been read before.
pub(crate) fn read(model: &Model, declared: &Declared, sources: &SourceMap) -> (Example, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let entries = Entries::read(&declared.item, Kind::Example.schema(), &mut sink);
    let mut reader = Reader { model, sources, entries, sink };
    let metrics = reader.metrics();
    let rests_on_broken = metrics.iter().any(|id| model.metric(*id).header.broken);
    let grain = reader.grain(&metrics);
    let by = reader.groupings(&metrics, rests_on_broken);
    let (from, to) = reader.range();
    let as_of = reader.as_of();
    let wants_intervals =
        reader.entries.value("intervals").is_some_and(|value| matches!(value.kind, ExprKind::Bool(true)));
    let intervals = wants_intervals.then_some(CONFIDENCE);
    let rows = reader.rows();
    let result = reader.table("result");
    let mut example = Example {
        header: declared.header(),
        metrics,
        grain,
        by,
        from,
        to,
        as_of,
        intervals,
        rows,
        result: result.unwrap_or_else(|| TextTable::empty(declared.item.name.span)),
    };
    if !rests_on_broken {
        reader.result(&example);
    }
    example.header.broken |= rests_on_broken || !reader.sink.is_empty();
    (example, reader.sink)
}

struct Reader<'a> {
    model: &'a Model,
    sources: &'a SourceMap,
    entries: Entries<'a>,
    sink: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn metrics(&mut self) -> Vec<MetricId> {
        let mut metrics = Vec::new();
        for written in self.entries.values("metrics") {
            let Some((name, span)) = as_name(written) else { continue };
            match self.model.names.get(Kind::Metric, &name).map(MetricId) {
                Some(id) if metrics.contains(&id) => {}
                Some(id) => {
                    self.foreign_tables(id, span);
                    metrics.push(id);
                }
                None => {
                    let known = self.model.metrics.iter().map(|metric| metric.header.name.as_str());
                    let help = match nearest(&name, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("declare it: `metric {name} {{ … }}`"),
                    };
                    self.sink.push(
                        UNKNOWN_METRIC
                            .finding(format!("there is no metric `{name}`, so nothing is computed"))
                            .at(span, "no such metric")
                            .help(help),
                    );
                }
            }
        }
        metrics
    }

    /// A table that is no source of the project has no rows here, and the project's own are not read.
    fn foreign_tables(&mut self, metric: MetricId, span: Span) {
        let model = self.model;
        let mut open: Vec<SourceId> = model.metric(metric).reads.clone();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            let source = model.source(id);
            let Origin::Query { reads, tables, .. } = &source.origin else { continue };
            if !seen.insert(id) {
                continue;
            }
            open.extend(reads.iter().map(|(_, read)| *read));
            if let Some(table) = tables.first() {
                self.sink.push(
                    UNKNOWN_SOURCE
                        .finding(format!(
                            "the query of `{}` reads `{table}`, which is no source: an example cannot give it rows",
                            source.header.name
                        ))
                        .at(span, "computed from it")
                        .also(source.header.span, "the source is declared here")
                        .help(format!("declare `{table}` as a source, and give it rows here")),
                );
            }
        }
    }

    /// The grain that is said, or the one that all metrics begin with, or the project's.
    fn grain(&self, metrics: &[MetricId]) -> Grain {
        let said = self.entries.name("grain").and_then(|(word, _)| Grain::from_word(&word));
        let firsts: BTreeSet<Option<Grain>> =
            metrics.iter().map(|id| self.model.metric(*id).grains.first().copied()).collect();
        let common = firsts.first().copied().flatten().filter(|_| firsts.len() == 1);
        said.or(common).unwrap_or(self.model.calendar.default_grain)
    }

    fn groupings(&mut self, metrics: &[MetricId], quiet: bool) -> Vec<Grouping> {
        let sources: BTreeSet<SourceId> =
            metrics.iter().flat_map(|id| self.model.metric(*id).sources.iter().copied()).collect();
        let sources: Vec<SourceId> = sources.into_iter().collect();
        if quiet || sources.is_empty() {
            return Vec::new();
        }
        let mut groupings: Vec<Grouping> = Vec::new();
        for written in self.entries.values("by") {
            let parts: Vec<&Expr> = match &written.kind {
                ExprKind::Tuple(parts) => parts.iter().collect(),
                ExprKind::Group(inner) => vec![&**inner],
                _ => vec![written],
            };
            for part in parts {
                match self.model.grouping(part, &sources) {
                    Ok(grouping) if groupings.iter().any(|known| known.name == grouping.name) => {}
                    Ok(grouping) => groupings.push(grouping),
                    Err(found) => self.sink.extend(found),
                }
            }
        }
        groupings
    }

    fn range(&mut self) -> (Option<Date>, Option<Date>) {
        let (from, to) = (self.day("from"), self.day("to"));
        if let (Some(first), Some(last), Some(written)) = (from, to, self.entries.value("to"))
            && last < first
        {
            self.sink.push(
                WRONG_VALUE
                    .finding(format!("the example ends on {last}, before it begins on {first}"))
                    .at(written.span, "before `from`")
                    .help("exchange the two"),
            );
        }
        (from, to)
    }

    fn day(&mut self, key: &str) -> Option<Date> {
        let written = self.entries.value(key)?;
        let ExprKind::Date(text) = &written.kind else { return None };
        let day = text.parse().ok();
        if day.is_none() {
            self.sink.push(no_such_day(written.span, text));
        }
        day
    }

    fn as_of(&mut self) -> Option<DateTime> {
        let written = self.entries.value("as_of")?;
        let Some((text, span)) = as_text(written) else {
            return self.day("as_of").map(|day| day.at(0, 0, 0, 0));
        };
        let moment = text.parse().ok();
        if moment.is_none() {
            self.sink.push(
                WRONG_VALUE
                    .finding(format!("`{text}` is not a time"))
                    .at(span, "not a local time")
                    .help("write a date (`2026-07-01`), or a date and a time of day in quotes: `\"2026-07-01 10:00\"`"),
            );
        }
        moment
    }

    fn rows(&mut self) -> Vec<(SourceId, TextTable)> {
        let mut rows = Vec::new();
        if let Some(block) = self.entries.group("rows") {
            self.rows_of(block, "", &mut rows);
        }
        rows
    }

    /// A source whose name has a dot is written as blocks: `shop { orders: """…""" }`.
    fn rows_of(&mut self, block: &Block, prefix: &str, rows: &mut Vec<(SourceId, TextTable)>) {
        for entry in &block.entries {
            let name = format!("{prefix}{}", entry.key().text);
            match entry {
                Entry::Group { name: None, body, .. } => self.rows_of(body, &format!("{name}."), rows),
                Entry::Value { values, key, .. } if matches!(values.as_slice(), [one] if as_text(one).is_some()) => {
                    let Some(source) = self.source(&name, key.span) else { continue };
                    if let Some((_, first)) = rows.iter().find(|(known, _)| *known == source) {
                        self.sink.push(
                            REPEATED_KEY
                                .finding(format!("the rows of `{name}` are given twice"))
                                .at(key.span, "given again here")
                                .also(first.span, "first given here")
                                .help("write one table with all of them"),
                        );
                        continue;
                    }
                    if let Some(table) = values.first().and_then(|value| self.read_table(value)) {
                        self.source_table(source, &table);
                        rows.push((source, table));
                    }
                }
                _ => self.sink.push(
                    WRONG_VALUE
                        .finding(format!("the rows of `{name}` are no table"))
                        .at(entry.span(), "not a text in quotes")
                        .help("write a header and rows in quotes, with `|` between the cells: `orders: \"\"\"…\"\"\"`"),
                ),
            }
        }
    }

    fn source(&mut self, name: &str, span: Span) -> Option<SourceId> {
        let model = self.model;
        let Some(id) = model.names.get(Kind::Source, name).map(SourceId) else {
            let known = model.sources.iter().map(|source| source.header.name.as_str());
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the project has {}", listed(known)),
            };
            let headline = format!("rows are given to `{name}`, which is no source: nothing would read them");
            self.sink.push(UNKNOWN_SOURCE.finding(headline).at(span, "no such source").help(help));
            return None;
        };
        let source = model.source(id);
        if let Origin::Query { reads, .. } = &source.origin {
            let read = listed(reads.iter().map(|(name, _)| name.as_str()));
            self.sink.push(
                UNKNOWN_SOURCE
                    .finding(format!("`{name}` has no rows of its own: its query computes them"))
                    .at(span, "computed, also in an example")
                    .also(source.header.span, "the source is declared here")
                    .help(format!("give rows to what its query reads: {read}")),
            );
            return None;
        }
        Some(id)
    }

    /// The columns and values of a source's rows.
    fn source_table(&mut self, id: SourceId, table: &TextTable) {
        let (model, source) = (self.model, self.model.source(id));
        for column in &table.columns {
            let Some(declared) = source.columns.iter().find(|known| known.name == column.name) else {
                if !source.header.broken {
                    let known = source.columns.iter().map(|column| column.name.as_str());
                    let headline = format!("source `{}` has no column `{}`", source.header.name, column.name);
                    let also = Some((source.header.span, "the source is declared here"));
                    self.unknown_column(headline, &column.name, column.span, known, also);
                }
                continue;
            };
            for cell in table.column(&column.name) {
                self.value(cell, &column.name, |text| value::fits(model, &declared.ty.base, text));
            }
        }
    }

    fn table(&mut self, key: &str) -> Option<TextTable> {
        let written = self.entries.value(key)?;
        self.read_table(written)
    }

    fn read_table(&mut self, written: &Expr) -> Option<TextTable> {
        let (text, span) = as_text(written)?;
        table::read(text, span, self.sources).map_err(|finding| self.sink.push(*finding)).ok()
    }

    /// The columns and values of what must come out.
    fn result(&mut self, example: &Example) {
        let model = self.model;
        let metrics = || example.metrics.iter().map(|id| model.metric(*id));
        let has_steps = metrics().any(|metric| !metric.steps.is_empty() || matches!(metric.clock, Clock::Curve { .. }));
        for column in &example.result.columns {
            let name = column.name.as_str();
            let grouping = example.by.iter().find(|grouping| grouping.name == name || is_renamed(grouping, name));
            if let Some(grouping) = grouping.filter(|grouping| !COLUMNS.contains(&name) || grouping.name != name) {
                for cell in example.result.column(name) {
                    self.value(cell, name, |text| value::fits(model, &grouping.ty.base, text));
                }
                continue;
            }
            match name {
                "se" | "low" | "high" if example.intervals.is_none() => self.sink.push(
                    UNKNOWN_COLUMN
                        .finding(format!("nothing stands in `{name}` unless intervals are computed"))
                        .at(column.span, "always empty here")
                        .help("add `intervals: true` to the example"),
                ),
                _ if COLUMNS.contains(&name) || name == "step" && has_steps => self.result_column(example, name),
                _ => {
                    let groups = example.by.iter().map(|grouping| grouping.name.as_str());
                    let known: Vec<&str> =
                        COLUMNS.into_iter().chain(groups).chain(has_steps.then_some("step")).collect();
                    let headline = format!("the answer has no column `{name}`");
                    self.unknown_column(headline, name, column.span, known.into_iter(), None);
                }
            }
        }
    }

    fn result_column(&mut self, example: &Example, name: &str) {
        let (model, grain) = (self.model, example.grain);
        let one_of = |known: Vec<&str>, text: &str| match known.contains(&text) {
            true => None,
            false => Some(format!("one of {}", listed(known))),
        };
        for cell in example.result.column(name) {
            self.value(cell, name, |text| match name {
                "metric" => {
                    let names = example.metrics.iter().map(|id| model.metric(*id).header.name.as_str());
                    one_of(names.collect(), text)
                }
                "grain" => one_of(vec![grain.word()], text),
                "status" => one_of(STATUSES.to_vec(), text),
                "period" => not_a_period(model, grain, text),
                "step" => None,
                "n" | "version" => value::fits(model, &Base::Int, text),
                _ => value::fits(model, &Base::Real, text),
            });
        }
    }

    /// Reports a cell whose text is none of what its column can hold, which `misfit` says then.
    fn value(&mut self, cell: &TextCell, column: &str, misfit: impl FnOnce(&str) -> Option<String>) {
        let Some(text) = &cell.text else { return };
        if let Some(expected) = misfit(text) {
            self.sink.push(
                BAD_VALUE
                    .finding(format!("`{text}` in column `{column}` is not {expected}"))
                    .at(cell.span, "cannot be there")
                    .help("correct the value, or leave the cell empty for null"),
            );
        }
    }

    fn unknown_column<'n>(
        &mut self,
        headline: String,
        name: &str,
        span: Span,
        known: impl Iterator<Item = &'n str> + Clone,
        also: Option<(Span, &str)>,
    ) {
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", listed(known)),
        };
        let mut finding = UNKNOWN_COLUMN.finding(headline).at(span, "no such column").help(help);
        if let Some((span, text)) = also {
            finding = finding.also(span, text);
        }
        self.sink.push(finding);
    }
}

/// A group column that is called like a column of every answer has another name there.
fn is_renamed(grouping: &Grouping, name: &str) -> bool {
    COLUMNS.contains(&grouping.name.as_str()) && name.strip_prefix("by ") == Some(grouping.name.as_str())
}

fn not_a_period(model: &Model, grain: Grain, text: &str) -> Option<String> {
    let word = grain.word().replace('_', " ");
    let Ok(day) = text.parse::<Date>() else { return Some(format!("the first day of a {word}")) };
    let start = model.calendar.start(grain, day);
    (start != day).then(|| format!("the first day of a {word}; that {word} begins on {start}"))
}

fn no_such_day(span: Span, text: &str) -> Diagnostic {
    WRONG_VALUE
        .finding(format!("there is no day {text}"))
        .at(span, "not a day")
        .help("write a date such as `2026-07-01`")
}
