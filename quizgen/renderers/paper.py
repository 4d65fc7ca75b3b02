"""A paper in words: what a form asks and what its solution says, as document trees, ready for any target.

``quizgen.papers`` fills these values from an exam; ``exam.json`` keeps them as printed; templates/exam sets them. Names of
students are not among them.
"""

from fractions import Fraction
from typing import Literal, TypeAlias

from quizgen.markup import Document
from quizgen.values import Struct

Said: TypeAlias = dict[str, Document]
"""The same words in each locale of the paper, in the order printed; empty if nothing is said."""


class Choice(Struct, frozen=True):
    """A lettered thing to choose, to order or to match."""

    letter: str
    text: Said


class Criterion(Struct, frozen=True):
    """A line of a rubric."""

    points: Fraction
    text: Said


class Mistake(Struct, frozen=True):
    """A wrong answer that is understood: its letter if it is an option, its value, and what is said to it."""

    name: str
    letter: str
    value: Said
    feedback: Said


class Part(Struct, frozen=True):
    """One answer: how it is asked (first block) and what its solution is (second block).

    ``kind`` is the kind of answer (``integer``, ``vector``, ``ordering`` …); ``shape`` the boxes to fill: ``(3,)`` for a vector
    of 3 or an ordering of 3 things, ``(2, 3)`` for a matrix of 2 rows; ``space`` a length such as ``5cm`` for written work.
    ``letters`` is the right answer in letters; ``proof`` how the answer was made sure of.
    """

    name: str
    label: str
    points: Fraction
    kind: str
    mode: Literal["open", "choice"]
    ask: Said
    lefts: tuple[Said, ...] = ()
    choices: tuple[Choice, ...] = ()
    shape: tuple[int, ...] = ()
    unit: str = ""
    space: str = ""

    letters: str = ""
    answer: Said = {}
    steps: Said = {}
    mistakes: tuple[Mistake, ...] = ()
    rubric: tuple[Criterion, ...] = ()


class Task(Struct, frozen=True):
    """An item on the paper: its prompt, its answers, and the steps that solve it as a whole."""

    code: str
    family: str
    label: str
    prompt: Said
    parts: tuple[Part, ...]
    steps: Said
    proof: Literal["proven", "unproven", "author"]

    @property
    def points(self) -> Fraction:
        """The points of all answers."""
        return sum((part.points for part in self.parts), Fraction(0))


class Question(Struct, frozen=True):
    """A numbered question: one task, or a stem with lettered tasks."""

    number: int
    slot: str
    stem: Said
    tasks: tuple[Task, ...]

    @property
    def points(self) -> Fraction:
        """The points of all tasks."""
        return sum((task.points for task in self.tasks), Fraction(0))


class Section(Struct, frozen=True):
    """Questions under one title."""

    title: Said
    questions: tuple[Question, ...]

    @property
    def points(self) -> Fraction:
        """The points of all questions."""
        return sum((question.points for question in self.questions), Fraction(0))


class Paper(Struct, frozen=True):
    """One form. ``form`` is its letter, or the id of the student whose personal paper it is."""

    form: str
    personal: bool
    locales: tuple[str, ...]
    title: Said
    course: str
    date: str
    instructions: Said
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order printed."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def points(self) -> Fraction:
        """The points of the paper."""
        return sum((section.points for section in self.sections), Fraction(0))
