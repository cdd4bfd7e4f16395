"""Schemas that others publish, where they are: `GROMA_SCHEMAS`, else the folder `shared/schemas` beside the repository.

`GROMA_SCHEMAS=none` says that there are none on this machine: what needs them is not run, and says so.
"""

import json
import os
import sys
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parent.parent.parent


def folder(name):
    """The folder of a specification's schemas; none where they are not."""
    place = Path(os.environ.get("GROMA_SCHEMAS") or ROOT.parent / "shared" / "schemas") / name
    return place if place.is_dir() else None


def missing(name):
    """Says that a schema cannot be had; that is a problem in CI only."""
    print(f"not run: schema {name} (set GROMA_SCHEMAS to the folder that holds `{name}/`)", file=sys.stderr)
    needed = os.environ.get("CI") == "true" and os.environ.get("GROMA_SCHEMAS") != "none"
    return [f"the schema of {name} is needed in CI"] if needed else []


class Specification:
    """Schemas that refer to each other by their `$id`."""

    def __init__(self, place):
        schemas = [json.loads(path.read_text()) for path in sorted(place.glob("*.json"))]
        self.ids = {schema["$id"] for schema in schemas}
        self.registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)

    def problems(self, document, url, what):
        """What is wrong with a document of the definition at that place."""
        if url.split("#")[0] not in self.ids:
            return [f"{what}: no published schema is called {url}"]
        validator = Draft202012Validator({"$ref": url}, registry=self.registry, format_checker=FormatChecker())
        errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.path)))
        return [f"{what}: {'/'.join(map(str, error.path))}: {error.message}" for error in errors[:10]]
