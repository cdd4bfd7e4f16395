"""Values of the language and what is done with them: null is None, conditions are three-valued."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Instant:
    """A moment: its wall clock in the zone of its column, in the project's zone, and in UTC.

    "Instants are converted to local time exactly once"; a doubled hour of the stored clock is its first occurrence.
    """
    stored: datetime
    local: datetime
    utc: datetime

    @staticmethod
    def read(stored, zone, project):
        aware = stored.replace(tzinfo=ZoneInfo(zone))
        local = stored if zone == project else aware.astimezone(ZoneInfo(project)).replace(tzinfo=None)
        return Instant(stored, local, aware.astimezone(UTC).replace(tzinfo=None))


def day_of(value):
    """The local day of a date or an instant; a date is never shifted."""
    if value is None:
        return None
    return value.local.date() if isinstance(value, Instant) else value


def local_of(value):
    """The local wall clock of an instant; the midnight of a date."""
    if value is None:
        return None
    return value.local if isinstance(value, Instant) else datetime(value.year, value.month, value.day)


def ordered(value):
    """What sorts values of one column: an instant sorts as it is stored."""
    return value.stored if isinstance(value, Instant) else value


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


def alike(left, right):
    """Two values that can be computed with: exact where both are, else floating; moments as local times."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left), float(right)
    if isinstance(left, Instant) or isinstance(right, Instant):
        same = isinstance(left, Instant) and isinstance(right, Instant)
        return (left.utc, right.utc) if same else (local_of(left), local_of(right))
    return left, right


COMPARED = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
COMPUTED = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}


def binary(operator, left, right):
    """Operators of two values: SQL's, but that a division is never one of whole numbers and null where the right side is 0."""
    if operator == "and":
        return and_(left, right)
    if operator == "or":
        return or_(left, right)
    if left is None or right is None:
        return None
    if operator == "/":
        return None if right == 0 else float(left) / float(right)
    return (COMPARED.get(operator) or COMPUTED[operator])(*alike(left, right))


def rounded(value, digits):
    """Halves away from zero."""
    result = Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(result) if isinstance(value, float) else result


SECONDS = {"seconds_between": 1, "minutes_between": 60, "hours_between": 3600}


def call(function, arguments):
    """Functions of one row or one cell."""
    if function == "coalesce":
        return next((value for value in arguments if value is not None), None)
    if any(value is None for value in arguments):
        return None
    first = arguments[0]
    if function == "abs":
        return abs(first)
    if function == "round":
        return rounded(first, arguments[1])
    if function == "date":
        return day_of(first)
    if function == "days_between":
        # Whole local days from the first to the second.
        return (day_of(arguments[1]) - day_of(first)).days
    if function in SECONDS:
        # The time that passed, whatever the clocks on the wall did.
        return (arguments[1].utc - first.utc).total_seconds() / SECONDS[function]
    local = local_of(first)
    return {"month": local.month, "weekday": local.isoweekday(), "hour": local.hour}[function]


def number(value):
    """The value of a measure as a double; truth is 1 or 0."""
    if value is None or isinstance(value, (date, str, Instant)):
        return None
    return float(value)
