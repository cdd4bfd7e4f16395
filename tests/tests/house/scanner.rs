//! The scanner that the size tests stand on, tried on code that would fool a careless one.

use groma_tests::rust_source::{functions, scan, undocumented};

const TRICKY: &str = r##"
/// A text with a brace: `{`.
pub fn short() -> &'static str { "fn nothing() { }" }
// fn commented() {
pub fn longer<'a>(value: &'a str, [first, _]: [u8; 2]) -> char {
    let raw = r#"} " {"#;
    let quote = '"';
    if raw.is_empty() { '\'' } else { '}' }
}
trait Declared {
    fn without_body(&self) -> [u8; 3];
}
pub struct Bare;
#[derive(
    Debug,
)]
pub struct Derived;
/// Said.
#[derive(Debug)]
#[expect(dead_code, reason = "…")]
pub struct Told;
pub(crate) struct Inner;
pub const fn quick() {}
/* pub fn hidden() { */
"##;

#[test]
fn functions_are_measured() {
    let found = functions(&scan(TRICKY).code);
    let measured: Vec<_> =
        found.iter().map(|function| (function.name.as_str(), function.line, function.lines)).collect();
    assert_eq!(measured, [("short", 3, 1), ("longer", 5, 5), ("quick", 23, 1)]);
}

#[test]
fn texts_are_found() {
    let scanned = scan(TRICKY);
    let texts: Vec<&str> = scanned.literals.iter().map(|literal| literal.text.as_str()).collect();
    assert_eq!(texts, ["fn nothing() { }", "} \" {", "…"]);
    assert_eq!(scanned.code.len(), TRICKY.len());
}

#[test]
fn silence_is_found() {
    let names: Vec<String> = undocumented(TRICKY).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["longer", "Bare", "Derived", "quick"]);
}
