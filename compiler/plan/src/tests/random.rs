//! Random questions over random rows, against a direct reading of the definitions.

use super::build::*;
use super::evaluate::mean;
use groma_model::measure::{AggregateFunction, Measure};
use groma_model::row::{Binary, RowExpr, RowFunction};
use groma_model::time::{Calendar, Clock, GRAINS, Grain, Offset, ToDate};
use groma_model::types::Base;
use groma_model::{Grouping, Model};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZoneDatabase;
use std::collections::BTreeSet;

/// A small generator: the same numbers at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// An order as it was, with its local time.
struct Order {
    region: Option<&'static str>,
    local: DateTime,
    amount: Option<f64>,
    refunded: bool,
}

/// Which rows a metric counts.
#[derive(Clone, Copy, Debug)]
enum Kept {
    All,
    Refunded,
    /// In the local morning of a local Monday to Wednesday.
    Mornings,
}

impl Kept {
    fn keeps(self, order: &Order) -> bool {
        match self {
            Kept::All => true,
            Kept::Refunded => order.refunded,
            Kept::Mornings => order.local.hour() < 12 && order.local.weekday().to_monday_one_offset() <= 3,
        }
    }

    fn expr(self, model: &Model) -> Option<RowExpr> {
        let at = |function| function_of(model, function);
        match self {
            Kept::All => None,
            Kept::Refunded => Some(col(model, ORDERS, "refunded")),
            Kept::Mornings => Some(op(
                Binary::And,
                op(Binary::Less, at(RowFunction::Hour), int(12)),
                op(Binary::LessEqual, at(RowFunction::Weekday), int(3)),
            )),
        }
    }
}

fn function_of(model: &Model, name: RowFunction) -> RowExpr {
    function(name, Base::Int, vec![col(model, ORDERS, "ordered_at")])
}

const FUNCTIONS: [AggregateFunction; 6] = [
    AggregateFunction::Count,
    AggregateFunction::Sum,
    AggregateFunction::Average,
    AggregateFunction::Max,
    AggregateFunction::Median,
    AggregateFunction::CountDistinct,
];

/// The value of an aggregate over amounts, and how many stand behind it.
fn value_of(function: AggregateFunction, mut amounts: Vec<f64>) -> (Option<f64>, usize) {
    amounts.sort_by(f64::total_cmp);
    let n = amounts.len();
    let value = match function {
        AggregateFunction::Count => Some(n as f64),
        AggregateFunction::Sum => Some(amounts.iter().fold(0.0, |sum, amount| sum + amount)),
        AggregateFunction::Average => mean(&amounts),
        AggregateFunction::Max => amounts.last().copied(),
        AggregateFunction::Median if n > 0 => Some(f64::midpoint(amounts[(n - 1) / 2], amounts[n / 2])),
        AggregateFunction::CountDistinct => {
            amounts.dedup();
            Some(amounts.len() as f64)
        }
        _ => None,
    };
    (value, n)
}

/// A question and all that it is asked of.
struct Case {
    calendar: Calendar,
    grain: Grain,
    clock: Clock,
    offset: Option<Offset>,
    function: AggregateFunction,
    kept: Kept,
    grouped: bool,
    from: Option<Date>,
    to: Option<Date>,
}

fn case(random: &mut Random) -> Case {
    let grain = random.pick(&GRAINS).1;
    let clocks = [
        Clock::Event,
        Clock::Event,
        Clock::Trailing(Offset::days(28)),
        Clock::Trailing(Offset::months(2)),
        Clock::ToDate(ToDate::Unit(Grain::Quarter)),
        Clock::ToDate(ToDate::Unit(Grain::Week)),
        Clock::ToDate(ToDate::AllTime),
    ];
    let length = grain.length();
    let offsets = [
        None,
        None,
        Some(length),
        Some(Offset { months: -length.months, days: -length.days }),
        Some(Offset { months: length.months * 2, days: length.days * 2 }),
        (grain == Grain::Day).then(|| Offset::months(1)),
    ];
    let day = |random: &mut Random| date(2024, 1, 1).saturating_add((random.below(220) as i64).days());
    let (one, other) = (day(random), day(random));
    let kinds = random.below(4);
    Case {
        calendar: Calendar {
            zone: (*random.pick(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]))
                .into(),
            week_starts: *random.pick(&[Weekday::Monday, Weekday::Sunday]),
            fiscal_year_starts: *random.pick(&[1, 4, 10]),
            default_grain: Grain::Month,
        },
        grain,
        clock: random.pick(&clocks).clone(),
        offset: *random.pick(&offsets),
        function: *random.pick(&FUNCTIONS),
        kept: *random.pick(&[Kept::All, Kept::Refunded, Kept::Mornings]),
        grouped: random.below(2) == 0,
        from: (kinds & 1 == 0).then_some(one.min(other)),
        to: (kinds & 2 == 0).then_some(one.max(other)),
    }
}

impl Case {
    fn start(&self, day: Date) -> Date {
        self.calendar.start(self.grain, day)
    }

    fn in_window(&self, period: Date, day: Date) -> bool {
        let end = self.calendar.next(self.grain, period);
        let from = match &self.clock {
            Clock::Event => Some(period),
            clock => crate::spine::window_start_date(&self.calendar, clock, end),
        };
        day < end && from.is_none_or(|from| from <= day)
    }

    fn expected(&self, orders: &[Order]) -> Vec<String> {
        let observed: BTreeSet<Date> = orders.iter().map(|order| self.start(order.local.date())).collect();
        let from = self.from.map(|day| self.start(day)).or(observed.first().copied());
        let to = self.to.map(|day| self.start(day)).or(observed.last().copied());
        let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
        // Where the range has an end, the as-of time of the question lies far behind it.
        let was_observed = |period: Date| {
            observed.first().is_some_and(|first| *first <= period)
                && (self.to.is_some() || observed.last() >= Some(&period))
        };
        let periods: Vec<Date> =
            std::iter::successors(Some(from), |period| Some(self.calendar.next(self.grain, *period)))
                .take_while(|period| *period <= to)
                .collect();
        let looked_at = |period: Date| self.offset.map_or(period, |offset| offset.before(period));
        let rows = |period: Date, region: Option<Option<&'static str>>| -> Vec<f64> {
            orders
                .iter()
                .filter(|order| self.kept.keeps(order) && self.in_window(looked_at(period), order.local.date()))
                .filter(|order| region.is_none_or(|region| region == order.region))
                .filter_map(|order| order.amount)
                .collect()
        };
        let regions: Vec<Option<Option<&str>>> = match self.grouped {
            false => vec![None],
            true => [None, Some("north"), Some("south")]
                .into_iter()
                .filter(|region| periods.iter().any(|period| !rows(*period, Some(*region)).is_empty()))
                .map(Some)
                .collect(),
        };
        let mut lines = Vec::new();
        for period in &periods {
            for region in &regions {
                let observed = self.offset.is_none() || was_observed(looked_at(*period));
                let (value, n) = if observed { value_of(self.function, rows(*period, *region)) } else { (None, 0) };
                let value = value.map_or("-".to_owned(), |value| format!("{value:?}"));
                let region = region.map_or(String::new(), |region| format!("{} ", region.unwrap_or("-")));
                lines.push(format!("asked {period} {region}{value} {n}"));
            }
        }
        lines
    }

    fn model(&self) -> Model {
        let mut model = shop("UTC");
        model.calendar = self.calendar.clone();
        let amount = col(&model, ORDERS, "amount");
        let plain = agg(self.function, Some(amount), self.kept.expr(&model));
        let mut inner = metric("inner", Some(ORDERS), plain);
        inner.clock = self.clock.clone();
        let outer: Measure = scoped(of(0), Vec::new(), self.offset);
        model.metrics = vec![inner, metric("asked", None, outer)];
        model
    }
}

fn orders(random: &mut Random, zone: &str) -> (Vec<Order>, super::evaluate::Tables) {
    let accounts = [("a", Some("north")), ("b", Some("south")), ("c", None)];
    let database = TimeZoneDatabase::bundled();
    let (stored_zone, local_zone) = (database.get("America/New_York").unwrap(), database.get(zone).unwrap());
    let mut written = Vec::new();
    let mut orders = Vec::new();
    for _ in 0..random.below(60) {
        let (account, region) = *random.pick(&accounts);
        let stored = date(2024, 1, 1).at(0, 0, 0, 0).saturating_add((random.below(200 * 24 * 4) as i64 * 15).minutes());
        let amount = (random.below(5) > 0).then(|| random.below(20) as f64 * 0.25);
        let refunded = random.below(3) == 0;
        let instant = stored_zone.to_ambiguous_timestamp(stored).compatible().unwrap();
        orders.push(Order { region, local: local_zone.to_datetime(instant), amount, refunded });
        written.push((account, stored.to_string(), amount, refunded));
    }
    let rows: Vec<_> =
        written.iter().map(|(account, at, amount, refunded)| (*account, at.as_str(), *amount, *refunded)).collect();
    (orders, shop_tables(&rows, &[]))
}

/// Each takes some hundredths of a second.
const ROUNDS: usize = 100;

#[test]
fn answers_are_what_the_definitions_say() {
    let mut random = Random(7);
    for round in 0..ROUNDS {
        let case = case(&mut random);
        let (orders, tables) = orders(&mut random, &case.calendar.zone);
        let model = case.model();
        let by: Vec<Grouping> = match case.grouped {
            true => vec![grouping("account.region", vec![(ORDERS, col(&model, ORDERS, "account_id.region"))])],
            false => Vec::new(),
        };
        let (from, to) = (case.from.map(|day| day.to_string()), case.to.map(|day| day.to_string()));
        let ask = Ask {
            metrics: &[1],
            grain: Some(case.grain),
            by,
            from: from.as_deref(),
            to: to.as_deref(),
            filter: Vec::new(),
        };
        let said = format!(
            "round {round}: {:?} {:?} {:?} {:?} {:?} {from:?} {to:?} {:?}",
            case.grain, case.clock, case.offset, case.function, case.kept, case.calendar
        );
        let (answered, expected) = (answer(&model, &ask, &tables), case.expected(&orders));
        for (line, right) in answered.iter().zip(&expected) {
            assert_eq!(line, right, "{said}");
        }
        assert_eq!(answered.len(), expected.len(), "{said}");
    }
}
