"""Things to put in order; the share of pairs in order is credited when it is more than half."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Self

from quizgen.answers._credit import RIGHT, WRONG
from quizgen.answers._ids import check_ids, latex_ids, read_each_once
from quizgen.notation import Unreadable
from quizgen.values import Key, Reading, Value, Verdict


class Ordering(Key, frozen=True, tag="ordering"):
    """``value`` is the ids in the right order."""

    typed = False
    online = ("order", "match")
    choosable = False

    value: tuple[str, ...]

    def __post_init__(self) -> None:
        check_ids(self.value)

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key for ids in the right order."""
        return cls(value=tuple(value))

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def read(self, text: str) -> Reading:
        ids = read_each_once(text, self.value)
        if len(ids) != len(self.value):
            raise Unreadable("not-each-once", (0, len(text)))
        return Reading(value=ids, parsed=latex_ids(ids))

    def judge(self, reading: Reading) -> Verdict:
        if reading.value == self.value:
            return RIGHT
        place = {name: position for position, name in enumerate(self.value)}
        pairs = [place[a] < place[b] for a, b in combinations(reading.value, 2)]
        credit = Fraction(sum(pairs), len(pairs))
        return Verdict(verdict="partial", credit=credit) if credit > Fraction(1, 2) else WRONG

    def near(self, reading: Reading) -> tuple[str, ...]:
        return ("reversed",) if reading.value == self.value[::-1] else ()

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"{number}. {label(name)}" for number, name in enumerate(value, 1))

    def labels(self) -> tuple[str, ...]:
        return self.value

    def notations(self, value: Value) -> list[str]:
        joined = [sign.join(value) for sign in (", ", ",", " ", " > ", " → ", "->", "，", "、", "\n")]
        return [*joined, f"({'; '.join(value)})", f"[{','.join(value)}].", f" {', '.join(value)}, "]

    def junk(self) -> list[str]:
        short = [", ".join(self.value[:-1]), ", ".join(self.value[:1] * len(self.value))]
        return [*super().junk(), *(short if len(self.value) > 1 else ()), f"{', '.join(self.value)}, banana"]

    def wrong(self) -> list[str]:
        if len(self.value) < 2:
            return []
        first, second, *rest = self.value
        return [", ".join(reversed(self.value)), ", ".join([second, first, *rest])]
