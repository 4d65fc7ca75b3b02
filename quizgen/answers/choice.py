"""One of some options that are put into words by a template or by the author of the question."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._reading import RIGHT, WRONG, Unreadable
from quizgen.values import Key, Value, Verdict


class Choice(Key, frozen=True, tag="choice"):
    """``value`` is the id of the right option, ``options`` all ids."""

    typed = False
    lists_options = True

    value: str
    options: tuple[str, ...]

    @classmethod
    def of(cls, value: Value, options: tuple[str, ...] = ()) -> Self:
        """The key for the id of the right option, one of ``options``."""
        if value not in options:
            raise TypeError(f"expected one of {options}, got {value!r}")
        return cls(value=value, options=tuple(options))

    @property
    def right(self) -> str:
        return self.value

    def read(self, text: str) -> str:
        if text.strip() not in self.options:
            raise Unreadable("unknown-name", (0, len(text)))
        return text.strip()

    def judge(self, value: Value) -> Verdict:
        return RIGHT if value == self.value else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return label(value)

    def labels(self) -> tuple[str, ...]:
        return self.options

    def notations(self, value: Value) -> list[str]:
        return [value, f" {value} "]
