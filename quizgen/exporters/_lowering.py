"""From tasks to questions of learning platforms: each part as the first type of field that a platform carries.

A kind of answer names the types it can be asked by, best first (``Key.online``); what is lost on the way to a lesser
one is said here, once for all platforms. What no type carries is refused by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from quizgen import asking, prose
from quizgen.answers.ordering import Ordering
from quizgen.answers.written import Written
from quizgen.errors import InputError
from quizgen.exporters._online import (
    Cells,
    Choose,
    Criterion,
    Essay,
    Field,
    Formula,
    Heard,
    Interaction,
    Match,
    Near,
    Numeric,
    Option,
    Order,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.markup import Document, literal
from quizgen.prose import Words
from quizgen.randomness import Stream
from quizgen.values import Asked, Key, Part, Task, Value

OPTIONS = 4
"""Options of an answer that is chosen where it would be typed."""
FEWEST = 3
"""The fewest options that make a choice."""
MOST_CELLS = 36
"""The most numbers of one field."""

LOST = {
    "numeric": "",
    "cells": "",
    "choose": "the answer is chosen, not typed",
    "multiple": "",
    "short": "only the listed spellings count",
    "match": "",
    "order": "",
    "formula": "",
    "essay": "",
}
"""What is lost where a kind is asked by a type of field that is not its first."""


class Refused(InputError):
    """A question that a platform cannot carry."""


@dataclass(frozen=True)
class Change:
    """How one part is put differently: its kind of answer, the type of field that asks it, and what is lost."""

    part: str
    kind: str
    becomes: str
    lost: str


@dataclass(frozen=True)
class Speaker:
    """The words of one task in all locales."""

    task: Task
    words: tuple[Words, ...]

    def say(self, get: Callable[[Words], Document | None]) -> Said | None:
        """What ``get`` says in each locale; None if it says nothing."""
        found = {words.locale: get(words) for words in self.words}
        return {locale: said for locale, said in found.items() if said is not None} or None

    def must(self, get: Callable[[Words], Document]) -> Said:
        """What ``get`` says in each locale."""
        return {words.locale: get(words) for words in self.words}


def question(
    task: Task, slot: Slot, number: int, locales: Sequence[str], templates: Sequence[Path], carries: frozenset[str],
    interact: "Interact | None" = None,
) -> tuple[Question, tuple[Change, ...]]:  # fmt: skip
    """A task as a question, and what was put differently; ``interact`` says how an answer is asked. Raises Refused."""
    item = task.item
    if len(item.parts) > 1 and "parts" not in carries:
        raise Refused("several answers under one prompt", f"{item.family} {item.code}")
    speaker = Speaker(task, tuple(prose.words(item, locale, templates) for locale in locales))
    fields, changes = [], []
    for part, asked, points in zip(item.parts, task.asked, task.points, strict=True):
        interaction, change = (interact or _interaction)(speaker, part, asked, carries)
        changes += [change] if change else []
        fields.append(
            Field(
                name=part.name,
                points=points,
                interaction=interaction,
                ask=speaker.say(lambda words, part=part: words.ask(part)),  # type: ignore[misc]
                steps=speaker.say(lambda words, part=part: words.steps(part)),  # type: ignore[misc]
            )
        )
    made = Question(
        id=item.id,
        code=item.code,
        family=item.family,
        slot=slot,
        number=number,
        level=item.level,
        minutes=item.minutes,
        calculator=item.calculator,
        prompt=speaker.must(lambda words: words.prompt()),
        fields=tuple(fields),
        steps=speaker.say(lambda words: words.steps()),
        right=speaker.say(lambda words: words.right()),
    )
    return made, tuple(changes)


def ways(key: type[Key], carries: frozenset[str]) -> list[str]:
    """The types of field by which a platform can ask a kind of answer, best first."""
    return [way for way in key.online if way in carries]


def _interaction(
    speaker: Speaker, part: Part, asked: Asked, carries: frozenset[str]
) -> tuple[Interaction, Change | None]:
    kind, best = type(part.key).__name__.lower(), part.key.online[0]
    if asked.mode == "choice" and best not in ("choose", "multiple"):
        return _choose(speaker, part, asked), None
    why = ""
    for way in ways(type(part.key), carries):
        try:
            made = MAKERS[way](speaker, part, asked)
        except Unfit as error:
            why = f": {error}" if str(error) else why
            continue
        return made, None if way == best else Change(part.name, kind, way, LOST[way])
    where = f"{speaker.task.item.family} {speaker.task.item.code}"
    raise Refused(f"the answer {part.name!r} ({kind}) has no field here{why}", where)


Interact = Callable[[Speaker, Part, Asked, frozenset[str]], tuple[Interaction, Change | None]]


class Unfit(Exception):
    """An answer that a type of field cannot ask, though others of its kind can be asked so."""


def _mistakes(speaker: Speaker, part: Part) -> Iterator[tuple[Value, Said]]:
    """The wrong answers that are understood, with what is said to them."""
    for mistake in part.mistakes:
        said = speaker.say(lambda words, name=mistake.name: words.feedback(part, name))  # type: ignore[misc]
        if said:
            yield mistake.value, said


def _choose(speaker: Speaker, part: Part, asked: Asked) -> Choose:
    """The options in the order of the task; where it lists none, the key and some mistakes."""
    if asked.mode != "choice":
        count = min(OPTIONS, len(part.mistakes) + 1)
        if count < FEWEST:
            raise Unfit
        item = speaker.task.item
        asked = asking.ask_part(item, part, "choice", count, Stream(item.id, "lowered", part.name))
    right = asking.right_options(part)
    options = tuple(
        Option(
            words=speaker.must(lambda words, option=option: words.option(part, asked, option)),  # type: ignore[misc]
            right=option in right,
            feedback=None if option in right else speaker.say(_feedback(part, option)),
        )
        for option in asked.order
    )
    return Choose(options, single=type(part.key).online[0] != "multiple")


def _feedback(part: Part, option: str) -> Callable[[Words], Document | None]:
    name = asking.mistake(part, option)
    return lambda words: words.feedback(part, name) if name else None


def _number(value: Value) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if not isinstance(value, int | Decimal):
        raise Unfit
    return Fraction(value)


def is_decimal(value: Fraction) -> bool:
    """Whether a number has an end as a decimal, so that a platform can hold it exactly."""
    return pow(10, value.denominator.bit_length(), value.denominator) == 0


def _field(key: Key, value: Value, wrong: tuple[Near, ...] = ()) -> Numeric:
    number = _number(value)
    if not is_decimal(number):
        raise Unfit
    return Numeric(
        value=number,
        tolerance=key.within,
        unit=getattr(key, "unit", ""),
        units=tuple(getattr(key, "units", {}).items()),
        digits=getattr(key, "digits", None),
        wrong=wrong,
    )


def _numeric(speaker: Speaker, part: Part, asked: Asked) -> Numeric:
    known = ((_number(value), said) for value, said in _mistakes(speaker, part))
    wrong = tuple(Near(value, said) for value, said in known if is_decimal(value))
    return _field(part.key, part.key.right, wrong)


def _cells(speaker: Speaker, part: Part, asked: Asked) -> Cells:
    rows = part.key.right if isinstance(part.key.right[0], tuple) else tuple((entry,) for entry in part.key.right)
    if sum(map(len, rows)) > MOST_CELLS:
        raise Unfit
    cells = tuple(tuple(_field(part.key, entry) for entry in row) for row in rows)
    return Cells(cells, tuple(_mistakes(speaker, part)))


def _short(speaker: Speaker, part: Part, asked: Asked) -> Short:
    key = part.key
    spellings = tuple(dict.fromkeys(text.strip() for text in key.notations(key.right)))
    wrong = tuple(
        Heard(tuple(dict.fromkeys(text.strip() for text in key.notations(value))), said)
        for value, said in _mistakes(speaker, part)
    )
    return Short(spellings, case=bool(getattr(key, "case", True)), wrong=wrong)


def _match(speaker: Speaker, part: Part, asked: Asked) -> Match:
    """Pairs; an order is matched with its places."""
    key, named = part.key, speaker.must
    if isinstance(key, Ordering):
        return _match_places(speaker, key, asked)
    rights = asked.order
    return Match(
        tuple(named(lambda words, name=left: words.named(name)) for left, _ in key.right),  # type: ignore[misc]
        tuple(named(lambda words, name=right: words.named(name)) for right in rights),  # type: ignore[misc]
        tuple(rights.index(right) for _, right in key.right),
    )


def _match_places(speaker: Speaker, key: Ordering, asked: Asked) -> Match:
    """Things with their places; what has none goes with a dash."""
    _require_one_order(key)
    places = [str(place) for place in range(1, len(key.value) + 1)] + (["—"] if key.spare else [])
    return Match(
        tuple(speaker.must(lambda words, name=name: words.named(name)) for name in asked.order),  # type: ignore[misc]
        tuple({words.locale: literal(place) for words in speaker.words} for place in places),
        tuple(key.value.index(name) if name in key.value else len(key.value) for name in asked.order),
    )


def _require_one_order(key: Ordering) -> None:
    """Platforms know one right order. Raises Unfit where there are several."""
    if key.before:
        raise Unfit("several orders are right")


def _order(speaker: Speaker, part: Part, asked: Asked) -> Order:
    _require_one_order(part.key)  # type: ignore[arg-type]  # the kind that names this way
    if part.key.spare:  # type: ignore[attr-defined]
        raise Unfit("some of the things to order have no place")
    return in_order(speaker, part, asked)


def in_order(speaker: Speaker, part: Part, asked: Asked) -> Order:
    """Things to order, also those of which several orders are right, or which have no place."""
    things = tuple(speaker.must(lambda words, name=name: words.named(name)) for name in asked.order)  # type: ignore[misc]
    return Order(things, tuple(asked.order.index(name) for name in part.key.right))


def _formula(speaker: Speaker, part: Part, asked: Asked) -> Formula:
    return Formula(part.key, tuple(_mistakes(speaker, part)))  # type: ignore[arg-type]  # the kind that names this way


def _essay(speaker: Speaker, part: Part, asked: Asked) -> Essay:
    assert isinstance(part.key, Written)
    return Essay(
        tuple(
            Criterion(line.points, {words.locale: literal(line.text.get(words.locale, "")) for words in speaker.words})
            for line in part.key.rubric
        )
    )


MAKERS: dict[str, Callable[[Speaker, Part, Asked], Interaction]] = {
    "choose": _choose,
    "multiple": _choose,
    "numeric": _numeric,
    "cells": _cells,
    "short": _short,
    "match": _match,
    "order": _order,
    "formula": _formula,
    "essay": _essay,
}
"""Types of field, and what makes one of a part."""
