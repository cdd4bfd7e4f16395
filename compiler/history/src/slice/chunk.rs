//! Files in pieces, one declaration each, read once however many commits hold them.
//!
//! Two commits have nearly all of their declarations in common. A piece is known by its text, so a commit costs what it
//! changed, and nothing is parsed to find out that a declaration did not change.

use groma_model::SmolStr;
use groma_model::schema::{Kind, LATER_KINDS};
use groma_syntax::{FileId, parse};
use std::collections::HashMap;

/// The number of a piece, in [`Chunks`].
pub(super) type ChunkId = u32;
/// The number of a word, in [`Chunks`].
pub(super) type Word = u32;

/// A declaration as it stands in a file, with what stands before it.
pub(super) struct Chunk {
    pub(super) text: String,
    /// None where it is no declaration, or of a kind that means nothing yet.
    pub(super) kind: Option<Kind>,
    pub(super) name: Word,
    /// All words in it that may name something, also in texts; sorted.
    pub(super) words: Vec<Word>,
    /// The same for pieces that differ in blanks and comments only.
    pub(super) mark: u32,
    /// It cannot be read as one declaration.
    pub(super) flawed: bool,
}

/// All pieces that were met.
#[derive(Default)]
pub(super) struct Chunks {
    by_text: HashMap<String, ChunkId>,
    list: Vec<Chunk>,
    marks: HashMap<String, u32>,
    words: HashMap<SmolStr, Word>,
    names: Vec<SmolStr>,
}

impl Chunks {
    /// The pieces of a file.
    pub(super) fn read(&mut self, text: &str) -> Vec<ChunkId> {
        split(text).into_iter().map(|piece| self.piece(piece)).collect()
    }

    pub(super) fn get(&self, id: ChunkId) -> &Chunk {
        &self.list[id as usize]
    }

    /// The number of a word.
    pub(super) fn word(&mut self, word: &str) -> Word {
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.words.insert(word.into(), number);
        self.names.push(word.into());
        number
    }

    /// The word of a number.
    pub(super) fn text(&self, word: Word) -> &SmolStr {
        &self.names[word as usize]
    }

    /// The words that a dotted name is made of, and all that lies between: `a.b.c` is also `a.b` and `c`.
    pub(super) fn dotted(&mut self, name: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut scanner = Scanner::new(name);
        while let Some(token) = scanner.next() {
            scanner.words_of(token, &mut |word| words.push(self.word(word)));
        }
        words.sort_unstable();
        words.dedup();
        words
    }

    fn piece(&mut self, text: &str) -> ChunkId {
        if let Some(known) = self.by_text.get(text) {
            return *known;
        }
        let parsed = parse(FileId(0), text);
        let items = &parsed.file.items;
        let (kind, name) = items.first().map_or((None, ""), |item| (Some(item.kind.text.as_str()), &*item.name.text));
        let later = kind.is_some_and(|word| LATER_KINDS.contains(&word));
        let kind = kind.and_then(Kind::from_word);
        let nothing = items.is_empty() && parsed.diagnostics.is_empty();
        let flawed = !nothing && (!parsed.diagnostics.is_empty() || items.len() != 1 || kind.is_none() && !later);
        let name = self.word(name);
        let (said, mut words) = (self.said(text), Vec::new());
        let mut scanner = Scanner::new(text);
        while let Some(token) = scanner.next() {
            scanner.words_of(token, &mut |word| words.push(self.word(word)));
        }
        words.sort_unstable();
        words.dedup();
        let id = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Chunk { text: text.to_owned(), kind, name, words, mark: said, flawed });
        self.by_text.insert(text.to_owned(), id);
        id
    }

    /// The number of what a piece says: its text without comments, and with one blank for many.
    fn said(&mut self, text: &str) -> u32 {
        let mut said = String::with_capacity(text.len());
        let mut scanner = Scanner::new(text);
        while let Some((start, end)) = scanner.next() {
            said.push_str(&text[start..end]);
            said.push('\n');
        }
        let next = u32::try_from(self.marks.len()).unwrap_or(u32::MAX);
        *self.marks.entry(said).or_insert(next)
    }
}

/// A text in pieces that each end behind the brace that closes a declaration. Where braces do not match, the rest is one.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut depth) = (0, 0_usize);
    let mut scanner = Scanner::new(text);
    while let Some((start, end)) = scanner.next() {
        match &text[start..end] {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    pieces.push(&text[from..end]);
                    from = end;
                }
            }
            _ => {}
        }
    }
    if depth > 0 || scanner.rest(from) {
        pieces.push(&text[from..]);
    }
    pieces
}

/// Goes through a text: words, texts in quotes, every other character alone. Blanks and comments are passed over.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether more than blanks and comments stand from there on.
    fn rest(&self, from: usize) -> bool {
        Self { text: self.text, at: from }.next().is_some()
    }

    fn next(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        loop {
            let rest = &bytes[self.at..];
            match rest.first()? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if rest.starts_with(b"//") => self.at += line(rest),
                _ => break,
            }
        }
        let (start, rest) = (self.at, &bytes[self.at..]);
        let length = match rest[0] {
            b'"' if rest.starts_with(b"\"\"\"") => long_text(rest),
            b'"' => short_text(rest),
            first if is_word(first) => rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len()),
            _ => self.text[start..].chars().next().map_or(1, char::len_utf8),
        };
        self.at = start + length;
        Some((start, self.at))
    }

    /// Passes on what a token may name, with the dotted names that begin with it.
    fn words_of(&self, (start, end): (usize, usize), take: &mut impl FnMut(&str)) {
        let token = &self.text[start..end];
        if token.starts_with('"') {
            token.split(|one: char| !(one.is_ascii_alphanumeric() || one == '_')).for_each(&mut *take);
            return;
        }
        if !token.bytes().all(is_word) {
            return;
        }
        take(token);
        let bytes = self.text.as_bytes();
        let mut to = end;
        while bytes.get(to) == Some(&b'.') && bytes.get(to + 1).copied().is_some_and(is_word) {
            to += 1;
            to += bytes[to..].iter().position(|byte| !is_word(*byte)).unwrap_or(bytes.len() - to);
            take(&self.text[start..to]);
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len())
}

/// A text ends at its quote, or with its line: then it is wrong, and what follows is not.
fn short_text(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn long_text(bytes: &[u8]) -> usize {
    let end = bytes[3..].windows(3).position(|three| three == b"\"\"\"");
    end.map_or(bytes.len(), |end| end + 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_split_behind_its_closing_braces() {
        let text = "// a\nmetric a { measure: 1 } metric b { raci { owner: \"}\" } }\n// end\n";
        assert_eq!(split(text), ["// a\nmetric a { measure: 1 }", " metric b { raci { owner: \"}\" } }"]);
        assert_eq!(split("metric a {"), ["metric a {"]);
        assert_eq!(split("// nothing"), Vec::<&str>::new());
        assert_eq!(
            split("source a { query: \"\"\"{ // \" \"\"\" } x"),
            ["source a { query: \"\"\"{ // \" \"\"\" }", " x"]
        );
    }

    #[test]
    fn pieces_that_say_the_same_have_one_mark() {
        let mut chunks = Chunks::default();
        let one = chunks.read("metric a { from: b  measure: count() }");
        let other = chunks.read("// why\nmetric a {\n  from: b // rows\n  measure: count()\n}");
        let third = chunks.read("metric a { from: b  measure: count( where c.d.e) }");
        assert_eq!(chunks.get(one[0]).mark, chunks.get(other[0]).mark);
        assert_ne!(chunks.get(one[0]).mark, chunks.get(third[0]).mark);
        assert!([&one, &other, &third].iter().all(|ids| !chunks.get(ids[0]).flawed));
        let words: Vec<_> =
            chunks.get(third[0]).words.clone().into_iter().map(|word| chunks.text(word).to_string()).collect();
        for word in ["a", "b", "c", "d", "e", "c.d", "c.d.e", "d.e"] {
            assert!(words.iter().any(|known| known == word), "{word}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_flawed() {
        let mut chunks = Chunks::default();
        for (text, flawed) in [
            ("metric a { measure: }", true),
            ("metrik a { measure: count() }", true),
            ("dashboard a { owner: b }", false),
            ("}", true),
            ("<<<<<<< HEAD\nmetric a { from: b }", true),
            ("metric a { from: b  measure: count() }", false),
        ] {
            let ids = chunks.read(text);
            assert_eq!(ids.iter().any(|id| chunks.get(*id).flawed), flawed, "{text}");
        }
    }
}
