//! `groma hash`: what declarations mean, in one number each.

use crate::arguments::Shared;
use crate::drawing::{Column, draw};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use clap::ValueEnum;
use comfy_table::CellAlignment;
use groma_model::meaning::{Digest, FORM, FORMS, Meaning, Meanings, Subject, meanings};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, Model};
use groma_project::did_you_mean;
use serde_json::{Value, json};

/// So many digits of a hash stand in a table: enough to tell two apart at a glance.
const DIGITS: usize = 12;

/// Print the semantic hash of declarations.
///
/// `direct` is of a declaration's own words, `whole` of everything it depends on: for a metric, of what stands in its cells and
/// of which cells are published. Formatting, comments, order, moved files and renamed local names leave both as they are. It
/// is `whole` that approvals sign and locks seal.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Metrics, or declarations by kind and name: `source.orders`. Without one, all of the project.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The form that is hashed. The first one knows of metrics only.
    #[arg(long, value_name = "N", default_value_t = FORM)]
    form: u32,
    /// How the hashes are written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, with the first digits, for people.
    Table,
    /// An array of objects with all digits.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::usable(shared, terminal)?;
    let model = &loaded.project.model;
    let Some(all) = meanings(arguments.form, &loaded.project.eras()) else {
        let known = FORMS.map(|form| form.to_string()).join(" and ");
        let headline = format!("there is no form {} of meanings", arguments.form);
        return Err(Failure::wrong_use(headline, Some(format!("this release knows the forms {known}"))));
    };
    let subjects = match arguments.names.is_empty() {
        true => all.of.keys().filter(|(_, name)| !name.starts_with("std.")).cloned().collect(),
        false => arguments.names.iter().map(|name| subject(model, name)).collect::<Result<Vec<Subject>, _>>()?,
    };
    let missing: Vec<&Subject> = subjects.iter().filter(|subject| !all.of.contains_key(*subject)).collect();
    if !missing.is_empty() {
        return Err(without_meaning(&loaded, arguments.form, &missing, terminal));
    }
    loaded.mention_errors(terminal);
    if subjects.is_empty() {
        terminal.say("the project declares nothing that has a meaning");
    }
    let lines: Vec<(&Subject, &Meaning)> =
        subjects.iter().filter_map(|subject| Some((subject, all.of.get(subject)?))).collect();
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", as_json(model, &all, &lines)),
        Format::Table if lines.is_empty() => return Ok(()),
        Format::Table => table(model, all.form, &lines),
    };
    Ok(terminal.answer(&text)?)
}

/// What a name means: a declaration by its kind, or a metric.
fn subject(model: &Model, written: &str) -> Result<Subject, Failure> {
    let of_kind = written.split_once('.').and_then(|(kind, name)| Some((Kind::from_word(kind)?, name.into())));
    let known = of_kind.filter(|subject| model.has(subject));
    if let Some(subject) = known {
        return Ok(subject);
    }
    let metric = (Kind::Metric, written.into());
    if model.has(&metric) {
        return Ok(metric);
    }
    let names = model.metrics.iter().map(|metric| metric.header.name.as_str());
    let help = did_you_mean(written, names.collect::<Vec<_>>())
        .unwrap_or_else(|| "name a metric, or another declaration by its kind: `source.orders`".to_owned());
    Err(Failure::wrong_use(format!("there is no metric `{written}`"), Some(help)))
}

/// Nothing is known of what has errors, and the first form knows metrics only.
fn without_meaning(loaded: &Loaded, form: u32, missing: &[&Subject], terminal: &mut Terminal) -> Failure {
    let (kind, name) = missing[0];
    if form == 1 && *kind != Kind::Metric {
        let headline = format!("the first form knows of metrics only, and `{name}` is a {}", kind.word());
        return Failure::wrong_use(headline, Some("leave `--form 1` out".to_owned()));
    }
    let errors: Vec<Diagnostic> = loaded.project.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
    loaded.show(&errors, terminal);
    terminal.say(&format!("{} `{name}` has errors, so nobody knows what it means", kind.word()));
    Failure::FINDINGS
}

fn version(model: &Model, (kind, name): &Subject) -> Option<u32> {
    let metric = model.metric_named(name).filter(|_| *kind == Kind::Metric)?;
    Some(model.metric(metric).version)
}

fn as_json(model: &Model, all: &Meanings, lines: &[(&Subject, &Meaning)]) -> Value {
    let object = |(subject, meaning): &(&Subject, &Meaning)| {
        let piece = |(from, digest): &(Option<jiff::civil::Date>, Digest)| json!({ "from": from.map(|from| from.to_string()), "meaning": digest.to_string() });
        json!({
            "kind": subject.0.word(),
            "name": subject.1.as_str(),
            "version": version(model, subject),
            "form": all.form,
            "direct": meaning.direct.to_string(),
            "whole": meaning.whole.to_string(),
            "pieces": meaning.pieces.iter().map(piece).collect::<Vec<_>>(),
        })
    };
    Value::Array(lines.iter().map(object).collect())
}

fn table(model: &Model, form: u32, lines: &[(&Subject, &Meaning)]) -> String {
    let column = |head: &str, alignment: CellAlignment, cell: &dyn Fn(&Subject, &Meaning) -> String| Column {
        head: vec![head.to_owned()],
        unit: String::new(),
        cells: lines.iter().map(|(subject, meaning)| cell(subject, meaning)).collect(),
        alignment,
    };
    // A hash of the first form has half as many digits, at the end.
    let first = if form == 1 { 32 } else { 0 };
    let short = |digest: Digest| digest.to_string()[first..first + DIGITS].to_owned();
    draw(&[
        column("kind", CellAlignment::Left, &|subject, _| subject.0.word().to_owned()),
        column("name", CellAlignment::Left, &|subject, _| subject.1.to_string()),
        column("version", CellAlignment::Right, &|subject, _| {
            version(model, subject).map_or_else(String::new, |version| version.to_string())
        }),
        column("direct", CellAlignment::Left, &|_, meaning| short(meaning.direct)),
        column("whole", CellAlignment::Left, &|_, meaning| short(meaning.whole)),
    ])
}
