"""Views of papers and keys as LaTeX documents: ``templates/exam/*.tex.j2``."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from markupsafe import Markup

from quizgen.markup import Document, Paragraph
from quizgen.renderers import latex, ui
from quizgen.renderers.latex import Tex
from quizgen.renderers.paper import (
    SLOTS,
    Exam,
    KeyView,
    Option,
    Paper,
    Section,
    Slot,
    Titles,
    Words,
    chunks,
    distinct,
    merged,
)

COLUMNS = 12
"""Questions in one row of the marks table."""

ROOM = 66
"""Characters of answers that fit beside each other in the key."""


def student_papers(exam: Exam, papers: Sequence[Paper]) -> str:
    """One LaTeX document with all papers, each cut out under its name by :func:`quizgen.renderers.pdf.typeset`."""
    return _render("papers.tex.j2", exam, papers=papers, solved=False)


def solutions(exam: Exam, papers: Sequence[Paper]) -> str:
    """The same papers with answers, worked solutions and marking schemes."""
    return _render("papers.tex.j2", exam, papers=papers, solved=True)


def key(exam: Exam, key: KeyView, name: str = "key") -> str:
    """One LaTeX document: the answers of every paper to every slot, and the expected wrong answers."""
    return _render("key.tex.j2", exam, key=key, name=name)


def _render(template: str, exam: Exam, **values: Any) -> str:
    say = _Say(exam.locales)
    text: str = _environment().get_template(template).render(exam=exam, say=say, **values)
    return text


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
    blocks = tuple(block for _, block in merged(words))
    if not worth or not blocks or not isinstance(last := blocks[-1], Paragraph):
        return Tex(latex.render(Document(blocks)) + worth)
    return Tex(latex.render(Document(blocks[:-1])) + latex.inlines(last.children) + worth)


def _line(words: Words) -> Tex:
    """The same within a line, where it fits; else blocks."""
    lines = [latex.inline(document) for document in distinct(words)]
    return _words(words) if None in lines else Tex(r"\inboth ".join(line for line in lines if line))


def _simple(options: Sequence[Option]) -> bool:
    """Whether every option is a line, so that options may stand side by side."""
    return all(latex.inline(document) is not None for option in options for document in option.words)


def _place(*names: str) -> Tex:
    """A place for messages, free of what TeX would obey."""
    return Tex(re.sub(r"[\\{}%#\[\]\s]", " ", ", ".join(names)))


def _titles(titles: Titles, between: str = r" \quad ") -> Tex:
    return Tex(between.join(latex.escape(title) for title in dict.fromkeys(titles)))


HEADING = 62
"""Latin characters of course and title that fit above a page, beside the form or the student's id."""


def _heading(exam: Exam, identity: str = "") -> Tex:
    """Course and title for the line above every page, cut where they would meet what stands on the right."""
    text = " \N{MIDDLE DOT} ".join(filter(None, (exam.course, exam.titles[0])))
    room = HEADING - len(identity)
    if room < 10:
        return Tex("")
    if _width(text) > room:
        while _width(text) > room:
            text = text[:-1]
        text = f"{text.rstrip()} …"
    return latex.escape(text)


def _width(text: str) -> int:
    """How wide a line is, in Latin characters; Chinese ones are twice as wide."""
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)


def _breakable(text: str) -> Tex:
    """A name or an id, whose long words may break anywhere."""
    return Tex("".join(_pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    for piece in re.split(r"([!-~]{13,})", text):
        yield (
            r"\allowbreak ".join(map(latex.escape, piece))
            if len(piece) > 12 and piece.isascii()
            else latex.escape(piece)
        )


def _cell_width(count: int, most: float) -> float:
    """Millimetres of each of ``count`` blanks that stand side by side within brackets."""
    return min(most, max(125 / count - 3.5, 2.0))


def _column(share: float) -> Tex:
    """A column of a longtable: ragged paragraphs that take a share of the page's width."""
    width = rf"\dimexpr{share:.3f}\textwidth-2\tabcolsep\relax"
    return Tex(rf">{{\raggedright\arraybackslash}}p{{{width}}}")


def _shared(widths: Sequence[int], share: float) -> Tex:
    """Columns that divide a share of the page's width in the proportion of ``widths``."""
    return Tex("".join(_column(share * width / sum(widths)) for width in widths))


def _packed(key: KeyView) -> list[tuple[Sequence[Slot], Tex]]:
    """The slots in tables that fit on the page, with their columns, for a key with a row per student."""
    tables: list[list[Slot]] = []
    room = 0
    for slot in key.slots:
        room -= _slot_width(slot)
        if room < 0 or len(tables[-1]) == SLOTS:
            tables.append([])
            room = ROOM - _slot_width(slot)
        tables[-1].append(slot)
    return [(slots, _shared([_slot_width(slot) for slot in slots], 0.69)) for slots in tables]


def _slot_width(slot: Slot) -> int:
    return max(len(slot.label) + len(slot.points) + 6, 3 + max(latex.breadth(answer.value) for answer in slot.answers))


def _paper_tables(key: KeyView) -> list[Sequence[int]]:
    """The papers in tables that fit on the page, for a key with a column per paper."""
    widest = max((_slot_width(slot) for slot in key.slots), default=1)
    return chunks(range(len(key.papers)), max(1, min(SLOTS, ROOM // widest)))


def _marks(say: _Say, sections: Sequence[Section], total: str) -> list[Tex]:
    """The marks table of the cover: number, points and an empty box for every question, and the total."""
    questions = [question for section in sections for question in section.questions]
    rows = chunks([(str(question.number), question.points) for question in questions], COLUMNS)
    return [_marks_row(say, row, total if row is rows[-1] else "") for row in rows]


def _marks_row(say: _Say, row: Sequence[tuple[str, str]], total: str) -> Tex:
    head, last = 14 + 10 * len(say.locales), 8 + 8 * len(say.locales)  # mm
    rest = rf"(\linewidth-{head + (last if total else 0)}mm)/{len(row)}"
    spec = _centred(f"{head}mm", r">{\bfseries}") + _centred(rest) * len(row) + (_centred(f"{last}mm") if total else "")
    numbers: list[str] = [say("questions"), *(number for number, _ in row)]
    points: list[str] = [say("marks"), *(latex.escape(n) for _, n in row)]
    score = [rf"\rule[-9pt]{{0pt}}{{25pt}}{say('score')}", *("" for _ in row)]
    if total:
        numbers, points, score = [*numbers, say("total")], [*points, total], [*score, ""]
    return latex.ruled([numbers, points, score], "|" + spec)


def _centred(width: str, before: str = "") -> str:
    """A column of a ruled table, ``width`` from rule to rule."""
    return rf"{before}>{{\centering\arraybackslash}}m{{\dimexpr{width}-2\tabcolsep-\arrayrulewidth\relax}}|"


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
        heading=_heading,
        breakable=_breakable,
        cell_width=_cell_width,
        place=_place,
        marks=_marks,
        column=_column,
        shared=_shared,
        packed=_packed,
        paper_tables=_paper_tables,
        tex=Tex,
    )
    return environment
