"""Questions for learning platforms: from families, a blueprint, an exam or a file of items to one file and a report.

Nothing is lost in silence: every item comes through as it is, lowered (and the report says to what, and what is lost)
or refused by name; with anything refused, nothing is written unless that is wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from quizgen import exporters
from quizgen.bank import Bank, installed
from quizgen.drawing import Order, Press, Source, draw, task
from quizgen.errors import InputError, QuizgenError
from quizgen.exporters._lowering import Change, Refused, ways
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Platform, Settings
from quizgen.family import Pool
from quizgen.values import AUTHORED, Item, Struct, Task


class Wanted(Struct, frozen=True):
    """What is asked for: the format, how many items of each family or slot, and how they are put."""

    format: str
    number: int = 1
    seed: str = "1"
    pool: Pool | None = "practice"
    laws: bool = False
    options: int = 0
    locales: tuple[str, ...] = ("en",)
    banks: tuple[Path, ...] = ()
    settings: Settings = Settings()


@dataclass(frozen=True)
class Planned:
    """A slot of the export, and where its questions come from: a source to draw from, or tasks that are there."""

    slot: Slot
    source: Source | None = None
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True)
class Line:
    """What became of one question."""

    name: str
    id: str
    slot: str
    changes: tuple[Change, ...] = ()
    refused: str = ""

    @property
    def outcome(self) -> str:
        """``kept``, ``lowered`` or ``refused``."""
        return "refused" if self.refused else "lowered" if self.changes else "kept"

    def data(self) -> dict[str, Any]:
        """The line as JSON-ready data."""
        changes = [{"part": c.part, "kind": c.kind, "becomes": c.becomes, "lost": c.lost} for c in self.changes]
        return {
            "name": self.name, "id": self.id, "slot": self.slot, "outcome": self.outcome, "changes": changes,
            "refused": self.refused,
        }  # fmt: skip


@dataclass
class Report:
    """What became of every question, in order."""

    lines: list[Line] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many were kept, lowered and refused."""
        found = [line.outcome for line in self.lines]
        return {outcome: found.count(outcome) for outcome in ("kept", "lowered", "refused")}

    def refused(self) -> list[Line]:
        """The lines of what is not in the file."""
        return [line for line in self.lines if line.refused]


class _Items(Press):
    """Draws items and does not write them."""

    def entry(self, source: Source, item: Item) -> tuple[str, Any]:
        return item.id, item


class Export:
    """One export: draws tasks, writes entries, and notes what became of each."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.bank = Bank(wanted.banks)
        self.press = _Items(
            Order(banks=wanted.banks, seed=wanted.seed, pool=wanted.pool, laws=wanted.laws, locales=wanted.locales)
        )
        found = exporters.exporter(wanted.format)
        if not issubclass(found, Platform):
            raise InputError(f"{wanted.format} is written by quizgen draw", "--to")
        layouts = installed()[1] / "exports" / wanted.format
        self.platform = found(wanted.locales, self.bank.templates, layouts, wanted.settings)
        self.report = Report()

    def file(self, plan: Sequence[Planned]) -> Iterator[bytes]:
        """The file, piece by piece; the report is complete when it ends."""
        return self.platform.file(self.entries(plan))

    def entries(self, plan: Sequence[Planned]) -> Iterator[bytes]:
        """The entries of all questions that can be carried, in order."""
        for planned in plan:
            for number, asked in enumerate(self.tasks(planned), 1):
                entry = self.entry(planned.slot, number, asked)
                if entry is not None:
                    yield entry

    def entry(self, slot: Slot, number: int, asked: Task) -> bytes | None:
        """One question, written and reported; None if it is refused."""
        name = f"{slot.id} {number:03} {asked.item.code}"
        try:
            question, changes = self.platform.made(asked, slot, number)
            written = self.platform.encoded(question)
        except Refused as error:
            self.report.lines.append(Line(name, asked.item.id, slot.id, refused=error.message))
            return None
        except QuizgenError as error:
            raise error.at(name) from error
        self.report.lines.append(Line(name, asked.item.id, slot.id, changes))
        return written

    def tasks(self, planned: Planned) -> Iterable[Task]:
        """The tasks of a slot."""
        if planned.source is None:
            return planned.tasks
        return self.drawn(planned.source)

    def drawn(self, source: Source) -> Iterator[Task]:
        """Different items of a source; where an answer can only be chosen here, those that have enough distractors."""
        options = source.options or self.wanted.options
        needs = options or self._distractors(source)
        narrowed = Source(name=source.name, family=source.family, where=source.where, options=needs, own=source.own)
        for _, item in draw(self.press, [narrowed], self.wanted.number):
            yield task(item, options)

    def _distractors(self, source: Source) -> int:
        """Options that every part must have; 0 if none needs to be lowered to a choice."""
        if source.own is not None:
            return 0
        found = [
            ways(type(part.key), self.platform.carries)[:1] for part in self.press.candidate(source, 0, False).parts
        ]
        return 3 if any(way == ["choose"] for way in found) and all(way == ["choose"] for way in found) else 0


# What is exported.


def purpose(sources: Sequence[str]) -> Pool:
    """What an export is for, if nobody says: an exam for a blueprint or a printed exam, else practice."""
    return "exam" if any(source.endswith(".toml") or _is_exam(Path(source)) for source in sources) else "practice"


def require_mode(platform: Platform, mode: str, force: bool) -> None:
    """Raises InputError for an exam in a format that puts the key into every student's hands."""
    if mode == "exam" and platform.tells_key and not force:
        name = type(platform).__name__.lower()
        raise InputError(f"{name} files hold the key for everyone who has them; --force writes an exam all the same")


def plan(sources: Sequence[str], export: Export) -> list[Planned]:
    """The slots of an export, in order. Raises InputError, UnknownName."""
    found: list[Planned] = []
    for source in sources:
        found += _planned(source, export, len(found))
    return found


def _planned(source: str, export: Export, before: int) -> Iterator[Planned]:
    path = Path(source)
    if source.endswith(".toml"):
        yield from _of_blueprint(path, export, before)
    elif _is_exam(path):
        yield from _of_exam(path, before)
    elif source.endswith(".jsonl"):
        yield from _of_items(path, export, before)
    else:
        names = export.bank.matching("*" if source == "all" else source)
        for number, name in enumerate(names, before + 1):
            slot = Slot(number, name.replace("/", "-"), Fraction(1), export.wanted.number)
            yield Planned(slot, Source(name=name, family=name, options=export.wanted.options))


def _of_blueprint(path: Path, export: Export, before: int) -> Iterator[Planned]:
    """A slot of the export for every slot of a blueprint, with its points."""
    from quizgen import blueprint, exam, space

    bank, wanted = export.bank, export.wanted
    slots = [slot for part in exam.plan(blueprint.read(path), path.name, bank, wanted.seed) for slot in part.slots()]
    for number, slot in enumerate(slots, before + 1):
        points = Fraction(slot.spec.points or 1)
        if slot.spec.family is None:
            source = Source(name=slot.id, family=AUTHORED, own=slot.own)
        else:
            where = space.narrowing(bank.family(slot.spec.family).params, slot.spec.where, slot.place)
            source = Source(name=slot.id, family=slot.spec.family, where=where, options=slot.options or wanted.options)
        yield Planned(Slot(number, slot.id, points, wanted.number if slot.own is None else 1), source)


def _is_exam(path: Path) -> bool:
    return (path / "exam.json").is_file()


def _of_exam(path: Path, before: int) -> Iterator[Planned]:
    """The questions of a printed exam, those of all forms for each slot."""
    raise NotImplementedError


def _of_items(path: Path, export: Export, before: int) -> Iterator[Planned]:
    """The items of a file of JSON lines, a slot for each family."""
    raise NotImplementedError


def sample(planned: Sequence[Planned], export: Export) -> list[Planned]:
    """One question for each kind of answer that the slots ask."""
    raise NotImplementedError
