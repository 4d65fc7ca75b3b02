"""What an exporter is: one file format, with what it carries as it is, what it lowers and what it refuses by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from quizgen.errors import InputError
from quizgen.markup import Document
from quizgen.values import Struct, Task

FEATURES: Mapping[str, str] = {
    "figures": "drawings",
    "options": "an answer that is chosen where it could be typed",
    "parts": "several answers under one prompt",
}
"""What a question may need of a format besides its kinds of answer."""


class Fit(Struct, frozen=True):
    """How one question comes through an export.

    ``lowered`` is what the format puts differently (need to what it becomes), ``refused`` what it cannot say at all.
    """

    name: str
    lowered: dict[str, str]
    refused: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """``kept``, ``lowered`` or ``refused``."""
        return "refused" if self.refused else "lowered" if self.lowered else "kept"


class Exporter:
    """A file format. Subclasses declare what it can say and write one question at a time.

    ``locales`` are the languages to write in and ``templates`` the folders of item templates; the format's own words
    stand in ``layouts``, the folder ``templates/exports/<format>``.
    """

    suffix: ClassVar[str]
    """The usual end of a file's name."""
    kinds: ClassVar[frozenset[str]] = frozenset()
    """Kinds of answer that the format carries as they are."""
    features: ClassVar[frozenset[str]] = frozenset()
    """Which of FEATURES it carries as they are."""
    lowers: ClassVar[Mapping[str, str]] = {}
    """Kinds and features that it puts differently, and what they become."""
    is_drawn: ClassVar[bool] = True
    """Whether ``quizgen draw`` writes it too; ``quizgen export`` writes every format."""
    has_words: ClassVar[bool] = True
    """Whether prompts are written, so that the locales matter."""
    tells_key: ClassVar[bool] = False
    """Whether who has the file has the key, so that the format is not for exams."""

    def __init__(
        self, locales: Sequence[str] = ("en",), templates: Sequence[Path] = (), layouts: Path = Path()
    ) -> None:
        self.locales = tuple(locales)
        self.templates = tuple(templates)
        self.layouts = layouts

    @classmethod
    def fit(cls, name: str, needs: Iterable[str]) -> Fit:
        """How the question called ``name`` comes through, which needs these kinds and features."""
        foreign = sorted(set(needs) - cls.kinds - cls.features)
        return Fit(
            name=name,
            lowered={need: cls.lowers[need] for need in foreign if need in cls.lowers},
            refused=tuple(need for need in foreign if need not in cls.lowers),
        )

    @classmethod
    def fits(cls, tasks: Iterable[Task]) -> list[Fit]:
        """How each task comes through: the report of an export."""
        return [cls.fit(f"{task.item.family} {task.item.code}", needs(task)) for task in tasks]

    def entry(self, task: Task) -> bytes:
        """One question as it stands in the file."""
        raise NotImplementedError

    def exported(self, task: Task, prompt: Mapping[str, Document], code: str, practice: bool) -> bytes:
        """One question as it stands in an export, where it has its own prompt and code, and an exam tells less."""
        return self.entry(task)

    def file(self, entries: Iterable[bytes]) -> Iterator[bytes]:
        """The whole file, piece by piece."""
        yield from entries


def needs(task: Task) -> Iterator[str]:
    """What a format must be able to say to carry ``task``: kinds of answer, and FEATURES."""
    for part, asked in zip(task.item.parts, task.asked, strict=True):
        kind = type(part.key).__name__.lower()
        yield kind
        if asked.mode == "choice" and kind not in ("choice", "multiple"):
            yield "options"
    if len(task.item.parts) > 1:
        yield "parts"
    if task.item.figures:
        yield "figures"


def refuse(name: str, fits: Iterable[Fit]) -> None:
    """Raises InputError that names every question, and why, which the format ``name`` cannot carry."""
    refused = [f"{fit.name} ({', '.join(fit.refused)})" for fit in fits if fit.refused]
    if refused:
        raise InputError(f"the format {name} cannot carry {'; '.join(refused)}. Nothing was written.")
