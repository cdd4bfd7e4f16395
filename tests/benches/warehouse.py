"""A thousand metrics over fifty facts of 100,000 rows on PostgreSQL: `groma run` against SQL that is fused by hand.

Starts a PostgreSQL of its own, fills it, refreshes all answers in full with `groma run --target`, and computes the same
numbers with one statement per fact as somebody would write it who knows how: one scan, GROUPING SETS, then rows. Both write
what they find into a table. Prints the ratio of the medians, which must be at most 1.5, whether the numbers are equal, and
how often each statement of `groma build` scans each fact, which must be once for each clock. A run has two sessions, as without
`--parallel`, and what is written by hand has one: on two cores, in one session each, the ratio is about 2.

    python tests/benches/warehouse.py path/to/groma [facts] [rows]
"""

import json
import os
import re
import statistics
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engines"))

from serve import PostgreSQL  # noqa: E402

VARIABLE = "WAREHOUSE_URL"
RUNS = 3

MANIFEST = f"""project: warehouse
targets:
  pg: {{ engine: postgres, connection: "${{{VARIABLE}}}", schema: published }}
default_target: pg
"""

ACCOUNTS = """source accounts {
  table: "accounts"
  key:   account_id
  columns {
    account_id: int
    region:     text
  }
}

customer account {
  from: accounts
  key:  account_id
  has:  region
}
"""

FACT = """source {fact} {{
  table: "{fact}"
  key:   row_id
  time:  happened_on
  columns {{
    row_id:      int
    account_id:  account
    happened_on: date
    amount:      decimal(12, 2) in usd
    cost:        decimal(12, 2) in usd
    items:       int
    minutes:     float
    score:       int
    refunded:    bool
    channel:     text
  }}
}}
"""

# name, measure in the language, expression by hand, what it counts by hand
METRICS = [
    ("rows", "count()", "count(*)", "count(*)"),
    ("amount_sum", "sum(amount)", "sum(amount)", "count(*)"),
    ("cost_sum", "sum(cost)", "sum(cost)", "count(*)"),
    ("items_sum", "sum(items)", "sum(items)", "count(*)"),
    ("minutes_sum", "sum(minutes)", "sum(minutes)", "count(*)"),
    ("amount_avg", "avg(amount)", "sum(amount)::float8 / count(*)", "count(*)"),
    ("minutes_avg", "avg(minutes)", "sum(minutes) / count(*)", "count(*)"),
    ("score_avg", "avg(score)", "sum(score)::float8 / count(*)", "count(*)"),
    ("refunds", "count(where refunded)", "count(*) filter (where refunded)", "count(*) filter (where refunded)"),
    ("refunded_amount", "sum(amount where refunded)", "coalesce(sum(amount) filter (where refunded), 0)",
     "count(*) filter (where refunded)"),
    ("refund_share", "share(refunded)", "count(*) filter (where refunded)::float8 / count(*)", "count(*)"),
    ("large", "count(where amount > 90)", "count(*) filter (where amount > 90)", "count(*) filter (where amount > 90)"),
    ("web_amount", 'sum(amount where channel = "web")', "coalesce(sum(amount) filter (where channel = 'web'), 0)",
     "count(*) filter (where channel = 'web')"),
    ("margin", "sum(amount) - sum(cost)", "sum(amount)::float8 - sum(cost)::float8", "count(*)"),
    ("margin_share", "(sum(amount) - sum(cost)) / sum(amount)",
     "(sum(amount)::float8 - sum(cost)::float8) / nullif(sum(amount)::float8, 0)", "count(*)"),
    ("amount_max", "max(amount)", "max(amount)", "count(*)"),
    ("good", "count(where score >= 9)", "count(*) filter (where score >= 9)", "count(*) filter (where score >= 9)"),
    ("buyers", "count(distinct account_id)", "count(distinct account_id)", "count(*)"),
    ("web_buyers", 'count(distinct account_id where channel = "web")',
     "count(distinct account_id) filter (where channel = 'web')", "count(*) filter (where channel = 'web')"),
    ("per_buyer", "sum(amount) / count(distinct account_id)",
     "sum(amount)::float8 / nullif(count(distinct account_id)::float8, 0)", "count(*)"),
]


class Server(PostgreSQL):
    """A PostgreSQL of its own, reached over the network like a warehouse."""

    def settings(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        return {**super().settings(), "listen_addresses": "127.0.0.1", "port": str(self.port)}

    def connect_first(self):
        return psycopg.connect(self.url, autocommit=True)

    @property
    def url(self):
        return f"postgresql://groma@127.0.0.1:{self.port}/postgres?sslmode=disable"


def fact_name(number):
    return f"fact_{number:02}"


def project(facts):
    """The files of the project: path and text."""
    yield "groma.yml", MANIFEST
    yield "accounts.groma", ACCOUNTS
    for number in range(facts):
        fact = fact_name(number)
        text = FACT.format(fact=fact)
        for name, measure, _, _ in METRICS:
            text += (f"\nmetric {fact}_{name} {{\n  from:    {fact}\n  measure: {measure}\n  by:      account.region\n"
                     f"  grain:   month\n}}\n")
        yield f"{fact}.groma", text


def fill(connection, facts, rows):
    """The tables: two years of rows, 5,000 accounts in eight regions."""
    connection.execute("create table accounts as select i::bigint as account_id, 'region ' || i % 8 as region "
                       "from generate_series(1, 5000) i")
    connection.execute("alter table accounts add primary key (account_id)")
    for number in range(facts):
        fact = fact_name(number)
        connection.execute(f"""create table {fact} as select
              i::bigint as row_id,
              (1 + ((i * 7919 + {number}) % 4999 * (i % 17)) % 5000)::bigint as account_id,
              date '2024-01-01' + ((i * 31 + {number}) % 731)::int as happened_on,
              ((i * 37) % 10000 / 100.0)::numeric(12, 2) as amount,
              ((i * 53) % 5000 / 100.0)::numeric(12, 2) as cost,
              (i * 11 % 9)::bigint as items,
              ((i * 13) % 10000 / 7.0)::float8 as minutes,
              (i * 17 % 11)::bigint as score,
              i % 20 = 0 as refunded,
              (array['web', 'store', 'phone', 'partner'])[1 + i % 4] as channel
            from generate_series(1, {rows}) i""")
        connection.execute(f"alter table {fact} add primary key (row_id)")
    connection.execute("vacuum analyze")


def by_hand(fact):
    """One fact as somebody would write it: one scan, both groupings, every number a row."""
    numbers = ",\n".join(f"({value})::float8 as v{at}, ({count})::bigint as n{at}"
                         for at, (_, _, value, count) in enumerate(METRICS))
    rows = ",\n".join(f"('{fact}_{name}', v{at}, n{at})" for at, (name, *_) in enumerate(METRICS))
    return f"""insert into by_hand
        with cells as (
          select date_trunc('month', happened_on)::date as period, region,
            grouping(region) as is_total, {numbers}
          from {fact} join accounts using (account_id)
          group by grouping sets ((1), (1, region))
        )
        select metric, period, case when is_total = 1 then 'total' else 'account.region' end, region, value, n
        from cells cross join lateral (values {rows}) as each(metric, value, n)"""


def hand(connection, facts):
    connection.execute("drop table if exists by_hand")
    connection.execute("create table by_hand (metric text, period date, grouping text, region text, value float8, n bigint)")
    started = time.perf_counter()
    for number in range(facts):
        connection.execute(by_hand(fact_name(number)))
    return time.perf_counter() - started


def groma_runs(groma, folder, environment):
    started = time.perf_counter()
    done = subprocess.run([groma, "-C", folder, "run", "--target", "pg", "--full"], env=environment, capture_output=True,
                          text=True)
    taken = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"groma run: {done.stdout}{done.stderr}")
    return taken


def differing(connection):
    """How many numbers are not the same on both sides."""
    return connection.execute("""
        select count(*), count(*) filter (where a.metric is null or b.metric is null
          or a.n <> b.n or abs(a.value - b.value) > 1e-9 * greatest(1, abs(b.value))
          or (a.value is null) <> (b.value is null))
        from published.answers a full join by_hand b
          on a.metric = b.metric and a.period = b.period and a.grouping = b.grouping
          and coalesce(a."account.region", '') = coalesce(b.region, '')""").fetchone()


def scans(connection, statement):
    """How often a plan reads each table."""
    plan = connection.execute(f"explain (format json) {statement}").fetchone()[0]
    found = {}

    def look(node):
        if "Relation Name" in node:
            found[node["Relation Name"]] = found.get(node["Relation Name"], 0) + 1
        for part in node.get("Plans", []):
            look(part)

    look(plan[0]["Plan"])
    return found


def built_queries(groma, folder, environment):
    """The query of each job, from the files of `groma build`."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([groma, "-C", folder, "build", "--target", "pg", "--out", out], env=environment, check=True,
                       capture_output=True)
        for path in sorted(Path(out).rglob("jobs/*.sql")):
            found = re.search(r"CREATE\s+TEMP(?:ORARY)?\s+TABLE\s+\S+\s+(?:ON COMMIT DROP\s+)?AS\s+(WITH\b.*?);\s*\n",
                              path.read_text(), re.S | re.I)
            if found:
                yield path.stem, found.group(1)


def main(groma, facts=50, rows=100_000):
    postgres = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in project(facts):
                Path(folder, name).write_text(text)
            connection = postgres.connection
            fill(connection, facts, rows)
            environment = {**os.environ, VARIABLE: postgres.url}
            ours, theirs = [], []
            for _ in range(RUNS):
                theirs.append(hand(connection, facts))
                ours.append(groma_runs(groma, folder, environment))
            number, wrong = differing(connection)
            often = {}
            for name, query in built_queries(groma, folder, environment):
                for table, count in scans(connection, query).items():
                    if table.startswith("fact_"):
                        often[table] = max(often.get(table, 0), count)
            ratio = statistics.median(ours) / statistics.median(theirs)
            print(json.dumps({
                "metrics": facts * len(METRICS), "facts": facts, "rows": rows,
                "groma_seconds": [round(taken, 2) for taken in ours],
                "hand_seconds": [round(taken, 2) for taken in theirs],
                "ratio": round(ratio, 3), "cells": number, "different": wrong,
                "facts_read": len(often), "most_scans_of_a_fact": max(often.values(), default=None),
            }, indent=2))
            return ratio <= 1.5 and wrong == 0 and max(often.values(), default=1) == 1
    finally:
        postgres.stop()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(0 if main(sys.argv[1], *(int(argument) for argument in sys.argv[2:4])) else 1)
