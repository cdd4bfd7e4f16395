"""Packages of `groma build --as dbt`, parsed, built and tested by the real dbt on DuckDB and PostgreSQL.

    python run.py GROMA [HOST PORT [USER [PASSWORD]]]

Without a place it starts a PostgreSQL of its own. Prints `N passed, M failed`, and ends with 1 when anything failed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(DBT_SEND_ANONYMOUS_USAGE_STATS="false", DO_NOT_TRACK="1", NO_COLOR="1")

import engines
import packages

passed, failed = 0, 0


def check(what, holds, said=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"failed: {what}{': ' if said else ''}{str(said)[:2000]}", file=sys.stderr, flush=True)


def main():
    groma, *place = sys.argv[1:]
    server = None
    if not place:
        server, place = started()
        if server is None:
            return 1
    place = dict(zip(("host", "port", "user", "password"), [*place, "postgres", ""][:4]))
    try:
        with tempfile.TemporaryDirectory(prefix="groma-dbt-") as folder:
            for project in packages.ALL:
                asked = {}
                for kind in ("duckdb", "postgres"):
                    home = Path(folder) / project.name / kind
                    home.mkdir(parents=True)
                    engine = engines.DuckDB(home) if kind == "duckdb" else engines.PostgreSQL(place, f"dbt_{project.name}")
                    project.run(groma, engine, home, asked, check)
    finally:
        if server:
            server.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def started():
    """A server of one's own, and where it is."""
    import server

    try:
        postgres = server.Server()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        print(f"not run: postgres ({error})", file=sys.stderr)
        return None, None
    return postgres, ["127.0.0.1", str(postgres.port), server.OWNER, server.PASSWORD]


if __name__ == "__main__":
    sys.exit(main())
