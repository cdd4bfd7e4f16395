//! Metrics, functions and windows.

use super::Presence::{Later, Optional, Required};
use super::{Kind, KindSchema, Shape, key, with_default};

pub(super) static METRIC: KindSchema = KindSchema {
    kind: Kind::Metric,
    word: "metric",
    plural: "metrics",
    doc: "A number with a meaning, an owner and a clock.",
    parameters: false,
    keys: &[
        key("owner", Shape::Name(Kind::Team), Optional, "the team that answers for the number"),
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
        key("measure", Shape::Measure, Required, "what is computed from them"),
        key("by", Shape::Groupings, Optional, "the groupings that are built and published, each on its own"),
        with_default("grain", Shape::Grains, "the manifest's `default_grain`", "the periods it is built for"),
        key("unit", Shape::Unit, Optional, "the unit of the number, where it does not follow from the measure"),
        key("better", Shape::Word(&["higher", "lower"]), Optional, "which direction is good"),
        key("kind", Shape::Word(&["leading", "lagging"]), Optional, "whether it moves before or after the outcome"),
        with_default(
            "status",
            Shape::Word(&["draft", "active", "deprecated", "retired"]),
            "active",
            "where it is in its life",
        ),
        key("label", Shape::Group, Optional, "names for readers, by language: `fr: \"…\"`"),
        key("tags", Shape::Words, Optional, "words to find it by"),
        key("each", Shape::Measure, Later, "one value for each customer"),
        key("among", Shape::Condition, Later, "which customers are in the population"),
        key("population", Shape::Any, Later, "who is counted without a row"),
        key("snapshot", Shape::Any, Later, "which snapshot stands for a period"),
        key("matters", Shape::Any, Later, "the smallest change worth acting on"),
        key("minimum", Shape::Any, Later, "fewer observations give no value"),
        key("fill", Shape::Any, Later, "what stands in an empty period"),
        key("weight", Shape::Any, Later, "what each customer counts for"),
        key("raci", Shape::Group, Later, "who is responsible, accountable, consulted, informed"),
        key("replaced_by", Shape::Name(Kind::Metric), Later, "the metric to read instead"),
        key("scope", Shape::Any, Later, "global or local"),
        key("local_may_change", Shape::Any, Later, "what a local team may change"),
        key("version", Shape::Group, Later, "a definition from a date on"),
        key("steps", Shape::Group, Later, "the steps of a funnel"),
        key("answers", Shape::Any, Later, "which of several answers counts"),
    ],
};

pub(super) static FUNCTION: KindSchema = KindSchema {
    kind: Kind::Function,
    word: "function",
    plural: "functions",
    doc: "A name for an expression, typed.",
    parameters: true,
    keys: &[key("value", Shape::Expression, Required, "the expression, over the parameters")],
};

pub(super) static WINDOW: KindSchema = KindSchema {
    kind: Kind::Window,
    word: "window",
    plural: "windows",
    doc: "A name for a window that several metrics share.",
    parameters: false,
    keys: &[key("value", Shape::Window, Required, "the window: `trailing 28 days`, `month to date`")],
};
