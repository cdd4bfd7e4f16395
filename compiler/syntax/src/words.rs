//! The reserved words. SQL's words are read in any letter case; the language's own operators in lower case only.

/// A word that is no name when it stands in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    And,
    Or,
    Not,
    In,
    Like,
    Between,
    Is,
    Null,
    /// `true`, `false`.
    Boolean,
    Case,
    When,
    Then,
    Else,
    End,
    Where,
    After,
    Before,
    Within,
    From,
    Until,
    At,
    By,
    Of,
    Using,
    Has,
    Per,
    To,
    Offset,
}

impl Word {
    /// Whether it stands for a value.
    pub(crate) fn is_literal(self) -> bool {
        matches!(self, Word::Null | Word::Boolean)
    }

    /// `when`, `then`, `else`, `end`.
    pub(crate) fn is_inside_case(self) -> bool {
        matches!(self, Word::When | Word::Then | Word::Else | Word::End)
    }

    /// Whether it joins two operands; `not` and `is` need a further word for that.
    pub(crate) fn is_infix(self) -> bool {
        !self.is_literal() && !self.is_inside_case() && !matches!(self, Word::Case | Word::Not)
    }

    /// Whether the language brought it, and not SQL.
    pub(crate) fn is_own(self) -> bool {
        use Word::{After, At, Before, By, From, Has, Of, Offset, Per, To, Until, Using, Where, Within};
        matches!(self, Where | After | Before | Within | From | Until | At | By | Of | Using | Has | Per | To | Offset)
    }

    /// Whether it is a name where no value stands before it: `time: at`.
    pub(crate) fn may_be_name(self) -> bool {
        self.is_own() && self != Word::Where
    }

    /// Its character in the input of the grammar.
    pub(crate) fn code(self) -> u8 {
        match self {
            Word::And => b'A',
            Word::Or => b'O',
            Word::Not => b'N',
            Word::In => b'I',
            Word::Like => b'L',
            Word::Between => b'V',
            Word::Is => b'S',
            Word::Null => b'z',
            Word::Boolean => b'b',
            Word::Case => b'c',
            Word::When => b'w',
            Word::Then => b't',
            Word::Else => b'e',
            Word::End => b'f',
            Word::Where => b'W',
            Word::After => b'E',
            Word::Before => b'B',
            Word::Within => b'H',
            Word::From => b'F',
            Word::Until => b'U',
            Word::At => b'C',
            Word::By => b'Y',
            Word::Of => b'G',
            Word::Using => b'K',
            Word::Has => b'M',
            Word::Per => b'P',
            Word::To => b'T',
            Word::Offset => b'Z',
        }
    }
}

/// What the word means in an expression, or nothing for a name.
pub(crate) fn reserved(text: &str) -> Option<Word> {
    let mut buffer = [0_u8; 7];
    if text.len() < 2 || text.len() > buffer.len() {
        return None;
    }
    let lower = &mut buffer[..text.len()];
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    let word = match &*lower {
        b"and" => Word::And,
        b"or" => Word::Or,
        b"not" => Word::Not,
        b"in" => Word::In,
        b"like" => Word::Like,
        b"between" => Word::Between,
        b"is" => Word::Is,
        b"null" => Word::Null,
        b"true" | b"false" => Word::Boolean,
        b"case" => Word::Case,
        b"when" => Word::When,
        b"then" => Word::Then,
        b"else" => Word::Else,
        b"end" => Word::End,
        b"where" => Word::Where,
        b"after" => Word::After,
        b"before" => Word::Before,
        b"within" => Word::Within,
        b"from" => Word::From,
        b"until" => Word::Until,
        b"at" => Word::At,
        b"by" => Word::By,
        b"of" => Word::Of,
        b"using" => Word::Using,
        b"has" => Word::Has,
        b"per" => Word::Per,
        b"to" => Word::To,
        b"offset" => Word::Offset,
        _ => return None,
    };
    (!word.is_own() || text.as_bytes() == lower).then_some(word)
}

/// Whether the word stands before a number, and only before one: `week 1 to week 4`.
pub(crate) fn counts(text: &str) -> bool {
    matches!(text, "week" | "month")
}

/// Whether the word may stand before its operand: `last 8 quarters`.
pub(crate) fn is_prefix(text: &str) -> bool {
    matches!(text, "trailing" | "last" | "each" | "day" | "all" | "distinct" | "every" | "any" | "no")
}
