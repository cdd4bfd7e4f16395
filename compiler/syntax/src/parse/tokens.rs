//! The tokens of a whole file, with comments and documentation set aside.

use crate::ast::Doc;
use crate::lex::{Kind, Lexer, Token};
use crate::source::{FileId, Span};
use crate::words::{Word, reserved};

/// A text in tokens.
pub(crate) struct Tokens<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: FileId,
    /// Without comments, documentation and crumbs.
    pub(crate) list: Vec<Token>,
    /// What can be reported and then be taken for a blank: foreign comments, semicolons, invisible characters.
    pub(crate) crumbs: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// Reads the whole text, from after a byte order mark if there is one.
    pub(crate) fn read(file: FileId, text: &'a str) -> (Self, Docs<'a>) {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let list = Vec::with_capacity(text.len() / 5);
        let mut tokens = Self { text, file, list, crumbs: Vec::new() };
        let mut docs = Docs { text, file, comments: Vec::new(), runs: Vec::new(), cursor: 0 };
        let mut run: Option<Run> = None;
        for token in Lexer::at(text, start) {
            match token.kind {
                Kind::Comment => docs.comments.push(token),
                Kind::Doc => {
                    run = Some(docs.line(token, run));
                }
                Kind::ForeignComment | Kind::ForeignBlank | Kind::Semicolon => tokens.crumbs.push(token),
                _ => {
                    if let Some(run) = run.take() {
                        docs.runs.push(Run { target: token.start(), ..run });
                    }
                    tokens.list.push(token);
                }
            }
        }
        (tokens, docs)
    }

    /// The span of some bytes.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// The span of a token, or the end of the text if there is none.
    pub(crate) fn span_of(&self, index: usize) -> Span {
        match self.list.get(index) {
            Some(token) => self.span(token.start(), token.end()),
            None => self.span(self.text.trim_end().len(), self.text.trim_end().len()),
        }
    }

    /// The kind of a token, if there is one.
    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// The text of a token, empty if there is none.
    pub(crate) fn word(&self, index: usize) -> &'a str {
        self.list.get(index).map_or("", |token| token.text(self.text))
    }

    /// The blanks before the first token of a token's line, in characters.
    pub(crate) fn indent(&self, index: usize) -> usize {
        let Some(token) = self.list.get(index) else { return 0 };
        // A line of kilobytes is not indented by anyone; looking for its start again and again would be quadratic.
        let before = self.text.as_bytes().get(token.start().saturating_sub(4096)..token.start()).unwrap_or(&[]);
        let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        before[line..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    /// The first token behind a name that may be dotted, if one begins at a token.
    pub(crate) fn after_item_name(&self, index: usize) -> Option<usize> {
        let first = self.list.get(index)?;
        if !matches!(first.kind, Kind::Name | Kind::Number | Kind::Mixed | Kind::Date) {
            return None;
        }
        let end = crate::lex::item_name_end(self.text, first.start())?;
        let mut next = index;
        while self.list.get(next).is_some_and(|token| token.start() < end) {
            next += 1;
        }
        Some(next)
    }

    /// Whether a group begins at a token, `key {` or `key name {`: the index of its brace.
    pub(crate) fn group_brace(&self, index: usize) -> Option<usize> {
        if self.kind(index) != Some(Kind::Name) {
            return None;
        }
        if self.kind(index + 1) == Some(Kind::OpenBrace) {
            return Some(index + 1);
        }
        self.after_item_name(index + 1).filter(|next| self.kind(*next) == Some(Kind::OpenBrace))
    }

    /// Whether the name at a token is the key of an entry, a group or an argument: the value before it ends.
    pub(crate) fn is_key(&self, index: usize) -> bool {
        match self.kind(index + 1) {
            // In `from: orders` above `: 3` a key is missing, and it is not `orders`.
            Some(Kind::Colon) => {
                let value = index > 0 && self.kind(index - 1) == Some(Kind::Colon);
                !(value && self.list[index + 1].newlines > 0)
            }
            Some(Kind::OpenBrace) => true,
            Some(Kind::Name | Kind::Number | Kind::Mixed | Kind::Date) => {
                // `case when a then b end columns {` closes its `case` first.
                let may_be_key = reserved(self.word(index)).is_none_or(Word::is_own);
                may_be_key && index > 0 && self.group_brace(index).is_some() && self.may_end_before(index)
            }
            _ => false,
        }
    }

    /// Whether an entry may end before a name: `from: orders columns {` has its key at `columns`, not at `orders`.
    fn may_end_before(&self, index: usize) -> bool {
        let before = index.saturating_sub(1);
        match self.kind(before) {
            Some(Kind::OpenBrace | Kind::CloseBrace) => true,
            // `1 day columns {`, `each month columns {`: the number and the word before take theirs first.
            Some(Kind::Number) => self.list[index].newlines > 0,
            Some(Kind::Name) if crate::words::is_prefix(self.word(before)) => self.list[index].newlines > 0,
            _ => self.ends_value(before),
        }
    }

    /// Whether a value may end with a token.
    pub(crate) fn ends_value(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(Kind::Name) => {
                let before = index.checked_sub(1).and_then(|before| self.kind(before));
                reserved(self.word(index)).is_none_or(|word| {
                    let name = matches!(before, Some(Kind::Colon | Kind::Comma | Kind::OpenParen | Kind::Operator));
                    word.is_literal() || word == Word::End || name && word.may_be_name() || before == Some(Kind::Dot)
                })
            }
            Some(kind) => {
                use Kind::{CloseParen, Date, ForeignText, LongText, Mixed, Number, Percent, Text, UnclosedText};
                matches!(
                    kind,
                    CloseParen | Date | ForeignText | LongText | Mixed | Number | Percent | Text | UnclosedText
                )
            }
            None => false,
        }
    }

    /// Whether a token is a name such as `2026-Q3`, the whole value of an entry or one of its values. Anywhere else it may be
    /// meant to subtract.
    pub(crate) fn is_name_of_a_year(&self, index: usize, end: usize) -> bool {
        let bytes = self.word(index).as_bytes();
        let named = matches!(bytes, [a, b, c, d, b'-', letter, ..]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) && letter.is_ascii_alphabetic());
        let before = index.checked_sub(1).and_then(|before| self.kind(before));
        let ends = match self.kind(index + 1).filter(|_| index + 1 < end) {
            None | Some(Kind::Comma | Kind::CloseBrace) => true,
            Some(Kind::Name) => self.is_key(index + 1),
            Some(_) => false,
        };
        named && ends && matches!(before, Some(Kind::Colon | Kind::Comma))
    }

    /// Whether a token begins a line with what looks like an item: `word name {` or `word name(`.
    pub(crate) fn looks_like_item(&self, index: usize) -> bool {
        self.list.get(index).is_some_and(|token| token.kind == Kind::Name && token.starts_line())
            && self
                .after_item_name(index + 1)
                .is_some_and(|next| matches!(self.kind(next), Some(Kind::OpenBrace | Kind::OpenParen)))
    }
}

/// Comments in order of place, and which of them document something.
pub(crate) struct Docs<'a> {
    text: &'a str,
    file: FileId,
    /// All lines of comment and of documentation.
    pub(crate) comments: Vec<Token>,
    runs: Vec<Run>,
    cursor: usize,
}

/// Lines of `///` without anything between them.
struct Run {
    first: usize,
    last: usize,
    /// Where the token starts that follows.
    target: usize,
    claimed: bool,
}

impl Docs<'_> {
    /// Adds a line of documentation to the run it continues, or begins one.
    fn line(&mut self, token: Token, run: Option<Run>) -> Run {
        let index = self.comments.len();
        self.comments.push(token);
        match run {
            Some(run) if token.newlines == 1 && run.last + 1 == index => Run { last: index, ..run },
            _ => Run { first: index, last: index, target: 0, claimed: false },
        }
    }

    /// The documentation before the token at a place. Places must be asked for in order.
    pub(crate) fn claim(&mut self, target: usize) -> Option<Doc> {
        while self.runs.get(self.cursor).is_some_and(|run| run.target < target) {
            self.cursor += 1;
        }
        let run = self.runs.get_mut(self.cursor).filter(|run| run.target == target)?;
        run.claimed = true;
        let lines = self.comments.get(run.first..=run.last)?;
        let span = Span::new(self.file, lines.first()?.start(), lines.last()?.end());
        let lines: Vec<&str> = lines.iter().map(|line| doc_line(line.text(self.text))).collect();
        Some(Doc { span, text: lines.join("\n") })
    }

    /// What documents nothing is a comment.
    pub(crate) fn into_comments(self) -> Vec<Span> {
        let mut spans = Vec::with_capacity(self.comments.len());
        let mut runs = self.runs.iter().filter(|run| run.claimed).peekable();
        for (index, comment) in self.comments.iter().enumerate() {
            while runs.peek().is_some_and(|run| run.last < index) {
                runs.next();
            }
            if runs.peek().is_none_or(|run| run.first > index) {
                spans.push(Span::new(self.file, comment.start(), comment.end()));
            }
        }
        spans
    }
}

/// Without slashes, one leading blank and trailing blanks.
fn doc_line(line: &str) -> &str {
    let inner = line.strip_prefix("///").unwrap_or(line);
    let inner = inner.strip_prefix(' ').unwrap_or(inner);
    inner.trim_end()
}
