"""The formats of ``quizgen draw`` in an export: what they write of a task, with the report and tables of the others.

Nothing becomes a lesser field here: an answer is chosen, paired, ordered or written where the task asks for that, and
typed otherwise, as the format itself has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from quizgen import exporters
from quizgen.exporters._base import Exporter, needs
from quizgen.exporters._lowering import MAKERS, Change, Speaker, in_order, question
from quizgen.exporters._online import Interaction, Question, Slot
from quizgen.exporters._platform import Entry, Platform, Settings
from quizgen.values import Asked, Part, Task

SHOWN = ("match", "order", "essay")
"""Types of field whose answers are not typed though nothing is chosen."""


@dataclass(frozen=True)
class Kept(Question):
    """A question that is still the task it was made of."""

    task: Task | None = None


class Drawn(Platform):
    """What ``own`` writes, a format of ``quizgen draw``."""

    is_drawn = True
    carries = frozenset(MAKERS) | {"parts"}

    def __init__(self, own: Exporter, settings: Settings | None = None) -> None:
        super().__init__(own.locales, own.templates, own.layouts, settings)
        self.own = own

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        asked, _ = question(task, slot, number, self.locales, self.templates, self.carries, _interaction)
        told = {each.name: getattr(asked, each.name) for each in fields(asked)}
        lowered = ((need, self.own.lowers[need]) for need in needs(task) if need in self.own.lowers)
        return Kept(**told, task=task), tuple(Change(need, need, becomes, "") for need, becomes in lowered)

    def write(self, question: Question) -> Entry:
        assert isinstance(question, Kept)
        assert question.task is not None
        code = question.code if self.settings.codes else ""
        text = self.own.exported(question.task, question.prompt, code, self.settings.practice)
        return Entry(slot=question.slot.number, id=question.id, code=question.code, text=text)

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield from self.own.file(entry.text for entry in entries)


def _interaction(speaker: Speaker, part: Part, asked: Asked, carries: frozenset[str]) -> tuple[Interaction, None]:
    best = part.key.online[0]
    way = "choose" if asked.mode == "choice" else best if best in SHOWN else "short"
    return (in_order if way == "order" else MAKERS[way])(speaker, part, asked), None


def platform(
    name: str, locales: Sequence[str], templates: Sequence[Path], layouts: Path, settings: Settings
) -> Platform:
    """The format called ``name``, ready for an export. Raises UnknownName."""
    found = exporters.exporter(name)
    if issubclass(found, Platform):
        return found(locales, templates, layouts, settings)
    return Drawn(found(locales, templates, layouts), settings)
