"""How a learner is doing: what is known, what is coming, which mistakes come back; plots with tables beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup
from starlette.responses import Response

from quizgen.markup import Document
from quizgen.study import names, statistics
from quizgen.study.curriculum import area_of
from quizgen.study.statistics import Retention, Trouble
from quizgen.study.web import choosing, dates, plots
from quizgen.study.web.visit import Handler, Visit

BACK = 30
"""Days whose answers are shown."""

MARKED = 4
"""Days whose dates stand below a plot: as many as a phone is wide."""

TROUBLES = 8
"""Mistakes that are shown; the page of weak spots has all."""


@dataclass(frozen=True)
class Row:
    """An area or a family: numbers in percent, None where there are none."""

    name: str
    met: int
    units: int
    known: int | None
    meter: Markup
    answers: int
    points: int | None
    rows: "tuple[Row, ...]" = ()


@dataclass(frozen=True)
class Chart:
    """A plot, and the same as a table: days with a number above 0."""

    plot: Markup
    alt: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Slip:
    """A mistake in words, how often it was made, and its trend."""

    said: Document
    where: Document
    count: int
    lately: int
    before: int
    trend: str


def progress(visit: Visit) -> Response:
    """The statistics."""
    found = statistics.of(visit.session, visit.moment)
    practised, today = dict(found.practised), visit.moment.date()
    back = [(day, practised.get(day, 0)) for day in (today - timedelta(days=ago) for ago in range(BACK - 1, -1, -1))]
    return visit.page(
        "statistics",
        answers=sum(practised.values()),
        met=sum(area.met for area in found.areas),
        all=sum(area.units for area in found.areas),
        streak=found.streak,
        practised=_chart(visit, "practised", back),
        forecast=_chart(visit, "forecast", found.forecast),
        rows=list(_rows(visit, found.areas, found.families)),
        slips=list(_slips(visit, found.troubles)),
    )


def _rows(visit: Visit, areas: Sequence[Retention], families: Sequence[Retention]) -> Iterator[Row]:
    """The areas, each with its families."""
    course = visit.session.curriculum
    for area in areas:
        within = [family for family in families if area_of(family.name) == area.name]
        rows = tuple(_row(names.family(course, family.name, visit.locale), family) for family in within)
        yield _row(names.area(course, area.name, visit.locale), area, rows)


def _row(name: str, found: Retention, rows: tuple[Row, ...] = ()) -> Row:
    return Row(
        name=name,
        met=found.met,
        units=found.units,
        known=round(100 * found.retention) if found.met else None,
        meter=plots.meter(found.retention),
        answers=found.answers,
        points=None if found.credit is None else round(100 * found.credit),
        rows=rows,
    )


def _chart(visit: Visit, name: str, days: Sequence[tuple[date, int]]) -> Chart:
    """A plot of numbers by day."""
    total = sum(count for _, count in days)
    busiest, most = max(days, key=lambda entry: entry[1])
    alt = visit.say(f"statistics_{name}_none", days=len(days))
    if total:
        day = dates.short(busiest, visit.locale)
        alt = visit.say(f"statistics_{name}_alt", n=total, days=len(days), most=most, day=day)
    marked = [round(place * (len(days) - 1) / (MARKED - 1)) for place in range(MARKED)]
    words = [(dates.tiny(day, visit.locale), count) for day, count in days]
    rows = tuple((dates.short(day, visit.locale), count) for day, count in days if count)
    return Chart(plots.bars(words, marked, alt), alt, rows)


def _slips(visit: Visit, troubles: Sequence[Trouble]) -> Iterator[Slip]:
    """The mistakes made most often lately, as far as they can be said."""
    course, shown = visit.session.curriculum, 0
    for trouble in troubles:
        said = names.mistake(course, trouble.latest, trouble.mistake, visit.locale) if shown < TROUBLES else None
        if said is not None:
            shown += 1
            where = names.unit(course, trouble.place, visit.locale)
            yield Slip(said, where, trouble.count, trouble.lately, trouble.before, choosing.trend(trouble))


PAGES: Mapping[str, Handler] = {"/statistics": progress}
FORMS: Mapping[str, Handler] = {}
