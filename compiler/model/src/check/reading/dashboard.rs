//! Dashboards.

use super::tile;
use crate::check::declare::{DUPLICATE, Declarations, Declared};
use crate::check::governance::entries;
use crate::check::source::owner;
use crate::model::{Header, Model};
use crate::reading::{Audience, Dashboard, Refresh};
use crate::schema::Kind;
use groma_syntax::Diagnostic;
use groma_syntax::ast::{Entry, Item, Name};

/// Reads them; metrics and targets have been read before.
pub(super) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let all = declarations.of(Kind::Dashboard).iter();
    let dashboards = all.map(|declared| dashboard(model, declared, sink)).collect();
    model.dashboards = dashboards;
}

fn dashboard(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Dashboard {
    let before = sink.len();
    let (entries, broken) = entries(declared, Kind::Dashboard, sink);
    let teams = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&entries, &model.names, teams, sink);
    let mut tiles = Vec::new();
    let mut names: Vec<Name> = Vec::new();
    for entry in entries.parts("tile") {
        let Some(item) = part(entry) else { continue };
        if let Some(first) = names.iter().find(|first| first.text == item.name.text) {
            sink.push(
                DUPLICATE
                    .finding(format!("dashboard `{}` has two tiles `{}`", declared.name, item.name.text))
                    .at(item.name.span, "declared again here")
                    .also(first.span, "first declared here")
                    .help("give one of them another name, or delete it"),
            );
            continue;
        }
        names.push(item.name.clone());
        tiles.extend(tile::read(model, (&item, owner), sink));
    }
    let text = |key: &str| entries.text(key).map(|(text, _)| text.to_owned());
    let word = |key: &str| entries.name(key).map(|(word, _)| word);
    let header = declared.header();
    Dashboard {
        owner,
        title: text("title"),
        audience: word("audience").and_then(|word| Audience::from_word(&word)).unwrap_or(Audience::Operations),
        refresh: word("refresh").and_then(|word| Refresh::from_word(&word)),
        note: text("note"),
        tiles,
        header: Header { broken: broken || header.broken || sink.len() > before, ..header },
    }
}

/// The block of a tile as a declaration of its own.
pub(crate) fn part(entry: &Entry) -> Option<Item> {
    let Entry::Group { span, doc, key, name: Some(name), body } = entry else { return None };
    Some(Item {
        span: *span,
        doc: doc.clone(),
        kind: key.clone(),
        name: name.clone(),
        params: Vec::new(),
        returns: None,
        body: body.clone(),
        broken: false,
    })
}
