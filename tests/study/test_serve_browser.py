"""A class in a browser: joining, the learner's page and the teacher's, accessible and no wider than a phone."""

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from quizgen.study.classroom import Classroom
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web.classroom import Class
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.browsing import PHONE, Served
from tests.study.visitor import COURSE

NAMES = ("Ann Lee", "王喆", "Maximilian Featherstonehaugh-Smith-Jones")


class School(Served):
    """A class that has been at work, and its server."""

    def __init__(self, store: Store) -> None:
        self.room = Classroom(store)
        for name in NAMES:
            member = self.room.enter(name, self.room.secrets.join, NOW)
            session = Session(store, name, COURSE)
            for number, unit in enumerate(COURSE.units(["convolution"])):
                question = session.ask(unit)
                slips = {part.name: part.mistakes[0].name for part in question.item.parts if part.mistakes}
                made = answer(
                    -300 * number, unit.id, "again" if slips else "good", item=question.item.id, mistakes=slips,
                    parameters=plain(question.item.parameters), credit=Fraction(not slips),
                    remark="" if number else "The padding counts on both sides, as far as I can see.",
                )  # fmt: skip
                store.record(member.number, made)
        super().__init__(Class(self.room, COURSE, course="Deep learning 2026", clock=lambda: NOW).app())

    def joining(self, name: str) -> list[list[Any]]:
        """What somebody does who joins by hand."""
        return [["fill", "#name", name], ["fill", "#code", self.room.secrets.join], ["click", "main form .primary"]]


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with Store(sqlite(tmp_path / "class.db")) as store, closing(School(store)) as found:
        yield found


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "zh-CN")])
def test_pages_of_a_class_are_accessible_and_fit_a_phone(school: School, scheme: str, locale: str) -> None:
    key = f"/teacher?key={school.room.secrets.teacher}"
    code, delete = "form[action$=code] button", "form[action$=delete] button"
    steps: list[tuple[str, list[list[Any]]]] = [
        ("/join", []),
        ("/join", [*school.joining("ann lee"), ["wait", "[role=alert]"]]),
        ("/join", [*school.joining(f"Cleo {scheme}"), ["wait", ".counts"], ["axe", "home"], ["go", "/you"]]),
        ("/teacher", []),
        ("/teacher?key=wrong", [["wait", "[role=alert]"]]),
        (key, []),
        (key, [["go", "/teacher/learner/2"], ["click", code], ["wait", "[role=status]"]]),
        (key, [["go", "/teacher/learner/2"], ["click", delete], ["wait", "[role=alert]"]]),
    ]
    options = {**PHONE, "colorScheme": scheme, "locale": locale}
    visits = [
        {"path": path, "steps": [*first, ["axe", "axe"], ["width", "width"]], "options": options}
        for path, first in steps
    ]
    for visit, found in zip(visits, school.drive(visits, refused="status of 4"), strict=True):
        assert found["notes"]["axe"] == found["notes"].get("home", []) == [], visit["path"]
        assert found["notes"]["width"] <= 0, visit["path"]


def test_tables_are_saved_and_a_learner_leaves(school: School) -> None:
    key = f"/teacher?key={school.room.secrets.teacher}"
    tables = "Promise.all(['learners', 'answers'].map(async (name) => (await fetch(`/teacher/${name}.csv`)).text()))"
    shown = f"{tables}.then((all) => {{ document.title = all.map((one) => one.split('\\n').length).join(); }})"
    steps = [["run", shown], ["note", "rows", "title"]]
    leaving = [*school.joining("Cleo"), ["wait", ".counts"], ["click", "header a[href='/you']"],
               ["wait", "form[action='/leave']"], ["click", "form[action='/leave'] button"], ["wait", "#code"],
               ["go", "/"], ["note", "code", "#code", "id"]]  # fmt: skip
    found = school.drive([{"path": key, "steps": steps}, {"path": "/join", "steps": leaving}])
    count = len(COURSE.units(["convolution"])) * len(NAMES)
    assert found[0]["notes"]["rows"] == [f"{len(NAMES) + 2},{count + 2}"]
    assert found[1]["notes"]["code"] == ["code"]
