"""Views of papers and keys as self-contained HTML pages: ``templates/exam/*.html.j2``."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from quizgen.errors import TypesettingError
from quizgen.markup import Document
from quizgen.renderers import html, ui
from quizgen.renderers.paper import SLOTS, Exam, KeyView, Option, Paper, Titles, Words, chunks, distinct, merged


def student_paper(exam: Exam, paper: Paper) -> str:
    """One paper as a page."""
    return _render("paper.html.j2", exam, paper=paper, solved=False)


def solutions(exam: Exam, paper: Paper) -> str:
    """The same paper with answers, worked solutions and marking schemes."""
    return _render("paper.html.j2", exam, paper=paper, solved=True)


def key(exam: Exam, key: KeyView) -> str:
    """The answers of every paper to every slot, and the expected wrong answers."""
    return _render("key.html.j2", exam, key=key)


def _render(template: str, exam: Exam, **values: Any) -> str:
    page = _Page(exam.locales)
    found = _environment().get_template(template)
    try:
        text: str = found.render(exam=exam, say=page.say, words=page.words, at=page.at, **values)
    except TypesettingError as error:
        raise error.at(page.place) from None
    return text


class _Page:
    """Words in the locales of one page, each marked with its language."""

    def __init__(self, locales: tuple[str, ...]) -> None:
        self.locales = locales
        self.place = ""

    def at(self, *place: str) -> Markup:
        """Notes where the template is, for the message of a formula that cannot be set; prints nothing."""
        self.place = ", ".join(place)
        return Markup()

    def say(self, name: str, **values: Any) -> Markup:
        """Fixed words; on a bilingual page in both languages."""
        found = ("".join(map(_finish, ui.pieces(locale, name, values))) for locale in self.locales)
        return Markup(" ").join(self._spoken(number, text) for number, text in enumerate(found))

    def words(self, words: Words) -> Markup:
        """Blocks in every locale."""
        return Markup("\n".join(self._block(number, html.block(block)) for number, block in merged(words)))

    def _block(self, number: int | None, text: str) -> str:
        if number is None or len(self.locales) == 1:
            return text
        return f'<div lang="{escape(self.locales[number])}">{text}</div>'

    def _spoken(self, number: int, text: str) -> Markup:
        return Markup(f'<span lang="{escape(self.locales[number])}">{text}</span>' if len(self.locales) > 1 else text)


def _finish(value: Any) -> str:
    """Whatever a template prints, as HTML."""
    if isinstance(value, Markup):
        return value
    return html.render(value) if isinstance(value, Document) else escape(str(value))


def _line(words: Words) -> Markup:
    """The words within a line, where they fit; else blocks."""
    lines = [html.inline(document) for document in distinct(words)]
    if None in lines:
        return Markup("".join(map(html.render, distinct(words))))
    return Markup(' <span class="faint">/</span> '.join(line for line in lines if line))


def _titles(titles: Titles, between: str = " · ") -> str:
    return between.join(dict.fromkeys(titles))


def _columns(options: Sequence[Option]) -> str:
    """A class that lets short options stand side by side."""
    longest = max((len(_line(option.words)) if _plain(option) else 0 for option in options), default=0)
    return "wide" if longest > 60 else "narrow"


def _plain(option: Option) -> bool:
    return all("<math" not in (html.inline(document) or "<math") for document in option.words)


@lru_cache
def _environment() -> Any:
    """Templates of HTML; everything they print is escaped, and a mistake in one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(ui.templates() / "exam"),
        undefined=StrictUndefined,
        finalize=lambda value: Markup(_finish(value)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        line=_line,
        titles=_titles,
        columns=_columns,
        chunks=chunks,
        math=lambda tex: Markup(html.mathml(tex)),
        slots_per_table=SLOTS,
    )
    return environment
