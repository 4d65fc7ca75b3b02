"""The contract that every family keeps, proven over its whole space: one clause a file (DESIGN.md, section 4).

``examine`` gives the report of one family. A draw that breaks a clause is shrunk and kept: one line of JSON in
``regressions/<area>/<family>.jsonl`` inside the bank, tried first in every later run. Needs Hypothesis, and for the
laws what the oracles compute with; nothing else in the program imports this package.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from time import monotonic
from typing import Any

import msgspec

from quizgen import space
from quizgen.bank import Bank
from quizgen.checks._subject import Failure, Settings, Subject
from quizgen.errors import InputError, QuizgenError
from quizgen.family import Family
from quizgen.space import Parameters
from quizgen.values import exact, plain, to_json

__all__ = [
    "Clause",
    "Failure",
    "Outcome",
    "Report",
    "Settings",
    "Subject",
    "clauses",
    "examine",
    "keep",
    "outcome",
    "subject",
]


@dataclass(frozen=True)
class Clause:
    """One clause of the contract."""

    number: int
    name: str
    statement: str
    check: Callable[[Subject], Iterator[Failure]]


@dataclass(frozen=True)
class Outcome:
    """What became of one clause: its failures, on how many draws it was tried, what else there is to say."""

    clause: Clause
    failures: tuple[Failure, ...]
    checked: int
    notes: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the clause was tried and never broken."""
        return bool(self.checked) and not self.failures


@dataclass(frozen=True)
class Report:
    """The outcomes for one family; ``broken`` is why its file could not be loaded."""

    family: str
    outcomes: tuple[Outcome, ...] = ()
    broken: str = ""

    @property
    def holds(self) -> bool:
        """Whether the family keeps the contract; a clause that could be tried on no draw is not kept."""
        return not self.broken and all(outcome.holds for outcome in self.outcomes)

    def data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "family": self.family,
            "holds": self.holds,
            "broken": self.broken,
            "clauses": [
                {
                    "number": outcome.clause.number,
                    "name": outcome.clause.name,
                    "checked": outcome.checked,
                    "seconds": round(outcome.seconds, 2),
                    "notes": list(outcome.notes),
                    "failures": [
                        {
                            "message": failure.message,
                            "parameters": plain(failure.parameters.as_dict()) if failure.parameters else None,
                        }
                        for failure in outcome.failures
                    ],
                }
                for outcome in self.outcomes
            ],
        }


@cache
def clauses() -> tuple[Clause, ...]:
    """The clauses in this folder, in the order of their numbers."""
    found = []
    for info in iter_modules(__path__):
        if not info.name.startswith("_"):
            module = import_module(f"{__name__}.{info.name}")
            statement = (module.__doc__ or "").splitlines()[0]
            found.append(Clause(module.NUMBER, info.name.replace("_", " "), statement, module.check))
    return tuple(sorted(found, key=lambda clause: clause.number))


def examine(name: str, bank: Bank, settings: Settings | None = None, batch: tuple[str, ...] = ()) -> Report:
    """The report of one family; ``batch`` are all that are examined in this run. A broken file is reported too."""
    try:
        under_test = subject(name, bank, settings, batch)
    except QuizgenError as error:
        return Report(name, broken=str(error))
    return Report(name, tuple(outcome(clause, under_test) for clause in clauses()))


def subject(name: str, bank: Bank, settings: Settings | None = None, batch: tuple[str, ...] = ()) -> Subject:
    """What the clauses work on. Raises QuizgenError for a file that cannot be loaded."""
    family = bank.family(name)
    return Subject(family, bank, settings or Settings(), batch or (name,), kept(family, bank))


def outcome(clause: Clause, subject: Subject) -> Outcome:
    """Run one clause."""
    subject.checked, subject.notes = 0, []
    start = monotonic()
    failures: list[Failure] = []
    try:
        failures.extend(clause.check(subject))
    except Exception as error:
        failures.append(Failure(f"the check itself failed: {subject.described(error)}"))
    return Outcome(clause, tuple(failures), subject.checked, tuple(subject.notes), monotonic() - start)


def regressions(family: Family, bank: Bank) -> Path:
    """The file of draws that once broke a clause."""
    area, name = family.id.split("/")
    return bank.files[family.id].parent.parent / "regressions" / area / f"{name}.jsonl"


def kept(family: Family, bank: Bank) -> tuple[Parameters, ...]:
    """The draws that once broke a clause and still lie in the space. Raises InputError for a damaged line."""
    file = regressions(family, bank)
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    found = []
    for number, line in enumerate(lines, 1):
        try:
            values = exact(msgspec.json.decode(line, type=dict))
        except (msgspec.MsgspecError, InputError) as error:
            raise InputError(f"expected parameters as JSON: {error}", f"{file}:{number}") from error
        with suppress(InputError):  # the space has changed since
            found.append(space.check(family.params, values))
    return tuple(found)


def keep(report: Report, bank: Bank) -> int:
    """Keep the draws that broke a clause of ``report``; the number of new ones."""
    broken = [failure.parameters for outcome in report.outcomes for failure in outcome.failures]
    lines = dict.fromkeys(to_json(q.as_dict()).decode() for q in broken if q is not None)
    if not lines:
        return 0
    file = regressions(bank.family(report.family), bank)
    known = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    new = [line for line in lines if line not in known]
    if new:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in (*known, *new)), encoding="utf-8")
    return len(new)
