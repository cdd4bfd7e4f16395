"""Twenty metrics over one fact, at three grains and with three clocks, together and one by one.

Times the statements that `groma build` writes for all of them against those that `groma query` prints for each alone, on
DuckDB, in one run, alternating; then the same on the embedded engine with `groma run` against a `groma query` for each.
Prints the ratios, and how often the fact is read in each statement: at most once for a clock. Run it with the Python of the
tests:

    python tests/benches/three_clocks.py path/to/groma [rows]
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MANIFEST = """project: three_clocks
timezone: UTC
targets:
  duck: { engine: duckdb }
  here: { engine: datafusion }
default_target: here
"""

SOURCES = """source accounts {
  file: "accounts.parquet"
  key:  account_id
  columns {
    account_id: int
    since:      date
  }
}
customer account { from: accounts  key: account_id  since: since }
source events {
  file: "events.parquet"
  time: happened_on
  columns {
    account_id:  account
    happened_on: date
    amount:      decimal(12, 2) in usd
    items:       int
    score:       int
    refunded:    bool
  }
}
"""

GRAINS = ["day", "week", "month"]
TRAILING = "window: trailing 28 days"
ANCHOR = "window: 30 days after account.since"

# Name, clock, measure; seven of the rows' own time, seven trailing, six after an anchor.
METRICS = [
    ("orders", "", "measure: count()"),
    ("revenue", "", "measure: sum(amount)"),
    ("items_sold", "", "measure: sum(items)"),
    ("mean_score", "", "measure: avg(score)"),
    ("refunds", "", "measure: count(where refunded)"),
    ("refund_share", "", "measure: share(refunded)"),
    ("large_revenue", "", "measure: sum(amount where amount > 50)"),
    ("recent_orders", TRAILING, "measure: count()"),
    ("recent_revenue", TRAILING, "measure: sum(amount)"),
    ("recent_items", TRAILING, "measure: sum(items)"),
    ("recent_score", TRAILING, "measure: avg(score)"),
    ("recent_refunds", TRAILING, "measure: count(where refunded)"),
    ("recent_refund_share", TRAILING, "measure: share(refunded)"),
    ("recent_large_revenue", TRAILING, "measure: sum(amount where amount > 50)"),
    ("early_orders", ANCHOR, "each: count()  measure: avg(each)"),
    ("early_revenue", ANCHOR, "each: sum(amount)  measure: avg(each)"),
    ("early_items", ANCHOR, "each: sum(items)  measure: sum(each)"),
    ("activation", ANCHOR, "each: count() >= 3  measure: share(each)"),
    ("early_refunders", ANCHOR, "each: any(refunded)  measure: share(each)"),
    ("early_big_spenders", ANCHOR, "each: sum(amount) > 100  measure: share(each)"),
]
CLOCKS = 3
TURNS = 3


def main(groma: str, rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect()
        fill(connection, rows, folder)
        write(folder)
        program = Program(groma, folder)
        together = program.build()
        apart = [program.statement(name, grain) for grain in GRAINS for name, _, _ in METRICS]
        report("duckdb", compete(lambda: execute(connection, together.values()), lambda: execute(connection, apart)))
        for name, text in together.items():
            print(f"scans of the fact in {name}: {scans(text)} (at most {CLOCKS})")
        report("embedded", compete(program.run_together, program.run_apart))


def compete(together, apart) -> dict[str, list[tuple[float, float]]]:
    """The seconds of both, by the clock and of processors, after a first turn that warms up; both answer as many rows."""
    times: dict[str, list[tuple[float, float]]] = {"together": [], "one by one": []}
    for turn in range(TURNS):
        counts = {}
        for name, work in (("together", together), ("one by one", apart)):
            started, worked = time.perf_counter(), of_processors()
            counts[name] = work()
            if turn:
                times[name].append((time.perf_counter() - started, of_processors() - worked))
        assert counts["together"] == counts["one by one"] > 0, counts
    return times


def of_processors() -> float:
    """On a machine that does other things too, only the work of the processors says something."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def report(engine: str, times: dict[str, list[tuple[float, float]]]) -> None:
    for place, what in enumerate(("by the clock", "of processors")):
        together, apart = (statistics.median(turn[place] for turn in times[name]) for name in ("together", "one by one"))
        print(f"{engine:8} {what:13} together {together:7.2f} s, one by one {apart:7.2f} s, ratio {together / apart:.2f}", flush=True)


def execute(connection, texts) -> int:
    return sum(len(connection.execute(text).fetchall()) for text in texts)


def scans(text: str) -> int:
    return len(re.findall(r'\b(?:FROM|JOIN)\s+"events"', text))


class Program:
    """`groma` over the project of this run."""

    def __init__(self, program: str, folder: str):
        self.program, self.folder = program, folder

    def run(self, *arguments: str) -> str:
        command = [self.program, "-C", self.folder, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def build(self) -> dict[str, str]:
        self.run("build", "--target", "duck", "--out", "statements")
        return {path.name: path.read_text() for path in sorted(Path(self.folder, "statements").glob("*.sql"))}

    def statement(self, metric: str, grain: str) -> str:
        return self.run("query", metric, "--grain", grain, "--sql", "--target", "duck")

    def run_together(self) -> int:
        return sum(lines(self.run("run", "--grain", grain, "--format", "csv")) for grain in GRAINS)

    def run_apart(self) -> int:
        asked = ((name, grain) for grain in GRAINS for name, _, _ in METRICS)
        return sum(lines(self.run("query", name, "--grain", grain, "--format", "csv")) for name, grain in asked)


def lines(text: str) -> int:
    """The rows of an answer, without its heading."""
    return len(text.splitlines()) - 1


def write(folder: str) -> None:
    grains = ", ".join(GRAINS)
    metrics = "\n".join(
        f"metric {name} {{ from: events  {clock}  {measure}  grain: {grains} }}" for name, clock, measure in METRICS
    )
    Path(folder, "groma.yml").write_text(MANIFEST)
    Path(folder, "project.groma").write_text(SOURCES + metrics)


def fill(connection, rows: int, folder: str) -> None:
    """Two years of events of accounts that joined in the first of them; as tables, and as files for the embedded engine."""
    accounts = max(rows // 25, 1)
    connection.execute(f"""
        create table accounts as select i as account_id, date '2024-01-01' + (hash(i) % 366)::int as since
        from range({accounts}) t(i)""")
    connection.execute(f"""
        create table events as select
          (hash(i * 7) % {accounts})::bigint as account_id,
          date '2024-01-01' + (hash(i * 11) % 730)::int as happened_on,
          ((hash(i * 13) % 10000) / 100)::decimal(12, 2) as amount,
          (hash(i * 17) % 9)::bigint as items,
          (hash(i * 23) % 11)::bigint as score,
          hash(i * 29) % 20 = 0 as refunded
        from range({rows}) t(i)""")
    for table in ("accounts", "events"):
        connection.execute(f"copy {table} to '{folder}/{table}.parquet' (format parquet)")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
