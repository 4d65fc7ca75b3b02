"""The corpus: what students type, row by row, and what must come of it.

``tests/corpus`` has one table for every kind of answer, made to be read. Columns are separated by tabs:

- key: JSON as ``docs/answers.md`` describes it, or ``"`` for the key of the row above;
- response: as typed; a JSON string if it begins with a double quote, for what a table cannot hold otherwise;
- expected: ``right``, ``partial 2/3``, ``wrong``, ``invalid`` or ``ungraded``, then a note if one must be there;
  ``limit`` in front marks what the checker does although one would wish for something else;
- why.

Blank lines and lines that begin with ``#`` are comments.
"""

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import jsonschema
import msgspec
import pytest

from quizgen import answers, schema
from quizgen.errors import InputError
from quizgen.values import Key, exact, plain

FOLDER = Path(__file__).parent / "corpus"
EXPECTED = re.compile(
    r"(?P<limit>limit )?(?P<verdict>right|wrong|invalid|ungraded|partial (?P<credit>[1-9]\d*/[1-9]\d*))"
    r"(?: (?P<note>[a-z0-9]+(?:-[a-z0-9]+)*))?"
)
PARTIAL = {"number", "fraction", "vector", "matrix", "set", "interval", "ordering", "multiple", "matching"}
"""Kinds that give part of the credit."""


class Row(NamedTuple):
    """One line of a table."""

    kind: str
    line: int
    key: str
    response: str
    verdict: str
    credit: Fraction
    note: str
    limit: bool

    @property
    def name(self) -> str:
        """Where the row stands."""
        return f"{self.kind}:{self.line}"


def read_table(path: Path) -> list[Row]:
    """The rows of one table. Raises ValueError, which names file and line, for a damaged one."""
    rows: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            rows.append(read_row(path.stem, number, line, rows[-1].key if rows else ""))
        except ValueError as error:
            raise ValueError(f"{path.name}:{number}: {error}") from error
    return rows


def read_row(kind: str, number: int, line: str, above: str) -> Row:
    """One row; ``above`` is the key of the row before it. Raises ValueError."""
    cells = line.split("\t")
    if len(cells) != 4:
        raise ValueError(f"expected 4 columns, got {len(cells)}")
    key, response, expected, why = cells
    if key == '"':
        key = above
    if not key.startswith("{"):
        raise ValueError(f"expected a key as JSON, got {key!r}")
    match = EXPECTED.fullmatch(expected)
    if match is None:
        raise ValueError(f"expected a verdict, got {expected!r}")
    if not why.strip():
        raise ValueError("it does not say why")
    if response.startswith('"'):
        response = msgspec.json.decode(response, type=str)
    verdict = match["verdict"].split()[0]
    credit = Fraction(match["credit"] or verdict == "right")
    return Row(kind, number, key, response, verdict, credit, match["note"] or "", bool(match["limit"]))


def read_key(row: Row) -> Key:
    """The key of a row. Fails with the row's place if it is damaged."""
    try:
        data = exact(msgspec.json.decode(row.key))
        key = answers.read_key(data, row.name)
    except (msgspec.DecodeError, InputError) as error:
        pytest.fail(f"{row.name}: {error}")
    assert data["kind"] == row.kind, f"{row.name}: a key of another kind"
    return key


TABLES = {path.stem: read_table(path) for path in sorted(FOLDER.glob("*.tsv"))}
ROWS = [row for rows in TABLES.values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row: Row) -> None:
    verdict = answers.grade(read_key(row), row.response)
    assert (verdict.verdict, verdict.credit) == (row.verdict, row.credit), f"{row.response!r}: {verdict}"
    assert not row.note or row.note in verdict.notes, f"{row.response!r}: {verdict}"
    assert verdict.parsed or row.verdict in ("invalid", "ungraded"), f"{row.response!r}: nothing understood"
    assert row.verdict != "invalid" or (verdict.notes and verdict.span is not None), f"{row.response!r}: {verdict}"


KEYS = list({row.key: row for row in reversed(ROWS)}.values())
KEY = jsonschema.Draft202012Validator(schema.item() | {"$ref": "#/$defs/key"})


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.name)
def test_keys_fit_the_schema_and_come_back_from_json(row: Row) -> None:
    key = read_key(row)
    data = plain(key)
    KEY.validate(data)
    assert answers.read_key(exact(data)) == key
    assert answers.key_from_json(msgspec.json.encode(data)) == key


def test_every_kind_has_its_table() -> None:
    assert set(TABLES) == set(answers.kinds())


def test_there_are_enough_rows() -> None:
    assert len(ROWS) >= 600
    assert len(TABLES["formula"]) >= 300


def test_few_rows_are_limits() -> None:
    limits = Counter(row.kind for row in ROWS if row.limit)
    assert limits.total() <= len(ROWS) // 50, limits


@pytest.mark.parametrize("kind", TABLES)
def test_every_verdict_occurs(kind: str) -> None:
    found = {row.verdict for row in TABLES[kind]}
    if kind == "written":
        assert found == {"ungraded"}
    else:
        assert found == {"right", "wrong", "invalid"} | ({"partial"} if kind in PARTIAL else set())


def test_no_row_stands_twice() -> None:
    seen = Counter((row.key, row.response) for row in ROWS)
    assert not [place for place, times in seen.items() if times > 1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"kind": "integer", "value": 1}\t1\tright', "expected 4 columns, got 3"),
        ('{"kind": "integer", "value": 1}\t1\tcorrect\tsame', "expected a verdict, got 'correct'"),
        ('{"kind": "integer", "value": 1}\t1\tpartial\tsame', "expected a verdict, got 'partial'"),
        ('{"kind": "integer", "value": 1}\t1\tright\t', "it does not say why"),
        ('"\t1\tright\tsame', "expected a key as JSON, got ''"),
        ('{"kind": "integer", "value": 1}\t"1\tright\tsame', "JSON is malformed|Input data was truncated"),
    ],
)
def test_a_damaged_row_is_named(tmp_path: Path, line: str, message: str) -> None:
    table = tmp_path / "integer.tsv"
    table.write_text(f"# comment\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^integer\.tsv:3: (?:{message})"):
        read_table(table)
