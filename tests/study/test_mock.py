"""Exam mode: a clock, answers that are kept as they come, verdicts at the end."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from quizgen.bank import Bank, installed
from quizgen.errors import InputError
from quizgen.study import curriculum, mock
from quizgen.study.curriculum import Curriculum
from quizgen.study.mock import Mock, TimeOver
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.values import in_exam_pool
from tests.study.answered import NOW

SOURCE = """
title = "Mock"
[[section]]
[[section.question]]
id = "side"
family = "convolution/output_side"
points = 4
[[section.question]]
stem = "A cell."
id = "cell"
[[section.question.part]]
family = "recurrent/parameters"
points = 3
[[section.question.part]]
text = "Why?"
rubric = [{points = 2, en = "A reason.", zh = "理由。"}]
[[section.question]]
pick = 1
from = ["classification/*"]
points = 3
"""


@pytest.fixture(scope="module")
def units() -> Curriculum:
    return curriculum.read(Bank())


@pytest.fixture
def session(units: Curriculum, tmp_path: Path) -> Iterator[Session]:
    with Store(sqlite(tmp_path / "study.db")) as kept:
        yield Session(kept, "Ann", units)


@pytest.fixture
def sat(session: Session) -> Mock:
    return mock.begin(session, SOURCE.encode(), "mock.toml", NOW)


def right(sat: Mock, slot: str) -> dict[str, str]:
    return {part.name: next(iter(part.key.notations(part.key.right)), "") for part in sat.place(slot).task.item.parts}


def test_an_exam_has_the_questions_of_the_blueprint_from_the_practice_half(sat: Mock) -> None:
    assert [place.slot for place in sat.places][:3] == ["side", "cell.1", "cell.2"]
    assert [place.stem for place in sat.places][:3] == [None, {"": "A cell."}, None]
    assert [place.question for place in sat.places] == [1, 2, 2, 3]
    assert sat.places[3].task.item.family.startswith("classification/")
    assert not in_exam_pool(sat.place("side").task.item.id)
    assert sat.ends == NOW + timedelta(minutes=sum(place.task.item.minutes for place in sat.places))


def test_it_goes_on_where_it_stood(session: Session, sat: Mock) -> None:
    assert mock.current(session) == sat
    sat = mock.answer(session, sat, "side", right(sat, "side"), NOW + timedelta(minutes=1))
    sat = mock.answer(session, sat, "cell.2", {"answer": "为什么"}, NOW + timedelta(minutes=2))
    session.store.close()
    with Store(session.store.url) as again:
        assert mock.current(Session(again, "Ann", session.curriculum)) == sat


def test_the_verdicts_come_at_the_end_and_count(session: Session, sat: Mock) -> None:
    sat = mock.answer(session, sat, "side", right(sat, "side"), NOW)
    assert list(session.store.answers(session.learner)) == []
    wrong = dict.fromkeys(right(sat, "cell.1"), "1")
    sat = mock.answer(session, sat, "cell.1", wrong, NOW)
    result = mock.finish(session, sat, NOW + timedelta(minutes=3))
    assert (str(result.points), str(result.total)) == ("4", "10")
    assert [entry.points for entry in result.marked] == [4, 0, None, 0]  # nobody marks a reason but a person
    assert mock.current(session) is None
    kept = {answer.unit: answer for _, answer in session.store.answers(session.learner)}
    assert kept["convolution/output_side"].credit == 1
    assert kept["recurrent/parameters"].rating == "again"
    assert session.store.cards(session.learner).keys() == kept.keys()
    assert {answer.at for answer in kept.values()} == {NOW + timedelta(minutes=3)}


def test_after_the_time_nothing_is_taken(session: Session, sat: Mock) -> None:
    late = sat.ends
    assert (sat.left(NOW), sat.left(late + timedelta(days=1))) == (sat.ends - NOW, timedelta(0))
    with pytest.raises(InputError, match="the time is over"):
        mock.answer(session, sat, "side", {}, late)
    result = mock.finish(session, sat, late + timedelta(hours=5))
    assert (str(result.points), str(result.total)) == ("0", "10")
    assert {answer.at for _, answer in session.store.answers(session.learner)} == {late}


@pytest.mark.parametrize("step", [1, 2])
def test_whoever_is_interrupted_while_handing_in_hands_in_once(
    session: Session, sat: Mock, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    amend, steps = Store.amend_note, iter(range(9))

    def interrupted(store: Store, learner: int, key: str, change: Callable[[str | None], str | None]) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt
        amend(store, learner, key, change)

    monkeypatch.setattr(Store, "amend_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mock.finish(session, sat, NOW + timedelta(minutes=1))
    monkeypatch.undo()
    kept = list(session.store.answers(session.learner))
    again = mock.current(session)
    assert again is not None
    with pytest.raises(InputError, match="the time is over"):
        mock.answer(session, again, "side", {}, NOW + timedelta(minutes=1))
    mock.finish(session, again, NOW + timedelta(minutes=2))
    assert list(session.store.answers(session.learner)) == kept
    assert mock.current(session) is None
    assert [sitting.number for sitting in mock.past(session)] == [1]


def test_two_windows_answer_at_the_same_time(session: Session, sat: Mock) -> None:
    """Each of them knows nothing of what the other has kept since."""
    mock.answer(session, sat, "side", {"side": "7"}, NOW, {"side": ("7",)})
    mock.answer(session, sat, "cell.2", {"answer": "because"}, NOW)
    found = mock.current(session)
    assert found is not None
    assert found.sitting.typed == {"side": {"side": "7"}, "cell.2": {"answer": "because"}}
    assert found.sitting.entered["side"] == {"side": ("7",)}


def test_an_answer_is_taken_back(session: Session, sat: Mock) -> None:
    sat = mock.answer(session, sat, "side", {"side": "7"}, NOW, {"side": ("7",)})
    sat = mock.answer(session, sat, "side", {"side": " "}, NOW, {"side": ("",)})
    assert (sat.sitting.typed["side"], sat.sitting.entered["side"]) == ({}, {})


def test_what_one_window_handed_in_no_other_changes(session: Session, sat: Mock) -> None:
    stale = sat
    mock.answer(session, sat, "side", right(sat, "side"), NOW)
    result = mock.finish(session, stale, NOW + timedelta(minutes=1))
    assert str(result.points) == "4", "what was kept counts, not what this window knew"
    kept = list(session.store.answers(session.learner))
    with pytest.raises(TimeOver):
        mock.answer(session, stale, "side", {"side": "1"}, NOW + timedelta(minutes=1))
    assert mock.finish(session, stale, NOW + timedelta(minutes=5)) == result
    other = mock.begin(session, SOURCE.encode(), "mock.toml", NOW)
    with pytest.raises(TimeOver):
        mock.answer(session, stale, "side", {"side": "1"}, NOW)
    assert mock.finish(session, stale, NOW + timedelta(minutes=5)) == result
    assert mock.current(session) == other
    assert list(session.store.answers(session.learner)) == kept


def test_exams_that_were_handed_in_can_be_looked_at(session: Session, sat: Mock) -> None:
    sat = mock.answer(session, sat, "side", right(sat, "side"), NOW)
    result = mock.finish(session, sat, NOW + timedelta(minutes=3))
    (sitting,) = mock.past(session)
    assert (sitting.points, sitting.total, sitting.ended) == ("4", "10", NOW + timedelta(minutes=3))
    assert mock.result(session, sitting.number) == result
    for _ in range(mock.PASTS):
        mock.finish(session, mock.begin(session, SOURCE.encode(), "mock.toml", NOW), NOW)
    assert [sitting.number for sitting in mock.past(session)] == list(range(11, 1, -1))
    with pytest.raises(InputError, match="no exam 1 is kept"):
        mock.result(session, 1)


def test_an_exam_whose_questions_have_changed_is_given_up(session: Session, sat: Mock) -> None:
    kept = session.store.note(session.learner, mock.KEPT)
    assert kept is not None
    session.store.keep_note(session.learner, mock.KEPT, kept.replace(sat.places[0].task.item.id, "0" * 64))
    with pytest.raises(InputError, match="have changed"):
        mock.current(session)
    mock.give_up(session)
    assert mock.current(session) is None
    assert list(session.store.answers(session.learner)) == []


def test_the_exams_that_come_with_the_program_are_offered(units: Curriculum) -> None:
    found = {exam.name: exam for exam in mock.offered(units)}
    final = found["deep-learning-final.toml"]
    assert (final.minutes, final.questions) == (120, 12)
    assert final.title.keys() == final.instructions.keys() == {"en", "zh"}


def test_a_file_of_ones_own(units: Curriculum, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    with pytest.raises(InputError, match=r"mine\.toml"):
        mock.read(units, file)
    file.write_text(SOURCE, encoding="utf-8")
    assert mock.read(units, file).questions == 3


def test_the_next_exam_has_other_numbers(session: Session, sat: Mock) -> None:
    other = mock.begin(session, SOURCE.encode(), "mock.toml", NOW)
    assert other.place("side").task.item.id != sat.place("side").task.item.id
    assert mock.current(session) == other


def test_what_cannot_be_used_is_named(session: Session, sat: Mock) -> None:
    with pytest.raises(InputError, match="no question 'gone'"):
        mock.answer(session, sat, "gone", {}, NOW)
    with pytest.raises(InputError, match=r"bad\.toml, section 1, question 1.*banana"):
        mock.begin(session, SOURCE.replace("convolution/output_side", "banana").encode(), "bad.toml", NOW)
    assert mock.current(session) == sat


def test_a_learner_who_is_forgotten_leaves_no_exam(session: Session, sat: Mock) -> None:
    session.store.forget(session.learner)
    assert mock.current(Session(session.store, "Ann", session.curriculum)) is None


def test_the_final_that_comes_with_the_program_can_be_sat(session: Session) -> None:
    file = installed()[0] / "exams" / "deep-learning-final.toml"
    sat = mock.begin(session, file.read_bytes(), file.name, NOW)
    assert sat.minutes == 120
    for place in sat.places:
        sat = mock.answer(session, sat, place.slot, right(sat, place.slot), NOW)
    result = mock.finish(session, sat, NOW)
    assert result.points == result.total > 0
