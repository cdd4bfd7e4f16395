//! Constructors for `sqlparser::ast`.
//!
//! The crate's structs grow fields with every release, so this is the only module that writes them out. Nothing here knows
//! a plan or a dialect, and nothing makes SQL from strings: names and literals go in as values.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, Cte, CteAsMaterialized, DataType, DateTimeField,
    Distinct, DuplicateTreatment, Expr, ExtractSyntax, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, Interval, Join, JoinConstraint, JoinOperator,
    ObjectName, ObjectNamePart, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Parens, Query, Select, SelectFlavor,
    SelectItem, SetExpr, SetOperator, SetQuantifier, Subscript, TableAlias, TableAliasColumnDef, TableFactor,
    TableWithJoins, TrimWhereField, TypedString, UnaryOperator, Value, ValueWithSpan, Values,
    WildcardAdditionalOptions, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType, With,
};
use sqlparser::tokenizer::Span;

pub(crate) mod definition;

/// A quoted name.
pub(crate) fn name(text: &str) -> Ident {
    Ident::with_quote('"', text)
}

/// A table's or a schema's table's name, each part quoted.
pub(crate) fn object(parts: &[String]) -> ObjectName {
    ObjectName(parts.iter().map(|part| ObjectNamePart::Identifier(name(part))).collect())
}

/// A column, of a relation's alias or of the only relation.
pub(crate) fn column(table: Option<&str>, column: &str) -> Expr {
    match table {
        Some(table) => Expr::CompoundIdentifier(vec![name(table), name(column)]),
        None => Expr::Identifier(name(column)),
    }
}

fn value(value: Value) -> Expr {
    Expr::Value(ValueWithSpan { value, span: Span::empty() })
}

/// A number without a sign, as its digits.
pub(crate) fn number(digits: &str) -> Expr {
    value(Value::Number(digits.to_owned(), false))
}

/// A whole number, with its sign.
pub(crate) fn integer(whole: i64) -> Expr {
    signed(whole < 0, number(&whole.unsigned_abs().to_string()))
}

/// The number itself, or its negative.
pub(crate) fn signed(negative: bool, number: Expr) -> Expr {
    if negative { Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) } } else { number }
}

pub(crate) fn boolean(truth: bool) -> Expr {
    value(Value::Boolean(truth))
}

pub(crate) fn null() -> Expr {
    value(Value::Null)
}

/// A text without two quotes in a row and without a backslash before a quote: the printer takes both for escapes.
pub(crate) fn plain_text(text: &str) -> Expr {
    value(Value::SingleQuotedString(text.to_owned()))
}

/// `DATE '2026-07-01'`.
pub(crate) fn typed(data_type: DataType, text: &str) -> Expr {
    let value = ValueWithSpan { value: Value::SingleQuotedString(text.to_owned()), span: Span::empty() };
    Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false })
}

/// `INTERVAL '3 months'`.
pub(crate) fn interval(text: &str) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(plain_text(text)),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

pub(crate) fn cast(operand: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(operand), data_type, array: false, format: None }
}

/// `NOW() AT TIME ZONE zone`: the wall clock there.
pub(crate) fn local_now(zone: Expr) -> Expr {
    Expr::AtTimeZone { timestamp: Box::new(call("NOW", Vec::new())), time_zone: Box::new(zone) }
}

/// How tightly an expression holds together, loosest first: the order all dialects and our parser agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// `IS NOT DISTINCT FROM`: our parser reads everything after it as its right side.
    Greedy,
    Or,
    And,
    Not,
    Comparison,
    Concat,
    Sum,
    Product,
    Sign,
    Whole,
}

/// The level of an expression that this module built.
fn level(expr: &Expr) -> Level {
    match expr {
        Expr::IsNotDistinctFrom(..) => Level::Greedy,
        Expr::BinaryOp { op, .. } => operator_level(op),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => Level::Not,
        Expr::UnaryOp { .. } => Level::Sign,
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::InList { .. } | Expr::Like { .. } => Level::Comparison,
        _ => Level::Whole,
    }
}

fn operator_level(operator: &BinaryOperator) -> Level {
    match operator {
        BinaryOperator::Or => Level::Or,
        BinaryOperator::And => Level::And,
        BinaryOperator::StringConcat => Level::Concat,
        BinaryOperator::Plus | BinaryOperator::Minus => Level::Sum,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => Level::Product,
        _ => Level::Comparison,
    }
}

/// The expression as an operand that must hold at least this tightly: in parentheses where it does not.
fn at_least(wanted: Level, expr: Expr) -> Expr {
    if level(&expr) < wanted { Expr::Nested(Box::new(expr)) } else { expr }
}

fn above(level: Level) -> Level {
    match level {
        Level::Greedy => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Comparison,
        Level::Comparison => Level::Concat,
        // What binds tighter, `||` or `+`, differs between parsers.
        Level::Concat => Level::Whole,
        Level::Sum => Level::Product,
        Level::Product => Level::Sign,
        Level::Sign | Level::Whole => Level::Whole,
    }
}

/// `left operator right`, with the parentheses that the operands need and no others.
pub(crate) fn binary(op: BinaryOperator, left: Expr, right: Expr) -> Expr {
    let own = operator_level(&op);
    let left_wanted = match own {
        Level::Comparison => above(own),
        _ => own,
    };
    let left = match own {
        Level::Concat if level(&left) != own => at_least(Level::Whole, left),
        _ => at_least(left_wanted, left),
    };
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(at_least(above(own), right)) }
}

/// `a AND b`; a chain of them on the right side needs no parentheses.
pub(crate) fn and(left: Expr, right: Expr) -> Expr {
    chain(BinaryOperator::And, left, right)
}

/// A chain of an operator for which the order of evaluation does not matter.
pub(crate) fn chain(op: BinaryOperator, left: Expr, right: Expr) -> Expr {
    match right {
        Expr::BinaryOp { left: first, op: inner, right: rest } if inner == op => {
            let left = chain(op, left, *first);
            binary(inner, left, *rest)
        }
        other => binary(op, left, other),
    }
}

pub(crate) fn not(operand: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(at_least(Level::Whole, operand)) }
}

pub(crate) fn minus(operand: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(at_least(Level::Whole, operand)) }
}

/// Equal, or both null.
pub(crate) fn not_distinct(left: Expr, right: Expr) -> Expr {
    Expr::IsNotDistinctFrom(Box::new(at_least(Level::Concat, left)), Box::new(at_least(Level::Concat, right)))
}

pub(crate) fn is_null(operand: Expr) -> Expr {
    Expr::IsNull(Box::new(at_least(Level::Concat, operand)))
}

pub(crate) fn is_not_null(operand: Expr) -> Expr {
    Expr::IsNotNull(Box::new(at_least(Level::Concat, operand)))
}

pub(crate) fn in_list(operand: Expr, list: Vec<Expr>, negated: bool) -> Expr {
    Expr::InList { expr: Box::new(at_least(Level::Concat, operand)), list, negated }
}

pub(crate) fn like(operand: Expr, pattern: Expr, negated: bool, escape: Option<&str>) -> Expr {
    let expr = Box::new(at_least(Level::Concat, operand));
    let pattern = Box::new(at_least(Level::Concat, pattern));
    let escape_char =
        escape.map(|text| ValueWithSpan { value: Value::SingleQuotedString(text.to_owned()), span: Span::empty() });
    Expr::Like { negated, any: false, expr, pattern, escape_char }
}

/// `CASE WHEN … THEN … END`.
pub(crate) fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: branches.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: otherwise.map(Box::new),
    }
}

/// `EXTRACT(YEAR FROM x)`.
pub(crate) fn extract(field: DateTimeField, operand: Expr) -> Expr {
    Expr::Extract { field, syntax: ExtractSyntax::From, expr: Box::new(operand) }
}

pub(crate) fn floor(operand: Expr) -> Expr {
    Expr::Floor { expr: Box::new(operand), field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) }
}

pub(crate) fn ceiling(operand: Expr) -> Expr {
    Expr::Ceil { expr: Box::new(operand), field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) }
}

/// `TRIM(BOTH ' ' FROM x)`.
pub(crate) fn trim(what: &str, operand: Expr) -> Expr {
    Expr::Trim {
        trim_where: Some(TrimWhereField::Both),
        trim_what: Some(Box::new(plain_text(what))),
        expr: Box::new(operand),
        trim_characters: None,
    }
}

/// The element of an array at a place counted from 1.
pub(crate) fn element(array: Expr, place: i64) -> Expr {
    Expr::CompoundFieldAccess {
        root: Box::new(Expr::Nested(Box::new(array))),
        access_chain: vec![AccessExpr::Subscript(Subscript::Index { index: integer(place) })],
    }
}

/// What an aggregate call says besides its arguments.
#[derive(Default)]
pub(crate) struct CallParts {
    pub(crate) distinct: bool,
    /// Inside the parentheses, after the arguments.
    pub(crate) order_by: Vec<OrderByExpr>,
    pub(crate) within_group: Vec<OrderByExpr>,
    pub(crate) filter: Option<Expr>,
}

/// `NAME(a, b)`.
pub(crate) fn call(function: &str, arguments: Vec<Expr>) -> Expr {
    call_with(function, arguments, CallParts::default())
}

/// `COUNT(*)`.
pub(crate) fn count_rows(filter: Option<Expr>) -> Expr {
    function("COUNT", vec![FunctionArgExpr::Wildcard], CallParts { filter, ..CallParts::default() })
}

/// `NAME(DISTINCT a ORDER BY b) WITHIN GROUP (ORDER BY c) FILTER (WHERE d)`, as far as it is said.
pub(crate) fn call_with(name: &str, arguments: Vec<Expr>, parts: CallParts) -> Expr {
    function(name, arguments.into_iter().map(FunctionArgExpr::Expr).collect(), parts)
}

/// `CURRENT_TIMESTAMP`: when the transaction began.
pub(crate) fn now() -> Expr {
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(Ident::new("CURRENT_TIMESTAMP"))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::None,
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

fn function(name: &str, arguments: Vec<FunctionArgExpr>, parts: CallParts) -> Expr {
    let clauses = match parts.order_by {
        order if order.is_empty() => vec![],
        order => vec![FunctionArgumentClause::OrderBy(order)],
    };
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(Ident::new(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: parts.distinct.then_some(DuplicateTreatment::Distinct),
            args: arguments.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses,
        }),
        filter: parts.filter.map(Box::new),
        null_treatment: None,
        over: None,
        within_group: parts.within_group,
    })
}

/// An order with the place of nulls written out.
pub(crate) fn order(expr: Expr, descending: bool, nulls_first: bool) -> OrderByExpr {
    OrderByExpr {
        expr,
        options: OrderByOptions { asc: Some(!descending), nulls_first: Some(nulls_first) },
        with_fill: None,
    }
}

/// The order of an expression's values, which are never null.
pub(crate) fn plain_order(expr: Expr) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc: None, nulls_first: None }, with_fill: None }
}

/// `expression AS "name"`.
pub(crate) fn output(expr: Expr, alias: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: name(alias) }
}

/// `*`.
pub(crate) fn every_column() -> SelectItem {
    SelectItem::Wildcard(WildcardAdditionalOptions::default())
}

fn table_alias(alias: &str, columns: &[String]) -> TableAlias {
    let columns = columns.iter().map(|column| TableAliasColumnDef { name: name(column), data_type: None }).collect();
    TableAlias { explicit: true, name: name(alias), columns, at: None }
}

/// `"table" AS "alias"`, or only `"table"` where that is the alias.
pub(crate) fn table(parts: &[String], alias: &str) -> TableFactor {
    let is_alias = matches!(parts, [only] if only == alias);
    named_table(parts, (!is_alias).then(|| table_alias(alias, &[])))
}

/// `"schema"."table"`, whose columns are called by their names alone.
pub(crate) fn bare_table(parts: &[String]) -> TableFactor {
    named_table(parts, None)
}

fn named_table(parts: &[String], alias: Option<TableAlias>) -> TableFactor {
    TableFactor::Table {
        name: object(parts),
        alias,
        args: None,
        with_hints: vec![],
        version: None,
        with_ordinality: false,
        partitions: vec![],
        json_path: None,
        sample: None,
        index_hints: vec![],
    }
}

/// `(VALUES (…), (…)) AS "alias" ("a", "b")`.
pub(crate) fn values_table(rows: Vec<Vec<Expr>>, alias: &str, columns: &[String]) -> TableFactor {
    let rows = rows.into_iter().map(Parens::with_empty_span).collect();
    let values = SetExpr::Values(Values { explicit_row: false, value_keyword: false, rows });
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query(values, vec![])),
        alias: Some(table_alias(alias, columns)),
        sample: None,
    }
}

/// The joins a plan uses.
pub(crate) fn inner_join(relation: TableFactor, on: Expr) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::Join(JoinConstraint::On(on)) }
}

pub(crate) fn left_join(relation: TableFactor, on: Expr) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::Left(JoinConstraint::On(on)) }
}

pub(crate) fn cross_join(relation: TableFactor) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::CrossJoin(JoinConstraint::None) }
}

/// `GROUPING SETS ((a, b), (a))`.
pub(crate) fn grouping_sets(sets: Vec<Vec<Expr>>) -> Expr {
    Expr::GroupingSets(sets)
}

/// The parts of a select that a plan says.
#[derive(Default)]
pub(crate) struct SelectParts {
    pub(crate) distinct: bool,
    pub(crate) columns: Vec<SelectItem>,
    pub(crate) from: Option<TableFactor>,
    pub(crate) joins: Vec<Join>,
    pub(crate) filter: Option<Expr>,
    pub(crate) group_by: Vec<Expr>,
    pub(crate) having: Option<Expr>,
}

pub(crate) fn select(parts: SelectParts) -> SetExpr {
    let joins = parts.joins;
    SetExpr::Select(Box::new(Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: vec![],
        distinct: parts.distinct.then_some(Distinct::Distinct),
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: parts.columns,
        exclude: None,
        into: None,
        from: parts.from.into_iter().map(|relation| TableWithJoins { relation, joins: joins.clone() }).collect(),
        lateral_views: vec![],
        prewhere: None,
        selection: parts.filter,
        connect_by: vec![],
        group_by: GroupByExpr::Expressions(parts.group_by, vec![]),
        cluster_by: vec![],
        distribute_by: vec![],
        sort_by: vec![],
        having: parts.having,
        named_window: vec![],
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }))
}

/// All rows of both.
pub(crate) fn union_all(left: SetExpr, right: SetExpr) -> SetExpr {
    SetExpr::SetOperation {
        left: Box::new(left),
        op: SetOperator::Union,
        set_quantifier: SetQuantifier::All,
        right: Box::new(right),
    }
}

/// A query as one operand of a set operation.
pub(crate) fn nested_query(inner: Query) -> SetExpr {
    SetExpr::Query(Box::new(inner))
}

pub(crate) fn query(body: SetExpr, order_by: Vec<OrderByExpr>) -> Query {
    let order_by =
        (!order_by.is_empty()).then_some(OrderBy { kind: OrderByKind::Expressions(order_by), interpolate: None });
    Query {
        with: None,
        body: Box::new(body),
        order_by,
        limit_clause: None,
        fetch: None,
        locks: vec![],
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: vec![],
    }
}

/// `"name" AS MATERIALIZED (query)`.
pub(crate) fn named_query(name: &str, materialized: bool, query: Query) -> Cte {
    Cte {
        alias: TableAlias { explicit: false, ..table_alias(name, &[]) },
        query: Box::new(query),
        from: None,
        materialized: materialized.then_some(CteAsMaterialized::Materialized),
        closing_paren_token: AttachedToken::empty(),
    }
}

/// The query with its named queries before it.
pub(crate) fn with(named: Vec<Cte>, result: Query) -> Query {
    if named.is_empty() {
        return result;
    }
    let with = With { with_token: AttachedToken::empty(), recursive: false, cte_tables: named };
    Query { with: Some(with), ..result }
}

/// The aggregate over only the rows for which the filter is true.
pub(crate) fn filtered(aggregate: Expr, filter: Expr) -> Expr {
    match aggregate {
        Expr::Function(function) => Expr::Function(Function { filter: Some(Box::new(filter)), ..function }),
        Expr::Cast { kind, expr, data_type, array, format } => {
            Expr::Cast { kind, expr: Box::new(filtered(*expr, filter)), data_type, array, format }
        }
        other => other,
    }
}

/// `NAME(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`, as far as it is said.
pub(crate) fn over(call: Expr, partition_by: Vec<Expr>, order_by: Vec<OrderByExpr>, framed: bool) -> Expr {
    let Expr::Function(function) = call else { return call };
    let window_frame = framed.then_some(WindowFrame {
        units: WindowFrameUnits::Rows,
        start_bound: WindowFrameBound::Preceding(None),
        end_bound: Some(WindowFrameBound::CurrentRow),
    });
    let window = WindowSpec { window_name: None, partition_by, order_by, window_frame };
    Expr::Function(Function { over: Some(WindowType::WindowSpec(window)), ..function })
}

/// `AS name`, as the name is written.
pub(crate) fn alias(ident: Ident) -> TableAlias {
    TableAlias { explicit: true, name: ident, columns: vec![], at: None }
}
