//! Versions: what changes only from a day on.

use super::{PROJECT, Project, between, edited, lines};

const TAGS: &str = "  tags: money, board\n";

/// The project in which revenue has other entries.
fn with(entries: &str) -> Project {
    Project::of(&edited(PROJECT, &[(TAGS, &format!("{TAGS}{entries}\n"))]))
}

/// What changes, with the words about revenue.
fn told(base: &str, head: &str) -> (Vec<String>, Vec<String>) {
    let changes = between(&with(base), &with(head));
    let revenue = changes.iter().filter(|change| change.subject.1 == "revenue");
    let words = revenue.flat_map(|change| &change.parts).map(|part| format!("{} {}", part.class.word(), part.words));
    (lines(&changes), words.collect())
}

#[test]
fn a_version_from_a_day_to_come_is_forward() {
    let (changes, words) = told("", "version 2 { from: 2026-08-01 where: not refunded }");
    assert_eq!(
        changes,
        [
            "forward metric basket since 2026-08-01 inherited <- metric revenue",
            "forward metric revenue since 2026-08-01",
        ]
    );
    assert_eq!(
        words,
        [
            "forward from 2026-08-01 on: `where` no longer asks `channel in (\"web\", \"app\")`",
            "policy version 2 is new, from 2026-08-01 on",
        ]
    );
}

#[test]
fn a_version_from_today_on_is_not_to_come() {
    for day in ["2026-07-01", "2026-07-02"] {
        let (changes, _) = told("", &format!("version 2 {{ from: {day} where: not refunded }}"));
        assert_eq!(changes[1], format!("restating metric revenue since {day}"));
    }
}

#[test]
fn a_later_version_of_a_function_is_inherited_from_its_day_on() {
    let (changes, words) = told("", "version 2 { from: 2026-08-01 measure: sum(amount) }");
    assert_eq!(changes[1], "forward metric revenue since 2026-08-01");
    assert_eq!(words[0], "forward from 2026-08-01 on: in `measure`, `amount` stands instead of `net(amount)`");
    let base = format!("{}\n", "version 2 { from: 2026-08-01 measure: sum(amount) }");
    let text = edited(PROJECT, &[(TAGS, &format!("{TAGS}{base}"))]);
    let head = edited(&text, &[("value * 0.8", "value * 0.9")]);
    // Only the first version uses it, but it is in force since ever.
    let changes = between(&Project::of(&text), &Project::of(&head));
    assert_eq!(lines(&changes)[2], "restating metric revenue inherited <- function net");
}

#[test]
fn a_function_that_only_a_version_to_come_uses_is_forward() {
    let more = "function half(value: decimal(12, 2) in usd) -> usd { value: value * 0.5 }\nwindow month_long";
    let version = format!("{TAGS}version 2 {{ from: 2026-08-01 measure: sum(half(amount)) }}\n");
    let base = edited(PROJECT, &[("window month_long", more), (TAGS, &version)]);
    let head = edited(&base, &[("value * 0.5", "value * 0.6")]);
    assert_eq!(
        lines(&between(&Project::of(&base), &Project::of(&head))),
        [
            "cosmetic function half",
            "forward metric basket since 2026-08-01 inherited <- metric revenue > function half",
            "forward metric revenue since 2026-08-01 inherited <- function half",
        ]
    );
}

#[test]
fn a_version_moves() {
    let version = |day: &str| format!("version 2 {{ from: {day} where: not refunded }}");
    let (changes, words) = told(&version("2026-08-01"), &version("2026-09-01"));
    assert_eq!(changes[1], "forward metric revenue since 2026-08-01");
    assert_eq!(
        words,
        [
            "forward from 2026-08-01 until 2026-09-01: `where` now also asks `channel in (\"web\", \"app\")`",
            "policy version 2 holds from 2026-09-01 on instead of 2026-08-01",
        ]
    );
    let (changes, _) = told(&version("2026-08-01"), &version("2026-06-01"));
    assert_eq!(changes[1], "restating metric revenue since 2026-06-01");
}

#[test]
fn a_version_is_gone() {
    let (changes, words) = told("version 2 { from: 2026-08-01 where: not refunded }", "");
    assert_eq!(changes[1], "forward metric revenue since 2026-08-01");
    assert_eq!(words.last().unwrap(), "policy version 2 is gone");
    let (changes, _) = told("version 2 { from: 2026-01-01 where: not refunded }", "");
    assert_eq!(changes[1], "restating metric revenue since 2026-01-01");
}

#[test]
fn what_a_version_says_is_only_for_its_days() {
    let version = |condition: &str| format!("version 2 {{ from: 2026-06-01 where: {condition} }}");
    let (changes, words) = told(&version("not refunded"), &version("not refunded and amount > 0"));
    assert_eq!(changes[1], "restating metric revenue since 2026-06-01");
    assert_eq!(words, ["restating from 2026-06-01 on: `where` now also asks `amount > 0`"]);
}

#[test]
fn what_the_first_version_says_is_for_the_days_before() {
    let base = edited(PROJECT, &[(TAGS, &format!("{TAGS}version 2 {{ from: 2026-06-01 where: not refunded }}\n"))]);
    let head = edited(&base, &[("not refunded and channel", "channel")]);
    let changes = between(&Project::of(&base), &Project::of(&head));
    assert_eq!(lines(&changes)[1], "restating metric revenue");
    assert_eq!(changes[1].parts[0].words, "until 2026-06-01: `where` no longer asks `not refunded`");
    // What both versions have is for all days.
    let head = edited(&base, &[("sum(net(amount))", "avg(net(amount))")]);
    let changes = between(&Project::of(&base), &Project::of(&head));
    assert_eq!(changes[1].parts[0].words, "`measure` is `avg(net(amount))` instead of `sum(net(amount))`");
    assert_eq!(changes[1].since, None);
}

#[test]
fn a_version_in_other_words() {
    let version = |condition: &str| format!("version 2 {{ from: 2026-06-01 where: {condition} }}");
    let (changes, words) = told(&version("not refunded and amount > 0"), &version("amount > 0 and not refunded"));
    assert_eq!(changes, ["cosmetic metric revenue"]);
    assert_eq!(words, ["cosmetic `where` is written otherwise"]);
    let (changes, words) = told(&version("not refunded"), &format!("/// Why.\n{}", version("not refunded")));
    assert_eq!(changes, ["descriptive metric revenue"]);
    assert_eq!(words, ["descriptive the description of version 2 says otherwise"]);
}

#[test]
fn a_change_now_and_a_version_to_come_are_both_told() {
    let base = PROJECT.to_owned();
    let version = format!("{TAGS}version 2 {{ from: 2026-08-01 where: amount > 0 }}\n");
    let head =
        edited(&base, &[(TAGS, &version), ("sum(net(amount))", "sum(amount)"), ("better: higher", "better: lower")]);
    let changes = between(&Project::of(&base), &Project::of(&head));
    let words: Vec<String> =
        changes[1].parts.iter().map(|part| format!("{} {}", part.class.word(), part.words)).collect();
    assert_eq!(
        words,
        [
            "restating in `measure`, `amount` stands instead of `net(amount)`",
            "forward from 2026-08-01 on: `where` asks `amount > 0` instead of `not refunded` and `channel in (\"web\", \"app\")`",
            "policy `better` is `lower` instead of `higher`",
            "policy version 2 is new, from 2026-08-01 on",
        ]
    );
    assert_eq!(changes[1].since, None);
}
