"""A number to some decimals; half a unit of the last one is tolerated, both ends included."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Self

from quizgen.answers._reading import RIGHT, WRONG, read_number, show_number, type_number
from quizgen.values import Key, Value, Verdict


class Number(Key, frozen=True, tag="number"):
    """``value``, within ``tolerance``."""

    value: Decimal
    tolerance: Decimal
    unit: str = ""

    @classmethod
    def of(cls, value: Value, digits: int = 3, unit: str = "") -> Self:
        """The key for a Decimal of ``digits`` decimals."""
        return cls(value=check_digits(value, digits), tolerance=half_unit(digits), unit=unit)

    @property
    def right(self) -> Decimal:
        return self.value

    def read(self, text: str) -> Fraction:
        return read_number(text)

    def judge(self, value: Value) -> Verdict:
        return RIGHT if near(value, self.value, self.tolerance) else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return show_number(value, self.unit)

    def notations(self, value: Value) -> list[str]:
        typed = type_number(value)
        return [typed, f" {typed} ", typed.replace("-", "−"), f"{typed}0" if "." in typed else typed]

    def junk(self) -> list[str]:
        return [*super().junk(), "1.2.3", "1,5"]


def near(value: Decimal | Fraction | int, key: Decimal, tolerance: Decimal) -> bool:
    """Whether a number is within ``tolerance`` of the key. Decimals are not made fractions, which takes long."""
    if isinstance(value, Decimal):
        return abs(value - key) <= tolerance
    return abs(Fraction(value) - Fraction(key)) <= Fraction(tolerance)


def check_digits(value: Value, digits: int) -> Decimal:
    """``value``, which must be a Decimal rounded to ``digits`` decimals."""
    if not isinstance(value, Decimal) or value.as_tuple().exponent != -digits:
        raise TypeError(f"expected a Decimal of {digits} decimals, got {value!r}")
    return value


def half_unit(digits: int) -> Decimal:
    """Half a unit of the last of ``digits`` decimals."""
    return Decimal(5).scaleb(-digits - 1)
