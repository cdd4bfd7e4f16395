//! What governance says of a metric: who answers for it, whose it is, what is to be reached, what may be adapted.
//!
//! None of it takes part in the number: what is wrong here is said, and the metric stays as it is.

use super::policy::amount;
use crate::check::column_type::whole;
use crate::check::entries::{Entries, REPEATED_KEY, UNKNOWN_KEY, WRONG_VALUE, as_name};
use crate::check::governance::people::teams;
use crate::check::governance::region::adaptable;
use crate::check::names::{listed, nearest};
use crate::check::people::dated;
use crate::governance::{Accountable, Raci, Reach};
use crate::model::{Metric, MetricId, Model, RegionId, TeamId};
use crate::schema::Kind;
use crate::unit::Unit;
use groma_syntax::ast::{Entry, Expr, ExprKind, Prefix};
use groma_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

/// A target in another unit.
pub(crate) static TARGET_UNIT: Code =
    Code::error("governance/target-unit", "A target or a threshold is in another unit than the metric.");
/// A local metric of nowhere.
pub(crate) static NO_REGION: Code =
    Code::error("governance/no-region", "A local metric does not say which region it is of.");
/// A global metric of somewhere.
pub(crate) static GLOBAL_IN_REGION: Code =
    Code::error("governance/global-in-region", "A metric is everyone's and names a region.");
/// A label that no reader is found for.
pub(crate) static NOT_A_LANGUAGE: Code =
    Code::error("governance/not-a-language", "A label or a region names a language that is none.");

/// The parts of `raci`.
const PARTS: [&str; 4] = ["accountable", "responsible", "consulted", "informed"];

/// Reads it into a metric whose unit is known.
pub(super) fn read(model: &Model, entries: &Entries<'_>, metric: &mut Metric, sink: &mut Vec<Diagnostic>) {
    let governed = &mut metric.governed;
    governed.raci = raci(model, entries, sink);
    governed.replaced_by = replaced_by(model, entries, sink);
    governed.retires = entries.date("retires", sink).map(|(day, _)| day);
    governed.reach = reach(model, entries, sink);
    governed.local_may_change = local_may_change(entries, governed.reach, sink);
    governed.purpose =
        entries.values("purpose").iter().filter_map(|word| as_name(word).map(|(word, _)| word)).collect();
    governed.cell = cell(entries, sink);
    let place = entries.value("measure").map(|measure| measure.span);
    let unit = Place { unit: &metric.unit, span: place.unwrap_or(metric.header.span), known: !metric.header.broken };
    governed.target = entries.value("target").and_then(|written| aim("target", written, &unit, sink));
    governed.threshold = entries.value("threshold").and_then(|written| aim("threshold", written, &unit, sink));
    for entry in entries.group("label").map_or(&[][..], |block| &block.entries) {
        language(&entry.key().text, entry.key().span, sink);
    }
}

fn replaced_by(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<MetricId> {
    let (name, span) = entries.name("replaced_by")?;
    let known = model.metrics.iter().map(|metric| metric.header.name.as_str());
    crate::check::reference(&model.names, Kind::Metric, &name, span, known, sink).map(MetricId)
}

fn raci(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Raci {
    let mut raci = Raci::default();
    let Some(block) = entries.group("raci") else { return raci };
    for (index, entry) in block.entries.iter().enumerate() {
        let (key, Entry::Value { values, .. }) = (entry.key(), entry) else {
            sink.push(not_teams(&entry.key().text, entry.span()));
            continue;
        };
        let word = key.text.as_str();
        if let Some(first) = block.entries[..index].iter().find(|first| first.key().text == key.text) {
            sink.push(
                REPEATED_KEY
                    .finding(format!("`{word}` of `{}` is said twice", entries.item.name.text))
                    .at(key.span, "said again here")
                    .also(first.key().span, "first said here")
                    .help("name all teams in one line, with commas between them"),
            );
            continue;
        }
        let parts = |sink: &mut Vec<Diagnostic>| {
            let wrong = values.iter().filter(|value| as_name(value).is_none());
            sink.extend(wrong.map(|value| not_teams(word, value.span)));
            teams(model, values.iter(), word, sink)
        };
        match word {
            "accountable" => {
                raci.accountable = values.iter().filter_map(|value| accountable(model, value, sink)).collect();
            }
            "responsible" => raci.responsible = parts(sink),
            "consulted" => raci.consulted = parts(sink),
            "informed" => raci.informed = parts(sink),
            _ => sink.push(unknown_part(word, key.span)),
        }
    }
    raci
}

fn unknown_part(word: &str, span: Span) -> Diagnostic {
    let finding = UNKNOWN_KEY.finding(format!("`raci` has no `{word}`")).at(span, "no part of `raci`");
    match nearest(word, PARTS) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => finding.help(format!("it may have {}", listed(PARTS))),
    }
}

fn not_teams(word: &str, span: Span) -> Diagnostic {
    WRONG_VALUE
        .finding(format!("`{word}` of `raci` takes names of teams"))
        .at(span, "not the name of a team")
        .help(format!("write it like `{word}: support, product`"))
}

fn accountable(model: &Model, written: &Expr, sink: &mut Vec<Diagnostic>) -> Option<Accountable> {
    let read = match dated(written) {
        Ok(read) => read,
        Err(finding) => {
            sink.push(*finding);
            return None;
        }
    };
    let named = read.and_then(|(who, days)| Some((as_name(who)?, days)));
    let Some(((name, span), days)) = named else {
        sink.push(
            WRONG_VALUE
                .finding("the one who answers is a team, perhaps with dates")
                .at(written.span, "cannot be read as a team with dates")
                .help("write it like `support until 2026-03-01, product from 2026-03-02`"),
        );
        return None;
    };
    let known = model.teams.iter().map(|team| team.header.name.as_str());
    let team = crate::check::reference(&model.names, Kind::Team, &name, span, known, sink).map(TeamId)?;
    if let (true, Some(from), Some(until)) = (days.is_empty(), days.from, days.until) {
        sink.push(
            crate::check::people::ENDS_FIRST
                .finding(format!("`{name}` answers until {until}, before it begins to on {from}"))
                .at(written.span, "on no day")
                .help("exchange the two dates, or take one of them out"),
        );
        return None;
    }
    Some(Accountable { team, from: days.from, until: days.until, span: written.span })
}

fn reach(model: &Model, entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Reach {
    let local = entries.name("scope").is_some_and(|(word, _)| word == "local");
    let written = entries.name("region");
    let name_of = &entries.item.name.text;
    let region = written.as_ref().and_then(|(name, span)| {
        let known = model.regions.iter().map(|region| region.header.name.as_str());
        crate::check::reference(&model.names, Kind::Region, name, *span, known, sink).map(RegionId)
    });
    match (local, written) {
        (true, None) if !entries.mentions("region") => {
            sink.push(
                NO_REGION
                    .finding(format!("`{name_of}` is local and does not say where: nobody knows whose number it is"))
                    .at(entries.value("scope").map_or(entries.item.name.span, |value| value.span), "local to what?")
                    .help("add `region:` with the name of a region, or make it `scope: global`"),
            );
        }
        (false, Some((name, span))) if !entries.mentions("scope") || entries.name("scope").is_some() => {
            sink.push(
                GLOBAL_IN_REGION
                    .finding(format!("`{name_of}` is everyone's number and names the region `{name}`"))
                    .at(span, "a region of a global metric")
                    .help("add `scope: local` if it is the number of the region alone, or take `region` out"),
            );
        }
        _ => {}
    }
    if local { Reach::Local(region) } else { Reach::Global }
}

fn local_may_change(entries: &Entries<'_>, reach: Reach, sink: &mut Vec<Diagnostic>) -> Vec<SmolStr> {
    let mut found = Vec::new();
    for (word, span) in entries.values("local_may_change").iter().filter_map(as_name) {
        match adaptable(&word, span) {
            Ok(()) => found.push(word),
            Err(finding) => sink.push(*finding),
        }
    }
    if let (Reach::Local(_), Some(place)) = (reach, entries.key_span("local_may_change")) {
        sink.push(
            WRONG_VALUE
                .finding(format!(
                    "`{}` is local: it is one region's own number, and no other region adapts it",
                    entries.item.name.text
                ))
                .at(place, "only of a global metric")
                .help("take `local_may_change` out, or make the metric `scope: global`"),
        );
    }
    found
}

fn cell(entries: &Entries<'_>, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = entries.value("cell")?;
    let cell = whole(written).filter(|cell| *cell >= 1);
    if cell.is_none() {
        sink.push(
            WRONG_VALUE
                .finding("a number is about at least so many customers: a whole number from 1 on")
                .at(written.span, "not such a number")
                .help("write it like `cell: 10`, or leave it out"),
        );
    }
    cell
}

/// The unit that a number must be in, and where it comes from.
pub(crate) struct Place<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) span: Span,
    /// Whether the unit is what it will be once all findings are mended.
    pub(crate) known: bool,
}

/// A number to reach or to stay above, in the unit of the metric.
pub(crate) fn aim(key: &str, written: &Expr, place: &Place<'_>, sink: &mut Vec<Diagnostic>) -> Option<f64> {
    let Some((value, own)) = signed(written) else {
        sink.push(
            WRONG_VALUE
                .finding(format!("a {key} is a number in the unit of the metric"))
                .at(written.span, "not such a number")
                .help(format!("write it like `{key}: {}`", example(place.unit))),
        );
        return None;
    };
    let unit = place.unit;
    let share = (own == Unit::Percent && *unit == Unit::None) || (own == Unit::None && *unit == Unit::Percent);
    if matches!(own, Unit::Any) || own == *unit || share {
        return Some(value);
    }
    if place.known {
        sink.push(
            TARGET_UNIT
                .finding(format!("the {key} is in {own}, and the metric is in {unit}"))
                .at(written.span, format!("in {own}"))
                .also(place.span, format!("in {unit}"))
                .help(format!("write it like `{key}: {}`", example(unit))),
        );
    }
    None
}

pub(crate) fn example(unit: &Unit) -> String {
    match unit {
        Unit::Percent => "85%".to_owned(),
        Unit::Any | Unit::None => "0.85".to_owned(),
        Unit::Of(powers) => match powers.as_slice() {
            [(word, 1)] => format!("85 {word}"),
            // Of `usd/count` a plain number is understood.
            _ => "85".to_owned(),
        },
    }
}

/// A number with its sign and its unit.
pub(crate) fn signed(written: &Expr) -> Option<(f64, Unit)> {
    match &written.kind {
        ExprKind::Prefix { operator: Prefix::Minus, operand, .. } => {
            signed(operand).map(|(value, unit)| (-value, unit))
        }
        ExprKind::Group(inner) => signed(inner),
        _ => amount(written),
    }
}

/// Whether a word looks like the tag of a language: `fr`, `pt-BR`, `zh-Hant-TW`; says so where it does not.
pub(crate) fn language(word: &str, span: Span, sink: &mut Vec<Diagnostic>) -> bool {
    let mut parts = word.split('-');
    let letters = |part: &str| part.bytes().all(|sign| sign.is_ascii_alphabetic());
    let first = parts.next().is_some_and(|part| matches!(part.len(), 2 | 3) && letters(part));
    let rest = parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_alphanumeric()));
    if !(first && rest) {
        sink.push(
            NOT_A_LANGUAGE
                .finding(format!("`{word}` is not the tag of a language: no reader would be shown the label"))
                .at(span, "not a language")
                .help("write two or three letters, perhaps with a script or a country: `fr`, `pt-BR`, `zh-Hant`"),
        );
    }
    first && rest
}
