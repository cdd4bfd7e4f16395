//! The metrics that a survey with invitations declares by itself: who was asked, who answered, and the share.

use groma_syntax::Span;
use groma_syntax::ast::{Block, Doc, Entry, Expr, ExprKind, Infix, Item, Name};
use smol_str::SmolStr;

/// The metrics that a survey declares; none without invitations.
pub(crate) fn declared_by(survey: &Item) -> Vec<Item> {
    let made = Made { survey };
    let (Some(invites), Some(responses)) = (made.values("invites"), made.values("responses")) else {
        return Vec::new();
    };
    let name = &survey.name.text;
    let counted = |rows: &[Expr], condition: &str| {
        let count = made.expression(ExprKind::Call { function: vec![made.name("count")], arguments: Vec::new() });
        let mut entries = vec![made.entry("from", rows.to_vec()), made.entry("measure", vec![count])];
        entries.extend(made.values("customer").map(|customer| made.entry("customer", customer.to_vec())));
        entries.extend(made.values(condition).map(|condition| made.entry("where", condition.to_vec())));
        entries
    };
    let rate = made.expression(ExprKind::Infix {
        operator: Infix::Divide,
        operator_span: made.place(),
        left: Box::new(made.metric("answered")),
        right: Box::new(made.metric("invited")),
    });
    let percent = made.expression(ExprKind::Path(vec![made.name("percent")]));
    vec![
        made.item("invited", &format!("Invitations of survey `{name}`."), counted(invites, "invites_where")),
        made.item("answered", &format!("Answers to survey `{name}`."), counted(responses, "where")),
        made.item(
            "response_rate",
            &format!("Answers to survey `{name}` in the period, as a share of its invitations in the period."),
            vec![made.entry("measure", vec![rate]), made.entry("unit", vec![percent])],
        ),
    ]
}

/// Writes what stands in no file: everything is at the survey's name, what the survey says is where it says it.
struct Made<'a> {
    survey: &'a Item,
}

impl<'a> Made<'a> {
    fn item(&self, part: &str, doc: &str, mut entries: Vec<Entry>) -> Item {
        let span = self.survey.name.span;
        entries.extend(self.values("owner").map(|owner| self.entry("owner", owner.to_vec())));
        Item {
            span: self.survey.span,
            doc: Some(Doc { span, text: doc.to_owned() }),
            kind: Name { text: SmolStr::new_static("metric"), span },
            name: Name { text: self.full(part), span },
            params: Vec::new(),
            returns: None,
            body: Block { span: self.survey.body.span, entries },
            broken: self.survey.broken,
        }
    }

    fn entry(&self, key: &str, values: Vec<Expr>) -> Entry {
        let span = self.survey.name.span;
        Entry::Value { span, doc: None, key: Name { text: key.into(), span }, values }
    }

    /// The values of a key of the survey.
    fn values(&self, wanted: &str) -> Option<&'a [Expr]> {
        self.survey.body.entries.iter().find_map(|entry| match entry {
            Entry::Value { key, values, .. } if key.text == wanted => Some(values.as_slice()),
            _ => None,
        })
    }

    fn metric(&self, part: &str) -> Expr {
        self.expression(ExprKind::Path(self.full(part).split('.').map(|name| self.name(name)).collect()))
    }

    fn full(&self, part: &str) -> SmolStr {
        format!("{}.{part}", self.survey.name.text).into()
    }

    fn name(&self, text: &str) -> Name {
        Name { text: text.into(), span: self.place() }
    }

    fn expression(&self, kind: ExprKind) -> Expr {
        Expr { kind, span: self.place() }
    }

    /// Where what nobody wrote is: nothing of the text, right before the survey's name.
    fn place(&self) -> Span {
        Span { end: self.survey.name.span.start, ..self.survey.name.span }
    }
}
