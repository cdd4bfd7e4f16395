"""CDNOW, month by month: cohorts, curves, windows, and customers that a query makes of the purchases."""

import csv

import projects
from _replay import replay

PURCHASES = [("customer_id", "text"), ("bought_on", "date"), ("units", "bigint"), ("amount", "numeric(10,2)")]

FURTHER = """
/// Customers who buy again within 60 days of their first purchase.
metric repeat_60d {
  owner:    shop
  customer: buyer
  from:     purchases
  window:   60 days after buyer.since
  each:     count() > 1
  measure:  share(each)
}
/// Months after the first purchase in which they still buy.
metric retention {
  owner:    shop
  customer: buyer
  from:     purchases
  window:   each month after buyer.since, 6 times
  each:     any(units > 0)
  measure:  share(each)
}
"""


def run(groma, server):
    return replay(groma, server, "cdnow", project(), months())


def project():
    example = projects.ROOT / "examples" / "cdnow"
    files = [example / f"{name}.groma" for name in ("customers", "metrics", "sources")]
    definitions = "\n".join(path.read_text() for path in files) + FURTHER
    definitions = definitions.replace('"data/purchases.csv"', '"purchases.csv"')
    return definitions, "America/New_York", "purchases", PURCHASES


def months():
    with open(projects.ROOT / "examples" / "cdnow" / "data" / "purchases.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    found = {}
    for row in rows:
        found.setdefault(row[1][:7], []).append(row)
    return [found[month] for month in sorted(found)]
