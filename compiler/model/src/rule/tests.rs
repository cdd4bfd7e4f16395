//! Rules on small models.

use crate::governance::Policy;
use crate::judge::{Judgement, judge};
use crate::model::Model;
use crate::testing::{SHOP, model_of};
use groma_syntax::Severity;
use jiff::civil::date;

/// Metrics, teams and surveys that rules are tried on.
const SUBJECTS: &str = r#"
    team shop { title: "The shop" }
    /// What was sold.
    metric revenue {
      from: orders
      measure: sum(amount)
      owner: shop
      tags: board, weekly
      minimum: 30
    }
    metric orders_placed {
      from: orders
      measure: count()
      status: draft
      window: trailing 28 days
    }
    metric average_order {
      measure: revenue / orders_placed
      owner: shop
    }
    metric held {
      from: balances
      measure: sum(amount)
      snapshot: last
    }
"#;

/// A rule about metrics with this condition.
fn rule(require: &str) -> String {
    about("m in metrics", require)
}

fn about(subject: &str, require: &str) -> String {
    let name = subject.split(' ').next().unwrap();
    format!("rule tried {{ for: {subject} require: {require} message: \"{{{name}.name}}\" }}")
}

/// What is found when the texts are read.
fn found(text: &str) -> (Model, Vec<(&'static str, String)>) {
    let (model, found) = model_of(&format!("{SHOP}{SUBJECTS}{text}"));
    (model, found.into_iter().map(|finding| (finding.code.id, finding.headline)).collect())
}

fn judged(text: &str) -> Judgement {
    let (model, found) = found(text);
    assert_eq!(found, [], "{text}");
    judge(&model, date(2026, 7, 1))
}

/// The names of the things that break a rule.
fn breaking(text: &str) -> Vec<String> {
    let findings = judged(text).findings;
    let own = findings.into_iter().filter(|finding| finding.code.id == "rule/tried");
    own.map(|finding| finding.headline).collect()
}

/// What a rule is refused for.
fn refused(text: &str) -> String {
    let (_, found) = found(text);
    match found.as_slice() {
        [(code, headline)] => format!("{code}: {headline}"),
        other => format!("{} findings for {text}: {other:?}", other.len()),
    }
}

fn keeping(require: &str) -> Vec<&'static str> {
    let breaking = breaking(&rule(require));
    let all = ["average_order", "held", "orders_placed", "revenue"];
    all.into_iter().filter(|name| !breaking.iter().any(|other| other == name)).collect()
}

#[test]
fn what_is_not_known_does_not_hold() {
    assert_eq!(keeping("m.minimum >= 20"), ["revenue"]);
    assert_eq!(keeping("not (m.minimum >= 20)"), Vec::<&str>::new());
    assert_eq!(keeping("m.minimum is null or m.minimum >= 40"), ["average_order", "held", "orders_placed"]);
    assert_eq!(keeping("coalesce(m.minimum, 0) < 20"), ["average_order", "held", "orders_placed"]);
    assert_eq!(keeping("m.owner.title = \"The shop\""), ["average_order", "revenue"]);
    assert_eq!(
        keeping("case when m.owner is null then true else m.minimum > 3 end"),
        ["held", "orders_placed", "revenue"]
    );
}

#[test]
fn a_where_that_is_not_known_leaves_out() {
    let text =
        "rule tried { for: m in metrics where: m.minimum > 3 require: m.owner = \"nobody\" message: \"{m.name}\" }";
    assert_eq!(breaking(text), ["revenue"]);
}

#[test]
fn words_have_their_default() {
    assert_eq!(keeping("m.status = \"active\""), ["average_order", "held", "revenue"]);
    assert_eq!(keeping("m.status in (\"draft\", \"retired\")"), ["orders_placed"]);
    assert_eq!(keeping("m.status not in (\"draft\", \"retired\")"), ["average_order", "held", "revenue"]);
    assert_eq!(keeping("m.status like \"a%e\" and m.name like \"%_e_d\""), ["held"]);
}

#[test]
fn lists_that_were_not_written_hold_nothing() {
    assert_eq!(keeping("\"board\" in m.tags"), ["revenue"]);
    assert_eq!(keeping("\"board\" not in m.tags"), ["average_order", "held", "orders_placed"]);
    assert_eq!(keeping("count(m.tags) = 0"), ["average_order", "held", "orders_placed"]);
    assert_eq!(keeping("m.tags is null"), ["average_order", "held", "orders_placed"]);
    assert_eq!(keeping("count(m.tags) between 2 and 3"), ["revenue"]);
}

#[test]
fn things_are_reached_through_others() {
    assert_eq!(keeping("any metric of m"), ["average_order"]);
    assert_eq!(keeping("any metric using m"), ["orders_placed", "revenue"]);
    assert_eq!(keeping("count(source of m) = 2"), ["average_order", "held", "orders_placed", "revenue"]);
    assert_eq!(keeping("no metric using m has metric.status = \"active\""), ["average_order", "held"]);
    assert_eq!(keeping("every metric of m has metric.owner is not null"), ["held", "orders_placed", "revenue"]);
    assert_eq!(keeping("count(metric of m has metric.minimum > 3) + count(metric using m) = 2"), Vec::<&str>::new());
    assert_eq!(keeping("(any metric of m) and m.owner is not null"), ["average_order"]);
    assert_eq!(keeping("any team of m"), ["average_order", "revenue"]);
    assert_eq!(breaking(&about("t in teams", "count(metric using t) = 3")), ["shop"]);
    assert_eq!(breaking(&about("s in sources", "any metric using s")), Vec::<&str>::new());
    assert_eq!(breaking(&about("s in sources", "any metric using s has metric.owner is not null")), ["balances"]);
}

#[test]
fn quantifiers_nest_and_see_what_is_outside() {
    let text = "every metric of m has any source of metric has source.time is not null and source.name <> m.name";
    assert_eq!(keeping(text), ["average_order", "held", "orders_placed", "revenue"]);
    let text = "no source of m has any column of source has column.name = \"channel\"";
    assert_eq!(keeping(text), ["held"]);
    // Of some it is not known, so it does not hold of every one.
    assert_eq!(keeping("every metric of m has metric.minimum > 3"), ["held", "orders_placed", "revenue"]);
    // What is not known is no metric that is so, and none that is counted.
    assert_eq!(
        keeping("no metric of m has metric.minimum > 40"),
        ["average_order", "held", "orders_placed", "revenue"]
    );
    assert_eq!(keeping("any metric of m has metric.minimum > 20"), ["average_order"]);
    assert_eq!(
        keeping("any metric has metric.name = m.name and metric.owner is not null"),
        ["average_order", "revenue"]
    );
    assert_eq!(keeping("count(metric has metric.owner = m.owner) = 2"), ["average_order", "revenue"]);
    assert_eq!(keeping("no metric has m.source = metric.source and metric <> m"), ["average_order", "held"]);
    assert_eq!(keeping("any team has team.name = m.owner"), ["average_order", "revenue"]);
    assert_eq!(keeping("count(team) = 1 and m.owner is not null"), ["average_order", "revenue"]);
}

#[test]
fn numbers_of_the_model_are_there() {
    assert_eq!(keeping("m.lag = 28 days"), ["orders_placed"]);
    assert_eq!(keeping("m.depth = 1 and count(m.metrics) = 2"), ["average_order"]);
    assert_eq!(keeping("m.customer = \"account\" and count(m.sources) >= 1 and m.unit = \"usd\""), ["held", "revenue"]);
    assert_eq!(keeping("m.doc is not null and length(m.doc) > 5 and upper(m.name) = \"REVENUE\""), ["revenue"]);
    assert_eq!(keeping("m.clock = \"snapshot\""), ["held"]);
    let columns = breaking(&about("c in columns", "c.source.name <> \"balances\" or c.type <> \"date\""));
    assert_eq!(columns, ["day"]);
}

#[test]
fn dates_are_counted_from_the_day_of_the_judgement() {
    let teams = "team old { since: 2020-01-01 until: 2026-07-11 }";
    let breaks = |require: &str| breaking(&format!("{teams}{}", about("t in teams", require)));
    assert_eq!(breaks("t.until is null or t.until - today > 10"), ["old"]);
    assert_eq!(breaks("t.until is null or t.until - today >= 10"), Vec::<&str>::new());
    assert_eq!(breaks("t.until is null or t.until > today + 1 month"), ["old"]);
    assert_eq!(breaks("t.since is null or t.since >= 2020-01-01 + 1 day"), ["old"]);
    assert_eq!(breaks("t.is_current"), Vec::<&str>::new());
}

#[test]
fn a_division_by_what_turns_out_zero_is_one_finding() {
    let findings = judged(&rule("10 / count(m.tags) > 2")).findings;
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes, ["rule/divides-by-zero"]);
    assert!(findings[0].headline.contains("average_order"), "{}", findings[0].headline);
    assert_eq!(keeping("count(m.tags) > 0 and 10 / count(m.tags) > 2"), ["revenue"]);
}

#[test]
fn rules_that_mean_nothing_are_refused() {
    let cases = [
        ("m.stats = \"active\"", "rule/unknown-attribute: a metric has no `stats`, so this rule would look at nothing"),
        ("status = \"active\"", "rule/unknown-attribute: `status` stands for nothing in this rule"),
        ("m.status = \"actve\"", "rule/mistyped: `status` is never `actve`"),
        ("m.status = 3", "rule/mistyped: a text is compared with a number"),
        ("m.minimum = \"3\"", "rule/mistyped: a number is compared with a text"),
        ("m.status", "rule/mistyped: a condition is true or false, and this is a text"),
        ("m.tags = \"board\"", "rule/mistyped: a list of texts is compared with a text"),
        ("3 in m.tags", "rule/mistyped: a number is never in a list of texts"),
        ("m.sources.name = \"orders\"", "rule/mistyped: these are sources, and each has its own `name`"),
        ("m.minimum / 0 > 2", "rule/divides-by-zero: this rule divides by zero, so it can never be decided"),
        ("m.minimum / (2 - 2) > 2", "rule/divides-by-zero: this rule divides by zero, so it can never be decided"),
        ("1 = 1", "rule/undecidable: `require` of this rule always holds, whatever is declared"),
        ("false", "rule/undecidable: `require` of this rule never holds, whatever is declared"),
        ("m.owner = null", "rule/undecidable: nothing equals null, so this can never be known"),
        ("m.name is not null", "rule/undecidable: `require` of this rule always holds, whatever is declared"),
        (
            "today > 2026-01-01",
            "rule/undecidable: `require` of this rule looks at no declaration, so it is the same for all",
        ),
        ("any metrc using m", "rule/unknown-kind: there is no kind `metrc`, so this asks for nothing"),
        ("any metrics using m", "rule/unknown-kind: there is no kind `metrics`, so this asks for nothing"),
        (
            "not every source of m has source.owner is null",
            "rule/misplaced-quantifier: this quantifier takes what stands beside it for a part of itself",
        ),
        (
            "m.owner is null and every source of m has source.owner is null",
            "rule/misplaced-quantifier: this quantifier takes what stands beside it for a part of itself",
        ),
        (
            "any metric using m and m.owner is null",
            "rule/misplaced-quantifier: this quantifier takes the rest of the condition for a part of itself",
        ),
        (
            "metric using m",
            "rule/misplaced-quantifier: `metric` says neither `every`, `any` nor `no`, so it is no condition",
        ),
        ("every metric of m", "rule/misplaced-quantifier: `every metric` says nothing of them"),
        (
            "count(every metric of m) > 1",
            "rule/misplaced-quantifier: `count` counts all that are so; it takes no `every`, `any` or `no`",
        ),
        (
            "any metric of m has any metric of metric has metric.owner is null",
            "rule/misplaced-quantifier: `metric` would stand for two things at once",
        ),
        ("any column of m", "rule/misplaced-quantifier: a metric has no columns of its own"),
        ("lowr(m.name) = \"a\"", "name/unknown-function: rules have no function `lowr`"),
        ("length(m.name, 2) = 1", "rule/mistyped: `length` takes one value, not 2"),
        ("count(m.name) = 1", "rule/mistyped: `count` counts several things, and this is a text"),
        ("m.owner > m.owner", "rule/mistyped: a team is compared with a team"),
    ];
    for (require, expected) in cases {
        assert_eq!(refused(&rule(require)), expected, "{require}");
    }
}

#[test]
fn rules_do_not_judge_themselves() {
    let text = about("r in rules", "no rule has rule.why is null");
    assert!(refused(&text).starts_with("rule/loops"), "{}", refused(&text));
    assert_eq!(breaking(&about("r in rules", "r.why is not null")), ["tried"]);
}

#[test]
fn messages_have_places() {
    let text = |message: &str| {
        format!("rule tried {{ for: m in metrics require: m.owner is not null message: \"{message}\" }}")
    };
    assert_eq!(
        breaking(&text("{{{m.name}}} {m.owner.title} {m.sources} {m.minimum} {today}"))[0],
        "{held} none balances none 2026-07-01"
    );
    assert_eq!(
        refused(&text("{m.nam}")),
        "rule/unknown-attribute: a metric has no `nam`, so this rule would look at nothing"
    );
    assert_eq!(refused(&text("{x.name}")), "rule/bad-place: `x` stands for nothing in this rule");
    assert_eq!(refused(&text("{m.name")), "rule/bad-place: a `{` of this text is alone");
    assert_eq!(refused(&text("m.name}")), "rule/bad-place: a `}` of this text is alone");
    assert_eq!(refused(&text("{}")), "rule/bad-place: `{}` is no place for a value");
    assert_eq!(refused(&text("{m.name + 1}")), "rule/bad-place: `{m.name + 1}` is no place for a value");
}

#[test]
fn a_bad_place_is_shown_in_the_text() {
    let text =
        format!("{SHOP}rule tried {{ for: m in metrics require: m.owner is not null message: \"has {{m.nam}} no\" }}");
    let (_, found) = model_of(&text);
    let span = found[0].primary.as_ref().unwrap().span;
    assert_eq!(&text[span.start as usize..span.end as usize], "nam");
}

#[test]
fn findings_point_at_a_key() {
    let text = format!(
        "{SHOP}{SUBJECTS}rule tried {{ for: m in metrics require: m.status = \"active\" and m.tags is null message: \"no\" at: tags }}"
    );
    let (model, _) = model_of(&text);
    let findings = judge(&model, date(2026, 7, 1)).findings;
    let places = findings.iter().map(|finding| finding.primary.as_ref().unwrap().span);
    let places: Vec<&str> = places.map(|span| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(places, ["orders_placed", "board, weekly"]);
}

#[test]
fn levels_are_those_of_the_policy() {
    let (mut model, _) = found(&rule("m.owner is not null"));
    let levels =
        |model: &Model| judge(model, date(2026, 7, 1)).findings.iter().map(|one| one.severity).collect::<Vec<_>>();
    assert_eq!(levels(&model), [Severity::Error, Severity::Error]);
    model.policy = Policy { levels: vec![("rule/tried".into(), Some(Severity::Warning))], ..Policy::default() };
    assert_eq!(levels(&model), [Severity::Warning, Severity::Warning]);
    model.policy = Policy { levels: vec![("rule/tried".into(), None)], ..Policy::default() };
    assert_eq!(levels(&model), []);
}

#[test]
fn waivers_set_aside() {
    let waiver = |on: &str, until: &str| {
        let text = format!(
            "{} waiver aside {{ rule: tried on: {on} because: \"b\" approved_by: shop until: {until} }}",
            rule("m.owner is not null")
        );
        let judgement = judged(&text);
        let codes: Vec<&str> = judgement.findings.iter().map(|finding| finding.code.id).collect();
        let waived: Vec<String> = judgement.waived.iter().map(|waived| waived.finding.headline.clone()).collect();
        (codes.join(" "), waived.join(" "), judgement.in_force, judgement.ending_soon)
    };
    let row = |codes: &str, waived: &str, in_force, soon| (codes.to_owned(), waived.to_owned(), in_force, soon);
    assert_eq!(waiver("metric.held", "2026-12-31"), row("rule/tried", "held", 1, 0));
    assert_eq!(waiver("metric.held, metric.orders_placed", "2026-07-31"), row("", "held orders_placed", 1, 1));
    assert_eq!(waiver("metric.held, metric.orders_placed", "2026-07-01"), row("", "held orders_placed", 1, 1));
    assert_eq!(waiver("metric.held", "2026-06-30"), row("rule/tried rule/tried governance/expired-waiver", "", 0, 0));
    assert_eq!(waiver("metric.revenue", "2026-12-31"), row("rule/tried rule/tried governance/unused-waiver", "", 0, 0));
    assert_eq!(
        waiver("metric.held, metric.revenue", "2026-12-31"),
        row("rule/tried governance/unused-waiver", "held", 1, 0)
    );
}

#[test]
fn waivers_name_what_there_is() {
    let waiver = |rule_name: &str, on: &str| {
        refused(&format!(
            "{} waiver aside {{ rule: {rule_name} on: {on} because: \"b\" approved_by: shop until: 2026-12-31 }}",
            rule("m.owner is not null")
        ))
    };
    assert_eq!(
        waiver("trid", "metric.held"),
        "governance/unknown-rule: there is no rule `trid`, so this waiver sets nothing aside"
    );
    assert_eq!(
        waiver("\"rule/tried\"", "metric.hed"),
        "name/unknown: there is no metric `hed`, so this waiver sets nothing aside for it"
    );
    assert_eq!(
        waiver("tried", "held"),
        "name/unknown: `held` does not say of which kind it is, so this waiver is for nothing"
    );
}
