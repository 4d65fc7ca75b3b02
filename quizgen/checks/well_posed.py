"""Well posed: where a change of parameters moves an answer, it moves the text of the question too."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from hypothesis import strategies as st

from quizgen import space
from quizgen.checks._subject import Broken, Failure, Inapplicable, Subject
from quizgen.errors import InputError, QuizgenError
from quizgen.prose import Words
from quizgen.space import Parameters
from quizgen.strategies import neighbours
from quizgen.values import Item, Value

NUMBER = 5

Question: TypeAlias = tuple[Any, ...]
"""All that a student is given, in one locale."""


def check(subject: Subject) -> Iterator[Failure]:
    for locale in subject.locales:
        yield from subject.search(lambda q, data, locale=locale: moves(subject, q, data, locale), share=0.4)  # type: ignore[misc]  # bound early
        yield from collisions(subject, locale)


def moves(subject: Subject, q: Parameters, data: st.DataObject, locale: str) -> None:
    """Change one parameter at a time: another answer needs another question."""
    _, item = subject.solved(q)
    asked = question(subject.words(item, locale))
    for name in q.fields:
        other = changed(q, name, data.draw(neighbours(q, name)))
        if other is None:
            continue
        _, neighbour = subject.solved(other)
        if answers(item) != answers(neighbour) and asked == question(subject.words(neighbour, locale)):
            raise Broken(
                f"{name} = {getattr(q, name)!r} and {name} = {getattr(other, name)!r} have different answers"
                f" but the same question ({locale})",
                name,
            )


def changed(q: Parameters, name: str, value: Value) -> Parameters | None:
    """``q`` with another value of one field; None if that is the same, or no parameters at all."""
    if value == getattr(q, name):
        return None
    try:
        return space.check(type(q), q.as_dict() | {name: value})
    except InputError:
        return None


def collisions(subject: Subject, locale: str) -> Iterator[Failure]:
    """Two of the draws with the same question and different answers."""
    seen: dict[Question, tuple[Parameters, tuple[Value, ...]]] = {}
    for q, _, item in subject.samples:
        try:
            asked = question(subject.words(item, locale))
        except Inapplicable:
            return
        first, known = seen.setdefault(asked, (q, answers(item)))
        if known != answers(item):
            yield Failure(f"has another answer than {first!r} but the same question ({locale})", q)
            return


def answers(item: Item) -> tuple[Value, ...]:
    """The right values."""
    return tuple(part.key.right for part in item.parts)


def question(words: Words) -> Question:
    """Prompt with figures, the questions of the parts, and what there is to choose, to order or to match.

    Raises Inapplicable for what cannot be printed.
    """
    try:
        parts = words.item.parts
        labels = sorted(words.label(name) for part in parts for name in part.key.labels())
        return (repr(words.prompt()), *(repr(words.ask(part)) for part in parts), *labels)
    except QuizgenError as error:
        raise Inapplicable(8) from error
