//! Precedence, forms of values, items, documentation.

use crate::ast::{Argument, Entry, Expr, ExprKind, Item, Name};
use crate::parse::{parse, parse_expression};
use crate::source::FileId;

fn dotted(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

/// An expression with every operator in brackets.
fn shown(expr: &Expr) -> String {
    let many = |list: &[Expr]| list.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &expr.kind {
        ExprKind::Number(text) | ExprKind::Date(text) => text.to_string(),
        ExprKind::Percent(text) => format!("{text}%"),
        ExprKind::Quantity { number, unit } => format!("{number}_{}", unit.text),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Path(names) => dotted(names),
        ExprKind::Call { function, arguments } => {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|argument| match argument {
                    Argument::Value(value) => shown(value),
                    Argument::Named { name, value } => format!("{}: {}", name.text, shown(value)),
                    Argument::Where(value) => format!("where {}", shown(value)),
                })
                .collect();
            format!("{}({})", dotted(function), arguments.join(", "))
        }
        ExprKind::Tuple(list) => format!("<{}>", many(list)),
        ExprKind::Group(inner) => format!("({})", shown(inner)),
        ExprKind::Prefix { operator, operand, .. } => format!("[{operator:?} {}]", shown(operand)),
        ExprKind::Infix { operator, left, right, .. } => format!("[{} {operator:?} {}]", shown(left), shown(right)),
        ExprKind::Between { operand, negated, low, high } => {
            format!("[{} between{} {} {}]", shown(operand), if *negated { " not" } else { "" }, shown(low), shown(high))
        }
        ExprKind::IsNull { operand, negated } => {
            format!("[{} is{} null]", shown(operand), if *negated { " not" } else { "" })
        }
        ExprKind::Case { operand, branches, otherwise } => {
            let mut text = "[case".to_owned();
            text.extend(operand.iter().map(|operand| format!(" {}", shown(operand))));
            text.extend(
                branches.iter().map(|branch| format!(" when {} then {}", shown(&branch.when), shown(&branch.then))),
            );
            text.extend(otherwise.iter().map(|otherwise| format!(" else {}", shown(otherwise))));
            text + "]"
        }
    }
}

fn is(text: &str, expected: &str) {
    match parse_expression(FileId(0), text) {
        Ok(expr) => assert_eq!(shown(&expr), expected, "{text}"),
        Err(finding) => panic!("{text}: {finding:#?}"),
    }
}

fn only_item(text: &str) -> Item {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    assert_eq!(parsed.file.items.len(), 1, "{text}");
    parsed.file.items.into_iter().next().unwrap()
}

/// The keys of a block with their values, groups in braces.
fn keys(entries: &[Entry]) -> String {
    let keys: Vec<String> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Value { key, values, .. } => {
                format!("{}: {}", key.text, values.iter().map(shown).collect::<Vec<_>>().join(", "))
            }
            Entry::Group { key, name, body, .. } => {
                let name = name.as_ref().map_or(String::new(), |name| format!(" {}", name.text));
                format!("{}{name} {{ {} }}", key.text, keys(&body.entries))
            }
        })
        .collect();
    keys.join("; ")
}

fn body_is(body: &str, expected: &str) {
    assert_eq!(keys(&only_item(&format!("metric a {{ {body} }}")).body.entries), expected, "{body}");
}

#[test]
fn arithmetic_binds_as_in_sql() {
    is("a + b * c - d / e % f", "[[a Add [b Multiply c]] Subtract [[d Divide e] Remainder f]]");
    is("-a * b", "[[Minus a] Multiply b]");
    is("- -a", "[Minus [Minus a]]");
    is("(a + b) * c", "[([a Add b]) Multiply c]");
    is("a - b", "[a Subtract b]");
    is("a -b", "[a Subtract b]");
    is("a-b", "a-b");
    is("a* -b", "[a Multiply [Minus b]]");
}

#[test]
fn conditions_bind_as_in_sql() {
    is("a = 1 and b <> 2 or not c", "[[[a Equal 1] And [b NotEqual 2]] Or [Not c]]");
    is("not a = b and c", "[[Not [a Equal b]] And c]");
    is("a != b", "[a NotEqual b]");
    is("a + 1 >= b", "[[a Add 1] GreaterEqual b]");
    is("a IN (1, 2) AND b Not Like \"x%\"", "[[a In <1 2>] And [b NotLike \"x%\"]]");
    is("a not in (1)", "[a NotIn (1)]");
    is("a is null or b is not null", "[[a is null] Or [b is not null]]");
    is("a between 1 and 2 and b", "[[a between 1 2] And b]");
    is("a not between b + 1 and c * 2 or d", "[[a between not [b Add 1] [c Multiply 2]] Or d]");
    is("days between a and b", "[days between a b]");
    is("x = true and y = FALSE", "[[x Equal true] And [y Equal false]]");
}

#[test]
fn word_operators_bind_loosely() {
    is("a where x = 1 and y", "[a Where [[x Equal 1] And y]]");
    is("a + b where c", "[[a Add b] Where c]");
    is("revenue - revenue offset 1 month", "[revenue Subtract [revenue Offset 1_month]]");
    is("30 days after account.since", "[30_days After account.since]");
    is("day 30 to day 60 after account.since", "[[[Day 30] To [Day 60]] After account.since]");
    is("week 1 to month 3 after account.since", "[[[Week 1] To [Month 3]] After account.since]");
    is("month = week + 1", "[month Equal [week Add 1]]");
    body_is("grain: week, month label { fr: \"a\" }", "grain: week, month; label { fr: \"a\" }");
    is("3 points at 95%", "[3_points At 95%]");
    is("positive within 90 days", "[positive Within 90_days]");
    is("nps by account.region where x", "[[nps By account.region] Where x]");
    is("2026-07-01 to 2026-09-30", "[2026-07-01 To 2026-09-30]");
    is("\"a\" from 2026-02-01", "[\"a\" From 2026-02-01]");
    is("m in metrics", "[m In metrics]");
    is("month to date", "[month To date]");
    is("decimal(12, 2) in usd", "[decimal(12, 2) In usd]");
    is("instant in \"UTC\"", "[instant In \"UTC\"]");
    is(
        "first(happened_at where name = \"core\") - account.since",
        "[first([happened_at Where [name Equal \"core\"]]) Subtract account.since]",
    );
}

#[test]
fn words_before_an_operand_are_operators_only_there() {
    is("trailing 28 days", "[Trailing 28_days]");
    is("last 8 quarters", "[Last 8_quarters]");
    is("each month", "[Each month]");
    is("all time", "[All time]");
    is("last(x)", "last(x)");
    is("all(x) and last", "[all(x) And last]");
    is("share(each)", "share(each)");
    is("at > from and hour(at) = to", "[[at Greater from] And [hour(at) Equal to]]");
    is("to to to", "[to To to]");
    is("each >= 3", "[each GreaterEqual 3]");
    is("day in (1, 2)", "[day In <1 2>]");
    is("last per account", "[last Per account]");
    is("count(distinct account.region where x)", "count([[Distinct account.region] Where x])");
    is("count(distinct a + b)", "count([Distinct [a Add b]])");
}

#[test]
fn quantifiers_reach_as_far_as_they_can() {
    is("any metric using c", "[[Any metric] Using c]");
    is("no metric", "[No metric]");
    is(
        "every source of m has source.owner is not null and x",
        "[[[Every source] Of m] Has [[source.owner is not null] And x]]",
    );
    is(
        "every metric of m has any source of metric has source.late > 2",
        "[[[Every metric] Of m] Has [[[Any source] Of metric] Has [source.late Greater 2]]]",
    );
    is(
        "count(metric using s has metric.status = \"active\") = 0",
        "[count([[metric Using s] Has [metric.status Equal \"active\"]]) Equal 0]",
    );
    is("x and (no metric using s)", "[x And ([[No metric] Using s])]");
    // Without parentheses they take what stands beside them; rules refuse that.
    is("x and any metric using s", "[[x And [Any metric]] Using s]");
    is("not every source of m", "[[Not [Every source]] Of m]");
}

#[test]
fn the_words_of_quantifiers_are_names_elsewhere() {
    is("has = 1 and using > has", "[[has Equal 1] And [using Greater has]]");
    is("every is null or any in (1, 2)", "[[every is null] Or [any In <1 2>]]");
    is("no - 1 and no", "[[no Subtract 1] And no]");
    is("order.has + any(x) + f.no", "[[order.has Add any(x)] Add f.no]");
    is("has has using", "[has Has using]");
    is("sum(no where any)", "sum([no Where any])");
    body_is("has: has, using  no: any every: no", "has: has, using; no: any; every: no");
    body_is(
        "columns { has: text using: text no: text any: text every: text }",
        "columns { has: text; using: text; no: text; any: text; every: text }",
    );
}

#[test]
fn calls_take_values_names_and_conditions() {
    is("count()", "count()");
    is("count(where refunded)", "count(where refunded)");
    is("csat(score, top: 1)", "csat(score, top: 1)");
    is("std.nps(score)", "std.nps(score)");
    is("f(g(h(1)), (a, b))", "f(g(h(1)), <a b>)");
    is("f(from: 1, in: x)", "f(from: 1, in: x)");
    is("count(where name = \"core_action\") >= 3", "[count(where [name Equal \"core_action\"]) GreaterEqual 3]");
}

#[test]
fn cases_nest() {
    is("case when a then 1 when b then 2 else 3 end + 1", "[[case when a then 1 when b then 2 else 3] Add 1]");
    is("CASE x WHEN 1 THEN case when b then c end END", "[case x when 1 then [case when b then c]]");
}

#[test]
fn literals_are_kept_as_written() {
    is("0.5", "0.5");
    is("12 times", "12_times");
    is("3 and x", "[3 And x]");
    is("100 % 7", "[100 Remainder 7]");
    is(r#""a \"b\" \\ \n\t""#, r#""a \"b\" \\ \n\t""#);
    is("\"\"\"a \"b\" \\n\"\"\"", "\"a \\\"b\\\" \\\\n\"");
    is("\"\"\"\n    select\n      x\n\n    y\n  \"\"\"", "\"select\\n  x\\n\\ny\"");
    is("größe.höhe", "größe.höhe");
    is("a.2026-Q3", "a.2026-Q3");
    is("events.to", "events.to");
}

#[test]
fn a_value_ends_where_the_next_key_begins() {
    body_is("owner: a  from: orders", "owner: a; from: orders");
    body_is("where: x from: y in: z by: day", "where: x; from: y; in: z; by: day");
    body_is("grain: day, week each: count() snapshot: last", "grain: day, week; each: count(); snapshot: last");
    body_is("minimum: 30 raci { a: b }", "minimum: 30; raci { a: b }");
    body_is("late: 1 day\n columns { a: text }", "late: 1_day; columns { a: text }");
    body_is("late: 1 day columns { a: text }", "late: 1_day; columns { a: text }");
    body_is("from: orders columns { a: text }", "from: orders; columns { a: text }");
    body_is("by: day\n tile nps { shows: x }", "by: day; tile nps { shows: x }");
    body_is("x: each month version 2 { a: b }", "x: [Each month]; version 2 { a: b }");
    body_is("time: at columns { at: instant }", "time: at; columns { at: instant }");
    body_is("time: at tile nps { x: at  until: at }", "time: at; tile nps { x: at; until: at }");
    body_is("tile\n nps { shows: x by: y }", "tile nps { shows: x; by: y }");
    body_is("when: falls by matters after: 2 periods", "when: [falls By matters]; after: 2_periods");
    body_is("x: case when a then b end columns { a: text }", "x: [case when a then b]; columns { a: text }");
    body_is("restates: 2026-Q3 because: \"x\"", "restates: 2026-Q3; because: \"x\"");
    body_is("a: 2026-Q3, 2026-H1\nb { c: 2026-Q4 }", "a: 2026-Q3, 2026-H1; b { c: 2026-Q4 }");
    body_is("end: 1 null: 2 case: 3", "end: 1; null: 2; case: 3");
    body_is("label { fr: \"a\" } b { }", "label { fr: \"a\" }; b {  }");
}

#[test]
fn functions_have_parameters_and_a_type() {
    let item = only_item("function nps(score: scale(0 to 10), top: int = 1 + 1) -> usd / count { value: top }");
    let params: Vec<String> = item
        .params
        .iter()
        .map(|param| {
            let default = param.default.as_ref().map_or(String::new(), |default| format!(" = {}", shown(default)));
            format!("{}: {}{default}", param.name.text, shown(&param.ty))
        })
        .collect();
    assert_eq!(params, ["score: scale([0 To 10])", "top: int = [1 Add 1]"]);
    assert_eq!(item.returns.as_ref().map(shown).as_deref(), Some("[usd Divide count]"));
    assert_eq!(only_item("function f() -> points { value: 1 }").params, []);
    assert_eq!(only_item("function f(a: decimal(12, 2) in usd) -> decimal(12, 2) in usd { value: a }").params.len(), 1);
}

#[test]
fn items_have_any_kind_and_dotted_names() {
    let item = only_item("metric support.first_reply { }");
    assert_eq!((item.kind.text.as_str(), item.name.text.as_str()), ("metric", "support.first_reply"));
    assert_eq!(only_item("period 2026-Q3 { }").name.text, "2026-Q3");
    assert_eq!(only_item("kitten last { a: 1 }").name.text, "last");
}

#[test]
fn documentation_goes_to_what_follows() {
    let text = "/// One.\n///   two  \n// no\nmetric a {\n  /// Three.\n  owner: x /// Four.\n  raci { /// Five.\n y: z }\n  /// dangling\n}\n/// end";
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, []);
    let item = &parsed.file.items[0];
    assert_eq!(item.doc.as_ref().map(|doc| doc.text.as_str()), Some("One.\n  two"));
    let docs: Vec<Option<&str>> = item
        .body
        .entries
        .iter()
        .map(|entry| match entry {
            Entry::Value { doc, .. } | Entry::Group { doc, .. } => doc.as_ref().map(|doc| doc.text.as_str()),
        })
        .collect();
    assert_eq!(docs, [Some("Three."), Some("Four.")]);
    let comments: Vec<&str> =
        parsed.file.comments.iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(comments, ["// no", "/// dangling", "/// end"]);
}

#[test]
fn places_are_those_of_the_file() {
    let text = "\u{feff}// é\r\nmetric a {\r\n\tmeasure: größe + f(x, y: 2 days)\r\n}\r\n";
    let parsed = parse(FileId(7), text);
    assert_eq!(parsed.diagnostics, []);
    let at = |span: crate::source::Span| &text[span.start as usize..span.end as usize];
    let item = &parsed.file.items[0];
    assert_eq!((at(item.name.span), item.span.file), ("a", FileId(7)));
    assert_eq!(at(parsed.file.comments[0]), "// é");
    let Entry::Value { key, values, span, .. } = &item.body.entries[0] else { panic!("no value") };
    assert_eq!((at(key.span), at(*span)), ("measure", "measure: größe + f(x, y: 2 days)"));
    let ExprKind::Infix { operator_span, right, .. } = &values[0].kind else { panic!("no sum") };
    assert_eq!((at(*operator_span), at(right.span)), ("+", "f(x, y: 2 days)"));
    let ExprKind::Call { arguments, .. } = &right.kind else { panic!("no call") };
    let Argument::Named { name, value } = &arguments[1] else { panic!("no name") };
    assert_eq!((at(name.span), at(value.span)), ("y", "2 days"));
}

#[test]
fn a_lone_expression_takes_the_whole_text() {
    for text in ["", "a b", "a, b", "a }", "a: b", "a // x\n b"] {
        assert!(parse_expression(FileId(0), text).is_err(), "{text}");
    }
    is("a // note", "a");
}
