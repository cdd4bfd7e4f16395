"""How sure a value is (docs/explanation/uncertainty.md): which sums a measure is made of, and what each cluster adds to them."""

from dataclasses import dataclass, field

from brute.aggregates import kept
from brute.cells import Cell, Measuring
from brute.data import Row
from brute.evaluate import evaluate
from brute.tree import Aggregate, Binary, IsNull, Literal, Metric, Minus, Scoped
from intervals import NONE, linearised, net, ordered, wilson

CONFIDENCE = 0.95


class NoInterval(Exception):
    """The number rests on single rows, on several sources or clocks, or is no smooth function of sums and counts."""


@dataclass
class Sum:
    """A leaf: a sum or a count over things; what it says of which clusters."""
    # Source, clock, population: what can be put together.
    place: tuple
    # The conditions that a thing passed; None of a sum.
    conditions: frozenset | None
    # Pairs of a cluster and what one thing adds.
    parts: list = field(default_factory=list)

    @property
    def total(self):
        return float(sum(part for _, part in self.parts))


@dataclass
class Dual:
    """A value and how it moves with each leaf."""
    value: float | None
    slopes: dict = field(default_factory=dict)


def interval(reading, definition, cell, value, confidence=CONFIDENCE):
    """The interval around a value that is shown."""
    if value is None:
        return NONE
    factor, node, scope = core(definition.measured, Measuring(reading, definition, cell))
    method = sort(node, scope)
    if method == "order":
        pairs = [(cluster(one), float(evaluate(node.argument, one))) for one in things(node, scope)
                 if evaluate(node.argument, one) is not None]
        share = 0.5 if node.function == "median" else node.share / 100
        return ordered(pairs, share, confidence).times(factor)
    leaves = []
    dual = dual_of(node, scope, leaves)
    clusters = sorted({cluster for leaf in leaves for cluster, _ in leaf.parts}, key=str)
    parts = [sum(slope * part for leaf, slope in moved(dual, leaves) for owner, part in leaf.parts if owner == cluster)
             for cluster in clusters]
    if method == "share":
        above, below = leaves
        return wilson(above.total, below.total, parts, confidence).times(factor)
    if method == "net":
        above, count, below, _ = leaves
        return net(above.total, below.total, count.total, parts, confidence).times(factor)
    return linearised(dual.value, parts, confidence).times(factor)


def moved(dual, leaves):
    return [(leaves[place], slope) for place, slope in dual.slopes.items()]


def has_interval(reading, definition):
    """Whether a metric has intervals: asking for one of a metric without is a finding."""
    try:
        factor, node, scope = core(definition.measured, Measuring(reading, definition, Cell(reading.calendar.start(
            reading.grain, reading.as_of.date()), definition.answer_steps[0])))
        if sort(node, scope) != "order":
            leaves = []
            dual_of(node, scope, leaves)
            check_places(leaves)
        return True
    except NoInterval:
        return False


def check_places(leaves):
    """"A metric of several sources or clocks has parts whose customers cannot be matched"."""
    if not leaves or len({leaf.place for leaf in leaves}) > 1:
        raise NoInterval


def core(node, scope, factor=1.0):
    """The measure without a constant factor in front, through metrics of metrics."""
    if isinstance(node, Metric):
        inner = scope.of(node.name)
        refuse_filled(inner)
        return core(inner.definition.measured, inner, factor)
    if isinstance(node, Scoped):
        return core(node.inner, scope.scoped(node), factor)
    if isinstance(node, Minus):
        return core(node.operand, scope, -factor)
    if isinstance(node, Binary) and node.operator == "*":
        for constant, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(constant, Literal):
                return core(other, scope, factor * float(constant.value))
    refuse_filled(scope)
    return factor, node, scope


def refuse_filled(scope):
    """What was filled is no function of sums."""
    if scope.definition.fill is not None:
        raise NoInterval


def sort(node, scope):
    """The method, by the form of the measure."""
    if isinstance(node, Aggregate):
        return {"share": "share", "median": "order", "percentile": "order"}.get(node.function, "smooth")
    if isinstance(node, Binary) and node.operator == "/" and is_share(node, scope):
        return "share"
    if isinstance(node, Binary) and node.operator == "-" and is_net(node, scope):
        return "net"
    return "smooth"


def is_share(node, scope):
    """"One count over another count of the same rows with more conditions"."""
    leaves = []
    dual_of(node, scope, leaves)
    if len(leaves) != 2 or any(leaf.conditions is None for leaf in leaves) or leaves[0].place != leaves[1].place:
        return False
    return leaves[0].conditions > leaves[1].conditions


def is_net(node, scope):
    """Two shares of the same rows, one of a column from a bound on and one of it up to a lower bound."""
    sides = [core(side, scope) for side in (node.left, node.right)]
    shares = [inner for factor, inner, _ in sides
              if factor == 1 and isinstance(inner, Aggregate) and inner.function == "share"]
    if len(shares) < 2:
        return False
    above, below = (share.argument for share in shares)
    compared = all(isinstance(one, Binary) and isinstance(one.right, Literal) for one in (above, below))
    if not compared or above.left != below.left or shares[0].where != shares[1].where:
        return False
    scopes = [inner for _, _, inner in sides]
    same = scopes[0].definition == scopes[1].definition and scopes[0].cell == scopes[1].cell
    return same and (above.operator, below.operator) == (">=", "<=") and above.right.value > below.right.value


# Leaves.

def things(node, scope):
    """The rows or customers of an aggregate."""
    if scope.unobserved:
        return []
    return kept(node, scope.reading.things(scope.definition, scope.cell))


def cluster(thing):
    """"The metric's customer; rows without a customer are one cluster together"."""
    return ("customer", thing.row["account_id"] if isinstance(thing, Row) else thing.account["account_id"])


def place_of(scope):
    definition = scope.definition
    among = (definition.among, definition.population) if definition.has_population else None
    # Who is left out may change the population, and what is left out the rows that a share is of.
    left_out = frozenset(definition.exceptions)
    kind = definition.has_population, definition.counts_customers
    return definition.source, definition.clock, kind, definition.steps, among, left_out


def leaf(node, scope, leaves, argument, conditions, parts):
    """Adds a leaf, and gives the number that it stands for."""
    own = [definition for definition in (scope.definition.where, node.where, *scope.cell.filters) if definition is not None]
    offset = (scope.cell.start,)
    gathered = None if conditions is None else frozenset(
        [part for condition in [*own, *conditions] for part in conjuncts(condition)] + [offset])
    made = Sum(place_of(scope), gathered, parts)
    leaves.append(made)
    return Dual(made.total, {len(leaves) - 1: 1.0})


def conjuncts(condition):
    if isinstance(condition, Binary) and condition.operator == "and":
        return conjuncts(condition.left) + conjuncts(condition.right)
    return [condition]


def of_aggregate(node, scope, leaves):
    """An aggregate as a function of sums and counts."""
    counted = things(node, scope)
    argument = node.argument
    present = [(cluster(one), value) for one in counted if argument is not None
               for value in [evaluate(argument, one)] if value is not None]
    known = [IsNull(argument, True)] if argument is not None else []
    ones = [(owner, 1) for owner, _ in present] if argument is not None else [(cluster(one), 1) for one in counted]
    if node.function == "count":
        return leaf(node, scope, leaves, argument, known, ones)
    if node.function == "sum":
        return leaf(node, scope, leaves, argument, None, [(owner, float(value)) for owner, value in present])
    if node.function == "avg":
        above = leaf(node, scope, leaves, argument, None, [(owner, float(value)) for owner, value in present])
        return divided(above, leaf(node, scope, leaves, argument, known, ones))
    if node.function == "share":
        hits = [(owner, 1 if value is True else 0) for owner, value in present]
        above = leaf(node, scope, leaves, argument, [argument], hits)
        return divided(above, leaf(node, scope, leaves, argument, known, ones))
    raise NoInterval


def dual_of(node, scope, leaves):
    """The value of a measure with its slopes."""
    if isinstance(node, Literal) and isinstance(node.value, (int, float)):
        return Dual(float(node.value))
    if isinstance(node, Aggregate):
        if getattr(scope.definition.clock, "sort", None) == "average":
            # "A mean over the times of a period".
            raise NoInterval
        return of_aggregate(node, scope, leaves)
    if isinstance(node, Metric):
        inner = scope.of(node.name)
        refuse_filled(inner)
        return dual_of(inner.definition.measured, inner, leaves)
    if isinstance(node, Scoped):
        return dual_of(node.inner, scope.scoped(node), leaves)
    if isinstance(node, Minus):
        return times(dual_of(node.operand, scope, leaves), Dual(-1.0))
    if isinstance(node, Binary) and node.operator in OPERATORS:
        left = dual_of(node.left, scope, leaves)
        return OPERATORS[node.operator](left, dual_of(node.right, scope, leaves))
    raise NoInterval


def combined(left, right, value, by_left, by_right):
    """The chain rule, over two parts."""
    slopes = {}
    for part, slope in ((left, by_left), (right, by_right)):
        for place, own in part.slopes.items():
            slopes[place] = slopes.get(place, 0.0) + own * slope
    return Dual(value, slopes)


def missing(left, right):
    return left.value is None or right.value is None


def added(left, right):
    return Dual(None) if missing(left, right) else combined(left, right, left.value + right.value, 1.0, 1.0)


def subtracted(left, right):
    return Dual(None) if missing(left, right) else combined(left, right, left.value - right.value, 1.0, -1.0)


def times(left, right):
    return Dual(None) if missing(left, right) else combined(left, right, left.value * right.value, right.value, left.value)


def divided(left, right):
    if missing(left, right) or right.value == 0:
        return Dual(None)
    return combined(left, right, left.value / right.value, 1 / right.value, -left.value / right.value**2)


OPERATORS = {"+": added, "-": subtracted, "*": times, "/": divided}
