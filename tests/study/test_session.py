"""A learner at work."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from quizgen import space
from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.family import Family
from quizgen.space import Parameters
from quizgen.study import curriculum
from quizgen.study.curriculum import Curriculum, Unit
from quizgen.study.session import Question, Session
from quizgen.study.store import Store, sqlite
from quizgen.values import in_exam_pool
from tests.study.answered import NOW, answer


@pytest.fixture(scope="module")
def units() -> Curriculum:
    return curriculum.read(Bank())


@pytest.fixture
def session(units: Curriculum) -> Iterator[Session]:
    with Store("sqlite://") as kept:
        yield Session(kept, "Ann", units)


@pytest.fixture
def unit(units: Curriculum) -> Unit:
    return found(units, "convolution/output_side")


def found(units: Curriculum, name: str) -> Unit:
    unit = units.unit(name)
    assert unit is not None
    return unit


def right(question: Question) -> dict[str, str]:
    return {part.name: part.key.notations(part.key.right)[0] for part in question.item.parts}


def mistaken(question: Question) -> dict[str, str]:
    """The answer of somebody who makes the first mistake that is known."""
    part = question.item.parts[0]
    return right(question) | {part.name: part.key.notations(part.mistakes[0].value)[0]}


# What there is to do.


def test_new_units_come_in_the_order_of_the_curriculum_and_no_more_than_a_day_takes(session: Session) -> None:
    agenda = session.agenda(NOW)
    assert agenda.new == session.curriculum.units()[:10]
    assert (agenda.due, agenda.first()) == ((), agenda.new[0])
    for number in range(4):
        session.give_up(session.ask(agenda.new[number]), NOW)
    assert session.agenda(NOW).new == agenda.new[4:]
    assert len(session.agenda(NOW + timedelta(days=1)).new) == 10


def test_what_is_due_comes_first_the_longest_overdue_before_the_others(session: Session, units: Curriculum) -> None:
    one, two = units.units()[3:5]
    session.give_up(session.ask(two), NOW)
    session.give_up(session.ask(one), NOW + timedelta(minutes=1))
    agenda = session.agenda(NOW + timedelta(hours=1))
    assert agenda.due == (two, one)
    assert agenda.first() == two
    assert session.agenda(NOW + timedelta(minutes=5)).due == ()
    assert session.agenda(NOW + timedelta(hours=1), ["recurrent"]).due == ()


def test_a_day_begins_where_the_learner_is(session: Session) -> None:
    session.give_up(session.ask(session.curriculum.units()[0]), datetime(2026, 11, 21, 20, tzinfo=NOW.tzinfo))
    morning = datetime(2026, 11, 22, 5, tzinfo=timezone(timedelta(hours=8)))  # 21 o'clock in Greenwich
    assert len(session.agenda(morning).new) == 9
    assert len(session.agenda(morning + timedelta(days=1)).new) == 10


def test_a_unit_that_is_gone_is_kept_and_told(session: Session) -> None:
    _, card = session.store.record(session.learner, answer(0, "convolution/was_there"))
    agenda = session.agenda(NOW + timedelta(days=99))
    assert agenda.unavailable == ("convolution/was_there",)
    assert agenda.due == ()
    assert session.store.cards(session.learner) == {"convolution/was_there": card}


def test_the_agenda_reads_no_answers(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.give_up(session.ask(session.curriculum.units()[0]), NOW)
    monkeypatch.setattr(Store, "answers", None)
    assert len(session.agenda(NOW).new) == 9


def test_free_practice_goes_by_area_and_level_what_is_known_least_first(session: Session) -> None:
    first, *others = session.free(NOW, ["convolution"], [2])
    assert {unit.level for unit in [first, *others]} == {2}
    question = session.ask(first)
    session.answer(question, right(question), NOW)
    assert session.free(NOW, ["convolution"], [2]) == (*others, first)


# Which numbers.


def test_numbers_are_fresh_and_of_the_practice_half(session: Session, unit: Unit) -> None:
    seen = set()
    for number in range(12):
        question = session.ask(unit)
        assert question.is_new == (not number)
        assert not in_exam_pool(question.item.id)
        assert question.item.id not in seen
        seen.add(question.item.id)
        session.answer(question, right(question), NOW + timedelta(minutes=number))


def test_the_same_question_waits_until_it_is_answered(session: Session, unit: Unit) -> None:
    assert session.ask(unit) == session.ask(unit)
    other = Session(session.store, "Ben", session.curriculum)
    assert other.ask(unit).item != session.ask(unit).item


def test_a_unit_of_which_everything_was_seen_is_still_asked(session: Session, units: Curriculum) -> None:
    small = found(units, "derivations/reasons:elbo")
    last = None
    for number in range(40):
        question = session.ask(small)
        assert question.item.id != last or number > 20
        last = question.item.id
        session.give_up(question, NOW + timedelta(minutes=number))


def test_another_like_this_is_none_that_was_put_by(session: Session, unit: Unit) -> None:
    asked = [session.ask(unit)]
    for _ in range(29):
        asked.append(session.another(asked[-1]))
    assert len({question.item.id for question in asked}) == 30
    assert all(question.unit == unit for question in asked)


@pytest.mark.parametrize("name", ["convolution/output_side", "attention/score_cost", "recurrent/lstm_gates"])
def test_easier_and_harder_questions_differ_in_effort_or_level(session: Session, units: Curriculum, name: str) -> None:
    question = session.ask(found(units, name))
    harder, easier = session.harder(question), session.easier(question)
    assert harder or easier
    for other, sign in ((harder, 1), (easier, -1)):
        if other is None:
            continue
        by_effort = other.unit == question.unit and sign * (other.item.effort - question.item.effort) > 0
        by_level = sign * (other.unit.level - question.unit.level) > 0
        assert by_effort or by_level
        assert other.item.id != question.item.id
        radical = [n for n, f in session.curriculum.bank.family(name).params.fields.items() if f.radical]
        if by_effort and radical:
            assert any(other.item.parameters[n] != question.item.parameters[n] for n in radical)


@pytest.mark.parametrize(("name", "most"), [("put_in_order:ddpm_elbo", 5), ("flawed_line:ddpm_elbo", 1)])
def test_few_questions_are_solved_to_find_a_harder_one(
    session: Session, units: Curriculum, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    question = session.ask(found(units, f"derivations/{name}"))
    solved: list[Parameters] = []
    solution = Family.solution

    def counted(family: Family, q: Parameters) -> object:
        solved.append(q)
        return solution(family, q)

    monkeypatch.setattr(Family, "solution", counted)
    for way in (session.harder, session.easier):
        solved.clear()
        way(question)
        assert len(solved) <= most


def test_nothing_is_drawn_in_vain_where_no_other_question_could_be_harder(
    session: Session, units: Curriculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = session.ask(found(units, "derivations/line_value:ddpm_posterior"))
    drawn: list[object] = []
    draw = space.draw

    def counted(*arguments: Any) -> Any:
        drawn.append(arguments)
        return draw(*arguments)

    monkeypatch.setattr(space, "draw", counted)
    assert session.harder(question) is None
    assert drawn == []


def test_there_is_an_end_to_harder(session: Session, units: Curriculum) -> None:
    question: Question | None = session.ask(found(units, "recurrent/weight_rows"))
    efforts: list[tuple[int, int]] = []
    while question is not None and len(efforts) < 60:
        efforts.append((question.unit.level, question.item.effort))
        question = session.harder(question)
    assert 1 < len(efforts) < 60


# How it was answered.


def test_a_right_answer_comes_back_after_days(session: Session, unit: Unit) -> None:
    question = session.ask(unit)
    outcome = session.answer(question, right(question), NOW)
    assert (str(outcome.credit), outcome.rating) == ("1", "good")
    assert outcome.card.due > NOW + timedelta(days=1)
    ((number, kept),) = session.store.answers(session.learner)
    assert (number, kept.answers, kept.item) == (outcome.number, right(question), question.item.id)


def test_a_mistake_is_kept_by_its_name(session: Session, unit: Unit) -> None:
    question = session.ask(unit)
    outcome = session.answer(question, mistaken(question), NOW)
    assert outcome.rating == "again"
    kept = session.store.answer(session.learner, outcome.number)
    assert kept.mistakes == {question.item.parts[0].name: question.item.parts[0].mistakes[0].name}


def test_what_cannot_be_read_costs_nothing(session: Session, unit: Unit) -> None:
    question = session.ask(unit)
    with pytest.raises(InputError, match="cannot be read"):
        session.answer(question, {question.item.parts[0].name: "banana"}, NOW)
    assert list(session.store.answers(session.learner)) == []
    assert session.ask(unit) == question


def test_hints_and_time_make_it_come_back_sooner(session: Session, units: Curriculum, unit: Unit) -> None:
    strict = Session(session.store, "Ben", units, time_counts=True)
    question = strict.ask(unit)
    minutes = question.item.minutes
    assert session.answer(question, right(question), NOW, hints=1).rating == "hard"
    assert session.answer(question, right(question), NOW, seconds=10_000).rating == "good"
    assert strict.answer(question, right(question), NOW, seconds=60 * minutes).rating == "good"
    assert strict.answer(question, right(question), NOW, seconds=60 * minutes + 1).rating == "hard"


def test_the_same_again_is_kept_but_the_first_try_decides(session: Session, unit: Unit) -> None:
    question = session.ask(unit)
    first = session.answer(question, mistaken(question), NOW)
    again = session.same_again(question)
    assert again.item == question.item
    second = session.answer(again, right(again), NOW + timedelta(minutes=1))
    assert second.credit == 1
    assert second.card == first.card == session.store.card(session.learner, unit.id)
    assert len(list(session.store.answers(session.learner))) == 2


def test_a_slip_is_undone_and_the_unit_is_new_again(session: Session, unit: Unit) -> None:
    question = session.ask(unit)
    outcome = session.answer(question, mistaken(question), NOW)
    session.undo(outcome.number)
    assert session.store.cards(session.learner) == {}
    assert session.ask(unit) == question
    with pytest.raises(InputError, match="there is no answer"):
        session.undo(outcome.number)


def test_the_learner_can_overrule_the_rating(session: Session, unit: Unit) -> None:
    outcome = session.give_up(session.ask(unit), NOW)
    card = session.overrule(outcome.number, "easy")
    assert card.due > outcome.card.due + timedelta(days=1)
    assert card.reviews == 1
    assert session.store.card(session.learner, unit.id) == card


def test_what_is_said_against_a_key_is_kept_with_the_item(session: Session, unit: Unit) -> None:
    outcome = session.give_up(session.ask(unit), NOW)
    session.object_to(outcome.number, "the padding is asymmetric")
    assert session.store.answer(session.learner, outcome.number).remark == "the padding is asymmetric"
    assert session.store.card(session.learner, unit.id) == outcome.card


def test_answers_outlive_the_window(units: Curriculum, unit: Unit, tmp_path: Path) -> None:
    url = sqlite(tmp_path / "study.db")
    with Store(url) as kept:
        first = Session(kept, "Ann", units)
        outcome = first.give_up(first.ask(unit), NOW)
        waiting = first.ask(unit)
    with Store(url) as kept:
        again = Session(kept, "Ann", units)
        assert kept.card(again.learner, unit.id) == outcome.card
        assert again.ask(unit) == waiting


def test_the_same_learner_with_the_same_answers_is_asked_the_same(units: Curriculum) -> None:
    """On another machine too: nothing depends on chance, on the clock or on the order in which files lie."""

    def asked(name: str) -> list[tuple[str, tuple[object, ...]]]:
        seen: list[tuple[str, tuple[object, ...]]] = []
        with Store("sqlite://") as kept:
            session, now = Session(kept, name, units), NOW
            for number in range(25):
                unit = session.agenda(now).first()
                assert unit is not None
                question = session.ask(unit)
                if number % 5 == 4:
                    question = session.harder(question) or session.another(question)
                seen.append((question.item.id, question.asked))
                session.answer(question, mistaken(question) if number % 3 == 2 else right(question), now)
                now += timedelta(hours=3)
        return seen

    assert asked("Ann") == asked("Ann") != asked("Ben")
