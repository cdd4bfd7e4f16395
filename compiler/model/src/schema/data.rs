//! Sources, customers, segments and surveys.

use super::Presence::{OneOf, Optional, Required};
use super::{Bearing, Kind, KindSchema, Shape, key, with_default};

pub(super) static SOURCE: KindSchema = KindSchema {
    kind: Kind::Source,
    word: "source",
    plural: "sources",
    doc: "Rows from a file, a table or a query, with declared columns.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("file", Shape::Text, OneOf, "a file, a folder or a pattern: `\"data/*.parquet\"`"),
        key("table", Shape::Text, OneOf, "a table of the warehouse: `\"shop.orders\"`"),
        key("query", Shape::Text, OneOf, "one SELECT over tables and other sources"),
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the rows").bearing(Bearing::Policy),
        key("key", Shape::Columns, Optional, "the columns that identify a row"),
        key("time", Shape::Column, Optional, "when a row happened: a date or an instant"),
        with_default("late", Shape::Duration, "0 days", "how long after it happened a row may still arrive"),
        key("columns", Shape::Group, Required, "name and type of each column"),
        key(
            "checks",
            Shape::Group,
            Optional,
            "what must hold of the rows, and what happens where it does not: `paid: amount >= 0, stop`, `flag` (as without a word) or `quarantine`",
        )
        .bearing(Bearing::Policy),
    ],
};

pub(super) static CUSTOMER: KindSchema = KindSchema {
    kind: Kind::Customer,
    word: "customer",
    plural: "customers",
    doc: "Who is counted: the operational definition of a customer.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the definition")
            .bearing(Bearing::Policy),
        key("from", Shape::Name(Kind::Source), Required, "the source with one row for each customer"),
        key("key", Shape::Column, Required, "the column that identifies a customer"),
        key("since", Shape::Column, Optional, "when it became a customer"),
        key("until", Shape::Column, Optional, "when it stopped being one; null: it still is"),
        with_default("where", Shape::Condition, "every row", "which rows are customers"),
        key("has", Shape::Attributes, Optional, "what metrics may group and filter by").bearing(Bearing::Cells),
        key("parent", Shape::Name(Kind::Customer), Optional, "the customer this one belongs to"),
    ],
};

pub(super) static SEGMENT: KindSchema = KindSchema {
    kind: Kind::Segment,
    word: "segment",
    plural: "segments",
    doc: "Some of the customers, by a condition on what they have.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("of", Shape::Name(Kind::Customer), Required, "the customer it is a part of"),
        key("where", Shape::Condition, Required, "which of them"),
    ],
};

pub(super) static SURVEY: KindSchema = KindSchema {
    kind: Kind::Survey,
    word: "survey",
    plural: "surveys",
    doc: "Questions to customers: who was asked when, and where the answers are. With `invites` it declares the metrics \
          `<survey>.invited`, `<survey>.answered` and `<survey>.response_rate`.",
    parameters: false,
    bears: Bearing::Number,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the survey")
            .bearing(Bearing::Policy),
        key("responses", Shape::Name(Kind::Source), Required, "the source with the answers"),
        key("invites", Shape::Name(Kind::Source), Optional, "the source with who was asked"),
        key("customer", Shape::Name(Kind::Customer), Required, "who is asked"),
        key("timing", Shape::Timing, Required, "whether it follows the calendar or something that happened"),
        key("channel", Shape::Words, Optional, "the ways it is sent").bearing(Bearing::Policy),
        key("cooldown", Shape::Duration, Optional, "how long nobody is asked again").bearing(Bearing::Policy),
        with_default("where", Shape::Condition, "every row", "which answers are its own, where surveys share a source"),
        with_default(
            "invites_where",
            Shape::Condition,
            "every row",
            "which invitations are its own, where surveys share a source",
        ),
    ],
};
