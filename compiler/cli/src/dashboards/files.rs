//! The files that dashboards become.

use super::Desk;
use crate::command::dashboard::Form;
use crate::failure::Failure;
use crate::publishing::File;
use crate::terminal::Terminal;
use groma_board as board;
use groma_model::reading::Dashboard;
use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

/// What the name of a Vega-Lite specification ends with.
const SPECIFICATION: &str = ".vl.json";

/// All files of some dashboards in one form.
pub(crate) struct Written {
    pub(crate) files: Vec<File>,
    /// What the files of tiles begin with, of each dashboard that has a file for each tile.
    tiles_of: Vec<String>,
}

/// The files of dashboards, nothing of which is written yet. What stands in the way is shown.
pub(crate) fn files(
    desk: &Desk<'_>,
    dashboards: &[&Dashboard],
    form: Form,
    terminal: &mut Terminal,
) -> Result<Written, Failure> {
    let mut written = Written { files: Vec::new(), tiles_of: Vec::new() };
    for dashboard in dashboards {
        let name = dashboard.header.name.as_str();
        match form {
            Form::Html => {
                let page = desk.filled(dashboard, terminal)?;
                let text = board::html(&page);
                let text = text.map_err(|error| Failure::Bug { what: format!("no page of `{name}`: {error}") })?;
                written.files.push(File { name: format!("{name}.html"), text });
            }
            Form::VegaLite => {
                let page = desk.filled(dashboard, terminal)?;
                let specifications = board::specifications(&page).into_iter();
                written.files.extend(specifications.map(|(name, text)| File { name, text }));
                written.tiles_of.push(format!("{name}."));
            }
            Form::Grafana => {
                let text = super::grafana::dashboard(desk, dashboard, terminal)?;
                written.files.push(File { name: format!("{name}.grafana.json"), text });
            }
        }
    }
    Ok(written)
}

impl Written {
    /// Removes the specifications of tiles that these dashboards do not have any more.
    pub(crate) fn remove_stale(&self, folder: &Path) -> io::Result<()> {
        if self.tiles_of.is_empty() {
            return Ok(());
        }
        let kept: BTreeSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let is_of_tile = |begin: &String| {
                let tile = name.strip_prefix(begin.as_str()).and_then(|rest| rest.strip_suffix(SPECIFICATION));
                tile.is_some_and(|tile| !tile.is_empty() && !tile.contains('.'))
            };
            if self.tiles_of.iter().any(is_of_tile) && !kept.contains(name) {
                fs::remove_file(folder.join(name))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_specifications_of_tiles_that_are_gone_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let all = ["a.one.vl.json", "a.two.vl.json", "b.one.vl.json", "a.html", "a.b.two.vl.json", "a..vl.json"];
        for name in all {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let file = File { name: "a.one.vl.json".to_owned(), text: String::new() };
        let written = Written { files: vec![file], tiles_of: vec!["a.".to_owned()] };
        written.remove_stale(folder.path()).unwrap();
        let left: Vec<&str> = all.into_iter().filter(|name| folder.path().join(name).is_file()).collect();
        assert_eq!(left, ["a.one.vl.json", "b.one.vl.json", "a.html", "a.b.two.vl.json", "a..vl.json"]);
    }
}
