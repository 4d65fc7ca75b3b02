"""All right ones among some options; hits minus extras are credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import overlap, read_ids
from quizgen.values import Key, Value, Verdict


class Multiple(Key, frozen=True, tag="multiple"):
    """``value`` is the ids of the right options, ``options`` all ids."""

    typed = False
    lists_options = True

    value: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def of(cls, value: Value, options: tuple[str, ...] = ()) -> Self:
        """The key for the ids of the right options, which are put in the order of ``options``."""
        if not value or not set(value) <= set(options):
            raise TypeError(f"expected some of {options}, got {value!r}")
        return cls(value=tuple(name for name in options if name in value), options=tuple(options))

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def read(self, text: str) -> tuple[str, ...]:
        ids = read_ids(text, self.options)
        return tuple(name for name in self.options if name in ids)

    def judge(self, value: Value) -> Verdict:
        return overlap(value, self.value)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"- {label(name)}" for name in value)

    def labels(self) -> tuple[str, ...]:
        return self.options

    def notations(self, value: Value) -> list[str]:
        return [", ".join(value), ",".join(reversed(value))]
