"""A project and a question as a Markdown case, as `tests/cases/` has them."""

import re
from copy import copy

from brute import project
from brute.asked import Asked, moment_text
from brute.metric import used
from brute.tree import written

USUAL = {"zone": "UTC", "week_starts": "monday", "fiscal_year_starts": "january"}


def markdown(world, definitions, question, title, sentence, rows=None):
    """The case; `rows` are what an engine answered, otherwise brute force says what must come out."""
    asked = Asked(world, definitions, question)
    world = pruned(world, definitions, question)
    parts = [f"## {title}", sentence]
    if any(getattr(world, name) != value for name, value in USUAL.items()):
        parts.append(fence("yaml", manifest(world)))
    metrics = "\n".join(definition.text for definition in used(definitions, question.metrics))
    parts.append(fence("groma", (declared(world) + metrics).rstrip()))
    tables = [world.organisations, world.accounts, *world.sources]
    parts += [fence(f"rows {table.name}", table_text(*rows_of(table))) for table in tables if table.fields]
    parts.append(fence(f"result {asking(question)}".rstrip(), table_text(*answers(asked, rows))))
    return "\n\n".join(parts) + "\n"


def fence(word, text):
    return f"```{word}\n{text}\n```"


def manifest(world):
    return "\n".join(["project: case", "language: 1", f"timezone: {world.zone}", f"week_starts: {world.week_starts}",
                      f"fiscal_year_starts: {world.fiscal_year_starts}"])


def asking(question):
    """A question as it stands behind `result`."""
    parts = [", ".join(question.metrics)]
    parts += [f"by {', '.join(question.by)}"] if question.by else []
    parts += [f"at {question.grain}"]
    for word, value in (("from", question.first), ("to", question.last), ("as of", moment_text(question.as_of))):
        parts += [f"{word} {value}"] if value else []
    further = ["totals"] * question.totals + ["intervals"] * question.intervals
    parts += [f"with {', '.join(further)}"] if further else []
    parts += [f"where {written(question.where)}"] if question.where else []
    return " ".join(parts)


def table_text(columns, rows):
    """A table as a fence shows it, columns under each other."""
    shown = [columns] + [["" if value is None else project.text(value) for value in row] for row in rows]
    widths = [max(len(row[at]) for row in shown) for at in range(len(columns))]
    return "\n".join(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in shown)


def rows_of(table):
    names = [field.name for field in table.fields]
    return names, [[row[name] for name in names] for row in table.rows]


def answers(asked, rows):
    """The columns and the cells of an answer: an engine's, or the one that must be."""
    question = asked.question
    columns = ["metric", "period", *question.by]
    steps = any(asked.names[name].answer_steps != [None] for name in question.metrics)
    columns += (["step"] if steps else []) + (["grouping"] if question.totals else [])
    columns += ["value", "n", *(["se", "low", "high"] if question.intervals else []), "matured", "status"]
    if rows is not None:
        return columns, [[row.get(name) for name in columns] for row in rows]
    found = []
    for key in sorted(asked.keys(asked.groups()), key=lambda key: (key[0], key[1], key[3], str(key[4]), key[2])):
        metric, period, step, grouping, group = key
        one = asked.expected(key)
        found.append([metric, period, *group] + ([step] if steps else []) + ([grouping] if question.totals else [])
                     + [getattr(one, name) for name in columns[columns.index("value"):]])
    return columns, found


# What is not used is not shown.

def pruned(world, definitions, question):
    """The world with the sources and the columns that the question reads."""
    read = used(definitions, question.metrics)
    text = "\n".join(definition.text for definition in read) + " ".join(question.by)
    text += written(question.where) if question.where else ""
    names = {definition.source for definition in read}
    names |= {definition.clock.anchor.source for definition in read if definition.clock.anchor}
    words = set(re.findall(r"\w+", text + (written(world.where) if world.where else "")))
    world = copy(world)
    words |= {world.since, world.until, "account_id"}
    climbs = "organisation" in words
    if climbs:
        words |= {"org_id", "country"}
    world.sources = [narrowed(source, words) for source in world.sources if source.name in names]
    world.accounts = narrowed(world.accounts, words)
    world.organisations = narrowed(world.organisations, words) if climbs else narrowed(world.organisations, set(), True)
    return world


def narrowed(table, words, away=False):
    table = copy(table)
    keep = words | {table.key, table.time}
    table.fields = [] if away else [field for field in table.fields if field.name in keep]
    return table


def declared(world):
    """The declarations of what is left."""
    made = [project.source(table) for table in (world.organisations, world.accounts, *world.sources) if table.fields]
    customers = project.customers(world)
    if not world.organisations.fields:
        customers = customers.split("\n", 1)[1].replace("  parent: organisation\n", "")
    has = [name for name in ("region", "plan", "seats") if any(field.name == name for field in world.accounts.fields)]
    customers = customers.replace("  has: region, plan, seats\n", f"  has: {', '.join(has)}\n" if has else "")
    return "".join(made) + customers
