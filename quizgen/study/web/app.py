"""The addresses of the pages: whoever asks is told apart here, and a form of another site is refused."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from quizgen.errors import QuizgenError
from quizgen.study.session import Session
from quizgen.study.web import choosing, exam, guard, home, pages, planner, progress, questions, result, sitting
from quizgen.study.web.desk import Desk
from quizgen.study.web.visit import NOTHING, Form, Handler, Reader, Visit, plain
from quizgen.study.zones import LOCAL

ASSETS = Path(__file__).parent / "assets"
"""What pages load. htmx 2.0.11 and MathLive 0.111.1 are as published on npm, their licences in ``licences``."""

MODULES = (home, questions, planner, choosing, exam, sitting, result, progress)

PAGES: Mapping[str, Handler] = {path: handler for module in MODULES for path, handler in module.PAGES.items()}
"""What a learner may ask for, by its address. A module of pages has such a table, and is named above."""

FORMS: Mapping[str, Handler] = {path: handler for module in MODULES for path, handler in module.FORMS.items()}
"""The same for what is sent: only with a token of ours."""

FORMS_KEY = "forms"
"""The key under which a store keeps what the tokens of one learner's forms are signed with."""

Answer: TypeAlias = Callable[[Reader], Response]


def now() -> datetime:
    """The time, in the zone of this machine: the one place of the pages that asks for it."""
    return datetime.now(LOCAL)


class Site:
    """The pages, and what all who visit them share. Whose pages they are is found for each request."""

    def __init__(
        self,
        *,
        areas: Sequence[str] = (),
        locale: str = "",
        clock: Callable[[], datetime] = now,
        secret: str = "",
        course: str = "",
    ) -> None:
        self.areas = tuple(areas)
        self.locale = locale
        self.clock = clock
        self.course = course
        self.desk = Desk()
        self.tokens = guard.Tokens(secret)

    # Who asks.

    def whose(self, reader: Reader) -> Session | Response:
        """The learner who asks, or what is answered to a stranger."""
        raise NotImplementedError

    def spoken(self, request: Request) -> str:
        """The locale of a request: the reader's choice, else that of the program, else the browser's."""
        known = pages.locales()
        wanted = [request.cookies.get("lang", ""), self.locale]
        wanted += [tag.strip()[:2] for tag in request.headers.get("accept-language", "").split(",")]
        return next((locale for locale in wanted if locale in known), "en")

    def reader(self, request: Request, form: Form = NOTHING) -> Reader:
        """Whoever asks, learner or not."""
        return Reader(
            request=request,
            locale=self.spoken(request),
            moment=self.clock(),
            token=self.tokens.token(request),
            course=self.course,
            form=form,
        )

    def learners(self, handler: Handler) -> Answer:
        """What only a learner is answered."""

        def answer(reader: Reader) -> Response:
            session = self.whose(reader)
            if isinstance(session, Response):
                return session
            return handler(Visit(**vars(reader), session=session, desk=self.desk, areas=self.areas))

        return answer

    # What is answered.

    def routes(self) -> list[Route]:
        """The addresses that this site has."""
        return [
            *(self.shown(path, self.learners(handler)) for path, handler in PAGES.items()),
            *(self.sent(path, self.learners(handler)) for path, handler in FORMS.items()),
            self.sent("/settings", home.settings),
            Route("/assets/{file}", asset),
        ]

    def shown(self, path: str, answer: Answer) -> Route:
        """A page."""

        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._answered, answer, request, NOTHING)

        return Route(path, endpoint)

    def sent(self, path: str, answer: Answer) -> Route:
        """A form, which only a page of this server can send."""

        async def endpoint(request: Request) -> Response:
            form = plain(await request.form(max_files=0, max_fields=1000))
            is_ours = self.tokens.holds(request, form.get("token", ""))
            return await run_in_threadpool(self._answered, answer if is_ours else _stale, request, form)

        return Route(path, endpoint, methods=["POST"])

    def _answered(self, answer: Answer, request: Request, form: Form = NOTHING) -> Response:
        response = answer(self.reader(request, form))
        self.tokens.remember(request, response)
        return response

    # All together.

    def app(self, hosts: Sequence[str] = ("localhost",), secure: str = "") -> Starlette:
        """The pages as an ASGI application, for these names of the server and its numbers; by https for ``secure``."""
        return Starlette(
            routes=self.routes(),
            middleware=[Middleware(guard.Guard), Middleware(guard.Hosts, names=hosts, secure=secure)],
            exception_handlers={
                HTTPException: self._refused,
                QuizgenError: self._failed,
                guard.TooLarge: _too_large,
                Exception: _broken,
            },
        )

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return await run_in_threadpool(self._answered, _unknown, request)
        return PlainTextResponse(error.detail, error.status_code, error.headers)

    def failed(self, reader: Reader, error: QuizgenError) -> Response:
        """What a learner is told of something that did not work."""
        return reader.message(422, "failed", why=str(error))

    async def _failed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, QuizgenError)
        return await run_in_threadpool(self._answered, lambda reader: self.failed(reader, error), request)


class Study(Site):
    """One learner's pages."""

    def __init__(
        self,
        session: Session,
        *,
        areas: Sequence[str] = (),
        locale: str = "",
        clock: Callable[[], datetime] = now,
    ) -> None:
        # kept, so that a form that lay open while the server was started anew is one of ours
        secret = session.store.keep_about(FORMS_KEY, secrets.token_hex(32))
        super().__init__(areas=areas, locale=locale, clock=clock, secret=secret)
        self.session = session

    def whose(self, reader: Reader) -> Session:
        """The one learner, whoever asks: nobody else can reach this machine's loopback."""
        return self.session


async def asset(request: Request) -> Response:
    """One of the files that come with the program."""
    file = ASSETS / request.path_params["file"]
    if file.parent != ASSETS or file.suffix not in (".css", ".js", ".svg", ".woff2") or not file.is_file():
        return PlainTextResponse("Not Found", 404)
    kept = "max-age=31536000, immutable" if request.url.query else "no-cache"  # what names its version does not change
    return FileResponse(file, headers={"cache-control": kept})


def _stale(reader: Reader) -> Response:
    return reader.message(403, "stale")


def _unknown(reader: Reader) -> Response:
    return reader.message(404, "unknown")


async def _too_large(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Content Too Large", 413, {"connection": "close"})


async def _broken(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Something went wrong here; the program's output says what.", 500)
