"""Reads a roster: a CSV file with the columns ``id`` and ``name``, one student a row."""

import csv
import io
import re

from quizgen import markup
from quizgen.errors import InputError, MarkupError
from quizgen.values import Struct

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Student(Struct, frozen=True):
    """One row: ``id`` names the student's files; ``row`` is the line in the roster, which messages name."""

    id: str
    name: str
    row: int


def decode(data: bytes, name: str) -> str:
    """The text of a roster in UTF-8, with or without a mark, or in GB18030, which Chinese office programs write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("expected CSV text in UTF-8 or GB18030", name)


def parse(text: str, name: str) -> tuple[Student, ...]:
    """The students in ``text``; ``name`` is the file that messages name."""
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
    columns = [column.strip() for column in reader.fieldnames or () if column]
    for wanted in ("id", "name"):
        if wanted not in columns:
            raise InputError(
                f"expected the columns id, name; {wanted!r} is missing (found: {', '.join(columns) or 'none'})", name
            )
        if columns.count(wanted) > 1:
            raise InputError(f"expected one column {wanted!r}, found {columns.count(wanted)}", name)
    students: dict[str, Student] = {}  # by their ids in small letters, as file systems see them
    try:
        for row in reader:
            student = _student({(key or "").strip(): value for key, value in row.items()}, name, reader.line_num)
            same = students.get(student.id.lower())
            if same is not None:
                raise InputError(
                    f"the id {student.id!r} already stands in row {same.row} (ids become file names)",
                    f"{name}, row {student.row}",
                )
            students[student.id.lower()] = student
    except csv.Error as error:
        raise InputError(f"this is not CSV: {error}", f"{name}, row {reader.line_num}") from error
    if not students:
        raise InputError("expected at least one student", name)
    return tuple(students.values())


def _student(row: dict[str, object], name: str, number: int) -> Student:
    where = f"{name}, row {number}"
    identity, full = str(row.get("id") or "").strip(), str(row.get("name") or "").strip()
    if not _ID.fullmatch(identity):
        raise InputError(f"expected 1 to 64 letters, digits, _ or -, got {identity!r}", f"{where}, id")
    if re.fullmatch(r"CON|PRN|AUX|NUL|(COM|LPT)[0-9]", identity, re.IGNORECASE):
        raise InputError(f"{identity!r} is not a file name on every system", f"{where}, id")
    if not full:
        raise InputError("expected a name", f"{where}, name")
    if len(full) > 120:
        raise InputError(f"expected at most 120 characters, got {len(full)}", f"{where}, name")
    try:
        return Student(id=identity, name=markup.clean(full), row=number)
    except MarkupError as error:
        raise InputError(error.message, f"{where}, name") from error
