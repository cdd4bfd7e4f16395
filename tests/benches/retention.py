"""Retention of twelve monthly cohorts, twelve months each, over five million events in DuckDB.

Times the statement that `groma query --sql` prints against one written by hand, in one run, alternating, and prints the
ratio of the medians; both must answer the same. Run it with the Python of the tests:

    python tests/benches/retention.py path/to/groma [events]
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MANIFEST = """project: retention
timezone: UTC
targets:
  duck: { engine: duckdb }
default_target: duck
"""

PROJECT = """source accounts {
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
    name:        text
  }
}
metric retention {
  from:    events
  window:  each month after account.since, 12 times
  each:    count() > 0
  measure: share(each)
}
"""

BY_HAND = """
with active as (
  select distinct account_id, datesub('month', since, happened_on) as step
  from events join accounts using (account_id)
  where happened_on >= since and happened_on < since + interval 12 month
), counted as (
  select date_trunc('month', since) as cohort, step, count(*) as active
  from active join accounts using (account_id)
  group by 1, 2
), spine as (
  select date_trunc('month', since) as cohort, step, count(*) as size
  from accounts, range(12) steps(step)
  group by 1, 2
)
select spine.cohort, spine.step, coalesce(active, 0)::double / size
from spine left join counted using (cohort, step)
order by 1, 2
"""

AS_OF = "2026-03-01"
TURNS = 8


def main(groma: str, events: int) -> None:
    connection = duckdb.connect()
    fill(connection, events)
    texts = {"groma": statement(groma), "by hand": BY_HAND}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in texts}
    answers = {}
    for turn in range(TURNS):
        for name, text in texts.items():
            started, worked = time.perf_counter(), time.process_time()
            cursor = connection.execute(text)
            columns = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            if turn:
                times[name].append((time.perf_counter() - started, time.process_time() - worked))
            answers[name] = (columns, rows)
    compare(*answers["groma"], answers["by hand"][1])
    # On a machine that does other things too, only the work of the processors says something.
    for place, what in enumerate(("by the clock", "of processors")):
        ours, theirs = (statistics.median(turn[place] for turn in times[name]) for name in ("groma", "by hand"))
        print(f"{what:13} groma {ours * 1000:8.1f} ms, by hand {theirs * 1000:8.1f} ms, ratio {ours / theirs:.2f}")
    scans = re.findall(r'(?:FROM|JOIN) "events"', texts["groma"])
    print(f"scans of the events: {len(scans)}")


def fill(connection, events: int) -> None:
    """Twenty-five events of an account on average, more of them in its first months; a few from before it was one."""
    accounts = max(events // 25, 1)
    connection.execute(f"""
        create table accounts as select
          i as account_id,
          date '2024-01-01' + (hash(i) % 366)::int as since
        from range({accounts}) t(i)""")
    connection.execute(f"""
        create table events as select
          account_id,
          since + (((hash(i * 11) % 1000) / 1000.0) ^ 2 * 420)::int - 3 as happened_on,
          'event ' || (hash(i * 13) % 20) as name
        from (select i, (hash(i * 7) % {accounts})::bigint as account_id from range({events}) t(i))
        join accounts using (account_id)""")


def statement(groma: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "groma.yml").write_text(MANIFEST)
        Path(folder, "project.groma").write_text(PROJECT)
        command = [groma, "-C", folder, "query", "retention", "--grain", "month", "--as-of", AS_OF,
                   "--from", "2024-01-01", "--to", "2024-12-31", "--sql"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compare(columns, rows, by_hand) -> None:
    """Ours has the columns of every answer; theirs the cohort, the step and the value."""
    places = [columns.index(name) for name in ("period", "step", "value")]
    ours = {(str(row[places[0]])[:10], int(row[places[1]])): row[places[2]] for row in rows}
    theirs = {(str(cohort)[:10], int(step)): value for cohort, step, value in by_hand}
    assert len(theirs) == 144 and ours.keys() == theirs.keys(), (len(ours), len(theirs))
    wrong = [key for key, value in theirs.items() if abs(ours[key] - value) > 1e-12]
    assert not wrong, (wrong[:5], [ours[key] for key in wrong[:5]], [theirs[key] for key in wrong[:5]])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000)
