"""Answers go to another machine and back, once."""

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen.bank import Bank
from quizgen.errors import InputError, UnknownName
from quizgen.study import curriculum, planning, statistics, transfer
from quizgen.study.schedule import RATINGS, Card
from quizgen.study.session import Session
from quizgen.study.store import Answer, Store
from quizgen.values import code
from tests.study.answered import NOW, answer

words = st.text(st.characters(codec="utf-8"), max_size=20)
answers = st.builds(
    answer,
    number=st.integers(0, 10**6),
    unit=st.sampled_from(["a/b", "a/c:elbo", "gone/gone"]),
    rating=st.sampled_from(RATINGS),
    answers=st.dictionaries(words, words, max_size=2),
    credit=st.fractions(0, 1, max_denominator=12),
    counts=st.booleans(),
    hints=st.integers(0, 3),
    seconds=st.none() | st.integers(0, 10**6),
    remark=words,
)
many = st.lists(answers, max_size=12, unique_by=lambda given: given.at)


@pytest.fixture
def stores() -> Iterator[tuple[Store, Store]]:
    with Store("sqlite://") as one, Store("sqlite://") as other:
        yield one, other


def everything(store: Store) -> list[tuple[str, list[Answer], dict[str, Card]]]:
    """What a store has, learner by learner, but for numbers."""
    found = []
    for name in store.learners():
        learner = store.learner(name)
        found.append((name, [given for _, given in store.answers(learner)], store.cards(learner)))
    return found


@settings(max_examples=30)
@given(st.dictionaries(words.filter(str.strip), many, max_size=3))
def test_a_round_trip_keeps_everything_and_the_second_adds_nothing(kept: dict[str, list[Answer]]) -> None:
    with Store("sqlite://") as one, Store("sqlite://") as other:
        for name, given_ in kept.items():
            one.add(one.learner(name), given_)
        lines = list(transfer.written(one))
        count = sum(map(len, kept.values()))
        assert transfer.read(other, lines, "a.jsonl").added == count == len(lines)
        assert everything(other) == [entry for entry in everything(one) if entry[1]]
        again = transfer.read(other, lines, "a.jsonl")
        assert (again.added, again.known) == (0, count)
        assert list(transfer.written(other)) == lines


@settings(max_examples=30)
@given(many, st.data())
def test_two_machines_come_together_in_any_order(given_: list[Answer], data: st.DataObject) -> None:
    cut = data.draw(st.lists(st.booleans(), min_size=len(given_), max_size=len(given_)))
    halves = [[entry for entry, side in zip(given_, cut, strict=True) if side is half] for half in (True, False)]
    cards = []
    for first, second in (halves, halves[::-1]):
        with Store("sqlite://") as store:
            learner = store.learner("Ann")
            store.add(learner, first)
            store.add(learner, second)
            cards.append(store.cards(learner))
    assert cards[0] == cards[1]


def test_lines_name_the_learner_or_go_to_the_one_that_is_named(stores: tuple[Store, Store]) -> None:
    one, other = stores
    one.record(one.learner("Ann"), answer(1))
    one.record(one.learner("Ben"), answer(2))
    lines = list(transfer.written(one, ["Ben"]))
    assert len(lines) == 1
    assert transfer.read(other, lines, "ben.jsonl", learner="me").learners == ("me",)
    assert [name for name, _, _ in everything(other)] == ["me"]
    with pytest.raises(UnknownName, match="'Cid'"):
        list(transfer.written(one, ["Cid"]))


def test_objections_are_for_the_teacher(stores: tuple[Store, Store]) -> None:
    one, other = stores
    learner = one.learner("Ann")
    one.record(learner, answer(1))
    one.record(learner, answer(2, remark="答案应为 4"))
    (line,) = transfer.objections(one)
    assert json.loads(line)["answer"]["remark"] == "答案应为 4"
    assert "答案应为" in line.decode()
    assert json.loads(line)["code"] == code(answer(2).item)
    assert transfer.read(other, [line], "remarks.jsonl").added == 1


def test_a_table_of_objections_says_what_was_asked_and_what_was_answered(stores: tuple[Store, Store]) -> None:
    one, _ = stores
    numbers = {"k": 3, "q": {"q": "1/2"}, "m": [[1, 2], [3, 4]]}
    given = answer(
        2,
        parameters=numbers,
        answers={"a": "7", "b": "=1+1"},
        verdicts={"a": "wrong", "b": "right"},
        remark="不对, 是 4",
    )
    one.record(one.learner("Ann"), given)
    one.record(one.learner("Ann"), answer(3, answers={}, verdicts={}, remark="not known"))
    one.record(one.learner("Ann"), answer(4))
    text = b"".join(transfer.table(one)).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["answered"], row["verdict"]) for row in rows] == [
        ("7", "wrong"),
        ("'=1+1", "right"),
        ("", "not known"),
    ]
    assert rows[0]["question"] == code(given.item)
    assert rows[0]["parameters"] == "k = 3, q = 1/2, m = ((1, 2), (3, 4))"
    assert (rows[0]["learner"], rows[0]["family"], rows[0]["remark"]) == ("Ann", "a/b", "不对, 是 4")


GOOD = b'{"learner":"Ann","answer":{"unit":"a/b","family":"a/b","item":"0","parameters":{},"answers":{},"verdicts":{},'
GOOD += b'"credit":"3/4","rating":"good","at":"2026-11-21T12:00:00Z"}}'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b'"3/4"', b'"3/0"'), "expected a fraction, got '3/0'"),
        ((b'"3/4"', b'"much"'), "credit"),
        ((b'"good"', b'"great"'), "great"),
        ((b"Z", b""), "expected a time with its zone"),
        ((b"2026", b"9999"), "at: expected a time from 2000 to 2199"),
        ((b"2026", b"0001"), "at: expected a time from 2000 to 2199"),
        ((b"Ann", b" "), "learner: expected a name"),
        ((b'"item":"0",', b""), "item"),
        ((b'"item"', b'"itme"'), "itme"),
        ((b"}}", b'},"schema":2}'), "schema 2 is newer than 1"),
        ((b"{}", b"[" * 100_000), "this is no answer"),
        ((b"Ann", b"\xff"), "this is no answer"),
        ((b"Ann", b"A" * 2_000_000), "expected at most"),
        ((GOOD, b"banana"), "this is no answer"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_added(
    stores: tuple[Store, Store], change: tuple[bytes, bytes], said: str
) -> None:
    bad = GOOD.replace(*change)
    assert bad != GOOD
    with pytest.raises(InputError, match=r"a\.jsonl, line 3") as error:
        transfer.read(stores[0], [GOOD, b"\n", bad], "a.jsonl")
    assert said in str(error.value)
    assert everything(stores[0]) == []


def test_who_is_deleted_is_not_exported(stores: tuple[Store, Store]) -> None:
    one, _ = stores
    one.record(one.learner("Ann"), answer(1))
    one.forget(one.learner("Ann"))
    assert list(transfer.written(one)) == []


def test_answers_of_the_future_are_due_now_and_do_no_harm(stores: tuple[Store, Store]) -> None:
    """Somebody's clock was wrong: the unit is asked at once, and goes on from today."""
    one, other = stores
    learner = one.learner("Ann")
    for year in (2031, 2199):
        one.record(learner, answer(0, "convolution/output_side", at=NOW.replace(year=year)))
    transfer.read(other, transfer.written(one), "a.jsonl")
    session = Session(other, "Ann", curriculum.read(Bank()))
    assert [unit.id for unit in session.agenda(NOW).due] == ["convolution/output_side"]
    found = statistics.of(session, NOW)
    assert (found.streak.current, found.forecast[0][1]) == (0, 1)
    assert all(area.retention <= 1 for area in found.areas)
    goal = planning.Goal(NOW.date() + timedelta(days=9), 45, session.curriculum.units(["convolution"]))
    assert planning.calendar(session, goal, NOW).days
    outcome = session.give_up(session.ask(session.agenda(NOW).due[0]), NOW)
    assert outcome.card.due == NOW + timedelta(minutes=10)
    assert session.agenda(NOW).due == ()


def test_an_import_moves_cards_by_the_times_of_the_answers(stores: tuple[Store, Store]) -> None:
    one, other = stores
    ann = one.learner("Ann")
    for day in range(4):
        one.record(ann, answer(0, at=NOW + timedelta(days=4 * day), credit=Fraction(1)))
    other.record(other.learner("Ann"), answer(0, at=NOW + timedelta(days=4), credit=Fraction(1)))
    transfer.read(other, transfer.written(one), "a.jsonl")
    assert everything(one) == everything(other)
