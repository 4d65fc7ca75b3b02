"""A dataset for evaluating language models: one JSON object a line for every answer asked, in every language.

``prompt``, ``options`` and ``solution`` are Markdown with formulas between dollar signs.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from quizgen.exporters._answers import answer, decimal
from quizgen.exporters._online import (
    Cells,
    Choose,
    Essay,
    Field,
    Formula,
    Interaction,
    Match,
    Numeric,
    Order,
    Question,
    Said,
    Short,
)
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters.md import markdown


class Hf(Platform):
    """JSON lines that ``datasets.load_dataset("json", data_files=…)`` reads: the same columns in every line."""

    suffix = ".hf.jsonl"
    tells_key = True
    carries = frozenset(
        {"choose", "multiple", "numeric", "cells", "short", "match", "order", "formula", "essay", "parts"}
    )
    feedback: ClassVar[bool] = False
    draws: ClassVar[bool] = False

    def write(self, question: Question) -> Entry:
        lines = [
            msgspec.json.encode(self._line(question, field, locale)) + b"\n"
            for locale in self.locales
            for field in question.fields
        ]
        return Entry(slot=question.slot.number, id=question.id, code=question.code, text=b"".join(lines))

    def _line(self, question: Question, field: Field, locale: str) -> dict[str, Any]:
        worked = (question.steps, field.steps) if self.settings.practice else ()
        return {
            "id": f"{question.id}/{field.name}",
            "code": question.code,
            "family": question.family,
            "level": question.level,
            "language": locale,
            "points": float(field.points),
            "type": _type(field.interaction),
            "prompt": _text((question.prompt, field.ask), locale),
            "options": _options(field.interaction, locale),
            "answer": _answer(field, locale),
            "tolerance": decimal(field.interaction.tolerance) if isinstance(field.interaction, Numeric) else "0",
            "unit": field.interaction.unit if isinstance(field.interaction, Numeric) else "",
            "solution": _text(worked, locale),
        }

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield from (entry.text for entry in entries)


def _text(said: Sequence[Said | None], locale: str) -> str:
    return "\n\n".join(markdown(words[locale]) for words in said if words and locale in words)


def _type(interaction: Interaction) -> str:
    if isinstance(interaction, Choose):
        return "choice" if interaction.single else "multiple"
    return type(interaction).__name__.lower()


def _options(interaction: Interaction, locale: str) -> list[str]:
    """What there is to choose or to order; of pairs, what goes on the right."""
    match interaction:
        case Choose(options):
            return [_text((option.words,), locale) for option in options]
        case Match(_, rights):
            return [_text((right,), locale) for right in rights]
        case Order(things):
            return [_text((thing,), locale) for thing in things]
    return []


def _answer(field: Field, locale: str) -> list[str]:
    """All that is right: options, entries row by row, pairs, things in order, or the spellings that count."""
    match field.interaction:
        case Choose(options):
            return [_text((option.words,), locale) for option in options if option.right]
        case Numeric(value):
            return [decimal(value)]
        case Cells(rows):
            return [", ".join(decimal(cell.value) for cell in row) for row in rows]
        case Short(accepted):
            return list(accepted)
        case Match(lefts, rights, pairs):
            named = zip(lefts, pairs, strict=True)
            return [f"{_text((left,), locale)} = {_text((rights[at],), locale)}" for left, at in named]
        case Order(things, right):
            return [_text((things[place],), locale) for place in right]
        case Essay(rubric):
            return [f"{decimal(line.points)}: {_text((line.words,), locale)}" for line in rubric]
        case Formula():
            return [answer(field)]
