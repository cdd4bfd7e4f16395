//! Regions, and what they adapt of global metrics: what they aim at and how they call it, never what is counted.

use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{REPEATED_KEY, WRONG_VALUE, as_name};
use crate::check::metric::governed::{Place, aim, language};
use crate::check::names::{listed, nearest};
use crate::check::source::owner;
use crate::governance::{Adaptation, Reach, Region};
use crate::graph::{Link, Node};
use crate::model::{Header, MetricId, Model};
use crate::schema::Kind;
use groma_syntax::ast::{Block, Entry, Expr, ExprKind, Name};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// A part of a metric that is not a region's to change.
pub(crate) static NOT_LOCAL: Code =
    Code::error("governance/not-local", "A region changes of a global metric what is not its own to change.");
/// A region that adapts what is nobody else's.
pub(crate) static ADAPTS_LOCAL: Code =
    Code::error("governance/adapts-local", "A region adapts a metric that is not everyone's.");
/// Everyone's number made of one region's.
pub(crate) static GLOBAL_USES_LOCAL: Code =
    Code::error("governance/global-uses-local", "A global metric is computed from a metric of one region.");

/// What a region may adapt where a metric allows it.
pub(crate) const ADAPTABLE: [&str; 3] = ["target", "threshold", "labels"];

/// Reads them; everything they are about has been read before.
pub(crate) fn read(model: &mut Model, declarations: &Declarations, sink: &mut Vec<Diagnostic>) {
    let regions: Vec<Region> =
        declarations.of(Kind::Region).iter().map(|declared| region(model, declared, sink)).collect();
    model.regions = regions;
    let any_local = model.metrics.iter().any(|metric| metric.governed.reach != Reach::Global);
    for index in 0..if any_local { model.metrics.len() } else { 0 } {
        uses_local(model, MetricId::at(index), sink);
    }
}

/// A global metric is made of global ones.
fn uses_local(model: &Model, id: MetricId, sink: &mut Vec<Diagnostic>) {
    let metric = model.metric(id);
    if metric.governed.reach != Reach::Global {
        return;
    }
    for (node, link, span) in model.graph().uses(Node::Metric(id)) {
        let (Node::Metric(part), Link::Uses) = (node, link) else { continue };
        let part = model.metric(part);
        let Reach::Local(region) = part.governed.reach else { continue };
        let region = region.map_or("one region", |region| model.regions[region.index()].header.name.as_str());
        sink.push(
            GLOBAL_USES_LOCAL
                .finding(format!(
                    "`{}` is everyone's number and is computed from `{}`, which `{region}` may change alone",
                    metric.header.name, part.header.name
                ))
                .at(span, format!("a number of `{region}`"))
                .also(part.header.span, "local")
                .help(format!("make `{}` global, or `{}` local to `{region}`", part.header.name, metric.header.name)),
        );
    }
}

fn region(model: &Model, declared: &Declared, sink: &mut Vec<Diagnostic>) -> Region {
    let (entries, broken) = super::entries(declared, Kind::Region, sink);
    let before = sink.len();
    let known = model.teams.iter().map(|team| team.header.name.as_str());
    let owner = owner(&entries, &model.names, known, sink);
    let words = |key: &str| entries.values(key).iter().filter_map(as_name).collect::<Vec<_>>();
    let mut languages = words("languages");
    languages.retain(|(word, span)| language(word, *span, sink));
    let mut adapts: Vec<Adaptation> = Vec::new();
    for entry in entries.group("adapts").map_or(&[][..], |block| &block.entries) {
        let Some((metric, body)) = adapted(model, entry, sink) else { continue };
        if let Some(first) = adapts.iter().find(|first| first.metric == metric) {
            sink.push(
                REPEATED_KEY
                    .finding(format!("`{}` adapts `{}` twice", declared.name, model.metric(metric).header.name))
                    .at(entry.key().span, "adapted again here")
                    .also(first.span, "first adapted here")
                    .help("put both into one block"),
            );
            continue;
        }
        let reader = Reader { model, region: &declared.name, metric };
        adapts.push(reader.adaptation(metric_name(entry).span, body, sink));
    }
    let broken = broken || sink.len() > before;
    Region {
        header: Header { broken, ..declared.header() },
        title: entries.text("title").map(|(text, _)| text.to_owned()),
        owner,
        languages: languages.into_iter().map(|(word, _)| word).collect(),
        territory: words("territory").into_iter().map(|(word, _)| word).collect(),
        adapts,
    }
}

/// The name of the metric: `csat { … }`, or `metric support.first_reply { … }` where it has dots.
fn metric_name(entry: &Entry) -> &Name {
    match entry {
        Entry::Group { key, name: Some(name), .. } if key.text == "metric" => name,
        _ => entry.key(),
    }
}

/// The metric and what is adapted of it.
fn adapted<'a>(model: &Model, entry: &'a Entry, sink: &mut Vec<Diagnostic>) -> Option<(MetricId, &'a Block)> {
    let name = metric_name(entry);
    let odd = matches!(entry, Entry::Group { key, name: Some(_), .. } if key.text != "metric");
    let (Entry::Group { body, .. }, false) = (entry, odd) else {
        sink.push(
            WRONG_VALUE
                .finding("a region adapts a metric by a block")
                .at(entry.span(), "cannot be read")
                .help("write it like `csat { target: 85 points }`; with dots in the name, `metric support.csat { … }`"),
        );
        return None;
    };
    let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
    let metric = crate::check::reference(&model.names, Kind::Metric, &name.text, name.span, known, sink)?;
    Some((MetricId(metric), body))
}

struct Reader<'a> {
    model: &'a Model,
    region: &'a str,
    metric: MetricId,
}

impl Reader<'_> {
    fn adaptation(&self, span: Span, body: &Block, sink: &mut Vec<Diagnostic>) -> Adaptation {
        let mut found = Adaptation { metric: self.metric, span, target: None, threshold: None, labels: Vec::new() };
        let metric = self.model.metric(self.metric);
        if let Reach::Local(_) = metric.governed.reach {
            sink.push(
                ADAPTS_LOCAL
                    .finding(format!(
                        "`{}` adapts `{}`, which is not everyone's number but one region's own",
                        self.region, metric.header.name
                    ))
                    .at(span, "a local metric")
                    .also(metric.header.span, "`scope: local`")
                    .help("change the metric itself, or make it `scope: global`"),
            );
            return found;
        }
        for (index, entry) in body.entries.iter().enumerate() {
            let key = entry.key();
            if let Some(first) = body.entries[..index].iter().find(|first| first.key().text == key.text) {
                sink.push(
                    REPEATED_KEY
                        .finding(format!("`{}` of `{}` is said twice", key.text, metric.header.name))
                        .at(key.span, "said again here")
                        .also(first.key().span, "first said here")
                        .help("keep the one that is meant and delete the other"),
                );
            } else if self.allowed(key, sink) {
                self.part(entry, &mut found, sink);
            }
        }
        found
    }

    /// Whether the metric lets regions change that; says so where it does not.
    fn allowed(&self, key: &Name, sink: &mut Vec<Diagnostic>) -> bool {
        let metric = self.model.metric(self.metric);
        let word = if key.text == "label" { "labels" } else { key.text.as_str() };
        if let Err(finding) = adaptable(word, key.span) {
            sink.push(finding.also(metric.header.span, "everyone's number"));
            return false;
        }
        if metric.governed.local_may_change.iter().any(|allowed| allowed == word) {
            return true;
        }
        sink.push(
            NOT_LOCAL
                .finding(format!(
                    "`{}` changes `{}` of `{}`, and the metric does not leave that to regions",
                    self.region, key.text, metric.header.name
                ))
                .at(key.span, "not the region's to change")
                .also(metric.header.span, "everyone's number")
                .help(format!("ask its owner to add `{word}` to `local_may_change`, or take this out")),
        );
        false
    }

    fn part(&self, entry: &Entry, found: &mut Adaptation, sink: &mut Vec<Diagnostic>) {
        let metric = self.model.metric(self.metric);
        let place = Place { unit: &metric.unit, span: metric.measure.span, known: !metric.header.broken };
        match entry {
            Entry::Value { key, values, .. } if key.text == "target" || key.text == "threshold" => {
                let [written] = values.as_slice() else {
                    sink.push(not_one(key));
                    return;
                };
                let aim = aim(&key.text, written, &place, sink);
                let slot = if key.text == "target" { &mut found.target } else { &mut found.threshold };
                *slot = aim;
            }
            Entry::Group { key, name: None, body, .. } if key.text == "label" => labels(body, &mut found.labels, sink),
            _ if entry.key().text == "label" || entry.key().text == "labels" => sink.push(
                WRONG_VALUE
                    .finding("labels are texts for languages")
                    .at(entry.span(), "cannot be read")
                    .help("write them like `label { fr: \"Chiffre d’affaires\" }`"),
            ),
            _ => sink.push(not_one(entry.key())),
        }
    }
}

fn not_one(key: &Name) -> Diagnostic {
    WRONG_VALUE
        .finding(format!("a {} is one number in the unit of the metric", key.text))
        .at(key.span, "not one number")
        .help(format!("write it like `{}: 85 points`", key.text))
}

fn labels(body: &Block, found: &mut Vec<(SmolStr, String)>, sink: &mut Vec<Diagnostic>) {
    for entry in &body.entries {
        let key = entry.key();
        language(&key.text, key.span, sink);
        match entry {
            Entry::Value { values, .. } if found.iter().all(|(known, _)| *known != key.text) => match values.as_slice()
            {
                [Expr { kind: ExprKind::Text(text), .. }] => found.push((key.text.clone(), text.clone())),
                _ => sink.push(not_a_label(entry)),
            },
            Entry::Value { .. } => sink.push(
                REPEATED_KEY
                    .finding(format!("there are two labels for `{}`", key.text))
                    .at(key.span, "said again here")
                    .help("keep the one that is meant and delete the other"),
            ),
            Entry::Group { .. } => sink.push(not_a_label(entry)),
        }
    }
}

fn not_a_label(entry: &Entry) -> Diagnostic {
    WRONG_VALUE
        .finding("a label is a text for a language")
        .at(entry.span(), "cannot be read")
        .help("write it like `fr: \"Chiffre d’affaires\"`")
}

/// Whether a region may ever change a part of a global metric; why not where it may not.
pub(crate) fn adaptable(word: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    if ADAPTABLE.contains(&word) {
        return Ok(());
    }
    let help = match nearest(word, ADAPTABLE) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!("a region may adapt {}; make a metric of its own (`scope: local`) for the rest", listed(ADAPTABLE))
        }
    };
    Err(Box::new(
        NOT_LOCAL
            .finding(format!("a region cannot change `{word}` of a global metric: {}", why_not(word)))
            .at(span, "not a region's to change")
            .help(help),
    ))
}

/// What would happen to the number if regions could.
fn why_not(word: &str) -> &'static str {
    match word {
        "measure" | "from" | "where" | "window" | "each" | "among" | "population" | "steps" | "snapshot"
        | "answers" | "weight" | "customer" | "unit" | "exception" => {
            "it would no longer be the same number, and regions could not be compared or added up"
        }
        "by" | "grain" | "fill" => "the cells that are published under its name would differ from region to region",
        "minimum" | "cell" | "matters" => {
            "a value would be shown in one region and withheld in another, for the same number of customers"
        }
        "owner" | "raci" | "status" | "replaced_by" | "retires" | "scope" | "region" | "local_may_change"
        | "purpose" => "who answers for it and how long it lives is the same for everyone who reads it",
        "kind" | "better" | "tags" => "it says the same about the number everywhere",
        _ => "a metric has no such part that could be adapted",
    }
}
