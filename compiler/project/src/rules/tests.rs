use super::*;
use crate::world::MemoryWorld;
use crate::{codes, compile};

#[test]
fn every_standard_rule_is_proven_by_its_tests() {
    let mut wrong = Vec::new();
    for rule in standard() {
        wrong.extend(rule.prove(&Policy::default()).into_iter().map(|problem| format!("{}: {problem}", rule.code)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tests of a rule stand on its page, where nothing else may be found in them.
#[test]
fn the_tests_of_a_rule_are_about_nothing_else() {
    let mut wrong = Vec::new();
    for rule in standard() {
        for (text, expected) in [(&rule.raises, &[rule.code.as_str()][..]), (&rule.passes, &[])] {
            let project = proof::judged(rule, &Policy::default(), text.as_deref().unwrap_or_default());
            let mut found: Vec<&str> = project.diagnostics.iter().map(|finding| finding.code.id).collect();
            found.dedup();
            if found != expected {
                wrong.push(format!("{} is to raise {expected:?} and raises {found:?}", rule.code));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_standard_rule_says_all_there_is_to_say() {
    for rule in standard() {
        let code = &rule.code;
        assert!(!rule.doc.is_empty() && rule.help.is_some() && rule.why.is_some(), "{code}");
        assert!(rule.raises.is_some() && rule.passes.is_some(), "{code}");
        assert!(!rule.about.is_empty(), "{code}");
    }
    assert!(standard().len() >= 35);
}

#[test]
fn a_level_is_for_a_rule_that_there_is() {
    let project = |levels: &str| {
        let manifest = format!("project: p\npolicy:\n  packs: [ownership]\n  levels: {{ {levels} }}\n");
        let rule = "rule named { for: m in metrics  require: m.doc is not null  message: \"{m.name} has no words\" }";
        compile(&MemoryWorld::with_manifest(&manifest).file("main.groma", rule))
    };
    let levels = |text: &str| {
        let found = unknown_levels(&project(text));
        found.into_iter().map(|finding| (finding.headline, finding.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(levels("ownership/metric-has-owner: off, survey/one-scale: warning, rule/named: warning"), []);
    let [(headline, help)] = &levels("ownership/metric-has-owners: off")[..] else { panic!("one finding") };
    assert_eq!(headline, "`levels` names `ownership/metric-has-owners`, which is no rule");
    assert_eq!(help, "did you mean `ownership/metric-has-owner`?");
    let [(headline, _)] = &levels("time/naive-timestamp: off")[..] else { panic!("one finding") };
    assert!(headline.contains("the compiler checks it"), "{headline}");
}

#[test]
fn rules_of_the_library_have_codes_like_any_finding() {
    assert!(codes::code("ownership/metric-has-owner").is_some());
}
