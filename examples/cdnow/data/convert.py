"""Makes purchases.csv from the CDNOW master file in the PyPI package `lifetimes`.

    pip download --no-deps lifetimes==0.11.3
    python convert.py Lifetimes-0.11.3-py3-none-any.whl
"""

import hashlib
import sys
import zipfile
from pathlib import Path

MEMBER = "lifetimes/datasets/CDNOW_master.txt"
SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
HEADER = ["customer_id", "date", "number_of_cds", "dollar_value"]


def convert(original: bytes) -> str:
    """The same rows in the same order; only the header, the dates and the separators are rewritten."""
    lines = original.decode("ascii").splitlines()
    if lines[0].split() != HEADER:
        raise SystemExit(f"unexpected header: {lines[0]!r}")
    rows = ["customer_id,bought_on,units,amount"]
    for line in lines[1:]:
        customer, day, units, amount = line.split()
        rows.append(f"{customer},{day[:4]}-{day[4:6]}-{day[6:]},{units},{amount}")
    return "\n".join(rows) + "\n"


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        original = wheel.read(MEMBER)
    if hashlib.sha256(original).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} is not the file this script was written for")
    written = convert(original).encode("ascii")
    Path(__file__).with_name("purchases.csv").write_bytes(written)
    print(hashlib.sha256(written).hexdigest(), "purchases.csv")


if __name__ == "__main__":
    main()
