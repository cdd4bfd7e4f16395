//! Properties of reading and printing, on the exemplars, their truncations, their mutations and token soup. Nothing here
//! is random: the generator is seeded.
#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail like tests")]

use groma_syntax::{FileId, ast::same_tree, format, parse, parse_expression};

const FILES: [&str; 7] = [
    include_str!("files/customers.groma"),
    include_str!("files/dashboards.groma"),
    include_str!("files/law.groma"),
    include_str!("files/metrics.groma"),
    include_str!("files/operators.groma"),
    include_str!("files/people.groma"),
    include_str!("files/sources.groma"),
];

const TOKENS: &[&str] = &[
    "metric",
    "a",
    "b.c",
    "owner",
    ":",
    ":",
    ":",
    "{",
    "}",
    "(",
    ")",
    ",",
    "\n",
    "\n",
    " ",
    "//x\n",
    "/// d\n",
    "\"t\"",
    "\"",
    "\"\"\"",
    "1",
    "2 days",
    "95%",
    "2026-07-01",
    "2026-Q3",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "between",
    "case",
    "when",
    "then",
    "else",
    "end",
    "where",
    "after",
    "from",
    "by",
    "to",
    "last",
    "day",
    "each",
    "distinct",
    "every",
    "no",
    "using",
    "has",
    "=",
    "<>",
    "<",
    "+",
    "-",
    "*",
    "/",
    "%",
    "->",
    "#",
    ";",
    "'",
    ".",
    "true",
    "é",
    "\u{a0}",
];

const OPERANDS: &[&str] = &[
    "a",
    "account.region",
    "1",
    "2 days",
    "95%",
    "0.5",
    "2026-07-01",
    "\"t, // no\"",
    "NULL",
    "True",
    "count()",
    "last 8 quarters",
    "each month",
    "every source",
    "no metric",
    "x between 1 AND 2",
    "y is Not null",
    "z not in (1, 2)",
    "a_rather_long_name_that_makes_lines_wrap",
    "\"\"\"q\"\"\"",
    "a != b",
];

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

fn comments(text: &str) -> Vec<String> {
    // Documentation is compared with the tree; here every line of either kind counts.
    let parsed = parse(FileId(0), text);
    let mut lines: Vec<String> = parsed
        .file
        .comments
        .iter()
        .map(|span| text[span.start as usize..span.end as usize].trim_end().to_owned())
        .collect();
    lines.sort();
    lines
}

/// Whether braces, parentheses and quotes of a text without findings go in pairs, counted without the parser.
fn balances(text: &str) -> bool {
    let (mut rest, mut open) = (text, Vec::new());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => match quoted(rest) {
                Some(length) => length,
                None => return false,
            },
            _ => first.len_utf8(),
        };
        match first {
            '{' | '(' => open.push(first),
            '}' if open.pop() != Some('{') => return false,
            ')' if open.pop() != Some('(') => return false,
            _ => {}
        }
        rest = rest.get(length..).unwrap_or("");
    }
    open.is_empty()
}

/// The length of the text in quotes that a text begins with, if it ends.
fn quoted(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix("\"\"\"") {
        return inner.find("\"\"\"").map(|length| length + 6);
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return Some(at + 1),
            '\n' => return None,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    None
}

/// Reads a text; if it is valid, printing it keeps it and printing it again changes nothing. Says whether it was valid.
fn holds(text: &str) -> bool {
    let parsed = parse(FileId(0), text);
    for finding in &parsed.diagnostics {
        let span = finding.primary.as_ref().unwrap().span;
        assert!(
            span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some(),
            "{finding:?}\n{text}"
        );
        assert!(finding.headline.lines().count() == 1, "{finding:?}");
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.start as usize..edit.span.end as usize).is_some(), "{finding:?}\n{text}");
        }
    }
    let _ = parse_expression(FileId(0), text);
    let printed = match format(text) {
        Ok(printed) => printed,
        Err(findings) => {
            assert_eq!(findings, parsed.diagnostics);
            return false;
        }
    };
    assert!(balances(text), "not closed, and nobody says so:\n{text}");
    let again = parse(FileId(0), &printed);
    assert_eq!(again.diagnostics, [], "not valid any more:\n{text}\n---\n{printed}");
    assert!(same_tree(&parsed.file, &again.file), "another tree:\n{text}\n---\n{printed}");
    assert_eq!(comments(text), comments(&printed), "other comments:\n{text}\n---\n{printed}");
    assert_eq!(format(&printed).as_ref(), Ok(&printed), "not a fixed point:\n{text}\n---\n{printed}");
    true
}

#[test]
fn exemplars_are_valid_and_formatted() {
    for text in FILES {
        assert!(holds(text), "{:#?}", parse(FileId(0), text).diagnostics);
        assert!(holds(&text.replace('\n', "\r\n")));
        assert!(holds(&format!("\u{feff}{text}")));
        if !text.starts_with("// Every form") {
            assert_eq!(format(text).as_deref(), Ok(text));
        }
    }
}

#[test]
fn no_truncation_panics() {
    for text in FILES {
        for (end, _) in text.char_indices() {
            holds(&text[..end]);
        }
    }
}

#[test]
fn soup_never_panics() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2_500 {
        let length = dice.below(60);
        let mut text = String::new();
        for _ in 0..length {
            text.push_str(dice.pick(TOKENS));
            if dice.below(4) > 0 {
                text.push(' ');
            }
        }
        holds(&text);
        holds(&format!("metric a {{ {text} }}"));
    }
}

#[test]
fn bytes_never_panic() {
    let mut dice = Dice(42);
    for _ in 0..2_500 {
        let bytes: Vec<u8> = (0..dice.below(80)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
        holds(&String::from_utf8_lossy(&bytes));
    }
}

/// Every order of a few pieces, in a block or two: whatever is not closed has a finding.
#[test]
fn nothing_unclosed_is_silent() {
    const PIECES: [&str; 10] = ["b{", "}", "\n}", "\n ", "a ", "x:1 ", "\"", "\"}\"", ")", "("];
    const PLACES: [&str; 3] = ["", "e a{", "e a{x:1\n b{"];
    let mut valid = 0;
    for order in 0..10_000 {
        let pieces: String = [1, 10, 100, 1_000].iter().map(|place| PIECES[order / place % 10]).collect();
        for place in PLACES {
            valid += usize::from(holds(&format!("{place}{pieces}")));
        }
    }
    assert!(valid > 100, "{valid}");
}

/// Removes, doubles and swaps stretches of valid files: many results are valid again in ways nobody would write.
#[test]
fn mutations_keep_the_properties() {
    let mut dice = Dice(7);
    let mut valid = 0;
    for round in 0..1_500 {
        let text = FILES[round % FILES.len()];
        let mut words: Vec<&str> = text.split_inclusive([' ', '\n', ',', '(', '{']).collect();
        for _ in 0..=dice.below(4) {
            let at = dice.below(words.len());
            match dice.below(6) {
                0 => drop(words.remove(at)),
                1 => words.insert(at, words[at]),
                2 => words.insert(at, "\n"),
                3 => words.insert(at, "// note\n"),
                4 => words.insert(at, "/// doc\n"),
                _ => {
                    let other = dice.below(words.len());
                    words.swap(at, other);
                }
            }
        }
        valid += usize::from(holds(&words.concat()));
    }
    assert!(valid > 150, "{valid}");
}

/// Valid files from a grammar of their own, with comments and blanks in every place.
#[test]
fn generated_files_keep_the_properties() {
    let mut dice = Dice(99);
    for _ in 0..300 {
        let mut text = String::new();
        for _ in 0..=dice.below(3) {
            item(&mut dice, &mut text);
        }
        let parsed = parse(FileId(0), &text);
        if let Some(finding) = parsed.diagnostics.first() {
            let at = finding.primary.as_ref().unwrap().span.start as usize;
            panic!("{}\n… {:?} …", finding.headline, text.get(at.saturating_sub(60)..(at + 60).min(text.len())));
        }
        assert!(holds(&text));
    }
}

fn gap(dice: &mut Dice, text: &mut String) {
    text.push_str(match dice.below(24) {
        0 => " // note\n",
        1 => "\n// own\n",
        2 => "\n\n\n",
        3 => " /// doc\n",
        4 => "\n\n/// doc\n/// more\n\n",
        5 | 6 => "\n",
        7 => "   ",
        _ => " ",
    });
}

fn item(dice: &mut Dice, text: &mut String) {
    gap(dice, text);
    text.push_str(dice.pick(&["metric", "team", "last"]));
    gap(dice, text);
    text.push_str(dice.pick(&["a", "b.c", "2026-Q3", "where"]));
    gap(dice, text);
    if dice.below(5) == 0 {
        text.push_str("(x: int = 1, y: scale(0 to 10)) -> usd / count");
        gap(dice, text);
    }
    block(dice, text, 0);
    gap(dice, text);
}

fn block(dice: &mut Dice, text: &mut String, depth: usize) {
    let flat = dice.below(3) == 0;
    text.push('{');
    for _ in 0..dice.below(5) {
        if flat {
            text.push(' ');
        } else {
            gap(dice, text);
        }
        let group = depth < 3 && dice.below(4) == 0;
        if group {
            // On its line: `0.5 owner 2 {` would take `owner` for a unit.
            text.push('\n');
        }
        // A word of SQL is no key of a group with a name: `end columns {` ends a `case`.
        let keys = ["owner", "from", "where", "a-b", "a_much_longer_key", "end"];
        text.push_str(dice.pick(if group { &keys[..5] } else { &keys }));
        if group {
            text.push(' ');
            text.push_str(dice.pick(&["", "", "2 ", "nps ", "a.b "]));
            block(dice, text, depth + 1);
            continue;
        }
        text.push(':');
        for index in 0..=dice.below(3) {
            if index > 0 {
                text.push(',');
            }
            if flat {
                text.push(' ');
            } else {
                gap(dice, text);
            }
            expression(dice, text, 0, flat);
        }
    }
    if flat {
        text.push(' ');
    } else {
        gap(dice, text);
    }
    text.push('}');
}

fn expression(dice: &mut Dice, text: &mut String, depth: usize, flat: bool) {
    let blank = |dice: &mut Dice, text: &mut String| if flat { text.push(' ') } else { gap(dice, text) };
    if dice.below(8) == 0 {
        text.push_str(dice.pick(&["not ", "NOT ", "- ", "-", "- -", "not -"]));
    }
    operand(dice, text, depth, flat);
    for _ in 0..dice.below(4) {
        blank(dice, text);
        // Only operators that may follow one another in any order.
        text.push_str(dice.pick(&[
            "and", "OR", "+", "-", "*", "/", "%", "where", "after", "offset", "to", "by", "per", "of", "using", "has",
        ]));
        blank(dice, text);
        operand(dice, text, depth, flat);
    }
}

fn operand(dice: &mut Dice, text: &mut String, depth: usize, flat: bool) {
    if depth > 2 {
        return text.push_str("deep");
    }
    match dice.below(9) {
        0 => {
            text.push_str("f(");
            expression(dice, text, depth + 1, flat);
            text.push_str(", top: ");
            expression(dice, text, depth + 1, flat);
            text.push_str(", where ");
            expression(dice, text, depth + 1, flat);
            text.push(')');
        }
        1 => {
            text.push('(');
            expression(dice, text, depth + 1, flat);
            text.push_str(dice.pick(&["", ",b"]));
            text.push(')');
        }
        2 => {
            text.push_str("case when ");
            expression(dice, text, depth + 1, flat);
            text.push_str(" THEN ");
            expression(dice, text, depth + 1, flat);
            text.push_str(dice.pick(&[" end", " else 1 END", " when a then b end"]));
        }
        3 if !flat => text.push_str("\"\"\"\n      select\n        x\n\n      y\"\"\""),
        _ => {
            let pick = dice.pick(OPERANDS);
            // Comparisons do not chain.
            if pick.contains(['x', 'y', 'z', '!']) && pick.contains(' ') {
                text.push('(');
                text.push_str(pick);
                text.push(')');
            } else {
                text.push_str(pick);
            }
        }
    }
}
