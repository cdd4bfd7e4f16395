//! A page as one HTML document: what the template needs to know, in its words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use minijinja::{AutoEscape, Environment, value::Serde};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::page::{Cell, Metric, Page, Person, Tile};
use crate::series::{Series, clean, is_over, series, step_name, steps};
use crate::{chart, words};

const TEMPLATE: &str = include_str!("../templates/page.html");
const STYLE: &str = include_str!("../templates/page.css");
const DRAW: &str = include_str!("../templates/draw.js");
const VEGA: &str = include_str!("../vendor/vega.min.js");
const VEGA_LITE: &str = include_str!("../vendor/vega-lite.min.js");
const INTERPRETER: &str = include_str!("../vendor/vega-interpreter.min.js");
const LICENCES: &str = include_str!("../vendor/LICENCES");

/// What the template reads.
#[derive(Serialize)]
struct Context<'a> {
    page: &'a Page,
    owner: Option<Contact>,
    tiles: Vec<Card>,
    style: &'static str,
    scripts: Vec<&'static str>,
    /// The scripts that may run, for the policy of the page: these and no other.
    hashes: Vec<String>,
    licences: &'static str,
    draws: bool,
}

/// A person with an address that may be followed.
#[derive(Serialize)]
struct Contact {
    name: String,
    address: Option<String>,
    mail: bool,
}

/// A tile in words.
#[derive(Serialize)]
struct Card {
    id: String,
    slug: String,
    title: String,
    mark: &'static str,
    grain: &'static str,
    /// The names of the groups, as JSON.
    by: String,
    note: Option<String>,
    goal: Option<String>,
    /// The declared target, if it is one.
    goal_name: Option<String>,
    numbers: Vec<Number>,
    /// Whether the only number stands large.
    large: bool,
    /// So many series are only in the table.
    more: usize,
    description: String,
    /// JSON that may stand in a script element.
    specification: Option<String>,
    /// The chart is never narrower, in pixels: it scrolls instead.
    width: usize,
    owner: Option<Contact>,
    metrics: Vec<Definition>,
    breaks: Vec<String>,
    table: Table,
}

/// The newest number of a series.
#[derive(Serialize)]
struct Number {
    name: String,
    colour: &'static str,
    path: &'static str,
    value: Option<f64>,
    number: String,
    unit: String,
    when: String,
    change: Option<String>,
    arrow: &'static str,
    direction: Option<&'static str>,
    verdict: Option<String>,
    size: Option<String>,
    interval: Option<String>,
    status: String,
    settled: bool,
    /// What a newer period says that has no number yet.
    later: Option<String>,
    /// Whether the goal is reached.
    reached: Option<String>,
}

/// All that can be asked about a metric.
#[derive(Serialize)]
struct Definition {
    metric: Metric,
    owner: Option<Contact>,
    short: String,
}

#[derive(Serialize)]
struct Table {
    heads: Vec<Head>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Head {
    words: String,
    numeric: bool,
}

#[derive(Serialize)]
struct Row {
    /// The cell of the row; none where there is one in each column.
    facts: Option<Facts>,
    label: String,
    /// The columns before the value.
    texts: Vec<String>,
    /// The values: one, or one for each metric.
    values: Vec<Entry>,
    /// The columns behind the value.
    rest: Vec<Field>,
}

/// What programs read of a cell, as attributes.
#[derive(Serialize)]
struct Facts {
    metric: String,
    version: u32,
    period: String,
    groups: String,
    step: Option<String>,
    status: String,
    n: Option<i64>,
    low: Option<f64>,
    high: Option<f64>,
}

/// A value of the table.
#[derive(Serialize, Default)]
struct Entry {
    facts: Option<Facts>,
    value: Option<f64>,
    shown: String,
    /// Why there is no number, or why it may still change.
    status: Option<String>,
    /// What is more to say of it where one points.
    title: Option<String>,
}

#[derive(Serialize)]
struct Field {
    words: String,
    numeric: bool,
}

/// The page as one document.
pub(crate) fn html(page: &Page) -> Result<String, minijinja::Error> {
    let tiles: Vec<Card> = page.tiles.iter().map(|tile| card(page, tile)).collect();
    let draws = tiles.iter().any(|tile| tile.specification.is_some());
    let scripts = if draws { vec![without_map(VEGA), without_map(VEGA_LITE), INTERPRETER, DRAW] } else { Vec::new() };
    let hashes = scripts.iter().map(|script| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script)));
    let context = Context {
        page,
        owner: page.owner.as_ref().map(contact),
        tiles,
        style: STYLE,
        hashes: hashes.collect(),
        scripts,
        licences: LICENCES,
        draws,
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page.html", TEMPLATE)?;
    environment.get_template("page.html")?.render(Serde(&context))
}

/// A script without the comment that names its source map: nobody can follow it.
fn without_map(script: &'static str) -> &'static str {
    script.split("\n//# sourceMappingURL=").next().unwrap_or(script)
}

/// JSON that may stand in a script element: no tag and no comment begins in it.
fn in_script(value: &Value) -> String {
    let mut text = String::new();
    for char in value.to_string().chars() {
        match char {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a text does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(char));
            }
            _ => text.push(char),
        }
    }
    text
}

fn contact(person: &Person) -> Contact {
    let mail = person.lead.as_deref().is_some_and(is_mail);
    Contact { name: person.title.clone().unwrap_or_else(|| person.team.clone()), address: person.lead.clone(), mail }
}

/// Whether an address can be written to with no more than these characters.
fn is_mail(address: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | '+' | '@');
    address.chars().all(plain) && address.split('@').filter(|part| !part.is_empty()).count() == 2
}

fn card(page: &Page, tile: &Tile) -> Card {
    let all = series(tile);
    let slug = tile.id.strip_prefix(&format!("{}.", page.id)).unwrap_or(&tile.id);
    let slug = slug.chars().map(|char| if char.is_ascii_alphanumeric() || char == '_' { char } else { '-' }).collect();
    let specification = chart::in_page(tile).map(|specification| in_script(&specification));
    let ranked: Vec<&Series<'_>> = all.iter().filter(|series| series.rank.is_some()).collect();
    // What is a table already, or a curve without a newest number, needs no list.
    let unlisted = tile.mark == "heatmap" || (tile.mark == "table" && all.len() > 1);
    let as_of = page.as_of.as_deref().unwrap_or("");
    let mut numbers: Vec<Number> = Vec::new();
    if !unlisted {
        numbers.extend(ranked.iter().map(|series| number(tile, series, all.len() == 1, as_of)));
    }
    if tile.mark == "bar" {
        // In the order of the bars.
        let size = |number: &Number| number.value.unwrap_or(f64::NEG_INFINITY);
        numbers.sort_by(|left, right| size(right).total_cmp(&size(left)));
    }
    let columns = steps(tile).len();
    Card {
        id: tile.id.clone(),
        slug,
        title: clean(&tile.title),
        mark: tile.mark,
        grain: tile.grain,
        by: Value::from(tile.groups.clone()).to_string(),
        note: tile.note.clone(),
        goal: tile.goal.as_ref().map(words::goal),
        goal_name: tile.goal.as_ref().and_then(|goal| goal.name.clone()),
        large: all.len() == 1 && !unlisted,
        numbers,
        more: if unlisted { 0 } else { all.len() - ranked.len() },
        description: words::description(tile),
        specification,
        width: if tile.mark == "heatmap" && columns > 5 { 80 + columns * 30 } else { 0 },
        owner: tile.owner.as_ref().map(contact),
        metrics: tile.metrics.iter().map(definition).collect(),
        breaks: tile.breaks.iter().map(|mark| format!("{}: {}", mark.period_label, mark.words)).collect(),
        table: table(tile),
    }
}

fn definition(metric: &Metric) -> Definition {
    Definition {
        metric: metric.clone(),
        owner: metric.owner.as_ref().map(contact),
        short: metric.hash.chars().take(12).collect(),
    }
}

/// The newest number of a series, with all that is said about it.
fn number(tile: &Tile, series: &Series<'_>, alone: bool, as_of: &str) -> Number {
    // A period that is still running says little: the newest that is over is what is read, if there is one.
    let (valued, newest) = words::newest(series);
    let over = |cell: &&&Cell| cell.drawn().is_some() && is_over(tile.grain, &cell.period, as_of);
    let ended = series.cells.iter().filter(over).max_by_key(|cell| (&cell.period, cell.step_number)).copied();
    let valued = ended.or(valued);
    let cell = valued.or(newest);
    let metric = series.metric;
    let verdict = valued.and_then(|cell| cell.verdict.as_deref());
    let goal = tile.goal.as_ref().filter(|_| alone).zip(valued.and_then(Cell::drawn));
    let period = |cell: &Cell| match &cell.step {
        // A bare number does not say that it is one of a step.
        Some(step) if step.parse::<f64>().is_ok() => format!("step {step}, {}", cell.period_label),
        Some(step) => format!("{}, {}", step_name(step), cell.period_label),
        None => cell.period_label.clone(),
    };
    let later = newest.zip(valued).filter(|(newest, valued)| newest.period > valued.period);
    let change = valued.and_then(|cell| cell.change_shown.clone());
    let raised = valued.and_then(|cell| cell.change).unwrap_or(0.0);
    Number {
        name: if alone && tile.metrics.len() < 2 && tile.groups.is_empty() {
            String::new()
        } else {
            series.name.clone()
        },
        colour: series.colour(),
        path: path(series.shape()),
        value: valued.and_then(Cell::drawn),
        number: valued.map_or_else(|| "no number".to_owned(), |cell| words::brief(cell, metric)),
        unit: valued.map_or_else(String::new, |cell| words::behind(&cell.shown).trim().to_owned()),
        when: cell.map_or_else(String::new, period),
        arrow: if raised > 0.0 {
            "▲"
        } else if raised < 0.0 {
            "▼"
        } else {
            ""
        },
        direction: valued.and_then(|cell| words::direction(cell, metric)),
        verdict: change.is_some().then_some(verdict).flatten().map(|word| words::verdict(word).to_owned()),
        change,
        size: valued.and_then(|cell| cell.n).map(words::count),
        interval: valued.and_then(|cell| words::interval(cell, metric)),
        status: cell.map_or_else(String::new, words::status),
        settled: valued.is_some_and(Cell::is_settled),
        later: later.map(|(newest, _)| match newest.drawn() {
            Some(_) if !is_over(tile.grain, &newest.period, as_of) => {
                format!("{} so far: {}", newest.period_label, newest.shown)
            }
            Some(_) => format!("{}: {}", newest.period_label, newest.shown),
            None => format!("{}: {}", newest.period_label, words::status(newest)),
        }),
        reached: goal.map(|(goal, value)| words::reached(value, goal, metric).to_owned()),
    }
}

/// The shape of a series in a square of 12 pixels around the middle.
fn path(shape: &str) -> &'static str {
    match shape {
        "square" => "M-4-4H4V4H-4Z",
        "triangle-up" => "M0-5L5 4H-5Z",
        "diamond" => "M0-5.5L4.5 0L0 5.5L-4.5 0Z",
        "cross" => "M-1.7-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
        "triangle-down" => "M0 5L5-4H-5Z",
        _ => "M-4.5 0A4.5 4.5 0 1 0 4.5 0A4.5 4.5 0 1 0-4.5 0Z",
    }
}

/// What the cells of a tile have at all: columns without anything are left out.
struct Columns {
    metric: bool,
    step: bool,
    n: bool,
    interval: bool,
    change: bool,
    breaks: bool,
}

/// All cells: one in a row, or those of several metrics side by side where the table is what is looked at.
fn table(tile: &Tile) -> Table {
    if tile.mark == "table" && tile.metrics.len() > 1 { crossed(tile) } else { long(tile) }
}

fn facts(cell: &Cell) -> Facts {
    Facts {
        metric: cell.metric.clone(),
        version: cell.version,
        period: cell.period.clone(),
        groups: serde_json::json!(cell.groups).to_string(),
        step: cell.step.clone(),
        status: cell.status.clone(),
        n: cell.n,
        low: cell.low,
        high: cell.high,
    }
}

/// A row for each period, group and step, a column for each metric.
fn crossed(tile: &Tile) -> Table {
    let stepped = tile.cells.iter().any(|cell| cell.step.is_some());
    let head = |words: String, numeric: bool| Head { words, numeric };
    let mut heads = vec![head(sentence(&tile.grain.replace('_', " ")), false)];
    heads.extend(tile.groups.iter().map(|group| head(group.clone(), false)));
    heads.extend(stepped.then(|| head("Step".to_owned(), false)));
    heads.extend(tile.metrics.iter().map(|metric| {
        let unit = metric.unit.as_deref().map(|unit| format!(", {unit}")).unwrap_or_default();
        head(format!("{}{unit}", metric.label), true)
    }));
    let mut places = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for cell in &tile.cells {
        let Some(column) = tile.metrics.iter().position(|metric| metric.name == cell.metric) else { continue };
        let place = *places.entry((&cell.period, &cell.groups, cell.step_number)).or_insert_with(|| {
            let mut texts: Vec<String> = cell.groups.iter().map(|group| named(group.as_deref())).collect();
            texts.extend(stepped.then(|| cell.step.as_deref().map(step_name).unwrap_or_default()));
            let values = tile.metrics.iter().map(|_| Entry::default()).collect();
            rows.push(Row { facts: None, label: cell.period_label.clone(), texts, values, rest: Vec::new() });
            rows.len() - 1
        });
        rows[place].values[column] = Entry { title: about(cell, &tile.metrics[column]), ..entry(cell, true) };
    }
    // The cells come metric by metric, the rows period by period.
    let mut ordered: Vec<(_, Row)> = Vec::with_capacity(rows.len());
    let mut keys: Vec<_> = places.into_iter().map(|(key, place)| (place, key)).collect();
    keys.sort_unstable_by_key(|(place, _)| *place);
    for ((place, (period, ..)), row) in keys.into_iter().zip(rows) {
        ordered.push(((period, place), row));
    }
    ordered.sort_by_key(|(place, _)| *place);
    Table { heads, rows: ordered.into_iter().map(|(_, row)| row).collect() }
}

/// The name of a group.
fn named(group: Option<&str>) -> String {
    group.unwrap_or("(none)").to_owned()
}

/// The value of a cell in the table.
fn entry(cell: &Cell, alone: bool) -> Entry {
    Entry {
        facts: alone.then(|| facts(cell)),
        value: cell.drawn(),
        shown: if alone { words::bare(&cell.shown).to_owned() } else { cell.shown.clone() },
        status: (alone && !cell.is_settled()).then(|| words::status(cell)),
        title: None,
    }
}

/// The number and the interval of a cell, where one points.
fn about(cell: &Cell, metric: &Metric) -> Option<String> {
    let mut said: Vec<String> = cell.n.map(|n| format!("n = {}", words::count(n))).into_iter().collect();
    said.extend(words::interval(cell, Some(metric)).map(|interval| format!("interval {interval}")));
    (!said.is_empty()).then(|| said.join(", "))
}

/// A row for each cell.
fn long(tile: &Tile) -> Table {
    let any = |test: &dyn Fn(&Cell) -> bool| tile.cells.iter().any(test);
    let columns = Columns {
        metric: tile.metrics.len() > 1,
        step: any(&|cell| cell.step.is_some()),
        n: any(&|cell| cell.n.is_some()),
        interval: any(&|cell| cell.interval().is_some()),
        change: any(&|cell| cell.change_shown.is_some()),
        breaks: !tile.breaks.is_empty(),
    };
    let head = |words: &str, numeric: bool| Head { words: words.to_owned(), numeric };
    let mut heads = vec![head(&sentence(&tile.grain.replace('_', " ")), false)];
    heads.extend(columns.metric.then(|| head("Metric", false)));
    heads.extend(tile.groups.iter().map(|group| head(group, false)));
    heads.extend(columns.step.then(|| head("Step", false)));
    heads.push(head("Value", true));
    heads.extend(columns.n.then(|| head("n", true)));
    heads.extend(columns.interval.then(|| head("Interval", true)));
    heads.extend(columns.change.then(|| head("Change", false)));
    heads.push(head("Status", false));
    heads.extend(columns.breaks.then(|| head("Definition", false)));
    let metric = |cell: &Cell| tile.metrics.iter().find(|metric| metric.name == cell.metric);
    Table { heads, rows: tile.cells.iter().map(|cell| table_row(tile, cell, metric(cell), &columns)).collect() }
}

fn table_row(tile: &Tile, cell: &Cell, metric: Option<&Metric>, columns: &Columns) -> Row {
    let mut texts = Vec::new();
    texts.extend(columns.metric.then(|| metric.map_or_else(|| cell.metric.clone(), |metric| metric.label.clone())));
    texts.extend(cell.groups.iter().map(|group| named(group.as_deref())));
    texts.extend(columns.step.then(|| cell.step.as_deref().map(step_name).unwrap_or_default()));
    let text = |words: String| Field { words, numeric: false };
    let number = |words: Option<String>| Field { words: words.unwrap_or_default(), numeric: true };
    let valued = cell.drawn().is_some();
    let mut rest = Vec::new();
    rest.extend(columns.n.then(|| number(cell.n.map(words::count))));
    rest.extend(columns.interval.then(|| number(words::interval(cell, metric).filter(|_| valued))));
    rest.extend(columns.change.then(|| {
        let why = cell.verdict.as_deref().map(|word| format!(": {}", words::verdict(word))).unwrap_or_default();
        text(cell.change_shown.as_ref().map(|change| format!("{change}{why}")).unwrap_or_default())
    }));
    rest.push(text(words::status(cell)));
    rest.extend(columns.breaks.then(|| {
        let here = |mark: &&crate::page::Break| mark.period == cell.period && mark.metric == cell.metric;
        let marks: Vec<&str> = tile.breaks.iter().filter(here).map(|mark| mark.words.as_str()).collect();
        text(marks.join("; "))
    }));
    Row { facts: Some(facts(cell)), label: cell.period_label.clone(), texts, values: vec![entry(cell, false)], rest }
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
