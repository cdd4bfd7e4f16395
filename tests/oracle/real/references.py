"""Values, errors and intervals by independent packages; where none has one, the formula of `numbers.md` with numpy.

Rows of one customer are one cluster. Where every customer has one row, the formulas are the textbook's.
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

CONFIDENCE = 0.95
# What may be wrong of the reach of an interval that is Student's; numbers.md would let it be ten times this.
STUDENT = 1e-6
Z = stats.norm.ppf((1 + CONFIDENCE) / 2)


class Near(float):
    """A number that may be off by some of its own, not by what is usual."""

    def __new__(cls, value, by):
        number = super().__new__(cls, value)
        number.by = by
        return number


def share(hits, customers=None):
    """A share and its Wilson interval; with customers, over as many rows as would tell as much if they were apart."""
    hits = np.asarray(hits, dtype=float)
    value, n = float(hits.mean()), len(hits)
    spread = value * (1 - value)
    cell = {"value": value, "n": n, "se": float(np.sqrt(spread / n))}
    effective = float(n)
    if customers is not None and pd.Series(customers).nunique() < n:
        cell["se"] = clustered(hits, customers)["se"]
        effective = min(spread / cell["se"] ** 2, n) if cell["se"] > 0 and spread > 0 else pd.Series(customers).nunique()
    low, high = proportion_confint(value * effective, effective, alpha=1 - CONFIDENCE, method="wilson")
    return cell | {"low": float(low), "high": float(high)}


def net(signs, customers=None):
    """A net score in points of 1, 0 and −1, and the adjusted Wald interval: 3 more answers, ¾ of one at each end."""
    signs = np.asarray(signs, dtype=float)
    n, spread = len(signs), float(signs.var(ddof=0))
    error, effective = np.sqrt(spread / n), float(n)
    if customers is not None and pd.Series(customers).nunique() < n:
        error = clustered(signs, customers)["se"]
        effective = min(spread / error**2, n) if error > 0 and spread > 0 else pd.Series(customers).nunique()
    up, down = ((float((signs == sign).mean()) * effective + 0.75) / (effective + 3) for sign in (1, -1))
    reach = Z * np.sqrt((up + down - (up - down) ** 2) / (effective + 3))
    return {
        "value": 100 * float(signs.mean()), "n": n, "se": 100 * float(error),
        "low": 100 * float(up - down - reach), "high": 100 * float(up - down + reach),
    }


def student(values):
    """The mean of one value for each customer, its error, and Student's interval."""
    interval = stats.ttest_1samp(values, 0).confidence_interval(CONFIDENCE)
    by = STUDENT * float(interval.high - interval.low) / 2
    return {
        "value": float(np.mean(values)), "n": len(values), "se": float(stats.sem(values)),
        "low": Near(interval.low, by), "high": Near(interval.high, by),
    }


def clustered(values, customers, weights=None):
    """The mean of rows that belong together by customer, weighted or not, its error, and the interval."""
    values = np.asarray(values, dtype=float)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    codes = pd.factorize(np.asarray(customers))[0]
    fitted = sm.WLS(values, np.ones(len(values)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": True})
    value, error = float(fitted.params[0]), float(fitted.bse[0])
    return {"value": value, "n": len(values)} | around(value, error, codes.max() + 1)


def change(values, later, customers, matters):
    """How a mean changed from some rows to the later ones, its error with the same customers in both, and the verdict."""
    values, later = np.asarray(values, dtype=float), np.asarray(later, dtype=float)
    codes = pd.factorize(np.asarray(customers))[0]
    fitted = sm.OLS(values, sm.add_constant(later)).fit(cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False})
    groups = codes.max() + 1
    moved, error = float(fitted.params[1]), float(fitted.bse[1]) * np.sqrt(groups / (groups - 1))
    interval = around(moved, error, groups)
    detectable = float((Z + stats.norm.ppf(0.8)) * error)
    if interval["low"] > 0 or interval["high"] < 0:
        verdict = "real and large enough" if abs(moved) >= matters else "real but small"
    else:
        verdict = "too few to tell" if detectable > matters else "not distinguishable"
    return {
        "change": moved, "change_se": error, "change_low": interval["low"], "change_high": interval["high"],
        "detectable": detectable, "verdict": verdict,
    }


def ratio(above, below, customers):
    """A sum over a sum of the same rows."""
    below_all = float(np.sum(below))
    value = float(np.sum(above)) / below_all
    totals = [totals_of(part, customers) for part in (above, below)]
    error = linearised([1 / below_all, -value / below_all], *totals)
    return {"value": value} | around(value, error, len(totals[0]))


def total(values, customers):
    """A sum of rows."""
    totals = totals_of(values, customers)
    value = float(totals.sum())
    return {"value": value} | around(value, linearised([1], totals), len(totals))


def totals_of(values, customers):
    codes = pd.factorize(np.asarray(customers))[0]
    return np.bincount(codes, weights=np.asarray(values, dtype=float))


def linearised(gradient, *totals):
    """The error of a smooth function of sums: its gradient, and for each sum the part of every customer."""
    influence = np.column_stack(totals) @ np.asarray(gradient, dtype=float)
    return float(np.sqrt(len(influence)) * np.std(influence, ddof=1))


def around(value, error, customers):
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, customers - 1) * error
    return {"se": error, "low": Near(value - reach, STUDENT * reach), "high": Near(value + reach, STUDENT * reach)}


def order_statistics(values, probability, customers=None):
    """A quantile of Hyndman and Fan's type 7, and the interval between two order statistics.

    With `customers`, one for each value, the ranks reach as far as the clustered error of the share of values up to the quantile
    says (Woodruff 1952), instead of that of independent values.
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    error = np.sqrt(probability * (1 - probability) / n)
    if customers is not None:
        customers = np.asarray(customers)[np.argsort(values, kind="stable")]
    values = np.sort(values)
    if customers is not None and len(set(customers.tolist())) < n:
        below = values <= values[int(np.ceil(n * probability)) - 1]
        parts = pd.Series((below - below.mean()) / n).groupby(customers).sum()
        error = np.sqrt(len(parts)) * np.std(parts, ddof=1)
    reach = Z * n * error
    low, high = int(np.floor(n * probability - reach + 0.5)), int(np.ceil(n * probability + reach - 0.5)) + 1
    return {
        "value": float(np.quantile(values, probability)), "n": n, "se": None,
        "low": float(values[low - 1]) if low >= 1 else None, "high": float(values[high - 1]) if high <= n else None,
    }
