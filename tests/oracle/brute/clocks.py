"""Clocks: which local days belong to a period, and whose period it is ("Metrics" in language.md)."""

from dataclasses import dataclass
from datetime import timedelta

from brute.tree import Node, written
from periods import add_months


@dataclass(frozen=True)
class Offset:
    """Whole months and days; months are added first, and the 31st becomes the last day of a shorter month."""
    months: int = 0
    days: int = 0
    text: str = ""

    def after(self, day, times=1):
        return add_months(day, self.months * times) + timedelta(days=self.days * times)

    def before(self, day):
        return self.after(day, -1)

    def plus(self, other):
        return Offset(self.months + other.months, self.days + other.days)


NOTHING = Offset()


def length(number, unit):
    """`28 days`, `1 month`."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit, 0) * number
    days = {"day": 1, "week": 7}.get(unit, 0) * number
    return Offset(months, days, f"{number} {unit}{'' if number == 1 else 's'}")


@dataclass(frozen=True)
class Anchor:
    """A moment from which a customer's days are counted: a column of the account, or its first row in a source."""
    column: str | None = None
    source: str | None = None
    time: str | None = None
    where: Node | None = None

    @property
    def text(self):
        if self.column:
            return f"account.{self.column}"
        filtered = f" where {written(self.where)}" if self.where else ""
        return f"first({self.source}.{self.time}{filtered})"


class Clock:
    """What all clocks have."""
    text = None
    anchor = None

    def closes(self, step):
        """How long after the end of a period the windows of its cohort close; None without a cohort."""
        return None


@dataclass(frozen=True)
class Event(Clock):
    """Time in [start(p), end(p))."""

    def days(self, calendar, start, end):
        return start, end


@dataclass(frozen=True)
class Trailing(Clock):
    """Time in [end(p) − length, end(p))."""
    length: Offset

    @property
    def text(self):
        return f"trailing {self.length.text}"

    def days(self, calendar, start, end):
        return self.length.before(end), end


@dataclass(frozen=True)
class ToDate(Clock):
    """From the start of the unit that holds the last moment of p, to end(p); without a unit, from the beginning of time."""
    unit: str | None = None

    @property
    def text(self):
        return f"{self.unit} to date" if self.unit else "all time"

    def days(self, calendar, start, end):
        return (calendar.start(self.unit, end - timedelta(days=1)) if self.unit else None), end


@dataclass(frozen=True)
class After(Clock):
    """Days in [anchor + first, anchor + last) of each customer whose anchor's local day is in p."""
    first: Offset
    last: Offset
    words: str
    anchor: Anchor

    @property
    def text(self):
        return f"{self.words} after {self.anchor.text}"

    def closes(self, step):
        return self.last

    def days_of(self, day, step):
        return self.first.after(day), self.last.after(day)


@dataclass(frozen=True)
class Curve(Clock):
    """Step k: days in [anchor + k·every, anchor + (k + 1)·every), k from 0."""
    every: Offset
    times: int
    words: str
    anchor: Anchor

    @property
    def text(self):
        return f"{self.words} after {self.anchor.text}, {self.times} times"

    def closes(self, step):
        return Offset(self.every.months * (step + 1), self.every.days * (step + 1))

    def days_of(self, day, step):
        return self.every.after(day, step), self.every.after(day, step + 1)


@dataclass(frozen=True)
class Snapshot(Clock):
    """The rows of p that stand for it: `last`, `first`, `average`, `last per account`, `first per account`."""
    sort: str

    def days(self, calendar, start, end):
        return start, end


def holds(days, day):
    """Whether a day lies in a half-open stretch of days."""
    first, end = days
    return day is not None and day < end and (first is None or first <= day)
