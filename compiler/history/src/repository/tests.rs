use super::*;
use git2::{IndexAddOption, Repository as Git, RepositoryInitOptions, Signature, Time};
use std::fs;
use tempfile::TempDir;

const MANIFEST: &str = "project: x\nlanguage: 1\ntimezone: UTC\nweek_starts: monday\n";

/// A repository in a temporary folder.
struct Sandbox {
    folder: TempDir,
    git: Git,
}

impl Sandbox {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Git::init_opts(folder.path(), RepositoryInitOptions::new().initial_head("main")).unwrap();
        Self { folder, git }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn stage(&self) {
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
    }

    fn commit(&self, message: &str) -> Oid {
        self.stage();
        let tree = self.git.find_tree(self.git.index().unwrap().write_tree().unwrap()).unwrap();
        let ada = Signature::new("Ada", "ada@shop.example", &Time::new(1_780_000_000, 0)).unwrap();
        let parent = self.git.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        self.git.commit(Some("HEAD"), &ada, &ada, message, &tree, &parents).unwrap()
    }

    fn around(&self) -> Repository {
        Repository::around(self.path(), None).unwrap()
    }

    fn text(&self, revision: &str, path: &str) -> Option<String> {
        text(&self.around(), revision, path)
    }
}

fn world(repository: &Repository, revision: &str) -> Box<dyn World> {
    repository.world(&repository.revision(revision).unwrap()).unwrap()
}

fn text(repository: &Repository, revision: &str, path: &str) -> Option<String> {
    let bytes = world(repository, revision).read(path).unwrap();
    bytes.map(|bytes| String::from_utf8(bytes).unwrap())
}

fn refused<T>(result: Result<T, Box<Diagnostic>>) -> (&'static str, String, String) {
    match result {
        Ok(_) => panic!("nothing was refused"),
        Err(found) => (found.code.id, found.headline, found.help.unwrap_or_default()),
    }
}

#[test]
fn each_state_has_its_own_files() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    sandbox.write("a.groma", "one");
    sandbox.commit("one");
    sandbox.write("a.groma", "two\r\n");
    sandbox.commit("two");
    sandbox.write("a.groma", "three");
    sandbox.stage();
    sandbox.write("a.groma", "four");
    sandbox.write("b.groma", "untracked");
    for (revision, expected) in
        [("HEAD~1", "one"), ("HEAD", "two\r\n"), ("main", "two\r\n"), ("INDEX", "three"), ("WORKTREE", "four")]
    {
        assert_eq!(sandbox.text(revision, "a.groma").as_deref(), Some(expected), "{revision}");
    }
    assert_eq!(sandbox.text("INDEX", "b.groma"), None);
    assert_eq!(world(&sandbox.around(), "INDEX").list().unwrap(), ["a.groma"]);
    assert_eq!(world(&sandbox.around(), "WORKTREE").list().unwrap(), ["a.groma", "b.groma"]);
}

#[test]
fn the_files_of_a_commit_are_those_of_the_folder() {
    let sandbox = Sandbox::new();
    for path in [
        "some/x/groma.yml",
        "some/x/z.groma",
        "some/x/a/b.groma",
        "some/x/a/notes.md",
        "some/x/.hidden/c.groma",
        "some/x/target/d.groma",
        "some/x/nested/e.groma",
        "some/x/nested/groma.yml",
        "some/x/nested/deep/f.groma",
        "some/x/approvals/n.json",
        "some/x/approvals/old/m.json",
        "some/y.groma",
    ] {
        sandbox.write(path, path);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../y.groma", sandbox.path().join("some/x/link.groma")).unwrap();
        std::os::unix::fs::symlink("a", sandbox.path().join("some/x/folder")).unwrap();
        std::os::unix::fs::symlink("/etc/hosts", sandbox.path().join("some/x/out.groma")).unwrap();
    }
    sandbox.commit("one");
    let repository = Repository::around(&sandbox.path().join("some/x"), None).unwrap();
    assert_eq!(repository.folder(), "some/x");
    let disk = world(&repository, "WORKTREE").list().unwrap();
    assert!(disk.contains(&"a/b.groma".to_owned()) && !disk.iter().any(|path| path.starts_with("nested")));
    for revision in ["HEAD", "INDEX"] {
        let world = world(&repository, revision);
        assert_eq!(world.list().unwrap(), disk, "{revision}");
        assert_eq!(world.files("approvals").unwrap(), ["approvals/n.json", "approvals/old/m.json"]);
        assert_eq!(world.files("nowhere").unwrap(), Vec::<String>::new());
        assert_eq!(world.read("nowhere.groma").unwrap(), None);
        assert_eq!(world.read("z.groma/x").unwrap(), None);
        assert!(world.read("a").is_err());
        if cfg!(unix) {
            assert_eq!(world.read("link.groma").unwrap(), Some(b"some/y.groma".to_vec()));
            assert_eq!(world.read("folder/b.groma").unwrap(), Some(b"some/x/a/b.groma".to_vec()));
            assert!(world.read("out.groma").is_err());
        }
    }
}

#[test]
fn revisions_are_found_by_all_their_names() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    let one = sandbox.commit("one");
    sandbox.write("a.groma", "");
    let two = sandbox.commit("two");
    let object = sandbox.git.find_object(one, None).unwrap();
    let ada = Signature::new("Ada", "ada@shop.example", &Time::new(1_780_000_000, 0)).unwrap();
    sandbox.git.tag("v1", &object, &ada, "the first", false).unwrap();
    sandbox.git.tag_lightweight("light", &object, false).unwrap();
    sandbox.git.reference("refs/remotes/origin/main", one, false, "").unwrap();
    let repository = sandbox.around();
    for (name, expected) in [
        ("HEAD", two),
        ("main", two),
        ("@", two),
        ("HEAD~", one),
        ("HEAD^", one),
        ("v1", one),
        ("light", one),
        ("origin/main", one),
        ("main@{1}", one),
        (&one.to_string()[..8], one),
        (":/two", two),
    ] {
        let found = repository.revision(name).unwrap();
        assert_eq!(found, Revision::Commit { id: expected, name: name.to_owned() }, "{name}");
    }
}

#[test]
fn what_is_no_revision_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    let (code, headline, _) = refused(sandbox.around().revision("HEAD"));
    assert_eq!(
        (code, headline.as_str()),
        (UNKNOWN_REVISION.id, "the repository has no commit yet, so there is no `HEAD`")
    );
    sandbox.commit("one");
    sandbox.write("a/b.groma", "");
    sandbox.commit("two");
    for (name, said, help) in [
        ("mian", "`mian` is no commit, branch or tag", "did you mean `main`?"),
        ("mian~2", "`mian~2` is no commit, branch or tag", "did you mean `main`?"),
        ("HEAD~5", "there is no `HEAD~5`: the history holds 2 commits of `HEAD`", "the first commit is `HEAD~1`"),
        ("HEAD:groma.yml", "`HEAD:groma.yml` is a file", "name the commit alone: `HEAD`"),
        ("HEAD:a", "`HEAD:a` is a folder", "name the commit alone: `HEAD`"),
        ("main@{7}", "`main@{7}` is no commit that this repository remembers", ""),
        ("", "`` is no commit", ""),
        ("a..b", "`a..b` is no commit", ""),
        ("HEAD^{nonsense}", "`HEAD^{nonsense}` is no commit", ""),
        ("worktree", "`worktree` is no commit", "it is one of `HEAD`, `INDEX`, `WORKTREE`, `main`"),
    ] {
        let (code, headline, helped) = refused(sandbox.around().revision(name));
        assert_eq!(code, UNKNOWN_REVISION.id, "{name}");
        assert!(headline.starts_with(said), "{name}: {headline}");
        assert!(helped.starts_with(help), "{name}: {helped}");
    }
}

#[test]
fn a_bare_repository_holds_a_project_somewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("metrics/groma.yml", MANIFEST);
    sandbox.write("metrics/a.groma", "one");
    sandbox.commit("one");
    let bare = |name: &str| {
        let path = sandbox.path().join(".git").join(name);
        Git::init_bare(&path).unwrap();
        copy(&sandbox.path().join(".git/objects"), &path.join("objects"));
        copy(&sandbox.path().join(".git/refs/heads"), &path.join("refs/heads"));
        path
    };
    let path = bare("one.git");
    let repository = Repository::around(&path, None).unwrap();
    assert_eq!((repository.folder(), repository.disk()), ("metrics", None));
    assert_eq!(text(&repository, "main", "a.groma").as_deref(), Some("one"));
    for word in ["WORKTREE", "INDEX"] {
        assert_eq!(refused(repository.revision(word)).0, UNKNOWN_REVISION.id);
    }
    assert_eq!(Repository::around(&path.join("refs"), None).unwrap().folder(), "metrics");
    sandbox.write("other/groma.yml", MANIFEST);
    sandbox.commit("two");
    let path = bare("two.git");
    let (code, headline, help) = refused(Repository::around(&path, None));
    assert_eq!(code, "history/bare-needs-project");
    assert_eq!(headline, "this bare repository holds 2 projects: `metrics`, `other`");
    assert_eq!(help, "choose one: `--project metrics`");
    assert_eq!(Repository::around(&path, Some("./other/")).unwrap().folder(), "other");
    sandbox.write("groma.yml", MANIFEST);
    sandbox.commit("three");
    assert_eq!(Repository::around(&bare("three.git"), None).unwrap().folder(), "");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_worktree_has_its_own_head_and_index() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    sandbox.write("a.groma", "one");
    sandbox.commit("one");
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("tree");
    sandbox.git.worktree("side", &path, None).unwrap();
    sandbox.write("a.groma", "two");
    sandbox.commit("two");
    let repository = Repository::around(&path, None).unwrap();
    for revision in ["HEAD", "side", "INDEX", "WORKTREE", "main~1"] {
        assert_eq!(text(&repository, revision, "a.groma").as_deref(), Some("one"), "{revision}");
    }
    assert_eq!(text(&repository, "main", "a.groma").as_deref(), Some("two"));
}

#[test]
fn a_shallow_clone_says_how_deep_it_must_be() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    let ids: Vec<Oid> = ["one", "two", "three"]
        .map(|text| {
            sandbox.write("a.groma", text);
            sandbox.commit(text)
        })
        .into();
    // What a shallow clone is: the list of the commits it ends at.
    fs::write(sandbox.path().join(".git/shallow"), format!("{}\n", ids[1])).unwrap();
    let repository = sandbox.around();
    assert_eq!(text(&repository, "HEAD~1", "a.groma").as_deref(), Some("two"));
    let (code, headline, help) = refused(repository.revision("HEAD~2"));
    assert_eq!(code, TOO_SHALLOW.id);
    assert_eq!(headline, "this clone is shallow: it holds 2 commits of `HEAD`, and `HEAD~2` is further back");
    assert!(help.contains("git fetch --depth=3") && help.contains("fetch-depth: 0"), "{help}");
    let missing = "1234567890123456789012345678901234567890";
    assert_eq!(refused(repository.revision(missing)).0, TOO_SHALLOW.id);
    let (code, _, help) = refused(repository.revision("release"));
    assert_eq!(code, UNKNOWN_REVISION.id);
    assert!(help.contains("git fetch origin release:release"), "{help}");
    assert_eq!(refused(repository.merge_base(ids[0], ids[2])).0, TOO_SHALLOW.id);
    assert_eq!(repository.merge_base(ids[1], ids[2]).unwrap(), ids[1]);
}

#[test]
fn two_histories_without_a_common_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    let one = sandbox.commit("one");
    let tree = sandbox.git.find_commit(one).unwrap().tree().unwrap();
    let ada = Signature::new("Ada", "ada@shop.example", &Time::new(1_780_000_000, 0)).unwrap();
    let other = sandbox.git.commit(None, &ada, &ada, "orphan", &tree, &[]).unwrap();
    let (code, headline, _) = refused(sandbox.around().merge_base(one, other));
    assert_eq!(code, UNKNOWN_REVISION.id);
    assert!(headline.ends_with("have no commit in common"), "{headline}");
}

#[test]
fn no_repository_and_broken_ones() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refused(Repository::around(folder.path(), None)).0, "history/no-repository");
    fs::write(folder.path().join(".git"), "gitdir: nowhere\n").unwrap();
    assert_eq!(refused(Repository::around(folder.path(), None)).0, "history/broken-repository");
    fs::remove_file(folder.path().join(".git")).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(refused(Repository::around(folder.path(), None)).0, "history/broken-repository");
    let sandbox = Sandbox::new();
    sandbox.git.config().unwrap().set_i32("core.repositoryformatversion", 1).unwrap();
    sandbox.git.config().unwrap().set_str("extensions.partialclone", "origin").unwrap();
    let (code, headline, _) = refused(Repository::around(sandbox.path(), None));
    assert_eq!(code, "history/broken-repository");
    assert!(headline.contains("partial clone"), "{headline}");
}

#[test]
fn unmerged_files_of_the_index_are_as_a_merge_leaves_them() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    sandbox.write("a.groma", "x\none\ny\n");
    sandbox.commit("one");
    let unmerged = |texts: [Option<&str>; 3]| {
        let mut index = sandbox.git.index().unwrap();
        index.read(true).unwrap();
        let mut entry = index.iter().find(|entry| entry.path == b"a.groma").unwrap();
        index.remove_path(Path::new("a.groma")).unwrap();
        for (stage, text) in (1..).zip(texts) {
            let Some(text) = text else { continue };
            entry.id = sandbox.git.blob(text.as_bytes()).unwrap();
            entry.flags = entry.flags & !0x3000 | stage << 12;
            index.add(&entry).unwrap();
        }
        index.write().unwrap();
        let world = world(&sandbox.around(), "INDEX");
        assert_eq!(world.list().unwrap(), ["a.groma"]);
        world.read("a.groma").map(|bytes| String::from_utf8(bytes.unwrap()).unwrap())
    };
    let text = unmerged([Some("x\none\ny\n"), Some("x\ntwo\ny\n"), Some("x\nthree\ny\n")]).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[2], lines[4]), ("two", "three"));
    assert!(lines[1].starts_with("<<<<<<< ") && lines[3] == "=======" && lines[5].starts_with(">>>>>>> "), "{text}");
    let error = unmerged([Some("one"), None, Some("two")]).unwrap_err().to_string();
    assert!(error.starts_with("one side of a merge changes it"), "{error}");
}

#[test]
fn a_missing_object_is_no_empty_file() {
    let sandbox = Sandbox::new();
    sandbox.write("groma.yml", MANIFEST);
    sandbox.write("a.groma", "one");
    sandbox.commit("one");
    let blob = sandbox.git.revparse_single("HEAD:a.groma").unwrap().id().to_string();
    fs::remove_file(sandbox.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    assert!(world(&sandbox.around(), "HEAD").read("a.groma").is_err());
}
