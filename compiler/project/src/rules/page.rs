//! The page of a rule, made from the rule: `docs/diagnostics/<pack>/<rule>.md` is this text, and a test keeps it so.

use super::Rule;
use std::fmt::Write as _;

/// Lines of a page are not longer than this.
const WIDTH: usize = 100;

/// The page of a rule.
pub(super) fn page(rule: &Rule) -> String {
    let mut page = format!("# {}\n\n## What\n\n{}\n", rule.code, folded(&rule.doc));
    let level = rule.severity.word();
    let pack = match rule.pack {
        Some(pack) => format!(
            "A rule of the pack `{pack}`: it holds where the manifest's `policy: {{ packs: [{pack}] }}` chooses it. Its level \
             is `{level}` unless `levels` says another one."
        ),
        None => format!("A rule of this project, declared in {}:{}. Its level is `{level}`.", rule.path, rule.line),
    };
    let _ = write!(page, "\n{}\n", folded(&pack));
    let why = rule.why.as_deref().unwrap_or("The rule does not say.");
    let _ = write!(page, "\n## Why it matters for the number\n\n{}\n", folded(why));
    let _ = write!(page, "\n## Example\n\n{}{}", manifest(rule), block(rule, rule.raises.as_deref()));
    page.push_str("\n## Instead\n");
    if let Some(help) = &rule.help {
        // Places of a help are for messages: on a page there is no thing to name.
        let help = help.replace("{{", "{").replace("}}", "}");
        let mut letters = help.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        let _ = write!(page, "\n{}\n", folded(&format!("{first}{}.", letters.as_str())));
    }
    let _ = write!(page, "\n{}{}", manifest(rule), block(rule, rule.passes.as_deref()));
    page
}

/// The manifest that the example is checked with.
fn manifest(rule: &Rule) -> String {
    let Some(pack) = rule.pack else { return String::new() };
    format!("```yaml\n{}```\n\n", super::proof::manifest(rule, pack))
}

fn block(rule: &Rule, text: Option<&str>) -> String {
    match text {
        Some(text) => format!("```groma\n{}```\n", super::proof::project(rule, text)),
        None => "The rule has no such test.\n".to_owned(),
    }
}

/// Paragraphs on lines that fit.
fn folded(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let mut lines: Vec<String> = vec![String::new()];
        for word in paragraph.split_whitespace() {
            let line = lines.last_mut().map(|line| {
                let fits = line.is_empty() || line.chars().count() + 1 + word.chars().count() <= WIDTH;
                if fits {
                    line.push_str(if line.is_empty() { "" } else { " " });
                    line.push_str(word);
                }
                fits
            });
            if line != Some(true) {
                lines.push(word.to_owned());
            }
        }
        lines.join("\n")
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
