//! What speaks for a number: links to outcomes, and examples.

use super::Presence::{Optional, Required};
use super::{Bearing, Kind, KindSchema, Shape, key, with_default};

/// The words of [`crate::time::GRAINS`].
pub(super) const GRAIN_WORDS: [&str; 7] = ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"];

pub(super) static LINK: KindSchema = KindSchema {
    kind: Kind::Link,
    word: "link",
    plural: "links",
    doc: "A leading metric and the outcome it leads.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("leading", Shape::Name(Kind::Metric), Required, "the metric that moves first"),
        key("outcome", Shape::Name(Kind::Metric), Required, "the metric that follows"),
        key(
            "expect",
            Shape::Form("`positive` or `negative`, perhaps with a length of time: `positive within 90 days`"),
            Optional,
            "whether the outcome follows in the same direction, and how soon",
        ),
        key("because", Shape::Text, Optional, "why one should lead the other").bearing(Bearing::Words),
        key("evidence", Shape::Texts, Optional, "where this was shown").bearing(Bearing::Words),
        key("since", Shape::Date, Optional, "the day from which it is taken to hold"),
    ],
};

pub(super) static EXAMPLE: KindSchema = KindSchema {
    kind: Kind::Example,
    word: "example",
    plural: "examples",
    doc: "A few rows and what metrics must make of them. `groma test` computes them and compares.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("metrics", Shape::Names(Kind::Metric), Required, "the metrics that are computed"),
        with_default("grain", Shape::Word(&GRAIN_WORDS), "the first one that the metrics are built for", "the periods"),
        key("by", Shape::Groupings, Optional, "what the answer is grouped by"),
        with_default("from", Shape::Date, "the first row", "the first day that is answered"),
        with_default("to", Shape::Date, "the last row", "the last day that is answered"),
        with_default("as_of", Shape::Moment, "just after the newest row", "from when on nothing is known"),
        with_default("intervals", Shape::Flag, "false", "whether the result has `se`, `low` and `high`, at 95%"),
        key(
            "rows",
            Shape::Group,
            Required,
            "the rows of each source: `orders: \"\"\"…\"\"\"`; what is not given is empty",
        ),
        key("result", Shape::Text, Required, "the rows that must come out, in the columns that matter"),
    ],
};

#[cfg(test)]
mod tests {
    #[test]
    fn grains_have_these_words() {
        assert_eq!(crate::time::GRAINS.map(|(word, _)| word), super::GRAIN_WORDS);
    }
}
