"""Nothing that is typed does harm: no code runs, nothing takes long or much memory, nothing false passes for right.

The rows stand in ``tests/corpus/hostile.py``. They are graded in a process of their own, under watch.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers
from tests.corpus import hostile
from tests.fuzz import answers as fuzz

ROOT = Path(__file__).parents[1]
SLOWEST = 1.0  # CPU seconds of one verdict
NORMAL = 0.02  # seconds on the clock that half of them stay under
MEMORY = 300  # MiB
STREAM = 20  # seconds for all lines of the stream together
GOOD = b'{"key": {"kind": "integer", "value": 12}, "response": "12"}'


class Graded(NamedTuple):
    """What became of the rows, and the peak of memory in MiB."""

    rows: list[dict[str, Any]]
    peak: float
    left: list[Path]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """All rows, graded one after another in a folder of their own."""
    folder = tmp_path_factory.mktemp("hostile")
    ran = subprocess.run(
        [sys.executable, "-m", hostile.__name__],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    lines = ran.stdout.splitlines()
    assert ran.returncode == 0, f"{ran.stderr[-2000:]}\nafter {lines[-1] if lines else 'nothing'}"
    *rows, last = lines
    return Graded(
        [json.loads(case) | json.loads(became) for case, became in (row.split("\t") for row in rows)],
        json.loads(last)["peak"],
        list(folder.iterdir()),
    )


def told(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Some rows in words."""
    return [f"{row['key']}: {row['typed']}, {row['why']}: {row['error'] or row['verdict']}" for row in rows]


def test_every_row_gets_a_verdict(graded: Graded) -> None:
    assert len(graded.rows) == len(list(hostile.cases()))
    assert told(row for row in graded.rows if row["verdict"] is None) == []


def test_nothing_is_done(graded: Graded) -> None:
    assert told(row for row in graded.rows if row["events"]) == []
    assert graded.left == []


def test_nothing_is_right(graded: Graded) -> None:
    allowed = {"partial", "wrong", "invalid"}
    assert told(row for row in graded.rows if row["verdict"] and row["verdict"]["verdict"] not in allowed) == []


def test_nothing_takes_long(graded: Graded) -> None:
    assert told(row for row in graded.rows if row["seconds"] > SLOWEST) == []
    assert median(row["waited"] for row in graded.rows) < NORMAL


def test_nothing_takes_much_memory(graded: Graded) -> None:
    assert graded.peak < MEMORY


def test_an_invalid_answer_says_where(graded: Graded) -> None:
    rows = [row for row in graded.rows if row["verdict"] and row["verdict"]["verdict"] == "invalid"]
    assert told(row for row in rows if not row["verdict"]["notes"]) == []
    assert told(row for row in rows if not row["verdict"]["span"]) == []
    for row in rows:
        start, end = row["verdict"]["span"]
        assert 0 <= start <= end <= row["length"], row


def test_what_was_understood_can_be_printed(graded: Graded) -> None:
    for parsed in {row["verdict"]["parsed"] for row in graded.rows if row["verdict"]}:
        assert fuzz.printable(parsed), parsed


@pytest.mark.parametrize("row", hostile.LIMITS, ids=lambda row: row.text)
def test_limits_are_still_limits(row: hostile.Row) -> None:
    """One that has become wrong belongs to the other rows."""
    assert answers.grade(hostile.key(row.key), row.typed).verdict == "right"


def test_nothing_stops_the_stream() -> None:
    """Every line gets one, and none that is hostile changes what becomes of the next."""
    sent = [part for line in hostile.STREAM for part in (line.sent, GOOD)]
    start = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "quizgen", "grade-answer", "--stream"],
        cwd=ROOT,
        input=b"\n".join(sent) + b"\n",
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in ran.stderr
    assert time.monotonic() - start < STREAM
    replies = [json.loads(reply) for reply in ran.stdout.splitlines()]
    assert len(replies) == len(sent), ran.stderr[-2000:]
    assert [reply.get("verdict") for reply in replies[1::2]] == ["right"] * len(hostile.STREAM)
    bad = zip(hostile.STREAM, replies[::2], strict=True)
    assert [line.why for line, reply in bad if reply.get("verdict") in ("right", "partial")] == []


@pytest.mark.parametrize("data", list(fuzz.found()), ids=repr)
def test_what_the_fuzzer_found_stays_mended(data: bytes) -> None:
    fuzz.check(data)


@given(st.sampled_from(list(hostile.KEYS)), st.lists(st.sampled_from(fuzz.pieces()) | st.characters()).map("".join))
def test_any_text_gets_a_verdict(name: str, text: str) -> None:
    fuzz.check(fuzz.encoded(name, text))


@given(st.binary())
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    fuzz.check(data)
