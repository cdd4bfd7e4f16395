"""Expressions as trees: they can be written in Groma, evaluated (`evaluate.py`) and made smaller (`shrink.py`)."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Node:
    """A part of an expression."""

    def children(self):
        """The direct parts, in order."""
        found = []
        for field in fields(self):
            found += [node for node in flat(getattr(self, field.name)) if isinstance(node, Node)]
        return found


def flat(value):
    if isinstance(value, tuple):
        return [inner for item in value for inner in flat(item)]
    return [value]


@dataclass(frozen=True)
class Column(Node):
    """A column of the row at hand, or of what it refers to: `amount`, `account.region`."""
    path: str


@dataclass(frozen=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True)
class Each(Node):
    """What a metric gave for the customer at hand: `each`, `reached`, `entered`."""
    word: str


@dataclass(frozen=True)
class Binary(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True)
class Minus(Node):
    operand: Node


@dataclass(frozen=True)
class IsNull(Node):
    operand: Node
    negated: bool = False


@dataclass(frozen=True)
class In(Node):
    operand: Node
    values: tuple
    negated: bool = False


@dataclass(frozen=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class Case(Node):
    """One branch is enough: `case when … then … else … end`."""
    when: Node
    then: Node
    otherwise: Node | None = None


@dataclass(frozen=True)
class Call(Node):
    """A function of values: `coalesce`, `abs`, `days_between`, …"""
    function: str
    arguments: tuple


@dataclass(frozen=True)
class Aggregate(Node):
    """A function of rows, or of customers; `share` is that of a percentile."""
    function: str
    argument: Node | None = None
    where: Node | None = None
    share: int | None = None


@dataclass(frozen=True)
class Metric(Node):
    """Another metric, by its name."""
    name: str


@dataclass(frozen=True)
class Scoped(Node):
    """`inner where …` or `inner offset …`."""
    inner: Node
    where: Node | None = None
    offset: Any = None


# How tightly parts hold together; `where` and `offset` around a metric get parentheses.
TIGHTNESS = {"or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6}


def tightness(node):
    match node:
        case Binary(operator=operator):
            return TIGHTNESS[operator]
        case Not():
            return 3
        case IsNull() | In() | Between():
            return 4
        case Minus():
            return 7
        case Scoped():
            return 0
        case Literal(value=value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
            return 7
    return 9


def written(node, least=0):
    """The text of an expression; in parentheses where it would not hold together."""
    text = plain(node)
    return f"({text})" if tightness(node) < least else text


def plain(node):
    match node:
        case Column(path=text) | Each(word=text) | Metric(name=text):
            return text
        case Literal(value=value):
            return literal(value)
        case Binary(operator=operator, left=left, right=right):
            level = TIGHTNESS[operator]
            # Comparisons do not chain, and `a - (b - c)` needs its parentheses.
            return f"{written(left, level + (level == 4))} {operator} {written(right, level + 1)}"
        case Not(operand=operand):
            return f"not {written(operand, 4)}"
        case Minus(operand=operand):
            return f"-{written(operand, 8)}"
        case IsNull(operand=operand, negated=negated):
            return f"{written(operand, 5)} is {'not ' if negated else ''}null"
        case In(operand=operand, values=values, negated=negated):
            listed = ", ".join(written(value) for value in values)
            return f"{written(operand, 5)} {'not ' if negated else ''}in ({listed})"
        case Between(operand=operand, low=low, high=high):
            return f"{written(operand, 5)} between {written(low, 5)} and {written(high, 5)}"
        case Case(when=when, then=then, otherwise=otherwise):
            last = f" else {written(otherwise)}" if otherwise else ""
            return f"case when {written(when)} then {written(then)}{last} end"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(written(argument) for argument in arguments)})"
        case Aggregate():
            return aggregate(node)
        case Scoped(inner=inner, where=where, offset=offset):
            parts = [written(inner, 9)] + ([f"offset {offset.text}"] if offset else [])
            return " ".join(parts + ([f"where {written(where)}"] if where else []))
    raise TypeError(node)


def aggregate(node):
    """`count(distinct account where gift)`, `percentile(amount, 90% where gift)`."""
    distinct = node.function == "count_distinct"
    inside = [("distinct " if distinct else "") + written(node.argument)] if node.argument else []
    inside += [f"{node.share}%"] if node.share is not None else []
    text = ", ".join(inside)
    if node.where:
        text = f"{text} where {written(node.where)}".strip()
    return f"{'count' if distinct else node.function}({text})"


def literal(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return value.isoformat() if isinstance(value, date) else str(value)


def anywhere(node, test):
    """Whether a part of an expression passes."""
    return test(node) or any(anywhere(child, test) for child in node.children())


def parts(node):
    yield node
    for child in node.children():
        yield from parts(child)


def replaced(node, at, new):
    """The tree with the part at a position (in the order of `parts`) replaced."""
    counter = [-1]

    def walk(value):
        if isinstance(value, tuple):
            return tuple(walk(item) for item in value)
        if not isinstance(value, Node):
            return value
        counter[0] += 1
        if counter[0] == at:
            counter[0] += sum(1 for _ in parts(value)) - 1
            return new
        return replace(value, **{field.name: walk(getattr(value, field.name)) for field in fields(value)})

    return walk(node)
