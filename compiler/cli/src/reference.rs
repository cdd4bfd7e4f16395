//! The command reference as Markdown, made from what clap knows. `docs/reference/commands.md` is this text.

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use std::fmt::Write as _;

/// The page, with a newline at its end.
pub fn commands() -> String {
    let mut root = crate::commands();
    root.build();
    let mut page = String::from("# Commands\n\n");
    let _ = writeln!(page, "{}\n", sentence(&root.get_about().map(ToString::to_string).unwrap_or_default()));
    page.push_str(
        "This page is made by `groma reference` from the definitions of the commands; a test keeps it so.\n\n\
         Results go to stdout, findings and messages to stderr. Exit codes: 0 fine, 1 findings, 2 wrong use, 3 a bug of \
         Groma. `NO_COLOR` and a pipe switch colour off, and `COLUMNS` sets the width of tables.\n\n## Everywhere\n\n",
    );
    options(&mut page, root.get_arguments().filter(|argument| argument.is_global_set()));
    for command in shown(&root) {
        section(&mut page, command, "groma");
    }
    format!("{}\n", page.trim_end())
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

fn section(page: &mut String, command: &Command, before: &str) {
    let name = format!("{before} {}", command.get_name());
    let _ = writeln!(page, "## {name}\n");
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, "{}\n", sentence(&about));
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(page, "```\n{}\n```\n", usage.trim_start_matches("Usage: ").trim());
    options(page, command.get_arguments().filter(|argument| !argument.is_global_set()));
    for inner in shown(command) {
        section(page, inner, &name);
    }
}

fn options<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<String> =
        arguments.filter(|argument| !argument.is_hide_set() && argument.get_id() != "help").map(row).collect();
    if !rows.is_empty() {
        let _ = writeln!(page, "| argument | meaning |\n|---|---|\n{}\n", rows.join("\n"));
    }
}

fn row(argument: &Arg) -> String {
    let mut names: Vec<String> = Vec::new();
    names.extend(argument.get_short().map(|short| format!("-{short}")));
    names.extend(argument.get_long().map(|long| format!("--{long}")));
    let values: Vec<String> = argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let takes = argument.get_action().takes_values();
    let value = if takes { values.join(" ") } else { String::new() };
    let head = match (names.is_empty(), value.is_empty()) {
        (true, _) => format!("`{value}`"),
        (false, true) => format!("`{}`", names.join("`, `")),
        (false, false) => format!("`{} {value}`", names.join("`, `")),
    };
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string);
    let mut meaning = sentence(&help.unwrap_or_default());
    let possible = argument.get_possible_values();
    if takes && !possible.is_empty() && !argument.is_hide_possible_values_set() {
        let named = |value: &PossibleValue| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        };
        let names: Vec<String> = possible.iter().map(named).collect();
        let _ = write!(meaning, " One of {}.", names.join(", "));
    }
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if takes && !defaults.is_empty() {
        let _ = write!(meaning, " Default {}.", defaults.join(", "));
    }
    format!("| {head} | {} |", meaning.replace('|', "\\|").replace('\n', " "))
}

/// Help of clap has lost its last full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', ':']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_in_docs_is_this_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/commands.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(page == super::commands(), "write it again: `groma reference > docs/reference/commands.md`");
    }

    #[test]
    fn every_command_has_its_section() {
        let page = super::commands();
        for command in [
            "new",
            "check",
            "report",
            "report contracts",
            "fmt",
            "list",
            "graph",
            "explain",
            "build",
            "query",
            "run",
            "rules",
            "test",
            "completions",
            "man",
        ] {
            assert!(page.contains(&format!("## groma {command}\n")), "{command}");
        }
        assert!(!page.contains("## groma reference"));
    }
}
