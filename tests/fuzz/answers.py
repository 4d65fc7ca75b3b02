"""What must hold for any bytes at all that are typed as an answer: the property that the fuzzer tries to break.

``python -m tests.fuzz`` searches for bytes that break it; ``tests/test_hostile.py`` holds it to what was found before.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import process_time

from quizgen import answers
from quizgen.markup import math
from quizgen.values import Key, Verdict
from tests.corpus import hostile

FOUND = Path(__file__).parent / "found.jsonl"
DICTIONARY = Path(__file__).parent / "answers.dict"
SECONDS = 1.0  # CPU time of one verdict
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
READ_BACK = ("integer", "number", "fraction", "vector", "matrix", "set", "interval", "formula", "distribution")
"""Kinds whose ``parsed`` can be typed as an answer again."""


@cache
def keys() -> list[Key]:
    """The keys, in the order in which the first byte of an input counts them."""
    return [hostile.key(name) for name in hostile.KEYS]


def check(data: bytes) -> None:
    """Grade ``data[1:]`` with the key that ``data[0]`` names. Raises AssertionError for a verdict that cannot be."""
    if not data:
        return
    key = keys()[data[0] % len(keys())]
    text = data[1:].decode("utf-8", "surrogateescape")
    start = process_time()
    verdict = answers.grade(key, text)
    seconds = process_time() - start
    assert seconds < SECONDS, f"{seconds:.2f} s"
    well_formed(verdict, text)
    reads_back(key, verdict)


def well_formed(verdict: Verdict, text: str) -> None:
    """A verdict agrees with its credit, names what it notes, and points into the text."""
    least, most = {"right": (1, 1), "partial": (0, 1), "wrong": (0, 0), "invalid": (0, 0)}[verdict.verdict]
    assert least <= verdict.credit <= most, verdict
    assert verdict.verdict != "partial" or 0 < verdict.credit < 1, verdict
    assert all(map(CODE.fullmatch, verdict.notes)), verdict
    if verdict.verdict == "invalid":
        assert verdict.notes, verdict
        assert verdict.span, verdict
    if verdict.span:
        assert 0 <= verdict.span[0] <= verdict.span[1] <= len(text), verdict
    assert printable(verdict.parsed), verdict


def printable(tex: str) -> bool:
    """Whether LaTeX may stand on a page; what is only too long or too deep for one may."""
    try:
        math.check(tex)
    except math.FormulaError as error:
        return "nested more than" in str(error) or len(tex) > math.LONGEST
    return True


def reads_back(key: Key, verdict: Verdict) -> None:
    """What was understood, typed as it is shown, is understood in the same way, unless that takes too much room."""
    if verdict.verdict == "invalid" or kind(key) not in READ_BACK:
        return
    again = answers.grade(key, verdict.parsed)
    if again.verdict == "invalid" and again.notes[0].startswith("too-"):
        return
    assert again.verdict == verdict.verdict, (verdict, again)
    assert again.credit == verdict.credit, (verdict, again)


def kind(key: Key) -> str:
    return str(key.__struct_config__.tag)


def encoded(name: str, text: str) -> bytes:
    """One answer to the key of a name, as ``check`` takes it."""
    return bytes([list(hostile.KEYS).index(name)]) + text.encode("utf-8", "surrogatepass")


def pieces() -> list[str]:
    """What answers are made of: the words of the fuzzer's dictionary."""
    quoted = re.findall(r'^"(.+)"$', DICTIONARY.read_text(encoding="ascii"), re.MULTILINE)
    return [piece.encode("ascii").decode("unicode_escape").encode("latin-1").decode("utf-8") for piece in quoted]


def found() -> Iterator[bytes]:
    """What earlier runs kept: inputs that once broke the property, and some that reach far into the program."""
    for line in FOUND.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield encoded(row["key"], row["text"])


def seeds() -> Iterator[bytes]:
    """What a search starts from: what was found before, right and wrong answers, short hostile ones."""
    yield from found()
    for name, key in zip(hostile.KEYS, keys(), strict=True):
        for text in (*key.notations(key.right), *key.wrong(), *key.junk()):
            yield encoded(name, text)
    for name, row in hostile.cases():
        if isinstance(row.text, str) and row.key != "*" and row.text.isascii():
            yield encoded(name, row.text)
