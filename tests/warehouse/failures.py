"""What goes wrong between a project and its warehouse: each a code of its own, nothing half-written, and no piece of the
connection in anything that is said."""

import os
import socket
import subprocess
import tempfile

import projects
from projects import Project, copy

DEFINITIONS = """
source orders {
  file: "orders.csv"
  key:  order_id
  time: ordered_on
  columns {
    order_id:   int
    ordered_on: date
    region:     text, optional
    amount:     decimal(12, 2) in eur
  }
  checks { paid: amount >= 0, stop }
}
source visits {
  file: "visits.csv"
  key:  id
  time: at
  columns {
    id: int
    at: date
  }
}
metric revenue { from: orders  measure: sum(amount)  by: region }
metric visits  { from: visits  measure: count() }
"""
ORDERS = [("order_id", "bigint"), ("ordered_on", "date"), ("region", "text"), ("amount", "numeric(12, 2)")]
VISITS = [("id", "bigint"), ("at", "date")]
USER, PASSWORD = "failing_user", "hunter2%40%2Fswordfish"
PLAIN = "hunter2@/swordfish"


class Failures:
    def __init__(self, groma, server, folder):
        self.server, self.problems, self.counted = server, [], 0
        self.database = server.database("failures")
        self.project = Project(groma, server, folder, self.database).write(
            "failing", DEFINITIONS, tables=("orders", "visits")
        )
        with server.connected(self.database) as connection:
            copy(connection, "orders", ORDERS, [(n, f"2026-0{1 + n % 3}-05", "north", "10.00") for n in range(90)])
            copy(connection, "visits", VISITS, [(n, f"2026-0{1 + n % 3}-07") for n in range(90)])
            connection.execute(f"DROP ROLE IF EXISTS {USER}")
            connection.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PLAIN}'")

    def sql(self, *statements, database=None):
        with self.server.connected(database or self.database) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, user="groma", password="only-for-tests", port=None, database=None, options=""):
        port = port or self.server.port
        return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database or self.database}{options}"

    def ask(self, url, *arguments, **further):
        """How the program ends and all that it says."""
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "400", projects.VARIABLE: url, **further}
        ended = subprocess.run(self.project.command(*arguments), capture_output=True, text=True, env=environment)
        return ended.returncode, ended.stdout + ended.stderr

    def fails(self, what, code, url, *arguments, secrets=(), **further):
        self.counted += 1
        ended, said = self.ask(url, *(arguments or ("query", "revenue", "--target", "warehouse")), **further)
        if ended != 1 or code not in said:
            self.problems.append(f"{what}: {code} was to be said, and it ends with {ended}:\n{said}")
        for secret in (PASSWORD, PLAIN, "hunter2", "swordfish", "only-for-tests", "127.0.0.1", *secrets):
            if secret in said:
                self.problems.append(f"{what}: {secret!r} is said:\n{said}")

    def holds(self, what, condition, said=""):
        self.counted += 1
        if not condition:
            self.problems.append(f"{what} {said}")


def run(groma, server):
    with tempfile.TemporaryDirectory(prefix="groma-failures-") as folder:
        failures = Failures(groma, server, folder)
        for scenario in (connecting, tables, rights, at_work, of_a_run):
            scenario(failures)
    return {"failures": failures.counted}, failures.problems


def connecting(failures):
    url = failures.url
    failures.fails("no connection", "target/missing-variable", "")
    for text in ("hunter2", "mysql://root:hunter2@127.0.0.1/x", "host=127.0.0.1 sslmode=hunter2", "hunter2=swordfish host=a",
                 "user=hunter2", f"postgresql://a:{PASSWORD}@127.0.0.1:port/x"):
        failures.fails(f"not a connection ({text})", "target/bad-connection", text)
    with socket.socket() as taken:
        # Nobody listens there, and nobody else can begin to.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        failures.fails("nobody listens", "target/unreachable", url(port=port), secrets=[str(port)])
        failures.fails("a run where nobody listens", "target/unreachable", url(port=port), "run", "--target", "warehouse")
    failures.fails("a wrong password", "target/wrong-credentials", url(USER, "hunter2"), secrets=[USER])
    failures.fails("an unknown user", "target/wrong-credentials", url("nobody_here", PASSWORD), secrets=["nobody_here"])
    failures.fails("no password", "target/wrong-credentials",
                   f"host=127.0.0.1 port={failures.server.port} user={USER} dbname={failures.database}", secrets=[USER])
    failures.fails("an unknown database", "target/missing-database", url(database="yesterday_x"), secrets=["yesterday_x"])
    if failures.server.certificate:
        failures.fails("a certificate of nobody", "target/not-secure", url(options="?sslmode=require"))
        ended, said = failures.ask(url(options="?sslmode=verify-full"), "query", "revenue", "--target", "warehouse",
                                   SSL_CERT_FILE=str(failures.server.certificate))
        failures.holds("a certificate that SSL_CERT_FILE names is trusted", ended == 0, said)
        ended, said = failures.ask(url(), "query", "revenue", "--target", "warehouse")
        failures.holds("without sslmode, no proof is asked for", ended == 0, said)
    text = f"host=127.0.0.1 port={failures.server.port} user=groma password=only-for-tests dbname={failures.database}"
    ended, said = failures.ask(text, "query", "revenue", "--target", "warehouse")
    failures.holds("pairs are read like a URL", ended == 0, said)


def tables(failures):
    url = failures.url()
    failures.sql("ALTER TABLE shop.orders RENAME TO orders_2026")
    failures.fails("a missing table", "target/missing-table", url)
    failures.sql("ALTER TABLE shop.orders_2026 RENAME TO orders", "ALTER SCHEMA shop RENAME TO store")
    failures.fails("a missing schema", "target/missing-schema", url)
    failures.sql("ALTER SCHEMA store RENAME TO shop", "ALTER TABLE shop.orders RENAME amount TO amount_eur")
    failures.fails("a missing column", "target/columns-differ", url)
    failures.fails("a missing column, by check", "target/columns-differ", url, "check", "--data", "--target", "warehouse")
    failures.sql("ALTER TABLE shop.orders RENAME amount_eur TO amount", "ALTER TABLE shop.orders ALTER amount TYPE float8")
    failures.fails("another type", "target/columns-differ", url)
    failures.sql("ALTER TABLE shop.orders ALTER amount TYPE numeric(12, 2)",
                 "ALTER TABLE shop.orders ALTER ordered_on TYPE timestamptz")
    failures.fails("a time where a date is declared", "target/columns-differ", url)
    failures.sql("ALTER TABLE shop.orders ALTER ordered_on TYPE date")


def rights(failures):
    url = failures.url(USER, PASSWORD)
    failures.fails("no right to the schema", "target/no-permission", url, secrets=[USER])
    failures.sql(f"GRANT USAGE ON SCHEMA shop TO {USER}")
    failures.fails("no right to the table", "target/no-permission", url, secrets=[USER])
    failures.sql(f"GRANT SELECT (order_id, ordered_on, region) ON shop.orders TO {USER}")
    failures.fails("no right to a column", "target/no-permission", url, secrets=[USER])
    failures.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA shop TO {USER}")
    ended, said = failures.ask(url, "query", "revenue", "--target", "warehouse")
    failures.holds("with the rights it answers", ended == 0, said)
    failures.fails("no right to keep answers", "target/no-permission", url, "run", "--target", "warehouse", secrets=[USER])
    failures.sql(f"CREATE SCHEMA {projects.SCHEMA} AUTHORIZATION {USER}")
    ended, said = failures.ask(url, "run", "--target", "warehouse")
    failures.holds("with a schema of its own it keeps answers", ended == 0, said)
    failures.sql(f"DROP SCHEMA {projects.SCHEMA} CASCADE")


def at_work(failures):
    def options(*settings):
        return failures.url(options="?options=" + "%20".join(f"-c%20{setting.replace('=', '%3D')}" for setting in settings))

    failures.fails("too slow", "target/timed-out", options("statement_timeout=1ms"), "run", "--target", "warehouse")
    failures.fails("a server that only reads", "target/read-only", options("default_transaction_read_only=on"),
                   "run", "--target", "warehouse")
    failures.sql("ALTER TABLE shop.orders RENAME TO kept_orders",
                 "CREATE VIEW shop.orders AS SELECT order_id, ordered_on, region, amount FROM shop.kept_orders"
                 " WHERE pg_terminate_backend(pg_backend_pid())")
    failures.fails("a session that is ended", "target/connection-lost", failures.url())
    failures.sql("DROP VIEW shop.orders",
                 "CREATE VIEW shop.orders AS SELECT order_id, ordered_on, region,"
                 " (amount / (order_id * 0))::numeric(12, 2) AS amount FROM shop.kept_orders")
    failures.fails("a value that cannot be computed", "target/refused", failures.url())
    failures.sql("DROP VIEW shop.orders", "ALTER TABLE shop.kept_orders RENAME TO orders")
    failures.sql("INSERT INTO shop.visits SELECT 1000 + n, '2026-03-01' FROM generate_series(1, 200000) AS n")
    failures.fails("no space for temporary files", "target/disk-full", options("temp_file_limit=0", "work_mem=64kB"),
                   "check", "--data", "--target", "warehouse")


def of_a_run(failures):
    """A job that fails or is stopped does not stop the others, and its answers stay as they were."""
    url, arguments = failures.url(), ("run", "--target", "warehouse")
    ended, said = failures.ask(url, *arguments)
    failures.holds("all jobs run", ended == 0, said)
    before = rows(failures, "revenue")
    failures.sql("UPDATE shop.orders SET amount = -1 WHERE order_id = 3", "DELETE FROM shop.visits WHERE id > 5")
    ended, said = failures.ask(url, *arguments, "--full")
    failures.holds("a check that stops ends with 1 and is named", ended == 1 and "paid" in said, said)
    failures.holds("what it stops stays", rows(failures, "revenue") == before)
    failures.holds("the others are refreshed", sum(row[1] for row in rows(failures, "visits")) == 6)
    failures.sql("UPDATE shop.orders SET amount = 10 WHERE order_id = 3", "ALTER TABLE shop.orders RENAME amount TO other")
    ended, said = failures.ask(url, *arguments)
    failures.holds("a source that differs ends with 1", ended == 1 and "target/columns-differ" in said, said)
    failures.holds("its answers stay", rows(failures, "revenue") == before)
    failures.sql("ALTER TABLE shop.orders RENAME other TO amount")


def rows(failures, metric):
    with failures.server.connected(failures.database) as connection:
        return connection.execute(
            f"SELECT period, value, commit FROM {projects.SCHEMA}.answers"
            " WHERE metric = %s AND grouping = 'total' ORDER BY period", [metric]
        ).fetchall()
