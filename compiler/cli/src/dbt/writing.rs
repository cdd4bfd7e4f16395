//! Writing the package: what an earlier build wrote and this one does not is removed, and nothing else.

use crate::failure::Failure;
use crate::publishing::{self, File};
use groma_history::seal::sha256;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path};
use std::{fs, io};

/// The list of what was written.
pub(super) const LIST: &str = "groma.json";
/// What makes a folder a project of dbt.
const PROJECT: &str = "dbt_project.yml";

/// Writes the files of a package, the list of them last; answers which files stay although they are written no more, because
/// somebody changed them.
///
/// # Errors
/// The folder is a project of dbt that Groma did not write, or cannot be written.
pub(super) fn write(folder: &Path, shown: &str, mut files: Vec<File>) -> Result<Vec<String>, Failure> {
    if folder.join(PROJECT).exists() && !folder.join(LIST).exists() {
        return Err(Failure::wrong_use(
            format!("{shown} is a project of dbt that Groma did not write: its files would be lost"),
            Some(
                "choose a folder of its own with `--out`, and name it in your project's packages.yml (`- local: …`)"
                    .to_owned(),
            ),
        ));
    }
    let earlier = listed(folder);
    files.push(list(&files));
    let refused = |error: io::Error| Failure::refused(format!("{shown} cannot be written"), &error);
    publishing::publish(folder, &files).map_err(refused)?;
    let written: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let mut kept = Vec::new();
    for (name, hash) in earlier.iter().filter(|(name, _)| !written.contains(name.as_str())) {
        match fs::read(folder.join(name)) {
            Ok(bytes) if sha256(&bytes) == *hash => fs::remove_file(folder.join(name)).map_err(refused)?,
            Ok(_) => kept.push(name.clone()),
            Err(_) => {}
        }
    }
    Ok(kept)
}

fn list(files: &[File]) -> File {
    let entry = |file: &File| json!({ "file": file.name, "sha256": sha256(file.text.as_bytes()) });
    let list = json!({
        "generator": { "name": "groma", "version": env!("CARGO_PKG_VERSION") },
        "files": files.iter().map(entry).collect::<Vec<_>>(),
    });
    File { name: LIST.to_owned(), text: format!("{list:#}\n") }
}

/// The files that an earlier build wrote, with what was in them. Only places of a package: a list that was changed by hand must
/// not remove anything else.
fn listed(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    let files = list["files"].as_array().into_iter().flatten();
    let entries = files.filter_map(|entry| Some((entry["file"].as_str()?, entry["sha256"].as_str()?)));
    entries.filter(|(name, _)| is_ours(name)).map(|(name, hash)| (name.to_owned(), hash.to_owned())).collect()
}

/// Whether a package has files of that name.
fn is_ours(name: &str) -> bool {
    let path = Path::new(name);
    let parts: Vec<&OsStr> = path
        .components()
        .filter_map(|part| if let Component::Normal(part) = part { Some(part) } else { None })
        .collect();
    let within = parts.first().is_some_and(|first| ["models", "macros", "tests"].iter().any(|known| first == known));
    let ends = path.extension().is_some_and(|ending| ["sql", "yml"].iter().any(|known| ending == *known));
    within && ends && parts.len() == path.components().count() && parts.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<File> {
        names.iter().map(|name| File { name: (*name).to_owned(), text: format!("-- {name}\n") }).collect()
    }

    #[test]
    fn what_is_written_no_more_goes_unless_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(folder.path(), "dbt/", files(&["models/a.sql", "models/metrics/b.sql", "models/c.sql", PROJECT]))
            .unwrap();
        fs::write(at("models/c.sql"), "mine now").unwrap();
        fs::write(at("models/own.sql"), "mine").unwrap();
        let kept = write(folder.path(), "dbt/", files(&["models/a.sql", PROJECT])).unwrap();
        assert_eq!(kept, ["models/c.sql"]);
        assert!(at("models/a.sql").exists() && at("models/own.sql").exists() && !at("models/metrics/b.sql").exists());
    }

    #[test]
    fn a_list_that_names_other_places_removes_nothing() {
        for name in
            ["../models/a.sql", "/models/a.sql", "models", "models/../x.sql", "README.md", "x/a.sql", "models/a.csv"]
        {
            assert!(!is_ours(name), "{name}");
        }
        assert!(is_ours("models/metrics/größe.sql") && is_ours("tests/tests.yml"));
    }

    #[test]
    fn a_project_of_somebody_else_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(PROJECT), "name: mine\n").unwrap();
        assert!(write(folder.path(), "dbt/", files(&[PROJECT])).is_err());
        assert_eq!(fs::read_to_string(folder.path().join(PROJECT)).unwrap(), "name: mine\n");
    }
}
