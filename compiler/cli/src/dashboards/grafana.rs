//! Dashboards for Grafana: what its panels read of the answers that a warehouse keeps.
//!
//! Nothing is computed and no clock is read: the same definitions give the same bytes, whatever the data is.

use super::Desk;
use crate::building::published;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::warehouse::named_views;
use groma_board as board;
use groma_board::grafana::{
    COHORT, HIGH, LOW, PROVISIONAL, Queries, SERIES, STEP, TARGET, TIME, TileQueries, VALUE, column, target_words,
};
use groma_model::reading::{Dashboard, Mark, Tile};
use groma_model::time::Grain;
use groma_model::{Diagnostic, MetricId, Model};
use groma_plan::panel::{Lines, Panel, breaks};
use groma_plan::relation::Statement;
use groma_plan::{IntervalMethod, Layout, View, interval_method};
use groma_project::target::UNSUPPORTED;
use groma_sql::Dialect;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use std::collections::BTreeSet;

/// What a table shows of each cell, in the order of its columns.
const IN_TABLES: [&str; 7] = [VALUE, LOW, HIGH, "n", "status", "change", "verdict"];
/// The columns of what tells where definitions changed.
const CHANGES: [&str; 2] = [TIME, "text"];
/// How far back a dashboard looks, in years.
const YEARS: i32 = 2;

/// The text of a dashboard. What stands in the way is shown.
pub(super) fn dashboard(desk: &Desk<'_>, dashboard: &Dashboard, terminal: &mut Terminal) -> Result<String, Failure> {
    let dialect = groma_sql::dialect(&desk.target.engine);
    let Some((dialect, plugin)) = dialect.and_then(|dialect| Some((dialect, dialect.grafana()?))) else {
        desk.loaded.show(&[not_read(desk)], terminal);
        return Err(Failure::FINDINGS);
    };
    let page = desk.described(dashboard);
    let reading = Reading::of(desk, dialect);
    let tiles = dashboard.tiles.iter().zip(&page.tiles).map(|(tile, shown)| reading.tile(tile, shown));
    let tiles: Vec<TileQueries> = tiles.collect::<Result<_, _>>()?;
    let queries = Queries { plugin: plugin.to_owned(), tiles, range: range(desk, dashboard) };
    Ok(board::grafana::dashboard(&page, &queries))
}

/// The finding that Grafana does not read what a target keeps.
fn not_read(desk: &Desk<'_>) -> Diagnostic {
    let (target, manifest) = (desk.target, &desk.loaded.project.manifest);
    let reads = |engine: &str| groma_sql::dialect(engine).is_some_and(|dialect| dialect.grafana().is_some());
    let other = manifest.targets.iter().find(|other| reads(&other.engine)).map_or_else(
        || "declare a target with `engine: postgres`, keep the answers there with `groma run --target`".to_owned(),
        |other| format!("choose the target that keeps answers in a database: `--target {}`", other.name),
    );
    UNSUPPORTED
        .finding(format!(
            "Grafana cannot read the answers of target `{}`: it has no data source for {}",
            target.name, target.engine
        ))
        .at(target.span, "this target")
        .help(other)
}

/// The views of a target's answers, and how statements over them are written.
struct Reading<'d, 'l> {
    desk: &'d Desk<'l>,
    dialect: &'static Dialect,
    layout: Layout,
    views: Vec<View>,
    schema: Vec<String>,
}

impl<'d, 'l> Reading<'d, 'l> {
    fn of(desk: &'d Desk<'l>, dialect: &'static Dialect) -> Self {
        let model = &desk.loaded.project.model;
        let metrics = published(model);
        let layout = Layout::of(model, &metrics);
        let schema = desk.target.answers_schema();
        let views = named_views(model, desk.target, (&layout, &metrics));
        Self { desk, dialect, layout, views, schema }
    }

    /// The statements of a tile.
    fn tile(&self, tile: &Tile, shown: &board::Tile) -> Result<TileQueries, Failure> {
        let statements = tile.metrics.iter().enumerate().map(|(place, (id, _))| {
            let statement = self.metric((tile, shown), place, *id)?;
            self.text(&statement)
        });
        let changes: Vec<(Date, String)> = self.changes(tile, shown);
        Ok(TileQueries {
            metrics: statements.collect::<Result<_, _>>()?,
            breaks: match changes.as_slice() {
                [] => None,
                rows => Some(self.text(&breaks(CHANGES, rows))?),
            },
            span: tile.latest.filter(|_| tile.mark == Mark::Line && self.desk.as_of.is_none()).map(span),
        })
    }

    fn metric(&self, (tile, shown): (&Tile, &board::Tile), place: usize, id: MetricId) -> Result<Statement, Failure> {
        let model = &self.desk.loaded.project.model;
        let bug =
            |what: &str| Failure::Bug { what: format!("tile `{}` shows {what} that is not published", tile.name) };
        let view = self.views.iter().find(|view| view.metric == id).ok_or_else(|| bug("a metric"))?;
        let column_of = |grouping: &groma_model::Grouping| self.layout.column(&grouping.name).map(str::to_owned);
        let panel = Panel {
            view: self.schema.iter().chain([&view.name]).cloned().collect(),
            calendar: &model.calendar,
            grain: tile.grain,
            grouping: set(model, id, tile).ok_or_else(|| bug("groups"))?,
            groups: tile.by.iter().map(column_of).collect::<Option<_>>().ok_or_else(|| bug("groups"))?,
            latest: tile.latest,
        };
        let name = |what: &str| column(place, tile.metrics.len(), what);
        let has_interval = !matches!(interval_method(model, id), IntervalMethod::None(_));
        Ok(match tile.mark {
            Mark::Heatmap => panel.matrix([COHORT, STEP, VALUE]),
            Mark::Funnel => panel.funnel([STEP, VALUE]),
            Mark::Table => {
                let has_steps = view.columns.iter().any(|(column, _)| column == STEP);
                let own = IN_TABLES.iter().filter(|what| has_interval || !matches!(**what, LOW | HIGH));
                let steps = has_steps.then(|| (STEP, STEP.to_owned()));
                let columns: Vec<(&str, String)> =
                    steps.into_iter().chain(own.map(|what| (*what, name(what)))).collect();
                panel.table(TIME, &columns)
            }
            Mark::Line | Mark::Bar | Mark::Number => {
                let is_line = tile.mark == Mark::Line;
                let goal = shown.goal.as_ref().filter(|_| is_line && place == 0);
                panel.lines(&Lines {
                    time: TIME.to_owned(),
                    columns: [VALUE, PROVISIONAL, LOW, HIGH].map(name),
                    has_bounds: is_line && has_interval,
                    joined: is_line,
                    target: goal.map(|goal| (name(TARGET), target_words(goal), goal.value)),
                    label: shown
                        .metrics
                        .get(place)
                        .filter(|_| tile.metrics.len() > 1)
                        .map(|metric| metric.label.clone()),
                    long: (SERIES.to_owned(), VALUE.to_owned()),
                })
            }
        })
    }

    /// The versions and the restatements of a tile's metrics, each at its first period.
    fn changes(&self, tile: &Tile, shown: &board::Tile) -> Vec<(Date, String)> {
        let model = &self.desk.loaded.project.model;
        let of = |metric: &str| if tile.metrics.len() > 1 { format!("{metric}: ") } else { String::new() };
        let versions = shown
            .breaks
            .iter()
            .filter_map(|one| Some((one.period.parse().ok()?, format!("{}{}", of(&one.metric), one.words))));
        let mut changes: Vec<(Date, String)> = versions.collect();
        for (id, _) in &tile.metrics {
            let name = model.metric(*id).header.name.as_str();
            let restated = self.desk.restated.all(name).into_iter();
            changes.extend(
                restated
                    .map(|(first, words)| (model.calendar.start(tile.grain, first), format!("{}{words}", of(name)))),
            );
        }
        changes.sort();
        changes
    }

    fn text(&self, statement: &Statement) -> Result<String, Failure> {
        let bug = |error: groma_sql::RenderError| Failure::Bug { what: format!("a panel has no statement: {error}") };
        groma_sql::render(statement, self.dialect).map_err(bug)
    }
}

/// How the answers name the set of a tile's groupings: in the order of the metric.
fn set(model: &Model, id: MetricId, tile: &Tile) -> Option<String> {
    if tile.by.is_empty() {
        return Some("total".to_owned());
    }
    let wanted: BTreeSet<&str> = tile.by.iter().map(|grouping| grouping.name.as_str()).collect();
    let names = |set: &Vec<groma_model::Grouping>| -> Vec<String> {
        set.iter().map(|grouping| grouping.name.to_string()).collect()
    };
    let sets = model.metric(id).by.iter().map(names);
    let mut same = sets.filter(|names| names.iter().map(String::as_str).collect::<BTreeSet<_>>() == wanted);
    same.next().map(|names| names.join("+"))
}

/// The first and the last moment that is shown. Periods are written as UTC.
fn range(desk: &Desk<'_>, dashboard: &Dashboard) -> (String, String) {
    let Some(last) = desk.as_of else { return (format!("now-{YEARS}y"), "now".to_owned()) };
    let spans = dashboard.tiles.iter().filter_map(|tile| tile.latest);
    let starts =
        spans.map(|(count, grain)| grain.length().times(i32::try_from(count).unwrap_or(i32::MAX)).before(last.date()));
    let usual = last.date().saturating_sub(YEARS.years());
    let first = starts.chain([usual]).min().unwrap_or(usual);
    let moment = |at: DateTime| format!("{at}Z");
    (moment(first.to_datetime(jiff::civil::Time::midnight())), moment(last))
}

/// So many periods and one more, for the one that is not over: `27M`.
fn span((count, grain): (u32, Grain)) -> String {
    let more = u64::from(count) + 1;
    match grain {
        Grain::Day => format!("{more}d"),
        Grain::Week => format!("{more}w"),
        _ => format!("{}M", more * u64::from(grain.length().months.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_the_period_that_is_not_over() {
        let of = |count, grain| span((count, grain));
        assert_eq!([of(8, Grain::Quarter), of(12, Grain::Week), of(30, Grain::Day)], ["27M", "13w", "31d"]);
        assert_eq!(of(2, Grain::FiscalYear), "36M");
    }
}
