//! What is outside an agreement.

use super::uses::{Uses, behind};
use super::words;
use crate::check::declare::Declarations;
use crate::check::names::listed;
use crate::governance::{Agreement, Reach, Region};
use crate::lineage::reads::What;
use crate::lineage::{Lineage, Place};
use crate::model::{Header, MetricId, Model, SourceId};
use crate::schema::Kind;
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Computed for something the partner has not agreed to.
pub(crate) static OUTSIDE_PURPOSE: Code = Code::error(
    "agreement/outside-purpose",
    "A metric is computed from a partner's data for a purpose that was not agreed.",
);
/// A column the partner keeps to itself.
pub(crate) static OUTSIDE_COLUMNS: Code =
    Code::error("agreement/outside-columns", "A metric uses a column of a partner's data that may not be used.");
/// Computed where the partner has not agreed to.
pub(crate) static OUTSIDE_TERRITORY: Code = Code::error(
    "agreement/outside-territory",
    "Numbers are computed from a partner's data, or adapted, where the partner has not agreed to.",
);

/// The later agreement of the same partner about the same sources that takes an agreement's place.
pub(crate) fn renewal<'m>(model: &'m Model, agreement: &Agreement) -> Option<&'m Agreement> {
    let until = agreement.until?;
    let follows = |other: &&Agreement| {
        other.partner == agreement.partner
            && other.since.is_some_and(|since| since > until)
            && agreement.sources.iter().all(|source| other.sources.contains(source))
    };
    model.agreements.iter().filter(follows).min_by_key(|other| other.since)
}

/// Reports all that is outside an agreement, and answers which metrics are. Where the declarations are at hand, the purpose
/// of a metric is pointed at.
pub(crate) fn outside(
    model: &Model,
    agreement: &Agreement,
    uses: &Uses,
    declarations: Option<&Declarations>,
    sink: &mut Vec<Diagnostic>,
) -> Vec<MetricId> {
    if agreement.header.broken {
        return Vec::new();
    }
    let resting = uses.resting_on(model, agreement);
    let mut outside = Vec::new();
    for id in &resting {
        if let Some(finding) = purpose(model, agreement, (*id, uses.source_of(*id, agreement)), declarations) {
            sink.push(finding);
            outside.push(*id);
        }
    }
    outside.extend(columns(model, agreement, &resting, uses, sink));
    sink.extend(territory(model, agreement));
    sink.extend(regions(model, agreement, &resting));
    outside
}

/// The place of a key of an agreement.
pub(crate) fn place(model: &Model, agreement: &Agreement, key: &str) -> Span {
    let record = model
        .records
        .iter()
        .find(|record| record.kind == Kind::Agreement && record.header.name == agreement.header.name);
    let entry = record.and_then(|record| record.entries.iter().find(|(name, _)| name == key));
    entry.map_or(agreement.header.span, |(_, span)| *span)
}

fn words_of(words: &[SmolStr]) -> String {
    listed(words.iter().map(SmolStr::as_str))
}

fn purpose(
    model: &Model,
    agreement: &Agreement,
    (id, source): (MetricId, Option<SourceId>),
    declarations: Option<&Declarations>,
) -> Option<Diagnostic> {
    let metric = model.metric(id);
    let (name, partner) = (&metric.header.name, &agreement.partner);
    let own = &metric.governed.purpose;
    let strange = own.iter().find(|word| !agreement.purpose.contains(word));
    if !own.is_empty() && strange.is_none() {
        return None;
    }
    let allowed = words_of(&agreement.purpose);
    let source = source.map(|id| model.source(id).header.name.as_str()).unwrap_or_default();
    let said = place(model, agreement, "purpose");
    let finding = match strange {
        None => OUTSIDE_PURPOSE
            .finding(format!(
                "`{name}` is computed from `{source}` of {partner} and does not say for what; agreed is {allowed}"
            ))
            .at(metric.header.span, "no `purpose`")
            .help(missing_help(agreement, declarations, id)),
        Some(word) => OUTSIDE_PURPOSE
            .finding(format!("`{name}` uses `{source}` of {partner} for `{word}`; agreed is only {allowed}"))
            .at(written(declarations, id, word).unwrap_or(metric.header.span), "not agreed")
            .help(format!(
                "compute it without `{source}`; or add `{word}` to the agreement's `purpose` once {partner} has agreed"
            )),
    };
    Some(finding.also(said, format!("what {partner} agreed to")))
}

/// What to write; a metric that a survey declares by itself has no entries to add to.
fn missing_help(agreement: &Agreement, declarations: Option<&Declarations>, id: MetricId) -> String {
    let first = agreement.purpose.first().map(SmolStr::as_str).unwrap_or_default();
    let declared = declarations.and_then(|declarations| declarations.of(Kind::Metric).get(id.index()));
    match declared.filter(|declared| declared.survey.is_some()) {
        Some(declared) => format!(
            "the survey declares it by itself: write it out as `metric {} {{ … }}` with `purpose: {first}`, if that is \
             what it is for",
            declared.name
        ),
        None => format!("add `purpose: {first}`, if that is what it is for"),
    }
}

fn written(declarations: Option<&Declarations>, id: MetricId, word: &str) -> Option<Span> {
    let declared = declarations?.of(Kind::Metric).get(id.index())?;
    words(declared, "purpose").find(|(known, _)| known == word).map(|(_, span)| span)
}

/// Reports each use of a column that may not be used, once, and answers the metrics that rest on one.
fn columns(
    model: &Model,
    agreement: &Agreement,
    resting: &[MetricId],
    uses: &Uses,
    sink: &mut Vec<Diagnostic>,
) -> Vec<MetricId> {
    let Some(allowed) = &agreement.columns else { return Vec::new() };
    let partners = |table: &str| agreement.sources.iter().any(|source| model.source(*source).header.name == table);
    let refused = |place: &Place| match place {
        Place::Column(source, column) => agreement.sources.contains(source) && !allowed.contains(&(*source, *column)),
        Place::Undeclared(table, _) | Place::Table(table) => partners(table),
    };
    let lineage = Lineage::new(model);
    let mut outside = Vec::new();
    // What is behind a column is behind it for every metric.
    let mut known: BTreeMap<What, Vec<Place>> = BTreeMap::new();
    let mut said = BTreeSet::new();
    for id in resting {
        let mut own = BTreeSet::new();
        // What chooses the rows of a query is behind each of its columns too: it is said of the rows.
        let (rows, others): (Vec<_>, Vec<_>) =
            uses.reads(*id).iter().partition(|(what, _)| matches!(what, What::Rows(_)));
        for (what, span) in rows.into_iter().chain(others) {
            let find = || behind(&lineage, *what).into_iter().filter(refused).collect();
            for place in known.entry(*what).or_insert_with(find) {
                outside.push(*id);
                if own.insert(place.clone()) && said.insert((*span, place.clone())) {
                    sink.push(strange_column(model, agreement, *id, (*what, place), *span));
                }
            }
        }
    }
    outside.dedup();
    outside
}

fn strange_column(
    model: &Model,
    agreement: &Agreement,
    id: MetricId,
    (used, strange): (What, &Place),
    span: Span,
) -> Diagnostic {
    let (name, partner) = (&model.metric(id).header.name, &agreement.partner);
    let source_name = |source: SourceId| &model.source(source).header.name;
    let through = match (used, strange) {
        (What::Column(source, column), Place::Column(other, of_other)) if (source, column) == (*other, *of_other) => {
            String::new()
        }
        (What::Column(source, column), _) => {
            format!(", through `{}.{}`,", source_name(source), model.column(source, column).name)
        }
        (What::Rows(source), _) => format!(", through the query of `{}`,", source_name(source)),
        (What::Metric(_), _) => String::new(),
    };
    let place = place(model, agreement, "columns");
    let column = match strange {
        Place::Column(source, column) => format!("{}.{}", source_name(*source), model.column(*source, *column).name),
        Place::Undeclared(table, column) => format!("{table}.{column}"),
        Place::Table(table) => {
            return OUTSIDE_COLUMNS
                .finding(format!(
                    "`{name}`{through} rests on `{table}`, and the query does not tell on which of its columns"
                ))
                .at(span, "used here")
                .also(place, format!("{partner} agreed to these only"))
                .help("name the columns in the query instead of `*`");
        }
    };
    OUTSIDE_COLUMNS
        .finding(format!("`{name}`{through} uses `{column}`, which {partner} has not agreed to"))
        .at(span, "used here")
        .also(place, format!("the columns that {partner} agreed to"))
        .help(format!(
            "compute it without `{column}`; or add it to the agreement's `columns` once {partner} has agreed"
        ))
}

/// The default target lies elsewhere, or nobody knows where.
fn territory(model: &Model, agreement: &Agreement) -> Option<Diagnostic> {
    let own = &model.policy.territory;
    let strange = own.iter().find(|place| !agreement.territory.contains(place));
    if agreement.territory.is_empty() || (!own.is_empty() && strange.is_none()) {
        return None;
    }
    let (partner, allowed) = (&agreement.partner, words_of(&agreement.territory));
    let first = &agreement.territory[0];
    let finding = match strange {
        Some(strange) => OUTSIDE_TERRITORY
            .finding(format!("the default target computes in `{strange}`; {partner} agreed to {allowed} only"))
            .help("make a target in that territory the `default_target` of groma.yml"),
        None => OUTSIDE_TERRITORY
            .finding(format!("nobody knows where the default target computes, and {partner} agreed to {allowed} only"))
            .help(format!("say it in groma.yml: `territory: {first}` of the target, if that is where it is")),
    };
    Some(finding.at(place(model, agreement, "territory"), "where its data may be computed"))
}

/// Regions elsewhere whose own metrics rest on the partner's data, or that adapt metrics that do.
fn regions(model: &Model, agreement: &Agreement, resting: &[MetricId]) -> Vec<Diagnostic> {
    if agreement.territory.is_empty() {
        return Vec::new();
    }
    let strange = |region: &Region| region.territory.iter().find(|place| !agreement.territory.contains(place)).cloned();
    let mut found = Vec::new();
    for region in &model.regions {
        let Some(territory) = strange(region) else { continue };
        for adaptation in region.adapts.iter().filter(|one| resting.binary_search(&one.metric).is_ok()) {
            found.push(elsewhere(
                model,
                agreement,
                (region, &territory),
                ("adapts", adaptation.metric, adaptation.span),
            ));
        }
    }
    for id in resting {
        let metric = model.metric(*id);
        if let Reach::Local(Some(region)) = metric.governed.reach {
            let region = &model.regions[region.index()];
            if let Some(territory) = strange(region) {
                found.push(elsewhere(model, agreement, (region, &territory), ("owns", *id, metric.header.span)));
            }
        }
    }
    found
}

fn elsewhere(
    model: &Model,
    agreement: &Agreement,
    (region, territory): (&Region, &str),
    (verb, id, span): (&str, MetricId, Span),
) -> Diagnostic {
    let (partner, allowed) = (&agreement.partner, words_of(&agreement.territory));
    let Header { name, .. } = &region.header;
    let metric = &model.metric(id).header.name;
    OUTSIDE_TERRITORY
        .finding(format!(
            "region `{name}` lies in `{territory}` and {verb} `{metric}`, whose data {partner} gave for {allowed} only"
        ))
        .at(span, format!("{verb} it"))
        .also(place(model, agreement, "territory"), "where its data may be computed")
        .help(format!("leave `{metric}` out of `{name}`, or extend `territory` once {partner} has agreed"))
}

/// What keeps metrics from being computed in a territory; `target` is where, in words.
pub fn outside_territory(model: &Model, metrics: &[MetricId], target: &str, territory: &[SmolStr]) -> Vec<Diagnostic> {
    let agreed = |agreement: &Agreement| {
        agreement.territory.is_empty()
            || (!territory.is_empty() && territory.iter().all(|place| agreement.territory.contains(place)))
    };
    let strange: Vec<&Agreement> = model.agreements.iter().filter(|agreement| !agreed(agreement)).collect();
    if strange.is_empty() {
        return Vec::new();
    }
    let uses = Uses::of(model);
    let mut found = Vec::new();
    for agreement in strange {
        let resting = uses.resting_on(model, agreement);
        let Some(id) = metrics.iter().find(|id| resting.binary_search(id).is_ok()) else { continue };
        let (name, partner) = (&model.metric(*id).header.name, &agreement.partner);
        let where_it_is = match territory.first() {
            Some(place) => format!("computes in `{place}`"),
            None => "does not say where it computes".to_owned(),
        };
        let allowed = words_of(&agreement.territory);
        found.push(
            OUTSIDE_TERRITORY
                .finding(format!(
                    "target `{target}` {where_it_is}, and `{name}` rests on data that {partner} gave for {allowed} only"
                ))
                .at(place(model, agreement, "territory"), "where its data may be computed")
                .help("choose a target in that territory with `--target`, or say its `territory` in groma.yml"),
        );
    }
    found
}
