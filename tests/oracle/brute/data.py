"""Small projects: tables, who the customers are, how Python reads their rows. All of it is plain data, to be made smaller."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from brute.evaluate import evaluate
from brute.tree import Node
from brute.values import Instant, day_of, local_of
from periods import Calendar


@dataclass
class Field:
    """A declared column. `kind` is `text int float decimal bool date instant account organisation`."""
    name: str
    kind: str
    optional: bool = False
    # Of an instant: how its stored clock is to be read.
    zone: str | None = None

    def declared(self):
        kind = {"decimal": "decimal(12, 2)", "instant": f'instant in "{self.zone}"'}.get(self.kind, self.kind)
        return f"{self.name}: {kind}{', optional' if self.optional else ''}"


@dataclass
class Table:
    """A source. Rows are dictionaries; a stored instant is a naive wall clock."""
    name: str
    key: str
    fields: list
    time: str | None = None
    # An `Offset`: how long after it happened a row may still arrive.
    late: object = None
    rows: list = field(default_factory=list)

    def field(self, name):
        return next(field for field in self.fields if field.name == name)

    def names(self, *kinds):
        """The columns of some kinds, without the key."""
        return [field.name for field in self.fields if field.kind in kinds and field.name != self.key]


@dataclass
class World:
    """A project with its data."""
    zone: str
    week_starts: str
    fiscal_year_starts: str
    accounts: Table
    organisations: Table
    sources: list
    # Of the customer `account`: conditions on and columns of `accounts`.
    where: Node | None = None
    since: str | None = None
    until: str | None = None

    @property
    def calendar(self):
        return Calendar(self.week_starts, self.fiscal_year_starts)

    def source(self, name):
        return next(source for source in self.sources if source.name == name)

    def value(self, table, row, name):
        """A value of a row; an instant knows its local time."""
        field, stored = table.field(name), row[name]
        if stored is None or field.kind != "instant":
            return stored
        return moment(stored, field.zone, self.zone)

    def account_of(self, row):
        """The account that a row refers to, if there is one: a reference to a customer is many-to-one."""
        return self.by_key(self.accounts, row["account_id"])

    def by_key(self, table, key):
        return next((row for row in table.rows if key is not None and row[table.key] == key), None)

    def attribute(self, account, path):
        """What an account has: `region`, or `organisation.country` of the parent it climbs to."""
        if account is None:
            return None
        if not path.startswith("organisation."):
            return self.value(self.accounts, account, path)
        organisation = self.by_key(self.organisations, account["org_id"])
        return organisation and organisation[path.removeprefix("organisation.")]

    def is_customer(self, account):
        """"Rows for which `where` is not true are no customers": so are references to nobody, where there is a `where`."""
        if self.where is None:
            return True
        return account is not None and evaluate(self.where, Customer(self, account)) is True

    def day(self, source, row):
        """The local day of a row of a source; None without a time."""
        return day_of(self.value(source, row, source.time))

    def known(self, source, as_of):
        """The rows of a source that are read: "rows with time >= as-of are not read"; without a time there is none to read."""
        times = ((row, local_of(self.value(source, row, source.time))) for row in source.rows)
        return [row for row, time in times if time is not None and time < as_of]

    def watermark(self, source):
        """"The newest row's time + 1 second; for dates: the next midnight"."""
        times = [local_of(self.value(source, row, source.time)) for row in source.rows]
        newest = max((time for time in times if time is not None), default=None)
        if newest is None:
            return None
        is_date = source.field(source.time).kind == "date"
        return newest + (timedelta(days=1) if is_date else timedelta(seconds=1))


MOMENTS = {}


def moment(stored, zone, project):
    """Conversions are remembered: there are few wall clocks and many loops."""
    key = (stored, zone, project)
    if key not in MOMENTS:
        MOMENTS[key] = Instant.read(stored, zone, project)
    return MOMENTS[key]


class Row:
    """A row of a source, as expressions see it."""

    def __init__(self, world, source, row):
        self.world, self.source, self.row = world, source, row

    def column(self, path):
        if path == "account":
            return self.row["account_id"]
        if path.startswith("account."):
            return self.world.attribute(self.world.account_of(self.row), path.removeprefix("account."))
        return self.world.value(self.source, self.row, path)

    def moment(self):
        """What orders the rows of a source: its stored time, then its key."""
        stored = self.row[self.source.time]
        return None if stored is None else (stored, self.row[self.source.key])


class Customer:
    """An account, as expressions see it: its own columns by their names, or as a path from elsewhere; `each` beside them."""

    def __init__(self, world, account, given=None):
        self.world, self.account, self.given = world, account, given or {}

    def column(self, path):
        return self.world.attribute(self.account, path.removeprefix("account."))

    def each(self, word):
        return self.given[word]


def at_midnight(day):
    return datetime(day.year, day.month, day.day)
