"""Aggregates over things that can be asked for values: rows, or customers with their `each`. Nulls never count."""

import math

from brute.evaluate import evaluate
from brute.values import ordered


def kept(node, things):
    """Those that pass the aggregate's own `where`."""
    return [thing for thing in things if node.where is None or evaluate(node.where, thing) is True]


def present(node, things):
    values = (evaluate(node.argument, thing) for thing in things)
    return [value for value in values if value is not None]


def observations(node, things):
    """`n`: the rows behind a value, or those with a value of the argument."""
    things = kept(node, things)
    return len(things) if node.argument is None else len(present(node, things))


def compute(node, things):
    """The value of an aggregate over things."""
    things = kept(node, things)
    if node.function == "count" and node.argument is None:
        return len(things)
    if node.function in ("first", "last"):
        return in_time(node, things)
    values = present(node, things)
    if node.function == "percentile":
        return percentile(values, node.share / 100)
    return FUNCTIONS[node.function](values)


def in_time(node, things):
    """`first(x)` and `last(x)`: by the source's time, then its key; of the rows that have a value."""
    valued = [(thing.moment(), evaluate(node.argument, thing)) for thing in things]
    valued = [(moment, value) for moment, value in valued if value is not None and moment is not None]
    if not valued:
        return None
    chosen = min if node.function == "first" else max
    return chosen(valued, key=lambda pair: pair[0])[1]


def total(values):
    """Exact while all values are; 0 over nothing."""
    if any(isinstance(value, float) for value in values):
        return math.fsum(float(value) for value in values)
    return sum(values, 0)


def mean(values):
    return float(total(values)) / len(values) if values else None


def percentile(values, share):
    """Exact, Hyndman and Fan's type 7."""
    if not values:
        return None
    values = sorted(float(value) for value in values)
    place = share * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def deviation(values):
    """The sample's (n − 1); one value has none."""
    if len(values) < 2:
        return None
    values = [float(value) for value in values]
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def distinct(values):
    return len({ordered(value) for value in values})


def share(values):
    """Those for which the condition is true, over those for which it is not null."""
    return sum(value is True for value in values) / len(values) if values else None


FUNCTIONS = {
    "count": len,
    "count_distinct": distinct,
    "sum": total,
    "avg": mean,
    "min": lambda values: min(values, key=ordered, default=None),
    "max": lambda values: max(values, key=ordered, default=None),
    "median": lambda values: percentile(values, 0.5),
    "stddev": deviation,
    "share": share,
    "any": lambda values: any(value is True for value in values),
    "all": lambda values: all(value is True for value in values),
}

# What has a value also where there is no row: "an observed period without rows is a row with 0 for counts and sums".
COUNTING = ("count", "count_distinct", "sum", "avg", "share", "any", "all")
