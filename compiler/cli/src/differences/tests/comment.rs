//! A comparison as a comment of a pull request.

use super::*;

#[test]
fn a_comment_begins_with_the_verdict() {
    let page = written(markdown::render);
    let expected = "\
**Groma: rewrites history: 2 metrics restating, 1 of them inherits it through source accounts; removes what is published of 1 \
metric; 1 is frozen in 2026-Q3; of 1 it cannot be shown that nothing changes; approvals are missing for 1**

`the index` → `the working tree`: 1 removing, 2 restating, 1 forward, 1 descriptive

| class | changed | how | frozen | approvals |
|---|---|---|---|---|
| **removing** | metric old | direct |  |  |
| **restating** | metric revenue (version 1) | direct | `2026-Q3` | **missing**: council metrics 1 of 2 (mira@&#8203;shop.example) |
";
    assert!(page.starts_with(expected), "{page}");
    let details = "\
<details><summary>restating: <code>metric revenue (version 1)</code></summary>

- direct, `shop/metrics.groma:10`
- `where` now leaves refunds out

  ```diff
  - amount > 0
  + amount > 0 and not refund
  ```

- undecided: `f(amount)`
";
    assert!(page.contains(details), "{page}");
    assert!(
        page.contains(
            "\n### On `local`: 1 cell differs; 1 metric could not be run\n\n- `revenue`: 12 cells same, 1 changed\n"
        ),
        "{page}"
    );
    assert!(
        page.contains("\n### Findings\n\n- **error** `shop/metrics.groma:10` `test/missing`: an approval is missing"),
        "{page}"
    );
    assert!(page.ends_with("\n<!-- groma:diff -->\n"), "{page}");
}

#[test]
fn nothing_is_said_in_a_short_comment() {
    let page = of(Vec::new(), markdown::render);
    let expected = "**Groma: no number changes: nothing differs in meaning**\n\n`the index` → `the working tree`\n\n\n<!-- groma:diff -->\n";
    assert_eq!(page, expected);
}

/// Many changes, each with much to say.
fn many(number: usize, words: &str) -> Vec<Assessed> {
    let one = |at: usize| {
        let class = CLASSES[at % CLASSES.len()].1;
        let mut one = assessed(change(class, &format!("metric_{at}")));
        one.change.parts = (0..3).map(|_| part(class, words, "a = 1", &"b = 2 and ".repeat(20))).collect();
        one.needs.push(need(2, &[]));
        one
    };
    (0..number).map(one).collect()
}

#[test]
fn a_comment_is_never_too_long_and_says_what_it_lacks() {
    let findings: Vec<Diagnostic> = (0..1000).map(|at| MISSING.finding(format!("{at} {}", "w ".repeat(100)))).collect();
    let metric = |at: usize| MetricData { metric: format!("metric_{at}"), ..MetricData::default() };
    let data = DataReport { target: "local".to_owned(), metrics: (0..5000).map(metric).collect() };
    for (number, words) in [(40, "words"), (200, "words"), (5000, "words"), (5000, &"é|@x ".repeat(500))] {
        let compared = compared(many(number, words));
        let page = markdown::render(&Differences::of(&compared, Some(&data), &findings, ""));
        assert!(page.chars().count() <= 65_000, "{}", page.chars().count());
        assert!(page.chars().count() > 20_000, "{}", page.chars().count());
        let short = markdown::within(&Differences::of(&compared, Some(&data), &findings, ""), 30_000);
        assert!(short.chars().count() <= 30_000, "{}", short.chars().count());
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
        let rows = page.lines().filter(|line| line.starts_with("| ")).count() - 1;
        let detailed = page.matches("<details>").count();
        assert!(detailed > 0 && rows >= detailed, "{rows} {detailed}");
        assert!(page.contains("more findings: `groma diff` shows them all"));
        assert!(page.contains("more metrics: `groma diff` shows them all"));
        if rows < number {
            assert!(page.contains(&format!("There is no room here for {} further changes (", number - rows)), "{page}");
        }
        if detailed < rows {
            assert!(page.contains(&format!("the details of {} changes (", rows - detailed)), "{page}");
        }
        // The weakest are left out first.
        let first = page.find("<details><summary>").unwrap();
        assert!(page[first..].starts_with("<details><summary>removing"), "{number}");
        assert!(number < 5000 || !page.contains("cosmetic: <code>"));
    }
}

#[test]
fn small_changes_are_all_there() {
    let page = of(many(5, "words"), markdown::render);
    assert_eq!(page.matches("<details>").count(), 5);
    assert!(!page.contains("no room"), "{page}");
}

#[test]
fn texts_cannot_leave_their_place() {
    const HOSTILE: &str =
        "</details> <img src=x> | @everyone #1 GH-1 ![x](https://evil.example) `@a | <b>\n\n# head\n```\n@b";
    let mut one = assessed(change(Class::Restating, "a"));
    one.change.subject.1 = HOSTILE.into();
    one.change.was = Some(HOSTILE.into());
    one.change.through = vec![vec![(Kind::Source, HOSTILE.into())]];
    one.change.downstream = vec![(Kind::Metric, HOSTILE.into())];
    one.change.undecided = vec![HOSTILE.to_owned()];
    one.change.parts = vec![part(Class::Restating, HOSTILE, HOSTILE, "````\n</details>\n@c")];
    one.frozen = vec![HOSTILE.into()];
    one.needs = vec![Need { from: Party::Team(HOSTILE.into()), ..need(1, &[HOSTILE]) }];
    let compared = compared(vec![one]);
    let finding = [MISSING.finding(HOSTILE).help(HOSTILE)];
    let mover = Mover { period: HOSTILE.to_owned(), ..Mover::default() };
    let metric = MetricData { metric: HOSTILE.to_owned(), movers: vec![mover], ..MetricData::default() };
    let data = DataReport { target: HOSTILE.to_owned(), metrics: vec![metric] };
    let page = markdown::render(&Differences::of(&compared, Some(&data), &finding, ""));
    let prose = without_code(&page);
    for wrong in ["@e", "@a", "@b", "@c", "<img", "<b>", "#1", "\n# head", "GH-1", "x](", "https://"] {
        assert!(!prose.contains(wrong), "{wrong} in\n{prose}");
    }
    assert_eq!(prose.matches("</details>").count(), 1, "{prose}");
    // A row has as many cells as its table.
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 6, "{line}");
    }
}

/// A page without what stands in code, where nothing is found: blocks, then spans.
fn without_code(page: &str) -> String {
    let mut prose = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let inner = line.trim_start();
        let marks: String = inner.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(open) if marks.len() >= open.len() && inner == marks => fence = None,
            Some(_) => {}
            None if marks.len() >= 3 => fence = Some(marks),
            None => prose.push_str(&format!("{line}\n")),
        }
    }
    assert_eq!(fence, None);
    // A mark with a backslash before it begins no code, and no code of ours holds a mark.
    let prose = prose.replace("\\`", "");
    prose.lines().map(|line| line.split('`').step_by(2).collect::<String>() + "\n").collect()
}
