//! Markdown that means what it says: texts of a project must not become tables, tags or calls to people.

/// The longest text of one cell or line.
const LONGEST: usize = 400;

/// A text inside a line or a cell of a table.
pub(crate) fn text(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut in_code = false;
    for (position, character) in text.chars().enumerate() {
        if position == LONGEST {
            if in_code {
                written.push('`');
            }
            written.push('…');
            break;
        }
        in_code ^= character == '`';
        match character {
            '\n' | '\r' | '\t' => written.push(' '),
            '|' => written.push_str("\\|"),
            '<' if !in_code => written.push_str("&lt;"),
            '*' | '_' | '[' | ']' | '#' | '\\' if !in_code => {
                written.push('\\');
                written.push(character);
            }
            // A name behind an @ would call somebody.
            '@' if !in_code => written.push_str("&#64;"),
            character => written.push(character),
        }
    }
    written
}

/// A text as code.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace(['\n', '\r'], " ").replace('|', "\\|"))
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
        assert_eq!(text("a | b\n<script> `x < y | z` @acme *"), "a \\| b &lt;script> `x < y \\| z` &#64;acme \\*");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(text(&"x".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
