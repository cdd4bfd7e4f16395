"""Rows and customers that a metric leaves out ("Exceptions" in governance.md)."""

from dataclasses import dataclass
from datetime import date

from brute.data import Customer
from brute.evaluate import evaluate
from brute.tree import Node, written


@dataclass(frozen=True)
class LeftOut:
    """`of` is a source, `account` or `organisation`; `covers` are the first and the last local day, or None for every day."""
    of: str
    where: Node
    covers: tuple[date, date] | None = None

    def text(self, metric, number):
        lines = [f"of: {self.of}", f"where: {written(self.where)}", f"from: {metric}"]
        lines += [f"covers: {self.covers[0]} to {self.covers[1]}"] if self.covers else []
        lines += ['because: "drawn"', 'evidence: "none"', 'approved_by: "lead@acme.example"', "until: 9999-12-31"]
        return "\n".join([f"exception {metric}_left_out_{number} {{"] + [f"  {line}" for line in lines] + ["}", ""])

    def covered(self, day):
        return self.covers is None or day is not None and self.covers[0] <= day <= self.covers[1]

    @property
    def of_customers(self):
        return self.of in ("account", "organisation")


class Organisation:
    """An organisation, as expressions see it; an account may refer to one that is not listed."""

    def __init__(self, world, account):
        self.key = account and account["org_id"]
        self.row = world.by_key(world.organisations, self.key)

    def column(self, path):
        return self.key if path == "org_id" else self.row and self.row[path]


class Account(Customer):
    """An account, as expressions see it; a row may refer to one that is not listed."""

    def __init__(self, world, account, key):
        super().__init__(world, account)
        self.key = key

    def column(self, path):
        return self.key if path == "account_id" else super().column(path)


def names(world, exception, account, key):
    """Whether an exception of customers names an account, or the organisation it belongs to; null names nobody."""
    scope = Organisation(world, account) if exception.of == "organisation" else Account(world, account, key)
    return evaluate(exception.where, scope) is True


def leaves(definition, row):
    """Whether a row is left out of a metric by itself."""
    for exception in definition.exceptions:
        if exception.of == definition.source:
            if exception.covered(row.day) and evaluate(exception.where, row) is True:
                return True
        elif exception.of_customers and rows_leave(definition, exception):
            account = row.world.account_of(row.row)
            if exception.covered(row.day) and names(row.world, exception, account, row.row["account_id"]):
                return True
    return False


def rows_leave(definition, exception):
    """Whether the rows of a customer leave, and not only the customer: of cohorts, the anchor says who is counted; who is left out
    every day is no member, whatever its rows."""
    if not definition.has_population:
        return True
    return exception.covers is not None and definition.clock.anchor is None


def never_counted(world, definition, account):
    """Whether a customer is left out every day."""
    return definition.has_population and any(
        exception.of_customers and exception.covers is None and names(world, exception, account, account["account_id"])
        for exception in definition.exceptions)


def not_in_cohort(world, definition, account, day):
    """Whether a customer is left out because its anchor lies in the days."""
    return any(exception.of_customers and exception.covers is not None and exception.covered(day)
               and names(world, exception, account, account["account_id"]) for exception in definition.exceptions)


def not_alive(world, definition, account, first, end):
    """Whether a customer is left out of everyone, because the period lies in the days."""
    return any(exception.of_customers and exception.covers is not None
               and exception.covers[0] <= first and (end - exception.covers[1]).days <= 1
               and names(world, exception, account, account["account_id"]) for exception in definition.exceptions)
