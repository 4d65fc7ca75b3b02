"""Plan, topics, weak spots, statistics and exam mode in a browser: by keyboard, on a phone, in the dark, accessible."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from quizgen.study import mock, planning
from quizgen.study.planning import Aim
from quizgen.study.store import Store, sqlite
from quizgen.study.web import pages, paper
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.browsing import PHONE, Site
from tests.study.test_web_exam import SOURCE, right, wrong
from tests.study.visitor import COURSE

DAY = NOW.date() + timedelta(days=27)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Store(sqlite(tmp_path / "study.db")) as store, closing(Site(store)) as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "mine.toml"
    found.write_text(SOURCE, encoding="utf-8")
    return found


def practised(site: Site) -> None:
    """Two weeks of practice with mistakes, a plan that is too tight, and an exam that was handed in."""
    session = site.study.session
    for number, unit in enumerate(COURSE.units(["convolution", "recurrent"])):
        question = session.ask(unit)
        slips = {part.name: part.mistakes[0].name for part in question.item.parts if part.mistakes and number % 2}
        made = answer(
            -1440 * number, unit.id, "again" if slips else "good", item=question.item.id, mistakes=slips,
            parameters=plain(question.item.parameters), credit=Fraction(not slips),
        )  # fmt: skip
        session.store.record(session.learner, made)
    planning.keep(session, Aim(NOW.date() + timedelta(days=3), 10, ("convolution", "attention")), NOW)
    sat = mock.begin(session, SOURCE.encode(), "mine.toml", NOW - timedelta(minutes=9))
    for step in paper.steps_of(sat):
        typed = (right if step.number % 2 else wrong)(step)
        sat = mock.answer(session, sat, step.place.slot, {step.part.name: typed}, NOW)
    mock.finish(session, sat, NOW)


OPEN = ["run", "document.querySelectorAll('details').forEach((one) => { one.open = true; })"]
LOOK: list[Any] = [OPEN, ["axe", "axe"], ["width", "width"]]


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "zh-CN")])
def test_pages_are_accessible_and_fit_a_phone(site: Site, file: Path, scheme: str, locale: str) -> None:
    practised(site)
    options = {**PHONE, "colorScheme": scheme, "locale": locale}
    paths = ["/", "/plan", "/plan/edit", "/topics", "/topics?area=attention&level=3", "/weak", "/statistics"]
    paths += ["/exam", f"/exam/start?path={file}", "/exam/start?path=nowhere", "/exam/result/1"]
    visits: list[dict[str, Any]] = [{"path": path, "steps": LOOK, "options": options} for path in paths]
    late = [["fill", "#minutes", "1"], ["click", "form.sheet .primary"], ["wait", "#wrong-minutes"], *LOOK]
    visits.append({"path": "/plan/edit", "steps": late, "options": options})
    for visit, found in zip(visits, site.drive(visits, refused="422"), strict=True):
        assert found["notes"]["axe"] == [], visit["path"]
        assert found["notes"]["width"] <= 0, visit["path"]


@pytest.mark.parametrize(("scheme", "locale"), [("dark", "en-US"), ("light", "zh-CN")])
def test_every_kind_of_question_of_an_exam_is_accessible(site: Site, scheme: str, locale: str) -> None:
    sat = mock.begin(site.study.session, SOURCE.encode(), "mine.toml", NOW)
    options = {**PHONE, "colorScheme": scheme, "locale": locale}
    numbers = range(1, len(paper.steps_of(sat)) + 1)
    visits = [{"path": f"/exam/sitting/{number}", "steps": LOOK, "options": options} for number in numbers]
    visits.append({"path": "/exam/hand-in", "steps": LOOK, "options": options})
    for visit, found in zip(visits, site.drive(visits), strict=True):
        assert found["notes"]["axe"] == [], visit["path"]
        assert found["notes"]["width"] <= 0, visit["path"]


# By keyboard.


def test_a_plan_is_made_by_keyboard(site: Site) -> None:
    tabs = [["key", "Tab"]]
    digits = [["key", digit] for digit in "12182026"]
    steps = [["focus", "#day"], *digits, ["focus", "#minutes"], ["key", "Control+a"], ["key", "3"], ["key", "0"]]
    steps += [*tabs, ["key", "Space"], ["key", "Enter"], ["wait", "#ready"], ["focused", "focus"]]
    steps += [["note", "here", "#nav [aria-current]", "textContent"], ["key", "Enter"], ["wait", "form.answer"]]
    (found,) = site.drive([{"path": "/plan", "steps": steps, "options": {"locale": "en-US"}}])
    areas = tuple(area for area in dict.fromkeys(unit.area for unit in COURSE.units()) if area != "convolution")
    assert planning.kept(site.study.session) == Aim(DAY, 30, areas)
    assert found["notes"]["here"] == ["Plan"]
    assert found["loads"] == 1, "Enter begins with today's list; steps change the page, they do not load it anew"


def test_the_way_between_the_pages_follows(site: Site) -> None:
    steps: list[Any] = []
    for path in ("/topics", "/weak", "/exam", "/statistics", "/plan", "/"):
        steps += [["click", f"#nav a[href='{path}']"], ["wait", f"#nav a[href='{path}'][aria-current]"]]
        steps += [["note", path, "#nav [aria-current]", "textContent"]]
    (found,) = site.drive([{"path": "/", "steps": steps}])
    words = pages.phrases("en")
    assert found["notes"] == {
        "/topics": [words["nav_topics"]], "/weak": [words["nav_weak"]], "/exam": [words["nav_exam"]],
        "/statistics": [words["nav_statistics"]], "/plan": [words["nav_plan"]], "/": [words["nav_today"]],
    }  # fmt: skip
    assert found["loads"] == 1


# An exam.


def typed(site: Site) -> dict[str, dict[str, str]]:
    """What is kept of the exam."""
    found = mock.current(site.study.session)
    return found.sitting.typed if found is not None else mock.past(site.study.session)[0].typed


def test_an_exam_by_keyboard(site: Site, file: Path) -> None:
    path = f"/exam/start?path={file}"
    keys: list[Any] = [["focused", "first"], ["key", "Enter"], ["wait", "#answer"], ["focused", "field"]]
    keys += [["type", "#answer", "41"], ["key", "Enter"], ["wait", ".choices"]]
    keys += [["focus", ".brand"], ["key", "2"], ["key", "Enter"], ["wait", ".order"]]
    keys += [["focus", ".order li:nth-child(2) button"], ["key", "ArrowUp"], ["pause", 700]]
    keys += [["focus", ".order li:nth-child(2) button"], ["note", "kept", "#kept"], ["key", "Enter"], ["wait", "a"]]
    (found,) = site.drive([{"path": path, "steps": keys}])
    assert found["notes"]["field"] == "answer"
    kept = typed(site)
    assert kept["side"] == {"side": "41"}
    assert len(kept["chosen"]) == 1
    assert len(kept["stages"]) == 1
    assert found["notes"]["kept"][0].startswith(pages.phrases("en")["exam_kept"].partition("{")[0])


def test_what_is_typed_is_kept_without_a_button(site: Site) -> None:
    mock.begin(site.study.session, SOURCE.encode(), "mine.toml", NOW)
    saved = ["wait", "#kept:has-text('12:00:00')"]
    entering = {
        1: (["type", "#answer", "41"], "#answer"),
        5: (["paste", ".cell", "1 2; 3 4"], ".cell"),
        4: (["choose", "#left1", "b"], "select"),
        2: (["click", ".choice"], ":checked"),
    }
    visits = [
        {"path": f"/exam/sitting/{number}", "steps": [step, saved, ["load"], ["note", "again", fields, "value"]]}
        for number, (step, fields) in entering.items()
    ]
    number, matrix, match, choice = (found["notes"]["again"] for found in site.drive(visits))
    assert number == ["41"]
    assert matrix[:2] == ["1", "2"]
    assert match[0] == "b"
    assert choice == ["1"]


def test_a_window_that_is_closed_at_once_has_kept_the_last_letter(site: Site) -> None:
    mock.begin(site.study.session, SOURCE.encode(), "mine.toml", NOW)
    steps = [["type", "#answer", "417"], ["go", "/statistics"], ["pause", 300]]
    site.drive([{"path": "/exam/sitting/1", "steps": steps}])
    assert typed(site) == {"side": {"side": "417"}}


def test_a_window_that_only_lay_open_changes_nothing(site: Site) -> None:
    sat = mock.begin(site.study.session, SOURCE.encode(), "mine.toml", NOW)
    mock.answer(site.study.session, sat, "side", {"side": "41"}, NOW, {"side": ("41",)})
    elsewhere = ["run", "fetch('/exam/sitting/1/keep', {method: 'POST', body: new URLSearchParams({answer: '42',"
                 " token: document.querySelector('[name=token]').value})})"]  # fmt: skip
    site.drive([{"path": "/exam/sitting/1", "steps": [elsewhere, ["pause", 500], ["go", "/plan"], ["pause", 300]]}])
    assert typed(site) == {"side": {"side": "42"}}


def test_what_could_not_be_kept_is_said(site: Site) -> None:
    mock.begin(site.study.session, SOURCE.encode(), "mine.toml", NOW)
    stale = ["run", "document.querySelector('#sheet [name=token]').value = 'stale'"]
    steps = [stale, ["type", "#answer", "41"], ["wait", "#kept.wrong"], ["note", "said", "#kept"]]
    (found,) = site.drive([{"path": "/exam/sitting/1", "steps": steps}], refused="403")
    assert found["notes"]["said"] == [pages.phrases("en")["exam_unkept"]]


def test_when_the_clock_runs_down_the_page_shows_the_result(site: Site) -> None:
    start, begun = time.monotonic(), NOW - timedelta(minutes=29, seconds=50)
    site.study.clock = lambda: NOW + timedelta(seconds=time.monotonic() - start)
    mock.begin(site.study.session, SOURCE.encode(), "mine.toml", begun)
    steps: list[Any] = [["note", "clock", ".clock b"], ["type", "#answer", "417"], ["pause", 7000], ["wait", ".score"]]
    steps += [["note", "said", "[role=status]"]]
    (found,) = site.drive([{"path": "/exam/sitting/1", "steps": steps}])
    assert found["notes"]["clock"][0].startswith("0:")
    assert found["notes"]["said"] == [pages.phrases("en")["exam_over"]]
    assert typed(site) == {"side": {"side": "417"}}


def test_an_exam_without_javascript(site: Site, file: Path) -> None:
    steps: list[Any] = [["click", "button.primary"], ["fill", "#answer", "41"], ["key", "Enter"], ["wait", ".choices"]]
    steps += [["click", ".choice"], ["click", ".steps-nav button:nth-child(3)"], ["wait", ".order"]]
    steps += [["click", ".order li:nth-child(2) button"], ["wait", ".order"], ["click", ".desk button"]]
    steps += [["wait", "form[action='/exam/end']"], ["click", "form .primary"], ["wait", ".score"]]
    site.drive([{"path": f"/exam/start?path={file}", "steps": steps, "options": {"javaScriptEnabled": False}}])
    kept = typed(site)
    assert kept["side"] == {"side": "41"}
    assert kept.keys() == {"side", "chosen", "stages"}
