"""Things to put in order; the share of pairs in order is credited when it is more than half."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Self

from quizgen.answers._reading import RIGHT, WRONG, Unreadable, read_ids
from quizgen.values import Key, Value, Verdict


class Ordering(Key, frozen=True, tag="ordering"):
    """``value`` is the ids in the right order."""

    typed = False
    choosable = False

    value: tuple[str, ...]

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key for ids in the right order."""
        return cls(value=tuple(value))

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def read(self, text: str) -> tuple[str, ...]:
        ids = read_ids(text, self.value)
        if sorted(ids) != sorted(self.value):
            raise Unreadable("not-each-once", (0, len(text)))
        return ids

    def judge(self, value: Value) -> Verdict:
        if tuple(value) == self.value:
            return RIGHT
        place = {name: position for position, name in enumerate(self.value)}
        pairs = [place[a] < place[b] for a, b in combinations(value, 2)]
        credit = Fraction(sum(pairs), len(pairs))
        return Verdict(verdict="partial", credit=credit) if credit > Fraction(1, 2) else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"{number}. {label(name)}" for number, name in enumerate(value, 1))

    def labels(self) -> tuple[str, ...]:
        return self.value

    def notations(self, value: Value) -> list[str]:
        return [", ".join(value), ",".join(value), f"({'; '.join(value)})"]

    def junk(self) -> list[str]:
        return [*super().junk(), ", ".join(self.value[:-1]), ", ".join(self.value[:1] * len(self.value))]
