"""The metrics of `examples/subscriptions`, from its files with pandas, and from Groma on three engines; that its generator writes
those files, and that their checks find what the generator spoils."""

import csv
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import pandas as pd

from command import Groma, question
from compare import equal, number, rows_of

# The types of `serve.py`; what is not here is text.
TYPES = {
    "signed_up_at": "timestamp", "closed_at": "timestamp", "joined_at": "timestamp", "at": "timestamp", "opened_at": "timestamp",
    "replied_at": "timestamp", "solved_at": "timestamp", "sent_at": "timestamp", "answered_at": "timestamp", "arrived_at": "timestamp",
    "is_test": "bool", "seats": "int", "recommend": "int", "satisfied": "int", "price": "decimal(8,2)",
    "month_end": "date", "valid_from": "date", "valid_until": "date",
}
PARIS = "Europe/Paris"
# By then every period of the files is settled.
AS_OF = "2026-07-10"
LAST = "2026-06-30"
MINIMUM = {"nps": 30, "csat": 30, "activation": 20}
WINDOW = pd.Timedelta(days=30)

# A metric, how it is grouped, by what grain, and what makes its values of the tables: a period's key and a group's to (value, n).
Asked = namedtuple("Asked", "metric by grain values")


def load(folder):
    """The tables, with instants as local times of Paris without a zone, as days and months are told by."""
    tables = {path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in sorted(folder.glob("*.csv"))}
    for table in tables.values():
        for column in table:
            if column.endswith("_at") or column == "at":
                utc = column != "sent_at"
                moments = pd.to_datetime(table[column])
                table[column] = moments.dt.tz_localize("UTC").dt.tz_convert(PARIS).dt.tz_localize(None) if utc else moments
                if utc:
                    table[f"{column}_utc"] = moments
    tables["subscriptions"]["month_end"] = pd.to_datetime(tables["subscriptions"]["month_end"])
    # What was answered before it was asked is in quarantine.
    tickets = tables["tickets"]
    tables["tickets"] = tickets[~(tickets["replied_at_utc"] < tickets["opened_at_utc"])]
    return tables


class World:
    """Who is counted, and the rows of each of them."""

    def __init__(self, tables):
        self.tables = tables
        self.accounts = tables["accounts"][~tables["accounts"]["is_test"]].copy()
        self.accounts["plan"] = self.accounts["plan"].fillna("")
        self.accounts["since"] = self.accounts["signed_up_at"].dt.normalize()
        people = tables["users"].merge(self.accounts, on="account_id")
        self.users = people[people["role"] != "bot"]
        self.members = tables["users"].merge(self.accounts, on="account_id")

    def of_people(self, name, users=None):
        """The rows of a table that are of somebody, with who it is."""
        users = self.users if users is None else users
        return self.tables[name].merge(users[["user_id", "account_id", "region", "plan", "since"]], on="user_id")

    def of_accounts(self, name):
        """The rows of a table that are of an account, whoever of it: a script's, too."""
        return self.of_people(name, self.members)


def periods(grain):
    return pd.period_range("2024-07", "2026-06", freq={"month": "M", "quarter": "Q"}[grain])


def key(period):
    return str(period.start_time.date())


def grouped(frame, when, by, grain, answer, zeros=False):
    """What `answer` makes of the rows of each period and group; every group that is in any period is in each."""
    frame = frame.assign(period=frame[when].dt.to_period({"month": "M", "quarter": "Q"}[grain]))
    groups = [()] if not by else sorted(set(frame[by[0]].map(lambda one: (one,))))
    found = {}
    for period in periods(grain):
        rows = frame[frame["period"] == period]
        for group in groups:
            own = rows if not by else rows[rows[by[0]] == group[0]]
            found[key(period), group, ""] = answer(own)
    return found


def count(rows):
    return len(rows), len(rows)


def mean(column):
    def answer(rows):
        known = rows[column].dropna()
        return (known.mean() if len(known) else None, len(known))
    return answer


def median_hours(rows):
    hours = (rows["replied_at_utc"] - rows["opened_at_utc"]).dropna().dt.total_seconds() / 3600
    return (hours.median() if len(hours) else None, len(hours))


def within_8_hours(rows):
    hours = (rows["replied_at_utc"] - rows["opened_at_utc"]).dt.total_seconds() / 3600
    return ((hours <= 8).mean() if len(rows) else None, len(rows))


def at_least(minimum, pair):
    value, n = pair
    return (value if n >= minimum else None, n)


def nps(by):
    def values(world):
        rows = world.of_people("responses")
        rows = rows[(rows["survey"] == "loyalty") & rows["recommend"].notna()]
        prize = rows["account_id"].isin(["a0155", "a0261"]) & rows["answered_at"].between("2025-11-12", "2025-11-30 23:59:59")
        rows = rows[~prize].sort_values("answered_at")

        def answer(own):
            scores = own.groupby("user_id")["recommend"].last()
            points = 100 * ((scores >= 9).mean() - (scores <= 6).mean()) if len(scores) else None
            return at_least(MINIMUM["nps"], (points, len(scores)))
        return grouped(rows, "answered_at", by, "quarter", answer)
    return values


def csat(world):
    rows = world.of_people("responses")
    rows = rows[(rows["survey"] == "support") & rows["satisfied"].notna()].assign(good=lambda frame: frame["satisfied"] >= 4)
    return grouped(rows, "answered_at", [], "month", lambda own: at_least(MINIMUM["csat"], mean("good")(own)))


def response_rate(world):
    asked = grouped(world.of_people("invites").query("survey == 'loyalty'"), "sent_at", [], "month", count)
    told = grouped(world.of_people("responses").query("survey == 'loyalty'"), "answered_at", [], "month", count)
    return {cell: (told[cell][0] / n if n else None, n) for cell, (_, n) in asked.items()}


def active_users(world):
    """Those with any event in the 28 days up to the end of the month; from July 2025 on, with another than signing in."""
    events = world.of_people("events")
    found = {}
    for period in periods("month"):
        end = (period + 1).start_time
        rows = events[(events["at"] >= end - pd.Timedelta(days=28)) & (events["at"] < end)]
        if period >= pd.Period("2025-07"):
            rows = rows[rows["name"] != "login"]
        found[key(period), (), ""] = (rows["user_id"].nunique(), len(rows))
    return found


def in_first_month(world):
    """The rows of the first 30 days of each account, and the accounts."""
    events = world.of_accounts("events")
    day = events["at"].dt.normalize()
    return events[(day >= events["since"]) & (day < events["since"] + WINDOW)], world.accounts


def activation(world):
    rows, accounts = in_first_month(world)
    shares = rows[rows["name"] == "share"].groupby("account_id").size()
    cohort = accounts.assign(active=accounts["account_id"].map(shares).fillna(0) >= 2)

    def answer(own):
        return at_least(MINIMUM["activation"], mean("active")(own))
    found = grouped(cohort, "since", [], "month", answer)
    return {cell: pair if cell[0] < "2026-06" else "immature" for cell, pair in found.items()}


def onboarding(world):
    """Each step is the first row of its name that is not before the step before."""
    rows, accounts = in_first_month(world)
    rows = rows.sort_values("at_utc")
    reached = {}
    for account, own in rows.groupby("account_id"):
        at, steps = pd.Timestamp.min, 0
        for name in ("login", "board", "share", "export"):
            later = own.loc[(own["name"] == name) & (own["at_utc"] >= at), "at_utc"]
            if later.empty:
                break
            at, steps = later.iloc[0], steps + 1
        reached[account] = steps
    cohort = accounts.assign(steps=accounts["account_id"].map(reached).fillna(0))
    found = {}
    for place, step in enumerate(("signed_in", "made_board", "shared", "exported"), 1):
        cells = grouped(cohort, "since", [], "quarter", lambda own: ((own["steps"] >= place).mean(), len(own)))
        found |= {(period, group, step): pair for (period, group, _), pair in cells.items()}
    return {cell: pair if cell[0] < "2026-04" else "immature" for cell, pair in found.items()}


def month_after(day, months):
    """The same day some months on; the last of the month where it has none."""
    return day + pd.DateOffset(months=months)


def retention(world):
    events = world.of_accounts("events")
    events = events.assign(day=events["at"].dt.normalize())[["account_id", "day", "since"]].drop_duplicates()
    found = {}
    for step in range(12):
        first, last = month_after(events["since"], step), month_after(events["since"], step + 1)
        there = set(events.loc[(events["day"] >= first) & (events["day"] < last), "account_id"])
        cohort = world.accounts.assign(there=world.accounts["account_id"].isin(there))
        cells = grouped(cohort, "since", [], "quarter", mean("there"))
        for (period, group, _), pair in cells.items():
            # The youngest of the quarter came on its last day.
            closes = month_after(pd.Period(period, "Q").end_time.normalize(), step + 1) + pd.Timedelta(days=3)
            found[period, group, str(step)] = pair if closes <= pd.Timestamp(AS_OF) else "immature"
    return found


def bills(world):
    rows = world.tables["subscriptions"].merge(world.accounts[["account_id", "region"]], on="account_id")
    raised = {"solo": (12, 12), "team": (19, 22), "scale": (29, 34)}
    fee = [seats * raised[plan][day >= pd.Timestamp(2026, 1, 1)]
           for seats, plan, day in zip(rows["seats"], rows["plan"], rows["month_end"])]
    return rows.assign(fee=fee)


def mrr(by):
    return lambda world: grouped(bills(world), "month_end", by, "month", lambda rows: (rows["fee"].sum(), len(rows)))


def revenue_per_account(world):
    return grouped(bills(world), "month_end", [], "month", lambda rows: (rows["fee"].sum() / len(rows), None))


def churn(world):
    paid = bills(world)
    left = world.accounts[world.accounts["account_id"].isin(paid["account_id"]) & world.accounts["closed_at"].notna()]
    closed = grouped(left, "closed_at", [], "month", count)
    paying = grouped(paid, "month_end", [], "month", count)
    before = dict(zip(list(paying)[1:], list(paying.values())))
    return {cell: (n / before[cell][0] if cell in before else None, None) for cell, (_, n) in closed.items()}


def shares_per_user(world):
    rows = world.of_people("events").query("name == 'share'")
    return grouped(rows, "at", [], "month", lambda own: (len(own) / own["user_id"].nunique(), own["user_id"].nunique()))


ASKED = [
    Asked("nps", [], "quarter", nps([])),
    Asked("nps", ["account.region"], "quarter", nps(["region"])),
    Asked("csat", [], "month", csat),
    Asked("loyalty.response_rate", [], "month", response_rate),
    Asked("tickets", ["channel"], "month",
          lambda world: grouped(world.of_people("tickets"), "opened_at", ["channel"], "month", count)),
    Asked("hours_to_reply", ["channel"], "month",
          lambda world: grouped(world.of_people("tickets"), "opened_at", ["channel"], "month", median_hours)),
    Asked("answered_within_8_hours", [], "month",
          lambda world: grouped(world.of_people("tickets"), "opened_at", [], "month", within_8_hours)),
    Asked("active_users", [], "month", active_users),
    Asked("activation", [], "month", activation),
    Asked("onboarding", [], "quarter", onboarding),
    Asked("retention", [], "quarter", retention),
    Asked("shares_per_user", [], "month", shares_per_user),
    Asked("mrr", [], "month", mrr([])),
    Asked("mrr", ["account.region"], "month", mrr(["region"])),
    Asked("revenue_per_account", [], "month", revenue_per_account),
    Asked("churn", [], "month", churn),
    Asked("signups", ["account.plan"], "month",
          lambda world: grouped(world.accounts, "since", ["plan"], "month", count)),
]


def run(program, engines, example):
    """Compares all engines; what was compared, in numbers, and what did not agree."""
    groma = Groma(program, example)
    world = World(load(example / "data"))
    wanted = [(asked, asked.values(world)) for asked in ASKED]
    answers = {"datafusion": [groma.answer(arguments) for _, arguments in questions()]}
    tables = [table(path) for path in sorted((example / "data").glob("*.csv"))]
    for name, engine in engines.items():
        statements = [groma.statement(arguments, name) for _, arguments in questions()]
        answers[name] = [rows_of(answer) for answer in engine.run({"tables": tables, "statements": statements})]
    problems, cells = [], 0
    for engine, answered in answers.items():
        found = by_cell(answered)
        for asked, values in wanted:
            cells += len(values)
            problems += differences(engine, asked, found[asked.metric, tuple(asked.by)], values)
    problems += generated(example) + checked(groma, example)
    return {"metrics": len({asked.metric for asked in ASKED}), "cells": cells}, problems


def table(path):
    """A file as `serve.py` takes it; the name is that of the example's source."""
    with open(path, newline="", encoding="ascii") as file:
        header, *rows = csv.reader(file)
    columns = [(name, TYPES.get(name, "text")) for name in header]
    return {"name": [path.stem], "columns": columns, "rows": [[value or None for value in row] for row in rows]}


def questions():
    """What is asked at once, what is grouped alike: its groupings, and the arguments."""
    together = {}
    for asked in ASKED:
        together.setdefault((tuple(asked.by), asked.grain), []).append(asked.metric)
    return [(by, question(metrics, by, grain, last=LAST) + ["--as-of", AS_OF]) for (by, grain), metrics in together.items()]


def by_cell(answers):
    """The rows of the questions by metric and groupings, and then by period, group and step."""
    found = {(asked.metric, tuple(asked.by)): {} for asked in ASKED}
    for (by, _), rows in zip(questions(), answers):
        for row in rows:
            cell = str(row["period"]), tuple(row[path] or "" for path in by), str(row.get("step") or "")
            found[row["metric"], by][cell] = row
    return found


def differences(engine, asked, answers, wanted):
    what = f"subscriptions on {engine}: {asked.metric} by {', '.join(asked.by) or 'nothing'}"
    if answers.keys() != wanted.keys():
        return [f"{what}: these cells are missing or too many: {sorted(answers.keys() ^ wanted.keys())[:6]}"]
    found = []
    for cell, pair in wanted.items():
        row = answers[cell]
        if pair == "immature":
            if row["status"] != "immature" or number(row["value"]) is not None:
                found.append(f"{what}: {cell} is {row['value']} ({row['status']}), and its window is still open")
            continue
        value, n = pair
        if not equal(number(row["value"]), None if value is None else float(value)):
            found.append(f"{what}: {cell} is {row['value']} ({row['status']}), and pandas says {value}")
        elif n is not None and number(row["n"]) != n:
            found.append(f"{what}: {cell} counts {row['n']}, and pandas {n}")
    return found


def generated(example):
    """The generator writes what is committed, byte for byte."""
    def sums(folder):
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(folder).glob("*.csv"))}

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(example / "generate.py"), folder], check=True)
        made, kept = sums(folder), sums(example / "data")
    return [] if made == kept else [f"subscriptions: generate.py writes other bytes: {sorted(made.items() ^ kept.items())}"]


def checked(groma, example):
    """`check --data` finds what the generator spoils, and nothing else."""
    specification = importlib.util.spec_from_file_location("generate", example / "generate.py")
    constants = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(constants)
    found = json.loads(groma.run("check", "--data", "--on", "2026-07-01", "--format", "json", may_find=True))
    said = sorted((finding["code"], int(re.match(r"\d+", finding["headline"])[0])) for finding in found["diagnostics"])
    spoilt = [1, constants.REPEATED_EVENTS, constants.REPLIES_BEFORE_THE_TICKET, constants.REPEATED_ANSWERS, constants.LATE_ANSWERS]
    wanted = sorted(("data/check-failed", rows) for rows in spoilt)
    return [] if said == wanted else [f"subscriptions: check --data finds {said}, and {wanted} are planted"]
