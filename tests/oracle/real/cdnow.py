"""CDNOW: cohorts of the first quarter of 1997, what they did later, and what of that is known at a date."""

import io
import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from real import data, references
from real.project import Question, Table, compare

CUSTOMERS, SAMPLED, ONCE = 23_570, 2_357, 1_411
MASTER = Path(__file__).resolve().parents[3] / "examples" / "cdnow" / "data" / "purchases.csv"
END = pd.Timestamp("1998-07-01")
EARLY = pd.Timestamp("1997-12-15")
COHORTS = ["--from", "1997-01-01", "--to", "1997-03-31"]
YEAR = "1997-01-01"


def load():
    """The purchases of the example, each with its buyer's first day; cents, so that sums are exact."""
    rows = pd.read_csv(MASTER, dtype={"customer_id": str, "amount": str}, parse_dates=["bought_on"])
    rows["cents"] = rows["amount"].str.replace(".", "", regex=False).astype("int64")
    rows["first"] = rows.groupby("customer_id")["bought_on"].transform("min")
    return rows


def load_buyers(rows):
    sample = pd.read_csv(io.BytesIO(data.content("cdnow_sample")), sep=r"\s+", header=None, dtype=str)
    buyers = rows.groupby("customer_id").agg(first=("first", "min"), cents=("cents", "sum"))
    buyers["sampled"] = buyers.index.isin(sample[0])
    return buyers


def run(program, engines):
    rows = load()
    buyers = load_buyers(rows)
    found = (len(buyers), int(buyers["sampled"].sum()), bought_once(rows, buyers)["value"])
    problems = [] if found == (CUSTOMERS, SAMPLED, ONCE) else [f"cdnow: pandas finds {found}"]
    counted, others = compare(program, engines, "cdnow", tables(rows, buyers), questions(rows, buyers))
    return counted, problems + others


def tables(rows, buyers):
    keys = [f"p{number:05}" for number in range(len(rows))]
    days = rows["bought_on"].dt.strftime("%Y-%m-%d")
    purchases = list(zip(keys, rows["customer_id"], days, map(str, rows["units"]), rows["amount"]))
    people = [
        (key, str(row.first.date()), str(row.sampled).lower(), f"{row.cents // 100}.{row.cents % 100:02}")
        for key, row in zip(buyers.index, buyers.itertuples(index=False, name="Buyer"))
    ]
    return [
        Table("purchases", [("purchase", "text"), ("customer_id", "text"), ("bought_on", "date"), ("units", "int"),
                            ("amount", "decimal(10,2)")], purchases),
        Table("buyers", [("customer_id", "text"), ("joined_on", "date"), ("sampled", "bool"), ("spent", "decimal(12,2)")], people),
    ]


def questions(rows, buyers):
    return [
        *published(rows, buyers), *cohorts(rows, buyers), *spending(rows, buyers), *curves(rows, buyers),
        *funnel(rows), *ratios(rows),
    ]


def bought_once(rows, buyers):
    """The published count: the first 39 weeks of 1997, and days, not rows."""
    sampled = rows[rows["customer_id"].isin(buyers.index[buyers["sampled"]])]
    days = sampled[sampled["bought_on"] < pd.Timestamp("1997-10-01")].groupby("customer_id")["bought_on"].nunique()
    return {"value": float((days == 1).sum()), "n": int((days == 1).sum())}


def published(rows, buyers):
    once = bought_once(rows, buyers)
    share = references.share(np.arange(SAMPLED) < ONCE) | {"status": "provisional"}
    cells = {("bought_once", YEAR): once | {"status": "provisional"}, ("bought_once_share", YEAR): share}
    return [Question(["bought_once", "bought_once_share", "--as-of", "1997-10-01", "--intervals"], cells)]


def inside(rows, first, last):
    """The rows of the days [first day + a, first day + b) of their buyers; a and b are lengths of pandas."""
    return rows[(rows["bought_on"] >= rows["first"] + first) & (rows["bought_on"] < rows["first"] + last)]


def of_everyone(buyers, per_buyer, missing=0):
    """A value for each buyer of the cohort, also for those without rows."""
    return per_buyer.reindex(buyers.index, fill_value=missing)


def months_of(buyers):
    return buyers["first"].dt.to_period("M")


def status_of(start, grain, window, as_of):
    """Cohorts mature when the window of the last day that may be in them has closed."""
    return "settled" if as_of >= start + grain + window else "immature"


def cohorts(rows, buyers):
    weeks = pd.Timedelta(weeks=39)
    days = of_everyone(buyers, inside(rows, pd.Timedelta(0), weeks).groupby("customer_id")["bought_on"].nunique())
    asked = []
    for as_of in (END, EARLY):
        cells = {}
        for month, group in buyers.groupby(months_of(buyers)):
            start = month.start_time
            status = status_of(start, pd.DateOffset(months=1), weeks, as_of)
            matured = float((group["first"] + weeks <= as_of).mean())
            for metric, hits in (("once_in_39_weeks", days == 1), ("repeat_in_39_weeks", days > 1)):
                cell = references.share(hits[group.index]) if status == "settled" else dict.fromkeys(("value", "se", "low", "high"))
                cells[metric, str(start.date())] = cell | {"n": len(group), "status": status, "matured": matured}
        options = ["--grain", "month", "--as-of", str(as_of.date()), "--intervals", *COHORTS]
        asked.append(Question(["once_in_39_weeks", "repeat_in_39_weeks", *options], cells))
    groups = {
        ("once_in_39_weeks", YEAR, str(sampled).lower()): references.share((days == 1)[group.index])
        for sampled, group in buyers.groupby("sampled")
    }
    by = ["--by", "buyer.sampled", "--grain", "quarter", "--to", "1997-03-31", "--intervals"]
    return [*asked, Question(["once_in_39_weeks", *by], groups, by=["buyer.sampled"])]


def spending(rows, buyers):
    first = inside(rows, pd.Timedelta(0), pd.Timedelta(days=90))
    spent = of_everyone(buyers, first.groupby("customer_id")["cents"].sum()) / 100
    later = inside(rows, pd.DateOffset(months=1), pd.DateOffset(months=4))
    purchases = of_everyone(buyers, later.groupby("customer_id").size())
    monthly, weighted = {}, {}
    for month, group in buyers.groupby(months_of(buyers)):
        period = str(month.start_time.date())
        values = spent[group.index]
        monthly |= {
            ("spent_in_90_days", period): references.student(values),
            ("middle_spent_in_90_days", period): references.order_statistics(values, 0.5),
            ("high_spent_in_90_days", period): references.order_statistics(values, 0.9),
            ("all_spent_in_90_days", period): references.total(values, group.index) | {"n": len(values)},
            ("later_purchases", period): references.student(purchases[group.index]),
        }
        weighted["spent_in_90_days", period] = of_weights(values, group["cents"])
        days = inside(rows, pd.Timedelta(0), pd.Timedelta(weeks=39)).groupby("customer_id")["bought_on"].nunique()
        weighted["repeat_in_39_weeks", period] = of_weights(days[group.index] > 1, group["cents"])
    lifetime = (rows.groupby("customer_id")["bought_on"].max() - buyers["first"]).dt.days
    long = {("long_lifetime", "1998-01-01"): references.order_statistics(lifetime, 0.75)}
    options = ["--grain", "month", "--intervals", *COHORTS]
    return [
        Question([*dict.fromkeys(metric for metric, _ in monthly), *options], monthly),
        Question(["spent_in_90_days", "repeat_in_39_weeks", "--weights", *options], weighted),
        Question(["long_lifetime", "--intervals", "--from", "1998-01-01"], long),
    ]


def of_weights(values, cents):
    """The mean weighted by what customers spent in all, beside the plain one."""
    weights = np.asarray(cents, dtype=float) / 100
    fitted = references.clustered(values, np.arange(len(values)), weights)
    return {
        "value": float(np.mean(values)), "weighted": fitted["value"], "weighted_se": fitted["se"],
        "effective_n": float(weights.sum() ** 2 / (weights**2).sum()), "largest_share": float(weights.max() / weights.sum()),
    }


def curves(rows, buyers):
    asked = []
    for as_of in (END, EARLY):
        known = rows[rows["bought_on"] < as_of]
        cells = curve("retention", known, buyers, as_of, "M", [pd.DateOffset(months=step) for step in range(13)])
        options = ["--grain", "month", "--as-of", str(as_of.date()), *COHORTS]
        asked.append(Question(["retention", *options], cells, by=["step"]))
    cells = curve("weekly_retention", rows, buyers, END, "W-SUN", [pd.Timedelta(weeks=step) for step in range(21)])
    options = ["--grain", "week", "--as-of", str(END.date()), "--from", "1996-12-30", "--to", "1997-03-30"]
    return [*asked, Question(["weekly_retention", *options], cells, by=["step"])]


def curve(metric, rows, buyers, as_of, frequency, bounds):
    """The share of each cohort that bought in each step after its members' first day."""
    cohort = buyers["first"].dt.to_period(frequency)
    cells = {}
    for step, (first, last) in enumerate(zip(bounds, bounds[1:])):
        active = pd.Series(buyers.index.isin(inside(rows, first, last)["customer_id"]), index=buyers.index)
        for period, group in buyers.groupby(cohort):
            end = (period + 1).start_time
            settled = as_of >= end + last
            cells[metric, str(period.start_time.date()), str(step)] = {
                "value": float(active[group.index].mean()) if settled else None, "n": len(group),
                "status": "settled" if settled else "immature", "matured": float((group["first"] + last <= as_of).mean()),
            }
    return cells


def funnel(rows):
    """Each buyer's first purchase of a month, the first large one from then on, and the first huge one after that."""
    ordered = rows.sort_values(["customer_id", "bought_on"], kind="stable")
    days = (ordered["bought_on"] - pd.Timestamp("1970-01-01")).dt.days
    months = ordered["bought_on"].dt.strftime("%Y-%m-01")
    counts = {}
    purchases = zip(ordered["customer_id"], days.tolist(), months, ordered["cents"].tolist())
    for _, history in itertools.groupby(purchases, key=lambda purchase: purchase[0]):
        history = list(history)
        for month, entered in firsts(history).items():
            for step, reached in enumerate(steps_of(history[entered:])):
                counts.setdefault(month, [0, 0, 0])[step] += reached
    cells = {}
    for month, reached in counts.items():
        end = pd.Timestamp(month) + pd.DateOffset(months=1)
        for (name, days), count in zip((("bought", 0), ("large", 30), ("huge", 30 + 90)), reached):
            settled = end + pd.Timedelta(days=days) <= END
            value, status = (count / reached[0], "settled") if settled else (None, "immature")
            cells["upgrades", month, name] = {"value": value, "n": reached[0], "status": status}
    return [Question(["upgrades", "--grain", "month"], cells, by=["step"])]


def firsts(history):
    """Where in a history each month's first purchase is."""
    found = {}
    for place, (_, _, month, _) in enumerate(history):
        found.setdefault(month, place)
    return found


def steps_of(history):
    """Whether each step is reached by whom a history begins with; a purchase may be several steps at once."""
    time, reached = history[0][1], [True]
    for cents, within in ((5_000, 30), (10_000, 90)):
        limit = time + within
        found = next((day for _, day, _, paid in history if time <= day < limit and paid > cents), None)
        if found is None:
            break
        time = found
        reached.append(True)
    return reached + [False] * (3 - len(reached))


def ratios(rows):
    months = rows["bought_on"].dt.to_period("M")
    cells = {}
    for month, part in rows.groupby(months):
        cells |= {(metric, str(month.start_time.date())): cell for metric, cell in of_rows(part).items()}
    recent = {}
    for month in sorted(months.unique()):
        end = (month + 1).start_time
        part = rows[(rows["bought_on"] >= end - pd.Timedelta(days=90)) & (rows["bought_on"] < end)]
        recent["recent_average", str(month.start_time.date())] = of_rows(part)["average_purchase"]
    return [
        Question([*dict.fromkeys(metric for metric, _ in cells), "--grain", "month", "--intervals"], cells),
        Question(["recent_average", "--grain", "month", "--intervals"], recent),
    ]


def of_rows(part):
    """Ratios of sums over purchases, whose errors come from the sums of each buyer."""
    buyers, amounts, large = part["customer_id"], part["cents"] / 100, part["cents"] > 5_000
    mean = references.clustered(amounts, buyers)
    return {
        "average_purchase": mean,
        "revenue_per_purchase": mean,
        "large_revenue_share": references.ratio(amounts.where(large, 0.0), amounts, buyers),
        "large_purchases": references.share(large, buyers),
        "price": references.ratio(amounts, part["units"], buyers),
        "revenue": references.total(amounts, buyers) | {"n": len(part)},
    }
