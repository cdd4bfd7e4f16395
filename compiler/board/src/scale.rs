//! Axes whose ends and ticks are round numbers, so that the drawing of one tile never depends on what draws it.

/// The axis of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) ticks: Vec<f64>,
    decimals: usize,
}

impl Scale {
    /// The axis that shows all these values; from zero where it must be, or where that is not far.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>, from_zero: bool) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.abs() < 1e300) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            return Self { low: 0.0, high: 1.0, ticks: Vec::new(), decimals: 0 };
        }
        if from_zero || (low >= 0.0 && low < 0.5 * high) || (high <= 0.0 && high > 0.5 * low) {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if low == high {
            let around = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (low, high) = if low == 0.0 { (0.0, around) } else { (low - around, high + around) };
        }
        let step = step((high - low) / 4.0);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        // No more than eight steps, so the count fits.
        let ticks: Vec<f64> = (0..=8)
            .map(|number| first + f64::from(number))
            .take_while(|tick| *tick <= last)
            .map(|tick| round(tick * step))
            .collect();
        let decimals = (0..12).find(|decimals| is_whole(step * 10_f64.powi(*decimals))).unwrap_or(12);
        Self {
            low: round(first * step),
            high: round(last * step),
            ticks,
            decimals: usize::try_from(decimals).unwrap_or(0),
        }
    }

    /// Where a value is, from 0 at the low end to 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The value at a share of the axis.
    pub(crate) fn at(&self, share: f64) -> f64 {
        self.low + share * (self.high - self.low)
    }

    /// The Vega expression that writes a tick.
    pub(crate) fn label(&self, unit: Option<&str>) -> String {
        let largest = self.low.abs().max(self.high.abs());
        let number = if largest >= 1e15 || (largest > 0.0 && largest < 1e-6) {
            "format(datum.value, '.2~e')".to_owned()
        } else if largest >= 1e5 {
            "replace(format(datum.value, '.4~s'), 'G', 'B')".to_owned()
        } else {
            format!("format(datum.value, ',.{}f')", self.decimals)
        };
        if unit == Some("%") { format!("{number} + ' %'") } else { number }
    }
}

/// The round number that is not less: 1, 2, 2.5, 5 or 10 times a power of ten.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0].into_iter().find(|times| times * power >= least * 0.999).unwrap_or(10.0);
    times * power
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6
}

/// Without the noise of binary fractions: 0.3 and not 0.30000000000000004.
pub(crate) fn round(value: f64) -> f64 {
    format!("{value:.11e}").parse::<f64>().map_or(value, |rounded| rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let scale = Scale::of([0.12, 0.47], true);
        assert_eq!((scale.low, scale.high), (0.0, 0.6));
        assert_eq!(scale.ticks, [0.0, 0.2, 0.4, 0.6]);
        assert_eq!(scale.label(Some("%")), "format(datum.value, ',.1f') + ' %'");
        assert_eq!(Scale::of([-3.0, 1000.0], false).ticks, [-500.0, 0.0, 500.0, 1000.0]);
        assert_eq!(Scale::of([97.0, 99.0], false).ticks, [97.0, 97.5, 98.0, 98.5, 99.0]);
    }

    #[test]
    fn no_value_and_one_value_have_an_axis() {
        assert_eq!(Scale::of([], false).ticks, Vec::<f64>::new());
        assert_eq!(Scale::of([0.0], false).high, 1.0);
        assert!(Scale::of([5.0], false).low < 5.0);
        assert!(Scale::of([-5.0], true).high >= 0.0);
        assert!(Scale::of([f64::NAN, f64::INFINITY], true).ticks.is_empty());
        for size in [1e-200, 1e-9, 1.0, 1e18, 1e299] {
            let scale = Scale::of([-size, size * 0.7], false);
            assert!(scale.low <= -size && scale.high >= size * 0.7 && scale.ticks.len() > 2, "{scale:?}");
        }
    }
}
