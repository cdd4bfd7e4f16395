"""Dashboards for Grafana: every query of every panel runs on PostgreSQL as it is written, over the answers that a run keeps there,
and gives the numbers that `groma query` gives over files with the same rows.
"""

import csv
import datetime
import json
import random
import tempfile

import projects
from projects import Project, copy

AS_OF = "2026-06-20"
REGIONS = ("north", "south", None)
CHANNELS = ("mail", "phone")

DEFINITIONS = """
team care { title: "Care" lead: "lead@care.example" }

source people {
  file: "people.csv"
  key:  person_id
  time: joined
  columns { person_id: text joined: date region: text, optional }
}
source visits {
  file: "visits.csv"
  key:  visit_id
  time: at
  late: 20 days
  columns { visit_id: text person_id: person at: date channel: text step: text liked: bool spent: decimal(12, 2) in usd }
}
customer person { from: people key: person_id since: joined has: region }

/// Of all visits, those that were liked.
metric liking {
  owner: care  from: visits  measure: share(liked)  by: person.region, channel, (person.region, channel)
  grain: month, week  better: higher  matters: 2 percent at 90%
  version 2 { from: 2026-03-01 where: step != "test" }
}
metric spent   { owner: care  from: visits  measure: sum(spent)  by: channel  grain: month, week }
metric visits { owner: care  from: visits  measure: count()  by: channel  grain: month, week }
metric most    { owner: care  from: visits  measure: max(spent)  grain: month }
metric coming_back {
  owner: care  from: visits  window: each month after person.since, 4 times  each: count() > 0  measure: share(each)
  grain: month
}
metric buying {
  owner: care  from: visits
  steps { looked: step = "look"  chose: step = "choose" within 30 days  paid: step = "pay" within 30 days }
  by: person.region  grain: month
}
target liked_enough { owner: care  metric: liking  value: 60%  shadow: 2026-01-01  warned: 2026-05-01 }

/// Everything that a panel can be.
dashboard everything {
  owner: care
  title: "All of it"
  tile likes         { shows: liking  as: line  target: liked_enough  span: last 2 quarters  grain: month }
  tile likes_by_week { shows: liking by person.region  as: line  span: last 8 weeks  grain: week  target: 60% }
  tile likes_by_both { shows: liking by person.region, channel  as: table  grain: month }
  tile money         { shows: spent, visits  as: table  grain: month }
  tile bars          { shows: visits by channel  as: bar  grain: month }
  tile money_bars    { shows: spent  as: bar  grain: week }
  tile newest        { shows: spent  as: number  grain: month }
  tile most          { shows: most  as: line  grain: month }
  tile returning     { shows: coming_back  as: heatmap  grain: month }
  tile path          { shows: buying  as: funnel  grain: month }
  tile path_by       { shows: buying by person.region  as: funnel  grain: month }
}
"""


def run(groma, server):
    with tempfile.TemporaryDirectory(prefix="groma-grafana-") as folder:
        project = Project(groma, server, folder, server.database("grafana"))
        project.write("panels", DEFINITIONS, tables=("people", "visits"))
        fill(project)
        look_first_at_answers(project)
        project.run("run", "--target", "warehouse", "--as-of", AS_OF)
        project.run("dashboard", "everything", "--as", "grafana", "--target", "warehouse")
        written = project.folder / "dashboards" / "everything.grafana.json"
        first = written.read_bytes()
        project.run("dashboard", "--as", "grafana", "--target", "warehouse")
        problems = [] if written.read_bytes() == first else ["the same definitions give two dashboards"]
        checked = Checked(project, json.loads(first))
        problems += checked.all()
        problems += charts(project)
    return {"panels": len(checked.panels), "queries": checked.queries, "numbers": checked.numbers}, problems


def fill(project):
    """The same rows as files and as tables."""
    chance = random.Random(20261123)
    first = datetime.date(2026, 1, 1)
    people = [(f"p{number}", first + datetime.timedelta(days=chance.randrange(165)), REGIONS[number % 3]) for number in range(300)]
    visits = []
    for number in range(5000):
        person, joined, _ = chance.choice(people)
        at = joined + datetime.timedelta(days=chance.randrange(120))
        step = chance.choice(("look", "look", "choose", "pay", "test"))
        money = f"{chance.randrange(10000) / 100:.2f}"
        visits.append((f"v{number}", person, at, chance.choice(CHANNELS), step, chance.random() < 0.55, money))
    tables = {
        "people": ([("person_id", "text"), ("joined", "date"), ("region", "text")], people),
        "visits": (
            [("visit_id", "text"), ("person_id", "text"), ("at", "date"), ("channel", "text"), ("step", "text"),
             ("liked", "boolean"), ("spent", "numeric(12, 2)")],
            visits,
        ),
    }
    with project.server.connected(project.database) as connection:
        for name, (columns, rows) in tables.items():
            copy(connection, name, columns, rows)
            with open(project.folder / f"{name}.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([column for column, _ in columns])
                writer.writerows([["" if value is None else str(value).lower() if value in (True, False) else value for value in row] for row in rows])


def look_first_at_answers(project):
    """Tables without a schema, and sessions that look into that of the answers first: a view called `visits` would hide one."""
    manifest = project.folder / "groma.yml"
    manifest.write_text(manifest.read_text().replace("shop.", ""))
    with project.server.connected(project.database) as connection:
        connection.execute(f"ALTER DATABASE {project.database} SET search_path = {projects.SCHEMA}, shop")


def charts(project):
    """The charts of the same dashboard, with numbers of the embedded engine and of PostgreSQL: the same but for last digits."""
    folders = [project.folder / target for target in ("local", "warehouse")]
    for folder in folders:
        project.run("dashboard", "--as", "vega-lite", "--as-of", AS_OF, "--target", folder.name, "--out", folder.name)
    local, warehouse = ({path.name: json.loads(path.read_text()) for path in sorted(folder.iterdir())} for folder in folders)
    if local.keys() != warehouse.keys() or not local:
        return [f"charts of {sorted(local)} and of {sorted(warehouse)}"]
    return [f"{name} differs between the engines" for name in local if not alike(local[name], warehouse[name])]


def alike(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(left, right) for left, right in zip(one, other))
    return near(one, other)


class Checked:
    """The panels of a dashboard, held against the answers of the embedded engine."""

    def __init__(self, project, dashboard):
        self.project, self.panels, self.annotations = project, dashboard["panels"], dashboard["annotations"]["list"]
        self.queries = self.numbers = 0
        self.problems = []

    def all(self):
        with self.project.server.connected(self.project.database) as connection:
            self.connection = connection
            for name, of in PANELS.items():
                panel = self.panels[list(PANELS).index(name)]
                answers = [self.rows(target["rawSql"]) for target in panel["targets"]]
                try:
                    of(self, name, *answers)
                except (KeyError, IndexError, TypeError) as error:
                    self.problems.append(f"{name}: {error!r}")
            for annotation in self.annotations:
                self.same("annotation", [row["text"] for row in self.rows(annotation["target"]["rawSql"])], ["version 2 from 2026-03-01"])
        if len(self.panels) != len(PANELS) or len({panel["id"] for panel in self.panels}) != len(PANELS):
            self.problems.append("the panels are not those of the dashboard")
        return self.problems

    def rows(self, sql):
        self.queries += 1
        cursor = self.connection.execute(sql)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]

    def query(self, metrics, *arguments):
        """The long answer over the files, as of the same moment."""
        text = self.project.run("query", metrics, "--target", "local", "--as-of", AS_OF, "--format", "json", *arguments)
        return json.loads(text)

    def same(self, what, panel, answer):
        self.numbers += len(answer)
        if len(panel) != len(answer) or not all(near(one, other) for one, other in zip(panel, answer)):
            differing = [(one, other) for one, other in zip(panel, answer) if not near(one, other)]
            self.problems.append(f"{what}: {len(panel)} and {len(answer)} rows; in the panel and in the answer: {differing[:3]}")


def near(one, other):
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(near(left, right) for left, right in zip(one, other))
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(other))
    return one == other


def day(row):
    return row["time"].date().isoformat()


def newest(rows, start):
    """Those of the periods that begin on a day or later."""
    return [row for row in rows if row["period"] >= start]


def wide(panel):
    return [(day(row), row["value"] if row["value"] is not None else row["provisional"]) for row in panel]


def likes(checked, name, panel):
    rows = newest(checked.query("liking", "--grain", "month", "--intervals", "--confidence", "90%"), "2026-01-01")
    checked.same(name, wide(panel), [(row["period"], row["value"]) for row in rows])
    checked.same(name, [(row["low"], row["high"]) for row in panel], [(row["low"], row["high"]) for row in rows])
    checked.same(name, [row["target"] for row in panel], [0.6] * len(rows))
    provisional = [row["period"] for row in rows if row["status"] == "provisional"]
    joined = [day(row) for row in panel if row["provisional"] is not None]
    before = [row["period"] for row in rows if row["status"] == "settled"][-1:]
    checked.same(f"{name}: provisional", joined, before + provisional)


def lines(rows, group, bounds=True):
    """The rows of the lines of groups: settled, provisional (joined to the last settled one), low and high."""
    found = []
    for row in rows:
        label = group(row)
        is_provisional = row["status"] == "provisional"
        found.append((row["period"], label, None if is_provisional else row["value"]))
        own = [other for other in rows if group(other) == label and other["value"] is not None]
        settled = max((other["period"] for other in own if other["status"] == "settled"), default="")
        until = max((other["period"] for other in own if other["status"] == "provisional"), default="")
        if (is_provisional and row["value"] is not None) or (bounds and row["period"] == settled < until):
            found.append((row["period"], f"{label} (provisional)", row["value"]))
        for end in ("low", "high") if bounds else ():
            if row[end] is not None:
                found.append((row["period"], f"{label} ({end})", row[end]))
    return found


def likes_by_week(checked, name, panel):
    rows = checked.query("liking", "--grain", "week", "--by", "person.region", "--intervals", "--confidence", "90%")
    rows = newest(rows, sorted({row["period"] for row in rows})[-8])
    expected = lines(rows, lambda row: row["person.region"] or "(none)")
    expected += [(period, "Target: 60 %", 0.6) for period in sorted({row["period"] for row in rows})]
    found = [(day(row), row["metric"], row["value"]) for row in panel]
    checked.same(name, sorted(found, key=str), sorted(expected, key=str))
    checked.same(f"{name}: order", [row["time"] for row in panel], sorted(row["time"] for row in panel))


def likes_by_both(checked, name, panel):
    asked = ("--grain", "month", "--by", "person.region,channel", "--intervals", "--confidence", "90%", "--changes")
    key = lambda row: (row["period"], row["person.region"] or "", row["channel"] or "")
    numbers = ("value", "low", "high", "n", "status", "change", "verdict")
    rows = sorted(checked.query("liking", *asked), key=key)
    found = [{**row, "period": day(row)} for row in panel]
    checked.same(name, [(key(row), [row[number] for number in numbers]) for row in sorted(found, key=key)],
                 [(key(row), [row[number] for number in numbers]) for row in rows])


def money(checked, name, spent, made):
    for letter, panel, metric in (("A", spent, "spent"), ("B", made, "visits")):
        rows = sorted(checked.query(metric, "--grain", "month"), key=lambda row: row["period"], reverse=True)
        checked.same(name, [(day(row), row[f"{letter} value"], row[f"{letter} n"], row[f"{letter} status"]) for row in panel],
                     [(row["period"], row["value"], row["n"], row["status"]) for row in rows])


def bars(checked, name, panel):
    rows = checked.query("visits", "--grain", "month", "--by", "channel")
    found = [(day(row), row["metric"], row["value"]) for row in panel]
    checked.same(name, sorted(found, key=str), sorted(lines(rows, lambda row: row["channel"], bounds=False), key=str))


def total(metric, grain):
    def check(checked, name, panel):
        rows = checked.query(metric, "--grain", grain)
        checked.same(name, wide(panel), [(row["period"], row["value"]) for row in rows])
    return check


def returning(checked, name, panel):
    rows = checked.query("coming_back", "--grain", "month")
    checked.same(name, [(row["cohort"], row["step"], row["value"]) for row in panel],
                 [(row["period"], row["step"], row["value"]) for row in rows])


def path(groups):
    def check(checked, name, panel):
        rows = checked.query("buying", "--grain", "month", *(["--by", "person.region"] if groups else []))
        periods = sorted({row["period"] for row in rows})
        whole = [one for one in periods if all(row["status"] == "settled" for row in rows if row["period"] == one)]
        shown = [row for row in rows if row["period"] == (whole or periods)[-1]]
        label = (lambda row: f"{row['person.region'] or '(none)'} · {row['step']}") if groups else (lambda row: row["step"])
        checked.same(name, sorted((row["step"], row["value"]) for row in panel), sorted((label(row), row["value"]) for row in shown))
    return check


# In the order of the tiles.
PANELS = {
    "likes": likes,
    "likes_by_week": likes_by_week,
    "likes_by_both": likes_by_both,
    "money": money,
    "bars": bars,
    "money_bars": total("spent", "week"),
    "newest": total("spent", "month"),
    "most": total("most", "month"),
    "returning": returning,
    "path": path(groups=False),
    "path_by": path(groups=True),
}
