"""The plan towards an exam: its form, what it says, and today's questions one after the other."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from quizgen.markup import Document
from quizgen.study import names, planning
from quizgen.study.curriculum import Unit
from quizgen.study.planning import FARTHEST, LEAST, MINUTES, MOST, Aim, Day, Plan
from quizgen.study.web import dates
from quizgen.study.web.visit import Handler, Visit

SHOWN, LISTED = 14, 56
"""Days of the calendar that are shown at once, and that can be seen at all."""


@dataclass(frozen=True)
class Entry:
    """A unit in a list; ``is_new`` if the learner has not met it."""

    name: Document
    minutes: int
    is_new: bool


@dataclass(frozen=True)
class DayView:
    """A day of the calendar."""

    day: str
    new: int
    again: int
    minutes: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Choice:
    """An area in the form."""

    id: str
    title: str
    units: int
    minutes: int
    is_chosen: bool


# Pages.


def plan(visit: Visit) -> Response:
    """The plan as it stands today; the form if there is none."""
    aim = planning.kept(visit.session)
    return _asked(visit) if aim is None else visit.page("plan", **_shown(visit, aim))


def edit(visit: Visit) -> Response:
    """The form, with what is planned."""
    return _asked(visit)


def keep(visit: Visit) -> Response:
    """The plan that was entered, kept if it can be."""
    aim, wrong = _entered(visit)
    if aim is None:
        return _asked(visit, wrong)
    planning.keep(visit.session, aim, visit.moment)
    return visit.to("/plan")


def drop(visit: Visit) -> Response:
    """The plan given up."""
    planning.drop(visit.session)
    return visit.to("/plan")


def following(visit: Visit) -> Response:
    """The next question of today; when all are done, back to the plan. With ``more``, one that is not for today."""
    aim = planning.kept(visit.session)
    if aim is None:
        return visit.to("/plan")
    found = planning.towards(visit.session, planning.goal(visit.session.curriculum, aim), visit.moment)
    more = (*found.unmet, *found.weak) if "more" in visit.request.query_params else ()
    unit = found.first() or next(iter(more), None)
    return visit.lay(visit.session.ask(unit), "/plan/next") if unit else visit.to("/plan")


# What the template ``plan`` prints.


def _shown(visit: Visit, aim: Aim) -> dict[str, Any]:
    goal = planning.goal(visit.session.curriculum, aim)
    found = planning.towards(visit.session, goal, visit.moment)
    ahead = planning.calendar(visit.session, goal, visit.moment, LISTED)
    unmet = {unit.id for unit in found.unmet}
    days = [_day(visit, day) for day in ahead.days[1:]]
    return {
        "plan": found,
        "day": dates.long(aim.day, visit.locale),
        "is_over": aim.day < visit.moment.date(),
        "minutes": aim.minutes,
        "areas": [names.area(visit.session.curriculum, area, visit.locale) for area in aim.areas],
        "shares": _shares(found),
        "today": [_entry(visit, unit, unit.id in unmet) for unit in found.today],
        "missed": [_entry(visit, unit, True) for unit in ahead.missed],
        "most": MOST,
        "days": days[:SHOWN],
        "later": days[SHOWN:],
        "unseen": max(0, found.days - LISTED),
    }


def _shares(plan: Plan) -> list[tuple[str, int]]:
    """How many units are ready, met, not met."""
    return [("ready", plan.ready), ("met", len(plan.weak)), ("unmet", len(plan.unmet))]


def _day(visit: Visit, day: Day) -> DayView:
    entries = [_entry(visit, unit, True) for unit in day.new] + [_entry(visit, unit, False) for unit in day.again]
    return DayView(dates.short(day.day, visit.locale), len(day.new), len(day.again), day.minutes, tuple(entries))


def _entry(visit: Visit, unit: Unit, is_new: bool) -> Entry:
    return Entry(names.unit(visit.session.curriculum, unit.id, visit.locale), unit.minutes, is_new)


def _minutes(units: Sequence[Unit]) -> int:
    return sum(unit.minutes for unit in units)


# The form.


def _asked(visit: Visit, wrong: Sequence[str] = ()) -> Response:
    """The form: with what was sent, else what is planned, else a proposal."""
    aim, form, today = planning.kept(visit.session), visit.form, visit.moment.date()
    chosen = form.getlist("area") if form else aim.areas if aim else ()
    known = visit.session.curriculum.units(visit.areas)
    areas = [
        Choice(
            id=area,
            title=names.area(visit.session.curriculum, area, visit.locale),
            units=sum(unit.area == area for unit in known),
            minutes=_minutes([unit for unit in known if unit.area == area]),
            is_chosen=area in chosen or (not chosen and not form),
        )
        for area in dict.fromkeys(unit.area for unit in known)
    ]
    return visit.page(
        "plan_form",
        422 if wrong else 200,
        is_kept=aim is not None,
        day=form.get("day", aim.day.isoformat() if aim else ""),
        minutes=form.get("minutes", str(aim.minutes if aim else MINUTES)),
        areas=areas,
        first=today.isoformat(),
        last=(today + FARTHEST).isoformat(),
        least=LEAST,
        most=MOST,
        wrong=wrong,
    )


def _entered(visit: Visit) -> tuple[Aim | None, list[str]]:
    """What was entered, or the names of the fields that are wrong."""
    today, day, minutes = visit.moment.date(), None, 0
    with suppress(ValueError):
        day = date.fromisoformat(visit.form.get("day", ""))
    with suppress(ValueError):
        minutes = int(visit.form.get("minutes", ""))
    offered = dict.fromkeys(unit.area for unit in visit.session.curriculum.units(visit.areas))
    areas = tuple(area for area in offered if area in visit.form.getlist("area"))
    is_right = {
        "day": day is not None and today <= day <= today + FARTHEST,
        "minutes": LEAST <= minutes <= MOST,
        "areas": bool(areas),
    }
    if day is None or not all(is_right.values()):
        return None, [name for name, right in is_right.items() if not right]
    is_all = len(areas) == len({unit.area for unit in visit.session.curriculum.units()})
    return Aim(day, minutes, () if is_all else areas), []


PAGES: Mapping[str, Handler] = {"/plan": plan, "/plan/edit": edit, "/plan/next": following}
FORMS: Mapping[str, Handler] = {"/plan": keep, "/plan/drop": drop}
