"""A plain table, one row a question: code, item, slot, prompt, options, answer and solution as text."""

import csv
import io
from collections.abc import Iterator
from typing import ClassVar

from quizgen.exporters._online import Choose, Essay, Field, Match, Numeric, Order, Question, Short
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._words import plain

COLUMNS = ("code", "item", "slot", "family", "level", "points", "prompt", "options", "answer", "solution")


class Csv(Platform):
    """For spreadsheets: UTF-8 with a byte order mark, as they expect it."""

    suffix = ".csv"
    tells_key = True
    carries = frozenset({"choose", "multiple", "numeric", "short", "match", "order", "essay", "parts"})
    feedback: ClassVar[bool] = False

    def write(self, question: Question) -> Entry:
        row = (
            question.code, question.id, question.slot.title, question.family, question.level, question.points,
            plain(question.prompt), " | ".join(_options(field) for field in question.fields),
            " | ".join(_answer(field) for field in question.fields), plain(question.steps),
        )  # fmt: skip
        return Entry(slot=question.slot.number, id=question.id, code=question.code, text=_line(row))

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield b"\xef\xbb\xbf" + _line(COLUMNS)
        yield from (entry.text for entry in entries)


def _line(cells: tuple[object, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _options(field: Field) -> str:
    match field.interaction:
        case Choose(options):
            return "; ".join(plain(option.words) for option in options)
        case Match(lefts, rights):
            return "; ".join(map(plain, (*lefts, *rights)))
        case Order(things):
            return "; ".join(map(plain, things))
    return ""


def _answer(field: Field) -> str:
    match field.interaction:
        case Choose(options):
            return "; ".join(plain(option.words) for option in options if option.right)
        case Numeric(value, tolerance):
            return f"{float(value):g}" if not tolerance else f"{float(value):g} ± {float(tolerance):g}"
        case Short(accepted):
            return accepted[0]
        case Match(lefts, rights, pairs):
            return "; ".join(f"{plain(left)} = {plain(rights[at])}" for left, at in zip(lefts, pairs, strict=True))
        case Order(things, right):
            return "; ".join(plain(things[place]) for place in right)
        case Essay(rubric):
            return "; ".join(f"{line.points}: {plain(line.words)}" for line in rubric)
    return ""
