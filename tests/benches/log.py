"""`groma log` and `groma blame` of one metric over a thousand commits, in a project of several hundred metrics.

Makes a repository in a temporary folder and prints how long the commands take, the best of some turns, and how many commits
they tell. Nearly every commit changes some metric, every tenth the one that is asked for; every fiftieth what it rests on.

    python tests/benches/log.py path/to/groma [commits] [metrics]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

MANIFEST = """project: log
language: 1
timezone: UTC
week_starts: monday
default_grain: month
targets:
  local: { engine: datafusion }
default_target: local
"""

SOURCE = """source orders {
  file: "orders.csv"
  key:  id
  time: happened_at
  columns {
    id:          text
    account_id:  account
    happened_at: instant in "UTC"
    amount:      decimal(12, 2) in usd
    items:       int
  }
}
source accounts {
  file: "accounts.csv"
  key:  account_id
  columns {
    account_id: text
    plan:       text
    size:       int
  }
}
"""

FILES = 20


class Fields:
    """The blobs, trees and commits of a history, as `git fast-import` takes them."""

    def __init__(self, metrics: int):
        self.limits = [0] * metrics
        self.size = 0
        self.lines = []

    def commit(self, number: int) -> None:
        changed = 0 if number % 10 == 0 else number % len(self.limits)
        self.limits[changed] += 1
        if number % 50 == 0:
            self.size += 1
        self.lines.append(
            f"commit refs/heads/main\nmark :{number + 1}\n"
            f"committer Ada <ada@shop.example> {1_700_000_000 + number * 600} +0000\n"
            f"{data(f'commit {number}')}"
            + (f"from :{number}\n" if number else "")
        )
        if number == 0:
            self.file("groma.yml", MANIFEST)
            self.file("sources.groma", SOURCE)
            for at in range(FILES):
                self.metrics(at)
        else:
            self.metrics(changed % FILES)
        if number % 50 == 0:
            where = f"  where: size > {self.size}\n"
            self.file("customers.groma", f"customer account {{\n  from: accounts\n  key: account_id\n{where}  has: plan\n}}\n")

    def metrics(self, file: int) -> None:
        texts = [
            f"/// Number {at}.\nmetric m{at} {{\n  from:    orders\n  where:   amount > {limit}\n"
            f"  measure: sum(amount) / count(distinct account)\n  by:      account.plan\n}}\n"
            for at, limit in enumerate(self.limits)
            if at % FILES == file
        ]
        self.file(f"metrics/m{file}.groma", "\n".join(texts))

    def file(self, path: str, text: str) -> None:
        self.lines.append(f"M 100644 inline {path}\n{data(text)}")


def data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def main(groma: str, commits: int, metrics: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
        fields = Fields(metrics)
        for number in range(commits):
            fields.commit(number)
        stream = "".join(fields.lines).encode()
        subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], input=stream, check=True)
        subprocess.run(["git", "-C", folder, "checkout", "-q", "main"], check=True)
        print(f"{commits} commits, {metrics} metrics in {FILES} files")
        for arguments in (["log", "m0"], ["log", "m0", "--all"], ["log", "m7"], ["blame", "m0"]):
            command = [groma, "-C", str(Path(folder)), *arguments]
            times = []
            for _ in range(3):
                started = time.perf_counter()
                lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
                times.append(time.perf_counter() - started)
            told = sum(1 for line in lines if line[:1].isdigit() or " 20" in line[:12])
            print(f"groma {' '.join(arguments):14} {min(times):6.2f} s  {told} commits or entries")


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in (sys.argv[2:] + ["1000", "500"][len(sys.argv) - 2 :])))
