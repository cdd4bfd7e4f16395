"""A small project over real data: its definitions stand beside, its data is written when the test runs.

A question is what `groma query` is asked, and the cells that must come out of it; every engine must give them.
"""

import csv
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from command import Groma, Refused
from compare import number, rows_of

HERE = Path(__file__).resolve().parent

# Relative to max(1, |reference|), as numbers.md has them; what is not listed is compared as it is written.
TOLERANCES = {
    "value": 1e-12, "n": 0, "se": 1e-10, "low": 1e-12, "high": 1e-12, "matured": 1e-12,
    "weighted": 1e-10, "weighted_se": 1e-10, "effective_n": 1e-10, "largest_share": 1e-12,
    "change": 1e-12, "change_se": 1e-10, "change_low": 1e-12, "change_high": 1e-12, "detectable": 1e-10,
}


@dataclass
class Table:
    """A source's rows. A column has a name, a type of `serve.py`, and values that are texts or None."""
    name: str
    columns: list
    rows: list


@dataclass
class Question:
    """Arguments of `groma query`, what identifies a row of its answer, and the cells by that.

    `cells` maps (metric, period, groups…) to the columns that are compared, by name. With `exactly`, no further rows may come.
    """
    arguments: list
    cells: dict
    by: list = field(default_factory=list)
    exactly: bool = True
    tolerances: dict = field(default_factory=dict)


def compare(program, engines, name, tables, questions, timezone="UTC"):
    """Asks everything of every engine; how much was compared, and what does not agree."""
    problems = []
    with tempfile.TemporaryDirectory(prefix="groma-oracle-") as folder:
        groma = Groma(program, write(Path(folder), name, tables, timezone))
        answers = {"datafusion": [attempt(problems, groma.answer, question.arguments) for question in questions]}
        loads = [{"name": [table.name], "columns": table.columns, "rows": table.rows} for table in tables]
        for engine, runner in engines.items():
            statements = [attempt(problems, groma.statement, question.arguments, engine) for question in questions]
            asked = [statement or "SELECT 1" for statement in statements]
            answers[engine] = [
                attempt(problems, rows_of, answer) if statement else None
                for statement, answer in zip(statements, runner.run({"tables": loads, "statements": asked}))
            ]
    for engine, answered in answers.items():
        for question, rows in zip(questions, answered):
            if rows is not None:
                problems += [f"{name} on {engine}: {problem}" for problem in differences(question, rows)]
    cells = sum(len(question.cells) for question in questions) * len(answers)
    return {"questions": len(questions), "cells": cells}, problems


def attempt(problems, work, *arguments):
    """What comes of some work; when it is refused, nothing, and a problem more."""
    try:
        return work(*arguments)
    except (Refused, AssertionError) as refused:
        problems.append(str(refused))
        return None


def write(folder, name, tables, timezone):
    (folder / "groma.yml").write_text(f"project: {name}\nlanguage: 1\ntimezone: {timezone}\ndefault_grain: year\n" + TARGETS)
    (folder / "metrics.groma").write_text((HERE / f"{name}.groma").read_text())
    for table in tables:
        with open(folder / f"{table.name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column for column, _ in table.columns])
            writer.writerows(table.rows)
    return folder


TARGETS = """targets:
  datafusion: { engine: datafusion }
  duckdb: { engine: duckdb }
  postgres: { engine: postgres, connection: "${ORACLE_DATABASE_URL}" }
default_target: datafusion
"""


def differences(question, rows):
    """What of a question's cells is missing, too many or another, in words; the first few."""
    asked = " ".join(question.arguments)
    if not rows and question.cells:
        return [f"{asked}: no rows"]
    found = {}
    for row in rows:
        key = (row["metric"], str(row["period"]), *(text(row[path]) for path in question.by))
        if key in found:
            return [f"{asked}: {key} is answered twice"]
        found[key] = row
    wrong = []
    missing, extra = question.cells.keys() - found.keys(), found.keys() - question.cells.keys()
    if missing:
        wrong.append(f"{asked}: {len(missing)} cells are missing, such as {sorted(missing, key=str)[:3]}")
    if extra and question.exactly:
        wrong.append(f"{asked}: {len(extra)} cells are too many, such as {sorted(extra, key=str)[:3]}")
    for key in sorted(question.cells.keys() & found.keys(), key=str):
        wrong += [
            f"{asked}: {column} of {key} is {found[key].get(column)}, and {expected!r} is expected"
            for column, expected in question.cells[key].items()
            if not agrees(found[key].get(column), expected, tolerance(question, column))
        ]
    return wrong if len(wrong) < 6 else [*wrong[:5], f"{asked}: {len(wrong) - 5} more"]


def text(value):
    """A group as the engines write it: CSV has no null and no booleans of its own."""
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def tolerance(question, column):
    return question.tolerances.get(column, TOLERANCES.get(column))


def agrees(answered, expected, near):
    if near is None:
        return text(answered) == expected
    answered = number(answered)
    if answered is None or expected is None:
        return answered is None and expected is None
    return abs(answered - expected) <= max(near * max(1.0, abs(expected)), getattr(expected, "by", 0.0))
