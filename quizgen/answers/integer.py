"""A whole number, with the unit that is printed beside it."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import RIGHT, WRONG, Unreadable, read_number, show_number, type_number
from quizgen.values import Key, Value, Verdict


class Integer(Key, frozen=True, tag="integer"):
    """``value``, counted in ``unit``."""

    value: int
    unit: str = ""

    @classmethod
    def of(cls, value: Value, unit: str = "") -> Self:
        """The key for an int."""
        if type(value) is not int:
            raise TypeError(f"expected an int, got {value!r}")
        return cls(value=value, unit=unit)

    @property
    def right(self) -> int:
        return self.value

    def read(self, text: str) -> int:
        number = read_number(text)
        if number.denominator != 1:
            raise Unreadable("not-an-integer", (0, len(text)))
        return number.numerator

    def judge(self, value: Value) -> Verdict:
        return RIGHT if value == self.value else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return show_number(value, self.unit)

    def notations(self, value: Value) -> list[str]:
        return [str(value), f" {value} ", f"{value}.0", f"{2 * value}/2", str(value).replace("-", "−")]

    def junk(self) -> list[str]:
        return [*super().junk(), type_number(self.value) + ".5", "1/0"]
