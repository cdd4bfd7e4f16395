//! Tokens by hand: what splits a file into items, explains what the grammar refused, and feeds the formatter.
//!
//! It never fails and never looks back: every byte belongs to a token or to the blanks between two. What is no token of
//! the language (a foreign comment, a single quote) is one token with a kind of its own, so that it can be named.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    Percent,
    Date,
    /// Digits with letters or hyphens: `2026-Q3` (the name of an item), `30days` (a mistake).
    Mixed,
    Text,
    LongText,
    Comment,
    Doc,
    Colon,
    Comma,
    Dot,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    Arrow,
    /// `= <> != < <= > >= + - * / %`
    Operator,
    /// A `"…` without its end on the same line.
    UnclosedText,
    /// A `"""…` without its end.
    UnclosedLongText,
    /// `== && || ! & | => =<`
    ForeignOperator,
    /// `# …`, `-- …`, `/* … */`
    ForeignComment,
    /// `'…'`, `“…”`
    ForeignText,
    /// A blank that is none of ours: a no-break space, a zero-width space.
    ForeignBlank,
    Semicolon,
    Other,
}

/// A token and its place in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The line ends between the token (or comment) before and this one, at most 255.
    pub(crate) newlines: u8,
    start: u32,
    end: u32,
}

impl Token {
    /// The text of the token.
    pub(crate) fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start()..self.end()).unwrap_or("")
    }

    /// Its first byte.
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    /// The byte behind it.
    pub(crate) fn end(&self) -> usize {
        self.end as usize
    }

    /// Whether it is the first token of its line; the first of a text is.
    pub(crate) fn starts_line(&self) -> bool {
        self.newlines > 0 || self.start == 0
    }

    /// Whether it is something the language has not, and that cannot be taken for a blank.
    pub(crate) fn is_foreign(&self) -> bool {
        use Kind::{ForeignOperator, ForeignText, Other, UnclosedLongText, UnclosedText};
        matches!(self.kind, UnclosedText | UnclosedLongText | ForeignOperator | ForeignText | Other)
    }
}

/// The tokens of a text from a place on.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    /// No `*/` follows any more: looking again for each `/*` would be quadratic.
    no_block_end: bool,
}

impl<'a> Lexer<'a> {
    /// Starts at a byte, which must begin a character.
    pub(crate) fn at(text: &'a str, position: usize) -> Self {
        Self { text, bytes: text.as_bytes(), position, no_block_end: false }
    }

    fn byte(&self, offset: usize) -> u8 {
        self.bytes.get(self.position + offset).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or(&[])
    }

    fn blanks(&mut self) -> u8 {
        let mut newlines = 0_u8;
        while let Some(byte) = self.bytes.get(self.position) {
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => newlines = newlines.saturating_add(1),
                _ => break,
            }
            self.position += 1;
        }
        newlines
    }

    fn take(&mut self, length: usize, kind: Kind) -> Kind {
        self.position = (self.position + length).min(self.bytes.len());
        kind
    }

    /// Up to the end of the line, without it and without a carriage return.
    fn line(&mut self, kind: Kind) -> Kind {
        let rest = self.rest();
        let mut length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        if length > 0 && rest.get(length - 1) == Some(&b'\r') {
            length -= 1;
        }
        self.take(length, kind)
    }

    fn kind(&mut self) -> Kind {
        match self.byte(0) {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'0'..=b'9' => self.number(),
            b'"' => self.string(),
            b':' => self.take(1, Kind::Colon),
            b',' => self.take(1, Kind::Comma),
            b'.' => self.take(1, Kind::Dot),
            b'(' => self.take(1, Kind::OpenParen),
            b')' => self.take(1, Kind::CloseParen),
            b'{' => self.take(1, Kind::OpenBrace),
            b'}' => self.take(1, Kind::CloseBrace),
            b';' => self.take(1, Kind::Semicolon),
            b'#' => self.line(Kind::ForeignComment),
            b'/' => self.slash(),
            b'-' => self.hyphen(),
            b'=' | b'<' | b'>' | b'!' | b'&' | b'|' => self.comparison(),
            b'+' | b'*' | b'%' => self.take(1, Kind::Operator),
            b'\'' | b'`' => self.foreign_text(),
            0..=127 => self.take(1, Kind::Other),
            _ => self.beyond_ascii(),
        }
    }

    fn slash(&mut self) -> Kind {
        match (self.byte(1), self.byte(2), self.byte(3)) {
            // `////` is a ruler, not documentation.
            (b'/', b'/', next) if next != b'/' => self.line(Kind::Doc),
            (b'/', ..) => self.line(Kind::Comment),
            (b'*', ..) if !self.no_block_end => {
                let inner = self.rest().get(2..).unwrap_or(&[]);
                match inner.windows(2).position(|pair| pair == b"*/") {
                    Some(length) => self.take(length + 4, Kind::ForeignComment),
                    None => {
                        self.no_block_end = true;
                        self.line(Kind::ForeignComment)
                    }
                }
            }
            (b'*', ..) => self.line(Kind::ForeignComment),
            _ => self.take(1, Kind::Operator),
        }
    }

    fn hyphen(&mut self) -> Kind {
        match self.byte(1) {
            b'-' => self.line(Kind::ForeignComment),
            b'>' => self.take(2, Kind::Arrow),
            _ => self.take(1, Kind::Operator),
        }
    }

    fn comparison(&mut self) -> Kind {
        match (self.byte(0), self.byte(1)) {
            (b'=', b'=') if self.byte(2) == b'=' => self.take(3, Kind::ForeignOperator),
            (b'=', b'=' | b'>' | b'<') | (b'&', b'&') | (b'|', b'|') => self.take(2, Kind::ForeignOperator),
            (b'<', b'=' | b'>') | (b'>' | b'!', b'=') => self.take(2, Kind::Operator),
            (b'!' | b'&' | b'|', _) => self.take(1, Kind::ForeignOperator),
            _ => self.take(1, Kind::Operator),
        }
    }

    fn name(&mut self) -> Kind {
        self.position = name_rest(self.text, self.position);
        Kind::Name
    }

    fn number(&mut self) -> Kind {
        if let Some(length) = date_length(self.rest())
            && name_rest(self.text, self.position + length) == self.position + length
        {
            return self.take(length, Kind::Date);
        }
        self.digits();
        if self.byte(0) == b'.' && self.byte(1).is_ascii_digit() {
            self.position += 1;
            self.digits();
        }
        if self.byte(0) == b'%' {
            return self.take(1, Kind::Percent);
        }
        let end = name_rest(self.text, self.position);
        if end > self.position {
            self.position = end;
            return Kind::Mixed;
        }
        Kind::Number
    }

    fn digits(&mut self) {
        while self.byte(0).is_ascii_digit() {
            self.position += 1;
        }
    }

    fn string(&mut self) -> Kind {
        if self.rest().starts_with(b"\"\"\"") {
            let inner = self.rest().get(3..).unwrap_or(&[]);
            let mut from = 0;
            while let Some(at) = inner.get(from..).and_then(|part| part.iter().position(|byte| *byte == b'"')) {
                if inner[from + at..].starts_with(b"\"\"\"") {
                    return self.take(from + at + 6, Kind::LongText);
                }
                from += at + 1;
            }
            return self.take(inner.len() + 3, Kind::UnclosedLongText);
        }
        let rest = self.rest();
        let mut length = 1;
        while let Some(byte) = rest.get(length) {
            match byte {
                b'"' => return self.take(length + 1, Kind::Text),
                b'\n' => break,
                b'\\' if rest.get(length + 1).is_some_and(|next| *next != b'\n') => length += 2,
                _ => length += 1,
            }
        }
        let length = length.min(rest.len());
        let blanks = rest[..length].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.take(length - blanks, Kind::UnclosedText)
    }

    /// Up to the closing quote on the same line, or only the quote.
    fn foreign_text(&mut self) -> Kind {
        let mut characters = self.text.get(self.position..).unwrap_or("").char_indices();
        let Some((_, opening)) = characters.next() else { return Kind::Other };
        for (at, character) in characters {
            let closes = match opening {
                '\'' | '`' => character == opening,
                _ => matches!(character, '“' | '”' | '"' | '‘' | '’' | '«' | '»' | '„' | '‚'),
            };
            if closes {
                return self.take(at + character.len_utf8(), Kind::ForeignText);
            }
            if character == '\n' {
                break;
            }
        }
        self.take(opening.len_utf8(), Kind::ForeignText)
    }

    fn beyond_ascii(&mut self) -> Kind {
        let Some(character) = self.text.get(self.position..).and_then(|rest| rest.chars().next()) else {
            return self.take(1, Kind::Other);
        };
        match character {
            _ if character.is_alphabetic() => self.name(),
            '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' => self.foreign_text(),
            '\u{feff}' | '\u{200b}' => self.take(3, Kind::ForeignBlank),
            _ if character.is_whitespace() => self.take(character.len_utf8(), Kind::ForeignBlank),
            _ => self.take(character.len_utf8(), Kind::Other),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let newlines = self.blanks();
        let start = self.position;
        if start >= self.bytes.len() {
            return None;
        }
        let kind = self.kind();
        Some(Token { kind, newlines, start: narrow(start), end: narrow(self.position) })
    }
}

/// Files of four gigabytes and more are refused before they come here.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// `2026-07-01` at the start.
fn date_length(bytes: &[u8]) -> Option<usize> {
    let date = bytes.get(..10)?;
    let shape = date.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    shape.then_some(10)
}

/// The end of the letters, digits, `_` and inner hyphens from a place on.
fn name_rest(text: &str, mut position: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(position) {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') => position += 1,
            Some(b'-') => match alphanumeric(text, position + 1) {
                Some(length) => position += 1 + length,
                None => return position,
            },
            Some(128..) => match alphanumeric(text, position) {
                Some(length) => position += length,
                None => return position,
            },
            _ => return position,
        }
    }
}

/// The length of the letter or digit at a place.
fn alphanumeric(text: &str, position: usize) -> Option<usize> {
    let character = text.get(position..)?.chars().next()?;
    character.is_alphanumeric().then(|| character.len_utf8())
}

/// The end of a name that may be dotted and may start with a digit, such as that of an item.
pub(crate) fn item_name_end(text: &str, start: usize) -> Option<usize> {
    let mut position = start;
    loop {
        let segment = match text.as_bytes().get(position) {
            Some(b'-') => return None,
            _ => name_rest(text, position),
        };
        if segment == position {
            return None;
        }
        position = segment;
        let dotted = text.as_bytes().get(position) == Some(&b'.');
        if !dotted || matches!(text.as_bytes().get(position + 1), None | Some(b'-')) {
            return Some(position);
        }
        match name_rest(text, position + 1) {
            end if end == position + 1 => return Some(position),
            _ => position += 1,
        }
    }
}
