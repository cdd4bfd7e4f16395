//! PostgreSQL's exact numbers, as they come over the wire: digits to the base of 10,000.

const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0x0000;

/// A number as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numeric {
    negative: bool,
    /// The power of 10,000 of the first digit.
    weight: i32,
    digits: Vec<u16>,
    /// Decimals that are shown.
    pub(super) scale: u16,
}

impl Numeric {
    /// None for what is no finite number.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(2 * at)?, *bytes.get(2 * at + 1)?]));
        let (count, weight, sign, scale) = (word(0)?, word(1)?, word(2)?, word(3)?);
        if sign != POSITIVE && sign != NEGATIVE {
            return None;
        }
        let digits = (0..usize::from(count)).map(|at| word(4 + at)).collect::<Option<Vec<u16>>>()?;
        Some(Self { negative: sign == NEGATIVE, weight: i32::from(weight.cast_signed()), digits, scale })
    }

    /// In units of 10^-`scale`; none where it has more decimals or does not fit into 38 digits.
    pub(super) fn scaled(&self, scale: u16) -> Option<i128> {
        let mut sum: i128 = 0;
        for (at, digit) in (0..).zip(&self.digits) {
            let exponent = 4 * (self.weight - at) + i32::from(scale);
            let digit = i128::from(*digit);
            let part = match u32::try_from(exponent) {
                Ok(exponent) => digit.checked_mul(10_i128.checked_pow(exponent)?)?,
                Err(_) => {
                    let divisor = 10_i128.checked_pow(exponent.unsigned_abs())?;
                    (digit % divisor == 0).then_some(digit / divisor)?
                }
            };
            sum = sum.checked_add(part)?;
        }
        let fits = sum < 10_i128.pow(38);
        fits.then_some(if self.negative { -sum } else { sum })
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        let digit = |power: i32| -> u16 {
            let at = usize::try_from(self.weight - power).ok();
            at.and_then(|at| self.digits.get(at)).copied().unwrap_or(0)
        };
        let whole: String = (0..=self.weight.max(0)).rev().map(|power| format!("{:04}", digit(power))).collect();
        let whole = whole.trim_start_matches('0');
        let groups = i32::from(self.scale.div_ceil(4));
        let fraction: String = (1..=groups).map(|power| format!("{:04}", digit(-power))).collect();
        let fraction = &fraction[..usize::from(self.scale)];
        let sign = if self.negative { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Numeric {
        let count = u16::try_from(digits.len()).unwrap();
        let words = [count, weight.cast_unsigned(), sign, scale].into_iter().chain(digits.iter().copied());
        Numeric::read(&words.flat_map(u16::to_be_bytes).collect::<Vec<u8>>()).unwrap()
    }

    #[test]
    fn digits_are_put_together() {
        // What the server sends for 12345.678, -0.05, 0.00, 10000 and 0.00001234.
        let cases = [
            (number(1, 0, 3, &[1, 2345, 6780]), "12345.678", 3, Some(12_345_678)),
            (number(-1, NEGATIVE, 2, &[500]), "-0.05", 2, Some(-5)),
            (number(0, 0, 2, &[]), "0.00", 2, Some(0)),
            (number(1, 0, 0, &[1]), "10000", 2, Some(1_000_000)),
            (number(-2, 0, 8, &[1234]), "0.00001234", 8, Some(1234)),
        ];
        for (number, text, scale, expected) in cases {
            assert_eq!(number.text(), text);
            assert_eq!(number.scaled(scale), expected, "{text}");
        }
        assert_eq!(number(0, 0, 2, &[1, 500]).scaled(1), None);
    }

    #[test]
    fn what_is_no_number_is_none() {
        let nan: Vec<u8> = [0, 0, 0xC000, 0].into_iter().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Numeric::read(&nan), None);
        assert_eq!(Numeric::read(&[0, 1]), None);
    }
}
