"""Exam mode over HTTP: nothing is lost, nothing is told too early, and the clock is the server's."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from html import unescape
from pathlib import Path
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote

import pytest
from msgspec import json
from msgspec.structs import replace

from quizgen import answers, prose
from quizgen.renderers import text
from quizgen.study import inputs, mock
from quizgen.study.inputs import Grid, Match, One, Order, Several
from quizgen.study.mock import Mock
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web import guard, paper
from quizgen.study.web.paper import Step
from tests.corpus import hostile
from tests.study.answered import NOW
from tests.study.test_serve import Server
from tests.study.visitor import COURSE, Visitor

SOURCE = """
title = {en = "Mine", zh = "自编"}
instructions = {en = "No calculator.", zh = "不得使用计算器。"}
[online]
minutes = 30
[[section]]
title = {en = "First", zh = "第一部分"}
[[section.question]]
id = "side"
family = "convolution/output_side"
points = 4
[[section.question]]
id = "chosen"
family = "convolution/parameters"
as = "choice"
points = 2
[[section.question]]
id = "stages"
family = "recurrent/lstm_stages"
points = 2
[[section.question]]
id = "gates"
family = "recurrent/lstm_gates"
points = 2
[[section.question]]
id = "product"
family = "convolution/cross_correlation"
points = 3
[[section.question]]
stem = {en = "A cell.", zh = "一个单元。"}
id = "cell"
[[section.question.part]]
family = "convolution/depthwise_separable"
points = 3
[[section.question.part]]
text = {en = "Why is that so?", zh = "为什么？"}
rubric = [{points = 2, en = "A reason is given.", zh = "给出理由。"}]
solution = {en = "Because of the bias.", zh = "因为有偏置。"}
"""


@pytest.fixture(params=["en", "zh"])
def visitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visitor]:
    found = Visitor(tmp_path, request.param)
    yield found
    found.session.store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "mine.toml"
    found.write_text(SOURCE, encoding="utf-8")
    return found


@pytest.fixture
def sat(visitor: Visitor, file: Path) -> Visitor:
    """A visitor whose clock runs."""
    visitor.go(f"/exam/start?path={file}")
    visitor.send("/exam/begin", path=str(file))
    assert visitor.path == "/exam/sitting/1"
    return visitor


def current(visitor: Visitor) -> Mock:
    found = mock.current(visitor.session)
    assert found is not None
    return found


def steps(visitor: Visitor) -> list[Step]:
    return paper.steps_of(current(visitor))


def fields(step: Step, typed: str) -> list[str]:
    """What has to be entered into the fields of a page for what grading would read as ``typed``."""
    asked = step.place.task.asked[step.place.task.item.parts.index(step.part)]
    shown = inputs.of(step.part, asked)
    match shown:
        case One():
            (mark,) = [mark for mark in shown.marks if inputs.text(step.part, asked, mark) == typed]
            return [mark]
        case Order():
            value = answers.read(step.part.key, typed).value
            return [str(asked.order.index(name) + 1) for name in value]
        case Match():
            return [ascii_lowercase[asked.order.index(right)] for _, right in answers.read(step.part.key, typed).value]
        case Grid():
            return [typed, *[""] * (shown.rows * shown.columns - 1)]
    return [typed]


def right(step: Step) -> str:
    return next(iter(step.part.key.notations(step.part.key.right)), "because")


def wrong(step: Step) -> str:
    asked = step.place.task.asked[step.place.task.item.parts.index(step.part)]
    if isinstance(shown := inputs.of(step.part, asked), One):
        return next(typed for mark in shown.marks if (typed := inputs.text(step.part, asked, mark)) != right(step))
    return step.part.key.notations(step.part.mistakes[0].value)[0] if step.part.mistakes else "not that"


def solve(visitor: Visitor, solution: Any = right) -> None:
    """Answers every step, one after the other."""
    for step in steps(visitor):
        visitor.go(f"/exam/sitting/{step.number}")
        visitor.send(f"/exam/sitting/{step.number}", answer=fields(step, solution(step)), go=str(step.number + 1))


# Choosing.


def test_the_exams_that_come_with_the_program(visitor: Visitor) -> None:
    visitor.go("/exam")
    for about in mock.offered(COURSE):
        assert about.title[visitor.locale] in visitor.text
    visitor.go("/exam/start?exam=deep-learning-final.toml")
    assert visitor.says("exam_start_why", n=12, minutes=120) in visitor.text
    assert mock.current(visitor.session) is None, "the clock does not run yet"
    visitor.send("/exam/begin", exam="deep-learning-final.toml")
    assert visitor.path == "/exam/sitting/1"
    assert visitor.says("exam_left", n=120) in visitor.text


def test_an_exam_of_ones_own(visitor: Visitor, file: Path) -> None:
    visitor.go(f"/exam/start?path={file}")
    assert {"en": "No calculator.", "zh": "不得使用计算器。"}[visitor.locale] in visitor.text
    assert visitor.says("exam_start_why", n=6, minutes=30) in visitor.text


@pytest.mark.parametrize("path", ["/nowhere/at/all.toml", "~nobody-at-all/x.toml", "%00", "/etc", "x" * 3000])
def test_a_file_that_cannot_be_used_is_told(visitor: Visitor, path: str) -> None:
    visitor.go(f"/exam/start?path={path}")
    assert visitor.page.status_code in (200, 422)
    assert visitor.says("exam_choose") in visitor.text
    assert mock.current(visitor.session) is None


def test_a_file_with_a_mistake_is_told_with_its_place(visitor: Visitor, file: Path) -> None:
    file.write_text(SOURCE.replace("convolution/output_side", "convolution/side"), encoding="utf-8")
    visitor.go(f"/exam/start?path={file}")
    assert visitor.page.status_code == 422
    assert "convolution/output_side" in visitor.text  # perhaps this was meant
    file.write_bytes(b"#" * 2_000_000)
    visitor.go(f"/exam/start?path={file}")
    assert visitor.page.status_code == 422


def test_an_exam_that_does_not_exist_leads_back(visitor: Visitor) -> None:
    visitor.go("/exam/start?exam=banana.toml")
    assert visitor.path == "/exam"
    visitor.send("/exam/begin", exam="../../pyproject.toml")
    assert visitor.path == "/exam"


def test_pages_of_an_exam_that_has_not_begun_lead_to_the_choice(visitor: Visitor) -> None:
    for path in ("/exam/sitting/1", "/exam/sitting/x", "/exam/hand-in"):
        visitor.go(path)
        assert visitor.path == "/exam"
    for path in ("/exam/sitting/1", "/exam/sitting/1/arrange", "/exam/end", "/exam/give-up"):
        visitor.send(path, answer="1")
        assert visitor.path == "/exam"


# Sitting.


def test_every_part_has_its_place_on_the_way(sat: Visitor) -> None:
    labels = [step.label for step in steps(sat)]
    assert labels[:5] == ["1", "2", "3", "4", "5"]
    assert labels[5:] == [f"6{letter}" for letter in ascii_lowercase[: len(labels) - 5]]
    for step in steps(sat):
        sat.go(f"/exam/sitting/{step.number}")
        assert sat.says("exam_step", label=step.label) in sat.text
        assert sat.page.text.count('aria-current="step"') == 1
        assert {"en": "First", "zh": "第一部分"}[sat.locale] in sat.text
        assert ({"en": "A cell.", "zh": "一个单元。"}[sat.locale] in sat.text) == step.label.startswith("6")


def test_what_is_entered_is_kept_and_seen_again(sat: Visitor) -> None:
    solve(sat, wrong)
    sat.session.store.close()
    sat.start()
    for step in steps(sat):
        sat.go(f"/exam/sitting/{step.number}")
        assert "value=" in sat.page.text
        entered = fields(step, wrong(step))
        found = re.findall(r'name="answer" value="([^"]*)"(?: checked)?|<textarea[^>]*>([^<]*)<', sat.page.text)
        shown = [unescape(value or work) for value, work in found]
        match inputs.of(step.part, step.place.task.asked[step.place.task.item.parts.index(step.part)]):
            case One() | Several():
                assert re.findall(r'value="(\d)" checked', sat.page.text) == entered
            case Match():
                assert re.findall(r'value="(\w)" selected', sat.page.text) == entered
            case _:
                assert shown == entered
    assert sat.page.text.count(sat.says("exam_done")) == len(steps(sat))


def test_autosave_keeps_and_says_so(sat: Visitor) -> None:
    sat.send("/exam/sitting/1/keep", answer="12")
    assert sat.page.text == sat.says("exam_kept", time="12:00:00")
    assert current(sat).sitting.typed == {"side": {"side": "12"}}
    sat.go("/exam/sitting/1")
    sat.send("/exam/sitting/1/keep", answer="")
    assert current(sat).sitting.typed == {"side": {}}


def test_leaving_a_question_keeps_it_wherever_one_goes(sat: Visitor) -> None:
    sat.send("/exam/sitting/1", answer="12", go="4")
    assert sat.path == "/exam/sitting/4"
    sat.send("/exam/sitting/4", answer=["a", "b"], go="end")
    assert sat.path == "/exam/hand-in"
    assert sat.says("exam_cannot") in sat.text  # half a matching
    assert current(sat).sitting.entered["gates"] == {steps(sat)[3].part.name: ("a", "b")}


def test_enter_leads_on_and_from_the_last_question_to_the_end(sat: Visitor) -> None:
    for step in steps(sat):
        assert sat.path == f"/exam/sitting/{step.number}"
        sat.send(sat.path, answer=fields(step, right(step)))
    assert sat.path == "/exam/hand-in"


def test_an_answer_that_cannot_be_read_is_marked_and_kept(sat: Visitor) -> None:
    sat.send("/exam/sitting/1", answer="3 +", go="1")
    assert sat.says("exam_unreadable") in sat.text
    assert 'value="3 +"' in unescape(sat.page.text)
    assert 'class="unread"' in sat.page.text


def test_things_to_order_are_moved_without_javascript(sat: Visitor) -> None:
    (place,) = [step for step in steps(sat) if step.place.slot == "stages"]
    sat.go(f"/exam/sitting/{place.number}")
    sat.send(f"/exam/sitting/{place.number}", answer=["1", "2", "3", "4"], go=str(place.number))
    assert current(sat).sitting.typed == {}, "nothing was moved: that is no answer"
    sat.send(f"/exam/sitting/{place.number}/arrange", answer=["1", "2", "3", "4"], move="3 up")
    assert sat.path == f"/exam/sitting/{place.number}"
    assert re.findall(r'name="answer" value="(\d)"', sat.page.text) == ["1", "3", "2", "4"]


def test_what_was_typed_in_a_terminal_stands_in_the_fields(sat: Visitor) -> None:
    for step in steps(sat):
        mock.answer(sat.session, current(sat), step.place.slot, {step.part.name: right(step)}, NOW)
    for step in steps(sat):
        sat.go(f"/exam/sitting/{step.number}")
        sat.send(f"/exam/sitting/{step.number}", answer=fields(step, right(step)), go="1")
    assert sat.page.text.count(sat.says("exam_done")) == len(steps(sat))
    for step in steps(sat):  # and the other way round
        mock.answer(sat.session, current(sat), step.place.slot, {step.part.name: wrong(step)}, NOW)
        assert step.part.name not in current(sat).sitting.entered[step.place.slot]


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", "1e3", "٣", "9" * 400])
def test_steps_that_are_not_there_lead_to_the_first(sat: Visitor, number: str) -> None:
    sat.go(f"/exam/sitting/{number}")
    assert sat.path == "/exam/sitting/1"
    sat.send("/exam/sitting/1", answer="1", go=number)
    assert sat.path in ("/exam/sitting/1", "/exam/hand-in")


def test_one_exam_at_a_time(sat: Visitor) -> None:
    before = current(sat)
    sat.go("/exam")
    assert sat.says("exam_left", n=30) in sat.text
    sat.send("/exam/begin", exam="deep-learning-final.toml")
    assert current(sat) == before
    sat.go("/")
    assert sat.says("exam_is_on") in sat.text
    sat.go("/exam")
    sat.send("/exam/give-up")
    assert mock.current(sat.session) is None
    assert list(sat.session.store.answers(sat.session.learner)) == []


# Nothing is told before the end.


def test_no_page_tells_anything_before_the_end(sat: Visitor) -> None:
    told = ["verdict right", "verdict wrong", 'class="steps"', 'class="key"']
    for step in steps(sat):
        item, asked = step.place.task.item, step.place.task.asked
        words = prose.words(item, sat.locale, COURSE.bank.templates)
        for document in (words.steps(), words.steps(step.part), words.right()):
            if document is not None:
                told += [line.strip() for line in text.render(document).splitlines() if len(line) > 30]
        ids = {slip.name for part in item.parts for slip in part.mistakes} | {
            name for each in asked for name in each.order
        }
        told += [name for name in ids if "_" in name]
    for solution in (None, right, wrong):
        if solution is not None:
            solve(sat, solution)
        for path in [*(f"/exam/sitting/{step.number}" for step in steps(sat)), "/exam/hand-in", "/exam", "/"]:
            sat.go(path)
            page = unescape(sat.page.text)
            assert [one for one in told if one in page] == []


def test_a_right_answer_looks_like_a_wrong_one(sat: Visitor) -> None:
    found = []
    for solution in (right, wrong):
        step = steps(sat)[0]
        sat.send("/exam/sitting/1", answer=fields(step, solution(step)), go="1")
        found.append(re.sub(r'( value| data-tex)="[^"]*"', "", sat.page.text.partition("<main")[2]))
        sat.send("/exam/sitting/1/echo", answer=fields(step, solution(step)))
        found.append(re.sub(r"\d+", "", sat.page.text))
        sat.go("/exam/sitting/1")
    assert found[:2] == found[2:]


# The clock.


def test_when_the_time_is_over_it_is_handed_in_as_it_stands(sat: Visitor) -> None:
    step = steps(sat)[0]
    sat.send("/exam/sitting/1", answer=right(step), go="2")
    sat.now += timedelta(minutes=29, seconds=59)
    sat.go("/exam/sitting/2")
    assert sat.path == "/exam/sitting/2"
    assert 'data-left="1"' in sat.page.text
    sat.now += timedelta(seconds=1)
    sat.send("/exam/sitting/2", answer=fields(steps(sat)[1], right(steps(sat)[1])), go="3")
    assert sat.path == "/exam/result/1"
    assert sat.says("exam_over") in sat.text
    assert sat.says("exam_past_points", points="4", total="16") in sat.text
    assert {kept.at for _, kept in sat.session.store.answers(sat.session.learner)} == {NOW + timedelta(minutes=30)}


def test_a_step_that_lay_open_while_the_server_was_started_anew_is_kept(sat: Visitor) -> None:
    page, cookies = sat.page, sat.browser.cookies
    sat.session.store.close()
    sat.start()
    sat.page, sat.browser.cookies = page, cookies
    sat.send("/exam/sitting/1", answer="1")
    assert sat.path == "/exam/sitting/2"
    assert [list(typed.values()) for typed in current(sat).sitting.typed.values()] == [["1"]]


@pytest.mark.parametrize("path", ["/exam", "/exam/sitting/3", "/exam/hand-in"])
def test_it_is_handed_in_wherever_the_learner_comes_back(sat: Visitor, path: str) -> None:
    sat.now += timedelta(days=3)
    sat.session.store.close()
    sat.start()
    sat.go(path)
    assert sat.path == "/exam/result/1"


def test_an_autosave_that_comes_too_late_leads_to_the_result(sat: Visitor) -> None:
    sat.now += timedelta(minutes=31)
    sat.send("/exam/sitting/1/keep", answer="1")
    assert sat.page.headers["hx-redirect"]
    sat.go(sat.page.headers["hx-redirect"])
    assert sat.says("exam_over") in sat.text or sat.path == "/exam"
    assert mock.past(sat.session)[0].typed == {}


# The result.


@pytest.mark.parametrize(("solution", "points"), [(right, "16"), (wrong, "0")])
def test_the_result(sat: Visitor, solution: Any, points: str) -> None:
    solve(sat, solution)
    sat.go("/exam/hand-in")
    assert sat.says("exam_all") in sat.text
    items = [place.task.item for place in current(sat).places]
    sat.send("/exam/end")
    assert sat.path == "/exam/result/1"
    assert points == "0" or sat.says("exam_past_points", points=points, total="16") in sat.text
    for item in items:
        words = prose.words(item, sat.locale, COURSE.bank.templates)
        steps_said = [
            found for found in (words.steps(), *(words.steps(part) for part in item.parts)) if found is not None
        ]
        assert steps_said
    assert {"en": "A reason is given.", "zh": "给出理由。"}[sat.locale] in sat.text
    assert {"en": "Because of the bias.", "zh": "因为有偏置。"}[sat.locale] in sat.text
    assert sat.says("exam_unmarked", n=2) in sat.text
    for part in (part for item in items for part in item.parts if part.key.notations(part.key.right)):
        assert part.name
    page = sat.text
    sat.session.store.close()
    sat.start()
    sat.go("/exam/result/1")
    assert sat.text == page, "it can be looked at again"
    sat.go("/exam")
    assert "/exam/result/1" in sat.links()


def test_mistakes_are_explained_at_the_end(sat: Visitor) -> None:
    step = steps(sat)[0]
    words = prose.words(step.place.task.item, sat.locale, COURSE.bank.templates)
    said = words.feedback(step.part, step.part.mistakes[0].name)
    assert said is not None
    sat.send("/exam/sitting/1", answer=wrong(step), go="end")
    sat.send("/exam/end")
    page = "".join(sat.text.split())
    pieces = ["".join(piece.split()) for piece in re.split(r"[^\w\s，。,.;]|\d", text.render(said))]
    assert [piece for piece in pieces if len(piece) > 5 and piece not in page] == []
    assert sat.says("exam_empty") in sat.text


def test_handing_in_twice_is_handing_in_once(sat: Visitor) -> None:
    sat.go("/exam/hand-in")
    token = sat.page.text
    sat.send("/exam/end")
    count = len(list(sat.session.store.answers(sat.session.learner)))
    assert token
    sat.go("/")
    sat.go("/exam")
    sat.go("/plan")
    sat.send("/exam/end")
    assert sat.path == "/exam"
    assert len(list(sat.session.store.answers(sat.session.learner))) == count


@pytest.mark.parametrize("number", ["2", "0", "x", "9" * 400])
def test_results_that_are_not_there(visitor: Visitor, number: str) -> None:
    visitor.go(f"/exam/result/{number}")
    assert visitor.page.status_code == 404


def test_an_exam_whose_questions_have_changed_can_be_given_up(sat: Visitor) -> None:
    note = sat.session.store.note(sat.session.learner, mock.KEPT)
    assert note is not None
    changed = note.replace(current(sat).places[0].task.item.id, "0" * 64)
    sat.session.store.keep_note(sat.session.learner, mock.KEPT, changed)
    for path in ("/exam/sitting/1", "/exam/hand-in", "/exam"):
        sat.go(path)
        assert sat.path == "/exam"
        assert sat.says("exam_stuck") in sat.text
    sat.send("/exam/give-up")
    assert sat.says("exam_choose") in sat.text


@pytest.mark.parametrize("damage", ["{", "[]", '{"source": 3}'])
def test_damaged_notes_are_no_end(sat: Visitor, damage: str) -> None:
    sat.go("/exam")
    for name in (mock.KEPT, mock.PAST):
        sat.session.store.keep_note(sat.session.learner, name, damage)
    for path in ("/", "/exam", "/exam/sitting/1", "/exam/hand-in", "/exam/result/1"):
        sat.go(path)
        assert sat.page.status_code in (200, 404)
    sat.go("/exam")
    assert sat.says("exam_stuck") in sat.text
    sat.send("/exam/give-up")
    sat.send("/exam/begin", exam="deep-learning-final.toml")
    sat.send("/exam/end")
    assert sat.path == "/exam/result/2"


def test_an_exam_of_families_that_are_gone_keeps_its_place(sat: Visitor) -> None:
    sat.send("/exam/end")
    (kept,) = mock.past(sat.session)
    gone = replace(kept, source=kept.source.replace(b"convolution/output_side", b"convolution/was_there"))
    sat.session.store.keep_note(sat.session.learner, mock.PAST, json.encode([gone]).decode())
    sat.go("/exam")
    assert "mine.toml" in sat.text
    sat.go("/exam/result/1")
    assert sat.says("exam_changed") in sat.text


def test_points_as_they_are_written() -> None:
    assert [paper.written(Fraction(n, d)) for n, d in [(3, 1), (0, 1), (3, 2), (1, 4), (7, 3), (1, 3)]] == [
        "3", "0", "1.5", "0.25", "2 1/3", "1/3",
    ]  # fmt: skip


# A server that is killed.

SERVER = """
import sys
from pathlib import Path
from quizgen.bank import Bank
from quizgen.study import curriculum, mock
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web.app import Study
from starlette.testclient import TestClient
import os, re, signal
session = Session(Store(sqlite(Path(sys.argv[1]))), "me", curriculum.read(Bank()))
browser = TestClient(Study(session).app(("testserver",)))
def token(page): return re.search(r'name="token" value="([^"]+)"', page.text)[1]
page = browser.get("/exam")
page = browser.post("/exam/begin", data={"token": token(page), "path": sys.argv[2]})
browser.post("/exam/sitting/1/keep", data={"token": token(page), "answer": "41"})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_that_is_killed_loses_nothing(tmp_path: Path, file: Path) -> None:
    database = tmp_path / "killed.db"
    done = subprocess.run(
        [sys.executable, "-c", SERVER, str(database), str(file)],
        capture_output=True, check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    with Store(sqlite(database)) as store:
        found = mock.current(Session(store, "me", COURSE))
        assert found is not None
        assert found.sitting.typed == {"side": {"side": "41"}}


# What means harm.


@pytest.mark.parametrize("number", range(2))
def test_answers_that_mean_harm_are_kept_and_marked(sat: Visitor, number: int) -> None:
    rows = hostile.ROWS[number::75]
    for row in rows:
        for step in steps(sat):
            for entered in ([row.typed], [row.typed] * 9):
                form = {"answer": entered}
                sat.go("/exam/hand-in")
                if sum(len(quote(one)) for one in entered) < guard.LARGEST - 1000:
                    sat.send(f"/exam/sitting/{step.number}/keep", **form)
                    assert sat.page.status_code == 200
            sat.go(f"/exam/sitting/{step.number}")
            assert sat.page.status_code == 200
    assert len(sat.session.store.note(sat.session.learner, mock.KEPT) or "") < 4_000_000
    sat.go("/exam/hand-in")
    sat.send("/exam/end")
    assert sat.path == "/exam/result/1"
    assert sat.says("exam_past_points", points="0", total="16") in sat.text


# A class.


def test_a_class_sits_the_exams_that_come_with_the_program(tmp_path: Path, file: Path) -> None:
    with Store(sqlite(tmp_path / "class.db")) as store:
        server = Server(store)
        ann, ben = server.browser("Ann"), server.browser("Ben")
        ann.go("/exam")
        assert 'name="path"' not in ann.text
        ann.go(f"/exam/start?path={file}")
        assert ann.path == "/exam"
        ann.send("/exam/begin", path=str(file))
        assert mock.current(server.session(ann)) is None
        for browser in (ann, ben):
            browser.send("/exam/begin", exam="deep-learning-final.toml")
            assert browser.path == "/exam/sitting/1"
        ann.send("/exam/sitting/3/keep", answer="41")
        sat = {name: mock.current(server.session(browser)) for name, browser in (("Ann", ann), ("Ben", ben))}
        assert all(sat.values())
        assert [found.sitting.typed != {} for found in sat.values() if found] == [True, False]
        assert len({found.places[0].task.item.id for found in sat.values() if found}) == 2, "each has their own numbers"
        ann.send("/exam/end")
        assert ann.path == "/exam/result/1"
        ben.go("/exam/result/1")
        assert ben.path == "/exam/sitting/1"
        for path in ("/plan", "/topics", "/weak", "/statistics", "/exam"):
            assert server.browser().go(path).url.path == "/join"
