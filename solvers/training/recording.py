"""From the results of units to a record: numbers put together, every claim decided. Nothing trains here."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from solvers.training import gates
from solvers.training.experiment import Claim, Experiment, Metric
from solvers.training.gates import Decision, Effect
from solvers.training.records import DIGITS, Band, Outcome, Plot, Record, Values, rounded
from solvers.training.units import Plan, code

PROBE_DIGITS = 4
"""Of probes only signs are asked."""

Result = Mapping[str, Any]
"""What ``units.work`` gives of a unit."""


def recorded(experiment: Experiment, plan: Plan, results: Mapping[str, Result]) -> Record:
    """The record of a setting, whose units have the ``results`` by key."""
    values = _values([results[unit.key] for unit in plan.main])
    probes = {name: _values([results[unit.key] for unit in units], PROBE_DIGITS) for name, units in plan.probes.items()}
    claims = experiment.claimed(experiment.settings[plan.number])
    every = [results[unit.key] for unit in plan.units]
    return Record(
        key=plan.recipe.key,
        number=plan.number,
        recipe=plan.recipe,
        metrics={name: msgspec.to_builtins(metric) for name, metric in experiment.metrics.items()},
        candidates=experiment.candidates,
        values=values,
        probes=probes,
        plots=_plots([results[unit.key] for unit in plan.main]),
        claims=decided(claims, experiment.metrics, values, probes, experiment.candidates),
        cost=_cost(every),
        code=code(experiment.name),
        environment=dict(every[0]["environment"]),
    )


def decided(
    claims: Mapping[str, Claim],
    metrics: Mapping[str, Metric],
    values: Values,
    probes: Mapping[str, Values],
    candidates: int,
) -> dict[str, Outcome]:
    """What comes of each claim, from the numbers of a record alone."""
    return {
        name: outcome(claim, gates.decide(claim, metrics[claim.metric], values, probes, candidates))
        for name, claim in claims.items()
    }


def again(record: Record) -> dict[str, Outcome]:
    """The claims of a record, decided anew from its numbers."""
    claims = {name: outcome.put for name, outcome in record.claims.items()}
    metrics = {name: record.metric(name) for name in record.metrics}
    return decided(claims, metrics, record.values, record.probes, record.candidates)


def outcome(claim: Claim, decision: Decision) -> Outcome:
    """A decision as it stands in a record."""
    return Outcome(
        kind=type(claim).__name__.lower(),
        claim=msgspec.to_builtins(claim),
        answer=decision.answer,
        effects=tuple(_shown(effect) for effect in decision.effects),
        gates=dict(decision.gates),
        status="accepted" if decision.accepted else "rejected",
        why=decision.why,
    )


def _shown(effect: Effect) -> Effect:
    low, high = effect.ci
    ci = (rounded(low), rounded(high))
    return Effect(effect.high, effect.low, rounded(effect.mean), ci, effect.k, effect.n, rounded(effect.bound))


def _values(results: Sequence[Result], digits: int = DIGITS) -> Values:
    return {
        arm: {metric: tuple(rounded(value, digits) for value in found) for metric, found in metrics.items()}
        for result in results
        for arm, metrics in result["values"].items()
    }


def _plots(results: Sequence[Result]) -> dict[str, Plot]:
    """The curves of all groups of arms together; a curve has the same x in each."""
    found: dict[str, Plot] = {}
    for result in results:
        for name, plot in result["plots"].items():
            x, arms = tuple(plot["x"]), msgspec.convert(plot["arms"], dict[str, Band])
            known = found.get(name, Plot(x, {}))
            if known.x != x:
                raise ValueError(f"the curve {name!r} has other x in {', '.join(arms)} than in {', '.join(known.arms)}")
            found[name] = Plot(x, known.arms | arms)
    return found


def _cost(results: Sequence[Result]) -> dict[str, float]:
    costs = [result["cost"] for result in results]
    sums = {name: rounded(sum(cost[name] for cost in costs), 4) for name in ("cpu_s", "wall_s", "models")}
    return {**sums, "peak_mb": max(cost["peak_mb"] for cost in costs), "units": len(costs)}
