//! Names: the thing a rule is about, and what it has.

use super::{MISTYPED, Reader, Typed, UNKNOWN_ATTRIBUTE};
use crate::check::names::{listed, nearest};
use crate::rule::attribute::{attributes, position};
use crate::rule::expression::Node;
use crate::rule::value::{Sort, Type};
use groma_syntax::Span;
use groma_syntax::ast::Name;

impl Reader<'_> {
    /// `m`, `m.owner.title`, `today`.
    pub(super) fn path(&mut self, path: &[Name], span: Span) -> Typed {
        let Some((first, rest)) = path.split_first() else { return self.no_meaning(span) };
        let found = self.scope.iter().rposition(|(name, _)| *name == first.text);
        let Some(slot) = found else {
            if first.text == "today" && rest.is_empty() {
                return Typed { node: Node::Today, ty: Type::Date, words: &[], span };
            }
            return self.unknown_name(first, rest.is_empty(), span);
        };
        let sort = self.scope[slot].1;
        let mut typed = Typed { node: Node::Thing(slot), ty: Type::Thing(sort), words: &[], span: first.span };
        for name in rest {
            match self.attribute(typed, name, span) {
                Ok(next) => typed = next,
                Err(reported) => return reported,
            }
        }
        Typed { span, ..typed }
    }

    fn attribute(&mut self, of: Typed, name: &Name, span: Span) -> Result<Typed, Typed> {
        let sort = match of.ty {
            Type::Thing(sort) => sort,
            Type::Open => return Err(Typed { span, ..of }),
            Type::Things(sort) => {
                let word = sort.word();
                let finding =
                    MISTYPED.finding(format!("these are {}, and each has its own `{}`", sort.plural(), name.text));
                let help = format!("say which is meant: `every {word} of m has {word}.{} …`", name.text);
                return Err(self.open(finding.at(name.span, "of which one?").also(of.span, "several").help(help), span));
            }
            other => {
                let finding = MISTYPED.finding(format!("this is {}, which has nothing of its own", other.describe()));
                let help = "take this step out";
                return Err(
                    self.open(finding.at(name.span, "of what?").also(of.span, other.describe()).help(help), span)
                );
            }
        };
        let Some(at) = position(sort, &name.text) else { return Err(self.unknown_attribute(sort, name, span)) };
        let attribute = &attributes(sort)[at];
        let node = Node::Attribute { of: Box::new(of.node), sort, attribute: at };
        Ok(Typed { node, ty: attribute.ty, words: attribute.words, span: of.span.to(name.span) })
    }

    fn unknown_attribute(&mut self, sort: Sort, name: &Name, span: Span) -> Typed {
        let known = attributes(sort).iter().map(|attribute| attribute.name);
        let word = sort.word();
        let mut finding = UNKNOWN_ATTRIBUTE
            .finding(format!("a {word} has no `{}`, so this rule would look at nothing", name.text))
            .at(name.span, "no such key or attribute");
        match nearest(&name.text, known.clone()) {
            Some(near) => {
                finding =
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near);
            }
            None => finding = finding.help(format!("a {word} has {}", listed(known))),
        }
        self.open(finding, span)
    }

    /// A name that stands for nothing: the thing before it was left out, or the quotes around it.
    fn unknown_name(&mut self, name: &Name, alone: bool, span: Span) -> Typed {
        let mut finding = UNKNOWN_ATTRIBUTE
            .finding(format!("`{}` stands for nothing in this rule", name.text))
            .at(name.span, "no such name");
        let names = self.scope.iter().map(|(name, _)| name.as_str());
        let owner = self.scope.iter().rev().find(|(_, sort)| position(*sort, &name.text).is_some());
        if let Some((thing, _)) = owner.filter(|_| alone) {
            let full = format!("{thing}.{}", name.text);
            finding = finding.help(format!("did you mean `{full}`?")).fix(format!("write `{full}`"), name.span, full);
        } else if let Some(near) = nearest(&name.text, names.clone()).filter(|_| !alone) {
            let near = near.to_owned();
            finding = finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near);
        } else if alone {
            finding = finding.help(format!("write a text in quotes: `\"{}\"`", name.text));
        } else {
            finding = finding.help(format!("names in scope: {}", listed(names)));
        }
        self.open(finding, span)
    }
}
