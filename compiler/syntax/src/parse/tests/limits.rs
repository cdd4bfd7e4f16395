//! No text exhausts the stack or takes longer than its length deserves. Tests run on threads of two megabytes.

use crate::ast::File;
use crate::parse::{Parsed, parse, parse_expression};
use crate::source::FileId;

fn value(text: &str) -> Parsed {
    parse(FileId(0), &format!("metric a {{ x: {text}\n y: z }}"))
}

fn is_too_deep(text: &str) {
    let parsed = value(text);
    let codes: Vec<&str> = parsed.diagnostics.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes, ["syntax/too-deep"], "{}", &text[..text.len().min(60)]);
    assert_eq!(parsed.file.items[0].body.entries.len(), 1);
}

fn is_fine(text: &str) {
    assert_eq!(value(text).diagnostics, [], "{}", &text[..text.len().min(60)]);
}

#[test]
fn nesting_is_limited() {
    let parens = |depth: usize| format!("{}x{}", "(".repeat(depth), ")".repeat(depth));
    is_fine(&parens(64));
    is_too_deep(&parens(65));
    is_too_deep(&parens(1_000));
    is_too_deep(&parens(100_000));
    let calls = |depth: usize| format!("{}x{}", "f(".repeat(depth), ")".repeat(depth));
    is_fine(&calls(64));
    is_too_deep(&calls(65));
    let cases = |depth: usize| format!("{}x{}", "case when ".repeat(depth), " then 1 end".repeat(depth));
    is_fine(&cases(64));
    is_too_deep(&cases(65));
    is_too_deep(&cases(100_000));
    is_too_deep(&"case when ".repeat(100_000));
}

#[test]
fn chains_are_limited() {
    is_fine(&format!("{}a", "a + ".repeat(256)));
    is_too_deep(&format!("{}a", "a + ".repeat(257)));
    is_too_deep(&format!("{}a", "a + ".repeat(100_000)));
    is_fine(&format!("{}a", "not ".repeat(256)));
    is_too_deep(&format!("{}a", "not ".repeat(100_000)));
    is_too_deep(&format!("{}a", "- ".repeat(100_000)));
    is_too_deep(&format!("{}a", "a = b and ".repeat(100_000)));
    is_fine(&format!("x in ({}1)", "1, ".repeat(10_000)));
    is_fine(&format!("{}1", "a + b, ".repeat(10_000)));
}

#[test]
fn levels_add_up() {
    let mut text = "x".to_owned();
    for _ in 0..60 {
        text = format!("({}{text}{})", "- ".repeat(100), " + 1".repeat(100));
    }
    is_too_deep(&text);
}

#[test]
fn the_deepest_tree_that_is_allowed_fits_on_a_small_stack() {
    let mut text = "x".to_owned();
    for _ in 0..31 {
        text = format!("f(case when (not {text} = 1) and a or b then - {text_short} end)", text_short = "y");
        if text.matches('(').count() + text.matches("case").count() > 60 {
            break;
        }
    }
    let parsed = value(&text);
    assert_eq!(parsed.diagnostics, []);
    assert!(crate::ast::same_tree(&parsed.file, &parsed.file.clone()));
    drop(parsed);
    assert!(crate::format::format(&format!("metric a {{ x: {text} }}")).is_ok());
}

#[test]
fn blocks_are_limited() {
    let blocks = |depth: usize| format!("metric a {{ {} {} }}", "b { ".repeat(depth), "}".repeat(depth));
    assert_eq!(parse(FileId(0), &blocks(15)).diagnostics, []);
    for depth in [16, 100_000] {
        let parsed = parse(FileId(0), &blocks(depth));
        assert_eq!(parsed.diagnostics.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["syntax/too-deep"]);
    }
}

#[test]
fn a_lone_expression_is_limited_too() {
    for text in ["(".repeat(100_000), "not ".repeat(100_000), "a + ".repeat(100_000)] {
        assert_eq!(parse_expression(FileId(0), &text).map_err(|finding| finding.code.id), Err("syntax/too-deep"));
    }
}

#[test]
fn monotonous_files_are_read_in_one_go() {
    let size = 60_000;
    for unit in [
        "{",
        "}",
        "(",
        ")",
        "\"",
        "\"x\n",
        "\"\"\"",
        "///",
        "///\n",
        "a:",
        "a",
        "a ",
        "a\n",
        "a.",
        ".",
        ",",
        ";",
        "#\n",
        "/*\n",
        "/*",
        "'",
        "„",
        "a b {",
        "a b {\n",
        "a b {}",
        "a b(",
        "a b(\n",
        "a {\n",
        "case ",
        "a: (x\n",
        "a: 1 2\n",
        "m a { x: (y\n",
        "-",
        "--\n",
        "=",
        "1",
        "1-",
        "\\",
        "\u{feff}",
        "é",
        "\r",
        "\t",
        "\0",
    ] {
        let text = unit.repeat(size / unit.len());
        let Parsed { file: File { .. }, diagnostics } = parse(FileId(0), &text);
        assert!(diagnostics.len() <= 201, "{unit:?}");
        let inside = format!("metric a {{ {text} }}\nmetric b {{ x: {text} }}");
        assert!(parse(FileId(0), &inside).diagnostics.len() <= 201, "{unit:?}");
    }
}
