//! The rows of a source: one step that reads its table once, joins the customers it refers to, and keeps only the columns
//! that something needs.

use crate::aggregate::ValueColumns;
use crate::draft::{Draft, Shift, select};
use crate::lower::{Columns, Lowering, value_type};
use crate::names::{Names, word};
use crate::relation::{
    Binary, DatePart, Expr, From, Function, Join, JoinKind, Literal, Output, Relation, Select, Table, ValueType,
};
use crate::text::hops_text;
use crate::typed::Typed;
use crate::zone::{self, Years, Zones};
use groma_model::row::{ColumnPath, Each, Hop, RowExpr};
use groma_model::types::{Base, Type};
use groma_model::{ColumnId, Customer, CustomerId, Model, SmolStr, SourceId};
use std::collections::BTreeMap;

/// The rows of one source, while it becomes known what is needed of them.
pub(crate) struct Rows<'a> {
    model: &'a Model,
    zones: &'a Zones,
    source: SourceId,
    /// Of the source's own row.
    alias: String,
    from: Table,
    from_alias: String,
    joins: Vec<Join>,
    aliases: Names,
    reached: BTreeMap<Vec<Hop>, String>,
    local: BTreeMap<ColumnPath, Expr>,
    outputs: Vec<Output>,
    columns: Names,
    inputs: BTreeMap<(ColumnPath, Form), String>,
    /// The years whose transitions matter for the source's own time.
    years: Years,
    /// The name under which a later step reads this one, where that step reads others beside it.
    reader: Option<String>,
    /// What the metric at hand gives each customer.
    pub(crate) values: Option<ValueColumns>,
    /// Where the rows are those of a step that holds the key of the source's rows: that key, until the source is joined.
    own_key: Option<(Expr, ColumnId)>,
}

/// Which of an instant's two wall clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Stored,
    Local,
}

/// Expressions that stand in the step itself.
struct Inside<'b, 'a, 'd> {
    rows: &'b mut Rows<'a>,
    draft: &'b mut Draft<'d>,
}

/// Expressions that stand in a later step, over the columns of this one.
struct Outside<'b, 'a, 'd>(Inside<'b, 'a, 'd>);

impl Columns for Inside<'_, '_, '_> {
    fn stored(&mut self, path: &ColumnPath) -> Expr {
        self.rows.stored(self.draft, path)
    }

    fn local(&mut self, path: &ColumnPath) -> Expr {
        self.rows.local(self.draft, path)
    }

    fn each(&mut self, each: Each) -> Typed {
        self.rows.values.as_ref().map_or_else(Typed::null, |values| values.read(each))
    }
}

impl Columns for Outside<'_, '_, '_> {
    fn stored(&mut self, path: &ColumnPath) -> Expr {
        self.0.rows.input(self.0.draft, path, Form::Stored)
    }

    fn local(&mut self, path: &ColumnPath) -> Expr {
        self.0.rows.input(self.0.draft, path, Form::Local)
    }

    fn each(&mut self, each: Each) -> Typed {
        self.0.each(each)
    }
}

impl<'a> Rows<'a> {
    /// The rows of a source, with nothing needed yet.
    pub(crate) fn new(draft: &mut Draft<'a>, source: SourceId, years: Years, reader: Option<String>) -> Self {
        let from = draft.source_table(source);
        Self::read_from(draft, (source, from), years, reader)
    }

    /// The rows of a source as a table has them, with nothing needed yet.
    pub(crate) fn over(draft: &Draft<'a>, source: SourceId, from: Table) -> Self {
        Self::read_from(draft, (source, from), Years::all(), None)
    }

    fn read_from(draft: &Draft<'a>, (source, from): (SourceId, Table), years: Years, reader: Option<String>) -> Self {
        let model = draft.model;
        let mut aliases = Names::of_steps();
        let alias = aliases.take(&word(&model.source(source).header.name));
        Self {
            model,
            zones: draft.zones,
            source,
            from_alias: alias.clone(),
            alias,
            from,
            joins: Vec::new(),
            aliases,
            reached: BTreeMap::new(),
            local: BTreeMap::new(),
            outputs: Vec::new(),
            columns: Names::of_columns(),
            inputs: BTreeMap::new(),
            years,
            reader,
            values: None,
            own_key: None,
        }
    }

    /// The rows of a step, each with the row of a customer's source that has its key; that one is joined when it is needed.
    pub(crate) fn of_customers(draft: &mut Draft<'a>, customer: CustomerId, step: &str, key: Expr) -> Self {
        let Customer { source, key: column, .. } = *draft.model.customer(customer);
        let mut rows = Self::new(draft, source, Years::all(), None);
        rows.aliases.reserve(step);
        rows.alias = if rows.alias == step { rows.aliases.take(&rows.alias) } else { rows.alias };
        rows.from = Table::Step(step.to_owned());
        rows.from_alias = step.to_owned();
        rows.own_key = Some((key, column));
        rows
    }

    /// Adds a join that nothing here makes by itself.
    pub(crate) fn join(&mut self, join: Join) {
        self.aliases.reserve(&join.alias);
        self.joins.push(join);
    }

    /// Adds a column that is computed here; returns its name.
    pub(crate) fn output(&mut self, wanted: &str, expr: Expr) -> String {
        let name = self.columns.take_whole(wanted);
        self.outputs.push(expr.named(name.clone()));
        name
    }

    /// An expression that stands in this step.
    pub(crate) fn inside(&mut self, draft: &mut Draft<'_>, expr: &RowExpr) -> Typed {
        let (model, zones) = (self.model, self.zones);
        Lowering { model, zones, columns: &mut Inside { rows: self, draft } }.value(expr)
    }

    /// An expression that stands in this step; an instant column as it is stored.
    pub(crate) fn inside_stored(&mut self, draft: &mut Draft<'_>, expr: &RowExpr) -> Typed {
        let (model, zones) = (self.model, self.zones);
        Lowering { model, zones, columns: &mut Inside { rows: self, draft } }.counted(expr)
    }

    /// An expression over the columns of this step, for a later one.
    pub(crate) fn outside(&mut self, draft: &mut Draft<'_>, expr: &RowExpr) -> Typed {
        let (model, zones) = (self.model, self.zones);
        Lowering { model, zones, columns: &mut Outside(Inside { rows: self, draft }) }.value(expr)
    }

    /// Like [`Rows::outside`], for an expression whose values are only counted.
    pub(crate) fn counted(&mut self, draft: &mut Draft<'_>, expr: &RowExpr) -> Typed {
        let (model, zones) = (self.model, self.zones);
        Lowering { model, zones, columns: &mut Outside(Inside { rows: self, draft }) }.counted(expr)
    }

    /// A column of the source itself as it is stored, for a later step.
    pub(crate) fn own_column(&mut self, draft: &mut Draft<'_>, column: ColumnId) -> Expr {
        let path = self.path(column);
        self.input(draft, &path, Form::Stored)
    }

    /// When a row happened, as it is stored. None without a time column.
    pub(crate) fn stored_time(&mut self, draft: &mut Draft<'_>) -> Option<(Expr, Type)> {
        let column = self.model.source(self.source).time?;
        let path = self.path(column);
        Some((self.stored(draft, &path), self.model.column(self.source, column).ty.clone()))
    }

    /// When a row happened in local time: a date or a timestamp. None without a time column.
    pub(crate) fn moment(&mut self, draft: &mut Draft<'_>) -> Option<Typed> {
        let column = self.model.source(self.source).time?;
        let path = self.path(column);
        let years = self.years;
        match &self.model.column(self.source, column).ty.base {
            Base::Instant { .. } => Some(Typed::new(self.local_within(draft, &path, years), ValueType::Timestamp)),
            _ => Some(Typed::new(self.stored(draft, &path), ValueType::Date)),
        }
    }

    /// A column as it is stored, for this step.
    pub(crate) fn column(&mut self, draft: &mut Draft<'_>, path: &ColumnPath) -> Expr {
        self.stored(draft, path)
    }

    /// The value of a column of the source's own row; of an instant the local time.
    pub(crate) fn own_value(&mut self, draft: &mut Draft<'_>, column: ColumnId) -> Typed {
        let (source, path) = (self.source, self.path(column));
        let ty = &self.model.column(source, column).ty;
        let expr = self.local(draft, &path);
        Typed { expr, ty: value_type(self.model, ty) }
    }

    /// The key of the source's own row, joined if it is not yet.
    pub(crate) fn known_key(&mut self, draft: &mut Draft<'_>, column: ColumnId) -> Expr {
        let alias = self.own(draft);
        Expr::column(&alias, &self.model.column(self.source, column).name)
    }

    /// The local day on which a row happened.
    pub(crate) fn day(&mut self, draft: &mut Draft<'_>) -> Expr {
        let Some(column) = self.model.source(self.source).time else {
            return Expr::Literal(Literal::Null(ValueType::Date));
        };
        let path = self.path(column);
        match &self.model.column(self.source, column).ty.base {
            Base::Instant { zone } if *zone == self.model.calendar.zone => {
                Expr::call(Function::DateOf, vec![self.stored(draft, &path)])
            }
            Base::Instant { .. } => {
                let years = self.years;
                Expr::call(Function::DateOf, vec![self.local_within(draft, &path, years)])
            }
            _ => self.stored(draft, &path),
        }
    }

    /// The finished step, with the source's own columns under their own names.
    pub(crate) fn finish_whole(mut self, filter: Option<Expr>) -> Relation {
        let columns = self.model.source(self.source).columns.iter();
        self.outputs =
            columns.map(|column| Expr::column(&self.alias, &column.name).named(column.name.to_string())).collect();
        self.finish(filter)
    }

    /// The finished step.
    pub(crate) fn finish(self, filter: Option<Expr>) -> Relation {
        // A step has at least one column, also where rows are only counted.
        let mut columns = self.outputs;
        if columns.is_empty() {
            columns.push(Expr::int(1).named("row"));
        }
        let from = Some(From { table: self.from, alias: self.from_alias });
        select(Select { columns, from, joins: self.joins, filter, ..Select::default() })
    }

    /// The alias of the source's own row, joined if it is not yet.
    fn own(&mut self, draft: &mut Draft<'_>) -> String {
        if let Some((key, column)) = self.own_key.take() {
            let table = draft.source_table(self.source);
            let name = &self.model.column(self.source, column).name;
            let on = Some(Expr::binary(Binary::Equal, Expr::column(&self.alias, name), key));
            self.joins.push(Join { kind: JoinKind::Left, table, alias: self.alias.clone(), on });
        }
        self.alias.clone()
    }

    fn path(&self, column: ColumnId) -> ColumnPath {
        ColumnPath { hops: Vec::new(), source: self.source, column }
    }

    fn stored(&mut self, draft: &mut Draft<'_>, path: &ColumnPath) -> Expr {
        let alias = self.reach(draft, &path.hops);
        Expr::column(&alias, &self.model.column(path.source, path.column).name)
    }

    fn local(&mut self, draft: &mut Draft<'_>, path: &ColumnPath) -> Expr {
        let is_time = path.hops.is_empty() && self.model.source(self.source).time == Some(path.column);
        let years = if is_time { self.years } else { Years::all() };
        self.local_within(draft, path, years)
    }

    fn local_within(&mut self, draft: &mut Draft<'_>, path: &ColumnPath, years: Years) -> Expr {
        let stored = self.stored(draft, path);
        let Base::Instant { zone } = &self.model.column(path.source, path.column).ty.base else { return stored };
        if *zone == self.model.calendar.zone {
            return stored;
        }
        if let Some(known) = self.local.get(path) {
            return known.clone();
        }
        let shift = match draft.shift(zone, years) {
            Shift::Constant(seconds) => Expr::int(seconds),
            Shift::Step(step, years) => self.join_zone(&step, years, zone, &stored),
            Shift::Unknown => Expr::Literal(Literal::Null(ValueType::Int)),
        };
        let local = Expr::call(Function::AddSeconds, vec![stored, shift]);
        self.local.insert(path.clone(), local.clone());
        local
    }

    /// Joins the step of a zone's transitions by the year of a stored wall clock; returns the shift.
    fn join_zone(&mut self, step: &str, years: Years, zone: &SmolStr, stored: &Expr) -> Expr {
        let alias = self.aliases.take(&format!("zone_{}", word(zone)).to_lowercase());
        let column = |name: &str| Expr::column(&alias, name);
        let year = Expr::call(Function::Extract(DatePart::Year), vec![stored.clone()]);
        let at_most = Expr::call(Function::Least, vec![year, Expr::int(i64::from(years.last))]);
        let covered = Expr::call(Function::Greatest, vec![at_most, Expr::int(i64::from(years.first))]);
        let open = |name: &str, bound: Expr| {
            let none = Expr::IsNull { operand: Box::new(column(name)), negated: false };
            Expr::binary(Binary::Or, none, bound)
        };
        let on = Expr::all([
            Expr::binary(Binary::Equal, column(zone::YEAR), covered),
            open(zone::FROM, Expr::binary(Binary::LessEqual, column(zone::FROM), stored.clone())),
            open(zone::UNTIL, Expr::binary(Binary::Less, stored.clone(), column(zone::UNTIL))),
        ]);
        let shift = column(zone::SHIFT);
        self.joins.push(Join { kind: JoinKind::Left, table: Table::Step(step.to_owned()), alias, on });
        shift
    }

    /// The alias of what a chain of references leads to, joined if it is not yet.
    fn reach(&mut self, draft: &mut Draft<'_>, hops: &[Hop]) -> String {
        let Some((last, before)) = hops.split_last() else { return self.own(draft) };
        if let Some(known) = self.reached.get(hops) {
            return known.clone();
        }
        let parent = self.reach(draft, before);
        let customer = self.model.customer(last.customer);
        let holder = match before.last() {
            Some(hop) => self.model.customer(hop.customer).source,
            None => self.source,
        };
        let reference = Expr::column(&parent, &self.model.column(holder, last.column).name);
        let table = draft.source_table(customer.source);
        let alias = self.aliases.take(&word(hops_text(self.model, self.source, hops).trim_end_matches(')')));
        let key = Expr::column(&alias, &self.model.column(customer.source, customer.key).name);
        let on = Some(Expr::binary(Binary::Equal, key, reference));
        self.joins.push(Join { kind: JoinKind::Left, table, alias: alias.clone(), on });
        self.reached.insert(hops.to_vec(), alias.clone());
        alias
    }

    /// The name of a column that a later step needs, added if it is not there yet.
    fn input(&mut self, draft: &mut Draft<'_>, path: &ColumnPath, form: Form) -> Expr {
        let key = (path.clone(), form);
        if let Some(name) = self.inputs.get(&key) {
            return self.read(name);
        }
        let expr = match form {
            Form::Stored => self.stored(draft, path),
            Form::Local => self.local(draft, path),
        };
        if let Some(known) = self.outputs.iter().find(|output| output.expr == expr) {
            let name = known.name.clone();
            self.inputs.insert(key, name.clone());
            return self.read(&name);
        }
        let column = &self.model.column(path.source, path.column).name;
        let plain = match hops_text(self.model, self.source, &path.hops).as_str() {
            "" => column.to_string(),
            prefix => format!("{prefix}.{column}"),
        };
        let wanted = match form {
            Form::Stored => plain,
            Form::Local => format!("{plain} in local time"),
        };
        let name = self.output(&wanted, expr);
        self.inputs.insert(key, name.clone());
        self.read(&name)
    }

    /// A column of this step, for a later one.
    pub(crate) fn read(&self, name: &str) -> Expr {
        Expr::Column { table: self.reader.clone(), name: name.to_owned() }
    }
}
