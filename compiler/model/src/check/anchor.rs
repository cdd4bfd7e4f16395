//! Anchors: the moment of a customer from which a window's days are counted.

use crate::check::expression::{Expressions, Scope, builtin};
use crate::check::names::dotted;
use crate::check::path::{column_named, key_path};
use crate::check::walk;
use crate::model::{Anchor, CustomerId, Model, SourceId};
use crate::row::RowExpr;
use crate::schema::Kind;
use groma_syntax::ast::{Argument, Expr, ExprKind, Infix, Name};
use groma_syntax::{Code, Diagnostic, Span};

/// A moment that is none.
pub(crate) static NOT_AN_ANCHOR: Code =
    Code::error("time/not-an-anchor", "A window runs after something that is no moment of a customer.");

const HELP: &str = "name a date or an instant that the customer has (`account.since`), or `first(orders.ordered_at)`";

/// An event as written: `first(orders.ordered_at where amount > 0)`.
struct Event<'a> {
    path: &'a [Name],
    span: Span,
    condition: Option<&'a Expr>,
}

/// The customer whose moment is meant, by the first word of a path or by the source of an event.
pub(crate) fn customer_of(model: &Model, written: &Expr) -> Option<CustomerId> {
    if let Some(event) = event(written) {
        let (source, _) = source_of(model, &event, None)?;
        return only_customer(model, source);
    }
    match &written.kind {
        ExprKind::Group(inner) => customer_of(model, inner),
        ExprKind::Path(path) => model.names.get(Kind::Customer, &path.first()?.text).map(CustomerId),
        _ => None,
    }
}

/// Reads an anchor of a customer; events without a source are those of `rows`. `None`: reported.
pub(crate) fn read(
    expressions: &mut Expressions<'_>,
    written: &Expr,
    customer: CustomerId,
    rows: Option<SourceId>,
) -> Option<Anchor> {
    let model = expressions.model;
    if model.customer(customer).header.broken {
        return None;
    }
    if let Some(event) = event(written) {
        return first(expressions, written, &event, customer, rows);
    }
    if let Some(finding) = aggregate(written).or_else(|| many_rows(model, written, customer, rows)) {
        expressions.sink.push(finding);
        return None;
    }
    let before = expressions.sink.len();
    let value = expressions.row(written, &Scope::of(model.customer(customer).source));
    if expressions.sink.len() > before || value.has_unknown() {
        return None;
    }
    if value.ty.is_time() && !value.ty.is_open() {
        return Some(Anchor::Attribute(value));
    }
    let what = expressions.describe(&value.ty);
    expressions.sink.push(
        NOT_AN_ANCHOR
            .finding(format!("no days can be counted from this anchor: it is {what}, not a moment"))
            .at(written.span, what)
            .also(place_of(model, &value, customer), "declared here")
            .help(HELP),
    );
    None
}

fn first(
    expressions: &mut Expressions<'_>,
    written: &Expr,
    event: &Event<'_>,
    customer: CustomerId,
    rows: Option<SourceId>,
) -> Option<Anchor> {
    let model = expressions.model;
    let Some((source, column)) = source_of(model, event, rows) else {
        expressions.sink.push(no_source(model, event));
        return None;
    };
    let declared = model.source(source);
    if declared.header.broken {
        return None;
    }
    let found = column_named(model, source, &column.text);
    if found.is_none_or(|(id, _)| declared.time != Some(id)) {
        expressions.sink.push(not_the_time(model, event, source, column));
        return None;
    }
    let before = expressions.sink.len();
    let filter = event.condition.map(|condition| expressions.condition(condition, &Scope::of(source)));
    if expressions.sink.len() > before || filter.as_ref().is_some_and(RowExpr::has_unknown) {
        return None;
    }
    match key_path(model, source, customer) {
        Ok(key) => Some(Anchor::First { source, key, filter }),
        Err(routes) => {
            expressions.sink.push(whose_row(model, written, source, customer, routes.is_empty()));
            None
        }
    }
}

/// The finding about an event at another column than its source's time.
fn not_the_time(model: &Model, event: &Event<'_>, source: SourceId, column: &Name) -> Diagnostic {
    let declared = model.source(source);
    let name = &declared.header.name;
    let headline = match column_named(model, source, &column.text) {
        Some(_) => format!("`{}` is not when a row of `{name}` happened", column.text),
        None => format!("source `{name}` has no column `{}`", column.text),
    };
    let help = match declared.time {
        Some(time) => format!("write `first({name}.{})`", model.column(source, time).name),
        None => format!("say when its rows happened: `time:` of source `{name}`"),
    };
    NOT_AN_ANCHOR
        .finding(headline)
        .at(event.span, "an event happens at the `time` of its source")
        .also(declared.header.span, "the source is declared here")
        .help(help)
}

/// The finding about an event of rows that do not lead to the customer in exactly one way.
fn whose_row(model: &Model, written: &Expr, source: SourceId, customer: CustomerId, nowhere: bool) -> Diagnostic {
    let rows = &model.source(source).header;
    let (name, who) = (&rows.name, &model.customer(customer).header.name);
    let (code, label) = match nowhere {
        true => (&super::path::UNREACHABLE, format!("`{name}` has no column of type `{who}`")),
        false => (&super::metric::AMBIGUOUS_CUSTOMER, format!("`{name}` refers to `{who}` twice")),
    };
    code.finding(format!("nobody can say whose first row of `{name}` this is: no one way leads to `{who}`"))
        .at(written.span, label)
        .also(rows.span, "the source is declared here")
        .help(format!("let exactly one column of `{name}` have the type `{who}`"))
}

/// Says why nobody knows whose moment an anchor is, where no metric counts someone.
pub(crate) fn without_customer(expressions: &mut Expressions<'_>, written: &Expr) {
    let model = expressions.model;
    let customers: Vec<&str> = model.customers.iter().map(|customer| customer.header.name.as_str()).collect();
    let finding = match event(written) {
        Some(event) => match source_of(model, &event, None) {
            // What is wrong with the source was said there.
            Some((source, _)) if model.source(source).header.broken => return,
            Some((source, _)) => NOT_AN_ANCHOR
                .finding(format!(
                    "nobody can say whose first row of `{}` this is: it leads to no one customer",
                    model.source(source).header.name
                ))
                .at(written.span, "the first row of whom?")
                .also(model.source(source).header.span, "the source is declared here")
                .help("write the window in the metric, which says whom it counts"),
            None => no_source(model, &event),
        },
        None => match aggregate(written) {
            Some(finding) => finding,
            None => NOT_AN_ANCHOR
                .finding("nobody can say whose moment this is: no customer is named")
                .at(written.span, "the moment of whom?")
                .help(format!("name the customer: {}", super::names::listed(customers.into_iter()))),
        },
    };
    // A customer that was reported is known, and has no moments.
    let named = customer_of(model, written).is_some();
    if !named {
        expressions.sink.push(finding);
    }
}

fn event(written: &Expr) -> Option<Event<'_>> {
    let ExprKind::Call { function, arguments } = &written.kind else { return None };
    let ([Argument::Value(argument)], "first") = (arguments.as_slice(), dotted(function).as_str()) else { return None };
    let (value, condition) = match &argument.kind {
        ExprKind::Infix { operator: Infix::Where, left, right, .. } => (&**left, Some(&**right)),
        _ => (argument, None),
    };
    match &value.kind {
        ExprKind::Path(path) => Some(Event { path, span: value.span, condition }),
        _ => None,
    }
}

/// The source of an event and the name of its time.
fn source_of<'a>(model: &Model, event: &Event<'a>, rows: Option<SourceId>) -> Option<(SourceId, &'a Name)> {
    match event.path {
        [column] => rows.map(|rows| (rows, column)),
        [source @ .., column] => model.names.get(Kind::Source, &dotted(source)).map(|id| (SourceId(id), column)),
        [] => None,
    }
}

fn only_customer(model: &Model, source: SourceId) -> Option<CustomerId> {
    let referred = super::path::referred_customers(model, source);
    match (super::path::own_customers(model, source).next(), referred.as_slice()) {
        (Some(own), _) => Some(own),
        (None, [only]) => Some(*only),
        _ => None,
    }
}

fn no_source(model: &Model, event: &Event<'_>) -> Diagnostic {
    let written = dotted(event.path);
    let near = event.path.first().and_then(|first| {
        super::names::nearest(&first.text, model.sources.iter().map(|source| source.header.name.as_str()))
    });
    let help = match near {
        Some(near) if event.path.len() > 1 => format!("did you mean `{near}`?"),
        _ => "name the source and its time: `first(orders.ordered_at)`".to_owned(),
    };
    NOT_AN_ANCHOR
        .finding(format!("`{written}` is the time of no source, so nobody has a first one"))
        .at(event.span, "no such event")
        .help(help)
}

/// The time of rows, of which a customer has many.
fn many_rows(model: &Model, written: &Expr, customer: CustomerId, rows: Option<SourceId>) -> Option<Diagnostic> {
    let ExprKind::Path(path) = &written.kind else { return None };
    let own = model.customer(customer).source;
    let first = path.first()?;
    if column_named(model, own, &first.text).is_some() {
        return None;
    }
    let named =
        |path: &[Name]| model.names.get(Kind::Source, &dotted(path)).map(SourceId).filter(|source| *source != own);
    let column = |source: &SourceId| path.last().is_some_and(|last| column_named(model, *source, &last.text).is_some());
    let source = match path.as_slice() {
        [_] => named(path).or_else(|| rows.filter(|rows| *rows != own).filter(column)),
        [of @ .., _] => named(of),
        [] => None,
    }?;
    let declared = model.source(source);
    let name = &declared.header.name;
    let event = match declared.time {
        Some(time) => format!("`first({name}.{})`", model.column(source, time).name),
        None => format!("the first row of `{name}`, which needs a `time:`"),
    };
    Some(
        NOT_AN_ANCHOR
            .finding(format!("a customer has many rows of `{name}`, and its days are counted from one moment"))
            .at(written.span, "from which of them?")
            .also(declared.header.span, "the rows are declared here")
            .help(format!("write {event}")),
    )
}

/// An aggregate other than `first` over a column.
fn aggregate(written: &Expr) -> Option<Diagnostic> {
    let mut found = None;
    walk::visit(written, &mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind
            && builtin::aggregate(&dotted(function)).is_some()
        {
            found.get_or_insert(part.span);
        }
    });
    found.map(|span| {
        NOT_AN_ANCHOR
            .finding("only the first row of a source is an event that days can be counted from")
            .at(span, "not such an event")
            .help("write `first(orders.ordered_at)`, perhaps `first(orders.ordered_at where …)`")
    })
}

fn place_of(model: &Model, value: &RowExpr, customer: CustomerId) -> Span {
    match &value.kind {
        crate::row::RowKind::Column(path) => model.column(path.source, path.column).span,
        _ => model.customer(customer).header.span,
    }
}
