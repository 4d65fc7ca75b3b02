"""The teacher's pages: how the class does, what it gets wrong, and who may come back or has to go."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from threading import Lock
from typing import TypeAlias

from starlette.responses import HTMLResponse, Response, StreamingResponse

from quizgen.markup import Document
from quizgen.study import names, report
from quizgen.study.classroom import Classroom
from quizgen.study.curriculum import Curriculum
from quizgen.study.report import Report, Trouble
from quizgen.study.web import guard, pace
from quizgen.study.web.visit import Reader

COOKIE = "quizgen-teacher"
DAY = 24 * 3600
MOST = 50
"""Mistakes and remarks that are shown; all are in the tables."""
FRESH = timedelta(seconds=5)
"""How long a report is shown again: all answers of the class are read for it."""

Answer: TypeAlias = Callable[[Reader], Response]


def slow(reader: Reader, seconds: int) -> Response:
    """Too much in too short a time: when to try again."""
    is_echo = reader.request.headers.get("hx-target") == "echo"
    response = HTMLResponse("", 429) if is_echo else reader.message(429, "slow", n=seconds)
    response.headers["retry-after"] = str(seconds)
    return response


class Teacher:
    """What the teacher of a class may see and do."""

    def __init__(
        self,
        classroom: Classroom,
        curriculum: Curriculum,
        tokens: guard.Tokens,
        wrong: pace.Limit,
        forget: Callable[[int], None],
    ) -> None:
        self.classroom = classroom
        self.curriculum = curriculum
        self.tokens = tokens
        self.wrong = wrong
        self._forget = forget
        self._report: tuple[datetime, Report] | None = None
        self._lock = Lock()

    @property
    def pages(self) -> Mapping[str, Answer]:
        """What the teacher may ask for."""
        return {
            "/teacher": self.enter,
            "/teacher/learners.csv": self._only(self.learners_csv),
            "/teacher/answers.csv": self._only(self.answers_csv),
            "/teacher/learner/{number:int}": self._only(self.learner),
        }

    @property
    def forms(self) -> Mapping[str, Answer]:
        """What the teacher may send."""
        return {
            "/teacher": self.enter,
            "/teacher/leave": self._only(self.leave),
            "/teacher/learner/{number:int}/code": self._only(self.issue),
            "/teacher/learner/{number:int}/delete": self._only(self.delete),
        }

    # Who is the teacher.

    def _only(self, answer: Answer) -> Answer:
        return lambda reader: answer(reader) if self._is_teacher(reader) else reader.to("/teacher")

    def _is_teacher(self, reader: Reader) -> bool:
        shown, _, since = self.tokens.unsigned(reader.request.cookies.get(COOKIE, "")).rpartition("-")
        is_fresh = since.isdecimal() and reader.moment.timestamp() - int(since) < DAY
        return is_fresh and compare_digest(shown.encode(), self._sign().encode())

    def _sign(self) -> str:
        """What the teacher's cookie says before the time at which it was given; another token makes it worthless."""
        return f"teacher.{sha256(self.classroom.secrets.teacher.encode()).hexdigest()}"

    def enter(self, reader: Reader) -> Response:
        """The overview for the teacher; whoever has the token is the teacher from now on."""
        token = reader.form.get("key", "") or reader.request.query_params.get("key", "")
        if not token:
            return self.overview(reader) if self._is_teacher(reader) else reader.page("teacher_door", wrong=False)
        address = pace.address(reader.request)
        wait = self.wrong.take(address, reader.moment)
        if wait:
            return slow(reader, wait)
        if not self.classroom.is_teacher(token.strip()):
            return reader.page("teacher_door", 403, wrong=True)
        self.wrong.give_back(address)
        response = reader.to("/teacher")
        cookie = self.tokens.signed(f"{self._sign()}-{reader.moment.timestamp():.0f}")
        guard.remember(reader.request, response, COOKIE, cookie, DAY)
        return response

    def leave(self, reader: Reader) -> Response:
        """The browser is the teacher's no more."""
        response = reader.to("/teacher")
        response.delete_cookie(COOKIE)
        return response

    # The class.

    def report(self, reader: Reader) -> Report:
        """How the class does, as of now or a moment ago."""
        with self._lock:
            if self._report is None or not timedelta() <= reader.moment - self._report[0] < FRESH:
                self._report = reader.moment, report.of(self.classroom.store, self.curriculum, reader.moment)
            return self._report[1]

    def overview(self, reader: Reader) -> Response:
        """Everybody, every area, the mistakes of the class and the remarks."""
        found, course = self.report(reader), self.curriculum
        return reader.page(
            "teacher",
            report=found,
            areas=[(it, names.area(course, it.name, reader.locale)) for it in found.areas],
            troubles=[
                (it, names.family(course, it.family, reader.locale), self._said(it, reader.locale))
                for it in found.troubles[:MOST]
            ],
            remarks=[(it, names.family(course, it.answer.family, reader.locale)) for it in found.remarks[:MOST]],
            zone=reader.moment.tzinfo,
            code=self.classroom.secrets.join,
            link=self._link(reader),
        )

    def _said(self, trouble: Trouble, locale: str) -> Document | None:
        return names.mistake(self.curriculum, trouble.last, trouble.mistake, locale)

    def _link(self, reader: Reader) -> str:
        """The address that learners are sent to, with the code filled in."""
        return str(reader.request.url.replace(path="/join", query=f"code={self.classroom.secrets.join}"))

    def learners_csv(self, reader: Reader) -> Response:
        """The overview as a table."""
        return _table("learners.csv", report.learners_csv(self.report(reader)))

    def answers_csv(self, reader: Reader) -> Response:
        """Every answer as a table."""
        return _table("answers.csv", report.answers_csv(self.classroom.store))

    # One learner.

    def learner(self, reader: Reader) -> Response:
        """One learner: a code for another browser can be issued, or everything be deleted."""
        return self._learner(reader)

    def issue(self, reader: Reader) -> Response:
        """A code for another browser, shown once."""
        number = self._number(reader)
        if number not in self.classroom.learners():
            return reader.message(404, "unknown")
        return self._learner(reader, code=self.classroom.issue(number, reader.moment))

    def delete(self, reader: Reader) -> Response:
        """A learner deleted with all answers, when the teacher has said so twice."""
        if reader.form.get("sure") != "yes":
            return self._learner(reader, status=422, unsure=True)
        number = self._number(reader)
        name = self.classroom.learners().get(number)
        if name is None:
            return reader.message(404, "unknown")
        self._forget(number)
        with self._lock:
            self._report = None
        return reader.to("/teacher")

    def _learner(self, reader: Reader, status: int = 200, code: str = "", unsure: bool = False) -> Response:
        found = next((it for it in self.report(reader).learners if it.number == self._number(reader)), None)
        if found is None:
            return reader.message(404, "unknown")
        return reader.page("teacher_learner", status, it=found, code=code, unsure=unsure)

    def _number(self, reader: Reader) -> int:
        number: int = reader.request.path_params["number"]
        return number


def _table(name: str, lines: Iterator[bytes]) -> Response:
    """A table to be saved, sent as it is made."""
    return StreamingResponse(
        lines, media_type="text/csv; charset=utf-8", headers={"content-disposition": f'attachment; filename="{name}"'}
    )
