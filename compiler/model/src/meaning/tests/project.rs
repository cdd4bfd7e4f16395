//! A project of every kind of declaration, and what becomes of it when one place of its text is another.

use crate::check::versions::{Choice, On};
use crate::check::{Input, ParsedFile, QueryShape, check};
use crate::lineage::How;
use crate::meaning::{Era, Meanings, meanings};
use crate::model::{Model, QueryColumn, QueryRows};
use crate::time::Calendar;
use groma_syntax::{Diagnostic, SourceMap, parse};
use jiff::civil::date;

/// The project, in which every kind is declared.
pub(super) const SHOP: &str = include_str!("shop.groma");

const SURVEY: &str = include_str!("../../../../../stdlib/survey.groma");

/// The models of a text: before July 2026, and from then on.
pub(super) struct Both {
    earlier: Model,
    newest: Model,
}

impl Both {
    /// Of a text in which nothing is wrong.
    pub(super) fn of(text: &str) -> Self {
        let calendar = Calendar::default();
        Self {
            earlier: model(text, &calendar, Some(On::Beginning)).unwrap(),
            newest: model(text, &calendar, None).unwrap(),
        }
    }

    pub(super) fn eras(&self) -> [Era<'_>; 2] {
        [Era { from: None, model: &self.earlier }, Era { from: Some(date(2026, 7, 1)), model: &self.newest }]
    }

    /// The newest.
    pub(super) fn model(&self) -> &Model {
        &self.newest
    }

    pub(super) fn meanings(&self) -> Meanings {
        meanings(2, &self.eras()).unwrap()
    }
}

/// The meanings of a text with the newest versions; what is wrong with it, where something is.
pub(super) fn newest(text: &str, calendar: &Calendar) -> Result<Meanings, Vec<String>> {
    let model = model(text, calendar, None)?;
    Ok(meanings(2, &[Era { from: None, model: &model }]).unwrap())
}

fn model(text: &str, calendar: &Calendar, on: Option<On>) -> Result<Model, Vec<String>> {
    let (model, found) = model_of(&[text], calendar, on);
    let errors: Vec<_> =
        found.iter().filter(|finding| finding.is_error()).map(|found| found.headline.clone()).collect();
    if errors.is_empty() { Ok(model) } else { Err(errors) }
}

/// What each pair of texts gives, with the pair itself, on all cores.
pub(super) fn each<T: Sync, R: Send>(pairs: &[T], look: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let chunks = pairs.chunks(pairs.len().div_ceil(threads).max(1));
    std::thread::scope(|scope| {
        let started: Vec<_> = chunks.map(|chunk| scope.spawn(|| chunk.iter().map(&look).collect::<Vec<R>>())).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn model_of(texts: &[&str], calendar: &Calendar, on: Option<On>) -> (Model, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let mut files = Vec::new();
    let mut found = Vec::new();
    for (text, standard) in texts.iter().map(|text| (*text, false)).chain([(SURVEY, true)]) {
        let file = sources.add(format!("{}.groma", files.len()), text);
        let parsed = parse(file, text);
        found.extend(parsed.diagnostics);
        files.push(ParsedFile { file, tree: parsed.file, standard, pack: None });
    }
    let read_query = |text: &str| Ok(query(text));
    let (model, further) = check(Input {
        files,
        calendar: calendar.clone(),
        policy: crate::governance::Policy::default(),
        sources: &sources,
        choice: Choice { on, fixed: Vec::new() },
        read_query: &read_query,
    });
    found.extend(further);
    (model, found)
}

/// The project with one place of its text written in another way. The place is there exactly once.
pub(super) fn with(written: &str, instead: &str) -> String {
    assert_eq!(SHOP.matches(written).count(), 1, "{written}");
    SHOP.replace(written, instead)
}

/// What is read of `select a, b from t where c > 1`.
fn query(text: &str) -> QueryShape {
    let words: Vec<&str> = text.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
    let after = |word: &str| words.iter().position(|known| *known == word).map_or(words.len(), |at| at + 1);
    let table = words.get(after("from")).map(|table| (*table).to_owned()).unwrap_or_default();
    let column = |name: &&str| QueryColumn {
        name: (*name).to_owned(),
        reads: vec![(table.clone(), (*name).to_owned())],
        traced: true,
        how: How::Identity,
        summary: false,
    };
    let filter = words.get(after("where")).map(|name| (How::Filter, table.clone(), (*name).to_owned()));
    let rows = QueryRows { reads: filter.into_iter().collect(), traced: true, ..QueryRows::default() };
    let columns = words[after("select")..after("from") - 1].iter().map(column).collect();
    QueryShape { tables: vec![table.clone()], columns: Some(columns), whole: None, rows }
}
