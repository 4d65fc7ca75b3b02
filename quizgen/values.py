"""The values that flow through the program, all frozen, and their JSON.

Numbers are exact. In JSON an int is ``3``, a Fraction ``{"q": "3/7"}``, a Decimal ``{"d": "0.125"}``, a formula
``{"f": tree}``; tuples are lists.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any, ClassVar, Literal, Self, TypeAlias

import msgspec

from quizgen.errors import InputError
from quizgen.expr import Expr, Node

SCHEMA = 1
"""Version of the JSON of items and exams; raised when a reader must know of a change."""

Value: TypeAlias = Any
"""An exact value: int, Fraction, Decimal, str, bool, None, Expr, or a tuple or mapping of those."""

AUTHORED = "text"
"""The family of the questions that a blueprint's author wrote; no bank has it."""

LARGEST = 400
"""The largest power of ten that a decimal may reach, either way."""

_CODE = "23456789bcdfghjkmnpqrstvwxz"
"""Digits of public codes: no vowels, so no words; nothing that looks like something else."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all values."""


class Verdict(Struct, frozen=True):
    """Judgement of one answer.

    ``parsed`` is what was understood, as LaTeX; ``notes`` are stable codes of what is to be said about it; ``span`` is
    where an invalid one could not be read.
    """

    verdict: Literal["right", "partial", "wrong", "invalid", "ungraded"]
    credit: Fraction = Fraction(0)
    parsed: str = ""
    notes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None


class Reading(Struct, frozen=True):
    """What an answer states: the value that is compared, its LaTeX, and codes of how it was put."""

    value: Value
    parsed: str = ""
    form: tuple[str, ...] = ()


class Key(Struct, frozen=True, tag_field="kind", omit_defaults=True):
    """What a right answer is, and how an answer of its kind is read, judged and shown.

    One subclass a file in ``quizgen/answers``; it makes its own right and unreadable examples, which the tests use.
    """

    choosable: ClassVar[bool] = True
    """Whether the question can also be asked with options to choose from."""

    typed: ClassVar[bool] = True
    """Whether an answer is typed, so that an author can state the key in a blueprint."""

    worded: ClassVar[bool] = False
    """Whether the value is text, as it would be typed, and not made of numbers."""

    lists_options: ClassVar[bool] = False
    """Whether the options are part of the key, so that nothing else is needed to ask for a choice."""

    @classmethod
    def of(cls, value: Value) -> Self:
        """The key for a right value; subclasses take options. Raises TypeError for a value of another kind."""
        raise NotImplementedError

    @property
    def right(self) -> Value:
        """The right value."""
        raise NotImplementedError

    def with_right(self, value: Value) -> Self:
        """The key as it would be if ``value`` were right."""
        return msgspec.structs.replace(self, value=value)

    online: ClassVar[tuple[str, ...]] = ("short", "choose")
    """The types of field by which a learning platform can ask for the answer, best first (``exporters._lowering``)."""

    limit: ClassVar[int] = 4000
    """The longest answer that is read, in characters."""

    def read(self, text: str) -> Reading:
        """What ``text`` states. Raises ``notation.Unreadable``."""
        raise NotImplementedError

    def judge(self, reading: Reading) -> Verdict:
        """How right that is; notes are codes of what makes it less than right."""
        raise NotImplementedError

    def near(self, reading: Reading) -> tuple[str, ...]:
        """Codes of the slips that make this wrong answer out of the key."""
        return ()

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        """``value`` as Markdown; ``label`` gives the words of an id."""
        raise NotImplementedError

    @property
    def within(self) -> Fraction:
        """How far a number may be from that of the key and count as it."""
        return Fraction(0)

    def labels(self) -> tuple[str, ...]:
        """The ids that a template must put into words."""
        return ()

    def notations(self, value: Value) -> list[str]:
        """Ways to type ``value``, each of which must be read as it."""
        raise NotImplementedError

    def wrong(self) -> list[str]:
        """Texts that are read, and are not right."""
        return []

    def slips(self) -> Iterator[tuple[str, str]]:
        """What small slips make of the key, as code and text: none may be right, or the key is too generous."""
        return iter(())

    def junk(self) -> list[str]:
        """Texts that are no answer of this kind at all."""
        return ["", "?", "banana", "1 2 3 4 5 6 7 8 9 0 banana", "(", "[[1,2]"]


class Mistake(Struct, frozen=True):
    """The value that a named wrong procedure gives."""

    name: str
    value: Value


class Part(Struct, frozen=True):
    """One thing that an item asks: its key, its share of the points, and the wrong answers that are understood.

    ``after`` names the parts whose values this one is computed from (credit for following through).
    """

    name: str
    key: Key
    weight: int = 1
    after: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def offers(self, options: int) -> bool:
        """Whether this can be asked with that many options, the right one included."""
        return self.key.lists_options or len(self.mistakes) + 1 >= options


class Item(Struct, frozen=True):
    """A question without words: parameters, solution, and what is asked. Independent of locale, seed and target."""

    family: str
    version: int
    level: int
    minutes: int
    calculator: bool
    effort: int
    parameters: dict[str, Value]
    trace: dict[str, Value]
    parts: tuple[Part, ...]
    figures: dict[str, Value] = {}
    schema: int = SCHEMA

    @property
    def id(self) -> str:
        """Identity of the question asked: sha256 of family, version and parameters, in hexadecimal."""
        return item_id(self.family, self.version, self.parameters)

    @property
    def code(self) -> str:
        """Short public code of the item, printed on paper and in LMS stems."""
        return code(self.id)

    @property
    def digest(self) -> str:
        """sha256 of the whole item: changes with the key, the mistakes and the figures too."""
        return sha256(to_json(self)).hexdigest()

    def part(self, name: str) -> Part:
        """The part called ``name``."""
        return next(part for part in self.parts if part.name == name)


class Response(Struct, frozen=True):
    """What a student answered to each part, as typed."""

    item: str
    answers: dict[str, str]


class Grade(Struct, frozen=True):
    """Judgement of one answer to an item: a wrong one with the mistake behind it and the block that answers it."""

    verdict: Verdict
    misconception: str | None = None
    feedback: str | None = None


Texts: TypeAlias = dict[str, str]
"""The same words in each locale; under the empty key, words for every locale."""


def say(texts: Mapping[str, str] | None, locale: str) -> str:
    """The words in one locale; none for no words. Raises KeyError for a locale that is missing."""
    if not texts:
        return ""
    return texts[""] if locale not in texts and "" in texts else texts[locale]


class Asked(Struct, frozen=True):
    """How one part stands on a paper: to be typed or chosen, and the ids in the order in which they are printed."""

    mode: Literal["open", "choice"] = "open"
    order: tuple[str, ...] = ()


class Task(Struct, frozen=True):
    """An item on a paper, with the points of each part."""

    item: Item
    points: tuple[Fraction, ...]
    asked: tuple[Asked, ...]
    space: str = ""
    provenance: Literal["proven", "unproven", "author"] = "unproven"

    @property
    def total(self) -> Fraction:
        """The points of the item."""
        return sum(self.points, Fraction(0))


class Question(Struct, frozen=True):
    """A numbered question: one task, or a stem with several."""

    slot: str
    tasks: tuple[Task, ...]
    stem: Texts | None = None

    @property
    def total(self) -> Fraction:
        """The points of the question."""
        return sum((task.total for task in self.tasks), Fraction(0))


class Section(Struct, frozen=True):
    """Questions under one title, in the order printed."""

    questions: tuple[Question, ...]
    title: Texts | None = None


class Form(Struct, frozen=True):
    """One version of the paper: form A, or the personal paper of one student."""

    name: str
    sections: tuple[Section, ...]

    def questions(self) -> tuple[Question, ...]:
        """All questions in the order printed."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def total(self) -> Fraction:
        """The points of the paper."""
        return sum((question.total for question in self.questions()), Fraction(0))


class Exam(Struct, frozen=True):
    """Everything that stands on the papers but the words, as data. Holds no seed and no names."""

    title: Texts
    forms: tuple[Form, ...]
    course: str = ""
    date: str = ""
    instructions: Texts | None = None
    schema: int = SCHEMA


def item_id(family: str, version: int, parameters: Mapping[str, Value]) -> str:
    """sha256 of what makes a question: family, version and parameters."""
    canonical = [family, version, sorted((name, plain(value)) for name, value in parameters.items())]
    return sha256(msgspec.json.encode(canonical)).hexdigest()


def code(identity: str) -> str:
    """Six characters that stand for an item's id on paper."""
    number = int(identity[:16], 16)
    letters = []
    for _ in range(6):
        number, digit = divmod(number, len(_CODE))
        letters.append(_CODE[digit])
    return "".join(letters)


def in_exam_pool(identity: str) -> bool:
    """Whether an item belongs to the exams' half of its family; the other half is for practice."""
    return identity[0] < "8"


def plain(value: Value) -> Any:
    """``value`` as JSON-ready data, exact numbers tagged."""
    kind: type = type(value)
    if kind is int or kind is str or kind is bool or value is None:
        return value
    if kind is tuple or kind is list:
        return [entry if type(entry) is int else plain(entry) for entry in value]
    return _encoder(kind)(value)


@cache
def _encoder(kind: type) -> Callable[[Any], Any]:
    """What makes values of one type plain; found once, as asking what a value is takes longer than encoding it."""
    if issubclass(kind, Fraction):
        return lambda value: {"q": f"{value.numerator}/{value.denominator}"}
    if issubclass(kind, Decimal):
        return lambda value: {"d": str(value)}
    if issubclass(kind, Expr):
        return lambda value: {"f": msgspec.to_builtins(value)}
    if issubclass(kind, Mapping):
        return lambda value: {str(name): plain(entry) for name, entry in value.items()}
    if issubclass(kind, msgspec.Struct):
        config, names = kind.__struct_config__, kind.__struct_fields__
        tag = {config.tag_field: config.tag} if config.tag_field and config.tag else {}
        if config.omit_defaults:
            defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
            return lambda value: {**tag, **_stated(value, defaults)}
        return lambda value: {**tag, **{name: plain(getattr(value, name)) for name in names}}
    raise TypeError(f"{kind.__name__} is no type of exact values")


def _stated(value: msgspec.Struct, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a struct that say more than its defaults do, plain."""
    fields = ((name, getattr(value, name), default) for name, default in defaults.items())
    return {name: plain(content) for name, content, default in fields if content != default and content != {}}


def exact(data: Any) -> Value:
    """The inverse of :func:`plain` for values (structs stay mappings); what is exact already stays as it is.

    Raises InputError for a damaged number.
    """
    kind = type(data)
    if kind is str or kind is int:
        return data
    if kind is Decimal:
        return _moderate(data)
    if isinstance(data, list | tuple):
        return tuple(map(exact, data))
    if isinstance(data, dict):
        if len(data) == 1:
            tag, content = next(iter(data.items()))
            if tag in _READERS and (tag == "f" or isinstance(content, str)):
                return _read_number(tag, content)
        return {name: exact(entry) for name, entry in data.items()}
    if isinstance(data, float):
        raise InputError(f"expected an exact number, got {data!r}; write it as {{'d': '{data}'}}")
    return data


def _fraction(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator))


def _decimal(text: str) -> Decimal:
    return _moderate(Decimal(text))


def _moderate(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number.adjusted()) > LARGEST:
        raise ValueError("no number, or a far too large one")
    return number


_READERS: dict[str, Callable[[Any], Value]] = {
    "q": _fraction,
    "d": _decimal,
    "f": lambda tree: msgspec.convert(tree, Node),
}


def _read_number(tag: str, content: Any) -> Value:
    try:
        return _READERS[tag](content)
    except (ValueError, ArithmeticError, msgspec.ValidationError) as error:
        raise InputError(f"expected an exact number, got {content!r}") from error


def to_json(value: Any) -> bytes:
    """``value`` as one line of JSON, the same bytes on every machine."""
    return msgspec.json.encode(plain(value))
