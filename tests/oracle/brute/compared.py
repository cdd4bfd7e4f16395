"""An engine's answer, beside what brute force says."""

from datetime import date

from brute.asked import Asked
from compare import equal, number

# What is compared of a cell, as it is called in an answer.
NUMBERS = ("value", "n", "matured")
INTERVAL = ("se", "low", "high")
# Quantiles of Student's t come from an expansion.
WIDE = 1e-6


class Differs(AssertionError):
    """The first cell that does not agree."""


def cells(rows, question):
    """The cells of an answer by metric, period, step, grouping and group."""
    found = {}
    for row in rows:
        group = tuple(plain(row[path]) for path in question.by)
        period = row["period"] if isinstance(row["period"], date) else date.fromisoformat(str(row["period"])[:10])
        key = (row["metric"], period, row.get("step") or "", row.get("grouping") or "", group)
        if key in found:
            raise Differs(f"{key} is answered twice")
        found[key] = row
    return found


def plain(value):
    """A group's value: an empty field of CSV is null, truth is spelled."""
    if value in ("", None):
        return None
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class Comparison:
    """A question with its expected cells, computed once for all engines."""

    def __init__(self, asked: Asked):
        self.asked, self.known = asked, {}
        self.must = set(asked.keys(asked.groups()))
        self.periods = set(asked.periods())
        self.values = [asked.possible(path) for path in asked.question.by]

    def expected(self, key):
        if key not in self.known:
            self.known[key] = self.asked.expected(key)
        return self.known[key]

    def check(self, rows):
        """Raises `Differs` for the first cell that is wrong, missing, or was not asked for; how many cells there are."""
        for difference in self.differences(rows):
            raise Differs(difference)
        return len(rows)

    def differences(self, rows):
        """Everything that does not agree, in words."""
        answered = cells(rows, self.asked.question)
        for key in sorted(self.must - answered.keys(), key=str):
            yield f"{shown(key)} is not answered"
        for key, row in answered.items():
            yield from self.of_place(key) or self.of_cell(key, row)

    def of_place(self, key):
        """Whether a cell may be answered at all."""
        metric, period, step, grouping, group = key
        if period not in self.periods and (self.asked.question.first or period > max(self.periods, default=period)):
            return [f"{shown(key)} was not asked for"]
        if any(value not in values for value, values in zip(group, self.values)):
            return [f"{shown(key)} is no group of the data"]
        if step not in self.asked.steps(metric) or grouping not in self.asked.groupings():
            return [f"{shown(key)} is no step or grouping of it"]
        return []

    def of_cell(self, key, row):
        """What a cell holds, and what it should."""
        wanted, found = self.expected(key), []
        for name in NUMBERS:
            value, right = number(row[name]), getattr(wanted, name)
            if not equal(value, None if right is None else float(right)):
                found.append(f"{name} of {shown(key)} is {value}, and should be {right}")
        for name in INTERVAL:
            value, right = number(row[name]), getattr(wanted, name)
            if not near(value, right, wanted):
                found.append(f"{name} of {shown(key)} is {value}, and should be {right}")
        if (row["status"] or None) != wanted.status:
            found.append(f"status of {shown(key)} is {row['status']}, and should be {wanted.status}")
        return found


def near(value, right, wanted):
    """Whether an end of an interval is where it should be, for the size of the interval and of what it is around."""
    if value is None or right is None:
        return value is None and right is None
    size = max(abs(right), abs(wanted.value), wanted.se or 0, WIDE)
    return abs(value - right) <= WIDE * size


def shown(key):
    metric, period, step, grouping, group = key
    parts = [str(metric), f"in {period}"] + ([f"step {step}"] if step else [])
    parts += ([f"grouping {grouping}"] if grouping else []) + ([f"of {group}"] if group else [])
    return " ".join(parts)
