//! Who agreed to something: teams, councils, people.

use crate::check::UNKNOWN_NAME;
use crate::check::entries::{Entries, WRONG_VALUE};
use crate::check::names::{dotted, listed, nearest};
use crate::check::people::address;
use crate::governance::Approver;
use crate::model::{CouncilId, Model, TeamId};
use crate::schema::Kind;
use groma_syntax::Diagnostic;
use groma_syntax::ast::{Expr, ExprKind};

/// Those that a key names: the name of a team, `council.metrics`, or an address in quotes. Says so where there are none
/// such. Teams and councils have been read before.
pub(crate) fn approvers(model: &Model, entries: &Entries<'_>, key: &str, sink: &mut Vec<Diagnostic>) -> Vec<Approver> {
    entries.values(key).iter().filter_map(|written| approver(model, written, sink)).collect()
}

fn approver(model: &Model, written: &Expr, sink: &mut Vec<Diagnostic>) -> Option<Approver> {
    match &written.kind {
        ExprKind::Text(text) => address(text, written.span, sink).then(|| Approver::Person(text.clone(), written.span)),
        ExprKind::Path(path) => {
            let name = dotted(path);
            let found = named(model, &name, written);
            if found.is_none() {
                sink.push(nobody(model, &name, written));
            }
            found
        }
        _ => {
            sink.push(
                WRONG_VALUE
                    .finding("one who agrees is a team, a council or a person")
                    .at(written.span, "none of them")
                    .help("write the name of a team, a council like `council.metrics`, or an address in quotes"),
            );
            None
        }
    }
}

fn named(model: &Model, name: &str, written: &Expr) -> Option<Approver> {
    let span = written.span;
    if let Some(council) = name.strip_prefix("council.") {
        return model.names.get(Kind::Council, council).map(|id| Approver::Council(CouncilId(id), span));
    }
    let team = name.strip_prefix("team.").unwrap_or(name);
    model.names.get(Kind::Team, team).map(|id| Approver::Team(TeamId(id), span))
}

/// The finding about a name that is nobody's.
fn nobody(model: &Model, name: &str, written: &Expr) -> Diagnostic {
    let councils = || model.councils.iter().map(|council| council.header.name.as_str());
    let (word, bare) = match name.strip_prefix("council.") {
        Some(bare) => ("council", bare),
        None => ("team", name),
    };
    let finding =
        UNKNOWN_NAME.finding(format!("there is no {word} `{bare}`")).at(written.span, format!("no such {word}"));
    if word == "team" && model.names.get(Kind::Council, name).is_some() {
        return finding.help(format!("did you mean the council, `council.{name}`?")).fix(
            format!("write `council.{name}`"),
            written.span,
            format!("council.{name}"),
        );
    }
    let near = match word {
        "council" => nearest(bare, councils()).map(|near| format!("council.{near}")),
        _ => nearest(bare, model.teams.iter().map(|team| team.header.name.as_str())).map(str::to_owned),
    };
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None if word == "council" && councils().next().is_some() => {
            finding.help(format!("there are the councils {}", listed(councils())))
        }
        None => finding.help(format!("declare it: `{word} {bare} {{ … }}`, or write an address in quotes")),
    }
}
