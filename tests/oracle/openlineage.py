"""`groma lineage --format openlineage`, validated against OpenLineage's own schemas: every event, and every facet in it."""

import json
import os
import subprocess

from command import Groma
from published import ROOT, Specification, folder, missing

TIME = "2026-07-01T00:00:00Z"

MANIFEST = """project: lineage
language: 1
timezone: UTC
targets: { warehouse: { engine: postgres, connection: "${WAREHOUSE}", schema: shop }, local: { engine: datafusion, data: data } }
default_target: warehouse
policy: { cell: 5 }
"""

PROJECT = '''
team shop { lead: "shop-lead@shop.example" }
source people {
  table: "crm.people"
  key:   person_id
  columns {
    person_id:  text
    region:     text
    birth_year: int, personal
  }
}
customer person { from: people  key: person_id  has: region, birth_year }
source visits {
  query: "select v.person_id, v.visited_on, v.minutes, x.* from raw.visits v join raw.extra x on true where v.ok"
  time:  visited_on
  columns {
    person_id:  person
    visited_on: date
    minutes:    int
  }
}
/// How long people stay.
metric minutes {
  owner:   shop
  from:    visits
  where:   person.region <> "nowhere"
  measure: avg(minutes)
  by:      person.region
}
metric birth_year { from: visits  measure: avg(person.birth_year) }
metric both       { measure: minutes / birth_year }
'''


def openlineage(program, temporary):
    """What is wrong with the events of a project that has everything, and of the example."""
    place = folder("openlineage")
    if place is None:
        return missing("openlineage")
    specification = Specification(place)
    project = temporary / "openlineage"
    project.mkdir()
    (project / "groma.yml").write_text(MANIFEST)
    (project / "main.groma").write_text(PROJECT)
    Groma(program, project).run("check")
    problems = []
    for root, target, at_least in ((project, "warehouse", 3), (project, "local", 3), (ROOT / "examples" / "cdnow", "local", 8)):
        told = Groma(program, root).run("lineage", "--format", "openlineage", "--event-time", TIME, "--target", target)
        events = [json.loads(line) for line in told.splitlines()]
        if len(events) < at_least:
            problems.append(f"{root.name}: only {len(events)} events")
        for event in events:
            problems += of_event(specification, event, f"{root.name}, {target}, {event['job']['name']}")
    return problems + masked(events_of(program, project)) + built(program, project)


def events_of(program, project):
    told = Groma(program, project).run("lineage", "--format", "openlineage", "--event-time", TIME)
    return {event["job"]["name"]: event for event in map(json.loads, told.splitlines())}


def built(program, project):
    """`groma build` writes the same events, at the time of the commit: the same bytes for the same definitions."""
    problems = []
    for committed, time in ((False, "1970-01-01T00:00:00Z"), (True, TIME)):
        if committed:
            for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "definitions"]):
                subprocess.run(["git", "-C", project, "-c", "user.name=shop", "-c", "user.email=shop@shop.example", *arguments],
                               check=True, env={**os.environ, "GIT_COMMITTER_DATE": TIME})
        Groma(program, project).run("build", "--target", "warehouse")
        told = Groma(program, project).run("lineage", "--format", "openlineage", "--event-time", time, "--target", "warehouse")
        written = (project / "build" / "lineage.ndjson").read_text()
        if written != told or not written:
            problems.append(f"lineage.ndjson of a build is not what `groma lineage` says at {time}:\n{written[:400]}\n{told[:400]}")
    return problems


def of_event(specification, event, what):
    problems = specification.problems(event, event["schemaURL"], what)
    if event["eventTime"] != TIME:
        problems.append(f"{what}: the time is {event['eventTime']}")
    for thing in [event["job"], *event["inputs"], *event["outputs"]]:
        for name, facet in thing.get("facets", {}).items():
            problems += specification.problems(facet, facet["_schemaURL"], f"{what}, facet {name}")
    known = {(dataset["namespace"], dataset["name"]) for dataset in event["inputs"]}
    for field in fields(event):
        if (field["namespace"], field["name"]) not in known:
            problems.append(f"{what}: `{field['name']}` is no input")
    return problems


def fields(event):
    facet = event["outputs"][0]["facets"]["columnLineage"]
    return [field for column in facet["fields"].values() for field in column["inputFields"]] + facet["dataset"]


def masked(events):
    """An aggregate over a smallest cell masks what is personal, and nothing else."""
    ways = {
        (field["field"], way["subtype"]): way["masking"]
        for field in events["both"]["outputs"][0]["facets"]["columnLineage"]["fields"]["value"]["inputFields"]
        for way in field["transformations"]
    }
    expected = {("birth_year", "AGGREGATION"): True}
    return [f"masking of {column} {subtype} is not {value}" for (column, subtype), value in expected.items()
            if ways.get((column, subtype)) is not value]
