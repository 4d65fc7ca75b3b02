"""A set of integers; hits minus extras are credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import Unreadable, overlap, read_number, split
from quizgen.values import Key, Value, Verdict


class Set(Key, frozen=True, tag="set"):
    """``value`` in rising order; the order of an answer does not matter."""

    value: tuple[int, ...]

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key for integers in any order."""
        return cls(value=tuple(sorted(set(value))))

    @property
    def right(self) -> tuple[int, ...]:
        return self.value

    def read(self, text: str) -> tuple[int, ...]:
        if text.strip() in ("{}", "∅"):
            return ()
        found = set()
        for entry, offset in split(text, ("{}",)):
            number = read_number(entry, offset)
            if number.denominator != 1:
                raise Unreadable("not-an-integer", (offset, offset + len(entry)))
            found.add(number.numerator)
        return tuple(sorted(found))

    def judge(self, value: Value) -> Verdict:
        return overlap(value, self.value)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "$\\{" + ", ".join(map(str, sorted(value))) + "\\}$" if value else r"$\emptyset$"

    def notations(self, value: Value) -> list[str]:
        typed = [str(entry) for entry in value]
        backwards = [*reversed(typed)]
        return [f"{{{', '.join(typed)}}}", f"{{{','.join(backwards)}}}"] + ([", ".join(typed)] if typed else ["∅"])

    def junk(self) -> list[str]:
        return [*super().junk(), "{1, banana}", "{1.5}"]
