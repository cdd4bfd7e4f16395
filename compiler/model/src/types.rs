//! Types of values.

use crate::model::CustomerId;
use crate::unit::Unit;
use smol_str::SmolStr;

/// What a value is, and of which unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Type {
    pub base: Base,
    pub unit: Unit,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Base {
    /// Could not be found out and was reported: fits everywhere, so that one mistake is one finding.
    #[default]
    Unknown,
    /// `null`: fits everywhere.
    Null,
    Bool,
    Int,
    Real,
    Decimal {
        precision: u8,
        scale: i8,
    },
    Text,
    /// What a person wrote in their own words: readable, never a group.
    Verbatim,
    Date,
    /// A moment, stored as wall clock in that zone.
    Instant {
        zone: SmolStr,
    },
    /// A whole number on a survey's scale, both ends included.
    Scale {
        low: i64,
        high: i64,
    },
    /// A reference to a customer: its key.
    Customer(CustomerId),
}

impl Type {
    /// A type without a unit.
    pub fn plain(base: Base) -> Self {
        Self { base, unit: Unit::None }
    }

    /// A type with a unit.
    pub fn of(base: Base, unit: Unit) -> Self {
        Self { base, unit }
    }

    /// The type of what was already reported.
    pub fn unknown() -> Self {
        Self { base: Base::Unknown, unit: Unit::Any }
    }

    /// A type that stands for anything: an earlier finding, or `null`.
    pub fn is_open(&self) -> bool {
        matches!(self.base, Base::Unknown | Base::Null)
    }

    /// A number, on a scale or not (or open).
    pub fn is_number(&self) -> bool {
        self.is_open() || matches!(self.base, Base::Int | Base::Real | Base::Decimal { .. } | Base::Scale { .. })
    }

    /// A truth value (or open).
    pub fn is_bool(&self) -> bool {
        self.is_open() || self.base == Base::Bool
    }

    /// Text (or open).
    pub fn is_text(&self) -> bool {
        self.is_open() || matches!(self.base, Base::Text | Base::Verbatim)
    }

    /// A date or an instant (or open).
    pub fn is_time(&self) -> bool {
        self.is_open() || matches!(self.base, Base::Date | Base::Instant { .. })
    }
}
