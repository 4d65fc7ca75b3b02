"""Text in the columns of a terminal: wrapped between words and between Chinese characters, lists indented."""

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

_MARK = re.compile(r" *(?:\d+\. |- )?")
_PIECE = re.compile(r"\s*\S+")
_STICKS = frozenset("，。、；：？！）》」』”’…—％")
"""Chinese signs that do not begin a line."""


def mark(line: str) -> str:
    """The indentation of a line, with what marks it as an entry of a list."""
    match = _MARK.match(line)
    return match[0] if match else ""


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text, each at most ``width`` columns wide; what is wrapped keeps its indentation."""
    for line in text.splitlines() or [""]:
        before = mark(line)
        yield from hanging(before, line[len(before) :], width)


def hanging(before: str, line: str, width: int) -> Iterator[str]:
    """One line, with ``before`` at its start and blanks below it."""
    room = max(10, width - cell_len(before))
    for start, row in enumerate(_rows(line, room)):
        yield ((" " * cell_len(before) if start else before) + row).rstrip()


def _rows(line: str, room: int) -> Iterator[str]:
    row = ""
    for piece in _pieces(line, room):
        if row and cell_len(row + piece.rstrip()) > room:
            yield row
            row = piece.lstrip()
        else:
            row += piece
    yield row


def _pieces(line: str, room: int) -> Iterator[str]:
    """What is not broken at the end of a line: words, Chinese characters with the sign behind them."""
    for match in _PIECE.finditer(line):
        piece = ""
        for sign in match[0]:
            is_between = bool(piece.strip()) and sign not in _STICKS and (_is_wide(sign) or _is_wide(piece[-1]))
            if is_between or cell_len(piece + sign) > room:  # or a word that fits into no line
                yield piece
                piece = ""
            piece += sign
        yield piece


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
