//! People, law and evidence: who answers for numbers, what must hold, what is set aside and why.

use crate::model::{
    ColumnId, CouncilId, CustomerId, ExceptionId, Header, Member, MetricId, Population, RegionId, SourceId, TeamId,
};
use crate::row::RowExpr;
use crate::schema::Kind;
use crate::time::Offset;
use groma_syntax::{Severity, Span};
use jiff::civil::Date;
use smol_str::SmolStr;

/// What the manifest says about governance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// The packs of standard rules that hold, by name.
    pub packs: Vec<SmolStr>,
    /// The rules of the other packs: pack and name.
    pub unchosen: Vec<(SmolStr, SmolStr)>,
    /// Rules whose level is another than their own, by code; `None` switches a rule off.
    pub levels: Vec<(SmolStr, Option<Severity>)>,
    /// The fewest customers that a number may be about where it rests on personal data; 0 where nothing is said.
    pub cell: i64,
    /// The languages that labels must have.
    pub languages: Vec<SmolStr>,
    /// Where the default target computes, in the words of agreements; none where it is not said.
    pub territory: Vec<SmolStr>,
    /// What says who changed something.
    pub identity: Identity,
}

/// What says who made a commit, where rights are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identity {
    /// The author's address, which whoever commits may choose.
    #[default]
    Author,
    /// The key that it is signed with; what is not signed is nobody's.
    Signature,
    /// Both, and they must be the same.
    Both,
}

/// A declaration as it was written, for those kinds whose entries are shown and not computed with.
#[derive(Debug, Clone)]
pub struct Record {
    pub kind: Kind,
    pub header: Header,
    /// Each key with the place of its value.
    pub entries: Vec<(SmolStr, Span)>,
}

/// People who decide together.
#[derive(Debug, Clone)]
pub struct Council {
    pub header: Header,
    pub title: Option<String>,
    pub members: Vec<Member>,
    /// How many must agree; more than half without.
    pub quorum: Option<i64>,
    pub since: Option<Date>,
    pub until: Option<Date>,
    pub handle: Option<String>,
    /// The classes of changes that need it.
    pub decides: Vec<SmolStr>,
}

/// A part of the company.
#[derive(Debug, Clone)]
pub struct Region {
    pub header: Header,
    pub title: Option<String>,
    pub owner: Option<TeamId>,
    pub languages: Vec<SmolStr>,
    pub territory: Vec<SmolStr>,
    pub adapts: Vec<Adaptation>,
}

impl Region {
    /// A region that is not read yet.
    pub(crate) fn placeholder(header: Header) -> Self {
        Self { header, title: None, owner: None, languages: Vec::new(), territory: Vec::new(), adapts: Vec::new() }
    }
}

/// What a region adapts of a global metric; never what its number means.
#[derive(Debug, Clone, PartialEq)]
pub struct Adaptation {
    pub metric: MetricId,
    pub span: Span,
    pub target: Option<f64>,
    pub threshold: Option<f64>,
    pub labels: Vec<(SmolStr, String)>,
}

/// One who agreed to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    /// The address of a person.
    Person(String, Span),
    Team(TeamId, Span),
    Council(CouncilId, Span),
}

/// Who decided what about metrics.
#[derive(Debug, Clone)]
pub struct Decision {
    pub header: Header,
    pub about: Vec<MetricId>,
    pub owner: Option<TeamId>,
    pub decided_by: Vec<Approver>,
    pub on: Option<Date>,
    pub because: String,
}

/// Teams that disagree about metrics.
#[derive(Debug, Clone)]
pub struct Dispute {
    pub header: Header,
    pub about: Vec<MetricId>,
    pub between: Vec<TeamId>,
    pub since: Option<Date>,
    pub question: String,
}

/// Who does what for a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Raci {
    pub accountable: Vec<Accountable>,
    pub responsible: Vec<TeamId>,
    pub consulted: Vec<TeamId>,
    pub informed: Vec<TeamId>,
}

/// The team that answers for a metric, from a date on (or always) until a date (or still).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accountable {
    pub team: TeamId,
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
    pub span: Span,
}

/// A leading metric and the outcome it leads.
#[derive(Debug, Clone)]
pub struct Link {
    pub header: Header,
    pub leading: Option<MetricId>,
    pub outcome: Option<MetricId>,
    /// Whether the outcome follows in the same direction.
    pub positive: Option<bool>,
    /// How soon it follows.
    pub within: Option<Offset>,
    pub because: Option<String>,
    pub evidence: Vec<String>,
}

/// Rows that named metrics leave out; or the metrics whose sealed meaning may change.
#[derive(Debug, Clone)]
pub struct Exception {
    pub header: Header,
    pub metrics: Vec<(MetricId, Span)>,
    pub of: ExceptionOf,
    /// Over the rows of the source, or of the customer's source: those left out.
    pub condition: RowExpr,
    /// First and last day, both included; every day without.
    pub covers: Option<(Date, Date)>,
    /// The sealed period in which the meaning of its metrics may change, and where it is named; then it leaves no rows out.
    pub restates: Option<(SmolStr, Span)>,
    pub because: String,
    pub evidence: Vec<String>,
    pub approved_by: Vec<Approver>,
    pub until: Option<Date>,
}

/// Days whose numbers are reported.
#[derive(Debug, Clone)]
pub struct Period {
    pub header: Header,
    pub owner: Option<TeamId>,
    /// First and last day, both included.
    pub covers: (Date, Date),
    /// From this day on the definitions stand still.
    pub freeze: Option<Date>,
    pub report: Option<Date>,
    /// The metrics that it names; every active metric where it names none.
    pub metrics: Vec<(MetricId, Span)>,
}

/// Whose rows an exception leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExceptionOf {
    /// All rows of some customers.
    Customer(CustomerId),
    /// Some rows of a source.
    Source(SourceId),
    /// None: it lets a sealed meaning change.
    Nothing,
}

/// What a partner allows to be done with its data.
#[derive(Debug, Clone)]
pub struct Agreement {
    pub header: Header,
    pub partner: String,
    pub owner: Option<TeamId>,
    pub sources: Vec<SourceId>,
    pub purpose: Vec<SmolStr>,
    /// The columns that may be used; all without.
    pub columns: Option<Vec<(SourceId, ColumnId)>>,
    pub cell: Option<i64>,
    pub territory: Vec<SmolStr>,
    pub since: Option<Date>,
    pub until: Option<Date>,
}

/// Findings of a rule that are set aside for a while.
#[derive(Debug, Clone)]
pub struct Waiver {
    pub header: Header,
    /// The code of the rule, and where it is named.
    pub rule: (SmolStr, Span),
    /// The declarations, by kind and name.
    pub on: Vec<(Kind, SmolStr, Span)>,
    pub because: String,
    pub approved_by: Vec<Approver>,
    pub until: Option<Date>,
}

/// Whose a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    #[default]
    Global,
    Local(Option<RegionId>),
}

/// What governance says of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Governed {
    pub raci: Raci,
    pub replaced_by: Option<MetricId>,
    /// The last day it may be used.
    pub retires: Option<Date>,
    pub reach: Reach,
    /// `target`, `threshold`, `labels`.
    pub local_may_change: Vec<SmolStr>,
    pub target: Option<f64>,
    pub threshold: Option<f64>,
    pub purpose: Vec<SmolStr>,
    /// The fewest customers that a cell may be about; none where nothing asks for it. From its own `cell`, from agreements,
    /// and from the policy where it rests on personal data.
    pub cell: Option<i64>,
    /// The exceptions that leave rows out of it, directly.
    pub exceptions: Vec<ExceptionId>,
    /// The metric's filter without them; means something only where there are exceptions.
    pub filter_without_exceptions: Option<RowExpr>,
    /// The metric's population without them; likewise.
    pub population_without_exceptions: Option<Population>,
}
