//! Names in statements: readable, short enough for every engine, never twice the same.

use std::collections::{BTreeMap, BTreeSet};

/// The most characters a made-up name has before a number is added; engines cut names at 63 bytes or more.
pub(crate) const LONGEST: usize = 48;

/// Names that are taken, compared without regard to case.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
    next: BTreeMap<String, u32>,
    separator: char,
}

impl Names {
    /// Names of steps: `orders_rows_2`.
    pub(crate) fn of_steps() -> Self {
        Self { separator: '_', ..Self::default() }
    }

    /// Names of columns: `sum of amount 2`.
    pub(crate) fn of_columns() -> Self {
        Self { separator: ' ', ..Self::default() }
    }

    /// Names of files: `orders.month-2`.
    pub(crate) fn of_files() -> Self {
        Self { separator: '-', ..Self::default() }
    }

    /// Keeps a name from being given.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// Whether a name like it was given or reserved.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(&name.to_lowercase())
    }

    /// The wanted name, shortened, with a number if it is taken.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let printable: String = wanted.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        self.take_whole(&shorten(&printable, LONGEST))
    }

    /// The wanted name at its full length, with a number if it is taken.
    pub(crate) fn take_whole(&mut self, base: &str) -> String {
        if self.taken.insert(base.to_lowercase()) {
            return base.to_owned();
        }
        let next = self.next.entry(base.to_lowercase()).or_insert(2);
        loop {
            let name = format!("{base}{}{next}", self.separator);
            *next += 1;
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
        }
    }
}

/// Letters, digits and underscores only.
pub(crate) fn word(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// At most so many bytes, cut where a word ends if one ends in the second half.
pub(crate) fn shorten(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).take_while(|end| *end <= longest).last();
    let cut = &text[..end.unwrap_or(0)];
    match cut.rfind([' ', '_']) {
        Some(space) if space >= longest / 2 => cut[..space].trim_end().to_owned(),
        _ => cut.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_to_names_that_are_taken() {
        let mut names = Names::of_columns();
        names.reserve("Period");
        assert_eq!(names.take("period"), "period 2");
        assert_eq!(names.take("sum of amount"), "sum of amount");
        assert_eq!(names.take("Sum of amount"), "Sum of amount 2");
        assert_eq!(names.take("sum of amount 3"), "sum of amount 3");
        assert_eq!(names.take("sum of amount"), "sum of amount 4");
        assert_eq!(Names::of_steps().take("orders"), "orders");
    }

    #[test]
    fn long_names_end_with_a_word() {
        let long = "sum of amount where account.region = 'US' and not refunded";
        assert_eq!(shorten(long, LONGEST), "sum of amount where account.region = 'US' and");
        assert_eq!(shorten("ääää", 5), "ää");
        assert_eq!(shorten(&"x".repeat(60), LONGEST).len(), LONGEST);
    }

    #[test]
    fn words_have_no_marks() {
        assert_eq!(word("support.first-reply"), "support_first_reply");
    }
}
