"""What is exported: the slots of families, a blueprint, a printed exam or a file of items, and where each gets its own.

A plan is made before anything is written, and draws nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from quizgen import answers, blueprint, exam, exporters, space
from quizgen.answers.written import Written
from quizgen.bank import Bank
from quizgen.drawing import Source, task
from quizgen.errors import InputError
from quizgen.exporters._online import Slot
from quizgen.exporters._quiz import Quiz
from quizgen.family import Family, Pool
from quizgen.values import AUTHORED, SCHEMA, Asked, Item, Struct, Task, Texts, exact

EVERY = "all"
EXAM = "exam.json"
"""The file of a printed exam that is read; its folder can be named as well."""
BLUEPRINT = "blueprint.toml"
"""The file beside it that says how the quiz is given."""


@dataclass(frozen=True)
class Aim:
    """What is drawn of each slot: how many, with how many options (0: typed), and by which seed."""

    number: int = 1
    options: int = 0
    seed: str = "1"
    laws: bool = False


@dataclass(frozen=True)
class Planned:
    """A slot of the export, and where its questions come from: a source to draw from, or tasks that are there.

    ``ask`` puts a drawn item as the slot does; ``stem`` stands above each of its questions.
    """

    slot: Slot
    source: Source | None = None
    tasks: Iterable[Task] = ()
    ask: Callable[[Item], Task] = task
    stem: Texts | None = None


class Cover(Struct, frozen=True):
    """What a blueprint or an exam says of the whole quiz."""

    title: Texts = msgspec.field(default_factory=dict)
    instructions: Texts = msgspec.field(default_factory=dict)
    seed: str = ""
    quiz: Quiz = Quiz()


def plan(sources: Sequence[str], bank: Bank, aim: Aim) -> list[Planned]:
    """The slots of an export, in order. Raises InputError, UnknownName."""
    found: list[Planned] = []
    for source in sources:
        found += _planned(source, bank, aim, len(found) + 1)
    return found


def purpose(sources: Sequence[str]) -> Pool:
    """What an export is for, if nobody says: an exam for a blueprint or a printed exam, else practice."""
    return "exam" if any(_is_blueprint(source) or _is_exam(source) for source in sources) else "practice"


def cover(sources: Sequence[str]) -> Cover:
    """The words of the first blueprint or exam among the sources."""
    for source in sources:
        if _is_blueprint(source):
            read = blueprint.read(Path(source))
            return Cover(
                title=blueprint.texts(read.title) or {},
                instructions=blueprint.texts(read.instructions) or {},
                seed="" if read.seed is None else str(read.seed),
                quiz=_quiz(read),
            )
        if _is_exam(source):
            printed = _read_exam(_exam_file(source))
            kept = _exam_file(source).with_name(BLUEPRINT)
            quiz = _quiz(blueprint.parse(blueprint.load(kept), str(kept))) if kept.is_file() else Quiz()
            return Cover(title=printed.title, instructions=printed.instructions or {}, quiz=quiz)
    return Cover()


def _quiz(read: blueprint.Blueprint) -> Quiz:
    """How the quiz is given; where a question keeps the order of its options, no platform may change any."""
    return msgspec.structs.replace(read.online, shuffle=False) if blueprint.keeps_order(read) else read.online


def _planned(source: str, bank: Bank, aim: Aim, first: int) -> Iterator[Planned]:
    if _is_blueprint(source):
        yield from _of_blueprint(Path(source), bank, aim, first)
    elif _is_exam(source):
        yield from _of_exam(_exam_file(source), first)
    elif source.endswith(".jsonl"):
        yield from _of_items(Path(source), aim, first)
    elif "/" in source and Path(source).is_dir():
        raise InputError(f"expected the folder of an exam, with its {EXAM}", source)
    else:
        for number, name in enumerate(bank.matching("*" if source == EVERY else source), first):
            yield _of_family(bank.family(name), aim, number)


# Families.


def _of_family(family: Family, aim: Aim, number: int) -> Planned:
    if aim.options:
        family.require_choosable()
    points = sum((Fraction(declared.weight) for declared in family.answers.values()), Fraction(0))
    slot = Slot(number, _name(family.id), points, aim.number)
    source = Source(name=family.id, family=family.id, options=aim.options)
    return Planned(slot, source, ask=partial(task, options=aim.options))


def _name(identity: str) -> str:
    """The id of a slot as names of categories bear it: without the slashes that would divide them, and not too long."""
    picked = identity.rpartition(":")[2] if identity.startswith("pick ") else identity
    return picked.replace("/", "-")


# Blueprints.


def _is_blueprint(source: str) -> bool:
    return source.endswith(".toml")


def _of_blueprint(path: Path, bank: Bank, aim: Aim, first: int) -> Iterator[Planned]:
    """A slot of the export for every slot of a blueprint, with its points; parts repeat their stem."""
    order = exam.Order(aim.seed, (), laws=aim.laws)
    sections = exam.plan(blueprint.read(path), path.name, bank, aim.seed)
    asked = [(question, slot) for section in sections for question in section.questions for slot in question.slots]
    for number, (question, slot) in enumerate(asked, first):
        slot = _choosing(slot, bank, aim.options)
        points, count = _points(slot), aim.number if slot.own is None else 1
        yield Planned(
            Slot(number, _name(slot.id), points, count),
            _source(slot, bank),
            ask=partial(_asked, slot, order),
            stem=question.stem,
        )


def _choosing(slot: exam.Slot, bank: Bank, options: int) -> exam.Slot:
    """The slot, with options to choose from if those are wanted and the blueprint asks to type."""
    if not options or slot.own is not None or slot.options:
        return slot
    assert slot.spec.family is not None
    bank.family(slot.spec.family).require_choosable()
    return replace(slot, spec=msgspec.structs.replace(slot.spec, mode="choice", options=options))


def _points(slot: exam.Slot) -> Fraction:
    key = slot.own.parts[0].key if slot.own else None
    return key.points() if isinstance(key, Written) else blueprint.points(slot.spec.points or 1)


def _source(slot: exam.Slot, bank: Bank) -> Source:
    if slot.spec.family is None:
        return Source(name=slot.id, family=AUTHORED, own=slot.own)
    where = space.narrowing(bank.family(slot.spec.family).params, slot.spec.where, slot.place)
    return Source(name=slot.id, family=slot.spec.family, where=where, options=slot.options)


def _asked(slot: exam.Slot, order: exam.Order, item: Item) -> Task:
    """An item as the slot asks it; the order of its options depends on nothing but seed, slot and item."""
    return exam.task(slot, item, order, item.id)


# Printed exams.


class _Asking(Struct, frozen=True):
    """A task as ``exam.json`` has it, the item unread."""

    item: msgspec.Raw
    points: tuple[Any, ...]
    asked: tuple[Asked, ...]
    space: str = ""
    provenance: str = "unproven"

    def task(self, where: str) -> Task:
        points = tuple(Fraction(exact(worth)) for worth in self.points)
        return Task(item=_item(bytes(self.item), where), points=points, asked=self.asked)


class _Question(Struct, frozen=True):
    slot: str
    tasks: tuple[_Asking, ...]
    stem: Texts | None = None


class _Section(Struct, frozen=True):
    questions: tuple[_Question, ...]
    title: Texts | None = None


class _Form(Struct, frozen=True):
    name: str
    sections: tuple[_Section, ...]


class _Exam(Struct, frozen=True):
    title: Texts
    forms: tuple[_Form, ...]
    course: str = ""
    date: str = ""
    instructions: Texts | None = None
    schema: int = SCHEMA


class _Printed(msgspec.Struct, frozen=True):
    exam: _Exam


class _Version(msgspec.Struct, frozen=True):
    schema: int = SCHEMA


def _is_exam(source: str) -> bool:
    return Path(source).name == EXAM or (Path(source) / EXAM).is_file()


def _exam_file(source: str) -> Path:
    return Path(source) if Path(source).name == EXAM else Path(source) / EXAM


def _read_exam(path: Path) -> _Exam:
    data = blueprint.load(path)
    try:
        _require_known(msgspec.json.decode(data, type=_Version).schema, str(path))
        return msgspec.json.decode(data, type=_Printed).exam
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputError(f"this is no exam as quizgen exam writes it: {error}", str(path)) from error


def _require_known(schema: int, where: str) -> None:
    if schema > SCHEMA:
        raise InputError(f"schema {schema} is newer than {SCHEMA}, the newest known here", where)


def _of_exam(path: Path, first: int) -> Iterator[Planned]:
    """The questions of a printed exam: for each slot those of all forms, of which every student gets one."""
    slots: dict[str, dict[str, Task]] = {}
    stems: dict[str, Texts | None] = {}
    for form in _read_exam(path).forms:
        for question in (question for section in form.sections for question in section.questions):
            for number, asking in enumerate(question.tasks, 1):
                name = question.slot if question.stem is None else f"{question.slot}.{number}"
                asked = asking.task(f"{path}, form {form.name}, {name}")
                slots.setdefault(name, {}).setdefault(asked.item.id, asked)
                stems[name] = question.stem
    for place, (name, tasks) in enumerate(slots.items(), first):
        points = next(iter(tasks.values())).total
        yield Planned(Slot(place, _name(name), points, len(tasks)), tasks=tuple(tasks.values()), stem=stems[name])


# Files of items.


class _Head(msgspec.Struct, frozen=True):
    """What of a line is read before it is exported."""

    family: str
    schema: int = SCHEMA


@dataclass(frozen=True)
class _Lines:
    """The items of one family in a file, read when they are asked for, one at a time."""

    path: Path
    places: tuple[tuple[int, int], ...]
    """Number of the line, and where it begins."""
    options: int

    def __iter__(self) -> Iterator[Task]:
        seen: set[str] = set()
        with self.path.open("rb") as file:
            for number, start in self.places:
                file.seek(start)
                item = _item(file.readline(), _line(self.path, number))
                if item.id not in seen:
                    seen.add(item.id)
                    yield task(item, self.options)


def _item(line: bytes, where: str) -> Item:
    try:
        return answers.read_item(line)
    except InputError as error:
        raise error.at(where) from error
    except (RecursionError, ValueError) as error:
        raise InputError("this is far too deep, or has numbers far too large, for an item", where) from error


def _line(path: Path, number: int) -> str:
    return f"{path}, line {number}"


def _of_items(path: Path, aim: Aim, first: int) -> Iterator[Planned]:
    """The items of a file of JSON lines, a slot for each family. Every line is looked at before one is exported."""
    places: dict[str, list[tuple[int, int]]] = {}
    start = 0
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    places.setdefault(_family(text, _line(path, number)), []).append((number, start))
                start += len(text)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
    if not places:
        raise InputError("there are no items in it", str(path))
    for place, (family, lines) in enumerate(places.items(), first):
        tasks = _Lines(path, tuple(lines), aim.options)
        yield Planned(Slot(place, _name(family), next(iter(tasks)).total, len(lines)), tasks=tasks)


def _family(text: bytes, where: str) -> str:
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputError(f"this is not an item: {error}", where) from error
    _require_known(head.schema, where)
    return head.family


# A sample.


def sample(planned: Iterable[Planned], tasks: Callable[[Planned], Iterable[Task]]) -> Iterator[Planned]:
    """One question for each kind of answer (and for figures, several parts, options) that the slots ask."""
    known: set[str] = set()
    for entry in planned:
        for asked in tasks(entry):
            needs = set(exporters.needs(asked))
            if not needs <= known:
                known |= needs
                yield replace(entry, slot=replace(entry.slot, count=1), source=None, tasks=(asked,))
            if entry.source is not None:
                break
