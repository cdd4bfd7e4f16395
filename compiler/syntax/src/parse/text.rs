//! What a text between quotes says.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The inside of `"…"` with its escapes resolved, or the byte of the backslash that goes with nothing.
pub(super) fn unescape(quoted: &str) -> Result<String, usize> {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
    if !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some((_, '"')) => text.push('"'),
            Some((_, '\\')) => text.push('\\'),
            Some((_, 'n')) => text.push('\n'),
            Some((_, 't')) => text.push('\t'),
            _ => return Err(at + 1),
        }
    }
    Ok(text)
}

/// The finding about a backslash at a byte of a text.
pub(super) fn unknown_escape(span: Span, text: &str, at: usize) -> Box<Diagnostic> {
    let start = span.start as usize + at;
    let escape = text.get(at + 1..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
    let place = Span::new(span.file, start, start + 1 + escape.len_utf8());
    Box::new(
        codes::UNKNOWN_ESCAPE
            .finding(format!("`\\{escape}` stands for nothing in a text"))
            .at(place, "goes with `\"`, `\\`, `n` and `t` only")
            .help(format!(
                "write `\\\\{escape}` for a backslash, or put a long text in `\"\"\"`, where a backslash is itself"
            ))
            .fix("double the backslash", place, format!("\\\\{escape}")),
    )
}

/// The inside of `"""…"""`. If it starts on a new line, that line end, the blanks before the closing quotes and the
/// indentation that all lines share are not part of it. Line ends are `\n` on every system.
pub(crate) fn dedent(quoted: &str) -> String {
    let inner = quoted.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")).unwrap_or(quoted);
    let Some(inner) = inner.strip_prefix('\n').or_else(|| inner.strip_prefix("\r\n")) else {
        return inner.replace("\r\n", "\n");
    };
    let mut lines: Vec<&str> = inner.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let is_blank = |line: &str| indentation(line) == line.len();
    if lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    let shared = lines.iter().filter(|line| !is_blank(line)).map(|line| indentation(line)).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(shared.min(indentation(line))..).unwrap_or("")).collect();
    lines.join("\n")
}

/// The blanks and tabs a line starts with.
pub(crate) fn indentation(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
