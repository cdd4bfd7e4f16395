//! People: teams, councils, regions, and how they agree.

use super::Presence::{Optional, Required};
use super::{Bearing, Kind, KindSchema, Shape, key, law, with_default};

pub(super) static TEAM: KindSchema = KindSchema {
    kind: Kind::Team,
    word: "team",
    plural: "teams",
    doc: "People who answer for numbers.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("title", Shape::Text, Optional, "the name people know it by").bearing(Bearing::Words),
        key("lead", Shape::Text, Optional, "the address of the person who leads it"),
        key("members", Shape::Members, Optional, "addresses, each perhaps `from` a date and `until` a date"),
        key("since", Shape::Date, Optional, "the first day there was the team"),
        key("until", Shape::Date, Optional, "the last day there is the team"),
        key("claims", Shape::Names(Kind::Metric), Optional, "metrics it says it answers for, whoever owns them"),
        key("handle", Shape::Text, Optional, "what the team is called where code is reviewed: `@acme/support`"),
    ],
};

pub(super) static COUNCIL: KindSchema = KindSchema {
    kind: Kind::Council,
    word: "council",
    plural: "councils",
    doc: "People who decide together.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("title", Shape::Text, Optional, "the name people know it by").bearing(Bearing::Words),
        key("members", Shape::Members, Required, "addresses, each perhaps `from` a date and `until` a date"),
        with_default("quorum", Shape::Form("a whole number from 1 on"), "more than half", "how many must agree"),
        key(
            "decides",
            Shape::Words,
            Optional,
            "the classes of changes that need it: `policy`, `additive`, `forward`, `restating`, `removing`",
        ),
        key("since", Shape::Date, Optional, "the first day there was the council"),
        key("until", Shape::Date, Optional, "the last day there is the council"),
        key("handle", Shape::Text, Optional, "what it is called where code is reviewed: `@acme/metrics-council`"),
    ],
};

pub(super) static REGION: KindSchema = KindSchema {
    kind: Kind::Region,
    word: "region",
    plural: "regions",
    doc: "A part of the company, and what it adapts of global metrics.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("title", Shape::Text, Optional, "the name people know it by").bearing(Bearing::Words),
        key("owner", Shape::Name(Kind::Team), Required, "the team that answers for the adaptations"),
        key("languages", Shape::Words, Optional, "the languages it reads, such as `fr`"),
        key("territory", Shape::Words, Optional, "where it is, in the words of agreements"),
        key(
            "adapts",
            Shape::Group,
            Optional,
            "its own target, threshold and labels of global metrics: `csat { target: 85 points }`",
        ),
    ],
};

pub(super) static DECISION: KindSchema = KindSchema {
    kind: Kind::Decision,
    word: "decision",
    plural: "decisions",
    doc: "Who decided what about metrics, when, and why.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("about", Shape::Names(Kind::Metric), Required, "the metrics it is about"),
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for them from then on"),
        key("decided_by", law::APPROVERS, Required, "who decided"),
        key("on", Shape::Date, Required, "the day of the decision"),
        key("because", Shape::Text, Required, "why").bearing(Bearing::Words),
        key("evidence", Shape::Texts, Optional, "where this can be read up").bearing(Bearing::Words),
    ],
};

pub(super) static DISPUTE: KindSchema = KindSchema {
    kind: Kind::Dispute,
    word: "dispute",
    plural: "disputes",
    doc: "Teams that disagree about metrics, until a decision says otherwise.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("about", Shape::Names(Kind::Metric), Required, "the metrics it is about"),
        key("between", Shape::Names(Kind::Team), Required, "the teams, two or more"),
        key("since", Shape::Date, Required, "the day it began"),
        key("question", Shape::Text, Required, "what they disagree about").bearing(Bearing::Words),
    ],
};
