//! One table per kind: its keys, their shapes, whether they are required, their default and one line about them.
//!
//! Decoding, "did you mean", the reference pages and `groma new` all read these tables. Adding a key is a row here and its
//! meaning in `check`.

mod data;
mod measures;
mod people;

/// A kind of declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Source,
    Customer,
    Segment,
    Team,
    Function,
    Window,
    Metric,
}

/// What a kind of declaration may hold.
#[derive(Debug)]
pub struct KindSchema {
    pub kind: Kind,
    /// The word that begins it, also in messages.
    pub word: &'static str,
    /// The word for many, as `groma list` takes it.
    pub plural: &'static str,
    pub doc: &'static str,
    /// Whether `(parameters) -> type` may follow the name.
    pub parameters: bool,
    pub keys: &'static [KeySchema],
}

/// One key of a kind.
#[derive(Debug)]
pub struct KeySchema {
    pub name: &'static str,
    pub shape: Shape,
    pub presence: Presence,
    /// What holds without it, in words; empty if nothing does.
    pub default: &'static str,
    pub doc: &'static str,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Exactly one of the keys marked so.
    OneOf,
    /// Its meaning is not built yet: writing it is refused, so that nobody believes it works.
    Later,
}

/// What a key's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One text in quotes.
    Text,
    /// Texts in quotes.
    Texts,
    /// One word of these.
    Word(&'static [&'static str]),
    /// Words of one's own.
    Words,
    /// The name of a declaration of that kind.
    Name(Kind),
    /// A column of the source at hand.
    Column,
    /// Columns of the source at hand.
    Columns,
    /// Attributes: columns and segments.
    Attributes,
    /// A condition on rows.
    Condition,
    /// An expression over aggregates and metrics.
    Measure,
    /// The body of a function.
    Expression,
    /// A window or the name of one.
    Window,
    /// Paths, or tuples of them.
    Groupings,
    /// Grains.
    Grains,
    /// A length of time.
    Duration,
    /// A unit.
    Unit,
    /// Addresses, each perhaps with dates.
    Members,
    /// `{ … }` with entries of its own.
    Group,
    /// Any value: for keys whose meaning comes later.
    Any,
}

impl Shape {
    /// How a reader is told what goes there.
    pub fn describe(self) -> String {
        match self {
            Shape::Text => "a text in quotes".to_owned(),
            Shape::Texts => "texts in quotes".to_owned(),
            Shape::Word(words) => format!("one of {}", list(words)),
            Shape::Words => "words".to_owned(),
            Shape::Name(kind) => format!("the name of a {}", kind.word()),
            Shape::Column => "the name of a column".to_owned(),
            Shape::Columns => "names of columns".to_owned(),
            Shape::Attributes => "names of columns or segments".to_owned(),
            Shape::Condition => "a condition on rows".to_owned(),
            Shape::Measure => "an expression of aggregates and metrics".to_owned(),
            Shape::Expression => "an expression".to_owned(),
            Shape::Window => "a window such as `trailing 28 days` or `month to date`, or the name of one".to_owned(),
            Shape::Groupings => "paths such as `account.region`, or tuples of them".to_owned(),
            Shape::Grains => format!("grains: {}", list(&crate::time::GRAINS.map(|(word, _)| word))),
            Shape::Duration => "a length of time such as `2 days`".to_owned(),
            Shape::Unit => "a unit such as `usd`, `points`, `percent` or `days`".to_owned(),
            Shape::Members => "addresses in quotes, each perhaps with `from` and `until` dates".to_owned(),
            Shape::Group => "a block `{ … }`".to_owned(),
            Shape::Any => "a value".to_owned(),
        }
    }
}

/// All kinds.
pub static KINDS: [&KindSchema; 7] = [
    &data::SOURCE,
    &data::CUSTOMER,
    &data::SEGMENT,
    &measures::METRIC,
    &measures::FUNCTION,
    &measures::WINDOW,
    &people::TEAM,
];

/// Kinds of the language whose meaning is not built yet.
pub static LATER_KINDS: [&str; 25] = [
    "identity",
    "survey",
    "calendar",
    "score",
    "council",
    "rule",
    "waiver",
    "exception",
    "period",
    "agreement",
    "decision",
    "link",
    "experiment",
    "intervention",
    "finding",
    "alert",
    "playbook",
    "followup",
    "target",
    "incentive",
    "dashboard",
    "review",
    "report",
    "dispute",
    "example",
];

impl Kind {
    /// The table of the kind.
    pub fn schema(self) -> &'static KindSchema {
        match self {
            Kind::Source => &data::SOURCE,
            Kind::Customer => &data::CUSTOMER,
            Kind::Segment => &data::SEGMENT,
            Kind::Metric => &measures::METRIC,
            Kind::Function => &measures::FUNCTION,
            Kind::Window => &measures::WINDOW,
            Kind::Team => &people::TEAM,
        }
    }

    /// The word that begins a declaration of the kind.
    pub fn word(self) -> &'static str {
        self.schema().word
    }

    /// The kind that a word begins.
    pub fn from_word(word: &str) -> Option<Self> {
        KINDS.iter().find(|schema| schema.word == word).map(|schema| schema.kind)
    }
}

impl KindSchema {
    /// The row of a key.
    pub fn key(&self, name: &str) -> Option<&'static KeySchema> {
        self.keys.iter().find(|key| key.name == name)
    }
}

const fn key(name: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> KeySchema {
    KeySchema { name, shape, presence, default: "", doc }
}

const fn with_default(name: &'static str, shape: Shape, default: &'static str, doc: &'static str) -> KeySchema {
    KeySchema { name, shape, presence: Presence::Optional, default, doc }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
