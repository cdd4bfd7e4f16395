//! Versions of metrics: which definition is read.
//!
//! A version says what is different from the one before; the rest holds on. The model is always of one version of each
//! metric, so nothing behind this module knows that there are others.

use crate::check::declare::{Declarations, Declared};
use crate::check::entries::{UNKNOWN_KEY, as_name, day};
use crate::check::names::{listed, nearest};
use crate::model::{Metric, MetricId, Model, Version};
use crate::schema::{Bearing, KeySchema, Kind};
use crate::unit::Unit;
use groma_syntax::ast::{Block, Entry, Item, Name, same_undocumented};
use groma_syntax::{Code, Diagnostic, Span};
use jiff::civil::Date;
use smol_str::SmolStr;
use std::sync::Arc;

/// A number that is not the next one.
pub(crate) static NOT_IN_ORDER: Code =
    Code::error("version/not-in-order", "The versions of a metric are not numbered 2, 3, 4 … in their order.");
/// A version without a day.
pub(crate) static NO_DATE: Code =
    Code::error("version/no-date", "A version of a metric does not say from which day on it holds.");
/// A version that begins no later than the one before.
pub(crate) static NOT_LATER: Code =
    Code::error("version/not-later", "A version of a metric begins no later than the version before it.");
/// A key that is the same in all versions.
pub(crate) static FIXED_KEY: Code =
    Code::error("version/fixed-key", "A version changes what is the same for all versions of a metric.");
/// A version that is the one before.
pub(crate) static NO_CHANGE: Code =
    Code::error("version/no-change", "A version of a metric changes nothing of the one before.");
/// Versions in different units.
pub(crate) static OTHER_UNIT: Code =
    Code::error("version/other-unit", "Two versions of a metric give numbers in different units.");

/// The codes of versions.
pub(crate) static CODES: &[&Code] = &[&NOT_IN_ORDER, &NO_DATE, &NOT_LATER, &FIXED_KEY, &NO_CHANGE, &OTHER_UNIT];

/// The key of a version, and the one of its first day.
const VERSION: &str = "version";
const FROM: &str = "from";
/// What stands in a version for an entry that holds no more.
const NONE: &str = "none";

/// Which version of each metric is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Those that hold for periods that begin on this day; the newest without one.
    pub on: Option<On>,
    /// Metrics of which another one is read, by name.
    pub fixed: Vec<(SmolStr, Taken)>,
}

/// A day on the line of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Before every version has begun.
    Beginning,
    Day(Date),
}

/// What is read of one metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Version(u32),
    /// The entries of one version, but those of these keys as another one has them.
    Mixed {
        version: u32,
        other: u32,
        keys: Vec<SmolStr>,
    },
}

/// The keys that a version may change: what stands in a cell is up to them, and its unit is not.
pub fn changeable() -> impl Iterator<Item = &'static KeySchema> {
    let schema = Kind::Metric.schema();
    let fixed = ["unit", FROM, VERSION];
    schema.keys.iter().filter(move |key| schema.bearing(key) == Bearing::Number && !fixed.contains(&key.name))
}

/// That two versions of a metric cannot stand in one column.
pub fn other_unit(earlier: &Metric, later: &Metric) -> Option<Diagnostic> {
    let readable = !earlier.header.broken && !later.header.broken;
    // A plain number may be of any unit, but a share is not shown as one.
    let plain =
        |one: &Metric, other: &Metric| matches!(one.unit, Unit::None | Unit::Any) && other.unit != Unit::Percent;
    let fits = earlier.unit == later.unit || plain(earlier, later) || plain(later, earlier);
    if !readable || earlier.version == later.version || fits {
        return None;
    }
    let said = |metric: &Metric| match &metric.unit {
        Unit::None | Unit::Any => "in no unit".to_owned(),
        unit => format!("in {unit}"),
    };
    let (before, after) = (said(earlier), said(later));
    let name = &later.header.name;
    let headline =
        format!("version {} of `{name}` is {before}, and version {} {after}", earlier.version, later.version);
    Some(
        OTHER_UNIT.finding(headline).at(later.measure.span, after).also(earlier.measure.span, before).help(
            "write another metric for the other unit; where one of them only lacks it, say `unit:` for the metric",
        ),
    )
}

/// What a key of a version is about: the parts of the difference between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Which days count for a period.
    Timing,
    /// Who and which rows are counted.
    Population,
    /// What is computed of them.
    Definition,
}

/// The aspects in the order in which one version becomes another, each with its word and its keys.
pub const ASPECTS: [(Aspect, &str, &[&str]); 3] = [
    (Aspect::Timing, "timing", &["window", "snapshot"]),
    (Aspect::Population, "population", &["customer", "where", "among", "population", "answers"]),
    (Aspect::Definition, "definition", &["measure", "each", "steps", "weight", "minimum", "fill"]),
];

impl Model {
    /// The keys that two versions of a metric have otherwise, in the order of the aspects.
    pub fn version_differences(&self, metric: MetricId, one: u32, other: u32) -> Vec<SmolStr> {
        let declared = self.declarations.of(Kind::Metric).get(metric.index());
        let Some(versions) = declared.and_then(|declared| declared.versions.as_ref()) else { return Vec::new() };
        let (one, other) = (versions.whole(one), versions.whole(other));
        let entry = |item: &Item, key: &str| item.body.entries.iter().find(|entry| entry.key().text == key).cloned();
        let differ = |key: &&str| match (entry(&one, key), entry(&other, key)) {
            (None, None) => false,
            (Some(one), Some(other)) => !same_undocumented(&one, &other),
            _ => true,
        };
        let keys = ASPECTS.iter().flat_map(|(_, _, keys)| keys.iter().copied());
        keys.filter(differ).map(SmolStr::new_static).collect()
    }
}

/// The versions of a metric as they were written: what all of them rest on, and what each says.
#[derive(Debug)]
pub(crate) struct Versions {
    /// The metric without its versions.
    base: Item,
    /// The second version and those after it.
    later: Vec<Later>,
}

#[derive(Debug)]
struct Later {
    from: Option<Date>,
    span: Span,
    doc: Option<String>,
    /// What it says otherwise, without its date.
    entries: Vec<Entry>,
}

/// Takes the versions out of each metric that has some.
pub(crate) fn read(declarations: &mut Declarations, sink: &mut Vec<Diagnostic>) {
    for declared in declarations.of_mut(Kind::Metric) {
        let entries = &declared.item.body.entries;
        if !entries.iter().any(is_version) {
            continue;
        }
        let before = sink.len();
        let mut base = (*declared.item).clone();
        let (written, kept) = base.body.entries.into_iter().partition(is_version);
        base.body.entries = kept;
        let reader = Reader { metric: &declared.item.name, sink };
        let mut versions = reader.read(base, written);
        versions.base.broken |= sink.len() > before;
        declared.item = Arc::new(versions.base.clone());
        declared.versions = Some(Arc::new(versions));
    }
}

/// Puts the chosen version in the place of each metric that has several.
pub(crate) fn choose(declarations: &mut Declarations, choice: &Choice) {
    for declared in declarations.of_mut(Kind::Metric) {
        if let Some(versions) = &declared.versions {
            declared.item = Arc::new(versions.taken(&choice.taken(&declared.name, versions)));
        }
    }
}

/// Says of each metric which of its versions it is.
pub(crate) fn number(model: &mut Model, declarations: &Declarations, choice: &Choice) {
    for (metric, declared) in model.metrics.iter_mut().zip(declarations.of(Kind::Metric)) {
        let Some(versions) = &declared.versions else { continue };
        let (Taken::Version(number) | Taken::Mixed { version: number, .. }) = choice.taken(&declared.name, versions);
        metric.version = number;
        metric.versions = versions.listed();
    }
}

impl Choice {
    fn taken(&self, metric: &SmolStr, versions: &Versions) -> Taken {
        let fixed = self.fixed.iter().find(|(name, _)| name == metric);
        fixed.map_or_else(|| Taken::Version(versions.on(self.on)), |(_, taken)| taken.clone())
    }
}

impl Versions {
    /// The version that holds for periods that begin on a day.
    fn on(&self, on: Option<On>) -> u32 {
        let begun = |later: &&Later| match on {
            None => true,
            Some(On::Beginning) => false,
            Some(On::Day(day)) => later.from.is_some_and(|from| from <= day),
        };
        let begun = self.later.iter().take_while(begun).count();
        u32::try_from(begun + 1).unwrap_or(u32::MAX)
    }

    /// The metric as it is taken.
    fn taken(&self, taken: &Taken) -> Item {
        match taken {
            Taken::Version(number) => self.whole(*number),
            Taken::Mixed { version, other, keys } => {
                let mut item = self.whole(*version);
                let is_other = |entry: &Entry| keys.contains(&entry.key().text);
                item.body.entries.retain(|entry| !is_other(entry));
                item.body.entries.extend(self.whole(*other).body.entries.into_iter().filter(is_other));
                item
            }
        }
    }

    /// The metric with all that a version and those before it say.
    fn whole(&self, number: u32) -> Item {
        let mut item = self.base.clone();
        for later in self.later.iter().take((number as usize).saturating_sub(1)) {
            let key = |entry: &Entry| entry.key().text.clone();
            for entry in &later.entries {
                let known = item.body.entries.iter().position(|known| key(known) == key(entry));
                match (known, is_none(entry)) {
                    (Some(at), false) => item.body.entries[at] = entry.clone(),
                    (Some(at), true) => {
                        item.body.entries.remove(at);
                    }
                    (None, false) => item.body.entries.push(entry.clone()),
                    (None, true) => {}
                }
            }
        }
        item
    }

    fn listed(&self) -> Vec<Version> {
        let first = Version { number: 1, from: None, span: self.base.name.span, doc: None, keys: Vec::new() };
        let later = self.later.iter().zip(2..).map(|(later, number)| Version {
            number,
            from: later.from,
            span: later.span,
            doc: later.doc.clone(),
            keys: later.entries.iter().map(|entry| entry.key().text.clone()).collect(),
        });
        std::iter::once(first).chain(later).collect()
    }
}

impl Declared {
    /// The declaration with all that a version and those before it say.
    pub(crate) fn of_version(&self, number: u32) -> Arc<Item> {
        self.versions.as_ref().map_or_else(|| self.item.clone(), |versions| Arc::new(versions.whole(number)))
    }
}

fn is_version(entry: &Entry) -> bool {
    matches!(entry, Entry::Group { key, .. } if key.text == VERSION)
}

/// Whether it takes away what the version before said.
fn is_none(entry: &Entry) -> bool {
    let Entry::Value { values, .. } = entry else { return false };
    matches!(values.as_slice(), [only] if as_name(only).is_some_and(|(name, _)| name == NONE))
}

struct Reader<'a> {
    metric: &'a Name,
    sink: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(mut self, base: Item, written: Vec<Entry>) -> Versions {
        let mut versions = Versions { base, later: Vec::with_capacity(written.len()) };
        for (entry, number) in written.into_iter().zip(2_u32..) {
            let Entry::Group { span, doc, key, name, body } = entry else { continue };
            self.number(number, &key, name.as_ref(), versions.later.last());
            let place = key.span.to(name.as_ref().map_or(key.span, |name| name.span));
            let from = self.from(&body, number, place, versions.later.last());
            let before = versions.whole(number - 1);
            let entries = self.entries(body, (number, place), &before);
            versions.later.push(Later { from, span, doc: doc.map(|doc| doc.text), entries });
        }
        versions
    }

    /// Its number is the next one.
    fn number(&mut self, next: u32, key: &Name, name: Option<&Name>, before: Option<&Later>) {
        let metric = &self.metric.text;
        let headline = match name {
            Some(name) if name.text.parse() == Ok(next) => return,
            Some(name) if name.text == "1" => {
                format!("version 1 of `{metric}` is what stands outside of its versions")
            }
            Some(name) => format!("`{metric}` has version {} where version {next} comes next", name.text),
            None => format!("a version of `{metric}` has no number"),
        };
        let place = name.map_or(key.span, |name| name.span);
        let finding = NOT_IN_ORDER.finding(headline).at(place, format!("version {next} comes here"));
        let finding = match before {
            Some(before) => finding.also(before.span, format!("version {}", next - 1)),
            None => finding.also(self.metric.span, "what stands here is version 1"),
        };
        let finding = finding.help(format!(
            "number the versions 2, 3, 4 … in the order in which they begin: this one is `version {next}`"
        ));
        self.sink.push(finding);
    }

    /// The day it holds from: later than the one before.
    fn from(&mut self, body: &Block, number: u32, place: Span, before: Option<&Later>) -> Option<Date> {
        let metric = &self.metric.text;
        let written = body.entries.iter().find(|entry| entry.key().text == FROM);
        let value = match written {
            Some(Entry::Value { values, .. }) if values.len() == 1 => &values[0],
            _ => {
                let span = written.map_or(place, Entry::span);
                self.sink.push(
                    NO_DATE
                        .finding(format!("nobody knows which periods version {number} of `{metric}` computes"))
                        .at(span, "from which day on?")
                        .help("say the first day of the first period that it computes: `from: 2026-07-01`"),
                );
                return None;
            }
        };
        let from = match day(value) {
            Ok(from) => from,
            Err(finding) if as_name(value).is_some() => {
                let help = "`from` of a version is its first day: `from: 2026-07-01`. All versions count rows of one \
                            source; for rows of another, write another metric and let this one's `measure` name it";
                self.sink.push(finding.help(help));
                return None;
            }
            Err(finding) => {
                self.sink.push(finding);
                return None;
            }
        };
        if let Some((earlier, other)) = before.and_then(|before| before.from.map(|day| (day, before)))
            && from <= earlier
        {
            let how = if from == earlier { "on the same day as" } else { "before" };
            self.sink.push(
                NOT_LATER
                    .finding(format!(
                        "version {number} of `{metric}` begins {how} version {}, which would compute no period",
                        number - 1
                    ))
                    .at(value.span, format!("from {from}"))
                    .also(other.span, format!("from {earlier}"))
                    .help(format!("let version {number} begin after {earlier}, or put both into one")),
            );
        }
        Some(from)
    }

    /// What it says otherwise than the version before.
    fn entries(&mut self, body: Block, (number, place): (u32, Span), before: &Item) -> Vec<Entry> {
        let found = self.sink.len();
        let mut kept: Vec<Entry> = Vec::new();
        for entry in body.entries.into_iter().filter(|entry| entry.key().text != FROM) {
            let name = entry.key().text.as_str();
            if let Some(finding) = self.refused(&entry) {
                self.sink.push(finding);
            } else if let Some(first) = kept.iter().find(|known| known.key().text == name) {
                let headline = format!("`{name}` of version {number} of `{}` is said twice", self.metric.text);
                let finding = super::entries::REPEATED_KEY.finding(headline).at(entry.key().span, "said again here");
                self.sink.push(finding.also(first.key().span, "first said here").help("keep the one that is meant"));
            } else {
                kept.push(entry);
            }
        }
        let same = |entry: &Entry| {
            let known = before.body.entries.iter().find(|known| known.key().text == entry.key().text);
            match (known, is_none(entry)) {
                (None, none) => none,
                (Some(_), true) => false,
                (Some(known), false) => same_undocumented(known, entry),
            }
        };
        if kept.iter().all(same) && self.sink.len() == found {
            let what = changeable().map(|key| key.name);
            self.sink.push(
                NO_CHANGE
                    .finding(format!(
                        "version {number} of `{}` computes the same number as version {}",
                        self.metric.text,
                        number - 1
                    ))
                    .at(place, "nothing is different")
                    .help(format!("say what is different ({}), or take the version out", listed(what))),
            );
        }
        // What is as before is no difference.
        kept.retain(|entry| !same(entry));
        kept
    }

    /// Why a key does not belong in a version.
    fn refused(&self, entry: &Entry) -> Option<Diagnostic> {
        let key = entry.key();
        if changeable().any(|known| known.name == key.text) {
            return None;
        }
        let metric = &self.metric.text;
        let Some(schema) = Kind::Metric.schema().key(&key.text) else {
            let finding = UNKNOWN_KEY
                .finding(format!("a version has no `{}`", key.text))
                .at(key.span, format!("in metric `{metric}`"));
            return Some(match nearest(&key.text, changeable().map(|known| known.name)) {
                Some(near) => {
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), key.span, near)
                }
                None => finding.help(format!("it may have {}", listed(changeable().map(|known| known.name)))),
            });
        };
        let (headline, help) = match (schema.name, Kind::Metric.schema().bearing(schema)) {
            ("unit", _) => (
                format!("the numbers of `{metric}` would have one unit before a day and another one after it"),
                "two units are two metrics: write another metric, or leave the unit of this one as it is".to_owned(),
            ),
            (VERSION, _) => (
                format!("a version of `{metric}` stands inside of another one"),
                "write versions beside each other".to_owned(),
            ),
            (name, Bearing::Cells) => (
                format!("`{name}` of `{metric}` is the same for all its versions: it says which cells there are"),
                format!("write `{name}` outside of the version"),
            ),
            (name, _) => (
                format!("`{name}` of `{metric}` is the same for all its versions: it changes no number"),
                format!("write `{name}` outside of the version"),
            ),
        };
        Some(FIXED_KEY.finding(headline).at(key.span, "not a version's to change").help(help))
    }
}

#[cfg(test)]
mod tests;
