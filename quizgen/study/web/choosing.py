"""What a learner chooses to practise: a topic, some of an area and a level, or a mistake that keeps coming back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from starlette.responses import Response

from quizgen.markup import Document
from quizgen.study import names, planning, schedule
from quizgen.study.curriculum import Unit
from quizgen.study.statistics import Trouble
from quizgen.study.web import dates
from quizgen.study.web.visit import Handler, Visit

LEVELS = (1, 2, 3, 4, 5)

MOST = 40
"""Topics that can be chosen at once: they stand in the address."""

# Topics.


@dataclass(frozen=True)
class Topic:
    """A unit in the list; ``known`` is the chance in percent that it is known now, None before it was met."""

    id: str
    name: Document
    level: int
    known: int | None


@dataclass(frozen=True)
class Group:
    """The topics of an area that were asked for."""

    title: str
    topics: tuple[Topic, ...]


def topics(visit: Visit) -> Response:
    """All topics, or those of some areas and levels."""
    course, areas, levels = visit.session.curriculum, _areas(visit), _levels(visit)
    offered = dict.fromkeys(unit.area for unit in course.units(visit.areas))
    units = course.units(areas or visit.areas, levels)
    return visit.page(
        "topics",
        areas=[(area, names.area(course, area, visit.locale), area in areas) for area in offered],
        levels=[(level, level in levels) for level in LEVELS],
        groups=list(_groups(visit, units)),
        is_narrow=bool(areas or levels),
        count=len(units),
        all=urlencode([*(("area", area) for area in areas), *(("level", level) for level in levels)]),
    )


def practise(visit: Visit) -> Response:
    """A question of the topics that the address names: that which is known least."""
    query = visit.request.query_params
    wanted = set(query.getlist("unit")[:MOST])
    units = [
        unit
        for unit in visit.session.free(visit.moment, _areas(visit) or visit.areas, _levels(visit))
        if not wanted or unit.id in wanted
    ]
    if not units:
        return visit.message(404, "nothing")
    return visit.lay(visit.session.ask(units[0]), f"/topics/next?{query}")


def _groups(visit: Visit, units: Sequence[Unit]) -> Iterator[Group]:
    cards = visit.session.store.cards(visit.session.learner)
    course = visit.session.curriculum
    for area in dict.fromkeys(unit.area for unit in units):
        found = [
            Topic(
                id=unit.id,
                name=names.unit(course, unit.id, visit.locale),
                level=unit.level,
                known=round(100 * schedule.retention(cards[unit.id], visit.moment)) if unit.id in cards else None,
            )
            for unit in units
            if unit.area == area
        ]
        yield Group(names.area(course, area, visit.locale), tuple(found))


def _areas(visit: Visit) -> list[str]:
    """The areas that the address names, of those that there are."""
    there = {unit.area for unit in visit.session.curriculum.units(visit.areas)}
    return [area for area in dict.fromkeys(visit.request.query_params.getlist("area")) if area in there]


def _levels(visit: Visit) -> list[int]:
    named = visit.request.query_params.getlist("level")
    return [level for level in LEVELS if str(level) in named]


# Weak spots.


@dataclass(frozen=True)
class Weakness:
    """A mistake in words, and how often it was made; ``key`` names it in the address."""

    key: str
    said: Document
    where: Document
    count: int
    trend: str
    last: str


def weak(visit: Visit) -> Response:
    """The mistakes that the learner makes most, in words."""
    return visit.page("weak", spots=list(_weaknesses(visit)), days=planning.HALF_LIFE.days)


def against(visit: Visit) -> Response:
    """A question in which a mistake can be made again."""
    key = visit.request.query_params.get("spot", "")
    for spot in planning.weak_spots(visit.session, visit.moment, visit.areas):
        if key_of(spot.trouble) == key:
            return visit.lay(planning.against(visit.session, spot), f"/weak/next?spot={key}")
    return visit.message(404, "nothing")


def _weaknesses(visit: Visit) -> Iterator[Weakness]:
    course = visit.session.curriculum
    for spot in planning.weak_spots(visit.session, visit.moment, visit.areas):
        said = names.mistake(course, spot.trouble.latest, spot.trouble.mistake, visit.locale)
        if said is not None:
            yield Weakness(
                key=key_of(spot.trouble),
                said=said,
                where=names.unit(course, spot.trouble.place, visit.locale),
                count=spot.trouble.count,
                trend=trend(spot.trouble),
                last=dates.short(spot.trouble.last.astimezone(visit.moment.tzinfo).date(), visit.locale),
            )


def trend(trouble: Trouble) -> str:
    """Whether a mistake is made more often than before: the end of a phrase's name."""
    if not trouble.lately:
        return "gone"
    if trouble.lately == trouble.count:
        return "new"
    return "up" if trouble.trend > 0 else "down" if trouble.trend < 0 else "same"


def key_of(trouble: Trouble) -> str:
    """A name for a mistake that tells nothing of it."""
    return sha256(f"{trouble.place} {trouble.mistake}".encode()).hexdigest()[:12]


PAGES: Mapping[str, Handler] = {
    "/topics": topics,
    "/topics/next": practise,
    "/weak": weak,
    "/weak/next": against,
}
FORMS: Mapping[str, Handler] = {}
