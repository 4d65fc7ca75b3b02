"""What the kinds share: exact numbers as an author writes them, labels before an answer, and verdicts."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from quizgen.expr import latex_number
from quizgen.notation import Token, Unreadable
from quizgen.notation.vocabulary import flat, spelled
from quizgen.values import Value, Verdict

__all__ = [
    "RIGHT", "WRONG", "Unreadable", "after_label", "overlap", "read_number", "share", "show_number", "type_number",
]  # fmt: skip

_MAX_DIGITS = 60
_NUMBER = re.compile(r"\s*(?P<sign>[+\-−]?)\s*(?P<digits>\d+(?:\.\d+)?|\.\d+)\s*(?:/\s*(?P<below>\d+)\s*)?", re.ASCII)


def read_number(text: str, offset: int = 0) -> Fraction:
    """An exact rational from ``-3``, ``0.125`` or ``3/7`` and nothing else; ``offset`` is where ``text`` stands."""
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


def after_label(found: tuple[Token, ...], label: str) -> tuple[Token, ...]:
    """The tokens behind ``label =``, ``label:`` or ``label ≈``; all of them without one, or if the key names no label.

    Raises Unreadable("unexpected-label") for another label.
    """
    signs = (place for place, token in enumerate(found) if token.kind == "op" and token.text in ("=", "≈", ":"))
    place = next(signs, 0) if label else 0
    if place == 0:
        return found
    if flat(token.text for token in found[:place]) != spelled(label).replace("_", ""):
        raise Unreadable("unexpected-label", (found[0].start, found[place - 1].end))
    return found[place + 1 :]


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
