"""Random definitions, of every clock, `each`, population, funnel and snapshot, and metrics of them."""

from datetime import timedelta

from brute.clocks import After, Anchor, Curve, Event, Snapshot, ToDate, Trailing, length
from brute.draw_expression import Expressions
from brute.exceptions import LeftOut
from brute.metric import Definition, Step
from brute.tree import Aggregate, Binary, Call, Case, Column, Each, In, Literal, Metric, Not, Scoped

OF_NUMBERS = ["sum", "sum", "avg", "min", "max", "median", "percentile", "stddev", "first", "last", "count",
              "count_distinct"]
WITHINS = [None, None, length(1, "day"), length(3, "day"), length(7, "day"), length(2, "week"), length(30, "day"),
           length(1, "month")]
SORTS = ["last", "first", "average", "last per account", "first per account"]
TRAILING = [length(7, "day"), length(28, "day"), length(1, "month"), length(2, "month"), length(1, "quarter"),
            length(2, "week")]
OFFSETS = {
    "day": [length(1, "day"), length(7, "day"), length(1, "month"), length(1, "year")],
    "week": [length(1, "week"), length(4, "week")],
    "month": [length(1, "month"), length(1, "quarter")],
    "quarter": [length(1, "quarter"), length(3, "month"), length(1, "year")],
    "year": [length(1, "year"), length(12, "month")],
    "fiscal_quarter": [length(1, "quarter"), length(1, "year")],
    "fiscal_year": [length(1, "year")],
}


class Metrics:
    """Draws definitions for a world.

    They share a few sources, clocks and populations, as the metrics of a project do: what is shared must be read once and
    must not be mixed up, and an engine plans a statement in a time that grows with what is not.
    """

    def __init__(self, random, world, days, grain):
        self.random, self.world, self.grain = random, world, grain
        self.draw = Expressions(random, days)
        self.choose = random.choice
        self.tables = random.sample(world.sources, 2)
        self.clocks = [(self.tables[0], Event()), (self.tables[1], self.row_clock()), (self.tables[0], self.row_clock())]
        self.cohorts = [(self.tables[0], self.after()), (self.tables[1], self.choose([self.after, self.curve])())]
        self.amongs = [None, None, None, self.draw.joined(lambda: self.draw.of_customers("account."))]
        stood = self.choose([world.source("balances"), world.source("balances"), self.tables[0]])
        self.snapshots = [(stood, sort) for sort in random.sample(SORTS, 2)]

    def chance(self, share):
        return self.random.random() < share

    def percent(self, function):
        return self.choose([25, 50, 90]) if function == "percentile" else None

    # What exceptions leave out.

    def excepted(self, definition, share=0.2):
        """Some metrics leave rows or customers out; two exceptions of one are of different things, so that they do not overlap."""
        if not definition.source or not self.chance(share):
            return definition
        table = self.world.source(definition.source)
        kinds = self.random.sample(["rows", "account", "account", "organisation"], self.choose([1, 1, 2]))
        drawn = {kind: self.left_out(kind, table) for kind in kinds}
        return definition.with_(exceptions=tuple(drawn.values()))

    def left_out(self, kind, table):
        days = sorted(self.choose(self.draw.days) for _ in range(2))
        covers = self.draw.one([lambda: None, lambda: tuple(days), lambda: (days[0], days[0] + timedelta(days=self.choose([6, 30, 90])))])
        if kind == "rows":
            return LeftOut(table.name, self.draw.joined(lambda: self.draw.one([
                lambda: self.draw.of_rows(table), lambda: self.named(table.key, table)])), covers)
        if kind == "account":
            return LeftOut("account", self.draw.joined(lambda: self.draw.one([
                lambda: self.draw.of_customers(""), lambda: self.named("account_id", self.world.accounts)])), covers)
        return LeftOut("organisation", self.draw.one([
            lambda: self.draw.text_of("country", "organisation.country"),
            lambda: self.named("org_id", self.world.organisations)]), covers)

    def named(self, key, table):
        """Rows or customers by their keys, as people name them; one of them is nobody's."""
        nobody = "nobody" if table.field(key).kind == "text" else -1
        keys = [row[key] for row in table.rows] or [nobody]
        chosen = sorted({self.choose(keys) for _ in range(self.choose([1, 2, 4]))} | {nobody})
        return In(Column(key), tuple(Literal(one) for one in chosen))

    # Clocks.

    def row_clock(self):
        """A clock of rows."""
        return self.draw.one([
            Event, Event, lambda: Trailing(self.choose(TRAILING)), lambda: Trailing(self.choose(TRAILING)),
            lambda: ToDate(self.choose(["week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"])), ToDate,
        ])

    def anchor(self):
        column = Anchor(column=self.choose(["signed_up", "signed_up", "activated_at"]))
        if self.chance(0.6):
            return column
        source = self.choose(self.world.sources)
        where = self.draw.of_rows(source) if self.chance(0.5) else None
        return Anchor(source=source.name, time=source.time, where=where)

    def after(self):
        """`90 days after …`, `day 3 to day 10 after …`."""
        number, unit = self.choose([(1, "day"), (3, "day"), (7, "day"), (7, "day"), (30, "day"), (60, "day"), (1, "week"),
                                    (2, "week"), (1, "month"), (1, "month"), (2, "month"), (1, "quarter")])
        last = length(number, unit)
        if unit == "quarter" or self.chance(0.6):
            return After(length(0, "day"), last, last.text, self.anchor())
        begin = self.random.randrange(number)
        return After(length(begin, unit), last, f"{unit} {begin} to {unit} {number}", self.anchor())

    def curve(self):
        number, unit = self.choose([(1, "day"), (7, "day"), (1, "week"), (1, "month"), (1, "month"), (2, "week")])
        every = length(number, unit)
        words = f"each {unit}" if number == 1 else f"each {every.text}"
        return Curve(every, self.choose([1, 2, 3, 4]), words, self.anchor())

    # Aggregates over rows.

    def where(self, table, share=0.25):
        return self.draw.of_rows(table) if self.chance(share) else None

    def of_rows(self, table, numbers_only=False):
        """An aggregate over rows, with a number as its value."""
        function = self.choose(OF_NUMBERS)
        shapes = [
            lambda: Aggregate("count", None, self.where(table)),
            lambda: Aggregate(function, self.draw.number(table), self.where(table), self.percent(function)),
            lambda: Aggregate(function, self.draw.number(table), self.where(table), self.percent(function)),
            lambda: Aggregate("count_distinct", Column(self.choose(["channel", "account_id"])), self.where(table)),
            lambda: Aggregate("share", self.draw.of_rows(table), self.where(table)),
        ]
        return self.distinct_of_column(self.draw.one(shapes), table)

    def distinct_of_column(self, node, table):
        """`distinct` is no reserved word: what follows it must not look like an operator."""
        if node.function != "count_distinct" or isinstance(node.argument, Column):
            return node
        return Aggregate("count_distinct", Column(self.choose(table.names("int", "decimal", "float"))), node.where)

    def of_several(self, table):
        """A measure over rows."""
        first = self.of_rows(table)
        if self.chance(0.75):
            return first
        return self.draw.one([
            lambda: Binary("/", first, self.of_rows(table)),
            lambda: Case(Binary(">", Aggregate("count"), Literal(2)), first),
            lambda: Call("coalesce", (first, Literal(0))),
        ])

    # Metrics of one source.

    def options(self, definition, share=0.12):
        """A smallest number, and what stands where nothing was counted."""
        if self.chance(share):
            definition = definition.with_(minimum=self.choose([1, 2, 2, 4]))
        if self.chance(share):
            definition = definition.with_(fill=self.choose(["0", "previous"]))
        return definition

    def plain(self, name):
        """A metric of rows."""
        table, clock = self.choose(self.clocks)
        return self.options(Definition(name, self.of_several(table), table.name, clock, self.where(table, 0.2)))

    def net(self, name):
        """A net score: two shares that cannot both hold."""
        table, clock = self.choose([*self.clocks, *self.cohorts])
        column, (low, high) = Column(self.choose(table.names("int", "float"))), self.choose([(0, 1), (1, 2), (0, 5)])
        where = self.where(table, 0.2)
        measure = Binary("-", Aggregate("share", Binary(">=", column, Literal(high)), where),
                         Aggregate("share", Binary("<=", column, Literal(low)), where))
        return Definition(name, Binary("*", Literal(100), measure) if self.chance(0.5) else measure, table.name, clock)

    def cohort(self, name):
        """A metric of the rows of a cohort."""
        table, clock = self.choose(self.cohorts)
        return self.options(Definition(name, self.of_several(table), table.name, clock, self.where(table, 0.2),
                                       self.choose(self.amongs)))

    def per_customer(self, name):
        """A metric of one value per customer."""
        table, clock = self.choose(self.cohorts if self.chance(0.6) else self.clocks)
        table, sort = self.choose(self.snapshots) if self.chance(0.1) else (table, "average")
        clock = Snapshot(sort) if sort != "average" else clock
        each, kind = self.each(table)
        population = "all" if clock.anchor is None and self.chance(0.4) else None
        return self.options(Definition(name, self.of_each(kind), table.name, clock, self.where(table, 0.2), self.choose(self.amongs), each,
                                       population=population))

    def funnel(self, name):
        """A metric of steps."""
        table = self.choose([source for source in self.world.sources if source.name != "balances"])
        clock = self.draw.one([Event, self.after])
        names = [("visited", "visit"), ("signed_up", "signup"), ("paid", "paid"), ("again", "visit")]
        steps = []
        for number, (step, event) in enumerate(names[:self.choose([2, 3, 3, 4])]):
            condition = Binary("=", Column("name"), Literal(event)) if self.chance(0.7) else self.draw.of_rows(table)
            steps.append(Step(step, condition, self.choose(WITHINS) if number else None))
        reached, entered = Each("reached"), Each("entered")
        measure = self.draw.one([
            lambda: None, lambda: Aggregate("share", reached), lambda: Aggregate("share", reached, entered),
            lambda: Aggregate("count", None, reached), lambda: Aggregate("count"), lambda: Aggregate("count", None, entered),
            lambda: Aggregate("share", reached, self.draw.text("account.plan")),
        ])
        return self.options(Definition(name, measure, table.name, clock, self.where(table, 0.2), self.choose(self.amongs),
                                       steps=tuple(steps)), 0.1)

    def snapshot(self, name):
        """A metric of a source that repeats its rows."""
        table, sort = self.choose(self.snapshots)
        measure = self.of_several(table)
        if sort == "average":
            measure = self.draw.one([
                lambda: Aggregate("count", None, self.where(table)),
                lambda: Aggregate("sum", self.draw.number(table), self.where(table)),
            ])
        return self.options(Definition(name, measure, table.name, Snapshot(sort), self.where(table, 0.2)))

    # One value per customer.

    def each(self, table):
        """A value of one customer and its kind."""
        return self.draw.one([
            lambda: (self.each_number(table), "number"), lambda: (self.each_number(table), "number"),
            lambda: (self.each_condition(table), "bool"), lambda: (self.each_condition(table), "bool"),
            lambda: (Aggregate(self.choose(["first", "last"]), Column("channel"), self.where(table)), "text"),
            lambda: (Aggregate(self.choose(["first", "last"]), Column(table.time), self.where(table)), "time"),
        ])

    def each_number(self, table):
        time = Aggregate("first", Column(table.time), self.where(table, 0.2))
        shapes = [
            lambda: self.of_rows(table), lambda: self.of_rows(table), lambda: self.of_rows(table),
            lambda: Binary("/", Aggregate("sum", self.draw.number(table)), Aggregate("count")),
            lambda: Binary(self.choose(["-", "+"]), Aggregate("sum", self.draw.number(table)), Aggregate("avg", self.draw.number(table))),
            lambda: Binary("-", Aggregate("count"), Aggregate("count", None, self.where(table))),
            lambda: Call("days_between", (Column("account.signed_up"), time)),
            lambda: Call("days_between", (Column("account.signed_up"), time)),
            lambda: Case(Binary(">", Aggregate("count"), Literal(2)), Aggregate("count"), Literal(0)),
            lambda: Call("coalesce", (self.of_rows(table), Literal(0))),
            lambda: Binary("+", Column("account.seats"), Aggregate("max", self.draw.number(table))),
        ]
        signed_up, field = self.world.accounts.field("signed_up"), table.field(table.time)
        if (signed_up.kind, signed_up.zone, field.kind, field.zone) == ("instant", "UTC", "instant", "UTC"):
            word = self.choose(["hours_between", "minutes_between", "seconds_between"])
            shapes += 3 * [lambda: Call(word, (Column("account.signed_up"), time))]
        return self.draw.one(shapes)

    def each_condition(self, table):
        count = Aggregate("count", None, self.where(table))
        return self.draw.one([
            lambda: Binary(">=", count, Literal(self.choose([1, 2, 3]))), lambda: Binary("=", count, Literal(0)),
            lambda: Aggregate("any", self.draw.of_rows(table), self.where(table, 0.2)),
            lambda: Aggregate("all", self.draw.of_rows(table), self.where(table, 0.2)),
            lambda: Not(Aggregate("any", self.draw.of_rows(table))),
            lambda: self.draw.comparison(Aggregate(self.choose(["sum", "avg", "max", "min"]), self.draw.number(table))),
            lambda: Binary("=", Aggregate("last", Column("channel")), Literal("web")),
            lambda: Aggregate("first", Column(self.choose(table.names("bool")))),
            lambda: Binary(">", Aggregate("count", None, self.where(table, 1)), Aggregate("count", None, self.where(table, 1))),
            lambda: Binary("and", Binary(">", count, Literal(0)), Binary("=", Column("account.plan"), Literal("pro"))),
        ])

    def of_each(self, kind):
        """A measure over customers."""
        each = Each("each")
        among = self.draw.of_customers("account.") if self.chance(0.25) else None
        if kind == "bool":
            return self.draw.one([
                lambda: Aggregate("share", each, among), lambda: Aggregate("share", each, among),
                lambda: Aggregate("count", None, each), lambda: Aggregate("count", None, Not(each)),
                lambda: Binary("/", Aggregate("count", None, each), Aggregate("count")), lambda: Aggregate("count", None, among),
            ])
        if kind == "text":
            return self.draw.one([
                lambda: Aggregate("count_distinct", each, among),
                lambda: Aggregate("share", Binary("=", each, Literal("web")), among),
                lambda: Aggregate("count", each, among),
            ])
        if kind == "time":
            later = Binary(">=", each, Literal(self.choose(self.draw.days)))
            return self.draw.one([lambda: Aggregate("count", None, later), lambda: Aggregate("share", later, among),
                                  lambda: Aggregate("count", each, among)])
        function = self.choose(["avg", "avg", "median", "sum", "count", "percentile", "stddev", "min", "max"])
        return self.draw.one([
            lambda: Aggregate(function, each, among, self.percent(function)),
            lambda: Aggregate(function, each, among, self.percent(function)),
            lambda: Aggregate(function, each, among, self.percent(function)),
            lambda: Aggregate("count", None, among), lambda: Aggregate("count", None, self.draw.comparison(each)),
            lambda: Aggregate("share", self.draw.comparison(each), among),
            lambda: Binary("/", Aggregate("sum", each), Aggregate("count")),
            lambda: Aggregate("sum", Column("account.seats"), self.draw.comparison(each)),
        ])

    # Metrics of metrics.

    def derived(self, name, metrics):
        """A metric of others, whatever their clocks."""
        usable = [metric for metric in metrics if metric.answer_steps == [None]]
        unit = {metric.name: unit_of(metric, metrics) for metric in usable}
        one, other = (self.choose(usable).name for _ in range(2))
        # Only what has the same unit can be subtracted.
        like = self.choose([name for name in unit if unit[name] == unit[one]])
        first, second, alike = Metric(one), Metric(other), Metric(like)
        condition = self.draw.shared()
        earlier = Scoped(first, offset=self.choose(OFFSETS[self.grain]))
        return self.options(Definition(name, self.draw.one([
            lambda: Binary("/", first, second), lambda: Binary("/", first, second), lambda: Binary("-", first, alike),
            lambda: Binary("-", first, earlier), lambda: Binary("/", first, earlier), lambda: earlier,
            lambda: Scoped(first, where=condition),
            lambda: Binary("/", Scoped(first, where=condition), second),
            lambda: Call("coalesce", (Binary("/", first, second), Literal(0))),
            lambda: Case(Binary(">", first, Literal(2)), alike, first), lambda: Call("abs", (Binary("-", first, alike),)),
        ])), 0.1)


def unit_of(metric, metrics):
    """What a metric's values are of, roughly: enough to know what cannot be subtracted."""
    return unit(metric.measured, metric, {metric.name: metric for metric in metrics})


def unit(node, metric, metrics):
    match node:
        case Aggregate(function="count" | "count_distinct"):
            return "count"
        case Aggregate(function="share"):
            return "percent"
        case Aggregate(argument=Each()):
            return unit(metric.each, metric, metrics)
        case Call(function=function) if function.endswith("_between"):
            return function
        case Metric(name=name):
            return unit_of(metrics[name], metrics.values())
        case Binary(operator="/"):
            return f"{unit(node.left, metric, metrics)} / {unit(node.right, metric, metrics)}"
        case Case(then=inner) | Scoped(inner=inner) | Binary(left=inner) | Call(arguments=(inner, *_)):
            return unit(inner, metric, metrics)
    return "number"
