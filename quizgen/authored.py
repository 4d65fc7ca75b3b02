"""Items that the author of a blueprint wrote: their words, options, key and rubric stand in it."""

import re
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from quizgen import answers, blueprint, markup, proofs
from quizgen.answers.choice import Choice
from quizgen.answers.distribution import Distribution
from quizgen.answers.formula import Formula
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.set import Set
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.blueprint import Spec
from quizgen.errors import InputError, UnknownName
from quizgen.values import AUTHORED, Item, Key, Mistake, Part, Texts, say

NUMBERS = frozenset({"tolerance", "relative", "form_credit"})
"""Fields of keys that are numbers, besides the value of most."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{1,60})?|\.\d{1,60}|\d{1,60}/0{0,59}[1-9]\d{0,59})", re.ASCII)


def item(spec: Spec, place: str, folders: tuple[Path, ...]) -> Item:
    """The item of a text that stands in the blueprint: its parameters are its Markdown per locale.

    ``folders`` are those of item templates, in which derivations have their words.
    """
    parameters: dict[str, Any] = {"text": blueprint.texts(spec.text)}
    solution = _solution(spec, place, folders)
    if solution:
        parameters["solution"] = solution
    mistakes: tuple[Mistake, ...] = ()
    if isinstance(spec.options, tuple):
        names = {f"o{number}": option for number, option in enumerate(spec.options, 1)}
        parameters["options"] = {name: blueprint.option_texts(option) for name, option in names.items()}
        parameters["why"] = {name: blueprint.texts(option["why"]) for name, option in names.items() if "why" in option}
        mistakes = tuple(Mistake(name=name, value=name) for name, option in names.items() if not option.get("right"))
        key = _options_key(names)
    elif spec.answer is not None:
        key = _typed_key(spec.answer, f"{place}, answer")
        parameters["answer"] = key.right
    else:
        key = Written(rubric=blueprint.criteria(spec.rubric, place))
        parameters["rubric"] = tuple({"points": line.points, **line.text} for line in key.rubric)
    return Item(
        family=AUTHORED,
        version=1,
        level=1,
        minutes=_minutes(key),
        calculator=False,
        effort=0,
        parameters=parameters,
        trace={},
        parts=(Part(name="answer", key=key, mistakes=mistakes),),
    )


def _solution(spec: Spec, place: str, folders: tuple[Path, ...]) -> Texts | None:
    """The author's words, and after them the lines of the derivations that the author names."""
    words = blueprint.texts(spec.solution)
    derived = [proofs.solution(name, f"{place}, derivations", folders) for name in spec.derivations]
    if not derived:
        return words
    pages = [*([words] if words else []), *derived]
    locales = [key for key in derived[0] if all(key in page or "" in page for page in pages)]
    return {locale: "\n\n".join(say(page, locale) for page in pages) for locale in locales}


def _minutes(key: Key) -> int:
    """Three minutes for two points of written work, two for anything else."""
    return ceil(key.points() * Fraction(3, 2)) if isinstance(key, Written) else 2


def _options_key(options: dict[str, dict[str, Any]]) -> Key:
    right = tuple(name for name, option in options.items() if option.get("right"))
    if len(right) == 1:
        return Choice(value=right[0], options=tuple(options))
    return Multiple(value=right, options=tuple(options))


def _typed_key(data: dict[str, Any], place: str) -> Key:
    """A key as TOML has it: exact numbers are text, such as "0.75" or "3/7", and so is what would be typed."""
    kind, typed = data.get("kind"), [name for name, key in answers.kinds().items() if key.typed]
    if kind not in typed:
        raise UnknownName.among("kind of answer", kind, typed, f"{place}.kind")
    exact = NUMBERS if answers.kind(kind).worded else NUMBERS | {"value"}
    numbers = {name: _exact(value, f"{place}.{name}") for name, value in data.items() if name in exact}
    if kind == "text" and isinstance(data.get("value"), str):
        numbers = {"value": [data["value"]]}
    key = answers.read_key(data | numbers, place)
    markup.parse(f"$0$ {data.get('unit', '')}", f"{place}.unit")
    match key:
        case Set(value=value):
            return Set.of(value)
        case Formula() | Distribution():
            return _with_values(key, place)
        case Vector(value=value):
            _check_rows((value,), f"{place}.value")
        case Matrix(value=value):
            _check_rows(value, f"{place}.value")
    return key


def _with_values(key: Formula | Distribution, place: str) -> Key:
    """The same key. Raises InputError for a formula without a value wherever its variables live."""
    try:
        return key.of(**asdict(key))
    except TypeError as error:
        raise InputError(str(error), f"{place}.value") from error


def _check_rows(rows: tuple[tuple[Any, ...], ...], place: str) -> None:
    """Raises InputError for what has no entries, uneven rows, or entries that are no numbers."""
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise InputError("expected at least one number, and equally many in every row", place)
    if any(isinstance(entry, tuple) for row in rows for entry in row):
        raise InputError("expected numbers, got lists", place)


def _exact(value: Any, place: str) -> Any:
    """Text as the number that it states: "3" an int, "0.75" a Decimal, "3/7" a Fraction; lists entry by entry."""
    if isinstance(value, list):
        return tuple(_exact(entry, place) for entry in value)
    if isinstance(value, float):
        raise InputError(f'expected exact numbers as text, such as "{value}", got {value!r}', place)
    unreadable = InputError(f'expected a number such as "3", "0.75" or "3/7", got {value!r}', place)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise unreadable
    text = str(value).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if not _NUMBER.fullmatch(text):
        raise unreadable
    return Fraction(text) if "/" in text else Decimal(text) if "." in text else int(text)
