//! From words on the command line to a question: metrics, grain, groupings, range, condition.

use super::Extra;
use crate::failure::Failure;
use crate::loading::Loaded;
use crate::meaning::affected;
use crate::terminal::Terminal;
use groma_model::row::RowExpr;
use groma_model::time::Grain;
use groma_model::{Diagnostic, FileId, Grouping, MetricId, Model, Sensitivity, SourceId};
use groma_project::did_you_mean;
use groma_syntax::ast::Expr;
use groma_syntax::parse_expression;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A day, a month or a year as it is written on the command line: its first and its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

/// Days from the first to the last, both included, where they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Range {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

/// What is asked of a project.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) metrics: Vec<MetricId>,
    pub(crate) grain: Grain,
    pub(crate) by: Vec<Grouping>,
    pub(crate) range: Range,
    pub(crate) filter: Vec<(SourceId, RowExpr)>,
    pub(crate) extra: Extra,
}

/// Reads `2026-07-01`, `2026-07` or `2026`.
pub(crate) fn parse_day(text: &str) -> Result<Day, String> {
    let number = |part: &str| part.parse::<i16>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let parts: Vec<&str> = text.split('-').collect();
    let shape: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let date = |month: i16, day: i16| {
        let (year, month, day) = (number(parts[0])?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok()
    };
    let day = match shape.as_slice() {
        [4] => date(1, 1).zip(date(12, 31)).map(|(first, last)| Day { first, last }),
        [4, 2] => number(parts[1])
            .and_then(|month| date(month, 1))
            .map(|first| Day { first, last: first.saturating_add(1.month()).saturating_sub(1.day()) }),
        [4, 2, 2] => number(parts[1])
            .zip(number(parts[2]))
            .and_then(|(month, day)| date(month, day))
            .map(|day| Day { first: day, last: day }),
        _ => None,
    };
    day.ok_or_else(|| "not a day such as 2026-07-01, a month such as 2026-07, or a year".to_owned())
}

impl Range {
    /// The range that the command line gives.
    pub(crate) fn of(from: Option<Day>, to: Option<Day>) -> Result<Self, Failure> {
        let range = Self { from: from.map(|day| day.first), to: to.map(|day| day.last) };
        match (range.from, range.to) {
            (Some(from), Some(to)) if from > to => {
                Err(Failure::wrong_use(format!("the range ends on {to}, before it begins on {from}"), None))
            }
            _ => Ok(range),
        }
    }
}

impl Question {
    /// The metrics of those names, each once, with nothing that was reported behind their numbers.
    pub(crate) fn metrics(
        loaded: &Loaded,
        names: &[String],
        terminal: &mut Terminal,
    ) -> Result<Vec<MetricId>, Failure> {
        let model = &loaded.project.model;
        let mut ids = Vec::new();
        for name in names {
            let Some(id) = model.metric_named(name) else {
                let known: Vec<&str> = model.metrics.iter().map(|metric| metric.header.name.as_str()).collect();
                return Err(Failure::wrong_use(format!("there is no metric `{name}`"), did_you_mean(name, known)));
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        sound(loaded, &ids, terminal)?;
        Ok(ids)
    }

    /// Adds the groupings of `--by`.
    pub(crate) fn group_by(
        &mut self,
        loaded: &mut Loaded,
        paths: &[String],
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        for path in paths {
            let (file, expression) = parsed(loaded, "--by", path, terminal)?;
            let sources = self.sources(loaded);
            match loaded.project.model.grouping(&expression, &sources) {
                Ok(grouping) if self.by.iter().any(|known| known.name == grouping.name) => {}
                Ok(grouping) => {
                    self.hides_small_cells(&loaded.project.model, &grouping)?;
                    self.by.push(grouping);
                }
                Err(found) => return Err(wrong(loaded, file, &found, terminal)),
            }
        }
        Ok(())
    }

    /// Adds the condition of `--where`.
    pub(crate) fn keep_where(
        &mut self,
        loaded: &mut Loaded,
        condition: &str,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let (file, expression) = parsed(loaded, "--where", condition, terminal)?;
        let sources = self.sources(loaded);
        match loaded.project.model.filter(&expression, &sources) {
            Ok(filter) => self.filter = filter,
            Err(found) => return Err(wrong(loaded, file, &found, terminal)),
        }
        Ok(())
    }

    /// A segment may look at what answers do not show, where small cells are hidden.
    fn hides_small_cells(&self, model: &Model, grouping: &Grouping) -> Result<(), Failure> {
        if !grouping.values.iter().any(|(_, value)| model.sensitivity_of(value) >= Sensitivity::Personal) {
            return Ok(());
        }
        let open = |id: &&MetricId| model.metric(**id).governed.cell.is_none();
        let Some(id) = self.metrics.iter().find(open) else { return Ok(()) };
        Err(Failure::wrong_use(
            format!(
                "`{}` looks at personal columns, and `{}` has no smallest cell: a group of one would tell who is in it",
                grouping.name,
                model.metric(*id).header.name
            ),
            Some("give the metric a smallest cell: `cell: 10`".to_owned()),
        ))
    }

    /// The grain that all metrics begin with, else the project's.
    pub(crate) fn default_grain(model: &Model, metrics: &[MetricId]) -> Grain {
        let firsts: BTreeSet<Option<Grain>> =
            metrics.iter().map(|id| model.metric(*id).grains.first().copied()).collect();
        let common = firsts.first().copied().flatten().filter(|_| firsts.len() == 1);
        common.unwrap_or(model.calendar.default_grain)
    }

    /// The sources by whose columns the metrics are grouped, in all their versions.
    fn sources(&self, loaded: &Loaded) -> Vec<SourceId> {
        let eras = loaded.project.eras();
        let mut sources: BTreeSet<SourceId> = BTreeSet::new();
        for era in &eras {
            sources.extend(self.metrics.iter().flat_map(|id| era.model.metric(*id).sources.iter().copied()));
        }
        sources.into_iter().collect()
    }
}

/// Refuses metrics whose numbers rest on something that was reported, and shows what was.
fn sound(loaded: &Loaded, ids: &[MetricId], terminal: &mut Terminal) -> Result<(), Failure> {
    let model = &loaded.project.model;
    let eras = loaded.project.eras();
    let Some(id) = ids.iter().find(|id| eras.iter().any(|era| affected(era.model, **id))) else {
        loaded.mention_errors(terminal);
        return Ok(());
    };
    loaded.show(&loaded.project.diagnostics, terminal);
    terminal.problem(&format!(
        "`{}` is not computed: what was found stands behind its number",
        model.metric(*id).header.name
    ));
    Err(Failure::FINDINGS)
}

/// An expression from the command line, as a file of that name, so that findings can point into it.
fn parsed(loaded: &mut Loaded, option: &str, text: &str, terminal: &mut Terminal) -> Result<(FileId, Expr), Failure> {
    let file = loaded.project.sources.add(option, text);
    match parse_expression(file, text) {
        Ok(expression) => Ok((file, expression)),
        Err(found) => Err(wrong(loaded, file, &[found], terminal)),
    }
}

/// Findings about the command line are wrong use. Nothing but the command line is wrong, so nothing else is shown.
fn wrong(loaded: &Loaded, file: FileId, found: &[Diagnostic], terminal: &mut Terminal) -> Failure {
    loaded.show(found, terminal);
    let _ = file;
    Failure::Shown { exit_code: 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_months_and_years_are_read() {
        let day = |first, last| Ok(Day { first, last });
        assert_eq!(parse_day("2026-07-01"), day(date(2026, 7, 1), date(2026, 7, 1)));
        assert_eq!(parse_day("2024-02"), day(date(2024, 2, 1), date(2024, 2, 29)));
        assert_eq!(parse_day("2026-12"), day(date(2026, 12, 1), date(2026, 12, 31)));
        assert_eq!(parse_day("2026"), day(date(2026, 1, 1), date(2026, 12, 31)));
        for wrong in ["", "2026-13", "2026-02-30", "26-01-01", "2026-1-1", "tomorrow", "2026-07-01T00:00", "+026"] {
            assert!(parse_day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_does_not_run_backwards() {
        let day = |text: &str| parse_day(text).ok();
        assert!(Range::of(day("2026-02"), day("2026-01")).is_err());
        let range = Range::of(day("2026-01"), day("2026-01")).unwrap();
        assert_eq!(range, Range { from: Some(date(2026, 1, 1)), to: Some(date(2026, 1, 31)) });
    }
}
