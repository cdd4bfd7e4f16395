"""Runs of a whole project on PostgreSQL and in a folder: twice the same, dry, only a part, one at a time, tried again, and
what the summary says of it."""

import csv
import fcntl
import io
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import projects
from projects import ROOT, Project, answers, copy

PURCHASES = [("customer_id", "text"), ("bought_on", "date"), ("units", "bigint"), ("amount", "numeric(10, 2)")]
METRICS = "purchases,buyers,new_buyers,units,revenue,average_purchase,active_buyers,revenue_to_date,large_purchase_share"

# The smaller of the two jobs; it reads the same rows.
SMALL = ("--only", "new_buyers")


class Runs:
    def __init__(self, groma, server, folder):
        self.groma, self.server, self.folder = groma, server, Path(folder)
        self.problems, self.counted = [], 0
        self.project = Project(groma, server, folder, server.database("runs"))
        shutil.copytree(ROOT / "examples/cdnow", folder, dirs_exist_ok=True)
        manifest = (self.folder / "groma.yml").read_text()
        at = manifest.index("targets:")
        (self.folder / "groma.yml").write_text(
            manifest[:at] + "targets:\n  local:\n    engine: datafusion\n  warehouse:\n    engine: postgres\n"
            f"    connection: ${{{projects.VARIABLE}}}\n    schema: {projects.SCHEMA}\n"
            "    tables: { purchases: shop.purchases }\n" + manifest[manifest.index("default_target:"):]
        )
        with open(self.folder / "data/purchases.csv") as file:
            rows = list(csv.reader(file))[1:]
        with server.connected(self.project.database) as connection:
            copy(connection, "purchases", PURCHASES, rows)

    def holds(self, what, condition, said=""):
        self.counted += 1
        if not condition:
            self.problems.append(f"{what} does not hold {said}")

    def ask(self, *arguments, **environment):
        """How it ends, what it answers and what it says beside."""
        ended = subprocess.run(
            self.project.command(*arguments), capture_output=True, text=True, env=self.project.environment(**environment)
        )
        return ended.returncode, ended.stdout, ended.stderr

    def refresh(self, *arguments, target="warehouse"):
        """The summary of a run that goes well."""
        ended, said, beside = self.ask("run", "--target", target, "--format", "json", *arguments)
        if ended != 0:
            raise AssertionError(f"the run ends with {ended}:\n{said}{beside}")
        return json.loads(said)

    def connected(self, **options):
        return self.server.connected(self.project.database, **options)

    def all_rows(self, without=()):
        with self.connected() as connection:
            cursor = connection.execute(f"SELECT * FROM {projects.SCHEMA}.answers")
            names = [column.name for column in cursor.description]
            kept = [place for place, name in enumerate(names) if name not in without]
            return sorted(tuple(map(str, (row[place] for place in kept))) for row in cursor)


def run(groma, server):
    with tempfile.TemporaryDirectory(prefix="groma-runs-") as folder:
        runs = Runs(groma, server, folder)
        for scenario in (same_answers, dry, twice, a_part, the_summary, wrong_use, one_at_a_time, tried_again, in_a_folder,
                         folders_that_cannot):
            scenario(runs)
    return {"claims": runs.counted}, runs.problems


def same_answers(runs):
    """Both engines answer alike."""
    for asked in (("query", METRICS, "--format", "csv"),
                  ("query", "buyers,active_buyers", "--grain", "month", "--as-of", "1998-03-15", "--format", "csv")):
        found = {}
        for target in ("local", "warehouse"):
            ended, said, beside = runs.ask(*asked, "--target", target)
            runs.holds(f"query on {target}", ended == 0, beside)
            found[target] = list(csv.reader(io.StringIO(said)))
        runs.holds(f"the same answers to {asked}", alike(found["local"], found["warehouse"]))


def alike(left, right):
    def near(one, other):
        if one == other:
            return True
        try:
            return abs(float(one) - float(other)) <= 1e-9 * max(1.0, abs(float(one)))
        except ValueError:
            return False
    return len(left) == len(right) and all(
        len(one) == len(other) and all(map(near, one, other)) for one, other in zip(left, right)
    )


def dry(runs):
    """Statements are shown, in their order, and nothing is touched; a server that is not there is not missed."""
    ended, said, beside = runs.ask("run", "--target", "warehouse", "--dry-run", **{projects.VARIABLE: "postgresql://x@127.0.0.1:1/x"})
    runs.holds("a dry run", ended == 0, beside)
    places = [said.find(word) for word in ("-- setup", "-- check of", "-- job", "BEGIN", "groma_fresh", "DELETE", "INSERT", "COMMIT")]
    runs.holds("a dry run shows its statements", all(place >= 0 for place in places), str(places))
    with runs.connected() as connection:
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [projects.SCHEMA]).fetchone()[0]
    runs.holds("a dry run makes nothing", found == 0)
    runs.holds("a dry run is the same again", runs.ask("run", "--target", "warehouse", "--dry-run")[1] == said)


def twice(runs):
    """A second run changes no settled row, not even who wrote it; `--full` writes all anew with the same numbers."""
    first = runs.refresh()
    before = runs.all_rows()
    runs.holds("the first run writes all cells", first["rows_written"] == sum(first["cells"].values()) == len(before), str(first["cells"]))
    second = runs.refresh()
    after = runs.all_rows()
    runs.holds("the second run gives the same rows", before == after)
    settled = first["cells"].get("settled", 0)
    runs.holds("what is settled is not written again", second["rows_written"] <= first["rows_written"] - settled, str(second))
    full = runs.refresh("--full")
    runs.holds("a full run writes all", full["rows_written"] == first["rows_written"] and full["full"], str(full))
    runs.holds("a full run gives the same rows", runs.all_rows() == before)
    with runs.connected() as connection:
        found = connection.execute(
            f"SELECT period::text, value FROM {projects.SCHEMA}.answers WHERE metric = 'revenue' AND grain = 'month'"
            " AND grouping = 'total' ORDER BY period"
        ).fetchall()
        oracle = connection.execute(
            "SELECT date_trunc('month', bought_on)::date::text, sum(amount)::float8 FROM shop.purchases GROUP BY 1 ORDER BY 1"
        ).fetchall()
    runs.holds("the numbers are those of the rows", [p for p, _ in found] == [p for p, _ in oracle]
               and all(abs(a - b) < 1e-6 for (_, a), (_, b) in zip(found, oracle)), str((found[:2], oracle[:2])))


def a_part(runs):
    before = runs.all_rows()
    everything = runs.refresh()
    some = runs.refresh("--only", "revenue", "--full")
    runs.holds("only the jobs of a metric run", 0 < len(some["jobs"]) <= len(everything["jobs"])
               and all("revenue" in job["metrics"] for job in some["jobs"]), str(some["jobs"]))
    name = everything["jobs"][0]["name"]
    runs.holds("a job is named", [job["name"] for job in runs.refresh("--only", name)["jobs"]] == [name])
    runs.holds("parts leave the rest", runs.all_rows() == before)
    ended, _, beside = runs.ask("run", "--target", "warehouse", "--only", "revenu")
    runs.holds("an unknown part is wrong use", ended == 2 and "revenue" in beside, beside)


def the_summary(runs):
    summary = runs.refresh(*SMALL)
    schema = json.loads((ROOT / "docs/reference/run.schema.json").read_text())
    try:
        import jsonschema
        jsonschema.validate(summary, schema)
    except ImportError:
        missing = [key for key in schema["required"] if key not in summary]
        runs.holds("the summary has all keys", not missing, str(missing))
    ended, said, beside = runs.ask("run", "--target", "warehouse", *SMALL)
    runs.holds("a line for each job", ended == 0 and len([line for line in beside.splitlines() if " in " in line and "/" in line.split()[0]])
               == len(summary["jobs"]), beside)
    runs.holds("the summary is for people", all(word in said for word in ("refreshed", "cells:", "checks:", "commit")), said)
    runs.holds("flagged rows are counted", {"no_copies": 255} == {c["check"]: c["rows"] for c in summary["checks"]["broken"]},
               str(summary["checks"]))


def wrong_use(runs):
    for flags in (["--grain", "month"], ["--from", "1997-01"], ["--format", "csv"], ["--intervals"], ["--out", "x"]):
        ended, _, beside = runs.ask("run", "--target", "warehouse", *flags)
        runs.holds(f"{flags} with a refresh is wrong use", ended == 2 and flags[0] in beside, beside)
    for flags in (["--full"], ["--dry-run"], ["--wait", "0"], ["--only", "revenue"]):
        ended, _, beside = runs.ask("run", *flags)
        runs.holds(f"{flags} without a target is wrong use", ended == 2 and flags[0] in beside, beside)


def one_at_a_time(runs):
    """The second run says who is at work, waits, and goes on when the first has ended, however it has."""
    with runs.connected(autocommit=False) as connection:
        # The first run stands still where it wants to write; nobody else is in its way.
        connection.execute(f"LOCK TABLE {projects.SCHEMA}.refreshes IN ACCESS EXCLUSIVE MODE")
        first = runs.project.start("run", "--target", "warehouse", "--full", *SMALL)
        wait_for(runs, "groma run cdnow")
        ended, _, beside = runs.ask("run", "--target", "warehouse", "--wait", "0")
        runs.holds("without waiting, busy", ended == 1 and "target/busy" in beside and "groma run cdnow" in beside, beside)
        ended, _, beside = runs.ask("run", "--target", "warehouse", "--wait", "1")
        runs.holds("after waiting, busy", ended == 1 and "after 1 second" in beside and "since" in beside, beside)
        second = runs.project.start("run", "--target", "warehouse", *SMALL)
        wait_for(runs, "groma run cdnow", sessions=2)
        # It asks for the lock four times a second.
        time.sleep(1)
        runs.holds("it waits", second.poll() is None)
        first.kill()
        first.communicate()
    said, beside = second.communicate(timeout=60)
    runs.holds("it goes on when the first was killed", second.returncode == 0 and "waiting up to 10 minutes" in beside, beside)


def wait_for(runs, application, sessions=1):
    """Until so many sessions are there, and one of them waits for a lock."""
    with runs.connected() as connection:
        for _ in range(1200):
            found = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity"
                " WHERE application_name = %s", [application]
            ).fetchone()
            if found[0] >= sessions and found[1]:
                return
            time.sleep(0.05)
    raise AssertionError(f"{application} does not come to its lock")


def tried_again(runs):
    """A session that is ended in the midst of a job: it connects again, says so, and the answers are the same."""
    before = runs.all_rows()
    with runs.connected(autocommit=False) as connection:
        connection.execute(f"LOCK TABLE {projects.SCHEMA}.refreshes IN ACCESS EXCLUSIVE MODE")
        running = runs.project.start("run", "--target", "warehouse", "--full", *SMALL)
        wait_for(runs, "groma run cdnow")
        with runs.connected() as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'groma run cdnow'")
    said, beside = running.communicate(timeout=120)
    runs.holds("a lost session is tried again", running.returncode == 0 and "again in" in beside, beside)
    runs.holds("and gives the same rows", runs.all_rows() == before)


def in_a_folder(runs):
    """The embedded engine keeps answers as Parquet: the same cells, the same bytes when run again."""
    folder = runs.folder / "answers"
    first = runs.refresh(target="local")
    files = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
    runs.holds("one file for each job", sorted(files) == sorted(f"{job['name']}.parquet" for job in first["jobs"]), str(sorted(files)))
    second = runs.refresh(target="local")
    runs.holds("the same bytes again", files == {path.name: path.read_bytes() for path in folder.glob("*.parquet")})
    settled = first["cells"].get("settled", 0)
    runs.holds("what is settled is not written again", second["rows_written"] <= first["rows_written"] - settled, str(second))
    import duckdb
    cursor = duckdb.sql(f"SELECT * FROM read_parquet('{folder}/*.parquet', union_by_name = true)")
    embedded = projects.by_cell(cursor.columns, cursor.fetchall())
    with runs.connected() as connection:
        served = answers(connection)
    runs.holds("the same cells as in PostgreSQL", set(embedded) == set(served), str(list(set(embedded) ^ set(served))[:4]))
    different = [key for key in set(embedded) & set(served) if not projects.same(embedded[key], served[key])]
    runs.holds("the same numbers as in PostgreSQL", not different, str([(k, embedded[k], served[k]) for k in different[:2]]))
    left = [path.name for path in folder.iterdir() if not path.name.endswith(".parquet") and path.name != ".groma-run.lock"]
    runs.holds("nothing is left beside", not left, str(left))


def folders_that_cannot(runs):
    folder = runs.folder / "answers"
    with open(folder / ".groma-run.lock", "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended, _, beside = runs.ask("run", "--target", "local", "--wait", "0")
    runs.holds("a folder that is taken is busy", ended == 1 and "target/busy" in beside, beside)
    one = sorted(folder.glob("*.parquet"))[0]
    whole = one.read_bytes()
    one.write_bytes(b"PAR1 torn")
    ended, _, beside = runs.ask("run", "--target", "local")
    runs.holds("a torn file is named, and stays", ended == 1 and one.name in beside and one.read_bytes() == b"PAR1 torn", beside)
    one.write_bytes(whole)
    shutil.rmtree(folder)
    folder.write_text("no folder")
    ended, _, beside = runs.ask("run", "--target", "local")
    runs.holds("what is no folder is said", ended == 1 and "target/read-only" in beside, beside)
    folder.unlink()
    folder.mkdir()
    full = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)], capture_output=True)
    # Only who may mount can try it.
    if full.returncode == 0:
        try:
            ended, _, beside = runs.ask("run", "--target", "local", "--only", "new_buyers")
            left = [path.name for path in folder.iterdir() if path.name != ".groma-run.lock"]
            runs.holds("a full disk is said, and nothing is half-written",
                       ended == 1 and "target/disk-full" in beside and not left, beside + str(left))
        finally:
            subprocess.run(["umount", str(folder)], check=True)
