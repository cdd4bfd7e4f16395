//! From a request to its plan: the stages in order.

use crate::answer::{push_answer, reserved};
use crate::draft::Draft;
use crate::flatten::{self, Flat, FormulaKind};
use crate::leaf::{LeafId, Leaves};
use crate::lower::value_type;
use crate::names::Names;
use crate::relation::{Statement, ValueType};
use crate::request::Request;
use crate::scan::{self, GroupColumn, OpenScan, PlannedScan, ScanSummary, Setting};
use crate::spine::{Bounds, Spine, push_common_range};
use crate::stitch::Stitch;
use crate::zone::Zones;
use groma_model::row::RowExpr;
use groma_model::time::Clock;
use groma_model::{Code, Diagnostic, Model, SourceId};
use std::collections::BTreeSet;

/// Every code this crate raises.
pub static CODES: &[&Code] = &[&flatten::TOO_LARGE, &flatten::OFFSET_NOT_ALIGNED];

/// A statement that answers a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub statement: Statement,
    /// The group columns of the answer, in the order of the request.
    pub groups: Vec<String>,
    pub scans: Vec<ScanSummary>,
}

/// Plans the statement that answers a request. The model must be free of errors.
///
/// # Errors
/// A measure is too large for one statement, or an offset leads from a period of the grain to no period.
pub fn plan(model: &Model, request: &Request<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let mut flat = flatten::flatten(model, request)?;
    let used = used_leaves(&flat);
    let presence = if request.by.is_empty() { Default::default() } else { flat.leaves.presence() };
    let zones = Zones::new(&model.calendar.zone);
    let sources = sources_read(model, request, &flat.leaves);
    let mut draft = Draft::new(model, &zones, request.table, &sources);
    let groups = group_columns(model, request);
    let spine = spine(model, request, &flat.leaves);
    let setting = Setting { leaves: &flat.leaves, spine: &spine, groups: &groups };
    let opened: Vec<OpenScan> =
        (0..flat.leaves.scans.len()).map(|position| scan::open(&mut draft, &setting, position)).collect();
    let ranges: Vec<String> = opened.iter().filter_map(OpenScan::range).map(str::to_owned).collect();
    let bounded = spine.bounds.first.is_some() && spine.bounds.last.is_some();
    let range = if bounded { None } else { push_common_range(&mut draft, &ranges) };
    let has_windows = flat.leaves.scans.iter().any(|scan| scan.clock != Clock::Event);
    let periods = spine.push(&mut draft, range.as_deref(), has_windows);
    let scans: Vec<PlannedScan> =
        opened.into_iter().map(|open| open.close(&mut draft, &setting, &periods.windows)).collect();
    let stitch =
        Stitch { leaves: &flat.leaves, scans: &scans, spine: &spine, groups: &groups, periods: &periods.answered };
    let group_step = stitch.push_groups(&mut draft, &presence);
    let cells = stitch.push_cells(&mut draft, group_step.as_deref(), &used);
    let result = push_answer(&mut draft, &cells, &groups, &flat.metrics, request.grain);
    Ok(Planned {
        statement: draft.finish(result),
        groups: groups.into_iter().map(|group| group.name).collect(),
        scans: flat.leaves.scans.iter().map(ScanSummary::of).collect(),
    })
}

/// The leaves that values and numbers of observations are made of.
fn used_leaves(flat: &Flat<'_>) -> BTreeSet<LeafId> {
    let mut used = BTreeSet::new();
    let mut open: Vec<&flatten::Formula> = Vec::new();
    for metric in &flat.metrics {
        used.extend(&metric.observations);
        open.push(&metric.formula);
    }
    while let Some(formula) = open.pop() {
        match &formula.kind {
            FormulaKind::Leaf(leaf) => {
                used.insert(*leaf);
            }
            FormulaKind::Node(_, parts) => open.extend(parts.iter().map(|part| &**part)),
            FormulaKind::Null | FormulaKind::Literal(_) => {}
        }
    }
    used
}

/// Every source whose table a statement may read.
fn sources_read(model: &Model, request: &Request<'_>, leaves: &Leaves<'_>) -> BTreeSet<SourceId> {
    let mut sources: BTreeSet<SourceId> = leaves.scans.iter().map(|scan| scan.source).collect();
    let grouped = request.by.iter().flat_map(|grouping| grouping.values.iter().map(|(_, value)| value));
    for expr in leaves.exprs.iter().map(|used| used.expr).chain(grouped) {
        add_sources(model, expr, &mut sources);
    }
    sources
}

pub(crate) fn add_sources(model: &Model, expr: &RowExpr, sources: &mut BTreeSet<SourceId>) {
    expr.for_each_column(&mut |path| {
        sources.insert(path.source);
        sources.extend(path.hops.iter().map(|hop| model.customer(hop.customer).source));
    });
}

/// The group columns, named as the groupings; one that is called like a column of every answer gets another name.
fn group_columns<'r>(model: &Model, request: &'r Request<'_>) -> Vec<GroupColumn<'r>> {
    let mut names = Names::of_columns();
    reserved().for_each(|name| names.reserve(name));
    let columns = request.by.iter().map(|grouping| {
        let plain = grouping.name.as_str();
        let name = if names.is_taken(plain) { format!("by {plain}") } else { plain.to_owned() };
        let ty = value_type(model, &grouping.ty).unwrap_or(ValueType::Text);
        GroupColumn { grouping, name: names.take_whole(&name), ty }
    });
    columns.collect()
}

fn spine<'m>(model: &'m Model, request: &Request<'_>, leaves: &Leaves<'_>) -> Spine<'m> {
    let calendar = &model.calendar;
    let bounds = Bounds {
        first: request.from.map(|day| calendar.start(request.grain, day)),
        last: request.to.map(|day| calendar.start(request.grain, day)),
    };
    let clocks = leaves.scans.iter().map(|scan| scan.clock.clone()).collect();
    let offsets = leaves.scans.iter().flat_map(|scan| scan.offsets.iter().copied()).collect();
    Spine::new(calendar, request.grain, bounds, &clocks, &offsets)
}
