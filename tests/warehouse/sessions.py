"""Runs in two sessions: one of them lost, both lost, none beside the first given, a check that stops; always the answers of
one undisturbed run."""

import json
import tempfile
import time

import projects
import server
from projects import Project, answers, copy

NAME = "sessions"
FACTS = 6
COLUMNS = [("id", "bigint"), ("at", "date"), ("amount", "numeric(12, 2)")]

DEFINITIONS = "".join(f"""
source fact_{number} {{
  file: "fact_{number}.csv"
  key:  id
  time: at
  columns {{
    id:     int
    at:     date
    amount: decimal(12, 2)
  }}
  checks {{ paid: amount >= 0, stop }}
}}
metric number_{number} {{ from: fact_{number}  measure: count() }}
metric amount_{number} {{ from: fact_{number}  measure: sum(amount) }}
""" for number in range(FACTS))

# The run's own sessions, the first of them first.
OURS = f"FROM pg_stat_activity WHERE application_name = 'groma run {NAME}'"


class Sessions:
    def __init__(self, groma, server, folder):
        self.server, self.problems, self.counted = server, [], 0
        facts = [f"fact_{number}" for number in range(FACTS)]
        self.project = Project(groma, server, folder, server.database(NAME)).write(NAME, DEFINITIONS, tables=facts)
        with self.connected() as connection:
            for number, fact in enumerate(facts):
                rows = [(row, f"2026-0{1 + row % (number + 1)}-05", f"{row % 7}.50") for row in range(40 + number)]
                copy(connection, f"{fact}_rows", COLUMNS, rows)
                # Whoever reads it can be caught at it.
                connection.execute(
                    f"CREATE VIEW shop.{fact} AS SELECT * FROM shop.{fact}_rows WHERE (SELECT pg_sleep(0.2) IS NOT NULL)"
                )
        ended, said, beside = self.refresh("--parallel", "1")
        self.holds("an undisturbed run in one session", ended == 0 and said["rows_written"] > 0, beside)
        self.undisturbed = self.cells()

    def connected(self):
        return self.server.connected(self.project.database)

    def cells(self):
        with self.connected() as connection:
            return answers(connection)

    def holds(self, what, condition, said=""):
        self.counted += 1
        if not condition:
            self.problems.append(f"{what} does not hold {said}")

    def start(self, *arguments, **environment):
        return self.project.start("run", "--target", "warehouse", "--full", "--format", "json", *arguments, **environment)

    def end(self, running):
        """How a run ends, its summary, and what it says beside."""
        said, beside = running.communicate(timeout=120)
        return running.returncode, json.loads(said) if said else None, beside

    def refresh(self, *arguments):
        return self.end(self.start(*arguments))

    def wait_for_work(self):
        """Until two sessions read at the same time."""
        with self.connected() as connection:
            for _ in range(2400):
                at_work = f"SELECT count(*) {OURS} AND wait_event = 'PgSleep'"
                if connection.execute(at_work).fetchone()[0] >= 2:
                    return
                time.sleep(0.025)
        raise AssertionError("no two sessions are at work together")

    def terminate(self, which):
        with self.connected() as connection:
            connection.execute(
                f"SELECT pg_terminate_backend(pid) FROM (SELECT pid {OURS} ORDER BY backend_start, pid {which}) AS chosen"
            )

    def forget(self):
        """So that what is found afterwards was written afterwards."""
        with self.connected() as connection:
            connection.execute(f"DELETE FROM {projects.SCHEMA}.answers")


def run(groma, postgres):
    with tempfile.TemporaryDirectory(prefix="groma-sessions-") as folder:
        sessions = Sessions(groma, postgres, folder)
        for scenario in (undisturbed, lost, stopped, refused):
            scenario(sessions)
    return {"claims": sessions.counted}, sessions.problems


def undisturbed(sessions):
    for count in ("2", "3", "50"):
        sessions.forget()
        running = sessions.start("--parallel", count)
        sessions.wait_for_work()
        ended, said, beside = sessions.end(running)
        sessions.holds(f"a run with --parallel {count}", ended == 0, beside)
        names = [job["name"] for job in said["jobs"]]
        sessions.holds("the summary names the jobs in their order", names == sorted(names) and len(names) == FACTS, str(names))
        sessions.holds(f"the answers with --parallel {count}", sessions.cells() == sessions.undisturbed)


def lost(sessions):
    for what, which, words in (
        ("the second", "OFFSET 1 LIMIT 1", "its session was lost; another one does it"),
        ("the first", "LIMIT 1", "again in"),
        ("both", "", "again in"),
    ):
        sessions.forget()
        running = sessions.start("--parallel", "2")
        sessions.wait_for_work()
        sessions.terminate(which)
        ended, said, beside = sessions.end(running)
        sessions.holds(f"{what} lost: the run ends well and says so", ended == 0 and words in beside, f"{ended}: {beside}")
        sessions.holds(f"{what} lost: every job is done once", said and len(said["jobs"]) == FACTS, str(said))
        sessions.holds(f"{what} lost: the answers", sessions.cells() == sessions.undisturbed)


def stopped(sessions):
    """A check that stops, found by one session, stops what others would do from it, and nothing else."""
    with sessions.connected() as connection:
        connection.execute("UPDATE shop.fact_3_rows SET amount = -1 WHERE id = 3")
        connection.execute("DELETE FROM shop.fact_4_rows WHERE id > 5")
    ended, said, beside = sessions.refresh("--parallel", "2")
    found = sessions.cells()
    sessions.holds("a check that stops ends with 1 and is named", ended == 1 and "paid" in beside, beside)
    of = lambda cells, number: {key: cell for key, cell in cells.items() if f"_{number}'" in str(key)}
    sessions.holds("what it stops stays", of(found, 3) == of(sessions.undisturbed, 3) != {})
    sessions.holds("the others are refreshed", of(found, 4) != of(sessions.undisturbed, 4)
                   and of(found, 5) == of(sessions.undisturbed, 5))
    with sessions.connected() as connection:
        connection.execute("UPDATE shop.fact_3_rows SET amount = 3.50 WHERE id = 3")
        connection.execute("INSERT INTO shop.fact_4_rows SELECT row, ('2026-0' || 1 + row % 5 || '-05')::date, row % 7 + 0.5"
                           " FROM generate_series(6, 43) AS row")
    sessions.refresh()
    sessions.holds("repaired, all is as it was", sessions.cells() == sessions.undisturbed)


def refused(sessions):
    """A role that may have one session only: it says so, and does all in one."""
    with sessions.connected() as connection:
        connection.execute(f"DROP SCHEMA {projects.SCHEMA} CASCADE")
        connection.execute("DROP ROLE IF EXISTS lonely")
        connection.execute(f"CREATE ROLE lonely LOGIN PASSWORD '{server.PASSWORD}' CONNECTION LIMIT 1")
        connection.execute(f"GRANT CREATE ON DATABASE {sessions.project.database} TO lonely")
        connection.execute("GRANT USAGE ON SCHEMA shop TO lonely")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA shop TO lonely")
    url = sessions.server.url(sessions.project.database, user="lonely")
    ended, _, beside = sessions.end(sessions.start("--parallel", "3", **{projects.VARIABLE: url}))
    sessions.holds("one session is enough", ended == 0 and "jobs run in one session" in beside, beside)
    sessions.holds("one session: the answers", sessions.cells() == sessions.undisturbed)
