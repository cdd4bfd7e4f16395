//! The standard library, written in Groma and embedded at build.

use groma_model::SmolStr;

/// The files of `stdlib/`: name without extension, text; sorted.
pub(crate) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// Whether a file is a pack of rules, and its name.
pub(crate) fn pack(name: &str) -> Option<&str> {
    name.strip_prefix("rules/")
}

/// The names of the packs of rules, sorted.
pub fn packs() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|(name, _)| pack(name))
}

/// The rules of packs that are not chosen: pack and name. Their texts are not parsed for that.
pub(crate) fn unchosen(packs: &[SmolStr]) -> Vec<(SmolStr, SmolStr)> {
    let others = FILES.iter().filter_map(|(name, text)| Some((pack(name)?, text)));
    others
        .filter(|(pack, _)| packs.iter().all(|own| own != pack))
        .flat_map(|(pack, text)| {
            let names = text.lines().filter_map(|line| line.strip_prefix("rule ")?.split([' ', '{']).next());
            names.map(move |name| (SmolStr::new(pack), SmolStr::new(name)))
        })
        .collect()
}

/// What people see as the path of a file of the standard library.
pub(crate) fn path(name: &str) -> String {
    format!("std:{name}.groma")
}
