"""What `groma diff` writes for machines, validated against `docs/reference/diff.schema.json` and SARIF's schema."""

import json
import os
import subprocess
from pathlib import Path

from command import Groma

ROOT = Path(__file__).resolve().parent.parent.parent

BEFORE = """source orders {
  file: "orders.csv"
  time: ordered_on
  columns {
    ordered_on: date
    region:     text
    amount:     decimal(12, 2) in usd
  }
}
team shop { title: "Shop"  lead: "lee@shop.example" }
council metrics { members: "lee@shop.example", "mira@shop.example"  quorum: 2  decides: restating, removing }
/// What was paid.
metric revenue { owner: shop  from: orders  measure: sum(amount)  by: region }
metric purchases { from: orders  measure: count() }
metric average { measure: revenue / purchases }
metric old { from: orders  measure: max(amount) }
"""

CHANGES = [
    ("sum(amount)  by: region", "sum(amount)  where: amount > 0"),
    ("metric old { from: orders  measure: max(amount) }\n", ""),
    ("What was paid", "What customers paid"),
    ("measure: count() }", "measure: count()  version 2 { from: 2099-01-01  where: amount > 0 } }"),
]

GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@shop.example",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@shop.example",
}


def comparisons(program, folder, invalid, sarif=None):
    """The comparison of a commit with the working tree, of two commits, and of a commit with itself."""
    project = folder / "comparisons"
    project.mkdir(exist_ok=True)
    (project / "groma.yml").write_text("project: comparisons\n")
    after = BEFORE
    for old, new in CHANGES:
        assert old in after, old
        after = after.replace(old, new)
    commits = [("one", BEFORE), ("two", after)]
    git(project, "init", "--quiet")
    for name, text in commits:
        (project / "metrics.groma").write_text(text)
        git(project, "add", ".")
        git(project, "commit", "--quiet", "--message", name)
    schema = json.loads((ROOT / "docs" / "reference" / "diff.schema.json").read_text())
    problems = []
    for asked, at_least in ((["HEAD~1"], 4), (["HEAD~1", "HEAD"], 4), (["HEAD"], 0), (["--staged"], 0)):
        name = " ".join(asked)
        document = json.loads(Groma(program, project).run("diff", *asked, "--format", "json"))
        problems += invalid(document, schema, f"the JSON of diff {name}")
        if len(document["changes"]) < at_least:
            problems.append(f"the JSON of diff {name} lacks changes")
        if sarif is not None:
            document = json.loads(Groma(program, project).run("diff", *asked, "--format", "sarif"))
            problems += invalid(document, sarif, f"the SARIF of diff {name}")
    return problems


def git(project, *arguments):
    subprocess.run(["git", "-C", str(project), *arguments], check=True, env={**os.environ, **GIT})
