"""A family: a small program that draws parameters, solves them, and knows the wrong procedures that students follow.

A bank's file imports everything it needs from here. ``family.make`` turns parameters into an item without words;
the words are in the templates of the same path. DESIGN.md's contract for families is proven by ``quizgen check``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from inspect import signature
from traceback import walk_tb
from typing import Any, Literal, TypeVar

from msgspec.structs import replace

from quizgen import figures, space
from quizgen.answers import Answer, Unreadable, answer, kind, traced
from quizgen.answers.text import Text
from quizgen.errors import FamilyError, InputError, ProofError, QuizgenError, Redraw
from quizgen.expr import Expr, latex
from quizgen.randomness import Stream
from quizgen.space import (
    EVERYWHERE,
    Parameters,
    Where,
    choice,
    decimals,
    fractions,
    ints,
    matrices,
    odds,
    permutations,
    vectors,
)
from quizgen.values import Item, Key, Mistake, Part, Reading, Value, exact, in_exam_pool, item_id, plain

__all__ = [
    "Family",
    "Parameters",
    "answer",
    "choice",
    "decimals",
    "figures",
    "fractions",
    "ints",
    "matrices",
    "odds",
    "permutations",
    "traced",
    "vectors",
]

LEVELS: Mapping[int, tuple[int, int]] = {1: (1, 16), 2: (3, 24), 3: (5, 36), 4: (12, 64), 5: (24, 160)}
"""Level to the band of effort (digits to be written) in which every item of a family of that level lies."""

INSTALL = "install what laws need with `pip install torch` and `pip install 'quizgen[proof]'`"
"""What to do where a law's libraries are missing."""

SMALL = 200
"""Spaces with fewer items than this are not divided between exams and practice."""

_SYMBOL = re.compile(r"\d|[^\W\d_]+")
"""A digit, a name or a command: what counts as written in a text."""

RESERVED = frozenset({"prompt", "steps", "right", "figure", "mistake"})
"""Names of template blocks that no misconception may have."""

Pool = Literal["exam", "practice"]
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type[Parameters])


class Family:
    """One kind of question. Filled by decorators while its file is loaded, and not changed afterwards.

    ``level`` 1 … 5, ``version`` raised when the meaning of a parameter changes, ``minutes`` a student needs,
    ``calculator`` whether one is needed, ``answers`` part name to its kind, ``needs`` heavy packages that it imports,
    ``facet`` a parameter whose values are learnt one by one, such as the derivation that is asked about.
    """

    def __init__(
        self,
        *,
        level: int,
        version: int,
        answers: Mapping[str, Answer],
        minutes: int = 3,
        calculator: bool = False,
        needs: tuple[str, ...] = (),
        facet: str = "",
    ) -> None:
        if level not in LEVELS:
            raise FamilyError(f"level must be one of {sorted(LEVELS)}, got {level!r}")
        if not answers:
            raise FamilyError("a family asks for at least one answer")
        for name, declared in answers.items():
            for before in declared.after:
                if before not in answers:
                    raise FamilyError(f"answer {name!r} comes after {before!r}, which does not exist")
        self.id = ""
        self.level = level
        self.version = version
        self.minutes = minutes
        self.calculator = calculator
        self.needs = needs
        self.facet = facet
        self.answers = dict(answers)
        self.params: type[Parameters] = Parameters
        self.misconceptions: dict[str, Callable[[Any], Any]] = {}
        self.following: dict[str, Callable[..., Any]] = {}
        self.laws: dict[str, Callable[[Any, Any], None]] = {}
        self.evidences: frozenset[str] = frozenset()
        self.figures: dict[str, Callable[[Any, Any], Any]] = {}
        self._mistakes: Callable[[Any, Any], Mapping[str, Any]] | None = None
        self._solve: Callable[[Any], Any] | None = None
        self._effort: Callable[[Any, Any], int] = lambda q, t: digits(trace_dict(t))
        self._small: dict[str, bool] = {}

    # What a bank's file declares.

    def parameters(self, kind: C) -> C:
        """Class decorator: the parameters of the family."""
        self.params = kind
        return kind

    def solve(self, function: F) -> F:
        """Decorator: parameters to the frozen trace that holds the answers and every step."""
        self._solve = function
        return function

    def misconception(self, function: F) -> F:
        """Decorator: a named wrong procedure.

        It returns a value, a trace, a mapping part -> value, or None if it does not apply.
        """
        name = function.__name__
        if name in RESERVED or name.startswith(("part_", "steps_", "label_")):
            raise FamilyError(f"a misconception cannot be called {name!r}, which is a template's block")
        self.misconceptions[name] = function
        return function

    def mistakes(self, function: F) -> F:
        """Decorator: parameters and trace to the wrong answers of procedures whose names are data, by those names.

        What is said to them stands in the one block ``mistake``, which sees the ``name``.
        """
        self._mistakes = function
        return function

    @property
    def has_mistakes(self) -> bool:
        """Whether wrong procedures are known at all."""
        return bool(self.misconceptions) or self._mistakes is not None

    def blocks(self) -> tuple[str, ...]:
        """The template's blocks that speak of wrong procedures."""
        return (*self.misconceptions, *(("mistake",) if self._mistakes is not None else ()))

    def follows(self, function: F) -> F:
        """Decorator: the right value of the part of the same name, from parameters and own values of others.

        So a slip in one part does not spoil the next: ``def output(q, weights)`` is the output under any weights.
        """
        name = function.__name__
        if name not in self.answers:
            raise FamilyError(f"nothing is asked under the name {name!r}, which is to follow from other answers")
        _, *given = signature(function).parameters
        if tuple(given) != self.answers[name].after:
            raise FamilyError(f"{name!r} comes after {self.answers[name].after}, but is computed from {tuple(given)}")
        self.following[name] = function
        return function

    def law(self, function: F) -> F:
        """Decorator: asserts that a trace is right by means that share no code with ``solve``."""
        self.laws[function.__name__] = function
        return function

    def evidence(self, function: F) -> F:
        """Decorator: a law of a question of knowledge; demonstrates its statement by running it."""
        self.evidences |= {function.__name__}
        return self.law(function)

    def figure(self, function: F) -> F:
        """Decorator: parameters and trace to a figure value; its text alternative is the block ``figure``."""
        self.figures[function.__name__] = function
        return function

    def effort(self, function: F) -> F:
        """Decorator: the digits that a hand has to write, where the default (all digits of the trace) misleads."""
        self._effort = function
        return function

    # What the program asks of it.

    def followed(self, item: Item, part: Part, own: Mapping[str, Value]) -> Value | None:
        """The right value of a part for own values of those it is after; None where they lead nowhere."""
        if part.name not in self.following:
            return None
        given = {name: _alike(own[name], item.part(name).key.right) for name in part.after}
        try:
            return self.following[part.name](self.params(**item.parameters), **given)
        except (ArithmeticError, TypeError, ValueError):
            return None

    def require_choosable(self) -> None:
        """Raises InputError if some answer is of a kind without options."""
        for name, declared in self.answers.items():
            if not kind(declared.kind).choosable:
                raise InputError(
                    f'"choice" does not fit: the answer {name!r} is a kind without options ({declared.kind}); '
                    'allowed: "open"',
                    self.id,
                )

    def solution(self, q: Parameters) -> Any:
        """The trace of some parameters."""
        if self._solve is None:
            raise FamilyError("the family has no solve function", self.id)
        return self._solve(q)

    def make(self, q: Parameters) -> Item:
        """The item of these parameters. Raises Redraw if a wrong procedure gives an answer that counts as right."""
        return self.item(q, self.solution(q))

    def item(self, q: Parameters, trace: Any) -> Item:
        """The item of these parameters, whose ``trace`` is known."""
        keys = {name: self._key(name, trace) for name in self.answers}
        wrong: dict[str, dict[str, Value]] = {name: {} for name in keys}
        for mistake, result in self._results(q, trace):
            for name, outcome in self._outcomes(result):
                key, value = keys[name], _as_held(keys[name], outcome)
                if value == key.right or value in wrong[name].values():
                    continue
                try:
                    reading = _typed(key, value)
                    if _counts(key, reading):
                        raise Redraw(f"{mistake} gives {value!r}, which counts as right", self.id)
                    others = wrong[name].values() if key.worded else ()
                    if any(_counts(replace(key, value=other), reading) for other in others):
                        continue  # the same in other words
                except Unreadable as error:
                    raise FamilyError(
                        f"{mistake} gives {value!r} as {name!r}, which cannot be read: {error.code}", self.id
                    ) from error
                except TypeError as error:
                    raise FamilyError(f"{mistake} gives {value!r} as {name!r}: {error}", self.id) from error
                wrong[name][mistake] = value
        return Item(
            family=self.id,
            version=self.version,
            level=self.level,
            minutes=self.minutes,
            calculator=self.calculator,
            effort=self._effort(q, trace),
            parameters=q.as_dict(),
            trace=trace_dict(trace),
            parts=tuple(
                Part(
                    name=name,
                    key=keys[name],
                    weight=declared.weight,
                    after=declared.after,
                    mistakes=tuple(Mistake(name=mistake, value=value) for mistake, value in wrong[name].items()),
                )
                for name, declared in self.answers.items()
            ),
            figures={name: exact(plain(drawing(q, trace))) for name, drawing in self.figures.items()},
        )

    def _key(self, name: str, trace: Any) -> Key:
        """The key of one answer. Raises FamilyError that names it, for a value that its kind does not take."""
        try:
            return self.answers[name].key(trace)
        except TypeError as error:
            raise FamilyError(f"the answer {name!r}: {error}", self.id) from error

    def _results(self, q: Parameters, trace: Any) -> Iterator[tuple[str, Any]]:
        """What every wrong procedure gives, by its name."""
        for name, procedure in self.misconceptions.items():
            yield name, procedure(q)
        if self._mistakes is not None:
            yield from self._mistakes(q, trace).items()

    def _outcomes(self, outcome: Any) -> Iterator[tuple[str, Value]]:
        """A misconception's wrong value for each part that it spoils."""
        if outcome is None:
            return
        if isinstance(outcome, dict):
            yield from outcome.items()
        elif is_dataclass(outcome):
            for name, declared in self.answers.items():
                yield name, getattr(outcome, declared.field)
        else:
            yield next(iter(self.answers)), outcome

    def prove(self, q: Parameters, trace: Any) -> None:
        """Run every law. Raises ProofError that names the law and the parameters."""
        for name, law in self.laws.items():
            try:
                law(q, trace)
            except AssertionError as error:
                raise ProofError(f"the law {name!r} does not hold for {q!r} {error}".rstrip(), self.id) from error
            except ModuleNotFoundError as error:
                raise InputError(f"the law {name!r} cannot run without {error.name}; {INSTALL}", self.id) from error

    def is_small(self, where: Where = EVERYWHERE) -> bool:
        """Whether the space inside ``where`` is too small to be divided between exams and practice."""
        key = repr(sorted(where.items()))
        if key not in self._small:
            self._small[key] = space.count(self.params, where, SMALL) < SMALL
        return self._small[key]

    def half(self, pool: Pool | None, where: Where = EVERYWHERE) -> Pool | None:
        """``pool``; None if the space inside ``where`` is not divided."""
        return None if pool is None or self.is_small(where) else pool

    def admit(
        self,
        q: Parameters,
        half: Pool | None = None,
        options: int = 0,
        laws: bool = False,
        refuse: Callable[[Item], bool] = lambda item: False,
    ) -> Item | None:
        """The item of these parameters, if it is as ``draw`` wants it. Raises ProofError if a law fails."""
        if half is not None and in_exam_pool(item_id(self.id, self.version, q.as_dict())) != (half == "exam"):
            return None
        trace = self.solution(q)
        try:
            item = self.item(q, trace)
        except Redraw:
            return None
        if refuse(item) or not all(part.offers(options) for part in item.parts):
            return None
        if laws:
            self.prove(q, trace)
        return item

    def draw(
        self,
        *key: object,
        where: Where = EVERYWHERE,
        pool: Pool | None = None,
        options: int = 0,
        laws: bool = False,
        refuse: Callable[[Item], bool] = lambda item: False,
    ) -> Item:
        """The item that belongs to a key such as (seed, purpose, slot, form).

        With ``pool``, an item of that half of the space; with ``options``, one whose every part has at least that many
        options, the right one included; with ``laws``, a proven one; never one that ``refuse`` refuses.
        Raises InputError if no such item turns up in 1 000 draws.
        """
        with self.faults_located():
            half = self.half(pool, where)
            for attempt in range(space.TRIES):
                q = space.draw(self.params, Stream(*key, attempt), where)
                item = self.admit(q, half, options, laws, refuse)
                if item is not None:
                    return item
        wanted = f" with {options} options" if options else ""
        raise InputError(f"no usable item{wanted} in {space.TRIES} draws{_inside(where)}", self.id)

    @contextmanager
    def faults_located(self) -> Iterator[None]:
        """A fault in the family's own code is a FamilyError that names its line."""
        try:
            yield
        except QuizgenError:
            raise
        except Exception as error:
            lines = [
                f"{frame.f_code.co_filename}:{line}"
                for frame, line in walk_tb(error.__traceback__)
                if frame.f_globals.get("__name__", "").startswith("quizgen_banks.")
            ]
            if not lines:
                raise
            raise FamilyError(f"{type(error).__name__}: {error}", lines[-1]) from error


def _as_held(key: Key, value: Value) -> Value:
    """A wrong value as a key of the kind would hold it: a tree is text, and one string one of those accepted."""
    if key.worded and isinstance(value, Expr):
        return latex(value)  # type: ignore[arg-type]  # every Expr is a Node
    return (value,) if isinstance(key, Text) and isinstance(value, str) else value


def _alike(value: Value, right: Value) -> Value:
    """A value that was typed in the type of the right one: a decimal, a fraction, an integer, entry by entry."""
    if isinstance(right, tuple):
        return tuple(map(_alike, value, right))
    if isinstance(right, Decimal):
        return Decimal(value.numerator) / value.denominator if isinstance(value, int | Fraction) else value
    if isinstance(right, int | Fraction):
        exact = Fraction(value)
        return int(exact) if isinstance(right, int) and exact.denominator == 1 else exact
    return value


def _typed(key: Key, value: Value) -> Reading:
    """What an answer states; words are read as they would be typed. Raises Unreadable."""
    return key.read(key.notations(value)[0]) if key.worded else Reading(value=value)


def _counts(key: Key, reading: Reading) -> bool:
    """Whether an answer would be right."""
    return key.judge(reading).verdict == "right"


def _inside(where: Where) -> str:
    return f" inside the conditions on {', '.join(where)}" if where else ""


def trace_dict(trace: Any) -> dict[str, Value]:
    """The fields of a trace, in order."""
    return {field.name: getattr(trace, field.name) for field in fields(trace)}


def digits(value: Value) -> int:
    """Digits that a hand writes for an exact value: those of numerators, denominators and decimals.

    In a formula every name counts as one more, and so do a fraction bar, brackets and the words of a text.
    """
    kind = type(value)
    if kind is int:
        return len(str(abs(value)))
    if kind is tuple:
        return sum(map(digits, value))
    if kind is Fraction:
        return digits(value.numerator) + (digits(value.denominator) if value.denominator != 1 else 0)
    if kind is Decimal:
        return len(value.as_tuple().digits)
    if kind is dict:
        return sum(map(digits, value.values()))
    if kind is str:
        return len(_SYMBOL.findall(value))
    if isinstance(value, Expr):
        return digits(latex(value))  # type: ignore[arg-type]  # every Expr is a Node
    return 0
