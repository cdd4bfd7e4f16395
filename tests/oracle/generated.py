"""Random definitions over random data, by brute force and by Groma on three engines."""

import random
import tempfile
from datetime import timedelta
from pathlib import Path

import expressions
from command import Groma, Refused, question
from compare import cells, equal, rows_of
from definitions import Cell, OFFSETS, derived_metric, own_metric
from periods import GRAINS
from world import CHANNELS, DAYS, World

OWN, DERIVED, QUERIES = 10, 6, 4
# Metrics of one statement.
ASKED = 5


class Mismatch(AssertionError):
    pass


class Project:
    """A world with its metrics, on disk."""

    def __init__(self, seed, program, folder):
        self.seed = seed
        self.world = World(seed)
        self.random = random.Random(seed * 7919 + 1)
        self.grain = self.random.choice(GRAINS)
        self.metrics = [own_metric(self.random, self.world, f"own_{number}") for number in range(OWN)]
        self.metrics += [
            derived_metric(self.random, self.world, f"derived_{number}", self.metrics[:OWN], self.grain)
            for number in range(DERIVED)
        ]
        self.folder = folder / f"seed_{seed}"
        self.world.write(self.folder, "\n".join(metric.text for metric in self.metrics))
        self.groma = Groma(program, self.folder)

    def queries(self):
        for _ in range(QUERIES):
            yield Query(self)


class Query:
    """A question with everything that Python needs to answer it."""

    def __init__(self, project):
        self.project, self.world = project, project.world
        choose = project.random
        self.metrics = choose.sample(project.metrics, ASKED)
        # Some metrics of metrics fit only the grain that their offsets were drawn for.
        own = all(metric.kind != "derived" for metric in self.metrics)
        self.grain = choose.choice(GRAINS) if own else project.grain
        source = self.world.sources[0]
        paths = source.shared_paths + ["channel"]
        self.by = choose.sample(paths, choose.choice([0, 0, 1, 1, 2]))
        self.first, self.last = self.range(choose)
        self.where = expressions.condition(choose, source, self.world, shared_only=True) if choose.random() < 0.3 else None

    def range(self, choose):
        if self.grain == "day":
            first = choose.choice(DAYS)
            return first, first + timedelta(days=choose.choice([0, 3, 20]))
        if choose.random() < 0.4:
            return None, None
        first, last = sorted(choose.sample(DAYS, 2))
        return first, last

    def arguments(self):
        where = self.where.text if self.where else None
        asked = question([metric.name for metric in self.metrics], self.by, self.grain, self.first, self.last, where)
        return asked + ["--as-of", str(self.as_of())]

    def as_of(self):
        """The day after all that happened and all that is asked for: nothing is cut, and nothing is answered behind the rows."""
        known = self.days() + ([self.last] if self.last else [])
        return max(known, default=DAYS[0]) + timedelta(days=1)

    def days(self):
        """The local days of all rows that the metrics read."""
        return [
            self.world.local(source, row).date()
            for source in self.world.sources if any(source in metric.sources for metric in self.metrics)
            for row in source.rows
        ]

    def admits(self, source, row):
        return self.where is None or self.where.value(row) is True

    def group(self, source, row):
        return tuple(self.world.read(source, path, row) for path in self.by)

    def periods(self):
        """The periods that must be answered; without a range, those from the first row to the last."""
        calendar = self.world.calendar
        if self.first:
            return calendar.between(self.grain, self.first, self.last)
        days = self.days()
        return calendar.between(self.grain, min(days), max(days)) if days else []

    def expected(self, metric, start, group):
        """The value of a cell, and the numbers of observations behind the values that it is made of."""
        def admits(source, row):
            return self.admits(source, row) and self.group(source, row) == group

        cell = Cell(self.grain, start, admits, as_of=self.as_of())
        return metric.value(cell), cell.seen

    def check(self, engine, rows):
        """Every answered cell has the value of brute force, and no cell with rows is missing."""
        answered = cells(rows, self.by)
        periods = self.periods()
        names = {metric.name: metric for metric in self.metrics}
        by_text = {str(start): start for start in periods}
        for (name, period, group), (value, observations) in answered.items():
            if self.first and period not in by_text:
                raise self.mismatch(engine, f"{name}: {period} was not asked for")
            start = by_text.get(period)
            if start is None:
                continue
            wanted, seen = self.expected(names[name], start, group)
            if not equal(value, None if wanted is None else float(wanted)):
                raise self.mismatch(engine, f"{name} in {period} of {group} is {value}, and should be {wanted}")
            if names[name].kind != "derived" and [observations] != seen:
                raise self.mismatch(engine, f"{name} in {period} of {group} has n = {observations}, and should have {seen}")
        for metric in self.metrics:
            for start in periods:
                for group in self.groups():
                    if (metric.name, str(start), group) not in answered and self.must_be_answered(metric, start, group):
                        raise self.mismatch(engine, f"{metric.name} in {start} of {group} is not answered")
        return len(answered)

    def must_be_answered(self, metric, start, group):
        return not self.by or any(self.expected(metric, start, group)[1])

    def groups(self):
        found = {self.group(source, row) for source in self.world.sources for row in source.rows}
        return found or {()} if self.by else {()}

    def mismatch(self, engine, problem):
        texts = "\n".join(metric.text for metric in self.project.metrics)
        return Mismatch(
            f"seed {self.project.seed}, {engine}: {problem}\n  groma query {' '.join(self.arguments())}\n"
            f"  zone {self.world.zone}, weeks from {self.world.week_starts}, fiscal years from {self.world.fiscal_year_starts}"
            f"\n{self.world.declarations()}\n{texts}"
        )


def run(program, engines, seeds, keep_going=False):
    """Runs all seeds; what was compared, in numbers, and what did not agree."""
    counted = {"definitions": 0, "queries": 0, "cells": 0}
    problems = []
    with tempfile.TemporaryDirectory(prefix="groma-oracle-") as folder:
        for seed in seeds:
            project = Project(seed, program, Path(folder))
            counted["definitions"] += len(project.metrics)
            for query in project.queries():
                try:
                    counted["cells"] += compare(project, query, engines)
                    counted["queries"] += 1
                except (Mismatch, Refused, AssertionError) as problem:
                    problems.append(f"seed {seed}: {problem}")
                    if not keep_going and len(problems) >= 3:
                        return counted, problems
    return counted, problems


def compare(project, query, engines):
    compared = query.check("datafusion", project.groma.answer(query.arguments()))
    for name, engine in engines.items():
        statement = project.groma.statement(query.arguments(), name)
        [answer] = engine.run({"tables": project.world.tables(), "statements": [statement]})
        try:
            rows = rows_of(answer)
        except AssertionError as error:
            raise query.mismatch(name, f"{error}\n{statement}") from None
        compared += query.check(name, rows)
    return compared
