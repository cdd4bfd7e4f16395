"""Random projects, each asked a few questions on every engine; what does not agree is shrunk to a Markdown case."""

import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context, util
from pathlib import Path

from brute import case, project
from brute.asked import Asked, Question
from brute.cells import Cell, Reading
from brute.completeness import first_day
from brute.compared import Comparison, Differs
from brute.draw_metric import Metrics
from brute.draw_world import Draw
from brute.shrink import Example, shrink
from brute.uncertainty import has_interval
from command import Groma, Refused
from compare import rows_of
from periods import GRAINS

# Definitions of one project, by what they are; with 32 projects there are more than 2,000.
KINDS = {"plain": 12, "net": 2, "cohort": 9, "per_customer": 20, "funnel": 3, "snapshot": 8, "derived": 14}
PER_PROJECT = sum(KINDS.values())
# The most cells that brute force should have to look at for one question.
MOST_CELLS = 1500
# Of long periods there are few, and they take long to close.
GRAINS_DRAWN = [*GRAINS, "day", "week", "week", "month", "month", "quarter"]
PATHS = ["account.region", "account.plan", "account.organisation.country"]
# How long one counterexample may be made smaller, in seconds.
SHRINKING = 90


class Project:
    """A world, its metrics, and what is asked; all of it from one seed."""

    def __init__(self, seed):
        self.seed, self.random = seed, random.Random(f"brute {seed}")
        self.drawn = Draw(self.random)
        self.world = self.drawn.world()
        self.grain = self.random.choice(GRAINS_DRAWN)
        self.definitions = []
        self.metrics = Metrics(self.random, self.world, self.drawn.days, self.grain)
        for kind, count in KINDS.items():
            for number in range(count):
                self.definitions.append(self.definition(kind, f"{kind}_{number}"))

    def definition(self, kind, name):
        """A definition that says something about the data, where one can be found; nothing may be right by chance."""
        own = (self.definitions,) if kind == "derived" else ()
        for _ in range(4):
            drawn = self.metrics.excepted(getattr(self.metrics, kind)(name, *own))
            if self.random.random() < 0.1 or says_something(self.world, [*self.definitions, drawn], drawn):
                break
        return drawn

    def questions(self):
        """Every definition is asked for in a question of many, and some alone."""
        names = [definition.name for definition in self.definitions]
        own = [name for name in names if not name.startswith("derived")]
        rows = sorted(self.of_rows())
        counting = [definition for definition in self.definitions if definition.has_population]
        cohorts = [definition.name for definition in counting if definition.clock.anchor]
        yield self.best(tuple(rows), self.grain)
        yield self.best(tuple(cohorts), self.grain)
        yield self.best(tuple(name for name in own if name not in rows and name not in cohorts), self.grain)
        yield self.best(tuple(name for name in names if name not in own), self.grain)
        yield self.best(tuple(self.random.sample(own, 4)), self.random.choice(GRAINS_DRAWN))
        yield self.question((self.random.choice(names),), self.grain)
        yield self.question((self.random.choice(own),), self.random.choice(GRAINS_DRAWN))
        yield self.question(tuple(self.random.sample(rows, 2)), self.random.choice(GRAINS_DRAWN))
        sure = self.with_intervals()
        yield self.best(tuple(self.random.sample(sure, min(len(sure), 12))), self.grain).with_(intervals=True)

    def best(self, metrics, grain):
        """Of a few questions that one of which most metrics answer more than nothing."""
        drawn = [self.question(metrics, grain) for _ in range(4)]
        return max(drawn, key=lambda question: telling(self.world, self.definitions, question))

    def of_rows(self):
        """The metrics that count rows."""
        return {one.name for one in self.definitions if one.source and not one.has_population}

    def with_intervals(self):
        """The metrics whose intervals may be asked for."""
        reading = Reading(self.world, self.definitions, self.grain, datetime(2026, 1, 1))
        return [one.name for one in self.definitions if has_interval(reading, one)]

    def question(self, metrics, grain):
        choose, chance = self.random.choice, self.random.random
        # Only rows have a channel.
        rows = self.of_rows().issuperset(metrics)
        by = tuple(self.random.sample(PATHS + (["channel"] if rows else []), choose([0, 0, 0, 1, 1, 2])))
        first, last = self.range(grain)
        as_of = self.as_of(grain)
        if first and as_of and str(as_of) <= str(first):
            # A range that begins when nothing is known is refused.
            as_of = first + timedelta(days=choose([1, 2, 30]))
        where = Metrics(self.random, self.world, self.drawn.days, grain).draw.shared() if chance() < 0.1 else None
        return Question(metrics, grain, by, first, last, where, as_of, bool(by) and chance() < 0.4)

    def range(self, grain):
        """By day a short one; else often none."""
        first = self.drawn.day(self.random.random() < 0.7)
        if grain == "day":
            return first, first + timedelta(days=self.random.choice([0, 5, 12]))
        if self.random.random() < 0.6:
            return None, None
        last = first + timedelta(days=self.random.choice([0, 20, 70]))
        return self.random.choice([(first, last), (first, last), (first, None), (None, last)])

    def as_of(self, grain):
        """Long after everything, None, or on one of the days that matter: a date or a local time."""
        chance = self.random.random()
        if chance < 0.45:
            long = grain.endswith(("quarter", "year"))
            return max(self.drawn.days) + timedelta(days=self.random.choice([130, 800] if long else [40, 100, 130]))
        # Without any row there is no watermark.
        if chance < 0.7 and all(source.rows for source in self.world.sources):
            return None
        day = self.drawn.day()
        if chance < 0.9:
            return day
        return datetime(day.year, day.month, day.day, self.random.choice([0, 5, 12, 23]), self.random.choice([0, 30]))


def says_something(world, definitions, definition):
    """Whether a metric has a value other than 0 in some quarter."""
    reading = Reading(world, definitions, "quarter", datetime(2100, 1, 1))
    days = [day for day in (first_day(reading), last_day(reading)) if day]
    quarters = world.calendar.between("quarter", min(days), max(days)) if days else []
    return any(reading.value(definition, Cell(start, step)) for start in quarters for step in definition.answer_steps)


def last_day(reading):
    return max((row.day for source in reading.world.sources for row in reading.rows(source.name)), default=None)


def telling(world, definitions, question):
    """How many metrics of a question are answered with a value other than 0; not of questions with too many cells."""
    asked = Asked(world, definitions, question)
    keys = list(asked.keys(asked.groups()))
    return len({key[0] for key in keys if asked.expected(key).value}) if len(keys) < MOST_CELLS else -1


@dataclass
class Counted:
    """What was compared, and what did not agree."""
    definitions: int = 0
    questions: int = 0
    cells: int = 0
    problems: list = field(default_factory=list)

    def add(self, other):
        self.definitions += other.definitions
        self.questions += other.questions
        self.cells += other.cells
        self.problems += other.problems


class Runner:
    """Asks questions of projects on disk."""

    def __init__(self, program, engines, folder):
        self.program, self.engines, self.folder = program, engines, folder
        self.made = 0

    def ask(self, example, engine):
        """The rows that an engine answers."""
        groma = self.written(example)
        if engine == "datafusion":
            return groma.answer(example.question.arguments())
        statement = groma.statement(example.question.arguments(), engine)
        [answer] = self.engines[engine].run({"tables": project.tables(example.world), "statements": [statement]})
        try:
            return rows_of(answer)
        except AssertionError as error:
            raise Differs(f"{engine} refuses the statement: {error}") from None

    def written(self, example):
        """The project on disk; written once for all questions and engines."""
        key = (id(example.world), id(example.definitions))
        if getattr(self, "key", None) != key:
            self.made += 1
            place = self.folder / f"project_{self.made}"
            project.write(place, example.world, example.definitions)
            self.key, self.groma, self.kept = key, Groma(self.program, place), example
        return self.groma

    def problems(self, example, engine, comparison=None):
        """What does not agree, in words."""
        comparison = comparison or Comparison(Asked(example.world, example.definitions, example.question))
        try:
            return list(comparison.differences(self.ask(example, engine)))
        except Differs as differs:
            return [str(differs)]
        except Refused as refused:
            # A statement that is refused is a mistake of ours; so is a question.
            return [broken(refused) or f"refused: {refused}"]

    def still(self, example, engine, sort):
        """What does not agree in the same way in an example that was made smaller and may have no meaning."""
        try:
            problems = self.problems(example, engine)
        except (StopIteration, KeyError, TypeError, ValueError, AttributeError, AssertionError, ArithmeticError):
            return None
        return next((problem for problem in problems if kind(problem) == sort), None)

    def shrunk(self, example, engine, problem, seconds):
        """The smallest example, what does not agree in it, as a Markdown case with both answers."""
        sort = kind(problem)
        # The fastest engine on which it shows.
        engine = next((one for one in [*self.engines, engine] if self.still(example, one, sort)), engine)
        small = shrink(example, lambda one: self.still(one, engine, sort) is not None, seconds)
        problem = self.still(small, engine, sort)
        text = case.markdown(small.world, small.definitions, small.question, f"{engine}: {problem}",
                             "What brute force says must come out:")
        try:
            answered = case.answers(Asked(small.world, small.definitions, small.question), self.ask(small, engine))
        except (Differs, Refused):
            return text
        return f"{text}\n{engine} answers\n\n{case.fence('text', case.table_text(*answered))}\n"


def kind(problem):
    """What does not agree, without where: what is made smaller must not become another problem."""
    if problem.startswith(("value of", "n of", "matured of", "status of", "se of", "low of", "high of", "refused")):
        return problem.split(" of ")[0].split(":")[0]
    for words in ("total of", "is not answered", "was not asked for", "is no step", "is no group", "answered twice"):
        if words in problem:
            return words
    return problem.split(":")[0]


def broken(refused):
    """What an engine says of a statement that it refuses, or the program where it breaks."""
    lines = str(refused).splitlines()
    return lines[2] if len(lines) > 2 and lines[1] == "ends with 3" else None


STARTED = {}


def start(program, wanted):
    """What a process needs: its engines and a folder."""
    import serve
    engines, missing = serve.start()
    folder = tempfile.TemporaryDirectory(prefix="groma-brute-")
    engines = {name: engine for name, engine in engines.items() if name in wanted}
    STARTED.update(runner=Runner(program, engines, Path(folder.name)), missing=missing)

    def stop():
        folder.cleanup()
        for engine in engines.values():
            engine.stop()
    util.Finalize(None, stop, exitpriority=10)


def one_seed(seed, seconds=SHRINKING):
    """Everything of one seed."""
    runner, counted = STARTED["runner"], Counted()
    made = Project(seed)
    counted.definitions = len(made.definitions)
    for question in made.questions():
        example = Example(made.world, made.definitions, question)
        comparison = Comparison(Asked(made.world, made.definitions, question))
        for engine in ("datafusion", *runner.engines):
            problems = runner.problems(example, engine, comparison)
            if problems:
                shown = runner.shrunk(example, engine, problems[0], seconds) if seconds else ""
                counted.problems.append(f"seed {seed}, {engine}: {problems[0]}\n{shown}")
                break
            counted.cells += len(comparison.known)
        counted.questions += 1
    return counted


def run(program, engines, seeds, keep_going=False, workers=2, seconds=SHRINKING):
    """Runs all seeds in a few processes; what was compared, in numbers, and what did not agree."""
    total, started = Counted(), time.monotonic()
    # Processes of their own: a fork would share the connections of this one.
    with ProcessPoolExecutor(workers, get_context("spawn"), start, (program, list(engines))) as pool:
        waiting = [pool.submit(one_seed, seed, seconds) for seed in seeds]
        for future in waiting:
            total.add(future.result())
            if len(total.problems) >= 3 and not keep_going:
                pool.shutdown(cancel_futures=True)
                break
    counted = {"definitions": total.definitions, "questions": total.questions, "cells": total.cells}
    return counted, total.problems
