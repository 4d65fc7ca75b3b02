"""A plain table, one row a question: code, item, slot, prompt, options, answer and solution as text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar

from quizgen.exporters._answers import answer, decimal, options
from quizgen.exporters._online import Question, Said
from quizgen.exporters._platform import Entry, Platform
from quizgen.renderers import text

COLUMNS = (
    "code", "item", "slot", "name", "family", "level", "points", "minutes", "prompt", "options", "answer", "solution",
)  # fmt: skip
BOM = b"\xef\xbb\xbf"
"""By which spreadsheets know UTF-8."""
_RUN = re.compile(r"[=@\t\r]|[+-](?![\d.]+( ±.*)?$)")
"""How a cell begins that a spreadsheet would run."""


class Csv(Platform):
    """For spreadsheets: UTF-8 with a byte order mark, as they expect it."""

    suffix = ".csv"
    tells_key = True
    carries = frozenset(
        {"choose", "multiple", "numeric", "cells", "short", "match", "order", "formula", "essay", "parts"}
    )
    feedback: ClassVar[bool] = False
    draws: ClassVar[bool] = False

    def write(self, question: Question) -> Entry:
        fields = question.fields
        row = (
            question.code, question.id, question.slot.title, question.name, question.family, question.level,
            decimal(question.points), question.minutes, _text(question.prompt, *(field.ask for field in fields)),
            " | ".join("; ".join(options(field)) for field in fields), " | ".join(map(answer, fields)),
            _text(question.steps, *(field.steps for field in fields)) if self.settings.practice else "",
        )  # fmt: skip
        return Entry(slot=question.slot.number, id=question.id, code=question.code, text=line(row))

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield BOM + line(COLUMNS)
        yield from (entry.text for entry in entries)


def line(cells: Iterable[object]) -> bytes:
    """A row of a table; what a spreadsheet would run as a formula stands behind an apostrophe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(f"'{cell}" if _RUN.match(str(cell)) else cell for cell in cells)
    return out.getvalue().encode()


def _text(*said: Said | None) -> str:
    """Words in lines as they are, formulas in Unicode; language after language, each once if they are the same."""
    found = (dict.fromkeys(text.render(document).strip() for document in words.values()) for words in said if words)
    return "\n\n".join(filter(None, chain.from_iterable(found)))
