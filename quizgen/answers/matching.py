"""Things on the left, each of which goes with one on the right; the share of right pairs is credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import Unreadable, share, split
from quizgen.values import Key, Value, Verdict


class Matching(Key, frozen=True, tag="matching"):
    """``value`` is pairs (left id, right id); ``spare`` are right ids that go with none."""

    typed = False
    choosable = False

    value: tuple[tuple[str, str], ...]
    spare: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Value, spare: tuple[str, ...] = ()) -> Self:
        """The key for pairs (left id, right id)."""
        return cls(value=tuple((left, right) for left, right in value), spare=spare)

    @property
    def right(self) -> tuple[tuple[str, str], ...]:
        return self.value

    def lefts(self) -> tuple[str, ...]:
        """The ids on the left, in the order printed."""
        return tuple(left for left, _ in self.value)

    def rights(self) -> tuple[str, ...]:
        """The ids on the right, each once."""
        return tuple(dict.fromkeys([*(right for _, right in self.value), *self.spare]))

    def read(self, text: str) -> tuple[tuple[str, str], ...]:
        pairs = {}
        for entry, offset in split(text, ("{}",)):
            left, equals, right = (piece.strip() for piece in entry.partition("="))
            if not equals or left not in self.lefts() or right not in self.rights() or left in pairs:
                raise Unreadable("not-a-pair", (offset, offset + len(entry)))
            pairs[left] = right
        if len(pairs) != len(self.value):
            raise Unreadable("not-each-once", (0, len(text)))
        return tuple((left, pairs[left]) for left in self.lefts())

    def judge(self, value: Value) -> Verdict:
        return share(len(set(value) & set(self.value)), len(self.value))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"- {label(left)} → {label(right)}" for left, right in value)

    def labels(self) -> tuple[str, ...]:
        return (*self.lefts(), *self.rights())

    def notations(self, value: Value) -> list[str]:
        typed = [f"{left}={right}" for left, right in value]
        return [", ".join(typed), "; ".join(reversed(typed))]

    def junk(self) -> list[str]:
        return [*super().junk(), f"{self.lefts()[0]}={self.rights()[0]}" if len(self.value) > 1 else "="]
