"""Pages that lie open: they outlive the server, are bounded, and belong to one learner."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quizgen.bank import Bank
from quizgen.study import curriculum, sheet
from quizgen.study.session import Question, Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web import desk
from quizgen.study.web.desk import Desk, Page

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = curriculum.read(Bank())
PARTS = "convolution/depthwise_separable"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Store(sqlite(tmp_path / "study.db")) as store:
        yield Session(store, "Ann", COURSE)


def question(session: Session, name: str = PARTS) -> Question:
    unit = COURSE.unit(name)
    assert unit is not None
    return session.ask(unit)


def right(session: Session, page: Page, line: str = "") -> Page:
    """The part in hand answered right, or with a line."""
    part = page.sheet.part
    assert part is not None
    line = line or part.key.notations(part.key.right)[0]
    return replace(page, sheet=sheet.answered(session, page.sheet, line, NOW))


def hinted(page: Page) -> Page:
    return replace(page, sheet=sheet.hinted(page.sheet))


def again(session: Session, name: str) -> Page:
    """The page after the server was started again."""
    found = Desk().find(session, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", [PARTS, "recurrent/lstm_stages", "derivations/put_in_order:gan_value"])
def test_an_open_page_outlives_the_server(session: Session, name: str) -> None:
    open_desk = Desk()
    name = open_desk.put(session, question(session, name), "/next?area=convolution")
    assert open_desk.work(session, name, hinted)
    page = open_desk.find(session, name)
    assert page is not None
    assert (again(session, name), page.sheet.hints) == (page, 1)
    if len(page.sheet.question.item.parts) > 1:
        assert open_desk.work(session, name, lambda page: right(session, page))
        assert again(session, name) == open_desk.find(session, name)


@pytest.mark.parametrize("way", [Session.harder, Session.easier, Session.another])
def test_another_question_outlives_the_server(session: Session, way: Callable[[Session, Question], Question]) -> None:
    asked = way(session, question(session, "convolution/output_side"))
    name = Desk().put(session, asked)
    assert again(session, name).sheet.question == asked


def test_what_is_answered_is_not_asked_again(session: Session) -> None:
    open_desk = Desk()
    asked = question(session, "convolution/output_side")
    name = open_desk.put(session, asked)
    open_desk.work(session, name, lambda page: right(session, page, "1000"))
    page = again(session, name)
    assert page.sheet.outcome is not None
    assert not page.sheet.is_right
    assert page == replace(open_desk.find(session, name) or page, entered=())
    assert Desk().put(session, asked) != name


def test_a_second_try_and_a_rating_outlive_the_server(session: Session) -> None:
    open_desk = Desk()
    name = open_desk.put(session, question(session, "convolution/output_side"))
    open_desk.work(session, name, lambda page: right(session, page, "1000"))
    open_desk.work(session, name, lambda page: replace(page, objected=True))
    assert again(session, name).objected
    open_desk.work(session, name, lambda page: replace(page, sheet=sheet.again(session, page.sheet), objected=False))
    page = again(session, name)
    assert (page.sheet.question.retry, page.sheet.outcome) == (True, None)
    later = Desk()
    assert later.work(session, name, lambda page: right(session, page))
    assert again(session, name).sheet.is_right
    assert [answer.counts for _, answer in session.store.answers(session.learner)] == [True, False]
    later.work(session, name, lambda page: replace(page, sheet=sheet.undone(session, page.sheet)))
    assert again(session, name).sheet.outcome is None


def test_the_same_question_is_one_page_after_a_restart_too(session: Session) -> None:
    name = Desk().put(session, question(session))
    assert Desk().put(session, question(session)) == name


def test_two_servers_of_one_learner_keep_the_pages_of_both(session: Session) -> None:
    one, other = Desk(), Desk()
    names = [one.put(session, question(session)), other.put(session, question(session, "convolution/output_side"))]
    one.work(session, names[0], hinted)
    assert [Desk().find(session, name) is not None for name in names] == [True, True]


def test_the_drawer_is_bounded(session: Session) -> None:
    open_desk, asked = Desk(), question(session, "convolution/output_side")
    names = []
    for _ in range(desk.PAGES + 5):
        names.append(open_desk.put(session, asked))
        asked = session.another(asked)
    assert [open_desk.find(session, name) is not None for name in names] == [False] * 5 + [True] * desk.PAGES
    later = Desk()
    assert [later.find(session, name) is not None for name in names] == [False] * 5 + [True] * desk.PAGES


def test_a_page_that_is_too_large_is_not_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    open_desk = Desk()
    small = open_desk.put(session, question(session, "convolution/output_side"))
    monkeypatch.setattr(desk, "LARGEST", 10)
    large = open_desk.put(session, question(session))
    assert open_desk.find(session, large)
    assert [Desk().find(session, name) is not None for name in (small, large)] == [True, False]


def test_a_page_is_of_one_learner(session: Session) -> None:
    other = Session(session.store, "Ben", COURSE)
    open_desk = Desk()
    name = open_desk.put(session, question(session))
    for found in (open_desk, Desk()):
        assert found.find(other, name) is None
        assert not found.work(other, name, hinted)


@pytest.mark.parametrize("note", ["nonsense", '{"a": 1}', '{"a": {"left": {}}}', "[" * 10_000])
def test_a_damaged_note_costs_the_pages_and_no_more(session: Session, note: str) -> None:
    session.store.keep_note(session.learner, desk.KEY, note)
    open_desk = Desk()
    assert open_desk.find(session, "a") is None
    assert open_desk.find(session, open_desk.put(session, question(session)))


def test_a_page_whose_family_is_gone_or_has_changed_is_gone(session: Session) -> None:
    name = Desk().put(session, question(session))
    note = session.store.note(session.learner, desk.KEY)
    assert note is not None
    for old, new in (
        (PARTS, "convolution/was_there"),
        ('"item":"', '"item":"0'),
        ('"parameters":{', '"parameters":{"z":1,'),
    ):
        assert old in note
        session.store.keep_note(session.learner, desk.KEY, note.replace(old, new))
        assert Desk().find(session, name) is None


def test_many_at_once(session: Session) -> None:
    open_desk, asked = Desk(), question(session)
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: open_desk.put(session, asked), range(8)))
        assert len(names) == 1
        (name,) = names
        assert all(pool.map(lambda _: open_desk.work(session, name, hinted), range(40)))
    assert again(session, name).sheet.hints == 40


def test_nothing_kept_has_a_key_in_it(session: Session) -> None:
    asked = question(session, "derivations/put_in_order:gan_value")
    Desk().put(session, asked)
    note = session.store.note(session.learner, desk.KEY) or ""
    assert '"key"' not in note
    assert "right" not in note
