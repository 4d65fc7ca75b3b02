"""Exam mode: the exams that there are, the one that is being sat, those that were handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from starlette.responses import Response

from quizgen import markup
from quizgen.errors import InputError, QuizgenError
from quizgen.study import mock
from quizgen.study.mock import About, Sitting
from quizgen.study.web import dates, paper, sitting
from quizgen.study.web.visit import Handler, Visit

LARGEST = 1_000_000
"""Bytes of a blueprint of the learner's own."""
LONGEST = 200
"""Characters of a path that are repeated."""


@dataclass(frozen=True)
class Handed:
    """An exam that was handed in, in a list."""

    number: int
    title: str
    day: str
    points: str
    total: str


@dataclass(frozen=True)
class Offer:
    """An exam that can be sat."""

    name: str
    title: str
    questions: int
    minutes: int


def choose(visit: Visit) -> Response:
    """The exams that there are, and those that were handed in; the one that is being sat comes first."""
    return sitting.over(visit) or _chosen(visit)


def _chosen(visit: Visit, wrong: str = "", path: str = "") -> Response:
    try:
        running, is_stuck = mock.current(visit.session), False
    except QuizgenError:  # its questions are not what they were
        running, is_stuck = None, True
    return visit.page(
        "exam",
        422 if wrong else 200,
        running=running and paper.own(running.title, visit.locale),
        minutes=paper.minutes(running, visit.moment) if running else 0,
        is_stuck=is_stuck,
        offers=[_offer(found, visit.locale) for found in mock.offered(visit.session.curriculum)],
        is_alone=not visit.course,
        past=[_handed(visit, sitting) for sitting in mock.past(visit.session)],
        wrong=wrong,
        path=path,
    )


def look(visit: Visit) -> Response:
    """What an exam is, before its clock runs."""
    query = visit.request.query_params
    try:
        found = _found(visit, query.get("exam", ""), query.get("path", ""))
    except QuizgenError as error:
        return _chosen(visit, str(error), query.get("path", ""))
    if found is None:
        return visit.to("/exam")
    instructions = paper.own(found.instructions, visit.locale)
    return visit.page(
        "exam_start",
        offer=_offer(found, visit.locale),
        instructions=markup.parse(instructions, found.name) if instructions else None,
        exam=query.get("exam", ""),
        path=query.get("path", ""),
    )


def begin(visit: Visit) -> Response:
    """The clock runs; one that runs already goes on."""
    if sitting.current(visit) is not None:
        return visit.to("/exam/sitting/1")
    try:
        found = _found(visit, visit.form.get("exam", ""), visit.form.get("path", ""))
        if found is not None:
            mock.begin(visit.session, found.source, found.name, visit.moment)
    except QuizgenError as error:
        return _chosen(visit, str(error), visit.form.get("path", ""))
    return visit.to("/exam/sitting/1" if found else "/exam")


def _found(visit: Visit, name: str, path: str) -> About | None:
    """The exam that is meant; one in a file only where nobody else uses this server. Raises InputError."""
    if name or visit.course:
        return next((found for found in mock.offered(visit.session.curriculum) if found.name == name), None)
    if not path.strip():
        return None
    try:
        file = Path(path.strip()).expanduser()
        size = file.stat().st_size
    except (OSError, RuntimeError, ValueError) as error:  # no such file or user, a name that no file can have
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path[:LONGEST]) from error
    if size > LARGEST:
        raise InputError(f"expected at most {LARGEST} bytes", str(file))
    return mock.read(visit.session.curriculum, file)


def give_up(visit: Visit) -> Response:
    """The exam is not finished, and nothing of it counts."""
    mock.give_up(visit.session)
    return visit.to("/exam")


def _offer(found: About, locale: str) -> Offer:
    return Offer(found.name, paper.own(found.title, locale) or found.name, found.questions, found.minutes)


def _handed(visit: Visit, sitting: Sitting) -> Handed:
    day = (sitting.ended or sitting.begun).astimezone(visit.moment.tzinfo).date()
    points, total = (paper.written(Fraction(number)) for number in (sitting.points, sitting.total))
    return Handed(sitting.number, _title(visit, sitting), dates.long(day, visit.locale), points, total)


def _title(visit: Visit, sitting: Sitting) -> str:
    """What an exam is called; the name of its file if what it asks is not there any more."""
    try:
        about = mock.about(visit.session.curriculum, sitting.source, sitting.name)
    except QuizgenError:
        return sitting.name
    return paper.own(about.title, visit.locale) or sitting.name


PAGES: Mapping[str, Handler] = {"/exam": choose, "/exam/start": look}
FORMS: Mapping[str, Handler] = {"/exam/begin": begin, "/exam/give-up": give_up}
