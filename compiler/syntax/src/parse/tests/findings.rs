//! One mistake, one finding, at its place; what stands beside it survives.

use crate::parse::parse;
use crate::source::FileId;

/// Checks the findings of a text, written `line:column code token`, and what is left of it, `kind name[keys]` each.
fn finds(text: &str, findings: &[&str], items: &str) {
    let parsed = parse(FileId(0), text);
    let mut map = crate::source::SourceMap::default();
    let file = map.add("a.groma", text);
    let found: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|finding| {
            let span = finding.primary.as_ref().map(|label| label.span).unwrap();
            let place = map.line_column(file, span.start);
            assert!(finding.help.is_some(), "no help: {finding:#?}");
            let name = finding.code.id.strip_prefix("syntax/").unwrap();
            format!("{}:{} {name} {}", place.line, place.column, map.slice(span))
        })
        .collect();
    assert_eq!(found, findings, "{text}\n{:#?}", parsed.diagnostics);
    let left: Vec<String> = parsed
        .file
        .items
        .iter()
        .map(|item| {
            let keys: Vec<&str> = item.body.entries.iter().map(|entry| entry.key().text.as_str()).collect();
            let mark = if item.broken { "!" } else { "" };
            format!("{} {}{mark}[{}]", item.kind.text, item.name.text, keys.join(" "))
        })
        .collect();
    assert_eq!(left.join(" "), items, "{text}");
}

/// The same for the body of an item.
fn body_finds(body: &str, findings: &[&str], keys: &str) {
    finds(&format!("metric a {{\n{body}\n}}\nteam t {{ x: y }}"), findings, &format!("metric a![{keys}] team t[x]"));
}

/// Applies the fix of the only finding.
fn fixes(text: &str, fixed: &str) {
    let parsed = parse(FileId(0), text);
    let [finding] = parsed.diagnostics.as_slice() else { panic!("{text}: {:#?}", parsed.diagnostics) };
    let mut result = text.to_owned();
    for edit in &finding.fix.as_ref().unwrap().edits {
        result.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    assert_eq!(result, fixed);
    assert_eq!(parse(FileId(0), &result).diagnostics, [], "{result}");
}

#[test]
fn values() {
    body_finds("owner:\nfrom: x", &["2:1 missing-value owner:"], "from");
    body_finds("owner:", &["2:1 missing-value owner:"], "");
    body_finds("m: revenue orders\nfrom: x", &["2:12 missing-operator orders"], "from");
    body_finds("m: a +\nfrom: x", &["2:6 missing-value +"], "from");
    body_finds("m: a,\nfrom: x", &["2:5 missing-value ,"], "from");
    body_finds("m: , a\nfrom: x", &["2:4 missing-value ,"], "from");
    body_finds(
        "m: * 3\nn: and\no: a and and b",
        &["2:4 missing-value *", "3:4 unexpected and", "4:6 missing-value and"],
        "",
    );
    body_finds(
        "m: f(x +)\nn: f(x,)\no: ()\np: x",
        &["2:8 missing-value +", "3:7 missing-value ,", "4:4 missing-value ()"],
        "p",
    );
    body_finds("m: a between 3\nn: a between 1 or 2", &["2:6 missing-value between", "3:6 missing-value between"], "");
    body_finds("m: where >= 3\nn: sum(then)", &["2:4 unexpected where", "3:8 unexpected then"], "");
    body_finds("m: a: b", &["2:1 missing-value m:"], "a");
}

#[test]
fn entries() {
    body_finds("\"x\"\nfrom: x", &["2:1 missing-key \"x\""], "from");
    body_finds("from: x\nraci { a: b }\nsum(x)", &["4:1 missing-key sum"], "from raci");
    body_finds("owner finance\nfrom: x\ngrain month", &["2:1 missing-colon owner", "4:1 missing-colon grain"], "from");
    body_finds("owner = finance\nfrom = x\nby: z", &["2:7 missing-colon =", "3:6 missing-colon ="], "by");
    body_finds("raci: {\n x: y }\nby: z", &["2:5 missing-colon :"], "raci by");
    body_finds("from: x\n: count()\nby: z", &["3:1 missing-key :"], "from by");
    body_finds("from: x\nowner\nby: z", &["3:1 missing-colon owner"], "from by");
}

#[test]
fn brackets() {
    body_finds("w: (a + b\nc: d\ne: f(1,\n g: h", &["2:4 unclosed (", "4:7 missing-value ,"], "c g");
    body_finds("w: f(a\nc: d", &["2:5 unclosed ("], "c");
    body_finds("w: a + b)\nc: d", &["2:9 stray-close )"], "c");
    body_finds("w: [1, 2]\nc: d", &["2:4 unexpected ["], "c");
    body_finds("w: case when a then b\nc: d", &["2:4 unclosed case"], "c");
    body_finds(
        "w: case a when b end\nv: case end\nu: when x",
        &["2:18 unexpected end", "3:4 missing-value case", "4:4 unexpected when"],
        "",
    );
}

#[test]
fn blocks() {
    finds("metric a {\n x: y\nmetric b {\n x: z\n}", &["1:10 unclosed {"], "metric a![x] metric b[x]");
    finds(
        "metric a {\n  raci {\n    x: y\n  by: z\n}\nmetric b { x: y }",
        &["2:8 unclosed {"],
        "metric a![raci] metric b[x]",
    );
    finds("metric a {\n x: y }\n by: z\n}\nmetric b { x: y }", &["3:2 unexpected by"], "metric a[x] metric b[x]");
    finds("metric a { x: y }\n}\nmetric b { x: y }", &["2:1 stray-close }"], "metric a[x] metric b[x]");
    finds("metric a { x: 1", &["1:10 unclosed {"], "metric a![x]");
    finds("  metric a {\n b {\n  x: y\n}\n", &["2:4 unclosed {"], "metric a![b]");
}

/// Where a brace is missing inside, the brace that closes the item ends it: what follows is read like anything else.
#[test]
fn behind_an_unclosed_block() {
    let unclosed = "metric a {\n b {\n  x: y\n}";
    let cases = [
        ("", &[][..], ""),
        ("\"", &["4:2 unclosed-text \""], ""),
        (" \"\"\"", &["4:3 unclosed-text \"\"\""], ""),
        (" 'x'", &["4:3 wrong-quote 'x'"], ""),
        (" team t { x: y }", &[], " team t[x]"),
        (" team t { x }", &["4:12 missing-colon x"], " team t![]"),
        (" ( team t { x: y }", &["4:3 missing-name ("], ""),
        // It may be meant to be a part of the item.
        ("\n z: x", &[], ""),
    ];
    for (behind, more, items) in cases {
        let findings: Vec<&str> = ["2:4 unclosed {"].iter().chain(more).copied().collect();
        finds(&format!("{unclosed}{behind}"), &findings[..], &format!("metric a![b]{items}"));
    }
    let many = format!("{unclosed} team t {{ x: y }} ").repeat(20);
    let found = parse(FileId(0), &many).diagnostics;
    assert!(found.iter().all(|finding| finding.code.id == "syntax/unclosed"), "{found:#?}");
}

#[test]
fn headers() {
    finds("metric {\n x: y }\nteam t { x: y }", &["1:1 missing-name metric"], "team t[x]");
    finds("metric a b { x: y }", &["1:10 missing-name b"], "metric a![x]");
    finds("metric \"a\" { x: y }\nteam t { }", &["1:8 missing-name \"a\""], "team t[]");
    finds("metric a: { x: y }", &["1:9 unexpected :"], "metric a![x]");
    finds("metric a\nteam t { x: y }", &["1:1 missing-value metric a"], "metric a![] team t[x]");
    finds("metric\nteam t { x: y }", &["1:1 missing-name metric"], "team t[x]");
    finds("owner: x\nteam t { x: y }", &["1:1 unexpected owner"], "team t[x]");
    finds("{ x: y }\nteam t { x: y }", &["1:1 missing-name {"], "team t[x]");
    finds("function f(x, y: int) -> z { x: y }", &["1:12 missing-colon x"], "function f![x]");
    finds("function f(x: int -> z { x: y }", &["1:11 unclosed ("], "function f![x]");
    finds("function f(x: f(1), { x: y }", &["1:11 unclosed ("], "function f![x]");
    finds("function f(x: int) points { x: y }", &["1:20 unexpected points"], "function f![x]");
    finds("function f(x: int) -> { x: y }", &["1:20 missing-value ->"], "function f![x]");
    finds("function f -> usd / { x: y }", &["1:19 missing-value /"], "function f![x]");
    finds("function f -> ({ x: y }", &["1:15 unclosed ("], "function f![x]");
    finds("function f(x: int) -> usd usd { x: y }", &["1:27 missing-operator usd"], "function f![x]");
    finds("function f -> {\n x: y", &["1:12 missing-value ->", "1:15 unclosed {"], "function f![x]");
    for mark in [")", ",", "->", "1", "\"x\"", ":", "."] {
        let finding = format!("1:19 missing-name {mark}");
        finds(&format!("metric a {{ x: y }} {mark} b {{ x: y }}"), &[&finding], "metric a[x]");
    }
}

#[test]
fn texts() {
    body_finds("t: \"abc\nx: y", &["2:4 unclosed-text \"abc"], "x");
    finds("metric a { t: \"abc }\nteam t { x: y }", &["1:15 unclosed-text \"abc }"], "metric a![] team t[x]");
    finds("metric a {\n t: \"\"\"abc }\nteam t { x: y }", &["2:5 unclosed-text \"\"\""], "metric a![]");
    // Only a text that holds a brace may have swallowed it.
    finds("metric a {\n t {\n  x: \"abc }\n}", &["3:6 unclosed-text \"abc }"], "metric a![t]");
    finds("metric a { t: \"abc", &["1:10 unclosed {", "1:15 unclosed-text \"abc"], "metric a![]");
    finds("metric a {\n t: \"\"\"abc", &["2:5 unclosed-text \"\"\""], "metric a![]");
    finds("metric a { x: y\n}\"", &["2:2 unclosed-text \""], "metric a[x]");
    finds("}\"", &["1:1 stray-close }", "1:2 unclosed-text \""], "");
    body_finds("t: 'abc' x: y", &["2:4 wrong-quote 'abc'"], "x");
    body_finds("t: \"a\\d\" x: y", &["2:6 unknown-escape \\d"], "x");
    fixes("metric a { t: “abc” }", "metric a { t: \"abc\" }");
    fixes("metric a { t: \"a\\d\" }", "metric a { t: \"a\\\\d\" }");
}

#[test]
fn other_languages() {
    body_finds(
        "w: x == 1 && y\nv: a || b\nu: !a",
        &["2:6 wrong-operator ==", "3:6 wrong-operator ||", "4:4 wrong-operator !"],
        "",
    );
    body_finds("w: a is 3\nv: a is not 3", &["2:6 wrong-operator is", "3:6 wrong-operator is not"], "");
    finds(
        "metric a {\n x: y # no\n z: w; // yes\n -- no\n /* no */\n}",
        &["2:7 wrong-comment # no", "3:6 unexpected ;", "4:2 wrong-comment -- no", "5:2 wrong-comment /* no */"],
        "metric a[x z]",
    );
    finds("# a\nmetric a { x: y };", &["1:1 wrong-comment # a", "2:18 unexpected ;"], "metric a[x]");
    fixes("metric a { w: x == 1 }", "metric a { w: x = 1 }");
    fixes("metric a { w: !x }", "metric a { w: not x }");
    fixes("metric a { w: x;\n}", "metric a { w: x\n}");
    fixes("# why\nmetric a { w: x }", "// why\nmetric a { w: x }");
    fixes("metric a { owner = x }", "metric a { owner: x }");
    fixes("metric a { owner x }", "metric a { owner: x }");
    fixes("metric a { raci: { x: y } }", "metric a { raci { x: y } }");
    fixes("metric a { w: x,\n}", "metric a { w: x\n}");
    fixes("metric a { w:\u{a0}x }", "metric a { w: x }");
}

#[test]
fn numbers() {
    body_finds(
        "a: 30days\nb: 1_000\nc: .5\nd: 2026-07\ne: 2026-Q3 - 1\nf: 2026-Q3",
        &[
            "2:4 malformed-number 30days",
            "3:4 malformed-number 1_000",
            "4:4 malformed-number .5",
            "5:4 malformed-number 2026-07",
            "6:4 malformed-number 2026-Q3",
        ],
        "f",
    );
    fixes("metric a { w: 30days }", "metric a { w: 30 days }");
    fixes("metric a { w: 1_000 }", "metric a { w: 1000 }");
    fixes("metric a { w: .5 }", "metric a { w: 0.5 }");
}

#[test]
fn comparisons_do_not_chain() {
    body_finds(
        "w: a < b < c\nv: a = b is null\nu: (a = b) = c",
        &["2:10 chained-comparison <", "3:10 chained-comparison is null"],
        "u",
    );
    let parsed = parse(FileId(0), "metric a { w: a < b < c }");
    assert_eq!(parsed.diagnostics[0].help.as_deref(), Some("write `a < b and b < c`"));
}

#[test]
fn findings_are_in_order_and_capped() {
    let parsed = parse(FileId(0), &format!("metric a {{ {} }}", "x: 1 2\n".repeat(1000)));
    assert_eq!(parsed.diagnostics.len(), 201);
    let last = parsed.diagnostics.last().map(|finding| finding.headline.as_str());
    assert_eq!(last, Some("at least 1 more places of this file cannot be read"));
    let parsed = parse(FileId(0), &format!("metric a {{ {} }}", "x: 1 2\n".repeat(200)));
    assert_eq!(parsed.diagnostics.len(), 200);
    assert!(parsed.diagnostics.is_sorted_by_key(|finding| finding.primary.as_ref().map(|label| label.span)));
}
