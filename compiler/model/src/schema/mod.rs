//! One table per kind: its keys, their shapes, whether they are required, their default and one line about them.
//!
//! Decoding, "did you mean", the reference pages and `groma new` all read these tables. Adding a key is a row here and its
//! meaning in `check`.

mod data;
mod evidence;
mod law;
mod measures;
mod people;
mod project;
mod reading;

/// A kind of declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Source,
    Customer,
    Segment,
    Survey,
    Team,
    Council,
    Region,
    Decision,
    Dispute,
    Function,
    Window,
    Metric,
    Link,
    Example,
    Rule,
    Waiver,
    Exception,
    Agreement,
    Period,
    Dashboard,
    Alert,
    /// `target`: the value that a metric should reach.
    Goal,
    /// None of [`KINDS`]: it is declared in a dashboard only.
    Tile,
    /// None of [`KINDS`]: nobody declares it. What changes in the manifest is about it.
    Project,
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
    /// What a change of its keys changes, where a key does not say it itself.
    pub bears: Bearing,
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
    /// What a change of it changes; none where it is as for the whole kind.
    pub bears: Option<Bearing>,
}

/// What a change of a key can change at most, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bearing {
    /// What people read beside the number.
    Words,
    /// Who answers for it, who sees it, how strictly it is judged.
    Policy,
    /// Which cells there are, not what stands in them.
    Cells,
    /// What stands in a cell.
    Number,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Required where that other key is not.
    Unless(&'static str),
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
    /// `true` or `false`.
    Flag,
    /// The name of a declaration of that kind.
    Name(Kind),
    /// Names of declarations of that kind.
    Names(Kind),
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
    /// When a survey asks.
    Timing,
    /// A date.
    Date,
    /// A date, or a date with a time of day in quotes.
    Moment,
    /// A unit.
    Unit,
    /// Addresses, each perhaps with dates.
    Members,
    /// `{ … }` with entries of its own.
    Group,
    /// Blocks with names, each with the keys of that kind: `tile nps { … }`.
    Parts(Kind),
    /// One value of a form of its own, in words.
    Form(&'static str),
    /// Values of a form of their own, in words.
    Forms(&'static str),
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
            Shape::Flag => "`true` or `false`".to_owned(),
            Shape::Name(kind) => format!("the name of a {}", kind.word()),
            Shape::Names(kind) => format!("names of {}", kind.schema().plural),
            Shape::Column => "the name of a column".to_owned(),
            Shape::Columns => "names of columns".to_owned(),
            Shape::Attributes => "names of columns or segments".to_owned(),
            Shape::Condition => "a condition on rows".to_owned(),
            Shape::Measure => "an expression of aggregates and metrics".to_owned(),
            Shape::Expression => "an expression".to_owned(),
            Shape::Window => "a window such as `trailing 28 days`, `month to date` or `90 days after account.since`, or the name of one".to_owned(),
            Shape::Groupings => "paths such as `account.region`, or tuples of them".to_owned(),
            Shape::Grains => format!("grains: {}", list(&crate::time::GRAINS.map(|(word, _)| word))),
            Shape::Duration => "a length of time such as `2 days`".to_owned(),
            Shape::Timing => "`relationship`, or a time such as `2 days after tickets.closed_at`".to_owned(),
            Shape::Date => "a date such as `2026-07-01`".to_owned(),
            Shape::Moment => "a date such as `2026-07-01`, or a time in quotes: `\"2026-07-01 10:00\"`".to_owned(),
            Shape::Unit => "a unit such as `usd`, `points`, `percent` or `days`".to_owned(),
            Shape::Members => "addresses in quotes, each perhaps with `from` and `until` dates".to_owned(),
            Shape::Group => "a block `{ … }`".to_owned(),
            Shape::Parts(kind) => format!("a name and a block: `{} name {{ … }}`", kind.word()),
            Shape::Form(words) | Shape::Forms(words) => words.to_owned(),
            Shape::Any => "a value".to_owned(),
        }
    }
}

/// All kinds.
pub static KINDS: [&KindSchema; 22] = [
    &data::SOURCE,
    &data::CUSTOMER,
    &data::SEGMENT,
    &data::SURVEY,
    &measures::METRIC,
    &measures::FUNCTION,
    &measures::WINDOW,
    &evidence::LINK,
    &evidence::EXAMPLE,
    &people::TEAM,
    &people::COUNCIL,
    &people::REGION,
    &people::DECISION,
    &people::DISPUTE,
    &law::RULE,
    &law::WAIVER,
    &law::EXCEPTION,
    &law::AGREEMENT,
    &law::PERIOD,
    &reading::DASHBOARD,
    &reading::ALERT,
    &reading::GOAL,
];

/// Kinds of the language whose meaning is not built yet.
pub static LATER_KINDS: [&str; 11] = [
    "identity",
    "calendar",
    "score",
    "experiment",
    "intervention",
    "finding",
    "playbook",
    "followup",
    "incentive",
    "review",
    "report",
];

impl Kind {
    /// The table of the kind.
    pub fn schema(self) -> &'static KindSchema {
        match self {
            Kind::Source => &data::SOURCE,
            Kind::Customer => &data::CUSTOMER,
            Kind::Segment => &data::SEGMENT,
            Kind::Survey => &data::SURVEY,
            Kind::Metric => &measures::METRIC,
            Kind::Function => &measures::FUNCTION,
            Kind::Window => &measures::WINDOW,
            Kind::Team => &people::TEAM,
            Kind::Council => &people::COUNCIL,
            Kind::Region => &people::REGION,
            Kind::Decision => &people::DECISION,
            Kind::Dispute => &people::DISPUTE,
            Kind::Link => &evidence::LINK,
            Kind::Example => &evidence::EXAMPLE,
            Kind::Rule => &law::RULE,
            Kind::Waiver => &law::WAIVER,
            Kind::Exception => &law::EXCEPTION,
            Kind::Agreement => &law::AGREEMENT,
            Kind::Period => &law::PERIOD,
            Kind::Dashboard => &reading::DASHBOARD,
            Kind::Tile => &reading::TILE,
            Kind::Alert => &reading::ALERT,
            Kind::Goal => &reading::GOAL,
            Kind::Project => &project::PROJECT,
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

impl KeySchema {
    /// The same key, of which a change only changes so much.
    const fn bearing(mut self, bears: Bearing) -> Self {
        self.bears = Some(bears);
        self
    }
}

impl KindSchema {
    /// What a change of a key can change at most.
    pub fn bearing(&self, key: &KeySchema) -> Bearing {
        key.bears.unwrap_or(self.bears)
    }

    /// The row of a key.
    pub fn key(&self, name: &str) -> Option<&'static KeySchema> {
        self.keys.iter().find(|key| key.name == name)
    }
}

const fn key(name: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> KeySchema {
    KeySchema { name, shape, presence, default: "", doc, bears: None }
}

const fn with_default(name: &'static str, shape: Shape, default: &'static str, doc: &'static str) -> KeySchema {
    KeySchema { name, shape, presence: Presence::Optional, default, doc, bears: None }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
