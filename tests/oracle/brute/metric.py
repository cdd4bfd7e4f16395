"""Definitions of metrics, as data."""

from dataclasses import dataclass, replace

from brute.clocks import NOTHING, Clock, Curve, Event, Offset, Snapshot
from brute.tree import Aggregate, Each, Metric, Node, parts, written

# What a funnel measures when it does not say: of all who took the first step.
REACHED = Aggregate("share", Each("reached"))


@dataclass(frozen=True)
class Step:
    name: str
    condition: Node
    within: Offset | None = None

    @property
    def text(self):
        return f"{self.name}: {written(self.condition)}" + (f" within {self.within.text}" if self.within else "")


@dataclass(frozen=True)
class Definition:
    """A metric. Without a source it is made of other metrics."""
    name: str
    measure: Node | None
    source: str | None = None
    clock: Clock = Event()
    where: Node | None = None
    among: Node | None = None
    each: Node | None = None
    steps: tuple = ()
    # `all`, or nothing said.
    population: str | None = None
    minimum: int | None = None
    # `0`, `previous`, or nothing said.
    fill: str | None = None
    # `LeftOut`: what exceptions leave out.
    exceptions: tuple = ()

    @property
    def counts_customers(self):
        """"`n`: customers where there is an `each`/funnel, rows otherwise"."""
        return self.each is not None or bool(self.steps)

    @property
    def has_population(self):
        return self.counts_customers or self.clock.anchor is not None

    @property
    def measured(self):
        return self.measure or REACHED

    @property
    def answer_steps(self):
        """The steps that its answers have, as numbers; None for a metric without."""
        if self.steps:
            return list(range(len(self.steps)))
        return list(range(self.clock.times)) if isinstance(self.clock, Curve) else [None]

    def step_name(self, step):
        """What stands in the column `step`."""
        if step is None:
            return None
        return self.steps[step].name if self.steps else str(step)

    def closes(self, step):
        """How long after the end of the period what is counted can still happen; None where it ends with the period.

        "Maturity of step k = the sum of `within` of steps 2..k (anchored: the window)".
        """
        if self.clock.anchor or not self.steps:
            return self.clock.closes(step)
        total = NOTHING
        for one in self.steps[1:step + 1]:
            total = total.plus(one.within or NOTHING)
        return total if total != NOTHING else None

    @property
    def inputs(self):
        """The names of the metrics it is made of."""
        return [part.name for part in parts(self.measured) if isinstance(part, Metric)]

    @property
    def text(self):
        metric = "\n".join([f"metric {self.name} {{"] + [f"  {line}" for line in self.lines()] + ["}", ""])
        return metric + "".join(one.text(self.name, number) for number, one in enumerate(self.exceptions))

    def lines(self):
        lines = [f"from: {self.source}"] if self.source else []
        if isinstance(self.clock, Snapshot):
            lines.append(f"snapshot: {self.clock.sort}")
        elif self.clock.text:
            lines.append(f"window: {self.clock.text}")
        for key in ("where", "among", "each"):
            node = getattr(self, key)
            lines += [f"{key}: {written(node)}"] if node else []
        if self.steps:
            lines += ["steps {"] + [f"  {step.text}" for step in self.steps] + ["}"]
        for key in ("population", "minimum", "fill"):
            value = getattr(self, key)
            lines += [f"{key}: {value}"] if value is not None else []
        return lines + ([f"measure: {written(self.measure)}"] if self.measure else [])

    def with_(self, **changes):
        return replace(self, **changes)


def used(definitions, names):
    """The definitions of some metrics and of all they are made of."""
    known = {definition.name: definition for definition in definitions}
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        found[name] = known[name]
        waiting += [inner for inner in known[name].inputs if inner not in found]
    return list(found.values())
