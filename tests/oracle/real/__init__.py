"""Published data, each set as a small project: what it must give is computed from the raw rows with independent packages."""

import time

from real import cdnow, ess, flights, housing, insteval

DATA_SETS = {"cdnow": cdnow, "ess": ess, "flights": flights, "housing": housing, "insteval": insteval}


def run(program, engines):
    """Compares all data sets on all engines; what was compared, in numbers, and what did not agree."""
    counted, problems = {}, []
    for name, data_set in DATA_SETS.items():
        started = time.monotonic()
        compared, found = data_set.run(program, engines)
        for what, count in compared.items():
            counted[what] = counted.get(what, 0) + count
        print(f"  {name}: {compared['cells']} cells in {time.monotonic() - started:.0f} s; {len(found)} do not agree")
        problems += found
    return counted, problems
