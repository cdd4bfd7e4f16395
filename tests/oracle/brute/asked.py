"""Questions, and what must be answered to them ("Answers" in language.md)."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import combinations

from brute.cells import Cell, Reading
from brute.completeness import answer
from brute.data import Customer, at_midnight
from brute.metric import used
from brute.tree import Node, written
from brute.uncertainty import interval
from intervals import NONE


@dataclass(frozen=True)
class Question:
    metrics: tuple
    grain: str
    by: tuple = ()
    first: date | None = None
    last: date | None = None
    where: Node | None = None
    # A date or a local time; without one, the newest common watermark.
    as_of: date | datetime | None = None
    totals: bool = False
    intervals: bool = False

    def arguments(self):
        """The arguments of `groma query`."""
        made = [*self.metrics, "--grain", self.grain]
        made += [part for path in self.by for part in ("--by", path)]
        made += ["--totals"] * self.totals + ["--intervals"] * self.intervals
        where = written(self.where) if self.where else None
        options = {"--from": self.first, "--to": self.last, "--where": where, "--as-of": moment_text(self.as_of)}
        return made + [part for name, value in options.items() if value is not None for part in (name, str(value))]

    def with_(self, **changes):
        return replace(self, **changes)


def moment_text(moment):
    if isinstance(moment, datetime):
        return moment.isoformat(sep="T")
    return moment and str(moment)


@dataclass
class Asked:
    """A question to a project, and what brute force answers."""
    world: object
    definitions: list
    question: Question
    reading: Reading = field(init=False)

    def __post_init__(self):
        self.as_of = self.known_until()
        self.reading = Reading(self.world, self.definitions, self.question.grain, self.as_of or datetime.min)
        self.names = {definition.name: definition for definition in self.definitions}

    def known_until(self):
        """"Default: newest common watermark of the sources that are read by a clock", of those that have a row."""
        given = self.question.as_of
        if given is not None:
            return given if isinstance(given, datetime) else at_midnight(given)
        marks = [self.world.watermark(self.world.source(name)) for name in self.clocked()]
        return min((mark for mark in marks if mark is not None), default=None)

    def clocked(self):
        """The sources that are read by a clock: of rows and of anchors."""
        definitions = used(self.definitions, self.question.metrics)
        names = {definition.source for definition in definitions}
        anchors = {definition.clock.anchor.source for definition in definitions if definition.clock.anchor}
        return sorted((names | anchors) - {None})

    def periods(self):
        """The periods of a range that are answered: to the one "that holds as-of minus a moment (or --to, never past as-of)"."""
        if self.as_of is None:
            return []
        first = self.question.first or self.first_observed()
        last = (self.as_of - timedelta(microseconds=1)).date()
        last = min(last, self.question.last) if self.question.last else last
        return self.world.calendar.between(self.question.grain, first, last) if first else []

    def first_observed(self):
        """"From the first row/anchor (or --from)": the first day for which any of the metrics has anything to count."""
        days = []
        for definition in used(self.definitions, self.question.metrics):
            if definition.clock.anchor:
                days += self.reading.anchor_days(definition)
            elif definition.source:
                days += [row.day for row in self.reading.rows(definition.source)]
        return min((day for day in days if day is not None), default=None)

    # Cells. A key is metric, period, step, grouping, group.

    def groupings(self):
        """The groupings that are answered: with totals every set of them, down to none, named by what is kept."""
        by = self.question.by
        if not self.question.totals:
            return {"": by}
        return {"+".join(kept) or "total": kept for size in range(len(by) + 1) for kept in combinations(by, size)}

    def expected(self, key):
        """What a cell must hold."""
        metric, period, step, grouping, group = key
        kept = self.groupings()[grouping]
        pairs = tuple((path, value) for path, value in zip(self.question.by, group) if path in kept)
        filters = (self.question.where,) if self.question.where else ()
        definition = self.names[metric]
        cell = Cell(period, self.steps(metric)[step], pairs, filters)
        found = answer(self.reading, definition, cell)
        around = interval(self.reading, definition, cell, found.value) if self.question.intervals else NONE
        return replace(found, se=around.se, low=around.low, high=around.high)

    def steps(self, metric):
        """The steps of a metric's answers, by what stands in the column; nothing does for a metric without."""
        definition = self.names[metric]
        return {definition.step_name(one) or "": one for one in definition.answer_steps}

    def keys(self, groups):
        """The cells of all periods and some groups."""
        for name in self.question.metrics:
            definition = self.names[name]
            for period in self.periods():
                for step in definition.answer_steps:
                    for grouping, group in groups:
                        yield name, period, definition.step_name(step) or "", grouping, group

    def groups(self):
        """The groups that must be answered, with their groupings: those that anything is counted for in an answered period."""
        found = set()
        for grouping, kept in self.groupings().items():
            if not kept:
                found.add((grouping, tuple(None for _ in self.question.by)))
            else:
                found |= {(grouping, group) for group in self.groups_of(kept)}
        return found

    def groups_of(self, kept):
        by, found = self.question.by, set()
        filters = (self.question.where,) if self.question.where else ()
        for name in self.question.metrics:
            definition = self.names[name]
            # What a metric looks back at may add groups, and need not.
            for start in self.periods() if definition.source else ():
                for step in definition.answer_steps:
                    cell = Cell(start, step, (), filters)
                    things = {outer for outer, _ in self.reading.all_things(definition, start, step) if cell.admits(outer)}
                    for group in {tuple(thing.column(path) if path in kept else None for path in by) for thing in things}:
                        if group not in found and self.counts(definition, cell, kept, group):
                            found.add(group)
        return found

    def counts(self, definition, cell, kept, group):
        """Whether anything is counted for a group: rows without a value do not make one."""
        pairs = tuple((path, value) for path, value in zip(self.question.by, group) if path in kept)
        return bool(self.reading.observations(definition, replace(cell, group=pairs)))

    def possible(self, path):
        """Every value of a path that stands in the data: no other group may be answered."""
        things = [Customer(self.world, account) for account in self.world.accounts.rows]
        if not path.startswith("account."):
            things = []
        for source in self.world.sources:
            things += self.reading.rows(source.name)
        return {thing.column(path) for thing in things} | {None}
