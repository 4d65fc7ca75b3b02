"""Numbers as texts, for platforms whose blanks in a text are compared letter by letter."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from quizgen.exporters._online import Numeric
from quizgen.exporters._qti12 import decimal

MOST = 40
"""The most numbers that are listed for one blank."""
PLACES = 12
"""The most decimals of a number that is listed."""


def spellings(number: Numeric) -> tuple[str, ...]:
    """How the right numbers may be typed, the key first; none if there are too many of them."""
    values = _values(number)
    places = number.digits or 0
    found = (text for value in values for text in _spelled(value, places, exact=not number.tolerance))
    return tuple(dict.fromkeys(found))


def _values(number: Numeric) -> list[Fraction]:
    """The right numbers with as many decimals as are asked for, or as the tolerance makes sense of."""
    if not number.tolerance:
        return [number.value]
    places = _places(number.tolerance) if number.digits is None else number.digits
    unit = Fraction(1, 10**places)
    first = ceil((number.value - number.tolerance) / unit)
    last = floor((number.value + number.tolerance) / unit)
    if last - first >= MOST:
        return []
    near = [step * unit for step in range(first, last + 1)]
    return sorted({number.value, *near}, key=lambda value: (value != number.value, value))


def _places(tolerance: Fraction) -> int:
    """The fewest decimals of which some number is always within ``tolerance``."""
    return next((places for places in range(PLACES) if Fraction(1, 10**places) <= 2 * tolerance), PLACES)


def _spelled(value: Fraction, places: int, exact: bool) -> Iterator[str]:
    """One number in all spellings that people use."""
    text = decimal(abs(value), PLACES)
    forms = [text]
    whole, point, behind = text.partition(".")
    if places > len(behind):
        forms.append(f"{whole}.{behind.ljust(places, '0')}")
    if point and whole == "0":
        forms.append(f".{behind}")
    if len(whole) > 3:
        forms.append(f"{int(whole):,}{point}{behind}")
    if exact and value.denominator != 1:
        forms.append(f"{abs(value.numerator)}/{value.denominator}")
    for form in forms:
        yield from (f"-{form}", f"\N{MINUS SIGN}{form}") if value < 0 else (form,)
