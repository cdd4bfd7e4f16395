//! Periods as people name them.

use groma_model::time::{Calendar, Grain};
use jiff::civil::Date;

/// The head of a column of periods.
pub fn heading(grain: Grain) -> &'static str {
    match grain {
        Grain::Week => "week of",
        Grain::FiscalQuarter => "quarter",
        Grain::FiscalYear => "year",
        _ => grain.word(),
    }
}

/// The name of the period that starts on a day: `1997-01`, `1997 Q1`, `FY1997/98 Q2`; a week by its first day.
pub fn label(grain: Grain, start: Date, calendar: &Calendar) -> String {
    let quarter = |start: Date, first: i8| (start.month() - first).rem_euclid(12) / 3 + 1;
    match grain {
        Grain::Day | Grain::Week => start.to_string(),
        Grain::Month => format!("{:04}-{:02}", start.year(), start.month()),
        Grain::Quarter => format!("{:04} Q{}", start.year(), quarter(start, 1)),
        Grain::Year => format!("{:04}", start.year()),
        Grain::FiscalQuarter => {
            format!("{} Q{}", fiscal_year(start, calendar), quarter(start, calendar.fiscal_year_starts))
        }
        Grain::FiscalYear => fiscal_year(start, calendar),
    }
}

/// A fiscal year that lies in two calendar years names both: nobody needs to know which of the two a company uses.
fn fiscal_year(day: Date, calendar: &Calendar) -> String {
    let first = calendar.start(Grain::FiscalYear, day).year();
    match calendar.fiscal_year_starts {
        1 => format!("FY{first:04}"),
        _ => format!("FY{first:04}/{:02}", (first + 1).rem_euclid(100)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_have_names() {
        let calendar = Calendar { fiscal_year_starts: 2, ..Calendar::default() };
        for (grain, start, expected) in [
            (Grain::Day, date(1997, 1, 3), "1997-01-03"),
            (Grain::Week, date(1997, 1, 6), "1997-01-06"),
            (Grain::Month, date(1997, 1, 1), "1997-01"),
            (Grain::Quarter, date(1997, 10, 1), "1997 Q4"),
            (Grain::Year, date(1997, 1, 1), "1997"),
            (Grain::FiscalQuarter, date(1997, 2, 1), "FY1997/98 Q1"),
            (Grain::FiscalQuarter, date(2000, 11, 1), "FY2000/01 Q4"),
            (Grain::FiscalYear, date(1999, 2, 1), "FY1999/00"),
        ] {
            assert_eq!(label(grain, start, &calendar), expected);
        }
        let plain = Calendar::default();
        assert_eq!(label(Grain::FiscalQuarter, date(1997, 7, 1), &plain), "FY1997 Q3");
    }
}
