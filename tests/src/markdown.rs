//! Markdown as tests use it: headers, paragraphs and fences. Everything else is prose and is passed over.

use crate::Outcome;
use std::fs;
use std::path::Path;

/// A Markdown file, cut at its headers of the second level.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Relative to the repository, `/` on every system.
    pub path: String,
    /// The header of the first level; empty without one.
    pub title: String,
    /// What stands before the first header of the second level.
    pub preamble: Section,
    pub sections: Vec<Section>,
}

/// What stands under one header.
#[derive(Debug, Clone, Default)]
pub struct Section {
    pub title: String,
    /// Of the header, from 1.
    pub line: usize,
    pub fences: Vec<Fence>,
    /// Some prose stands before the first fence.
    pub introduced: bool,
}

/// A fenced block.
#[derive(Debug, Clone, Default)]
pub struct Fence {
    /// The first word after the backticks.
    pub language: String,
    /// The other words.
    pub info: String,
    /// From a line `` `path`: `` right before the fence.
    pub path: Option<String>,
    /// With a line feed at the end of every line.
    pub body: String,
    /// Of the first line of the body, from 1.
    pub line: usize,
    /// How many lines the body has.
    pub height: usize,
}

impl Document {
    /// Reads a file of the repository.
    ///
    /// # Errors
    /// It cannot be read, or a fence does not end.
    pub fn read(root: &Path, path: &str) -> Outcome<Self> {
        let text = fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        Self::parse(path, &text)
    }

    /// Cuts a text.
    ///
    /// # Errors
    /// A fence does not end.
    pub fn parse(path: &str, text: &str) -> Outcome<Self> {
        let mut document = Document { path: path.to_owned(), ..Document::default() };
        let mut named = None;
        let mut lines = text.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            if let Some(mark) = opening(line) {
                let fence = read_fence(line, mark, index, named.take(), &mut lines)
                    .ok_or_else(|| format!("{path}:{}: this fence does not end", index + 1))?;
                document.current().fences.push(fence);
            } else if let Some(title) = line.strip_prefix("## ") {
                let section = Section { title: title.trim().to_owned(), line: index + 1, ..Section::default() };
                document.sections.push(section);
            } else if let Some(title) = line.strip_prefix("# ") {
                title.trim().clone_into(&mut document.title);
            } else if !line.trim().is_empty() {
                named = file_name(line);
                let section = document.current();
                section.introduced |= section.fences.is_empty() && named.is_none();
            }
        }
        Ok(document)
    }

    fn current(&mut self) -> &mut Section {
        self.sections.last_mut().unwrap_or(&mut self.preamble)
    }
}

impl Section {
    /// The fences of one language.
    pub fn fences<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a Fence> {
        self.fences.iter().filter(move |fence| fence.language == language)
    }
}

/// Writes new bodies into a Markdown text; each is given with the fence it replaces.
pub fn replace(text: &str, mut changes: Vec<(&Fence, String)>) -> String {
    changes.sort_by_key(|(fence, _)| std::cmp::Reverse(fence.line));
    let mut lines: Vec<&str> = text.lines().collect();
    for (fence, body) in &changes {
        let start = fence.line - 1;
        lines.splice(start..start + fence.height, body.lines());
    }
    let mut written = lines.join("\n");
    written.push('\n');
    written
}

/// The backticks that open a fence.
fn opening(line: &str) -> Option<&str> {
    let length = line.bytes().take_while(|byte| *byte == b'`').count();
    (length >= 3 && !line[length..].contains('`')).then(|| &line[..length])
}

fn read_fence<'a>(
    line: &str,
    mark: &str,
    index: usize,
    path: Option<String>,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Option<Fence> {
    let (language, info) = split_word(line[mark.len()..].trim());
    let mut fence =
        Fence { language: language.to_owned(), info: info.to_owned(), path, line: index + 2, ..Fence::default() };
    for (_, line) in lines {
        if line.strip_prefix(mark).is_some_and(|rest| rest.trim_matches('`').trim().is_empty()) {
            return Some(fence);
        }
        fence.body.push_str(line);
        fence.body.push('\n');
        fence.height += 1;
    }
    None
}

fn split_word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

/// `` `path`: ``
fn file_name(line: &str) -> Option<String> {
    let name = line.trim().strip_prefix('`')?.strip_suffix("`:")?;
    (!name.is_empty() && !name.contains('`')).then(|| name.to_owned())
}
