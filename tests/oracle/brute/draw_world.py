"""Random small worlds with the data that numbers go wrong on.

Nulls, ties, exact copies, references to nobody and to no one, no rows and one row, rows at the first and last moments of
days, months and years, nights on which clocks change, customers who left before they came.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from brute.clocks import length
from brute.data import Field, Table, World
from brute.tree import Column, Not
from periods import MONTHS, WEEKDAYS

ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
REGIONS = ["north", "south", "o'hara", "Überlingen"]
PLANS = ["free", "pro", "enterprise"]
COUNTRIES = ["DE", "US", "FR"]
CHANNELS = ["web", "store", "phone"]
NAMES = ["visit", "signup", "paid"]
ACCOUNTS = 10
# Days around which things happen: ends of months, weeks and years, a leap day, and the nights on which clocks change.
SEASONS = {
    "spring": [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 7),
               date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31),
               date(2026, 4, 1), date(2026, 4, 30)],
    "autumn": [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 24), date(2026, 10, 25),
               date(2026, 10, 26), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 30),
               date(2026, 12, 1)],
    "winter": [date(2023, 12, 30), date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 30), date(2024, 1, 31),
               date(2024, 2, 1), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31)],
}
TIMES = ["00:00:00", "00:00:00", "23:59:59.999999", "00:30:00", "01:30:00", "02:30:00", "03:00:00", "12:00:00", "22:30:00",
         "05:00:00"]
# Days after a moment at which windows begin and end, and those beside.
AFTER = [-1, 0, 0, 1, 2, 6, 7, 8, 13, 14, 29, 30, 31, 59, 60]
LATE = [None, None, length(1, "day"), length(2, "day"), length(1, "week")]


class Draw:
    """Draws a world from a generator of random numbers."""

    def __init__(self, random):
        self.random = random
        self.days = SEASONS[random.choice(list(SEASONS))]

    def world(self):
        choose = self.random.choice
        accounts = self.people = self.accounts()
        return World(
            zone=choose(ZONES), week_starts=choose(WEEKDAYS), fiscal_year_starts=choose(MONTHS), accounts=accounts,
            organisations=self.organisations(), sources=[self.orders(), self.visits(), self.balances()],
            where=Not(Column("is_test")) if self.random.random() < 0.5 else None, since="signed_up",
            until=choose(["closed", None]),
        )

    def maybe(self, value, chance=0.15):
        return None if self.random.random() < chance else value

    def happened(self, field, account_id):
        """When a row of an account happened: often so many days after a moment of the account that windows begin or end."""
        person = next((one for one in self.people.rows if one["account_id"] == account_id), None)
        moment = person and person[self.random.choice(["signed_up", "activated_at"])]
        if moment is None or self.random.random() < 0.5:
            return self.time(field)
        day = (moment.date() if isinstance(moment, datetime) else moment) + timedelta(days=self.random.choice(AFTER))
        return self.time(field, day=day)

    def day(self, early=False):
        """One of the days that matter, or one near it; early: in their first half."""
        days = self.days[:len(self.days) // 2] if early else self.days
        return self.random.choice(days) + timedelta(days=self.random.choice([-1, 0, 0, 0, 0, 1, 7]))

    def moment(self, zone, early, day):
        """A stored wall clock, never one that the zone leaves out."""
        while True:
            stored = datetime.fromisoformat(f"{day or self.day(early)} {self.random.choice(TIMES)}")
            aware = stored.replace(tzinfo=ZoneInfo(zone))
            if aware.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == stored:
                return stored

    def time(self, field, early=False, day=None):
        return self.moment(field.zone, early, day) if field.kind == "instant" else day or self.day(early)

    def time_field(self, name, optional=False):
        """A date, or an instant that is stored in some zone."""
        if self.random.random() < 0.4:
            return Field(name, "date", optional)
        return Field(name, "instant", optional, self.random.choice(["UTC", "UTC", *ZONES]))

    def organisations(self):
        rows = [{"org_id": f"o{number}", "country": self.maybe(self.random.choice(COUNTRIES))} for number in range(3)]
        return Table("organisations", "org_id", [Field("org_id", "text"), Field("country", "text", True)], rows=rows)

    def accounts(self):
        signed_up = self.time_field("signed_up", self.random.random() < 0.3)
        closed = Field("closed", signed_up.kind, True, signed_up.zone)
        activated = self.time_field("activated_at", True)
        fields = [Field("account_id", "text"), Field("region", "text", True), Field("plan", "text"),
                  Field("is_test", "bool", True), Field("org_id", "organisation", True), Field("seats", "int", True),
                  signed_up, closed, activated]
        table = Table("accounts", "account_id", fields)
        for number in range(self.random.choice([1, 4, *[ACCOUNTS] * 6])):
            table.rows.append({
                "account_id": f"a{number}", "region": self.maybe(self.random.choice(REGIONS)),
                "plan": self.random.choice(PLANS), "is_test": self.maybe(self.random.random() < 0.15, 0.05),
                "org_id": self.maybe(self.random.choice(["o0", "o1", "o2", "o9"])),
                "seats": self.maybe(self.random.choice([0, 1, 3, 10])),
                "signed_up": self.maybe(self.time(signed_up, self.random.random() < 0.7), 0.15 if signed_up.optional else 0),
                # Sometimes before it came.
                "closed": self.maybe(self.time(closed), 0.6), "activated_at": self.maybe(self.time(activated, self.random.random() < 0.5), 0.25),
            })
        return table

    def reference(self):
        known = [f"a{number}" for number in range(ACCOUNTS)]
        return self.maybe(self.random.choice([*known, *known, "nobody"]), 0.06)

    def filled(self, table, row):
        """The table with random rows, some of them exact copies of others."""
        table.late = self.random.choice(LATE)
        for number in range(self.random.choice([0, 1, 12, *[40] * 4, *[60] * 4])):
            account = self.reference()
            table.rows.append({table.key: number, "account_id": account} | row(account))
        if len(table.rows) > 5 and self.random.random() < 0.5:
            table.rows += [dict(self.random.choice(table.rows)) for _ in range(2)]
        return table

    def orders(self):
        time = self.time_field("ordered_at") if self.random.random() < 0.3 else Field(
            "ordered_at", "instant", False, self.random.choice(["UTC", "UTC", *ZONES]))
        fields = [Field("order_id", "int"), Field("account_id", "account", True), time, Field("amount", "decimal", True),
                  Field("units", "int", True), Field("weight", "float", True), Field("channel", "text", True),
                  Field("express", "bool", True), Field("name", "text")]
        table = Table("orders", "order_id", fields, "ordered_at")
        return self.filled(table, lambda account: {
            "ordered_at": self.happened(time, account),
            "amount": self.maybe(Decimal(self.random.choice(["0", "9.99", "10", "20.01", "33.33", "-5"]))),
            "units": self.maybe(self.random.choice([0, 1, 1, 2, 5])),
            "weight": self.maybe(self.random.choice([0.0, 0.25, 1.5, 40.125])),
            "channel": self.maybe(self.random.choice(CHANNELS)), "express": self.maybe(self.random.random() < 0.5),
            "name": self.random.choice(NAMES),
        })

    def visits(self):
        fields = [Field("visit_id", "int"), Field("account_id", "account", True), Field("seen_on", "date"),
                  Field("minutes", "float", True), Field("pages", "int"), Field("channel", "text", True),
                  Field("mobile", "bool", True), Field("name", "text")]
        table = Table("visits", "visit_id", fields, "seen_on")
        return self.filled(table, lambda account: {
            "seen_on": self.happened(table.field("seen_on"), account),
            "minutes": self.maybe(self.random.choice([0.0, 0.5, 3.25, 12.0])), "pages": self.random.choice([0, 1, 3, 8]),
            "channel": self.maybe(self.random.choice(CHANNELS)), "mobile": self.maybe(self.random.random() < 0.5),
            "name": self.random.choice(NAMES),
        })

    def balances(self):
        """Rows that repeat at each time, as snapshots are."""
        time = self.time_field("taken_at")
        fields = [Field("balance_id", "int"), Field("account_id", "account", True), time, Field("balance", "decimal", True),
                  Field("users", "int", True), Field("channel", "text", True), Field("frozen", "bool", True)]
        times = [self.time(time) for _ in range(7)]
        table = Table("balances", "balance_id", fields, "taken_at")
        return self.filled(table, lambda account: {
            "taken_at": self.random.choice(times),
            "balance": self.maybe(Decimal(self.random.choice(["0", "100.10", "250", "-20.05"]))),
            "users": self.maybe(self.random.choice([0, 1, 4, 9])), "channel": self.maybe(self.random.choice(CHANNELS)),
            "frozen": self.maybe(self.random.random() < 0.5),
        })
