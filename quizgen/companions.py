"""The files beside an export: a table that says what each code stands for, and how the file is imported.

Reports of platforms give back little but the text of a question, in which its code stands; the table leads from the
code to the item, its parameters and its key, and a later export leaves out what has not changed since.
"""

import csv
import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from quizgen.bank import installed
from quizgen.blueprint import load
from quizgen.errors import InputError
from quizgen.exporters._answers import answer, decimal
from quizgen.exporters._online import Question
from quizgen.exporters._words import plain
from quizgen.exporters.csv import BOM, line
from quizgen.values import Item, Struct, to_json

ITEMS = ".items.csv"
GUIDES = "guides"
GENERAL = "general"


class Row(Struct, frozen=True):
    """One question of an export. ``text`` is the hash of its words as plain text, ``content`` of all that it says."""

    code: str
    item: str
    slot: str
    name: str
    family: str
    parameters: str
    key: str
    text: str
    content: str


def row(question: Question, item: Item) -> Row:
    """The row of a question that was made of ``item``."""
    return Row(
        code=question.code,
        item=question.id,
        slot=question.slot.title,
        name=question.name,
        family=question.family,
        parameters=to_json(item.parameters).decode(),
        key=" | ".join(map(answer, question.fields)),
        text=_hash(plain(question.prompt).encode()),
        content=_hash(_ENCODER.encode((question.prompt, question.fields, question.steps, question.right))),
    )


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


_ENCODER = msgspec.json.Encoder(enc_hook=str)


def header() -> bytes:
    """The beginning of the table."""
    return BOM + line(Row.__struct_fields__)


def written(entry: Row) -> bytes:
    """A row as a line of the table."""
    return line(msgspec.structs.astuple(entry))


def read(path: Path) -> dict[tuple[str, str], Row]:
    """The rows of a table by item and code. Raises InputError for a file that is none."""
    try:
        rows = list(csv.reader(io.StringIO(load(path).decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"expected a table that an export wrote beside its file: {error}", str(path)) from error
    if not rows or tuple(rows[0]) != Row.__struct_fields__:
        raise InputError(f"expected a table with the columns {', '.join(Row.__struct_fields__)}", str(path))
    found = {}
    for number, cells in enumerate(rows[1:], 2):
        if len(cells) != len(rows[0]):
            raise InputError(f"expected {len(rows[0])} cells, got {len(cells)}", f"{path}, row {number}")
        entry = Row(**dict(zip(rows[0], map(_unquoted, cells), strict=True)))
        found[entry.item, entry.code] = entry
    return found


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=@\t\r+-") else cell


Rows = Mapping[tuple[str, str], Row]
"""Rows by item and code."""


def gone(old: Rows, now: Rows) -> list[Row]:
    """The rows of an earlier export whose questions are no longer asked, or no longer so: to be hidden there."""
    return [entry for identity, entry in old.items() if now.get(identity) != entry]


def guide(form: str, locale: str, told: Mapping[str, Any]) -> bytes:
    """How a file of this format is imported, in Markdown; ``told`` is what the export says of itself."""
    folder = installed()[1] / "exports" / GUIDES
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    environment.filters["decimal"] = decimal
    names = [f"{form}.{locale}.md.j2", f"{GENERAL}.{locale}.md.j2"]
    return environment.select_template(names).render(told).encode()
