//! Rules, and what is set aside and why.

use super::Presence::{Optional, Required, Unless};
use super::{Bearing, Kind, KindSchema, Shape, key, with_default};

/// Who agreed: people or councils.
pub(super) const APPROVERS: Shape =
    Shape::Forms("names of teams, councils such as `council.metrics`, or addresses in quotes");

pub(super) static RULE: KindSchema = KindSchema {
    kind: Kind::Rule,
    word: "rule",
    plural: "rules",
    doc: "What must hold of every declaration of a kind.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key(
            "for",
            Shape::Form("a name for each declaration of a kind: `m in metrics`"),
            Required,
            "what the rule is about",
        ),
        with_default("where", Shape::Form("a condition on it"), "every one", "which of them"),
        key("require", Shape::Form("a condition on it"), Required, "what must hold"),
        key("message", Shape::Text, Required, "what is wrong where it does not hold; `{m.name}` puts a value there")
            .bearing(Bearing::Words),
        key("help", Shape::Text, Optional, "the smallest change that makes it right").bearing(Bearing::Words),
        key("at", Shape::Words, Optional, "the key that a finding points at; without it, the name"),
        with_default("level", Shape::Word(&["error", "warning"]), "error", "whether it stops a run"),
        key("why", Shape::Text, Optional, "why it matters for the number; stands on the rule's page")
            .bearing(Bearing::Words),
        key("given", Shape::Text, Optional, "declarations that both tests begin with"),
        key("raises", Shape::Text, Optional, "a project that breaks the rule: `groma test` proves it"),
        key("passes", Shape::Text, Optional, "a project that keeps the rule"),
    ],
};

pub(super) static WAIVER: KindSchema = KindSchema {
    kind: Kind::Waiver,
    word: "waiver",
    plural: "waivers",
    doc: "Findings of a rule that are set aside for a while.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key(
            "rule",
            Shape::Form("the name of a rule, or its code in quotes"),
            Required,
            "the rule whose findings are set aside",
        ),
        key(
            "on",
            Shape::Forms("declarations by kind and name: `metric.pilot_nps`"),
            Required,
            "what it is set aside for",
        ),
        key("because", Shape::Text, Required, "why").bearing(Bearing::Words),
        key("approved_by", APPROVERS, Required, "who agreed"),
        key("until", Shape::Date, Required, "the last day it holds"),
        key("evidence", Shape::Texts, Optional, "where this can be read up").bearing(Bearing::Words),
    ],
};

pub(super) static EXCEPTION: KindSchema = KindSchema {
    kind: Kind::Exception,
    word: "exception",
    plural: "exceptions",
    doc: "Rows that named metrics leave out, and why; or why the frozen meaning of metrics changes.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("from", Shape::Names(Kind::Metric), Required, "the metrics that leave the rows out, or that are restated"),
        key(
            "of",
            Shape::Form("the name of a customer or of a source"),
            Unless("restates"),
            "whose rows: all of some customers, or those of a source",
        ),
        key("where", Shape::Condition, Unless("restates"), "which customers, or which rows of the source"),
        with_default(
            "covers",
            Shape::Form("the first and the last day: `2026-01-01 to 2026-03-31`"),
            "every day",
            "the days whose rows are left out",
        ),
        key(
            "restates",
            Shape::Form("the name of a period, in quotes or without"),
            Optional,
            "the frozen period in which its metrics may mean something else from now on; then no rows are left out",
        )
        .bearing(Bearing::Policy),
        key("because", Shape::Text, Required, "why").bearing(Bearing::Words),
        key("evidence", Shape::Texts, Required, "where this can be read up").bearing(Bearing::Words),
        key("approved_by", APPROVERS, Required, "who agreed").bearing(Bearing::Policy),
        key("until", Shape::Date, Required, "the last day before it must be judged again").bearing(Bearing::Policy),
    ],
};

pub(super) static AGREEMENT: KindSchema = KindSchema {
    kind: Kind::Agreement,
    word: "agreement",
    plural: "agreements",
    doc: "What a partner allows to be done with its data.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("partner", Shape::Text, Required, "whose data it is").bearing(Bearing::Words),
        key("owner", Shape::Name(Kind::Team), Optional, "the team that keeps the agreement"),
        key("sources", Shape::Names(Kind::Source), Required, "the sources it is about"),
        key("purpose", Shape::Words, Required, "what may be computed from them; a metric says its own `purpose`"),
        with_default("columns", Shape::Words, "every column", "the columns that may be used"),
        key(
            "cell",
            Shape::Form("a whole number from 1 on"),
            Optional,
            "the fewest customers that a number may be about",
        ),
        key("territory", Shape::Words, Optional, "where it may be computed: a target says its own `territory`"),
        key("since", Shape::Date, Optional, "the first day it holds"),
        key("until", Shape::Date, Required, "the last day it holds"),
        key("evidence", Shape::Texts, Optional, "where it can be read").bearing(Bearing::Words),
    ],
};

pub(super) static PERIOD: KindSchema = KindSchema {
    kind: Kind::Period,
    word: "period",
    plural: "periods",
    doc: "Days whose numbers are reported, and from when on their definitions stand still.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that reports it"),
        key("covers", Shape::Form("the first and the last day: `2026-07-01 to 2026-09-30`"), Required, "its days"),
        key("freeze", Shape::Date, Optional, "the day from which on the definitions stand still"),
        key("report", Shape::Date, Optional, "the day on which its numbers are reported"),
        with_default("metrics", Shape::Names(Kind::Metric), "every active metric", "the metrics that are reported"),
    ],
};
