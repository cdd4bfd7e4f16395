//! Dashboards as exposures: what reads which metrics, and whose it is.

use super::Writing;
use super::naming::{Taken, ascii_word};
use super::properties::{maybe, owner, plain, team_name, yaml};
use crate::failure::Failure;
use crate::publishing::File;
use groma_model::reading::{Dashboard, Tile};
use groma_plan::View;
use serde_json::{Value, json};

/// The property file of the dashboards; none without any.
pub(super) fn file(writing: &Writing<'_>, views: &[View]) -> Result<Option<File>, Failure> {
    let dashboards: Vec<&Dashboard> = writing.model.dashboards.iter().filter(|one| !one.header.broken).collect();
    if dashboards.is_empty() {
        return Ok(None);
    }
    let mut taken = Taken::default();
    let exposures: Vec<Value> = dashboards
        .iter()
        .map(|dashboard| exposure(writing, views, dashboard, &taken.take(&ascii_word(&dashboard.header.name))))
        .collect();
    yaml("models/exposures.yml", json!({ "version": 2, "exposures": exposures })).map(Some)
}

fn exposure(writing: &Writing<'_>, views: &[View], dashboard: &Dashboard, name: &str) -> Value {
    let title = dashboard.title.as_deref().unwrap_or(&dashboard.header.name);
    let said = [dashboard.header.doc.as_deref(), dashboard.note.as_deref()];
    let said: Vec<&str> = said.into_iter().flatten().map(str::trim).collect();
    let shown =
        |view: &View| dashboard.tiles.iter().any(|tile| tile.metrics.iter().any(|(metric, _)| *metric == view.metric));
    let read = views.iter().zip(&writing.models.metrics).filter(|(view, _)| shown(view));
    let nobody = json!({ "name": "nobody" });
    json!({
        "name": name,
        "label": plain(title),
        "type": "dashboard",
        "description": if said.is_empty() { Value::Null } else { plain(&said.join("\n")) },
        "owner": dashboard.owner.map_or(nobody, |team| owner(writing.model, team)),
        "depends_on": read.map(|(_, name)| format!("ref('{name}')")).collect::<Vec<_>>(),
        "config": { "meta": {
            "team": team_name(writing.model, dashboard.owner),
            "audience": dashboard.audience.word(),
            "refresh": dashboard.refresh.map(groma_model::reading::Refresh::word),
            "tiles": dashboard.tiles.iter().map(|tile| of_tile(writing, tile)).collect::<Vec<_>>(),
        } },
    })
}

fn of_tile(writing: &Writing<'_>, tile: &Tile) -> Value {
    let metrics = tile.metrics.iter().map(|(metric, _)| plain(&writing.model.metric(*metric).header.name));
    json!({
        "name": plain(&tile.name),
        "title": maybe(tile.title.as_ref()),
        "metrics": metrics.collect::<Vec<_>>(),
        "by": tile.by.iter().map(|grouping| plain(&grouping.name)).collect::<Vec<_>>(),
        "grain": tile.grain.word(),
        "as": tile.mark.word(),
        "team": team_name(writing.model, tile.owner),
    })
}
