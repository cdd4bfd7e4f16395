//! Names: who is called what, and what was probably meant.

use crate::model::FunctionId;
use crate::schema::{KINDS, Kind};
use groma_syntax::ast::Name;
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;

/// The names of each kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    maps: [HashMap<SmolStr, u32>; KINDS.len()],
}

impl Names {
    pub(crate) fn insert(&mut self, kind: Kind, name: SmolStr, position: usize) {
        self.maps[kind as usize].insert(name, u32::try_from(position).unwrap_or(u32::MAX));
    }

    /// The position of a declaration. Names of the standard library are in scope without their `std.`.
    pub(crate) fn get(&self, kind: Kind, name: &str) -> Option<u32> {
        let map = &self.maps[kind as usize];
        map.get(name).or_else(|| map.get(format_smolstr!("std.{name}").as_str())).copied()
    }

    /// The names of a kind, in no order: the nearest of them is the same in any.
    #[cfg_attr(
        not(test),
        expect(clippy::disallowed_methods, reason = "what is asked of the names does not depend on their order")
    )]
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.maps[kind as usize].keys().map(SmolStr::as_str)
    }
}

impl Names {
    /// The function of that name; the standard library sees itself first.
    pub(crate) fn function(&self, name: &str, standard: bool) -> Option<FunctionId> {
        let own = standard.then(|| self.get(Kind::Function, &format_smolstr!("std.{name}"))).flatten();
        own.or_else(|| self.get(Kind::Function, name)).map(FunctionId)
    }
}

/// A path as it is written.
pub(crate) fn dotted(names: &[Name]) -> SmolStr {
    match names {
        [name] => name.text.clone(),
        _ => names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".").into(),
    }
}

/// What people who come from SQL write, and what it is called here.
const SYNONYMS: [(&str, &str); 18] = [
    ("average", "avg"),
    ("mean", "avg"),
    ("quantile", "percentile"),
    ("std", "stddev"),
    ("ceil", "ceiling"),
    ("datediff", "days_between"),
    ("timestamp", "instant"),
    ("timestamptz", "instant"),
    ("datetime", "instant"),
    ("varchar", "text"),
    ("string", "text"),
    ("integer", "int"),
    ("bigint", "int"),
    ("boolean", "bool"),
    ("numeric", "decimal"),
    ("double", "float"),
    ("real", "float"),
    ("number", "float"),
];

/// The candidate that was probably meant: the nearest one, if it is near, whatever the case of letters.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = &wanted.to_lowercase();
    let meant = SYNONYMS.iter().find(|(other, _)| other == wanted).map_or("", |(_, ours)| *ours);
    let limit = (wanted.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (candidate == meant, candidate))
        .filter(|(synonym, candidate)| *synonym || candidate.len().abs_diff(wanted.len()) <= limit)
        .map(|(synonym, candidate)| match synonym {
            true => (0, candidate),
            false => (strsim::damerau_levenshtein(wanted, candidate), candidate),
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`: for messages; long lists are cut.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if first.len() < SHOWN => format!("{} and {last}", first.join(", ")),
        many => format!("{} and {} more", many[..SHOWN].join(", "), many.len() - SHOWN),
    }
}
