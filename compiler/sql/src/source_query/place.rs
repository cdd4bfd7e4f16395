//! Places in a query's text: the parser says lines and columns, we say bytes.

use sqlparser::ast::Spanned;
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::Location;

use super::QueryProblem;

/// The byte where something starts.
pub(super) fn start(spanned: &impl Spanned, text: &str) -> Option<usize> {
    let start = spanned.span().start;
    offset(text, start.line, start.column)
}

/// The byte where a token starts.
pub(super) fn of(location: Location, text: &str) -> Option<usize> {
    offset(text, location.line, location.column)
}

/// Lines and columns count characters from 1; 0 is nowhere.
fn offset(text: &str, line: u64, column: u64) -> Option<usize> {
    let skipped = usize::try_from(line.checked_sub(1)?).ok()?;
    let start: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
    let before = usize::try_from(column.checked_sub(1)?).ok()?;
    let rest = text.get(start..)?;
    let within = rest.char_indices().nth(before).map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

/// The parser's complaint. Its place stands at the end of its text.
pub(super) fn problem(error: &ParserError, text: &str) -> QueryProblem {
    let (ParserError::TokenizerError(message) | ParserError::ParserError(message)) = error else {
        return QueryProblem::new("it is nested too deeply");
    };
    let Some((message, place)) = message.rsplit_once(" at Line: ") else {
        return QueryProblem::new(message.as_str());
    };
    let numbers = place
        .split_once(", Column: ")
        .and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let offset = numbers.and_then(|(line, column)| offset(text, line, column));
    QueryProblem { message: message.to_owned(), offset }
}
