//! The second form of declarations that metrics are made of. Of the declaration itself, its name takes no part.

use super::{Forms, call, one_newline, sorted, text, type_of, words};
use crate::governance::{Exception, ExceptionOf};
use crate::model::{
    Column, ColumnId, CustomerId, Origin, QueryColumn, QueryRows, Segment, Source, SourceId, Survey, Timing, Window,
};
use std::collections::BTreeSet;

impl Forms<'_> {
    /// The name of a source and where its rows are.
    pub(super) fn place(&self, id: SourceId) -> String {
        let source = self.model.source(id);
        let (name, origin) = (text(&source.header.name), self.origin(source));
        self.form.sealed(&format!("source({name},{origin}{})", self.kept[id.index()]))
    }

    /// Which rows no quarantine keeps out, as a part of where the rows are. What the conditions are about is read first,
    /// by itself: whether a row is kept does not depend on which others are.
    pub(super) fn kept_rows(&mut self, id: SourceId) -> String {
        let model = self.model;
        let mut behind = BTreeSet::new();
        for condition in model.source(id).quarantines() {
            condition.for_each_column(&mut |path| {
                behind.extend(path.hops.iter().map(|hop| model.customer(hop.customer).source));
            });
        }
        for source in behind.into_iter().filter(|source| self.columns[source.index()].is_empty()).collect::<Vec<_>>() {
            self.add_place(source);
        }
        let conditions = model.source(id).quarantines().map(|condition| self.condition(Some(condition), Some(id)));
        let conditions: Vec<String> = conditions.filter(|form| !form.is_empty()).collect();
        if conditions.is_empty() { String::new() } else { format!(",{}", call("kept", &sorted(conditions))) }
    }

    /// Where the rows of a source are.
    fn origin(&self, source: &Source) -> String {
        match &source.origin {
            Origin::File { pattern, .. } => format!("file({})", text(pattern)),
            Origin::Table { name, .. } => format!("table({})", text(name)),
            Origin::Query { text: query, reads, columns, rows, whole, .. } => {
                let used = used_columns(columns, rows, whole.is_some());
                let read = reads.iter().map(|(name, id)| {
                    let columns = self.columns[id.index()].iter().zip(&self.model.source(*id).columns);
                    let is_used = |column: &Column| {
                        used.as_ref().is_none_or(|used| {
                            used.iter().any(|(table, known)| {
                                table.eq_ignore_ascii_case(name) && known.eq_ignore_ascii_case(&column.name)
                            })
                        })
                    };
                    let columns = columns.filter(|(_, column)| is_used(column)).map(|(form, _)| form.clone());
                    call(&self.sources[id.index()], &sorted(columns.collect()))
                });
                format!("query({},{})", text(&one_newline(query)), sorted(read.collect()).join(","))
            }
        }
    }

    /// The rows of a source.
    pub(super) fn rows_of(&self, id: SourceId) -> String {
        self.form.sealed(&format!("rows({},{})", self.place(id), self.arrival(self.model.source(id))))
    }

    /// When rows of a source happened, how late they come, and what identifies them.
    fn arrival(&self, source: &Source) -> String {
        let name = |id: &ColumnId| source.columns.get(id.index()).map_or("", |column| column.name.as_str());
        let keys: Vec<&str> = source.key.iter().map(name).collect();
        let time = source.time.and_then(|id| source.columns.get(id.index()));
        let time =
            time.map_or_else(String::new, |time| format!("{}:{}", time.name, type_of(self.model, self.form, &time.ty)));
        let late = words::offset(source.late.unwrap_or_default());
        format!("time({time}),key({}),late({late})", keys.join(","))
    }

    /// All of a source that its rows have: where they are, when they happened, its columns.
    pub(crate) fn of_source(&self, id: SourceId) -> String {
        let source = self.model.source(id);
        let column = |column: &Column| {
            let optional = if column.optional { "?" } else { "" };
            format!("{}:{}{optional}", column.name, type_of(self.model, self.form, &column.ty))
        };
        let columns = sorted(source.columns.iter().map(column).collect());
        let (origin, arrival, kept) = (self.origin(source), self.arrival(source), &self.kept[id.index()]);
        format!("source({origin},{arrival},{}{kept})", call("columns", &columns))
    }

    /// Who is counted, since when and until when, what they have, and whom they belong to.
    pub(crate) fn of_customer(&self, id: CustomerId) -> String {
        let customer = self.model.customer(id);
        let column = |id: &Option<ColumnId>| id.map_or("", |id| self.column(customer.source, id));
        let has = customer.has.iter().map(|attribute| {
            format!("{}:{}", attribute.name, self.condition(Some(&attribute.value), Some(customer.source)))
        });
        let parent = customer.parent.map_or_else(String::new, |(parent, reference)| {
            format!("{}@{}", self.column(customer.source, reference), self.customers[parent.index()])
        });
        let (since, until) = (column(&customer.since), column(&customer.until));
        let has = call("has", &sorted(has.collect()));
        format!("customer({},{since},{until},{has},{parent})", self.customers[id.index()])
    }

    /// Some customers, and which.
    pub(crate) fn of_segment(&self, segment: &Segment) -> String {
        let customer = self.model.customer(segment.customer);
        let which = self.condition(Some(&segment.condition), Some(customer.source));
        format!("segment({},{which})", self.customers[segment.customer.index()])
    }

    /// Who is asked when, where the answers are, and which they are.
    pub(crate) fn of_survey(&self, survey: &Survey) -> String {
        let timing = match survey.timing {
            Timing::Relationship => "relationship".to_owned(),
            Timing::After { offset, source, column } => {
                format!("after({},{})", words::offset(offset), self.column(source, column))
            }
        };
        let rows = |source: SourceId| self.rows.get(source.index()).map_or("", String::as_str);
        let parts = [
            rows(survey.responses).to_owned(),
            survey.invites.map_or("", rows).to_owned(),
            self.customers.get(survey.customer.index()).cloned().unwrap_or_default(),
            timing,
            survey.cooldown.map_or_else(String::new, words::offset),
            self.condition(survey.filter.as_ref(), Some(survey.responses)),
        ];
        call("survey", &parts)
    }

    /// Which rows belong to a period.
    pub(crate) fn of_window(&self, window: &Window) -> String {
        let anchor = window.anchor.as_ref().map_or_else(String::new, |(customer, anchor)| {
            let moment = self.anchor(anchor, self.model.customer(*customer).source);
            format!("{}:{moment}", self.customers[customer.index()])
        });
        format!("window({},{anchor})", words::clock(&window.clock))
    }

    /// Which rows are left out of which metrics, on which days.
    pub(crate) fn of_exception(&self, exception: &Exception) -> String {
        let (of, source) = match exception.of {
            ExceptionOf::Customer(id) => {
                (self.customers.get(id.index()), self.model.customers.get(id.index()).map(|customer| customer.source))
            }
            ExceptionOf::Source(id) => (self.sources.get(id.index()), Some(id)),
            ExceptionOf::Nothing => (None, None),
        };
        let names = exception.metrics.iter().map(|(id, _)| self.model.metric(*id).header.name.to_string());
        let parts = [
            call("metrics", &sorted(names.collect())),
            of.cloned().unwrap_or_default(),
            self.condition(Some(&exception.condition), source),
            exception.covers.map_or_else(String::new, |(first, last)| format!("{first} to {last}")),
        ];
        call("exception", &parts)
    }
}

/// The columns of tables that a query reads; none where it may be any.
fn used_columns<'q>(
    columns: &'q [QueryColumn],
    rows: &'q QueryRows,
    is_whole: bool,
) -> Option<Vec<(&'q str, &'q str)>> {
    if is_whole || columns.is_empty() || !rows.traced || columns.iter().any(|column| !column.traced) {
        return None;
    }
    let read = columns.iter().flat_map(|column| &column.reads).map(|(table, column)| (table.as_str(), column.as_str()));
    Some(read.chain(rows.reads.iter().map(|(_, table, column)| (table.as_str(), column.as_str()))).collect())
}
