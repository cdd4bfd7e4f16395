"""What a run publishes is what a query answers: the same cells, with the same numbers, and not a row more.

Of every published metric at every grain, on the embedded engine and in PostgreSQL, each row of the answers is held against
`groma query METRIC` as of the same moment. Jobs answer many metrics at once; a query answers one alone.
"""

import csv
import datetime
import io
import json
import random
import shutil
import tempfile
from pathlib import Path

import duckdb

import projects
from projects import Project, copy

FEATURES_AS_OF = "2026-06-20"
CHANNELS = ("mail", "phone", "desk")

# Everything that shares a job or must not: sums, distinct counts, percentiles, shares, windows, curves, funnels, snapshots,
# versions, metrics of metrics over two facts, groupings that only one of the facts has, small cells that are hidden.
FEATURES = """
team care { title: "Care" lead: "lead@care.example" }

source people {
  file: "people.csv"  key: person_id  time: joined
  columns { person_id: text joined: date region: text, optional plan: text }
}
source visits {
  file: "visits.csv"  key: visit_id  time: at  late: 20 days
  columns { visit_id: text person_id: person at: date channel: text step: text liked: bool spent: decimal(12, 2) in usd }
}
source letters {
  file: "letters.csv"  key: letter_id  time: sent
  columns { letter_id: text person_id: person sent: date channel: text tone: text pages: int }
}
source stock {
  file: "stock.csv"  key: row_id  time: taken
  columns { row_id: text person_id: person taken: date held: int }
}
customer person { from: people key: person_id since: joined has: region, plan }

metric liking {
  owner: care  from: visits  measure: share(liked)  by: person.region, channel, (person.region, channel)
  grain: month, week  better: higher  matters: 2 percent at 90%
  version 2 { from: 2026-03-01 where: step != "test" }
}
metric spent         { owner: care  from: visits   measure: sum(spent)  by: channel, person.region  grain: month, week }
metric visits_made   { owner: care  from: visits   measure: count()  by: channel  grain: month, week }
metric paid_visits   { owner: care  from: visits   where: step = "pay" and channel != "desk"  measure: count()  by: channel  grain: month }
metric most          { owner: care  from: visits   measure: max(spent)  by: person.plan  grain: month }
metric middle        { owner: care  from: visits   measure: median(spent)  by: channel  grain: month }
metric letters_sent  { owner: care  from: letters  measure: count()  by: channel, tone, person.region  grain: month, week }
metric pages         { owner: care  from: letters  measure: mean(pages)  by: tone  grain: month }
metric visits_per_letter { owner: care  measure: visits_made / letters_sent  by: channel  grain: month }
metric visitors      { owner: care  from: visits  customer: person  measure: count(distinct person)  by: person.region, channel  grain: month }
metric active        { owner: care  from: visits  customer: person  window: trailing 28 days  measure: count(distinct person)  by: person.region  grain: month, week }
metric letters_lately { owner: care  from: letters  window: trailing 14 days  measure: count()  by: tone  grain: month }
metric spent_so_far  { owner: care  from: visits  window: year to date  measure: sum(spent)  by: channel  grain: month }
metric growth        { owner: care  measure: percent_change(visits_made, visits_made offset 1 month)  by: channel  grain: month }
metric held          { owner: care  from: stock  snapshot: last  measure: sum(held)  by: person.plan  grain: month }
metric held_per_visit { owner: care  measure: held / visits_made  grain: month }
metric coming_back {
  owner: care  from: visits  window: each month after person.since, 4 times  each: count() > 0  measure: share(each)
  by: person.region  grain: month
}
metric soon {
  owner: care  from: visits  window: 30 days after person.since  each: count() > 1  measure: share(each)  by: person.plan
  grain: month
}
metric buying {
  owner: care  from: visits
  steps { looked: step = "look"  chose: step = "choose" within 30 days  paid: step = "pay" within 30 days }
  by: person.region  grain: month
}
"""

# How each source's columns are stored.
TABLES = {
    "people": ["person_id text", "joined date", "region text", "plan text"],
    "visits": ["visit_id text", "person_id text", "at date", "channel text", "step text", "liked boolean", "spent numeric(12, 2)"],
    "letters": ["letter_id text", "person_id text", "sent date", "channel text", "tone text", "pages bigint"],
    "stock": ["row_id text", "person_id text", "taken date", "held bigint"],
}


def run(groma, server):
    """Compares every project; what was compared, and what does not agree."""
    counted, problems = {"metrics": 0, "queries": 0, "cells": 0}, []
    with tempfile.TemporaryDirectory(prefix="groma-agrees-") as folder:
        for project, as_of, targets, metrics in (
            features(groma, server, Path(folder) / "features"),
            cdnow(groma, server, Path(folder) / "cdnow"),
            subscriptions(groma, server, Path(folder) / "subscriptions"),
        ):
            of_project, found = compare(project, as_of, targets, metrics)
            problems += [f"{project.folder.name}: {problem}" for problem in found]
            counted = {what: counted[what] + of_project[what] for what in counted}
    return counted, problems


def features(groma, server, folder):
    project = Project(groma, server, projects.fresh(folder), server.database("agrees_features"))
    project.write("features", FEATURES, tables=TABLES)
    fill(project)
    return project, FEATURES_AS_OF, ("local", "warehouse"), None


def cdnow(groma, server, folder):
    """The example, with cohorts and curves beside its own metrics."""
    import replay_cdnow

    definitions, timezone, table, columns = replay_cdnow.project()
    project = Project(groma, server, projects.fresh(folder), server.database("agrees_cdnow"))
    project.write("cdnow", definitions, timezone, [table])
    rows = [row for month in replay_cdnow.months() for row in month]
    write_csv(project, table, [name for name, _ in columns], rows)
    with server.connected(project.database) as connection:
        copy(connection, table, columns, rows)
    return project, "1998-07-01", ("local", "warehouse"), None


def subscriptions(groma, server, folder):
    """The example as it is, on the embedded engine only: its sources are not tables of a server."""
    shutil.copytree(projects.ROOT / "examples" / "subscriptions", folder, ignore=shutil.ignore_patterns("answers", "dashboards"))
    return Project(groma, server, folder, "postgres"), "2026-07-01", ("local",), None


def fill(project):
    """Rows by a fixed seed. Each fact begins and ends on other days; groups are missing in some of them."""
    chance = random.Random(20261124)
    first = datetime.date(2026, 1, 1)
    day = lambda number: first + datetime.timedelta(days=number)
    regions, plans = ("north", "south", None), ("free", "paid")
    people = [(f"p{number}", day(chance.randrange(165)), regions[number % 3], plans[number % 2]) for number in range(240)]
    visits, letters, stock = [], [], []
    for number in range(3000):
        person = chance.choice(people)
        at = person[1] + datetime.timedelta(days=chance.randrange(120))
        step = chance.choice(("look", "look", "choose", "pay", "test"))
        money = f"{chance.randrange(10000) / 100:.2f}"
        visits.append((f"v{number}", person[0], at, chance.choice(CHANNELS[:2]), step, chance.random() < 0.55, money))
    for number in range(900):
        # Letters begin in March, come by a way by which nobody visits, and say it in a tone.
        at, tone = day(65 + chance.randrange(90)), chance.choice(("kind", "angry"))
        letters.append((f"l{number}", chance.choice(people)[0], at, chance.choice(CHANNELS), tone, chance.randrange(1, 9)))
    for number in range(600):
        stock.append((f"s{number}", chance.choice(people)[0], day(31 + chance.randrange(100) // 7 * 7), chance.randrange(50)))
    rows = {"people": people, "visits": visits, "letters": letters, "stock": stock}
    with project.server.connected(project.database) as connection:
        for name, columns in TABLES.items():
            columns = [column.split(" ", 1) for column in columns]
            copy(connection, name, columns, rows[name])
            write_csv(project, name, [column for column, _ in columns], rows[name])


def write_csv(project, name, header, rows):
    def text(value):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value

    with open(project.folder / f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([text(value) for value in row] for row in rows)


def compare(project, as_of, targets, metrics):
    """The answers of each target beside the queries of each metric."""
    published, problems = {}, []
    for target in targets:
        project.run("run", "--target", target, "--full", "--as-of", as_of)
        published[target] = answers(project, target)
    cells = sum(len(found) for of_target in published.values() for found in of_target.values())
    shapes = {}
    for metric in json.loads(project.run("list", "metrics", "--format", "json")):
        # Drafts are not published yet, retired metrics no longer.
        if metric["status"] in ("active", "deprecated"):
            shapes[metric["name"]] = shape(metric)
    asked = 0
    for name, (grains, sets) in shapes.items():
        if metrics is not None and name not in metrics:
            continue
        for grain in grains:
            answered = query(project, name, grain, sets, as_of)
            asked += 1
            for target in targets:
                found = published[target].pop((name, grain), {})
                problems += differences(f"{target}: {name} by {grain}", found, answered)
    for target, rest in published.items():
        problems += [f"{target}: {name} by {grain} is published, and no metric" for name, grain in rest]
    return {"metrics": len(shapes), "queries": asked, "cells": cells}, problems


def answers(project, target):
    """The published rows of a target, by metric and grain, then by cell."""
    if target == "warehouse":
        with project.server.connected(project.database) as connection:
            cursor = connection.execute(f"SELECT * FROM {projects.SCHEMA}.answers")
            names, rows = [column.name for column in cursor.description], cursor.fetchall()
    else:
        files = str(project.folder / "answers" / "*.parquet")
        found = duckdb.execute("SELECT * FROM read_parquet(?, union_by_name = true)", [files])
        names, rows = [column[0] for column in found.description], found.fetchall()
    by_metric = {}
    for row in (dict(zip(names, row)) for row in rows):
        cells = by_metric.setdefault((row["metric"], row["grain"]), {})
        add(cells, row, f"{target}: published")
    return by_metric


def query(project, metric, grain, sets, as_of):
    """What the query of a metric answers, in its published sets."""
    groupings = sorted({grouping for one in sets for grouping in one})
    arguments = ["--by", ",".join(groupings), "--totals"] if groupings else []
    text = project.run("query", metric, "--grain", grain, "--as-of", as_of, "--format", "csv", *arguments)
    wanted, cells = {frozenset(one) for one in sets} | {frozenset()}, {}
    for row in csv.DictReader(io.StringIO(text)):
        row.setdefault("grouping", "total")
        if members(row["grouping"]) in wanted:
            add(cells, row, f"{metric} by {grain}: answered")
    return cells


def members(grouping):
    return frozenset() if grouping == "total" else frozenset(grouping.split("+"))


def add(cells, row, what):
    """Notes a row under its cell: period, groups by their names, and step."""
    groups = tuple((name, text(row[name])) for name in sorted(members(row["grouping"])))
    key = (text(row["period"]), groups, text(row.get("step")))
    if key in cells:
        raise AssertionError(f"{what}: the cell {key} is there twice")
    cells[key] = (number(row["value"]), number(row["n"]), row["status"], int(row["version"]))


def text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def number(value):
    return None if value in (None, "") else float(value)


def shape(metric):
    """The grains and the sets of groupings of a metric."""
    return metric["grains"], metric["by"]


def differences(what, published, answered):
    """How two sets of cells differ; the first few."""
    wrong = [f"{what}: the cell {key} is published, and not answered" for key in sorted(published.keys() - answered.keys())]
    wrong += [f"{what}: the cell {key} is answered, and not published" for key in sorted(answered.keys() - published.keys())]
    for key in sorted(published.keys() & answered.keys()):
        # What is hidden together with other metrics of a job may be more than what one of them hides alone, never less.
        if published[key][2] == "suppressed" and published[key][:2] == (None, None):
            continue
        if not projects.same(published[key], answered[key]):
            wrong.append(f"{what}: the cell {key} is published as {published[key]}, answered as {answered[key]}")
    return wrong if len(wrong) < 5 else [*wrong[:4], f"{what}: {len(wrong) - 4} more"]
