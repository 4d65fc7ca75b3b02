"""An exact rational number; the same value in any form is right."""

from collections.abc import Callable
from fractions import Fraction as Rational
from typing import Self

from quizgen.answers._reading import RIGHT, WRONG, read_number, show_number
from quizgen.values import Key, Value, Verdict


class Fraction(Key, frozen=True, tag="fraction"):
    """``value``, exactly."""

    value: Rational
    unit: str = ""

    @classmethod
    def of(cls, value: Value, unit: str = "") -> Self:
        """The key for a rational number: an int, a Fraction or a Decimal."""
        return cls(value=Rational(value), unit=unit)

    @property
    def right(self) -> Rational:
        return self.value

    def read(self, text: str) -> Rational:
        return read_number(text)

    def judge(self, value: Value) -> Verdict:
        return RIGHT if value == self.value else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return show_number(value, self.unit)

    def notations(self, value: Value) -> list[str]:
        value = Rational(value)
        return [
            str(value),
            f" {value} ",
            f"{2 * value.numerator}/{2 * value.denominator}",
            str(value).replace("-", "−"),
        ]

    def junk(self) -> list[str]:
        return [*super().junk(), "1/0", "1.5/2"]
