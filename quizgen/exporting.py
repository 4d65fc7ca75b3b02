"""Questions for learning platforms: from a plan to one file, a table of what is in it, and a report.

Nothing is lost in silence: every item comes through as it is, lowered (and the report says to what, and what is lost)
or refused by name; with anything refused, nothing is written unless that is wanted.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from quizgen import exporters, markup, plans, prose
from quizgen.bank import Bank, installed
from quizgen.companions import Row, row
from quizgen.drawing import Order, Press, Source, endless
from quizgen.errors import InputError, QuizgenError
from quizgen.exporters._drawn import platform
from quizgen.exporters._lowering import FEWEST, Change, Refused, ways
from quizgen.exporters._online import Question
from quizgen.exporters._platform import Settings
from quizgen.family import Pool
from quizgen.plans import Aim, Planned, purpose
from quizgen.values import AUTHORED, Item, Struct, Task, say

__all__ = ["Export", "Line", "Planned", "Report", "Wanted", "plan", "purpose", "require_mode", "sample"]

NAMED = 5
"""Refused questions that a message names."""

PATIENCE = 40
"""Items of a slot that may be refused one after another before the slot is."""


class Wanted(Struct, frozen=True):
    """What is asked for: the format, how many items of each family or slot, and how they are put.

    ``since`` are rows of an earlier export by item and code; what is as it was then is left out.
    """

    format: str
    number: int = 1
    seed: str = "1"
    pool: Pool | None = "practice"
    laws: bool = False
    options: int = 0
    locales: tuple[str, ...] = ("en",)
    banks: tuple[Path, ...] = ()
    settings: Settings = Settings()
    since: dict[tuple[str, str], Row] = msgspec.field(default_factory=dict)


class Refusals(InputError):
    """Some questions cannot be carried, and it was not said to go on without them."""


@dataclass(frozen=True)
class Line:
    """What became of one question. ``instead``: another one took its place."""

    name: str
    id: str
    slot: str
    changes: tuple[Change, ...] = ()
    refused: str = ""
    instead: bool = False
    unchanged: bool = False

    @property
    def outcome(self) -> str:
        """``kept``, ``lowered``, ``refused``, ``redrawn`` or ``unchanged``."""
        if self.refused:
            return "redrawn" if self.instead else "refused"
        return "unchanged" if self.unchanged else "lowered" if self.changes else "kept"

    def data(self) -> dict[str, Any]:
        """The line as JSON-ready data."""
        changes = [{"part": c.part, "kind": c.kind, "becomes": c.becomes, "lost": c.lost} for c in self.changes]
        return {
            "name": self.name, "id": self.id, "slot": self.slot, "outcome": self.outcome, "changes": changes,
            "refused": self.refused,
        }  # fmt: skip


OUTCOMES = ("kept", "lowered", "refused", "redrawn", "unchanged")


@dataclass(frozen=True)
class Told:
    """Answers to which the same happens: how many, their kinds, what they become, what is lost, and in which slots."""

    count: int
    kinds: str
    becomes: str
    lost: str
    slots: tuple[str, ...]

    @property
    def what(self) -> str:
        """What happens, in words."""
        return f"{self.kinds} → {self.becomes}" if self.becomes else self.kinds


def _once(told: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slot for _, slot in told))


@dataclass
class Report:
    """What became of every question, in order, and the slots that have fewer questions than were wanted."""

    lines: list[Line] = field(default_factory=list)
    short: dict[str, tuple[int, int]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """How many were kept, lowered and refused; redrawn and unchanged ones, if there are any."""
        found = [line.outcome for line in self.lines]
        counts = {outcome: found.count(outcome) for outcome in OUTCOMES}
        return {outcome: count for outcome, count in counts.items() if count or outcome in OUTCOMES[:3]}

    def written(self) -> int:
        """How many questions are in the file."""
        return sum(line.outcome in ("kept", "lowered") for line in self.lines)

    def refused(self) -> list[Line]:
        """The lines of what is not in the file, and should be."""
        return [line for line in self.lines if line.outcome == "refused"]

    def lowered(self) -> "list[Told]":
        """What is put differently: alike answers together."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for line in self.lines:
            for change in line.changes if line.outcome == "lowered" else ():
                becomes = "" if change.becomes == change.kind else change.becomes
                found.setdefault((becomes, change.lost), []).append((change.kind, line.slot))
        return [
            Told(len(told), ", ".join(dict.fromkeys(kind for kind, _ in told)), becomes, lost, _once(told))
            for (becomes, lost), told in found.items()
        ]

    def missing(self) -> "list[Told]":
        """What is refused or was drawn anew, and why."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for line in self.lines:
            if line.refused:
                found.setdefault((line.outcome, line.refused), []).append(("", line.slot))
        return [Told(len(told), outcome, "", why, _once(told)) for (outcome, why), told in found.items()]

    def data(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        short = {slot: {"found": found, "wanted": wanted} for slot, (found, wanted) in self.short.items()}
        return {"counts": self.counts(), "short": short, "questions": [line.data() for line in self.lines]}


class _Items(Press):
    """Draws items and does not write them."""

    def entry(self, source: Source, item: Item) -> tuple[str, Any]:
        return item.id, item


class Export:
    """One export: draws tasks, writes entries, and notes what became of each.

    ``beside`` is told of every question that belongs to the export, also of those that are left out as unchanged.
    """

    def __init__(self, wanted: Wanted, beside: Callable[[Row], None] = lambda entry: None) -> None:
        self.wanted = wanted
        self.beside = beside
        self.bank = Bank(wanted.banks)
        self.press = _Items(
            Order(banks=wanted.banks, seed=wanted.seed, pool=wanted.pool, laws=wanted.laws, locales=wanted.locales)
        )
        layouts = installed()[1] / "exports" / wanted.format
        self.platform = platform(wanted.format, wanted.locales, self.bank.templates, layouts, wanted.settings)
        self.report = Report()
        self.complete = False
        self.codes: set[str] = set()
        self.seen: dict[str, set[str]] = {}
        self.lacking = cache(self._lacking)

    def file(self, plan: Iterable[Planned]) -> Iterator[bytes]:
        """The file in pieces; the report is complete when it ends. Raises Refusals if none is left to write."""
        try:
            yield from self.platform.file(self.entries(plan))
        except InputError:
            if self.complete and not self.report.written():  # a format may have no empty files
                self.require_all(skip=False)
            raise

    def entries(self, plan: Iterable[Planned]) -> Iterator[bytes]:
        """The entries of all questions that can be carried, in order."""
        for planned in plan:
            slot = _Slot(self, planned)
            yield from slot.drawn() if planned.source else slot.given()
        self.complete = True

    def require_all(self, skip: bool) -> None:
        """Raises Refusals that names questions, if some were refused (unless ``skip``), or all; or if none is new."""
        refused, form = self.report.refused(), self.wanted.format
        names = "; ".join(f"{line.name}: {line.refused}" for line in refused[:NAMED])
        more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
        if refused and (not skip or not self.report.written()):
            hint = "" if skip or not self.report.written() else "; --skip-unsupported writes the rest"
            raise Refusals(f"{form} cannot carry {names}{more}. Nothing was written{hint}")
        if self.wanted.since and not self.report.written():
            raise Refusals("every question is as it was in the earlier export. Nothing was written")

    def tasks(self, planned: Planned) -> Iterator[Task]:
        """The tasks of a slot: those that are there, or different items of its source, without an end of their own.

        Where an answer can only be chosen here, items are drawn that have enough distractors.
        """
        if planned.source is None:
            yield from planned.tasks
            return
        source = planned.source
        needs = source.options or self._distractors(source)
        narrowed = msgspec.structs.replace(source, options=needs)
        if source.own is not None:
            yield planned.ask(source.own)
            return
        for item in endless(self.press, narrowed, self.seen.setdefault(source.family, set())):
            yield planned.ask(item)

    def _distractors(self, source: Source) -> int:
        """Options that every part must have; 0 if none needs to be lowered to a choice, or some cannot be."""
        if source.own is not None:
            return 0
        parts = self.press.candidate(source, 0, False).parts
        if not parts or any(ways(type(part.key), self.platform.carries)[:1] != ["choose"] for part in parts):
            return 0
        try:
            self.press.candidate(msgspec.structs.replace(source, options=FEWEST), 0, False)
        except InputError:
            return 0
        return FEWEST

    def question(self, planned: Planned, number: int, asked: Task) -> tuple[Question, tuple[Change, ...]]:
        """A task as a question of this export, with a code that no other has. Raises Refused."""
        if missing := self.lacking(asked.item.family):
            raise Refused(missing, f"{asked.item.family} {asked.item.code}")
        question, changes = self.platform.made(asked, planned.slot, number)
        if planned.stem:
            has_words = exporters.exporter(self.wanted.format).has_words
            question, changes = _under(question, planned), (*changes, REPEATED if has_words else UNSAID)
        return replace(question, code=self._code(question.code)), changes

    def _code(self, code: str) -> str:
        """The code of an item, with a number behind it if it is that of another question already."""
        number, found = 1, code
        while found in self.codes:
            number += 1
            found = f"{code}-{number}"
        return found

    def _lacking(self, family: str) -> str:
        """What is missing to put the items of a family into words; empty if nothing is."""
        if family == AUTHORED or family in self.bank.files:
            return ""
        if "/" not in family:
            return f"there is no family {family!r}"
        there = prose.locales(family, self.bank.templates)
        files = [f"{family}.{locale}{prose.SUFFIX}" for locale in self.wanted.locales if locale not in there]
        return f"its family is not installed, and there is no {' and no '.join(files)}; --bank DIR" if files else ""


REPEATED = Change("stem", "a stem with parts", "a question for each part", "the parts stand apart; each has the stem")
UNSAID = Change("stem", "a stem with parts", "a question for each part", "the stem")


def _under(question: Question, planned: Planned) -> Question:
    """The question below the stem that its slot shares with others."""
    prompt = {
        locale: markup.Document((*markup.parse(say(planned.stem, locale)).blocks, *words.blocks))
        for locale, words in question.prompt.items()
    }
    return replace(question, prompt=prompt)


@dataclass
class _Slot:
    """The questions of one slot on their way into the file."""

    export: Export
    planned: Planned
    number: int = 0

    def given(self) -> Iterator[bytes]:
        """The entries of the tasks that are there."""
        for asked in self.planned.tasks:
            self.number += 1
            try:
                yield from self.entry(asked)
            except Refused as error:
                self._refuse(asked, error, False)

    def drawn(self) -> Iterator[bytes]:
        """The entries of as many drawn items as are wanted; for one that is refused another is drawn."""
        wanted = self.planned.slot.count
        refused: list[tuple[Task, Refused]] = []
        self.number = 1
        for asked in self.export.tasks(self.planned):
            try:
                yield from self.entry(asked)
            except Refused as error:
                refused.append((asked, error))
                if len(refused) == PATIENCE:
                    break
                continue
            for other, why in refused:
                self._refuse(other, why, True)
            refused = []
            self.number += 1
            if self.number > wanted:
                return
        if refused and self.number == 1:
            self._refuse(*refused[0], False)
        else:
            self.export.report.short[self.planned.slot.id] = self.number - 1, wanted

    def entry(self, asked: Task) -> Iterator[bytes]:
        """One question, written and reported; none if it is as it was. Raises Refused."""
        export, slot = self.export, self.planned.slot
        try:
            question, changes = export.question(self.planned, self.number, asked)
            beside = row(question, asked.item)
            unchanged = export.wanted.since.get((beside.item, beside.code)) == beside
            written = b"" if unchanged else export.platform.encoded(question)
        except Refused:
            raise
        except QuizgenError as error:
            raise error.at(f"{slot.id} {self.number:03} {asked.item.code}") from error
        export.codes.add(question.code)
        export.report.lines.append(Line(question.name, question.id, slot.id, changes, unchanged=unchanged))
        export.beside(beside)
        return iter(() if unchanged else (written,))

    def _refuse(self, asked: Task, error: Refused, instead: bool) -> None:
        item, slot = asked.item, self.planned.slot
        name = f"{slot.id} {self.number:03} {item.code}"
        self.export.report.lines.append(Line(name, item.id, slot.id, refused=error.message, instead=instead))


def require_mode(export: Export, mode: str, force: bool) -> None:
    """Raises InputError for an exam in a format that puts the key into every student's hands."""
    form = export.wanted.format
    if mode == "exam" and exporters.exporter(form).tells_key and not force:
        raise InputError(f"{form} files hold the key for everyone who has them; --force writes an exam all the same")


def plan(sources: Sequence[str], export: Export) -> list[Planned]:
    """The slots of an export, in order. Raises InputError, UnknownName."""
    wanted = export.wanted
    aim = Aim(number=wanted.number, options=wanted.options, seed=wanted.seed, laws=wanted.laws)
    return plans.plan(sources, export.bank, aim)


def sample(planned: Sequence[Planned], export: Export) -> list[Planned]:
    """One question for each kind of answer that the slots ask."""
    return list(plans.sample(planned, export.tasks))
