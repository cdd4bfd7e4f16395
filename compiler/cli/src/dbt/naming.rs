//! Names that dbt, file systems and engines all take.

use std::collections::BTreeSet;

/// The most bytes of a name: the engines know 63, and dbt puts something behind a name while it works.
const LONGEST: usize = 48;

/// Names that are taken, without a difference between small and large letters.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    /// A name like the wished one that nothing else has.
    pub(super) fn take(&mut self, wished: &str) -> String {
        let plain = shortened(&word(wished), LONGEST);
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let free = |name: &String| !self.0.contains(&name.to_lowercase());
        let name = std::iter::once(plain.clone()).chain(numbered).find(free).unwrap_or(plain);
        self.0.insert(name.to_lowercase());
        name
    }
}

/// Letters, digits and `_`; no digit first, never empty.
pub(super) fn word(text: &str) -> String {
    let safe = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    let word: String = text.chars().map(safe).collect();
    match word.chars().next() {
        None => "_".to_owned(),
        Some(first) if first.is_numeric() => format!("_{word}"),
        Some(_) => word,
    }
}

/// The same in ASCII, where dbt asks for it: names of packages, groups and exposures.
pub(super) fn ascii_word(text: &str) -> String {
    word(text).chars().map(|letter| if letter.is_ascii() { letter } else { '_' }).collect()
}

fn shortened(text: &str, longest: usize) -> String {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_taken_once() {
        let mut taken = Taken::default();
        assert_eq!(taken.take("orders.month"), "orders_month");
        assert_eq!(taken.take("orders-month"), "orders_month_2");
        assert_eq!(taken.take("Orders_month"), "Orders_month_3");
        assert_eq!(taken.take("größe"), "größe");
        assert_eq!(taken.take("2026-Q3"), "_2026_Q3");
        assert_eq!(taken.take(""), "_");
        assert_eq!(taken.take(&"ä".repeat(60)).len(), 48);
        assert_eq!(ascii_word("größe {{x}}"), "gr__e___x__");
    }
}
