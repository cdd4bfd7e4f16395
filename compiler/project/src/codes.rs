//! Every code of every crate that makes findings about a project.

use crate::{codeowners, compile, data, history, manifest, rules, server, target};
use groma_model::Code;

/// All codes, sorted by name.
pub fn codes() -> Vec<&'static Code> {
    let rooms: [&[&Code]; 8] = [
        codeowners::CODES,
        groma_syntax::CODES,
        groma_plan::CODES,
        compile::CODES,
        manifest::CODES,
        target::CODES,
        server::CODES,
        data::CODES,
    ];
    let mut codes: Vec<&'static Code> =
        rooms.into_iter().chain(groma_model::check::CODES.iter().copied()).flatten().copied().collect();
    codes.extend(history::codes());
    codes.extend(rules::codes());
    codes.sort_by_key(|code| code.id);
    codes
}

/// The code of that name.
pub fn code(id: &str) -> Option<&'static Code> {
    codes().into_iter().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_well_formed() {
        let codes = codes();
        for pair in codes.windows(2) {
            assert_ne!(pair[0].id, pair[1].id);
        }
        for code in codes {
            let (area, name) = code.id.split_once('/').unwrap();
            let word = |text: &str| {
                !text.is_empty()
                    && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            };
            assert!(word(area) && word(name), "{}", code.id);
        }
    }
}
