"""Makes a counterexample smaller: fewer rows, a simpler question, a simpler definition, until nothing can be left out."""

import time
from copy import copy
from dataclasses import dataclass, replace
from typing import Callable

from brute.asked import Asked
from brute.clocks import Event
from brute.metric import Definition, used
from brute.tree import Aggregate, Literal, Node, parts, replaced


@dataclass
class Example:
    """A project and a question that does not agree."""
    world: object
    definitions: list
    question: object

    def with_world(self, **changes):
        world = copy(self.world)
        for name, value in changes.items():
            setattr(world, name, value)
        return Example(world, self.definitions, self.question)

    def with_definition(self, old, new):
        return Example(self.world, [new if one is old else one for one in self.definitions], self.question)

    def asking(self, **changes):
        question = self.question.with_(**changes)
        return Example(self.world, used(self.definitions, question.metrics), question)


def shrink(example, fails: Callable, seconds=60):
    """The smallest example found in the time for which `fails` still says yes."""
    end = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < end:
        changed = False
        for kind in (questions, tables, definitions, worlds):
            smaller = descend(example, kind, fails, end)
            changed = changed or smaller is not example
            example = smaller
    return example


def descend(example, kind, fails, end):
    """Takes every step of a kind that keeps the failure, for as long as there is one."""
    found = True
    while found and time.monotonic() < end:
        found = False
        for candidate in kind(example):
            if time.monotonic() >= end:
                break
            if fails(candidate):
                example, found = candidate, True
                break
    return example


def questions(example):
    """Simpler questions."""
    question = example.question
    if len(question.metrics) > 1:
        yield from (example.asking(metrics=(name,)) for name in question.metrics)
        yield from (example.asking(metrics=names) for names in fewer(question.metrics) if names)
    if question.as_of is None:
        # The watermark would move with every row that is left out.
        as_of = Asked(example.world, example.definitions, question).as_of
        yield from [example.asking(as_of=as_of)] if as_of else []
    for name in ("totals", "intervals"):
        if getattr(question, name):
            yield example.asking(**{name: False})
    for path in question.by:
        yield example.asking(by=tuple(other for other in question.by if other != path))
    for name in ("where", "first", "last"):
        if getattr(question, name) is not None:
            yield example.asking(**{name: None})


def tables(example):
    """Fewer rows: halves, quarters, …, single ones."""
    world = example.world
    for number, source in enumerate(world.sources):
        for rows in fewer(source.rows):
            sources = list(world.sources)
            sources[number] = replace(source, rows=rows)
            yield example.with_world(sources=sources)
    for name in ("accounts", "organisations"):
        table = getattr(world, name)
        for rows in fewer(table.rows):
            yield example.with_world(**{name: replace(table, rows=rows)})


def fewer(rows):
    size = len(rows)
    while size:
        for start in range(0, len(rows), size):
            yield rows[:start] + rows[start + size:]
        size //= 2


def definitions(example):
    """Simpler definitions: entries left out, expressions replaced by their parts."""
    for definition in example.definitions:
        for simpler in simplified(definition):
            yield example.with_definition(definition, simpler)


def simplified(definition: Definition):
    for name in ("where", "among", "minimum", "fill", "population"):
        if getattr(definition, name) is not None:
            yield definition.with_(**{name: None})
    if definition.each is not None and definition.clock.anchor is not None:
        yield definition.with_(each=None, measure=Aggregate("count"))
    if definition.clock != Event():
        yield definition.with_(clock=Event())
    anchor = definition.clock.anchor
    if anchor and anchor.where:
        yield definition.with_(clock=replace(definition.clock, anchor=replace(anchor, where=None)))
    for number, one in enumerate(definition.exceptions):
        left = definition.exceptions[:number], definition.exceptions[number + 1:]
        yield definition.with_(exceptions=left[0] + left[1])
        if one.covers:
            yield definition.with_(exceptions=left[0] + (replace(one, covers=None),) + left[1])
        for where in smaller(one.where):
            yield definition.with_(exceptions=left[0] + (replace(one, where=where),) + left[1])
    for number in range(len(definition.steps)):
        yield definition.with_(steps=definition.steps[:number] + definition.steps[number + 1:])
    for number, step in enumerate(definition.steps):
        for condition in smaller(step.condition):
            steps = list(definition.steps)
            steps[number] = replace(step, condition=condition)
            yield definition.with_(steps=tuple(steps))
    for name in ("where", "among", "each", "measure"):
        node = getattr(definition, name)
        if node is not None:
            yield from (definition.with_(**{name: one}) for one in smaller(node))


def smaller(node: Node):
    """The expression with one part replaced by a part of it, or without a `where`; not every one has a meaning."""
    for place, part in enumerate(parts(node)):
        yield from (replaced(node, place, child) for child in part.children())
        if isinstance(part, Aggregate) and part.where is not None:
            yield replaced(node, place, replace(part, where=None))
        if isinstance(part, Aggregate) and part != Aggregate("count"):
            yield replaced(node, place, Aggregate("count"))
        if isinstance(part, Literal) and isinstance(part.value, int) and not isinstance(part.value, bool) and part.value > 1:
            yield replaced(node, place, Literal(1))


def worlds(example):
    """Plainer worlds: one zone, weeks from Monday, no late rows, empty columns."""
    world = example.world
    for name, usual in (("zone", "UTC"), ("week_starts", "monday"), ("fiscal_year_starts", "january"), ("where", None),
                        ("until", None)):
        if getattr(world, name) != usual:
            yield example.with_world(**{name: usual})
    for number, source in enumerate(world.sources):
        for plainer in plain_tables(source):
            yield example.with_world(sources=world.sources[:number] + [plainer] + world.sources[number + 1:])
    for plainer in plain_tables(world.accounts):
        yield example.with_world(accounts=plainer)


def plain_tables(table):
    if table.late:
        yield replace(table, late=None)
    for number, field in enumerate(table.fields):
        if field.zone not in (None, "UTC"):
            fields = list(table.fields)
            fields[number] = replace(field, zone="UTC")
            yield replace(table, fields=fields)
        if field.optional and any(row[field.name] is not None for row in table.rows) and len(table.rows) < 6:
            yield replace(table, rows=[row | {field.name: None} for row in table.rows])
