use super::{Need, Party, Reason};
use crate::approval::workshop::{Workshop, has_keygen};
use crate::approval::{Decision, Role, Wish};
use groma_model::change::Class;
use groma_model::schema::Kind;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 7, 2);
const IN_JUNE: &str = "2026-06-02T10:00:00Z";

fn needs(workshop: &Workshop) -> Vec<Need> {
    let compared = workshop.compared(TODAY);
    let of = compared.changes.into_iter().filter(|one| one.change.subject.0 == Kind::Metric);
    of.flat_map(|one| one.needs).collect()
}

#[test]
fn a_council_needs_as_many_as_its_quorum_and_not_the_author_alone() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    workshop.restate();
    let [need] = needs(&workshop).try_into().unwrap();
    assert_eq!((need.class, &need.from, need.wanted), (Class::Restating, &Party::Council("metrics".into()), 2));
    assert_eq!(need.open, ["ada@shop.example", "cy@shop.example", "di@shop.example"]);
    assert_eq!(need.authors, ["ada@shop.example"]);
    workshop.approve("ada", TODAY);
    workshop.approve("ada", TODAY);
    assert_eq!(workshop.codes(TODAY), ["approval/missing"], "one person counts once");
    workshop.approve("cy", TODAY);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    assert!(needs(&workshop).iter().all(Need::is_met));
    // Another meaning is not what they agreed to; formatting is the same meaning.
    workshop.edit("metrics.groma", "amount > 1", "amount  >  1");
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    workshop.edit("metrics.groma", "amount  >  1", "amount > 2");
    assert_eq!(workshop.codes(TODAY), ["approval/missing"]);
}

#[test]
fn the_author_alone_is_nobody() {
    if !has_keygen() {
        return;
    }
    let mut workshop = Workshop::new();
    workshop.edit("people.groma", "quorum:  2", "quorum:  1");
    workshop.base = workshop.commit("ada", IN_JUNE);
    workshop.restate();
    workshop.approve("ada", TODAY);
    assert_eq!(workshop.codes(TODAY), ["approval/author-alone"]);
    workshop.approve("cy", TODAY);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
}

#[test]
fn a_change_cannot_appoint_itself() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.restate();
    // A council of the author's own, and a key that nobody knew before.
    workshop.edit("people.groma", "quorum:  2", "quorum:  1");
    workshop.edit("people.groma", "\"cy@shop.example\", \"di@shop.example\" from 2026-07-01", "\"eve@shop.example\"");
    let [need] = needs(&workshop).try_into().unwrap();
    assert_eq!((need.wanted, need.open.len()), (2, 3));
    let wish = Wish { role: Some(Role::Council("metrics".into())), ..workshop.wish("eve") };
    assert!(workshop.approve_as(&wish, TODAY).is_err());
}

#[test]
fn an_approval_is_spent_with_its_change() {
    if !has_keygen() {
        return;
    }
    let mut workshop = Workshop::new();
    let original = workshop.read("metrics.groma");
    workshop.restate();
    workshop.approve("ada", TODAY);
    workshop.approve("cy", TODAY);
    workshop.base = workshop.commit("ada", IN_JUNE);
    workshop.write("metrics.groma", &original);
    workshop.approve("ada", TODAY);
    workshop.approve("cy", TODAY);
    workshop.base = workshop.commit("ada", IN_JUNE);
    workshop.restate();
    assert_eq!(workshop.codes(TODAY), ["approval/missing"], "the same meaning as once before");
}

#[test]
fn a_rejection_and_a_milder_class_do_not_count() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.restate();
    workshop.approve("ada", TODAY);
    let wish = Wish {
        decision: Decision::Reject,
        reason: "not yet".to_owned(),
        role: Some(Role::Council("metrics".into())),
        ..workshop.wish("cy")
    };
    workshop.approve_as(&wish, TODAY).unwrap();
    let found = workshop.compared(TODAY).findings;
    assert_eq!(found.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["approval/missing"]);
    let help = found[0].help.clone().unwrap();
    assert!(help.contains("cy@shop.example rejected it: \"not yet\""), "{help}");
    assert!(help.contains("`groma approve revenue --base main`"), "{help}");
}

#[test]
fn a_removed_metric_is_approved_as_what_it_was() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    let metrics = workshop.read("metrics.groma");
    let line = metrics.lines().find(|line| line.starts_with("metric revenue")).unwrap();
    workshop.edit("metrics.groma", line, "");
    assert_eq!(workshop.codes(TODAY), ["approval/missing"]);
    assert_eq!(workshop.approve("ada", TODAY).statement.class, Class::Removing);
    workshop.approve("cy", TODAY);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
}

#[test]
fn where_nobody_decides_it_is_said() {
    if !has_keygen() {
        return;
    }
    let mut workshop = Workshop::new();
    workshop.edit("people.groma", "decides: restating, forward, removing", "decides: forward");
    workshop.base = workshop.commit("ada", IN_JUNE);
    workshop.restate();
    assert_eq!(workshop.codes(TODAY), ["approval/nobody-decides"]);
}

#[test]
fn a_metric_of_others_is_changed_with_their_agreement() {
    if !has_keygen() {
        return;
    }
    // Eve of sales changes revenue, which is experience's.
    let workshop = Workshop::new();
    workshop.edit("metrics.groma", "unit: usd", "unit: usd  better: higher");
    workshop.commit("eve", IN_JUNE);
    assert_eq!(workshop.codes(TODAY), ["approval/not-your-metric"]);
    let [need] = needs(&workshop).try_into().unwrap();
    assert_eq!((need.because, need.from), (Reason::Owns, Party::Team("experience".into())));
    let signed = workshop.approve_as(&workshop.wish("bo"), TODAY).unwrap();
    assert_eq!(signed[0].statement.role, Role::Team("experience".into()));
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    // They agreed to these words, not to others that leave the number as it is.
    workshop.edit("metrics.groma", "better: higher", "better: lower");
    workshop.commit("eve", IN_JUNE);
    assert_eq!(workshop.codes(TODAY), ["approval/not-your-metric"]);
}

#[test]
fn what_is_left_to_others_may_be_changed_by_them() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.edit("metrics.groma", "unit: usd", "unit: usd  target: 100 usd");
    workshop.commit("eve", IN_JUNE);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    // And whatever one's own team answers for.
    workshop.edit("metrics.groma", "measure: count() }", "measure: count()  better: higher }");
    workshop.commit("eve", IN_JUNE);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
    workshop.edit("metrics.groma", "better: higher", "better: lower");
    assert_eq!(workshop.codes(TODAY), ["approval/not-your-metric"], "not committed, so it is whoever works here: ada");
}

#[test]
fn authors_are_those_who_touched_the_declaration() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.edit("metrics.groma", "unit: usd", "unit: usd  better: higher");
    workshop.commit("ada", IN_JUNE);
    // Others move it, format it, and change something else in the same file.
    let metrics = workshop.read("metrics.groma");
    let line = metrics.lines().find(|line| line.starts_with("metric revenue")).unwrap();
    workshop.write("moved.groma", &line.replace("  ", "\n  "));
    workshop.write(
        "metrics.groma",
        &metrics.replace(line, "").replace("measure: count()", "measure: count()  better: higher"),
    );
    workshop.commit("eve", IN_JUNE);
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
}

#[test]
fn membership_is_judged_on_the_day_of_the_commit() {
    if !has_keygen() {
        return;
    }
    for (time, expected) in
        [("2026-07-31T10:00:00Z", vec![]), ("2026-08-01T10:00:00Z", vec!["approval/not-your-metric"])]
    {
        let workshop = Workshop::new();
        workshop.edit("metrics.groma", "unit: usd", "unit: usd  better: higher");
        workshop.commit("bo", time);
        assert_eq!(workshop.codes(date(2026, 8, 2)), expected);
    }
}

#[test]
fn the_policy_says_whose_word_counts() {
    if !has_keygen() {
        return;
    }
    let identity = |word: &str, author: &str, key: Option<&str>| {
        let mut workshop = Workshop::new();
        let manifest = workshop.read("groma.yml");
        workshop.write("groma.yml", &format!("{manifest}policy: {{ identity: {word} }}\n"));
        workshop.base = workshop.commit("ada", IN_JUNE);
        workshop.edit("metrics.groma", "unit: usd", "unit: usd  better: higher");
        match key {
            Some(key) => workshop.commit_signed(author, IN_JUNE, key),
            None => workshop.commit(author, IN_JUNE),
        };
        workshop.codes(TODAY).is_empty()
    };
    assert!(identity("author", "ada", None));
    assert!(!identity("author", "eve", Some("ada")));
    assert!(!identity("signature", "ada", None));
    assert!(identity("signature", "eve", Some("ada")));
    assert!(!identity("signature", "ada", Some("eve")));
    assert!(identity("both", "ada", Some("ada")));
    assert!(!identity("both", "ada", Some("eve")));
    assert!(!identity("both", "eve", Some("ada")));
}

#[test]
fn keys_and_the_manifest_are_policy_that_a_council_may_decide() {
    if !has_keygen() {
        return;
    }
    let mut workshop = Workshop::new();
    workshop.edit("people.groma", "decides: restating", "decides: policy, restating");
    workshop.base = workshop.commit("ada", IN_JUNE);
    let signers = workshop.read(crate::approval::ALLOWED_SIGNERS);
    let eve = signers.lines().find(|line| line.starts_with("eve")).unwrap();
    let pretended = format!("# new\n{signers}{}\n", eve.replace("eve@shop.example", "cy@shop.example"));
    workshop.write(crate::approval::ALLOWED_SIGNERS, &pretended);
    workshop.write("groma.yml", &format!("{}policy: {{ cell: 5 }}\n", workshop.read("groma.yml")));
    assert_eq!(workshop.codes(TODAY), ["approval/missing", "approval/missing"]);
    for name in ["ada", "cy"] {
        let names = vec!["project.signers".to_owned(), "project.policy".to_owned()];
        workshop.approve_as(&Wish { names, ..workshop.wish(name) }, TODAY).unwrap();
    }
    assert_eq!(workshop.codes(TODAY), Vec::<&str>::new());
}
