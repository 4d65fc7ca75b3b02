"""The pages for a class: the same as for one learner, who is known by a signed cookie; and how one gets it."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from quizgen.errors import QuizgenError
from quizgen.study.classroom import Classroom, Refused
from quizgen.study.curriculum import Curriculum
from quizgen.study.session import NEW_A_DAY, Session
from quizgen.study.store import Unavailable
from quizgen.study.web import guard, pace
from quizgen.study.web.app import Site, now
from quizgen.study.web.home import YEAR
from quizgen.study.web.teacher import Teacher, slow
from quizgen.study.web.visit import Reader, Visit

LOG = logging.getLogger(__name__)
COOKIE = "quizgen-learner"
LONGEST = 200
"""Characters of a field of a form that are looked at."""
STATUS = {"code": 403, "taken": 409}
"""Of the page that says why somebody cannot join, 422 for other reasons."""


class Sessions:
    """The sessions of those who were here lately; safe for threads."""

    MOST = 1000

    def __init__(self, classroom: Classroom, curriculum: Curriculum, new_a_day: int) -> None:
        self._classroom = classroom
        self._curriculum = curriculum
        self._new_a_day = new_a_day
        self._found: OrderedDict[tuple[int, str], Session] = OrderedDict()
        self._lock = Lock()

    def find(self, number: int, key: str) -> Session | None:
        """The session of a learner whose key this is; None if it is not, or if the learner has been deleted."""
        if not self._classroom.is_member(number, key):
            return None
        with self._lock:
            session = self._found.pop((number, key), None)
        if session is None:
            name = self._classroom.learners().get(number)
            if name is None:
                return None
            session = Session(self._classroom.store, name, self._curriculum, self._new_a_day)
        with self._lock:
            self._found[number, key] = session
            while len(self._found) > self.MOST:
                self._found.popitem(last=False)
        return session


class Class(Site):
    """The pages of a class."""

    def __init__(
        self,
        classroom: Classroom,
        curriculum: Curriculum,
        *,
        course: str = "",
        areas: Sequence[str] = (),
        locale: str = "",
        new_a_day: int = NEW_A_DAY,
        clock: Callable[[], datetime] = now,
    ) -> None:
        secret = classroom.secrets.secret
        super().__init__(areas=areas, locale=locale, clock=clock, secret=secret, course=course or "quizgen")
        self.classroom = classroom
        self.sessions = Sessions(classroom, curriculum, new_a_day)
        self.joins = pace.Limit(burst=300, seconds=2)  # a whole class may come from one address
        self.wrong = pace.Limit(burst=30, seconds=5)
        self.pace = pace.Limit(burst=120, seconds=0.25)
        self.teacher = Teacher(classroom, curriculum, self.tokens, self.wrong, self.forget)

    def whose(self, reader: Reader) -> Session | Response:
        """The learner whose cookie this is; a stranger is led to the page where one joins."""
        session = self._known(reader.request)
        if session is None:
            return self._to_join(reader)
        wait = self.pace.take(session.learner, reader.moment)
        return slow(reader, wait) if wait else session

    def _known(self, request: Request) -> Session | None:
        number, _, key = self.tokens.unsigned(request.cookies.get(COOKIE, "")).partition(".")
        return self.sessions.find(int(number), key) if number.isdecimal() else None

    def _to_join(self, reader: Reader) -> Response:
        if "hx-request" in reader.request.headers:  # else the page would be put into a part of this one
            return HTMLResponse("", headers={"hx-redirect": "/join"})
        return reader.to("/join")

    def routes(self) -> list[Route]:
        """Those of a learner, and those of strangers and of the teacher."""
        return [
            self.shown("/join", self.door),
            self.sent("/join", self.join),
            self.shown("/you", self.learners(you)),
            self.sent("/leave", leave),
            *(self.shown(path, page) for path, page in self.teacher.pages.items()),
            *(self.sent(path, page) for path, page in self.teacher.forms.items()),
            *super().routes(),
        ]

    def failed(self, reader: Reader, error: QuizgenError) -> Response:
        """Learners are not told where the database is; the log of the server is."""
        if not isinstance(error, Unavailable):
            return reader.message(422, "failed", why=error.message)
        LOG.error("%s", error)
        return reader.message(503, "unavailable")

    def forget(self, number: int) -> None:
        """Deletes a learner with everything that is kept, here and in the database."""
        self.classroom.store.forget(number)
        self.desk.clear(number)

    # Joining.

    def door(self, reader: Reader) -> Response:
        """Where one joins; learners are let through."""
        if self._known(reader.request) is not None:
            return reader.to("/")
        return self._door(reader, code=reader.request.query_params.get("code", "")[:LONGEST])

    def _door(self, reader: Reader, status: int = 200, name: str = "", code: str = "", refused: str = "") -> Response:
        return reader.page("join", status, name=name, code=code, refused=refused)

    def join(self, reader: Reader) -> Response:
        """Somebody new, with the code of the class; or somebody known in another browser, with one of the teacher."""
        name, code = reader.form.get("name", "")[:LONGEST], reader.form.get("code", "")[:LONGEST]
        address = pace.address(reader.request)
        wait = self.joins.take(address, reader.moment) or self.wrong.take(address, reader.moment)
        if wait:
            return slow(reader, wait)
        try:
            member = self.classroom.enter(name, code, reader.moment, self.tokens.browser(reader.request))
        except Refused as refused:
            if refused.reason != "code":
                self.wrong.give_back(address)
            return self._door(reader, STATUS.get(refused.reason, 422), name, code, refused.reason)
        self.wrong.give_back(address)
        response = reader.to("/")
        guard.remember(reader.request, response, COOKIE, self.tokens.signed(f"{member.number}.{member.key}"), YEAR)
        return response


def you(visit: Visit) -> Response:
    """Who the reader is, what is kept, and the way out."""
    return visit.page("you", answers=sum(1 for _ in visit.session.store.answers(visit.session.learner)))


def leave(reader: Reader) -> Response:
    """The browser forgets its learner; nothing else is forgotten."""
    response = reader.to("/join")
    for name in (COOKIE, guard.COOKIE):
        response.delete_cookie(name)
    return response
