"""The value of a metric in a cell: a period, a step, a group."""

from dataclasses import dataclass, replace

from brute import aggregates, population, snapshots
from brute.clocks import Snapshot, holds
from brute.data import Customer, Row
from brute.evaluate import evaluate
from brute.exceptions import leaves, not_in_cohort
from brute.tree import Aggregate, Binary, Metric, Scoped, parts


@dataclass(frozen=True)
class Cell:
    start: object
    step: int | None = None
    # Pairs of a path and its value; "the group without a value is a group like any other".
    group: tuple = ()
    # Conditions of the question and of `where` around metrics.
    filters: tuple = ()
    # Seen from a later period, through `offset`.
    earlier: bool = False

    def admits(self, thing):
        """Whether a row or a customer is in the group and passes."""
        return (all(thing.column(path) == value for path, value in self.group)
                and all(evaluate(condition, thing) is True for condition in self.filters))


class Reading:
    """A project as a question sees it: at a grain, up to an as-of."""

    def __init__(self, world, definitions, grain, as_of):
        self.world, self.grain, self.as_of = world, grain, as_of
        self.definitions = {definition.name: definition for definition in definitions}
        self.calendar = world.calendar
        self.remembered = {}

    def end(self, start):
        """"end(p) is the start of the next period"."""
        return self.calendar.next(self.grain, start)

    def remember(self, key, compute):
        if key not in self.remembered:
            self.remembered[key] = compute()
        return self.remembered[key]

    def rows(self, name):
        """The rows of a source that are read, each with its local day."""
        return self.remember(("rows", name), lambda: self.read(self.world.source(name)))

    def read(self, source):
        rows = [Row(self.world, source, row) for row in self.world.known(source, self.as_of)]
        for row in rows:
            row.day = self.world.day(source, row.row)
        return rows

    def rows_of(self, name, account):
        """An account's rows: "rows without a (known) customer count nowhere"."""
        key = account["account_id"]
        return self.remember(("of", name, key), lambda: [row for row in self.rows(name) if row.row["account_id"] == key])

    def counted(self, definition):
        return self.remember(("counted", definition.name), lambda: population.counted(self.world, definition))

    def anchor_day(self, definition, account):
        key = ("anchor", definition.name, account["account_id"])
        return self.remember(key, lambda: population.anchor_day(self, definition, account))

    def anchor_days(self, definition):
        """The anchors of all that are counted in some cohort."""
        days = [(account, self.anchor_day(definition, account)) for account in self.counted(definition)]
        return [day for account, day in days if not not_in_cohort(self.world, definition, account, day)]

    # Things that aggregates run over.

    def things(self, definition, cell):
        """The rows or the customers that a metric's measure runs over, in a cell."""
        key = (definition.name, cell.start, cell.step)
        everything = self.remember(("things", *key), lambda: self.all_things(definition, cell.start, cell.step))
        return [inner for outer, inner in everything if cell.admits(outer)]

    def all_things(self, definition, start, step):
        """Pairs: what groups and conditions are asked of (with a population: customers), and what is counted."""
        if not definition.has_population:
            return [(row, row) for row in self.rows_of_period(definition, start)]
        if definition.steps:
            return [(one, one) for one in population.funnel(self, definition, start, step)]
        members = population.members(self, definition, start, step)
        if definition.each is None:
            return [(Customer(self.world, member.account), row) for member in members for row in member.rows]
        customers = [self.customer(definition, member) for member in members]
        return [(customer, customer) for customer in customers]

    def customer(self, definition, member):
        """A customer with the value of `each`."""
        value = evaluate(definition.each, population.OneCustomer(self.world, member.account, member.rows))
        return Customer(self.world, member.account, {"each": value})

    def rows_in(self, definition, start):
        days = definition.clock.days(self.calendar, start, self.end(start))
        return [row for row in self.rows(definition.source) if holds(days, row.day)]

    def standing(self, definition, start):
        """The rows of the source that a clock takes for a period, whether or not they pass."""
        rows = self.rows_in(definition, start)
        if isinstance(definition.clock, Snapshot):
            rows = snapshots.standing(definition.clock.sort, rows)
        return rows

    def rows_of_period(self, definition, start):
        """The rows of a metric without a population: of its clock, of those who are customers, that pass `where`."""
        return [row for row in self.standing(definition, start) if self.world.is_customer(self.world.account_of(row.row))
                and (definition.where is None or evaluate(definition.where, row) is True) and not leaves(definition, row)]

    # Values.

    def value(self, definition, cell):
        """The value of a metric's measure, before `minimum` and `fill`."""
        return evaluate(definition.measured, Measuring(self, definition, cell))

    def observations(self, definition, cell):
        """`n`: the smallest number of observations behind the value; "for a ratio the denominator's"."""
        counts = behind(definition.measured, Measuring(self, definition, cell))
        return min(counts) if counts else None

    def observed(self, definition, start):
        """Whether a period seen through an `offset` lies where there is anything to see; what is not observed is not 0."""
        if definition.clock.anchor:
            days = self.anchor_days(definition)
        else:
            days = [row.day for row in self.rows(definition.source)]
        days = [day for day in days if day is not None]
        return bool(days) and self.calendar.start(self.grain, min(days)) <= start


class Measuring:
    """What a measure sees in a cell."""

    def __init__(self, reading, definition, cell):
        self.reading, self.definition, self.cell = reading, definition, cell

    def aggregate(self, node):
        reading, definition, cell = self.reading, self.definition, self.cell
        if self.unobserved and node.function in aggregates.COUNTING:
            return None
        value = aggregates.compute(node, reading.things(definition, cell))
        if isinstance(definition.clock, Snapshot) and definition.clock.sort == "average":
            # "Value over all rows / number of distinct times in p".
            times = snapshots.times(reading.rows_in(definition, cell.start))
            return float(value) / times if times else None
        return value

    @property
    def unobserved(self):
        return self.cell.earlier and not self.reading.observed(self.definition, self.cell.start)

    def observations(self, node):
        if self.unobserved:
            return 0
        return aggregates.observations(node, self.reading.things(self.definition, self.cell))

    def metric(self, name):
        """Another metric with its own source, clock and filter, in the same cell; what it says of a null is kept."""
        from brute.completeness import filled
        definition = self.reading.definitions[name]
        return filled(self.reading, definition, self.cell)

    def scoped(self, node):
        """"Every aggregate and metric inside sees only the rows that also pass, `offset` earlier"."""
        cell = self.cell
        if node.where is not None:
            cell = replace(cell, filters=cell.filters + (node.where,))
        if node.offset is not None:
            cell = replace(cell, start=node.offset.before(cell.start), earlier=True)
        return Measuring(self.reading, self.definition, cell)

    def of(self, name):
        return Measuring(self.reading, self.reading.definitions[name], self.cell)


def behind(node, scope):
    """The numbers of observations behind a value: of a ratio those of the denominator, if it has any."""
    match node:
        case Aggregate():
            return [scope.observations(node)]
        case Metric(name=name):
            inner = scope.of(name)
            return behind(inner.definition.measured, inner)
        case Scoped(inner=inner):
            return behind(inner, scope.scoped(node))
        case Binary(operator="/", right=right) if reads(right):
            return behind(right, scope)
    return [count for child in node.children() for count in behind(child, scope)]


def reads(node):
    """Whether an expression reads anything."""
    return any(isinstance(part, (Aggregate, Metric)) for part in parts(node))
