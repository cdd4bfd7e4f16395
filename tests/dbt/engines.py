"""The engines that packages are built on: rows go in, dbt connects, and the answers come out."""

import csv
import sys
from pathlib import Path

import duckdb
import psycopg2

sys.path += [str(Path(__file__).resolve().parent.parent / name) for name in ("warehouse", "engines")]

SCHEMA = "metrics"
TYPES = {"text": "TEXT", "int": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP"}


def quoted(*parts):
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def header_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return next(csv.reader(file))


class DuckDB:
    """A file of its own."""

    name = "duckdb"

    def __init__(self, folder):
        self.path = str(Path(folder) / "warehouse.duckdb")

    def output(self):
        return {"type": "duckdb", "path": self.path, "schema": SCHEMA, "threads": 2}

    def run(self, *statements):
        with duckdb.connect(self.path) as connection:
            for statement in statements:
                connection.execute(statement)

    def copy(self, table, path):
        """A CSV file into a table; where nothing stands, there is no value."""
        self.run(f"COPY {table} FROM '{path}' (HEADER, NULLSTR '')")

    def rows(self, text):
        with duckdb.connect(self.path) as connection:
            cursor = connection.execute(text)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]


class PostgreSQL:
    """A database of its own on a server."""

    name = "postgres"

    def __init__(self, place, database):
        self.place, self.database = place, database
        connection = self.connected("postgres")
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted(database)}")
            cursor.execute(f"CREATE DATABASE {quoted(database)}")
        connection.close()

    def output(self):
        place = self.place
        return {
            "type": "postgres", "host": place["host"], "port": int(place["port"]), "user": place["user"],
            "password": place["password"], "dbname": self.database, "schema": SCHEMA, "threads": 2,
        }

    def connected(self, database=None):
        connection = psycopg2.connect(dbname=database or self.database, **self.place)
        connection.autocommit = True
        return connection

    def run(self, *statements):
        connection = self.connected()
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def copy(self, table, path):
        """A CSV file into a table; where nothing stands, there is no value."""
        connection = self.connected()
        with connection.cursor() as cursor, open(path, encoding="utf-8") as file:
            cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER)", file)
        connection.close()

    def rows(self, text):
        connection = self.connected()
        with connection.cursor() as cursor:
            cursor.execute(text)
            names = [column.name for column in cursor.description]
            found = [dict(zip(names, row)) for row in cursor.fetchall()]
        connection.close()
        return found


def fill(engine, tables):
    """Makes each table, by its schema and name, of a CSV file and the types of its columns."""
    for (schema, table), (path, types) in tables.items():
        columns = ", ".join(f"{quoted(name)} {TYPES.get(types.get(name), types.get(name) or 'TEXT')}" for name in header_of(path))
        engine.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}", f"CREATE TABLE {quoted(schema, table)} ({columns})")
        engine.copy(quoted(schema, table), path)
