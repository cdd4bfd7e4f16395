"""Completeness: what can be known at the as-of ("Completeness" in language.md): statuses, `matured`, `minimum`, `fill`."""

from dataclasses import dataclass
from datetime import timedelta

from brute import population
from brute.cells import Cell, Measuring
from brute.clocks import NOTHING
from brute.data import Customer, at_midnight
from brute.tree import Metric, Scoped
from brute.values import day_of, number


@dataclass(frozen=True)
class Answer:
    value: float | None
    n: int | None
    matured: float | None
    status: str
    # Of the interval around the value, where it was asked for.
    se: float | None = None
    low: float | None = None
    high: float | None = None


def answer(reading, definition, cell):
    """"Status, first that holds"."""
    n = reading.observations(definition, cell)
    matured = share_matured(reading, definition, cell)
    inputs = inputs_of(reading, definition, cell)
    if any(reading.as_of < closing(reading, *one) for one in inputs):
        return Answer(None, n, matured, "immature")
    if too_few(definition, n):
        return Answer(None, n, matured, "insufficient")
    value = number(filled(reading, definition, cell))
    if value is None:
        return Answer(None, n, matured, "undefined")
    settled = all(reading.as_of >= settling(reading, *one) for one in inputs)
    return Answer(value, n, matured, "settled" if settled else "provisional")


def too_few(definition, n):
    """"`minimum: 30`: fewer observations: no value, a reason"."""
    return definition.minimum is not None and (n is None or n < definition.minimum)


def inputs_of(reading, definition, cell):
    """What a value is made of: the metrics with rows of their own, each in the cell that it is read in."""
    if definition.source:
        return [(definition, cell)]
    return walk(definition.measured, Measuring(reading, definition, cell))


def walk(node, scope):
    if isinstance(node, Metric):
        inner = scope.of(node.name)
        return inputs_of(inner.reading, inner.definition, inner.cell)
    if isinstance(node, Scoped):
        return walk(node.inner, scope.scoped(node))
    return [one for child in node.children() for one in walk(child, scope)]


def closing(reading, definition, cell):
    """When the windows of a period's customers have closed: "end(p) + end of the window"."""
    closes = definition.closes(cell.step)
    if closes is None:
        return at_midnight(cell.start) - timedelta(days=1)
    return at_midnight(closes.after(reading.end(cell.start)))


def settling(reading, definition, cell):
    """When nothing more is to come: "end(p) + maturity", where a row may arrive `late`."""
    closes = definition.closes(cell.step) or NOTHING
    return max(at_midnight(closes.plus(late).after(reading.end(cell.start))) for late in lateness(reading, definition))


def lateness(reading, definition):
    """The `late` of every source that a metric reads by a clock, its anchor's too."""
    names = {definition.source} | ({definition.clock.anchor.source} if definition.clock.anchor else set())
    return [reading.world.source(name).late or NOTHING for name in names if name]


def share_matured(reading, definition, cell):
    """"Share of the cohort with anchor day + end of window <= as-of; null for metrics without"; of several inputs the
    smallest."""
    found = [one_matured(reading, *one) for one in inputs_of(reading, definition, cell)]
    return min((share for share in found if share is not None), default=None)


def one_matured(reading, definition, cell):
    if not definition.clock.anchor:
        return None
    closes = definition.closes(cell.step)
    members = population.cohort(reading, definition, cell.start, cell.step)
    done = [at_midnight(closes.after(member.day)) <= reading.as_of for member in members
            if cell.admits(Customer(reading.world, member.account))]
    return sum(done) / len(done) if done else None


def filled(reading, definition, cell):
    """The value of a metric after `minimum` and `fill`: "what stands where there is no value because nothing was counted"."""
    n = reading.observations(definition, cell)
    if too_few(definition, n):
        return None
    value = reading.value(definition, cell)
    if value is not None or definition.fill is None or n:
        return value
    return 0 if definition.fill == "0" else previous(reading, definition, cell)


def previous(reading, definition, cell):
    """"The value of the nearest earlier period that has one", also before the range that is asked for."""
    start, beginning = cell.start, first_day(reading)
    while beginning and start > beginning:
        start = reading.calendar.start(reading.grain, start - timedelta(days=1))
        earlier = Cell(start, cell.step, cell.group, cell.filters, True)
        if not too_few(definition, reading.observations(definition, earlier)):
            value = reading.value(definition, earlier)
            if value is not None:
                return value
    return None


def first_day(reading):
    """The first day of anything: no period before it has a value."""
    world = reading.world
    days = [row.day for source in world.sources for row in reading.rows(source.name)]
    for name in world.accounts.names("date", "instant"):
        days += [day_of(world.value(world.accounts, account, name)) for account in world.accounts.rows]
    return min((day for day in days if day is not None), default=None)
