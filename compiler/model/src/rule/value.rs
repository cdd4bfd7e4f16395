//! What rules compute with: values, their types, and the things that rules are about.

use crate::schema::{KINDS, Kind};
use jiff::civil::Date;
use smol_str::SmolStr;
use std::sync::Arc;

/// What a rule may be about: a kind of declaration, the columns of sources, or the tiles of dashboards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Declared(Kind),
    Column,
    /// Of a dashboard.
    Tile,
}

/// How many sorts there are.
pub(crate) const SORTS: usize = KINDS.len() + 2;

impl Sort {
    /// Every sort, always in the same order.
    pub fn every() -> impl Iterator<Item = Sort> {
        let mut kinds: Vec<Kind> = KINDS.iter().map(|schema| schema.kind).collect();
        kinds.sort_unstable();
        kinds.into_iter().map(Sort::Declared).chain([Sort::Column, Sort::Tile])
    }

    /// Its place among all sorts.
    pub(crate) fn position(self) -> usize {
        match self {
            Sort::Declared(kind) => kind as usize,
            Sort::Column => KINDS.len(),
            Sort::Tile => KINDS.len() + 1,
        }
    }

    /// The word for one.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Declared(kind) => kind.word(),
            Sort::Column => "column",
            Sort::Tile => Kind::Tile.word(),
        }
    }

    /// The word for many.
    pub fn plural(self) -> &'static str {
        match self {
            Sort::Declared(kind) => kind.schema().plural,
            Sort::Column => "columns",
            Sort::Tile => Kind::Tile.schema().plural,
        }
    }

    /// The sort that a word for one names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Sort::every().find(|sort| sort.word() == word)
    }

    /// The sort that a word for many names.
    pub(crate) fn from_plural(word: &str) -> Option<Self> {
        Sort::every().find(|sort| sort.plural() == word)
    }
}

/// One thing: a declaration by its place among those of its kind, a column or a tile by its place among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Thing {
    pub(crate) sort: Sort,
    pub(crate) at: u32,
}

impl Thing {
    pub(crate) fn of(kind: Kind, at: usize) -> Self {
        Self::new(Sort::Declared(kind), at)
    }

    pub(crate) fn new(sort: Sort, at: usize) -> Self {
        Self { sort, at: u32::try_from(at).unwrap_or(u32::MAX) }
    }

    pub(crate) fn index(self) -> usize {
        self.at as usize
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// `null`, or what was reported already: goes with everything.
    Open,
    Bool,
    /// Also a number of days.
    Number,
    Text,
    Date,
    Thing(Sort),
    Texts,
    Numbers,
    Things(Sort),
}

impl Type {
    /// What a list of it holds, if it is a list.
    pub(crate) fn item(self) -> Option<Type> {
        match self {
            Type::Texts => Some(Type::Text),
            Type::Numbers => Some(Type::Number),
            Type::Things(sort) => Some(Type::Thing(sort)),
            _ => None,
        }
    }

    /// Whether the two may be compared. A thing may be compared with its name.
    pub(crate) fn goes_with(self, other: Type) -> bool {
        match (self, other) {
            (Type::Open, _) | (_, Type::Open) | (Type::Thing(_), Type::Text) | (Type::Text, Type::Thing(_)) => true,
            _ => self == other && self.item().is_none(),
        }
    }

    /// How a reader is told.
    pub(crate) fn describe(self) -> String {
        match self {
            Type::Open => "nothing".to_owned(),
            Type::Bool => "true or false".to_owned(),
            Type::Number => "a number".to_owned(),
            Type::Text => "a text".to_owned(),
            Type::Date => "a date".to_owned(),
            Type::Thing(sort) => format!("a {}", sort.word()),
            Type::Texts => "a list of texts".to_owned(),
            Type::Numbers => "a list of numbers".to_owned(),
            Type::Things(sort) => format!("a list of {}", sort.plural()),
        }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    Text(SmolStr),
    Date(Date),
    Thing(Thing),
    List(Arc<[Value]>),
}

impl Value {
    /// A text, or null.
    pub(crate) fn text(text: Option<&str>) -> Self {
        text.map_or(Value::Null, |text| Value::Text(SmolStr::new(text)))
    }

    /// A number, or null.
    pub(crate) fn number(number: Option<f64>) -> Self {
        number.map_or(Value::Null, Value::Number)
    }

    /// How many.
    pub(crate) fn count(count: usize) -> Self {
        Value::Number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// A date, or null.
    pub(crate) fn date(date: Option<Date>) -> Self {
        date.map_or(Value::Null, Value::Date)
    }

    /// A declaration of a kind, or null.
    pub(crate) fn thing(kind: Kind, at: Option<usize>) -> Self {
        at.map_or(Value::Null, |at| Value::Thing(Thing::of(kind, at)))
    }

    /// Values in order; null without any.
    pub(crate) fn list(values: impl IntoIterator<Item = Value>) -> Self {
        let values: Arc<[Value]> = values.into_iter().collect();
        if values.is_empty() { Value::Null } else { Value::List(values) }
    }

    /// Texts in order; null without any.
    pub(crate) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::list(texts.into_iter().map(|text| Value::Text(SmolStr::new(text.as_ref()))))
    }

    /// Declarations of a kind; null without any.
    pub(crate) fn things(kind: Kind, places: impl IntoIterator<Item = usize>) -> Self {
        Self::list(places.into_iter().map(|at| Value::Thing(Thing::of(kind, at))))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The elements of a list; of null none.
    pub(crate) fn items(&self) -> &[Value] {
        match self {
            Value::List(values) => values,
            _ => &[],
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Value::Null, Value::Bool)
    }
}
