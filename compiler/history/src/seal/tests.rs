//! Locks in temporary repositories.

use super::lock::Settings;
use super::*;
use crate::repository::Repository;
use git2::{Commit, IndexAddOption, Oid, Signature, Time};
use groma_model::meaning::FORM;
use groma_model::{Diagnostic, SmolStr};
use groma_project::{DiskWorld, Project, compile};
use jiff::civil::date;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = "project: shop\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n";

const SOURCE: &str = "source orders {
  file: \"orders.csv\"
  key:  order_id
  time: ordered_on
  columns {
    order_id:   text
    ordered_on: date
    region:     text
    refunded:   bool
    amount:     decimal(12, 2) in eur
  }
}
";

const REVENUE: &str = "metric revenue { from: orders  measure: sum(amount)  by: region }\n";
const OTHER: &str = "metric orders_count { from: orders  measure: count() }\n";
const PERIOD: &str = "period 2026-Q2 { covers: 2026-04-01 to 2026-06-30  metrics: revenue }\n";

/// A project in a repository of its own.
struct Shop {
    folder: TempDir,
    git: git2::Repository,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(folder.path()).unwrap();
        let shop = Self { folder, git };
        shop.write("groma.yml", MANIFEST);
        shop.declare(&[SOURCE, REVENUE, OTHER, PERIOD]);
        shop.commit("first");
        shop
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn declare(&self, parts: &[&str]) {
        self.write("shop.groma", &parts.concat());
    }

    fn commit(&self, message: &str) -> Oid {
        let parents: Vec<Commit<'_>> =
            self.git.head().ok().map(|head| head.peel_to_commit().unwrap()).into_iter().collect();
        self.commit_on(message, &parents)
    }

    fn commit_on(&self, message: &str, parents: &[Commit<'_>]) -> Oid {
        let mut index = self.git.index().unwrap();
        index.clear().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.write().unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let ada = Signature::new("Ada", "ada@shop.example", &Time::new(1_782_900_000, 0)).unwrap();
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        self.git.commit(Some("HEAD"), &ada, &ada, message, &tree, &parents).unwrap()
    }

    fn project(&self) -> Project {
        let project = compile(&DiskWorld::new(self.path()));
        assert!(!project.has_errors(), "{:?}", project.diagnostics);
        project
    }

    fn repository(&self) -> Repository {
        Repository::around(self.path(), None).unwrap()
    }

    /// The lock as it would be now.
    fn fresh(&self, project: &Project) -> Lock {
        self.fresh_in(FORM, project)
    }

    /// The same over a form of meanings.
    fn fresh_in(&self, form: u32, project: &Project) -> Lock {
        let period = project.model.period_named("2026-Q2").unwrap();
        let names: Vec<SmolStr> =
            project.model.reported(period).iter().map(|id| project.model.metric(*id).header.name.clone()).collect();
        let maker = Maker {
            generator: Generator { name: "groma".to_owned(), version: "0.1.0".to_owned(), tzdb: "2026a".to_owned() },
            form,
            period: Sealed::of(period),
            commit: self.git.head().unwrap().target().unwrap().to_string(),
            metrics: &names,
        };
        lock(maker, project, &mut Forms::of(project))
    }

    fn freeze(&self) -> Oid {
        let lock = self.fresh(&self.project());
        assert_eq!(lock.metrics.keys().collect::<Vec<_>>(), ["revenue"]);
        self.write("freezes/2026-Q2.lock", &lock.text());
        self.commit("frozen")
    }

    fn lock(&self) -> Lock {
        let text = fs::read_to_string(self.path().join("freezes/2026-Q2.lock")).unwrap();
        Lock::read("freezes/2026-Q2.lock", &text).unwrap()
    }

    fn verified(&self) -> Vec<String> {
        let mut project = compile(&DiskWorld::new(self.path()));
        let found = verify(&self.repository(), &mut project, date(2026, 7, 2)).unwrap().findings;
        found.iter().map(|finding| format!("{}: {}", finding.code.id, finding.headline)).collect()
    }

    fn codes(&self) -> Vec<String> {
        self.verified().iter().map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
    }
}

#[test]
fn a_lock_is_read_as_it_was_written() {
    let shop = Shop::new();
    shop.freeze();
    let lock = shop.lock();
    let text = lock.text();
    assert_eq!(Lock::read("freezes/2026-Q2.lock", &text).unwrap().text(), text);
    // Whatever the ends of its lines, and the order of its keys.
    assert!(Lock::read("freezes/2026-Q2.lock", &text.replace('\n', "\r\n")).is_ok());
    assert_eq!(
        lock.project,
        Settings { timezone: "UTC".to_owned(), week_starts: "monday".to_owned(), fiscal_year_starts: 1 }
    );
    let code = |text: &str| Lock::read("freezes/2026-Q2.lock", text).unwrap_err().code.id;
    assert_eq!(code(&text.replace("2026-06-30", "2026-05-31")), "freeze/lock-edited");
    assert_eq!(code(&text.replace("\"version\": 1,", "\"version\": 7,")), "freeze/lock-newer");
    assert_eq!(code("frozen"), "freeze/lock-unreadable");
    assert_eq!(code("{}"), "freeze/lock-unreadable");
    assert_eq!(Lock::read("freezes/2026-Q3.lock", &text).unwrap_err().code.id, "freeze/lock-unreadable");
    let newer = Lock { form: FORM + 1, ..lock.clone() }.text();
    assert_eq!(code(&newer), "freeze/lock-newer");
    // A lock without some of its parts, but with a digest of its own.
    for key in ["generator", "period", "metrics", "restatements", "commit"] {
        let mut value = serde_json::to_value(&lock).unwrap();
        value.as_object_mut().unwrap().remove(key);
        assert!(Lock::read("freezes/2026-Q2.lock", &value.to_string()).is_err(), "{key}");
    }
}

#[test]
fn no_cut_or_altered_lock_is_taken_for_one() {
    let shop = Shop::new();
    shop.freeze();
    let text = shop.lock().text();
    let trimmed = text.trim_end().len();
    for end in 0..trimmed {
        assert!(Lock::read("freezes/2026-Q2.lock", &text[..end]).is_err(), "cut at {end}");
    }
    let mut seed = 7_u64;
    for _ in 0..500 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap() % trimmed;
        let mut bytes = text.clone().into_bytes();
        if bytes[at].is_ascii_alphanumeric() {
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(Lock::read("freezes/2026-Q2.lock", &altered).is_err(), "{at}");
        }
    }
}

#[test]
fn what_changes_a_sealed_number_is_found_and_nothing_else() {
    let shop = Shop::new();
    shop.freeze();
    assert_eq!(shop.verified(), Vec::<String>::new());
    let changed = |parts: &[&str]| {
        shop.declare(parts);
        shop.codes()
    };
    let later = "metric revenue { from: orders  measure: sum(amount)  by: region
      version 2 { from: 2026-07-01  measure: sum(amount where not refunded) } }\n";
    let inside = later.replace("2026-07-01", "2026-06-01");
    let documented = format!("/// What customers paid.\n{REVENUE}");
    let grouped = REVENUE.replace("by: region", "by: region, refunded");
    let fine: [&[&str]; 5] = [
        &[PERIOD, OTHER, REVENUE, "// moved\n", SOURCE],
        &[SOURCE, &documented, PERIOD],
        &[SOURCE, &grouped, PERIOD],
        &[SOURCE, later, PERIOD],
        &[SOURCE, REVENUE],
    ];
    for parts in fine {
        assert_eq!(changed(parts), Vec::<String>::new(), "{parts:?}");
    }
    let filtered = REVENUE.replace("sum(amount)", "sum(amount where not refunded)");
    let ungrouped = REVENUE.replace("  by: region", "");
    let renamed = REVENUE.replace("revenue", "turnover");
    let draft = REVENUE.replace("by: region", "by: region  status: draft");
    let late = SOURCE.replace("  time: ordered_on", "  time: ordered_on\n  late: 2 days");
    let bad: [&[&str]; 7] = [
        &[SOURCE, &filtered],
        &[SOURCE, &ungrouped],
        &[SOURCE, &renamed],
        &[SOURCE, OTHER],
        &[SOURCE, &draft],
        &[SOURCE, &inside],
        &[&late, REVENUE],
    ];
    for parts in bad {
        assert_eq!(changed(parts), ["freeze/changed"], "{parts:?}");
    }
}

#[test]
fn a_lock_may_not_be_edited_taken_away_or_swapped() {
    let shop = Shop::new();
    shop.freeze();
    let place = shop.path().join("freezes/2026-Q2.lock");
    let sealed = fs::read_to_string(&place).unwrap();

    fs::remove_file(&place).unwrap();
    assert_eq!(shop.codes(), ["freeze/lock-edited"]);
    shop.commit("taken away");
    assert_eq!(shop.codes(), ["freeze/lock-edited"]);

    // Sealed anew, with a digest of its own, as if it had always been so.
    shop.declare(&[SOURCE, &REVENUE.replace("sum(amount)", "max(amount)"), PERIOD]);
    shop.commit("another definition");
    let other = shop.fresh(&shop.project());
    fs::write(&place, other.text()).unwrap();
    assert_eq!(shop.codes(), ["freeze/lock-edited"]);
    shop.commit("another lock");
    assert_eq!(shop.codes(), ["freeze/lock-edited"]);

    // What was sealed is back, and so is the definition.
    fs::write(&place, sealed.replace('\n', "\r\n")).unwrap();
    shop.declare(&[SOURCE, REVENUE, PERIOD]);
    assert_eq!(shop.codes(), Vec::<String>::new());
    shop.commit("as it was");
    assert_eq!(shop.codes(), Vec::<String>::new());
}

#[test]
fn a_merge_that_drops_a_lock_is_found() {
    let shop = Shop::new();
    let base = shop.git.head().unwrap().peel_to_commit().unwrap();
    let frozen = shop.freeze();
    let frozen = shop.git.find_commit(frozen).unwrap();
    // A merge of both that keeps the side without the lock.
    fs::remove_dir_all(shop.path().join("freezes")).unwrap();
    shop.commit_on("merged", &[frozen, base]);
    assert_eq!(shop.codes(), ["freeze/lock-edited"]);
}

#[test]
fn only_committed_declarations_are_sealed() {
    let shop = Shop::new();
    assert!(committed(&shop.repository()).is_ok());
    shop.write("notes.md", "not a declaration");
    assert!(committed(&shop.repository()).is_ok());
    let text = fs::read_to_string(shop.path().join("shop.groma")).unwrap();
    shop.write("shop.groma", &text.replace('\n', "\r\n"));
    assert!(committed(&shop.repository()).is_ok());
    let refused = |shop: &Shop| -> Diagnostic { *committed(&shop.repository()).unwrap_err() };
    shop.write("shop.groma", &text.replace("sum(amount)", "max(amount)"));
    assert!(refused(&shop).headline.contains("shop.groma differs"), "{}", refused(&shop).headline);
    shop.write("shop.groma", &text);
    shop.write("more.groma", OTHER);
    // Also what git is told not to see is part of the project.
    shop.write(".gitignore", "more.groma\n");
    assert_eq!(refused(&shop).code.id, "freeze/uncommitted");
    let empty = tempfile::tempdir().unwrap();
    git2::Repository::init(empty.path()).unwrap();
    fs::write(empty.path().join("groma.yml"), MANIFEST).unwrap();
    let repository = Repository::around(empty.path(), None).unwrap();
    assert_eq!(committed(&repository).unwrap_err().code.id, "freeze/uncommitted");
}

/// A lock in which one seal is restated, as `groma freeze --restate` writes it.
fn restated_lock(old: &Lock, fresh: Lock) -> Lock {
    let record = Restatement {
        metric: "revenue".to_owned(),
        exception: "refunds".to_owned(),
        because: "refunds were counted".to_owned(),
        approved_by: vec!["team finance".to_owned()],
        from: old.metrics["revenue"].meaning.clone(),
        to: fresh.metrics["revenue"].meaning.clone(),
        commit: fresh.commit.clone(),
        on: "2026-07-02".to_owned(),
    };
    Lock { restatements: vec![record], ..fresh }
}

#[test]
fn a_restatement_goes_on_from_what_was_sealed_and_cannot_be_undone() {
    let shop = Shop::new();
    shop.freeze();
    let old = shop.lock();
    shop.declare(&[SOURCE, &REVENUE.replace("sum(amount)", "sum(amount where not refunded)"), PERIOD]);
    shop.commit("without refunds");
    let fresh = shop.fresh(&shop.project());
    let new = restated_lock(&old, fresh.clone());
    shop.write("freezes/2026-Q2.lock", &new.text());
    // It is a restatement, and nobody allowed it.
    assert_eq!(shop.codes(), ["freeze/not-restated"]);
    shop.commit("restated");
    assert_eq!(shop.codes(), ["freeze/not-restated"]);

    let wrong = |lock: Lock| {
        shop.write("freezes/2026-Q2.lock", &lock.text());
        shop.codes().contains(&"freeze/lock-edited".to_owned())
    };
    assert!(wrong(old.clone()), "the restatement is taken back");
    assert!(wrong(Lock { restatements: Vec::new(), ..new.clone() }), "its record is taken out");
    let mut other = new.clone();
    other.restatements[0].because = "no reason".to_owned();
    assert!(wrong(other), "its record is rewritten");
    let mut other = new.clone();
    other.period.covers[1] = "2026-05-31".to_owned();
    assert!(wrong(other), "the period is shortened");
    assert!(!wrong(new), "as it was restated");
}

#[test]
fn what_was_sealed_is_found_again() {
    let shop = Shop::new();
    shop.freeze();
    let mut sources = groma_model::SourceMap::default();
    shop.declare(&[SOURCE, &REVENUE.replace("sum(amount)", "max(amount)"), PERIOD]);
    shop.commit("another definition");
    let (locks, found) = Lock::all(&DiskWorld::new(shop.path()), &mut sources);
    assert!(found.is_empty());
    let state = frozen_state(&shop.repository(), &locks[0]).unwrap();
    let fresh = shop.fresh(&state.project);
    assert_eq!(fresh.metrics["revenue"].meaning, locks[0].lock.metrics["revenue"].meaning);
    // The commit is gone after a squash: the one that wrote the lock has the same definitions.
    let mut lock = locks[0].clone();
    lock.lock.commit = "0123456789012345678901234567890123456789".to_owned();
    assert!(frozen_state(&shop.repository(), &lock).is_ok());
}

#[test]
fn a_lock_of_an_old_form_is_judged_by_that_form() {
    let shop = Shop::new();
    let lock = shop.fresh_in(1, &shop.project());
    assert_eq!((lock.form, lock.metrics.len()), (1, 1));
    shop.write("freezes/2026-Q2.lock", &lock.text());
    shop.commit("frozen long ago");
    assert_eq!(shop.verified(), Vec::<String>::new());
    shop.declare(&[PERIOD, "// moved\n", REVENUE, SOURCE]);
    assert_eq!(shop.verified(), Vec::<String>::new());
    shop.declare(&[SOURCE, &REVENUE.replace("sum(amount)", "sum(amount where not refunded)"), PERIOD]);
    assert_eq!(shop.codes(), ["freeze/changed"]);
    shop.declare(&[SOURCE, OTHER]);
    assert_eq!(shop.codes(), ["freeze/changed"]);
}
