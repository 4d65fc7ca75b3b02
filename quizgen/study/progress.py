"""How a learner is doing, on a terminal: tables, and plots made of signs that every terminal has."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from quizgen.renderers import text
from quizgen.study import names, planning, statistics
from quizgen.study.planning import Aim, Plan
from quizgen.study.screen import Screen, bar
from quizgen.study.session import Session
from quizgen.study.statistics import Retention, Statistics, Trouble

DAYS = 14
"""Days that a plot shows."""

TROUBLES = 8
"""Mistakes that are shown."""


def statistics_of(screen: Screen, session: Session, now: datetime, areas: Sequence[str] = ()) -> None:
    """Everything, from areas to what is coming."""
    found = statistics.of(session, now)
    screen.rule(screen.phrase("statistics.title"))
    if not found.practised:
        screen.say("statistics.none")
        return
    streak = found.streak
    screen.say("statistics.streak", n=streak.days, current=streak.current, longest=streak.longest)
    screen.print()
    _retentions(screen, session, found, areas)
    _troubles(screen, session, found)
    _days(screen, "statistics.practised", _past(found, now.date()))
    _days(screen, "statistics.forecast", found.forecast[:DAYS])


def _retentions(screen: Screen, session: Session, found: Statistics, areas: Sequence[str]) -> None:
    """A row for every area, and below it one for every family that has been met."""
    heads = screen.table("statistics")
    rows = [[heads[name] for name in ("area", "met", "known", "answers", "points")]]
    for area in found.areas:
        if areas and area.name not in areas:
            continue
        rows.append(_row(names.area(session.curriculum, area.name, screen.locale), area))
        for family in found.families:
            if family.met and family.name.startswith(f"{area.name}/"):
                rows.append(_row(f"  {names.family(session.curriculum, family.name, screen.locale)}", family))
    screen.columns(rows, numbers=4)
    screen.print()


def _row(name: str, found: Retention) -> list[str]:
    known = f"{bar(found.retention, 10)} {found.retention:4.0%}" if found.met else "-"
    points = "-" if found.credit is None else f"{float(found.credit):.0%}"
    return [name, f"{found.met}/{found.units}", known, str(found.answers), points]


def _troubles(screen: Screen, session: Session, found: Statistics) -> None:
    if not found.troubles:
        return
    screen.say("statistics.troubles")
    for trouble in found.troubles[:TROUBLES]:
        screen.print(f"- {trouble_of(screen, session, trouble)}")
    screen.print()


def trouble_of(screen: Screen, session: Session, trouble: Trouble) -> str:
    """A mistake in a line or two: where, how often, whether it gets rarer, and what is said to it."""
    where = text.render(names.unit(session.curriculum, trouble.place, screen.locale))
    trend = "rarer" if trouble.trend < 0 else "more" if trouble.trend > 0 else "same"
    counts = screen.phrase(f"statistics.{trend}", n=trouble.count, lately=trouble.lately, before=trouble.before)
    said = names.mistake(session.curriculum, trouble.latest, trouble.mistake, screen.locale)
    reason = " ".join(text.render(said).split()) if said is not None else trouble.mistake.replace("_", " ")
    return screen.phrase("statistics.trouble", where=where, counts=counts, said=reason)


def _past(found: Statistics, today: date) -> Sequence[tuple[date, int]]:
    practised = dict(found.practised)
    days = [today - timedelta(days=number) for number in reversed(range(DAYS))]
    return [(day, practised.get(day, 0)) for day in days]


def _days(screen: Screen, title: str, days: Sequence[tuple[date, int]]) -> None:
    """A bar for every day."""
    screen.say(title)
    most = max(1, *(count for _, count in days))
    for day, count in days:
        screen.line(f"  {day:%m-%d} {'#' * -(-count * 40 // most)} {count or ''}".rstrip())
    screen.print()


def plan(screen: Screen, aim: Aim, found: Plan, now: datetime) -> None:
    """How far a learner is towards an exam, and whether the time suffices."""
    screen.say("plan.exam", date=aim.day, n=(aim.day - now.date()).days, minutes=aim.minutes)
    screen.say("plan.ready", ready=found.ready, total=found.total, bar=bar(found.ready / max(1, found.total)))
    screen.say("plan.today", n=len(found.today), minutes=found.today_minutes)
    if not found.suffices_for_once:
        screen.say("plan.not_once", minutes=found.enough_for_once)
    elif found.short:
        screen.say("plan.short", minutes=found.enough)


def weak(screen: Screen, session: Session, now: datetime, areas: Sequence[str]) -> None:
    """The mistakes that weigh most."""
    spots = planning.weak_spots(session, now, areas)
    if not spots:
        screen.say("weak.none")
    for spot in spots[:TROUBLES]:
        screen.print(f"- {trouble_of(screen, session, spot.trouble)}")
