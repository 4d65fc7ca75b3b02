"""An exam in words: fills the papers that renderers set from the items of every form."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from quizgen import asking, markup, prose
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.ordering import Ordering
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.renderers import paper
from quizgen.renderers.paper import Paper, Said
from quizgen.values import Asked, Exam, Form, Key, Part, Question, Task, Texts, say

ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
"""Labels of the answers within a lettered part."""


def write(exam: Exam, locales: tuple[str, ...], templates: Sequence[Path], *, personal: bool) -> Iterator[Paper]:
    """The paper of every form, in the order of the forms."""
    writer = _Writer(locales, templates)
    for form in exam.forms:
        yield writer.form(exam, form, personal)


class _Writer:
    """Writes in some locales at once. The words of an author's items are kept, for they stand on every paper."""

    def __init__(self, locales: tuple[str, ...], templates: Sequence[Path]) -> None:
        self.locales = locales
        self.templates = templates
        self._own: dict[str, tuple[Words, ...]] = {}

    def form(self, exam: Exam, form: Form, personal: bool) -> Paper:
        numbers = iter(range(1, len(form.questions()) + 1))
        return Paper(
            form=form.name,
            personal=personal,
            locales=self.locales,
            title=self._texts(exam.title),
            course=exam.course,
            date=exam.date,
            instructions=self._texts(exam.instructions),
            sections=tuple(
                paper.Section(
                    title=self._texts(section.title),
                    questions=tuple(self._question(question, next(numbers)) for question in section.questions),
                )
                for section in form.sections
            ),
        )

    def _texts(self, texts: Texts | None) -> Said:
        return {locale: markup.parse(say(texts, locale)) for locale in self.locales} if texts else {}

    def _question(self, question: Question, number: int) -> paper.Question:
        several = question.stem is not None
        return paper.Question(
            number=number,
            slot=question.slot,
            stem=self._texts(question.stem),
            tasks=tuple(
                self._task(task, ascii_lowercase[position] if several else "")
                for position, task in enumerate(question.tasks)
            ),
        )

    def _task(self, task: Task, label: str) -> paper.Task:
        words = self._words(task)
        parts = task.item.parts
        labels = [""] if len(parts) == 1 else list(ROMAN if label else ascii_lowercase)
        return paper.Task(
            code=task.item.code,
            family=task.item.family,
            label=label,
            prompt=_said(words, lambda one: one.prompt()),
            parts=tuple(
                self._part(words, task, part, asked, place)
                for part, asked, place in zip(parts, task.asked, enumerate(labels), strict=False)
            ),
            steps=_said(words, lambda one: one.steps()),
            proof=task.provenance,
        )

    def _words(self, task: Task) -> tuple[Words, ...]:
        if task.item.family != "text":
            return tuple(prose.words(task.item, locale, self.templates) for locale in self.locales)
        if task.item.id not in self._own:
            self._own[task.item.id] = tuple(prose.words(task.item, locale, ()) for locale in self.locales)
        return self._own[task.item.id]

    def _part(self, words: tuple[Words, ...], task: Task, part: Part, asked: Asked, place: tuple[int, str]) -> paper.Part:
        position, label = place
        alphabet = ascii_uppercase if asked.mode == "choice" else ascii_lowercase
        written = isinstance(part.key, Written)
        return paper.Part(
            name=part.name,
            label=label,
            points=task.points[position],
            kind=str(part.key.__struct_config__.tag),
            mode=asked.mode,
            ask=_said(words, lambda one: one.ask(part)),
            lefts=tuple(_said(words, lambda one, left=left: one.named(left)) for left in _lefts(part.key)),
            choices=tuple(
                paper.Choice(letter=alphabet[number], text=_said(words, lambda one, option=option: _option(one, part, asked, option)))
                for number, option in enumerate(asked.order)
            ),
            shape=shape(part.key),
            unit=getattr(part.key, "unit", ""),
            space=task.space,
            letters=asking.letters(part, asked),
            answer={} if written else _said(words, lambda one: one.value(part, part.key.right)),
            steps=_said(words, lambda one: one.steps(part)),
            mistakes=() if written else tuple(self._mistakes(words, part, asked, alphabet)),
            rubric=tuple(
                paper.Criterion(points=line.points, text=self._texts(line.text))
                for line in (part.key.rubric if isinstance(part.key, Written) else ())
            ),
        )

    def _mistakes(self, words: tuple[Words, ...], part: Part, asked: Asked, alphabet: str) -> Iterator[paper.Mistake]:
        """All mistakes of a typed answer; of a choice, those that stand among the options."""
        for mistake in part.mistakes:
            if asked.mode == "choice" and mistake.name not in asked.order:
                continue
            yield paper.Mistake(
                name=mistake.name,
                letter=alphabet[asked.order.index(mistake.name)] if asked.mode == "choice" else "",
                value=_said(words, lambda one, wrong=mistake.value: one.value(part, wrong)),
                feedback=_said(words, lambda one, name=mistake.name: one.feedback(part, name)),
            )


def _said(words: Sequence[Words], say_it: Callable[[Words], Document | None]) -> Said:
    documents = {one.locale: say_it(one) for one in words}
    return {locale: document for locale, document in documents.items() if document is not None}


def _lefts(key: Key) -> tuple[str, ...]:
    return key.lefts() if isinstance(key, Matching) else ()


def _option(words: Words, part: Part, asked: Asked, option: str) -> Document:
    if asked.mode == "choice":
        return words.value(part, asking.option_value(part, option))
    return words.named(option)


def shape(key: Key) -> tuple[int, ...]:
    """The boxes that an answer fills: ``(3,)`` for three in a row, ``(2, 3)`` for two rows; ``()`` for one."""
    match key:
        case Matrix():
            return (len(key.value), len(key.value[0]))
        case Vector() | Ordering() | Matching():
            return (len(key.value),)
    return ()
