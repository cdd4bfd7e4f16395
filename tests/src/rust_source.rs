//! A small scanner of Rust: enough to measure functions and to find public items and texts. It is no parser: macros are
//! read as they are written.

/// A function that has a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Of its `fn`, from 1.
    pub line: usize,
    /// From its `fn` to its closing brace.
    pub lines: usize,
}

/// A text between quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// Where it begins, from 1.
    pub line: usize,
    /// Its first byte in the source, after the quote.
    pub start: usize,
    pub text: String,
}

/// A source with its texts and comments blanked out, so that what is left is code.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// As long as the source, with the same line feeds.
    pub code: String,
    pub literals: Vec<Literal>,
}

/// Separates code from texts and comments.
pub fn scan(source: &str) -> Scanned {
    let mut scanner =
        Scanner { source, at: 0, line: 1, code: String::with_capacity(source.len()), literals: Vec::new() };
    while scanner.at < source.len() {
        scanner.step();
    }
    Scanned { code: scanner.code, literals: scanner.literals }
}

/// The functions with bodies, in order.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_') {
            continue;
        }
        let name: String = code[at + 3..].chars().take_while(|character| is_word(*character)).collect();
        if name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(code, at) {
            let line = line_of(code, at);
            found.push(Function { name, line, lines: line_of(code, end) - line + 1 });
        }
    }
    found
}

/// The lines (from 1) and names of public items that no documentation stands before.
pub fn undocumented(source: &str) -> Vec<(usize, String)> {
    let scanned = scan(source);
    let lines: Vec<&str> = source.lines().collect();
    let mut found = Vec::new();
    for (index, code) in scanned.code.lines().enumerate() {
        if let Some(name) = public_item(code)
            && !documented(&lines[..index])
        {
            found.push((index + 1, name));
        }
    }
    found
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(comment_length(rest));
        } else if let Some((opening, closing)) = raw_text(rest).filter(|_| !self.within_word()) {
            let length = rest[opening..].find(&closing).unwrap_or(rest.len() - opening);
            self.text(opening, length, closing.len());
        } else if let Some(inside) = rest.strip_prefix('"') {
            self.text(1, text_length(inside), 1);
        } else if let Some(length) = character_length(rest) {
            self.blank(length);
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            self.code.push_str(&self.source[self.at..self.at + length]);
            self.advance(length);
        }
    }

    fn within_word(&self) -> bool {
        self.source[..self.at].chars().next_back().is_some_and(is_word)
    }

    fn text(&mut self, opening: usize, length: usize, closing: usize) {
        let start = self.at + opening;
        let text = self.source[start..start + length].to_owned();
        self.literals.push(Literal { line: self.line, start, text });
        self.blank((opening + length + closing).min(self.source.len() - self.at));
    }

    fn blank(&mut self, length: usize) {
        for byte in self.source[self.at..self.at + length].bytes() {
            self.code.push(if byte == b'\n' { '\n' } else { ' ' });
        }
        self.advance(length);
    }

    fn advance(&mut self, length: usize) {
        self.line += self.source[self.at..self.at + length].matches('\n').count();
        self.at += length;
    }
}

fn comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// `r"`, `r#"`, `br##"`: how long it is, and what closes the text.
fn raw_text(rest: &str) -> Option<(usize, String)> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let opening = prefix.len() + hashes + 1;
    (rest.as_bytes().get(opening - 1) == Some(&b'"')).then(|| (opening, format!("\"{}", "#".repeat(hashes))))
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    rest.len()
}

/// `'a'`, `'\n'`, `'\u{feff}'`; not a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner[2..].find('\'').map(|at| at + 4);
    }
    let first = inner.chars().next()?.len_utf8();
    inner[first..].starts_with('\'').then_some(first + 2)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The closing brace of the body that follows; nothing for a declaration that ends with `;`.
fn body_end(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b';' if depth == 0 && brackets == 0 => return None,
            b'{' => depth += 1,
            b'}' if depth <= 1 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn public_item(code: &str) -> Option<String> {
    let mut rest = code.trim_start().strip_prefix("pub ")?;
    loop {
        let (word, after) = rest.split_once(' ')?;
        match word {
            "const" if after.starts_with("fn ") => rest = after,
            "async" | "unsafe" | "extern" => rest = after,
            "fn" | "struct" | "enum" | "trait" | "const" | "static" | "type" | "union" => {
                return Some(after.chars().take_while(|character| is_word(*character)).collect());
            }
            _ => return None,
        }
    }
}

/// Whether the lines before an item end with its documentation, attributes aside.
fn documented(before: &[&str]) -> bool {
    let mut within_attribute = false;
    for line in before.iter().rev().map(|line| line.trim()) {
        if line.starts_with("///") || line.starts_with("#[doc") || line.starts_with("$(#[") {
            return true;
        }
        let starts_attribute = line.starts_with("#[");
        if within_attribute || starts_attribute || line.ends_with(")]") || line == "]" {
            within_attribute = !starts_attribute;
        } else {
            return false;
        }
    }
    false
}
