"""Answers of a student to an item, judged part by part, each wrong one with the mistake that explains it."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from operator import le

import msgspec

from quizgen import answers
from quizgen.answers._credit import FOLLOWS_THROUGH
from quizgen.errors import InputError, UnknownName
from quizgen.family import Family
from quizgen.values import Grade, Item, Key, Part, Reading, Response, Value

MISFORMED = frozenset({"number-of-digits", "not-in-lowest-terms"})
"""Notes of right values that are not in the form asked for."""


def grade(item: Item, response: Response, family: Family | None = None) -> dict[str, Grade]:
    """Part name to grade. A part without an answer is "invalid", not "wrong".

    With its ``family``, a wrong answer that follows from the student's own answers to other parts is right as well.
    Raises InputError if the response belongs to another item, UnknownName if it answers a part that does not exist.
    """
    if response.item not in (item.id, item.code):
        raise InputError(f"expected a response to {item.code}, got one to {response.item}", item.family)
    parts = {part.name: part for part in item.parts}
    for name in response.answers:
        if name not in parts:
            raise UnknownName.among("part", name, parts, item.family)
    grades = {name: grade_part(part, response.answers.get(name, "")) for name, part in parts.items()}
    if family is not None:
        for part in item.parts:
            grades[part.name] = _following(item, part, grades[part.name], response, family)
    return grades


def _following(item: Item, part: Part, given: Grade, response: Response, family: Family) -> Grade:
    """The grade of a part, with regard to the student's own answers to the parts before."""
    if given.verdict.verdict not in ("wrong", "partial") or not part.after:
        return given
    own = {name: _typed(item.part(name).key, response.answers.get(name, "")) for name in part.after}
    typed = _typed(part.key, response.answers.get(part.name, ""))
    if typed is None or None in own.values() or not follows(item, part, own, typed, family):
        return given
    return Grade(verdict=msgspec.structs.replace(FOLLOWS_THROUGH, parsed=given.verdict.parsed), feedback="right")


def follows(item: Item, part: Part, own: Mapping[str, Value], typed: Value, family: Family) -> bool:
    """Whether ``typed`` is right for other values of the parts before than the right ones."""
    value = family.followed(item, part, own)
    if value is None or same(value, part.key.right):
        return False
    return near(item, part, own, typed, value, family)


def near(item: Item, part: Part, own: Mapping[str, Value], typed: Value, value: Value, family: Family) -> bool:
    """Whether ``typed`` is the ``value`` that follows from ``own`` ones of the parts before.

    Where these are rounded, it may be off by as much as their roundings change it.
    """
    slack = [part.key.within] * len(_entries(value))
    for name, given in own.items():
        for nudged in _nudged(given, item.part(name).key.within):
            other = family.followed(item, part, {**own, name: nudged})
            changes = [] if other is None else map(_distance, _entries(other), _entries(value))
            slack = [most + change for most, change in zip(slack, changes, strict=True)]
    stated = _entries(typed)
    return len(stated) == len(slack) and all(map(le, map(_distance, stated, _entries(value)), slack))


def _entries(value: Value) -> tuple[Value, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)


def _distance(one: Value, other: Value) -> Fraction:
    return abs(Fraction(one) - Fraction(other))


def _nudged(value: Value, by: Fraction) -> Iterator[Value]:
    """``value`` with one entry after the other larger by ``by``; nothing for exact ones."""
    entries = _entries(value)
    for place, entry in enumerate(entries if by else ()):
        moved = (*entries[:place], Fraction(entry) + by, *entries[place + 1 :])
        yield moved if isinstance(value, tuple) else moved[0]


def _typed(key: Key, text: str) -> Value:
    """The value that was typed; None for what cannot be read."""
    try:
        return answers.read(key, text).value
    except answers.Unreadable:
        return None


def grade_part(part: Part, text: str) -> Grade:
    """The grade of what was typed as the answer to one part."""
    reading, verdict = answers.judge(part.key, text)
    if reading is None:
        return Grade(verdict=verdict, feedback="right" if verdict.verdict == "right" else None)
    mistake = explain(part, reading)
    if mistake is None:
        verdict = answers.explained(part.key, reading, verdict)
    return Grade(verdict=verdict, misconception=mistake, feedback=mistake)


def explain(part: Part, reading: Reading) -> str | None:
    """The mistake that gives this answer: the value itself, else the first within the tolerance of the key."""
    exact = (mistake.name for mistake in part.mistakes if same(mistake.value, reading.value))
    near = (mistake.name for mistake in part.mistakes if _is_near(part.key, mistake.value, reading))
    return next(exact, None) or next(near, None)


def same(a: Value, b: Value) -> bool:
    """Whether two exact values are equal, whatever their types (1/2 and 0.5 are), entry by entry."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def _is_near(key: Key, wrong: Value, reading: Reading) -> bool:
    """Whether an answer would be right, be it in the form asked for or not, if ``wrong`` were."""
    verdict = key.with_right(wrong).judge(reading)
    return verdict.verdict == "right" or not MISFORMED.isdisjoint(verdict.notes)


def credit(item: Item, grades: dict[str, Grade]) -> Fraction:
    """The share of the item's points that the grades earn, parts weighted."""
    total = sum(part.weight for part in item.parts)
    return sum((grades[part.name].verdict.credit * part.weight for part in item.parts), Fraction(0)) / total
