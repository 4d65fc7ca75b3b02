"""The addresses of the pages, and what happens there. Every step is a form that ends with a page to look at."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL, FormData, ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from quizgen import prose
from quizgen.errors import QuizgenError
from quizgen.study import schedule, sheet
from quizgen.study.curriculum import Unit
from quizgen.study.session import Question, Session
from quizgen.study.web import guard, pages, views
from quizgen.study.web.desk import Desk, Page

ASSETS = Path(__file__).parent / "assets"
"""What pages load. htmx 2.0.11 is as published on npm (0BSD), its licence in ``licences``."""
THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600
LONGEST_REMARK = 2000

Form: TypeAlias = ImmutableMultiDict[str, str]


def now() -> datetime:
    """The time, in the zone of this machine: the one place of the pages that asks for it."""
    return datetime.now(UTC).astimezone()


class Study:
    """One learner's pages."""

    def __init__(
        self,
        session: Session,
        *,
        areas: Sequence[str] = (),
        locale: str = "",
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.session = session
        self.areas = tuple(areas)
        self.locale = locale
        self.clock = clock
        self.desk = Desk()
        self.tokens = guard.Tokens()

    # What a page is made for.

    def spoken(self, request: Request) -> str:
        """The locale of a request: the reader's choice, else that of the program, else the browser's."""
        known = pages.locales()
        wanted = [request.cookies.get("lang", ""), self.locale]
        wanted += [tag.strip()[:2] for tag in request.headers.get("accept-language", "").split(",")]
        return next((locale for locale in wanted if locale in known), "en")

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the reader's language."""
        locale, theme = self.spoken(request), request.cookies.get("theme", "auto")
        text = pages.render(
            template,
            say=pages.Say(locale),
            locale=locale,
            locales=pages.locales(),
            name_of=lambda locale: pages.phrases(locale)["language"],
            theme=theme if theme in THEMES else "auto",
            themes=THEMES,
            token=self.tokens.token(request),
            **values,
        )
        response = HTMLResponse(text, status)
        self.tokens.remember(request, response)
        return response

    def message(self, request: Request, status: int, name: str, **values: Any) -> Response:
        """A page that says what is wrong."""
        return self.page(request, "message", status, title=name, text=pages.Say(self.spoken(request))(name, **values))

    # Pages.

    def home(self, request: Request) -> Response:
        """What is due, what is new, and the areas."""
        moment = self.clock()
        agenda = self.session.agenda(moment, self.areas)
        cards = self.session.store.cards(self.session.learner)
        areas: dict[str, list[Unit]] = {}
        for unit in self.session.curriculum.units(self.areas):
            areas.setdefault(unit.family.partition("/")[0], []).append(unit)
        due = {unit.id for unit in agenda.due}
        locale = self.spoken(request)
        shown = [
            {
                "id": area,
                "title": self._title(area, locale),
                "met": sum(unit.id in cards for unit in units),
                "all": len(units),
                "due": sum(unit.id in due for unit in units),
            }
            for area, units in areas.items()
        ]
        return self.page(
            request, "home", due=len(agenda.due), new=len(agenda.new), lost=agenda.unavailable, areas=shown
        )

    def _title(self, area: str, locale: str) -> str:
        found = self.session.curriculum.areas.get(area)
        return (found.title.get(locale) if found else None) or area.replace("_", " ").capitalize()

    def next(self, request: Request) -> Response:
        """Lays the next question on the desk: what is due, what is new, else what is known least."""
        area, moment = request.query_params.get("area", ""), self.clock()
        areas = (area,) if area else self.areas
        unit = self.session.agenda(moment, areas).first() or next(iter(self.session.free(moment, areas)), None)
        return self._lay(self.session.ask(unit)) if unit else self.message(request, 404, "nothing")

    def _lay(self, question: Question) -> Response:
        return self._to(self.desk.put(self.session.name, question))

    def _to(self, name: str) -> Response:
        return RedirectResponse(f"/question/{name}", 303)

    def question(self, request: Request) -> Response:
        """A question as it stands: to be answered, or with its verdict."""
        page = self._found(request)
        if page is None:
            return self.message(request, 404, "gone")
        locale = self.spoken(request)
        words = prose.words(page.sheet.question.item, locale, self.session.curriculum.bank.templates)
        return self.page(request, "question", **views.shown(page, words, locale), path=request.url.path)

    def _found(self, request: Request) -> Page | None:
        return self.desk.find(self.session.name, request.path_params["name"])

    # Steps.

    def step(self, request: Request, form: Form) -> Response:
        """What a button of a question's page does to it."""
        name, act = request.path_params["name"], STEPS.get(request.path_params["action"])
        if act is None:
            return self.message(request, 404, "unknown")
        if not self.desk.work(self.session.name, name, lambda page: act(self, page, form)):
            return self.message(request, 404, "gone")
        return self._to(name)

    def answer(self, page: Page, form: Form) -> Page:
        """The part in hand answered."""
        part, entered = page.sheet.part, tuple(form.getlist("answer"))
        if part is None:
            return page
        line = views.line(page.sheet, part, entered)
        answered = sheet.answered(self.session, page.sheet, line, self.clock())
        return replace(page, sheet=answered, entered=entered)

    def hint(self, page: Page, form: Form) -> Page:
        """One more step of the solution."""
        if page.sheet.part is None:
            return page
        return replace(page, sheet=sheet.hinted(page.sheet), entered=tuple(form.getlist("answer")))

    def arrange(self, page: Page, form: Form) -> Page:
        """One of the things to order moved, for readers without JavaScript."""
        part = page.sheet.part
        if part is None:
            return page
        order = views.moved(page.sheet, part, tuple(form.getlist("answer")), form.get("move", ""))
        return replace(page, sheet=replace(page.sheet, complaint=None), entered=order)

    def give_up(self, page: Page, form: Form) -> Page:
        """The part in hand is not known."""
        return replace(page, sheet=sheet.unknown(self.session, page.sheet, self.clock()), entered=())

    def again(self, page: Page, form: Form) -> Page:
        """The same once more, before the solution is shown."""
        if page.sheet.outcome is None or page.sheet.is_solved:
            return page
        return replace(page, sheet=sheet.again(self.session, page.sheet), entered=())

    def undo(self, page: Page, form: Form) -> Page:
        """The last answer taken back, as a slip: its fields are as they were."""
        return page if page.sheet.outcome is None else replace(page, sheet=sheet.undone(self.session, page.sheet))

    def solve(self, page: Page, form: Form) -> Page:
        """The solution shown."""
        return page if page.sheet.outcome is None else replace(page, sheet=replace(page.sheet, is_solved=True))

    def rate(self, page: Page, form: Form) -> Page:
        """The learner knows better how well it went."""
        outcome, rating = page.sheet.outcome, form.get("rating", "")
        if outcome is None or rating not in schedule.RATINGS:
            return page
        card = self.session.overrule(outcome.number, rating)
        return replace(page, sheet=replace(page.sheet, outcome=replace(outcome, rating=rating, card=card)))

    def object_to(self, page: Page, form: Form) -> Page:
        """What the learner thinks is wrong with the key, kept for the teacher."""
        outcome, remark = page.sheet.outcome, form.get("remark", "").strip()[:LONGEST_REMARK]
        if outcome is None or not remark:
            return page
        self.session.object_to(outcome.number, remark)
        return replace(page, objected=True)

    def elsewhere(self, request: Request, form: Form) -> Response:
        """Another question of the same unit, or an easier or a harder one."""
        page = self._found(request)
        if page is None:
            return self.message(request, 404, "gone")
        question = WAYS[request.url.path.rpartition("/")[2]](self.session, page.sheet.question)
        return self._lay(question) if question else self.message(request, 200, "no_other")

    def echo(self, request: Request, form: Form) -> Response:
        """What is understood so far, or where it cannot be read; never whether it is right."""
        page = self._found(request)
        part = page.sheet.part if page else None
        if page is None or part is None:
            return HTMLResponse("")
        locale = self.spoken(request)
        found = views.understood(page.sheet, part, form.getlist("answer"), locale)
        return HTMLResponse(pages.render("echo", **found, say=pages.Say(locale)))

    def settings(self, request: Request, form: Form) -> Response:
        """Language and colours, kept in the browser; back to where the reader was."""
        back = URL(request.headers.get("referer", "/"))
        is_ours = back.netloc == request.url.netloc and not back.path.startswith("//")
        response = RedirectResponse(back.path if is_ours else "/", 303)
        for name, known in (("lang", pages.locales()), ("theme", THEMES)):
            if form.get(name) in known:
                response.set_cookie(name, form[name], max_age=YEAR, httponly=True, samesite="strict")
        return response

    # All together.

    def app(self, hosts: Sequence[str] = ("127.0.0.1", "localhost")) -> Starlette:
        """The pages as an ASGI application, for these names of the server only."""
        return Starlette(
            routes=[
                Route("/", self._get(self.home)),
                Route("/next", self._get(self.next)),
                Route("/question/{name}", self._get(self.question)),
                *(Route(f"/question/{{name}}/{way}", self._post(self.elsewhere), methods=["POST"]) for way in WAYS),
                Route("/question/{name}/echo", self._post(self.echo), methods=["POST"]),
                Route("/question/{name}/{action}", self._post(self.step), methods=["POST"]),
                Route("/settings", self._post(self.settings), methods=["POST"]),
                Route("/assets/{file}", asset),
            ],
            middleware=[Middleware(guard.Guard), Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
            exception_handlers={
                HTTPException: self._refused,
                QuizgenError: self._failed,
                guard.TooLarge: _too_large,
                Exception: self._broken,
            },
        )

    def _get(self, page: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(page, request)

        return endpoint

    def _post(self, step: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            form = _plain(await request.form(max_files=0, max_fields=1000))
            if not self.tokens.holds(request, form.get("token", "")):
                return await run_in_threadpool(self.message, request, 403, "stale")
            return await run_in_threadpool(step, request, form)

        return endpoint

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return await run_in_threadpool(self.message, request, 404, "unknown")
        return PlainTextResponse(error.detail, error.status_code, error.headers)

    async def _failed(self, request: Request, error: Exception) -> Response:
        return await run_in_threadpool(self.message, request, 422, "failed", why=str(error))

    async def _broken(self, request: Request, error: Exception) -> Response:
        return PlainTextResponse("Something went wrong here; the program's output says what.", 500)


STEPS: Mapping[str, Callable[[Study, Page, Form], Page]] = {
    "answer": Study.answer,
    "hint": Study.hint,
    "arrange": Study.arrange,
    "give-up": Study.give_up,
    "again": Study.again,
    "undo": Study.undo,
    "solve": Study.solve,
    "rate": Study.rate,
    "object": Study.object_to,
}
"""The buttons of a question's page that lead back to it."""

WAYS: Mapping[str, Callable[[Session, Question], Question | None]] = {
    "like": Session.another,
    "easier": Session.easier,
    "harder": Session.harder,
}
"""Those that lead to another question."""


async def asset(request: Request) -> Response:
    """One of the files that come with the program."""
    file = ASSETS / request.path_params["file"]
    if file.parent != ASSETS or file.suffix not in (".css", ".js", ".svg", ".woff2") or not file.is_file():
        return PlainTextResponse("Not Found", 404)
    return FileResponse(file, headers={"cache-control": "no-cache"})


async def _too_large(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Content Too Large", 413, {"connection": "close"})


def _plain(form: FormData) -> Form:
    """The fields of a form that are text."""
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
