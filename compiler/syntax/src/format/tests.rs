//! What the formatter prints, by example. That it keeps everything is tested on generated texts in `tests/properties.rs`.

use super::format;

fn is(written: &str, printed: &str) {
    assert_eq!(format(written).as_deref(), Ok(printed), "from:\n{written}");
    assert_eq!(format(printed).as_deref(), Ok(printed), "not a fixed point:\n{printed}");
}

#[test]
fn an_empty_file_stays_empty() {
    is("", "");
    is("\n\n", "");
    is("// note\n\n\n\n// more", "// note\n\n// more\n");
}

#[test]
fn values_align_and_blank_lines_are_kept_once() {
    is("metric   a{owner:x\n\n\n\nmeasure:count( )\n}", "metric a {\n  owner:   x\n\n  measure: count()\n}\n");
}

#[test]
fn one_line_stays_one_line() {
    is(
        "metric a{owner:x from:orders raci{accountable:y}}",
        "metric a { owner: x  from: orders  raci { accountable: y } }\n",
    );
    is("metric a { }", "metric a {}\n");
    let long = format!("metric a {{ title: \"{}\"  from: orders }}", "x".repeat(90));
    let broken = format!("metric a {{\n  title: \"{}\"\n  from:  orders\n}}\n", "x".repeat(90));
    is(&long, &broken);
}

#[test]
fn neighbours_on_one_line_align_if_their_keys_are_the_same() {
    is(
        "metric answers { from: a measure: b }\nmetric invitations { from: cc measure: d }\n\nmetric e { from: f }",
        "metric answers     { from: a   measure: b }\nmetric invitations { from: cc  measure: d }\n\nmetric e { from: f }\n",
    );
}

#[test]
fn operators_have_one_spelling() {
    is(
        "metric a {\nw: x AND NOT y Is Not NULL\nv: a!=b\nn: -x - -3 + (-1)*-y\nin: z not in( \"a\",\"b\" )\nnot: not(x)\n}",
        "metric a {\n  w:   x and not y is not null\n  v:   a <> b\n  n:   -x - -3 + (-1) * -y\n  in:  z not in (\"a\", \"b\")\n  not: not (x)\n}\n",
    );
    is(
        "rule a {\nwhere: ( any  metric using c )and not(no team)\nrequire: every source  of m has source.x>1\n}",
        "rule a {\n  where:   (any metric using c) and not (no team)\n  require: every source of m has source.x > 1\n}\n",
    );
    is(
        "function f(a:int=1,b:scale( 0 to 10 ))->usd/count{value:f( a,top:1 where x )}",
        "function f(a: int = 1, b: scale(0 to 10)) -> usd / count { value: f(a, top: 1 where x) }\n",
    );
}

#[test]
fn every_comment_stays() {
    is(
        "// top\n\n/// doc\n// between\nmetric a { // open\n owner: x // why\n // own\n\n /// d\n from: a, // one\n // two\n b\n // last\n} // end\n// after",
        "// top\n\n/// doc\n// between\nmetric a { // open\n  owner: x  // why\n  // own\n\n  /// d\n  from:  a, // one\n         // two\n         b\n  // last\n}  // end\n\n// after\n",
    );
    is(
        "metric // kind\na // name\n{ x // key\n: // colon\n y }",
        "metric // kind\n    a // name\n{\n  x // key\n     : // colon\n     y\n}\n",
    );
}

#[test]
fn long_values_wrap_at_commas_then_at_words() {
    let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
    is(
        &format!("metric m {{\n by: {a}, {b}, {c}\n where: {a} and {b} between 1 and 2 or {c}\n}}"),
        &format!(
            "metric m {{\n  by:    {a}, {b},\n         {c}\n  where: {a}\n         and {b} between 1 and 2\n         or {c}\n}}\n"
        ),
    );
    is(
        &format!("metric m {{\n c: case when {a} then 1 when {b} then 2 else {c} end\n}}"),
        &format!("metric m {{\n  c: case\n     when {a} then 1\n     when {b} then 2\n     else {c}\n     end\n}}\n"),
    );
}

#[test]
fn long_texts_move_with_their_entry_if_they_still_say_the_same() {
    is(
        "source a {\n query: \"\"\"\n        select *\n          from x\n\n  \"\"\"\n}",
        "source a {\n  query: \"\"\"\n    select *\n      from x\n\n  \"\"\"\n}\n",
    );
    is(
        "source a {\n query: \"\"\"select *\n from x\"\"\"\n}",
        "source a {\n  query: \"\"\"select *\n from x\"\"\"\n}\n",
    );
}

#[test]
fn a_text_with_mistakes_is_not_touched() {
    assert!(format("metric a { owner: }").is_err());
}
