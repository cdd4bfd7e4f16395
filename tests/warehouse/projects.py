"""Projects whose sources are tables of a warehouse: definitions written to a folder, rows copied into a database."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VARIABLE = "WAREHOUSE_URL"
SCHEMA = "metrics"


class Project:
    """A folder with definitions, and the database that its target `warehouse` is."""

    def __init__(self, groma, server, folder, database):
        self.groma, self.server, self.folder, self.database = groma, server, Path(folder), database

    def write(self, name, definitions, timezone="UTC", tables=(), further=""):
        """The manifest and the definitions; `tables` are the sources' tables in the schema `shop`."""
        mapped = ", ".join(f"{table}: shop.{table}" for table in tables)
        (self.folder / "groma.yml").write_text(
            f"project: {name}\nlanguage: 1\ntimezone: {timezone}\ndefault_grain: month\ntargets:\n"
            "  local: { engine: datafusion, answers: answers }\n"
            f"  warehouse:\n    engine: postgres\n    connection: ${{{VARIABLE}}}\n    schema: {SCHEMA}\n"
            f"    tables: {{ {mapped} }}\n{further}default_target: local\n"
        )
        (self.folder / "main.groma").write_text(definitions)
        return self

    def command(self, *arguments):
        return [self.groma, "-C", str(self.folder), *arguments]

    def environment(self, **further):
        return {**os.environ, "NO_COLOR": "1", VARIABLE: self.server.url(self.database), **further}

    def run(self, *arguments, expect=0, **environment):
        """What the program writes to standard output."""
        ended = subprocess.run(self.command(*arguments), capture_output=True, text=True, env=self.environment(**environment))
        if expect is not None and ended.returncode != expect:
            said = f"{' '.join(arguments)} ends with {ended.returncode}\n{ended.stdout}{ended.stderr}"
            raise AssertionError(said)
        return ended.stdout

    def start(self, *arguments, **environment):
        """The program, running."""
        return subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment(**environment)
        )


def answers(connection, condition="true"):
    """The rows of the answers table that tell numbers, by their cell."""
    cursor = connection.execute(f'SELECT * FROM {SCHEMA}.answers WHERE {condition}')
    names = [column.name for column in cursor.description]
    return by_cell(names, cursor.fetchall())


# What says which run wrote a row, not what the number is.
ABOUT_THE_RUN = ("as_of", "commit")
NUMBERS = ("value", "n", "se", "low", "high", "matured", "status", "version", "semantic_hash", "verdict")


def by_cell(names, rows):
    """Rows by what identifies a cell; a cell that is there twice is an error."""
    numbers = [names.index(name) for name in NUMBERS]
    estimates = ("change", "change_se", "change_low", "change_high", "detectable")
    left_out = {*numbers, *(names.index(name) for name in (*ABOUT_THE_RUN, *estimates) if name in names)}
    keys = [place for place in range(len(names)) if place not in left_out]
    found = {}
    for row in rows:
        key = tuple(str(row[place]) for place in keys)
        if key in found:
            raise AssertionError(f"the cell {key} is there twice")
        found[key] = tuple(row[place] for place in numbers)
    return found


def copy(connection, table, columns, rows):
    """Makes `shop.table` if it is not there, and appends the rows."""
    declared = ", ".join(f"{name} {kind}" for name, kind in columns)
    connection.execute("CREATE SCHEMA IF NOT EXISTS shop")
    connection.execute(f"CREATE TABLE IF NOT EXISTS shop.{table} ({declared})")
    with connection.cursor() as cursor, cursor.copy(f"COPY shop.{table} FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)
    connection.execute(f"ANALYZE shop.{table}")


def same(left, right):
    """Whether two rows of numbers are the same; what is computed in floating point, to 1e-9 of its size."""
    def near(one, other):
        if isinstance(one, float) and isinstance(other, float):
            return abs(one - other) <= 1e-9 * max(1.0, abs(one))
        return one == other
    return all(near(one, other) for one, other in zip(left, right))


def fresh(folder):
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    return Path(folder)
