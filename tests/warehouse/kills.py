"""Runs that are killed at random moments, while people read: nothing but whole states is ever seen, and a clean run mends all.

Every run finds other rows than the one before (each row's `state` is the number of the run), and nothing is ever settled, so
that a job's answers are of one state exactly when all of their values are that number.
"""

import os
import random
import tempfile
import threading
import time

from projects import SCHEMA, Project, answers, copy, same

COLUMNS = [("id", "bigint"), ("at", "date"), ("region", "text"), ("state", "bigint")]
METRICS = """
source {fact} {{
  file: "{fact}.csv"
  key:  id
  time: at
  late: 9999 days
  columns {{
    id:     int
    at:     date
    region: text, optional
    state:  int
  }}
}}
metric {fact}_newest {{ from: {fact}  measure: max(state)  by: region }}
metric {fact}_oldest {{ from: {fact}  measure: min(state)  by: region }}
metric {fact}_rows   {{ from: {fact}  measure: count()  by: region }}
metric {fact}_sum    {{ from: {fact}  measure: sum(state)  by: region }}
metric {fact}_mean   {{ measure: {fact}_sum / {fact}_rows  by: region }}
"""
FACTS = ("visits", "calls", "orders")
REGIONS = ("north", "south", None)


def run(groma, server):
    kills = int(os.environ.get("GROMA_KILLS", "200"))
    chance = random.Random(20261122)
    with tempfile.TemporaryDirectory(prefix="groma-kills-") as folder:
        project = Project(groma, server, folder, server.database("kills"))
        project.write("kills", "".join(METRICS.format(fact=fact) for fact in FACTS), tables=FACTS)
        fill(project)
        project.run("run", "--target", "warehouse")
        started = time.monotonic()
        project.run("run", "--target", "warehouse")
        usual = time.monotonic() - started
        readers = Readers(project)
        finished = kill_all(project, chance, kills, usual)
        project.run("run", "--target", "warehouse")
        readers.stop()
        problems = readers.problems + differences(project, folder, groma, server)
    counted = {"kills": kills, "finished before": finished, "states read": readers.read}
    problems += [] if readers.read > kills else [f"only {readers.read} states were read"]
    problems += [] if finished < kills // 2 else [f"{finished} of {kills} runs ended before they were killed"]
    return counted, problems


def fill(project):
    with project.server.connected(project.database) as connection:
        for fact in FACTS:
            rows = [(number, f"2026-{1 + number % 6:02}-{1 + number % 28:02}", REGIONS[number % 3], 0) for number in range(6000)]
            copy(connection, fact, COLUMNS, rows)


def set_state(project, state):
    with project.server.connected(project.database, autocommit=False) as connection:
        for fact in FACTS:
            connection.execute(f"UPDATE shop.{fact} SET state = %s", [state])


def kill_all(project, chance, kills, usual):
    """Starts runs and kills each at a random moment: the program, or its connection; how many ended before."""
    finished = 0
    for state in range(1, kills + 1):
        set_state(project, state)
        running = project.start("run", "--target", "warehouse")
        time.sleep(chance.uniform(0, usual))
        finished += running.poll() is not None
        if chance.random() < 0.8:
            running.kill()
        else:
            with project.server.connected("postgres") as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'groma run%'"
                )
            time.sleep(0.02)
            running.kill()
        running.communicate()
    return finished


class Readers:
    """Two who read all the time, each in one statement at a time: what they see is of one state."""

    def __init__(self, project):
        self.project, self.problems, self.read, self.ended = project, [], 0, False
        self.threads = [threading.Thread(target=self.look, args=(fact,), daemon=True) for fact in FACTS[:2]]
        for thread in self.threads:
            thread.start()

    def look(self, fact):
        cells = None
        with self.project.server.connected(self.project.database) as connection:
            while not self.ended and len(self.problems) < 5:
                rows = connection.execute(
                    f"SELECT metric, value FROM {SCHEMA}.answers WHERE metric LIKE %s", [f"{fact}_%"]
                ).fetchall()
                by_view = connection.execute(f"SELECT count(*) FROM {SCHEMA}.{fact}_rows").fetchone()[0]
                states = {value for metric, value in rows if value is not None and metric.endswith(("_newest", "_oldest", "_mean"))}
                cells = cells or len(rows)
                if len(states) != 1 or len(rows) != cells or by_view * 5 != cells:
                    self.problems.append(f"a reader of {fact} saw {len(rows)} of {cells} cells, of the states {sorted(states)[:5]}")
                self.read += 1

    def stop(self):
        self.ended = True
        for thread in self.threads:
            thread.join(30)


def differences(project, folder, groma, server):
    """What one undisturbed run over the same rows answers otherwise."""
    other = Project(groma, server, folder, server.database("undisturbed"))
    with project.server.connected(project.database) as source, server.connected(other.database) as sink:
        for fact in FACTS:
            copy(sink, fact, COLUMNS, source.execute(f"SELECT * FROM shop.{fact}").fetchall())
        other.run("run", "--target", "warehouse")
        disturbed, undisturbed = answers(source), answers(sink)
    if disturbed.keys() != undisturbed.keys():
        return [f"{len(disturbed)} cells after the kills, {len(undisturbed)} without"]
    return [f"{key}: {disturbed[key]} after the kills, {undisturbed[key]} without" for key in undisturbed
            if not same(disturbed[key], undisturbed[key])][:5]
