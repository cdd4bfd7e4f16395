"""Whether hidden cells stay hidden: a thousand random tables with their totals, and an attack on each by linear programming.

Each day is a table of its own: customers by one, two or three groupings, few and unevenly spread, some of them with several
rows. The attacker knows everything that is shown, that sums are sums, and that a hidden cell is about somebody; the least and
the greatest number of rows, and sum of amounts, that each cell about too few can have must differ. Several tables are one
linear program: its blocks have nothing in common, so the least sum of one cell of each is the sum of their least values.
"""

import csv
import itertools
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from command import Groma
from compare import number, rows_of

SEED = 20_260_701
FIRST = date(2026, 1, 1)
# Names of the groupings, tables, the fewest customers that a cell may be about.
SHAPES = [
    (("region",), 150, 5),
    (("region",), 150, 10),
    (("region", "plan"), 250, 3),
    (("region", "plan"), 300, 10),
    (("region", "plan", "channel"), 150, 5),
]
MOST_VALUES = {"region": 7, "plan": 5, "channel": 3}
# Tables that are attacked by one linear program.
AT_ONCE = 25
# A hidden cell may lie anywhere between bounds at least so far apart: a row, and a hundredth of what an amount is on average.
WIDTH = {"n": 0.99, "value": 0.1}

DEFINITIONS = """
source people {{
  file: "people.csv"
  key:  person
  columns {{
    person: text
  }}
}}
customer person {{
  from: people
  key:  person
}}
source visits {{
  file: "visits.csv"
  key:  visit
  time: day
  columns {{
    visit:   int
    person:  person
    day:     date
    region:  text
    plan:    text
    channel: text
    amount:  int
  }}
}}
metric spent  {{ from: visits  measure: sum(amount)  customer: person  cell: {fewest} }}
metric visits {{ from: visits  measure: count()      customer: person  cell: {fewest} }}
"""


MANIFEST = """
project: suppression
language: 1
timezone: UTC
targets:
  local:    { engine: datafusion }
  duckdb:   { engine: duckdb }
  postgres: { engine: postgres }
default_target: local
"""


class Project:
    """The tables of one shape, one for each day."""

    def __init__(self, random, folder, groupings, days, fewest):
        self.groupings, self.fewest = groupings, fewest
        self.rows = []  # person, day, values of the groupings, amount
        self.table = defaultdict(lambda: defaultdict(list))  # day → groups → (person, amount) of each row
        people = 0
        for place in range(days):
            day = FIRST + timedelta(days=place)
            sizes = [int(random.integers(2, MOST_VALUES[name] + 1)) for name in groupings]
            spread = random.choice([0.5, 2, 6, 20])
            empty = random.choice([0.0, 0.3, 0.6])
            for group in itertools.product(*(range(size) for size in sizes)):
                customers = 0 if random.random() < empty else int(random.lognormal(np.log(spread), 1.2))
                for _ in range(customers):
                    people += 1
                    for _ in range(int(random.choice([1, 1, 1, 2, 3]))):
                        amount = int(random.integers(1, 20))
                        self.rows.append((people, day, group, amount))
                        self.table[str(day)][group].append((people, amount))
        self.people = people
        self.write(folder)

    def write(self, folder):
        folder.mkdir()
        (folder / "groma.yml").write_text(MANIFEST)
        (folder / "metrics.groma").write_text(DEFINITIONS.format(fewest=self.fewest))
        self.visits = []
        for visit, (person, day, group, amount) in enumerate(self.rows):
            named = dict(zip(self.groupings, group))
            values = [f"{name}{named.get(name, 0)}" for name in MOST_VALUES]
            self.visits.append([visit, f"p{person}", str(day), *values, amount])
        with open(folder / "people.csv", "w", newline="") as file:
            csv.writer(file).writerows([["person"], *([f"p{person}"] for person in range(1, self.people + 1))])
        with open(folder / "visits.csv", "w", newline="") as file:
            names = ["visit", "person", "day", *MOST_VALUES, "amount"]
            csv.writer(file).writerows([names, *self.visits])

    def tables(self):
        """The same rows for another engine."""
        columns = [["visit", "int"], ["person", "text"], ["day", "date"], *([name, "text"] for name in MOST_VALUES)]
        return [
            {"name": ["people"], "columns": [["person", "text"]],
             "rows": [[f"p{person}"] for person in range(1, self.people + 1)]},
            {"name": ["visits"], "columns": [*columns, ["amount", "int"]], "rows": self.visits},
        ]

    def question(self, metric, totals=True):
        arguments = [metric, "--grain", "day", "--from", str(FIRST)]
        arguments += ["--to", max(self.table), "--as-of", str(date.fromisoformat(max(self.table)) + timedelta(days=1))]
        arguments += [part for name in self.groupings for part in ("--by", name)]
        return arguments + (["--totals"] if totals else [])

    def cells(self, rows):
        """The rows of an answer by day and place; a total has None in the place of a grouping."""
        found = {}
        for row in rows:
            names = row["grouping"].split("+") if "grouping" in row else self.groupings
            place = tuple(int(row[name][len(name):]) if name in names else None for name in self.groupings)
            found[str(row["period"]), place] = row
        return found

    def inside(self, day, place):
        """The groups that a cell or a total is made of."""
        return [
            group for group in self.table[day]
            if all(part is None or part == own for part, own in zip(place, group))
        ]

    def customers(self, day, place):
        rows = [row for group in self.inside(day, place) for row in self.table[day][group]]
        return len({person for person, _ in rows})


def run(program, engines):
    """How many tables and cells were attacked, how many cells hide them, and what was found."""
    random = np.random.default_rng(SEED)
    counted = {"tables": 0, "small cells": 0, "cells hidden beside them": 0, "cells shown": 0}
    problems = []
    with tempfile.TemporaryDirectory(prefix="groma-oracle-") as folder:
        for place, (groupings, days, fewest) in enumerate(SHAPES):
            project = Project(random, Path(folder) / f"shape_{place}", groupings, days, fewest)
            groma = Groma(program, Path(folder) / f"shape_{place}")
            named = f"{'+'.join(groupings)}, fewest {fewest}"
            for metric in ("visits", "spent"):
                answered = project.cells(groma.answer(project.question(metric)))
                found = hides(project, answered, counted if metric == "visits" else defaultdict(int))
                days = sorted(project.table)
                for start in range(0, len(days), AT_ONCE):
                    found += attack(project, answered, days[start:start + AT_ONCE], "n" if metric == "visits" else "value")
                if metric == "visits" and not attack(project, careless(project, answered), days[:AT_ONCE], "n"):
                    found.append("the attack finds nothing where small cells are hidden alone")
                # Which cells are hidden does not depend on what is measured of them.
                found += alone(project, groma, metric, answered) if metric == "visits" else []
                for name, engine in engines.items() if metric == "visits" else ():
                    statement = groma.statement(project.question(metric), name)
                    [answer] = engine.run({"tables": project.tables(), "statements": [statement]})
                    found += differs(name, answered, project.cells(rows_of(answer)))
                problems += [f"suppression: {metric} ({named}): {problem}" for problem in found]
            counted["tables"] += len(project.table)
    return counted, problems


def is_hidden(row):
    return row["status"] == "suppressed"


def hides(project, answered, counted):
    """Every cell about too few is hidden, with all that is said of it; and none where no cell of the table is."""
    problems, hidden, small = [], defaultdict(int), defaultdict(int)
    for (day, place), row in answered.items():
        customers = project.customers(day, place)
        is_small = 0 < customers < project.fewest
        small[day] += is_small
        hidden[day] += is_hidden(row)
        counted["cells shown"] += not is_hidden(row) and customers > 0
        if is_small and not is_hidden(row):
            problems.append(f"{day} {place}: {customers} customers are shown")
        if is_hidden(row) and any(row[name] not in ("", None) for name in ("value", "n", "se", "low", "high", "matured")):
            problems.append(f"{day} {place}: something is said of a hidden cell")
        if is_hidden(row) and customers == 0:
            problems.append(f"{day} {place}: a cell of nobody is hidden")
        rows = sum(len(project.table[day][group]) for group in project.inside(day, place))
        if not is_hidden(row) and number(row["n"]) != rows:
            problems.append(f"{day} {place}: n is {row['n']} and should be {rows}")
    for day, number_of in small.items():
        counted["small cells"] += number_of
        counted["cells hidden beside them"] += hidden[day] - number_of
        if hidden[day] and not number_of:
            problems.append(f"{day}: {hidden[day]} cells are hidden beside none")
        if number_of and hidden[day] < 2 and number_of < 2:
            problems.append(f"{day}: a cell is hidden alone")
    return problems


def attack(project, answered, days, measure):
    """The cells about too few whose number can be told from what is shown."""
    of_days = {day: [] for day in days}
    for (day, place), row in answered.items():
        if day in of_days:
            of_days[day].append((place, row))
    variables, targets = {}, []  # (day, groups) → column; per table the targets, each a list of columns
    rows, sums = [], []
    for day in days:
        of_day = []
        for group in project.table[day]:
            if is_hidden(answered[day, group]):
                variables[day, group] = len(variables)
        for place, row in of_days[day]:
            columns = [variables[day, group] for group in project.inside(day, place) if (day, group) in variables]
            if not is_hidden(row) and columns:
                shown = sum(
                    number(answered[day, group][measure])
                    for group in project.inside(day, place) if (day, group) not in variables
                )
                rows.append(columns)
                sums.append(number(row[measure]) - shown)
            elif is_hidden(row) and 0 < project.customers(day, place) < project.fewest:
                of_day.append((place, columns))
        targets.append((day, of_day))
    if not variables:
        return []
    sums_of = csr_matrix(
        (np.ones(sum(map(len, rows))), ([at for at, row in enumerate(rows) for _ in row], [c for row in rows for c in row])),
        shape=(len(rows), len(variables)),
    )
    least = 1 if measure == "n" else 0
    problems = []
    for at in range(max(len(of_day) for _, of_day in targets)):
        goal = np.zeros(len(variables))
        asked = [(day, *of_day[at]) for day, of_day in targets if at < len(of_day)]
        for _, _, columns in asked:
            goal[columns] += 1
        ends = []
        for sign in (1, -1):
            # What grows without bound has no greatest value: no total that it is in is shown.
            bounds = (least, 10 * sum(abs(value) for value in sums) + 1_000)
            solved = linprog(sign * goal, A_eq=sums_of, b_eq=sums, bounds=bounds, method="highs")
            if solved.status != 0:
                raise AssertionError(f"the attack on {measure} ended with: {solved.message}")
            ends.append(solved.x)
        for day, place, columns in asked:
            low, high = (float(end[columns].sum()) for end in ends)
            if high - low < WIDTH[measure]:
                problems.append(f"{day} {place}: {measure} lies between {low:g} and {high:g}")
    return problems


def careless(project, answered):
    """The same answer with nothing hidden beside the small cells."""
    shown = {}
    for (day, place), row in answered.items():
        rows = sum(len(project.table[day][group]) for group in project.inside(day, place))
        is_small = 0 < project.customers(day, place) < project.fewest
        status = "suppressed" if is_small else "settled"
        shown[day, place] = {**row, "n": None if is_small else rows, "status": status}
    return shown


def alone(project, groma, metric, answered):
    """Without the totals the same cells are hidden: someone else may have asked for them."""
    rows = project.cells(groma.answer(project.question(metric, totals=False)))
    whole = {key: row for key, row in answered.items() if None not in key[1]}
    return differs("without totals", whole, rows)


def differs(name, answered, others):
    if answered.keys() != others.keys():
        return [f"{name}: {len(others)} cells instead of {len(answered)}"]
    different = [key for key, row in answered.items() if row["status"] != others[key]["status"]]
    return [f"{name}: {len(different)} cells differ, such as {different[0]}"] if different else []
