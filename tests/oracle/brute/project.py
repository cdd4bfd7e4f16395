"""A world with its metrics as a project: on disk for the embedded engine, as tables for the others."""

import csv

from brute.tree import written

STORED = {"text": "text", "account": "text", "organisation": "text", "int": "int", "float": "real", "decimal": "decimal(12,2)",
          "bool": "bool", "date": "date", "instant": "timestamp"}


def manifest(world):
    return "\n".join([
        "project: oracle", "language: 1", f"timezone: {world.zone}", f"week_starts: {world.week_starts}",
        f"fiscal_year_starts: {world.fiscal_year_starts}", "targets:", "  local: { engine: datafusion, data: data }",
        "  duckdb: { engine: duckdb }", "  postgres: { engine: postgres }", "default_target: local", "",
    ])


def source(table):
    """A source in Groma."""
    lines = [f"source {table.name} {{", f'  file: "{table.name}.csv"', f"  key: {table.key}"]
    lines += [f"  time: {table.time}"] if table.time else []
    lines += [f"  late: {table.late.text}"] if table.late else []
    return "\n".join(lines + ["  columns {"] + [f"    {field.declared()}" for field in table.fields] + ["  }", "}", ""])


def customers(world):
    lines = ["customer organisation { from: organisations  key: org_id  has: country }", "customer account {",
             "  from: accounts", "  key: account_id"]
    lines += [f"  since: {world.since}"] if world.since else []
    lines += [f"  until: {world.until}"] if world.until else []
    lines += [f"  where: {written(world.where)}"] if world.where else []
    return "\n".join(lines + ["  has: region, plan, seats", "  parent: organisation", "}", ""])


def declarations(world):
    """Everything but the metrics."""
    tables = [world.organisations, world.accounts, *world.sources]
    return "".join(source(table) for table in tables) + customers(world)


def write(folder, world, definitions):
    """Writes the project."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "groma.yml").write_text(manifest(world))
    (folder / "sources.groma").write_text(declarations(world))
    (folder / "metrics.groma").write_text("\n".join(definition.text for definition in definitions))
    for table in tables(world):
        with open(data / f"{table['name'][0]}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([name for name, _ in table["columns"]])
            writer.writerows(["" if value is None else value for value in row] for row in table["rows"])


def tables(world):
    """The data as `serve.py` takes it."""
    made = []
    for table in (world.organisations, world.accounts, *world.sources):
        columns = [(field.name, STORED[field.kind]) for field in table.fields]
        rows = [[text(row[name]) for name, _ in columns] for row in table.rows]
        made.append({"name": [table.name], "columns": columns, "rows": rows})
    return made


def text(value):
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
