//! Names as a page shows them: of periods, of declarations, of units.

use crate::answer::number::Style;
use crate::answer::period;
use groma_board::Person;
use groma_model::time::{Calendar, Grain};
use groma_model::unit::Unit;
use groma_model::{Grouping, Metric, Model, TeamId};
use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Words that are short for others, as they stand in names.
const ABBREVIATIONS: [&str; 18] = [
    "api", "arpu", "arr", "b2b", "b2c", "ces", "clv", "csat", "cx", "kpi", "ltv", "mau", "mrr", "nps", "nrr", "roi",
    "sla", "vip",
];

/// The name of the period that starts on a day: `March 2026`, `12 March 2026`, `week of 9 March 2026`, `2026 Q1`.
pub(super) fn period_name(grain: Grain, start: Date, calendar: &Calendar) -> String {
    match grain {
        Grain::Day => day_name(start),
        Grain::Week => format!("week of {}", day_name(start)),
        Grain::Month => format!("{} {}", month_name(start), start.year()),
        Grain::Quarter | Grain::Year | Grain::FiscalQuarter | Grain::FiscalYear => {
            period::label(grain, start, calendar)
        }
    }
}

/// `12 March 2026`.
pub(super) fn day_name(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day), day.year())
}

fn month_name(day: Date) -> &'static str {
    usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
}

/// A name as words: `relationship_nps` is `Relationship NPS`.
pub(super) fn spoken(name: &str) -> String {
    let word = |word: &str| match ABBREVIATIONS.contains(&word) {
        true => word.to_uppercase(),
        false => word.to_owned(),
    };
    let words: Vec<String> = name.split(['_', '.']).filter(|part| !part.is_empty()).map(word).collect();
    let text = words.join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How a metric is called: its English label, else its name as words.
pub(super) fn metric_label(metric: &Metric) -> String {
    let english = metric.labels.iter().find(|(language, _)| language == "en");
    english.map_or_else(|| spoken(&metric.header.name), |(_, label)| label.clone())
}

/// ` by region and plan`; nothing without groups.
pub(super) fn by_groups(groups: &[Grouping]) -> String {
    let last = |grouping: &Grouping| {
        let name = grouping.name.rsplit('.').next().unwrap_or(&grouping.name).replace('_', " ");
        name.trim().to_owned()
    };
    match groups.iter().map(last).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!(" by {one}"),
        [first @ .., last] => format!(" by {} and {last}", first.join(", ")),
    }
}

/// What a number is a number of, where that is worth saying: `usd`, `points`.
fn unit_word(unit: &Unit) -> Option<String> {
    match unit {
        Unit::Any | Unit::None | Unit::Percent => None,
        Unit::Of(powers) => {
            let kept: Vec<_> = powers.iter().filter(|(name, _)| name != "count").cloned().collect();
            (!kept.is_empty()).then(|| Unit::Of(kept).to_string())
        }
    }
}

/// Numbers of one metric as people read them, with their unit.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    style: Style,
    unit: Option<String>,
}

impl Writing {
    /// As all of these values are written, so that they can be compared by eye.
    pub(super) fn of(unit: &Unit, values: &[f64]) -> Self {
        let style = Style::of(unit, values);
        let word = unit_word(unit).filter(|_| style.unit_word().is_none());
        Self { style, unit: word }
    }

    /// `1,234.50 usd`, `40.0 %`, `3.5 days`.
    pub(super) fn value(&self, value: f64) -> String {
        self.with_unit(&self.style.write(value))
    }

    /// The same without decimals that say nothing: `40 %`, `1,234.50 usd`.
    pub(super) fn aim(&self, value: f64) -> String {
        let text = self.value(value);
        let Some((whole, rest)) = text.split_once('.') else { return text };
        let behind = rest.trim_start_matches('0');
        if behind.starts_with(|letter: char| letter.is_ascii_digit()) { text } else { format!("{whole}{behind}") }
    }

    /// `+3.1 points`, `-2.0 pp`.
    pub(super) fn change(&self, change: f64) -> String {
        self.with_unit(&self.style.difference(change))
    }

    /// The unit as it is written: `usd`, `%`, `days`; none for counts and plain numbers.
    pub(super) fn unit(&self) -> Option<String> {
        self.style.unit_word().map(str::to_owned).or_else(|| self.unit.clone())
    }

    /// What a value is multiplied by before it is written in that unit.
    pub(super) fn factor(&self) -> f64 {
        self.style.factor()
    }

    fn with_unit(&self, text: &str) -> String {
        self.unit.as_ref().map_or_else(|| text.to_owned(), |unit| format!("{text} {unit}"))
    }
}

/// Who answers for something, with an address.
pub(super) fn person(model: &Model, team: Option<TeamId>) -> Option<Person> {
    let team = model.teams.get(team?.index())?;
    Some(Person { team: team.header.name.to_string(), title: team.title.clone(), lead: team.lead.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_are_named_in_full() {
        let calendar = Calendar::default();
        for (grain, start, expected) in [
            (Grain::Day, date(2026, 3, 12), "12 March 2026"),
            (Grain::Week, date(2026, 3, 9), "week of 9 March 2026"),
            (Grain::Month, date(2026, 12, 1), "December 2026"),
            (Grain::Quarter, date(2026, 10, 1), "2026 Q4"),
            (Grain::Year, date(2026, 1, 1), "2026"),
        ] {
            assert_eq!(period_name(grain, start, &calendar), expected);
        }
    }

    #[test]
    fn names_become_words() {
        assert_eq!(spoken("relationship_nps"), "Relationship NPS");
        assert_eq!(spoken("active_accounts"), "Active accounts");
        assert_eq!(spoken(""), "");
    }

    #[test]
    fn numbers_say_their_unit_once() {
        let money = Writing::of(&Unit::base("usd"), &[1234.5]);
        assert_eq!((money.value(1234.5), money.change(-2.0)), ("1,234.50 usd".to_owned(), "-2.00 usd".to_owned()));
        let share = Writing::of(&Unit::Percent, &[0.4]);
        assert_eq!((share.value(0.4), share.change(0.02)), ("40.0 %".to_owned(), "+2.0 pp".to_owned()));
        assert_eq!((share.aim(0.4), share.aim(0.405)), ("40 %".to_owned(), "40.5 %".to_owned()));
        assert_eq!((money.aim(1200.0), money.aim(0.05)), ("1,200 usd".to_owned(), "0.05 usd".to_owned()));
        let count = Writing::of(&Unit::base("count"), &[1000.0]);
        assert_eq!(count.value(1000.0), "1,000");
        let each = Unit::base("usd").over(&Unit::base("count"));
        assert_eq!(Writing::of(&each, &[35.9]).value(35.9), "35.90 usd");
        assert_eq!(Writing::of(&Unit::base("days"), &[3.5]).value(3.5), "3.5 days");
        assert_eq!((share.unit(), share.factor(), money.unit()), (Some("%".to_owned()), 100.0, Some("usd".to_owned())));
    }
}
