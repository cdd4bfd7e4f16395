//! Making an approval: what is signed, by whom, as what. Both files are written or none.

use super::statement::{Decision, Role, Statement, declared};
use super::verify::address;
use super::{Approval, FOLDER, Law, NAMESPACE, keygen, own_address};
use crate::comparison::{Assessed, Compared};
use crate::need::{Need, Party};
use crate::repository::Repository;
use groma_model::change::Class;
use groma_model::meaning::{self, Meaning, Meanings, Subject};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, SmolStr};
use groma_project::history::approval::NOT_A_MEMBER;
use jiff::Timestamp;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What somebody wishes to sign.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Metrics by their names; other declarations with their kind: `council.metrics`. None: everything that waits for the one
    /// who signs.
    pub names: Vec<String>,
    pub decision: Decision,
    /// Where it is not what the comparison says.
    pub class: Option<Class>,
    pub reason: String,
    pub role: Option<Role>,
    /// Whose approval it is; git's `user.email` without.
    pub by: Option<String>,
    /// The file of a key, private, or public with an agent; git's `user.signingkey` without.
    pub key: Option<PathBuf>,
    pub on: Timestamp,
}

/// An approval that was written.
#[derive(Debug, Clone)]
pub struct Signed {
    /// In the project's folder.
    pub path: String,
    pub statement: Statement,
}

/// Why nothing was signed.
#[derive(Debug)]
pub enum Refusal {
    /// It would count for nothing.
    Found(Box<Diagnostic>),
    /// It was not asked for rightly: a headline, and what to do instead.
    Asked { headline: String, help: String },
}

impl From<Box<Diagnostic>> for Refusal {
    fn from(finding: Box<Diagnostic>) -> Self {
        Self::Found(finding)
    }
}

fn asked(headline: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal::Asked { headline: headline.into(), help: help.into() }
}

/// Signs all that is wished, or nothing.
///
/// # Errors
/// What is wished cannot be signed, or would count for nothing.
pub fn sign(repository: &Repository, compared: &Compared, law: &Law<'_>, wish: &Wish) -> Result<Vec<Signed>, Refusal> {
    let folder = repository.disk().ok_or_else(|| {
        asked("a bare repository has no folder to write an approval to", "approve in a clone with a working tree")
    })?;
    let by = match &wish.by {
        Some(by) => by.clone(),
        None => Some(own_address(repository).to_string()).filter(|by| !by.is_empty()).ok_or_else(|| {
            asked(
                "nobody knows whose approval this is",
                "name the address with `--by`, or tell git: `git config user.email …`",
            )
        })?,
    };
    let key = Key::of(repository, wish)?;
    let names = Names { compared };
    let mut made = Vec::new();
    let subjects = match wish.names.is_empty() {
        true => waiting(compared, law, wish, &by)?,
        false => names.all(&wish.names)?,
    };
    let meanings = meaning::meanings(meaning::FORM, &compared.head.project.eras()).unwrap_or_default();
    for subject in subjects {
        let statement = statement(compared, law, (wish, &by), subject, &meanings)?;
        let bytes = statement.bytes();
        let signature = keygen::sign(NAMESPACE, key.path(), &bytes)?.map_err(|said| {
            asked(format!("ssh-keygen does not sign with {}: {said}", key.shown), "name another key with `--key FILE`")
        })?;
        let path = path(folder, &statement);
        let approval =
            Approval { path, statement: Ok(statement.clone()), bytes, signature: Some(signature), place: None };
        // What holds for one holds for all that the same key signs in the same role.
        if !made.iter().any(|(_, other): &(Approval, Statement)| other.role == statement.role) {
            law.judge(&approval).map_err(|rejected| Refusal::Found(Box::new(rejected.finding)))?;
        }
        made.push((approval, statement));
    }
    write(folder, made.iter().map(|(approval, _)| approval))?;
    Ok(made.into_iter().map(|(approval, statement)| Signed { path: approval.path, statement }).collect())
}

/// The key that is signed with.
struct Key {
    path: PathBuf,
    /// As people know it.
    shown: String,
    /// Holds a key that git has as text.
    _text: Option<tempfile::NamedTempFile>,
}

impl Key {
    fn path(&self) -> &Path {
        &self.path
    }

    fn of(repository: &Repository, wish: &Wish) -> Result<Self, Refusal> {
        if let Some(path) = &wish.key {
            return Self::file(path.clone());
        }
        let config = repository.git().config().and_then(|mut config| config.snapshot());
        let configured = config.ok().and_then(|config| config.get_string("user.signingkey").ok());
        let Some(configured) = configured.filter(|key| !key.is_empty()) else {
            return Err(asked(
                "there is no key to sign with",
                "name its file with `--key FILE`, or tell git: `git config user.signingkey ~/.ssh/id_ed25519`",
            ));
        };
        let literal =
            configured.strip_prefix("key::").or(Some(configured.as_str()).filter(|key| key.starts_with("ssh-")));
        if let Some(text) = literal {
            let failed = |error: std::io::Error| {
                asked(format!("the key cannot be handed over: {error}"), "name its file with `--key FILE`")
            };
            let mut file = tempfile::Builder::new().suffix(".pub").tempfile().map_err(failed)?;
            writeln!(file, "{text}").map_err(failed)?;
            return Ok(Self {
                path: file.path().to_owned(),
                shown: "git's user.signingkey".to_owned(),
                _text: Some(file),
            });
        }
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
        let path = match (configured.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(configured),
        };
        Self::file(path)
    }

    fn file(path: PathBuf) -> Result<Self, Refusal> {
        let shown = path.display().to_string();
        match path.is_file() {
            true => Ok(Self { path, shown, _text: None }),
            false => Err(asked(
                format!("there is no key {shown}"),
                "name the file of a private key, or of a public one with an agent",
            )),
        }
    }
}

/// What names on the command line stand for.
struct Names<'c> {
    compared: &'c Compared,
}

impl Names<'_> {
    fn all(&self, names: &[String]) -> Result<Vec<Subject>, Refusal> {
        let mut subjects: Vec<Subject> = Vec::new();
        for name in names {
            let subject = self.subject(name)?;
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        Ok(subjects)
    }

    fn subject(&self, written: &str) -> Result<Subject, Refusal> {
        let changed = |subject: &Subject| self.compared.changes.iter().any(|one| one.change.subject == *subject);
        let metric = (Kind::Metric, SmolStr::new(written));
        let known = self.compared.head.project.model.metric_named(written).is_some();
        if known || changed(&metric) {
            return Ok(metric);
        }
        let other = written.split_once('.').and_then(|(kind, name)| Some((declared(kind)?, SmolStr::new(name))));
        match other {
            Some(subject)
                if subject.0 == Kind::Metric && self.compared.head.project.model.metric_named(&subject.1).is_some() =>
            {
                Ok(subject)
            }
            Some(subject) if changed(&subject) => Ok(subject),
            Some((kind, name)) => Err(asked(
                format!("{} `{name}` is not changed, so there is nothing to approve of it", kind.word()),
                "`groma diff` shows what is changed",
            )),
            None => Err(asked(
                format!("there is no metric `{written}`"),
                "`groma list metrics` shows them; another declaration is named with its kind: `council.metrics`",
            )),
        }
    }
}

/// What lacks the approval of somebody who is a member of a party that is needed.
fn waiting(compared: &Compared, law: &Law<'_>, wish: &Wish, by: &str) -> Result<Vec<Subject>, Refusal> {
    let own = address(by);
    let mine = |one: &&Assessed| {
        let of_role = |party: &Party| wish.role.as_ref().is_none_or(|role| party.role() == role.to_string());
        let waits = |need: &Need| !need.is_met() && of_role(&need.from) && need.open.contains(&own);
        one.needs.iter().any(waits)
    };
    let all: Vec<Subject> = compared.changes.iter().filter(mine).map(|one| one.change.subject.clone()).collect();
    if all.is_empty() {
        let headline =
            format!("nothing that changed since {} waits for {by} on {}", compared.base.revision.name(), law.today);
        return Err(asked(headline, "`groma diff` shows who must agree to what"));
    }
    Ok(all)
}

fn statement(
    compared: &Compared,
    law: &Law<'_>,
    (wish, by): (&Wish, &str),
    subject: Subject,
    meanings: &Meanings,
) -> Result<Statement, Refusal> {
    let assessed = compared.changes.iter().find(|one| one.change.subject == subject);
    let shown = &subject.1;
    let class = class(assessed, wish, shown, compared.base.revision.name())?;
    let meaning: Option<&Meaning> = meanings.of.get(&subject);
    let of_change = || assessed.and_then(|one| one.change.after.or(one.change.before));
    let digest = meaning.map(|meaning| meaning.whole).or_else(of_change).ok_or_else(|| {
        asked(format!("`{shown}` has no meaning that could be approved"), "`groma check` shows what is wrong with it")
    })?;
    let model = &compared.head.project.model;
    let version =
        model.metric_named(shown).filter(|_| subject.0 == Kind::Metric).map_or(1, |id| model.metric(id).version);
    let role = match &wish.role {
        Some(role) => role.clone(),
        None => role(assessed, law, by, &subject)?,
    };
    Ok(Statement {
        version,
        digest,
        words: meaning.map(|meaning| meaning.direct),
        decision: wish.decision,
        class,
        reason: wish.reason.clone(),
        role,
        by: by.to_owned(),
        on: wish.on,
        project: compared.head.project.manifest.project.clone(),
        subject,
    })
}

/// What the change is, or something stricter that was asked for.
fn class(assessed: Option<&Assessed>, wish: &Wish, shown: &str, base: &str) -> Result<Class, Refusal> {
    let is = assessed.map(|one| one.change.class).filter(|class| *class > Class::Cosmetic);
    match (is, wish.class) {
        (Some(is), Some(asked_for)) if asked_for < is => Err(asked(
            format!(
                "the change of `{shown}` since {base} is `{}`, which is more than `{}`",
                is.word(),
                asked_for.word()
            ),
            format!("leave `--class` out, or write `--class {}`", is.word()),
        )),
        (_, Some(asked_for)) => Ok(asked_for),
        (Some(is), None) => Ok(is),
        (None, None) => Err(asked(
            format!("`{shown}` means what it meant in {base}, so there is nothing to approve"),
            "compare with another state: `--base REF`; or say what it is approved as: `--class CLASS`",
        )),
    }
}

/// What somebody speaks as: the party that is needed and that they belong to.
fn role(assessed: Option<&Assessed>, law: &Law<'_>, by: &str, subject: &Subject) -> Result<Role, Refusal> {
    let mine = |role: &Role| law.is_member(by, role, law.today);
    let needs = assessed.map(|one| one.needs.as_slice()).unwrap_or_default();
    let open = needs.iter().filter(|need| !need.is_met());
    let as_role = |party: &Party| match party {
        Party::Team(name) => Some(Role::Team(name.clone())),
        Party::Council(name) => Some(Role::Council(name.clone())),
        Party::Person(_) => None,
    };
    let roles = |all: &mut dyn Iterator<Item = Role>| {
        let mut roles: Vec<Role> = all.filter(mine).collect();
        roles.sort();
        roles.dedup();
        roles
    };
    let mut found = roles(&mut open.filter_map(|need| as_role(&need.from)));
    if found.is_empty() {
        found = roles(&mut needs.iter().filter_map(|need| as_role(&need.from)));
    }
    let named = needs.iter().any(|need| matches!(&need.from, Party::Person(one) if *one == address(by)));
    if found.is_empty() && (needs.is_empty() || named) {
        let teams = law.model.teams.iter().map(|team| Role::Team(team.header.name.clone()));
        let councils = law.model.councils.iter().map(|council| Role::Council(council.header.name.clone()));
        found = roles(&mut teams.chain(councils));
    }
    // Who signs for a council speaks for their team as well.
    let councils: Vec<&Role> = found.iter().filter(|role| matches!(role, Role::Council(_))).collect();
    match (found.as_slice(), councils.as_slice()) {
        ([only], _) => Ok(only.clone()),
        (_, [council]) => Ok((*council).clone()),
        ([], _) => {
            let wanted: Vec<String> = needs.iter().map(|need| format!("`{}`", need.from.role())).collect();
            let of = if wanted.is_empty() { "any team or council".to_owned() } else { wanted.join(" or ") };
            let finding = NOT_A_MEMBER
                .finding(format!(
                    "{by} is no member of {of} on {}, so this approves nothing of `{}`",
                    law.today, subject.1
                ))
                .help("let somebody approve who is, or say with `--by` whose approval it is");
            Err(Refusal::Found(Box::new(finding)))
        }
        (several, _) => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(asked(
                format!("{by} may approve `{}` as {}", subject.1, several.join(" or as ")),
                format!("say which with `--role {}`", several.first().map_or("", String::as_str)),
            ))
        }
    }
}

/// Where a statement is written to: over an older one of the same role, beside one of another.
fn path(folder: &Path, statement: &Statement) -> String {
    let name = statement.file_name();
    let path = format!("{FOLDER}/{name}");
    let there = fs::read(folder.join(&path)).ok().and_then(|bytes| Statement::read(&bytes).ok());
    match there {
        Some(other) if other.role != statement.role => {
            let role = statement.role.to_string().replace('.', "-");
            format!("{FOLDER}/{}-{role}.json", name.trim_end_matches(".json"))
        }
        _ => path,
    }
}

/// Writes all files, or none.
fn write<'a>(folder: &Path, made: impl Iterator<Item = &'a Approval>) -> Result<(), Refusal> {
    let failed =
        |error: std::io::Error| asked(format!("the approval cannot be written: {error}"), "make `approvals/` writable");
    let target = folder.join(FOLDER);
    fs::create_dir_all(&target).map_err(failed)?;
    let mut ready = Vec::new();
    for approval in made {
        for (path, bytes) in [
            (approval.path.clone(), approval.bytes.as_slice()),
            (format!("{}.sig", approval.path), approval.signature.as_deref().unwrap_or_default()),
        ] {
            let mut file = tempfile::NamedTempFile::new_in(&target).map_err(failed)?;
            file.write_all(bytes).map_err(failed)?;
            ready.push((file, folder.join(path)));
        }
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, path) in ready {
        let is_new = !path.exists();
        if let Err(error) = readable(&file).and_then(|()| file.persist(&path).map_err(|error| error.error).map(drop)) {
            for path in written {
                drop(fs::remove_file(path));
            }
            return Err(failed(error));
        }
        written.extend(is_new.then_some(path));
    }
    Ok(())
}

/// A file that others may read, as git checks files out.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
