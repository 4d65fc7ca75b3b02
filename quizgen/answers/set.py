"""A set of integers; hits minus extras are credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import Unreadable, read_number, share, split
from quizgen.values import Key, Value, Verdict


class Set(Key, frozen=True, tag="set"):
    """``value`` in rising order; the order of an answer does not matter."""

    value: tuple[int, ...]

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key of a trace field."""
        return cls(value=tuple(sorted(set(value))))

    @property
    def right(self) -> tuple[int, ...]:
        return self.value

    def read(self, text: str) -> tuple[int, ...]:
        if text.strip() in ("{}", "∅"):
            return ()
        numbers = [(read_number(entry, offset), offset) for entry, offset in split(text, ("{}",))]
        for number, offset in numbers:
            if number.denominator != 1:
                raise Unreadable("not-an-integer", (offset, offset + 1))
        return tuple(sorted({number.numerator for number, _ in numbers}))

    def judge(self, value: Value) -> Verdict:
        answer, key = set(value), set(self.value)
        if answer == key:
            return share(1, 1)
        return share(max(0, min(len(answer & key) - len(answer - key), len(key) - 1)), max(len(key), 1))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "$\\{" + ", ".join(map(str, sorted(value))) + "\\}$" if value else r"$\emptyset$"

    def notations(self, value: Value) -> list[str]:
        typed = [str(entry) for entry in value]
        backwards = [*reversed(typed)]
        return [f"{{{', '.join(typed)}}}", f"{{{','.join(backwards)}}}"] + ([", ".join(typed)] if typed else ["∅"])

    def junk(self) -> list[str]:
        return [*super().junk(), "{1, banana}", "{1.5}"]
