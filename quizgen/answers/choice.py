"""One of some options that are put into words by a template or by the author of the question."""

from collections.abc import Callable
from typing import Self

from quizgen.answers._credit import RIGHT, WRONG
from quizgen.answers._ids import Reader, check_ids, latex_text
from quizgen.notation import Unreadable
from quizgen.values import Key, Reading, Value, Verdict

TRUTH = {
    "true": "true t yes y correct right ✓ ✔ √ ☑ 对 是 真 正确 对的 是的 真的 正确的 没错",
    "false": "false f no n incorrect wrong × ✗ ✘ ☒ 错 否 假 错误 不对 不是 错的 假的 错误的 不正确",
}
"""The words for the options ``true`` and ``false``."""

_MEANING = {word: option for option, words in TRUTH.items() for word in words.split()}


class Choice(Key, frozen=True, tag="choice"):
    """``value`` is the id of the right option, ``options`` all ids.

    With ``truth`` the options are ``true`` and ``false``, and words such as "yes", "F" or "对" stand for them. Options
    that are ``ordered``, such as numbers of lines, are not shuffled on paper.
    """

    typed = False
    online = ("choose",)
    lists_options = True

    value: str
    options: tuple[str, ...]
    truth: bool = False
    ordered: bool = False

    def __post_init__(self) -> None:
        check_ids(self.options)
        if self.truth and set(self.options) != set(TRUTH):
            raise TypeError(f"expected the options true and false, as truth is asked, got {self.options}")
        if self.value not in self.options:
            raise TypeError(f"expected one of {self.options}, got {self.value!r}")

    @classmethod
    def of(cls, value: Value, options: tuple[str, ...] = (), truth: bool = False, ordered: bool = False) -> Self:
        """The key for the id of the right option, one of ``options``; with ``truth``, they are known, and bools do."""
        if truth:
            value, options = str(value).lower(), options or tuple(TRUTH)
        return cls(value=value, options=tuple(options), truth=truth, ordered=ordered)

    @property
    def right(self) -> str:
        return self.value

    def read(self, text: str) -> Reading:
        name = self._truth(text) or self._option(text)
        return Reading(value=name, parsed=latex_text(name))

    def judge(self, reading: Reading) -> Verdict:
        return RIGHT if reading.value == self.value else WRONG

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return label(value)

    def labels(self) -> tuple[str, ...]:
        return self.options

    def notations(self, value: Value) -> list[str]:
        typed = [value, f" {value} ", f"{value}.", f"({value})", f'"{value}"', f"{value}。"]
        return [*typed, *TRUTH[value].split(), value.upper()] if self.truth else typed

    def junk(self) -> list[str]:
        return [*super().junk(), ", ".join(self.options[:2]) if len(self.options) > 1 else "banana"]

    def wrong(self) -> list[str]:
        return [name for name in self.options if name != self.value]

    def _option(self, text: str) -> str:
        """The one option that the answer names. Raises Unreadable."""
        (name, _), *more = Reader(text).ids(self.options)
        if more:
            raise Unreadable("choose-one", more[0][1])
        return name

    def _truth(self, text: str) -> str | None:
        """What a word for true or false means; None for any other, and where words are not asked for."""
        if not self.truth:
            return None
        word = text.strip()
        return _MEANING.get(word) or _MEANING.get(Reader(text).whole.casefold())
