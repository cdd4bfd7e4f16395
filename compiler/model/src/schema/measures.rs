//! Metrics, functions and windows.

use super::Presence::{Optional, Required, Unless};
use super::{Bearing, Kind, KindSchema, Shape, key, with_default};

pub(super) static METRIC: KindSchema = KindSchema {
    kind: Kind::Metric,
    word: "metric",
    plural: "metrics",
    doc: "A number with a meaning, an owner and a clock.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the number")
            .bearing(Bearing::Policy),
        key(
            "from",
            Shape::Name(Kind::Source),
            Optional,
            "the source whose rows it counts; none for a metric of metrics",
        ),
        with_default(
            "customer",
            Shape::Name(Kind::Customer),
            "the only customer the source refers to",
            "who is counted",
        ),
        with_default("where", Shape::Condition, "every row", "which rows count"),
        with_default("window", Shape::Window, "the rows of the period", "which rows belong to a period"),
        key(
            "measure",
            Shape::Measure,
            Unless("steps"),
            "what is computed from them; of a funnel `share(reached)` if it is not said",
        ),
        key("by", Shape::Groupings, Optional, "the groupings that are built and published, each on its own")
            .bearing(Bearing::Cells),
        with_default("grain", Shape::Grains, "the manifest's `default_grain`", "the periods it is built for")
            .bearing(Bearing::Cells),
        key("unit", Shape::Unit, Optional, "the unit of the number, where it does not follow from the measure"),
        key("better", Shape::Word(&["higher", "lower"]), Optional, "which direction is good").bearing(Bearing::Policy),
        key("kind", Shape::Word(&["leading", "lagging"]), Optional, "whether it moves before or after the outcome")
            .bearing(Bearing::Policy),
        with_default(
            "status",
            Shape::Word(&["draft", "active", "deprecated", "retired"]),
            "active",
            "where it is in its life",
        )
        .bearing(Bearing::Cells),
        key("label", Shape::Group, Optional, "names for readers, by language: `fr: \"…\"`").bearing(Bearing::Words),
        key("tags", Shape::Words, Optional, "words to find it by").bearing(Bearing::Words),
        key(
            "each",
            Shape::Form("an expression of aggregates and of what the customer has"),
            Optional,
            "one value for each customer, over its rows; `measure` then runs over customers",
        ),
        with_default(
            "among",
            Shape::Form("a condition on what customers have"),
            "every customer",
            "which customers are counted",
        ),
        with_default(
            "population",
            Shape::Word(&["rows", "all"]),
            "`rows`: customers with a row that counts",
            "which customers of a period are counted: those with rows, or all there were",
        ),
        key("steps", Shape::Group, Optional, "the steps of a funnel, in order: `paid: name = \"paid\" within 30 days`"),
        key(
            "snapshot",
            Shape::Form("`last`, `first`, `average`, `last per account` or `first per account`"),
            Optional,
            "which rows stand for a period, of a source that repeats them at each time",
        ),
        key(
            "matters",
            Shape::Form("a change and how sure one must be of it: `3 points at 95%`"),
            Optional,
            "the smallest change worth acting on",
        )
        .bearing(Bearing::Policy),
        key("minimum", Shape::Form("a whole number from 1 on"), Optional, "fewer observations give no value"),
        with_default(
            "fill",
            Shape::Form("`0`, `previous` or `none`"),
            "none",
            "what stands in a period in which nothing was counted",
        ),
        with_default(
            "answers",
            Shape::Word(&["all", "last", "average"]),
            "all",
            "which of several answers of a customer in a period counts; with `last` and `average`, `measure` runs over customers",
        ),
        key("weight", Shape::Form("a number that customers have"), Optional, "what each customer counts for"),
        key(
            "raci",
            Shape::Group,
            Optional,
            "teams that are `accountable` (one, perhaps with dates), `responsible`, `consulted`, `informed`",
        )
        .bearing(Bearing::Policy),
        key("replaced_by", Shape::Name(Kind::Metric), Optional, "the metric to read instead").bearing(Bearing::Policy),
        key("retires", Shape::Date, Optional, "of a deprecated metric: the last day it may be used")
            .bearing(Bearing::Policy),
        with_default("scope", Shape::Word(&["global", "local"]), "global", "whether it is everyone's or one region's")
            .bearing(Bearing::Policy),
        key("region", Shape::Name(Kind::Region), Optional, "of a local metric: whose it is").bearing(Bearing::Policy),
        key(
            "local_may_change",
            Shape::Words,
            Optional,
            "what regions may adapt of a global metric: `target`, `threshold`, `labels`",
        )
        .bearing(Bearing::Policy),
        key("target", Shape::Form("a number in the unit of the metric"), Optional, "the value to reach")
            .bearing(Bearing::Policy),
        key(
            "threshold",
            Shape::Form("a number in the unit of the metric"),
            Optional,
            "the value at which one must act",
        )
        .bearing(Bearing::Policy),
        key("purpose", Shape::Words, Optional, "what it is computed for, in the words of agreements")
            .bearing(Bearing::Policy),
        key(
            "cell",
            Shape::Form("a whole number from 1 on"),
            Optional,
            "the fewest customers that a number may be about",
        )
        .bearing(Bearing::Policy),
        key(
            "version",
            Shape::Group,
            Optional,
            "a definition from a date on: `version 2 { from: 2026-07-01 … }`; what it does not say is as in the one before",
        ),
    ],
};

pub(super) static FUNCTION: KindSchema = KindSchema {
    kind: Kind::Function,
    word: "function",
    plural: "functions",
    doc: "A name for an expression, typed.",
    parameters: true,
    bears: Bearing::Number,
    keys: &[key("value", Shape::Expression, Required, "the expression, over the parameters")],
};

pub(super) static WINDOW: KindSchema = KindSchema {
    kind: Kind::Window,
    word: "window",
    plural: "windows",
    doc: "A name for a window that several metrics share.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[key("value", Shape::Window, Required, "the window: `trailing 28 days`, `90 days after account.since`")],
};
