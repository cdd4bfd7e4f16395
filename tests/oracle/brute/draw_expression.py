"""Random conditions and numbers over rows, customers and the value of `each`."""

from decimal import Decimal

from brute.draw_world import CHANNELS, COUNTRIES, NAMES, PLANS, REGIONS
from brute.tree import Between, Binary, Call, Case, Column, In, IsNull, Literal, Minus, Not

VALUES = {"channel": CHANNELS, "name": NAMES, "region": REGIONS, "plan": PLANS, "organisation.country": COUNTRIES}
COMPARISONS = ["=", "<>", "<", "<=", ">", ">="]


class Expressions:
    """Draws expressions for a world."""

    def __init__(self, random, days):
        self.random, self.days = random, days

    def one(self, shapes):
        """One of several ways, each drawn only when it is chosen."""
        return self.random.choice(shapes)()

    # Conditions.

    def joined(self, simple):
        """A condition, or two of them with `and`, `or`, `not`."""
        chance = self.random.random()
        if chance < 0.65:
            return simple()
        if chance < 0.8:
            return Binary("and", simple(), simple())
        return Binary("or", simple(), simple()) if chance < 0.9 else Not(simple())

    def of_rows(self, table):
        """A condition on the rows of a source."""
        return self.joined(lambda: self.one([
            lambda: self.text(self.random.choice(table.names("text"))),
            lambda: self.comparison(Column(self.random.choice(table.names("int", "decimal", "float")))),
            lambda: Column(self.random.choice(table.names("bool"))),
            lambda: self.of_customers("account."),
            lambda: self.time(table.field(table.time)),
        ]))

    def of_customers(self, prefix):
        """A condition on customers, whose columns are reached by a prefix."""
        return self.one([
            lambda: self.text(prefix + "region"), lambda: self.text(prefix + "plan"),
            lambda: self.text(prefix + "organisation.country"),
            lambda: self.comparison(Column(prefix + "seats")),
        ])

    def shared(self):
        """A condition that every metric understands: it reads what customers `have`."""
        path = self.random.choice(["account.region", "account.plan", "account.organisation.country"])
        return self.joined(lambda: self.text(path))

    def text(self, path):
        return self.text_of(path, path.removeprefix("account."))

    def text_of(self, path, name):
        values = VALUES[name]
        column, value = Column(path), Literal(self.random.choice(values))
        return self.one([
            lambda: Binary("=", column, value), lambda: Binary("=", column, value), lambda: Binary("<>", column, value),
            lambda: In(column, tuple(Literal(one) for one in self.random.sample(values, 2)), self.random.random() < 0.3),
            lambda: IsNull(column, self.random.random() < 0.5),
        ])

    def comparison(self, number):
        low, high = sorted(self.random.sample([0, 1, 2, 5, 20], 2))
        return self.one([
            lambda: Binary(self.random.choice(COMPARISONS), number, Literal(low)),
            lambda: Binary(self.random.choice(COMPARISONS), number, Literal(high)),
            lambda: Between(number, Literal(low), Literal(high)),
        ])

    def time(self, field):
        """A comparison with a day means its local midnight; weekdays and hours are local."""
        column, day = Column(field.name), self.random.choice(self.days)
        shapes = [
            lambda: Binary(">=", column, Literal(day)), lambda: Binary("<", column, Literal(day)),
            lambda: Binary("=", Call("weekday", (column,)), Literal(day.isoweekday())),
            lambda: Binary("=", Call("month", (column,)), Literal(day.month)),
        ]
        if field.kind == "instant":
            shapes.append(lambda: Binary("<", Call("hour", (column,)), Literal(self.random.choice([1, 3, 20]))))
        return self.one(shapes)

    # Numbers.

    def number(self, table):
        """A number of a row."""
        names = table.names("int", "decimal", "float")
        base, flag = Column(self.random.choice(names)), Column(self.random.choice(table.names("bool")))
        return self.one([
            lambda: base, lambda: base, lambda: base,
            lambda: Binary("+", base, Column(self.random.choice(names))),
            lambda: Binary("*", base, Column(self.random.choice(names))),
            lambda: Binary("-", base, Literal(self.random.choice([1, Decimal("2.5")]))),
            lambda: Call("coalesce", (base, Literal(0))),
            lambda: Case(flag, base, Literal(0)), lambda: Case(flag, base), lambda: Minus(base),
        ])
