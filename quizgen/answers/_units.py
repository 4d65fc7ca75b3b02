"""What may stand behind a number: a unit, a percent sign, a suffix such as ``M`` or ``万``.

It is found from the end of the text, before the number is read, as a unit may have any name: ``px``, ``m/s^2``, ``张``.
LaTeX that only sets it off is read through: ``12\\,\\text{px}``, ``12\\ \\mathrm{m/s^{2}}``, ``90\\%``.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from quizgen.notation.characters import SUPERSCRIPTS, same

SUFFIXES = {
    "k": 3, "K": 3, "M": 6, "G": 9, "B": 9, "T": 12, "P": 15, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7,
    "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12,
}  # fmt: skip
"""What a suffix multiplies by, as a power of ten."""

_FONTS = "text|textrm|textup|textnormal|mathrm|mathit|mathsf|mathbf|mathord|operatorname|mbox|rm"
_WRAPPED = re.compile(rf"(\\(?:{_FONTS}) ?\{{)([^{{}}]*(?:\^\{{[^{{}}]*\}}[^{{}}]*)?)(\}})")
_DELIMITED = re.compile(r"( *)(\$\$?|\\\(|\\\[)(.*?)(\$\$?|\\\)|\\\])( *)", re.DOTALL)
_PIECE = re.compile(
    r"(?P<blank>[ \n~$]+|\\[,;:!> ]|\\q?quad\b|\\thinspace\b)|(?P<dot>\\cdot\b|[*·])|(?P<percent>\\%)"
    rf"|(?P<raised>[{''.join(SUPERSCRIPTS)}])|(?P<group>\^ ?\{{ ?[+-]?\d{{1,3}} ?\}})|."
)


class Ending(NamedTuple):
    """What multiplies a number, from ``start`` to ``end`` of the text; ``name`` as the key spells it."""

    name: str
    factor: Fraction
    start: int
    end: int


class _Line(NamedTuple):
    """A text without blanks; its character n stood from ``starts[n]`` to ``ends[n]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def opened(text: str) -> str:
    r"""``text``, of the same length, with blanks for the dollars around it and for the LaTeX of words within it."""
    text = same(text)
    if match := _DELIMITED.fullmatch(text):
        before, dollar, inner, closing, after = match.groups()
        text = before + " " * len(dollar) + inner + " " * len(closing) + after
    return _WRAPPED.sub(lambda match: f"{' ' * len(match[1])}{match[2]} ", text)


def ending(text: str, factors: Mapping[str, Fraction], suffixes: bool) -> Ending | None:
    """The unit, the suffix, or the suffix with a unit, that ends an :func:`opened` text; the longest that fits."""
    line = _line(text)
    for spelled, (name, factor) in _endings(tuple(factors.items()), suffixes).items():
        if line.text.endswith(spelled) and (start := _start(line, spelled)):
            return Ending(name, factor, line.ends[start - 1], line.ends[-1])
    return None


def words(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what might be meant as a unit at the end of an :func:`opened` text: what follows its last digit."""
    line = _line(text)
    start = max((place + 1 for place, character in enumerate(line.text) if character in "0123456789)}!"), default=0)
    if 0 < start < len(line.text) and line.text[start] not in "+-/^_=,.;:|!'":
        yield line.starts[start], line.ends[-1]


@lru_cache(maxsize=256)
def _endings(factors: tuple[tuple[str, Fraction], ...], suffixes: bool) -> dict[str, tuple[str, Fraction]]:
    """Every ending, spelled without blanks, with its name and its factor; the longest first."""
    found = {_line(opened(name)).text: (name, factor) for name, factor in factors}
    if suffixes:
        units = [("", "", Fraction(1)), *((spelled, *meaning) for spelled, meaning in found.items())]
        for suffix, exponent in SUFFIXES.items():
            for spelled, name, factor in units:
                found.setdefault(suffix + spelled, (f"{suffix} {name}".strip(), factor * 10**exponent))
    return {spelled: found[spelled] for spelled in sorted(found, key=len, reverse=True) if spelled}


def _start(line: _Line, spelled: str) -> int:
    """Where an ending begins; 0 if nothing stands before it, or if it is the tail of a longer word or number."""
    start = len(line.text) - len(spelled)
    if start <= 0:
        return 0
    before, first = line.text[start - 1], line.text[start]
    touches = line.ends[start - 1] == line.starts[start]
    is_tail = before.isalpha() and first.isalpha() and before.isascii() == first.isascii()
    splits = first.isdecimal() and before in "0123456789."
    return 0 if (touches and is_tail) or splits else start


def _line(text: str) -> _Line:
    """``text`` without blanks, with one spelling for powers and dots."""
    shown: list[tuple[str, int, int]] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        match match.lastgroup:
            case "blank":
                piece = ""
            case "dot":
                piece = "·"
            case "percent":
                piece = "%"
            case "raised":
                follows = bool(shown) and shown[-1][1] == match.start() - 1 and text[match.start() - 1] in SUPERSCRIPTS
                piece = SUPERSCRIPTS[piece] if follows else "^" + SUPERSCRIPTS[piece]
            case "group":
                piece = piece.translate({ord(sign): None for sign in "{} +"})
        shown += [(character, match.start(), match.end()) for character in piece]
    return _Line(
        "".join(character for character, _, _ in shown),
        tuple(start for _, start, _ in shown),
        tuple(end for _, _, end in shown),
    )
