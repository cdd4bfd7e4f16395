//! What an unfinished merge leaves in a file: the words of both sides between rows of signs.

use crate::codes::CONFLICT_MARKER;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use std::ops::Range;

/// A text without what a merge left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// As if the first side of each conflict had been kept: all else of it is blank, so that every place stays where it is.
    pub text: String,
    /// One for the whole file.
    pub finding: Diagnostic,
}

/// Looks for conflict markers; nothing where there are none.
pub fn settle(file: FileId, text: &str) -> Option<Settled> {
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return None;
    }
    let mut found = Found::default();
    let mut settled = String::with_capacity(text.len());
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let marker = found.read(line, number + 1, start..start + line.trim_end().len());
        if marker || matches!(found.side, Side::Origin | Side::Second) {
            settled
                .extend(line.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { char::from(byte) } else { ' ' }));
        } else {
            settled.push_str(line);
        }
        start += line.len();
    }
    let finding = found.finding(file)?;
    Some(Settled { text: settled, finding })
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Side {
    #[default]
    Outside,
    First,
    /// What both sides come from, where git was told to show it.
    Origin,
    Second,
}

/// The rows of signs of a file.
#[derive(Default)]
struct Found {
    side: Side,
    conflicts: Vec<Conflict>,
}

/// Each row of signs: the number of its line, and where it is.
#[derive(Default)]
struct Conflict {
    open: Option<(usize, Range<usize>)>,
    origin: Option<usize>,
    middle: Option<(usize, Range<usize>)>,
    close: Option<(usize, Range<usize>)>,
}

impl Found {
    /// Whether a line is a row of signs.
    fn read(&mut self, line: &str, number: usize, place: Range<usize>) -> bool {
        let inside = self.side != Side::Outside;
        match marker(line) {
            Some('<') => {
                self.conflicts.push(Conflict { open: Some((number, place)), ..Conflict::default() });
                self.side = Side::First;
            }
            Some('>') => {
                match self.conflicts.last_mut().filter(|_| inside) {
                    Some(conflict) => conflict.close = Some((number, place)),
                    None => self.conflicts.push(Conflict { close: Some((number, place)), ..Conflict::default() }),
                }
                self.side = Side::Outside;
            }
            Some('|') if self.side == Side::First => {
                self.last(|conflict| conflict.origin = Some(number));
                self.side = Side::Origin;
            }
            Some('=') if matches!(self.side, Side::First | Side::Origin) => {
                self.last(|conflict| conflict.middle = Some((number, place)));
                self.side = Side::Second;
            }
            _ => return false,
        }
        true
    }

    fn last(&mut self, change: impl FnOnce(&mut Conflict)) {
        if let Some(conflict) = self.conflicts.last_mut() {
            change(conflict);
        }
    }

    fn finding(self, file: FileId) -> Option<Diagnostic> {
        let first = self.conflicts.first()?;
        let headline = match first.sides() {
            Some((one, other)) => {
                format!("a merge was never finished: {one} and {other} are two answers to the same question")
            }
            None => "a merge was never finished: it has left a row of its signs here".to_owned(),
        };
        let span = |place: &Range<usize>| Span::new(file, place.start, place.end);
        let mut places = self.conflicts.iter().flat_map(Conflict::places);
        let (place, text) = places.next()?;
        let finding = CONFLICT_MARKER
            .finding(headline)
            .at(span(place), text)
            .help("keep one side, or put both together, and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`");
        Some(places.fold(finding, |finding, (place, text)| finding.also(span(place), text)))
    }
}

impl Conflict {
    /// The lines of both sides.
    fn sides(&self) -> Option<(String, String)> {
        let (open, middle, close) = (self.open.as_ref()?.0, self.middle.as_ref()?.0, self.close.as_ref()?.0);
        Some((lines(open + 1, self.origin.unwrap_or(middle) - 1), lines(middle + 1, close - 1)))
    }

    fn places(&self) -> impl Iterator<Item = (&Range<usize>, &'static str)> {
        let rows = [
            (&self.open, "one side begins below"),
            (&self.middle, "the other side begins below"),
            (&self.close, "and ends here"),
        ];
        rows.into_iter().filter_map(|(row, text)| row.as_ref().map(|(_, place)| (place, text)))
    }
}

fn lines(first: usize, last: usize) -> String {
    match last + 1 - first {
        0 => "nothing".to_owned(),
        1 => format!("line {first}"),
        _ => format!("lines {first} to {last}"),
    }
}

/// The sign that a line is a row of: seven of it, then a blank or the end of the line.
fn marker(line: &str) -> Option<char> {
    let sign = line.chars().next().filter(|sign| "<|=>".contains(*sign))?;
    let rest = line.trim_start_matches(sign);
    (line.len() - rest.len() == 7 && (rest.trim_end().is_empty() || rest.starts_with(' '))).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a {\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n  c: 3\n>>>>>>> other\n}\n=======\n";

    fn settled(text: &str) -> Settled {
        settle(FileId(0), text).unwrap()
    }

    #[test]
    fn the_first_side_stays_and_every_place_too() {
        let found = settled(TEXT);
        let lines: Vec<&str> = found.text.lines().map(str::trim_end).collect();
        assert_eq!(lines, ["a {", "", "  b: 1", "", "", "", "", "}", "======="]);
        assert_eq!(found.text.len(), TEXT.len());
        assert_eq!(found.text.find("b: 1"), TEXT.find("b: 1"));
        let headline = "a merge was never finished: line 3 and lines 5 to 6 are two answers to the same question";
        assert_eq!(found.finding.headline, headline);
        assert_eq!(found.finding.labels.len(), 2);
    }

    #[test]
    fn there_is_one_finding_for_a_file() {
        let found = settled(&format!("{TEXT}{TEXT}"));
        assert_eq!(found.finding.labels.len(), 5);
    }

    #[test]
    fn what_both_sides_come_from_is_left_out() {
        let found = settled("<<<<<<< a\r\n1\r\n||||||| b\r\n0\r\n=======\r\n2\r\n>>>>>>> c\r\n3\r\n");
        let lines: Vec<&str> = found.text.split("\r\n").map(str::trim_end).collect();
        assert_eq!(lines, ["", "1", "", "", "", "", "", "3", ""]);
        assert!(found.finding.headline.contains("line 2 and line 6"), "{}", found.finding.headline);
    }

    #[test]
    fn a_side_may_be_empty_and_a_row_may_be_forgotten() {
        assert!(settled("<<<<<<< a\n=======\n2\n>>>>>>> c").finding.headline.contains("nothing and line 3"));
        for text in ["x\n>>>>>>> c\ny", "<<<<<<< a\nx\ny", "<<<<<<<\n"] {
            let found = settled(text);
            assert!(found.finding.headline.ends_with("a row of its signs here"), "{text}");
            assert_eq!(
                found.text.replace([' ', '\n'], ""),
                text.replace(['\n', '<', '>', ' '], "").replace(['a', 'c'], "")
            );
        }
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        for text in ["=======\n", " <<<<<<< a\n", "<<<<<<<< a\n", "<<<<<<<a\n", "// <<<<<<< a\n", "a <<<<<<< b\n"] {
            assert_eq!(settle(FileId(0), text), None, "{text}");
        }
    }
}
