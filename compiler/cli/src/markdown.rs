//! Markdown that means what it says: texts of a project must not become tables, tags or calls to people.

/// The longest text of one cell or line.
const LONGEST: usize = 400;

/// A text inside a line or a cell of a table. Code in it stays code.
pub(crate) fn text(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let mut written = String::with_capacity(text.len());
    let mut rest = &text[..end];
    while let Some(at) = rest.find('`') {
        prose(&rest[..at], &mut written);
        let marks = rest[at..].find(|character| character != '`').unwrap_or(rest.len() - at);
        rest = &rest[at + marks..];
        match closing(rest, marks) {
            Some(end) => {
                written.push_str(&code(&rest[..end]));
                rest = &rest[end + marks..];
            }
            None => written.push_str(&"\\`".repeat(marks)),
        }
    }
    prose(rest, &mut written);
    if end < text.len() {
        written.push('…');
    }
    written
}

/// Where code ends that as many marks began.
fn closing(text: &str, marks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find('`').map(|at| from + at) {
        let run = text[at..].find(|character| character != '`').unwrap_or(text.len() - at);
        if run == marks {
            return Some(at);
        }
        from = at + run;
    }
    None
}

/// What is no code. A mention, a number of an issue or an address is found in the finished page, where a backslash or an entity
/// is the character again; only something between its characters that nobody sees prevents it.
fn prose(text: &str, written: &mut String) {
    const NOTHING: &str = "&#8203;";
    let mut before = "";
    for (at, character) in text.char_indices() {
        let after = &text[at + character.len_utf8()..];
        let number = after.starts_with(|next: char| next.is_ascii_digit());
        match character {
            '\n' | '\r' | '\t' => written.push(' '),
            '<' => written.push_str("&lt;"),
            '&' => written.push_str("&amp;"),
            '@' => written.push_str(&format!("@{NOTHING}")),
            ':' if after.starts_with("//") => written.push_str(&format!(":{NOTHING}")),
            '.' if ends_with(before, "www") => written.push_str(&format!("{NOTHING}.")),
            '-' if number && ends_with(before, "gh") => written.push_str(&format!("-{NOTHING}")),
            '|' | '*' | '_' | '[' | ']' | '#' | '!' | '~' | '$' | '\\' => {
                written.push('\\');
                written.push(character);
                if number {
                    written.push_str(NOTHING);
                }
            }
            character => written.push(character),
        }
        before = &text[..at + character.len_utf8()];
    }
}

fn ends_with(text: &str, end: &str) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// Where something can be read up: an address stays one to follow, everything else is a text.
pub(crate) fn reference(written: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._~:/?=&%+".contains(character);
    let address = written.starts_with("https://") && written.chars().all(plain);
    if address { written.to_owned() } else { text(written) }
}

/// A text as code.
pub(crate) fn code(text: &str) -> String {
    let text = text.replace('`', "'").replace(['\n', '\r'], " ").replace("\\|", "\\ |").replace('|', "\\|");
    if text.trim().is_empty() { "` `".to_owned() } else { format!("`{text}`") }
}

/// A block of code, each of its lines as it is.
pub(crate) fn block(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| line.split(|character| character != '`').map(str::len).max().unwrap_or(0));
    let fence = "`".repeat(longest.max().unwrap_or(0).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// A text inside a tag.
pub(crate) fn html(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars().take(LONGEST) {
        match character {
            '\n' | '\r' | '\t' => written.push(' '),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '[' | ']' | '`' | '*' => written.push_str(&format!("&#{};", u32::from(character))),
            '@' | '#' | ':' | '/' | '.' | '!' | '-' => written.push_str(&format!("{character}&#8203;")),
            character => written.push(character),
        }
    }
    written
}

/// A table: its head and its rows, with a newline behind each.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut written = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        written.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        let written = text("a | b\n<script> `x < y | z` @acme *");
        assert_eq!(written, "a \\| b &lt;script> `x < y \\| z` @&#8203;acme \\*");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(code("a\\|c"), "`a\\ \\|c`");
        assert_eq!(code(""), "` `");
        assert_eq!(text(&"x".repeat(1000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn evidence_can_be_followed() {
        assert_eq!(reference("https://wiki.example/a_b?c=1"), "https://wiki.example/a_b?c=1");
        assert_eq!(reference("https://wiki.example/<b>"), text("https://wiki.example/<b>"));
        assert_eq!(reference("see @ada"), "see @&#8203;ada");
    }

    #[test]
    fn code_that_does_not_end_is_none() {
        assert_eq!(text("a ` <b> @c"), "a \\` &lt;b> @&#8203;c");
        assert_eq!(text("``a ` <b>`` @c"), "`a ' <b>` @&#8203;c");
        let long = format!("`{}` <b>", "x".repeat(LONGEST));
        assert!(text(&long).starts_with("\\`x"), "{}", text(&long));
    }

    #[test]
    fn nobody_is_called_and_nothing_is_linked() {
        let written = text("see #12, !3, GH-4, acme/shop#5, https://evil.example, www.evil.example &#64;ada");
        let parts = [
            "\\#&#8203;12",
            "\\!&#8203;3",
            "GH-&#8203;4",
            "shop\\#&#8203;5",
            "https:&#8203;//",
            "www&#8203;.evil",
            "&amp;\\#",
        ];
        for part in parts {
            assert!(written.contains(part), "{part} in {written}");
        }
        assert_eq!(html("<b>@a #1"), "&lt;b&gt;@&#8203;a #&#8203;1");
    }

    #[test]
    fn a_block_is_not_left() {
        let lines = ["- ````".to_owned(), "+ @ada".to_owned()];
        assert_eq!(block("diff", &lines), "`````diff\n- ````\n+ @ada\n`````\n");
    }
}
