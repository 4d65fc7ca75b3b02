"""From the results of units to a record: numbers put together, every claim decided. Nothing trains here."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from solvers.training import gates
from solvers.training.experiment import Claim, Control, Experiment, Metric, Order
from solvers.training.gates import Decision, Effect, pairs
from solvers.training.records import DIGITS, SCHEMA, Band, Outcome, Plot, Record, Values, lean, rounded
from solvers.training.units import Plan, code

VALUE_DIGITS = 4
PROBE_DIGITS = (2, 3, 4, DIGITS)
"""Of probes only signs are asked: as few digits are kept as give the decisions that all of them give."""

Result = Mapping[str, Any]
"""What ``units.work`` gives of a unit."""


def recorded(experiment: Experiment, plan: Plan, results: Mapping[str, Result]) -> Record:
    """The record of a setting, whose units have the ``results`` by key; what no claim compares is left out."""
    setting = experiment.settings[plan.number]
    put, stated = experiment.claimed(setting), experiment.controlled(setting)
    main = [results[unit.key] for unit in plan.main]
    asked = {pair for claim in put.values() for pair in pairs(claim)}
    compared = asked | {pair for control in stated.values() for pair in pairs(control.claim)}
    metrics = {metric for metric, _ in compared}
    plotted = {pair for claim in put.values() if isinstance(claim, Order) for pair in pairs(claim)}
    values = _values(main, compared, VALUE_DIGITS)
    probed = {name: [results[unit.key] for unit in units] for name, units in plan.probes.items()}

    def probes(digits: int) -> dict[str, Values]:
        return {name: _values(found, asked, digits) for name, found in probed.items()}

    def decisions(digits: int) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
        return decided(Numbers(experiment.metrics, values, probes(digits), experiment.candidates), put, stated)

    claims, controls = decisions(DIGITS)
    fewest = next(digits for digits in PROBE_DIGITS if decisions(digits) == (claims, controls))
    every = [results[unit.key] for unit in plan.units]
    return Record(
        schema=SCHEMA,
        key=plan.recipe.key,
        number=plan.number,
        recipe=plan.recipe,
        metrics={name: msgspec.to_builtins(experiment.metrics[name]) for name in sorted(metrics)},
        candidates=experiment.candidates,
        values=values,
        probes=probes(fewest),
        plots=_plots(main, plotted),
        claims=claims,
        controls=controls,
        cost=_cost(every),
        code=code(experiment.name),
        environment=dict(every[0]["environment"]),
    )


@dataclass(frozen=True)
class Numbers:
    """All that decides: what was measured, and among how many claims one is looked at."""

    metrics: Mapping[str, Metric]
    values: Values
    probes: Mapping[str, Values]
    candidates: int

    def decide(self, claim: Claim) -> Decision:
        """What the gates say."""
        return gates.decide(claim, self.metrics[claim.metric], self.values, self.probes, self.candidates)


def decided(
    numbers: Numbers, claims: Mapping[str, Claim], controls: Mapping[str, Control]
) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """What comes of each claim and control, from the numbers of a record alone."""
    main = replace(numbers, probes={})
    checked = {name: controlled(control, main.decide(control.claim)) for name, control in controls.items()}
    broken = [f"controls: {name}: {checked.why}" for name, checked in checked.items() if checked.status == "rejected"]
    outcomes = {}
    for name, claim in claims.items():
        decision = numbers.decide(claim)
        if controls:
            why = "; ".join([*broken, *([decision.why] if decision.why else [])])
            decision = replace(decision, gates={**decision.gates, "controls": not broken}, why=why)
        outcomes[name] = outcome(claim, decision)
    return outcomes, checked


def controlled(control: Control, decision: Decision) -> Outcome:
    """A control holds if it comes out as stated; what is near its setting may differ."""
    kept = {name: passed for name, passed in decision.gates.items() if name != "nuisance"}
    right = decision.answer == control.answer
    why = [] if right else [f"expected {words(control.answer)}, got {words(decision.answer)}"]
    why += [part for part in decision.why.split("; ") if part and not part.startswith("nuisance")]
    decision = replace(decision, gates={**kept, "stated": right}, why="; ".join(why))
    return outcome(control.claim, decision, control.answer)


def refreshed(record: Record, experiment: Experiment, plan: Plan) -> Record | None:
    """A record of this plan as it is decided today: its experiment may have more settings now.

    None where other claims are made than those that it has the numbers for.
    """
    setting = experiment.settings[plan.number]
    if (record.claimed, record.controlled) != (experiment.claimed(setting), experiment.controlled(setting)):
        return None
    if set(record.probes) != set(plan.probes):
        return None
    if any(record.metrics[name] != msgspec.to_builtins(experiment.metrics[name]) for name in record.metrics):
        return None
    if (record.number, record.candidates) == (plan.number, experiment.candidates):
        return record
    claims, decided = again(record, experiment.candidates)
    return msgspec.structs.replace(
        record, number=plan.number, candidates=experiment.candidates, claims=claims, controls=decided
    )


def words(answer: Sequence[str]) -> str:
    """An answer, for people."""
    return " > ".join(answer) or "none"


def again(record: Record, candidates: int = 0) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """The claims and controls of a record, decided anew from its numbers, among so many candidates."""
    metrics = {name: record.metric(name) for name in record.metrics}
    numbers = Numbers(metrics, record.values, record.probes, candidates or record.candidates)
    return decided(numbers, record.claimed, record.controlled)


def outcome(claim: Claim, decision: Decision, stated: tuple[str, ...] = ()) -> Outcome:
    """A decision as it stands in a record; of a control with the answer that was stated."""
    return Outcome(
        kind=type(claim).__name__.lower(),
        claim=lean(claim),
        answer=decision.answer,
        effects=tuple(_shown(effect) for effect in decision.effects),
        passed=tuple(name for name, passed in decision.gates.items() if passed),
        failed=tuple(name for name, passed in decision.gates.items() if not passed),
        status="accepted" if decision.accepted else "rejected",
        why=decision.why,
        stated=stated,
    )


def _shown(effect: Effect) -> Effect:
    low, high = effect.ci
    ci = (rounded(low), rounded(high))
    return msgspec.structs.replace(effect, mean=rounded(effect.mean), ci=ci)


def _values(results: Sequence[Result], kept: Container[tuple[str, str]], digits: int) -> Values:
    """The numbers of metrics and arms that are kept."""
    found: Values = {}
    for result in results:
        for arm, metrics in result["values"].items():
            for metric, numbers in metrics.items():
                if (metric, arm) in kept:
                    found.setdefault(arm, {})[metric] = tuple(rounded(value, digits) for value in numbers)
    return found


def _plots(results: Sequence[Result], kept: Container[tuple[str, str]]) -> dict[str, Plot]:
    """The curves of metrics and arms that are kept, all groups together; a curve has the same x in each."""
    found: dict[str, Plot] = {}
    for result in results:
        for name, plot in result["plots"].items():
            bands = msgspec.convert(plot["arms"], dict[str, Band])
            x, arms = tuple(plot["x"]), {arm: band for arm, band in bands.items() if (name, arm) in kept}
            if not arms:
                continue
            known = found.get(name, Plot(x, {}))
            if known.x != x:
                raise ValueError(f"the curve {name!r} has other x in {', '.join(arms)} than in {', '.join(known.arms)}")
            found[name] = Plot(x, known.arms | arms)
    return found


def _cost(results: Sequence[Result]) -> dict[str, float]:
    costs = [result["cost"] for result in results]
    sums = {name: rounded(sum(cost[name] for cost in costs), 4) for name in ("cpu_s", "wall_s", "models")}
    return {**sums, "peak_mb": max(cost["peak_mb"] for cost in costs), "units": len(costs)}
