"""What an answer is compared with, and how closely."""

import math

TOLERANCE = 1e-9
SMALLEST = 1e-12


def number(value):
    """A value of an answer as a number: texts of CSV, booleans and exact decimals too. None is null."""
    if isinstance(value, list):
        value = value[0]
    if value is None or value == "":
        return None
    if value in ("true", "false"):
        return float(value == "true")
    return float(value)


def equal(left, right):
    if left is None or right is None:
        return left is None and right is None
    if math.isnan(left) or math.isnan(right):
        return False
    return abs(left - right) <= max(TOLERANCE * max(abs(left), abs(right)), SMALLEST)


def rows_of(answer):
    """An answer of `serve.py` as dictionaries."""
    if "error" in answer:
        raise AssertionError(answer["error"])
    return [dict(zip(answer["columns"], row)) for row in answer["rows"]]


def cells(rows, by):
    """The values of an answer and their numbers of observations, by metric, period and group."""
    found = {}
    for row in rows:
        group = tuple(row[path] if row[path] != "" else None for path in by)
        key = (row["metric"], str(row["period"]), group)
        if key in found:
            raise AssertionError(f"{key} is answered twice")
        found[key] = (number(row["value"]), number(row["n"]))
    return found
