//! `groma rules`: which rules there are, which of them hold here, and how strictly.

use crate::arguments::Shared;
use crate::drawing::{Column, PADDING, draw, shortened, total};
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::terminal::Terminal;
use clap::ValueEnum;
use comfy_table::CellAlignment;
use groma_model::{Policy, Severity};
use groma_project::rules::{Rule, of_project, standard};
use groma_project::{did_you_mean, packs};
use serde_json::{Value, json};

/// The documentation is not cut shorter than this.
const SHORTEST_NOTE: usize = 12;

/// The name that chooses the project's own rules.
const OWN: &str = "rule";

/// List the rules: those of the packs and the project's own.
///
/// For each its code, its level here (the manifest's `policy: levels` may have changed it), and where it comes from. Rules of
/// packs that the manifest does not choose are marked with `-`, and so are those that are switched off. Outside of a project
/// the packs are listed. `groma explain CODE` shows a rule with an example.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this pack; `rule` stands for the project's own rules.
    #[arg(value_name = "PACK")]
    pack: Option<String>,
    /// How the list is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, for people.
    Table,
    /// An array of objects with all there is to know.
    Json,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let loaded = Loaded::new(shared);
    let project = &loaded.project;
    let policy = &project.manifest.governance;
    let mut rules: Vec<Rule> = standard().to_vec();
    rules.extend(of_project(project));
    for rule in rules.iter_mut().filter(|rule| rule.pack.is_none()) {
        rule.path = format!("{}{}", loaded.prefix, rule.path);
    }
    if let Some(pack) = &arguments.pack {
        let known: Vec<&str> = packs().chain([OWN]).collect();
        if !known.contains(&pack.as_str()) {
            return Err(Failure::wrong_use(format!("there is no pack `{pack}`"), did_you_mean(pack, known)));
        }
        rules.retain(|rule| rule.pack.unwrap_or(OWN) == pack);
    }
    match arguments.format {
        Format::Json => {
            let objects: Vec<Value> = rules.iter().map(|rule| object(rule, policy)).collect();
            terminal.answer(&format!("{:#}\n", Value::Array(objects)))?;
        }
        Format::Table if rules.is_empty() => terminal.say("the project has no rules of its own"),
        Format::Table => {
            let width = terminal.columns();
            terminal.answer(&table(&rules, policy, width))?;
        }
    }
    Ok(())
}

/// Where a rule comes from, and whether it is applied.
fn object(rule: &Rule, policy: &Policy) -> Value {
    json!({
        "code": rule.code,
        "name": rule.name,
        "pack": rule.pack,
        "about": rule.about,
        "holds": holds(rule, policy),
        "level": rule.level(policy).map(Severity::word),
        "own_level": rule.severity.word(),
        "path": rule.path,
        "line": rule.line,
        "documentation": rule.doc,
        "why": rule.why,
        "help": rule.help,
        "tested": rule.raises.is_some() && rule.passes.is_some(),
    })
}

fn holds(rule: &Rule, policy: &Policy) -> bool {
    rule.is_chosen(policy) && rule.level(policy).is_some()
}

fn table(rules: &[Rule], policy: &Policy, width: usize) -> String {
    let column = |head: &str, cell: &dyn Fn(&Rule) -> String| Column {
        head: vec![head.to_owned()],
        unit: String::new(),
        cells: rules.iter().map(cell).collect(),
        alignment: CellAlignment::Left,
    };
    let mut columns = vec![
        column("", &|rule| if holds(rule, policy) { "+".to_owned() } else { "-".to_owned() }),
        column("code", &|rule| rule.code.clone()),
        column("level", &|rule| rule.level(policy).map_or("off", Severity::word).to_owned()),
        column("from", &|rule| match rule.pack {
            Some(pack) => format!("pack {pack}"),
            None => format!("{}:{}", rule.path, rule.line),
        }),
    ];
    let left = width.saturating_sub(total(&columns) + PADDING).max(SHORTEST_NOTE);
    columns.push(column("", &|rule| shortened(rule.summary(), left)));
    draw(&columns)
}
