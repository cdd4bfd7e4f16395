"""Independent answers: what the metrics should be, from the raw data, with pandas and plain Python; no SQL of ours.

    python run.py --groma PROGRAM [--only cdnow|subscriptions|versions|real|coverage|suppression|generated|brute] [--seeds 20] [--first-seed 1] [--keep-going]

Prints one line for each part, and ends with 1 when anything does not agree.
"""

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "engines"))

import brute.run
import cdnow
import coverage
import generated
import real
import serve
import subscriptions
import suppression
import versions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groma", required=True, help="the program")
    parser.add_argument("--only", choices=["cdnow", "subscriptions", "versions", "real", "coverage", "suppression", "generated", "brute"])
    parser.add_argument("--seeds", type=int, help="how many random projects, of 16 (generated: 24) or 66 (brute: 20) definitions")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--keep-going", action="store_true", help="look for all that does not agree")
    arguments = parser.parse_args()
    engines, missing = serve.start()
    try:
        problems = parts(arguments, engines)
    finally:
        for engine in engines.values():
            engine.stop()
    for engine, reason in missing.items():
        print(f"not run: {engine} ({reason})", file=sys.stderr)
    for problem in problems:
        print(problem, file=sys.stderr)
    incomplete = missing and os.environ.get("CI") == "true"
    return 1 if problems or incomplete else 0


def parts(arguments, engines):
    """Runs the parts; all that does not agree."""
    example = HERE.parent.parent / "examples" / "cdnow"
    def seeds(usual):
        return range(arguments.first_seed, arguments.first_seed + (arguments.seeds or usual))

    runs = {
        "cdnow": lambda: cdnow.run(arguments.groma, engines, example),
        "subscriptions": lambda: subscriptions.run(arguments.groma, engines, example.parent / "subscriptions"),
        "versions": lambda: versions.run(arguments.groma, engines, example),
        "real": lambda: real.run(arguments.groma, engines),
        "coverage": lambda: coverage.run(arguments.groma),
        "suppression": lambda: suppression.run(arguments.groma, engines),
        "generated": lambda: generated.run(arguments.groma, engines, seeds(24), arguments.keep_going),
        "brute": lambda: brute.run.run(arguments.groma, engines, seeds(20), arguments.keep_going),
    }
    problems = []
    for name, run in runs.items():
        if arguments.only in (None, name):
            started = time.monotonic()
            counted, found = run()
            summary = ", ".join(f"{count} {what}" for what, count in counted.items())
            names = ", ".join(["datafusion", *engines])
            print(f"oracle {name}: {summary} on {names} in {time.monotonic() - started:.0f} s; {len(found)} do not agree")
            problems += found
    return problems


if __name__ == "__main__":
    sys.exit(main())
