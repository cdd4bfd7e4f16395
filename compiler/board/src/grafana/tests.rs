use super::*;
use crate::page::Break;

fn metric(name: &str) -> Metric {
    Metric {
        name: name.to_owned(),
        label: name.to_uppercase(),
        doc: Some("What is counted.".to_owned()),
        unit: Some("%".to_owned()),
        factor: 100.0,
        better: Some("higher".to_owned()),
        definition: vec!["Measure: share(good)".to_owned()],
        version: 2,
        hash: "ab".repeat(32),
        owner: None,
        status: "active",
        exceptions: Vec::new(),
        freshness: Vec::new(),
    }
}

fn tile(name: &str, mark: &'static str, groups: &[&str]) -> Tile {
    Tile {
        id: format!("board.{name}"),
        title: name.to_owned(),
        mark,
        note: None,
        owner: Some(Person { team: "care".to_owned(), title: None, lead: Some("lead@care.example".to_owned()) }),
        grain: "month",
        metrics: vec![metric(name)],
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        goal: None,
        cells: Vec::new(),
        breaks: Vec::new(),
    }
}

fn page(tiles: Vec<Tile>) -> Page {
    Page {
        id: "board".to_owned(),
        title: "The board".to_owned(),
        doc: None,
        note: None,
        project: "project".to_owned(),
        audience: "executive".to_owned(),
        refresh: Some("daily".to_owned()),
        owner: None,
        as_of: None,
        zone: "UTC".to_owned(),
        commit: None,
        synthetic: None,
        frozen: None,
        tiles,
    }
}

fn written(page: &Page) -> Value {
    let of = |tile: &Tile| TileQueries {
        metrics: tile.metrics.iter().map(|metric| format!("SELECT {}", metric.name)).collect(),
        breaks: (!tile.breaks.is_empty()).then(|| "SELECT breaks".to_owned()),
        span: None,
    };
    let plugin = "grafana-postgresql-datasource".to_owned();
    let range = ("now-2y".to_owned(), "now".to_owned());
    let queries = Queries { plugin, tiles: page.tiles.iter().map(of).collect(), range };
    let text = dashboard(page, &queries);
    assert_eq!(text, dashboard(page, &queries), "the same page gives the same text");
    serde_json::from_str(&text).unwrap()
}

/// The properties that columns of that name get.
fn properties<'v>(panel: &'v Value, name: &str) -> Vec<(&'v str, &'v Value)> {
    let overrides = panel["fieldConfig"]["overrides"].as_array().unwrap();
    let own = overrides.iter().filter(|one| one["matcher"]["options"] == name);
    own.flat_map(|one| one["properties"].as_array().unwrap())
        .map(|property| (property["id"].as_str().unwrap(), &property["value"]))
        .collect()
}

#[test]
fn a_changed_tile_changes_only_its_panel() {
    let tiles = ["line", "bar", "number", "table", "heatmap", "funnel"];
    let tiles = || tiles.iter().enumerate().map(|(at, mark)| tile(&format!("tile_{at}"), mark, &[])).collect();
    let before = page(tiles());
    let mut after = page(tiles());
    after.tiles[2].mark = "line";
    after.tiles[2].note = Some("Another one.".to_owned());
    after.tiles[2].metrics.push(metric("other"));
    let (before, after) = (written(&before), written(&after));
    for (at, panel) in before["panels"].as_array().unwrap().iter().enumerate() {
        assert_eq!(*panel == after["panels"][at], at != 2, "panel {at}");
    }
    let without = |mut value: Value| {
        value["panels"] = Value::Null;
        value
    };
    assert_eq!(without(before), without(after));
}

#[test]
fn ids_are_those_of_names_and_not_of_places() {
    let ids = |tiles: Vec<Tile>| -> Vec<u64> {
        let written = written(&page(tiles));
        written["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64().unwrap()).collect()
    };
    let one = ids(vec![tile("a", "line", &[]), tile("b", "line", &[])]);
    let other = ids(vec![tile("c", "line", &[]), tile("b", "line", &[]), tile("a", "line", &[])]);
    assert_eq!((one[0], one[1]), (other[2], other[1]));
    assert!(one.iter().all(|id| (1..1 << 31).contains(id)));
    let twice = ids(vec![tile("a", "line", &[]), tile("a", "line", &[])]);
    assert_ne!(twice[0], twice[1]);
}

#[test]
fn provisional_values_are_dashed_and_intervals_a_band() {
    let mut with_goal = tile("nps", "line", &[]);
    with_goal.goal =
        Some(Goal { name: Some("goal".to_owned()), value: 0.4, shown: "40.0 %".to_owned(), phase: Some("warned") });
    let written = written(&page(vec![with_goal]));
    let panel = &written["panels"][0];
    let dash = properties(panel, PROVISIONAL);
    assert!(dash.iter().any(|(id, value)| *id == "custom.lineStyle" && value["fill"] == "dash"), "{dash:?}");
    let high = properties(panel, HIGH);
    assert!(high.contains(&("custom.fillBelowTo", &json!("NPS (low)"))), "{high:?}");
    assert!(properties(panel, LOW).contains(&("displayName", &json!("NPS (low)"))));
    assert!(properties(panel, TARGET).contains(&("displayName", &json!("Target goal: 40.0 % (warned)"))));
    assert_eq!(panel["fieldConfig"]["defaults"]["unit"], "percentunit");
    assert_eq!(panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"], 0.4);
}

#[test]
fn a_panel_says_what_may_be_asked() {
    let mut changed = tile("nps", "table", &["account.region"]);
    changed.note = Some("Only real accounts.".to_owned());
    changed.breaks = vec![Break {
        metric: "nps".to_owned(),
        period: "2026-07-01".to_owned(),
        period_label: "July 2026".to_owned(),
        words: "version 2 from 2026-07-01".to_owned(),
        restated: false,
    }];
    let written = written(&page(vec![changed]));
    let panel = &written["panels"][0];
    let words = panel["description"].as_str().unwrap();
    for part in ["Only real accounts.", "lead@care.example", "version 2", "share(good)", "abab", "July 2026"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let annotation = &written["annotations"]["list"][0];
    assert_eq!(annotation["filter"]["ids"], json!([panel["id"]]));
    assert_eq!(annotation["target"]["rawSql"], "SELECT breaks");
    assert_eq!(written["templating"]["list"][0]["name"], "DS_GROMA");
    assert_eq!(panel["targets"][0]["datasource"]["uid"], SOURCE);
}

#[test]
fn several_metrics_have_columns_of_their_own() {
    assert_eq!(
        (column(0, 1, VALUE), column(1, 2, LOW), column(27, 30, HIGH)),
        ("value".to_owned(), "B low".to_owned(), "B1 high".to_owned())
    );
    let mut both = tile("nps", "line", &[]);
    both.metrics.push(metric("csat"));
    let written = written(&page(vec![both]));
    let panel = &written["panels"][0];
    assert_eq!(panel["targets"][1]["refId"], "B");
    assert!(properties(panel, "B value").contains(&("displayName", &json!("CSAT"))));
}
