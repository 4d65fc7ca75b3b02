"""How the parts of an item are put: open or with options, in which order, and which letters are then right."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from string import ascii_lowercase, ascii_uppercase

from quizgen.answers.choice import Choice
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.errors import InputError
from quizgen.randomness import Stream
from quizgen.values import Asked, Item, Part, Value

RIGHT = "right"
"""The id of the right option beside the names of the mistakes."""


def ask(item: Item, mode: str, options: int, stream: Stream, shuffle: bool = True) -> tuple[Asked, ...]:
    """How each part of ``item`` is put. Raises InputError for a part that has no options, or too few."""
    return tuple(ask_part(item, part, mode, options, stream, shuffle) for part in item.parts)


def ask_part(item: Item, part: Part, mode: str, options: int, stream: Stream, shuffle: bool = True) -> Asked:
    """How one part is put; the things to choose, order or match are listed in a random order.

    Without ``shuffle``, an author's options keep their order and numbers rise.
    """
    match part.key:
        case Choice() | Multiple():
            is_kept = not shuffle or (isinstance(part.key, Choice) and part.key.ordered)
            order = part.key.options if is_kept else stream.shuffled(part.key.options)
            return Asked(mode="choice", order=order)
        case Ordering():
            return Asked(mode="open", order=_disordered(part.key.things(), stream))
        case Matching():
            return Asked(mode="open", order=stream.shuffled(part.key.rights()))
    if mode == "open":
        return Asked(mode="open")
    distractors = _balanced(part, options - 1, stream)
    if len(distractors) < options - 1:
        raise InputError(f"{part.name!r} has only {len(distractors)} distractors for {options} options", item.family)
    order = stream.shuffled((RIGHT, *distractors))
    if not shuffle and isinstance(part.key.right, int | Fraction | Decimal):
        order = tuple(sorted(order, key=lambda option: option_value(part, option)))
    return Asked(mode="choice", order=order)


def _disordered(value: tuple[str, ...], stream: Stream) -> tuple[str, ...]:
    """The things to put in order, never already in order."""
    while True:
        order = stream.shuffled(value)
        if order != value or len(set(value)) < 2:
            return order


def _balanced(part: Part, count: int, stream: Stream) -> tuple[str, ...]:
    """``count`` distractors such that the rank of a number among the options is as even as the mistakes allow."""
    key = part.key.right
    if not isinstance(key, int | Fraction | Decimal):
        return stream.shuffled([mistake.name for mistake in part.mistakes])[:count]
    below = stream.shuffled([mistake.name for mistake in part.mistakes if mistake.value < key])
    above = stream.shuffled([mistake.name for mistake in part.mistakes if mistake.value > key])
    fewest, most = max(0, count - len(above)), min(count, len(below))
    smaller = fewest + stream.below(max(most - fewest + 1, 1))
    return (*below[:smaller], *above[: count - smaller])


def option_value(part: Part, option: str) -> Value:
    """The value that an option of a choice shows."""
    if part.key.lists_options:
        return option
    if option == RIGHT:
        return part.key.right
    return next(mistake.value for mistake in part.mistakes if mistake.name == option)


def mistake(part: Part, option: str) -> str | None:
    """The name of the mistake that an option is the answer of; where several are right, of the one that adds it."""
    wrong: Value | None = option if part.key.lists_options else None
    if isinstance(part.key, Multiple):
        wrong = tuple(name for name in part.key.options if name == option or name in part.key.value)
    return next(
        (found.name for found in part.mistakes if option == found.name or (wrong is not None and wrong == found.value)),
        None,
    )


def right_options(part: Part) -> tuple[str, ...]:
    """The ids of the right options."""
    match part.key:
        case Choice():
            return (part.key.value,)
        case Multiple():
            return part.key.value
    return (RIGHT,)


def letters(part: Part, asked: Asked) -> str:
    """The right answer in the paper's letters: ``B``, ``A, C``, ``c a d b``, ``1b 2a``; empty for typed answers."""
    match part.key:
        case Ordering():
            return " ".join(letter(asked.order, name, ascii_lowercase) for name in part.key.value)
        case Matching():
            pairs = enumerate(part.key.value, 1)
            return "  ".join(f"{number}{letter(asked.order, right, ascii_lowercase)}" for number, (_, right) in pairs)
    if asked.mode == "open":
        return ""
    return ", ".join(sorted(letter(asked.order, option) for option in right_options(part)))


def precedence(part: Part, asked: Asked) -> tuple[tuple[str, str], ...]:
    """Where several orders are right: the letters of which the first must stand before the second, none twice over."""
    before = part.key.before if isinstance(part.key, Ordering) else ()
    middles = {(a, d) for a, b in before for c, d in before if b == c}
    lettered = {name: letter(asked.order, name, ascii_lowercase) for name in asked.order}
    return tuple(sorted((lettered[a], lettered[b]) for a, b in before if (a, b) not in middles))


def letter(order: Sequence[str], name: str, alphabet: str = ascii_uppercase) -> str:
    """The letter under which ``name`` is listed."""
    return alphabet[order.index(name)]
