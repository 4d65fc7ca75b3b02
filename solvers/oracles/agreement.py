"""When an exact or printed value and a float64 of another origin count as the same number."""

from decimal import Decimal
from typing import Any


def agrees(exact: Any, other: Any) -> bool:
    """Whether the two are equal to nine digits, a Decimal to half a unit of its last one; tuples entry by entry."""
    if isinstance(exact, tuple):
        return len(exact) == len(other) and all(map(agrees, exact, other))
    value = float(exact)
    slack = 1e-9 * max(1.0, abs(value))
    if isinstance(exact, Decimal):
        slack += 0.5 * 10.0 ** int(exact.as_tuple().exponent)
    return abs(value - float(other)) <= slack
