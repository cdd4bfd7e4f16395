//! Row expressions: one value for each row of a source.

use crate::model::{ColumnId, CustomerId, SourceId};
use crate::types::Type;
use groma_syntax::Span;
use smol_str::SmolStr;

/// An expression over the rows of one source, typed.
#[derive(Debug, Clone, PartialEq)]
pub struct RowExpr {
    pub kind: RowKind,
    pub ty: Type,
    pub span: Span,
}

/// The shapes of row expressions. Functions of the language are already expanded, segments are their conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum RowKind {
    /// Already reported.
    Unknown,
    /// A parameter of the function whose definition this is. Never in a metric.
    Parameter(SmolStr),
    Literal(Literal),
    Column(ColumnPath),
    /// What a metric's `each` or `steps` gave for the customer at hand. Only in measures of metrics that have one, whose rows
    /// are customers.
    Each(Each),
    Not(Box<RowExpr>),
    Minus(Box<RowExpr>),
    Binary {
        operator: Binary,
        left: Box<RowExpr>,
        right: Box<RowExpr>,
    },
    In {
        operand: Box<RowExpr>,
        list: Vec<RowExpr>,
        negated: bool,
    },
    IsNull {
        operand: Box<RowExpr>,
        negated: bool,
    },
    Like {
        operand: Box<RowExpr>,
        pattern: Box<RowExpr>,
        negated: bool,
    },
    Case {
        branches: Vec<(RowExpr, RowExpr)>,
        otherwise: Option<Box<RowExpr>>,
    },
    Call {
        function: RowFunction,
        arguments: Vec<RowExpr>,
    },
    /// A date or an instant moved by a calendar amount (`bought_on + 1 month`).
    Shift {
        operand: Box<RowExpr>,
        months: i64,
        days: i64,
    },
}

/// A value that one customer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Each {
    /// The value of `each`.
    Value,
    /// Of a funnel, for the step at hand: whether the customer reached it.
    Reached,
    /// Of a funnel: whether the customer reached the step before; true at the first.
    Entered,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    /// Digits as written, exact: `0.10`.
    Decimal(SmolStr),
    Text(String),
    Date(jiff::civil::Date),
}

/// A column, reached from the source of the expression by climbing references, each many-to-one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnPath {
    pub hops: Vec<Hop>,
    /// The source that holds the column: the expression's own without hops, else that of the last hop's customer.
    pub source: SourceId,
    pub column: ColumnId,
}

/// One step up: from the source so far, through its reference column, to the customer's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The reference, in the source so far.
    pub column: ColumnId,
    pub customer: CustomerId,
}

/// Operators between two values of a row or of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    /// Never an integer division; null when the right side is 0.
    Divide,
    Remainder,
}

/// Functions of one row (and of one cell, in measures).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowFunction {
    Abs,
    Round,
    Floor,
    Ceiling,
    Sqrt,
    Ln,
    Exp,
    Power,
    Lower,
    Upper,
    Length,
    Trim,
    Coalesce,
    NullIf,
    Greatest,
    Least,
    /// The local date of an instant; a date is itself.
    Date,
    Year,
    Month,
    DayOfMonth,
    /// Monday is 1, Sunday is 7.
    Weekday,
    Hour,
    /// Whole local days from the first to the second.
    DaysBetween,
    /// Seconds that passed from the first instant to the second; both are stored in a zone without transitions.
    SecondsBetween,
}

impl RowFunction {
    /// The word that the language calls it by.
    pub fn word(self) -> &'static str {
        match self {
            RowFunction::Abs => "abs",
            RowFunction::Round => "round",
            RowFunction::Floor => "floor",
            RowFunction::Ceiling => "ceiling",
            RowFunction::Sqrt => "sqrt",
            RowFunction::Ln => "ln",
            RowFunction::Exp => "exp",
            RowFunction::Power => "power",
            RowFunction::Lower => "lower",
            RowFunction::Upper => "upper",
            RowFunction::Length => "length",
            RowFunction::Trim => "trim",
            RowFunction::Coalesce => "coalesce",
            RowFunction::NullIf => "nullif",
            RowFunction::Greatest => "greatest",
            RowFunction::Least => "least",
            RowFunction::Date => "date",
            RowFunction::Year => "year",
            RowFunction::Month => "month",
            RowFunction::DayOfMonth => "day_of_month",
            RowFunction::Weekday => "weekday",
            RowFunction::Hour => "hour",
            RowFunction::DaysBetween => "days_between",
            RowFunction::SecondsBetween => "seconds_between",
        }
    }
}

impl RowExpr {
    /// What stands for an expression that was already reported.
    pub fn unknown(span: Span) -> Self {
        Self { kind: RowKind::Unknown, ty: Type::unknown(), span }
    }

    /// The same expression, seen from a source that reaches this one's source through `prefix`.
    #[must_use]
    pub fn reached_through(&self, prefix: &[Hop]) -> Self {
        let mut moved = self.clone();
        moved.for_each_column_mut(&mut |path| {
            path.hops.splice(0..0, prefix.iter().copied());
        });
        moved
    }

    /// The same expression, seen from the source that `prefix` leads to; nothing if it reads something on the way.
    pub(crate) fn seen_behind(&self, prefix: &[Hop]) -> Option<Self> {
        let mut moved = self.clone();
        let mut all = true;
        moved.for_each_column_mut(&mut |path| {
            all &= path.hops.starts_with(prefix);
            path.hops.drain(..prefix.len().min(path.hops.len()));
        });
        all.then_some(moved)
    }

    /// Whether a part of it was already reported.
    pub fn has_unknown(&self) -> bool {
        self.kind == RowKind::Unknown || self.children().into_iter().any(RowExpr::has_unknown)
    }

    /// The number of its parts, itself included.
    pub fn size(&self) -> usize {
        1 + self.children().into_iter().map(RowExpr::size).sum::<usize>()
    }

    /// Calls `visit` for every column the expression reads.
    pub fn for_each_column(&self, visit: &mut dyn FnMut(&ColumnPath)) {
        if let RowKind::Column(path) = &self.kind {
            visit(path);
        }
        for child in self.children() {
            child.for_each_column(visit);
        }
    }

    /// The direct parts of the expression.
    pub fn children(&self) -> Vec<&RowExpr> {
        match &self.kind {
            RowKind::Unknown | RowKind::Parameter(_) | RowKind::Literal(_) | RowKind::Column(_) | RowKind::Each(_) => {
                Vec::new()
            }
            RowKind::Not(operand) | RowKind::Minus(operand) => vec![operand],
            RowKind::IsNull { operand, .. } | RowKind::Shift { operand, .. } => vec![operand],
            RowKind::Binary { left, right, .. } => vec![left, right],
            RowKind::Like { operand, pattern, .. } => vec![operand, pattern],
            RowKind::In { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
            RowKind::Call { arguments, .. } => arguments.iter().collect(),
            RowKind::Case { branches, otherwise } => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
        }
    }

    /// The same expression, wherever it was written: for comparing.
    #[must_use]
    pub fn without_places(&self) -> Self {
        let mut bare = self.clone();
        bare.forget_places();
        bare
    }

    fn forget_places(&mut self) {
        self.span = Span::default();
        self.children_mut().into_iter().for_each(RowExpr::forget_places);
    }

    pub(crate) fn for_each_column_mut(&mut self, visit: &mut dyn FnMut(&mut ColumnPath)) {
        if let RowKind::Column(path) = &mut self.kind {
            visit(path);
        }
        self.children_mut().into_iter().for_each(|child| child.for_each_column_mut(visit));
    }

    fn children_mut(&mut self) -> Vec<&mut RowExpr> {
        match &mut self.kind {
            RowKind::Unknown | RowKind::Parameter(_) | RowKind::Literal(_) | RowKind::Column(_) | RowKind::Each(_) => {
                Vec::new()
            }
            RowKind::Not(operand)
            | RowKind::Minus(operand)
            | RowKind::IsNull { operand, .. }
            | RowKind::Shift { operand, .. } => vec![operand],
            RowKind::Binary { left, right, .. } | RowKind::Like { operand: left, pattern: right, .. } => {
                vec![left, right]
            }
            RowKind::In { operand, list, .. } => std::iter::once(&mut **operand).chain(list).collect(),
            RowKind::Call { arguments, .. } => arguments.iter_mut().collect(),
            RowKind::Case { branches, otherwise } => {
                branches.iter_mut().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref_mut()).collect()
            }
        }
    }
}
