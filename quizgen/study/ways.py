"""Ways to practise, one question after the other: what is due, towards an exam, against one's mistakes, or freely."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from quizgen.errors import InputError
from quizgen.study import planning
from quizgen.study.curriculum import Unit
from quizgen.study.session import Question, Session


@dataclass(frozen=True)
class Way:
    """How somebody practises: its name, and for free practice the areas and levels (none stands for all)."""

    name: str = "due"
    areas: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()

    @property
    def is_round(self) -> bool:
        """Whether each thing is asked once, however it was answered; else the cards say what comes next."""
        return self.name in ("weak", "free")


@dataclass(frozen=True)
class Next:
    """Something that comes: a unit or a mistake by its ``id``, the minutes that it takes, and the way to ask it."""

    id: str
    minutes: int
    ask: Callable[[], Question]


def coming(session: Session, way: Way, now: datetime) -> list[Next]:
    """What comes, the next one first."""
    return list(WAYS[way.name](session, way, now))


def _due(session: Session, way: Way, now: datetime) -> Iterator[Next]:
    agenda = session.agenda(now, way.areas)
    return (_unit(session, unit) for unit in (*agenda.due, *agenda.new))


def _plan(session: Session, way: Way, now: datetime) -> Iterator[Next]:
    plan = current(session, now)
    return (_unit(session, unit) for unit in plan.today) if plan is not None else iter(())


def _weak(session: Session, way: Way, now: datetime) -> Iterator[Next]:
    for spot in planning.weak_spots(session, now, way.areas):
        slip = f"{spot.trouble.place} {spot.trouble.mistake}"
        yield Next(slip, spot.units[0].minutes, partial(planning.against, session, spot))


def _free(session: Session, way: Way, now: datetime) -> Iterator[Next]:
    return (_unit(session, unit) for unit in session.free(now, way.areas, way.levels))


def _unit(session: Session, unit: Unit) -> Next:
    return Next(unit.id, unit.minutes, lambda: session.ask(unit))


def current(session: Session, now: datetime) -> planning.Plan | None:
    """What there is to do until the exam that is planned for; None without one, or when it is over."""
    aim = planning.kept(session)
    if aim is None or aim.day < now.date():
        return None
    return planning.towards(session, planning.goal(session.curriculum, aim), now)


Ways: TypeAlias = Mapping[str, Callable[[Session, Way, datetime], Iterator[Next]]]

WAYS: Ways = {"due": _due, "plan": _plan, "weak": _weak, "free": _free}
"""Every way by its name."""


LEVELS = range(1, 6)


def levels(text: str) -> tuple[int, ...]:
    """Levels as they are typed: ``2``, ``1-3``, ``1,4``. Raises InputError."""
    found: set[int] = set()
    for piece in text.replace(",", " ").replace("，", " ").split():
        first, _, last = piece.partition("-")
        try:
            found |= set(range(int(first), int(last or first) + 1))
        except ValueError:
            found.add(0)
    if not found <= set(LEVELS) or (text.strip() and not found):
        raise InputError(f"expected levels from {LEVELS[0]} to {LEVELS[-1]}, such as 1-3, got {text.strip()!r}")
    return tuple(sorted(found))
