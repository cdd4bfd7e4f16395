"""InstEval: 73,421 ratings of lectures by 2,972 students of ETH Zurich, many by each, so that errors must be clustered."""

import numpy as np
from scipy import stats

from real import data, references
from real.project import Question, Table, compare

RATINGS, STUDENTS, WELCH = 73_421, 2_972, -13.119
JANUARY, FEBRUARY, YEAR = "2010-01-01", "2010-02-01", "2010-01-01"


def load():
    rows = data.frame("insteval")
    rows["period"] = np.where(rows["service"] == 0, JANUARY, FEBRUARY)
    return rows


def run(program, engines):
    rows = load()
    problems = []
    if (len(rows), rows["s"].nunique()) != (RATINGS, STUDENTS):
        problems.append("insteval: the data is not what was published")
    if round(float(welch(rows).statistic), 3) != WELCH:
        problems.append(f"insteval: scipy finds t = {welch(rows).statistic}, and {WELCH} was published")
    counted, found = compare(program, engines, "insteval", tables(rows), questions(rows))
    return counted, problems + found


def welch(rows):
    return stats.ttest_ind(rows.loc[rows["service"] == 1, "y"], rows.loc[rows["service"] == 0, "y"], equal_var=False)


def tables(rows):
    students = rows.drop_duplicates("s")
    keys = [f"r{number:05}" for number in rows["rownames"]]
    # The period's first day: which day of a month it is means nothing here.
    columns = [keys, rows["s"].astype(str), rows["period"], "d" + rows["dept"].astype(str), rows["y"].astype(str)]
    ratings = list(zip(*columns))
    return [
        Table("students", [("student", "text"), ("stage", "int")],
              list(zip(students["s"].astype(str), students["studage"].astype(str)))),
        Table("ratings", [("rating", "text"), ("student", "text"), ("rated_on", "date"), ("department", "text"),
                          ("score", "int")], ratings),
        Table("loose_ratings", [("rating", "text"), ("rated_on", "date"), ("score", "int")],
              [(rating, day, score) for rating, _, day, _, score in ratings]),
    ]


def of_rows(rows):
    score, students = rows["y"], rows["s"]
    mean = references.clustered(score, students)
    count = references.total(np.ones(len(rows)), students)
    # Two shares of the same answers are the mean of a sign.
    signs = np.where(score >= 4, 1, np.where(score <= 2, -1, 0))
    difference = references.clustered(signs, students)
    return {
        "ratings": count | {"n": len(rows)},
        "mean_score": mean,
        "points_per_rating": mean,
        "satisfied": references.share(score >= 4, students),
        "low": references.share(score <= 2, students),
        "high_less_low": {"value": difference["value"], "se": difference["se"]},
        "net_of_scores": references.net(signs, students) | {"n": len(rows)},
    }


def of_students(rows):
    """Each student with the mean of what they said."""
    means = rows.groupby("s")["y"].mean()
    last = rows.sort_values(["period", "rownames"]).groupby("s")["y"].last()
    return {
        "last_of_students": references.student(last),
        "mean_student": references.student(means),
        "mean_of_each": references.student(means),
        "content_students": references.share(means >= 3.5),
        "middle_student": references.order_statistics(means, 0.5),
    }


def questions(rows):
    metrics, students = list(of_rows(rows)), list(of_students(rows))

    def cells(parts, compute):
        return {(metric, *key): cell for key, part in parts for metric, cell in compute(part).items()}

    whole = [((YEAR,), rows)]
    periods = [((period,), part) for period, part in rows.groupby("period")]
    departments = [((YEAR, f"d{department}"), part) for department, part in rows.groupby("dept")]
    stages = [((YEAR, str(stage)), part) for stage, part in rows.groupby(rows.groupby("s")["studage"].transform("first"))]
    monthly = ["--grain", "month", "--intervals"]
    return [
        Question([*metrics, "--intervals"], cells(whole, of_rows)),
        Question([*metrics, *monthly], cells(periods, of_rows)),
        Question([*metrics, "--intervals", "--by", "department"], cells(departments, of_rows), by=["department"]),
        Question([*students, "--intervals"], cells(whole, of_students)),
        Question([*students, "--intervals", "--by", "student.stage"], cells(stages, of_students), by=["student.stage"]),
        *changes(rows),
    ]


def changes(rows):
    """February less January: with errors clustered by student, and as Welch has it when nobody is known."""
    later = rows["service"] == 1
    nothing = dict.fromkeys(("change", "change_se", "change_low", "change_high", "detectable", "verdict"))

    def of(part):
        service, students = later[part.index], part["s"]
        return {
            "mean_score": references.change(part["y"], service, students, 0.1),
            "satisfied": references.change(part["y"] >= 4, service, students, 0.03),
            "large_change": references.change(part["y"], service, students, 0.5),
        }

    total = of(rows) | {"loose_mean": references.change(rows["y"], later, rows["rownames"], 0.1)}
    cells = {(metric, FEBRUARY): cell for metric, cell in total.items()} | {(metric, JANUARY): nothing for metric in total}
    departments = {
        (metric, FEBRUARY, f"d{department}"): cell
        for department, part in rows.groupby("dept") for metric, cell in of(part).items()
    }
    # The same as Welch's test, but for the loss of a degree of freedom among tens of thousands.
    test = welch(rows)
    as_welch = {("loose_mean", FEBRUARY): {"change_se": total["loose_mean"]["change"] / float(test.statistic)}}
    options = ["--grain", "month", "--changes", "--intervals"]
    by = ["--by", "department", "--from", FEBRUARY]
    return [
        Question([*total, *options], cells),
        Question(["mean_score", "satisfied", "large_change", *options, *by], departments, by=["department"]),
        Question(["loose_mean", *options], as_welch, exactly=False, tolerances={"change_se": 1e-6}),
    ]
