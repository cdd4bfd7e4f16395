//! What people read and what tells them: dashboards with their tiles, alerts, and the targets that numbers are held against.

use crate::model::{Grouping, Header, MetricId, TeamId};
use crate::time::{Grain, Offset};
use groma_syntax::Span;
use jiff::civil::Date;
use smol_str::SmolStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $case:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$about])* $case),* }

        impl $name {
            /// The words, in their order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// How it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$case => $word),* }
            }

            /// What a word means.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$case),)* _ => None }
            }
        }
    };
}

words! {
    /// Who reads a dashboard.
    Audience { Executive = "executive", Operations = "operations", Frontline = "frontline" }
}

words! {
    /// How a tile shows its numbers.
    Mark {
        /// The newest value, and the one before.
        Number = "number",
        Line = "line",
        Bar = "bar",
        Table = "table",
        /// The steps of a curve by cohort.
        Heatmap = "heatmap",
        /// The steps of a funnel.
        Funnel = "funnel",
    }
}

words! {
    /// How often what is shown is computed anew.
    Refresh { Hourly = "hourly", Daily = "daily", Weekly = "weekly", Monthly = "monthly" }
}

/// Tiles that are read together.
#[derive(Debug, Clone)]
pub struct Dashboard {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub title: Option<String>,
    pub audience: Audience,
    pub refresh: Option<Refresh>,
    pub note: Option<String>,
    /// In the order in which they are written.
    pub tiles: Vec<Tile>,
}

/// A number, a chart or a table of metrics.
#[derive(Debug, Clone)]
pub struct Tile {
    pub name: SmolStr,
    /// Of the name.
    pub span: Span,
    pub doc: Option<String>,
    pub title: Option<String>,
    /// Its own, else the dashboard's, else the only metric's.
    pub owner: Option<TeamId>,
    /// What it shows, with the place of each.
    pub metrics: Vec<(MetricId, Span)>,
    pub by: Vec<Grouping>,
    pub grain: Grain,
    pub mark: Mark,
    /// So many of the newest periods of a grain; all without.
    pub latest: Option<(u32, Grain)>,
    pub goal: Option<GoalOf>,
    pub note: Option<String>,
}

/// What the numbers of a tile are held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GoalOf {
    /// A value in the unit of the metric.
    Value(f64),
    /// A declared target: a place in `Model::goals`.
    Declared(usize),
}

/// A `target`: the value that a metric should reach, and what follows from it on which dates.
#[derive(Debug, Clone)]
pub struct Goal {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub metric: MetricId,
    /// In the unit of the metric.
    pub value: f64,
    /// From this day on it is shown and nothing follows.
    pub shadow: Option<Date>,
    /// From this day on missing it is said.
    pub warned: Option<Date>,
    /// From this day on missing it counts.
    pub enforced: Option<Date>,
    /// The last day it holds.
    pub until: Option<Date>,
    pub because: Option<String>,
}

words! {
    /// What follows from a target on a date.
    Phase { Shadow = "shadow", Warned = "warned", Enforced = "enforced" }
}

impl Goal {
    /// The phase on a date; none before the first and after the last day. Without the day of any phase it is only shown.
    pub fn phase(&self, date: Date) -> Option<Phase> {
        if self.until.is_some_and(|until| until < date) {
            return None;
        }
        if self.shadow.or(self.warned).or(self.enforced).is_none() {
            return Some(Phase::Shadow);
        }
        let begun = |from: Option<Date>| from.is_some_and(|from| from <= date);
        let phases = [(self.enforced, Phase::Enforced), (self.warned, Phase::Warned), (self.shadow, Phase::Shadow)];
        phases.into_iter().find(|(from, _)| begun(*from)).map(|(_, phase)| phase)
    }
}

/// What is watched, when somebody is told, and what they are to do.
#[derive(Debug, Clone)]
pub struct Alert {
    pub header: Header,
    pub owner: Option<TeamId>,
    pub metric: MetricId,
    pub by: Vec<Grouping>,
    pub grain: Grain,
    pub when: Trigger,
    /// So many settled periods in a row.
    pub after: u32,
    pub tell: Option<TeamId>,
    pub because: Option<String>,
    /// What whoever is told is to do.
    pub action: Option<String>,
}

/// What makes an alert fire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// `falls by matters`: a change that is real and large enough, by the metric's own `matters`.
    Matters(Direction),
    /// `value < 30`, until `value >= 35`: between the two it stays as it was.
    Threshold { fires: Bound, clears: Option<Bound> },
    /// `age > 2 days`: the newest answer is older than that.
    Missing(Offset),
}

words! {
    /// Which changes fire an alert.
    Direction { Falls = "falls", Rises = "rises", Changes = "changes" }
}

/// `value < 30`: a comparison with a number in the unit of the metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub comparison: Comparison,
    pub value: f64,
}

words! {
    /// The comparisons of a threshold.
    Comparison { Less = "<", LessEqual = "<=", Greater = ">", GreaterEqual = ">=" }
}
