"""Who is counted in a period, and with which rows ("Metrics" in language.md, `population`, anchors, funnels)."""

from dataclasses import dataclass

from brute.aggregates import compute
from brute.clocks import holds
from brute.data import Customer, Row, at_midnight
from brute.evaluate import evaluate
from brute.exceptions import leaves, never_counted, not_alive, not_in_cohort
from brute.values import local_of


@dataclass
class Member:
    """A customer of a period with its rows; `day` is its anchor's."""
    account: dict
    rows: list
    day: object = None


class OneCustomer:
    """What `each` sees: aggregates over the customer's rows, and columns of the customer."""

    def __init__(self, world, account, rows):
        self.customer, self.rows = Customer(world, account), rows

    def column(self, path):
        return self.customer.column(path)

    def aggregate(self, node):
        return compute(node, self.rows)


def counted(world, definition):
    """The customers that may be counted: those that pass the customer's own `where`, and `among`."""
    accounts = [account for account in world.accounts.rows
                if world.is_customer(account) and not never_counted(world, definition, account)]
    if definition.among is None:
        return accounts
    return [account for account in accounts if evaluate(definition.among, Customer(world, account)) is True]


def members(reading, definition, start, step):
    """The customers of a period, each with the rows that its value is made of."""
    if definition.clock.anchor:
        return cohort(reading, definition, start, step)
    found = []
    standing = reading.standing(definition, start)
    for account in reading.counted(definition):
        rows = [row for row in passing(reading, definition, account) if row in standing]
        if definition.population == "all":
            left_out = not_alive(reading.world, definition, account, start, reading.end(start))
            if alive(reading, account, start) and not left_out:
                found.append(Member(account, rows))
        elif rows:
            # "With the other clocks those with at least one row".
            found.append(Member(account, rows))
    return found


def passing(reading, definition, account):
    """The customer's rows that are read and pass `where`: "`where:` on the metric filters rows"."""
    rows = reading.rows_of(definition.source, account)
    return [row for row in rows
            if (definition.where is None or evaluate(definition.where, row) is True) and not leaves(definition, row)]


def alive(reading, account, start):
    """"`population: all`: alive in p: since < end(p) and (until null or until > start(p))"."""
    world = reading.world
    since = local_of(world.value(world.accounts, account, world.since))
    until = local_of(world.value(world.accounts, account, world.until)) if world.until else None
    began = since is not None and since < min(at_midnight(reading.end(start)), reading.as_of)
    return began and (until is None or until > at_midnight(start))


def cohort(reading, definition, start, step):
    """"Every customer whose anchor falls in the period, with or without rows", and its rows after the anchor."""
    found = []
    for account in reading.counted(definition):
        day = reading.anchor_day(definition, account)
        if not_in_cohort(reading.world, definition, account, day):
            continue
        if not holds((start, reading.end(start)), day):
            continue
        days = definition.clock.days_of(day, step)
        rows = [row for row in passing(reading, definition, account) if holds(days, row.day)]
        found.append(Member(account, rows, day))
    return found


def anchor_day(reading, definition, account):
    """The local day of an anchor: that of a column of the customer, or of its first row in a source that passes.

    What comes at the as-of or later is not known yet, like a row of then; a row that is left out of the metric begins nothing.
    """
    world, anchor = reading.world, definition.clock.anchor
    if anchor.column:
        moment = local_of(world.value(world.accounts, account, anchor.column))
        return moment.date() if moment is not None and moment < reading.as_of else None
    rows = [row for row in reading.rows_of(anchor.source, account)
            if (anchor.where is None or evaluate(anchor.where, row) is True)
            and not (anchor.source == definition.source and leaves(definition, row))]
    return min(rows, key=Row.moment).day if rows else None


def funnel(reading, definition, start, step):
    """The customers of a funnel's period, each with whether it reached a step and the one before."""
    found = []
    for member in funnel_members(reading, definition, start, step):
        reached = member.reached
        given = {"reached": reached > step, "entered": step == 0 or reached >= step}
        found.append(Customer(reading.world, member.account, given))
    return found


@dataclass
class Path:
    """How many steps a customer reached."""
    account: dict
    reached: int


def funnel_members(reading, definition, start, step):
    """"Without an anchored window the population is the customers with a first step in p"; with one, the cohort."""
    if definition.clock.anchor:
        return [Path(member.account, len(steps_reached(definition, member.rows, member.rows)))
                for member in cohort(reading, definition, start, step)]
    found = []
    days = definition.clock.days(reading.calendar, start, reading.end(start))
    for account in reading.counted(definition):
        rows = passing(reading, definition, account)
        reached = steps_reached(definition, [row for row in rows if holds(days, row.day)], rows)
        if reached:
            found.append(Path(account, len(reached)))
    return found


def steps_reached(definition, first_rows, rows):
    """The rows that reach steps, one after the other: each the first (by time, then key) that passes its condition, at or
    after the time of the step before, less than `within` local days after it."""
    reached = []
    for number, step in enumerate(definition.steps):
        candidates = first_rows if number == 0 else [row for row in rows if follows(row, reached[-1], step.within)]
        candidates = [row for row in candidates if evaluate(step.condition, row) is True]
        if not candidates:
            break
        reached.append(min(candidates, key=Row.moment))
    return reached


def follows(row, before, within):
    if row.moment()[0] < before.moment()[0]:
        return False
    return within is None or row.day < within.after(before.day)
