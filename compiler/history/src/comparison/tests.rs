use super::*;
use git2::{IndexAddOption, Repository as Git, RepositoryInitOptions, Signature, Time};
use std::fs;
use tempfile::TempDir;

const MANIFEST: &str = "project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\n";
const SOURCE: &str =
    "source orders { file: \"o.csv\" key: id time: day columns { id: text day: date amount: decimal(10, 2) } }\n";
const METRIC: &str = "metric revenue { from: orders measure: sum(amount) }\n";

fn commit(folder: &TempDir, files: &[(&str, &str)]) {
    let git = Git::open(folder.path())
        .unwrap_or_else(|_| Git::init_opts(folder.path(), RepositoryInitOptions::new().initial_head("main")).unwrap());
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    let mut index = git.index().unwrap();
    index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let ada = Signature::new("Ada", "ada@shop.example", &Time::new(1_780_000_000, 0)).unwrap();
    let parent = git.head().ok().map(|head| head.peel_to_commit().unwrap());
    let parents: Vec<_> = parent.iter().collect();
    git.commit(Some("HEAD"), &ada, &ada, "x", &tree, &parents).unwrap();
}

fn compared(folder: &TempDir) -> Compared {
    let repository = Repository::around(folder.path(), None).unwrap();
    let (base, head) = (repository.revision("HEAD~1").unwrap(), repository.revision("HEAD").unwrap());
    let (base, head) = State::two(&repository, base, head).unwrap();
    Compared::of(&repository, base, head, jiff::civil::date(2026, 7, 2))
}

#[test]
fn a_project_that_had_not_begun_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    commit(&folder, &[("README.md", "hello")]);
    commit(&folder, &[("groma.yml", MANIFEST), ("m.groma", &format!("{SOURCE}{METRIC}"))]);
    let compared = compared(&folder);
    assert!(compared.base_errors.is_empty(), "{:?}", compared.base_errors);
    assert!(!compared.head.project.has_errors());
    assert!(compared.changes.iter().all(|one| one.change.subject.0 != Kind::Project));
}

#[test]
fn what_is_wrong_with_the_base_is_shown_as_the_bases() {
    let folder = tempfile::tempdir().unwrap();
    let broken = format!("{SOURCE}metric revenue {{ from: orders measure: sum(amount }}\n");
    commit(&folder, &[("groma.yml", MANIFEST), ("m.groma", &broken)]);
    commit(&folder, &[("m.groma", &format!("{SOURCE}{METRIC}"))]);
    let compared = compared(&folder);
    let codes: Vec<&str> = compared.base_errors.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes[0], "history/base-broken");
    assert!(codes.len() > 1 && codes[1].starts_with("syntax/"), "{codes:?}");
    let place = compared.base_errors[1].primary.as_ref().unwrap().span;
    assert_eq!(compared.head.project.sources.file(place.file).path, "HEAD~1:m.groma");
    assert!(!compared.head.project.has_errors());
    assert!(compared.changes.iter().all(|one| one.change.class != groma_model::change::Class::Additive));
}

#[test]
fn line_ends_are_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("/// All orders,\n/// whatever they are.\n{SOURCE}\n/// Money.\n{METRIC}");
    commit(&folder, &[("groma.yml", MANIFEST), ("m.groma", &text)]);
    commit(&folder, &[("groma.yml", &MANIFEST.replace('\n', "\r\n")), ("m.groma", &text.replace('\n', "\r\n"))]);
    let compared = compared(&folder);
    assert!(compared.base_errors.is_empty() && !compared.head.project.has_errors());
    assert!(compared.changes.is_empty(), "{:?}", compared.changes);
}

#[test]
fn what_git_lacks_is_no_error_of_the_base() {
    let folder = tempfile::tempdir().unwrap();
    commit(&folder, &[("groma.yml", MANIFEST), ("m.groma", &format!("{SOURCE}{METRIC}"))]);
    commit(&folder, &[("m.groma", SOURCE)]);
    let repository = Repository::around(folder.path(), None).unwrap();
    let blob = repository.git().revparse_single("HEAD~1:m.groma").unwrap().id().to_string();
    fs::remove_file(folder.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let states = |repository: &Repository| {
        let (base, head) = (repository.revision("HEAD~1").unwrap(), repository.revision("HEAD").unwrap());
        State::two(repository, base, head).map(|_| ()).unwrap_err()
    };
    let found = states(&repository);
    assert_eq!(found.code.id, "history/unreadable-object");
    assert!(
        found.headline.starts_with("at `HEAD~1`, m.groma cannot be read: git does not give it"),
        "{}",
        found.headline
    );
    repository.git().config().unwrap().set_bool("remote.origin.promisor", true).unwrap();
    assert!(states(&repository).help.unwrap().contains("git archive HEAD~1"));
}
