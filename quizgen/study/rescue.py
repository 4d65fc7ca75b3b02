"""What can still be read of a damaged SQLite file of learners.

The file is never written to: a copy is read, row by row, so that a broken page costs the rows on it and no other. Where
its first page is gone, that of a new file stands in: the same tables are always laid out alike.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

PAGE = 4096
"""Bytes of a page of our files."""

PAGES = 28
"""Where a file says how many pages it has, which must be true for any of them to be read."""

ROW = 50
"""Bytes that the shortest row takes."""


class Table(NamedTuple):
    """A table, and what its columns that are read must be."""

    name: str
    kinds: tuple[type, ...]


LEARNER = Table("learner", (int, bytes))
ANSWER = Table("answer", (int, bytes))
NOTE = Table("note", (int, bytes, bytes))
ABOUT = Table("about", (bytes, bytes))

BROKEN = (sqlite3.DatabaseError, UnicodeError)
"""What a damaged file raises; what it says may itself be no text."""

SIGNS = (b"SQLite format 3\0", b'"unit":"')
"""What a file of ours has in it, whatever else is gone."""


def is_ours(file: Path) -> bool:
    """Whether a file that cannot be opened looks like one of ours, and not like something given by mistake."""
    try:
        data = file.read_bytes()
    except OSError:
        return False
    return any(sign in data for sign in SIGNS)


def set_aside(file: Path) -> Path:
    """Moves a file and its log to the first free name beside it, such as ``study.db.damaged-1``."""
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    for end in ("", "-wal"):
        if file.with_name(file.name + end).exists():
            file.with_name(file.name + end).rename(aside.with_name(aside.name + end))
    file.with_name(file.name + "-shm").unlink(missing_ok=True)  # the index of the log, made anew from it
    return aside


@dataclass(frozen=True)
class Found:
    """What can be read: learners by number, answers and notes with the number of their learner, the rest by key."""

    learners: Mapping[int, str]
    answers: Sequence[tuple[int, bytes]]
    notes: Sequence[tuple[int, str, str]]
    about: Sequence[tuple[str, str]]

    @property
    def size(self) -> tuple[int, int]:
        """How much that is: answers count most."""
        return len(self.answers), len(self.learners) + len(self.notes) + len(self.about)


def read(file: Path, first_page: bytes) -> Found:
    """Everything that can be read, as it is or with another first page."""
    found = []
    for page in (b"", first_page):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.db"
            for end in ("", "-wal"):
                if file.with_name(file.name + end).exists():
                    shutil.copyfile(file.with_name(file.name + end), copy.with_name(copy.name + end))
            with copy.open("r+b") as data:
                data.write(page)
                data.seek(PAGES)
                data.write((copy.stat().st_size // PAGE).to_bytes(4, "big"))
            found.append(_read(copy))
    return max(found, key=lambda one: one.size)


def _read(file: Path) -> Found:
    with closing(sqlite3.connect(file)) as database:
        database.text_factory = bytes
        most = file.stat().st_size // ROW
        learners = {
            number: name.decode(errors="replace") for number, name in _rows(database, "id, name", LEARNER, most)
        }
        answers = list(_rows(database, "learner, answer", ANSWER, most))
        notes = list(_rows(database, "learner, key, value", NOTE, most))
        about = list(_rows(database, "key, value", ABOUT, most))
    owners = {owner for owner, *_ in (*answers, *notes)}
    return Found(
        learners={owner: learners.get(owner, f"learner {owner}") for owner in sorted(owners | set(learners))},
        answers=answers,
        notes=[(owner, key, text) for owner, *rest in notes for key, text in _texts(rest)],
        about=[pair for row in about for pair in _texts(row)],
    )


def _texts(row: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    """Key and value as text; nothing if they are none any more."""
    with suppress(UnicodeDecodeError):
        key, value = (cell.decode() for cell in row)
        yield key, value


def _rows(database: sqlite3.Connection, columns: str, table: Table, most: int) -> Iterator[tuple[Any, ...]]:
    """Some columns of every row that can be read; there are ``most`` at most."""
    for number in range(1, _last(database, table.name, most) + 1):
        try:
            row = database.execute(f"SELECT {columns} FROM {table.name} WHERE rowid = ?", (number,)).fetchone()
        except BROKEN:
            continue
        if row is not None and all(isinstance(cell, kind) for cell, kind in zip(row, table.kinds, strict=True)):
            yield row


def _last(database: sqlite3.Connection, table: str, most: int) -> int:
    """The highest number of a row; ``most`` where that cannot be told, 0 without the table."""
    try:
        database.execute(f"SELECT 1 FROM {table} WHERE rowid = 1").fetchone()
        return min(int(database.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0), most)
    except sqlite3.OperationalError:
        return 0
    except BROKEN:
        return most
