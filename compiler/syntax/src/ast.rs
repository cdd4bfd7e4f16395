//! The syntax tree: items, blocks, entries, expressions. It knows no kinds.
//!
//! A tree is what was written, not what it means: names are unresolved and a type such as `decimal(12, 2) in usd` is an
//! expression like any other.

pub use crate::same::{same_expr, same_item, same_tree, same_undocumented};
use crate::source::Span;
pub use smol_str::SmolStr;

/// One parsed file. Comments are kept by place, in order; the formatter puts them back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    pub items: Vec<Item>,
    /// `//` comments (not `///`), in order of place; the span covers the slashes and excludes the line's end.
    pub comments: Vec<Span>,
}

/// A declaration: `kind name(params) -> returns { entries }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub span: Span,
    pub doc: Option<Doc>,
    pub kind: Name,
    /// May be dotted: `support.first_reply`.
    pub name: Name,
    pub params: Vec<Param>,
    /// The type after `->`.
    pub returns: Option<Expr>,
    pub body: Block,
    /// Something inside could not be parsed and was reported: what is missing here must not be reported again.
    pub broken: bool,
}

/// The lines of `///` before an item, an entry or a group, without slashes and one leading space, joined with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    pub span: Span,
    pub text: String,
}

/// A parameter of a function: `name: type` or `name: type = default`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub span: Span,
    pub name: Name,
    pub ty: Expr,
    pub default: Option<Expr>,
}

/// `{ entries }`; the span covers the braces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    pub span: Span,
    pub entries: Vec<Entry>,
}

/// What stands in a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// `key: value, value …`, at least one value.
    Value { span: Span, doc: Option<Doc>, key: Name, values: Vec<Expr> },
    /// `key { … }`, or with a name or a number, `version 2 { … }`, `tile nps { … }`.
    Group { span: Span, doc: Option<Doc>, key: Name, name: Option<Name>, body: Block },
}

impl Entry {
    /// The key, whichever form the entry has.
    pub fn key(&self) -> &Name {
        match self {
            Entry::Value { key, .. } | Entry::Group { key, .. } => key,
        }
    }

    /// The whole entry.
    pub fn span(&self) -> Span {
        match self {
            Entry::Value { span, .. } | Entry::Group { span, .. } => *span,
        }
    }
}

/// A name where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    pub text: SmolStr,
    pub span: Span,
}

/// An expression where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// The shapes of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A number as it was written, without sign: `100`, `0.5`.
    Number(SmolStr),
    /// `95%`: the number as it was written, without the sign `%`.
    Percent(SmolStr),
    /// A number with a word: `28 days`, `3 points`, `1 month`, `12 times`.
    Quantity { number: SmolStr, unit: Name },
    /// The text between the quotes, escapes resolved. `"…"` or `"""…"""`.
    Text(String),
    /// `2026-07-01`, checked for its shape only.
    Date(SmolStr),
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `amount`, `account.region`, `std.nps`: one or more names joined with dots.
    Path(Vec<Name>),
    /// `name(arguments)`.
    Call { function: Vec<Name>, arguments: Vec<Argument> },
    /// `(a, b)`: two or more in parentheses. One in parentheses is `Group`.
    Tuple(Vec<Expr>),
    /// `(a)`.
    Group(Box<Expr>),
    /// `not a`, `-a`, `trailing 28 days`, `last 8 quarters`, `each month`, `day 30`, `all time`,
    /// `distinct account`.
    Prefix { operator: Prefix, operator_span: Span, operand: Box<Expr> },
    /// `a + b`, `a and b`, `a after b`, `a in b`, `a where b`, …
    Infix { operator: Infix, operator_span: Span, left: Box<Expr>, right: Box<Expr> },
    /// `a between low and high`, `a not between low and high`.
    Between { operand: Box<Expr>, negated: bool, low: Box<Expr>, high: Box<Expr> },
    /// `a is null`, `a is not null`.
    IsNull { operand: Box<Expr>, negated: bool },
    /// `case when a then b … else c end`, `case x when 1 then …`.
    Case { operand: Option<Box<Expr>>, branches: Vec<Branch>, otherwise: Option<Box<Expr>> },
}

/// An argument of a call: `x`, `top: 1`, `where condition`, `x where condition` (an infix expression).
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    Value(Expr),
    Named {
        name: Name,
        value: Expr,
    },
    /// `count(where refunded)`: a condition without a value before it.
    Where(Expr),
}

/// `when condition then value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub when: Expr,
    pub then: Expr,
}

/// Operators that stand before their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    Not,
    Minus,
    Trailing,
    Last,
    Each,
    Day,
    /// Only before a number.
    Week,
    /// Only before a number.
    Month,
    All,
    /// `count(distinct account)`: reaches as far as `where`.
    Distinct,
    /// `every source of m has …`.
    Every,
    /// `any metric using c`.
    Any,
    /// `no metric using c`.
    No,
}

/// Operators that stand between two operands, from the loosest to the tightest.
///
/// 1. `where has` (its right side reaches as far as it can)
/// 2. `after before within from until at by of using per`
/// 3. `or` 4. `and` 5. (`not`)
/// 6. comparisons, `in`, `like`, `between`, `is null`: they do not chain
/// 7. `to` 8. `+ -` 9. `* / %` 10. (prefix `-`) 11. `offset` 12. (word prefixes)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Infix {
    Where,
    /// `every source of m has source.owner is not null`.
    Has,
    After,
    Before,
    Within,
    From,
    Until,
    At,
    By,
    Of,
    /// `any metric using c`.
    Using,
    /// `last per account`.
    Per,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Like,
    NotLike,
    To,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Offset,
}
