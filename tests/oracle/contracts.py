"""Data contracts, validated against the schema of the Open Data Contract Standard, and what a waived finding is in SARIF."""

import json
from pathlib import Path

import yaml
from jsonschema.validators import validator_for

import published
from command import Groma

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = "odcs-json-schema-v3.1.0.json"
ON = "2026-07-01"

GOVERNED = '''team sales {
  title:   "Sales: all of them"
  lead:    "lead@acme.example"
  members: "analyst@acme.example" from 2026-02-01 until 2027-01-31
  handle:  "@acme/sales"
}
source accounts {
  file: "accounts.csv"
  columns { account_id: text  plan: text, public  "region": text }
}
/// Who pays.
customer account { from: accounts  key: account_id  has: plan }
source orders {
  file: "orders.csv"
  time: ordered_at
  late: 2 days
  columns {
    account_id: account
    ordered_at: instant in "UTC"
    state:      text
    refunded:   bool
    amount:     decimal(12, 2) in usd
  }
}
/// What customers paid: "net", in 'usd'.
metric revenue {
  owner:   sales
  from:    orders
  measure: sum(amount)
  by:      account.plan, refunded
  grain:   day, month
  minimum: 5
  label    { en: "Revenue"  fr: "Chiffre d'affaires" }
  tags:    board
  target:  1000 usd
}
metric shop.funnel {
  owner: sales
  from:  orders
  steps {
    ordered: state = "ordered"
    paid:    state = "paid" within 3 days
  }
  window: 30 days after first(orders.ordered_at)
}
/// Customers who ordered.
metric ordering { owner: sales  from: orders  measure: count(distinct account)  status: deprecated  replaced_by: revenue  retires: 2027-12-31 }
metric later    { owner: sales  from: orders  measure: count()  status: draft }
metric earlier  { owner: sales  from: orders  measure: count()  status: retired }
/// Whoever reads a number should be able to read what it means.
rule metric_is_documented {
  for:     m in metrics
  where:   m.status = "active"
  require: m.doc is not null
  message: "{m.name} does not say what it means"
  level:   warning
}
waiver funnel_later {
  rule:        metric_is_documented
  on:          metric.shop.funnel
  because:     "the words are being agreed"
  approved_by: sales
  until:       2026-12-31
}
'''


def project(folder):
    """A project with a bit of everything that a contract tells."""
    place = folder / "governed"
    place.mkdir(exist_ok=True)
    (place / "groma.yml").write_text("project: governed\n")
    (place / "all.groma").write_text(GOVERNED.replace('"region"', "region"))
    return place


def contracts(program, folder):
    """`groma report contracts`, of a project with all that a contract tells and of an example."""
    place = published.folder("odcs")
    if place is None:
        return published.missing("odcs")
    schema = json.loads((place / SCHEMA).read_text())
    problems = []
    expected = {"governed": {"ordering", "revenue", "shop.funnel"}}
    for place in (project(folder), ROOT / "examples" / "cdnow"):
        out = folder / f"contracts-{place.name}"
        Groma(program, place).run("report", "contracts", "--out", str(out), "--on", ON)
        names = {path.name.removesuffix(".odcs.yaml") for path in out.iterdir()}
        if names != expected.get(place.name, names) or not names:
            problems.append(f"the contracts of {place.name} are {sorted(names)}")
        for path in sorted(out.iterdir()):
            document = plain(yaml.safe_load(path.read_text()))
            problems += invalid(document, schema, path.name)
            problems += untrue(document, path.name.removesuffix(".odcs.yaml"))
    return problems


def plain(value):
    """Dates as the texts they are in JSON."""
    return json.loads(json.dumps(value, default=str))


def untrue(document, metric):
    """What a contract must say whatever the schema allows."""
    columns = [column["name"] for column in document["schema"][0]["properties"]]
    said = {
        "name": document["name"] == metric,
        "id": document["id"].endswith(f":metric:{metric}"),
        "team": bool(document["team"]["members"]),
        "columns": {"metric", "grain", "period", "value", "n", "status"} <= set(columns) and len(columns) == len(set(columns)),
        "latency": any(promise["property"] == "latency" for promise in document["slaProperties"]),
        "status": document["status"] == ("deprecated" if metric == "ordering" else "active"),
    }
    return [f"the contract of {metric} has a wrong {part}" for part, right in said.items() if not right]


def waived(program, folder, schema):
    """A waived finding stands in SARIF with a suppression, and no other finding does."""
    document = json.loads(Groma(program, project(folder)).run("check", "--on", ON, "--format", "sarif", may_find=True))
    problems = invalid(document, schema, "the SARIF of waived findings")
    results = document["runs"][0]["results"]
    suppressed = [result["ruleId"] for result in results if result.get("suppressions")]
    if suppressed != ["rule/metric-is-documented"] or any("suppressions" not in result for result in results):
        problems.append(f"suppressed are {suppressed} of {len(results)}")
    return problems


def invalid(document, schema, name):
    validator = validator_for(schema)
    validator.check_schema(schema)
    errors = sorted(validator(schema).iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [f"{name}: {'/'.join(map(str, error.path))}: {error.message}" for error in errors[:10]]
