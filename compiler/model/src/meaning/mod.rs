//! The semantic hash of every declaration: what it means, directly and with everything it depends on.
//!
//! Form 1 is [`crate::canonical`] of metrics: of one project, compared with each other. Form 2 is of everything that can change
//! a cell: filters, customers, windows, zones, calendars, scales, functions of the standard library, exceptions, weights. Two
//! declarations with one hash say the same; what cannot be shown to be equal has two. A form never changes: locks and
//! approvals are made of it. Whoever must change one adds the next, and this one stays computable.

mod metrics;
mod others;
pub mod written;

use crate::canonical::sha256;
use crate::model::Model;
use crate::schema::Kind;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

/// The form that new hashes are made by.
pub const FORM: u32 = 2;

/// The forms that can be computed.
pub const FORMS: [u32; 2] = [1, 2];

/// A declaration: its kind and its name.
pub type Subject = (Kind, SmolStr);

/// The hash of a canonical form: SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// The project from a day on: with the versions of metrics that hold from then on.
#[derive(Debug, Clone, Copy)]
pub struct Era<'m> {
    /// None for the first.
    pub from: Option<Date>,
    pub model: &'m Model,
}

/// What a declaration means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Of its own words: other declarations take part by their names only.
    pub direct: Digest,
    /// With everything it depends on, over all eras: what approvals sign and locks seal.
    ///
    /// It is about numbers. Of a metric: what stands in its cells, and which cells are published; neither words nor policy.
    /// Of what metrics are made of, as far as it reaches them. Of all other kinds it is `direct`. A declaration's own name takes
    /// no part: what is renamed means the same.
    pub whole: Digest,
    /// Of what stands in its cells, from a day on; neighbours are different, the first is from the beginning.
    pub pieces: Vec<(Option<Date>, Digest)>,
    /// The same together with which cells there are.
    pub sealed: Vec<(Option<Date>, Digest)>,
    /// Of the last era.
    pub cells: Cells,
}

impl Meaning {
    /// The whole, as far as it says what stands in periods up to a day: without what begins after it.
    pub fn until(&self, last: Date) -> Digest {
        let begun = self.sealed.iter().take_while(|(from, _)| from.is_none_or(|from| from <= last));
        if begun.clone().count() == self.sealed.len() {
            self.whole
        } else {
            whole_of(&begun.copied().collect::<Vec<_>>())
        }
    }
}

/// Which cells of a metric are published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells {
    /// Neither a draft nor retired.
    pub published: bool,
    /// By their words, sorted.
    pub grains: Vec<SmolStr>,
    /// By their names, sorted: with what their columns mean.
    pub groupings: Vec<(SmolStr, Digest)>,
}

/// The meanings of a project's declarations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meanings {
    pub form: u32,
    /// Without those that are broken.
    pub of: BTreeMap<Subject, Meaning>,
}

/// The meanings of all declarations, by a form; none where the form is not known. `eras` are in order, and at least one.
///
/// The first form knows of metrics only, and of what stands in their cells only.
pub fn meanings(form: u32, eras: &[Era<'_>]) -> Option<Meanings> {
    let metrics = match form {
        1 => metrics::of_first_form(eras),
        2 => metrics::of(eras),
        _ => return None,
    };
    let mut of: BTreeMap<Subject, Meaning> =
        metrics.into_iter().map(|(name, meaning)| ((Kind::Metric, name), meaning)).collect();
    if let (FORM, Some(newest)) = (form, eras.last()) {
        of.extend(others::of(newest.model));
    }
    Some(Meanings { form, of })
}

/// The whole of a metric, of its pieces and cells.
fn whole_of(sealed: &[(Option<Date>, Digest)]) -> Digest {
    digest(&format!("whole({FORM},metric,{})", metrics::listed(sealed)))
}

fn digest(form: &str) -> Digest {
    Digest(sha256(form))
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        let digits: String = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        formatter.write_str(&digits)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl std::str::FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(drop)?;
            *byte = u8::from_str_radix(pair, 16).map_err(drop)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests;
