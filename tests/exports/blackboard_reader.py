"""Reads Blackboard's tab-separated rows from the file alone, and marks responses by its rules."""

import re
from dataclasses import dataclass
from fractions import Fraction

from tests.exports.canvas_reader import require, text_of

TYPES = {"MC", "MA", "TF", "ESS", "ORD", "MAT", "FIB", "NUM"}
NUMERAL = re.compile(r"-?\d+(\.\d+)?\Z")


@dataclass
class Question:
    """One row: its type, its text, and the cells behind it."""

    kind: str
    html: str
    cells: list[str]

    @property
    def text(self) -> str:
        """The question without markup."""
        return text_of(self.html)

    @property
    def options(self) -> dict[str, bool]:
        """What is chosen from, without markup, and whether it is right."""
        return {text_of(cell): mark == "correct" for cell, mark in zip(self.cells[::2], self.cells[1::2], strict=True)}

    @property
    def pairs(self) -> dict[str, str]:
        """What goes with what."""
        return dict(zip(map(text_of, self.cells[::2]), map(text_of, self.cells[1::2]), strict=True))


def read(data: bytes) -> list[Question]:
    """The questions. Raises Broken."""
    text = data.decode("utf-8")
    require(not text.startswith("\ufeff") and text.endswith("\r\n"), "a mark before the first type, or no last end")
    return [_question(row) for row in text.removesuffix("\r\n").split("\r\n")]


def _question(row: str) -> Question:
    require("\n" not in row and "\r" not in row, "an end of line within a row")
    kind, html, *cells = row.split("\t")
    require(kind in TYPES, f"type {kind!r}")
    require(html and all(cells), "an empty cell")
    question = Question(kind, html, cells)
    match kind:
        case "MC" | "MA":
            require(set(cells[1::2]) <= {"correct", "incorrect"}, "marks in English")
            require(2 <= len(question.options) == len(cells) // 2 <= 100, "options that are the same, or too many")
            right = sum(question.options.values())
            require(right == 1 if kind == "MC" else right >= 1, "right options")
        case "NUM":
            require(1 <= len(cells) <= 2 and all(map(NUMERAL.match, cells)), f"numbers {cells}")
        case "MAT":
            require(2 <= len(set(question.pairs.values())) == len(cells) // 2, "pairs that are not one to one")
        case "ORD":
            require(2 <= len(set(cells)) == len(cells) <= 100, "things in order")
        case "FIB":
            require(1 <= len(cells) <= 100, "accepted texts")
        case "ESS":
            require(len(cells) <= 1, "more than an example")
    return question


def mark(question: Question, answer: object) -> Fraction:
    """The share of the points."""
    match question.kind:
        case "MC":
            return Fraction(question.options.get(str(answer), False))
        case "MA":
            return Fraction(answer == {text for text, right in question.options.items() if right})
        case "NUM":
            if not NUMERAL.match(str(answer)):
                return Fraction(0)
            value, tolerance = Fraction(question.cells[0]), Fraction((*question.cells[1:], "0")[0])
            return Fraction(abs(Fraction(str(answer)) - value) <= tolerance)
        case "FIB":
            return Fraction(str(answer).lower() in [cell.lower() for cell in question.cells])
        case "MAT":
            assert isinstance(answer, dict)
            right = sum(answer.get(left) == found for left, found in question.pairs.items())
            return Fraction(right, len(question.pairs))
        case "ORD":
            return Fraction(answer == [text_of(cell) for cell in question.cells])
    return Fraction(0)
