//! The lines of a statement: one column per line, clauses and named queries below each other, long expressions broken.
//!
//! Only the white space between tokens is decided here, by reading the printed statement's tokens: a constant's text is
//! never touched, and a mistake here cannot change what a statement means.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::dialect::Dialect;
use crate::lines::{Doc, write};

/// The statement's text on lines, as long as no line is wider than this where it can be helped.
const WIDTH: usize = 100;

/// Lays a printed statement out on lines. What cannot be read as tokens stays as it is.
pub(crate) fn layout(printed: &str, dialect: &Dialect) -> String {
    let grammar: &dyn sqlparser::dialect::Dialect = dialect.grammar;
    match Tokenizer::new(grammar, printed).with_unescape(false).tokenize_with_location() {
        Ok(tokens) => write(&query(&tree(&pieces(printed, &tokens))), WIDTH),
        Err(_) => printed.to_owned(),
    }
}

/// A token as it was printed.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    keyword: Keyword,
    /// White space stood before it.
    spaced: bool,
}

fn pieces<'a>(printed: &'a str, tokens: &[TokenWithSpan]) -> Vec<Piece<'a>> {
    let starts = starts(printed, tokens);
    let ends = starts.iter().copied().skip(1).chain([printed.len()]);
    let mut pieces = Vec::new();
    let mut spaced = false;
    for ((token, start), end) in tokens.iter().zip(&starts).zip(ends) {
        let text = printed.get(*start..end).unwrap_or_default();
        match &token.token {
            Token::Whitespace(_) => spaced = true,
            Token::EOF => {}
            token => {
                let keyword = match token {
                    Token::Word(word) if word.quote_style.is_none() => word.keyword,
                    _ => Keyword::NoKeyword,
                };
                pieces.push(Piece { text, keyword, spaced });
                spaced = false;
            }
        }
    }
    pieces
}

/// The byte at which each token starts: tokens say lines and columns.
fn starts(printed: &str, tokens: &[TokenWithSpan]) -> Vec<usize> {
    let mut places = printed.char_indices();
    let (mut line, mut column, mut place) = (1, 1, 0);
    let mut found = Vec::new();
    for token in tokens {
        let start = token.span.start;
        while (line, column) < (start.line, start.column) {
            let Some((at, character)) = places.next() else {
                place = printed.len();
                break;
            };
            place = at + character.len_utf8();
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        found.push(place);
    }
    found
}

/// Tokens, with what stands in parentheses and between `CASE` and `END` put together.
enum Node<'a> {
    Piece(Piece<'a>),
    Group { open: Piece<'a>, inner: Vec<Node<'a>>, close: Option<Piece<'a>> },
    Case { open: Piece<'a>, inner: Vec<Node<'a>>, close: Option<Piece<'a>> },
}

fn tree<'a>(pieces: &[Piece<'a>]) -> Vec<Node<'a>> {
    let mut open: Vec<(Piece<'a>, Vec<Node<'a>>)> = Vec::new();
    let mut nodes = Vec::new();
    for piece in pieces {
        let closes_case = piece.keyword == Keyword::END && open.last().is_some_and(|(open, _)| is_case(open));
        if matches!(piece.text, "(" | "[") || piece.keyword == Keyword::CASE {
            open.push((*piece, std::mem::take(&mut nodes)));
        } else if matches!(piece.text, ")" | "]") || closes_case {
            let Some((opened, before)) = open.pop() else {
                nodes.push(Node::Piece(*piece));
                continue;
            };
            let inner = std::mem::replace(&mut nodes, before);
            nodes.push(closed(opened, inner, Some(*piece)));
        } else {
            nodes.push(Node::Piece(*piece));
        }
    }
    while let Some((opened, before)) = open.pop() {
        let inner = std::mem::replace(&mut nodes, before);
        nodes.push(closed(opened, inner, None));
    }
    nodes
}

fn is_case(piece: &Piece<'_>) -> bool {
    piece.keyword == Keyword::CASE
}

fn closed<'a>(open: Piece<'a>, inner: Vec<Node<'a>>, close: Option<Piece<'a>>) -> Node<'a> {
    if is_case(&open) { Node::Case { open, inner, close } } else { Node::Group { open, inner, close } }
}

impl Node<'_> {
    fn keyword(&self) -> Keyword {
        match self {
            Node::Piece(piece) => piece.keyword,
            Node::Case { .. } => Keyword::CASE,
            Node::Group { .. } => Keyword::NoKeyword,
        }
    }

    fn is_comma(&self) -> bool {
        self.is_one_of(&[","])
    }

    fn is_one_of(&self, texts: &[&str]) -> bool {
        matches!(self, Node::Piece(piece) if texts.contains(&piece.text))
    }

    fn spaced(&self) -> bool {
        match self {
            Node::Piece(piece) | Node::Group { open: piece, .. } | Node::Case { open: piece, .. } => piece.spaced,
        }
    }
}

/// A query's clauses, each on its own line.
fn query(nodes: &[Node<'_>]) -> Doc {
    let clauses = clauses(nodes).into_iter().map(clause);
    Doc::Joined(clauses.collect(), Box::new(Doc::HardLine))
}

fn clauses<'n, 'a>(nodes: &'n [Node<'a>]) -> Vec<&'n [Node<'a>]> {
    let mut starts: Vec<usize> = (1..nodes.len()).filter(|at| starts_clause(nodes, *at)).collect();
    starts.insert(0, 0);
    let ends = starts.iter().copied().skip(1).chain([nodes.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| nodes.get(*start..end)).collect()
}

fn starts_clause(nodes: &[Node<'_>], at: usize) -> bool {
    let keyword = |at: Option<usize>| at.and_then(|at| nodes.get(at)).map_or(Keyword::NoKeyword, Node::keyword);
    let previous = keyword(at.checked_sub(1));
    match keyword(Some(at)) {
        Keyword::SELECT | Keyword::WHERE | Keyword::HAVING | Keyword::LIMIT | Keyword::OFFSET | Keyword::QUALIFY => {
            true
        }
        // Not the one of `IS NOT DISTINCT FROM`.
        Keyword::FROM => previous != Keyword::DISTINCT,
        Keyword::GROUP | Keyword::ORDER => keyword(Some(at + 1)) == Keyword::BY && previous != Keyword::WITHIN,
        Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT => true,
        join => starts_join(join) && !starts_join(previous),
    }
}

/// The words that come before `JOIN`, and it.
fn starts_join(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::JOIN
            | Keyword::LEFT
            | Keyword::RIGHT
            | Keyword::FULL
            | Keyword::INNER
            | Keyword::OUTER
            | Keyword::CROSS
            | Keyword::NATURAL
            | Keyword::ASOF
    )
}

fn clause(nodes: &[Node<'_>]) -> Doc {
    let head = |words: usize| nodes.split_at(words.min(nodes.len()));
    match nodes.first().map(Node::keyword) {
        Some(Keyword::WITH) => {
            let (head, named) = head(if nodes.get(1).map(Node::keyword) == Some(Keyword::RECURSIVE) { 2 } else { 1 });
            Doc::All(vec![words(head), Doc::text(" "), list(named, Doc::HardLine)])
        }
        Some(Keyword::SELECT) => {
            let (head, columns) = head(if nodes.get(1).map(Node::keyword) == Some(Keyword::DISTINCT) { 2 } else { 1 });
            match columns {
                [Node::Piece(Piece { text: "*", .. })] => words(nodes),
                _ => below(head, list(columns, Doc::HardLine), Doc::HardLine),
            }
        }
        Some(Keyword::WHERE | Keyword::HAVING | Keyword::QUALIFY) => {
            let (head, condition) = head(1);
            below(head, expression(condition), Doc::Line)
        }
        Some(Keyword::GROUP | Keyword::ORDER) => {
            let (head, keys) = head(2);
            below(head, list(keys, Doc::Line), Doc::Line)
        }
        Some(keyword) if starts_join(keyword) => join(nodes),
        _ => words(nodes),
    }
}

/// The head, and what belongs to it beside it or, further in, below it.
fn below(head: &[Node<'_>], body: Doc, line: Doc) -> Doc {
    Doc::group(vec![words(head), Doc::indented(vec![line, body])])
}

fn join(nodes: &[Node<'_>]) -> Doc {
    match nodes.iter().position(|node| node.keyword() == Keyword::ON) {
        Some(on) => {
            let (table, condition) = nodes.split_at(on);
            let (on, condition) = condition.split_at(1);
            let condition = Doc::All(vec![words(on), Doc::text(" "), expression(condition)]);
            Doc::group(vec![words(table), Doc::indented(vec![Doc::Line, condition])])
        }
        None => words(nodes),
    }
}

/// Parts between commas, one per line where the line breaks.
fn list(nodes: &[Node<'_>], line: Doc) -> Doc {
    let parts = nodes.split(Node::is_comma).map(expression).collect();
    Doc::Joined(parts, comma(line))
}

fn comma(line: Doc) -> Box<Doc> {
    Box::new(Doc::All(vec![Doc::text(","), line]))
}

/// A row that is written out stays on its line, however wide: it is read as a table.
fn row(nodes: &[Node<'_>]) -> Doc {
    Doc::Flat(Box::new(expression(nodes)))
}

/// An expression, broken before its loosest operators.
fn expression(nodes: &[Node<'_>]) -> Doc {
    if nodes.iter().any(Node::is_comma) {
        return list(nodes, Doc::Line);
    }
    for operator in LOOSEST_FIRST {
        let places = operators(nodes, operator);
        if operator == COMPARISONS && !places.is_empty() {
            return words(nodes);
        }
        if !places.is_empty() {
            let logical = matches!(operator, ["OR" | "AND"]);
            return if logical { chain(nodes, &places) } else { Doc::Indented(Box::new(chain(nodes, &places))) };
        }
    }
    words(nodes)
}

/// Operators that a long line breaks before, and comparisons, at which it does not break.
const LOOSEST_FIRST: [&[&str]; 6] = [&["OR"], &["AND"], COMPARISONS, &["||"], &["+", "-"], &["*", "/", "%"]];

const COMPARISONS: &[&str] = &["=", "<>", "<", ">", "<=", ">=", "IN", "IS", "LIKE", "BETWEEN"];

/// Where one of these operators stands between two operands. The `AND` of a `BETWEEN` is none.
fn operators(nodes: &[Node<'_>], operator: &[&str]) -> Vec<usize> {
    let mut between = false;
    let mut places = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let ends_between = between && node.keyword() == Keyword::AND;
        between = (between && !ends_between) || node.keyword() == Keyword::BETWEEN;
        let follows = nodes.get(at + 1).is_some_and(Node::spaced);
        if !ends_between && at > 0 && node.spaced() && follows && node.is_one_of(operator) {
            places.push(at);
        }
    }
    places
}

fn chain(nodes: &[Node<'_>], places: &[usize]) -> Doc {
    let starts = [0].into_iter().chain(places.iter().copied());
    let ends = places.iter().copied().chain([nodes.len()]);
    let parts = starts.zip(ends).filter_map(|(start, end)| nodes.get(start..end));
    let docs = parts.enumerate().map(|(place, part)| match place {
        0 => expression(part),
        _ => {
            let (operator, rest) = part.split_at(part.len().min(1));
            Doc::All(vec![words(operator), Doc::text(" "), expression(rest)])
        }
    });
    Doc::group(vec![Doc::Joined(docs.collect(), Box::new(Doc::Line))])
}

/// Tokens beside each other.
fn words(nodes: &[Node<'_>]) -> Doc {
    let mut docs = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        if place > 0 && node.spaced() {
            docs.push(Doc::text(" "));
        }
        docs.push(match node {
            Node::Piece(piece) => Doc::text(piece.text),
            Node::Group { open, inner, close } => group(open, inner, close.as_ref()),
            Node::Case { open, inner, close } => case(open, inner, close.as_ref()),
        });
    }
    Doc::All(docs)
}

fn group(open: &Piece<'_>, inner: &[Node<'_>], close: Option<&Piece<'_>>) -> Doc {
    let close = Doc::text(close.map_or("", |close| close.text));
    let first = inner.first().map_or(Keyword::NoKeyword, Node::keyword);
    let (line, body) = match first {
        Keyword::SELECT | Keyword::WITH => (Doc::HardLine, query(inner)),
        Keyword::VALUES => {
            let (values, rows) = inner.split_at(1);
            let rows = Doc::Joined(rows.split(Node::is_comma).map(row).collect(), comma(Doc::HardLine));
            (Doc::HardLine, Doc::All(vec![words(values), Doc::indented(vec![Doc::HardLine, rows])]))
        }
        _ => (Doc::SoftLine, expression(inner)),
    };
    Doc::group(vec![Doc::text(open.text), Doc::indented(vec![line.clone(), body]), line, close])
}

fn case(open: &Piece<'_>, inner: &[Node<'_>], close: Option<&Piece<'_>>) -> Doc {
    let starts = |node: &Node<'_>| matches!(node.keyword(), Keyword::WHEN | Keyword::ELSE);
    let mut places: Vec<usize> =
        inner.iter().enumerate().filter(|(_, node)| starts(node)).map(|(place, _)| place).collect();
    places.insert(0, 0);
    let ends = places.iter().copied().skip(1).chain([inner.len()]);
    let parts = places.iter().zip(ends).filter_map(|(start, end)| inner.get(*start..end));
    let branches = parts.filter(|part| !part.is_empty()).flat_map(|part| [Doc::Line, branch(part)]);
    let end = Doc::text(close.map_or("", |close| close.text));
    Doc::group(vec![Doc::text(open.text), Doc::indented(branches.collect()), Doc::Line, end])
}

/// `WHEN condition THEN result`, with the result below where both do not fit on a line.
fn branch(nodes: &[Node<'_>]) -> Doc {
    let (word, rest) = nodes.split_at(1);
    match rest.iter().position(|node| node.keyword() == Keyword::THEN) {
        Some(then) => {
            let (condition, result) = rest.split_at(then);
            let (then, result) = result.split_at(1);
            let result = Doc::All(vec![words(then), Doc::text(" "), expression(result)]);
            let condition = Doc::All(vec![words(word), Doc::text(" "), expression(condition)]);
            Doc::group(vec![condition, Doc::indented(vec![Doc::Line, result])])
        }
        None => Doc::All(vec![words(word), Doc::text(" "), expression(rest)]),
    }
}
