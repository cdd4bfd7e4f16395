//! Which metrics are shown or watched, by which of their groupings, and for which periods.

use crate::check::entries::{Entries, WRONG_VALUE, as_name};
use crate::check::governance::people::said_twice;
use crate::check::metric::NOT_GROUPABLE;
use crate::check::names::{listed, nearest};
use crate::model::{Grouping, Metric, MetricId, Model, SourceId, Status};
use crate::schema::Kind;
use crate::time::Grain;
use groma_syntax::ast::{Expr, ExprKind, Infix};
use groma_syntax::{Code, Diagnostic, Span};

/// A dashboard of what is not ready, or gone.
pub(crate) static DASHBOARD_STATUS: Code =
    Code::error("dashboard/metric-status", "A dashboard shows a metric that is a draft or retired.");
/// An alert on what is not ready, or gone.
pub(crate) static ALERT_STATUS: Code =
    Code::error("alert/metric-status", "An alert watches a metric that is a draft or retired.");
/// Cells that nobody builds.
pub(crate) static DASHBOARD_NOT_PUBLISHED: Code =
    Code::error("dashboard/not-published", "A tile shows cells of a metric that are not published.");
/// Cells that nobody builds.
pub(crate) static ALERT_NOT_PUBLISHED: Code =
    Code::error("alert/not-published", "An alert watches cells of a metric that are not published.");
/// People, one by one.
pub(crate) static DASHBOARD_SUPPRESSED: Code =
    Code::error("dashboard/suppressed", "A tile shows people one by one, so no cell of it may be shown.");
/// People, one by one.
pub(crate) static ALERT_SUPPRESSED: Code =
    Code::error("alert/suppressed", "An alert watches people one by one, so no cell of it may be looked at.");

/// The codes of what is shown, by who shows it.
pub(super) struct Codes {
    status: &'static Code,
    not_published: &'static Code,
    suppressed: &'static Code,
}

/// For dashboards.
pub(super) static OF_DASHBOARDS: Codes =
    Codes { status: &DASHBOARD_STATUS, not_published: &DASHBOARD_NOT_PUBLISHED, suppressed: &DASHBOARD_SUPPRESSED };
/// For alerts.
pub(super) static OF_ALERTS: Codes =
    Codes { status: &ALERT_STATUS, not_published: &ALERT_NOT_PUBLISHED, suppressed: &ALERT_SUPPRESSED };

/// What is shown or watched.
pub(super) struct Shown {
    /// At least one.
    pub(super) metrics: Vec<(MetricId, Span)>,
    pub(super) by: Vec<Grouping>,
    pub(super) grain: Grain,
}

/// Reads `a, b by x, y` and `grain`; none where no metric could be read.
pub(super) fn read(
    model: &Model,
    (entries, key): (&Entries<'_>, &str),
    (codes, what): (&Codes, &str),
    sink: &mut Vec<Diagnostic>,
) -> Option<Shown> {
    let (names, by) = split(entries.values(key), key, sink);
    let mut metrics: Vec<(MetricId, Span)> = Vec::new();
    for name in &names {
        let Some((name, span)) = as_name(name) else { continue };
        let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
        let Some(id) = crate::check::reference(&model.names, Kind::Metric, &name, span, known, sink).map(MetricId)
        else {
            continue;
        };
        match metrics.iter().find(|(known, _)| *known == id) {
            Some((_, first)) => sink.push(said_twice(&name, key, span, *first)),
            None => metrics.push((id, span)),
        }
    }
    let first = metrics.first().map(|(id, _)| *id)?;
    for (id, span) in &metrics {
        status(model.metric(*id), *span, (codes, what), sink);
    }
    let mut found = Vec::new();
    for (at, (id, _)) in metrics.iter().enumerate() {
        let groupings = published(model, *id, &by, (codes, what), sink);
        if at == 0 {
            found = groupings;
        }
    }
    let grain = grain(model, entries, &metrics, (codes, what), sink);
    Some(Shown { grain: grain.unwrap_or_else(|| first_grain(model.metric(first))), metrics, by: found })
}

/// What is watched or shown, and what stands behind `by`.
fn split<'a>(values: &'a [Expr], key: &str, sink: &mut Vec<Diagnostic>) -> (Vec<&'a Expr>, Vec<&'a Expr>) {
    let (mut metrics, mut by): (Vec<&Expr>, Vec<&Expr>) = (Vec::new(), Vec::new());
    let mut grouped: Option<Span> = None;
    for value in values {
        let (metric, group) = match &value.kind {
            ExprKind::Infix { operator: Infix::By, left, right, .. } => (Some(&**left), Some(&**right)),
            _ if grouped.is_some() => (None, Some(value)),
            _ => (Some(value), None),
        };
        if let (Some(first), Some(metric)) = (grouped, metric) {
            sink.push(
                WRONG_VALUE
                    .finding(format!("`{key}` says `by` twice"))
                    .at(metric.span, "a metric behind `by`")
                    .also(first, "grouped already")
                    .help("name all metrics before one `by`, which groups each of them: `a, b by account.region`"),
            );
            continue;
        }
        grouped = grouped.or(group.map(|group| group.span));
        match &group.map(|group| &group.kind) {
            Some(ExprKind::Tuple(parts)) => by.extend(parts),
            Some(ExprKind::Group(inner)) => by.push(inner),
            _ => by.extend(group),
        }
        metrics.extend(metric);
    }
    let odd = metrics.iter().find(|metric| as_name(metric).is_none());
    sink.extend(odd.map(|odd| {
        WRONG_VALUE
            .finding(format!("`{key}` takes names of metrics, perhaps `by` columns"))
            .at(odd.span, "not the name of a metric")
            .help("declare a metric that computes it, and name that")
    }));
    let odd = by.iter().find(|part| as_name(part).is_none());
    sink.extend(odd.map(|odd| {
        WRONG_VALUE
            .finding("behind `by` stand columns that the metric is published by")
            .at(odd.span, "not a path to a column")
            .help("write a path such as `account.region`")
    }));
    (metrics, by.into_iter().filter(|part| as_name(part).is_some()).collect())
}

fn status(metric: &Metric, span: Span, (codes, what): (&Codes, &str), sink: &mut Vec<Diagnostic>) {
    let name = &metric.header.name;
    let finding = match metric.status {
        Status::Draft => codes
            .status
            .finding(format!("{what} `{name}`, which is a draft: it may change any day without a word"))
            .at(span, "a draft")
            .help(format!("agree on `{name}` and write `status: active`, or take it out here until then")),
        Status::Retired => {
            let finding = codes
                .status
                .finding(format!("{what} `{name}`, which is retired: nobody keeps it right any more"))
                .at(span, "retired");
            match metric.governed.replaced_by {
                Some(_) => finding.help("name the metric that took its place (its `replaced_by`), or take it out"),
                None => finding.help("name the metric that took its place, or take it out"),
            }
        }
        Status::Active | Status::Deprecated => return,
    };
    sink.push(finding.also(metric.header.span, "declared here"));
}

/// The groupings of a metric that have these names; says so where it is not published by all of them together.
fn published(
    model: &Model,
    id: MetricId,
    by: &[&Expr],
    (codes, what): (&Codes, &str),
    sink: &mut Vec<Diagnostic>,
) -> Vec<Grouping> {
    let metric = model.metric(id);
    let wanted: Vec<(smol_str::SmolStr, Span)> = by.iter().filter_map(|path| as_name(path)).collect();
    if wanted.is_empty() || metric.header.broken {
        return Vec::new();
    }
    let is_meant = |set: &&Vec<Grouping>| {
        set.len() == wanted.len() && wanted.iter().all(|(name, _)| set.iter().any(|part| part.name == *name))
    };
    if let Some(set) = metric.by.iter().find(is_meant) {
        let named = |(name, _): &(smol_str::SmolStr, Span)| set.iter().find(|part| part.name == *name);
        return wanted.iter().filter_map(named).cloned().collect();
    }
    let before = sink.len();
    for path in by {
        let problems = model.grouping(path, &sources(model, metric)).err().unwrap_or_default();
        for problem in problems {
            sink.push(if problem.code.id == NOT_GROUPABLE.id { people(path, problem, codes) } else { problem });
        }
    }
    if sink.len() == before {
        sink.push(not_published(metric, &wanted, (codes, what)));
    }
    Vec::new()
}

fn people(path: &Expr, problem: Diagnostic, codes: &Codes) -> Diagnostic {
    let mut finding = codes.suppressed.finding(problem.headline).at(path.span, "each of them would be a group");
    for label in problem.labels {
        finding = finding.also(label.span, label.text);
    }
    finding.help("group by something that many share, or show the total")
}

fn not_published(metric: &Metric, wanted: &[(smol_str::SmolStr, Span)], (codes, what): (&Codes, &str)) -> Diagnostic {
    let name = &metric.header.name;
    let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let span = wanted.iter().map(|(_, span)| *span).reduce(Span::to).unwrap_or(metric.header.span);
    let together = if names.len() > 1 { " together" } else { "" };
    let sets: Vec<String> =
        metric.by.iter().map(|set| set.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", ")).collect();
    let sets: Vec<String> =
        sets.into_iter().map(|set| if set.contains(", ") { format!("({set})") } else { set }).collect();
    let finding = codes
        .not_published
        .finding(format!("{what} `{name}` by {}{together}, and it is not published so", listed(names.iter().copied())))
        .at(span, "there are no such cells")
        .also(
            metric.header.span,
            match sets.is_empty() {
                true => "only its total is published".to_owned(),
                false => format!("published as a total and by {}", listed(sets.iter().map(String::as_str))),
            },
        );
    let near = match names.as_slice() {
        [one] => nearest(one, sets.iter().map(String::as_str)),
        _ => None,
    };
    let all = names.join(", ");
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None if names.len() > 1 => finding.help(format!("add `({all})` to `by` of `{name}`")),
        None => finding.help(format!("add `{all}` to `by` of `{name}`")),
    }
}

/// The sources by whose columns a metric is grouped.
fn sources(model: &Model, metric: &Metric) -> Vec<SourceId> {
    match &metric.population {
        _ if !metric.sources.is_empty() => metric.sources.clone(),
        Some(population) => vec![model.customer(population.customer).source],
        None => metric.source.into_iter().collect(),
    }
}

fn first_grain(metric: &Metric) -> Grain {
    metric.grains.first().copied().unwrap_or(Grain::Month)
}

/// The periods; says so where a metric is not built for them.
fn grain(
    model: &Model,
    entries: &Entries<'_>,
    metrics: &[(MetricId, Span)],
    (codes, what): (&Codes, &str),
    sink: &mut Vec<Diagnostic>,
) -> Option<Grain> {
    let written = entries.name("grain").and_then(|(word, span)| Some((Grain::from_word(&word)?, span)));
    let first = metrics.first().map(|(id, _)| first_grain(model.metric(*id)))?;
    let grain = written.map_or(first, |(grain, _)| grain);
    for (id, span) in metrics {
        let metric = model.metric(*id);
        if metric.header.broken || metric.grains.contains(&grain) {
            continue;
        }
        let (name, word) = (&metric.header.name, grain.word());
        let known = listed(metric.grains.iter().map(|grain| grain.word()));
        sink.push(
            codes
                .not_published
                .finding(format!("{what} `{name}` by the {word}, and it is not built for that"))
                .at(written.map_or(*span, |(_, span)| span), format!("there are no cells of a {word}"))
                .also(metric.header.span, format!("built for {known}"))
                .help(format!(
                    "write `grain: {}` here, or add `{word}` to `grain` of `{name}`",
                    first_grain(metric).word()
                )),
        );
    }
    Some(grain)
}
