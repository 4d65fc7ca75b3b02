"""What is lost of how quizgen reads answers, marks them and speaks to mistakes, where a platform does less."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from quizgen.exporters._online import Cells, Field, Match, Numeric, Order, Short
from quizgen.values import Mistake, Part

PARTIAL = "partial credit"
SIGNS = {"percent": "percent signs", "suffixes": "suffixes"}
"""What may stand behind a number, by the attribute of the key that allows it."""
SHARED = ("cells", "set", "distribution")
"""Types of field that credit some of several entries."""


def read(field: Field, part: Part) -> Iterator[str]:
    """What of an answer is not read as quizgen does, where numbers are plain decimals and texts are compared."""
    key: Any = part.key
    asked = field.interaction
    if isinstance(asked, Numeric) and asked.unit:
        yield "units are not typed"
    if isinstance(asked, Numeric | Cells):
        if signs := [words for sign, words in SIGNS.items() if getattr(key, sign, False)]:
            yield f"{' and '.join(signs)} are not typed"
        if getattr(key, "form", "") not in ("", "numeral"):
            yield "the form that is asked for"
    if isinstance(asked, Short) and getattr(key, "distance", None):
        yield "typing errors count as wrong"
    if key.online[0] in SHARED and not isinstance(asked, Cells):
        yield PARTIAL


def silent(field: Field, part: Part) -> Iterator[str]:
    """That nothing is said to some mistakes: platforms hear numbers that have an end and texts, but no wrong pairs."""
    asked = field.interaction
    if isinstance(asked, Match | Order):
        found = bool(part.mistakes)
    else:
        found = isinstance(asked, Numeric) and not all(map(_ends, part.mistakes))
    if found:
        yield "feedback on some wrong answers"


def _ends(mistake: Mistake) -> bool:
    """Whether a wrong number can be typed as a decimal."""
    denominator = Fraction(mistake.value).denominator
    return bool(10 ** denominator.bit_length() % denominator == 0)
