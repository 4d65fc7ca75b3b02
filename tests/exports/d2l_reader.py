"""Reads Brightspace's CSV of questions from the file alone, and marks responses by its rules."""

import csv
import io
from dataclasses import dataclass, field
from fractions import Fraction

from tests.exports.canvas_reader import _Text, require, text_of

TYPES = {"WR", "SA", "M", "MC", "TF", "MS", "O"}
ROWS = {
    "WR": {"AnswerKey"},
    "SA": {"Answer"},
    "M": {"Scoring", "Choice", "Match"},
    "MC": {"Option"},
    "MS": {"Scoring", "Option"},
    "O": {"Scoring", "Item"},
}
ONCE = ("Title", "QuestionText", "Points", "Difficulty")


@dataclass
class Question:
    """One question: its type, and its rows by their first cell."""

    kind: str
    rows: dict[str, list[list[str]]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The only row of a name."""
        ((value, *_),) = self.rows[name]
        return value

    @property
    def text(self) -> str:
        """The question without markup."""
        return text_of(self.one("QuestionText"))


def read(data: bytes) -> list[Question]:
    """The questions. Raises Broken."""
    text = data.decode("utf-8")
    require(text.startswith("\ufeff//"), "no mark of UTF-8, or a question in the first row")
    found: list[Question] = []
    for row in csv.reader(io.StringIO(text[1:], newline=""), strict=True):
        require(not any("\n" in cell for cell in row), "an end of line within a cell")
        if not row or row[0].startswith("//"):
            continue
        name, *cells = row
        if name == "NewQuestion":
            require(cells[0] in TYPES, f"type {cells[0]!r}")
            found.append(Question(cells[0]))
        else:
            found[-1].rows.setdefault(name, []).append(cells)
    for question in found:
        _check(question)
    return found


def _check(question: Question) -> None:
    rows = question.rows
    require(set(rows) <= {*ONCE, "Feedback", *ROWS[question.kind]}, f"rows {set(rows)}")
    require(all(len(rows.get(name, ())) == 1 for name in ONCE), "a row that is missing, or twice")
    require(Fraction(question.one("Points")) > 0 and 1 <= int(question.one("Difficulty")) <= 10, "numbers")
    for name, at in (("QuestionText", 0), ("Option", 1), ("Choice", 1), ("Match", 1), ("Item", 0), ("Feedback", 0)):
        for cells in rows.get(name, ()):
            require(cells[at] and cells[at + 1] == "HTML", f"{name} without text or mark")
            _Text(cells[at])
            if len(cells) > at + 2:
                require(name in ("Option", "Item") and cells[at + 3] == "HTML", "feedback")
    options = [int(cells[0]) for cells in rows.get("Option", ())]
    if question.kind == "MC":
        require(sorted(options)[-2:] == [0, 100] and set(options) == {0, 100}, f"options {options}")
    if question.kind == "MS":
        require(set(options) <= {0, 1} and 1 in options and question.one("Scoring") == "RightMinusWrong", "options")
    if question.kind == "M":
        left, right = ([cells[0] for cells in rows[name]] for name in ("Choice", "Match"))
        require(len(left) == len(set(left)) and sorted(left) == sorted(right), "pairs that are not one to one")


def texts(question: Question, name: str, at: int = 1) -> list[str]:
    """What rows show, without markup."""
    return [text_of(cells[at]) for cells in question.rows[name]]


def mark(question: Question, answer: object) -> Fraction:
    """The share of the points: answers are texts, sets or lists of texts, or pairs, without markup."""
    match question.kind:
        case "MC":
            shares = {text_of(cells[1]): Fraction(cells[0]) / 100 for cells in question.rows["Option"]}
            return shares.get(str(answer), Fraction(0))
        case "MS":
            assert isinstance(answer, set)
            options = {text_of(cells[1]): cells[0] == "1" for cells in question.rows["Option"]}
            count = sum(1 if options[text] else -1 for text in answer)
            return max(Fraction(count, sum(options.values())), Fraction(0))
        case "SA":
            accepted = {cells[1].lower(): Fraction(cells[0]) / 100 for cells in question.rows["Answer"]}
            return accepted.get(str(answer).lower(), Fraction(0))
        case "M":
            assert isinstance(answer, dict)
            left = {cells[0]: text_of(cells[1]) for cells in question.rows["Choice"]}
            right = {left[cells[0]]: text_of(cells[1]) for cells in question.rows["Match"]}
            return Fraction(sum(answer.get(name) == found for name, found in right.items()), len(right))
        case "O":
            return Fraction(answer == texts(question, "Item", 0))
    return Fraction(0)
