"""What a clause works on: one family, its draws, and Hypothesis to search its whole space."""

import signal
import threading
import traceback
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias, cast

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, reject
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException, Unsatisfiable

from quizgen import prose, space
from quizgen.bank import Bank
from quizgen.errors import ProofError, QuizgenError
from quizgen.family import Family
from quizgen.prose import TemplateWords
from quizgen.randomness import Stream
from quizgen.space import Parameters
from quizgen.strategies import parameters
from quizgen.values import Item

LOCALES = ("en", "zh")
"""The languages that every family is written in."""

PATIENCE = 10.0
"""CPU seconds after which a draw, or its proof, counts as one that never ends."""

Draws: TypeAlias = st.SearchStrategy[Parameters]
Test: TypeAlias = Callable[[Parameters, st.DataObject], None]
Drawn: TypeAlias = tuple[Parameters, Any, Item]


class Broken(Exception):
    """A clause does not hold. ``about`` is the thing that breaks it, so that others are still looked for."""

    def __init__(self, message: str, about: Hashable = None) -> None:
        super().__init__(message)
        self.message = message
        self.about = message if about is None else about


class Inapplicable(Exception):
    """A clause cannot be tried on a draw: it does not count, and ``clause``, where it is broken, says why."""

    def __init__(self, clause: int | None = None) -> None:
        super().__init__("this draw does not count" + (f": clause {clause} says why" if clause else ""))
        self.clause = clause


class TooSlow(Exception):
    """A call took longer than a check waits."""


@dataclass(frozen=True)
class Failure:
    """One way in which a clause is broken, with the smallest parameters that show it, if it depends on them."""

    message: str
    parameters: Parameters | None = None


@dataclass(frozen=True)
class Settings:
    """How hard to look: ``examples`` draws a search (some take a share of them), at most ``seconds`` each.

    Without ``random``, the same examples every time.
    """

    examples: int = 100
    seconds: float = 20.0
    random: bool = False


@dataclass
class Subject:
    """A family under test, and what its clauses share."""

    family: Family
    bank: Bank
    settings: Settings
    batch: tuple[str, ...] = ()
    """The families that are checked in this run: what needs another process is done for all of them at once."""
    kept: tuple[Parameters, ...] = ()
    """Parameters that once broke a clause; each search begins with them."""
    checked: int = 0
    """Draws on which the clause at work was tried."""
    notes: list[str] = field(default_factory=list)
    """What the report should say about the clause at work."""
    endless: str = ""
    """What was said of a draw that never ends; after one, no other is waited for."""

    @cached_property
    def locales(self) -> list[str]:
        """The locales whose templates exist."""
        return prose.locales(self.family.id, self.bank.templates)

    def note(self, text: str) -> None:
        """Something to be said about the clause at work."""
        self.notes.append(text)

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Raise TooSlow in a block that goes on for too long, and at once if that has happened before."""
        if self.endless:
            raise TooSlow(self.endless)
        try:
            with within(PATIENCE):
                yield
        except TooSlow as error:
            self.endless = str(error)
            raise

    # Draws as the program makes them, uniform over the space: for what is counted.

    @cached_property
    def samples(self) -> tuple[Drawn, ...]:
        """Parameters, trace and item of some draws; those that cannot be asked are left out (clause 1 says why)."""
        drawn = (self._draw(number) for number in range(2 * self.settings.examples))
        return tuple(entry for entry in drawn if entry is not None)

    def _draw(self, number: int) -> Drawn | None:
        try:
            with self.patience():
                q = space.draw(self.family.params, Stream("check", self.family.id, number))
                trace = self.family.solution(q)
                return q, trace, self.family.item(q, trace)
        except Exception:
            return None

    # Draws as Hypothesis makes them, extremes first: for what must always hold.

    def solved(self, q: Parameters) -> tuple[Any, Item]:
        """Trace and item of ``q``. Raises Inapplicable where there is none."""
        try:
            with self.patience():
                trace = self.family.solution(q)
                return trace, self.family.item(q, trace)
        except Exception as error:
            raise Inapplicable(1) from error

    def words(self, item: Item, locale: str) -> TemplateWords:
        """The words of an item. Raises Inapplicable where there is no template."""
        try:
            return cast(TemplateWords, prose.words(item, locale, self.bank.templates))
        except QuizgenError as error:
            raise Inapplicable(8) from error

    def search(self, test: Test, share: float = 1, draws: Draws | None = None, failures: int = 5) -> Iterator[Failure]:
        """Run ``test`` over the space, or over ``draws``; every failure is shrunk.

        ``share`` of the examples wanted are tried. What one failure is about is excused in the next round, so that one
        cause does not hide another.
        """
        excused: set[Hashable] = set()
        examples = max(5, round(share * self.settings.examples))
        for _ in range(failures):
            failure = self._round(test, draws, examples, excused)
            if failure is None:
                return
            yield failure

    def _round(self, test: Test, draws: Draws | None, examples: int, excused: set[Hashable]) -> Failure | None:
        found: list[tuple[Parameters, Broken]] = []
        end = monotonic() + self.settings.seconds

        def tried(q: Parameters, data: st.DataObject) -> None:
            if monotonic() > end and (not found or q != found[-1][0]):
                return
            try:
                test(q, data)
                self.checked += 1
            except HypothesisException:
                raise
            except Inapplicable:
                reject()
            except Exception as error:
                broken = error if isinstance(error, Broken) else Broken(self.described(error), type(error).__name__)
                if broken.about not in excused:
                    found.append((q, broken))
                    raise broken from error

        try:
            if draws is None:
                for q in self.kept:
                    with suppress(Unsatisfiable):  # no longer asked: the others, and the whole space, still count
                        explore(tried, st.just(q), 5, random=False)
            every = parameters(self.family.params) if draws is None else draws
            explore(tried, every, examples, self.settings.random)
        except Unsatisfiable:  # nothing was checked, which the report says
            return None
        except Flaky:
            if not found:
                raise
        except Exception as error:
            if not found:
                return Failure(f"drawing parameters fails: {self.described(error)}")
        if not found:
            return None
        q, broken = found[-1]
        excused.add(broken.about)
        return Failure(broken.message, q)

    def described(self, error: BaseException) -> str:
        """An exception in one line: its kind, its message, and the line of the family's file from which it came."""
        if isinstance(error, QuizgenError):
            return str(error)
        file = str(self.bank.files.get(self.family.id, ""))
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        place = f" ({Path(file).name}:{frames[-1].lineno}, {frames[-1].name})" if frames else ""
        return f"{type(error).__name__}: {error}{place}"

    def objection(self, q: Parameters, trace: Any) -> str | None:
        """What the laws have against ``trace``; None if they all hold."""
        try:
            with self.patience():
                self.family.prove(q, trace)
        except ProofError as error:
            return error.message
        except Exception as error:  # a law may also trip over a wrong trace
            return self.described(error)
        return None


def explore(test: Test, draws: Draws, examples: int, random: bool) -> None:
    """Hypothesis over ``draws``: quiet, shrinking, without a database (what breaks is kept beside the bank)."""
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

    def run(q: Parameters, data: st.DataObject) -> None:  # a function takes settings only once
        test(q, data)

    hypothesis.given(q=draws, data=st.data())(settings(run))()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooSlow in a block that takes more CPU time; where there are no timers, or in a thread, wait for ever."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TooSlow(f"still running after {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def shares(values: Sequence[Hashable]) -> str:
    """How often each value occurs: ``1 in 80 %, 2 in 20 %``."""
    return ", ".join(
        f"{value} in {100 * values.count(value) / len(values):.0f} %" for value in sorted(set(values), key=str)
    )
