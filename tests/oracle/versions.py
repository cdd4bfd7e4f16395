"""Metrics with versions over `examples/cdnow`, from the raw file with pandas: which version computes which month, each
version at all times, and the bridge between two versions."""

import json
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from cdnow import load, table
from command import Groma, question
from compare import cells, equal, number, rows_of

# The first version of each metric, and those after it with the day from which on they hold.
DECLARED = """
metric actives {
  owner:   shop
  from:    purchases
  measure: count(distinct buyer)
  version 2 { from: 1997-10-15  window: trailing 30 days }
  version 3 { from: 1998-03-01  where: amount >= 10 usd }
}

metric worth {
  owner:   shop
  from:    purchases
  measure: sum(amount) / count()
  version 2 {
    from:    1997-07-01
    window:  trailing 90 days
    where:   units >= 2
    measure: sum(amount) / count(distinct buyer)
  }
}

metric returning {
  owner:    shop
  from:     purchases
  customer: buyer
  each:     count() >= 2
  measure:  share(each)
  version 2 { from: 1998-01-01  each: sum(units) >= 3 }
}

metric worth_of_actives { owner: shop  measure: worth / actives }
"""
BEGINS = {"actives": [None, "1997-10-15", "1998-03-01"], "worth": [None, "1997-07-01"],
          "returning": [None, "1998-01-01"], "worth_of_actives": [None]}
METRICS = list(BEGINS)
BRIDGES = [("worth", 1, 2), ("worth", 2, 1), ("actives", 1, 2), ("actives", 1, 3), ("returning", 1, 2)]


def month(frame, start, days=None):
    """The rows of a month, or of the days before its end."""
    end = start + pd.offsets.MonthBegin(1)
    first = start if days is None else end - pd.Timedelta(days=days)
    return frame[(frame["bought_on"] >= first) & (frame["bought_on"] < end)]


def mean(rows, per):
    return None if len(rows) == 0 else int(rows["cents"].sum()) / 100 / per(rows)


def buyers(rows):
    return rows["customer_id"].nunique()


def value(frame, metric, keys, start):
    """A metric in a month, by the version that each of its keys has."""
    if metric == "actives":
        rows = month(frame, start, None if keys["window"] == 1 else 30)
        return buyers(rows if keys["where"] < 3 else rows[rows["cents"] >= 1000])
    if metric == "worth":
        rows = month(frame, start, None if keys["window"] == 1 else 90)
        rows = rows if keys["where"] == 1 else rows[rows["units"] >= 2]
        return mean(rows, len if keys["measure"] == 1 else buyers)
    grouped = month(frame, start).groupby("customer_id")
    each = grouped.size() >= 2 if keys["each"] == 1 else grouped["units"].sum() >= 3
    return float(each.mean())


def all_of(version):
    return {key: version for key in ("window", "where", "measure", "each")}


def in_force(metric, start):
    """The version that computes the period that begins on a day."""
    begun = [begin is None or start >= pd.Timestamp(begin) for begin in BEGINS[metric]]
    return max(at + 1 for at, has in enumerate(begun) if has)


def expected(frame, starts):
    found = {}
    for start in starts:
        for metric in METRICS[:3]:
            version = in_force(metric, start)
            found[metric, str(start.date())] = (version, value(frame, metric, all_of(version), start))
        worth, actives = (found[metric, str(start.date())][1] for metric in ("worth", "actives"))
        found["worth_of_actives", str(start.date())] = (1, worth / actives)
    return found


def bridge(frame, metric, one, other, start):
    """Both values, and what timing, population and definition make of the difference, exchanged one after the other."""
    keys = all_of(one)
    values = [value(frame, metric, keys, start)]
    for part in (["window"], ["where"], ["measure", "each"]):
        keys = keys | {key: other for key in part}
        values.append(value(frame, metric, keys, start))
    return values[0], values[-1], [after - before for before, after in zip(values, values[1:])]


def run(program, engines, example):
    """Compares all engines; what was compared, in numbers, and what did not agree."""
    frame = load(example / "data" / "purchases.csv")
    starts = pd.date_range("1997-01-01", "1998-06-01", freq="MS")
    problems, counted = [], {"values": 0, "versions": 0, "bridges": 0}
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "cdnow"
        shutil.copytree(example, project)
        (project / "versions.groma").write_text(DECLARED)
        groma = Groma(program, project)
        # One question for all, and one alone.
        for metrics in [METRICS, METRICS[:1]]:
            problems += in_force_everywhere(groma, engines, frame, metrics, expected(frame, starts), counted)
        for metric in METRICS[:3]:
            problems += at_all_times(groma, frame, metric, starts, counted)
        for metric, one, other in BRIDGES:
            problems += bridged(groma, frame, (metric, one, other), starts, counted)
    return counted, problems


def in_force_everywhere(groma, engines, frame, metrics, wanted, counted):
    asked = question(metrics, grain="month")
    answers = {"datafusion": groma.answer(asked)}
    for name, engine in engines.items():
        [answer] = engine.run({"tables": [table(frame)], "statements": [groma.statement(asked, name)]})
        answers[name] = rows_of(answer)
    problems = []
    wanted = {key: cell for key, cell in wanted.items() if key[0] in metrics}
    for engine, rows in answers.items():
        got = {(row["metric"], str(row["period"])): (int(number(row["version"])), number(row["value"])) for row in rows}
        problems += [] if len(got) == len(rows) else [f"versions: {engine} answers a period twice: {metrics}"]
        for key in sorted(set(wanted) | set(got)):
            counted["values"] += 1
            (version, right), (of, is_now) = wanted.get(key, (None, None)), got.get(key, (None, None))
            if version != of or not equal(right, is_now):
                problems.append(f"versions: {engine} says {key} is {is_now} by version {of}, not {right} by {version}")
    return problems


def at_all_times(groma, frame, metric, starts, counted):
    problems = []
    for version in range(1, len(BEGINS[metric]) + 1):
        got = cells(groma.answer([*question([metric], grain="month"), "--version", str(version)]), [])
        for start in starts:
            counted["versions"] += 1
            key = (metric, str(start.date()), ())
            right = value(frame, metric, all_of(version), start)
            if not equal(got.get(key, (None,))[0], right):
                problems.append(f"versions: version {version} at all times: {key} is {got.get(key)}, not {right}")
    return problems


def bridged(groma, frame, compared, starts, counted):
    metric, one, other = compared
    text = groma.run("compare", metric, str(one), str(other), "--grain", "month", "--format", "json")
    found = {cell["period"]: cell for cell in json.loads(text)["cells"]}
    problems = []
    for start in starts:
        counted["bridges"] += 1
        cell = found[str(start.date())]
        left, right, parts = bridge(frame, metric, one, other, start)
        got = [*cell["values"], cell["difference"], *(cell["parts"][name] for name in ("timing", "population", "definition"))]
        wanted = [left, right, right - left, *parts]
        # A difference of nearly equal numbers keeps the digits of the numbers, not its own.
        near = 1e-9 * max(abs(left), abs(right))
        close = all(equal(was, is_now) or abs(was - is_now) <= near for was, is_now in zip(wanted, got))
        explained = abs(sum(got[3:]) - got[2]) <= near and cell["residual"] == 0
        if not close or not explained:
            problems.append(f"versions: the bridge of {compared} in {start.date()} is {got}, not {wanted}")
    return problems
