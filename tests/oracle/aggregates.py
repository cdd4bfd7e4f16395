"""Every aggregate of the language over a list of rows, by hand or with numpy; no SQL."""

from decimal import Decimal

import numpy as np


def numeric(value):
    return float(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else value


def present(rows, argument):
    values = (argument.value(row) for row in rows)
    return [value for value in values if value is not None]


def count(rows, argument, source):
    return len(rows) if argument is None else len(present(rows, argument))


def count_distinct(rows, argument, source):
    return len(set(present(rows, argument)))


def sum_(rows, argument, source):
    """Exact while all values are; 0 over nothing."""
    values = present(rows, argument)
    if any(isinstance(value, float) for value in values):
        return float(np.sum([float(value) for value in values]))
    return sum(values, 0)


def avg(rows, argument, source):
    values = present(rows, argument)
    return numeric(sum_(rows, argument, source)) / len(values) if values else None


def least(rows, argument, source):
    return min(present(rows, argument), default=None)


def greatest(rows, argument, source):
    return max(present(rows, argument), default=None)


def percentile(share):
    """Hyndman and Fan's type 7 is what numpy does by default."""
    def compute(rows, argument, source):
        values = [float(value) for value in present(rows, argument)]
        return float(np.percentile(values, share, method="linear")) if values else None
    return compute


def stddev(rows, argument, source):
    values = [float(value) for value in present(rows, argument)]
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def share(rows, argument, source):
    values = present(rows, argument)
    return sum(value is True for value in values) / len(values) if values else None


def any_(rows, argument, source):
    return float(any(value is True for value in present(rows, argument)))


def all_(rows, argument, source):
    return float(all(value is True for value in present(rows, argument)))


def in_time(rows, argument, source):
    """The rows that have a value, by their stored time and then their key."""
    valued = [row for row in rows if argument.value(row) is not None and row[source.time] is not None]
    return sorted(valued, key=lambda row: (row[source.time], row[source.key]))


def first(rows, argument, source):
    ordered = in_time(rows, argument, source)
    return argument.value(ordered[0]) if ordered else None


def last(rows, argument, source):
    ordered = in_time(rows, argument, source)
    return argument.value(ordered[-1]) if ordered else None


# How an aggregate is written: what it takes, and its evaluation.
OF_NUMBERS = {
    "sum({})": sum_,
    "avg({})": avg,
    "min({})": least,
    "max({})": greatest,
    "median({})": percentile(50),
    "percentile({}, 90%)": percentile(90),
    "percentile({}, 25%)": percentile(25),
    "stddev({})": stddev,
    "first({})": first,
    "last({})": last,
    "count({})": count,
    "count(distinct {})": count_distinct,
}
OF_CONDITIONS = {
    "share({})": share,
    "case when any({}) then 1 else 0 end": any_,
    "case when all({}) then 1 else 0 end": all_,
}
OF_TEXTS = {"count({})": count, "count(distinct {})": count_distinct}

# What has a value also where there is no row, and therefore must know whether anything was observed.
COUNTING = (count, count_distinct, sum_, avg, share, any_, all_)
