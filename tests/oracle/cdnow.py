"""The metrics of `examples/cdnow`, from the raw file with pandas, and from Groma on three engines."""

import json

import pandas as pd

from command import Groma, question
from compare import cells, equal, rows_of

FACTS = {"purchases": 69_659, "customers": 23_570, "repeated rows": 255}
METRICS = ["purchases", "buyers", "new_buyers", "units", "revenue", "average_purchase", "revenue_per_buyer",
           "active_buyers", "revenue_to_date", "revenue_growth", "large_purchase_share"]
COLUMNS = [("customer_id", "text"), ("bought_on", "date"), ("units", "int"), ("amount", "decimal(12,2)")]


def load(path):
    """The purchases, with money in whole cents so that sums are exact."""
    frame = pd.read_csv(path, dtype={"customer_id": str, "amount": str}, parse_dates=["bought_on"])
    frame["cents"] = frame["amount"].str.replace(".", "", regex=False).astype("int64")
    return frame


def facts(frame):
    return {
        "purchases": len(frame),
        "customers": frame["customer_id"].nunique(),
        "repeated rows": int(frame.duplicated(["customer_id", "bought_on", "units", "amount"]).sum()),
    }


def expected(frame):
    """The value of each metric for each month, by its definition."""
    found = {}
    first = frame.groupby("customer_id")["bought_on"].min()
    before = None
    for month in pd.period_range(frame["bought_on"].min(), frame["bought_on"].max(), freq="M"):
        start, end = month.start_time.normalize(), (month + 1).start_time.normalize()
        rows = frame[(frame["bought_on"] >= start) & (frame["bought_on"] < end)]
        recent = frame[(frame["bought_on"] >= end - pd.Timedelta(days=90)) & (frame["bought_on"] < end)]
        year = frame[(frame["bought_on"] >= pd.Timestamp(month.year, 1, 1)) & (frame["bought_on"] < end)]
        revenue = int(rows["cents"].sum()) / 100
        buyers = rows["customer_id"].nunique()
        values = {
            "purchases": len(rows),
            "buyers": buyers,
            "new_buyers": int(((first >= start) & (first < end)).sum()),
            "units": int(rows["units"].sum()),
            "revenue": revenue,
            "average_purchase": revenue / len(rows),
            "revenue_per_buyer": revenue / buyers,
            "active_buyers": recent["customer_id"].nunique(),
            "revenue_to_date": int(year["cents"].sum()) / 100,
            "revenue_growth": None if before is None else (revenue - before) / before,
            "large_purchase_share": int(rows.loc[rows["cents"] > 5000, "cents"].sum()) / 100 / revenue,
        }
        before = revenue
        found |= {(metric, str(start.date()), ()): values[metric] for metric in METRICS}
    return found


def table(frame):
    """The file as `serve.py` takes it; the name is that of the example's source."""
    rows = [[row.customer_id, str(row.bought_on.date()), str(row.units), row.amount] for row in frame.itertuples()]
    return {"name": ["purchases"], "columns": COLUMNS, "rows": rows}


def run(program, engines, example):
    """Compares all engines; what was compared, in numbers, and what did not agree."""
    frame = load(example / "data" / "purchases.csv")
    problems = [] if facts(frame) == FACTS else [f"the data has {facts(frame)}, and {FACTS} were published"]
    wanted = expected(frame)
    groma = Groma(program, example)
    asked = question(METRICS, grain="month")
    answers = {"datafusion": cells(groma.answer(asked), [])}
    for name, engine in engines.items():
        [answer] = engine.run({"tables": [table(frame)], "statements": [groma.statement(asked, name)]})
        answers[name] = cells(rows_of(answer), [])
    for engine, answered in answers.items():
        problems += differences(engine, answered, wanted)
    problems += repetitions(groma)
    return {"metrics": len(METRICS), "cells": len(wanted) * len(answers)}, problems


def repetitions(groma):
    """The check of the example's source finds the repeated rows."""
    found = json.loads(groma.run("check", "--data", "--format", "json", may_find=True))
    wanted = f"{FACTS['repeated rows']} rows"
    said = [finding["headline"] for finding in found["diagnostics"] if finding["code"] == "data/check-failed"]
    if any(headline.startswith(wanted) for headline in said):
        return []
    return [f"cdnow: no check of the source finds {wanted} that repeat an earlier one, only {said}"]


def differences(engine, answered, wanted):
    if answered.keys() != wanted.keys():
        return [f"cdnow on {engine}: these cells are missing or too many: {sorted(answered.keys() ^ wanted.keys())[:10]}"]
    return [
        f"cdnow on {engine}: {key} is {answered[key][0]}, and pandas says {value}"
        for key, value in wanted.items() if not equal(answered[key][0], None if value is None else float(value))
    ]
