"""What areas, families, units and mistakes are called in a locale: learners are never shown an id."""

from functools import lru_cache
from pathlib import Path

import jinja2

from quizgen import markup, prose
from quizgen.errors import QuizgenError
from quizgen.markup import Document
from quizgen.study.curriculum import Curriculum, area_of
from quizgen.study.store import Answer
from quizgen.values import Texts, exact

BETWEEN = {"zh": "："}
"""What stands between a family and the value of its facet; in other locales a colon with a blank."""


def area(curriculum: Curriculum, name: str, locale: str) -> str:
    """The name of an area; its id in plain words if no curriculum names it."""
    found = curriculum.areas.get(name)
    return _said(found.title if found else {}, locale) or _plain(name)


def family(curriculum: Curriculum, name: str, locale: str) -> str:
    """The name of a family; its id in plain words if no curriculum names it."""
    found = curriculum.areas.get(area_of(name))
    last = name.partition("/")[2]
    return _said(found.titles.get(last, {}) if found else {}, locale) or _plain(last)


def unit(curriculum: Curriculum, name: str, locale: str) -> Document:
    """The name of a unit, by its id: that of its family, and which value of the facet. It may hold formulas."""
    of, _, value = name.partition(":")
    called = family(curriculum, of, locale)
    if value:
        found = curriculum.areas.get(area_of(of))
        folder = found.facet_words if found else ""
        called += BETWEEN.get(locale, ": ") + _facet(folder, value, locale, tuple(curriculum.bank.templates))
    return _parsed(called)


def mistake(curriculum: Curriculum, answer: Answer, name: str, locale: str) -> Document | None:
    """What is said to an answer that made a mistake, with its own numbers; None if its family is not the same now."""
    try:
        found = curriculum.bank.family(answer.family)
        item = found.make(found.params(**exact(answer.parameters)))
        part = next(item.part(part) for part, made in answer.mistakes.items() if made == name)
        if item.id != answer.item:
            return None
        return prose.words(item, locale, curriculum.bank.templates).feedback(part, name)
    except (QuizgenError, StopIteration, TypeError, ValueError, KeyError):
        return None


@lru_cache(maxsize=4096)
def _facet(folder: str, value: str, locale: str, templates: tuple[Path, ...]) -> str:
    try:
        title = getattr(prose.template(f"{folder}/{value}", locale, templates).module, "title", "")
    except (QuizgenError, jinja2.TemplateError):  # whoever works on a template still sees all pages
        title = ""
    return str(title).strip() or _plain(value)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Document:
    return markup.parse(text, "name")


def _said(texts: Texts, locale: str) -> str:
    return texts.get(locale) or next(iter(texts.values()), "")


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
