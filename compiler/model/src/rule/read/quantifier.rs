//! Quantifiers: `every source of m has …`, `any metric using c`, `no metric …`, `count(metric using s)`.
//!
//! `of`, `using` and `has` bind more loosely than `and`: what stands beside a quantifier is read as a part of it. So a
//! quantifier inside a longer condition stands in parentheses, and one that does not is refused with that advice.

use super::{LOOPS, MISPLACED_QUANTIFIER, Reader, Typed, UNKNOWN_KIND};
use crate::check::names::{listed, nearest};
use crate::rule::expression::{Node, Quantified, Which};
use crate::rule::relation::Way;
use crate::rule::value::{Sort, Type};
use crate::schema::Kind;
use groma_syntax::Span;
use groma_syntax::ast::{Expr, ExprKind, Infix, Name, Prefix};

/// A quantifier in its parts.
struct Parts<'e> {
    which: Which,
    word: &'e Name,
    relation: Option<(Way, &'e Expr)>,
    condition: Option<&'e Expr>,
}

impl Reader<'_> {
    /// A quantifier that is true or false.
    pub(super) fn quantifier(&mut self, whole: &Expr) -> Typed {
        match parts(whole) {
            Some(parts) if parts.which != Which::Count => self.quantified(&parts, whole.span),
            Some(parts) => {
                let text = format!("`{}` says neither `every`, `any` nor `no`, so it is no condition", parts.word.text);
                self.misplaced(
                    text,
                    whole.span,
                    format!("write `any {} …`, or count: `count({} …) > 0`", parts.word.text, parts.word.text),
                )
            }
            None => {
                let text = "this quantifier takes what stands beside it for a part of itself".to_owned();
                let help =
                    "put the quantifier in parentheses: `a and (every source of m has b)`, `not (any metric using c)`";
                self.misplaced(text, whole.span, help.to_owned())
            }
        }
    }

    /// Whether what is counted is a quantifier without its first word, and not a list.
    pub(super) fn is_counted(&self, argument: &Expr) -> bool {
        match &argument.kind {
            ExprKind::Infix { operator: Infix::Has | Infix::Of | Infix::Using, .. } => true,
            ExprKind::Path(path) => {
                matches!(path.as_slice(), [name] if self.scope.iter().all(|(known, _)| *known != name.text))
            }
            _ => false,
        }
    }

    /// `count(metric using s has …)`.
    pub(super) fn counted(&mut self, argument: &Expr, span: Span) -> Typed {
        match parts(argument) {
            Some(parts) if parts.which == Which::Count => self.quantified(&parts, span),
            Some(_) => {
                let text = "`count` counts all that are so; it takes no `every`, `any` or `no`".to_owned();
                self.misplaced(text, argument.span, "leave the word out: `count(metric using s)`".to_owned())
            }
            None => self.misplaced(
                "this cannot be read as what is counted".to_owned(),
                argument.span,
                "write `count(metric using s has …)`, with the things of `of` and `using` in parentheses".to_owned(),
            ),
        }
    }

    fn quantified(&mut self, parts: &Parts<'_>, span: Span) -> Typed {
        let Some(sort) = Sort::from_word(&parts.word.text) else { return self.unknown_kind(parts.word, span) };
        if let Some(reported) = self.refused(parts, sort, span) {
            return reported;
        }
        let mut relation = None;
        if let Some((way, of)) = parts.relation {
            if is_joined(of) {
                let text = "this quantifier takes the rest of the condition for a part of itself".to_owned();
                let help = "put the quantifier in parentheses: `(any metric using c) and …`".to_owned();
                return self.misplaced(text, span, help);
            }
            let thing = self.expression(of);
            match thing.ty {
                Type::Thing(other) => {
                    if let Some(reported) = self.unrelated(sort, way, other, span) {
                        return reported;
                    }
                }
                Type::Open => {}
                _ => self.must_be(&thing, Type::Thing(sort)),
            }
            relation = Some((way, thing.node));
        }
        let slot = self.scope.len();
        let condition = parts.condition.map(|condition| {
            self.scope.push((parts.word.text.clone(), sort));
            let condition = self.truth(condition);
            self.scope.truncate(slot);
            condition
        });
        let alone = condition.as_ref().is_none_or(|condition| !condition.looks_beyond(slot));
        let ty = if parts.which == Which::Count { Type::Number } else { Type::Bool };
        let key = condition.as_ref().and_then(|condition| condition.key(slot));
        let quantified = Quantified { which: parts.which, sort, relation, slot, condition, alone, key };
        Typed { node: Node::Quantified(Box::new(quantified)), ty, words: &[], span }
    }

    /// Quantifiers that say nothing, or nothing clear.
    fn refused(&mut self, parts: &Parts<'_>, sort: Sort, span: Span) -> Option<Typed> {
        let word = &parts.word.text;
        if sort == Sort::Declared(Kind::Rule) && self.scope.iter().any(|(_, sort)| *sort == Sort::Declared(Kind::Rule))
        {
            let finding = LOOPS
                .finding(
                    "this rule about rules asks all rules, and so itself: what it says would depend on what it says",
                )
                .at(span, "asks every rule")
                .help("say what must hold of each rule by itself");
            return Some(self.open(finding, span));
        }
        if parts.which == Which::Every && parts.condition.is_none() {
            let text = format!("`every {word}` says nothing of them");
            return Some(self.misplaced(
                text,
                span,
                format!("say what each must be: `every {word} of m has {word}.…`"),
            ));
        }
        if parts.condition.is_some() && self.scope.iter().any(|(name, _)| name == word) {
            let text = format!("`{word}` would stand for two things at once");
            let help =
                format!("ask for it in a `has` of its own, or call the thing of `for` by another name than `{word}`");
            return Some(self.misplaced(text, parts.word.span, help));
        }
        None
    }

    /// Columns are those of a source, and nothing points at them.
    fn unrelated(&mut self, sort: Sort, way: Way, other: Sort, span: Span) -> Option<Typed> {
        let source = Sort::Declared(Kind::Source);
        let text = match (sort, way, other) {
            (Sort::Column, Way::Of, other) if other != source => {
                format!("a {} has no columns of its own", other.word())
            }
            (Sort::Column, Way::Using, _) => "columns use nothing".to_owned(),
            (_, _, Sort::Column) => "what uses a column is not known to rules".to_owned(),
            _ => return None,
        };
        Some(self.misplaced(text, span, "ask for the columns of a source: `every column of s has …`".to_owned()))
    }

    fn misplaced(&mut self, headline: String, span: Span, help: String) -> Typed {
        self.open(MISPLACED_QUANTIFIER.finding(headline).at(span, "this quantifier").help(help), span)
    }

    fn unknown_kind(&mut self, word: &Name, span: Span) -> Typed {
        let text = word.text.as_str();
        let words: Vec<&str> = Sort::every().map(Sort::word).collect();
        let mut finding = UNKNOWN_KIND
            .finding(format!("there is no kind `{text}`, so this asks for nothing"))
            .at(word.span, "not a kind");
        let near = Sort::from_plural(text).map(Sort::word).or_else(|| nearest(text, words.iter().copied()));
        match near {
            Some(near) => {
                finding =
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), word.span, near);
            }
            None => finding = finding.help(format!("there are {}", listed(words))),
        }
        self.open(finding, span)
    }
}

/// The parts of a quantifier that stands alone.
fn parts(whole: &Expr) -> Option<Parts<'_>> {
    let (head, condition) = match &whole.kind {
        ExprKind::Infix { operator: Infix::Has, left, right, .. } => (&**left, Some(&**right)),
        _ => (whole, None),
    };
    let (first, relation) = match &head.kind {
        ExprKind::Infix { operator: Infix::Of, left, right, .. } => (&**left, Some((Way::Of, &**right))),
        ExprKind::Infix { operator: Infix::Using, left, right, .. } => (&**left, Some((Way::Using, &**right))),
        _ => (head, None),
    };
    let (which, named) = match &first.kind {
        ExprKind::Prefix { operator: Prefix::Every, operand, .. } => (Which::Every, &**operand),
        ExprKind::Prefix { operator: Prefix::Any, operand, .. } => (Which::Any, &**operand),
        ExprKind::Prefix { operator: Prefix::No, operand, .. } => (Which::No, &**operand),
        _ => (Which::Count, first),
    };
    let ExprKind::Path(path) = &named.kind else { return None };
    let [word] = path.as_slice() else { return None };
    Some(Parts { which, word, relation, condition })
}

/// Whether an expression joins others, so that a quantifier before it was not meant to take it all.
fn is_joined(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Infix { .. } | ExprKind::Between { .. } | ExprKind::IsNull { .. } | ExprKind::Prefix { .. }
    )
}
