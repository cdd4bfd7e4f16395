//! One case: what a section of `tests/cases/**.md` gives the compiler, and what it says must come out.

use crate::Outcome;
use crate::markdown::{Document, Fence, Section};

/// The file that fences without a name make up together.
pub const DEFAULT_FILE: &str = "main.groma";

/// A section as the compiler sees it.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// `time/weeks: A week may start on Sunday`.
    pub name: String,
    /// The Markdown file.
    pub document: String,
    /// Of the header in it.
    pub line: usize,
    /// Paths in the project with their texts, in the order in which they are named.
    pub files: Vec<(String, String)>,
    /// Those of the files that are written in Latin-1.
    pub latin1: Vec<String>,
    pub manifest: Option<String>,
    /// The day on which it is judged.
    pub today: Option<String>,
    /// The data, by source.
    pub rows: Vec<(String, Table)>,
    pub outputs: Vec<Output>,
}

/// Rows of texts; `None` is null.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// A fence that says what must come out.
#[derive(Debug, Clone)]
pub struct Output {
    pub kind: OutputKind,
    pub fence: Fence,
}

/// What is compared with a fence.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputKind {
    /// The answer to a question, on every engine.
    Result(Question),
    /// A question that gets findings instead of an answer.
    Refused(Question),
    /// A command that ends with findings.
    Fails(Vec<String>),
    /// The plan, before any dialect.
    Plan(Question),
    /// The statement in one dialect.
    Sql(String, Question),
    /// The dependency graph.
    Graph,
    /// The formatted text of the case's only file.
    Format,
    /// Findings that no line of a file can claim.
    Diagnostics,
}

/// What is asked of the compiled project; what is not said is its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// None: all metrics.
    pub metrics: Vec<String>,
    pub by: Vec<String>,
    pub grain: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub condition: Option<String>,
    /// The local time from which on nothing is known: a date, or `2026-05-01T10:00:00`.
    pub as_of: Option<String>,
    /// `intervals`, `totals`, `changes`, `weights`.
    pub with: Vec<String>,
    /// The version of the metrics that is computed at all times.
    pub version: Option<u32>,
}

/// A comment in a case that expects a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub path: String,
    /// Of the finding, from 1.
    pub line: usize,
    pub severity: String,
    pub code: String,
    /// A part of the headline.
    pub text: String,
}

impl Case {
    /// The cases of a file under `tests/cases/`.
    ///
    /// # Errors
    /// A fence no runner knows, two tests of one title, a table of uneven rows, a file without tests.
    pub fn of_document(document: &Document) -> Outcome<Vec<Case>> {
        let topic = document.path.trim_start_matches("tests/cases/").trim_end_matches(".md");
        let mut cases: Vec<Case> = Vec::new();
        for section in &document.sections {
            let name = format!("{topic}: {}", section.title);
            if cases.iter().any(|case| case.name == name) {
                return Err(format!("{}:{}: two tests are called {:?}", document.path, section.line, section.title));
            }
            cases.push(Case::of_section(document, section, name)?);
        }
        if cases.is_empty() {
            return Err(format!("{}: no test stands in it", document.path));
        }
        Ok(cases)
    }

    /// One section with what its file shares.
    ///
    /// # Errors
    /// A fence no runner knows, or a table of uneven rows.
    pub fn of_section(document: &Document, section: &Section, name: String) -> Outcome<Case> {
        let mut case = Case { name, document: document.path.clone(), line: section.line, ..Case::default() };
        for fence in document.preamble.fences.iter().chain(&section.fences) {
            case.take(fence).map_err(|problem| format!("{}:{}: {problem}", document.path, fence.line - 1))?;
        }
        Ok(case)
    }

    /// What the comments of its files expect, in order.
    ///
    /// # Errors
    /// A comment that starts like a claim and is none.
    pub fn claims(&self) -> Outcome<Vec<Claim>> {
        let mut claims = Vec::new();
        for (path, text) in &self.files {
            if path.ends_with(".groma") {
                claims.extend(claims_of(path, text).map_err(|problem| format!("{}: {problem}", self.name))?);
            }
        }
        Ok(claims)
    }

    /// All of its files, as they stand on disk.
    pub fn contents(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        self.files.iter().map(|(path, text)| match self.latin1.contains(path) {
            true => (path.as_str(), text.chars().filter_map(|character| u8::try_from(character).ok()).collect()),
            false => (path.as_str(), text.as_bytes().to_vec()),
        })
    }

    /// Its files in the language that are text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_language = |(path, _): &&(String, String)| path.ends_with(".groma") && !self.latin1.contains(path);
        self.files.iter().filter(of_language).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn take(&mut self, fence: &Fence) -> Outcome {
        if let Some(path) = &fence.path {
            self.add_text(path, &fence.body);
            if fence.language == "latin1" {
                self.latin1.push(path.clone());
            }
            return Ok(());
        }
        let question = || Question::parse(&fence.info);
        let kind = match fence.language.as_str() {
            "groma" => {
                self.add_text(DEFAULT_FILE, &fence.body);
                return Ok(());
            }
            "yaml" => {
                self.manifest = Some(fence.body.clone());
                return Ok(());
            }
            "today" => {
                self.today = Some(fence.body.trim().to_owned());
                return Ok(());
            }
            "rows" => {
                let table = Table::parse(&fence.body)?;
                self.rows.retain(|(source, _)| *source != fence.info);
                self.rows.push((fence.info.clone(), table));
                return Ok(());
            }
            "result" => OutputKind::Result(question()?),
            "refused" => OutputKind::Refused(question()?),
            "fails" => OutputKind::Fails(fence.info.split_whitespace().map(str::to_owned).collect()),
            "plan" => OutputKind::Plan(question()?),
            "sql" => {
                let (dialect, rest) = fence.info.split_once(' ').unwrap_or((&fence.info, ""));
                OutputKind::Sql(dialect.to_owned(), Question::parse(rest)?)
            }
            "graph" => OutputKind::Graph,
            "format" => OutputKind::Format,
            "diagnostics" => OutputKind::Diagnostics,
            other => return Err(format!("no runner reads a fence of {other:?} without a file name")),
        };
        self.outputs.push(Output { kind, fence: fence.clone() });
        Ok(())
    }

    fn add_text(&mut self, path: &str, body: &str) {
        match self.files.iter_mut().find(|(known, _)| known == path) {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(body);
            }
            None => self.files.push((path.to_owned(), body.to_owned())),
        }
    }
}

impl Question {
    /// Reads `revenue, orders by account.region at month from 2026-01-01 to 2026-03-31 as of 2026-04-02 with intervals, totals
    /// where …`; every part may be missing, `where` reaches to the end.
    ///
    /// # Errors
    /// A word without what must follow it.
    pub fn parse(text: &str) -> Outcome<Self> {
        let mut question = Question::default();
        let (text, condition) = split_condition(text);
        question.condition = condition.map(str::to_owned);
        let mut place = "";
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            match (word, place) {
                ("by" | "at" | "from" | "to" | "as" | "with" | "version", _) => place = word,
                ("of", "as") => {}
                (_, "as") => question.as_of = Some(word.to_owned()),
                (_, "with") => question.with.push(word.to_owned()),
                (_, "version") => question.version = word.parse().ok(),
                (_, "") => question.metrics.push(word.to_owned()),
                (_, "by") => question.by.push(word.to_owned()),
                (_, "at") => question.grain = Some(word.to_owned()),
                (_, "from") => question.from = Some(word.to_owned()),
                _ => question.to = Some(word.to_owned()),
            }
        }
        let empty = match place {
            "by" => question.by.is_empty(),
            "at" => question.grain.is_none(),
            "from" => question.from.is_none(),
            "to" => question.to.is_none(),
            "as" => question.as_of.is_none(),
            "with" => question.with.is_empty(),
            "version" => question.version.is_none(),
            _ => false,
        };
        if empty { Err(format!("nothing follows {place:?} in {text:?}")) } else { Ok(question) }
    }
}

impl Table {
    /// Reads rows of cells with `|` between them under a header; an empty cell is null, `""` an empty text.
    ///
    /// # Errors
    /// No header, or a row of another width.
    pub fn parse(body: &str) -> Outcome<Self> {
        let mut lines = body.lines().filter(|line| !line.trim().is_empty());
        let header = lines.next().ok_or("a table needs a header")?;
        let columns: Vec<String> = header.split('|').map(|name| name.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for line in lines {
            let cells: Vec<Option<String>> = line.split('|').map(cell).collect();
            if cells.len() != columns.len() {
                return Err(format!("{} cells under {} columns: {line:?}", cells.len(), columns.len()));
            }
            rows.push(cells);
        }
        Ok(Table { columns, rows })
    }

    /// The table as CSV: null is an empty field, an empty text is `""`.
    pub fn to_csv(&self) -> String {
        let mut text = self.columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
        text.push('\n');
        for row in &self.rows {
            let fields = row.iter().map(|value| value.as_deref().map(quoted).unwrap_or_default());
            text.push_str(&fields.collect::<Vec<_>>().join(","));
            text.push('\n');
        }
        text
    }

    /// The table as a fence shows it, columns under each other.
    pub fn to_fence(&self) -> String {
        let shown: Vec<Vec<String>> = std::iter::once(self.columns.clone())
            .chain(self.rows.iter().map(|row| row.iter().map(shown_cell).collect()))
            .collect();
        let width = |at: usize| shown.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in &shown {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            text.push_str(cells.collect::<Vec<_>>().join(" | ").trim_end());
            text.push('\n');
        }
        text
    }
}

fn cell(text: &str) -> Option<String> {
    match text.trim() {
        "" => None,
        "\"\"" => Some(String::new()),
        text => Some(text.to_owned()),
    }
}

fn shown_cell(value: &Option<String>) -> String {
    match value.as_deref() {
        None => String::new(),
        Some("") => "\"\"".to_owned(),
        Some(text) => text.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn split_condition(text: &str) -> (&str, Option<&str>) {
    if let Some(condition) = text.strip_prefix("where ") {
        return ("", Some(condition.trim()));
    }
    text.split_once(" where ").map_or((text, None), |(rest, condition)| (rest, Some(condition.trim())))
}

/// A claim stands on the line of its finding, or alone on a line above it.
fn claims_of(path: &str, text: &str) -> Outcome<Vec<Claim>> {
    let mut claims = Vec::new();
    let mut waiting = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let starts: Vec<usize> = ["// error:", "// warning:"].iter().flat_map(|mark| places(line, mark)).collect();
        for &start in &starts {
            let claim = read_claim(path, index + 1, &line[start..])
                .ok_or_else(|| format!("{path}:{}: not a claim: {}", index + 1, &line[start..]))?;
            waiting.push(claim);
        }
        let alone = starts.iter().min().is_some_and(|start| line[..*start].trim().is_empty());
        if !alone {
            claims.extend(waiting.drain(..).map(|claim| Claim { line: index + 1, ..claim }));
        }
    }
    claims.append(&mut waiting);
    Ok(claims)
}

fn places(line: &str, mark: &str) -> Vec<usize> {
    line.match_indices(mark).map(|(at, _)| at).collect()
}

/// `// error: [code] "text"`, of which the text may be missing.
fn read_claim(path: &str, line: usize, comment: &str) -> Option<Claim> {
    let (severity, rest) = comment.trim_start_matches("// ").split_once(':')?;
    let (code, rest) = rest.trim_start().strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    let text = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None if rest.is_empty() || rest.starts_with("//") => "",
        None => return None,
    };
    Some(Claim {
        path: path.to_owned(),
        line,
        severity: severity.to_owned(),
        code: code.to_owned(),
        text: text.to_owned(),
    })
}
