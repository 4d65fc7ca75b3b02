"""Pinned: a field of the trace that is off by one unit of its last digit is noticed by some law."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from hypothesis import strategies as st

from quizgen.checks._subject import Broken, Failure, Inapplicable, Subject
from quizgen.expr import Expr, Num, Sum
from quizgen.family import trace_dict
from quizgen.space import Parameters
from quizgen.values import Value

NUMBER = 3
MOST = 8
"""Nudges of one field that are tried in one draw; which ones, Hypothesis decides."""
LOOSE = 0.2
"""Share of the draws in which a rounded number may have two right values: exact ties, such as 0.0625 to 3 digits."""

Path: TypeAlias = tuple[int | str, ...]


def check(subject: Subject) -> Iterator[Failure]:
    if not subject.family.laws:
        return
    yield from subject.search(lambda q, data: pinned(subject, q, data), share=0.25)
    yield from ties(subject)


def pinned(subject: Subject, q: Parameters, data: st.DataObject) -> None:
    """Every nudge of an exact value is noticed; of a rounded one, at least the nudge to one side."""
    trace, _ = subject.solved(q)
    if subject.objection(q, trace):
        raise Inapplicable(2)
    for name, value in trace_dict(trace).items():
        places = list(leaves(value))
        if len(places) > MOST:
            places = data.draw(st.lists(st.sampled_from(places), min_size=MOST, max_size=MOST, unique=True))
        for path in places:
            noticed = [(wrong, notices(subject, q, trace, name, path, wrong)) for wrong in nudges(at(value, path))]
            if not noticed:
                raise Broken(
                    f"{name} holds {at(value, path)!r}, which no law can be tried on: not an exact value", name
                )
            unnoticed = [wrong for wrong, seen in noticed if not seen]
            if unnoticed and not (isinstance(at(value, path), Decimal) and len(unnoticed) < len(noticed)):
                where = name + "".join(f"[{index}]" for index in path)
                raise Broken(f"{where} = {at(value, path)}, but no law minds {unnoticed[0]}", name)
        for index, swapped in swaps(value):
            if not notices(subject, q, trace, name, (), swapped):
                raise Broken(f"{name}: no law minds the order of entries {index} and {index + 1}", name)


def ties(subject: Subject) -> Iterator[Failure]:
    """A rounded number that could often be one unit more, or one less, is not pinned: a law's tolerance is too wide."""
    loose: dict[str, int] = {}
    drawn = subject.samples[: max(20, len(subject.samples) // 8)]
    for q, trace, _ in drawn:
        for name, value in trace_dict(trace).items():
            decimals = [path for path in leaves(value) if isinstance(at(value, path), Decimal)][:2]
            wrong = [(path, nudge) for path in decimals for nudge in nudges(at(value, path))]
            unminded = any(not notices(subject, q, trace, name, path, nudge) for path, nudge in wrong)
            loose[name] = loose.get(name, 0) + unminded
    for name, number in loose.items():
        if number > LOOSE * len(drawn):
            yield Failure(f"{name}: in {number} of {len(drawn)} draws no law minds one unit of its last digit")


def notices(subject: Subject, q: Parameters, trace: Any, name: str, path: Path, wrong: Value) -> bool:
    """Whether some law fails when this part of the trace is ``wrong``."""
    return subject.objection(q, replace(trace, **{name: put(getattr(trace, name), path, wrong)})) is not None


def leaves(value: Value) -> Iterator[Path]:
    """Where the numbers, words and formulas of a value stand; entries of tuples by their indices, others by name."""
    if not isinstance(value, tuple | Mapping):
        yield ()
        return
    for index, entry in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from ((index, *path) for path in leaves(entry))


def at(value: Value, path: Path) -> Value:
    """The part of ``value`` at ``path``."""
    for index in path:
        value = value[index]
    return value


def put(value: Value, path: Path, part: Value) -> Value:
    """``value`` with another part at ``path``."""
    if not path:
        return part
    index, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {**value, index: put(value[index], rest, part)}
    assert isinstance(index, int)
    return (*value[:index], put(value[index], rest, part), *value[index + 1 :])


def nudges(value: Value) -> list[Value]:
    """Values one unit of the last digit away; for a word, another word; none for what is no exact value."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case Fraction():
            unit = Fraction(1, value.denominator)
            return [value + unit, value - unit]
        case Decimal():
            last = Decimal(1).scaleb(int(value.as_tuple().exponent))
            return [value + last, value - last]
        case str():
            return [f"{value}?"]
        case Expr():
            return [Sum((value, Num("1")))]  # type: ignore[arg-type]  # every Expr is a Node
    return []


def swaps(value: Value) -> Iterator[tuple[int, Value]]:
    """A tuple of words with two neighbours exchanged, and the index of the first: a nudged word is none of the others,
    so that a law may notice it without minding the order.
    """
    if isinstance(value, tuple) and value and all(isinstance(entry, str) for entry in value):
        for index in range(len(value) - 1):
            if value[index] != value[index + 1]:
                yield index, (*value[:index], value[index + 1], value[index], *value[index + 2 :])
