"""An exam as its pages have it: a step for every part of every item, and the words in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from string import ascii_lowercase

from quizgen import markup, prose
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.study.curriculum import Unit
from quizgen.study.mock import Mock, Place
from quizgen.study.session import Question
from quizgen.study.sheet import Sheet
from quizgen.study.web.visit import Visit
from quizgen.values import AUTHORED, Item, Part, Texts


@dataclass(frozen=True)
class Step:
    """One part of one item: what is asked on one page. ``label`` is ``3``, or ``3b`` if its question has several."""

    number: int
    place: Place
    part: Part
    label: str


def steps_of(found: Mock) -> list[Step]:
    """Every part of every item, with the letters of its question."""
    many = {place.question: 0 for place in found.places}
    for place in found.places:
        many[place.question] += len(place.task.item.parts)
    steps: list[Step] = []
    letters: dict[int, Iterator[str]] = {question: iter(ascii_lowercase) for question in many}
    for place in found.places:
        for part in place.task.item.parts:
            letter = next(letters[place.question], "") if many[place.question] > 1 else ""
            steps.append(Step(len(steps) + 1, place, part, f"{place.question}{letter}"))
    return steps


def sheet_of(place: Place) -> Sheet:
    """A question of the exam as practice has it."""
    item = place.task.item
    unit = Unit(id=place.slot, family=item.family, level=item.level)
    return Sheet(Question(unit, item, place.task.asked, is_new=True))


def minutes(found: Mock, now: datetime) -> int:
    """Minutes that are left, begun ones too."""
    return ceil(found.left(now).total_seconds() / 60)


# Words.


def words_of(visit: Visit, item: Item) -> Words:
    """An item in the reader's language, else in one that it has."""
    folders = visit.session.curriculum.bank.templates
    known = list(item.parameters["text"]) if item.family == AUTHORED else prose.locales(item.family, folders)
    locale = visit.locale if visit.locale in known or "" in known or not known else known[0]
    return prose.words(item, locale, folders)


def own(texts: Texts, locale: str) -> str:
    """An author's words in the reader's language, else in one that they have."""
    return texts.get(locale) or texts.get("") or next(iter(texts.values()), "")


def stem(found: Mock, place: Place, locale: str) -> Document | None:
    """The words that stand before all items of a question."""
    stem = next((one.stem for one in found.places if one.question == place.question and one.stem), None)
    return markup.parse(own(stem, locale), found.sitting.name) if stem else None


def heading(found: Mock, place: Place, locale: str) -> str:
    """The title of the section that an item stands in."""
    titles = [one.title for one in found.places[: found.places.index(place) + 1] if one.title]
    return own(titles[-1], locale) if titles else ""


def number(text: str) -> int:
    """A number in an address or a form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def written(points: Fraction) -> str:
    """Points as they are written: 3, 1.5, 2 1/3."""
    whole, rest = divmod(points, 1)
    if not rest:
        return str(whole)
    return str(float(points)) if 4 % rest.denominator == 0 else f"{whole or ''} {rest}".strip()
