"""Verdicts in words, per locale: ``templates/verdicts/<locale>.toml``, and the place that a verdict is about."""

import unicodedata
from functools import lru_cache
from typing import Any

import msgspec

from quizgen.errors import MarkupError, UnknownName
from quizgen.markup import Math, math
from quizgen.renderers import text, ui
from quizgen.values import Verdict

WIDTH = 72
"""Columns of a terminal that are used to show a place."""
LONGEST = 40
"""The most characters of an answer that are repeated within a sentence."""

NAMELESS = {"Cc": "control character", "Cs": "half of a surrogate pair", "Cn": "unassigned", "Co": "private use"}
"""What a character without a name is called, by its category."""


@lru_cache
def phrases(locale: str) -> dict[str, dict[str, str]]:
    """The words of one locale: of verdicts, of what makes an answer invalid, of notes. Raises UnknownName."""
    folder = ui.templates() / "verdicts"
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if locale not in known:
        raise UnknownName.among("locale", locale, known)
    table: dict[str, dict[str, str]] = msgspec.toml.decode((folder / f"{locale}.toml").read_bytes())
    return table


def headline(verdict: Verdict, locale: str) -> str:
    """The verdict itself in one sentence."""
    return phrases(locale)["verdicts"][verdict.verdict].format(credit=verdict.credit)


def understood(verdict: Verdict, locale: str) -> str:
    """What was understood, in one sentence, the formula in Unicode; none if nothing was."""
    if not verdict.parsed:
        return ""
    try:
        parsed = text.inlines((Math(tex=math.check(verdict.parsed)),))
    except MarkupError:  # more than the table of formulas allows, such as words in Chinese
        parsed = verdict.parsed
    return phrases(locale)["verdicts"]["understood"].format(parsed=parsed)


def say(verdict: Verdict, typed: str, locale: str) -> str:
    """One sentence or two for every note of the verdict on what was typed; none for no notes."""
    words = phrases(locale)["invalid" if verdict.verdict == "invalid" else "notes"]
    values = _values(typed, verdict.span)
    said = " ".join(words.get(note, note).format_map(values) for note in verdict.notes)
    return said.replace("。 ", "。").replace("？ ", "？")


def caret(typed: str, span: tuple[int, int]) -> str:
    """Two lines: what was typed, or the part of it around ``span``, and carets under the span.

    A tab or a line break is shown as a blank or as ⏎, what cannot be seen as �, and a wide character has two carets.
    """
    low = max(0, span[0] - 2 * WIDTH)
    near = typed[low : span[0] + 2 * WIDTH]
    start, end = min(span[0] - low, len(near)), min(span[1] - low, len(near))
    shown = [_shown(character) for character in near]
    first, last = _window([_width(sign) for sign in shown], start)
    before = ("…" if low + first else "") + "".join(shown[first:start])
    marked = "".join(shown[start : min(end, last)])
    after = "".join(shown[min(end, last) : last]) + ("…" if low + last < len(typed) else "")
    return f"{before}{marked}{after}\n{' ' * _columns(before)}{'^' * max(1, _columns(marked))}"


def _values(typed: str, span: tuple[int, int] | None) -> dict[str, Any]:
    start, end = span or (0, len(typed))
    place = typed[start:end]
    cut = place if len(place) <= LONGEST else f"{place[:LONGEST]}…"
    return {
        "text": "".join(map(_shown, cut)).strip() or "…",
        "character": describe(place[:1]),
        "limit": start,
    }


def describe(character: str) -> str:
    """A character by its number and name, and itself where it can be seen: ``а (U+0430 CYRILLIC SMALL LETTER A)``."""
    if not character:
        return "…"
    nameless = NAMELESS.get(unicodedata.category(character), "no name")
    title = f"U+{ord(character):04X} {unicodedata.name(character, nameless)}"
    return f"{character} ({title})" if _is_seen(character) and _width(character) else title


def _is_seen(character: str) -> bool:
    return character.isprintable() and unicodedata.category(character) not in ("Cf", "Zs")


def _shown(character: str) -> str:
    """What stands for a character on a terminal, on one line."""
    if character in "\n\r":
        return "⏎"
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    return character if _is_seen(character) else "�"


def _width(character: str) -> int:
    """The columns that a character takes on a terminal."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _columns(text: str) -> int:
    return sum(map(_width, text))


def _window(widths: list[int], start: int) -> tuple[int, int]:
    """The first character to show and the one after the last: all if they fit, else as many as do around ``start``."""
    if sum(widths) <= WIDTH:
        return 0, len(widths)
    room = WIDTH - 2  # for the dots at the ends
    first = start - _reach(widths[:start][::-1], room // 2)
    last = first + _reach(widths[first:], room)
    if last == len(widths):
        first = last - _reach(widths[::-1], room)
    return first, last


def _reach(widths: list[int], room: int) -> int:
    """How many characters fit into ``room`` columns."""
    for count, width in enumerate(widths):
        room -= width
        if room < 0:
            return count
    return len(widths)
