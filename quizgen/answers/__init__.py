"""Kinds of answer, one file each: how a key of the kind is read, judged and shown.

``answers.kinds()`` finds the files. ``answers.grade(key, text)`` judges what a student typed. A family declares its
answers with ``answer.Integer("side", unit="px")``: the kind, the trace field that holds the right value, and options.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

import msgspec

from quizgen import notation
from quizgen.errors import InputError, UnknownName
from quizgen.notation import Unreadable
from quizgen.values import SCHEMA, Item, Key, Mistake, Part, Reading, Struct, Verdict, exact

__all__ = [
    "Answer", "Traced", "Unreadable", "answer", "explained", "grade", "judge", "key_from_json", "kind", "kinds",
    "read", "read_item", "read_key", "traced",
]  # fmt: skip


@cache
def kinds() -> Mapping[str, type[Key]]:
    """Name of the kind to its key, for every file of this folder."""
    return {name: kind(name) for name in _names()}


@cache
def kind(name: str) -> type[Key]:
    """The key class of one kind: ``integer`` is ``Integer`` in ``integer.py``. Raises UnknownName."""
    if name not in _names():
        raise UnknownName.among("kind of answer", name, _names())
    found: type[Key] = getattr(import_module(f"{__name__}.{name}"), name.capitalize())
    return found


def _names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def grade(key: Key, text: str) -> Verdict:
    """Judge what was typed, with what it was understood as and the slip that explains it.

    An unreadable answer is "invalid", never "wrong".
    """
    reading, verdict = judge(key, text)
    return verdict if reading is None else explained(key, reading, verdict)


def judge(key: Key, text: str) -> tuple[Reading | None, Verdict]:
    """The verdict without a search for the slip behind it, and what was read if there is something to explain."""
    try:
        reading = read(key, text)
        verdict = key.judge(reading)
    except Unreadable as error:
        return None, Verdict(verdict="invalid", notes=(error.code,), span=error.span)
    if verdict.verdict == "invalid":  # read, and yet not decided: all of it is meant
        return None, msgspec.structs.replace(verdict, span=(0, len(text)))
    verdict = msgspec.structs.replace(verdict, parsed=reading.parsed)
    return (reading if verdict.verdict in ("wrong", "partial") else None), verdict


def explained(key: Key, reading: Reading, verdict: Verdict) -> Verdict:
    """The verdict with the slips that explain it, each note once."""
    notes = dict.fromkeys((*verdict.notes, *key.near(reading)))
    return msgspec.structs.replace(verdict, notes=tuple(notes))


def read(key: Key, text: str) -> Reading:
    """What was typed, as a value. Raises Unreadable, before anything else for what is too long to be read."""
    if len(text) > key.limit:
        raise Unreadable("too-long", (key.limit, len(text)))
    notation.check(text)
    return key.read(text)


_JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


def key_from_json(text: str | bytes, where: str = "key") -> Key:
    """A key from its JSON, in which ``0.125`` is exact. Raises InputError that names the field."""
    try:
        data = exact(_JSON.decode(text))
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputError(f"this is not JSON: {error}", where) from error
    except (RecursionError, ValueError) as error:
        raise InputError("this is far too deep, or has numbers far too large, for a key", where) from error
    except InputError as error:
        raise error.at(where) from error
    return read_key(data, where)


def read_key(data: Any, where: str = "key") -> Key:
    """A key from plain data. Raises InputError that names the field."""
    if not isinstance(data, Mapping) or "kind" not in data:
        raise InputError(f"expected a table with a kind of answer ({', '.join(kinds())}), got {data!r}", where)
    try:
        return msgspec.convert(data, kind(str(data["kind"])), dec_hook=_exact)
    except (msgspec.ValidationError, NotImplementedError) as error:
        message, _, path = str(error).partition(" - at `$.")
        raise InputError(message[:1].lower() + message[1:], f"{where}.{path[:-1]}" if path else where) from error


def _exact(wanted: type, value: Any) -> Any:
    """Numbers that msgspec does not know: a Fraction is already one."""
    if wanted is Fraction and isinstance(value, int | Fraction | Decimal | str):
        with suppress(ValueError, ZeroDivisionError, InputError):
            return Fraction(exact({"d": value}) if isinstance(value, str) and "/" not in value else value)
    raise NotImplementedError(f"expected {wanted.__name__}, got {value!r}")


def read_item(line: bytes | str, where: str = "item") -> Item:
    """An item from one line of JSON. Raises InputError for damage and for items of a newer schema."""
    try:
        data = exact(msgspec.json.decode(line))
        if isinstance(data, dict) and isinstance(data.get("schema"), int) and data["schema"] > SCHEMA:
            raise InputError(f"schema {data['schema']} is newer than {SCHEMA}, the newest known here", where)
        parts = tuple(_read_part(part, where) for part in data.pop("parts"))
        return msgspec.structs.replace(msgspec.convert(data | {"parts": ()}, Item), parts=parts)
    except (msgspec.DecodeError, KeyError, AttributeError, TypeError) as error:
        raise InputError(f"this is not an item: {error}", where) from error


def _read_part(data: Mapping[str, Any], where: str) -> Part:
    return Part(
        name=msgspec.convert(data["name"], str),
        key=read_key(data["key"], f"{where}.parts.{data['name']}.key"),
        weight=msgspec.convert(data["weight"], int),
        after=msgspec.convert(data["after"], tuple[str, ...]),
        mistakes=msgspec.convert(data["mistakes"], tuple[Mistake, ...]),
    )


class Traced(Struct, frozen=True):
    """An option of a key that differs from draw to draw: it stands in a field of the trace."""

    field: str


def traced(field: str) -> Traced:
    """The option is what the trace says: ``answer.Choice("right", options=traced("lines"))``."""
    return Traced(field=field)


class Answer(Struct, frozen=True):
    """A family's declaration of one answer: its kind, the trace field with the right value, its share of the points."""

    kind: str
    field: str
    weight: int = 1
    after: tuple[str, ...] = ()
    options: dict[str, Any] = msgspec.field(default_factory=dict)

    def key(self, trace: Any) -> Key:
        """The key for one draw."""
        options = {
            name: getattr(trace, option.field) if isinstance(option, Traced) else option
            for name, option in self.options.items()
        }
        return kind(self.kind).of(getattr(trace, self.field), **options)


class _Declarations:
    """``answer.Integer("side", weight=2, unit="px")`` declares an answer of the kind ``integer``."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = kind(name.lower())

        def declare(field: str, weight: int = 1, after: tuple[str, ...] = (), **options: Any) -> Answer:
            known = [option for option in signature(found.of).parameters if option != "value"]
            for option in options:
                if option not in known:
                    raise UnknownName.among("option", option, known, f"answer.{name}")
            return Answer(kind=name.lower(), field=field, weight=weight, after=after, options=options)

        return declare


answer = _Declarations()
