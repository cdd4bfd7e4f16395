//! From syntax trees to the model: everything that is said about a project's declarations.

mod anchor;
mod column_type;
mod customer;
pub(crate) mod declare;
pub(crate) mod entries;
mod example;
mod expression;
pub(crate) mod function;
pub(crate) mod governance;
mod metric;
pub(crate) mod names;
mod order;
pub(crate) mod path;
mod people;
pub(crate) mod reading;
mod source;
mod survey;
mod typing;
pub mod versions;
pub(crate) mod walk;
mod window;

pub use governance::agreement::terms::outside_territory;

use crate::governance::{Policy, Region};
use crate::graph::{Graph, Node};
use crate::model::*;
use crate::row::RowExpr;
use crate::schema::Kind;
use crate::time::Calendar;
use declare::Declarations;
use expression::{Expressions, Scope};
pub(crate) use expression::{UNKNOWN_FUNCTION, binary_operator};
use groma_syntax::{Code, Diagnostic, FileId, SourceMap, Span, ast};
use names::Names;
use smol_str::SmolStr;
use std::sync::Arc;

pub use governance::exception::UNUSED as UNUSED_EXCEPTION;

/// What a project consists of.
pub struct Input<'a> {
    /// The parsed files, those of the standard library marked.
    pub files: Vec<ParsedFile>,
    pub calendar: Calendar,
    pub policy: Policy,
    /// The texts of the files.
    pub sources: &'a SourceMap,
    /// Which version of each metric is read.
    pub choice: versions::Choice,
    /// Reads the SELECT of a `query:` source: which tables it names and where its columns come from.
    pub read_query: &'a dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
}

/// A parsed file and where it comes from.
pub struct ParsedFile {
    pub file: FileId,
    pub tree: ast::File,
    pub standard: bool,
    /// The pack of rules that it is.
    pub pack: Option<SmolStr>,
}

/// What a `query:` reads and gives.
pub struct QueryShape {
    /// The tables it names, in order.
    pub tables: Vec<String>,
    /// Its output columns; `None` where `*` prevents knowing them.
    pub columns: Option<Vec<QueryColumn>>,
    /// The only table it reads, where its columns are all of the table's.
    pub whole: Option<String>,
    /// What decides about its rows.
    pub rows: QueryRows,
}

/// Why a `query:` is not accepted, and where in its text, in bytes, if known.
pub struct QueryProblem {
    pub message: String,
    pub offset: Option<usize>,
}

/// A name that nothing declares.
pub(crate) static UNKNOWN_NAME: Code =
    Code::error("name/unknown", "A declaration refers to another one that does not exist.");

/// Every code this crate raises.
pub static CODES: &[&[&Code]] = &[MEANING, versions::CODES, governance::CODES, reading::CODES, crate::judge::CODES];

static MEANING: &[&Code] = &[
    &UNKNOWN_NAME,
    &column_type::UNKNOWN_TYPE,
    &column_type::UNKNOWN_UNIT,
    &column_type::NAIVE_TIMESTAMP,
    &column_type::UNKNOWN_ZONE,
    &declare::UNKNOWN_KIND,
    &declare::DUPLICATE,
    &entries::UNKNOWN_KEY,
    &entries::REPEATED_KEY,
    &entries::MISSING_KEY,
    &entries::WRONG_VALUE,
    &entries::NOT_YET,
    &example::UNKNOWN_METRIC,
    &example::UNKNOWN_SOURCE,
    &example::UNKNOWN_COLUMN,
    &example::BAD_VALUE,
    &example::BAD_TABLE,
    &expression::AGGREGATE_IN_ROW,
    &expression::METRIC_IN_ROW,
    &expression::ROW_IN_MEASURE,
    &expression::NO_ROWS,
    &expression::ROW_AMONG_CUSTOMERS,
    &expression::ROW_GROUP_OF_CUSTOMERS,
    &expression::EACH_IN_ROWS,
    &expression::AVERAGE_OF_RATES,
    &expression::CLOCK_CHANGES,
    &expression::UNKNOWN_METRIC,
    &UNKNOWN_FUNCTION,
    &expression::WRONG_ARGUMENT,
    &expression::NO_MEANING,
    &metric::NO_TIME,
    &metric::AMBIGUOUS_CUSTOMER,
    &metric::NOTHING_COUNTED,
    &metric::SNAPSHOT_SUMMED,
    &crate::variants::NOT_COMPARABLE,
    &metric::AVERAGE_SNAPSHOT,
    &metric::MATTERS_UNIT,
    &metric::NOT_A_MINIMUM,
    &metric::NOT_A_WEIGHT,
    &metric::FIXED_POPULATION,
    &metric::NO_POPULATION,
    &metric::NO_SINCE,
    &metric::TOO_FEW_STEPS,
    &metric::WITHIN_FIRST,
    &metric::UNUSED_ROWS,
    &expression::TOO_LARGE,
    &customer::NOT_ITS_KEY,
    &metric::NOT_A_NUMBER,
    &metric::NOT_GROUPABLE,
    &order::CYCLE,
    &path::UNKNOWN_COLUMN,
    &path::UNKNOWN_DIMENSION,
    &path::AMBIGUOUS_PATH,
    &path::FAN_OUT,
    &path::UNREACHABLE,
    &path::NOT_OFFERED,
    &source::BAD_QUERY,
    &source::QUARANTINED_COPIES,
    &source::NOT_A_TIME,
    &survey::NO_CUSTOMER,
    &survey::NO_SCALE,
    &survey::NOT_A_TIMING,
    &survey::SHORT_COOLDOWN,
    &survey::MIXED_TIMING,
    &metric::SEVERAL_ANSWERS,
    &typing::MISMATCH,
    &typing::UNIT_MISMATCH,
    &window::NOT_A_WINDOW,
    &window::EMPTY_WINDOW,
    &anchor::NOT_AN_ANCHOR,
    &window::NOT_A_LENGTH,
];

/// Checks a project: the model of what is right and all that is wrong. Never stops at a finding.
pub fn check(input: Input<'_>) -> (Model, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let (mut declarations, names) = Declarations::gather(input.files, &mut sink);
    versions::read(&mut declarations, &mut sink);
    let model = Model { calendar: input.calendar, policy: input.policy, names, ..Model::default() };
    let reading = Reading { choice: &input.choice, sources: input.sources, read_query: input.read_query };
    (reading.model(model, declarations, &mut sink), sink)
}

/// Checks the declarations of a model again, with other versions of its metrics.
pub fn check_again(
    model: &Model,
    choice: &versions::Choice,
    sources: &SourceMap,
    read_query: &dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
) -> (Model, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let Model { calendar, policy, names, .. } = model;
    let fresh = Model { calendar: calendar.clone(), policy: policy.clone(), names: names.clone(), ..Model::default() };
    let reading = Reading { choice, sources, read_query };
    (reading.model(fresh, Declarations::clone(&model.declarations), &mut sink), sink)
}

/// How declarations are read.
struct Reading<'a> {
    choice: &'a versions::Choice,
    sources: &'a SourceMap,
    read_query: &'a dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
}

impl Reading<'_> {
    /// The model of declarations; it has nothing but their names so far.
    fn model(&self, mut model: Model, mut declarations: Declarations, sink: &mut Vec<Diagnostic>) -> Model {
        versions::choose(&mut declarations, self.choice);
        heads(&mut model, &declarations, self.read_query, sink);
        governance::sensitivity::columns(&mut model, sink);
        model.graph = order::graph(&model, &declarations);
        for group in model.graph.in_order() {
            match order::cycle(&model, &model.graph, &group) {
                Some(finding) => {
                    sink.push(finding);
                    for node in &group {
                        model.header_mut(*node).broken = true;
                        if let Node::Function(id) = node {
                            model.definitions[id.index()].broken = true;
                        }
                    }
                }
                None => group.iter().for_each(|node| finish(&mut model, &declarations, *node, sink)),
            }
        }
        versions::number(&mut model, &declarations, self.choice);
        for declared in declarations.of(Kind::Example) {
            let (example, findings) = example::read(&model, declared, self.sources);
            model.examples.push(example);
            sink.extend(findings);
        }
        governance::read(&mut model, &declarations, sink);
        reading::read(&mut model, &declarations, sink);
        model.declarations = Arc::new(declarations);
        model
    }
}

impl Model {
    /// The grouping that a path asks for, over each of the given sources.
    ///
    /// # Errors
    /// The path names nothing, is reached by fan-out, is ambiguous, or may not be grouped by.
    pub fn grouping(&self, path: &ast::Expr, sources: &[SourceId]) -> Result<Grouping, Vec<Diagnostic>> {
        let mut expressions = self.asked();
        metric::grouping(&mut expressions, path, sources).ok_or(expressions.sink)
    }

    /// The condition that a question states, over each of the given sources.
    ///
    /// # Errors
    /// As for any `where:` of a metric; and it must not be about personal columns.
    pub fn filter(
        &self,
        condition: &ast::Expr,
        sources: &[SourceId],
    ) -> Result<Vec<(SourceId, RowExpr)>, Vec<Diagnostic>> {
        let mut expressions = self.asked();
        let filter = expressions.filter(condition, sources, &Scope::measure(None)).ok_or(expressions.sink)?;
        governance::sensitivity::may_ask(self, condition.span, filter)
    }

    /// Reads expressions of a question, which may be about customers.
    fn asked(&self) -> Expressions<'_> {
        let mut expressions = Expressions::new(self);
        for metric in &self.metrics {
            if let (Some(population), Some(rows)) = (&metric.population, metric.source) {
                expressions.rests_on_rows(self.customer(population.customer).source, rows);
            }
        }
        expressions
    }
}

/// The built-in functions of rows and of aggregates, with a line about each.
pub fn built_in_functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    expression::builtin::documented()
}

/// A type in words.
pub fn describe_type(model: &Model, ty: &crate::types::Type) -> String {
    expression::describe(model, ty)
}

/// The candidate that was probably meant by a name.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names::nearest(wanted, candidates)
}

/// Reads all that needs no expressions, so that expressions find it.
fn heads(
    model: &mut Model,
    declarations: &Declarations,
    read_query: &dyn Fn(&str) -> Result<QueryShape, QueryProblem>,
    sink: &mut Vec<Diagnostic>,
) {
    let names_of = |kind: Kind| declarations.of(kind).iter().map(|declared| declared.name.clone()).collect::<Vec<_>>();
    let (teams, customers) = (names_of(Kind::Team), names_of(Kind::Customer));
    model.teams = declarations.of(Kind::Team).iter().map(|declared| people::read(declared, sink)).collect();
    let names = std::mem::take(&mut model.names);
    let context = source::Context { names: &names, customers: &customers, teams: &teams, read_query };
    model.sources =
        declarations.of(Kind::Source).iter().map(|declared| source::read(declared, &context, sink)).collect();
    for declared in declarations.of(Kind::Customer) {
        let customer = customer::read(declared, &names, model, (&teams, &customers), sink);
        if !customer.header.broken && model.source(customer.source).key.is_empty() {
            // Whoever says what identifies a customer says what identifies a row of its source.
            model.sources[customer.source.index()].key = vec![customer.key];
        }
        model.customers.push(customer);
    }
    for declared in declarations.of(Kind::Function) {
        let definition = function::read(&declared.item, &names, &customers, sink);
        let item = &declared.item;
        model.functions.push(Function {
            header: Header { broken: definition.broken, ..declared.header() },
            parameters: item.params.iter().map(|parameter| parameter.span).collect(),
            returns: item.returns.as_ref().map(|returns| returns.span),
            value: definition.value.as_ref().map(|value| value.span),
        });
        model.definitions.push(definition);
    }
    model.segments =
        declarations.of(Kind::Segment).iter().map(|declared| placeholder_segment(declared.header())).collect();
    model.surveys =
        declarations.of(Kind::Survey).iter().map(|declared| Survey::placeholder(declared.header())).collect();
    model.windows =
        declarations.of(Kind::Window).iter().map(|declared| window::placeholder(declared.header())).collect();
    model.metrics =
        declarations.of(Kind::Metric).iter().map(|declared| Metric::placeholder(declared.header())).collect();
    model.regions =
        declarations.of(Kind::Region).iter().map(|declared| Region::placeholder(declared.header())).collect();
    model.surveys_read = vec![Vec::new(); model.metrics.len()];
    model.names = names;
}

/// Reads what needs expressions; all that the declaration is built from is there.
fn finish(model: &mut Model, declarations: &Declarations, node: Node, sink: &mut Vec<Diagnostic>) {
    match node {
        Node::Source(id) => {
            let declared = &declarations.of(Kind::Source)[id.index()];
            let (checks, findings) = source::checks(model, id, declared);
            let source = &mut model.sources[id.index()];
            source.checks = checks;
            source.header.broken |= !findings.is_empty();
            sink.extend(findings);
        }
        Node::Customer(id) if !model.customer(id).header.broken => {
            let declared = &declarations.of(Kind::Customer)[id.index()];
            let (filter, has, findings) = customer::finish(model, id, declared);
            let customer = &mut model.customers[id.index()];
            customer.filter = filter;
            customer.has = has;
            customer.header.broken |= !findings.is_empty();
            sink.extend(findings);
        }
        Node::Segment(id) => {
            let (segment, findings) = customer::segment(model, &declarations.of(Kind::Segment)[id.index()]);
            model.segments[id.index()] = segment;
            sink.extend(findings);
        }
        Node::Survey(id) => {
            let (survey, findings) = survey::read(model, &declarations.of(Kind::Survey)[id.index()]);
            model.surveys[id.index()] = survey;
            sink.extend(findings);
        }
        Node::Function(id) => finish_function(model, declarations, id, sink),
        Node::Metric(id) => {
            let declared = &declarations.of(Kind::Metric)[id.index()];
            let (metric, mut findings) = metric::read(model, declared);
            model.metrics[id.index()] = metric;
            survey::finish_metric(model, id, declared, &mut findings);
            sink.extend(findings);
        }
        Node::Window(id) => {
            let (window, findings) = window::declared(model, &declarations.of(Kind::Window)[id.index()]);
            model.windows[id.index()] = window;
            sink.extend(findings);
        }
        Node::Customer(_) => {}
    }
}

fn finish_function(model: &mut Model, declarations: &Declarations, id: FunctionId, sink: &mut Vec<Diagnostic>) {
    let declared = &declarations.of(Kind::Function)[id.index()];
    let before = sink.len();
    entries::Entries::read(&declared.item, Kind::Function.schema(), sink);
    if built_in_functions().any(|(name, _)| name == declared.name) {
        sink.push(
            declare::DUPLICATE
                .finding(format!("there is a built-in function `{}`", declared.name))
                .at(declared.item.name.span, "declared again here")
                .help("give it another name: whoever reads a metric must know which one is meant"),
        );
    }
    let aggregates = model.definitions[id.index()]
        .value
        .as_ref()
        .is_some_and(|value| function::aggregates(model, value, declared.standard));
    model.definitions[id.index()].aggregates = aggregates;
    sink.extend(function::check(model, &model.definitions[id.index()], declared.standard));
    let broken = sink.len() > before;
    model.definitions[id.index()].broken |= broken;
    model.functions[id.index()].header.broken |= broken;
}

fn placeholder_segment(header: Header) -> Segment {
    let condition = RowExpr::unknown(header.span);
    Segment { header, customer: CustomerId(0), condition }
}

/// The position of the declaration that a name refers to; says so when there is none.
fn reference<'n>(
    names: &Names,
    kind: Kind,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
    sink: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let found = names.get(kind, name);
    if found.is_none() {
        let word = kind.word();
        let help = match names::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it: `{word} {name} {{ … }}`"),
        };
        sink.push(
            UNKNOWN_NAME.finding(format!("there is no {word} `{name}`")).at(span, format!("no such {word}")).help(help),
        );
    }
    found
}

impl Model {
    /// What a declaration has in common with all others.
    pub fn header(&self, node: Node) -> &Header {
        match node {
            Node::Source(id) => &self.sources[id.index()].header,
            Node::Customer(id) => &self.customers[id.index()].header,
            Node::Segment(id) => &self.segments[id.index()].header,
            Node::Survey(id) => &self.surveys[id.index()].header,
            Node::Function(id) => &self.functions[id.index()].header,
            Node::Window(id) => &self.windows[id.index()].header,
            Node::Metric(id) => &self.metrics[id.index()].header,
        }
    }

    /// The dependency graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    fn header_mut(&mut self, node: Node) -> &mut Header {
        match node {
            Node::Source(id) => &mut self.sources[id.index()].header,
            Node::Customer(id) => &mut self.customers[id.index()].header,
            Node::Segment(id) => &mut self.segments[id.index()].header,
            Node::Survey(id) => &mut self.surveys[id.index()].header,
            Node::Function(id) => &mut self.functions[id.index()].header,
            Node::Window(id) => &mut self.windows[id.index()].header,
            Node::Metric(id) => &mut self.metrics[id.index()].header,
        }
    }
}
