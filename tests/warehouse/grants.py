"""Who may read what: the scripts of `groma build` run by roles of different rights, and readers that log in and try.

Readers see the views of published metrics, whatever happens to these, and are refused everything else: answers, refreshes,
sources, writing. A job runs under a role that may define, and under one that may only change rows.
"""

import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import psycopg

from projects import SCHEMA, Project, answers, copy

PASSWORD = "only-for-tests"
ORDERS = [("id", "bigint"), ("at", "date"), ("region", "text"), ("plan", "text"), ("amount", "double precision")]
DEFINITIONS = """
source orders {{
  file: "orders.csv"
  key:  id
  time: at
  columns {{
    id:     int
    at:     date
    region: text, optional
    plan:   text
    amount: float in usd
  }}
  checks {{
    paid: amount >= 0, stop
  }}
}}
/// What's paid; "quoted", $groma$ and \\\\ too.
metric revenue {{ from: orders  measure: sum(amount)  by: {by} }}
metric orders  {{ from: orders  measure: count()  by: region }}
"""
READERS = "    readers: [bi, analysts]\n"
REFUSED = ("SELECT * FROM {schema}.answers", "SELECT * FROM {schema}.refreshes", "SELECT * FROM shop.orders",
           "DELETE FROM {schema}.revenue", "UPDATE {schema}.revenue SET value = 0", "CREATE TABLE {schema}.mine (a int)",
           "CREATE VIEW {schema}.mine AS SELECT 1", "DROP VIEW {schema}.revenue")


def run(groma, server):
    problems, counted = [], {"refusals": 0, "scripts": 0}
    with server.connected("postgres") as connection:
        for role in ("bi", "analysts", "others", "maker", "mover"):
            drop_role(connection, role)
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    for scenario in (maker_defines_all, mover_changes_rows_only, without_rights_nothing_changes):
        with tempfile.TemporaryDirectory(prefix="groma-grants-") as folder:
            project = Project(groma, server, folder, server.database(f"grants_{scenario.__name__[:20]}"))
            project.write("grants", DEFINITIONS.format(by="region"), tables=["orders"], further=READERS)
            with server.connected(project.database) as admin:
                rows = [(at, f"2026-0{1 + at % 6}-1{at % 9}", (None, "north", "south")[at % 3], "ab"[at % 2], at) for at in range(900)]
                copy(admin, "orders", ORDERS, rows)
                problems += [f"{scenario.__name__}: {problem}" for problem in scenario(project, admin, counted)]
    with server.connected("postgres") as connection:
        connection.execute("SELECT 1")
    return counted, problems


def drop_role(connection, role):
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        connection.execute(f"DROP ROLE {role}")


def maker_defines_all(project, admin, counted):
    """A role that may make schemas needs no other script; a view with other columns is made anew under its readers' eyes."""
    admin.execute(f'GRANT CREATE ON DATABASE "{project.database}" TO maker')
    admin.execute("GRANT USAGE ON SCHEMA shop TO maker")
    admin.execute("GRANT SELECT ON shop.orders TO maker")
    build(project)
    jobs(project, "maker", counted)
    first = answers(admin)
    jobs(project, "maker", counted)
    problems = [] if answers(admin) == first and len(first) > 20 else ["the second run changes answers"]
    problems += readers(project, counted)
    watching = Watching(project)
    project.write("grants", DEFINITIONS.format(by="region, plan"), tables=["orders"], further=READERS)
    build(project)
    jobs(project, "maker", counted)
    jobs(project, "maker", counted)
    problems += watching.stop()
    problems += readers(project, counted, columns={"region", "plan"})
    said = admin.execute(f"SELECT obj_description('{SCHEMA}.revenue'::regclass)").fetchone()[0]
    problems += [] if said.startswith('What\'s paid; "quoted", $groma$ and \\') else [f"the view says {said!r}"]
    # What a job made, `groma run` finds, under another role, and the other way round.
    project.run("run", "--target", "warehouse")
    jobs(project, "maker", counted)
    return problems


def mover_changes_rows_only(project, admin, counted):
    """A role that may not define anything: an administrator runs setup.sql, views.sql and grants.sql, each twice."""
    build(project)
    for name in ("setup", "views", "grants") * 2:
        script(project, "groma", f"{name}.sql", counted)
    admin.execute(f"GRANT USAGE ON SCHEMA shop, {SCHEMA} TO mover")
    admin.execute("GRANT SELECT ON shop.orders TO mover")
    admin.execute(f"GRANT SELECT, INSERT, DELETE ON {SCHEMA}.answers, {SCHEMA}.refreshes TO mover")
    jobs(project, "mover", counted)
    jobs(project, "mover", counted)
    problems = readers(project, counted)
    # Who was let in by hand is sent out again.
    admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO bi")
    script(project, "groma", "grants.sql", counted)
    problems += readers(project, counted)
    # A view that is missing is not made: the job says so, and the answers stay as they were.
    before = answers(admin)
    admin.execute(f"DROP VIEW {SCHEMA}.revenue")
    problems += fails(project, "mover", admin, before)
    return problems


def without_rights_nothing_changes(project, admin, counted):
    """A role that may not read the source, and one that may not make the schema."""
    build(project)
    problems = []
    admin.execute("GRANT USAGE ON SCHEMA shop TO mover")
    problems += fails(project, "mover", admin, None)
    admin.execute("GRANT SELECT ON shop.orders TO mover")
    problems += fails(project, "mover", admin, None)
    # The schema is there: that is enough.
    admin.execute(f"CREATE SCHEMA {SCHEMA}")
    admin.execute(f"GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO mover WITH GRANT OPTION")
    jobs(project, "mover", counted)
    problems += readers(project, counted)
    before = answers(admin)
    admin.execute("REVOKE SELECT ON shop.orders FROM mover")
    problems += fails(project, "mover", admin, before)
    return problems


def build(project):
    """Writes the scripts, twice: the same bytes."""
    folder = project.folder / "build"
    bytes_of = lambda: {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    project.run("build", "--target", "warehouse")
    first = bytes_of()
    project.run("build", "--target", "warehouse")
    if bytes_of() != first:
        raise AssertionError("a second build writes other bytes")


def jobs(project, role, counted):
    """Runs every job as a scheduler does, behind its checks."""
    with project.server.connected(project.database, user="groma") as connection:
        for path in sorted((project.folder / "build" / "checks").glob("*.sql")):
            broken = sum(rows_of(connection, statement) for statement in statements(path.read_text()))
            if broken:
                raise AssertionError(f"{path.name}: {broken} rows break a check")
    paths = sorted((project.folder / "build" / "jobs").glob("*.sql"))
    if not paths:
        raise AssertionError("there is no job")
    for path in paths:
        script(project, role, f"jobs/{path.name}", counted)


def statements(text):
    return [part for part in text.split(";\n") if any(line and not line.startswith("--") for line in part.splitlines())]


def rows_of(connection, statement):
    return len(connection.execute(statement).fetchall())


def script(project, role, name, counted):
    """Runs a script as `psql -f` does, and where there is psql, with it."""
    counted["scripts"] += 1
    path = project.folder / "build" / name
    url = project.server.url(project.database, user=role, password=PASSWORD)
    if shutil.which("psql"):
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(path)]
        ended = subprocess.run(command, capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(ended.stderr)
        return
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute(path.read_text())
        except psycopg.Error as error:
            raise RuntimeError(str(error)) from error


def fails(project, role, admin, before):
    """The job is refused, and nothing has changed."""
    try:
        jobs(project, role, {"scripts": 0})
    except RuntimeError:
        pass
    else:
        return [f"{role} may do what it may not do"]
    found = answers(admin) if before is not None else admin.execute(f"SELECT to_regclass('{SCHEMA}.answers')").fetchone()[0]
    return [] if found == before else ["a job that was refused changed something"]


def readers(project, counted, columns=frozenset({"region"})):
    """What readers see, and what they and others are refused."""
    problems = []
    for role in ("bi", "analysts"):
        with project.server.connected(project.database, user=role, password=PASSWORD) as connection:
            cursor = connection.execute(f"SELECT * FROM {SCHEMA}.revenue")
            names = {column.name for column in cursor.description}
            rows = cursor.fetchall()
            problems += [] if rows and columns <= names else [f"{role} reads {len(rows)} rows of {sorted(names)}"]
            connection.execute(f"SELECT value FROM {SCHEMA}.orders")
            problems += refused(connection, role, REFUSED, counted)
    with project.server.connected(project.database, user="others", password=PASSWORD) as connection:
        problems += refused(connection, "others", (*REFUSED, "SELECT * FROM {schema}.revenue"), counted)
    return problems


def refused(connection, role, commands, counted):
    problems = []
    for command in commands:
        command = command.format(schema=SCHEMA)
        try:
            connection.execute(command)
            problems.append(f"{role} may: {command}")
        except psycopg.errors.InsufficientPrivilege:
            counted["refusals"] += 1
        # A right that was not there to be given away is a warning of PostgreSQL, and a view of one table is writable in form.
        except psycopg.errors.ObjectNotInPrerequisiteState:
            counted["refusals"] += 1
    return problems


class Watching:
    """A reader that looks again and again: the view is always there."""

    def __init__(self, project):
        self.problems, self.read, self.ended = [], 0, threading.Event()
        self.connection = project.server.connected(project.database, user="bi", password=PASSWORD)
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.ended.is_set():
            try:
                count = self.connection.execute(f"SELECT count(*) FROM {SCHEMA}.revenue").fetchone()[0]
                self.read += 1
                if not count:
                    self.problems.append("a reader sees no rows")
            except psycopg.Error as error:
                self.problems.append(f"a reader is refused: {error}")

    def stop(self):
        self.ended.set()
        self.thread.join()
        self.connection.close()
        return self.problems[:3] + ([] if self.read else ["the reader never read"])
