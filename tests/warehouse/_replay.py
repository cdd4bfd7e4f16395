"""Months that arrive one by one give the same settled answers as all of them at once, cell for cell.

In PostgreSQL and in the files of the embedded engine. What was settled once must also stay as it was in every later run.
"""

import csv
import tempfile
from pathlib import Path

import duckdb

import projects
from projects import Project, answers, by_cell, copy, same

def replay(groma, server, name, project, months):
    definitions, timezone, table, columns = project
    problems = []
    with tempfile.TemporaryDirectory(prefix="groma-replay-") as folder:
        stepwise, at_once = (
            Project(groma, server, projects.fresh(Path(folder) / way), server.database(f"{name}_{way}"))
            .write(name, definitions, timezone, [table])
            for way in ("stepwise", "at_once")
        )
        kept = {"warehouse": {}, "local": {}}
        for month in months:
            add(stepwise, table, columns, month)
            for target, before in kept.items():
                stepwise.run("run", "--target", target)
                now = settled(stepwise, target)
                problems += changed(f"{target}: once settled, then another", before, now, missing=True)
                kept[target] = now
        for month in months:
            add(at_once, table, columns, month)
        for target, now in kept.items():
            at_once.run("run", "--target", target)
            whole = settled(at_once, target)
            problems += changed(f"{target}: month by month, and at once", whole, now, missing=True)
            problems += [f"{target}: {len(now.keys() - whole.keys())} cells too many"] * bool(now.keys() - whole.keys())
    return {"months": len(months), "cells": sum(len(cells) for cells in kept.values())}, problems


def add(project, table, columns, rows):
    """Rows that arrive, in the database and in the file."""
    with project.server.connected(project.database) as connection:
        copy(connection, table, columns, rows)
    path = project.folder / f"{table}.csv"
    begins = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.writer(file)
        if begins:
            writer.writerow([column for column, _ in columns])
        writer.writerows(rows)


def settled(project, target):
    if target == "warehouse":
        with project.server.connected(project.database) as connection:
            return answers(connection, "status = 'settled'")
    files = str(project.folder / "answers" / "*.parquet")
    # Several files have no two columns of one name in another place.
    found = duckdb.execute("SELECT * FROM read_parquet(?, union_by_name = true) WHERE status = 'settled'", [files])
    return by_cell([column[0] for column in found.description], found.fetchall())


def changed(what, expected, found, missing):
    """Cells that are not as they should be; the first few."""
    wrong = [f"{what}: {key} was {expected[key]}, is {found[key]}" for key in expected.keys() & found.keys()
             if not same(expected[key], found[key])]
    gone = [f"{what}: {key} is missing" for key in expected.keys() - found.keys()] if missing else []
    wrong = sorted(wrong) + sorted(gone)
    return wrong if len(wrong) < 6 else [*wrong[:5], f"{what}: {len(wrong) - 5} more"]
