//! The model: every declaration with its meaning.

pub use crate::checks::{Check, CheckRule, OnFail};

use crate::check::declare::Declarations;
use crate::check::function::Definition;
use crate::check::names::Names;
use crate::example::Example;
use crate::governance::{
    Agreement, Council, Decision, Dispute, Exception, Governed, Link, Period, Policy, Record, Region, Waiver,
};
use crate::graph::Graph;
use crate::lineage::How;
use crate::lineage::flow::Flow;
use crate::measure::Measure;
use crate::reading::{Alert, Dashboard, Goal};
use crate::row::{ColumnPath, RowExpr};
use crate::rule::Rule;
use crate::time::{Calendar, Clock, Grain, Offset};
use crate::types::Type;
use crate::unit::Unit;
use groma_syntax::Span;
use smol_str::SmolStr;
use std::sync::Arc;

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
    /// A place in [`Model::surveys`].
    SurveyId,
    /// A place in [`Model::teams`].
    TeamId,
    /// A place in [`Model::functions`].
    FunctionId,
    /// A place in [`Model::windows`].
    WindowId,
    /// A place in [`Model::metrics`].
    MetricId,
    /// A place in [`Model::councils`].
    CouncilId,
    /// A place in [`Model::regions`].
    RegionId,
    /// A place in [`Model::rules`].
    RuleId,
    /// A place in [`Model::exceptions`].
    ExceptionId,
}

/// A project's declarations with their meaning. Vectors are in the order of names, whatever the order of files.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub calendar: Calendar,
    pub sources: Vec<Source>,
    pub customers: Vec<Customer>,
    pub segments: Vec<Segment>,
    pub surveys: Vec<Survey>,
    pub teams: Vec<Team>,
    pub functions: Vec<Function>,
    pub windows: Vec<Window>,
    pub metrics: Vec<Metric>,
    pub examples: Vec<Example>,
    pub councils: Vec<Council>,
    pub regions: Vec<Region>,
    pub decisions: Vec<Decision>,
    pub disputes: Vec<Dispute>,
    pub links: Vec<Link>,
    pub rules: Vec<Rule>,
    pub waivers: Vec<Waiver>,
    pub exceptions: Vec<Exception>,
    pub agreements: Vec<Agreement>,
    pub periods: Vec<Period>,
    pub dashboards: Vec<Dashboard>,
    pub alerts: Vec<Alert>,
    /// The declarations of kind `target`; a target of the manifest is where statements run.
    pub goals: Vec<Goal>,
    pub policy: Policy,
    /// The declarations of people, law and evidence as they were written, by kind and name.
    pub records: Vec<Record>,
    /// Every declaration as it was written.
    pub(crate) declarations: Arc<Declarations>,
    pub(crate) names: Names,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) graph: Graph,
    /// The surveys whose answers each metric reads, through other metrics too; sorted.
    pub(crate) surveys_read: Vec<Vec<SurveyId>>,
    /// How carefully each column and each metric must be handled, and why.
    pub(crate) flow: Flow,
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
    Query {
        text: String,
        span: Span,
        reads: Vec<(String, SourceId)>,
        tables: Vec<String>,
        /// The only table it reads, where its columns are all of the table's.
        whole: Option<String>,
        columns: Vec<QueryColumn>,
        rows: QueryRows,
    },
}

/// An output column of a query and the columns it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryColumn {
    pub name: String,
    /// (table, column); a name that several tables may have stands there once for each.
    pub reads: Vec<(String, String)>,
    /// `reads` is all there is; else it may be any column of what the query reads.
    pub traced: bool,
    /// Identity, transformation or aggregation.
    pub how: How,
    /// It is made of nothing but counts, sums and averages over groups of rows.
    pub summary: bool,
}

/// What decides about the rows of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryRows {
    /// Filter, join or group by: (how, table, column).
    pub reads: Vec<(How, String, String)>,
    /// `reads` is all there is.
    pub traced: bool,
    /// A promise that each row is about so many different values of these columns at least: (table, column).
    pub cell: Option<(i64, Vec<(String, String)>)>,
    /// Columns whose values it names to leave rows out: (column, where in the text, in bytes).
    pub excludes: Vec<(String, Option<usize>)>,
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
    /// Its own class, or that of what it is computed from where that is higher.
    pub sensitivity: Sensitivity,
    /// Where its class is written; none where it goes without saying.
    pub classed: Option<Span>,
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

/// Questions to customers: who is asked when, and where the answers are.
#[derive(Debug, Clone)]
pub struct Survey {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub responses: SourceId,
    /// Who was asked.
    pub invites: Option<SourceId>,
    pub customer: CustomerId,
    pub timing: Timing,
    /// The ways it is sent.
    pub channel: Vec<SmolStr>,
    /// How long nobody is asked again; at least a day.
    pub cooldown: Option<Offset>,
    /// Over the rows of `responses`: which are its own, where surveys share a source.
    pub filter: Option<RowExpr>,
}

impl Survey {
    /// A survey that is not read yet.
    pub(crate) fn placeholder(header: Header) -> Self {
        Self {
            header: Header { broken: true, ..header },
            owner: None,
            responses: SourceId(0),
            invites: None,
            customer: CustomerId(0),
            timing: Timing::Relationship,
            channel: Vec::new(),
            cooldown: None,
            filter: None,
        }
    }
}

/// When a survey asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// By the calendar: about the relationship as a whole.
    Relationship,
    /// So long after a time of a source's row: about what happened then.
    After { offset: Offset, source: SourceId, column: ColumnId },
}

/// People who answer for things.
#[derive(Debug, Clone)]
pub struct Team {
    pub header: Header,
    pub title: Option<String>,
    pub lead: Option<String>,
    pub members: Vec<Member>,
    pub since: Option<jiff::civil::Date>,
    /// The last day there is the team.
    pub until: Option<jiff::civil::Date>,
    /// Metrics it says it answers for.
    pub claims: Vec<(MetricId, Span)>,
    /// What it is called where code is reviewed.
    pub handle: Option<String>,
}

/// A member, from a date on (or always) until a date (or still).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub address: String,
    /// Of the member with its dates.
    pub span: Span,
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
    /// Of an anchored clock: whose moment it is, and which.
    pub anchor: Option<(CustomerId, Anchor)>,
}

/// A number with a meaning.
#[derive(Debug, Clone)]
pub struct Metric {
    pub header: Header,
    pub owner: Option<TeamId>,
    /// Who is counted; none when the rows refer to no customer.
    pub customer: Option<CustomerId>,
    /// The customer's key, over the rows of `source`: what errors are clustered by. None without a customer or without rows.
    pub customer_key: Option<ColumnPath>,
    /// Who is counted one by one. There is one exactly where the metric has an anchored clock, an `each` or `steps`.
    pub population: Option<Population>,
    /// The value of one customer, over the rows of `source`; may be a date.
    pub each: Option<Measure>,
    /// The steps of a funnel; empty without one.
    pub steps: Vec<FunnelStep>,
    /// Where its own rows are; none for a metric made of other metrics only.
    pub source: Option<SourceId>,
    pub clock: Clock,
    /// Rows of `source` that count: the metric's `where` and its customer's.
    pub filter: Option<RowExpr>,
    /// Its aggregates are over the rows of `source`; with `each` or `steps`, over customers, so over the rows of the customer's
    /// source with [`crate::row::RowKind::Each`] beside their columns.
    pub measure: Measure,
    /// The sources by whose columns it is grouped and filtered, through other metrics too; sorted. With a population, that of
    /// the customer.
    pub sources: Vec<SourceId>,
    /// Every source it reads, through other metrics too; sorted.
    pub reads: Vec<SourceId>,
    /// The groupings that are built and published, each on its own; the total always comes with them.
    pub by: Vec<Vec<Grouping>>,
    /// The grains that are built; never empty.
    pub grains: Vec<Grain>,
    pub unit: Unit,
    /// `leading` or `lagging`.
    pub kind: Option<SmolStr>,
    /// `higher` or `lower`.
    pub better: Option<SmolStr>,
    /// The smallest change worth acting on.
    pub matters: Option<Matters>,
    /// Fewer observations give no value.
    pub minimum: Option<i64>,
    pub fill: Fill,
    /// What each customer counts for, over the customer's source.
    pub weight: Option<RowExpr>,
    pub status: Status,
    pub labels: Vec<(SmolStr, String)>,
    pub tags: Vec<SmolStr>,
    pub governed: Governed,
    /// Which of its versions this is; 1 where there is only one.
    pub version: u32,
    /// All its versions, from the first; empty where there is only one.
    pub versions: Vec<Version>,
}

/// A definition of a metric that holds from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub number: u32,
    /// Periods that begin on this day or later are computed by it; of the first version, none.
    pub from: Option<jiff::civil::Date>,
    /// Of its block; of the first version, of the metric's name.
    pub span: Span,
    /// What is written above its block.
    pub doc: Option<String>,
    /// The keys it says otherwise than the version before, in their order; of the first version, none.
    pub keys: Vec<SmolStr>,
}

/// Customers, and the period that each is counted in.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    pub customer: CustomerId,
    /// The customer's key, over the rows of the metric's source.
    pub key: ColumnPath,
    pub members: Members,
    /// Over the customer's source: the customer's own `where`, and the metric's `among`.
    pub filter: Option<RowExpr>,
    /// Customers that an exception leaves out for some days.
    pub left_out: Vec<LeftOut>,
}

/// Customers that are no members: by their anchors where these lie in the days, else of the periods that lie in them.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// Over the customer's source.
    pub condition: RowExpr,
    /// The first and the last day.
    pub days: (jiff::civil::Date, jiff::civil::Date),
}

/// Which customers a period counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Members {
    /// Those with at least one row that counts.
    Rows,
    /// Those that are customers at some moment of the period: columns of the customer's source.
    Alive { since: Option<ColumnId>, until: Option<ColumnId> },
    /// Those whose anchor lies in it.
    Anchor(Anchor),
}

/// A moment from which a customer's days are counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Anchor {
    /// A date or an instant that the customer has, over the customer's source.
    Attribute(RowExpr),
    /// The time of the customer's first row in a source, of those that pass.
    First { source: SourceId, key: ColumnPath, filter: Option<RowExpr> },
}

/// A step of a funnel: a customer reaches it by the first row that passes, not before the row of the step before, and less
/// than `within` later (in local days).
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStep {
    pub name: SmolStr,
    pub span: Span,
    /// Over the rows of the metric's source.
    pub condition: RowExpr,
    pub within: Option<Offset>,
}

/// The smallest change worth acting on, and how sure one must be of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matters {
    /// In the unit of the metric; of a share, as a fraction.
    pub change: f64,
    /// Between 0 and 1.
    pub confidence: f64,
}

/// What stands where there is no value because nothing was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fill {
    #[default]
    None,
    Zero,
    /// The value of the nearest earlier period that has one.
    Previous,
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

    /// The surveys whose answers a metric reads, through other metrics too; sorted.
    pub fn surveys_read(&self, id: MetricId) -> &[SurveyId] {
        self.surveys_read.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// A metric.
    pub fn metric(&self, id: MetricId) -> &Metric {
        &self.metrics[id.index()]
    }

    /// Where a metric is written, from its kind to its closing brace.
    pub fn metric_span(&self, id: MetricId) -> Option<Span> {
        self.declarations.of(crate::schema::Kind::Metric).get(id.index()).map(|declared| declared.item.span)
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
            customer_key: None,
            population: None,
            each: None,
            steps: Vec::new(),
            source: None,
            clock: Clock::Event,
            filter: None,
            measure,
            sources: Vec::new(),
            reads: Vec::new(),
            by: Vec::new(),
            grains: Vec::new(),
            unit: Unit::None,
            kind: None,
            better: None,
            matters: None,
            minimum: None,
            fill: Fill::None,
            weight: None,
            status: Status::Active,
            labels: Vec::new(),
            tags: Vec::new(),
            governed: Governed::default(),
            version: 1,
            versions: Vec::new(),
        }
    }
}
