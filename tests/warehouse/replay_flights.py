"""The flights of 2013, month by month: late rows, groups that come later, two grains, groups of groups."""

from _replay import replay
from real import flights as published

FLIGHTS = [("flight", "text"), ("scheduled_at", "timestamp"), ("carrier", "text"), ("origin", "text"), ("delay", "bigint")]

DEFINITIONS = """
source flights {
  file: "flights.csv"
  key:  flight
  time: scheduled_at
  late: 3 days
  columns {
    flight:       text
    scheduled_at: instant in "UTC"
    carrier:      text
    origin:       text
    delay:        int, optional
  }
}
metric scheduled { from: flights  measure: count()  by: carrier, origin  grain: month, week }
metric cancelled { from: flights  measure: count(where delay is null)  by: carrier }
metric on_time { from: flights  measure: share(delay <= 15)  by: origin, (carrier, origin)  minimum: 30 }
metric median_delay { from: flights  measure: median(delay)  by: origin }
metric recent { from: flights  window: trailing 28 days  measure: count(where delay > 60)  by: carrier }
metric this_year { from: flights  window: year to date  measure: sum(delay) }
metric growth { measure: percent_change(scheduled, scheduled offset 1 month)  grain: month }
"""


def run(groma, server):
    return replay(groma, server, "flights", (DEFINITIONS, published.ZONE, "flights", FLIGHTS), months())


def months():
    loaded = published.load()
    raw = published.data.frame("flights")
    delays = [None if delay != delay else str(int(delay)) for delay in loaded["dep_delay"]]
    rows = zip(map(str, loaded["rownames"]), loaded["stored"], loaded["carrier"], raw["origin"], delays)
    found = {}
    for row, month in zip(rows, loaded["month"]):
        found.setdefault(month, []).append(row)
    return [found[month] for month in sorted(found)]
