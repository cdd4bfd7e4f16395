//! What every valid case proves unasked: its statements read back as they were printed, in each dialect, and neither the
//! order of its files nor that of its declarations changes a byte of them.

use crate::compiler::{Asked, Compiled};
use groma_syntax::{FileId, parse};
use groma_tests::Outcome;
use groma_tests::case::{Case, Question};
use groma_tests::random::Random;

/// Proves it for a case without errors.
///
/// # Errors
/// What does not hold.
pub(crate) fn check(case: &Case, compiled: &Compiled<'_>) -> Outcome {
    let statements = statements(compiled)?;
    for (what, text) in &statements {
        let dialect = groma_sql::dialect(what.dialect).ok_or_else(|| format!("no dialect {}", what.dialect))?;
        let again = groma_sql::reparse(text, dialect).map_err(|problem| format!("{what:?}: {problem}\n{text}"))?;
        if again != *text {
            return Err(format!("{what:?} reads back as another statement:\n{text}\nand\n{again}"));
        }
    }
    for seed in 0..2 {
        let shuffled = shuffled(case, seed);
        let others = self::statements(&Compiled::new(&shuffled))?;
        if let Some(((what, text), (_, other))) = statements.iter().zip(&others).find(|(one, other)| one != other) {
            return Err(format!("{what:?} depends on the order of declarations:\n{text}\nand\n{other}"));
        }
        if statements.len() != others.len() {
            return Err("the order of declarations changes which statements there are".to_owned());
        }
    }
    Ok(())
}

/// Which statement.
#[derive(Debug, Clone, PartialEq)]
struct What {
    metric: String,
    dialect: &'static str,
}

/// The statement of every metric in every dialect that can say it; a metric that the default grain does not suit has none.
fn statements(compiled: &Compiled<'_>) -> Outcome<Vec<(What, String)>> {
    let mut statements = Vec::new();
    for metric in compiled.metrics() {
        let question = Question { metrics: vec![metric.clone()], ..Question::default() };
        let Ok(asked) = Asked::new(compiled, &question) else { continue };
        for dialect in groma_sql::dialects() {
            let what = What { metric: metric.clone(), dialect: dialect.name() };
            match asked.sql_if_supported(dialect) {
                Ok(Some(text)) => statements.push((what, text)),
                Ok(None) => {}
                Err(problem) => return Err(format!("{what:?}: {problem}")),
            }
        }
    }
    Ok(statements)
}

/// The same case with its declarations in another order, dealt out to files in another order.
fn shuffled(case: &Case, seed: u64) -> Case {
    let mut random = Random::seeded(seed);
    let mut items = Vec::new();
    for (_, text) in case.texts() {
        let parsed = parse(FileId(0), text);
        let whole = |item: &groma_syntax::ast::Item| {
            let start = item.doc.as_ref().map_or(item.span.start, |doc| doc.span.start.min(item.span.start));
            text.get(start as usize..item.span.end as usize).unwrap_or_default().to_owned()
        };
        items.extend(parsed.file.items.iter().map(whole));
    }
    random.shuffle(&mut items);
    let mut other = case.clone();
    other.files.retain(|(path, _)| !path.ends_with(".groma"));
    let half = items.len() / 2;
    for (path, part) in [("z/first.groma", &items[..half]), ("a/last.groma", &items[half..])] {
        other.files.push((path.to_owned(), part.join("\n\n")));
    }
    other
}
