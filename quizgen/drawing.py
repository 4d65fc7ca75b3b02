"""Many different items of some families, the same ones however many processes draw them.

Every source (a family, or a slot of a blueprint) has its own endless sequence of candidates, each of which depends on
the seed and its number alone; the first ``n`` that differ are its items.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, count, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quizgen import asking, exporters, space
from quizgen.answers.written import Written
from quizgen.bank import Bank, installed
from quizgen.family import Family, Pool
from quizgen.randomness import Stream
from quizgen.space import EVERYWHERE, Parameters, Where
from quizgen.values import Item, Struct, Task, item_id

if TYPE_CHECKING:
    from concurrent.futures import Future

CHUNK = 32
"""Candidates that are drawn in one go."""

ENOUGH = 50
"""Repetitions that are always put up with; when they also outnumber what is new, the space is gone through instead."""

Entry = tuple[str, Any]
"""An item's id, and the item as the press gives it: as it stands in the file, as bytes."""


class Source(Struct, frozen=True):
    """Where items come from: a family, a slot that narrows one, or the only item of an author's text (``own``).

    ``options`` is how many options each part must have, if it is chosen from options.
    """

    name: str
    family: str
    where: Where = EVERYWHERE
    options: int = 0
    own: Item | None = None


class Order(Struct, frozen=True):
    """What is drawn and how it is written. Plain data, so that a worker needs nothing else."""

    banks: tuple[Path, ...] = ()
    seed: str = "1"
    pool: Pool | None = "practice"
    laws: bool = False
    format: str = "jsonl"
    locales: tuple[str, ...] = ("en",)


class Press:
    """Draws and writes entries to an order, in any process."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.bank = Bank(order.banks)
        layouts = installed()[1] / "exports" / order.format
        self.exporter = exporters.exporter(order.format)(order.locales, self.bank.templates, layouts)

    def family(self, source: Source) -> Family:
        """The family of a source."""
        return self.bank.family(source.family)

    def candidate(self, source: Source, number: int, laws: bool) -> Item:
        """One candidate, proven if ``laws``. Raises InputError if the source has none, ProofError if a law fails."""
        if source.own is not None:
            return source.own
        key = (self.order.seed, "draw", source.name, number)
        return self.family(source).draw(
            *key, where=source.where, pool=self.order.pool, options=source.options, laws=laws
        )

    def candidates(self, source: Source, numbers: Iterable[int]) -> list[Entry]:
        """Some candidates of a source, written."""
        return [self.entry(source, self.candidate(source, number, self.order.laws)) for number in numbers]

    def entry(self, source: Source, item: Item) -> Entry:
        """An item with its id, written."""
        identity = item.id
        return identity, self.exporter.entry(task(item, source.options, identity))

    def fit(self, source: Source) -> exporters.Fit:
        """How the items of a source come through the format; families declare what they ask, so one tells for all."""
        return self.exporter.fit(source.name, exporters.needs(task(self.candidate(source, 0, False), source.options)))

    def pool_of(self, source: Source) -> Pool | None:
        """The half of a source's space that is drawn from; None where it is not divided."""
        return None if source.own is not None else self.family(source).half(self.order.pool, source.where)

    def rest(self, source: Source, seen: set[str]) -> Iterator[Entry] | None:
        """The items of a source that are not in ``seen``, in random order; None if its space cannot be gone through."""
        if source.own is not None:
            return iter(())
        found = list(space.enumerate_space(self.family(source).params, source.where))
        if len(found) >= space.NODES:
            return None
        shuffled = Stream(self.order.seed, "rest", source.name).shuffled([q for q in found if q is not None])
        return self._unseen(source, shuffled, seen)

    def _unseen(self, source: Source, combinations: Iterable[Parameters], seen: set[str]) -> Iterator[Entry]:
        """The entries of those parameters that are not in ``seen`` and that a draw could have given."""
        family, half = self.family(source), self.pool_of(source)
        for q in combinations:
            if item_id(family.id, family.version, q.as_dict()) not in seen:
                with family.faults_located():
                    item = family.admit(q, half, source.options, self.order.laws)
                if item is not None:
                    yield self.entry(source, item)


def task(item: Item, options: int = 0, identity: str = "") -> Task:
    """An item (its id is ``identity``) as it is asked outside an exam: a point per weight, or those of its rubric."""
    asked = asking.ask(item, "choice" if options else "open", options, Stream(identity or item.id, "asked"))
    points = (part.key.points() if isinstance(part.key, Written) else Fraction(part.weight) for part in item.parts)
    return Task(item=item, points=tuple(points), asked=asked)


def draw(press: Press, sources: Sequence[Source], n: int, jobs: int = 1) -> Iterator[tuple[Source, Any]]:
    """``n`` different items of each source as they stand in the file, or all that there are, with their source."""
    seen: dict[str, set[str]] = {}
    finished: set[str] = set()
    plan = (
        (source, range(start, min(start + CHUNK, n)))
        for source in sources
        for start in range(0, n, CHUNK)
        if source.name not in finished
    )
    for source, chunks in groupby(_run(press, plan, jobs), key=itemgetter(0)):
        planned = chain.from_iterable(chunk for _, chunk in chunks)
        for entry in islice(_different(press, source, planned, n, seen.setdefault(source.family, set())), n):
            yield source, entry
        finished.add(source.name)


def endless(press: Press, source: Source, seen: set[str]) -> Iterator[Any]:
    """Items of a source that are not in ``seen``, as the press gives them, drawn one at a time, until there are none.

    They are those that :func:`draw` gives, in the same order.
    """
    return _different(press, source, iter(()), 0, seen)


def _different(press: Press, source: Source, planned: Iterator[Entry], n: int, seen: set[str]) -> Iterator[Any]:
    """Entries of a source that are not in ``seen``: of the ``n`` planned ones, of further ones, of its whole space."""
    further = chain.from_iterable(press.candidates(source, [number]) for number in count(n))
    rest, listable = None, True
    fresh = repeats = stale = 0
    for identity, entry in chain(planned, further):
        if identity not in seen:
            seen.add(identity)
            fresh, stale = fresh + 1, 0
            yield entry
            continue
        repeats, stale = repeats + 1, stale + 1
        if listable and repeats > max(ENOUGH, fresh):
            rest = press.rest(source, seen)
            listable = rest is not None
        if rest is not None or stale == space.TRIES:
            break
    for identity, entry in rest or ():
        seen.add(identity)
        yield entry


def _run(press: Press, plan: Iterator[tuple[Source, range]], jobs: int) -> Iterator[tuple[Source, list[Entry]]]:
    """The candidates that ``plan`` names, in its order; it is read only as far ahead as keeps every process busy."""
    if jobs == 1:
        yield from ((source, press.candidates(source, numbers)) for source, numbers in plan)
        return
    from quizgen.processes import processes  # a tenth of the start otherwise

    waiting: deque[tuple[Source, Future[list[Entry]]]] = deque()
    with processes(jobs, _start, press.order) as pool:
        for source, numbers in plan:
            waiting.append((source, pool.submit(_work, source, numbers)))
            if len(waiting) > 4 * jobs:
                yield waiting[0][0], waiting.popleft()[1].result()
        yield from ((source, future.result()) for source, future in waiting)


_presses: list[Press] = []


def _start(order: Order) -> None:
    """Make a worker ready."""
    _presses.append(Press(order))


def _work(source: Source, numbers: range) -> list[Entry]:
    """What a worker does, again and again."""
    return _presses[-1].candidates(source, numbers)
