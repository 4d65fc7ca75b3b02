"""Written work, marked by a person with a rubric."""

from collections.abc import Callable
from fractions import Fraction
from typing import Self

from quizgen.values import Key, Reading, Struct, Value, Verdict


class Criterion(Struct, frozen=True):
    """One line of a rubric: its points and its words per locale."""

    points: Fraction
    text: dict[str, str]


class Written(Key, frozen=True, tag="written"):
    """``rubric`` is what points are given for."""

    typed = False
    online = ("essay",)
    choosable = False

    rubric: tuple[Criterion, ...]

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key for the criteria of a rubric."""
        return cls(rubric=tuple(value))

    @property
    def right(self) -> None:
        return None

    def points(self) -> Fraction:
        """The sum of the rubric's points."""
        return sum((criterion.points for criterion in self.rubric), Fraction(0))

    def read(self, text: str) -> Reading:
        return Reading(value=text)

    def judge(self, reading: Reading) -> Verdict:
        return Verdict(verdict="ungraded")

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return ""

    def notations(self, value: Value) -> list[str]:
        return []

    def junk(self) -> list[str]:
        return []
