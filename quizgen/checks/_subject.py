"""What a clause works on: one family, its draws, and Hypothesis to search its whole space."""

import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, strategies as st
from hypothesis.errors import Flaky, Unsatisfiable, UnsatisfiedAssumption

from quizgen import prose, space
from quizgen.bank import Bank
from quizgen.errors import InputError, ProofError, QuizgenError, Redraw
from quizgen.family import Family
from quizgen.prose import Words
from quizgen.randomness import Stream
from quizgen.space import Parameters
from quizgen.strategies import parameters
from quizgen.values import Item, Value

LOCALES = ("en", "zh")
"""The languages that every family is written in."""

T = TypeVar("T")
Test = Callable[[Parameters, st.DataObject], None]


class Broken(Exception):
    """A clause does not hold. ``about`` names the thing that breaks it, so that others are still looked for."""

    def __init__(self, message: str, about: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.about = message if about is None else about


class TooSlow(Exception):
    """A call took longer than a check waits."""


@dataclass(frozen=True)
class Failure:
    """One way in which a clause is broken, with the smallest parameters that show it, if it depends on them."""

    message: str
    parameters: Parameters | None = None


@dataclass(frozen=True)
class Settings:
    """How hard to look: ``examples`` draws a clause (some look at fewer), at most ``seconds`` a search."""

    examples: int = 100
    seconds: float = 20.0
    random: bool = False


@dataclass
class Subject:
    """A family under test. Everything that clauses share is made once."""

    family: Family
    bank: Bank
    settings: Settings
    kept: tuple[Parameters, ...] = ()
    checked: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of templates."""
        return self.bank.templates

    @cached_property
    def locales(self) -> list[str]:
        """The locales whose templates exist."""
        return prose.locales(self.family.id, self.folders)

    def note(self, text: str) -> None:
        """Something that the report should say about the clause at work."""
        self.notes.append(text)

    # Draws as the program makes them: uniform over the space.

    def samples(self, number: int) -> list[tuple[Parameters, Any, Item]]:
        """Parameters, traces and items of up to ``number`` draws; those that cannot be asked are left out."""
        while len(self._drawn) < number and self._attempts < 4 * number:
            self._attempts += 1
            drawn = self._draw(self._attempts)
            if drawn is not None:
                self._drawn.append(drawn)
        return self._drawn[:number]

    @cached_property
    def _drawn(self) -> list[tuple[Parameters, Any, Item]]:
        return []

    _attempts: int = 0

    def _draw(self, attempt: int) -> tuple[Parameters, Any, Item] | None:
        try:
            q = space.draw(self.family.params, Stream("check", self.family.id, attempt))
            trace = self.family.solution(q)
            return q, trace, self.family.item(q, trace)
        except Exception:  # whatever it is, clause 1 reports it
            return None

    # Draws as Hypothesis makes them: extremes first, shrunk when something breaks.

    def item(self, q: Parameters) -> Item:
        """The item of ``q``; where there is none, the example does not count (clause 1 says why)."""
        try:
            return self.family.make(q)
        except Exception as error:
            raise UnsatisfiedAssumption(str(error)) from error

    def solved(self, q: Parameters) -> tuple[Any, Item]:
        """Trace and item of ``q``, under the same condition."""
        try:
            trace = self.family.solution(q)
            return trace, self.family.item(q, trace)
        except Exception as error:
            raise UnsatisfiedAssumption(str(error)) from error

    def words(self, item: Item, locale: str) -> Words:
        """The words of an item; where the template is broken, the example does not count (clause 8 says why)."""
        try:
            return prose.words(item, locale, self.folders)
        except QuizgenError as error:
            raise UnsatisfiedAssumption(str(error)) from error

    def search(self, test: Test, share: float = 1.0, failures: int = 5) -> Iterator[Failure]:
        """Run ``test`` over the space; each failure is shrunk. Examples: ``share`` of those wanted.

        What one failure is about is excused in the next round, so that one cause does not hide another.
        """
        excused: set[object] = set()
        for _ in range(failures):
            failure = self._round(test, max(5, round(share * self.settings.examples)), excused)
            if failure is None:
                return
            yield failure

    def _round(self, test: Test, examples: int, excused: set[object]) -> Failure | None:
        last: list[tuple[Parameters, Broken]] = []
        end = monotonic() + self.settings.seconds

        def tried(q: Parameters, data: st.DataObject) -> None:
            if not last and monotonic() > end:
                return
            try:
                test(q, data)
                self.checked += 1
            except Broken as broken:
                if broken.about not in excused:
                    last.append((q, broken))
                    raise
            except (UnsatisfiedAssumption, hypothesis.errors.HypothesisException):
                raise
            except Exception as error:
                broken = Broken(described(error, self.family, self.bank), type(error))
                if broken.about not in excused:
                    last.append((q, broken))
                    raise broken from error

        try:
            for q in self.kept:
                replay(tried, q)
            explore(tried, parameters(self.family.params), examples, self.settings.random)
        except Broken:
            pass
        except Flaky:
            if not last:
                raise
        except Unsatisfiable:
            return Failure("no valid parameters were found")
        if not last:
            return None
        q, broken = last[-1]
        excused.add(broken.about)
        return Failure(broken.message, q)


def replay(test: Test, q: Parameters) -> None:
    """Run ``test`` on parameters that once broke it, with a few choices of what it draws besides."""
    explore(test, st.just(q), 5, random=False)


def explore(test: Test, space: st.SearchStrategy[Parameters], examples: int, random: bool) -> None:
    """Hypothesis over ``space``: quiet, without a database (what breaks is kept beside the bank), shrunk."""
    settings = hypothesis.settings(
        max_examples=examples,
        derandomize=not random,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    hypothesis.given(q=space, data=st.data())(settings(test))()


def described(error: BaseException, family: Family, bank: Bank) -> str:
    """An exception in one line: its kind, its message, and the line of the family's file from which it came."""
    if isinstance(error, QuizgenError):
        return str(error)
    file = str(bank.files.get(family.id, ""))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    place = f" ({Path(file).name}:{frames[-1].lineno}, {frames[-1].name})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooSlow in a block that takes longer. Where the system has no timers (or in a thread), wait without end."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TooSlow(f"still running after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def proves(family: Family, q: Parameters, trace: Any) -> str | None:
    """None if every law holds for ``trace``; else the message of the first that does not."""
    try:
        family.prove(q, trace)
    except ProofError as error:
        return error.message
    except Exception as error:  # a law may also trip over a wrong trace
        return f"{type(error).__name__}: {error}"
    return None


def spread(values: Sequence[Value]) -> str:
    """How often each value occurs, most frequent first: ``3 in 80 %, 2 in 20 %``."""
    if not values:
        return "nothing"
    counts = sorted(((values.count(value), value) for value in set(values)), key=lambda pair: -pair[0])
    return ", ".join(f"{value} in {100 * number / len(values):.0f} %" for number, value in counts)


__all__ = [
    "LOCALES",
    "Broken",
    "Failure",
    "InputError",
    "Redraw",
    "Settings",
    "Subject",
    "TooSlow",
    "count",
    "described",
    "proves",
    "spread",
    "within",
]
