"""An exam in words: fills the views that renderers set from the items of every form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Literal

from quizgen import asking, markup, prose
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.renderers import paper as view
from quizgen.values import AUTHORED, Asked, Exam, Form, Part, Question, Section, Task, Texts, say

ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
"""Labels of the answers within a lettered part."""

ROOM = Fraction(7, 10)
"""Centimetres of empty paper for each minute that an open question takes."""


class Writer:
    """Writes an exam in some locales at once."""

    def __init__(self, exam: Exam, locales: tuple[str, ...], templates: Sequence[Path]) -> None:
        self.exam = exam
        self.locales = locales
        self.templates = templates
        self._own: dict[str, tuple[Words, ...]] = {}

    @cached_property
    def front(self) -> view.Exam:
        """What all papers share."""
        return view.Exam(
            locales=self.locales,
            titles=self._lines(self.exam.title),
            points=points(self.exam.forms[0].total),
            course=markup.clean(self.exam.course),
            date=markup.clean(self.exam.date),
            instructions=self._texts(self.exam.instructions),
        )

    def papers(self) -> Iterator[view.Paper]:
        """The paper of every form, without names of students."""
        for form in self.exam.forms:
            numbers = iter(range(1, len(form.questions()) + 1))
            yield view.Paper(
                name=f"form-{form.name}",
                where=f"form {form.name}",
                sections=tuple(self._section(section, numbers) for section in form.sections),
                form=form.name,
            )

    def _texts(self, texts: Texts | None) -> view.Words:
        return tuple(markup.parse(say(texts, locale)) for locale in self.locales) if texts else ()

    def _lines(self, texts: Texts | None) -> view.Titles:
        return tuple(markup.clean(say(texts, locale)) for locale in self.locales) if texts else ()

    def _section(self, section: Section, numbers: Iterator[int]) -> view.Section:
        return view.Section(
            titles=self._lines(section.title),
            points=points(sum((question.total for question in section.questions), Fraction(0))),
            questions=tuple(self._question(question, next(numbers)) for question in section.questions),
        )

    def _question(self, question: Question, number: int) -> view.Question:
        where = f"question {number} ({question.slot})"
        if question.stem is None:
            (task,) = question.tasks
            words = self._words(task)
            return view.Question(
                number=number,
                points=points(question.total),
                where=where,
                words=said(one.prompt() for one in words),
                parts=tuple(self._parts(task, words, _labels(task))),
                code=task.item.code,
                steps=said(one.steps() for one in words) if len(task.item.parts) > 1 else (),
            )
        parts = [
            part
            for letter, task in zip(ascii_lowercase, question.tasks, strict=False)
            for part in self._lettered(task, letter)
        ]
        return view.Question(
            number=number,
            points=points(question.total),
            where=where,
            words=self._texts(question.stem),
            parts=tuple(parts),
        )

    def _lettered(self, task: Task, letter: str) -> Iterator[view.Part]:
        """A task under a stem: (b), or (b i), (b ii) … if it asks for several answers; its prompt leads the first."""
        words = self._words(task)
        return self._parts(task, words, _labels(task, letter), lead=said(one.prompt() for one in words), whole=True)

    def _words(self, task: Task) -> tuple[Words, ...]:
        """The words of a task; those of the author's own questions are kept, for they stand on every paper."""
        if task.item.family != AUTHORED:
            return tuple(prose.words(task.item, locale, self.templates) for locale in self.locales)
        if task.item.id not in self._own:
            self._own[task.item.id] = tuple(prose.words(task.item, locale, ()) for locale in self.locales)
        return self._own[task.item.id]

    def _parts(
        self, task: Task, words: tuple[Words, ...], labels: Sequence[str], lead: view.Words = (), *, whole: bool = False
    ) -> Iterator[view.Part]:
        """The parts of a task; ``lead`` comes before the first, the steps of the ``whole`` item after the last."""
        rows = list(zip(labels, task.item.parts, task.points, task.asked, strict=True))
        for position, (label, part, worth, asked) in enumerate(rows):
            asks = said(one.ask(part) for one in words)
            steps = said(one.steps(part) for one in words)
            if len(rows) == 1 or (whole and position == len(rows) - 1):
                steps = join(steps, said(one.steps() for one in words))
            yield view.Part(
                points=points(worth),
                label=label,
                words=join(lead, asks) if position == 0 else asks,
                kind=_kind(part, asked),
                options=tuple(self._options(words, part, asked)),
                lefts=tuple(said(one.named(name) for one in words) for name in _lefts(part)),
                fields=_fields(part, asked),
                boxes=len(part.key.value) if isinstance(part.key, Ordering) else 0,
                work=_work(task, part, asked),
                answer=self._answer(words, part, asked),
                steps=steps,
                scheme=tuple(self._scheme(part)),
                mistakes=tuple(_mistakes(words, part)) if _is_typed(part, asked) else (),
            )

    def _options(self, words: tuple[Words, ...], part: Part, asked: Asked) -> Iterator[view.Option]:
        alphabet = ascii_uppercase if asked.mode == "choice" else ascii_lowercase
        right = asking.right_options(part)
        for letter, option in zip(alphabet, asked.order, strict=False):
            mistake = asking.mistake(part, option)
            yield view.Option(
                letter=letter,
                words=said(one.option(part, asked, option) for one in words),
                right=option in right,
                why=said(one.feedback(part, mistake) for one in words) if mistake else (),
            )

    def _answer(self, words: tuple[Words, ...], part: Part, asked: Asked) -> view.Words:
        letters = asking.letters(part, asked)
        if letters:
            bound = ", ".join(rf"\mathrm{{{a}}} \prec \mathrm{{{b}}}" for a, b in asking.precedence(part, asked))
            return (markup.parse(f"{letters} (${bound}$)") if bound else markup.literal(letters),)
        return () if isinstance(part.key, Written) else said(one.value(part, part.key.right) for one in words)

    def _scheme(self, part: Part) -> Iterator[view.Criterion]:
        if isinstance(part.key, Written):
            for line in part.key.rubric:
                yield view.Criterion(points=points(line.points), words=self._texts(line.text))

    def key(self, names: Mapping[str, str]) -> view.KeyView:
        """The answers of all papers, in the order of the first; ``names`` of the students, if papers are personal."""
        forms = self.exam.forms
        rows = [dict(self._answers(form)) for form in forms]
        return view.KeyView(
            papers=tuple(form.name for form in forms),
            slots=tuple(
                view.Slot(
                    label=label,
                    points=worth,
                    answers=tuple(self._shown(label, *row[place]) for row in rows),
                )
                for place, (label, worth, *_) in rows[0].items()
            ),
            students=tuple(names[form.name] for form in forms) if names else (),
        )

    def _answers(self, form: Form) -> Iterator[tuple[tuple[str, int, str], tuple[str, str, Task, Part, Asked]]]:
        """Slot, task and part to the label on this form, the points, and where the answer is found."""
        for number, question in enumerate(form.questions(), 1):
            for position, task in enumerate(question.tasks):
                labels = _labels(task, ascii_lowercase[position] if question.stem else "")
                for label, part, worth, asked in zip(labels, task.item.parts, task.points, task.asked, strict=True):
                    place = f"{number} {label}".strip()
                    yield (question.slot, position, part.name), (place, points(worth), task, part, asked)

    def _shown(self, column: str, label: str, worth: str, task: Task, part: Part, asked: Asked) -> view.Answer:
        """An answer in the key, led by its question's number where that is another on this form."""
        words = self._words(task)[:1]
        answer = self._answer(words, part, asked)
        value = answer[0] if answer else markup.literal("—")
        if label != column:
            value = markup.literal(f"({label})") + value
        mistakes = _named_mistakes(words[0], part) if _is_typed(part, asked) else ()
        return view.Answer(value=value, mistakes=tuple(mistakes))


def points(value: Fraction) -> str:
    """Points as they are printed: ``4``, ``2.5``, ``0.75``."""
    return f"{float(value):g}"


def said(documents: Iterable[Document | None]) -> view.Words:
    """The same words in every locale; none if nothing is said."""
    return tuple(document for document in documents if document is not None)


def join(first: view.Words, second: view.Words) -> view.Words:
    """Two texts in every locale, one after the other."""
    if not first or not second:
        return first or second
    return tuple(a + b for a, b in zip(first, second, strict=True))


def _labels(task: Task, letter: str = "") -> list[str]:
    """The labels of a task's parts: none for one alone, a, b … for several; under a stem the letter, or b i, b ii …"""
    several = ROMAN if letter else ascii_lowercase
    own = several[: len(task.item.parts)] if len(task.item.parts) > 1 else ("",)
    return [f"{letter} {label}".strip() for label in own]


def _is_typed(part: Part, asked: Asked) -> bool:
    """Whether an answer is written down as a value, so that wrong values can be expected."""
    return not asked.order and not isinstance(part.key, Written)


def _kind(part: Part, asked: Asked) -> Literal["open", "choice", "choices", "order", "match"]:
    match part.key:
        case Ordering():
            return "order"
        case Matching():
            return "match"
        case Multiple():
            return "choices"
    return asked.mode


def _lefts(part: Part) -> tuple[str, ...]:
    return part.key.lefts() if isinstance(part.key, Matching) else ()


def _fields(part: Part, asked: Asked) -> tuple[view.Field, ...]:
    if not _is_typed(part, asked):
        return ()
    return (view.Field(unit=getattr(part.key, "unit", ""), shape=shape(part), wide=part.key.worded),)


def shape(part: Part) -> tuple[int, ...]:
    """The boxes that a typed answer fills: ``(3,)`` for a vector of 3, ``(2, 3)`` for 2 rows, ``()`` for one number."""
    match part.key:
        case Matrix():
            return (len(part.key.value), len(part.key.value[0]))
        case Vector():
            return (len(part.key.value),)
    return ()


def _work(task: Task, part: Part, asked: Asked) -> float:
    """Centimetres of empty paper: as the author says, else by the minutes that the part takes."""
    if task.space:
        length = float(task.space[:-2])
        return length / 10 if task.space.endswith("mm") else length
    if asked.order:
        return 0.0
    minutes = Fraction(task.item.minutes * part.weight, sum(other.weight for other in task.item.parts))
    return min(max(round(float(minutes * ROOM), 1), 0.8), 6.0)


def _mistakes(words: tuple[Words, ...], part: Part) -> Iterator[view.Mistake]:
    for mistake in part.mistakes:
        yield view.Mistake(
            value=words[0].value(part, mistake.value),
            words=said(one.feedback(part, mistake.name) for one in words),
        )


def _named_mistakes(words: Words, part: Part) -> Iterator[view.Mistake]:
    """Expected wrong values with the names of their mistakes, short enough for a key."""
    for mistake in part.mistakes:
        name = markup.literal(mistake.name.replace("_", " "))
        yield view.Mistake(value=words.value(part, mistake.value), words=(name,))
