"""The projects that packages are made of, and what must hold of each package."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

import engines
from engines import SCHEMA, quoted

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"


class Dbt:
    """dbt on a package, in this process: it takes seconds to start."""

    def __init__(self, package, home, output, project):
        self.target = home / "target"
        profiles = home / "profiles"
        profiles.mkdir()
        (profiles / "profiles.yml").write_text(yaml.safe_dump({project: {"target": "here", "outputs": {"here": output}}}))
        self.options = [
            "--project-dir", str(package), "--profiles-dir", str(profiles), "--vars", "groma_sources: raw",
            "--target-path", str(self.target), "--log-path", str(home / "logs"),
        ]

    def run(self, *command):
        """Whether it ended well, and of each node its status and message."""
        ended = dbtRunner().invoke(["--quiet", "--no-use-colors", *command, *self.options])
        results = getattr(ended.result, "results", None) or []
        nodes = {node.node.unique_id.split(".", 2)[2]: (str(node.status), node.message) for node in results}
        return ended.success, nodes, ended.exception or ended.result

    def manifest(self):
        return json.loads((self.target / "manifest.json").read_text())


class Project:
    name = ""
    # By schema and name: the CSV file and the types of its columns.
    tables = {}
    # What warns in the first build, as a part of the test's name.
    warns = ()

    def folder(self):
        raise NotImplementedError

    def run(self, groma, engine, home, asked, check):
        self.groma, self.engine = groma, engine
        self.said = lambda what: f"{self.name} on {engine.name}: {what}"
        self.check = lambda what, holds, said="": check(self.said(what), holds, said)
        self.here = home / "project"
        shutil.copytree(self.folder(), self.here)
        engines.fill(engine, {place: (self.here / path, types) for place, (path, types) in self.tables.items()})
        self.package = home / "package"
        self.build()
        text = yaml.safe_load((self.package / "dbt_project.yml").read_text())
        self.dbt = Dbt(self.package, home, engine.output(), text["profile"])
        self.first(asked)
        self.then()

    def build(self):
        """The package; a second time it is the same bytes."""
        command = [self.groma, "-C", str(self.here), "build", "--as", "dbt", "--target", self.engine.name, "--out", str(self.package)]
        for _ in range(2):
            before = contents(self.package)
            ended = subprocess.run(command, capture_output=True, text=True)
            if ended.returncode:
                raise SystemExit(f"{self.said('groma build --as dbt')}\n{ended.stdout}{ended.stderr}")
        self.check("the same project gives the same bytes", before == contents(self.package))

    def first(self, asked):
        success, _, said = self.dbt.run("parse")
        self.check("dbt parse", success, said)
        success, nodes, said = self.dbt.run("build")
        self.check("dbt build", success, {name: result for name, result in nodes.items() if result[0] in ("error", "fail")} or said)
        warned = {name for name, (status, _) in nodes.items() if status == "warn"}
        expected = len(warned) == len(self.warns) and all(any(part in name for name in warned) for part in self.warns)
        self.check("what warns", expected, warned)
        answers = self.answers()
        self.check("there are answers", answers)
        for name, problems in self.differences(asked).items():
            self.check(f"{name} is what `groma query` says", not problems, problems[:3])
        success, _, said = self.dbt.run("build")
        self.check("dbt build again", success, said)
        self.check("the same rows after a second build", answers == self.answers())
        success, _, said = self.dbt.run("ls", "--resource-type", "exposure")
        self.check("dbt ls", success and len(said) == len(self.dbt.manifest()["exposures"]), said)

    def then(self):
        """What holds of this project beside what holds of all."""

    def answers(self):
        rows = self.engine.rows(f"SELECT * FROM {SCHEMA}.answers")
        return sorted((tuple(sorted((name, told(value, row["status"])) for name, value in row.items())) for row in rows))

    def differences(self, asked):
        """Of each metric's view, the cells that differ from what `groma query` says of the files."""
        manifest = self.dbt.manifest()
        views = [node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["path"].startswith("metrics/")]
        rows = {view["name"]: self.engine.rows(f"SELECT * FROM {quoted(SCHEMA, view['alias'])}") for view in views}
        places = {}
        for metric, found in rows.items():
            for row in found:
                places.setdefault(place(row), set()).add(metric)
        for where, metrics in places.items():
            self.ask(where, {metric for metric in metrics if (metric, where) not in asked}, asked)
        return {metric: list(self.of_metric(metric, found, asked)) for metric, found in rows.items()}

    def of_metric(self, metric, rows, asked):
        if not rows:
            yield "no rows"
        for where in {place(row) for row in rows}:
            by = groupings(where)
            cells = {key(row, by): row for row in rows if place(row) == where}
            truth = asked[(metric, where)]
            yield from (f"{where}: {cell} only in one" for cell in set(cells) ^ set(truth))
            for cell in set(cells) & set(truth):
                yield from compared(cell, cells[cell], truth[cell])

    def ask(self, where, metrics, asked):
        """What `groma query` says of metrics that answer alike, over the files."""
        if not metrics:
            return
        grain, _, as_of = where
        by = groupings(where)
        grouped = [part for one in by for part in ("--by", one)]
        command = [self.groma, "-C", str(self.here), "query", ",".join(sorted(metrics)), "--grain", grain, *grouped,
                   "--format", "json", "--as-of", as_of.strftime("%Y-%m-%dT%H:%M:%S"), "--target", "local"]
        ended = subprocess.run(command, capture_output=True, text=True)
        if ended.returncode:
            raise SystemExit(f"{' '.join(command)}\n{ended.stderr}")
        for metric in metrics:
            asked[(metric, where)] = {}
        for row in json.loads(ended.stdout):
            asked[(row["metric"], where)][key(row, by)] = row


def told(value, status):
    """A value as text. What is computed anew may differ in its last digits: sums have no order."""
    return f"{value:.9g}" if isinstance(value, float) and status != "settled" else str(value)


def place(row):
    """What a question is about: the grain, the grouping, and up to when rows are read."""
    return row["grain"], row["grouping"], row["as_of"]


def groupings(where):
    return [] if where[1] == "total" else where[1].split("+")


def key(row, by):
    return (str(row["period"]), row.get("step"), *(row[name] for name in by))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} if folder.exists() else {}


def compared(cell, got, wanted):
    """What differs: exact but for the last digits of a double."""
    for name in ("value", "n", "matured", "status", "version"):
        left, right = got.get(name), wanted.get(name)
        same = left == right or (isinstance(left, float) and right is not None and math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12))
        if not same:
            yield f"{cell}: {name} is {left} and should be {right}"


class Cdnow(Project):
    name = "cdnow"
    tables = {
        ("raw", "purchases"): (
            "data/purchases.csv", {"bought_on": "date", "units": "int", "amount": "DECIMAL(10, 2)"},
        ),
    }
    # 255 rows are copies, and nobody knows whether they are mistakes.
    warns = ("purchases_no_copies",)

    def folder(self):
        return EXAMPLES / "cdnow"


class Features(Project):
    name = "features"
    tables = {
        ("crm", "accounts"): ("data/accounts.csv", {"since": "date"}),
        ("raw", "orders"): ("data/orders.csv", {"ordered_at": "timestamp", "amount": "DECIMAL(10, 2)", "rating": "int"}),
        ("crm", "tickets"): ("data/tickets.csv", {"opened_on": "date", "closed_on": "date"}),
    }
    warns = ("orders_sensible",)

    def folder(self):
        return HERE / "features"

    def then(self):
        self.told()
        self.late_and_new()
        self.stopped()

    def told(self):
        """What people wrote arrives as they wrote it."""
        manifest = self.dbt.manifest()
        nodes = {node["name"]: node for kind in ("nodes", "sources", "exposures", "groups") for node in manifest[kind].values()}
        revenue, orders, board = nodes["revenue"], nodes["orders"], nodes["leadership"]
        told = {
            "a metric's documentation": (revenue["description"], "Was Kunden bezahlt haben: {{ amount }} in \"€\", 'brutto'."),
            "labels": (revenue["config"]["meta"]["labels"]["en"], "Revenue {{ x }}"),
            "a metric's hash": (len(revenue["config"]["meta"]["semantic_hash"]), 64),
            "a metric's owner": (revenue["group"], "l_den"),
            "a group's owner": (nodes["l_den"]["owner"]["name"], "Läden & {{ mehr }}"),
            "a group's address": (nodes["l_den"]["owner"]["email"], "laeden-lead@shop.example"),
            "a source's documentation": (orders["description"], "One row for each order: {{ config(materialized='table') }} is only a text."),
            "a dashboard's title": (board["label"], "Leadership {{ 2026 }}"),
            "what it reads": (sorted(board["depends_on"]["nodes"]), ["model.L_den___mehr.open_tickets", "model.L_den___mehr.revenue"]),
            "when a source is late": (orders["freshness"]["warn_after"], {"count": 3, "period": "day"}),
            "when a metric goes": (str(nodes["old_tickets"]["deprecation_date"])[:10], "2027-01-31"),
        }
        for what, (got, wanted) in told.items():
            self.check(what, got == wanted, f"{got!r} is not {wanted!r}")

    def late_and_new(self):
        """A row that changed late, and a grouping that is new: settled answers stay, and the new ones are added."""
        before = self.cells()
        self.engine.run("UPDATE raw.orders SET amount = amount + 1000 WHERE ordered_at < '2026-02-01' OR ordered_at > '2026-06-01'")
        path = self.here / "main.groma"
        text = path.read_text()
        path.write_text(text.replace("by:      account.plan\n\n  /// Since", "by:      account.plan, channel\n\n  /// Since"))
        self.build()
        success, nodes, said = self.dbt.run("build")
        self.check("dbt build with a new grouping", success, {name: result for name, result in nodes.items() if result[0] in ("error", "fail")} or said)
        after = self.cells()
        settled = {cell for cell, (status, _) in before.items() if status == "settled" and cell[0] == "revenue"}
        moved = [cell for cell in settled if after.get(cell) != before[cell]]
        self.check("settled answers stay", settled and not moved, moved[:3])
        open_cells = [cell for cell, (status, _) in before.items() if status == "provisional" and cell[0] == "revenue"]
        self.check("provisional answers follow", any(after.get(cell) != before[cell] for cell in open_cells), open_cells[:3])
        self.check("a new grouping is answered", any(cell[3] == "channel" for cell in after))
        success, _, said = self.dbt.run("run", "--full-refresh")
        self.check("dbt run --full-refresh", success, said)
        full = self.cells()
        self.check("a full refresh computes settled answers anew", any(full[cell] != before[cell] for cell in settled))
        self.check("the cells are the same after a full refresh", set(full) == set(after))

    def stopped(self):
        """A row that breaks a check that stops: what reads the source stays as it was, the rest goes on."""
        before = self.cells()
        self.engine.run(
            "INSERT INTO raw.orders VALUES ('O-bad', 'A001', '2026-06-02 10:00:00', NULL, -5, NULL)",
            "UPDATE crm.tickets SET closed_on = NULL WHERE opened_on > '2026-06-01'",
        )
        success, nodes, _ = self.dbt.run("build")
        stopped = {name for name, (status, _) in nodes.items() if status == "fail"}
        skipped = {name for name, (status, _) in nodes.items() if status == "skipped"}
        self.check("a check that stops fails", not success and any("orders_paid" in name for name in stopped), nodes)
        self.check("what reads the source is skipped", "revenue" in skipped and "open_tickets" not in skipped, skipped)
        after = self.cells()
        orders = [cell for cell in before if cell[0] == "revenue"]
        self.check("its answers stay", all(after[cell] == before[cell] for cell in orders))
        tickets = [cell for cell in before if cell[0] == "open_tickets"]
        self.check("the others follow", any(after[cell] != before[cell] for cell in tickets))

    def cells(self):
        """By metric, grain, period and grouping with its values: status and value."""
        rows = self.engine.rows(f"SELECT * FROM {SCHEMA}.answers")
        groups = ("account.region", "account.plan", "channel", "step")
        return {
            (row["metric"], row["grain"], str(row["period"]), row["grouping"], *(row.get(name) for name in groups)):
                (row["status"], row["value"])
            for row in rows
        }


ALL = [Cdnow(), Features()]
