"""A form that lies open while the server is started anew: it is taken as if nothing had been, and only once."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from quizgen.study.store import Store, sqlite
from quizgen.study.web import app, desk
from tests.study.test_web import FAMILIES, Learner

ROOT = Path(__file__).parents[2]
PARTS = FAMILIES["several parts"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(sqlite(tmp_path / "study.db")) as found:
        yield found


@pytest.fixture
def learner(store: Store) -> Learner:
    return Learner(store)


def restart(learner: Learner) -> None:
    """The server is another one, the browser the same, with the page that it has."""
    learner.start(learner.browser.cookies)


def sent_again(learner: Learner, page: Any, path: str, *entered: str) -> None:
    """The form of a page that was left."""
    learner.page, learner.path = page, path
    learner.press("answer", entered)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_an_open_form_is_graded(learner: Learner, family: str) -> None:
    learner.meet(family)
    for part in learner.laid.sheet.question.item.parts:
        restart(learner)
        learner.enter(part.key.notations(part.key.right)[0])
        assert learner.page.status_code == 200
    assert learner.says("all_right") in learner.text
    assert [answer.credit for answer in learner.kept()] == [1]


def test_what_is_wrong_or_unreadable_is_said_after_a_restart(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    restart(learner)
    learner.press("answer", ("banana (",))
    assert 'class="verdict invalid"' in learner.page.text
    assert "banana (" in learner.text
    restart(learner)
    learner.press("answer", ("-1",))
    assert learner.says("not_right") in learner.text
    assert [answer.credit for answer in learner.kept()] == [0]


@pytest.mark.parametrize("action", ["hint", "give-up", "arrange"])
def test_every_button_of_an_open_form_works(learner: Learner, action: str) -> None:
    learner.meet("recurrent/lstm_stages")
    restart(learner)
    learner.press(action, ("1", "2"), move="2 up")
    assert learner.page.status_code == 200
    assert learner.path.startswith("/question/")


def test_an_answer_sent_before_and_after_counts_once(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    page, path = learner.page, learner.path
    learner.press("answer", ("-1",))
    for entered in ("-1", "7"):
        restart(learner)
        sent_again(learner, page, path, entered)
        assert learner.says("not_right") in learner.text
    assert [answer.answers for answer in learner.kept()] == [{"side": "-1"}]


@pytest.mark.parametrize("is_restarted", [True, False])
@pytest.mark.parametrize("action", ["answer", "give-up", "hint"])
def test_a_part_that_is_done_is_not_taken_for_the_next(learner: Learner, is_restarted: bool, action: str) -> None:
    learner.meet(PARTS)
    page, path, first = learner.page, learner.path, learner.part
    right = first.key.notations(first.key.right)[0]
    learner.press("answer", (right,))
    second = learner.part
    if is_restarted:
        restart(learner)
    learner.page, learner.path = page, path
    learner.press(action, (right,))
    assert learner.part == second
    assert dict(learner.laid.sheet.typed) == {first.name: right}
    assert learner.laid.sheet.hints == 0
    assert learner.laid.sheet.complaint is None
    assert not learner.kept()


def test_as_many_forms_are_open_as_before(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    opened = []
    for _ in range(desk.PAGES):
        opened.append((learner.page, learner.path))
        learner.press("like")
    restart(learner)
    for page, path in opened[1:]:
        sent_again(learner, page, path, "-1")
        assert learner.page.status_code == 200
        assert learner.says("not_right") in learner.text
    assert len(learner.kept()) == desk.PAGES - 1


# Strangers are kept out as before.


def test_another_site_is_refused(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    restart(learner)
    learner.browser.headers["sec-fetch-site"] = "cross-site"
    learner.press("answer", ("-1",))
    assert learner.page.status_code == 403
    assert not learner.kept()


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_form_without_our_token_is_refused(learner: Learner, token: str) -> None:
    learner.meet("convolution/output_side")
    restart(learner)
    learner.press("answer", ("-1",), token=token)
    assert learner.page.status_code == 403
    assert not learner.kept()


def test_another_browser_cannot_use_the_token(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.start()
    learner.press("answer", ("-1",))
    assert learner.page.status_code == 403
    assert not learner.kept()


def test_a_server_with_other_data_refuses_the_form(learner: Learner, tmp_path: Path) -> None:
    learner.meet("convolution/output_side")
    with Store(sqlite(tmp_path / "other.db")) as other:
        learner.store = other
        restart(learner)
        learner.press("answer", ("-1",))
        assert learner.page.status_code == 403


def test_what_tokens_are_signed_with_is_in_no_page_and_no_answer(learner: Learner) -> None:
    kept = learner.store.about(app.FORMS_KEY)
    assert kept is not None
    assert len(kept) == 64
    learner.meet("convolution/output_side")
    assert kept not in learner.page.text
    assert kept not in str(dict(learner.page.headers))
    assert kept not in str(dict(learner.browser.cookies))


# As a process that is killed.


@contextmanager
def serving(db: Path, port: str = "0") -> Iterator[str]:
    """The address of ``quizgen study``, which is killed in the end."""
    command = [sys.executable, "-m", "quizgen", "study", "--db", str(db), "--port", port, "--no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            found = re.search(r"http://[\d.:]+", running.stdout.readline())
            assert found
            yield found[0]
        finally:
            running.kill()


def test_the_program_killed_and_started_again(tmp_path: Path) -> None:
    db = tmp_path / "study.db"
    with httpx2.Client(follow_redirects=True) as browser:
        with serving(db) as address:
            page = browser.get(f"{address}/next?area=convolution")
        form: dict[str, Any] = dict(re.findall(r'name="(token|part)" value="([^"]+)"', page.text))
        form["answer"] = ["-12345"] * page.text.count('class="cell"')
        assert form["answer"], "a matrix comes first"
        with serving(db, address.rpartition(":")[2]):
            for _ in range(2):
                done = browser.post(f"{page.url}/answer", data=form)
                assert done.status_code == 200
                assert 'class="verdict wrong"' in done.text
    with Store(sqlite(db)) as store:
        assert len(list(store.answers(store.learner("me")))) == 1
