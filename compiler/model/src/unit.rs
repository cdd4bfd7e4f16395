//! Units of measure and their algebra.

use smol_str::SmolStr;
use std::fmt;

/// What a number is a number of: a product of powers of base units.
///
/// `usd / count` is a unit; `usd + count` is an error; a ratio of equal units has none and may be shown as a percentage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub enum Unit {
    /// A plain constant: takes the unit of what it is combined with.
    Any,
    /// A number without a unit.
    #[default]
    None,
    /// A share, stored as a fraction (0.95) and shown as a percentage (95 %).
    Percent,
    /// Base units with their exponents, sorted, none of them 0. Never empty.
    Of(Vec<(SmolStr, i8)>),
}

/// Units that are not currencies.
pub const PLAIN_UNITS: [&str; 7] = ["count", "points", "percent", "days", "hours", "minutes", "seconds"];

impl Unit {
    /// One base unit: `usd`, `count`, `points`; `percent` is the share.
    pub fn base(name: &str) -> Self {
        match name {
            "percent" => Unit::Percent,
            _ => Unit::Of(vec![(SmolStr::new(name), 1)]),
        }
    }

    /// The unit of a sum, a difference or a comparison of the two; `None` when they do not go together.
    pub fn sum(&self, other: &Unit) -> Option<Unit> {
        match (self, other) {
            (Unit::Any, unit) | (unit, Unit::Any) => Some(unit.clone()),
            (Unit::Percent, Unit::None) | (Unit::None, Unit::Percent) => Some(Unit::None),
            (left, right) => (left == right).then(|| left.clone()),
        }
    }

    /// The unit of a product.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        self.combine(other, 1)
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn over(&self, other: &Unit) -> Unit {
        self.combine(other, -1)
    }

    /// Whether a number of this unit may be declared to have the other: the same, or none yet.
    pub fn may_be(&self, declared: &Unit) -> bool {
        self == declared
            || matches!(self, Unit::Any | Unit::None)
            || (self == &Unit::Percent && declared == &Unit::None)
    }

    fn combine(&self, other: &Unit, sign: i8) -> Unit {
        if self == &Unit::Any && other == &Unit::Any {
            return Unit::Any;
        }
        let mut powers: Vec<(SmolStr, i8)> = self.powers().to_vec();
        for (name, exponent) in other.powers() {
            match powers.iter_mut().find(|(known, _)| known == name) {
                Some((_, power)) => *power += exponent * sign,
                None => powers.push((name.clone(), exponent * sign)),
            }
        }
        powers.retain(|(_, exponent)| *exponent != 0);
        powers.sort();
        if powers.is_empty() { Unit::None } else { Unit::Of(powers) }
    }

    fn powers(&self) -> &[(SmolStr, i8)] {
        match self {
            Unit::Of(powers) => powers,
            Unit::Any | Unit::None | Unit::Percent => &[],
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let powers = match self {
            Unit::Any | Unit::None => return formatter.write_str("number"),
            Unit::Percent => return formatter.write_str("percent"),
            Unit::Of(powers) => powers,
        };
        let write = |formatter: &mut fmt::Formatter<'_>, sign: i8| -> fmt::Result {
            let mut first = true;
            for (name, exponent) in powers.iter().filter(|(_, exponent)| exponent.signum() == sign) {
                if !first {
                    formatter.write_str("·")?;
                }
                first = false;
                formatter.write_str(name)?;
                if exponent.abs() != 1 {
                    write!(formatter, "^{}", exponent.abs())?;
                }
            }
            if first { formatter.write_str("1") } else { Ok(()) }
        };
        write(formatter, 1)?;
        if powers.iter().any(|(_, exponent)| *exponent < 0) {
            formatter.write_str("/")?;
            write(formatter, -1)?;
        }
        Ok(())
    }
}
