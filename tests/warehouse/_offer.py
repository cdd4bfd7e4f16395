"""Offers databases to whoever asks: a line in, the URL of a fresh database out. The end of standard input ends all.

The first line it writes is empty, or says why there is no PostgreSQL.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engines")]

import psycopg
import serve
import server


def main():
    try:
        postgres = server.Server()
    except (RuntimeError, OSError, psycopg.Error, serve.subprocess.CalledProcessError) as error:
        print(" ".join(str(error).split()), flush=True)
        return
    try:
        print("", flush=True)
        for number, _ in enumerate(sys.stdin):
            # Without options, so that a page may write some behind it.
            print(postgres.url(postgres.database(f"page_{number}")).split("?")[0], flush=True)
    finally:
        postgres.stop()


if __name__ == "__main__":
    main()
