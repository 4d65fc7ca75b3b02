"""Reads the spreadsheets that Kahoot imports, by the rules of its template, and marks responses."""

import zipfile
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
HEADER = 8
HEADINGS = {
    "B": "Question - max 120 characters",
    "C": "Answer 1 - max 75 characters",
    "D": "Answer 2 - max 75 characters",
    "E": "Answer 3 - max 75 characters",
    "F": "Answer 4 - max 75 characters",
    "G": "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "H": "Correct answer(s) - choose at least one",
}
"""What stands in the header, in Kahoot's own template; one of the dashes is another."""
SECONDS = ("5", "10", "20", "30", "60", "90", "120", "240")


@dataclass
class Question:
    """A row."""

    text: str
    answers: list[str]
    seconds: int
    right: set[int]


def require(condition: object, message: str) -> None:
    """What the importer or a rule of ours asks for."""
    if not condition:
        raise AssertionError(message)


def read(data: bytes) -> list[Question]:
    """The questions of a file."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        require({info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "times")
        files = {name: archive.read(name) for name in archive.namelist()}
    _check_parts(files)
    rows = _rows(files["xl/worksheets/sheet1.xml"])
    header = rows[HEADER]
    require(header == HEADINGS, f"the header {header}")
    numbers = sorted(number for number in rows if number > HEADER)
    require(numbers == list(range(HEADER + 1, HEADER + 1 + len(numbers))), "empty rows")
    return [_question(number - HEADER, rows[number]) for number in numbers]


def _check_parts(files: dict[str, bytes]) -> None:
    """Every part has a type, and every relationship leads to one."""
    types = ElementTree.fromstring(files["[Content_Types].xml"])
    parts = {str(node.get("PartName")).removeprefix("/") for node in types.iter(f"{TYPES}Override")}
    endings = {str(node.get("Extension")) for node in types.iter(f"{TYPES}Default")}
    require(parts <= set(files), f"parts that are not there: {parts - set(files)}")
    require(all(name in parts or name.rpartition(".")[2] in endings for name in files), "parts without a type")
    for name, folder in (("_rels/.rels", ""), ("xl/_rels/workbook.xml.rels", "xl/")):
        for node in ElementTree.fromstring(files[name]).iter(f"{RELATIONS}Relationship"):
            require(f"{folder}{node.get('Target')}" in files, f"no {node.get('Target')}")


def _rows(data: bytes) -> dict[int, dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for row in ElementTree.fromstring(data).iter(f"{MAIN}row"):
        number = int(row.get("r", "0"))
        cells: dict[str, str] = {}
        for cell in row.iter(f"{MAIN}c"):
            place = cell.get("r", "")
            require(place[1:] == str(number) and not cell.findall(f"{MAIN}f"), "a cell out of place, or a formula")
            text = cell.find(f"{MAIN}is/{MAIN}t") if cell.get("t") == "inlineStr" else cell.find(f"{MAIN}v")
            require(text is not None and text.text, "an empty cell")
            cells[place[0]] = str(text.text if text is not None else "").replace("_x005F_", "_")
        require(list(cells) == sorted(cells), "cells out of order")
        rows[number] = cells
    return rows


def _question(number: int, cells: dict[str, str]) -> Question:
    require(cells["A"] == str(number), "the number of a row")
    answers = [cells[column] for column in "CDEF" if column in cells]
    require(len(answers) >= 2 and [column in cells for column in "CDEF"[: len(answers)]], "answers")
    require(0 < _length(cells["B"]) <= 120, "the length of a question")
    require(all(0 < _length(answer) <= 75 for answer in answers), "the length of an answer")
    require(cells["G"] in SECONDS, f"{cells['G']} seconds")
    right = {int(place) for place in cells["H"].split(",")}
    require(right and right <= set(range(1, len(answers) + 1)), "right answers that are not there")
    require(len(set(answers)) == len(answers), "an answer twice")
    return Question(cells["B"], answers, int(cells["G"]), right)


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def mark(question: Question, chosen: set[str]) -> Fraction:
    """Kahoot gives points for exactly the right answers (one is enough where one is right), else none."""
    return Fraction({question.answers.index(answer) + 1 for answer in chosen} == question.right)
