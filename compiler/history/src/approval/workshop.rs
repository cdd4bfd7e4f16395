//! A repository with people and real keys, for tests.

use super::{Decision, NAMESPACE, Refusal, Role, Signed, Wish, law, sign};
use crate::comparison::{Compared, State};
use crate::repository::Repository;
use crate::revision::Revision;
use git2::{IndexAddOption, Oid, Repository as Git, RepositoryInitOptions, Signature, Time};
use jiff::Timestamp;
use jiff::civil::Date;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

const MANIFEST: &str = "project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\ndefault_grain: month\n";

const PEOPLE: &str = r#"
team experience { lead: "ada@shop.example"  members: "ada@shop.example", "bo@shop.example" until 2026-07-31 }
team sales { lead: "eve@shop.example"  members: "eve@shop.example" }
council metrics {
  members: "ada@shop.example", "cy@shop.example", "di@shop.example" from 2026-07-01
  quorum:  2
  decides: restating, forward, removing
}
"#;

const METRICS: &str = r#"
source orders {
  file: "orders.csv"
  key:  id
  time: day
  columns { id: text  day: date  amount: decimal(10, 2)  region: text }
}
metric revenue { owner: experience  from: orders  measure: sum(amount)  unit: usd  local_may_change: target }
metric orders_placed { owner: sales  from: orders  measure: count() }
"#;

/// Those who have a key.
pub(crate) const PEOPLE_WITH_KEYS: [&str; 5] = ["ada", "bo", "cy", "di", "eve"];

/// A project in a repository, with a base.
pub(crate) struct Workshop {
    pub(crate) folder: TempDir,
    keys: TempDir,
    git: Git,
    pub(crate) base: Oid,
}

/// Whether ssh-keygen is there; where everything must run, it must be.
pub(crate) fn has_keygen() -> bool {
    let there = Command::new("ssh-keygen").arg("-?").output().is_ok();
    assert!(there || std::env::var("CI").as_deref() != Ok("true"), "ssh-keygen is needed");
    if !there {
        eprintln!("not run: ssh-keygen");
    }
    there
}

impl Workshop {
    /// With everybody's key listed.
    pub(crate) fn new() -> Self {
        Self::with(|name, public| format!("{name}@shop.example namespaces=\"{NAMESPACE},git\" {public}\n"))
    }

    /// With the lines of signers that are made of names and public keys.
    pub(crate) fn with(line: impl Fn(&str, &str) -> String) -> Self {
        let (folder, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let git = Git::init_opts(folder.path(), RepositoryInitOptions::new().initial_head("main")).unwrap();
        git.config().unwrap().set_str("user.email", "ada@shop.example").unwrap();
        let mut workshop = Self { folder, keys, git, base: Oid::ZERO_SHA1 };
        let mut signers = String::new();
        for name in PEOPLE_WITH_KEYS {
            let key = workshop.key(name);
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(&key)
                .output()
                .unwrap();
            assert!(made.status.success());
            let public = fs::read_to_string(key.with_extension("pub")).unwrap();
            signers.push_str(&line(name, public.trim()));
        }
        workshop.write("groma.yml", MANIFEST);
        workshop.write("people.groma", PEOPLE);
        workshop.write("metrics.groma", METRICS);
        workshop.write("approvals/allowed_signers", &signers);
        workshop.base = workshop.commit("ada", "2026-06-01T10:00:00Z");
        workshop
    }

    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.keys.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Replaces a part of a file.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{old} is not in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// The change that most tests are about: revenue leaves small orders out.
    pub(crate) fn restate(&self) {
        self.edit(
            "metrics.groma",
            "from: orders  measure: sum(amount)",
            "from: orders  where: amount > 1  measure: sum(amount)",
        );
    }

    pub(crate) fn commit(&self, author: &str, time: &str) -> Oid {
        let (author, tree, parents) = self.draft(author, time);
        let parents: Vec<_> = parents.iter().collect();
        self.git.commit(Some("HEAD"), &author, &author, "x", &tree, &parents).unwrap()
    }

    /// A commit that is signed with a key, as git does it.
    pub(crate) fn commit_signed(&self, author: &str, time: &str, key: &str) -> Oid {
        let (author, tree, parents) = self.draft(author, time);
        let parents: Vec<_> = parents.iter().collect();
        let content = self.git.commit_create_buffer(&author, &author, "x", &tree, &parents).unwrap();
        let signature = super::keygen::sign("git", &self.key(key), &content).unwrap().unwrap();
        let (content, signature) = (str::from_utf8(&content).unwrap(), str::from_utf8(&signature).unwrap());
        let id = self.git.commit_signed(content, signature.trim_end(), None).unwrap();
        self.git.reference("refs/heads/main", id, true, "x").unwrap();
        id
    }

    fn draft(&self, author: &str, time: &str) -> (Signature<'static>, git2::Tree<'_>, Vec<git2::Commit<'_>>) {
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let seconds = time.parse::<Timestamp>().unwrap().as_second();
        let author = Signature::new(author, &format!("{author}@shop.example"), &Time::new(seconds, 0)).unwrap();
        let parent = self.git.head().ok().map(|head| head.peel_to_commit().unwrap());
        (author, tree, parent.into_iter().collect())
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::around(self.folder.path(), None).unwrap()
    }

    /// The base and the working tree, compared.
    pub(crate) fn compared(&self, today: Date) -> Compared {
        let repository = self.repository();
        let base = Revision::Commit { id: self.base, name: "main".to_owned() };
        let (base, head) = State::two(&repository, base, Revision::WorkingTree).unwrap();
        Compared::of(&repository, base, head, today)
    }

    /// The codes that a comparison finds.
    pub(crate) fn codes(&self, today: Date) -> Vec<&'static str> {
        self.compared(today).findings.iter().map(|finding| finding.code.id).collect()
    }

    pub(crate) fn wish(&self, name: &str) -> Wish {
        Wish {
            names: vec!["revenue".to_owned()],
            decision: Decision::Approve,
            class: None,
            reason: "small orders are tests".to_owned(),
            role: None,
            by: Some(format!("{name}@shop.example")),
            key: Some(self.key(name)),
            on: "2026-07-02T10:00:00Z".parse().unwrap(),
        }
    }

    pub(crate) fn approve_as(&self, wish: &Wish, today: Date) -> Result<Vec<Signed>, Refusal> {
        let compared = self.compared(today);
        let repository = self.repository();
        let law = law(&repository, &compared.base, &compared.head, today).unwrap();
        sign(&repository, &compared, &law, wish)
    }

    /// Approves as somebody of the council.
    pub(crate) fn approve(&self, name: &str, today: Date) -> Signed {
        let wish = Wish { role: Some(Role::Council("metrics".into())), ..self.wish(name) };
        self.approve_as(&wish, today).unwrap().remove(0)
    }
}
