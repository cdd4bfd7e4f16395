"""Runs against a real PostgreSQL that these tests start and stop: jobs, rights, failures, kills, replays, panels.

    python run.py --groma PROGRAM [--only NAME …] [--kills 200]

Prints one line for each scenario, and ends with 1 when anything does not hold.
"""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "oracle"), str(HERE.parent / "engines")]

import psycopg
import serve
import server

SCENARIOS = sorted(
    path.stem for path in HERE.glob("*.py") if path.stem not in ("run", "server", "projects") and not path.stem.startswith("_")
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groma", required=True, help="the program")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--kills", type=int, default=200, help="how many runs are killed")
    arguments = parser.parse_args()
    os.environ["GROMA_KILLS"] = str(arguments.kills)
    try:
        postgres = server.Server()
    except (RuntimeError, OSError, psycopg.Error, serve.subprocess.CalledProcessError) as error:
        print(f"not run: postgres ({error})", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    try:
        problems = [problem for name in arguments.only for problem in scenario(name, arguments.groma, postgres)]
    finally:
        postgres.stop()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def scenario(name, groma, postgres):
    """Runs a scenario; what does not hold."""
    started = time.monotonic()
    counted, problems = importlib.import_module(name).run(groma, postgres)
    summary = ", ".join(f"{count} {what}" for what, count in counted.items())
    print(f"warehouse {name}: {summary} in {time.monotonic() - started:.0f} s; {len(problems)} do not hold", flush=True)
    return [f"{name}: {problem}" for problem in problems]


if __name__ == "__main__":
    sys.exit(main())
