"""A vector of exact or rounded numbers; the share of right entries is credited."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Self

from quizgen.answers._reading import Unreadable, read_number, share, split, type_number
from quizgen.answers.number import check_digits, half_unit, near
from quizgen.expr import latex_vector
from quizgen.values import Key, Value, Verdict


class Vector(Key, frozen=True, tag="vector"):
    """``value`` entry by entry, each within ``tolerance``."""

    value: tuple[Value, ...]
    tolerance: Decimal = Decimal(0)

    @classmethod
    def of(cls, value: Value, digits: int | None = None) -> Self:
        """The key for a tuple of numbers; with ``digits``, every entry is a Decimal of that many decimals."""
        if digits is None:
            return cls(value=tuple(value))
        return cls(value=tuple(check_digits(entry, digits) for entry in value), tolerance=half_unit(digits))

    @property
    def right(self) -> tuple[Value, ...]:
        return self.value

    def read(self, text: str) -> tuple[Fraction, ...]:
        entries = tuple(read_number(entry, offset) for entry, offset in split(text, ("()", "[]")))
        if len(entries) != len(self.value):
            raise Unreadable("wrong-length", (0, len(text)))
        return entries

    def judge(self, value: Value) -> Verdict:
        return share(hits(value, self.value, self.tolerance), len(self.value))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex_vector(value)}$"

    def notations(self, value: Value) -> list[str]:
        typed = [type_number(entry) for entry in value]
        return [f"({', '.join(typed)})", f"[{','.join(typed)}]", ", ".join(typed), "; ".join(typed)]

    def junk(self) -> list[str]:
        return [*super().junk(), "(" + ", ".join(["1"] * (len(self.value) + 1)) + ")", "(1, banana)"]


def hits(value: Value, key: Value, tolerance: Decimal) -> int:
    """How many entries of two vectors agree; none if the lengths differ."""
    if len(value) != len(key):
        return 0
    pairs = zip(value, key, strict=True)
    if not tolerance:
        return sum(a == b for a, b in pairs)
    return sum(near(a, b, tolerance) for a, b in pairs)
