"""Random small projects: their text in Groma, their data, and how Python reads both.

The data holds what numbers go wrong on: nulls, ties, references to nobody, months without rows, rows at the first and the
last moment of a period, nights on which clocks change, groups of one row, texts with quotes.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from periods import MONTHS, WEEKDAYS, Calendar

ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
REGIONS = ["north", "south", "o'hara", "Überlingen"]
PLANS = ["free", "pro", "enterprise"]
COUNTRIES = ["DE", "US", "FR"]
CHANNELS = ["web", "store", "phone", "Web shop"]
# Local midnights of months, quarters, weeks and years, and the nights on which Berlin and New York change their clocks.
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1),
        date(2026, 3, 8), date(2026, 3, 29), date(2026, 3, 31), date(2026, 6, 30), date(2026, 7, 1), date(2026, 10, 25),
        date(2026, 11, 1)]
TIMES = ["00:00:00", "00:00:00", "23:59:59.999999", "00:30:00", "01:30:00", "02:30:00", "03:00:00", "12:00:00", "22:30:00"]


@dataclass
class Source:
    name: str
    key: str
    time: str
    # The zone of stored instants; None for a date.
    zone: str | None
    numbers: list
    flags: list
    texts: list
    # Name and declared type, in the order of the file.
    columns: list
    rows: list = field(default_factory=list)

    @property
    def shared_paths(self):
        return ["account.region", "account.plan", "account.organisation.country"]

    @property
    def paths(self):
        return self.texts + self.shared_paths

    def declaration(self):
        """The source in Groma."""
        lines = [f"source {self.name} {{", f'  file: "{self.name}.csv"', f"  key: {self.key}", f"  time: {self.time}", "  columns {"]
        lines += [f"    {name}: {declared}" for name, declared in self.columns]
        return "\n".join(lines + ["  }", "}", ""])


class World:
    """A project with its data, all of it from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        choose = self.random.choice
        self.zone = choose(ZONES)
        self.week_starts = choose(WEEKDAYS)
        self.fiscal_year_starts = choose(MONTHS)
        self.calendar = Calendar(self.week_starts, self.fiscal_year_starts)
        self.days = DAYS
        self.filters_customers = self.random.random() < 0.4
        self.organisations = [{"org_id": f"o{number}", "country": self.maybe(choose(COUNTRIES))} for number in range(3)]
        self.accounts = [self.account(number) for number in range(7)]
        self.sources = [self.orders(choose(ZONES)), self.visits()]

    def maybe(self, value, chance=0.15):
        return None if self.random.random() < chance else value

    def account(self, number):
        return {
            "account_id": f"a{number}",
            "region": self.maybe(self.random.choice(REGIONS)),
            "plan": self.random.choice(PLANS),
            "is_test": self.random.random() < 0.2,
            "org_id": self.maybe(self.random.choice(["o0", "o1", "o2", "o9"])),
        }

    def moment(self, zone):
        """A stored wall clock near one of the days that matter, never one that the zone leaves out."""
        while True:
            day = self.random.choice(DAYS) + timedelta(days=self.random.choice([-1, 0, 0, 0, 1]))
            stored = datetime.fromisoformat(f"{day} {self.random.choice(TIMES)}")
            aware = stored.replace(tzinfo=ZoneInfo(zone))
            if aware.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == stored:
                return stored

    def reference(self):
        return self.maybe(self.random.choice([f"a{number}" for number in range(7)] + ["nobody"]), 0.08)

    def orders(self, zone):
        columns = [("order_id", "text"), ("account_id", "account, optional"), ("ordered_at", f'instant in "{zone}"'),
                   ("amount", "decimal(12, 2), optional"), ("units", "int, optional"), ("weight", "float, optional"),
                   ("channel", "text, optional"), ("express", "bool, optional"), ("gift", "bool")]
        source = Source("orders", "order_id", "ordered_at", zone, ["amount", "units", "weight"], ["express", "gift"],
                        ["channel"], columns)
        for number in range(self.random.choice([0, 1, 60, 90])):
            source.rows.append({
                "order_id": f"r{number:03}",
                "account_id": self.reference(),
                "ordered_at": self.moment(zone),
                "amount": self.maybe(Decimal(self.random.choice(["0", "9.99", "10", "20.01", "33.33", "-5"]))),
                "units": self.maybe(self.random.choice([0, 1, 1, 2, 5])),
                "weight": self.maybe(self.random.choice([0.0, 0.25, 1.5, 40.125])),
                "channel": self.maybe(self.random.choice(CHANNELS)),
                "express": self.maybe(self.random.random() < 0.5),
                "gift": self.random.random() < 0.3,
            })
        return source

    def visits(self):
        columns = [("visit_id", "int"), ("account_id", "account, optional"), ("seen_on", "date"),
                   ("minutes", "float, optional"), ("pages", "int"), ("channel", "text, optional"), ("mobile", "bool, optional")]
        source = Source("visits", "visit_id", "seen_on", None, ["minutes", "pages"], ["mobile"], ["channel"], columns)
        for number in range(self.random.choice([20, 70])):
            source.rows.append({
                "visit_id": number,
                "account_id": self.reference(),
                "seen_on": self.random.choice(DAYS) + timedelta(days=self.random.choice([-1, 0, 0, 1])),
                "minutes": self.maybe(self.random.choice([0.0, 0.5, 3.25, 12.0])),
                "pages": self.random.choice([0, 1, 3, 8]),
                "channel": self.maybe(self.random.choice(CHANNELS)),
                "mobile": self.maybe(self.random.random() < 0.5),
            })
        return source

    def source(self, name):
        return next(source for source in self.sources if source.name == name)

    # Reading.

    def values_of(self, path):
        return {"account.region": REGIONS, "account.plan": PLANS, "account.organisation.country": COUNTRIES}.get(path, CHANNELS)

    def owner(self, row):
        """The account that a row refers to, if there is one."""
        return next((account for account in self.accounts if account["account_id"] == row["account_id"]), None)

    def read(self, source, path, row):
        """What a path means for a row of a source."""
        if "." not in path:
            return row[path]
        account = self.owner(row)
        if account is None:
            return None
        if path == "account.organisation.country":
            organisation = next((one for one in self.organisations if one["org_id"] == account["org_id"]), None)
            return organisation and organisation["country"]
        return account[path.removeprefix("account.")]

    def counts(self, row):
        """Whether the customer of a row is one that counts."""
        if not self.filters_customers:
            return True
        account = self.owner(row)
        return account is not None and not account["is_test"]

    def local(self, source, row):
        """The local wall clock of a row; midnight for a date."""
        stored = row[source.time]
        if source.zone is None:
            return datetime(stored.year, stored.month, stored.day)
        if source.zone == self.zone:
            return stored
        # A doubled hour is its first occurrence: `fold` is 0.
        return stored.replace(tzinfo=ZoneInfo(source.zone)).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def observed(self, source, cell):
        """Whether a period lies between the source's first row and the as-of: what is not observed is unknown, not 0."""
        starts = [self.calendar.start(cell.grain, self.local(source, row).date()) for row in source.rows]
        return bool(starts) and min(starts) <= cell.start < cell.as_of

    # Writing.

    def manifest(self):
        return "\n".join([
            "project: oracle", "language: 1", f"timezone: {self.zone}", f"week_starts: {self.week_starts}",
            f"fiscal_year_starts: {self.fiscal_year_starts}", "targets:", "  local: { engine: datafusion, data: data }",
            "  duckdb: { engine: duckdb }", "  postgres: { engine: postgres }", "default_target: local", "",
        ])

    def declarations(self):
        where = "  where: not is_test\n" if self.filters_customers else ""
        customers = (
            'source organisations {\n  file: "organisations.csv"\n  key: org_id\n  columns {\n'
            "    org_id: text\n    country: text, optional\n  }\n}\n"
            "customer organisation { from: organisations  key: org_id  has: country }\n"
            'source accounts {\n  file: "accounts.csv"\n  key: account_id\n  columns {\n    account_id: text\n'
            "    region: text, optional\n    plan: text\n    is_test: bool\n    org_id: organisation, optional\n  }\n}\n"
            f"customer account {{\n  from: accounts\n  key: account_id\n{where}  has: region, plan\n  parent: organisation\n}}\n"
        )
        return customers + "".join(source.declaration() for source in self.sources)

    def write(self, folder, metrics):
        """Writes the project with the text of its metrics."""
        data = folder / "data"
        data.mkdir(parents=True)
        (folder / "groma.yml").write_text(self.manifest())
        (folder / "sources.groma").write_text(self.declarations())
        (folder / "metrics.groma").write_text(metrics)
        for table in self.tables():
            with open(data / f"{table['name'][0]}.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([name for name, _ in table["columns"]])
                writer.writerows(["" if value is None else value for value in row] for row in table["rows"])

    def tables(self):
        """The data as `serve.py` takes it."""
        made = [
            table("organisations", [("org_id", "text"), ("country", "text")], self.organisations),
            table("accounts", [("account_id", "text"), ("region", "text"), ("plan", "text"), ("is_test", "bool"),
                               ("org_id", "text")], self.accounts),
        ]
        for source in self.sources:
            columns = [(name, stored_type(declared)) for name, declared in source.columns]
            made.append(table(source.name, columns, source.rows))
        return made


def stored_type(declared):
    word = declared.split(",")[0] if "(" not in declared else declared.split(")")[0] + ")"
    if word.startswith("instant"):
        return "timestamp"
    return {"account": "text", "float": "real"}.get(word, word)


def table(name, columns, rows):
    return {"name": [name], "columns": columns, "rows": [[written(row[column]) for column, _ in columns] for row in rows]}


def written(value):
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
