//! The jobs and hooks of `docs/how-to/ci`, run step by step as a platform would, in a real repository of git. What they post is
//! written down by programs of ours that stand in for `gh`, `curl` and `jq`.

use crate::docs::{GIT, commands};
use groma_tests::markdown::Document;
use groma_tests::{Outcome, repository};
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const PAGE: &str = "docs/how-to/check-in-ci.md";
const FOLDER: &str = "docs/how-to/ci";

/// Where a file is copied to, as the page names it, and the file.
const COPIES: [(&str, &str); 4] = [
    (".github/workflows/metrics.yml", "github-workflow.yml"),
    (".gitlab-ci.yml", "gitlab-ci.yml"),
    (".git/hooks/pre-commit", "pre-commit"),
    (".pre-commit-config.yaml", "pre-commit-config.yaml"),
];

/// What the expressions of the workflow are on a pull request; one that is not here is an error.
const EXPRESSIONS: [(&str, &str); 4] = [
    (
        "github.event_name == 'pull_request' && format('origin/{0}', github.base_ref) || github.event.before",
        "origin/main",
    ),
    ("github.token", "token"),
    ("github.event.pull_request.number", "7"),
    ("runner.os", "Linux"),
];

/// A program that writes its arguments down. Where it is asked for comments it prints what the test knows of.
const GH: &str =
    "#!/bin/sh\ncase \"$*\" in *--paginate*) printf '%s\\n' \"$KNOWN\" ;; *) echo \"gh $*\" >> \"$POSTED\" ;; esac\n";
const CURL: &str = "#!/bin/sh\ncase \"$*\" in *--request*) echo \"curl $*\" >> \"$POSTED\" ;; *) echo '[]' ;; esac\n";
const JQ: &str = "#!/bin/sh\ncat > /dev/null\nprintf '%s\\n' \"$KNOWN\"\n";

/// Those who must agree where a published number changes.
const COUNCIL: &str = "\ncouncil metrics {\n  members: \"ada@shop.example\", \"mira@shop.example\"\n  quorum:  2\n  \
                       decides: restating\n}\n";

/// A project whose numbers Ada answers for, and a clone of it.
const MAKE: &str = "set -e\n\
    groma new ../shop\n\
    cd ../shop\n\
    sed -i 's/shop@roastery.example/ada@shop.example/' customers.groma\n\
    cat ../council >> customers.groma\n\
    git init --quiet\n\
    git add .\n\
    git commit --quiet --message shop\n\
    cd ..\n\
    git clone --quiet --bare shop origin.git\n\
    rmdir work\n\
    git clone --quiet origin.git work\n";

/// A test for each of them.
pub(crate) fn trials() -> Vec<Trial> {
    type Test = fn() -> Outcome;
    let tests: [(&str, Test); 5] = [
        ("the page shows the files", page),
        ("the workflow of GitHub", workflow),
        ("the job of GitLab", job),
        ("the hook", hook),
        ("the hooks of pre-commit", hooks),
    ];
    tests.into_iter().map(|(name, test)| Trial::test(format!("ci: {name}"), move || crate::outcome(test()))).collect()
}

fn file(name: &str) -> Outcome<String> {
    repository::read(&repository::root(), &format!("{FOLDER}/{name}"))
}

fn page() -> Outcome {
    let page = Document::read(&repository::root(), PAGE)?;
    let sections = std::iter::once(&page.preamble).chain(&page.sections);
    let fences: Vec<_> = sections.flat_map(|section| &section.fences).collect();
    for (copy, name) in COPIES {
        let shown = fences.iter().find(|fence| fence.path.as_deref().is_some_and(|path| path.ends_with(copy)));
        let shown = shown.ok_or_else(|| format!("{PAGE} does not show `…/{copy}`"))?;
        if shown.body.trim_end() != file(name)?.trim_end() {
            return Err(format!("{PAGE}:{}: this is not {FOLDER}/{name}", shown.line));
        }
    }
    Ok(())
}

fn workflow() -> Outcome {
    let shop = Shop::new()?;
    let workflow = yaml(&file("github-workflow.yml")?)?;
    let job = &workflow["jobs"]["groma"];
    let steps: Vec<&Value> = list(&job["steps"]).filter(|step| step["run"].is_string()).collect();
    let run = |known: &str| -> Outcome<Vec<(String, Ran)>> {
        let mut all = Vec::new();
        for step in &steps {
            let mut variables = variables(&job["env"])?;
            variables.extend(variables_of_platform(known));
            variables.extend(self::variables(&step["env"])?);
            let script = format!("set -eo pipefail\n{}", text(&step["run"]));
            all.push((text(&step["name"]), shop.bash(&script, &variables)?));
        }
        Ok(all)
    };

    shop.branch("words", "/// Parcels that were paid.", "/// Parcels that somebody paid.")?;
    for (name, ran) in run("")? {
        ran.expect(&name, 0)?;
    }
    shop.posted("gh api --silent --method POST repos/acme/shop/issues/7/comments --field body=@groma-diff.md")?;
    shop.holds("groma-diff.md", "**Groma: no number changes: 1 descriptive**")?;
    shop.holds("../summary.md", "**Groma: no number changes: 1 descriptive**")?;

    shop.branch("window", "trailing 90 days", "trailing 60 days")?;
    for (name, ran) in run("42")? {
        let refused = name == "Findings, approvals and rights";
        ran.expect(&name, i32::from(refused))?;
        if refused {
            ran.prints("::error file=metrics.groma,")?;
            ran.prints("title=approval/missing::")?;
        }
    }
    shop.posted("gh api --silent --method PATCH repos/acme/shop/issues/comments/42 --field body=@groma-diff.md")?;
    shop.holds("groma-diff.md", "**Groma: rewrites history: 1 metric restating")?;
    shop.holds("groma.sarif", "\"ruleId\": \"approval/missing\"")
}

fn job() -> Outcome {
    let shop = Shop::new()?;
    let job = &yaml(&file("gitlab-ci.yml")?)?["metrics"];
    let exported = job["variables"].as_object().into_iter().flatten();
    let exported: String = exported.map(|(name, value)| format!("export {name}=\"{}\"\n", text(value))).collect();
    let lines: Vec<String> = list(&job["before_script"]).chain(list(&job["script"])).map(text).collect();
    let script = format!("{exported}set -eo pipefail\n{}", lines.join("\n"));
    let run = |known: &str, token: &str| {
        let mut variables = variables_of_platform(known);
        variables.push(("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), shop.git("merge-base origin/main HEAD")?));
        variables.push(("GROMA_TOKEN".to_owned(), token.to_owned()));
        shop.bash(&script, &variables)
    };

    shop.branch("words", "/// Parcels that were paid.", "/// Parcels that somebody paid.")?;
    run("", "")?.expect("the job", 0)?;
    shop.posted("")?;
    shop.holds("groma-diff.md", "**Groma: no number changes: 1 descriptive**")?;
    run("", "token")?.expect("the job", 0)?;
    let notes = "https://gitlab.example/api/v4/projects/3/merge_requests/7/notes";
    let send = |method: &str, to: &str| {
        format!(
            "curl --fail --silent --show-error --output /dev/null --request {method} --header PRIVATE-TOKEN: token --form \
             body=<groma-diff.md {to}"
        )
    };
    shop.posted(&send("POST", notes))?;

    shop.branch("window", "trailing 90 days", "trailing 60 days")?;
    run("42", "token")?.expect("the job", 1)?;
    shop.posted(&send("PUT", &format!("{notes}/42")))?;
    shop.holds("groma-diff.md", "**Groma: rewrites history: 1 metric restating")?;
    shop.holds("groma-diff.json", "\"rewrites_history\": true")?;
    shop.holds("groma-junit.xml", "approval/missing")
}

fn hook() -> Outcome {
    let shop = Shop::new()?;
    let place = shop.work().join(".git/hooks/pre-commit");
    fs::create_dir_all(shop.work().join(".git/hooks")).map_err(|error| format!("a folder of hooks: {error}"))?;
    write(&place, &file("pre-commit")?)?;
    shop.bash("chmod +x .git/hooks/pre-commit", &[])?.expect("chmod", 0)?;
    hooked(&shop, "git add metrics.groma && git commit --message words")?;
    // All that changed, though it is not staged: git has an index of its own for that.
    shop.edit("/// Parcels that somebody paid.", "/// Parcels that were paid.")?;
    let all = shop.bash("git commit --all --message again", &[])?;
    all.expect("git commit --all", 0)?;
    all.prints("no number changes: 1 descriptive")?;
    shop.bash("echo notes > notes.txt && git add notes.txt && git commit --message notes", &[])?.expect("git commit", 0)
}

/// The commands of the hooks as the tool would run them.
fn hooks() -> Outcome {
    let shop = Shop::new()?;
    let hooks = yaml(&file("pre-commit-config.yaml")?)?;
    let entries: Vec<String> = list(&hooks["repos"][0]["hooks"]).map(|hook| text(&hook["entry"])).collect();
    if entries.len() != 3 {
        return Err(format!("there are other hooks: {entries:?}"));
    }
    hooked(&shop, &format!("git add metrics.groma && {}", entries.join(" && ")))
}

/// What a commit with a hook does: say what changes, and refuse what is in no style.
fn hooked(shop: &Shop, commit: &str) -> Outcome {
    shop.edit("/// Parcels that were paid.", "/// Parcels that somebody paid.")?;
    let words = shop.bash(commit, &[])?;
    words.expect(commit, 0)?;
    words.prints("no number changes: 1 descriptive")?;
    shop.edit("measure: count()", "measure:count()")?;
    shop.bash(commit, &[])?.expect(commit, 1)?;
    shop.edit("measure:count()", "measure: count()")
}

/// A project with a clone of it, as a platform has it checked out.
struct Shop {
    folder: TempDir,
    groma: TempDir,
}

/// How a script ended.
struct Ran {
    code: Option<i32>,
    printed: String,
}

impl Ran {
    fn expect(&self, name: &str, code: i32) -> Outcome {
        match self.code == Some(code) {
            true => Ok(()),
            false => Err(format!("{name} ends with {:?} instead of {code}:\n{}", self.code, self.printed)),
        }
    }

    fn prints(&self, part: &str) -> Outcome {
        if self.printed.contains(part) { Ok(()) } else { Err(format!("no {part} in\n{}", self.printed)) }
    }
}

impl Shop {
    fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir().map_err(|error| format!("a folder to work in: {error}"))?;
        let shop = Self { folder, groma: commands()? };
        for (name, script) in [("gh", GH), ("curl", CURL), ("jq", JQ)] {
            write(&shop.groma.path().join(name), script)?;
        }
        fs::create_dir(shop.work()).map_err(|error| format!("a folder to work in: {error}"))?;
        write(&shop.folder.path().join("council"), COUNCIL)?;
        let bin = shop.groma.path().display();
        let make = format!("chmod +x {bin}/gh {bin}/curl {bin}/jq\n{MAKE}");
        shop.bash(&make, &[])?.expect("the project", 0)?;
        Ok(shop)
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// A script, run in the clone as platforms run theirs.
    fn bash(&self, script: &str, variables: &[(String, String)]) -> Outcome<Ran> {
        let path = std::env::var("PATH").unwrap_or_default();
        let beside = |name: &str| self.folder.path().join(name);
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.work())
            .env("PATH", format!("{}:{path}", self.groma.path().display()))
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("POSTED", beside("posted.txt"))
            .env("GITHUB_STEP_SUMMARY", beside("summary.md"))
            .env("CI_PROJECT_DIR", self.work())
            .envs(GIT)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .output()
            .map_err(|error| format!("no bash: {error}"))?;
        Ok(Ran { code: output.status.code(), printed: String::from_utf8_lossy(&output.stdout).into_owned() })
    }

    fn git(&self, command: &str) -> Outcome<String> {
        let ran = self.bash(&format!("git {command}"), &[])?;
        ran.expect(command, 0)?;
        Ok(ran.printed.trim().to_owned())
    }

    /// A branch of its own from main, with a change of the metrics.
    fn branch(&self, name: &str, old: &str, new: &str) -> Outcome {
        self.git(&format!("switch --quiet --discard-changes --create {name} origin/main"))?;
        self.edit(old, new)?;
        self.git(&format!("commit --quiet --all --message {name}")).map(drop)
    }

    fn edit(&self, old: &str, new: &str) -> Outcome {
        let path = self.work().join("metrics.groma");
        let text = fs::read_to_string(&path).map_err(|error| format!("metrics.groma: {error}"))?;
        if !text.contains(old) {
            return Err(format!("there is no {old} in\n{text}"));
        }
        write(&path, &text.replacen(old, new, 1))
    }

    /// Whether that was posted, and nothing else; it is forgotten then.
    fn posted(&self, expected: &str) -> Outcome {
        let path = self.folder.path().join("posted.txt");
        let posted = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(&path);
        match posted.trim() == expected {
            true => Ok(()),
            false => Err(format!("this was to be posted:\n{expected}\nand this was:\n{posted}")),
        }
    }

    fn holds(&self, name: &str, part: &str) -> Outcome {
        let text = fs::read_to_string(self.work().join(name)).map_err(|error| format!("{name}: {error}"))?;
        if text.contains(part) { Ok(()) } else { Err(format!("no {part} in {name}:\n{text}")) }
    }
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn yaml(text: &str) -> Outcome<Value> {
    serde_yaml::from_str(text).map_err(|error| format!("no YAML: {error}"))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The variables of a job or a step, with their expressions filled in.
fn variables(written: &Value) -> Outcome<Vec<(String, String)>> {
    let filled = |(name, value): (&String, &Value)| Ok((name.clone(), filled(&text(value))?));
    written.as_object().into_iter().flatten().map(filled).collect()
}

fn filled(text: &str) -> Outcome<String> {
    let Some((before, rest)) = text.split_once("${{") else { return Ok(text.to_owned()) };
    let (expression, after) = rest.split_once("}}").ok_or_else(|| format!("{text} does not end"))?;
    let expression = expression.trim();
    let known = EXPRESSIONS.iter().find(|(known, _)| *known == expression);
    let (_, value) = known.ok_or_else(|| format!("what `{expression}` is stands in no test"))?;
    Ok(format!("{before}{value}{}", filled(after)?))
}

/// What both platforms set.
fn variables_of_platform(known: &str) -> Vec<(String, String)> {
    let variables = [
        ("KNOWN", known),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
