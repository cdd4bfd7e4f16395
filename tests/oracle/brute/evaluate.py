"""The value of an expression, for anything that can be asked for columns, aggregates or metrics."""

from brute import values
from brute.tree import (Aggregate, Between, Binary, Call, Case, Column, Each, In, IsNull, Literal, Metric, Minus, Not,
                        Scoped)


def evaluate(node, scope):
    """The value of a node; `scope` knows what columns, `each`, aggregates and metrics are."""
    match node:
        case Literal(value=value):
            return value
        case Column(path=path):
            return scope.column(path)
        case Each(word=word):
            return scope.each(word)
        case Aggregate():
            return scope.aggregate(node)
        case Metric(name=name):
            return scope.metric(name)
        case Scoped():
            return evaluate(node.inner, scope.scoped(node))
        case Binary(operator=operator, left=left, right=right):
            return values.binary(operator, evaluate(left, scope), evaluate(right, scope))
        case Not(operand=operand):
            return values.not_(evaluate(operand, scope))
        case Minus(operand=operand):
            value = evaluate(operand, scope)
            return None if value is None else -value
        case IsNull(operand=operand, negated=negated):
            return (evaluate(operand, scope) is None) != negated
        case In():
            return contained(node, scope)
        case Between(operand=operand, low=low, high=high):
            value = evaluate(operand, scope)
            return values.and_(values.binary(">=", value, evaluate(low, scope)),
                               values.binary("<=", value, evaluate(high, scope)))
        case Case(when=when, then=then, otherwise=otherwise):
            branch = then if evaluate(when, scope) is True else otherwise
            return None if branch is None else evaluate(branch, scope)
        case Call(function=function, arguments=arguments):
            return values.call(function, [evaluate(argument, scope) for argument in arguments])
    raise TypeError(node)


def contained(node, scope):
    """`x in (…)`, of constants that are not null."""
    value = evaluate(node.operand, scope)
    if value is None:
        return None
    return any(value == evaluate(item, scope) for item in node.values) != node.negated
