"""All right ones among some options; hits minus extras are credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import read_ids, share
from quizgen.values import Key, Value, Verdict


class Multiple(Key, frozen=True, tag="multiple"):
    """``value`` is the ids of the right options, ``options`` all ids."""

    typed = False
    lists_options = True

    value: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def of(cls, value: Value, options: tuple[str, ...] = ()) -> Self:
        """The key of a trace field; the ids are put in the order of ``options``."""
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
        answer, key = set(value), set(self.value)
        if answer == key:
            return share(1, 1)
        return share(max(0, min(len(answer & key) - len(answer - key), len(key) - 1)), len(key))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"- {label(name)}" for name in value)

    def labels(self) -> tuple[str, ...]:
        return self.options

    def notations(self, value: Value) -> list[str]:
        return [", ".join(value), ",".join(reversed(value))]
