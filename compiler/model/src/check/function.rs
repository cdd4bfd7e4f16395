//! Functions of the language: what they take, what they give, and the check of their own definition.

use crate::check::column_type;
use crate::check::expression::{Bound, Expressions, Scope, builtin};
use crate::check::names::{Names, dotted};
use crate::check::walk;
use crate::model::Model;
use crate::types::{Base, Type};
use crate::unit::Unit;
use groma_syntax::ast::{Entry, Expr, ExprKind, Infix, Item};
use groma_syntax::{Diagnostic, Span};
use smol_str::SmolStr;

/// A function as it is expanded where it is called.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) value: Option<Expr>,
    pub(crate) returns: Returns,
    /// The body runs over rows, itself or through functions it calls.
    pub(crate) aggregates: bool,
    /// The definition itself was reported: calls stay quiet.
    pub(crate) broken: bool,
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: SmolStr,
    pub(crate) takes: Takes,
    pub(crate) default: Option<Expr>,
}

/// What a parameter takes.
#[derive(Debug, Clone)]
pub(crate) enum Takes {
    Anything,
    /// `number`: any number, of any unit.
    Number,
    /// `scale`: a scale with any ends.
    Scale,
    /// Exactly one of these.
    OneOf(Vec<Type>),
}

/// What a function gives.
#[derive(Debug, Clone)]
pub(crate) enum Returns {
    /// What its body gives.
    Body,
    /// A number in that unit.
    Unit(Unit),
    /// A value of that type.
    Type(Type),
}

/// Reads the head of a function.
pub(crate) fn read(item: &Item, names: &Names, customers: &[SmolStr], sink: &mut Vec<Diagnostic>) -> Definition {
    let before = sink.len();
    let parameters = item
        .params
        .iter()
        .map(|parameter| Parameter {
            name: parameter.name.text.clone(),
            takes: takes(&parameter.ty, names, customers).unwrap_or_else(|finding| {
                sink.push(finding);
                Takes::Anything
            }),
            default: parameter.default.clone(),
        })
        .collect();
    let returns = item.returns.as_ref().map_or(Returns::Body, |returns| {
        given(returns, names, customers).unwrap_or_else(|finding| {
            sink.push(finding);
            Returns::Body
        })
    });
    let value = item.body.entries.iter().find_map(|entry| match entry {
        Entry::Value { key, values, .. } if key.text == "value" => values.first().cloned(),
        _ => None,
    });
    Definition { parameters, value, returns, aggregates: false, broken: item.broken || sink.len() > before }
}

/// Whether a body runs over rows, by the aggregates and functions it calls; called in the order of dependence.
pub(crate) fn aggregates(model: &Model, value: &Expr, standard: bool) -> bool {
    let mut found = false;
    walk::visit(value, &mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind {
            let name = dotted(function);
            found |= match model.names.function(&name, standard) {
                Some(id) => model.definitions[id.index()].aggregates,
                None => builtin::aggregate(&name).is_some(),
            };
        }
    });
    found
}

/// Checks a definition on its own, with parameters that stand for anything of their type.
pub(crate) fn check(model: &Model, definition: &Definition, standard: bool) -> Vec<Diagnostic> {
    let Some(value) = &definition.value else { return Vec::new() };
    let bound: Vec<(SmolStr, Bound)> = definition
        .parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), Bound::Any(parameter.takes.example())))
        .collect();
    let scope = Scope { standard, columns: false, parameters: &bound, ..Scope::measure(None) };
    let mut expressions = Expressions::new(model);
    for default in definition.parameters.iter().filter_map(|parameter| parameter.default.as_ref()) {
        expressions.row(default, &scope);
    }
    let ty = match definition.aggregates {
        true => expressions.measure(value, &scope).ty,
        false => expressions.row(value, &scope).ty,
    };
    expressions.returned(ty, &definition.returns, value.span);
    expressions.sink
}

impl Takes {
    /// A type that stands for whatever the parameter takes.
    fn example(&self) -> Type {
        match self {
            Takes::Anything => Type::unknown(),
            Takes::Number => Type::of(Base::Real, Unit::Any),
            Takes::Scale => Type::of(Base::Int, Unit::Any),
            Takes::OneOf(types) => types.first().cloned().unwrap_or_default(),
        }
    }

    /// Whether a value of that type may be given.
    pub(crate) fn accepts(&self, ty: &Type) -> bool {
        let same = |wanted: &Type| match (&wanted.base, &ty.base) {
            (Base::Real | Base::Decimal { .. }, Base::Int | Base::Real | Base::Decimal { .. } | Base::Scale { .. })
            | (Base::Int, Base::Scale { .. })
            | (Base::Text, Base::Verbatim)
            | (Base::Instant { .. }, Base::Instant { .. }) => true,
            (wanted, found) => wanted == found,
        };
        ty.is_open()
            || match self {
                Takes::Anything => true,
                Takes::Number => ty.is_number(),
                Takes::Scale => matches!(ty.base, Base::Scale { .. }),
                Takes::OneOf(types) => types.iter().any(same),
            }
    }
}

fn takes(expr: &Expr, names: &Names, customers: &[SmolStr]) -> Result<Takes, Diagnostic> {
    match &expr.kind {
        ExprKind::Path(path) => match dotted(path).as_str() {
            "number" => Ok(Takes::Number),
            "scale" => Ok(Takes::Scale),
            "any" => Ok(Takes::Anything),
            _ => Ok(Takes::OneOf(vec![column_type::read(expr, names, customers)?])),
        },
        ExprKind::Infix { operator: Infix::Or, left, right, .. } => {
            match (takes(left, names, customers)?, takes(right, names, customers)?) {
                (Takes::OneOf(mut types), Takes::OneOf(further)) => {
                    types.extend(further);
                    Ok(Takes::OneOf(types))
                }
                (Takes::Anything, _) | (_, Takes::Anything) => Ok(Takes::Anything),
                (one, _) => Ok(one),
            }
        }
        _ => Ok(Takes::OneOf(vec![column_type::read(expr, names, customers)?])),
    }
}

fn given(expr: &Expr, names: &Names, customers: &[SmolStr]) -> Result<Returns, Diagnostic> {
    if let ExprKind::Path(path) = &expr.kind {
        let word = dotted(path);
        if column_type::is_unit(&word) {
            return Ok(Returns::Unit(Unit::base(&word)));
        }
        if word == "number" {
            return Ok(Returns::Body);
        }
    }
    column_type::read(expr, names, customers).map(Returns::Type)
}

impl Expressions<'_> {
    /// The type that a function's result has, by its body and by what it says after `->`.
    pub(crate) fn returned(&mut self, ty: Type, returns: &Returns, span: Span) -> Type {
        let wanted = match returns {
            Returns::Body => return ty,
            Returns::Unit(unit) if ty.is_number() && ty.unit.may_be(unit) => return Type::of(ty.base, unit.clone()),
            Returns::Type(wanted) if (Takes::OneOf(vec![wanted.clone()])).accepts(&ty) => {
                return Type::of(ty.base, if wanted.unit == Unit::None { ty.unit } else { wanted.unit.clone() });
            }
            Returns::Unit(unit) => format!("a number in {unit}"),
            Returns::Type(wanted) => self.describe(wanted),
        };
        let what = self.describe(&ty);
        self.sink.push(
            super::typing::MISMATCH
                .finding(format!("the function promises {wanted} and its value is {what}"))
                .at(span, what)
                .help("change what stands after `->`, or the value"),
        );
        Type::unknown()
    }
}
