//! From a world to a model: every file read and parsed, every finding collected.

use crate::manifest::{Manifest, SearchPath};
use crate::nearest::did_you_mean;
use crate::rules::unknown_levels;
use crate::world::{MANIFEST, World};
use crate::{stdlib, target};
use groma_model::check::versions::{Choice, On, Taken, other_unit};
use groma_model::check::{Input, ParsedFile, QueryProblem, QueryShape, check, check_again};
use groma_model::judge::{Judgement, judge};
use groma_model::lineage::How;
use groma_model::meaning::Era;
use groma_model::{
    Code, Diagnostic, FileId, Metric, MetricId, Model, QueryColumn, QueryRows, SmolStr, SourceMap, Span,
};
use groma_sql::source_query;
use groma_syntax::{Parsed, SourceFile, parse};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, thread};

/// There is no project.
pub(crate) static NO_MANIFEST: Code =
    Code::error("project/no-manifest", "The folder is no project: it has no manifest.");
/// Nothing is declared.
pub(crate) static EMPTY: Code = Code::error("project/empty", "The project declares nothing.");
/// A file with bytes that are no text.
pub(crate) static NOT_UTF8: Code = Code::error("project/not-utf8", "A file of the project is not UTF-8 text.");
/// A file that is there and cannot be read.
pub(crate) static UNREADABLE: Code =
    Code::error("project/unreadable", "A file or folder of the project cannot be read.");
/// One of `paths:` without a file.
pub(crate) static PATH_WITHOUT_FILES: Code =
    Code::error("project/path-without-files", "One of the manifest's paths leads to no declarations.");

/// The codes of this step.
pub(crate) static CODES: &[&Code] = &[&NO_MANIFEST, &EMPTY, &NOT_UTF8, &UNREADABLE, &PATH_WITHOUT_FILES];

/// Deep expressions are refused by the parser at a depth that fits into this.
const STACK: usize = 16 << 20;

/// A project with all that was found.
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub manifest: Manifest,
    /// The manifest, the project's files in the order of their paths, then the standard library.
    pub sources: SourceMap,
    /// With the newest version of every metric.
    pub model: Model,
    /// What holds before that, from the beginning: the day it holds from (none for the first), and the model of its versions.
    pub earlier: Vec<(Option<Date>, Model)>,
    /// The day from which on the newest versions hold; none where nothing held before.
    pub newest: Option<Date>,
    /// What was judged on a date, once it was.
    pub judgement: Judgement,
    /// In the order in which they are shown, each once.
    pub diagnostics: Vec<Diagnostic>,
    /// How many `.groma` files the project has.
    pub files: usize,
}

impl Project {
    /// Whether a finding stops a run.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Judges the project on a date: what it finds is added to the findings.
    pub fn judge(&mut self, date: Date) {
        self.judgement = judge(&self.model, date);
        self.diagnostics.append(&mut self.judgement.findings);
        self.sort();
    }

    /// The project through time: each with the versions of metrics that hold from a day on; at least one.
    pub fn eras(&self) -> Vec<Era<'_>> {
        let earlier = self.earlier.iter().map(|(from, model)| Era { from: *from, model });
        earlier.chain([Era { from: self.newest, model: &self.model }]).collect()
    }

    /// The model in which other versions of metrics are read, with what is wrong with them.
    pub fn chosen(&self, choice: &Choice) -> (Model, Vec<Diagnostic>) {
        check_again(&self.model, choice, &self.sources, &|text| read_query(text))
    }

    /// Reads of some metrics the same at all times; the others go on from version to version. What is wrong with them so is
    /// returned.
    pub fn hold(&mut self, fixed: &[(SmolStr, Taken)]) -> Vec<Diagnostic> {
        let is_fixed = |metric: &Metric| fixed.iter().any(|(name, _)| *name == metric.header.name);
        let others = self.model.metrics.iter().filter(|metric| !is_fixed(metric));
        let begins: BTreeSet<Date> =
            others.flat_map(|metric| &metric.versions).filter_map(|version| version.from).collect();
        let mut found = Vec::new();
        let mut models = Vec::with_capacity(begins.len() + 1);
        for from in std::iter::once(None).chain(begins.into_iter().map(Some)) {
            let choice = Choice { on: Some(from.map_or(On::Beginning, On::Day)), fixed: fixed.to_vec() };
            let (model, findings) = self.chosen(&choice);
            found.extend(findings.into_iter().filter(|finding| !self.diagnostics.contains(finding)));
            models.push((from, model));
        }
        if let Some((newest, model)) = models.pop() {
            (self.newest, self.model, self.earlier) = (newest, model, models);
        }
        found
    }

    /// The project through time, as it were if no exception left anything out.
    pub fn without_exceptions(&self) -> Vec<(Option<Date>, Model)> {
        self.eras().into_iter().map(|era| (era.from, era.model.without_exceptions())).collect()
    }

    /// Whether exceptions change a metric at some time.
    pub fn is_excepted(&self, metric: MetricId) -> bool {
        self.eras().iter().any(|era| !era.model.excepted(metric).is_empty())
    }

    fn sort(&mut self) {
        self.diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
        self.diagnostics.dedup();
    }

    /// The path and text of each `.groma` file of the project.
    pub fn declarations(&self) -> impl Iterator<Item = &SourceFile> {
        self.sources.files().skip(1).take(self.files).map(|(_, file)| file)
    }
}

/// Compiles a project. Never stops at a finding.
pub fn compile(world: &dyn World) -> Project {
    let mut project = Project::default();
    if let Some(text) = read_manifest(world, &mut project) {
        let (manifest, diagnostics) = Manifest::read(FileId(0), &text);
        project.sources.add(MANIFEST, text);
        project.diagnostics.extend(diagnostics);
        project.manifest = manifest;
        let files = read_declarations(world, &mut project);
        check_all(files, &mut project);
    } else {
        // The standard library can be asked about from anywhere.
        check_all(Vec::new(), &mut project);
    }
    project.sort();
    project
}

fn read_manifest(world: &dyn World, project: &mut Project) -> Option<String> {
    let finding = match world.read(MANIFEST) {
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(error) => {
                let (text, finding) = not_utf8(FileId(0), MANIFEST, error.as_bytes());
                project.sources.add(MANIFEST, text);
                finding
            }
        },
        Ok(None) => {
            let help = match world.list() {
                Ok(files) if !files.is_empty() => {
                    "write a groma.yml with the line `project: my_company`, or choose the project's folder with `-C`"
                }
                _ => "start a project with `groma new my_company`, or choose one with `-C`",
            };
            NO_MANIFEST.finding("there is no groma.yml here, so there is no project").help(help)
        }
        Err(error) => unreadable(MANIFEST, &error),
    };
    project.diagnostics.push(finding);
    None
}

/// The project's own files, parsed.
fn read_declarations(world: &dyn World, project: &mut Project) -> Vec<ParsedFile> {
    let before = project.diagnostics.len();
    let paths = match world.list() {
        Ok(paths) => chosen(paths, project),
        Err(error) => {
            project.diagnostics.push(unreadable("the project's folder", &error));
            return Vec::new();
        }
    };
    project.files = paths.len();
    let mut files = Vec::new();
    let mut items = 0;
    for (path, read) in paths.iter().zip(read_all(world, &paths)) {
        let file = project.sources.add(path.as_str(), read.text);
        items += read.parsed.file.items.len();
        project.diagnostics.extend(read.parsed.diagnostics);
        files.push(ParsedFile { file, tree: read.parsed.file, standard: false, pack: None });
    }
    if items == 0 && project.diagnostics.len() == before {
        project.diagnostics.push(empty(&project.manifest, project.files));
    }
    files
}

/// Checks files together with the standard library.
fn check_all(mut files: Vec<ParsedFile>, project: &mut Project) {
    let packs = &project.manifest.governance.packs;
    let chosen = |name: &str| stdlib::pack(name).is_none_or(|pack| packs.iter().any(|own| own == pack));
    let standard: Vec<_> = stdlib::FILES.iter().filter(|(name, _)| chosen(name)).collect();
    for (name, text) in standard {
        let file = project.sources.add(stdlib::path(name), *text);
        let parsed = parse(file, text);
        project.diagnostics.extend(parsed.diagnostics);
        files.push(ParsedFile { file, tree: parsed.file, standard: true, pack: stdlib::pack(name).map(SmolStr::new) });
    }
    let calendar = project.manifest.calendar.clone();
    let mut policy = project.manifest.governance.clone();
    policy.unchosen = stdlib::unchosen(&policy.packs);
    let sources = &project.sources;
    let (model, diagnostics) = check(Input {
        files,
        calendar,
        policy,
        sources,
        choice: Choice::default(),
        read_query: &|text| read_query(text),
    });
    project.diagnostics.extend(diagnostics);
    project.diagnostics.extend(unknown_sources(&project.manifest, &model));
    project.diagnostics.extend(unknown_levels(project));
    project.model = model;
    check_earlier(project);
}

/// Checks what held before the newest versions of metrics. A metric that is broken in one of its versions is broken.
fn check_earlier(project: &mut Project) {
    let versions = project.model.metrics.iter().flat_map(|metric| &metric.versions);
    let begins: BTreeSet<Date> = versions.filter_map(|version| version.from).collect();
    project.newest = begins.last().copied();
    let beginning = std::iter::once(None).chain(begins.iter().copied().map(Some));
    for from in beginning.take(begins.len()) {
        let choice = Choice { on: Some(from.map_or(On::Beginning, On::Day)), ..Choice::default() };
        let (model, findings) = project.chosen(&choice);
        for (newest, earlier) in project.model.metrics.iter_mut().zip(&model.metrics) {
            let other = other_unit(earlier, newest);
            newest.header.broken |= earlier.header.broken || other.is_some();
            project.diagnostics.extend(other);
        }
        project.diagnostics.extend(findings);
        project.earlier.push((from, model));
    }
    let broken: Vec<bool> = project.model.metrics.iter().map(|metric| metric.header.broken).collect();
    for (_, model) in &mut project.earlier {
        for (earlier, broken) in model.metrics.iter_mut().zip(&broken) {
            earlier.header.broken |= broken;
        }
    }
}

/// The files that the manifest's `paths` hold, sorted; each path must hold one.
fn chosen(mut paths: Vec<String>, project: &mut Project) -> Vec<String> {
    paths.sort();
    paths.dedup();
    let searched = &project.manifest.paths;
    if searched.is_empty() {
        return paths;
    }
    for path in searched.iter().filter(|path| !paths.iter().any(|file| path.holds(file))) {
        project.diagnostics.push(path_without_files(path));
    }
    paths.retain(|file| searched.iter().any(|path| path.holds(file)));
    paths
}

fn path_without_files(path: &SearchPath) -> Diagnostic {
    PATH_WITHOUT_FILES
        .finding(format!("`{}` leads to no .groma file, so nothing there is checked or counted", path.pattern))
        .at(path.span, "no declarations here")
        .help("correct the path, or take it out of `paths`")
}

/// A file that was read and parsed.
struct Read {
    text: String,
    parsed: Parsed,
}

/// Reads and parses all files on all cores; the answers are in the order of the paths.
fn read_all(world: &dyn World, paths: &[String]) -> Vec<Read> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(at) else { return done };
            done.push((at, read_one(world, path, FileId(u32::try_from(at + 1).unwrap_or(u32::MAX)))));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let mut done: Vec<(usize, Read)> = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
        let started: Vec<_> = (0..threads).map_while(start).collect();
        started
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.extend(work());
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, read)| read).collect()
}

fn read_one(world: &dyn World, path: &str, file: FileId) -> Read {
    let alone = |text: String, finding: Diagnostic| Read {
        text,
        parsed: Parsed { diagnostics: vec![finding], ..Parsed::default() },
    };
    let bytes = match world.read(path) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(error) => return alone(String::new(), unreadable(path, &error).at(Span::new(file, 0, 0), "")),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Read { parsed: parse(file, &text), text },
        Err(error) => {
            let (text, finding) = not_utf8(file, path, error.as_bytes());
            alone(text, finding)
        }
    }
}

/// A readable form of bytes that are no text, and the finding at the first bad one.
fn not_utf8(file: FileId, path: &str, bytes: &[u8]) -> (String, Diagnostic) {
    let good = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let text = String::from_utf8_lossy(bytes).into_owned();
    let byte = bytes.get(good).copied().unwrap_or_default();
    let line = bytes[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
    let span = Span::new(file, good, good + char::REPLACEMENT_CHARACTER.len_utf8());
    let finding = NOT_UTF8
        .finding(format!("{path} is not UTF-8 text: byte {byte:#04x} in line {line}"))
        .at(span, "not UTF-8 from here on")
        .help(format!("save the file as UTF-8: `iconv -f latin1 -t utf-8 {path}` shows it so"));
    (text, finding)
}

fn unreadable(path: &str, error: &io::Error) -> Diagnostic {
    UNREADABLE
        .finding(format!("{path} cannot be read: {error}"))
        .help("give the user who runs Groma the right to read it")
}

fn empty(manifest: &Manifest, files: usize) -> Diagnostic {
    let headline = match files {
        0 => format!("project `{}` has no .groma file", manifest.project),
        _ => format!("project `{}` declares nothing: its .groma files are empty", manifest.project),
    };
    EMPTY
        .finding(headline)
        .at(manifest.span, "this project")
        .help("declare a source and a metric; `groma new example` writes a project to begin with")
}

/// A misspelt source in `tables:` would silently leave the source where it was.
fn unknown_sources(manifest: &Manifest, model: &Model) -> Vec<Diagnostic> {
    let names = || model.sources.iter().map(|source| source.header.name.as_str());
    let mut found = Vec::new();
    for mapped in &manifest.targets {
        for table in mapped.tables.iter().filter(|table| !names().any(|name| name == table.source)) {
            let source = &table.source;
            let headline = format!("target `{}` has a table for `{source}`, which is no source", mapped.name);
            let mut finding = target::UNKNOWN_SOURCE.finding(headline).at(table.span, "no source of the project");
            finding.help = did_you_mean(source, names().collect::<Vec<_>>());
            found.push(finding);
        }
    }
    found
}

fn read_query(text: &str) -> Result<QueryShape, QueryProblem> {
    match source_query::read(text) {
        Ok(query) => Ok(QueryShape {
            tables: query.tables,
            columns: query.columns.map(|columns| columns.into_iter().map(query_column).collect()),
            whole: query.whole,
            rows: QueryRows { excludes: query.excludes, ..query_rows(query.rows, query.cell) },
        }),
        Err(problem) => Err(QueryProblem { message: problem.message, offset: problem.offset }),
    }
}

fn query_column(column: source_query::OutputColumn) -> QueryColumn {
    let how = match column.how {
        source_query::How::Identity => How::Identity,
        source_query::How::Transformation => How::Transformation,
        source_query::How::Aggregation => How::Aggregation,
    };
    let source_query::OutputColumn { name, mut reads, guesses, blind, summary, .. } = column;
    reads.extend(guesses);
    QueryColumn { name, reads, traced: !blind, how, summary }
}

fn query_rows(rows: source_query::RowReads, cell: Option<source_query::Cell>) -> QueryRows {
    let parts = [(How::Filter, rows.filter), (How::Join, rows.join), (How::GroupBy, rows.group)];
    let part = |(how, columns): (How, Vec<(String, String)>)| {
        columns.into_iter().map(move |(table, column)| (how, table, column))
    };
    QueryRows {
        reads: parts.into_iter().flat_map(part).collect(),
        traced: rows.traced,
        cell: cell.map(|cell| (cell.least, cell.of)),
        excludes: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
