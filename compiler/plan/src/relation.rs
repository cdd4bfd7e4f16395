//! The small relational algebra that plans are written in.
//!
//! Every cast, guard and null order that a number depends on is written out here, so that a dialect has nothing left to
//! decide but spelling.

/// A statement: named relations, each built on the ones before it, and the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub steps: Vec<Step>,
    pub result: Select,
}

/// A named relation; becomes a common table expression of that name.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub name: String,
    /// More than one later step reads it: it must be computed once.
    pub materialized: bool,
    pub relation: Relation,
}

/// What a step holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    Select(Box<Select>),
    /// All rows of each part; the parts have the same columns, in the same order, with the same types.
    UnionAll(Vec<Select>),
    /// Rows written out; maybe none.
    Values(Values),
    /// A source's own query, as its author wrote it. `tables` says which names in it stand for which tables.
    Query {
        text: String,
        tables: Vec<(String, Table)>,
    },
}

/// Rows written out, with typed columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Vec<(String, ValueType)>,
    pub rows: Vec<Vec<Literal>>,
}

/// One select.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select {
    pub distinct: bool,
    pub columns: Vec<Output>,
    pub from: Option<From>,
    pub joins: Vec<Join>,
    pub filter: Option<Expr>,
    pub group_by: Vec<Expr>,
    /// The keys that rows are grouped by, once for each set, as places in `group_by`; a key outside of a row's set is null there.
    /// None: once, by all.
    pub grouping_sets: Vec<Vec<usize>>,
    pub having: Option<Expr>,
    pub order_by: Vec<Order>,
}

/// An expression with the name of its column.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    pub expr: Expr,
    pub name: String,
}

/// A relation that is read, under the name by which columns refer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct From {
    pub table: Table,
    pub alias: String,
}

/// What can be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// An earlier step.
    Step(String),
    /// A table of the target, as its parts: schema and name, or only a name.
    Physical(Vec<String>),
}

/// A join to a further relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub kind: JoinKind,
    pub table: Table,
    pub alias: String,
    /// None only for `Cross`.
    pub on: Option<Expr>,
}

/// The joins a plan uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Cross,
}

/// An order with the place of nulls written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

/// The types of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    Bool,
    /// 64 bits, signed.
    Int,
    /// IEEE double.
    Real,
    Decimal {
        precision: u8,
        scale: i8,
    },
    Text,
    Date,
    /// A local date and time without a zone, to the microsecond.
    Timestamp,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A null of a type: always cast.
    Null(ValueType),
    Bool(bool),
    Int(i64),
    /// Written so that no engine reads it as a decimal.
    Real(f64),
    /// An exact decimal, as its digits: `0.10`.
    Decimal(String),
    Text(String),
    /// `2026-07-01`.
    Date(String),
    /// `2026-07-01 00:00:00` or with a fraction of up to six digits.
    Timestamp(String),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of the relation with that alias; without one, of the only relation.
    Column {
        table: Option<String>,
        name: String,
    },
    Literal(Literal),
    Unary {
        operator: Unary,
        operand: Box<Expr>,
    },
    Binary {
        operator: Binary,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    In {
        operand: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    Like {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        negated: bool,
    },
    Cast {
        operand: Box<Expr>,
        to: ValueType,
    },
    Call {
        function: Function,
        arguments: Vec<Expr>,
    },
    Aggregate(Box<Aggregate>),
    Window(Box<Window>),
}

/// A value that is computed over the rows beside a row. Never in a select that groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub function: WindowFunction,
    /// None only for a row number.
    pub argument: Option<Expr>,
    pub partition_by: Vec<Expr>,
    /// With an order, rows up to and with the row at hand count, one by one; without, the whole partition.
    pub order_by: Vec<Order>,
}

/// Functions over the rows beside a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowFunction {
    /// The place of the row in the order, from 1.
    RowNumber,
    Count,
    Sum,
    Max,
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    Not,
    Minus,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// Equal, or both null.
    NotDistinct,
    Add,
    Subtract,
    Multiply,
    /// Both sides are `Real`, and the right one is guarded against 0.
    Divide,
    /// Both sides are `Int`.
    Remainder,
    /// Joins texts.
    Concat,
}

/// Scalar functions. Arguments have exactly the types given here; the plan casts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Abs,
    /// `(Real | Decimal, Int digits)`: halves away from zero; the type of the first argument.
    Round,
    /// `(Real)` → Real.
    Floor,
    /// `(Real)` → Real.
    Ceiling,
    Sqrt,
    Ln,
    Exp,
    /// `(Real, Real)`.
    Power,
    Lower,
    Upper,
    /// Characters, not bytes → Int.
    Length,
    Trim,
    Coalesce,
    NullIf,
    Greatest,
    Least,
    /// `(Date)` → Date: the first day of the unit that holds it; a week starts on Monday.
    Truncate(DateUnit),
    /// `(Date | Timestamp)` → Int.
    Extract(DatePart),
    /// `(Timestamp)` → Date.
    DateOf,
    /// `(Date, Int)` → Date.
    AddDays,
    /// `(Date, Int)` → Date: 31 January plus one month is the last day of February.
    AddMonths,
    /// `(Timestamp, Int)` → Timestamp.
    AddSeconds,
    /// `(Date from, Date to)` → Int.
    DaysBetween,
    /// `(Timestamp from, Timestamp to)` → Real seconds.
    SecondsBetween,
    /// `(Text zone)` → Timestamp: the wall clock of that zone when the statement begins. Never in an answer: alerts look at it.
    LocalNow,
    /// `(Date first, Date last)` → one row per step, both ends included, each a Date. Only as the sole column of a
    /// select.
    Series(DateUnit),
}

/// Units that dates are cut to and stepped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateUnit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Parts of dates and timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    Year,
    Month,
    Day,
    /// Monday is 1, Sunday is 7.
    Weekday,
    Hour,
}

/// An aggregate over a group of rows. Nulls of the argument never count.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub function: AggregateFunction,
    /// None only for a count of rows.
    pub argument: Option<Expr>,
    /// Only rows for which it is true.
    pub filter: Option<Expr>,
    /// For `First` and `Last`: the order they look at, ending in a unique key where there is one. `First` takes the first row
    /// in this order; `Last` the first row in the reverse of it.
    pub order_by: Vec<Expr>,
}

/// Aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AggregateFunction {
    Count,
    CountDistinct,
    /// Null over no rows.
    Sum,
    Min,
    Max,
    /// 1 where the argument, a key, is not in the set that the row is grouped by, else 0. Only beside grouping sets.
    LeftOut,
    /// The argument is `Real`.
    Average,
    /// Exact, Hyndman and Fan's type 7; the argument is `Real`, the share lies in 0 to 1.
    Percentile(f64),
    /// The sample's standard deviation (n − 1), centred; the argument is `Real`.
    StandardDeviation,
    First,
    Last,
    /// An estimate, under its own name only.
    ApproximateCountDistinct,
    /// An estimate, under its own name only; the argument is `Real`.
    ApproximatePercentile(f64),
}

impl Expr {
    /// A column of the relation with that alias.
    pub fn column(table: &str, name: &str) -> Self {
        Expr::Column { table: Some(table.to_owned()), name: name.to_owned() }
    }

    /// A column of the only relation.
    pub fn name(name: &str) -> Self {
        Expr::Column { table: None, name: name.to_owned() }
    }

    /// A whole number.
    pub fn int(value: i64) -> Self {
        Expr::Literal(Literal::Int(value))
    }

    /// A text.
    pub fn text(value: &str) -> Self {
        Expr::Literal(Literal::Text(value.to_owned()))
    }

    /// `left operator right`.
    pub fn binary(operator: Binary, left: Expr, right: Expr) -> Self {
        Expr::Binary { operator, left: Box::new(left), right: Box::new(right) }
    }

    /// `a and b`, or the one that is there.
    pub fn all(conditions: impl IntoIterator<Item = Expr>) -> Option<Self> {
        conditions.into_iter().reduce(|left, right| Self::binary(Binary::And, left, right))
    }

    /// The place of a row among those of its partition, from 1.
    pub fn row_number(partition_by: Vec<Expr>, order_by: Vec<Order>) -> Self {
        Self::Window(Box::new(Window { function: WindowFunction::RowNumber, argument: None, partition_by, order_by }))
    }

    /// A scalar function.
    pub fn call(function: Function, arguments: Vec<Expr>) -> Self {
        Expr::Call { function, arguments }
    }

    /// A cast.
    pub fn cast(self, to: ValueType) -> Self {
        Expr::Cast { operand: Box::new(self), to }
    }

    /// This expression as a named column.
    pub fn named(self, name: impl Into<String>) -> Output {
        Output { expr: self, name: name.into() }
    }

    /// Ascending, nulls first.
    pub fn ascending(self) -> Order {
        Order { expr: self, descending: false, nulls_first: true }
    }
}
