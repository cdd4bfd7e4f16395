"""The `groma` program, as anyone would call it."""

import csv
import io
import os
import subprocess


class Groma:
    def __init__(self, program, project):
        self.program = program
        self.project = project

    def run(self, *arguments, may_find=False):
        """What a command writes to standard output; its findings are the error, unless they are what is asked for."""
        command = [self.program, "-C", str(self.project), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
        if ended.returncode not in ((0, 1) if may_find else (0,)):
            raise Refused(f"{' '.join(command)}\nends with {ended.returncode}\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def answer(self, question):
        """The rows of a question, on the embedded engine."""
        return list(csv.DictReader(io.StringIO(self.run("query", *question, "--format", "csv"))))

    def statement(self, question, target):
        """The statement of a question, for another engine."""
        return self.run("query", *question, "--sql", "--target", target)


class Refused(Exception):
    pass


def question(metrics, by=(), grain=None, first=None, last=None, where=None):
    """The arguments of `groma query`."""
    arguments = list(metrics)
    arguments += [part for path in by for part in ("--by", path)]
    for option, value in (("--grain", grain), ("--from", first), ("--to", last), ("--where", where)):
        if value is not None:
            arguments += [option, str(value)]
    return arguments
