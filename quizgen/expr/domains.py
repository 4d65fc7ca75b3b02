"""Where the variables of a formula live: ``positive``, ``indexed real``, ``vector 3``, ``matrix 2x3`` ..."""

import re
from functools import cache
from typing import NamedTuple

from quizgen.errors import InputError

KINDS = (
    "real",
    "positive",
    "nonnegative",
    "unit",  # strictly between 0 and 1
    "integer",
    "positive integer",
    "nonnegative integer",
)
LARGEST = 8
"""The most rows or columns that a vector or matrix may have."""

_DOMAIN = re.compile(
    rf"(?P<indexed>indexed(?: |$))?(?P<kind>{'|'.join(sorted(KINDS, key=len, reverse=True))})?"
    r" ?(?:vector (?P<length>[1-9])|matrix (?P<height>[1-9])x(?P<width>[1-9]))?"
)


class Domain(NamedTuple):
    """Numbers of one kind, alone, in a vector (n, 1) or in a matrix (n, m); ``indexed`` stands for x_1, x_2 ..."""

    kind: str
    shape: tuple[int, int] | None = None
    indexed: bool = False


@cache
def read_domain(text: str) -> Domain:
    """The domain that ``text`` names; real unless it says otherwise. Raises InputError."""
    match = _DOMAIN.fullmatch(text.strip())
    if match is None or not text.strip():
        expected = f"{', '.join(KINDS)}, with indexed before it, or vector 3 or matrix 2x3 after it"
        raise InputError(f"unknown domain {text!r}; expected one of {expected}")
    shape = None
    if match["length"]:
        shape = (int(match["length"]), 1)
    elif match["height"]:
        shape = (int(match["height"]), int(match["width"]))
    if shape and max(shape) > LARGEST:
        raise InputError(f"a side of {text!r} is more than {LARGEST}")
    return Domain(match["kind"] or "real", shape, bool(match["indexed"]))
