"""Whether intervals hold what they promise: of many made-up worlds whose truth is known, in how many is it inside?

Two thousand replications are customers of one project each, and one question with `--intervals --by` answers them all. The
rows of one customer are alike: the intra-class correlation is 0.3. Everything is drawn from one seed.
"""

import csv
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

from command import Groma
from compare import number

SEED = 20_260_301
REPLICATIONS = 2_000
CUSTOMERS, ROWS = 40, 5
CORRELATION = 0.3
MONTHS = ("2026-01-15", "2026-02-15")

DEFINITIONS = """
source accounts {{
  file: "accounts.csv"
  key:  account
  columns {{
    account:     text
    replication: int
  }}
}}
customer account {{
  from: accounts
  key:  account
  has:  replication
}}
source answers {{
  file: "answers.csv"
  key:  answer
  time: answered_on
  columns {{
    answer:      text
    account:     account
    answered_on: date
    size:        float
    hit:         bool
    score:       scale(0 to 10)
    paid:        float
    items:       int
  }}
}}
{metrics}
"""

# Where the answers of a customer resemble each other. Name, definition, truth.
DIRICHLET = 1 / CORRELATION - 1
SHARES = np.array([0.25, 0.30, 0.45])  # Detractors, passives, promoters.
HIT = 0.3
SIZE = 10.0
PRICE = 7.0


def main_metrics():
    """What is asked of the clustered world, and the truth of each."""
    quantile = SIZE + stats.norm.ppf(0.9)
    return {
        "mean": ("from: answers  measure: avg(size)", SIZE),
        "share_of_hits": ("from: answers  measure: share(hit)", HIT),
        "net": ("from: answers  measure: nps(score)", 100 * (SHARES[2] - SHARES[0])),
        "price": ("from: answers  measure: sum(paid) / sum(items)", PRICE),
        "middle": ("from: answers  measure: median(size)", SIZE),
        "high": ("from: answers  measure: percentile(size, 90%)", quantile),
        "mean_of_each": ("from: answers  each: avg(size)  measure: avg(each)", SIZE),
        "price_less_mean": ("measure: price - mean", PRICE - SIZE),
    }


def clustered(random):
    """Five answers of each of forty customers, in every replication."""
    shape = (REPLICATIONS, CUSTOMERS, ROWS)
    own = (REPLICATIONS, CUSTOMERS, 1)
    size = SIZE + np.sqrt(CORRELATION) * random.normal(size=own) + np.sqrt(1 - CORRELATION) * random.normal(size=shape)
    chance = random.beta(HIT * DIRICHLET, (1 - HIT) * DIRICHLET, size=own)
    hit = random.random(shape) < chance
    chances = random.dirichlet(SHARES * DIRICHLET, size=own[:2]).cumsum(axis=-1)
    drawn = random.random(shape)[..., None]
    kind = (drawn > chances[:, :, None, :2]).sum(axis=-1)
    score = np.choose(kind, [random.integers(0, 7, shape), random.integers(7, 9, shape), random.integers(9, 11, shape)])
    items = 1 + random.poisson(np.exp(0.5 * random.normal(size=own)) * np.ones(shape))
    paid = items * (PRICE + 2 * np.sqrt(CORRELATION) * random.normal(size=own)
                    + 2 * np.sqrt(1 - CORRELATION) * random.normal(size=shape))
    return size, hit, score, paid, items


def independent(random, customers):
    """One answer of each customer."""
    shape = (REPLICATIONS, customers, 1)
    size = SIZE + random.normal(size=shape)
    kind = random.choice(3, size=shape, p=SHARES)
    score = np.choose(kind, [random.integers(0, 7, shape), random.integers(7, 9, shape), random.integers(9, 11, shape)])
    items = 1 + random.poisson(2.0, shape)
    return size, random.random(shape) < HIT, score, items * (PRICE + 2 * random.normal(size=shape)), items


# Name, how the data is drawn, metrics asked for, least and greatest coverage.
def worlds(random):
    all_metrics = list(main_metrics())
    rows_only = [name for name in all_metrics if name != "mean_of_each"]
    return [
        ("clustered, 40 × 5", clustered(random), all_metrics, 0.93, 0.97),
        ("independent, 200", independent(random, 200), rows_only, 0.93, 0.97),
        ("independent, 30", independent(random, 30), ["net"], 0.92, 1.0),
    ]


def run(program):
    """How many intervals were looked at, and which of them promise too much or too little."""
    random = np.random.default_rng(SEED)
    intervals, problems = 0, []
    for name, drawn, metrics, least, greatest in worlds(random):
        with tempfile.TemporaryDirectory(prefix="groma-oracle-") as folder:
            groma = Groma(program, write(Path(folder), drawn))
            for metric, covered in covering(groma, metrics).items():
                intervals += REPLICATIONS
                print(f"  coverage of {metric} ({name}): {100 * covered:.1f} %")
                if not least <= covered <= greatest:
                    problems.append(f"coverage: {metric} ({name}) covers {100 * covered:.2f} %")
            if "mean" in metrics:
                covered = changes(groma)
                intervals += REPLICATIONS
                print(f"  coverage of the change of mean ({name}): {100 * covered:.1f} %")
                if not least <= covered <= greatest:
                    problems.append(f"coverage: the change of mean ({name}) covers {100 * covered:.2f} %")
    return {"intervals": intervals}, problems


def covering(groma, metrics):
    """The share of replications whose interval holds the truth, by metric."""
    truths = main_metrics()
    rows = groma.answer([*metrics, "--by", "account.replication", "--grain", "year", "--intervals"])
    if len(rows) != REPLICATIONS * len(metrics):
        raise AssertionError(f"{len(rows)} rows instead of {REPLICATIONS} for each of {metrics}")
    held = {metric: 0 for metric in metrics}
    for row in rows:
        truth = truths[row["metric"]][1]
        held[row["metric"]] += number(row["low"]) <= truth <= number(row["high"])
    return {metric: count / REPLICATIONS for metric, count in held.items()}


def changes(groma):
    """The mean did not change from January to February, whatever the customers of both are like."""
    rows = groma.answer(["mean", "--by", "account.replication", "--grain", "month", "--intervals", "--changes"])
    later = [row for row in rows if row["period"] == "2026-02-01"]
    if len(later) != REPLICATIONS:
        raise AssertionError(f"{len(later)} changes instead of {REPLICATIONS}")
    return sum(number(row["change_low"]) <= 0 <= number(row["change_high"]) for row in later) / REPLICATIONS


def write(folder, drawn):
    metrics = "\n".join(f"metric {name} {{ {text}  {MATTERS.get(name, '')} }}" for name, (text, _) in main_metrics().items())
    (folder / "groma.yml").write_text("project: coverage\nlanguage: 1\ntimezone: UTC\n")
    (folder / "metrics.groma").write_text(DEFINITIONS.format(metrics=metrics))
    size, hit, score, paid, items = drawn
    replications, customers, rows = size.shape
    with open(folder / "accounts.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["account", "replication"])
        writer.writerows([f"{r}-{c}", r] for r in range(replications) for c in range(customers))
    with open(folder / "answers.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["answer", "account", "answered_on", "size", "hit", "score", "paid", "items"])
        place = 0
        values = [part.ravel().tolist() for part in (size, hit, score, paid, items)]
        for r in range(replications):
            for c in range(customers):
                for row in range(rows):
                    day = MONTHS[(row if rows > 1 else c) % 2]
                    cells = [part[place] for part in values]
                    cells[1] = str(cells[1]).lower()
                    writer.writerow([f"{place}", f"{r}-{c}", day, *cells])
                    place += 1
    return folder


MATTERS = {"mean": "matters: 0.5 at 95%"}
