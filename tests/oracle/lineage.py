"""The columns that values come from, found again in the statements by sqlglot, compared with `groma lineage`.

    python lineage.py --groma PROGRAM

sqlglot follows the expressions of a statement from its column `value` to the columns of tables; it does not follow joins,
conditions on rows and groupings. So every DIRECT column must be among what it finds, and nothing else but INDIRECT ones: what
decides between values (whether a period has begun, whether a cell is large enough) stands in expressions, too.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from sqlglot import exp
from sqlglot.lineage import lineage

from command import Groma

ROOT = Path(__file__).resolve().parent.parent.parent
DIALECT = "duckdb"

MANIFEST = """project: lineage
language: 1
timezone: UTC
targets: { local: { engine: datafusion }, duckdb: { engine: duckdb } }
default_target: local
policy: { cell: 5 }
"""

PROJECT = '''
source people {
  file: "people.csv"
  key:  person_id
  columns {
    person_id:  text
    region:     text
    joined_on:  date
    weight:     float
    birth_year: int, personal
  }
}

customer person { from: people  key: person_id  since: joined_on  has: region, weight, birth_year }

source orders {
  file: "orders.csv"
  key:  order_id
  time: ordered_on
  columns {
    order_id:   text
    person_id:  person
    ordered_on: date
    amount:     decimal(12, 2) in usd
    refunded:   decimal(12, 2) in usd
    paid:       bool
  }
}

source kept {
  query: """
    with paid as (select order_id, person_id, ordered_on, amount - refunded as net from orders where paid)
    select p.order_id, p.person_id, p.ordered_on, p.net, 2026 - q.birth_year as age
    from paid p join people q on q.person_id = p.person_id
  """
  key:  order_id
  time: ordered_on
  columns {
    order_id:   text
    person_id:  person
    ordered_on: date
    net:        decimal(12, 2) in usd
    age:        int
  }
}

function less(gross: number, back: number) -> number { value: gross - coalesce(back, 0) }

metric gross           { from: orders  measure: sum(amount) }
metric net             { from: orders  measure: sum(less(amount, refunded)) }
metric net_of_query    { from: kept    measure: sum(net) }
metric average_age     { from: kept    measure: avg(age) }
metric birth_year      { from: orders  measure: avg(person.birth_year) }
metric share_kept      { measure: net / gross }
metric large           { from: orders  measure: sum(case when paid then amount else 0 end) }
metric paid_only       { from: orders  where: paid  measure: count() }
metric trailing        { from: orders  window: trailing 28 days  measure: sum(amount) }
metric people_ordering { from: orders  measure: count(distinct person_id) }
metric each_spent      { from: orders  each: sum(amount)  measure: avg(each) }
metric activation      { from: orders  window: 14 days after person.since  each: sum(refunded) > 0  measure: share(each) }
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groma", required=True, help="the program")
    program = parser.parse_args().groma
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "groma.yml").write_text(MANIFEST)
        (project / "main.groma").write_text(PROJECT)
        problems = compare(Groma(program, ROOT / "examples" / "cdnow"), 8) + compare(Groma(program, project), 12)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def compare(groma, at_least):
    sources = json.loads(groma.run("list", "sources", "--format", "json"))
    schema = {
        source["name"]: {column["name"]: "text" for column in source["columns"]}
        for source in sources
        if "query" not in source["origin"]
    }
    metrics = json.loads(groma.run("lineage", "--format", "json"))["metrics"]
    problems = [] if len(metrics) >= at_least else [f"{groma.project}: only {len(metrics)} metrics have a lineage"]
    for metric in metrics:
        statement = groma.statement([metric["name"]], DIALECT)
        found = columns_of_value(statement, schema)
        every = {(column["source"], column["column"]) for column in metric["columns"]}
        direct = {
            (column["source"], column["column"])
            for column in metric["columns"]
            if any(way["type"] == "DIRECT" for way in column["transformations"])
        }
        if missing := direct - found:
            problems.append(f"{metric['name']}: the statement takes no value from {sorted(missing)}")
        if unknown := found - every:
            problems.append(f"{metric['name']}: its lineage lacks {sorted(unknown)}")
    return problems


def columns_of_value(statement, schema):
    """The columns of tables that `value` is computed from: (table, column)."""
    root = lineage("value", statement, schema=schema, dialect=DIALECT)
    return {
        (node.expression.name, node.name.split(".")[-1].strip('"'))
        for node in root.walk()
        if isinstance(node.expression, exp.Table)
    }


if __name__ == "__main__":
    sys.exit(main())
