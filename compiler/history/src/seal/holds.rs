//! Whether what was sealed still holds.

use super::lock::{Lock, Piece, Placed, Seal};
use groma_model::change::Change;
use groma_model::meaning::{Digest, Meaning, Meanings, Subject, meanings};
use groma_model::schema::Kind;
use groma_model::{Diagnostic, Model, SmolStr, Status};
use groma_project::Project;
use groma_project::history::freeze::CHANGED;
use groma_syntax::{SourceMap, Span};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// How a metric differs from its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Breach {
    /// Nothing has the name.
    Gone,
    /// It cannot be read.
    Broken,
    /// It is a draft again, or retired.
    Unpublished,
    /// Other values stand in cells of the period, from a day on.
    Values(Date),
    /// Cells disappeared or mean something else, in words.
    Cells(Vec<String>),
}

/// The meanings of a project, by the form they are hashes of; computed once.
pub struct Forms<'p> {
    project: &'p Project,
    of: BTreeMap<u32, Option<Meanings>>,
}

impl<'p> Forms<'p> {
    /// Those of a project.
    pub fn of(project: &'p Project) -> Self {
        Self { project, of: BTreeMap::new() }
    }

    /// The meanings in a form; none where the form is not known.
    pub fn in_form(&mut self, form: u32) -> Option<&Meanings> {
        self.of.entry(form).or_insert_with(|| meanings(form, &self.project.eras())).as_ref()
    }
}

/// What differs of a lock's metrics, by their names.
pub(super) fn breaches(lock: &Lock, forms: &mut Forms<'_>) -> Vec<(String, Breach)> {
    let model = &forms.project.model;
    let Some(days) = lock.days() else { return Vec::new() };
    let Some(meanings) = forms.in_form(lock.form) else { return Vec::new() };
    let of = |name: &str| meanings.of.get(&(Kind::Metric, SmolStr::new(name)));
    let breach = |(name, seal): (&String, &Seal)| Some((name.clone(), breach(seal, (model, name), of(name), days)?));
    lock.metrics.iter().filter_map(breach).collect()
}

/// Whether everything that a lock seals still means the same.
pub fn holds(lock: &Lock, forms: &mut Forms<'_>) -> bool {
    breaches(lock, forms).is_empty()
}

fn breach(
    seal: &Seal,
    (model, name): (&Model, &str),
    meaning: Option<&Meaning>,
    (first, last): (Date, Date),
) -> Option<Breach> {
    let Some(metric) = model.metric_named(name).map(|id| model.metric(id)) else { return Some(Breach::Gone) };
    let Some(meaning) = meaning else { return Some(Breach::Broken) };
    if meaning.until(last).to_string() == seal.meaning {
        return None;
    }
    let ended_later = metric.status == Status::Retired && metric.governed.retires.is_some_and(|day| day > last);
    if !meaning.cells.published && !ended_later {
        return Some(Breach::Unpublished);
    }
    let sealed: Vec<(Option<Date>, String)> = seal.pieces.iter().map(read).collect();
    let now: Vec<(Option<Date>, String)> =
        meaning.pieces.iter().map(|(from, digest)| (*from, digest.to_string())).collect();
    if let Some(day) = first_difference(&within(&sealed, (first, last)), &within(&now, (first, last))) {
        return Some(Breach::Values(day));
    }
    let cells = lost_cells(seal, meaning);
    (!cells.is_empty()).then_some(Breach::Cells(cells))
}

fn read(piece: &Piece) -> (Option<Date>, String) {
    (piece.from.as_deref().and_then(|from| from.parse().ok()), piece.meaning.clone())
}

/// The pieces that hold for some of the days, from the first of them on.
fn within(pieces: &[(Option<Date>, String)], (first, last): (Date, Date)) -> Vec<(Date, String)> {
    let ends = pieces.iter().skip(1).map(|(from, _)| *from).chain([None]);
    let held = pieces
        .iter()
        .zip(ends)
        .filter(|((from, _), end)| from.is_none_or(|from| from <= last) && end.is_none_or(|end| end > first));
    held.map(|((from, meaning), _)| (from.map_or(first, |from| from.max(first)), meaning.clone())).collect()
}

/// The first day on which two lists of pieces differ.
fn first_difference(one: &[(Date, String)], other: &[(Date, String)]) -> Option<Date> {
    if one == other {
        return None;
    }
    let differs = one.iter().zip(other).find(|(one, other)| one != other);
    match differs {
        Some((one, other)) if one.1 != other.1 => Some(one.0.min(other.0)),
        // The same definition, until another day.
        Some((one, other)) => Some(one.0.min(other.0)),
        None => one.get(other.len()).or(other.get(one.len())).map(|(day, _)| *day),
    }
}

/// The grains and groupings that were sealed and are not there as they were.
fn lost_cells(seal: &Seal, meaning: &Meaning) -> Vec<String> {
    let cells = &meaning.cells;
    let grains = seal.grains.iter().filter(|grain| !cells.grains.iter().any(|known| known == grain.as_str()));
    let grains = grains.map(|grain| format!("it is no longer built by {grain}"));
    let now: BTreeMap<&str, &Digest> = cells.groupings.iter().map(|(name, digest)| (name.as_str(), digest)).collect();
    let groupings = seal.groupings.iter().filter_map(|(name, sealed)| match now.get(name.as_str()) {
        None => Some(format!("it is no longer grouped by `{name}`")),
        Some(digest) if digest.to_string() != *sealed => Some(format!("`{name}` groups its rows otherwise")),
        Some(_) => None,
    });
    grains.chain(groupings).collect()
}

/// The periods whose seals a change breaks: of changes that alter or take away sealed cells.
pub fn frozen(locks: &[Placed], change: &Change, forms: &mut Forms<'_>) -> Vec<SmolStr> {
    let (Kind::Metric, name) = &change.subject else { return Vec::new() };
    if change.class < groma_model::change::Class::Forward {
        return Vec::new();
    }
    let model = &forms.project.model;
    let mut periods = Vec::new();
    for Placed { lock, .. } in locks {
        let Some(days) = lock.days() else { continue };
        // Whoever renames a metric takes its name away.
        let was = change.was.as_ref().filter(|was| lock.metrics.contains_key(was.as_str()));
        let Some(seal) = lock.metrics.get(name.as_str()) else {
            periods.extend(was.map(|_| SmolStr::new(&lock.period.name)));
            continue;
        };
        let meanings = forms.in_form(lock.form);
        let meaning = meanings.and_then(|meanings| meanings.of.get(&change.subject));
        if was.is_some() || breach(seal, (model, name), meaning, days).is_some() {
            periods.push(SmolStr::new(&lock.period.name));
        }
    }
    periods.sort();
    periods.dedup();
    periods
}

/// What no longer means what a lock sealed. `changes` are those since the lock's commit, for the words.
pub fn findings(lock: &Placed, forms: &mut Forms<'_>, changes: &dyn Fn() -> Option<Vec<Change>>) -> Vec<Diagnostic> {
    let breaches = breaches(&lock.lock, forms);
    if breaches.is_empty() {
        return Vec::new();
    }
    let changes = changes().unwrap_or_default();
    let project = forms.project;
    let all_gone = breaches.iter().map(|(name, breach)| finding(lock, project, (name, breach), &changes));
    all_gone.collect()
}

fn finding(lock: &Placed, project: &Project, (name, breach): (&str, &Breach), changes: &[Change]) -> Diagnostic {
    let period = &lock.lock.period.name;
    let metric = project.model.metric_named(name).map(|id| project.model.metric(id));
    let about = |change: &&Change| change.subject.0 == Kind::Metric && change.subject.1 == name;
    let change = changes.iter().find(about);
    let renamed = changes.iter().find(|change| change.was.as_deref() == Some(name));
    let headline = match (breach, renamed) {
        (Breach::Gone, Some(to)) => format!("`{name}` was sealed for {period} and is called `{}` now", to.subject.1),
        (Breach::Gone, None) => format!("`{name}` was sealed for {period} and is no longer declared"),
        (Breach::Broken, _) => format!("`{name}` was sealed for {period} and cannot be read any more"),
        (Breach::Unpublished, _) => format!("`{name}` was sealed for {period} and is no longer published"),
        (Breach::Values(_) | Breach::Cells(_), _) => format!("`{name}` no longer means what was sealed for {period}"),
    };
    let headline = match why(breach, change, changes) {
        Some(why) => format!("{headline}: {why}"),
        None => headline,
    };
    let place = place_in(lock, &project.sources, name);
    let own = change.and_then(|change| change.parts.iter().find_map(|part| part.span));
    let own = own.or(metric.map(|metric| metric.header.span)).or(renamed.and_then(|renamed| renamed.span));
    let finding = match own {
        Some(own) => CHANGED.finding(headline).at(own, "not what was sealed").also(place, "sealed here"),
        None => CHANGED.finding(headline).at(place, "sealed here"),
    };
    finding.help(help(lock, name, (breach, change.is_none_or(|change| change.direct))))
}

/// What changed, in words.
fn why(breach: &Breach, change: Option<&Change>, changes: &[Change]) -> Option<String> {
    if let Breach::Cells(words) = breach {
        return Some(words.join(", "));
    }
    let change = change?;
    let own: Vec<&str> =
        change.parts.iter().map(|part| part.words.as_str()).filter(|words| !words.is_empty()).collect();
    if change.direct && !own.is_empty() {
        return Some(own.join("; "));
    }
    let last = change.through.iter().find_map(|path| path.last())?;
    let (kind, name) = last;
    let what = changes.iter().find(|change| change.subject == *last);
    let words: Vec<&str> = what.into_iter().flat_map(|what| &what.parts).map(|part| part.words.as_str()).collect();
    let way: Vec<String> = change.through.first().map(|path| path.iter().map(named).collect()).unwrap_or_default();
    let way = if way.len() > 1 { format!(" (through {})", way[..way.len() - 1].join(", ")) } else { String::new() };
    Some(match words.is_empty() {
        true => format!("{} `{name}` changed{way}", kind.word()),
        false => format!("{} `{name}`{way}: {}", kind.word(), words.join("; ")),
    })
}

fn named((kind, name): &Subject) -> String {
    format!("{} `{name}`", kind.word())
}

fn help(lock: &Placed, name: &str, (breach, is_direct): (&Breach, bool)) -> String {
    let period = &lock.lock.period.name;
    let commit: String = lock.lock.commit.chars().take(10).collect();
    let next = lock.lock.days().and_then(|(_, last)| last.tomorrow().ok());
    match breach {
        Breach::Gone => format!(
            "a sealed name stays: declare `{name}` as it was at commit {commit}; to end it, write `status: deprecated`"
        ),
        Breach::Broken => format!("correct `{name}`: `groma check` shows what is wrong with it"),
        Breach::Unpublished => format!(
            "publish it again, as deprecated if it is to end; or restate the period: an exception with `from: {name}` and \
             `restates: {period}`, then `groma freeze {period} --restate EXCEPTION`"
        ),
        Breach::Values(_) | Breach::Cells(_) => {
            let later = match (breach, next) {
                (Breach::Values(_), Some(next)) if is_direct => {
                    format!("let the change begin after the period with `version N {{ from: {next} … }}`, ")
                }
                _ => String::new(),
            };
            format!(
                "take the change back, {later}or restate the period: an exception with `from: {name}` and `restates: \
                 {period}`, approvals, then `groma freeze {period} --restate EXCEPTION`"
            )
        }
    }
}

/// Where a lock seals a metric.
pub(super) fn place_in(lock: &Placed, sources: &SourceMap, name: &str) -> Span {
    let text = &sources.file(lock.file).text;
    let key = format!("{}: {{", serde_json::Value::String(name.to_owned()));
    let metrics = text.find("\"metrics\"").unwrap_or_default();
    match text[metrics..].find(&key) {
        Some(at) => Span::new(lock.file, metrics + at, metrics + at + key.len() - 3),
        None => Span::new(lock.file, 0, text.lines().next().map_or(0, str::len)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn pieces(list: &[(Option<Date>, &str)]) -> Vec<(Option<Date>, String)> {
        list.iter().map(|(from, meaning)| (*from, (*meaning).to_owned())).collect()
    }

    #[test]
    fn only_what_holds_for_some_day_of_the_period_is_compared() {
        let days = (date(2026, 7, 1), date(2026, 9, 30));
        let held = |list: &[(Option<Date>, &str)]| within(&pieces(list), days);
        let whole = vec![(date(2026, 7, 1), "b".to_owned())];
        assert_eq!(held(&[(None, "b")]), whole);
        assert_eq!(held(&[(None, "a"), (Some(date(2026, 7, 1)), "b")]), whole);
        assert_eq!(held(&[(None, "b"), (Some(date(2026, 10, 1)), "c")]), whole);
        let two = held(&[(None, "b"), (Some(date(2026, 8, 1)), "c")]);
        assert_eq!(two, [(date(2026, 7, 1), "b".to_owned()), (date(2026, 8, 1), "c".to_owned())]);
        assert_eq!(first_difference(&whole, &two), Some(date(2026, 8, 1)));
        assert_eq!(first_difference(&two, &whole), Some(date(2026, 8, 1)));
        assert_eq!(first_difference(&two, &two), None);
    }
}
