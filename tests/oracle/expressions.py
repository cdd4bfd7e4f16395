"""Random expressions over rows: each has its text in Groma and its own evaluation in Python.

A value is None, a bool, an int, a Decimal, a float or a str; conditions are three-valued. `number` and `condition` draw an
expression for a source; nothing here knows SQL.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Callable


@dataclass(frozen=True)
class Expression:
    text: str
    value: Callable


def and_(left, right):
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def or_(left, right):
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def not_(value):
    return None if value is None else not value


def lifted(function):
    """A function of values that is null where one of them is."""
    return lambda *values: None if any(value is None for value in values) else function(*values)


def mixed(function):
    """Like `lifted`, over numbers of different kinds: exact where all are, else floating."""
    def compute(*values):
        if any(isinstance(value, float) for value in values):
            values = [float(value) for value in values]
        return function(*values)
    return lifted(compute)


def column(name):
    return Expression(name, lambda row: row[name])


def divided(left, right):
    """Never a division of whole numbers; null where the right side is 0."""
    return None if right == 0 else float(left) / float(right)


def rounded(value, digits):
    """Halves away from zero, of the number that is meant: 0.25 is a half, 0.15 as a double is not quite."""
    step = Decimal(1).scaleb(-digits)
    result = Decimal(value).quantize(step, rounding=ROUND_HALF_UP)
    return float(result) if isinstance(value, float) else result


def number(random, source):
    """A number of a row."""
    name = random.choice(source.numbers)
    base = column(name)
    other = column(random.choice(source.numbers))
    flag = column(random.choice(source.flags))
    constant = random.choice(["1", "2.5", "10"])
    amount = Decimal(constant)
    shapes = [
        lambda: base,
        lambda: base,
        lambda: base,
        lambda: Expression(f"{base.text} + {other.text}",
                           lambda row: mixed(lambda a, b: a + b)(base.value(row), other.value(row))),
        lambda: Expression(f"{base.text} * {other.text}",
                           lambda row: mixed(lambda a, b: a * b)(base.value(row), other.value(row))),
        lambda: Expression(f"{base.text} - {constant}", lambda row: mixed(lambda a, b: a - b)(base.value(row), amount)),
        lambda: Expression(f"coalesce({base.text}, 0)",
                           lambda row: 0 if base.value(row) is None else base.value(row)),
        lambda: Expression(f"abs({base.text} - {constant})",
                           lambda row: mixed(lambda a, b: abs(a - b))(base.value(row), amount)),
        lambda: Expression(f"case when {flag.text} then {base.text} else 0 end",
                           lambda row: base.value(row) if flag.value(row) is True else 0),
        lambda: Expression(f"case when {flag.text} then {base.text} end",
                           lambda row: base.value(row) if flag.value(row) is True else None),
        lambda: Expression(f"round({base.text}, 1)", lambda row: lifted(lambda a: rounded(a, 1))(base.value(row))),
        lambda: Expression(f"-{base.text}", lambda row: lifted(lambda a: -a)(base.value(row))),
        lambda: Expression(f"{base.text} / {other.text}",
                           lambda row: lifted(divided)(base.value(row), other.value(row))),
        lambda: Expression(f"nullif({base.text}, 0)",
                           lambda row: None if base.value(row) == 0 else base.value(row)),
    ]
    return random.choice(shapes)()


COMPARISONS = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def text_condition(random, path, values, read):
    """A condition on a text that `read` finds for a row."""
    value = random.choice(values)
    others = random.sample(values, 2)
    quoted = ", ".join(f'"{other}"' for other in others)
    shapes = [
        (f'{path} = "{value}"', lambda row: lifted(lambda a: a == value)(read(row))),
        (f'{path} <> "{value}"', lambda row: lifted(lambda a: a != value)(read(row))),
        (f"{path} in ({quoted})", lambda row: lifted(lambda a: a in others)(read(row))),
        (f"{path} not in ({quoted})", lambda row: lifted(lambda a: a not in others)(read(row))),
        (f"{path} is null", lambda row: read(row) is None),
        (f"{path} is not null", lambda row: read(row) is not None),
        (f'{path} like "{value[:1]}%"', lambda row: lifted(lambda a: a.startswith(value[:1]))(read(row))),
        (f'lower({path}) = "{value.lower()}"', lambda row: lifted(lambda a: a.lower() == value.lower())(read(row))),
        (f"length({path}) > 4", lambda row: lifted(lambda a: len(a) > 4)(read(row))),
    ]
    return Expression(*random.choice(shapes))


def number_condition(random, source):
    name = random.choice(source.numbers)
    operator = random.choice(list(COMPARISONS))
    bound = random.choice([0, 1, 5, 20])
    if random.random() < 0.25:
        low, high = sorted(random.sample([0, 1, 5, 20, 40], 2))
        return Expression(f"{name} between {low} and {high}", lambda row: lifted(lambda a: low <= a <= high)(row[name]))
    return Expression(f"{name} {operator} {bound}", lambda row: lifted(lambda a: COMPARISONS[operator](a, bound))(row[name]))


def simple_condition(random, source, world, shared_only=False):
    """A condition without `and`, `or`, `not`. A shared one can be asked of every source: it reads customers only."""
    paths = source.shared_paths if shared_only else source.paths
    kinds = ["text"] if shared_only else ["text", "text", "number", "number", "flag", "time"]
    kind = random.choice(kinds)
    if kind == "number":
        return number_condition(random, source)
    if kind == "flag":
        return column(random.choice(source.flags))
    if kind == "time":
        return time_condition(random, source, world)
    path = random.choice(paths)
    return text_condition(random, path, world.values_of(path), lambda row: world.read(source, path, row))


def time_condition(random, source, world):
    day = random.choice(world.days)
    shapes = [
        (f"{source.time} >= {day}", lambda row: lifted(lambda t: t.date() >= day)(world.local(source, row))),
        (f"{source.time} < {day}", lambda row: lifted(lambda t: t.date() < day)(world.local(source, row))),
        (f"weekday({source.time}) >= 6", lambda row: lifted(lambda t: t.isoweekday() >= 6)(world.local(source, row))),
        (f"month({source.time}) = {day.month}", lambda row: lifted(lambda t: t.month == day.month)(world.local(source, row))),
    ]
    if source.zone:
        hour = random.choice([1, 2, 6, 20])
        shapes += 2 * [(f"hour({source.time}) < {hour}", lambda row: lifted(lambda t: t.hour < hour)(world.local(source, row)))]
    return Expression(*random.choice(shapes))


def condition(random, source, world, shared_only=False):
    """A condition on a row."""
    def simple():
        return simple_condition(random, source, world, shared_only)
    first = simple()
    chance = random.random()
    if chance < 0.6:
        return first
    second = simple()
    if chance < 0.75:
        return Expression(f"{first.text} and {second.text}", lambda row: and_(first.value(row), second.value(row)))
    if chance < 0.9:
        return Expression(f"({first.text} or {second.text})", lambda row: or_(first.value(row), second.value(row)))
    return Expression(f"not ({first.text})", lambda row: not_(first.value(row)))
