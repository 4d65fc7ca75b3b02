"""Words: one of some accepted strings, typing errors allowed if the key says so."""

import re
import unicodedata
from collections.abc import Callable
from typing import ClassVar, Self

from quizgen.answers._credit import RIGHT, WRONG
from quizgen.answers._ids import latex_text
from quizgen.notation import Unreadable
from quizgen.notation.characters import same
from quizgen.values import Key, Reading, Value, Verdict

MOST = 5
"""The most typing errors that a key can allow."""

_QUOTES = str.maketrans("", "", "'\"`‘’“”«»「」『』《》")
_HYPHEN = re.compile(r"(?<=\w)[-_]+(?=\w)")
_ARTICLE = re.compile(r"(?:the|an?)(?= [^\W\d_]{3})", re.IGNORECASE)
_HAN = "\u3400-\u9fff"
_BLANK_AT_HAN = re.compile(f"(?<=[{_HAN}]) | (?=[{_HAN}])")
_LATIN = re.compile("[a-zß-öø-ÿ ]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>$&~|#]|^[-+=]|(?<=^\d)[.)]")


class Text(Key, frozen=True, tag="text"):
    """``value`` is the accepted strings, of which the first is shown; ``never`` strings that must not be accepted.

    ``distance`` typing errors are allowed (a letter or blank too many, missing, another one, or two exchanged), but
    fewer than a quarter of the letters; never in the first character, in digits, in signs or in Chinese, where one
    character is the difference between two answers. With ``case`` capitals matter, and must be right.
    """

    worded = True
    limit: ClassVar[int] = 400

    value: tuple[str, ...]
    distance: int = 0
    never: tuple[str, ...] = ()
    case: bool = False

    def __post_init__(self) -> None:
        if not self.value or not all(normal(string, self.case) for string in self.value):
            raise TypeError(f"expected at least one string, none of them empty, got {self.value!r}")
        if not 0 <= self.distance <= MOST:
            raise TypeError(f"expected a distance from 0 to {MOST}, got {self.distance}")

    @classmethod
    def of(cls, value: Value, distance: int = 0, never: tuple[str, ...] = (), case: bool = False) -> Self:
        """The key for one accepted string, or for several."""
        accepted = (value,) if isinstance(value, str) else value
        if not isinstance(accepted, tuple) or not all(isinstance(string, str) for string in accepted):
            raise TypeError(f"expected a string or several, got {value!r}")
        return cls(value=accepted, distance=distance, never=tuple(never), case=case)

    @property
    def right(self) -> tuple[str, ...]:
        return self.value

    def read(self, text: str) -> Reading:
        value = normal(text, self.case)
        if not value:
            raise Unreadable("empty", (0, len(text)))
        return Reading(value=value, parsed=latex_text(" ".join(text.split())))

    def judge(self, reading: Reading) -> Verdict:
        errors = min((self._errors(reading.value, string) for string in self.value), key=_or_infinity)
        if errors is None or self._is_never(reading.value, errors):
            return WRONG
        return Verdict(verdict="right", credit=RIGHT.credit, notes=("spelling",)) if errors else RIGHT

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return _MARKDOWN.sub(r"\\\g<0>", value if isinstance(value, str) else value[0])

    def notations(self, value: Value) -> list[str]:
        accepted = (value,) if isinstance(value, str) else value
        typed = [form for string in accepted for form in (string, f" {string} ", f"{string}.", f'"{string}"')]
        wide = ["".join(chr(ord(sign) + 0xFEE0) if "!" < sign <= "~" else sign for sign in accepted[0])]
        return [*typed, *wide, *(() if self.case else (accepted[0].upper(), accepted[0].title()))]

    def junk(self) -> list[str]:
        return ["", " ", ".", '""', "\u3000"]

    def wrong(self) -> list[str]:
        return ["banana", "?", *self.never]

    def _errors(self, text: str, accepted: str) -> int | None:
        """How many typing errors away from an accepted string; None for too many."""
        wanted = normal(accepted, self.case)
        if text == wanted:
            return 0
        allowed = min(self.distance, (len(wanted) - 1) // 4)  # none in four letters: ReLU and SELU are two things
        if not allowed or text[0] != wanted[0] or _LATIN.sub("", text) != _LATIN.sub("", wanted):
            return None
        return typing_errors(text, wanted, allowed)

    def _is_never(self, text: str, errors: int) -> bool:
        """Whether a string that must not be accepted is as near as that."""
        refused = (normal(string, self.case) for string in self.never)
        return any(typing_errors(text, string, errors) is not None for string in refused)


def normal(text: str, case: bool = False) -> str:
    """``text`` as it is compared: without quotation marks, articles and a full stop, and small unless ``case``."""
    plain = unicodedata.normalize("NFC", same(text)).translate(_QUOTES)
    plain = " ".join(_HYPHEN.sub(" ", " ".join(plain.split())).rstrip(". ").split())
    plain = _BLANK_AT_HAN.sub("", _without_article(plain))
    return plain if case else plain.casefold()


def _without_article(text: str) -> str:
    match = _ARTICLE.match(text)
    return text[match.end() + 1 :] if match else text


def typing_errors(a: str, b: str, most: int) -> int | None:
    """Edits of ``a`` into ``b``; None if more than ``most``.

    An edit inserts, drops or replaces a character or exchanges two neighbours (optimal string alignment). Only the band
    of ``most`` around the diagonal is computed, so the time is of the order of len(a) · most.
    """
    if abs(len(a) - len(b)) > most:
        return None
    before: dict[int, int] = {}
    last = {j: j for j in range(min(most, len(b)) + 1)}
    for i, letter in enumerate(a, 1):
        row = {0: i} if i <= most else {}
        for j in range(max(1, i - most), min(len(b), i + most) + 1):
            steps = [last.get(j - 1, most) + (letter != b[j - 1]), last.get(j, most) + 1, row.get(j - 1, most) + 1]
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == b[j - 1]:
                steps.append(before.get(j - 2, most) + 1)
            row[j] = min(steps)
        if min(row.values(), default=most + 1) > most:
            return None
        before, last = last, row
    errors = last.get(len(b), most + 1)
    return errors if errors <= most else None


def _or_infinity(errors: int | None) -> float:
    return float("inf") if errors is None else errors
