"""Answers of learners as JSON lines: to another machine, to a backup, to a teacher.

Every line stands for itself: the name of a learner and one answer. Cards are not in it, they follow from the answers.
What is there already is not added again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from quizgen.errors import InputError, UnknownName
from quizgen.study.store import Answer, Store, from_json, to_json
from quizgen.values import Struct, code

SCHEMA = 1
"""Version of the lines; newer ones are refused."""

LONGEST = 1_000_000
"""Bytes of a line that is read."""

YEARS = range(2000, 2200)
"""In which an answer may have been given; a clock may be wrong, but further away no card could be moved."""


class Line(Struct, frozen=True):
    """One answer of one learner; with the ``code`` of the question where that is for a teacher."""

    learner: str
    answer: Answer
    schema: int = SCHEMA
    code: str | msgspec.UnsetType = msgspec.UNSET


class _Version(msgspec.Struct, frozen=True):
    schema: int = 0


@dataclass(frozen=True)
class Imported:
    """What an import did: answers that are new, and those that were there."""

    added: int
    known: int
    learners: tuple[str, ...]


def written(store: Store, names: Sequence[str] = ()) -> Iterator[bytes]:
    """All answers of some learners, or of all, oldest first. Raises UnknownName."""
    return (to_json(line) + b"\n" for line in _lines(store, names))


def objections(store: Store, names: Sequence[str] = ()) -> Iterator[bytes]:
    """The answers with whose key a learner does not agree, each with the ``code`` by which a question is known."""
    for line in _lines(store, names):
        if line.answer.remark:
            yield to_json(msgspec.structs.replace(line, code=code(line.answer.item))) + b"\n"


TABLE = ("learner", "time", "question", "family", "parameters", "answered", "verdict", "remark", "item")


def table(store: Store, names: Sequence[str] = ()) -> Iterator[bytes]:
    """The same for a spreadsheet: a row for each part that was answered."""
    from quizgen.exporters.csv import BOM, line  # nothing else here needs an exporter

    yield BOM + line(TABLE)
    for given in _lines(store, names):
        it = given.answer
        if it.remark:
            numbers = ", ".join(f"{name} = {_shown(value)}" for name, value in it.parameters.items())
            for part in it.answers or {"": ""}:
                yield line((
                    given.learner, it.at.isoformat(), code(it.item), it.family, numbers, it.answers.get(part, ""),
                    it.verdicts.get(part, "not known"), it.remark, it.item,
                ))  # fmt: skip


def _shown(value: Any) -> str:
    """A parameter as a person writes it: 3/7, 0.125, (1, 2)."""
    if isinstance(value, list):
        return f"({', '.join(map(_shown, value))})"
    if isinstance(value, dict) and len(value) == 1:
        return _shown(next(iter(value.values())))
    return str(value)


def _lines(store: Store, names: Sequence[str]) -> Iterator[Line]:
    known = store.learners()
    for name in names:
        if name not in known:
            raise UnknownName.among("learner", name, known)
    for name in names or known:
        for _, answer in store.answers(store.learner(name)):
            yield Line(learner=name, answer=answer)


def read(store: Store, lines: Iterable[bytes], name: str, learner: str = "") -> Imported:
    """Adds the answers of a file called ``name``, all for one ``learner`` if that is given.

    Raises InputError that names the line; then nothing has been added.
    """
    answers: dict[str, list[Answer]] = defaultdict(list)
    for number, text in enumerate(lines, 1):
        if text.strip():
            line = _line(text, f"{name}, line {number}")
            answers[learner or line.learner].append(line.answer)
    added = store.add_all(answers)
    return Imported(added, sum(map(len, answers.values())) - added, tuple(answers))


def _line(text: bytes, where: str) -> Line:
    if len(text) > LONGEST:
        raise InputError(f"expected at most {LONGEST} bytes", where)
    try:
        version = msgspec.json.decode(text, type=_Version).schema
        if version > SCHEMA:
            raise InputError(f"schema {version} is newer than {SCHEMA}, the newest known here", where)
        line = from_json(text, Line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is no answer as quizgen study export writes it: {error}", where) from error
    if not line.learner.strip():
        raise InputError("expected a name", f"{where}, learner")
    if line.answer.at.tzinfo is None:
        raise InputError("expected a time with its zone", f"{where}, answer, at")
    if line.answer.at.year not in YEARS:
        raise InputError(
            f"expected a time from {YEARS[0]} to {YEARS[-1]}, got {line.answer.at}", f"{where}, answer, at"
        )
    return line
