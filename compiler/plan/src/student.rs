//! Quantiles of the normal distribution and of Student's t.
//!
//! The normal quantile inverts `erfc` by bisection. That of t is exact up to [`TABLED`] degrees of freedom, from the closed form
//! of its distribution for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4); above, it is the expansion of
//! Cornish and Fisher (26.7.5), which is right to 1e-7 there.

use crate::relation::{Binary, Expr};
use crate::typed::{divide, real};

/// Up to so many degrees of freedom a quantile is written out.
const TABLED: u32 = 20;

/// The value that a standard normal variable exceeds with probability `1 − share`.
pub(crate) fn normal_quantile(share: f64) -> f64 {
    bisect(share, |value| 0.5 * libm::erfc(-value / std::f64::consts::SQRT_2))
}

/// The value that Student's t with so many degrees of freedom exceeds with probability `1 − share`.
pub(crate) fn t_quantile(share: f64, freedom: u32) -> f64 {
    bisect(share, |value| t_distribution(value, freedom))
}

/// The same for degrees of freedom that are computed: a real, at least 1.
pub(crate) fn t_quantile_of(share: f64, freedom: &Expr) -> Expr {
    let tabled = (1..=TABLED).map(|known| {
        let is = Expr::binary(Binary::LessEqual, freedom.clone(), real(f64::from(known)));
        (is, real(t_quantile(share, known)))
    });
    let branches = tabled.collect();
    Expr::Case { branches, otherwise: Some(Box::new(expansion(normal_quantile(share), freedom))) }
}

/// `z + g1/ν + g2/ν² + g3/ν³ + g4/ν⁴`, by Horner.
fn expansion(z: f64, freedom: &Expr) -> Expr {
    let power = |exponent: i32| z.powi(exponent);
    let terms = [
        z,
        (power(3) + z) / 4.0,
        (5.0 * power(5) + 16.0 * power(3) + 3.0 * z) / 96.0,
        (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * z) / 384.0,
        (79.0 * power(9) + 776.0 * power(7) + 1482.0 * power(5) - 1920.0 * power(3) - 945.0 * z) / 92160.0,
    ];
    let mut terms = terms.into_iter().rev();
    let mut sum = real(terms.next().unwrap_or(z));
    for term in terms {
        sum = Expr::binary(Binary::Add, real(term), divide(sum, freedom.clone()));
    }
    sum
}

fn t_distribution(value: f64, freedom: u32) -> f64 {
    let angle = (value / f64::from(freedom).sqrt()).atan();
    let cosine = angle.cos();
    let between = if freedom % 2 == 1 {
        let mut sum = 0.0;
        let mut term = cosine;
        for step in (1..freedom.saturating_sub(1)).step_by(2) {
            sum += term;
            term *= cosine * cosine * f64::from(step + 1) / f64::from(step + 2);
        }
        std::f64::consts::FRAC_2_PI * (angle + angle.sin() * sum)
    } else {
        let mut sum = 0.0;
        let mut term = 1.0;
        for step in (0..freedom).step_by(2) {
            sum += term;
            term *= cosine * cosine * f64::from(step + 1) / f64::from(step + 2);
        }
        angle.sin() * sum
    };
    0.5 + between / 2.0
}

/// Where an increasing distribution reaches a share.
fn bisect(share: f64, distribution: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-1e6, 1e6);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if distribution(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The references are scipy's `norm.ppf` and `t.ppf`.
    #[test]
    fn quantiles_are_those_of_the_distributions() {
        let close = |left: f64, right: f64| assert!((left - right).abs() < 1e-9, "{left} {right}");
        close(normal_quantile(0.975), 1.959_963_984_540_054);
        close(normal_quantile(0.8), 0.841_621_233_572_914_3);
        close(t_quantile(0.975, 1), 12.706_204_736_432_095);
        close(t_quantile(0.975, 2), 4.302_652_729_911_275);
        close(t_quantile(0.975, 5), 2.570_581_835_636_305);
        close(t_quantile(0.975, 10), 2.228_138_851_964_938_6);
        close(t_quantile(0.95, 19), 1.729_132_811_521_366_6);
        close(t_quantile(0.975, 20), 2.085_963_447_265_837);
    }
}
