"""Random metrics over a world: their text in Groma, and their value for a cell by brute force.

A metric is evaluated by looking at every row of its source, once for every cell: slow, plain, and nothing like the SQL it
checks.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Callable

import aggregates
import expressions
from expressions import Expression
from periods import add_months


@dataclass(frozen=True)
class Cell:
    """A period and a group, and what a query or an outer metric asks of rows beside."""
    grain: str
    start: object
    # For a row of a source: whether it belongs.
    admits: Callable
    # The cell of an earlier period, seen from a later one.
    earlier: bool = False
    # The day from which on nothing is known.
    as_of: object = None
    # How many observations stand behind the values that the cell's value is made of.
    seen: list = field(default_factory=list)


@dataclass
class Metric:
    name: str
    text: str
    # The sources it reads.
    sources: list
    # The value for a cell.
    value: Callable
    # Metrics of one kind can be subtracted.
    kind: str


class Clock:
    """Which local days belong to a period."""

    def __init__(self, random, calendar):
        self.calendar = calendar
        self.text, self.start = random.choice([
            (None, None), (None, None), (None, None),
            ("trailing 28 days", lambda end: end - timedelta(days=28)),
            ("trailing 2 months", lambda end: add_months(end, -2)),
            ("trailing 1 quarter", lambda end: add_months(end, -3)),
            ("week to date", lambda end: calendar.start("week", end - timedelta(days=1))),
            ("month to date", lambda end: calendar.start("month", end - timedelta(days=1))),
            ("quarter to date", lambda end: calendar.start("quarter", end - timedelta(days=1))),
            ("year to date", lambda end: calendar.start("year", end - timedelta(days=1))),
            ("all time", lambda end: None),
        ])

    def holds(self, day, cell):
        end = self.calendar.next(cell.grain, cell.start)
        if self.text is None:
            return cell.start <= day < end
        first = self.start(end)
        return day < end and (first is None or first <= day)


def own_metric(random, world, name):
    """A metric with an aggregate over a source."""
    source = random.choice(world.sources)
    clock = Clock(random, world.calendar)
    call, compute, kind, counts = aggregate(random, world, source)
    where = expressions.condition(random, source, world) if random.random() < 0.3 else None

    def value(cell):
        if cell.earlier and counts and not world.observed(source, cell):
            return None
        rows = [
            row for row in source.rows
            if clock.holds(world.local(source, row).date(), cell) and world.counts(row) and cell.admits(source, row)
            and (where is None or where.value(row) is True)
        ]
        value, observations = compute(rows)
        cell.seen.append(observations)
        return value

    lines = [f"from: {source.name}"]
    lines += [f"window: {clock.text}"] if clock.text else []
    lines += [f"where: {where.text}"] if where else []
    return Metric(name, written(name, lines + [f"measure: {call}"]), [source], value, kind)


def aggregate(random, world, source):
    """The text of a call, its value over rows, what may be subtracted from it, and whether it counts."""
    inner = expressions.condition(random, source, world) if random.random() < 0.35 else None
    shape = random.choice(["rows", "numbers", "numbers", "numbers", "conditions", "texts", "customers"])
    argument = None
    if shape == "rows":
        form, function = "count({})", aggregates.count
    elif shape == "customers":
        form, function = "count(distinct {})", aggregates.count_distinct
        argument = Expression("account_id", lambda row: row["account_id"])
    elif shape == "conditions":
        form, function = random.choice(list(aggregates.OF_CONDITIONS.items()))
        argument = expressions.condition(random, source, world)
    elif shape == "texts":
        form, function = random.choice(list(aggregates.OF_TEXTS.items()))
        path = random.choice(source.paths)
        argument = Expression(path, lambda row: world.read(source, path, row))
    else:
        form, function = random.choice(list(aggregates.OF_NUMBERS.items()))
        argument = expressions.number(random, source)
        while "distinct" in form and argument.text.startswith(("-", "case")):
            # `distinct` is no reserved word: what follows it must not look like an operator.
            argument = expressions.number(random, source)
    text = argument.text if argument else ""

    def compute(rows):
        kept = [row for row in rows if inner is None or inner.value(row) is True]
        observations = len(kept) if argument is None else len(aggregates.present(kept, argument))
        return function(kept, argument, source), observations

    kind = "count" if form.startswith("count") else "condition" if shape == "conditions" else "number"
    # The condition comes last within the call: `percentile(x, 90% where …)`.
    call, parenthesis, rest = form.format(text).rpartition(")")
    filtered = f" where {inner.text}" if inner else ""
    call = (call + filtered + parenthesis + rest).replace("( where", "(where")
    return call, compute, kind, function in aggregates.COUNTING


def written(name, lines):
    return "\n".join([f"metric {name} {{"] + [f"  {line}" for line in lines] + ["}", ""])


def number(value):
    return float(value) if value is not None else None


def derived_metric(random, world, name, metrics, grain):
    """A metric of metrics."""
    plain = [metric for metric in metrics if metric.kind != "condition"]
    first, second = random.choice(plain), random.choice(plain)
    alike = random.choice([metric for metric in plain if metric.kind == first.kind])
    shared = expressions.condition(random, first.sources[0], world, shared_only=True)
    offset, moved = random.choice(OFFSETS[grain])

    def earlier(cell):
        return Cell(cell.grain, moved(cell.start), cell.admits, True, cell.as_of, cell.seen)

    def scoped(cell):
        def admits(source, row):
            # The condition reads customers only, so that it can be asked of a row of any source.
            return cell.admits(source, row) and shared.value(row) is True
        return Cell(cell.grain, cell.start, admits, cell.earlier, cell.as_of, cell.seen)

    shapes = [
        (f"{first.name} / {second.name}", [first, second], lambda cell: ratio(first.value(cell), second.value(cell))),
        (f"{first.name} / {second.name}", [first, second], lambda cell: ratio(first.value(cell), second.value(cell))),
        (f"{first.name} - {alike.name}", [first, alike], lambda cell: difference(first.value(cell), alike.value(cell))),
        (f"{first.name} - {first.name} offset {offset}", [first],
         lambda cell: difference(first.value(cell), first.value(earlier(cell)))),
        (f"{first.name} offset {offset}", [first], lambda cell: number(first.value(earlier(cell)))),
        (f"{first.name} / {second.name} offset {offset}", [first, second],
         lambda cell: ratio(first.value(cell), second.value(earlier(cell)))),
        (f"{first.name} where {shared.text}", [first], lambda cell: number(first.value(scoped(cell)))),
        (f"({first.name} where {shared.text}) / {second.name}", [first, second],
         lambda cell: ratio(first.value(scoped(cell)), second.value(cell))),
        (f"coalesce({first.name} / {second.name}, 0)", [first, second],
         lambda cell: ratio(first.value(cell), second.value(cell)) or 0.0),
        (f"case when {first.name} > 2 then {alike.name} else {first.name} end", [first, alike],
         lambda cell: number(alike.value(cell) if (first.value(cell) or 0) > 2 else first.value(cell))),
        (f"abs({first.name} - {alike.name})", [first, alike],
         lambda cell: expressions.lifted(abs)(difference(first.value(cell), alike.value(cell)))),
        (f"2 * {first.name}", [first], lambda cell: expressions.lifted(lambda a: 2 * float(a))(first.value(cell))),
    ]
    text, inputs, value = random.choice(shapes)
    sources = [source for source in world.sources if any(source in metric.sources for metric in inputs)]
    return Metric(name, written(name, [f"measure: {text}"]), sources, value, "derived")


def ratio(above, below):
    if above is None or below is None:
        return None
    return expressions.divided(above, below)


def difference(left, right):
    return None if left is None or right is None else float(left) - float(right)


def days(count):
    return lambda start: start - timedelta(days=count)


def months(count):
    return lambda start: add_months(start, -count)


# What fits a grain: how it is written, and where the period so much earlier starts.
OFFSETS = {
    "day": [("1 day", days(1)), ("7 days", days(7)), ("1 month", months(1)), ("1 year", months(12))],
    "week": [("1 week", days(7)), ("4 weeks", days(28)), ("14 days", days(14))],
    "month": [("1 month", months(1)), ("1 quarter", months(3)), ("1 year", months(12))],
    "quarter": [("1 quarter", months(3)), ("3 months", months(3)), ("1 year", months(12))],
    "year": [("1 year", months(12)), ("12 months", months(12))],
    "fiscal_quarter": [("1 quarter", months(3)), ("1 year", months(12))],
    "fiscal_year": [("1 year", months(12))],
}
