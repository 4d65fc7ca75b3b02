"""What the kinds share: reading exact numbers and lists strictly, writing numbers and verdicts.

Accepted: digits with an optional sign and decimal point, a fraction of two integers, brackets and commas. Everything
else is unreadable, with the place where reading stopped. Nothing is ever evaluated.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from quizgen.expr import latex_number
from quizgen.values import Value, Verdict

MAX_LENGTH = 4000
_MAX_DIGITS = 60
_NUMBER = re.compile(r"\s*(?P<sign>[+\-−]?)\s*(?P<digits>\d+(?:\.\d+)?|\.\d+)\s*(?:/\s*(?P<below>\d+)\s*)?", re.ASCII)


class Unreadable(Exception):
    """Text that is no answer of the kind asked for: a stable code, and the span that could not be read."""

    def __init__(self, code: str, span: tuple[int, int]) -> None:
        super().__init__(code, span)
        self.code = code
        self.span = span


def read_number(text: str, offset: int = 0) -> Fraction:
    """An exact rational from ``-3``, ``0.125`` or ``3/7``; ``offset`` is where ``text`` stands in the whole answer."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Unreadable("not-a-number", (offset, offset + len(text)))
    if len(text.strip()) > _MAX_DIGITS:
        raise Unreadable("too-many-digits", (offset, offset + len(text)))
    below = int(match["below"] or 1)
    if not below or (match["below"] and "." in match["digits"]):
        raise Unreadable("not-a-fraction", (offset, offset + len(text)))
    value = Fraction(match["digits"]) / below
    return -value if match["sign"] in ("-", "−") else value


def split(text: str, brackets: tuple[str, ...] = ("()", "[]", "{}"), separators: str = ",;") -> list[tuple[str, int]]:
    """The entries of a list with their offsets; one pair of ``brackets`` around all of them may be left out."""
    inner, offset = text, 0
    stripped = text.strip()
    for pair in brackets:
        if len(stripped) >= 2 and stripped[0] == pair[0] and stripped[-1] == pair[1]:
            offset = text.index(stripped) + 1
            inner = stripped[1:-1]
            break
    entries, start = [], 0
    for position, character in enumerate(inner + separators[0]):
        if character in separators:
            entries.append((inner[start:position], offset + start))
            start = position + 1
    return entries


def read_ids(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Ids separated by commas, each one of ``known``."""
    ids = []
    for entry, offset in split(text):
        if entry.strip() not in known:
            raise Unreadable("unknown-name", (offset, offset + len(entry)))
        ids.append(entry.strip())
    return tuple(ids)


def show_number(value: int | Fraction | Decimal, unit: str) -> str:
    """A number as Markdown, with its unit if it has one."""
    return f"${latex_number(value)}$" + (f"\N{NO-BREAK SPACE}{unit}" if unit else "")


def type_number(value: int | Fraction | Decimal) -> str:
    """A number as it is typed: ``-3``, ``3/7``, ``0.125``."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


RIGHT = Verdict(verdict="right", credit=Fraction(1))
WRONG = Verdict(verdict="wrong")


def share(right: int, of: int) -> Verdict:
    """The verdict for ``right`` things out of ``of``."""
    if right >= of:
        return RIGHT
    return Verdict(verdict="partial", credit=Fraction(right, of)) if right > 0 else WRONG


def overlap(chosen: Iterable[Value], right: Iterable[Value]) -> Verdict:
    """The verdict for a selection: what is right in it minus what is not, out of all that is right."""
    answer, key = set(chosen), set(right)
    if answer == key:
        return RIGHT
    return share(len(answer & key) - len(answer - key), max(len(key), 1))
