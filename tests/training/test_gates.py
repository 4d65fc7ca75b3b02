"""The gates: each has a case in which it alone says no, and what is not there is hardly ever accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from solvers.training.experiment import Change, Claim, Closest, Control, Events, Metric, Order
from solvers.training.gates import Decision, Values, compared, decide
from solvers.training.recording import Numbers, decided

SHARE = Metric(least=0.03)
LOSS = Metric(least=1.1, scale="ratio")
CHANGE = Change("m", "a", "b")
SAME = Change("m", "a", "b", margin=0.02)
ORDER = Order("m", ("a", "b", "c"))
EVENTS = Events("m", ("a", "b"), above=0.5)
CLOSEST = Closest("m", "a", (0.1, 0.5, 0.9))


def arms(**values: Sequence[float]) -> Values:
    """One metric, ``m``, of some arms."""
    return {arm: {"m": list(found)} for arm, found in values.items()}


def pair(effects: Sequence[float]) -> Values:
    """Arms a and b whose paired differences are given."""
    return arms(a=[1.0] * len(effects), b=[1.0 + effect for effect in effects])


@dataclass(frozen=True)
class Case:
    """A claim with numbers, and the gates that it fails."""

    claim: Claim
    values: Values
    answer: tuple[str, ...]
    fails: tuple[str, ...] = ()
    metric: Metric = SHARE
    probes: Mapping[str, Values] = field(default_factory=dict)
    candidates: int = 1

    def decision(self) -> Decision:
        """What comes of it; the probes show what the setting does, unless others are given."""
        probes = self.probes or {"rate up": {arm: {"m": row["m"][:8]} for arm, row in self.values.items()}}
        return decide(self.claim, self.metric, self.values, probes, self.candidates)


def wavering(size: float, n: int = 32) -> list[float]:
    """Values around 0, half of them above, all within ``size``."""
    return [size * (-1) ** i * (1 + i) / n for i in range(n)]


EIGHT = pair([0.1] * 8)
CASES = {
    "a change": Case(CHANGE, pair([0.1] * 32), ("rises",)),
    "a fall": Case(CHANGE, pair([-0.1] * 32), ("falls",)),
    "62 of 64": Case(CHANGE, pair([0.1] * 62 + [-0.01] * 2), ("rises",), probes={"rate up": EIGHT}),
    "31 of 32": Case(CHANGE, pair([-0.01] + [0.1] * 31), ("rises",), ("sign",), probes={"rate up": EIGHT}),
    "27 of 32": Case(CHANGE, pair([0.0] * 5 + [0.1] * 27), ("rises",), ("sign",), probes={"rate up": EIGHT}),
    "ties are failures": Case(CHANGE, pair([0.0] + [0.1] * 31), ("rises",), ("sign",), probes={"rate up": EIGHT}),
    "small": Case(CHANGE, pair([0.01] * 32), ("rises",), ("size",)),
    "small at its end": Case(CHANGE, pair([0.001, 0.12] * 16), ("rises",), ()),
    "one of very many": Case(CHANGE, pair([0.1] * 32), ("rises",), ("many",), candidates=10**9),
    "turns": Case(
        CHANGE, pair([0.1] * 32), ("rises",), ("nuisance",), probes={"rate up": EIGHT, "x": pair([-0.1] * 8)}
    ),
    "one turns": Case(CHANGE, pair([0.1] * 32), ("rises",), ("nuisance",), probes={"x": pair([-0.01] + [0.1] * 7)}),
    "a ratio": Case(CHANGE, arms(a=[1.0] * 32, b=[1.2] * 32), ("rises",), metric=LOSS),
    "a small ratio": Case(CHANGE, arms(a=[1.0] * 32, b=[1.05] * 32), ("rises",), ("size",), metric=LOSS),
    "same": Case(SAME, pair(wavering(0.02)), ("same",)),
    "same to the bit": Case(SAME, pair([0.0] * 32), ("same",)),
    "not surely the same": Case(SAME, pair(wavering(0.5)), ("same",), ("equivalence",), probes={"x": pair([0.0] * 8)}),
    "surely not the same": Case(SAME, pair([0.01] * 32), ("same",), ("unsigned",)),
    "small in most": Case(SAME, pair([0.01] * 27 + [-0.01] * 5), ("same",), ("unsigned",)),
    "small in some more": Case(SAME, pair([0.01] * 20 + [-0.01] * 12), ("same",)),
    "the same in a few": Case(SAME, pair(wavering(0.01, 16)), ("same",), ("unsigned",)),
    "the same in one place": Case(SAME, pair(wavering(0.02)), ("same",), ("nuisance",), probes={"x": pair([0.1] * 8)}),
    "an order": Case(ORDER, arms(a=[2.0] * 32, b=[1.0] * 32, c=[3.0] * 32), ("c", "a", "b")),
    "half an order": Case(ORDER, arms(a=[2.0] * 32, b=[2.01] * 32, c=[3.0] * 32), ("c", "b", "a"), ("size",)),
    "events": Case(EVENTS, arms(a=[0.9] * 32, b=[0.1] * 32), ("a",)),
    "no event": Case(EVENTS, arms(a=[0.2] * 32, b=[0.1] * 32), ()),
    "at times": Case(
        EVENTS, arms(a=[0.9] * 28 + [0.3] * 4, b=[0.1] * 32), ("a",), ("sign",), probes={"x": arms(a=[0.9], b=[0.1])}
    ),
    "hardly": Case(EVENTS, arms(a=[0.51] * 32, b=[0.1] * 32), ("a",), ("size",)),
    "closest": Case(CLOSEST, arms(a=[0.45, 0.55] * 16), ("1",)),
    "between": Case(CLOSEST, arms(a=[0.6] * 4 + [0.9] * 28), ("2",), ("sign",), probes={"x": arms(a=[0.9])}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_gate_says_no_alone(case: Case) -> None:
    decision = case.decision()
    assert decision.answer == case.answer
    assert {name for name, passed in decision.gates.items() if not passed} == set(case.fails), decision.why
    assert decision.accepted == (not case.fails)
    assert all(f"{name}: " in decision.why for name in case.fails)
    assert bool(decision.why) == bool(case.fails)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_not_finite_is_not_compared(value: float) -> None:
    for values, probe in [(pair([value] + [0.1] * 31), EIGHT), (pair([0.1] * 32), pair([value] * 8))]:
        decision = decide(CHANGE, SHARE, values, {"rate up": probe}, 1)
        assert decision.gates == {"finite": False}
        assert not decision.accepted


def test_ratios_are_of_positive_numbers() -> None:
    decision = decide(CHANGE, LOSS, arms(a=[1.0] * 32, b=[0.0] + [2.0] * 31), {"x": EIGHT}, 1)
    assert decision.gates == {"finite": False}
    assert "m" in decision.why


def test_other_metrics_do_not_matter() -> None:
    values = {arm: {**row, "other": [nan] * 32} for arm, row in pair([0.1] * 32).items()}
    assert decide(CHANGE, SHARE, values, {"x": EIGHT}, 1).accepted


def test_without_a_probe_nothing_is_accepted() -> None:
    decision = decide(CHANGE, SHARE, pair([0.1] * 32), {}, 1)
    assert [name for name, passed in decision.gates.items() if not passed] == ["nuisance"]


def test_without_arms_nothing_is_accepted() -> None:
    for claim in (Order("m", ("a",)), Events("m", (), above=0.5)):
        assert not decide(claim, SHARE, pair([0.1] * 32), {"x": EIGHT}, 1).accepted


def test_what_an_answer_rests_on_is_told_seed_by_seed() -> None:
    (found,) = compared(CHANGE, SHARE, pair([-0.1, 0.2]), ("falls",))
    assert (found.high, found.low, list(found.agree)) == ("a", "b", [True, False])
    assert found.values == pytest.approx([0.1, -0.2])


# Controls.


def with_control(answer: str, effect: float) -> dict[str, Any]:
    """The claim that b is above a, with the control that d against c gives an answer."""
    values = {**pair([0.1] * 32), "c": {"m": [1.0] * 32}, "d": {"m": [1.0 + effect] * 32}}
    probes = {"rate up": {arm: {"m": row["m"][:8]} for arm, row in values.items()}}
    numbers = Numbers({"m": SHARE}, values, probes, 1)  # type: ignore[arg-type]  # lists for tuples
    controls = {"without": Control(Change("m", "c", "d", margin=0.02), (answer,))}
    claims, checked = decided(numbers, {"change": CHANGE}, controls)
    return {"claim": claims["change"], "control": checked["without"]}


def test_a_control_that_comes_out_as_stated_lets_a_claim_pass() -> None:
    for answer, effect in [("same", 0.0), ("falls", -0.2)]:
        found = with_control(answer, effect)
        assert found["claim"].status == found["control"].status == "accepted"
        assert "controls" in found["claim"].passed
        assert found["control"].stated == (answer,)


def test_a_control_that_does_not_come_out_stops_all_claims() -> None:
    found = with_control("same", 0.2)
    assert found["claim"].status == found["control"].status == "rejected"
    assert found["claim"].failed == ("controls",)
    assert "without: expected same, got rises" in found["claim"].why


# How often what is not there is accepted.

TRIALS = 2000


def accepted(claim: Claim, metric: Metric, effects: np.ndarray[Any, Any], probes: np.ndarray[Any, Any]) -> int:
    """Of many experiments with these paired effects, how many are accepted."""
    return sum(
        decide(claim, metric, pair(row), {"x": pair(probe)}, 1).accepted
        for row, probe in zip(effects.tolist(), probes.tolist(), strict=True)
    )


def test_a_coin_is_never_accepted() -> None:
    draw = np.random.default_rng(2).choice([-1.0, 1.0], (TRIALS, 40))
    assert accepted(CHANGE, SHARE, draw[:, :32], draw[:, 32:]) == 0


def test_what_holds_in_four_of_five_runs_is_hardly_ever_accepted() -> None:
    draw = np.random.default_rng(3).random((TRIALS, 40)) < 0.8
    assert accepted(CHANGE, SHARE, draw[:, :32] - 0.3, draw[:, 32:] - 0.3) <= TRIALS / 200


def test_an_effect_that_is_too_small_is_accepted_in_one_of_forty_at_most() -> None:
    draw = np.random.default_rng(4).normal(SHARE.least, 0.005, (TRIALS, 40))
    assert accepted(CHANGE, SHARE, draw[:, :32], draw[:, 32:]) <= 0.025 * TRIALS + 4 * (0.025 * TRIALS) ** 0.5


def test_an_effect_of_the_margin_is_called_none_in_one_of_twenty_at_most() -> None:
    draw = np.random.default_rng(6).normal(SAME.margin, 0.02, (TRIALS, 40))
    decisions = [decide(SAME, SHARE, pair(row), {"x": pair([0.0] * 8)}, 1) for row in draw[:, :32].tolist()]
    same = sum(decision.answer == ("same",) and decision.accepted for decision in decisions)
    assert same <= 0.05 * TRIALS + 4 * (0.05 * TRIALS) ** 0.5


def test_a_clear_effect_is_nearly_always_accepted() -> None:
    draw = np.random.default_rng(7).normal(0.1, 0.02, (TRIALS, 40))
    assert accepted(CHANGE, SHARE, draw[:, :32], draw[:, 32:]) >= 0.99 * TRIALS
