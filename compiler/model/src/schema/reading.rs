//! What people read and what tells them: dashboards and their tiles, alerts, targets.

use super::Presence::{Optional, Required};
use super::{Bearing, Kind, KindSchema, Shape, key, with_default};
use crate::reading::{Audience, Mark, Refresh};

/// The words of [`crate::time::GRAINS`], in their order.
const GRAIN_WORDS: &[&str] = &super::evidence::GRAIN_WORDS;

pub(super) static DASHBOARD: KindSchema = KindSchema {
    kind: Kind::Dashboard,
    word: "dashboard",
    plural: "dashboards",
    doc: "Metrics that are read together, in tiles.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for what is shown"),
        key("title", Shape::Text, Optional, "what stands above it; its name in words without").bearing(Bearing::Words),
        with_default("audience", Shape::Word(Audience::WORDS), "operations", "who reads it"),
        key("refresh", Shape::Word(Refresh::WORDS), Optional, "how often its numbers are computed anew"),
        key("note", Shape::Text, Optional, "what readers should know, as a text").bearing(Bearing::Words),
        key("tile", Shape::Parts(Kind::Tile), Required, "what is shown, in this order: `tile revenue { … }`")
            .bearing(Bearing::Cells),
    ],
};

/// A tile is declared in a dashboard only, so it is none of [`super::KINDS`].
pub(super) static TILE: KindSchema = KindSchema {
    kind: Kind::Tile,
    word: "tile",
    plural: "tiles",
    doc: "A number, a chart or a table of metrics, in a dashboard.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key(
            "shows",
            Shape::Forms("metrics, perhaps `by` columns that they are published by: `revenue by account.region`"),
            Required,
            "the metrics that are shown; what stands behind `by` groups all of them",
        )
        .bearing(Bearing::Cells),
        key("as", Shape::Word(Mark::WORDS), Required, "how they are shown").bearing(Bearing::Words),
        with_default(
            "span",
            Shape::Form("so many of the newest periods: `last 8 quarters`"),
            "every period there is",
            "the periods that are shown",
        ),
        with_default("grain", Shape::Word(GRAIN_WORDS), "the first one that the metric is built for", "the periods"),
        key(
            "target",
            Shape::Form("a number in the unit of the metric, or the name of a `target`"),
            Optional,
            "what the numbers are held against",
        ),
        key("title", Shape::Text, Optional, "what stands above it; without, the names of its metrics in words")
            .bearing(Bearing::Words),
        with_default(
            "owner",
            Shape::Name(Kind::Team),
            "the dashboard's, else the owner of its only metric",
            "the team that answers for the tile",
        ),
        key("note", Shape::Text, Optional, "what readers should know, as a text").bearing(Bearing::Words),
    ],
};

pub(super) static ALERT: KindSchema = KindSchema {
    kind: Kind::Alert,
    word: "alert",
    plural: "alerts",
    doc: "What is watched, when somebody is told, and what they are to do.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the alert"),
        key(
            "on",
            Shape::Forms("one metric, perhaps `by` columns that it is published by: `csat by account.region`"),
            Required,
            "what is watched",
        ),
        key(
            "when",
            Shape::Form("`falls by matters`, a threshold such as `value < 30 points`, or an age: `age > 2 days`"),
            Required,
            "what makes it fire",
        ),
        key(
            "until",
            Shape::Form("a threshold: `value >= 35 points`"),
            Optional,
            "of a threshold: once fired it goes on until this holds",
        ),
        with_default(
            "after",
            Shape::Form("so many periods: `2 periods`"),
            "1 period",
            "for how many settled periods in a row it must hold",
        ),
        key("tell", Shape::Name(Kind::Team), Optional, "the team that is told"),
        key("because", Shape::Text, Optional, "why it matters").bearing(Bearing::Words),
        key("do", Shape::Text, Optional, "what whoever is told is to do").bearing(Bearing::Words),
        with_default("grain", Shape::Word(GRAIN_WORDS), "the first one that the metric is built for", "the periods"),
    ],
};

pub(super) static GOAL: KindSchema = KindSchema {
    kind: Kind::Goal,
    word: "target",
    plural: "targets",
    doc: "The value that a metric should reach, and what follows from it from which day on.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for it"),
        key("metric", Shape::Name(Kind::Metric), Required, "what should reach it"),
        key("value", Shape::Form("a number in the unit of the metric"), Required, "the value to reach"),
        key("shadow", Shape::Date, Optional, "from this day on it is shown, and nothing follows"),
        key("warned", Shape::Date, Optional, "from this day on missing it is said"),
        key("enforced", Shape::Date, Optional, "from this day on missing it counts"),
        key("until", Shape::Date, Optional, "the last day it holds"),
        key("because", Shape::Text, Optional, "why this value").bearing(Bearing::Words),
    ],
};
