//! Findings about single tokens that are none of the language.

use super::tokens::Tokens;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::{Kind, Token};
use crate::source::Span;

/// What is wrong with a token for which `Token::is_foreign` holds.
pub(super) fn finding(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span_of(at);
    let text = tokens.word(at);
    match tokens.kind(at) {
        Some(Kind::UnclosedText) => codes::UNCLOSED_TEXT
            .finding("this text has no closing quote on its line")
            .at(span, "opened here")
            .help("close it with `\"`, or put a text of several lines in `\"\"\"`"),
        Some(Kind::UnclosedLongText) => codes::UNCLOSED_TEXT
            .finding("this text has no closing `\"\"\"`: all that follows belongs to it")
            .at(tokens.span(span.start as usize, span.start as usize + 3), "opened here")
            .help("close it with `\"\"\"`"),
        Some(Kind::ForeignOperator) => operator(tokens, at),
        Some(Kind::ForeignText) => quote(tokens, at),
        _ => {
            let finding = codes::UNEXPECTED.finding(format!("`{text}` means nothing here")).at(span, "cannot be read");
            match text {
                "[" | "]" => finding.help("put a list in parentheses: `(\"a\", \"b\")`"),
                "@" | "$" | "?" => finding.help("names are letters, digits, `_` and `-`; put anything else in quotes"),
                _ => finding.help("remove it, or put a text in double quotes"),
            }
        }
    }
}

fn operator(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span_of(at);
    let text = tokens.word(at);
    let ours = match text {
        "==" | "===" => "=",
        "=>" => ">=",
        "=<" => "<=",
        "&&" | "&" => "and",
        "!" => "not",
        _ => "or",
    };
    let glued = ours == "not" && tokens.list.get(at + 1).is_some_and(|next| next.start() == span.end as usize);
    let replacement = if glued { "not " } else { ours };
    codes::WRONG_OPERATOR
        .finding(format!("`{text}` is written `{ours}` here"))
        .at(span, "an operator of another language")
        .help(format!("write `{ours}`"))
        .fix(format!("write `{ours}`"), span, replacement)
}

/// What is wrong with a token that is then taken for a blank.
pub(super) fn crumb(tokens: &Tokens<'_>, crumb: &Token) -> Diagnostic {
    let span = tokens.span(crumb.start(), crumb.end());
    let text = crumb.text(tokens.text);
    match crumb.kind {
        Kind::ForeignComment => comment(tokens, text, span),
        Kind::Semicolon => codes::UNEXPECTED
            .finding("entries are not separated: the next key ends the value before it")
            .at(span, "no `;` is needed")
            .help("remove the `;`")
            .fix("remove the `;`", span, ""),
        _ => codes::UNEXPECTED
            .finding("an invisible character stands here that looks like a blank and is none")
            .at(span, format!("U+{:04X}", text.chars().next().map_or(0, u32::from)))
            .help("replace it by a blank")
            .fix("replace it by a blank", span, " "),
    }
}

fn comment(tokens: &Tokens<'_>, text: &str, span: Span) -> Diagnostic {
    let (mark, inner) = match text.as_bytes() {
        [b'#', ..] => ("#", text.trim_start_matches('#')),
        [b'-', ..] => ("--", text.trim_start_matches('-')),
        _ => ("/*", text.trim_start_matches(['/', '*']).trim_end_matches('/').trim_end_matches('*')),
    };
    let finding = codes::WRONG_COMMENT
        .finding(format!("comments start with `//`, not with `{mark}`"))
        .at(span, "a comment of another language");
    let finding = match mark {
        "--" => finding.help("write `//`, or a blank between two minus signs"),
        _ => finding.help("write `//` at the start of each line of it"),
    };
    let rest = tokens.text.get(span.end as usize..).unwrap_or("").lines().next().unwrap_or("");
    if inner.contains('\n') || !rest.trim().is_empty() {
        return finding;
    }
    finding.fix("write `//`", span, format!("// {}", inner.trim()))
}

fn quote(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span_of(at);
    let text = tokens.word(at);
    let marks = ['\'', '`', '“', '”', '„', '‘', '’', '‚', '«', '»', '"'];
    let mark: String = text.chars().take(1).collect();
    let finding = codes::WRONG_QUOTE
        .finding(format!("a text stands in straight double quotes, not in `{mark}`"))
        .at(span, "not read as a text")
        .help("write `\"…\"`");
    let inner = text.trim_matches(marks);
    if text.chars().count() < 2 || inner.contains(['\\', '"']) {
        return finding;
    }
    finding.fix("write straight double quotes", span, format!("\"{inner}\""))
}
