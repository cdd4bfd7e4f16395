//! Calls of functions written in the language: their body is read where they are called.

use super::{Bound, Expressions, NO_ROWS, Scope, UNKNOWN_FUNCTION, WRONG_ARGUMENT, builtin};
use crate::check::function::{Definition, Takes};
use crate::check::names::nearest;
use crate::measure::Measure;
use crate::model::FunctionId;
use crate::row::RowExpr;
use crate::types::{Base, Type};
use groma_syntax::ast::{Argument, Expr};
use groma_syntax::{Diagnostic, Span};
use smol_str::SmolStr;

/// Functions call functions this deep at most.
const NESTED_CALLS: usize = 32;

/// What a call adds to the depth of an expression.
const CALL_DEPTH: usize = 10;

impl Expressions<'_> {
    pub(super) fn row_user_call(
        &mut self,
        name: &str,
        arguments: &[Argument],
        span: Span,
        scope: &Scope<'_>,
    ) -> RowExpr {
        let model = self.model;
        let Some((id, bound)) = self.bind(name, arguments, span, scope) else {
            return RowExpr::unknown(span);
        };
        let definition = &model.definitions[id.index()];
        let standard = model.functions[id.index()].header.standard;
        let inner = Scope { standard, columns: false, parameters: &bound, ..*scope };
        let mut value = self.expand(id, span, |expressions, body| expressions.row(body, &inner));
        if let Some(value) = &mut value {
            value.ty = self.returned(std::mem::take(&mut value.ty), &definition.returns, span);
            value.span = span;
        }
        value.unwrap_or_else(|| RowExpr::unknown(span))
    }

    pub(super) fn measure_user_call(
        &mut self,
        name: &str,
        arguments: &[Argument],
        span: Span,
        scope: &Scope<'_>,
    ) -> Measure {
        let model = self.model;
        let Some((id, bound)) = self.bind(name, arguments, span, scope) else {
            return Measure::unknown(span);
        };
        let definition = &model.definitions[id.index()];
        if definition.aggregates && scope.source.is_none() && scope.columns {
            self.sink.push(
                NO_ROWS
                    .finding(format!("`{name}` aggregates rows, and the metric does not say of which source"))
                    .at(span, "rows of what?")
                    .help("add `from:` with the source whose rows count"),
            );
            return Measure::unknown(span);
        }
        let standard = model.functions[id.index()].header.standard;
        let inner = Scope { standard, columns: false, parameters: &bound, ..*scope };
        let mut value = self.expand(id, span, |expressions, body| expressions.measure(body, &inner));
        if let Some(value) = &mut value {
            value.ty = self.returned(std::mem::take(&mut value.ty), &definition.returns, span);
            value.span = span;
        }
        value.unwrap_or_else(|| Measure::unknown(span))
    }

    /// Reads a body with its parameters bound. What is wrong with it only here is said at the call, once.
    fn expand<T>(&mut self, id: FunctionId, span: Span, read: impl FnOnce(&mut Self, &Expr) -> T) -> Option<T> {
        let model = self.model;
        let definition = &model.definitions[id.index()];
        let body = definition.value.as_ref()?;
        if definition.broken {
            return None;
        }
        if self.depth > NESTED_CALLS * CALL_DEPTH {
            self.no_meaning(span, "functions call functions too deep here", "let fewer functions call each other");
            return None;
        }
        let outer = std::mem::take(&mut self.sink);
        self.depth += CALL_DEPTH;
        let value = read(self, body);
        self.depth -= CALL_DEPTH;
        let inner = std::mem::replace(&mut self.sink, outer);
        let Some(first) = inner.into_iter().next() else { return Some(value) };
        let header = &model.functions[id.index()].header;
        let place = first.primary.as_ref().map_or(header.span, |label| label.span);
        self.sink.push(Diagnostic {
            headline: format!("in `{}`: {}", header.name, first.headline),
            ..first.at(span, "called here").also(place, "here in the function")
        });
        None
    }

    /// What each parameter stands for. `None`: reported.
    fn bind(
        &mut self,
        name: &str,
        arguments: &[Argument],
        span: Span,
        scope: &Scope<'_>,
    ) -> Option<(FunctionId, Vec<(SmolStr, Bound)>)> {
        let model = self.model;
        let Some(id) = model.names.function(name, scope.standard) else {
            self.unknown_function(name, span);
            return None;
        };
        let definition = &model.definitions[id.index()];
        let given = self.given(name, definition, arguments, span)?;
        let mut bound: Vec<(SmolStr, Bound)> = Vec::with_capacity(definition.parameters.len());
        for (parameter, argument) in definition.parameters.iter().zip(given) {
            let before = self.sink.len();
            let (value, place) = match (argument, &parameter.default) {
                (Some(argument), _) => (self.argument(argument, scope), argument.span),
                (None, Some(default)) => {
                    let standard = model.functions[id.index()].header.standard;
                    let inner = Scope { standard, columns: false, parameters: &bound, ..*scope };
                    (self.argument(default, &inner), span)
                }
                (None, None) => return None,
            };
            if self.sink.len() > before || !self.fits(name, &parameter.name, &parameter.takes, value.ty(), place) {
                return None;
            }
            bound.push((parameter.name.clone(), value));
        }
        Some((id, bound))
    }

    fn given<'a>(
        &mut self,
        name: &str,
        definition: &Definition,
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Vec<Option<&'a Expr>>> {
        let mut given: Vec<Option<&Expr>> = vec![None; definition.parameters.len()];
        for (index, argument) in arguments.iter().enumerate() {
            let (position, value) = match argument {
                Argument::Value(value) => (Some(index), value),
                Argument::Named { name, value } => {
                    (definition.parameters.iter().position(|parameter| parameter.name == name.text), value)
                }
                Argument::Where(value) => (None, value),
            };
            match position.and_then(|position| given.get_mut(position)) {
                Some(slot @ None) => *slot = Some(value),
                _ => {
                    self.wrong_call(name, definition, value.span, "the function takes no such value");
                    return None;
                }
            }
        }
        let missing = definition
            .parameters
            .iter()
            .zip(&given)
            .find(|(parameter, given)| given.is_none() && parameter.default.is_none());
        if let Some((parameter, _)) = missing {
            self.wrong_call(name, definition, span, &format!("`{}` is missing", parameter.name));
            return None;
        }
        Some(given)
    }

    fn argument(&mut self, expr: &Expr, scope: &Scope<'_>) -> Bound {
        match self.is_measure(expr, scope) {
            true => Bound::Measure(self.measure(expr, scope)),
            false => Bound::Row(self.row(expr, scope)),
        }
    }

    fn fits(&mut self, function: &str, parameter: &str, takes: &Takes, ty: &Type, place: Span) -> bool {
        if takes.accepts(ty) {
            return true;
        }
        let wanted = match takes {
            Takes::Anything => "anything".to_owned(),
            Takes::Number => "a number".to_owned(),
            Takes::Scale => "a scale".to_owned(),
            Takes::OneOf(types) => types.iter().map(|ty| self.describe(ty)).collect::<Vec<_>>().join(" or "),
        };
        let what = self.describe(ty);
        self.sink.push(
            WRONG_ARGUMENT
                .finding(format!("`{function}` needs {wanted}, and this is {what}"))
                .at(place, format!("given as `{parameter}`"))
                .help(help(takes, ty)),
        );
        false
    }

    fn wrong_call(&mut self, name: &str, definition: &Definition, span: Span, label: &str) {
        let parameters: Vec<String> = definition
            .parameters
            .iter()
            .map(|parameter| match parameter.default {
                Some(_) => format!("{}: …", parameter.name),
                None => parameter.name.to_string(),
            })
            .collect();
        self.sink.push(
            WRONG_ARGUMENT
                .finding(format!("`{name}` cannot be called like this"))
                .at(span, label)
                .help(format!("write it like `{name}({})`", parameters.join(", "))),
        );
    }

    fn unknown_function(&mut self, name: &str, span: Span) {
        let own = self.model.functions.iter().map(|function| {
            let name = function.header.name.as_str();
            name.strip_prefix("std.").unwrap_or(name)
        });
        let known = own.chain(builtin::documented().map(|(name, _)| name));
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it: `function {name}(…) {{ value: … }}`"),
        };
        self.sink.push(
            UNKNOWN_FUNCTION.finding(format!("there is no function `{name}`")).at(span, "no such function").help(help),
        );
    }
}

/// What to give a function instead of a value of that type.
fn help(takes: &Takes, ty: &Type) -> &'static str {
    let is_scale = |ty: &Type| matches!(ty.base, Base::Scale { .. });
    let of_scale = match takes {
        Takes::Scale => true,
        Takes::OneOf(types) => types.iter().all(is_scale),
        Takes::Anything | Takes::Number => false,
    };
    match of_scale {
        true if is_scale(ty) => {
            "the same answer means something else on another scale: use a score that is made for this one; `csat` and `top_box` \
             take any scale"
        }
        true if ty.is_number() => {
            "give it a column with the scale that was asked on: `score: scale(0 to 10), optional`"
        }
        _ => "give it a column of that type, or use the function that is made for this one",
    }
}

impl Bound {
    fn ty(&self) -> &Type {
        match self {
            Bound::Row(value) => &value.ty,
            Bound::Measure(value) => &value.ty,
            Bound::Any(ty) => ty,
        }
    }
}
