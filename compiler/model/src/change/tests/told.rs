//! What is said where a table of edits does not reach: broken declarations, what is downstream, two sources of one change.

use super::{Class, PROJECT, Project, between, edited, lines};

#[test]
fn what_cannot_be_read_is_restating_and_says_so() {
    let base = Project::of(PROJECT);
    let head = Project::broken(&edited(PROJECT, &[("measure: sum(net(amount))", "measure: sum(nett(amount))")]));
    let changes = between(&base, &head);
    let revenue = changes.iter().find(|change| change.subject.1 == "revenue").unwrap();
    assert_eq!((revenue.class, revenue.after, revenue.direct), (Class::Restating, None, true));
    assert!(revenue.before.is_some());
    assert_eq!(revenue.undecided, ["its meaning cannot be read in the head"]);
    let basket = changes.iter().find(|change| change.subject.1 == "basket").unwrap();
    assert_eq!((basket.class, basket.direct), (Class::Restating, false));
    let back = between(&head, &base);
    let revenue = back.iter().find(|change| change.subject.1 == "revenue").unwrap();
    assert_eq!(revenue.undecided, ["its meaning cannot be read in the base"]);
    // What is broken on both sides alike is not told.
    assert_eq!(between(&head, &head), []);
}

#[test]
fn a_broken_source_breaks_no_words_of_others() {
    let base = Project::of(PROJECT);
    let head = Project::broken(&edited(
        PROJECT,
        &[("amount: decimal(12, 2) in usd\n    channel", "amount: money\n    channel")],
    ));
    let changes = between(&base, &head);
    let orders = changes.iter().find(|change| change.subject.1 == "orders").unwrap();
    assert_eq!(orders.class, Class::Restating);
    assert!(!lines(&changes).iter().any(|line| line.contains("metric nps")), "{:#?}", lines(&changes));
}

#[test]
fn the_places_are_those_of_the_head() {
    let base = Project::of(PROJECT);
    let head = Project::of(&edited(PROJECT, &[("better: higher", "better: lower")]));
    let changes = between(&base, &head);
    let part = changes[0].parts[0].span.unwrap();
    assert_eq!(head.sources.slice(part), "better: lower");
    assert_eq!(head.sources.slice(changes[0].span.unwrap()), "revenue");
    // What is gone stands in the base.
    let head = Project::of(&edited(
        PROJECT,
        &[("team growth { title: \"Growth\" lead: \"growth@shop.example\" }\n", "team growth { }\n")],
    ));
    assert_eq!(between(&base, &head).len(), 1);
}

#[test]
fn a_name_taken_from_the_standard_library_is_inherited() {
    let base = edited(PROJECT, &[("sum(net(amount))", "sum(amount)")]);
    let head = edited(
        &base,
        &[("function net(", "function sum_of(value: float) -> float { value: value * 2 }\nfunction net(")],
    );
    let changes = between(&Project::of(&base), &Project::of(&head));
    assert_eq!(lines(&changes), ["cosmetic function sum_of"]);
}

#[test]
fn two_declarations_of_one_meaning_are_told_apart() {
    let twice = "metric orders_count { owner: shop from: orders measure: count() }\n";
    let base = edited(
        PROJECT,
        &[(
            twice,
            &format!(
                "{twice}metric a1 {{ from: orders measure: count() where: refunded }}\nmetric a2 {{ from: orders measure: count() where: refunded }}\n"
            ),
        )],
    );
    let head = edited(&base, &[("metric a1", "metric b1"), ("metric a2", "metric b2")]);
    let changes = between(&Project::of(&base), &Project::of(&head));
    assert_eq!(lines(&changes), ["removing metric b1 was a1", "removing metric b2 was a2"]);
    let head = edited(&base, &[("metric a1 { from: orders measure: count() where: refunded }\n", "")]);
    let changes = between(&Project::of(&base), &Project::of(&head));
    assert_eq!(lines(&changes), ["removing metric a1"]);
}

#[test]
fn a_new_name_with_another_meaning_is_an_addition_and_a_removal() {
    let head = edited(PROJECT, &[("metric leaving {", "metric left {"), ("min(amount)", "max(amount)")]);
    let changes = between(&Project::of(PROJECT), &Project::of(&head));
    let told = lines(&changes);
    assert!(told.contains(&"removing metric leaving".to_owned()), "{told:#?}");
    assert!(told.contains(&"additive metric left".to_owned()), "{told:#?}");
}

/// A column that a metric does not read is no reason for its numbers.
#[test]
fn a_column_that_is_not_read_is_not_inherited() {
    let head =
        edited(PROJECT, &[("note: text, optional", "note: int, optional"), ("sum(net(amount))", "max(net(amount))")]);
    let changes = between(&Project::of(PROJECT), &Project::of(&head));
    let told = lines(&changes);
    assert!(told.contains(&"restating metric revenue".to_owned()), "{told:#?}");
    let head = edited(PROJECT, &[("note: text, optional", "note: int, optional"), ("value * 0.8", "value * 0.9")]);
    let changes = between(&Project::of(PROJECT), &Project::of(&head));
    let told = lines(&changes);
    assert!(told.contains(&"restating metric revenue inherited <- function net".to_owned()), "{told:#?}");
}
