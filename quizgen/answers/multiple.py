"""All right ones among some options; hits minus extras are credited."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._credit import overlap
from quizgen.answers._ids import check_ids, latex_ids, read_each_once
from quizgen.notation.characters import same
from quizgen.values import Key, Reading, Value, Verdict

NOTHING = frozenset({"∅", "{}", "\\{\\}", "\\emptyset", "none", "无"})
"""What says that no option is right."""


class Multiple(Key, frozen=True, tag="multiple"):
    """``value`` is the ids of the right options, ``options`` all ids."""

    typed = False
    online = ("multiple",)
    lists_options = True

    value: tuple[str, ...]
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        check_ids(self.options)
        if not set(self.value) <= set(self.options):
            raise TypeError(f"expected some of {self.options}, got {self.value!r}")

    @classmethod
    def of(cls, value: Value, options: tuple[str, ...] = ()) -> Self:
        """The key for the ids of the right options, which are put in the order of ``options``."""
        if not value or not set(value) <= set(options):
            raise TypeError(f"expected some of {options}, got {value!r}")
        return cls(value=tuple(name for name in options if name in value), options=tuple(options))

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def read(self, text: str) -> Reading:
        ids = () if self._is_nothing(text) else read_each_once(text, self.options)
        chosen = tuple(name for name in self.options if name in ids)
        return Reading(value=chosen, parsed=latex_ids(chosen))

    def judge(self, reading: Reading) -> Verdict:
        return overlap(reading.value, self.value)

    def near(self, reading: Reading) -> tuple[str, ...]:
        answer, key = set(reading.value), set(self.value)
        if not answer & key:
            return ()
        return ("missing",) * bool(key - answer) + ("extra",) * bool(answer - key)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"- {label(name)}" for name in value)

    def labels(self) -> tuple[str, ...]:
        return self.options

    def notations(self, value: Value) -> list[str]:
        if not value:
            return ["∅", "{}", "none"]
        joined = [sign.join(value) for sign in (", ", " ", "; ", "、", "，", " and ", " & ", "和", "\n")]
        return [*joined, ",".join(reversed(value)), f"{{{', '.join(value)}}}", f"({'; '.join(value)})."]

    def junk(self) -> list[str]:
        return [*super().junk(), ", ".join([*self.options, "banana"]), ", ".join(self.options[:1] * 2)]

    def wrong(self) -> list[str]:
        others = [name for name in self.options if name not in self.value]
        answers = [self.value[:-1], tuple(others), (*self.value, *others[:1])]
        return [", ".join(chosen) for chosen in dict.fromkeys(answers) if chosen and chosen != self.value]

    def _is_nothing(self, text: str) -> bool:
        word = same(text).casefold()
        return "".join(word.split()) in NOTHING and word.strip() not in self.options
