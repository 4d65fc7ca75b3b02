"""The overview, the way to the next question, and what a reader sets for all pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.datastructures import URL
from starlette.responses import Response

from quizgen.study import names, ways
from quizgen.study.curriculum import Unit
from quizgen.study.web import guard, pages, sitting
from quizgen.study.web.visit import THEMES, Handler, Reader, Visit

YEAR = 365 * 24 * 3600


def home(visit: Visit) -> Response:
    """What is due, what is new, and the areas."""
    session = visit.session
    agenda = session.agenda(visit.moment, visit.areas)
    cards = session.store.cards(session.learner)
    areas: dict[str, list[Unit]] = {}
    for unit in session.curriculum.units(visit.areas):
        areas.setdefault(unit.area, []).append(unit)
    due = {unit.id for unit in agenda.due}
    shown = [
        {
            "id": area,
            "title": names.area(session.curriculum, area, visit.locale),
            "met": sum(unit.id in cards for unit in units),
            "all": len(units),
            "due": sum(unit.id in due for unit in units),
        }
        for area, units in areas.items()
    ]
    return visit.page(
        "home",
        due=len(agenda.due),
        new=len(agenda.new),
        lost=agenda.unavailable,
        areas=shown,
        plan=ways.current(session, visit.moment),
        exam=sitting.minutes_left(visit),
    )


def following(visit: Visit) -> Response:
    """Lays the next question on the desk: what is due, what is new, else what is known least."""
    session, area = visit.session, visit.request.query_params.get("area", "")
    areas = (area,) if area else visit.areas
    unit = session.agenda(visit.moment, areas).first() or next(iter(session.free(visit.moment, areas)), None)
    onward = f"/next?{urlencode({'area': area})}" if area else "/next"
    return visit.lay(session.ask(unit), onward) if unit else visit.message(404, "nothing")


def settings(reader: Reader) -> Response:
    """Language and colours, kept in the browser; back to where the reader was."""
    back = URL(reader.request.headers.get("referer", "/"))
    is_ours = back.netloc == reader.request.url.netloc and not back.path.startswith("//")
    response = reader.to(back.path if is_ours else "/")
    for name, known in (("lang", pages.locales()), ("theme", THEMES)):
        if reader.form.get(name) in known:
            guard.remember(reader.request, response, name, reader.form[name], YEAR)
    return response


PAGES: Mapping[str, Handler] = {"/": home, "/next": following}
FORMS: Mapping[str, Handler] = {}
