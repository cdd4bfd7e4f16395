//! Sources: where rows come from, their columns and checks.

use crate::check::column_type;
use crate::check::declare::Declared;
use crate::check::entries::{Entries, REPEATED_KEY, WRONG_VALUE, as_name};
use crate::check::expression::{Expressions, Scope};
use crate::check::names::{Names, dotted, listed, nearest};
use crate::check::path::UNKNOWN_COLUMN;
use crate::check::{QueryProblem, QueryShape, window};
use crate::model::{
    Check, CheckRule, Column, ColumnId, Model, OnFail, Origin, QueryRows, Sensitivity, Source, SourceId, TeamId,
};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::{Argument, Block, Entry, Expr, ExprKind};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// A query that is none.
pub(crate) static BAD_QUERY: Code = Code::error("source/bad-query", "A source's query is not one SELECT.");
/// A copy that nobody can name.
pub(crate) static QUARANTINED_COPIES: Code = Code::error(
    "source/quarantined-copies",
    "A check of uniqueness leaves rows out, and cannot say which of several copies is the wrong one.",
);
/// A time that is none.
pub(crate) static NOT_A_TIME: Code = Code::error("time/not-a-time", "A time column is neither a date nor an instant.");

/// What is needed to read the head of a source.
pub(crate) struct Context<'a> {
    pub(crate) names: &'a Names,
    pub(crate) customers: &'a [SmolStr],
    pub(crate) teams: &'a [SmolStr],
    pub(crate) read_query: &'a dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
}

/// Reads a source but for the expressions of its checks.
pub(crate) fn read(declared: &Declared, context: &Context<'_>, sink: &mut Vec<Diagnostic>) -> Source {
    let before = sink.len();
    let entries = Entries::read(&declared.item, Kind::Source.schema(), sink);
    let columns = entries.group("columns").map_or_else(Vec::new, |block| columns(block, context, sink));
    let mut header = declared.header();
    let origin = origin(&entries, context, sink);
    not_given(&origin, &columns, sink);
    let mut column = |expr: &Expr| find_column(&columns, &header.name, expr, header.broken, sink);
    let key = entries.values("key").iter().filter_map(&mut column).collect();
    let time = entries.value("time").and_then(&mut column);
    if let (Some(time), Some(written)) = (time, entries.value("time")) {
        not_a_time(&columns[time.index()], written.span, sink);
    }
    let late =
        entries.value("late").and_then(|written| window::length(written).map_err(|finding| sink.push(finding)).ok());
    let owner = owner(&entries, context.names, context.teams.iter().map(SmolStr::as_str), sink);
    header.broken |= sink.len() > before;
    Source { header, owner, origin, key, time, late, columns, checks: Vec::new() }
}

/// The team that a declaration names as its owner.
pub(crate) fn owner<'n>(
    entries: &Entries<'_>,
    names: &Names,
    teams: impl Iterator<Item = &'n str>,
    sink: &mut Vec<Diagnostic>,
) -> Option<TeamId> {
    let (name, span) = entries.name("owner")?;
    super::reference(names, Kind::Team, &name, span, teams, sink).map(TeamId)
}

/// Reads the checks of a source, once its columns are known.
pub(crate) fn checks(model: &Model, id: SourceId, declared: &Declared) -> (Vec<Check>, Vec<Diagnostic>) {
    let mut expressions = Expressions::new(model);
    let mut checks = Vec::new();
    let block = declared.item.body.entries.iter().find_map(|entry| match entry {
        Entry::Group { key, body, .. } if key.text == "checks" => Some(body),
        _ => None,
    });
    for entry in block.map_or(&[][..], |block| &block.entries) {
        let Entry::Value { key, values, span, .. } = entry else {
            expressions.sink.push(wrong_entry(entry.span(), "a check is a name and a condition", "paid: amount >= 0"));
            continue;
        };
        let (value, action) = match values.as_slice() {
            [value] => (value, None),
            [value, action] => (value, Some(action)),
            _ => {
                let headline = "a check is one condition, perhaps with what happens where it fails";
                expressions.sink.push(wrong_entry(*span, headline, "paid: amount >= 0, stop"));
                continue;
            }
        };
        let rule = match unique(value) {
            Some(arguments) => CheckRule::Unique(unique_columns(model, id, arguments, &mut expressions.sink)),
            None => CheckRule::Holds(expressions.condition(value, &Scope::of(id))),
        };
        let on_fail = action.and_then(|action| on_fail(action, &rule, &mut expressions.sink)).unwrap_or_default();
        checks.push(Check { name: key.text.clone(), span: value.span, rule, on_fail });
    }
    (checks, expressions.sink)
}

/// What happens where a check fails.
fn on_fail(action: &Expr, rule: &CheckRule, sink: &mut Vec<Diagnostic>) -> Option<OnFail> {
    let written = as_name(action).map(|(word, _)| word).unwrap_or_default();
    let words = OnFail::WORDS.map(|(word, _)| word);
    match (OnFail::from_word(&written), rule) {
        (Some(OnFail::Quarantine), CheckRule::Unique(_)) => {
            sink.push(
                QUARANTINED_COPIES
                    .finding("of several rows with the same values, nobody can say which ones to leave out")
                    .at(action.span, "which copy is the wrong one?")
                    .help("write `stop` or `flag`; or leave copies out in a `query` that says which one stays"),
            );
            None
        }
        (Some(on_fail), _) => Some(on_fail),
        (None, _) => {
            let finding = WRONG_VALUE
                .finding("where a check fails it is flagged, or rows are put in quarantine, or it stops")
                .at(action.span, "none of them");
            sink.push(match nearest(&written, words) {
                Some(near) => {
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), action.span, near)
                }
                None => finding.help(
                    "write `flag`, `quarantine` or `stop` behind the condition; a second condition is a check of its own",
                ),
            });
            None
        }
    }
}

/// Reports a time column that holds no time.
pub(crate) fn not_a_time(column: &Column, span: Span, sink: &mut Vec<Diagnostic>) {
    if !column.ty.is_time() {
        sink.push(
            NOT_A_TIME
                .finding(format!("`{}` says no time", column.name))
                .at(span, "neither a date nor an instant")
                .also(column.span, "its type is declared here")
                .help("name a column of type `date` or `instant in \"…\"`"),
        );
    }
}

/// The column that a name means, among those of a source.
pub(crate) fn find_column(
    columns: &[Column],
    source: &str,
    expr: &Expr,
    quiet: bool,
    sink: &mut Vec<Diagnostic>,
) -> Option<ColumnId> {
    let (name, span) = as_name(expr)?;
    let position = columns.iter().position(|column| column.name == name);
    if position.is_none() && !quiet {
        let known = columns.iter().map(|column| column.name.as_str());
        let help = match nearest(&name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`{source}` has {}", listed(known)),
        };
        sink.push(
            UNKNOWN_COLUMN
                .finding(format!("source `{source}` has no column `{name}`"))
                .at(span, "no such column")
                .help(help),
        );
    }
    position.map(ColumnId::at)
}

fn origin(entries: &Entries<'_>, context: &Context<'_>, sink: &mut Vec<Diagnostic>) -> Origin {
    if let Some((text, span)) = entries.text("table") {
        return Origin::Table { name: text.to_owned(), span };
    }
    let Some((text, span)) = entries.text("query") else {
        let (text, span) = entries.text("file").unwrap_or(("", entries.item.name.span));
        return Origin::File { pattern: text.to_owned(), span };
    };
    let shape = (context.read_query)(text).unwrap_or_else(|problem| {
        sink.push(
            BAD_QUERY
                .finding(format!("the query of `{}` is not accepted: {}", entries.item.name.text, problem.message))
                .at(inside(span, text, problem.offset), "here")
                .help("a source reads: write one SELECT over tables or other sources"),
        );
        QueryShape { tables: Vec::new(), columns: None, whole: None, rows: QueryRows::default() }
    });
    let (mut reads, mut tables) = (Vec::new(), Vec::new());
    for table in shape.tables {
        match context.names.get(Kind::Source, &table) {
            Some(id) => reads.push((table, SourceId(id))),
            None => tables.push(table),
        }
    }
    let columns = shape.columns.unwrap_or_default();
    Origin::Query { text: text.to_owned(), span, reads, tables, columns, whole: shape.whole, rows: shape.rows }
}

/// A column that is declared must be one that the query gives.
fn not_given(origin: &Origin, columns: &[Column], sink: &mut Vec<Diagnostic>) {
    let Origin::Query { columns: given, span, .. } = origin else { return };
    for column in
        columns.iter().filter(|column| !given.is_empty() && given.iter().all(|given| given.name != column.name))
    {
        let known = given.iter().map(|given| given.name.as_str());
        let help = match nearest(&column.name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the query gives {}", listed(known)),
        };
        sink.push(
            UNKNOWN_COLUMN
                .finding(format!("the query gives no column `{}`", column.name))
                .at(column.span, "declared here")
                .also(*span, "the query")
                .help(help),
        );
    }
}

/// The place of an offset in a query's text; the whole text when the file may hold it with other blanks.
pub(crate) fn inside(span: Span, text: &str, offset: Option<usize>) -> Span {
    const QUOTES: u32 = 3;
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    match offset.and_then(|offset| u32::try_from(offset).ok()) {
        Some(offset) if span.end - span.start == length + 2 * QUOTES && offset < length => {
            Span { start: span.start + QUOTES + offset, end: span.start + QUOTES + offset + 1, ..span }
        }
        _ => span,
    }
}

fn columns(block: &Block, context: &Context<'_>, sink: &mut Vec<Diagnostic>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::with_capacity(block.entries.len());
    for entry in &block.entries {
        let Entry::Value { key, values, doc, .. } = entry else {
            sink.push(wrong_entry(entry.span(), "a column is a name and a type", "amount: decimal(12, 2) in usd"));
            continue;
        };
        if let Some(first) = columns.iter().find(|column| column.name == key.text) {
            sink.push(
                REPEATED_KEY
                    .finding(format!("column `{}` is declared twice", key.text))
                    .at(key.span, "declared again here")
                    .also(first.span, "first declared here")
                    .help("keep the one that is meant and delete the other"),
            );
            continue;
        }
        let ty = values.first().map_or_else(Type::unknown, |ty| {
            column_type::read(ty, context.names, context.customers).unwrap_or_else(|finding| {
                sink.push(finding);
                Type::unknown()
            })
        });
        let mut column = Column {
            name: key.text.clone(),
            span: key.span,
            doc: doc.as_ref().map(|doc| doc.text.clone()),
            ty,
            optional: false,
            sensitivity: Sensitivity::default(),
            classed: None,
        };
        for word in values.iter().skip(1) {
            describe_column(&mut column, word, sink);
        }
        columns.push(column);
    }
    columns
}

fn describe_column(column: &mut Column, word: &Expr, sink: &mut Vec<Diagnostic>) {
    const WORDS: [&str; 5] = ["optional", "public", "internal", "personal", "special"];
    let written = as_name(word).map(|(name, _)| name).unwrap_or_default();
    if WORDS[1..].contains(&written.as_str()) {
        column.classed = Some(word.span);
    }
    match written.as_str() {
        "optional" => column.optional = true,
        "public" => column.sensitivity = Sensitivity::Public,
        "internal" => column.sensitivity = Sensitivity::Internal,
        "personal" => column.sensitivity = Sensitivity::Personal,
        "special" => column.sensitivity = Sensitivity::Special,
        _ => {
            let help = match nearest(&written, WORDS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("a column may be {}", listed(WORDS)),
            };
            sink.push(
                WRONG_VALUE
                    .finding(format!("nothing is known of a column that is `{written}`"))
                    .at(word.span, "not a word for columns")
                    .help(help),
            );
        }
    }
}

fn unique(value: &Expr) -> Option<&[Argument]> {
    match &value.kind {
        ExprKind::Call { function, arguments } if dotted(function) == "unique" => Some(arguments),
        _ => None,
    }
}

fn unique_columns(model: &Model, id: SourceId, arguments: &[Argument], sink: &mut Vec<Diagnostic>) -> Vec<ColumnId> {
    let source = model.source(id);
    let mut columns = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument {
            Argument::Value(value) if as_name(value).is_some() => {
                columns.extend(find_column(&source.columns, &source.header.name, value, source.header.broken, sink));
            }
            Argument::Value(value) | Argument::Named { value, .. } | Argument::Where(value) => {
                sink.push(wrong_entry(value.span, "`unique` takes columns", "unique(order_id)"));
            }
        }
    }
    columns
}

fn wrong_entry(span: Span, headline: &str, example: &str) -> Diagnostic {
    WRONG_VALUE.finding(headline).at(span, "cannot be read").help(format!("write it like `{example}`"))
}

/// Whether a column may be the key that references hold.
pub(crate) fn may_be_key(ty: &Type) -> bool {
    ty.is_open() || matches!(ty.base, Base::Text | Base::Int | Base::Customer(_))
}
