"""MASS housing: how content 1,681 householders of Copenhagen were, low, medium or high."""

from real import data, references
from real.project import Question, Table, compare

COUNTS = {"dissatisfied": 567, "neutral": 446, "satisfied": 668}
LEVELS = {"Low": 1, "Medium": 2, "High": 3}
DAY = "1976-01-01"
COLUMNS = {"influence": "Infl", "dwelling": "Type", "contact": "Cont"}


def load():
    """A row for each person; the data has one for each kind of person, with how many they are."""
    kinds = data.frame("housing")
    people = kinds.loc[kinds.index.repeat(kinds["Freq"])].reset_index(drop=True)
    people["satisfaction"] = people["Sat"].map(LEVELS)
    people["householder"] = [f"h{number:04}" for number in people.index]
    return people


def run(program, engines):
    people = load()
    counts = {metric: int((people["satisfaction"] == level).sum()) for metric, level in zip(COUNTS, (1, 2, 3))}
    problems = [] if counts == COUNTS else [f"housing: the data has {counts}, and {COUNTS} were published"]
    counted, found = compare(program, engines, "housing", tables(people), questions(people))
    return counted, problems + found


def tables(people):
    keys = list(people["householder"])
    attributes = list(zip(keys, *(people[column] for column in COLUMNS.values())))
    answers = [(key, DAY, str(level)) for key, level in zip(keys, people["satisfaction"])]
    return [
        Table("householders", [(name, "text") for name in ("householder", *COLUMNS)], attributes),
        Table("answers", [("householder", "text"), ("answered_on", "date"), ("satisfaction", "int")], answers),
    ]


def box(people, level):
    return references.share(people["satisfaction"] == level)


def questions(people):
    published = {(metric, DAY): {"value": float(count), "n": count} for metric, count in COUNTS.items()}
    total = {("satisfaction", DAY): box(people, 3), ("contentment", DAY): box(people, 1)}
    asked = [Question(list(COUNTS), published), Question(["satisfaction", "contentment", "--intervals"], total)]
    for path, column in COLUMNS.items():
        cells = {("satisfaction", DAY, group): box(part, 3) for group, part in people.groupby(column)}
        asked.append(Question(["satisfaction", "--intervals", "--by", f"householder.{path}"], cells, by=[f"householder.{path}"]))
    paths = [f"householder.{path}" for path in COLUMNS]
    cells = {("satisfaction", DAY, *group): box(part, 3) for group, part in people.groupby(list(COLUMNS.values()))}
    options = [part for path in paths for part in ("--by", path)]
    return [*asked, Question(["satisfaction", "--intervals", *options], cells, by=paths)]
