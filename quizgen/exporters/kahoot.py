"""Kahoot's spreadsheet: a question a row, with two to four answers, of which one or more are right.

Everything is plain text, a question of at most 120 and an answer of at most 75 characters; what is longer is refused
and never cut; only the item's code is left out where it would not fit. Rows and headings are those of Kahoot's own
template, letter by letter. The few parts of the file are written here: a workbook of plain text needs no library, and
the same questions are the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import ClassVar

from quizgen.exporters._archive import archive
from quizgen.exporters._lowering import Change, Refused
from quizgen.exporters._online import Choose, Question, Slot
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._words import plain
from quizgen.markup import Block, CodeBlock, Table
from quizgen.values import Task

ASKED, ANSWER = 120, 75
"""The most characters of a question and of an answer."""
FEWEST, MOST = 2, 4
"""How many answers a question has."""
TIMES = (5, 10, 20, 30, 60, 90, 120, 240)
"""The seconds that a question may be given."""
UNCODED = "the code at its end"
HEADER = 8
"""The row above the questions."""
COLUMNS = (
    "", f"Question - max {ASKED} characters", *(f"Answer {place} - max {ANSWER} characters" for place in range(1, 5)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs", "Correct answer(s) - choose at least one",
)  # fmt: skip


class Kahoot(Platform):
    """Kahoot's ``.xlsx``."""

    suffix = ".xlsx"
    tells_key: ClassVar[bool] = True
    feedback: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    carries: ClassVar[frozenset[str]] = frozenset({"choose", "multiple"})

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        asked, changes = super().made(task, slot, number)
        text = self._cells(asked)[0]  # what does not fit is refused before a byte is written
        (part,) = task.item.parts
        kind = type(part.key).__name__.lower()
        lost = ["the points and the worked solution"] if self.settings.practice else ["the points"]
        lost += ["credit for some of the right answers"] if kind == "multiple" else []
        lost += [UNCODED] if self.settings.codes and not text.endswith(_coded(asked)) else []
        return asked, (*changes, *(Change(part.name, kind, kind, what) for what in lost))

    def write(self, question: Question) -> Entry:
        return Entry(
            slot=question.slot.number,
            id=question.id,
            code=question.code,
            text=b"",
            more={"cells": self._cells(question)},
        )

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield from archive([*PARTS, ("xl/worksheets/sheet1.xml", _sheet(entries))])

    def _cells(self, question: Question) -> list[str]:
        """Question, four answers, seconds and the numbers of the right answers. Raises Refused."""
        where = f"{question.family} {question.code}"
        (field,) = question.fields
        assert isinstance(field.interaction, Choose)
        if any(isinstance(block, Table | CodeBlock) for block in _blocks(question)):
            raise Refused("a table, or code, where Kahoot has one line", where)
        options = [plain(option.words) for option in field.interaction.options]
        asked = " ".join(filter(None, (plain(question.prompt), plain(field.ask))))
        coded = f"{asked} {_coded(question)}" if self.settings.codes else asked
        asked = coded if _length(coded) <= ASKED else asked
        _fits(asked, ASKED, "a question", where)
        for option in options:
            _fits(option, ANSWER, "an answer", where)
        if not FEWEST <= len(options) <= MOST:
            raise Refused(f"{len(options)} answers, where Kahoot has {FEWEST} to {MOST}", where)
        if len(set(options)) < len(options):
            raise Refused("answers that read the same as plain text", where)
        right = [str(place) for place, option in enumerate(field.interaction.options, 1) if option.right]
        return [asked, *options, *[""] * (MOST - len(options)), str(_seconds(question.minutes)), ",".join(right)]


def _blocks(question: Question) -> Iterator[Block]:
    """What the question is made of."""
    for said in (question.prompt, *(field.ask for field in question.fields)):
        for document in (said or {}).values():
            yield from document.blocks


def _coded(question: Question) -> str:
    return f"[{question.code}]"


def _length(text: str) -> int:
    """The characters of a text as JavaScript counts them."""
    return len(text.encode("utf-16-le")) // 2


def _fits(text: str, most: int, what: str, where: str) -> None:
    """Raises Refused for a text that is too long, or blank."""
    length = _length(text)
    if length > most:
        raise Refused(f"{what} of {length} characters, where Kahoot has at most {most}", where)
    if not text:
        raise Refused(f"{what} without a word", where)


def _seconds(minutes: int) -> int:
    """The shortest time limit that is enough, or the longest there is."""
    return next((seconds for seconds in TIMES if seconds >= minutes * 60), TIMES[-1])


# The workbook: the parts that Office Open XML asks for.

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINKS = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"

PARTS: Sequence[tuple[str, bytes]] = tuple(
    (name, (_HEAD + text).encode())
    for name, text in {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/>'
        '</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill '
        'patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/>'
        '</border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }.items()
)


def _sheet(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The sheet, row by row."""
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
    yield _row(2, ["", "Quiz template"])
    yield _row(HEADER, COLUMNS)
    for number, entry in enumerate(entries, HEADER + 1):
        yield _row(number, [str(number - HEADER), *entry.more["cells"]])
    yield b"</sheetData></worksheet>"


def _row(number: int, cells: Sequence[str]) -> bytes:
    """A row; the first column, the seconds and a single right answer are numbers."""
    found = "".join(
        _cell(f"{'ABCDEFGH'[place]}{number}", text, place in (0, 6, 7)) for place, text in enumerate(cells) if text
    )
    return f'<row r="{number}">{found}</row>'.encode()


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def _cell(place: str, text: str, numeric: bool) -> str:
    """A number, or text as it is, never a formula."""
    if numeric and text.isdecimal():
        return f'<c r="{place}"><v>{text}</v></c>'
    shown = escape(_ESCAPE.sub("_x005F_", _UNPRINTABLE.sub("", text)), quote=False)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
