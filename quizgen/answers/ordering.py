"""Things to put in order; the share of pairs in order is credited when it is more than half.

Several orders may be right, and some of the things may have no place at all.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Self

from quizgen.answers._credit import RIGHT, WRONG
from quizgen.answers._ids import check_ids, latex_ids, read_each_once
from quizgen.notation import Unreadable
from quizgen.values import Key, Reading, Value, Verdict


class Ordering(Key, frozen=True, tag="ordering"):
    """``value`` is the ids in a right order.

    With ``before``, pairs of which the first must stand before the second, every order that keeps to them is right;
    without, ``value`` is the only one. ``spare`` are ids that do not belong.
    """

    typed = False
    online = ("order", "match")
    choosable = False

    value: tuple[str, ...]
    before: tuple[tuple[str, str], ...] = ()
    spare: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_ids(self.things())
        place = {name: position for position, name in enumerate(self.value)}
        for first, second in self.before:
            if not {first, second} <= place.keys() or place[first] >= place[second]:
                raise TypeError(f"{first!r} must stand before {second!r}, but the order is {self.value}")

    @classmethod
    def of(cls, value: Value, before: tuple[tuple[str, str], ...] = (), spare: tuple[str, ...] = ()) -> Self:
        """The key for ids in a right order; ``before`` that says the same as ``value`` is left out."""
        order = tuple(value)
        pairs = () if len(set(before)) == len(order) * (len(order) - 1) // 2 else tuple(before)
        return cls(value=order, before=pairs, spare=tuple(spare))

    def things(self) -> tuple[str, ...]:
        """Everything that is shown, to be put in order or left out."""
        return (*self.value, *self.spare)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All pairs of which the first must stand before the second."""
        return self.before or tuple(combinations(self.value, 2))

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def with_right(self, value: Value) -> Self:
        """Only this order: it may break ``before``, or take what does not belong."""
        left = tuple(name for name in self.things() if name not in value)
        return type(self)(value=tuple(value), spare=left)

    def read(self, text: str) -> Reading:
        ids = read_each_once(text, self.things())
        if len(ids) != len(self.value):
            raise Unreadable("not-as-many" if self.spare else "not-each-once", (0, len(text)))
        return Reading(value=ids, parsed=latex_ids(ids))

    def judge(self, reading: Reading) -> Verdict:
        place = {name: position for position, name in enumerate(reading.value)}
        pairs = self.pairs()
        kept = sum(a in place and b in place and place[a] < place[b] for a, b in pairs)
        if kept == len(pairs) and place.keys() == {*self.value}:
            return RIGHT
        strange = sum(name in self.spare for name in reading.value)
        credit = Fraction(kept, len(pairs)) - Fraction(strange, len(self.value)) if pairs else Fraction(0)
        return Verdict(verdict="partial", credit=credit) if credit > Fraction(1, 2) else WRONG

    def near(self, reading: Reading) -> tuple[str, ...]:
        return ("reversed",) if reading.value == self.value[::-1] else ()

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"{number}. {label(name)}" for number, name in enumerate(value, 1))

    def labels(self) -> tuple[str, ...]:
        return self.things()

    def notations(self, value: Value) -> list[str]:
        joined = [sign.join(value) for sign in (", ", ",", " ", " > ", " → ", "->", "，", "、", "\n")]
        return [*joined, f"({'; '.join(value)})", f"[{','.join(value)}].", f" {', '.join(value)}, "]

    def junk(self) -> list[str]:
        short = [", ".join(self.value[:-1]), ", ".join(self.value[:1] * len(self.value))]
        return [*super().junk(), *(short if len(self.value) > 1 else ()), f"{', '.join(self.value)}, banana"]

    def wrong(self) -> list[str]:
        found = [self.value[::-1], *(_exchanged(self.value, a, b) for a, b in self.pairs()[:1])]
        if self.spare:
            found.append((self.spare[0], *self.value[1:]))
        judged = {order: self.judge(Reading(value=order)).verdict for order in found}
        return [", ".join(order) for order, verdict in judged.items() if verdict != "right"]


def _exchanged(order: tuple[str, ...], first: str, second: str) -> tuple[str, ...]:
    """The order with two ids in each other's place."""
    return tuple({first: second, second: first}.get(name, name) for name in order)
