//! The model: every declaration with its meaning.

use crate::check::function::Definition;
use crate::check::names::Names;
use crate::graph::Graph;
use crate::measure::Measure;
use crate::row::RowExpr;
use crate::time::{Calendar, Clock, Grain, Offset};
use crate::types::Type;
use crate::unit::Unit;
use groma_syntax::Span;
use smol_str::SmolStr;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its vector.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a position.
            pub fn at(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
        }
    )*};
}

ids! {
    /// A place in [`Model::sources`].
    SourceId,
    /// A place in the columns of a source.
    ColumnId,
    /// A place in [`Model::customers`].
    CustomerId,
    /// A place in [`Model::segments`].
    SegmentId,
    /// A place in [`Model::teams`].
    TeamId,
    /// A place in [`Model::functions`].
    FunctionId,
    /// A place in [`Model::windows`].
    WindowId,
    /// A place in [`Model::metrics`].
    MetricId,
}

/// A project's declarations with their meaning. Vectors are in the order of names, whatever the order of files.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub calendar: Calendar,
    pub sources: Vec<Source>,
    pub customers: Vec<Customer>,
    pub segments: Vec<Segment>,
    pub teams: Vec<Team>,
    pub functions: Vec<Function>,
    pub windows: Vec<Window>,
    pub metrics: Vec<Metric>,
    pub(crate) names: Names,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) graph: Graph,
}

/// What every declaration has.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    pub name: SmolStr,
    /// Of the name.
    pub span: Span,
    pub doc: Option<String>,
    /// From the standard library.
    pub standard: bool,
    /// Something in it was reported: no number may be computed from it.
    pub broken: bool,
}

/// Rows from somewhere, with declared columns.
#[derive(Debug, Clone)]
pub struct Source {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub origin: Origin,
    /// The columns that identify a row; may be empty.
    pub key: Vec<ColumnId>,
    /// When a row happened.
    pub time: Option<ColumnId>,
    /// How long after it happened a row may still arrive. Takes part in completeness.
    pub late: Option<Offset>,
    pub columns: Vec<Column>,
    pub checks: Vec<Check>,
}

/// Where a source's rows are.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A file, a folder or a pattern, relative to the target's data.
    File { pattern: String, span: Span },
    /// A table of the warehouse: `shop.orders`.
    Table { name: String, span: Span },
    /// One SELECT. `reads` are the project's sources it names, `tables` the other tables, `columns` where its output columns
    /// come from: (output, [(table, column)]), where that could be found out.
    Query { text: String, span: Span, reads: Vec<(String, SourceId)>, tables: Vec<String>, columns: Vec<QueryColumn> },
}

/// An output column of a query and the columns it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryColumn {
    pub name: String,
    /// (table, column).
    pub reads: Vec<(String, String)>,
}

/// A declared column.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: SmolStr,
    pub span: Span,
    pub doc: Option<String>,
    pub ty: Type,
    /// May be null.
    pub optional: bool,
    pub sensitivity: Sensitivity,
}

/// How carefully a column must be handled, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Sensitivity {
    Public,
    #[default]
    Internal,
    Personal,
    Special,
}

/// What must hold of a source's rows.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: SmolStr,
    pub span: Span,
    pub rule: CheckRule,
}

/// The rules of checks.
#[derive(Debug, Clone)]
pub enum CheckRule {
    /// No two rows have the same values here.
    Unique(Vec<ColumnId>),
    /// True (or null) for every row.
    Holds(RowExpr),
}

/// Who is counted.
#[derive(Debug, Clone)]
pub struct Customer {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub source: SourceId,
    pub key: ColumnId,
    pub since: Option<ColumnId>,
    pub until: Option<ColumnId>,
    /// Over the customer's source; rows for which it is not true are no customers.
    pub filter: Option<RowExpr>,
    /// What metrics may group and filter by: columns of the customer's source and its segments.
    pub has: Vec<Attribute>,
    /// The customer this one belongs to, and the reference in this one's source.
    pub parent: Option<(CustomerId, ColumnId)>,
}

/// What a customer has: a name and its value, over the customer's source.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub name: SmolStr,
    pub value: RowExpr,
}

/// Some customers, by a condition over the customer's source.
#[derive(Debug, Clone)]
pub struct Segment {
    pub header: Header,
    pub customer: CustomerId,
    pub condition: RowExpr,
}

/// People who answer for things.
#[derive(Debug, Clone)]
pub struct Team {
    pub header: Header,
    pub title: Option<String>,
    pub lead: Option<String>,
    pub members: Vec<Member>,
}

/// A member, from a date on (or always) until a date (or still).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub address: String,
    pub from: Option<jiff::civil::Date>,
    pub until: Option<jiff::civil::Date>,
}

/// A name for an expression. Bodies are expanded where they are called; what is kept here is for explaining.
#[derive(Debug, Clone)]
pub struct Function {
    pub header: Header,
    /// Parameters as written: `score: scale(0 to 10)`.
    pub parameters: Vec<Span>,
    /// The type after `->`, as written.
    pub returns: Option<Span>,
    /// The body, as written.
    pub value: Option<Span>,
}

/// A named window.
#[derive(Debug, Clone)]
pub struct Window {
    pub header: Header,
    pub clock: Clock,
}

/// A number with a meaning.
#[derive(Debug, Clone)]
pub struct Metric {
    pub header: Header,
    pub owner: Option<TeamId>,
    /// Who is counted; none when the rows refer to no customer.
    pub customer: Option<CustomerId>,
    /// Where its own aggregates read; none for a metric made of other metrics only.
    pub source: Option<SourceId>,
    pub clock: Clock,
    /// Rows of `source` that count: the metric's `where` and its customer's.
    pub filter: Option<RowExpr>,
    pub measure: Measure,
    /// Every source it reads, through other metrics too; sorted.
    pub sources: Vec<SourceId>,
    /// The groupings that are built and published, each on its own; the total always comes with them.
    pub by: Vec<Vec<Grouping>>,
    /// The grains that are built; never empty.
    pub grains: Vec<Grain>,
    pub unit: Unit,
    /// `leading` or `lagging`.
    pub kind: Option<SmolStr>,
    /// `higher` or `lower`.
    pub better: Option<SmolStr>,
    pub status: Status,
    pub labels: Vec<(SmolStr, String)>,
    pub tags: Vec<SmolStr>,
}

/// One column that answers are grouped by.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// As written, and the name of the answer's column: `account.region`.
    pub name: SmolStr,
    pub span: Span,
    pub ty: Type,
    /// Its value, for each source the metric reads.
    pub values: Vec<(SourceId, RowExpr)>,
}

/// Where a metric is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    Draft,
    #[default]
    Active,
    Deprecated,
    Retired,
}

impl Model {
    /// A source.
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.index()]
    }

    /// A column of a source.
    pub fn column(&self, source: SourceId, column: ColumnId) -> &Column {
        &self.sources[source.index()].columns[column.index()]
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> &Customer {
        &self.customers[id.index()]
    }

    /// A metric.
    pub fn metric(&self, id: MetricId) -> &Metric {
        &self.metrics[id.index()]
    }

    /// The metric of that name.
    pub fn metric_named(&self, name: &str) -> Option<MetricId> {
        self.metrics.binary_search_by(|metric| metric.header.name.as_str().cmp(name)).ok().map(MetricId::at)
    }
}

impl Metric {
    /// A metric that is not read yet.
    pub(crate) fn placeholder(header: Header) -> Self {
        let measure = Measure::unknown(header.span);
        Self {
            header: Header { broken: true, ..header },
            owner: None,
            customer: None,
            source: None,
            clock: Clock::Event,
            filter: None,
            measure,
            sources: Vec::new(),
            by: Vec::new(),
            grains: Vec::new(),
            unit: Unit::None,
            kind: None,
            better: None,
            status: Status::Active,
            labels: Vec::new(),
            tags: Vec::new(),
        }
    }
}
