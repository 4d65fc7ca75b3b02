"""One request: who asks, in which language, when. Pages are functions of a visit, listed in ``PAGES`` and ``FORMS``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from starlette.datastructures import FormData, ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from quizgen.study.session import Question, Session
from quizgen.study.web import pages
from quizgen.study.web.desk import Desk, Page

THEMES = ("auto", "light", "dark")

Form: TypeAlias = ImmutableMultiDict[str, str]
NOTHING: Form = ImmutableMultiDict()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Whoever asks for a page: nobody we need to know.

    ``token`` goes into every form of the page; ``course`` is what the class is called, empty where there is none.
    """

    request: Request
    locale: str
    moment: datetime
    token: str
    course: str = ""
    form: Form = field(default_factory=lambda: NOTHING)

    @property
    def learner(self) -> str:
        """The name by which the class knows the reader; empty where there is none."""
        return ""

    @property
    def here(self) -> str:
        """The address, which the way between the pages marks; empty for who has no pages."""
        return ""

    def say(self, name: str, /, **values: Any) -> str:
        """Fixed words in the reader's language."""
        return pages.Say(self.locale)(name, **values)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the reader's language."""
        theme = self.request.cookies.get("theme", "auto")
        text = pages.render(
            template,
            say=pages.Say(self.locale),
            locale=self.locale,
            locales=pages.locales(),
            name_of=lambda locale: pages.phrases(locale)["language"],
            theme=theme if theme in THEMES else "auto",
            themes=THEMES,
            token=self.token,
            course=self.course,
            learner=self.learner,
            here=self.here,
            **values,
        )
        return HTMLResponse(text, status)

    def message(self, status: int, name: str, **values: Any) -> Response:
        """A page that says what is wrong."""
        return self.page("message", status, title=name, text=self.say(name, **values))

    def to(self, path: str) -> Response:
        """Leads on to another page."""
        return RedirectResponse(path, 303)


@dataclass(frozen=True, kw_only=True)
class Visit(Reader):
    """A learner who asks for a page; ``areas`` are those to which the program is limited, none if it is not."""

    session: Session
    desk: Desk
    areas: tuple[str, ...] = ()

    @property
    def learner(self) -> str:
        return self.session.name if self.course else ""

    @property
    def here(self) -> str:
        return self.request.url.path

    def lay(self, question: Question, onward: str = "/next") -> Response:
        """Lays a question on the desk and leads to it; ``onward`` is the address of the one that comes next."""
        return self.to(f"/question/{self.desk.put(self.session, question, onward, self.moment)}")

    def laid(self) -> Page | None:
        """The question that the address names; None if the learner has none of this name."""
        return self.desk.find(self.session, self.request.path_params["name"])


Handler: TypeAlias = Callable[[Visit], Response]
"""Makes the page, or takes the step, that a learner asks for."""


def plain(form: FormData) -> Form:
    """The fields of a form that are text."""
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
