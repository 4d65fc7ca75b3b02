"""Answers judged for other programs: a line of JSON in, a line of JSON out.

In: ``{"key": {...}, "response": "...", "id": ...}``; the id may be left out, and is any JSON. Out, in the same order:
``{"id": ..., "verdict": "partial", "credit": {"q": "2/3"}, "parsed": "...", "notes": [...], "span": [0, 3]}``, where
the span counts characters and is null for none. A line that cannot be used gives ``{"id": ..., "error": "..."}``,
and the lines after it are judged all the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

import msgspec

from quizgen import answers
from quizgen.errors import InputError, QuizgenError
from quizgen.values import Key, Verdict, plain

LONGEST = 1_000_000
"""The most bytes of a line."""
MESSAGE = 300
"""The most characters of an error."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"(?P<kept>" + _PAIR + rb"|\\[^u]|\\u(?![dD][89a-fA-F]))|\\u.{4}", re.DOTALL)


class Request(msgspec.Struct, frozen=True):
    """One line, of which nothing is decoded yet."""

    key: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    id: msgspec.Raw = msgspec.Raw()


_REQUEST = msgspec.json.Decoder(Request)
_STRING = msgspec.json.Decoder(str)


def judged(source: BinaryIO) -> Iterator[bytes]:
    """One line of JSON for each line of ``source``, as soon as it is there."""
    for number, line in enumerate(_lines(source), 1):
        yield _judged(line.removeprefix(_BYTE_ORDER_MARK) if line and number == 1 else line, number)


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """The lines of ``source`` without their ends; None for one that is too long, which is never held as a whole."""
    while line := source.readline(LONGEST + 2):
        ended = line.endswith(b"\n")
        text = line.rstrip(b"\r\n")
        while line and not ended:
            line = source.readline(LONGEST)
            ended = line.endswith(b"\n")
        yield text if len(text) <= LONGEST else None


def _judged(line: bytes | None, number: int) -> bytes:
    request = Request()
    try:
        request = _request(line)
        result = plain(_verdict(request))
    except QuizgenError as error:
        result = {"error": f"line {number}: {error}"[:MESSAGE]}
    except Exception as error:  # a fault of ours: it is told, and must not take the other answers along
        result = {"error": f"line {number}: cannot be judged: {type(error).__name__}"}
    # JSON may hold a carriage return between its parts, which some take for the end of a line
    identity = bytes(request.id).replace(b"\r", b" ")
    return msgspec.json.encode({"id": msgspec.Raw(identity), **result} if identity else result)


def _request(line: bytes | None) -> Request:
    """A line, as far as it must be read to know its parts. Raises InputError."""
    if line is None:
        raise InputError(f"expected at most {LONGEST} bytes")
    try:
        line.decode()
        return _REQUEST.decode(_without_half_pairs(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f'expected JSON such as {{"key": {{...}}, "response": "..."}}: {error}') from error


def _without_half_pairs(line: bytes) -> bytes:
    """JSON with escapes of NUL, which answers refuse, for those of halves of surrogate pairs, which JSON refuses."""
    if b"\\ud" not in line and b"\\uD" not in line:
        return line
    return _ESCAPE.sub(lambda match: match["kept"] or rb"\u0000", line)


def _verdict(request: Request) -> Verdict:
    if not bytes(request.key) or not bytes(request.response):
        raise InputError("expected a key and a response")
    try:
        response = _STRING.decode(request.response)
    except msgspec.ValidationError as error:
        raise InputError(f"{str(error)[:1].lower()}{str(error)[1:]}", "response") from error
    return answers.grade(_key(bytes(request.key)), response)


@lru_cache(maxsize=1024)
def _key(text: bytes) -> Key:
    return answers.key_from_json(text)
