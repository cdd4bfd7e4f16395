//! `groma report review`: the pack for those who review a period's numbers.

mod markdown;

use crate::answer::{AsOf, chosen_target, parse_as_of};
use crate::arguments::Shared;
use crate::dashboards::review::{Asked, Since, review};
use crate::dashboards::{Desk, Sealed};
use crate::failure::Failure;
use crate::findings::counted;
use crate::frozen::{Frozen, locks};
use crate::loading::Loaded;
use crate::publishing::{File, publish};
use crate::terminal::Terminal;
use clap::ValueEnum;
use groma_history::seal::Placed;
use groma_model::Model;
use groma_model::governance::Period;
use groma_project::did_you_mean;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::path::PathBuf;

/// Write the pack for the review of a period: each number with its interval, what it tells, its target, owner and open questions.
///
/// A frozen period is computed by what was sealed. Changes of definitions are those since the period before was frozen, or else
/// was reported.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The period, by the name of its declaration.
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// What is written; without it, Markdown to standard output, or both with `--out`.
    #[arg(long = "as", value_name = "FORM", value_enum)]
    form: Option<Form>,
    /// The folder to write to: `review-PERIOD.md` and `review-PERIOD.html`; a relative one lies in the project.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The time from which on nothing is known: rows at or after it are not read. Without it, the newest time that all sources
    /// reach.
    #[arg(long, value_name = "TIME", value_parser = parse_as_of)]
    as_of: Option<AsOf>,
    /// The day on which owners, disputes and rules are judged; without it, today.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Where to compute; without it, the manifest's `default_target`.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

/// The forms of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Markdown,
    Html,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let present = Loaded::usable(shared, terminal)?;
    let (mut loaded, sealed, frozen) = state(present, arguments, shared, terminal)?;
    loaded.mention_errors(terminal);
    let locks = locks(&mut loaded, terminal);
    let model = &loaded.project.model;
    let period = declared(model, &arguments.period)?;
    let previous = before(model, period);
    let target = chosen_target(&loaded, arguments.target.as_deref())?;
    let as_of = arguments.as_of.map(|at| at.local(model)).transpose()?;
    let day = loaded.day(arguments.on);
    let head = sealed.as_ref().map(|sealed| sealed.commit.clone());
    let since = Since::last(&loaded, previous, &locks, (head.as_deref(), day));
    let findings = groma_model::judge::judge(model, day).findings;
    let desk = Desk::new((&loaded, target), as_of, sealed, terminal)?;
    let asked = Asked { period, previous, frozen, since: &since, findings: &findings };
    let pack = review(&desk, &asked, terminal)?;
    let html = || {
        groma_board::review_html(&pack).map_err(|error| Failure::Bug { what: format!("the page of a review: {error}") })
    };
    let Some(out) = &arguments.out else {
        let text = match arguments.form {
            Some(Form::Html) => html()?,
            _ => markdown::page(&pack),
        };
        return Ok(terminal.answer(&text)?);
    };
    let named = |ending: &str, text: String| File { name: format!("review-{}.{ending}", arguments.period), text };
    let mut files = Vec::new();
    if arguments.form != Some(Form::Html) {
        files.push(named("md", markdown::page(&pack)));
    }
    if arguments.form != Some(Form::Markdown) {
        files.push(named("html", html()?));
    }
    let folder = loaded.world.root().join(out);
    let shown = format!("{}{}", if out.is_absolute() { "" } else { &loaded.prefix }, out.display());
    publish(&folder, &files).map_err(|error| Failure::refused(format!("{shown} cannot be written"), &error))?;
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    terminal.say(&format!("{} in {shown}/: {}", counted(pack.numbers.len(), "number"), names.join(", ")));
    Ok(())
}

/// The project as it was sealed for the period, where it was; else as it is.
fn state(
    mut present: Loaded,
    arguments: &Arguments,
    shared: &Shared,
    terminal: &mut Terminal,
) -> Result<(Loaded, Option<Sealed>, Option<String>), Failure> {
    let is_it = |lock: &Placed| lock.lock.period.name == arguments.period;
    if !locks(&mut present, terminal).iter().any(is_it) {
        return Ok((present, None, None));
    }
    let frozen = Frozen::load(shared, &arguments.period, terminal)?;
    let lock = &frozen.locks[frozen.at].lock;
    let (first, last) = frozen.only(&[])?;
    // The period before is computed too, by the same definitions: what changed is said of it.
    let days = (first.saturating_sub(13.months()), last);
    let sealed = Sealed { period: arguments.period.clone(), days, commit: lock.commit.clone() };
    let commit: String = lock.commit.chars().take(12).collect();
    let words = match lock.restatements.len() {
        0 => format!("by the definitions of commit {commit}, as sealed"),
        number => {
            format!("by the definitions of commit {commit}, as sealed; restated since: {}", counted(number, "metric"))
        }
    };
    Ok((frozen.on_present_data(), Some(sealed), Some(words)))
}

/// The period of that name.
fn declared<'m>(model: &'m Model, name: &str) -> Result<&'m Period, Failure> {
    model.period_named(name).filter(|period| !period.header.broken).ok_or_else(|| {
        let known: Vec<&str> = model.periods.iter().map(|period| period.header.name.as_str()).collect();
        let help = did_you_mean(name, known.iter().copied())
            .or_else(|| known.is_empty().then(|| format!("declare it: `period {name} {{ covers: … to … }}`")));
        Failure::wrong_use(format!("there is no period `{name}` that can be reviewed"), help)
    })
}

/// The last period that ended before another began.
fn before<'m>(model: &'m Model, period: &Period) -> Option<&'m Period> {
    let earlier = model.periods.iter().filter(|one| !one.header.broken && one.covers.1 < period.covers.0);
    earlier.max_by_key(|one| one.covers.1)
}
