"""Intervals, from the totals of clusters: the formulas of docs/explanation/uncertainty.md, written once more.

Nothing here knows definitions or rows; `brute/uncertainty.py` finds the totals. A null is None.
"""

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Interval:
    se: float | None = None
    low: float | None = None
    high: float | None = None

    def times(self, factor):
        """That of a constant times the value."""
        scaled = [None if one is None else factor * one for one in (self.low, self.high)]
        low, high = scaled if factor >= 0 else scaled[::-1]
        return Interval(None if self.se is None else abs(factor) * self.se, low, high)


NONE = Interval()


def normal(confidence):
    """The quantile of the normal distribution at (1 + c) / 2."""
    return float(stats.norm.ppf((1 + confidence) / 2))


def spread(parts):
    """The error of a sum of the parts of clusters: sqrt(C / (C - 1) · Σ (z - mean z)²); none of fewer than two."""
    count = len(parts)
    if count < 2:
        return None
    middle = math.fsum(parts) / count
    squares = math.fsum((part - middle) ** 2 for part in parts)
    # What is nothing but the rounding of equal parts is no spread.
    largest = max(abs(part) for part in parts)
    return math.sqrt(count / (count - 1) * squares) if squares > (1e-12 * largest) ** 2 else 0.0


def linearised(value, parts, confidence):
    """A smooth function of sums, whose clusters move it by these parts: Student's t with C - 1 degrees of freedom."""
    se = spread(parts)
    if se is None:
        return NONE
    margin = float(stats.t.ppf((1 + confidence) / 2, len(parts) - 1)) * se
    return Interval(se, value - margin, value + margin)


def independent(variance, count, parts):
    """The error of a share or a net score of `count` rows, and the number of independent rows that would give it."""
    clusters = len(parts)
    if clusters == count:
        return math.sqrt(variance / count), count
    se = spread(parts)
    if se is None:
        return None, None
    effective = clusters if se == 0 or variance <= 0 else min(variance / se**2, count)
    return se, effective


def wilson(hits, count, parts, confidence):
    """A share; `parts` are what each cluster moves it by."""
    if not count:
        return NONE
    share, z = hits / count, normal(confidence)
    se, m = independent(share * (1 - share), count, parts)
    if se is None:
        return NONE
    middle, margin = share + z**2 / (2 * m), z * math.sqrt(share * (1 - share) / m + z**2 / (4 * m**2))
    return Interval(se, (middle - margin) / (1 + z**2 / m), (middle + margin) / (1 + z**2 / m))


def net(above, below, count, parts, confidence):
    """The difference of two shares of the same rows that cannot both hold: adjusted Wald."""
    if not count:
        return NONE
    p, d, z = above / count, below / count, normal(confidence)
    se, m = independent(p + d - (p - d) ** 2, count, parts)
    if se is None:
        return NONE
    p, d = (p * m + 0.75) / (m + 3), (d * m + 0.75) / (m + 3)
    margin = z * math.sqrt((p + d - (p - d) ** 2) / (m + 3))
    return Interval(se, p - d - margin, p - d + margin)


def ordered(values, share, confidence):
    """A percentile: two of the ordered values. `values` are pairs of a cluster and a value."""
    count, clusters = len(values), {cluster for cluster, _ in values}
    if not count or (len(clusters) < 2 and count > 1):
        return NONE
    sorted_values = sorted(value for _, value in values)
    error = math.sqrt(share * (1 - share) / count)
    if len(clusters) != count:
        error = error_of_share(values, sorted_values[max(math.ceil(share * count - 1e-9), 1) - 1])
    reach = normal(confidence) * count * error
    low, high = math.floor(count * share - reach + 0.5), math.ceil(count * share + reach - 0.5) + 1
    return Interval(None, sorted_values[low - 1] if low >= 1 else None, sorted_values[high - 1] if high <= count else None)


def error_of_share(values, bound):
    """The clustered error of the share of values up to one."""
    count = len(values)
    share = sum(value <= bound for _, value in values) / count
    parts = {}
    for cluster, value in values:
        parts[cluster] = parts.get(cluster, 0.0) + ((value <= bound) - share) / count
    return spread(list(parts.values()))
