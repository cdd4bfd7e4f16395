"""Twenty metrics on one fact, by month and one dimension, over five million rows in DuckDB.

Times the statement that `groma query --sql` prints against a hand-written single scan, in one run, alternating, and prints
the ratio of the medians. Run it with the Python of the tests:

    python tests/benches/one_scan.py path/to/groma [rows]
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MANIFEST = """project: one_scan
targets:
  duck: { engine: duckdb }
default_target: duck
"""

SOURCE = """source events {
  file: "events.parquet"
  time: happened_on
  columns {
    happened_on: date
    channel:     text
    amount:      decimal(12, 2) in usd
    cost:        decimal(12, 2) in usd
    items:       int
    minutes:     float
    score:       int
    refunded:    bool
  }
}
"""

# name, measure in the language, expression by hand
METRICS = [
    ("events_count", "count()", "count(*)"),
    ("amount_sum", "sum(amount)", "sum(amount)"),
    ("cost_sum", "sum(cost)", "sum(cost)"),
    ("items_sum", "sum(items)", "sum(items)"),
    ("minutes_sum", "sum(minutes)", "sum(minutes)"),
    ("amount_avg", "avg(amount)", "sum(amount)::double / count(*)"),
    ("minutes_avg", "avg(minutes)", "sum(minutes) / count(*)"),
    ("score_avg", "avg(score)", "sum(score)::double / count(*)"),
    ("refunds", "count(where refunded)", "count(case when refunded then 1 end)"),
    ("refunded_amount", "sum(amount where refunded)", "sum(case when refunded then amount end)"),
    ("refund_share", "share(refunded)", "count(case when refunded then 1 end)::double / count(refunded)"),
    ("large", "count(where amount > 90)", "count(case when amount > 90 then 1 end)"),
    ("large_amount", "sum(amount where amount > 90)", "sum(case when amount > 90 then amount end)"),
    ("margin", "sum(amount) - sum(cost)", "sum(amount)::double - sum(cost)::double"),
    ("margin_share", "(sum(amount) - sum(cost)) / sum(amount)",
     "(sum(amount)::double - sum(cost)::double) / nullif(sum(amount)::double, 0)"),
    ("amount_max", "max(amount)", "max(amount)"),
    ("amount_min", "min(amount)", "min(amount)"),
    ("good", "count(where score >= 9)", "count(case when score >= 9 then 1 end)"),
    ("bad", "count(where score <= 6)", "count(case when score <= 6 then 1 end)"),
    ("net", "100 * (share(score >= 9) - share(score <= 6))",
     "100 * (count(case when score >= 9 then 1 end)::double / count(score)"
     " - count(case when score <= 6 then 1 end)::double / count(score))"),
]


def main(groma: str, rows: int) -> None:
    connection = duckdb.connect()
    connection.execute(f"""
        create table events as select
          date '2024-01-01' + (hash(i) % 730)::int as happened_on,
          'channel ' || (hash(i * 7) % 8) as channel,
          ((hash(i * 11) % 10000) / 100)::decimal(12, 2) as amount,
          ((hash(i * 13) % 5000) / 100)::decimal(12, 2) as cost,
          (hash(i * 17) % 9)::bigint as items,
          ((hash(i * 19) % 10000) / 7.0)::double as minutes,
          (hash(i * 23) % 11)::bigint as score,
          hash(i * 29) % 20 = 0 as refunded
        from range({rows}) t(i)""")
    ours = statement(groma)
    columns = ", ".join(f"{by_hand} as {name}" for name, _, by_hand in METRICS)
    theirs = f"select date_trunc('month', happened_on) as period, channel, {columns} from events group by 1, 2 order by 1, 2"
    times = {"groma": [], "by hand": []}
    for turn in range(8):
        for name, text in (("groma", ours), ("by hand", theirs)):
            started = time.perf_counter()
            answered = connection.execute(text).fetchall()
            if turn:
                times[name].append(time.perf_counter() - started)
            assert len(answered) == 24 * 8 * (len(METRICS) if name == "groma" else 1), (name, len(answered))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:8} {value * 1000:8.1f} ms")
    print(f"ratio    {medians['groma'] / medians['by hand']:8.2f}")
    scans = ours.count('FROM "events"')
    print(f"scans    {scans:8}")


def statement(groma: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        metrics = "\n".join(f"metric {name} {{ from: events  measure: {measure} }}" for name, measure, _ in METRICS)
        Path(folder, "groma.yml").write_text(MANIFEST)
        Path(folder, "project.groma").write_text(SOURCE + metrics)
        command = [groma, "-C", folder, "query", *(name for name, _, _ in METRICS), "--by", "channel", "--sql"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000)
