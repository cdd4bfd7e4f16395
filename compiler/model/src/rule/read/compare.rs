//! Comparisons: what may be compared with what.

use super::{MISTYPED, Reader, Typed, UNDECIDABLE};
use crate::check::names::{listed, nearest};
use crate::rule::attribute::attributes;
use crate::rule::expression::{Among, Compare, Node};
use crate::rule::value::{Type, Value};
use groma_syntax::Span;
use groma_syntax::ast::{Expr, ExprKind};

impl Reader<'_> {
    /// A comparison of two values.
    pub(super) fn compared(&mut self, how: Compare, left: Typed, right: Typed, operator: Span) -> Node {
        self.comparable(how, &left, &right, operator);
        Node::Compare { how, left: Box::new(left.node), right: Box::new(right.node) }
    }

    pub(super) fn between(&mut self, operand: &Expr, low: &Expr, high: &Expr, negated: bool, span: Span) -> Typed {
        let (first, second) = (self.expression(operand), self.expression(low));
        let low = self.compared(Compare::GreaterEqual, first, second, span);
        let before = self.sink.len();
        let first = self.expression(operand);
        // What is wrong with the operand has been said.
        self.sink.truncate(before);
        let second = self.expression(high);
        let high = self.compared(Compare::LessEqual, first, second, span);
        let both = Node::And(Box::new(low), Box::new(high));
        let node = if negated { Node::Not(Box::new(both)) } else { both };
        Typed { node, ty: Type::Bool, words: &[], span }
    }

    /// `a in (b, c)`, or in a list that something has.
    pub(super) fn among(&mut self, item: &Expr, list: &Expr, negated: bool) -> Node {
        let item = self.expression(item);
        let values = match &list.kind {
            ExprKind::Tuple(values) => values.as_slice(),
            ExprKind::Group(value) => std::slice::from_ref(&**value),
            _ => {
                let list = self.expression(list);
                let (operand, among) = (item.ty, list.ty.item());
                match among {
                    Some(ty) if operand.goes_with(ty) => {}
                    _ if list.ty == Type::Open => {}
                    Some(ty) => {
                        let headline = format!("{} is never in {}", operand.describe(), list.ty.describe());
                        let label = format!("each is {}", ty.describe());
                        let finding =
                            MISTYPED.finding(headline).at(list.span, label).also(item.span, operand.describe());
                        self.sink.push(finding.help(format!("look for {}", ty.describe())));
                    }
                    None => {
                        let finding = MISTYPED.finding(format!("nothing is in {}", list.ty.describe()));
                        let help = "write several in parentheses: `m.status in (\"active\", \"draft\")`";
                        self.sink.push(finding.at(list.span, "not a list").help(help));
                    }
                }
                let among = Among::List(Box::new(list.node));
                return Node::In { item: Box::new(item.node), among, negated };
            }
        };
        let mut nodes = Vec::with_capacity(values.len());
        for value in values {
            let value = self.expression(value);
            self.comparable(Compare::Equal, &item, &value, value.span);
            nodes.push(value.node);
        }
        Node::In { item: Box::new(item.node), among: Among::Values(nodes), negated }
    }

    /// Says why two values cannot be compared, if they cannot.
    fn comparable(&mut self, how: Compare, left: &Typed, right: &Typed, operator: Span) {
        let null = Node::Constant(Value::Null);
        if let Some(side) = [left, right].into_iter().find(|side| side.node == null && side.ty == Type::Open) {
            let finding = UNDECIDABLE.finding("nothing equals null, so this can never be known");
            let is = if how == Compare::NotEqual { "is not null" } else { "is null" };
            self.sink.push(finding.at(side.span, "null is no value").help(format!("write `{is}`")));
            return;
        }
        let ordered = !matches!(how, Compare::Equal | Compare::NotEqual);
        let unordered = |ty| ordered && matches!(ty, Type::Bool | Type::Thing(_));
        if !left.ty.goes_with(right.ty) || unordered(left.ty) || unordered(right.ty) {
            let (one, other) = (left.ty.describe(), right.ty.describe());
            let headline = format!("{one} is compared with {other}");
            let mut finding = MISTYPED.finding(headline).at(operator, "never true or false");
            finding = finding.also(left.span, one).also(right.span, other);
            finding.help = Some(match left.ty.item().or(right.ty.item()) {
                Some(_) => "ask whether a value is `in` the list, or how many it has: `count(…)`".to_owned(),
                None if unordered(left.ty) => "ask whether they are equal".to_owned(),
                None => "compare two values of one sort".to_owned(),
            });
            self.sink.push(finding);
            return;
        }
        for (side, other) in [(left, right), (right, left)] {
            self.known_word(side, other);
        }
    }

    /// Something of a few words is compared with another one.
    fn known_word(&mut self, side: &Typed, other: &Typed) {
        let Node::Constant(Value::Text(text)) = &other.node else { return };
        let words = side.words;
        if words.is_empty() || words.contains(&text.as_str()) {
            return;
        }
        let name = match &side.node {
            Node::Attribute { sort, attribute, .. } => attributes(*sort)[*attribute].name,
            _ => "it",
        };
        let mut finding = MISTYPED
            .finding(format!("`{name}` is never `{text}`"))
            .at(other.span, "none of the words it may be")
            .also(side.span, "this");
        match nearest(text, words.iter().copied()) {
            Some(near) => {
                finding = finding.help(format!("did you mean \"{near}\"?"));
                finding = finding.fix(format!("write \"{near}\""), other.span, format!("\"{near}\""));
            }
            None => finding = finding.help(format!("it is one of {}", listed(words.iter().copied()))),
        }
        self.sink.push(finding);
    }
}
