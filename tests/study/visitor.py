"""Somebody who goes through the study pages with a browser, without JavaScript."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from quizgen.bank import Bank
from quizgen.study import curriculum
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web import pages
from quizgen.study.web.app import Study
from tests.study.answered import NOW

COURSE = curriculum.read(Bank())


class Visitor:
    """One learner, with a store of their own."""

    def __init__(self, folder: Path, locale: str = "en", areas: tuple[str, ...] = ()) -> None:
        self.now = NOW
        self.locale = locale
        self.areas = areas
        self.file = folder / "study.db"
        self.page: Any = None
        self.start()

    def start(self) -> None:
        """Starts the server, as if for the first time; what is stored is still there."""
        self.session = Session(Store(sqlite(self.file)), "me", COURSE)
        study = Study(self.session, locale=self.locale, areas=self.areas, clock=lambda: self.now)
        self.browser = TestClient(study.app(("testserver",)), raise_server_exceptions=False)
        self.go("/")

    @property
    def text(self) -> str:
        """What the page says, without its tags."""
        body = self.page.text.partition("<main")[2]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def path(self) -> str:
        """Where the page is."""
        path: str = self.page.url.path
        return path

    def go(self, path: str) -> None:
        """Asks for a page."""
        self.page = self.browser.get(path)
        assert self.page.status_code < 500, self.page.text

    def send(self, path: str, /, **fields: Any) -> None:
        """Sends a form of the page."""
        token = re.search(r'name="token" value="([^"]+)"', self.page.text)
        assert token
        self.page = self.browser.post(path, data={"token": token[1], **fields})
        assert self.page.status_code < 500, self.page.text

    def links(self) -> list[str]:
        """Where the page's links lead."""
        return [unescape(link) for link in re.findall(r'<a [^>]*href="([^"]+)"', self.page.text)]

    def says(self, name: str, **values: Any) -> str:
        """Fixed words."""
        return pages.Say(self.locale)(name, **values)
