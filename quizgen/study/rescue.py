"""What can still be read of a damaged SQLite file of learners.

The file is never written to: a copy is read, row by row, so that a broken page costs the rows on it and no other. Where
its first page is gone, that of a new file stands in: the same tables are always laid out alike.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

PAGE = 4096
"""Bytes of a page of our files."""

PAGES = 28
"""Where a file says how many pages it has, which must be true for any of them to be read."""

ROW = 50
"""Bytes that the shortest row takes."""

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


def answers(file: Path, first_page: bytes) -> list[tuple[str, bytes]]:
    """Name of the learner and answer, as text, for every answer that can be read."""
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
    return max(found, key=len)


def _read(file: Path) -> list[tuple[str, bytes]]:
    with closing(sqlite3.connect(file)) as database:
        database.text_factory = bytes
        most = file.stat().st_size // ROW
        names = {number: name.decode(errors="replace") for number, name in _rows(database, "id, name", "learner", most)}
        rows = _rows(database, "learner, answer", "answer", most)
        return [(names.get(learner, f"learner {learner}"), text) for learner, text in rows]


def _rows(database: sqlite3.Connection, columns: str, table: str, most: int) -> Iterator[tuple[int, bytes]]:
    """Two columns of every row that can be read; there are ``most`` at most."""
    for number in range(1, _last(database, table, most) + 1):
        try:
            row = database.execute(f"SELECT {columns} FROM {table} WHERE id = ?", (number,)).fetchone()
        except BROKEN:
            continue
        if row is not None and isinstance(row[0], int) and isinstance(row[1], bytes):
            yield row


def _last(database: sqlite3.Connection, table: str, most: int) -> int:
    """The highest number of a row; ``most`` where that cannot be told, 0 without the table."""
    try:
        database.execute(f"SELECT 1 FROM {table} WHERE id = 1").fetchone()
        return min(int(database.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0), most)
    except sqlite3.OperationalError:
        return 0
    except BROKEN:
        return most
