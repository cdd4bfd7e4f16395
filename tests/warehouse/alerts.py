"""Alerts over random answers: what each statement returns is what plain Python finds in the same rows.

The cells are made up, so that every status, verdict and gap occurs; the statements are those of `groma build`.
"""

import datetime
import random
import tempfile
from pathlib import Path

from projects import SCHEMA, Project

DEFINITIONS = """
team shop { members: "ada@shop.example" }
source orders {
  file: "orders.csv"
  key:  id
  time: at
  columns { id: int  at: date  region: text, optional  amount: float in usd }
}
metric basket {
  owner:   shop
  from:    orders
  measure: avg(amount)
  by:      region
  matters: 5 usd at 90%
}
alert falling  { on: basket  when: falls by matters  after: 2 periods  tell: shop  because: "it cost us before"  do: "call the buyer" }
alert moving   { on: basket by region  when: changes by matters  tell: shop  because: "any move matters"  do: "look" }
alert low      { on: basket by region  when: value < 30 usd  until: value >= 50 usd  after: 2 periods  tell: shop  because: "too low"  do: "raise" }
alert high     { on: basket by region  when: value > 70 usd  tell: shop  because: "too high"  do: "lower" }
alert rising   { on: basket by region  when: rises by matters  tell: shop  because: "good"  do: "say so" }
alert overdue  { on: basket  when: age > 3 days  tell: shop  because: "nobody sees anything"  do: "run it" }
"""
REGIONS = ("north", "south", None)
STATUSES = ("settled",) * 8 + ("provisional", "immature", "insufficient", "undefined", "suppressed")
VERDICTS = ("real and large enough", "real but small", "not distinguishable", "too few to tell")


def run(groma, server):
    chance = random.Random(6)
    problems, fired = [], 0
    with tempfile.TemporaryDirectory(prefix="groma-alerts-") as folder:
        project = Project(groma, server, folder, server.database("alerts")).write("alerts", DEFINITIONS, tables=["orders"])
        project.run("build", "--target", "warehouse")
        statements = {path.stem: path.read_text() for path in Path(folder, "build", "alerts").glob("*.sql")}
        if set(statements) != {"falling", "moving", "low", "high", "rising", "overdue"}:
            return {}, [f"the statements are {sorted(statements)}"]
        with server.connected(project.database) as connection:
            connection.execute(Path(folder, "build", "setup.sql").read_text())
            for trial in range(200):
                cells = made_up(chance)
                fill(connection, cells)
                for name, expected in oracle(cells).items():
                    found = {row["region"] if "region" in row else None for row in rows(connection, statements[name])}
                    fired += len(expected)
                    if found != expected:
                        problems.append(f"{name}, trial {trial}: {sorted(map(str, found))} fire, not {sorted(map(str, expected))}")
            problems += overdue(connection, statements["overdue"])
    return {"answers": 200, "alerts fired": fired}, problems[:6]


def made_up(chance):
    """Cells by grouping and region, a list from the oldest: (period, value, change, verdict, status)."""
    cells = {}
    length = chance.randint(0, 9)
    for key in [("total", None), *(("region", region) for region in REGIONS)]:
        series = []
        for place in range(length):
            status = chance.choice(STATUSES)
            shown = status in ("settled", "provisional")
            value = chance.uniform(0, 100) if shown else None
            change = chance.choice([None, chance.uniform(-20, 20)]) if shown else None
            verdict = None if change is None else chance.choice(VERDICTS)
            series.append((datetime.date(2026, 1 + place, 1), value, change, verdict, status))
        cells[key] = series
    return cells


def fill(connection, cells):
    connection.execute(f"TRUNCATE {SCHEMA}.answers")
    for (grouping, region), series in cells.items():
        for period, value, change, verdict, status in series:
            connection.execute(
                f'INSERT INTO {SCHEMA}.answers (metric, version, grain, period, "grouping", region, value, change, verdict,'
                ' status, semantic_hash, "commit", as_of) VALUES (%s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now())',
                ["basket", "month", period, grouping, region, value, change, verdict, status, "0" * 64, "0" * 40],
            )


def rows(connection, statement):
    cursor = connection.execute(statement)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def oracle(cells):
    """The regions in which each alert fires."""
    def real(sign):
        return lambda value, change, verdict: verdict == VERDICTS[0] and sign(change)

    total = {key: series for key, series in cells.items() if key[0] == "total"}
    regions = {key: series for key, series in cells.items() if key[0] == "region"}
    return {
        "falling": firing(total, real(lambda change: change < 0), None, 2),
        "moving": firing(regions, real(lambda change: True), None, 1),
        "rising": firing(regions, real(lambda change: change > 0), None, 1),
        "high": firing(regions, lambda value, *_: value > 70, None, 1),
        "low": firing(regions, lambda value, *_: value < 30, lambda value, *_: value >= 50, 2),
    }


def firing(groups, fires, clears, after):
    """Steps through the periods one by one, as somebody would who looks at each when it is settled."""
    settled = [period for series in groups.values() for period, *_, status in series if status == "settled"]
    newest = max(settled, default=None)
    found = set()
    for (_, region), series in groups.items():
        on, length, is_newest = False, 0, False
        for period, value, change, verdict, status in series:
            if status != "settled":
                length = 0
                continue
            holds = fires(value, change, verdict)
            length = length + 1 if holds else 0
            if length >= after:
                on = True
            elif (not holds) if clears is None else clears(value, change, verdict):
                on = False
            if period == newest:
                is_newest = True
                break
        if is_newest and on:
            found.add(region)
    return found


def overdue(connection, statement):
    """Nothing there at all, fresh, exactly too old."""
    problems = []
    for age, expected in ((None, 1), ("1 hour", 0), ("71 hours", 0), ("73 hours", 1)):
        connection.execute(f"TRUNCATE {SCHEMA}.answers")
        if age:
            connection.execute(
                f'INSERT INTO {SCHEMA}.answers (metric, version, grain, period, "grouping", status, semantic_hash, "commit", as_of)'
                " VALUES ('basket', 1, 'month', '2026-01-01', 'total', 'settled', %s, %s,"
                " now() AT TIME ZONE 'UTC' - %s::interval)",
                ["0" * 64, "0" * 40, age],
            )
        found = len(rows(connection, statement))
        if found != expected:
            problems.append(f"overdue at an age of {age}: {found} rows, not {expected}")
    return problems
