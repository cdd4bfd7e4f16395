//! Row expressions: exact where they can be, guarded where they must be, local where they mean local.

use super::build::*;
use super::evaluate::{Value, constant, run};
use crate::draft::Draft;
use crate::relation::{Binary as Operator, Expr, Function, Literal, Select, Statement, ValueType};
use crate::rows::Rows;
use crate::typed::{self, Typed};
use crate::zone::{Years, Zones};
use groma_model::row::{Binary, Literal as Constant, RowExpr, RowFunction, RowKind};
use groma_model::types::{Base, Type};
use std::collections::BTreeSet;

fn decimal(digits: &str) -> Typed {
    Typed::constant(&Constant::Decimal(digits.into()))
}

fn whole(value: i64) -> Typed {
    Typed::constant(&Constant::Int(value))
}

fn of_type(ty: ValueType) -> Typed {
    Typed::new(Expr::name("x"), ty)
}

const MONEY: ValueType = ValueType::Decimal { precision: 12, scale: 2 };

#[test]
fn sums_and_products_of_exact_numbers_stay_exact() {
    let sum = typed::binary(Binary::Add, of_type(MONEY), whole(1));
    assert_eq!(sum.expr, Expr::binary(Operator::Add, Expr::name("x"), Expr::Literal(Literal::Decimal("1".into()))));
    let product = typed::binary(Binary::Multiply, of_type(MONEY), decimal("0.10"));
    assert_eq!(product.ty, Some(ValueType::Decimal { precision: 14, scale: 4 }));
    let of_ints = typed::binary(Binary::Multiply, of_type(ValueType::Int), whole(3));
    assert_eq!(of_ints.ty, Some(ValueType::Int));
    let mixed = typed::binary(Binary::Subtract, of_type(ValueType::Int), of_type(MONEY));
    assert_eq!(mixed.ty, Some(ValueType::Decimal { precision: 22, scale: 2 }));
}

#[test]
fn a_product_that_no_engine_can_hold_exactly_is_one_of_doubles() {
    let square = || typed::binary(Binary::Multiply, of_type(MONEY), of_type(MONEY));
    assert_eq!(square().ty, Some(ValueType::Decimal { precision: 24, scale: 4 }));
    assert_eq!(typed::binary(Binary::Multiply, square(), square()).ty, Some(ValueType::Real));
}

#[test]
fn literals_take_the_type_of_the_other_side() {
    let compared = typed::binary(Binary::Less, of_type(ValueType::Real), decimal("0.5"));
    assert_eq!(compared.expr, Expr::binary(Operator::Less, Expr::name("x"), typed::real(0.5)));
    let negative = typed::binary(Binary::Add, of_type(ValueType::Real), typed::minus(whole(2)));
    let Expr::Binary { right, .. } = negative.expr else { panic!("a sum") };
    assert_eq!(*right, typed::minus(Typed::new(typed::real(2.0), ValueType::Real)).expr);
    let wide = typed::binary(Binary::Greater, of_type(ValueType::Int), decimal("1.5"));
    let Expr::Binary { left, .. } = wide.expr else { panic!("a comparison") };
    assert_eq!(*left, Expr::name("x").cast(ValueType::Decimal { precision: 20, scale: 1 }));
    let untyped = typed::binary(Binary::Equal, of_type(ValueType::Text), Typed::null());
    let Expr::Binary { right, .. } = untyped.expr else { panic!("a comparison") };
    assert_eq!(*right, Expr::Literal(Literal::Null(ValueType::Text)));
}

#[test]
fn divisions_and_functions_are_guarded() {
    let value = |typed: Typed| constant(&typed.expr);
    assert_eq!(value(typed::binary(Binary::Divide, whole(7), whole(2))), Value::Real(3.5));
    assert_eq!(value(typed::binary(Binary::Divide, whole(7), whole(0))), Value::Null);
    assert_eq!(value(typed::binary(Binary::Remainder, whole(7), whole(0))), Value::Null);
    assert_eq!(value(typed::binary(Binary::Remainder, whole(7), whole(4))), Value::Int(3));
    assert_eq!(value(typed::binary(Binary::Remainder, decimal("-7.5"), whole(2))), Value::Real(-1.5));
    assert_eq!(value(typed::sqrt(typed::minus(whole(4)))), Value::Null);
    assert_eq!(value(typed::sqrt(whole(4))), Value::Real(2.0));
    assert_eq!(value(typed::ln(whole(0))), Value::Null);
    assert_eq!(value(typed::exp(whole(710))), Value::Null);
    assert_eq!(value(typed::power(whole(0), typed::minus(whole(1)))), Value::Null);
    assert_eq!(value(typed::power(typed::minus(whole(8)), decimal("0.5"))), Value::Null);
    assert_eq!(value(typed::power(typed::minus(whole(2)), whole(3))), Value::Real(-8.0));
    let greatest = |values| value(typed::extreme(Function::Greatest, values));
    assert_eq!(greatest(vec![whole(1), decimal("2.5")]), Value::Real(2.5));
    assert_eq!(greatest(vec![whole(1), Typed::null()]), Value::Null);
}

#[test]
fn the_smallest_of_many_is_taken_in_steps() {
    assert_eq!(typed::extreme_of(Function::Least, Vec::new()), None);
    assert_eq!(typed::extreme_of(Function::Least, vec![Expr::int(7)]), Some(Expr::int(7)));
    let many = typed::extreme_of(Function::Least, (3..25_003).map(Expr::int).collect()).unwrap();
    assert_eq!(constant(&many), Value::Int(3));
}

/// The values of expressions over orders, in the project's zone Berlin.
fn values(exprs: &[RowExpr], ordered_at: &[&str]) -> Vec<Vec<Value>> {
    let model = shop("Europe/Berlin");
    let orders: Vec<_> = ordered_at.iter().map(|at| ("a", *at, Some(1.0), false)).collect();
    let zones = Zones::new(&model.calendar.zone);
    let table = |source| vec![model.source(source).header.name.to_string()];
    let mut draft = Draft::new(&model, &zones, &table, &BTreeSet::from([ORDERS]));
    let mut rows = Rows::new(&mut draft, ORDERS, Years::all(), None);
    let later: Vec<_> = exprs.iter().map(|expr| rows.outside(&mut draft, expr)).collect();
    let here: Vec<_> = exprs.iter().map(|expr| rows.inside(&mut draft, expr)).collect();
    for (number, typed) in here.into_iter().enumerate() {
        rows.output(&format!("inside {number}"), typed.expr);
    }
    let step = draft.push("orders_rows", rows.finish(None));
    let mut columns: Vec<_> =
        later.into_iter().zip(0..).map(|(typed, number)| typed.expr.named(format!("{number}"))).collect();
    columns.extend((0..exprs.len()).map(|number| Expr::name(&format!("inside {number}")).named(format!("i{number}"))));
    let statement: Statement =
        draft.finish(Select { columns, from: crate::draft::from_step(&step), ..Select::default() });
    let rows = run(&statement, &shop_tables(&orders, &[])).rows;
    for row in &rows {
        assert_eq!(row[..exprs.len()], row[exprs.len()..], "the same here and in a later step");
    }
    rows.into_iter().map(|row| row[..exprs.len()].to_vec()).collect()
}

fn at() -> RowExpr {
    col(&shop("UTC"), ORDERS, "ordered_at")
}

fn shifted(operand: RowExpr, months: i64, days: i64) -> RowExpr {
    let ty = operand.ty.clone();
    row(RowKind::Shift { operand: Box::new(operand), months, days }, ty)
}

#[test]
fn parts_of_an_instant_are_those_of_local_time() {
    let of = |name| function(name, Base::Int, vec![at()]);
    let exprs = [
        function(RowFunction::Date, Base::Date, vec![at()]),
        of(RowFunction::Hour),
        of(RowFunction::Weekday),
        of(RowFunction::Month),
        of(RowFunction::Year),
        of(RowFunction::DayOfMonth),
        function(RowFunction::DaysBetween, Base::Int, vec![at(), date_value("2026-01-03")]),
    ];
    let int = Value::Int;
    let row = vec![day("2026-01-01"), int(0), int(4), int(1), int(2026), int(1), int(2)];
    assert_eq!(values(&exprs, &["2025-12-31 18:30:00"]), [row]);
}

#[test]
fn an_instant_is_compared_with_the_local_midnight_of_a_date() {
    let date = || date_value("2026-01-01");
    let exprs = [
        op(Binary::GreaterEqual, at(), date()),
        op(Binary::Less, date(), at()),
        op(Binary::Equal, at(), at()),
        row(RowKind::In { operand: Box::new(at()), list: vec![date()], negated: false }, Type::plain(Base::Bool)),
        op(Binary::GreaterEqual, at(), shifted(date(), 0, 0)),
        row(RowKind::IsNull { operand: Box::new(at()), negated: true }, Type::plain(Base::Bool)),
    ];
    let truth = |values: [bool; 6]| values.map(Value::Bool).to_vec();
    assert_eq!(
        values(&exprs, &["2025-12-31 17:59:59", "2025-12-31 18:00:00", "2025-12-31 18:00:01"]),
        [
            truth([false, false, true, false, false, true]),
            truth([true, false, true, true, true, true]),
            truth([true, true, true, false, true, true]),
        ]
    );
}

#[test]
fn an_instant_moves_by_the_local_calendar() {
    // 31 January, 00:30 in Berlin.
    let exprs = [shifted(at(), 1, 0), shifted(at(), 0, 2), shifted(at(), -1, 1)];
    let moved: Vec<Vec<Value>> = values(&exprs, &["2026-01-30 18:30:00"]);
    let stamp = |text: &str| Value::Timestamp(text.parse().unwrap());
    assert_eq!(moved, [vec![stamp("2026-02-28T00:30:00"), stamp("2026-02-02T00:30:00"), stamp("2026-01-01T00:30:00")]]);
}

#[test]
fn what_the_model_calls_whole_is_whole() {
    let third = || op(Binary::Divide, int(7), int(3));
    let exprs = [
        function(RowFunction::Floor, Base::Int, vec![third()]),
        function(RowFunction::Ceiling, Base::Real, vec![third()]),
        function(RowFunction::Round, Base::Int, vec![int(4)]),
        function(
            RowFunction::Coalesce,
            Base::Text,
            vec![row(RowKind::Literal(Constant::Null), Type::default()), text("x")],
        ),
    ];
    let expected = vec![Value::Int(2), Value::Real(3.0), Value::Int(4), Value::Text("x".into())];
    assert_eq!(values(&exprs, &["2026-01-01 00:00:00"]), [expected]);
}
