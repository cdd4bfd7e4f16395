//! `groma approve`: somebody says, with a signature, that metrics may mean what they mean now.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::findings::{Findings, human};
use crate::loading::{Loaded, root};
use crate::terminal::Terminal;
use clap::builder::PossibleValuesParser;
use groma_history::approval::{self, Decision, Refusal, Role, Signed, Wish};
use groma_history::need::{default_branch, since};
use groma_history::{Compared, Repository, Revision, State};
use groma_model::change::{CLASSES, Class};
use groma_model::{Diagnostic, SourceMap};
use groma_project::compile;
use jiff::Timestamp;
use jiff::civil::Date;
use std::path::PathBuf;

/// Approve what metrics mean now, with a signature.
///
/// What is approved is the change since where the work parted from the default branch, or from `--base`. The statement and its
/// signature are written to `approvals/`, to be committed with the change: both, or nothing. `ssh-keygen` signs, in a namespace
/// of its own, with a key that `approvals/allowed_signers` lists for the address.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metrics of the project; another declaration is named with its kind: `council.metrics`.
    #[arg(value_name = "METRIC", required_unless_present = "all", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Everything that waits for the one who signs.
    #[arg(long, conflicts_with = "metrics")]
    all: bool,
    /// What the change is approved as; without it, what the comparison says.
    #[arg(long, value_name = "CLASS", value_parser = PossibleValuesParser::new(CLASSES.map(|(word, _)| word)))]
    class: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// As whom: `team.support` or `council.metrics`; without it, the one that is needed and that one belongs to.
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Option<Role>,
    /// Whose approval it is; without it, git's `user.email`.
    #[arg(long, value_name = "ADDRESS")]
    by: Option<String>,
    /// The file of a private key, or of a public one with an agent; without it, git's `user.signingkey`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Say no instead.
    #[arg(long)]
    reject: bool,
    /// The branch, tag or commit that the change is meant for; without it, the default branch.
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// The day on which it is approved; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::read(text).ok_or_else(|| "it is `team.NAME` or `council.NAME`".to_owned())
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut loaded = Loaded::sound(shared, terminal)?;
    let today = loaded.day(arguments.on);
    let (folder, _) = root(shared);
    let found = |found: Box<Diagnostic>, terminal: &mut Terminal| alone(*found, terminal);
    let repository = Repository::around(&folder, None).map_err(|problem| found(problem, terminal))?;
    let base = base(&repository, arguments.base.as_deref(), terminal)?;
    let world = repository.world(&base).map_err(|problem| found(problem, terminal))?;
    let name = base.name().to_owned();
    let base = State { revision: base, project: compile(&*world) };
    let project = std::mem::take(&mut loaded.project);
    let head = State { revision: Revision::WorkingTree, project };
    let compared = Compared::of(&repository, base, head, today);
    if !compared.base_errors.is_empty() {
        loaded.project = compared.head.project;
        loaded.show(&compared.base_errors, terminal);
        return Err(Failure::FINDINGS);
    }
    let law = approval::law(&repository, &compared.base, &compared.head, today)
        .map_err(|problem| found(problem, terminal))?;
    let wish = Wish {
        names: arguments.metrics.clone(),
        decision: if arguments.reject { Decision::Reject } else { Decision::Approve },
        class: arguments.class.as_deref().and_then(Class::from_word),
        reason: arguments.reason.clone(),
        role: arguments.role.clone(),
        by: arguments.by.clone(),
        key: arguments.key.clone(),
        on: time(arguments.on),
    };
    match approval::sign(&repository, &compared, &law, &wish) {
        Ok(signed) => {
            for one in &signed {
                terminal.answer(&said(one, &name, &loaded.prefix))?;
            }
            terminal.flush()?;
            terminal.say("commit both files with the change: what counts is the day of that commit");
            Ok(())
        }
        Err(Refusal::Found(problem)) => Err(found(problem, terminal)),
        Err(Refusal::Asked { headline, help }) => Err(Failure::wrong_use(headline, Some(help))),
    }
}

/// The state that the change began from. What was taken is said where nobody chose it.
fn base(repository: &Repository, written: Option<&str>, terminal: &mut Terminal) -> Result<Revision, Failure> {
    let chosen = match written {
        Some(written) => written.to_owned(),
        None => default_branch(repository).unwrap_or_else(|| "HEAD".to_owned()),
    };
    let base = since(repository, &chosen, &Revision::WorkingTree).map_err(|problem| alone(*problem, terminal))?;
    if written.is_none() {
        terminal
            .say(&format!("compared with {chosen}, where this work parted from it; `--base REF` takes another state"));
    }
    Ok(base)
}

/// The moment of the approval: now, or in the middle of a day that was named.
fn time(on: Option<Date>) -> Timestamp {
    let named = on.and_then(|day| day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok());
    let now = || Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    named.map_or_else(now, |zoned| zoned.timestamp())
}

/// What was signed, in words.
fn said(signed: &Signed, base: &str, prefix: &str) -> String {
    let statement = &signed.statement;
    let verb = match statement.decision {
        Decision::Approve => "approves",
        Decision::Reject => "rejects",
    };
    let digest: String = statement.digest.to_string().chars().take(12).collect();
    let reason = if statement.reason.is_empty() { String::new() } else { format!(": \"{}\"", statement.reason) };
    format!(
        "{} {verb} {} as {} ({} since {base}, meaning {digest}){reason}\n  {prefix}{path}\n  {prefix}{path}.sig\n",
        statement.by,
        statement.subject_name(),
        statement.role,
        statement.class.word(),
        path = signed.path,
    )
}

/// Shows a finding that has no place in a file.
fn alone(found: Diagnostic, terminal: &mut Terminal) -> Failure {
    let findings = Findings { sources: &SourceMap::default(), diagnostics: &[found], prefix: "", aside: None };
    let text = human::render(&findings, terminal.message_columns(), terminal.colored_errors());
    terminal.say(text.trim_end());
    Failure::FINDINGS
}
