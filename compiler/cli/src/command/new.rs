//! `groma new`: a small project with a little data, which runs at once.

use crate::arguments::Shared;
use crate::failure::Failure;
use crate::terminal::Terminal;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a new project: path, text.
const FILES: [(&str, &str); 8] = [
    ("groma.yml", include_str!("new/groma.yml")),
    ("sources.groma", include_str!("new/sources.groma")),
    ("customers.groma", include_str!("new/customers.groma")),
    ("metrics.groma", include_str!("new/metrics.groma")),
    ("data/subscribers.csv", include_str!("new/data/subscribers.csv")),
    ("data/orders.csv", include_str!("new/data/orders.csv")),
    ("data/answers.csv", include_str!("new/data/answers.csv")),
    (".gitignore", include_str!("new/gitignore")),
];

/// Stands in the manifest for the project's name.
const NAME: &str = "PROJECT_NAME";

/// Write a small project with a little data, which runs at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the project, whose last part becomes its name.
    #[arg(value_name = "NAME")]
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, shared: &Shared, terminal: &mut Terminal) -> Result<(), Failure> {
    let folder = shared.directory().unwrap_or_default().join(&arguments.folder);
    let name = project_name(&arguments.folder)?;
    let shown = folder.display();
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::wrong_use(
            format!("{shown} is not empty"),
            Some("choose another name: nothing that is there is overwritten".to_owned()),
        ));
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        write(&path, &text.replace(NAME, &name))
            .map_err(|error| Failure::refused(format!("{} cannot be written", path.display()), &error))?;
    }
    terminal.say(&format!("{shown} is a project now. Next:"));
    Ok(terminal.answer(&format!("groma -C {shown} check\ngroma -C {shown} run\n"))?)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// The last part of the folder, if it can be a name.
fn project_name(folder: &Path) -> Result<String, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(allowed) {
        return Ok(name.to_owned());
    }
    Err(Failure::wrong_use(
        format!("`{}` cannot be the name of a project", folder.display()),
        Some("a name is letters, digits, `_` and `-`, and begins with a letter".to_owned()),
    ))
}
