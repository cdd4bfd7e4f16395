"""ESS, Belgium, round 5: trust in the police from 0 to 10, as if it were recommended; three did not answer."""

import numpy as np

from real import data, references
from real.project import Question, Table, compare

ASKED, ANSWERED, NET = 1_704, 1_701, -45.091
DAY = "2010-11-01"
PERIOD = "2010-01-01"


def load():
    """One row for each respondent: texts for the tables, numbers for the references."""
    raw = data.frame("ess")
    rows = raw[["idno", "trstplc", "female", "hincfel", "eduyrs"]].copy()
    rows["respondent"] = rows["idno"].astype("int64").astype(str)
    rows["female"] = np.where(rows["female"] == 1, "true", "false")
    return rows


def run(program, engines):
    rows = load()
    answered = rows["trstplc"].dropna()
    problems = [] if (len(rows), len(answered)) == (ASKED, ANSWERED) else ["ess: the data is not what was published"]
    if round(float(net(rows)["value"]), 3) != NET:
        problems.append(f"ess: pandas finds the net score {net(rows)['value']}, and {NET} was published")
    counted, found = compare(program, engines, "ess", tables(rows), questions(rows))
    return counted, problems + found


def tables(rows):
    def texts(column, shape=str):
        return [None if value != value or value is None else shape(value) for value in rows[column]]

    def whole(value):
        return str(int(value))

    keys = list(rows["respondent"])
    people = list(zip(keys, texts("female"), texts("hincfel", whole), texts("eduyrs", whole)))
    trust = list(zip(keys, [DAY] * len(keys), texts("trstplc", whole)))
    return [
        Table("respondents", [("respondent", "text"), ("female", "bool"), ("income", "int"), ("schooling", "int")], people),
        Table("asked", [("respondent", "text"), ("asked_on", "date")], [row[:2] for row in trust]),
        Table("answers", [("respondent", "text"), ("answered_on", "date"), ("trust", "int")], trust),
    ]


def net(rows):
    return references.net(signs(rows["trstplc"].dropna()))


def signs(score):
    return np.where(score >= 9, 1, np.where(score <= 6, -1, 0))


def of_answers(compute):
    return lambda rows: compute(rows["trstplc"].dropna())


METRICS = {
    "net_trust": net,
    "trusting": of_answers(lambda score: references.share(score >= 9)),
    "distrusting": of_answers(lambda score: references.share(score <= 6)),
    "mean_trust": of_answers(references.student),
    "middle_trust": of_answers(lambda score: references.order_statistics(score, 0.5)),
}


def by(rows, column, key):
    """Cells of every metric for each group, the missing attribute being a group too."""
    groups = rows.groupby(column, dropna=False)
    return {
        (metric, PERIOD, key(group)): compute(part)
        for group, part in groups for metric, compute in METRICS.items() if part["trstplc"].notna().sum() > 1
    }


def questions(rows):
    metrics = list(METRICS)
    total = {(metric, PERIOD): compute(rows) for metric, compute in METRICS.items()}
    rate = {
        ("trust.invited", PERIOD): {"value": float(ASKED)},
        ("trust.answered", PERIOD): {"value": float(ANSWERED)},
        ("trust.response_rate", PERIOD): {"value": ANSWERED / ASKED, "n": ASKED},
    }
    return [
        Question([*metrics, "--intervals"], total),
        Question([*metrics, "--intervals", "--by", "respondent.female"],
                 by(rows, "female", str), by=["respondent.female"]),
        Question([*metrics, "--intervals", "--by", "respondent.income"],
                 by(rows, "hincfel", lambda value: None if value != value else str(int(value))), by=["respondent.income"]),
        Question(["net_trust_of_30", "--by", "respondent.schooling"], of_thirty(rows), by=["respondent.schooling"]),
        Question([metric for metric, _ in rate], rate),
    ]


def of_thirty(rows):
    """Fewer than 30 answers have no value, and say why."""
    cells = {}
    for years, part in rows.groupby("eduyrs", dropna=False):
        n = int(part["trstplc"].notna().sum())
        status = "insufficient" if n < 30 else "provisional"
        key = None if years != years else str(int(years))
        cells["net_trust_of_30", PERIOD, key] = {"value": net(part)["value"] if n >= 30 else None, "n": n, "status": status}
    return cells
