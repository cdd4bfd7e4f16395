"""Runs statements on DuckDB and on a PostgreSQL that it starts and stops itself.

One request per line on standard input, one answer per line on standard output, both JSON. The first line it writes says
which engines are there: {"engines": {"duckdb": "2.0.0", "postgres": null}, "missing": {"postgres": "why"}}.

    {"engine": "duckdb", "tables": [{"name": ["orders"], "columns": [["id", "text"]], "rows": [["a"], [null]]}],
     "statements": ["select …", "select …"]}
    {"answers": [{"columns": ["id"], "rows": [["a"]]}, {"error": "…"}]}

A request sees its own tables only: it runs in a transaction that is rolled back. The end of standard input ends all.
"""

import ctypes
import datetime
import decimal
import json
import math
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import duckdb
except ImportError:
    duckdb = None
try:
    import psycopg
except ImportError:
    psycopg = None

TYPES = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "real": "DOUBLE PRECISION",
    "text": "TEXT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
# Texts are ordered by their characters, and letters beyond ASCII have cases: the plain C locale knows none.
LOCALE = ["--locale=C", "--lc-ctype=C.UTF-8"]


def type_name(word):
    """`decimal(12,2)` is spelled alike everywhere; the rest has a name."""
    return TYPES.get(word, word.upper())


def quoted(name):
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)


def create(table):
    """The statements that make a table and its schema; temporary ones would not have a schema."""
    columns = ", ".join(f"{quoted([name])} {type_name(word)}" for name, word in table["columns"])
    if len(table["name"]) > 1:
        yield f"CREATE SCHEMA IF NOT EXISTS {quoted(table['name'][:1])}"
    yield f"CREATE TABLE {quoted(table['name'])} ({columns})"


def plain(value):
    """A value as JSON: exact numbers and what JSON has no word for are texts in a list of one."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else [str(value)]
    if isinstance(value, decimal.Decimal):
        return [format(value, "f")]
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


class DuckDB:
    def __init__(self):
        self.version = duckdb.__version__
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 2")

    def run(self, request):
        self.connection.execute("BEGIN")
        try:
            self.fill_all(request)
            return [self.answer(request, statement) for statement in request["statements"]]
        finally:
            self.connection.execute("ROLLBACK")

    def fill_all(self, request):
        for table in request["tables"]:
            self.fill(table)

    def fill(self, table):
        for statement in create(table):
            self.connection.execute(statement)
        if table["rows"]:
            # A list for each column: a row at a time takes minutes for what takes a second so.
            columns = [list(column) for column in zip(*table["rows"])]
            texts = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS c{number}" for number in range(len(columns)))
            values = ", ".join(f"CAST(c{number} AS {type_name(word)})" for number, (_, word) in enumerate(table["columns"]))
            self.connection.execute(f"INSERT INTO {quoted(table['name'])} SELECT {values} FROM (SELECT {texts})", columns)

    def answer(self, request, statement):
        try:
            cursor = self.connection.execute(statement)
            columns = [column[0] for column in cursor.description]
            return {"columns": columns, "rows": [[plain(value) for value in row] for row in cursor.fetchall()]}
        except duckdb.Error as error:
            # An error ends the transaction, and the tables with it.
            self.connection.execute("ROLLBACK")
            self.connection.execute("BEGIN")
            self.fill_all(request)
            return {"error": str(error)}

    def stop(self):
        self.connection.close()


class PostgreSQL:
    """A cluster of its own in a temporary folder, reached through a socket there and by nothing else."""

    def __init__(self):
        programs = postgres_programs()
        # Short: the path of a socket may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="groma-pg-", dir="/tmp"))
        self.process = None
        try:
            self.start(programs)
        except BaseException:
            self.stop()
            raise
        self.version = self.connection.execute("SHOW server_version").fetchone()[0]

    def start(self, programs):
        owner = unprivileged()
        if owner:
            os.chown(self.folder, owner["user"], owner["group"])
        data = self.folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "groma", "-A", "trust", "-E", "UTF8", *LOCALE, "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", **owner,
        )
        settings = self.settings()
        command = [programs / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/",
            preexec_fn=end_with_parent, **owner,
        )
        self.connect()

    def settings(self):
        return {
            "listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off", "timezone": "UTC",
            # Compiling what runs for milliseconds takes seconds.
            "jit": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "20",
        }

    def connect_first(self):
        return psycopg.connect(host=str(self.folder), user="groma", dbname="postgres", autocommit=True)

    def hand_over(self, file):
        """A file that the server must be able to read as its own."""
        owner = unprivileged()
        if owner:
            os.chown(file, owner["user"], owner["group"])

    def connect(self):
        for attempt in range(400):
            try:
                self.connection = self.connect_first()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None or attempt == 399:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL does not start: {log[-2000:]}") from None
                time.sleep(0.05)

    def run(self, request):
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                for table in request["tables"]:
                    self.fill(cursor, table)
                return [self.answer(cursor, statement) for statement in request["statements"]]
            finally:
                cursor.execute("ROLLBACK")

    @staticmethod
    def fill(cursor, table):
        for statement in create(table):
            cursor.execute(statement)
        if table["rows"]:
            with cursor.copy(f"COPY {quoted(table['name'])} FROM STDIN") as copy:
                for row in table["rows"]:
                    copy.write_row(row)
        cursor.execute(f"ANALYZE {quoted(table['name'])}")

    @staticmethod
    def answer(cursor, statement):
        cursor.execute("SAVEPOINT before")
        try:
            cursor.execute(statement)
            columns = [column.name for column in cursor.description]
            return {"columns": columns, "rows": [[plain(value) for value in row] for row in cursor.fetchall()]}
        except psycopg.Error as error:
            cursor.execute("ROLLBACK TO SAVEPOINT before")
            return {"error": str(error)}

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres_programs():
    """The folder of `initdb` and `postgres`: on PATH, or where Debian keeps them."""
    if psycopg is None:
        raise RuntimeError("the Python package psycopg is not installed")
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError("initdb is not installed: apt-get install postgresql")


def unprivileged():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    raise RuntimeError("we are root, and there is neither a user postgres nor nobody")


def end_with_parent():
    """The server ends when this process does, however it does."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
    except (OSError, AttributeError):
        pass


def start():
    """The engines that are there, and why the others are not."""
    engines, missing = {}, {}
    if duckdb is None:
        missing["duckdb"] = "the Python package duckdb is not installed"
    else:
        engines["duckdb"] = DuckDB()
    try:
        engines["postgres"] = PostgreSQL()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None)
        missing["postgres"] = reason.decode(errors="replace").strip() if reason else str(error)
    return engines, missing


def main():
    # Standard output carries answers only.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    engines, missing = start()
    try:
        versions = {name: engine.version for name, engine in engines.items()}
        print(json.dumps({"engines": versions, "missing": missing}), file=answers, flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer = {"answers": engines[request["engine"]].run(request)}
            except Exception as error:  # noqa: BLE001 — whatever it is, the test must hear of it.
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), file=answers, flush=True)
    finally:
        for engine in engines.values():
            engine.stop()


if __name__ == "__main__":
    main()
