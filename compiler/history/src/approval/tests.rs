use super::workshop::{Workshop, has_keygen};
use super::*;
use jiff::civil::date;

const TODAY: Date = date(2026, 7, 2);

fn refused(result: Result<Vec<Signed>, Refusal>) -> String {
    match result {
        Ok(signed) => panic!("{signed:?}"),
        Err(Refusal::Found(finding)) => finding.code.id.to_owned(),
        Err(Refusal::Asked { headline, .. }) => headline,
    }
}

#[test]
fn a_statement_is_read_as_it_was_written() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.restate();
    let signed = workshop.approve("cy", TODAY);
    let bytes = workshop.read(&signed.path).into_bytes();
    assert_eq!(Statement::read(&bytes).unwrap(), signed.statement);
    assert_eq!(bytes.last(), Some(&b'\n'));
    assert_eq!(signed.statement.subject_name(), "metric/revenue@1");
    let digest = signed.statement.digest.to_string();
    assert_eq!(signed.path, format!("approvals/revenue@1-{}-cy-shop-example.json", &digest[..12]));
    // What others add to it is left alone.
    let more = workshop.read(&signed.path).replacen("\"predicate\": {", "\"predicate\": {\n    \"more\": [1],", 1);
    assert_eq!(Statement::read(more.as_bytes()).unwrap(), signed.statement);
    for (old, new, expected) in [
        ("metric/revenue@1", "kitten/revenue", "is about `kitten/revenue`"),
        ("gromaMeaning2", "gromaMeaning3", "is newer than this Groma"),
        ("gromaMeaning2", "gromaMeaning1", "does not say enough"),
        ("\"restating\"", "\"grave\"", "has the class `grave`"),
        ("\"restating\"", "7", "is no statement"),
        ("council.metrics", "metrics", "has the role `metrics`"),
        ("in-toto.io/Statement/v1", "in-toto.io/Statement/v2", "is about something else"),
    ] {
        let text = workshop.read(&signed.path).replace(old, new);
        let problem = Statement::read(text.as_bytes()).unwrap_err();
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn each_way_not_to_count_has_its_own_code() {
    if !has_keygen() {
        return;
    }
    type Spoil = fn(&Workshop, &str);
    let cases: [(&str, Spoil); 9] = [
        ("approval/tampered", |it, path| it.edit(path, "small orders", "big orders")),
        ("approval/tampered", |it, path| it.edit(path, "cy@shop.example", "di@shop.example")),
        ("approval/unreadable", |it, path| it.write(path, "{}\n")),
        ("approval/unreadable", |it, path| it.edit(path, "\"restating\"", "[]")),
        ("approval/unreadable", |it, path| std::fs::remove_file(it.folder.path().join(format!("{path}.sig"))).unwrap()),
        ("approval/unreadable", |it, path| it.write(&format!("{path}.sig"), "-----BEGIN PGP SIGNATURE-----\n")),
        ("approval/unreadable", |it, path| it.edit(&format!("{path}.sig"), "U1NIU0lH", "AAAA")),
        ("approval/wrong-namespace", |it, path| resign(it, path, "cy", "git")),
        ("approval/unknown-key", |it, path| resign(it, path, "eve", NAMESPACE)),
    ];
    for (expected, spoil) in cases {
        let workshop = Workshop::new();
        workshop.restate();
        let signed = workshop.approve("cy", TODAY);
        assert_eq!(workshop.codes(TODAY), ["approval/missing"]);
        spoil(&workshop, &signed.path);
        let codes = workshop.codes(TODAY);
        assert!(
            codes.contains(&expected) && codes.contains(&"approval/missing") && codes.len() == 2,
            "{expected}: {codes:?}"
        );
        let mut project = workshop.compared(TODAY).head.project;
        let all = verify_all(&workshop.repository(), &mut project, TODAY).unwrap();
        assert_eq!(all.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), [expected]);
        let place = all[0].primary.as_ref().unwrap().span;
        assert!(project.sources.file(place.file).path.starts_with("approvals/"));
    }
}

/// Signs a statement again, with another key or for something else.
fn resign(workshop: &Workshop, path: &str, key: &str, namespace: &str) {
    let bytes = workshop.read(path).into_bytes();
    let signature = keygen::sign(namespace, &workshop.key(key), &bytes).unwrap().unwrap();
    workshop.write(&format!("{path}.sig"), &String::from_utf8(signature).unwrap());
}

#[test]
fn a_key_counts_from_its_first_to_its_last_day_in_the_order_of_commits() {
    if !has_keygen() {
        return;
    }
    let dated = |name: &str, public: &str| {
        format!("{name}@shop.example valid-after=\"20260610\",valid-before=\"20260715\" {public}\n")
    };
    for (time, expected) in [
        ("2026-06-05T10:00:00Z", "approval/key-not-yet-valid"),
        ("2026-07-02T10:00:00Z", "approval/missing"),
        ("2026-07-20T10:00:00Z", "approval/key-expired"),
    ] {
        let workshop = Workshop::with(dated);
        workshop.restate();
        workshop.commit("ada", "2026-06-02T10:00:00Z");
        workshop.approve("cy", TODAY);
        workshop.commit("cy", time);
        assert_eq!(workshop.codes(date(2026, 8, 1))[0], expected, "{time}");
        // What is committed later on top of it changes nothing.
        workshop.write("notes.md", "later");
        workshop.commit("cy", "2026-07-30T10:00:00Z");
        assert_eq!(workshop.codes(date(2026, 8, 1))[0], expected, "{time}");
    }
    // Whoever signs later cannot write an earlier day into the commit.
    let workshop = Workshop::with(dated);
    workshop.restate();
    workshop.commit("ada", "2026-07-20T10:00:00Z");
    workshop.approve("cy", TODAY);
    workshop.commit("cy", "2026-07-02T10:00:00Z");
    assert_eq!(workshop.codes(date(2026, 8, 1))[0], "approval/key-expired");
    // Not in a commit: judged on the day itself.
    let workshop = Workshop::with(dated);
    workshop.restate();
    workshop.approve("cy", TODAY);
    assert_eq!(workshop.codes(TODAY), ["approval/missing"]);
    assert_eq!(workshop.codes(date(2026, 7, 16))[0], "approval/key-expired");
}

#[test]
fn whoever_has_left_or_not_come_yet_does_not_count() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.restate();
    workshop.commit("ada", "2026-06-02T10:00:00Z");
    workshop.approve("di", TODAY);
    workshop.commit("di", "2026-06-20T10:00:00Z");
    assert_eq!(workshop.codes(TODAY), ["approval/not-a-member", "approval/missing"]);
    let wish = Wish { role: Some(Role::Team("experience".into())), ..workshop.wish("bo") };
    workshop.approve_as(&wish, TODAY).unwrap();
    workshop.commit("bo", "2026-08-02T10:00:00Z");
    assert_eq!(workshop.codes(date(2026, 8, 3)).iter().filter(|code| **code == "approval/not-a-member").count(), 2);
}

#[test]
fn nothing_is_signed_that_would_not_count() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    assert!(refused(workshop.approve_as(&workshop.wish("cy"), TODAY)).contains("nothing to approve"));
    workshop.restate();
    let council = Some(Role::Council("metrics".into()));
    let wish = |name: &str| workshop.wish(name);
    let tries = [
        (Wish { role: council.clone(), ..wish("eve") }, "approval/not-a-member"),
        (wish("eve"), "approval/not-a-member"),
        (Wish { key: Some(workshop.key("di")), ..wish("cy") }, "approval/unknown-key"),
        (Wish { key: Some(workshop.key("nobody")), ..wish("cy") }, "there is no key"),
        (Wish { class: Some(groma_model::change::Class::Additive), ..wish("cy") }, "which is more than `additive`"),
        (Wish { names: vec!["profit".to_owned()], ..wish("cy") }, "there is no metric `profit`"),
        (Wish { names: vec!["revenue".to_owned(), "orders_placed".to_owned()], ..wish("cy") }, "nothing to approve"),
    ];
    for (wish, expected) in tries {
        let problem = refused(workshop.approve_as(&wish, TODAY));
        assert!(problem.contains(expected), "{problem}");
    }
    let left: Vec<String> = Approvals::read(&workshop.repository(), &Revision::WorkingTree)
        .unwrap()
        .files
        .into_iter()
        .map(|approval| approval.path)
        .collect();
    assert_eq!(left, Vec::<String>::new());
    // The role is that of the council, which is needed; whoever is of the team alone is not asked.
    assert_eq!(workshop.approve_as(&wish("cy"), TODAY).unwrap()[0].statement.role, Role::Council("metrics".into()));
}

#[test]
fn lines_of_signers_that_nobody_understands_are_shown() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    let signers = workshop.read(ALLOWED_SIGNERS);
    workshop.write(ALLOWED_SIGNERS, &format!("{signers}cy@shop.example\n"));
    let mut project = workshop.compared(TODAY).head.project;
    let found = verify_all(&workshop.repository(), &mut project, TODAY).unwrap();
    assert_eq!(found.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["approval/unreadable"]);
    assert_eq!(project.sources.slice(found[0].primary.as_ref().unwrap().span), "cy@shop.example");
}

#[test]
fn a_checkout_may_change_the_ends_of_lines() {
    if !has_keygen() {
        return;
    }
    let workshop = Workshop::new();
    workshop.restate();
    let signed = workshop.approve("cy", TODAY);
    workshop.commit("ada", "2026-07-02T10:00:00Z");
    let text = workshop.read(&signed.path);
    workshop.write(&signed.path, &text.replace('\n', "\r\n"));
    assert_eq!(workshop.codes(TODAY), ["approval/missing"]);
}
