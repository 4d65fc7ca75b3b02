"""From a blueprint to an exam: picking families, drawing matched and proven items, shuffling, points.

What is drawn for a slot depends on the seed, the slot's id and the form, and on nothing else: inserting a question or a
student changes no other. A slot's id is its ``id`` in the blueprint, else family and occurrence.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import repeat
from math import ceil, floor
from pathlib import Path
from statistics import median_low
from string import ascii_uppercase
from typing import Protocol, TypeVar

from msgspec.structs import replace

from quizgen import asking, authored, blueprint, space
from quizgen.answers.written import Written
from quizgen.bank import Bank
from quizgen.blueprint import Blueprint, QuestionSpec, Spec
from quizgen.errors import InputError, QuizgenError
from quizgen.family import INSTALL, Family
from quizgen.processes import processes
from quizgen.randomness import Stream
from quizgen.space import Allowed, Where
from quizgen.values import AUTHORED, Exam, Form, Item, Question, Section, Task, Texts, Value

EVEN = Fraction(5, 4)
"""Largest ratio of the efforts that two forms ask in one slot."""

REFERENCE = 15
"""Draws whose median effort is what a slot's forms are matched to."""

T = TypeVar("T")


class Progress(Protocol):
    """Passes on the results of ``work``, ``total`` in all, and tells the user how far it is."""

    def __call__(self, work: Iterable[T], total: int, what: str, /) -> Iterable[T]: ...


@dataclass(frozen=True)
class Slot:
    """A place for one item on every form. ``own`` is the item of an author's text; other items are drawn."""

    id: str
    place: str
    spec: Spec
    own: Item | None = None

    @property
    def options(self) -> int:
        """Options of a question with options, else 0."""
        if self.spec.mode != "choice":
            return 0
        return self.spec.options if isinstance(self.spec.options, int) else 4


@dataclass(frozen=True)
class PlannedQuestion:
    """A question whose families are picked and whose items are yet to be drawn."""

    id: str
    slots: tuple[Slot, ...]
    stem: Texts | None = None


@dataclass(frozen=True)
class PlannedSection:
    """A section whose items are yet to be drawn."""

    id: str
    title: Texts | None
    shuffle: bool
    questions: tuple[PlannedQuestion, ...]

    def slots(self) -> Iterator[Slot]:
        """The slots of all questions, in order."""
        return (slot for question in self.questions for slot in question.slots)


@dataclass(frozen=True)
class Order:
    """What is wanted of an exam besides its blueprint. ``distinct``: no item on two forms."""

    seed: str
    forms: tuple[str, ...]
    distinct: bool = True
    laws: bool = True


def form_names(count: int) -> tuple[str, ...]:
    """A … Z, AA, AB …: one name a form. Raises InputError for fewer than one."""
    if count < 1:
        raise InputError(f"expected at least 1, got {count}", "--forms")
    names: list[str] = []
    for number in range(1, count + 1):
        name = ""
        while number:
            number, digit = divmod(number - 1, 26)
            name = ascii_uppercase[digit] + name
        names.append(name)
    return tuple(names)


def build(
    source: Blueprint,
    name: str,
    bank: Bank,
    order: Order,
    jobs: int = 1,
    progress: Progress = lambda work, n, label: work,
) -> Exam:
    """The exam of a blueprint called ``name``. Raises InputError that names the slot, or ProofError if a law fails."""
    sections = plan(source, name, bank, order.seed)
    slots = [slot for section in sections for slot in section.slots()]
    _require_laws(order, slots)
    names = [slot.id for slot in slots]
    drawn = dict(zip(names, progress(_draw_all(slots, bank, order, jobs), len(slots), "drawing"), strict=True))
    return Exam(
        title=blueprint.texts(source.title) or {},
        course=source.course,
        date=source.date,
        instructions=blueprint.texts(source.instructions),
        forms=tuple(_form(sections, drawn, order, number) for number in range(len(order.forms))),
    )


def _require_laws(order: Order, slots: Sequence[Slot]) -> None:
    """Raises InputError that says how to install what the laws need, if they are to run and cannot."""
    from importlib.util import find_spec

    missing = [package for package in ("torch", "sklearn", "numpy") if find_spec(package) is None]
    if order.laws and missing and any(slot.own is None for slot in slots):
        raise InputError(
            f"the laws that prove the answers cannot run without {', '.join(missing)}; {INSTALL}, "
            "or go on with --unproven"
        )


# Planning: which families are asked in which slots.


def plan(source: Blueprint, name: str, bank: Bank, seed: str) -> tuple[PlannedSection, ...]:
    """The sections with every slot's family decided. Raises InputError that names the place."""
    names = _Names()
    places = blueprint.questions(source, name)
    sections = []
    for number, section in enumerate(source.section, 1):
        planned = [
            entry for question in section.question for entry in _questions(question, next(places)[0], bank, seed, names)
        ]
        title = blueprint.texts(section.title)
        identity = next(iter(title.values())) if title else str(number)
        sections.append(PlannedSection(identity, title, section.shuffle, tuple(planned)))
    return tuple(sections)


class _Names:
    """Gives every slot its id, each once."""

    def __init__(self) -> None:
        self.occurrences: Counter[str] = Counter()
        self.given: dict[str, str] = {}

    def of(self, spec: Spec, default: str, place: str) -> str:
        """The id of a slot: its own, else ``default`` and how often that came."""
        name = spec.id
        if name is None:
            self.occurrences[default] += 1
            name = f"{default}#{self.occurrences[default]}"
        return self.claim(name, place)

    def claim(self, name: str, place: str) -> str:
        """``name``, which no other slot may have."""
        if name in self.given:
            raise InputError(f"the id {name!r} is already that of {self.given[name]}", f"{place}, id")
        self.given[name] = place
        return name


def _questions(spec: QuestionSpec, place: str, bank: Bank, seed: str, names: _Names) -> Iterator[PlannedQuestion]:
    if spec.stem is not None:
        identity = names.of(spec, "parts", place)
        slots = []
        for number, part in enumerate(spec.part, 1):
            where = f"{place}, part {number}"
            slots.append(_slot(part, names.claim(f"{identity}.{part.id or number}", where), where, bank))
        yield PlannedQuestion(identity, tuple(slots), blueprint.texts(spec.stem))
    elif spec.pick is not None:
        identity = names.of(spec, f"pick {' '.join(spec.pool)}", place)
        for family in _picked(spec, place, bank, seed, identity):
            slot = _slot(replace(spec, family=family), names.claim(f"{identity}:{family}", place), place, bank)
            yield PlannedQuestion(slot.id, (slot,))
    else:
        identity = names.of(spec, spec.family or AUTHORED, place)
        yield PlannedQuestion(identity, (_slot(spec, identity, place, bank),))


def _picked(spec: QuestionSpec, place: str, bank: Bank, seed: str, identity: str) -> list[str]:
    """The families that are asked: the same on all forms, in the order of their names."""
    assert spec.pick is not None
    try:
        pool = sorted({name for pattern in spec.pool for name in bank.matching(pattern)})
    except InputError as error:
        raise error.at(f"{place}, from") from error
    if spec.pick > len(pool):
        raise InputError(f"expected at most the {len(pool)} families that match, got {spec.pick}", f"{place}, pick")
    return sorted(Stream(seed, "pick", identity).shuffled(pool)[: spec.pick])


def _slot(spec: Spec, identity: str, place: str, bank: Bank) -> Slot:
    if spec.text is not None:
        return Slot(identity, place, spec, authored.item(spec, place, bank.templates))
    assert spec.family is not None
    try:
        family = bank.family(spec.family)
        space.narrowing(family.params, spec.where, "where")
        if spec.mode == "choice":
            family.require_choosable()
    except QuizgenError as error:
        raise error.at(place) from error
    return Slot(identity, place, spec)


# Drawing.


def _draw_all(slots: Sequence[Slot], bank: Bank, order: Order, jobs: int) -> Iterator[list[Item]]:
    """The items of every slot, one a form; with several jobs, each slot in some other process."""
    if jobs <= 1 or len(slots) == 1:
        yield from (draw_slot(slot, bank, order) for slot in slots)
        return
    with processes(jobs) as pool:
        yield from pool.map(_draw_elsewhere, slots, repeat(bank.folders[1:]), repeat(order))


def _draw_elsewhere(slot: Slot, folders: tuple[Path, ...], order: Order) -> list[Item]:
    return draw_slot(slot, _bank_of(folders), order)


_bank_of = cache(Bank)
"""The bank of some folders, which each process loads once."""


def draw_slot(slot: Slot, bank: Bank, order: Order) -> list[Item]:
    """One item a form, matched: the same radical values, and efforts within a ratio of 1.25."""
    if slot.own is not None:
        return [slot.own] * len(order.forms)
    assert slot.spec.family is not None
    family = bank.family(slot.spec.family)
    try:
        return list(_matched(slot, family, order))
    except QuizgenError as error:
        raise error.at(f"{slot.place}, {slot.id}" if slot.id not in slot.place else slot.place) from error


def _matched(slot: Slot, family: Family, order: Order) -> Iterator[Item]:
    where, lightest, heaviest = _reference(slot, family, order)
    taken: list[Item] = []

    def unfit(item: Item) -> bool:
        return not lightest <= item.effort <= heaviest or (order.distinct and item in taken)

    def answered_alike(item: Item) -> bool:
        return unfit(item) or (order.distinct and _answers(item) in map(_answers, taken))

    for form in order.forms:
        draw = partial(
            family.draw, order.seed, "exam", slot.id, form,
            where=where, pool="exam", options=slot.options, laws=order.laws,
        )  # fmt: skip
        try:
            item = draw(refuse=answered_alike)
        except InputError:
            item = _last_resort(partial(draw, refuse=unfit), order)
        taken.append(item)
        yield item


def _last_resort(draw: Callable[[], Item], order: Order) -> Item:
    """An item that differs, though its answer may be that of another form. Raises InputError if there is none."""
    try:
        return draw()
    except InputError as error:
        if not order.distinct or len(order.forms) == 1:
            raise
        raise InputError(
            f"fewer distinct items of even effort than the {len(order.forms)} forms ask for; widen `where` or ask for "
            f"fewer forms ({error.message})",
            error.where,
        ) from error


def _answers(item: Item) -> list[Value]:
    return [part.key.right for part in item.parts]


def _reference(slot: Slot, family: Family, order: Order) -> tuple[Where, int, int]:
    """What all forms share: the conditions with the radical values fixed, and the band of effort."""
    where = space.narrowing(family.params, slot.spec.where, "where")
    draw = partial(family.draw, order.seed, "reference", slot.id, pool="exam", options=slot.options)
    first = draw(where=where)
    radical = [name for name, field in family.params.fields.items() if field.radical]
    fixed = {**where, **{name: Allowed(values=(first.parameters[name],)) for name in radical}}
    efforts = [draw(number, where=fixed).effort for number in range(REFERENCE)]
    lightest = ceil(median_low(efforts) / float(EVEN) ** 0.5)
    return fixed, lightest, floor(lightest * EVEN)


# Forms.


def _form(sections: Sequence[PlannedSection], drawn: dict[str, list[Item]], order: Order, number: int) -> Form:
    name = order.forms[number]
    return Form(
        name=name,
        sections=tuple(
            Section(
                title=section.title,
                questions=tuple(
                    _question(question, drawn, order, number) for question in _in_order(section, order.seed, name)
                ),
            )
            for section in sections
        ),
    )


def _in_order(section: PlannedSection, seed: str, form: str) -> tuple[PlannedQuestion, ...]:
    if not section.shuffle:
        return section.questions
    return Stream(seed, "order", section.id, form).shuffled(section.questions)


def _question(question: PlannedQuestion, drawn: dict[str, list[Item]], order: Order, number: int) -> Question:
    tasks = tuple(task(slot, drawn[slot.id][number], order, order.forms[number]) for slot in question.slots)
    return Question(slot=question.id, stem=question.stem, tasks=tasks)


def task(slot: Slot, item: Item, order: Order, form: str) -> Task:
    """An item as a slot asks it on one form: its points by weight, its options in an order of their own."""
    stream = Stream(order.seed, "options", slot.id, form)
    try:
        asked = asking.ask(item, slot.spec.mode, slot.options, stream, slot.spec.shuffle)
    except InputError as error:
        raise error.at(slot.place) from error
    return Task(
        item=item,
        points=_points(slot, item),
        asked=asked,
        space=slot.spec.space,
        provenance="author" if slot.own else "proven" if order.laws else "unproven",
    )


def _points(slot: Slot, item: Item) -> tuple[Fraction, ...]:
    key = item.parts[0].key
    if isinstance(key, Written):
        return (key.points(),)
    assert slot.spec.points is not None
    worth = shares(blueprint.points(slot.spec.points), [part.weight for part in item.parts])
    if not all(worth):
        raise InputError(
            f"{slot.spec.points} is too little for {len(worth)} answers: some would have no points",
            f"{slot.place}, points",
        )
    return worth


def shares(total: Fraction, weights: Sequence[int]) -> tuple[Fraction, ...]:
    """``total`` split by weight in quarters, the rest to the last part."""
    parts = [Fraction(floor(4 * total * weight / sum(weights)), 4) for weight in weights[:-1]]
    return (*parts, total - sum(parts))
