"""The pictures of the documentation: each that is taken is there, and is shown."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

from quizgen.study.store import Store, sqlite
from tests.study import screenshots
from tests.study.browsing import Site

DOCS = Path(__file__).parents[2] / "docs"


def taken(visits: list[dict[str, Any]]) -> list[str]:
    """The files that visits leave behind."""
    return [str(how[0]) for visit in visits for what, *how in visit["steps"] if what in ("shot", "view")]


def test_every_picture_is_there_and_shown(tmp_path: Path) -> None:
    folder = DOCS / "screenshots"
    with Store(sqlite(tmp_path / "study.db")) as store, closing(Site(store)) as site:
        found = [*taken(screenshots.visits(site, folder)), *taken(screenshots.class_visits(folder))]
    assert sorted(found) == sorted(map(str, folder.glob("*.png")))
    text = "".join(file.read_text(encoding="utf-8") for file in DOCS.glob("*.md"))
    shown = re.findall(r"!\[[^]]{20,}\]\(screenshots/([\w-]+\.png)\)", text)
    assert {Path(file).name for file in found} == set(shown)


def test_a_class_with_everything_that_is_to_be_seen(tmp_path: Path) -> None:
    with Store(sqlite(tmp_path / "class.db")) as store:
        room = screenshots.taught(store)
        assert room.secrets == screenshots.CODES, "no code of a real class is in a picture"
        assert list(room.learners().values()) == list(screenshots.LEARNERS)
        answers = [answer for _, answer in store.all_answers()]
    assert any(answer.remark for answer in answers)
    assert any(answer.mistakes for answer in answers)
    assert all(answer.answers.keys() >= answer.mistakes.keys() for answer in answers)
