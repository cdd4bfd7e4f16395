"""The evaluator itself, on examples small enough to be worked out by hand from the language.

    python -m unittest brute.examples        (in tests/oracle)
"""

import unittest
from datetime import date, datetime

from brute.asked import Asked, Question
from brute.cells import Cell
from brute.clocks import After, Anchor, Curve, Event, Snapshot, Trailing, length
from brute.data import Field, Table, World
from brute.metric import Definition, Step
from brute.tree import Aggregate, Binary, Call, Column, Each, Literal, Metric, Not, Scoped, written

COUNT = Aggregate("count")
SIGNED_UP = Anchor(column="signed_up")
ORDER = ["order_id", "account_id", "ordered_at", "amount", "name"]
ACCOUNT = ["account_id", "region", "plan", "signed_up", "closed", "is_test"]


def world(orders, accounts, zone="UTC", stored="UTC", late=None, filtered=False, **more):
    """A world of rows as tuples; times are texts."""
    fields = [Field("order_id", "text"), Field("account_id", "account", True), Field("ordered_at", "instant", False, stored),
              Field("amount", "int", True), Field("name", "text", True)]
    rows = [dict(zip(ORDER, row)) | {"ordered_at": datetime.fromisoformat(row[2])} for row in orders]
    of_accounts = [Field("account_id", "text"), Field("region", "text", True), Field("plan", "text"), Field("signed_up", "date", True),
                   Field("closed", "date", True), Field("is_test", "bool", True)]
    people = [dict(zip(ACCOUNT, row)) | {"signed_up": day(row[3]), "closed": day(row[4]), "org_id": None} for row in accounts]
    return World(
        zone, more.get("week_starts", "monday"), more.get("fiscal_year_starts", "january"),
        Table("accounts", "account_id", of_accounts, rows=people), Table("organisations", "org_id", []),
        [Table("orders", "order_id", fields, "ordered_at", late, rows)],
        Not(Column("is_test")) if filtered else None, "signed_up", "closed",
    )


def day(text):
    return text and date.fromisoformat(text)


def account(key, signed_up="2026-01-01", closed=None, region="north", plan="pro", is_test=False):
    return key, region, plan, signed_up, closed, is_test


def asked(world, definition, *further, grain="month", **question):
    return Asked(world, [definition, *further], Question((definition.name,), grain, **question))


def values(asked, step=None, group=()):
    """The values of the periods of a question."""
    definition = asked.definitions[0]
    from brute.completeness import answer
    return [answer(asked.reading, definition, Cell(start, step, group)).value for start in asked.periods()]


def answers(asked, step=None):
    from brute.completeness import answer
    definition = asked.definitions[0]
    return [answer(asked.reading, definition, Cell(start, step)) for start in asked.periods()]


def per_customer(each, measure, **more):
    return Definition("it", measure, "orders", each=each, **more)


class Anchors(unittest.TestCase):
    ACCOUNTS = [account("a", "2026-01-31"), account("b", "2026-02-01"), account("c", "2026-01-05"), account("d", None)]
    ORDERS = [("1", "a", "2026-01-31 00:00:00", 1, "x"), ("2", "a", "2026-02-06 23:59:59", 2, "x"),
              ("3", "a", "2026-02-07 00:00:00", 4, "x"), ("4", "b", "2026-01-31 23:59:59", 8, "x"),
              ("5", "d", "2026-02-01 00:00:00", 16, "x"), ("6", "nobody", "2026-01-10 00:00:00", 32, "x")]

    def test_days_are_half_open_and_cohorts_are_whole(self):
        clock = After(length(0, "day"), length(7, "day"), "7 days", SIGNED_UP)
        place = world(self.ORDERS, self.ACCOUNTS)
        # a has two rows in its seven days, c has none; b's only row lies before it came. March is immature.
        definition = Definition("it", Aggregate("sum", Column("amount")), "orders", clock)
        self.assertEqual(values(asked(place, definition, as_of=date(2026, 4, 1))), [3.0, 0.0, None])
        each = per_customer(COUNT, Aggregate("avg", Each("each")), clock=clock)
        self.assertEqual(values(asked(place, each, as_of=date(2026, 4, 1))), [1.0, 0.0, None])

    def test_a_cohort_is_immature_until_its_window_has_closed(self):
        clock = After(length(0, "day"), length(7, "day"), "7 days", SIGNED_UP)
        each = per_customer(Binary(">", COUNT, Literal(0)), Aggregate("share", Each("each")), clock=clock)
        place = world(self.ORDERS, self.ACCOUNTS, late=length(1, "day"))
        for as_of, status, matured, value in [
            (datetime(2026, 2, 6, 23, 59, 59), "immature", 0.5, None), (date(2026, 2, 7), "immature", 1.0, None),
            (date(2026, 2, 8), "provisional", 1.0, 0.5), (date(2026, 2, 9), "settled", 1.0, 0.5),
        ]:
            january = answers(asked(place, each, as_of=as_of))[0]
            self.assertEqual((january.status, january.matured, january.value, january.n), (status, matured, value, 2))

    def test_months_after_the_31st_end_with_february(self):
        clock = After(length(0, "month"), length(1, "month"), "1 month", SIGNED_UP)
        orders = [("1", "a", "2026-02-27 12:00:00", 1, "x"), ("2", "a", "2026-02-28 00:00:00", 2, "x")]
        definition = Definition("it", Aggregate("sum", Column("amount")), "orders", clock)
        self.assertEqual(values(asked(world(orders, self.ACCOUNTS), definition, as_of=date(2026, 3, 1), first=date(2026, 1, 1),
                                      last=date(2026, 1, 1))), [1.0])

    def test_days_are_those_of_the_project(self):
        # Berlin's 29 March has 23 hours: from 28 March 23:00 UTC to 29 March 22:00 UTC.
        accounts = [account("a", "2026-03-29")]
        orders = [("1", "a", "2026-03-28 22:59:59", 1, "x"), ("2", "a", "2026-03-28 23:00:00", 2, "x"),
                  ("3", "a", "2026-03-29 21:59:59", 4, "x"), ("4", "a", "2026-03-29 22:00:00", 8, "x")]
        clock = After(length(0, "day"), length(1, "day"), "1 day", SIGNED_UP)
        definition = Definition("it", Aggregate("sum", Column("amount")), "orders", clock)
        place = world(orders, accounts, zone="Europe/Berlin")
        self.assertEqual(values(asked(place, definition, grain="day", as_of=date(2026, 4, 1), first=date(2026, 3, 29),
                                      last=date(2026, 3, 29))), [6.0])

    def test_an_event_anchor_counts_only_who_has_one(self):
        anchor = Anchor(source="orders", time="ordered_at", where=Binary(">", Column("amount"), Literal(1)))
        clock = After(length(0, "day"), length(7, "day"), "7 days", anchor)
        each = per_customer(COUNT, Aggregate("sum", Each("each")), clock=clock)
        got = asked(world(self.ORDERS, self.ACCOUNTS), each, as_of=date(2026, 4, 1))
        # In January b; in February a (rows 2 and 3) and d. nobody is no customer.
        self.assertEqual([(one.value, one.n) for one in answers(got)], [(1.0, 1), (3.0, 2), (None, 0)])

    def test_a_curve_has_a_step_for_each_stretch(self):
        clock = Curve(length(7, "day"), 3, "each 7 days", SIGNED_UP)
        each = per_customer(Binary(">", COUNT, Literal(0)), Aggregate("share", Each("each")), clock=clock)
        got = asked(world(self.ORDERS, self.ACCOUNTS), each, as_of=date(2026, 2, 15), first=date(2026, 1, 1), last=date(2026, 1, 31))
        self.assertEqual([answers(got, step)[0].value for step in range(3)], [0.5, 0.5, None])
        self.assertEqual([answers(got, step)[0].status for step in range(3)], ["settled", "settled", "immature"])


class Populations(unittest.TestCase):
    ACCOUNTS = [account("a"), account("b", "2026-02-28", "2026-03-01"), account("t", is_test=True),
                account("gone", "2025-01-01", "2026-01-01"), account("c", "2026-01-15", plan="free", region=None)]
    ORDERS = [("1", "a", "2026-01-31 00:00:00", 10, "x"), ("2", "t", "2026-01-31 00:00:00", 20, "x"),
              ("3", None, "2026-01-31 00:00:00", 40, "x"), ("4", "a", "2026-03-01 00:00:00", None, "y"),
              ("5", "b", "2026-03-02 00:00:00", 3, "x")]

    def test_rows_and_everyone(self):
        has = Binary(">=", Aggregate("sum", Column("amount")), Literal(3))
        rows = per_customer(has, Aggregate("share", Each("each")))
        everyone = rows.with_(population="all")
        place = world(self.ORDERS, self.ACCOUNTS, filtered=True)
        self.assertEqual([(one.value, one.n) for one in answers(asked(place, rows, as_of=date(2026, 4, 1)))],
                         [(1.0, 1), (None, 0), (0.5, 2)])
        # January: a and c; who left at its first moment is not alive in it. February: b too. March: no more b.
        self.assertEqual([(one.value, one.n) for one in answers(asked(place, everyone, as_of=date(2026, 4, 1)))],
                         [(0.5, 2), (0.0, 3), (0.0, 2)])

    def test_among_filters_customers_and_where_filters_rows(self):
        measure = Aggregate("count")
        place = world(self.ORDERS, self.ACCOUNTS)
        among = per_customer(COUNT, measure, population="all", among=Binary("=", Column("account.plan"), Literal("pro")))
        self.assertEqual(values(asked(place, among, as_of=date(2026, 2, 1))), [2.0])
        rows = per_customer(COUNT, Aggregate("sum", Each("each")), where=Binary("=", Column("name"), Literal("y")))
        self.assertEqual(values(asked(place, rows, as_of=date(2026, 4, 1))), [0.0, 0.0, 1.0])

    def test_days_between(self):
        first = Aggregate("first", Column("ordered_at"))
        each = per_customer(Call("days_between", (Column("account.signed_up"), first)), Aggregate("max", Each("each")))
        self.assertEqual(values(asked(world(self.ORDERS, self.ACCOUNTS), each, as_of=date(2026, 2, 1))), [30.0])

    def test_groups_and_totals(self):
        rows = per_customer(COUNT, Aggregate("count"))
        got = asked(world(self.ORDERS, self.ACCOUNTS), rows, as_of=date(2026, 2, 1), by=("account.region", "account.plan"), totals=True)
        self.assertEqual(set(got.groupings()), {"total", "account.region", "account.plan", "account.region+account.plan"})
        key = ("it", date(2026, 1, 1), "", "account.plan", (None, "pro"))
        self.assertEqual(got.expected(key).value, 2.0)
        self.assertIn(("account.region", ("north", None)), got.groups())


class Funnels(unittest.TestCase):
    STEPS = (Step("visited", Binary("=", Column("name"), Literal("visit"))),
             Step("signed_up", Binary("=", Column("name"), Literal("signup")), length(7, "day")),
             Step("paid", Binary("=", Column("name"), Literal("paid"))))
    ACCOUNTS = [account("a"), account("b", "2026-01-10"), account("c", "2026-01-11")]
    ORDERS = [("1", "a", "2026-01-31 23:00:00", 1, "visit"), ("0", "a", "2026-01-31 23:00:00", 1, "signup"),
              ("2", "a", "2026-05-01 00:00:00", 1, "paid"), ("3", "b", "2026-01-31 23:59:59", 1, "visit"),
              ("4", "b", "2026-02-07 00:00:00", 1, "signup"), ("5", "b", "2026-02-07 00:00:00", 1, "paid"),
              ("6", "c", "2026-01-31 00:00:00", 1, "paid"), ("7", "c", "2026-02-28 00:00:00", 1, "visit")]

    def test_ties_count_and_within_is_half_open(self):
        rate = Definition("it", Aggregate("share", Each("reached"), Each("entered")), "orders", steps=self.STEPS)
        got = asked(world(self.ORDERS, self.ACCOUNTS), rate, as_of=date(2026, 6, 1), first=date(2026, 1, 1), last=date(2026, 1, 31))
        # a signs up at the very moment of its visit; b seven days later, which is too late.
        self.assertEqual([(answers(got, step)[0].value, answers(got, step)[0].n) for step in range(3)],
                         [(1.0, 2), (0.5, 2), (1.0, 1)])

    def test_windows_add_up(self):
        share = Definition("it", None, "orders", steps=self.STEPS)
        got = asked(world(self.ORDERS, self.ACCOUNTS), share, as_of=date(2026, 2, 7), first=date(2026, 1, 1), last=date(2026, 1, 31))
        self.assertEqual([answers(got, step)[0].status for step in range(3)], ["settled", "immature", "immature"])

    def test_with_an_anchor_everyone_of_the_cohort_is_in(self):
        clock = After(length(0, "day"), length(28, "day"), "28 days", SIGNED_UP)
        share = Definition("it", None, "orders", clock, steps=self.STEPS)
        got = asked(world(self.ORDERS, self.ACCOUNTS), share, as_of=date(2026, 6, 1), first=date(2026, 1, 1), last=date(2026, 1, 31))
        # a came on the 1st: the 31st is out of its 28 days. b visits; c's visit is too late.
        self.assertEqual([answers(got, step)[0].value for step in range(3)], [1 / 3, 0.0, 0.0])


class Snapshots(unittest.TestCase):
    ORDERS = [("1", "a", "2026-01-10 00:00:00", 1, "x"), ("2", "b", "2026-01-10 00:00:00", 2, "x"),
              ("3", "a", "2026-01-31 00:00:00", 4, "x"), ("4", None, "2026-01-31 00:00:00", 8, "y"),
              ("5", "b", "2026-02-01 00:00:00", 16, "y")]

    def test_each_sort(self):
        total = Aggregate("sum", Column("amount"))
        for sort, expected in [("last", [12.0, 16.0]), ("first", [3.0, 16.0]), ("average", [7.5, 16.0]),
                               ("last per account", [6.0, 16.0]), ("first per account", [3.0, 16.0])]:
            definition = Definition("it", total, "orders", Snapshot(sort))
            got = asked(world(self.ORDERS, [account("a"), account("b")]), definition, as_of=date(2026, 3, 1))
            self.assertEqual(values(got), expected, sort)

    def test_the_time_is_that_of_all_rows(self):
        definition = Definition("it", Aggregate("sum", Column("amount")), "orders", Snapshot("first"),
                                where=Binary("=", Column("name"), Literal("y")))
        self.assertEqual(values(asked(world(self.ORDERS, []), definition, as_of=date(2026, 3, 1))), [0.0, 16.0])


class Completeness(unittest.TestCase):
    ORDERS = [("1", "a", "2026-01-10 00:00:00", 1, "x"), ("2", "a", "2026-03-10 12:00:00", 2, "x")]
    TOTAL = Definition("total", Aggregate("sum", Column("amount")), "orders")

    def test_the_default_as_of_is_a_second_after_the_last_row(self):
        got = asked(world(self.ORDERS, []), self.TOTAL)
        self.assertEqual(got.as_of, datetime(2026, 3, 10, 12, 0, 1))
        self.assertEqual([(one.value, one.status) for one in answers(got)],
                         [(1.0, "settled"), (0.0, "settled"), (2.0, "provisional")])

    def test_rows_at_the_as_of_are_not_read(self):
        got = asked(world(self.ORDERS, []), self.TOTAL, as_of=datetime(2026, 3, 10, 12))
        self.assertEqual(values(got), [1.0, 0.0, 0.0])

    def test_fill_and_minimum(self):
        mean = Definition("it", Aggregate("avg", Column("amount")), "orders")
        place = world(self.ORDERS, [])
        for fill, expected in [(None, [1.0, None, 2.0]), ("0", [1.0, 0.0, 2.0]), ("previous", [1.0, 1.0, 2.0])]:
            self.assertEqual(values(asked(place, mean.with_(fill=fill), as_of=date(2026, 4, 1))), expected)
        self.assertEqual([one.status for one in answers(asked(place, mean.with_(minimum=1), as_of=date(2026, 4, 1)))],
                         ["settled", "insufficient", "settled"])

    def test_periods_over_periods(self):
        growth = Definition("it", Binary("-", Metric("total"), Scoped(Metric("total"), offset=length(1, "month"))))
        # Before the first row nothing was observed.
        self.assertEqual(values(asked(world(self.ORDERS, []), growth, self.TOTAL, as_of=date(2026, 4, 1))), [None, -1.0, 2.0])

    def test_clocks_may_be_mixed(self):
        trailing = Definition("trailing", COUNT, "orders", Trailing(length(2, "month")))
        share = Definition("it", Binary("/", Metric("total"), Metric("trailing")))
        got = asked(world(self.ORDERS, []), share, self.TOTAL, trailing, as_of=date(2026, 4, 1))
        self.assertEqual([(one.value, one.n) for one in answers(got)], [(1.0, 1), (0.0, 1), (2.0, 1)])


class Texts(unittest.TestCase):
    def test_what_is_written(self):
        amount, zero = Column("amount"), Literal(0)
        for node, text in [
            (Binary("-", amount, Binary("-", amount, zero)), "amount - (amount - 0)"),
            (Binary("and", Binary("or", amount, zero), Not(Binary("=", amount, zero))), "(amount or 0) and not amount = 0"),
            (Aggregate("percentile", amount, Binary(">", amount, zero), 90), "percentile(amount, 90% where amount > 0)"),
            (Aggregate("count", None, Each("reached")), "count(where reached)"),
            (Binary("/", Scoped(Metric("a"), where=amount), Metric("b")), "(a where amount) / b"),
            (Scoped(Metric("a"), offset=length(1, "month")), "a offset 1 month"),
        ]:
            self.assertEqual(written(node), text)
        self.assertEqual(Curve(length(1, "month"), 12, "each month", SIGNED_UP).text, "each month after account.signed_up, 12 times")
        self.assertIsNone(Event().text)


if __name__ == "__main__":
    unittest.main()
