//! Where the keys and values of a YAML text stand, for messages.
//!
//! Reads block and flow mappings and lists as people write them in a manifest, line by line. It judges nothing: what it
//! cannot follow simply has no place of its own, and a finding then points at the nearest thing around it.

use std::ops::Range;

/// The places of a text's keys.
#[derive(Debug, Default)]
pub(crate) struct Places {
    places: Vec<Place>,
}

/// A key (or the position in a list, as a number) with its value.
#[derive(Debug)]
struct Place {
    path: Vec<String>,
    key: Range<usize>,
    value: Range<usize>,
}

/// A key whose block is still open: how far it is indented, and how many list items it has had.
struct Open {
    indent: usize,
    name: String,
    items: usize,
}

impl Places {
    /// Reads a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut places = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut start = 0;
        let mut skip_to = 0;
        for line in text.split_inclusive('\n') {
            let at = start;
            start += line.len();
            if at >= skip_to {
                skip_to = places.line(text, at, &mut open);
            }
        }
        places
    }

    /// Where a key stands, or else the nearest key around it.
    pub(crate) fn key(&self, path: &[&str]) -> Range<usize> {
        self.find(path).map_or(0..0, |place| place.key.clone())
    }

    /// Where the value of a key stands, or else that of the nearest key around it.
    pub(crate) fn value(&self, path: &[&str]) -> Range<usize> {
        self.find(path)
            .map_or(0..0, |place| if place.value.is_empty() { place.key.clone() } else { place.value.clone() })
    }

    fn find(&self, path: &[&str]) -> Option<&Place> {
        (1..=path.len()).rev().find_map(|length| self.places.iter().find(|place| place.path == path[..length]))
    }

    /// Reads the line that begins at a byte; answers from where on to read further, if a flow value goes on below.
    fn line(&mut self, text: &str, at: usize, open: &mut Vec<Open>) -> usize {
        let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let line = &text[at..line_end];
        let indent = line.len() - line.trim_start().len();
        let content = at + indent;
        let rest = &text[content..line_end];
        if rest.is_empty() || rest.starts_with('#') || rest.starts_with("---") {
            return 0;
        }
        if rest == "-" || rest.starts_with("- ") {
            open.retain(|key| key.indent <= indent);
            let value = content + 1 + (rest.len() - 1 - rest[1..].trim_start().len());
            return self.item(text, value, open);
        }
        open.retain(|key| key.indent < indent);
        let Some(colon) = key_end(rest) else { return 0 };
        let name = unquoted(rest[..colon].trim_end()).to_owned();
        let mut path: Vec<String> = open.iter().map(|key| key.name.clone()).collect();
        path.push(name.clone());
        open.push(Open { indent, name, items: 0 });
        let key = content..content + rest[..colon].trim_end().len();
        self.value_of(text, path, key, content + colon + 1)
    }

    fn item(&mut self, text: &str, value: usize, open: &mut [Open]) -> usize {
        let path: Vec<String> = open.iter().map(|key| key.name.clone()).collect();
        let Some(list) = open.last_mut() else { return 0 };
        let position = list.items.to_string();
        list.items += 1;
        let path = [path, vec![position]].concat();
        self.value_of(text, path, value..value, value)
    }

    /// Notes a key whose value is searched from a byte on. Answers where the value ends if it is a flow value.
    fn value_of(&mut self, text: &str, path: Vec<String>, key: Range<usize>, from: usize) -> usize {
        let line_end = text[from..].find('\n').map_or(text.len(), |length| from + length);
        let line = &text[from..line_end];
        let start = from + (line.len() - line.trim_start().len());
        if text[start..].starts_with(['{', '[']) {
            let at = self.places.len();
            let end = self.flow(text, start, &path);
            self.places.insert(at, Place { path, key, value: start..end });
            return end;
        }
        let value = scalar(&text[start..line_end]);
        self.places.push(Place { path, key, value: start..start + value.len() });
        0
    }

    /// Reads `{ key: value, … }` or `[value, …]` from its bracket on; answers the byte behind it.
    fn flow(&mut self, text: &str, open: usize, path: &[String]) -> usize {
        let list = text[open..].starts_with('[');
        let mut at = open + 1;
        let mut position = 0;
        loop {
            at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\n', '\r', ',']).len();
            let Some(next) = text[at..].chars().next() else { return text.len() };
            if matches!(next, '}' | ']') {
                return at + 1;
            }
            let piece = flow_piece(&text[at..]);
            let (name, key, start) = match (list, key_end(&text[at..at + piece])) {
                (false, Some(colon)) => {
                    (unquoted(text[at..at + colon].trim_end()).to_owned(), at..at + colon, at + colon + 1)
                }
                _ => (position.to_string(), at..at, at),
            };
            position += 1;
            let start = start + (text[start..].len() - text[start..].trim_start().len());
            let path = [path, &[name]].concat();
            let inner = self.places.len();
            let end = if text[start..].starts_with(['{', '[']) {
                self.flow(text, start, &path)
            } else {
                start + flow_piece(&text[start..])
            };
            let value = start..start + text[start..end].trim_end().len();
            self.places.insert(inner, Place { path, key, value });
            at = end.max(at + 1).min(text.len());
        }
    }
}

/// The length of a piece of a flow value, up to the comma or bracket that ends it.
fn flow_piece(text: &str) -> usize {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, ',' | '}' | ']' | '{' | '[') => {
                let dollar = character == '{' && text[..at].ends_with('$');
                let closes =
                    character == '}' && text[..at].rfind("${").is_some_and(|from| !text[from..at].contains('}'));
                if !dollar && !closes {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The place of the colon that ends a key.
fn key_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if at == 0 => quote = Some(character),
            (None, ':') if text[at + 1..].chars().next().is_none_or(char::is_whitespace) => return Some(at),
            (None, '#') if text[..at].ends_with(' ') => return None,
            _ => {}
        }
    }
    None
}

/// A value on one line, without a comment behind it.
fn scalar(text: &str) -> &str {
    let quoted = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    let end = match quoted {
        Some(quote) => text[1..].find(quote).map_or(text.len(), |end| end + 2),
        None => text.find(" #").unwrap_or(text.len()),
    };
    text[..end].trim_end()
}

fn unquoted(key: &str) -> &str {
    key.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "project: acme # the name\n\
        # a comment\n\
        paths:\n  - metrics/\n  - \"a b/*\"\n\
        targets:\n  local:\n    engine: datafusion\n  warehouse:\n    connection: ${URL}\n    tables: { orders: shop.orders,\n      'odd': \"x, y\" }\n\
        policy:\n  packs: [ownership, survey]\n";

    fn value(path: &[&str]) -> &'static str {
        &TEXT[Places::of(TEXT).value(path)]
    }

    #[test]
    fn block_mappings_have_places() {
        assert_eq!(value(&["project"]), "acme");
        assert_eq!(value(&["targets", "local", "engine"]), "datafusion");
        assert_eq!(value(&["targets", "warehouse", "connection"]), "${URL}");
        assert_eq!(&TEXT[Places::of(TEXT).key(&["targets", "local"])], "local");
        assert_eq!(&TEXT[Places::of(TEXT).key(&["targets", "local", "nothing"])], "local");
    }

    #[test]
    fn lists_and_flow_values_have_places() {
        assert_eq!(value(&["paths", "1"]), "\"a b/*\"");
        assert_eq!(value(&["targets", "warehouse", "tables", "orders"]), "shop.orders");
        assert_eq!(value(&["targets", "warehouse", "tables", "odd"]), "\"x, y\"");
        assert_eq!(value(&["policy", "packs", "1"]), "survey");
    }

    #[test]
    fn broken_texts_do_not_panic() {
        for end in 0..TEXT.len() {
            Places::of(&TEXT[..end]);
        }
        for odd in ["{", "[", "a: {", "a: {b", "a: [[", "é: {é: é", "- ", "-", ":", ": :", "\"", "a: \"", "a: {,,}"]
        {
            Places::of(odd);
        }
    }
}
