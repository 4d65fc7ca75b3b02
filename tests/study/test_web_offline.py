"""Every page of the study pages: none asks for anything that this machine does not have, all are accessible."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from quizgen.renderers import ui
from quizgen.study import curriculum
from quizgen.study.classroom import Classroom
from quizgen.study.store import Store, sqlite
from quizgen.study.web import app
from quizgen.study.web.classroom import Class
from tests.study.answered import NOW, answer
from tests.study.browsing import BANK, PHONE, Served, Site

STEPS = {"/plan/edit", "/plan/next", "/weak/next", "/exam/hand-in"}
"""Pages that a plan, a weak spot or an exam has."""
WHERE = {path for path in app.PAGES if "{" not in path} - STEPS
"""All others."""
LOOKS = [("en", "light"), ("zh", "dark")]


def practised(store: Store, learner: int) -> None:
    """Some answers of the last days, right and wrong, with mistakes."""
    units = curriculum.read(BANK).units()
    for number in range(60):
        unit, good = units[number * 7 % 20], number % 3 > 0
        mistakes = {} if good else {"answer": next(iter(BANK.family(unit.family).misconceptions), "slip")}
        kept = answer(
            number * 200 - 14 * 24 * 60, unit.id, "good" if good else "again", credit=Fraction(good), mistakes=mistakes
        )
        store.record(learner, kept)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Store(sqlite(tmp_path / "study.db")) as store, closing(Site(store)) as found:
        practised(store, found.study.session.learner)
        yield found


def looks(locale: str, scheme: str) -> dict[str, Any]:
    """A phone in a language and colours."""
    return {**PHONE, "colorScheme": scheme, "locale": {"en": "en-US", "zh": "zh-CN"}[locale]}


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_every_page(site: Site, locale: str, scheme: str) -> None:
    (found,) = site.drive([{"path": "/", "steps": [["crawl", "pages"]], "options": looks(locale, scheme)}])
    pages = found["notes"]["pages"]
    assert {path: why for path, why in pages.items() if why} == {}
    assert pages.keys() >= WHERE, "links lead to every page"


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_every_page_of_a_class(tmp_path: Path, locale: str, scheme: str) -> None:
    with Store(sqlite(tmp_path / "class.db")) as store:
        room = Classroom(store)
        practised(store, room.enter("Ada", room.secrets.join, NOW).number)
        site = Class(room, curriculum.read(BANK), clock=lambda: NOW + timedelta(minutes=1))
        joining = [
            ["fill", "input[name=name]", "小明"],
            ["fill", "input[name=code]", room.secrets.join],
        ]
        looked = [["axe", "axe"], ["width", "width"]]
        learner = [
            *looked,
            *joining,
            ["twice", "button.primary"],
            ["wait", ".areas"],
            ["go", "/you"],
            ["axe", "own axe"],
        ]
        entering = [["fill", "input[type=password]", room.secrets.teacher], ["key", "Enter"], ["wait", "table"]]
        teacher = [*looked, *entering, ["crawl", "pages"]]
        options = looks(locale, scheme)
        with closing(Served(site.app())) as served:
            visits = [{"path": "/join", "steps": learner}, {"path": "/teacher", "steps": teacher}]
            both = served.drive([{**visit, "options": options} for visit in visits])
    for notes in (found["notes"] for found in both):
        assert notes["axe"] == notes.get("own axe", []) == []
        assert notes["width"] <= 0
    pages = both[1]["notes"]["pages"]
    assert {path: why for path, why in pages.items() if why} == {}
    assert {"/teacher", "/teacher/learner/0"} <= pages.keys()


def test_what_is_asked_for_outside_is_noticed(site: Site) -> None:
    asked = ["run", "new Image().src = 'https://example.org/x.png'; fetch('http://192.0.2.1/').catch(() => {})"]
    with pytest.raises(AssertionError, match=r"example\.org"):
        site.drive([{"path": "/", "steps": [asked, ["pause", 500]]}])


LOADS = re.compile(
    r"""(?:\b(?:src|srcset|href|action|formaction|poster|data|hx-\w+)\s*=\s*["']?|url\(\s*["']?|@import\s*["']?"""
    r"""|\b(?:fetch|import|importScripts|open|Worker|WebSocket|EventSource)\(\s*["'`])((?:\w+:)?//[^"'`)\s>]*)"""
)
"""Addresses elsewhere that something would be loaded from, or sent to."""


def files() -> list[Path]:
    """What pages are made of."""
    return [*(ui.templates() / "study").iterdir(), *(file for file in app.ASSETS.iterdir() if file.is_file())]


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_no_file_names_another_place(file: Path) -> None:
    if file.suffix != ".woff2":
        assert LOADS.findall(file.read_text(encoding="utf-8")) == []
