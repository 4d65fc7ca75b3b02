"""What may be asked of records: only what was accepted, curves that an eye can tell apart, numbers rounded half up."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import permutations

import msgspec
import pytest

from solvers import oracles
from solvers.training import questions, records
from solvers.training.records import Band, Plot, Record

NUMBER = 0


@pytest.fixture
def record() -> Record:
    return records.accepted()["imbalance"][NUMBER]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Whatever the test puts in place of the shipped records is read anew, before and after."""
    questions.cases.cache_clear()
    yield monkeypatch
    questions.cases.cache_clear()


def put(only: pytest.MonkeyPatch, record: Record) -> None:
    only.setattr(records, "accepted", lambda: {"imbalance": {NUMBER: record}})


def test_what_was_rejected_is_not_asked(only: pytest.MonkeyPatch, record: Record) -> None:
    assert "accuracy" in questions.claims("order", "imbalance", NUMBER)
    outcome = msgspec.structs.replace(record.claims["accuracy"], status="rejected")
    put(only, msgspec.structs.replace(record, claims={**record.claims, "accuracy": outcome}))
    questions.cases.cache_clear()
    for kind in ("order", "plot"):
        assert "accuracy" not in questions.claims(kind, "imbalance", NUMBER)


def test_what_happens_nowhere_is_not_asked(only: pytest.MonkeyPatch, record: Record) -> None:
    assert questions.claims("events", "imbalance", NUMBER) == ("high",)
    outcome = msgspec.structs.replace(record.claims["high"], answer=())
    put(only, msgspec.structs.replace(record, claims={"high": outcome}))
    questions.cases.cache_clear()
    assert questions.experiments("events") == ()


def band(*middle: float) -> Band:
    return Band(low=tuple(y * 0.9 for y in middle), middle=middle, high=tuple(y * 1.1 for y in middle))


@pytest.mark.parametrize(("ends", "clear"), [((1.0, 0.9), True), ((1.0, 0.96), False), ((0.01, 0.0001), True)], ids=str)
def test_curves_are_asked_only_if_they_end_apart(ends: tuple[float, float], clear: bool) -> None:
    plot = Plot(x=(0.0, 1.0), arms={"a": band(2.0, ends[0]), "b": band(1.0, ends[1])})
    assert questions._can_be_told_apart(plot, ("a", "b")) is clear
    assert not questions._can_be_told_apart(plot, ("a", "b", "c"))


def test_an_axis_is_logarithmic_where_values_are_far_apart() -> None:
    near, far = band(1.0, 0.1), band(1.0, 0.01)
    for arm, is_logarithmic in ((near, False), (far, True), (band(1.0, 0.0), False)):
        assert questions._is_logarithmic(Plot(x=(0.0, 1.0), arms={"a": arm}), ("a",)) is is_logarithmic


def test_every_order_of_letters_has_a_number() -> None:
    assert sorted(questions.permuted("abc", number) for number in range(6)) == sorted(permutations("abc"))


@pytest.mark.parametrize(
    ("value", "ratio", "shown"),
    [
        (0.0875, False, "0.088"),
        (-0.0004, False, "0.000"),
        (0.99996, True, "1.00"),
        (1017.2, True, "1.02E+3"),
        (3.1449e-7, True, "3.14E-7"),
    ],
)
def test_numbers_are_rounded_half_up(record: Record, value: float, ratio: bool, shown: str) -> None:
    metric = {**record.metrics["accuracy"], "scale": "ratio" if ratio else "difference", "digits": 3}
    other = msgspec.structs.replace(record, metrics={**record.metrics, "accuracy": metric})
    found = questions._rounded(value, record.claims["accuracy"], other)
    assert str(found) == str(Decimal(shown))


def test_every_claim_that_may_be_asked_is_told_again_by_other_means() -> None:
    told = 0
    for kind, trace, law in (
        ("order", questions.ranked, oracles.training.ranked),
        ("change", questions.moved, oracles.training.moved),
        ("events", questions.ticked, oracles.training.ticked),
        ("closest", questions.guessed, oracles.training.guessed),
    ):
        for experiment in questions.experiments(kind):
            for setting in questions.settings(kind, experiment):
                for claim in questions.claims(kind, experiment, setting):
                    found = (experiment, setting, claim)
                    for more in [(below,) for below in questions.ranks(*found)] if kind == "closest" else [()]:
                        law(trace(*found, *more), experiment, claim, *more)
                    told += 1
    assert told == sum(len(record.accepted) for found in records.accepted().values() for record in found.values())


def test_what_counts_as_no_change_is_said_whatever_the_answer() -> None:
    asked = [
        questions.moved(experiment, setting, claim)
        for experiment in questions.experiments("change")
        for setting in questions.settings("change", experiment)
        for claim in questions.claims("change", experiment, setting)
    ]
    assert {t.right for t in asked} == {"rises", "falls", "same"}
    assert all(t.margin > (1 if t.is_ratio else 0) for t in asked)


def test_every_plot_is_told_again_by_other_means() -> None:
    for experiment in questions.experiments("plot"):
        for setting in questions.settings("plot", experiment):
            for claim in questions.claims("plot", experiment, setting):
                last = questions.orders(experiment, setting, claim) - 1
                oracles.training.plotted(questions.plotted(experiment, setting, claim, last), experiment, claim)
