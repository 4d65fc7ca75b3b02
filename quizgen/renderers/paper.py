"""Exam papers, the key, and solutions as plain views, and their LaTeX and HTML.

A view holds everything a template prints, already in words: one :class:`Document` per locale of the paper, in the order
of ``Exam.locales`` (a bilingual paper has two). Templates (``templates/exam``) place what the view holds; strings are
escaped on their way into a template, so no text of a user is ever obeyed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from markupsafe import Markup

from quizgen.markup import Block, Document, Figure, Paragraph
from quizgen.renderers import latex, ui
from quizgen.renderers.latex import Tex

Words: TypeAlias = tuple[Document, ...]
"""The same text in every locale of the paper."""

Titles: TypeAlias = tuple[str, ...]
"""The same plain string in every locale of the paper."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value to be written down. ``label`` and ``unit`` are LaTeX mathematics and plain text (``i_t``, ``px``).

    ``shape`` is () for one number, (n,) for a vector, (rows, columns) for a matrix.
    """

    label: str = ""
    unit: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose, order or match, with its letter; ``why`` tells why it is wrong."""

    letter: str
    words: Words
    right: bool = False
    why: Words = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a marking scheme."""

    points: str
    words: Words


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that is expected, as it is displayed, and what a student who gives it has done."""

    value: Document
    words: Words


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked. ``label`` is ``a``, ``b`` … or empty for a question of one part.

    ``kind``: "open" (``fields`` to fill in, after ``work`` cm of room), "choice" and "choices" (mark one, or all that
    are right), "order" and "match" (``options`` are the lettered entries, ``lefts`` what they are matched with).
    ``answer``, ``steps``, ``scheme`` and ``mistakes`` are printed in solutions only.
    """

    points: str
    label: str = ""
    words: Words = ()
    kind: Literal["open", "choice", "choices", "order", "match"] = "open"
    options: tuple[Option, ...] = ()
    lefts: tuple[Words, ...] = ()
    fields: tuple[Field, ...] = ()
    work: float = 0.0
    answer: Words = ()
    steps: Words = ()
    scheme: tuple[Criterion, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A numbered question. ``where`` names it in messages of TeX; ``code`` is the public code of its item."""

    number: int
    points: str
    where: str
    words: Words
    parts: tuple[Part, ...]
    code: str = ""
    steps: Words = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one title."""

    titles: Titles
    points: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """What all papers of an exam share."""

    locales: tuple[str, ...]
    titles: Titles
    points: str
    course: str = ""
    date: str = ""
    instructions: Words = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, cut out as ``name``: a form (``form`` is its letter) or a student's own (``id`` and ``student``).

    ``where`` names it in messages of TeX: "form A", "students.csv, row 3".
    """

    name: str
    where: str
    sections: tuple[Section, ...]
    form: str = ""
    id: str = ""
    student: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the key: its short form, and the wrong answers that are expected."""

    value: Document
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing asked in every paper: ``label`` is ``3`` or ``3 a``; ``answers`` has an answer per paper."""

    label: str
    points: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class KeyView:
    """The key of all papers. ``papers`` are form letters, or student ids with ``students`` their names."""

    papers: tuple[str, ...]
    slots: tuple[Slot, ...]
    students: tuple[str, ...] = ()


COLUMNS = 12
"""Questions in one row of the marks table."""

SLOTS = 6
"""Columns of answers in one table of the key."""


def student_papers_tex(exam: Exam, papers: Sequence[Paper]) -> str:
    """One LaTeX document with all papers, each cut out under its name by :func:`quizgen.renderers.pdf.typeset`."""
    return _tex("papers.tex.j2", exam, papers=papers, solved=False)


def solutions_tex(exam: Exam, papers: Sequence[Paper]) -> str:
    """The same papers with answers, worked solutions and marking schemes."""
    return _tex("papers.tex.j2", exam, papers=papers, solved=True)


def key_tex(exam: Exam, key: KeyView, name: str = "key") -> str:
    """One LaTeX document: the answers of every paper to every slot, and the expected wrong answers."""
    return _tex("key.tex.j2", exam, key=key, name=name)


def _tex(template: str, exam: Exam, **values: Any) -> str:
    say = _Say(exam.locales)
    return _environment().get_template(template).render(exam=exam, say=say, **values)


class _Say:
    """Fixed words as LaTeX: ``say("points", n=4)``; on a bilingual paper both languages, one after the other."""

    def __init__(self, locales: tuple[str, ...]) -> None:
        self.locales = locales
        self.cache: dict[Any, Tex] = {}

    def __call__(self, name: str, between: str = " ", **values: Any) -> Tex:
        known = (name, between, *values.items())
        if known not in self.cache:
            pieces = (ui.pieces(locale, name, values) for locale in self.locales)
            self.cache[known] = Tex(between.join("".join(map(_finish, found)) for found in pieces))
        return self.cache[known]


def _finish(value: Any) -> str:
    """Whatever a template prints, as LaTeX; plain strings are escaped."""
    if isinstance(value, Tex | Markup):  # Markup is what Jinja makes of a macro's output
        return value
    if isinstance(value, Document):
        return latex.render(value)
    if isinstance(value, str):
        return latex.escape(value)
    return str(value)


def _words(words: Words, worth: str = "") -> Tex:
    """Blocks in every locale; ``worth`` (LaTeX) is put at the end of the last line."""
    blocks = merged(words)
    if not worth or not blocks or not isinstance(last := blocks[-1], Paragraph):
        return Tex(latex.render(Document(blocks)) + worth)
    return Tex(latex.render(Document(blocks[:-1])) + latex.inlines(last.children) + worth)


def merged(words: Words) -> tuple[Block, ...]:
    """Blocks of all locales in one row: where the locales have the same kinds of blocks, what is alike in all of them
    (a table of numbers, a displayed formula, a figure) comes once, between the words of one locale and of the next.
    """
    documents = [document.blocks for document in words]
    if len({tuple(map(type, blocks)) for blocks in documents}) != 1:
        return tuple(block for blocks in documents for block in blocks)
    out: list[Block] = []
    run: list[tuple[Block, ...]] = []
    for row in [*zip(*documents, strict=True), None]:
        shared = row is None or all(_alike(row[0], block) for block in row[1:])
        if shared:
            out += [block for blocks in zip(*run, strict=True) for block in blocks]
            run = []
        if row is not None:
            out, run = ([*out, row[0]], run) if shared else (out, [*run, row])
    return tuple(out)


def _alike(one: Block, other: Block) -> bool:
    if isinstance(one, Figure) and isinstance(other, Figure):
        return one.figure == other.figure  # the alternative is in words
    return one == other


def _line(words: Words) -> Tex:
    """The same within a line, where it fits; else blocks."""
    lines = [latex.inline(document) for document in _distinct(words)]
    return _words(words) if None in lines else Tex(r" \ {\color{faint}/}\ ".join(line for line in lines if line))


def _simple(options: Sequence[Option]) -> bool:
    """Whether every option is a line, so that options may stand side by side."""
    return all(latex.inline(document) is not None for option in options for document in option.words)


def _distinct(words: Words) -> list[Document]:
    return [document for number, document in enumerate(words) if document not in words[:number]]


def _place(*names: str) -> Tex:
    """A place for messages, free of what TeX would obey."""
    return Tex(re.sub(r"[\\{}%#\s]", " ", ", ".join(names)))


def _titles(titles: Titles, between: str = r" \quad ") -> Tex:
    return Tex(between.join(latex.escape(title) for title in dict.fromkeys(titles)))


def _column(share: float, count: int = 1) -> Tex:
    """``count`` columns of a longtable: ragged paragraphs, which take a share of the page's width together."""
    width = rf"\dimexpr{share / count:.3f}\textwidth-2\tabcolsep\relax"
    return Tex(rf">{{\raggedright\arraybackslash}}p{{{width}}}" * count)


def _marks(say: _Say, sections: Sequence[Section], total: str) -> list[Tex]:
    """The marks table of the cover: number, points and an empty box for every question, and the total."""
    questions = [question for section in sections for question in section.questions]
    cells = [(str(question.number), question.points) for question in questions] + [(say("total"), total)]
    tables = []
    head = 14 + 10 * len(say.locales)  # mm
    for row in _chunks(cells, COLUMNS + 1):
        numbers = [rf"\textbf{{{say('questions')}}}", *(number for number, _ in row)]
        points = [rf"\textbf{{{say('marks')}}}", *(latex.escape(n) for _, n in row)]
        score = [rf"\textbf{{{say('score')}}}", *("" for _ in row)]
        width = rf"{{\dimexpr(\linewidth-{head}mm)/{len(row)}-2\tabcolsep-\arrayrulewidth\relax}}"
        spec = rf"|p{{\dimexpr{head}mm-2\tabcolsep-2\arrayrulewidth\relax}}|" + rf">{{\centering\arraybackslash}}m{width}|" * len(row)
        score[0] = rf"\rule[-9pt]{{0pt}}{{25pt}}{score[0]}"
        tables.append(latex.ruled([numbers, points, score], spec))
    return tables


def _chunks(values: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """``values`` in runs of at most ``size``, as even as they can be."""
    count = -(-len(values) // size)
    return [values[len(values) * i // count : len(values) * (i + 1) // count] for i in range(count)]


@lru_cache
def _environment() -> Any:
    """Templates of LaTeX: ``<< value >>``, ``<% statement %>``, ``<# comment #>``; a mistake in one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(ui.templates() / "exam"),
        undefined=StrictUndefined,
        finalize=lambda value: Markup(_finish(value)),
        autoescape=True,  # of LaTeX, by finalize: Jinja itself then leaves Markup alone
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        words=_words,
        line=_line,
        simple=_simple,
        titles=_titles,
        place=_place,
        marks=_marks,
        chunks=_chunks,
        column=_column,
        tex=Tex,
        slots_per_table=SLOTS,
    )
    return environment
